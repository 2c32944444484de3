"""Legal bases with their dates, deadlines, limit tables and their rules."""
