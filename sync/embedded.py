"""A real central server inside this process, on loopback, for the demo and for tests."""

from __future__ import annotations

from sync.server.serve import Running, embedded

__all__ = ["Running", "embedded"]
