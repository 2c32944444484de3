"""A register to work with."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from models.registry.rules import credit_check_character


@pytest.fixture
def credit_code() -> Callable[[int], str]:
    """A valid, made-up unified social credit code for each number."""

    def code(number: int) -> str:
        first = f"91350602MA{number:07d}"
        return first + credit_check_character(first)

    return code
