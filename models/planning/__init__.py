"""Spot checks by lot (双随机) and the assignment of inspections to officers."""
