"""How records travel, and the central server."""
