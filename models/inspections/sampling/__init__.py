"""Sampling at a visit: the record, its bottles and their labels, custody to the laboratory, the results."""
