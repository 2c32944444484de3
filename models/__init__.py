"""What is known, kept and ruled; imports nothing of ours."""
