"""A bureau whose notebook belongs to an officer."""

from __future__ import annotations

import pytest

from models.store.notebook import Notebook
from tests.models.cases.flow.world import Office


@pytest.fixture
def office(notebook: Notebook) -> Office:
    """Head, experts, and an officer who handles cases."""
    return Office.of(notebook)
