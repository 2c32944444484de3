"""Routine inspection (督察) and its rectifications."""
