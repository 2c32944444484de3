"""The fund's three ledgers."""
