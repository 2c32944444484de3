"""Scoring, tasks, monthly dispatch, the city's figures."""
