"""Tests of law read English, whatever the machine's language."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from models.language import current_language, use_language


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    before = current_language()
    use_language("en")
    yield
    use_language(before)
