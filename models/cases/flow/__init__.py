"""Damage cases as they go: verbs, requirements, deadlines, room."""
