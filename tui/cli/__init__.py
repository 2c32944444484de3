"""The command line: each function is one command, one call into a room."""
