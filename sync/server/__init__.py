"""The central server: an ASGI app over a seat."""
