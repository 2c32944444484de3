"""What may be shown of a database's address: all but what opens it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.server.settings import without_password


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("", ""),
        ("postgresql://db.internal", "postgresql://db.internal"),
        ("postgresql://q@db.internal:5432/qingcha", "postgresql://q@db.internal:5432/qingcha"),
        ("postgresql://q:geheim@db.internal,two:5433/qingcha", "postgresql://q@db.internal,two:5433/qingcha"),
        ("postgresql://q:ge@heim:x@db.internal", "postgresql://q@db.internal"),
        (
            "postgresql:///q?host=/tmp&password=geheim&sslmode=require",
            "postgresql:///q?host=/tmp&sslmode=require",
        ),
        ("postgresql://q:geheim@?sslpassword=geheim", "postgresql://q@"),
    ],
)
def test_an_address_is_shown_without_its_password(address: str, shown: str) -> None:
    assert without_password(address) == shown


words = st.text("abcdefghijklmnopqrstuvwxyz0123456789.-", min_size=1)


@given(words, st.text(st.characters(exclude_characters="/?"), min_size=1), words)
def test_no_password_is_left_in_it(user: str, password: str, host: str) -> None:
    assert without_password(f"postgresql://{user}:{password}@{host}/q") == f"postgresql://{user}@{host}/q"
