"""The clock of the place: dates are read and shown as on a laptop in Fujian, wherever the tests run."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def _in_china() -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = "Asia/Shanghai"
    if hasattr(time, "tzset"):  # Windows has its own, and no test runs there
        time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    if hasattr(time, "tzset"):
        time.tzset()
