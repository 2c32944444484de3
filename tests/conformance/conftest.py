"""The clock of the place: dates are read and shown as on a laptop in Fujian, wherever the tests run."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module", autouse=True)
def _in_china(in_china: None) -> None:
    """For all tests of this folder."""
