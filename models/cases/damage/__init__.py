"""Clues and damage cases: records and the procedure as pure rules."""
