"""Seats on plain SQLite over the failing disk."""

from __future__ import annotations

import pytest

from .plain import Connection


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.store.database.connected", Connection)
