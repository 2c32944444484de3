"""Penalty cases beside damage cases (双案并处)."""
