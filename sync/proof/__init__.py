"""The evidence package: a sealed record, its evidence and the server's word; and whether one is genuine."""
