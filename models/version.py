"""Which version this is: said in every sealed record and in every evidence package."""

from __future__ import annotations

VERSION = "0.1.0"
"""As in pyproject.toml (a test holds it): most laptops run the program from its folder, where no installer
noted a version."""
