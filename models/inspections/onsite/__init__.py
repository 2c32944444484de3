"""Interviews, measures on the spot, their papers and the proof of their service."""
