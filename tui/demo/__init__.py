"""Practice: a filled notebook, a central server of its own, and a day that plays by itself."""
