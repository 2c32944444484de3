"""Forms for tests: written as Markdown tables (through pyxform) or as bare XForms (without it)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest

from models.forms.filling import Filling
from models.forms.load import load
from models.forms.model import Form
from models.forms.xform import read_xform

NOON = datetime(2026, 3, 5, 12, 0, tzinfo=timezone(timedelta(hours=8)))


@pytest.fixture
def form_of(tmp_path: Path) -> Callable[[str], Form]:
    """A form from the rows of its survey sheet (and whatever sheets follow), as a Markdown table."""

    def make(table: str, name: str = "form") -> Form:
        file = tmp_path / f"{name}.md"
        file.write_text(table, encoding="utf-8")
        return load(file)

    return make


@pytest.fixture
def filling_of(form_of: Callable[[str], Form]) -> Callable[..., Filling]:
    """A new filling of such a form, at noon of 2026-03-05 in Zhangzhou."""

    def make(table: str, **options: object) -> Filling:
        return Filling(form_of(table), clock=lambda: NOON, **options)  # type: ignore[arg-type]

    return make


def bare_form(fields: dict[str, dict[str, str]]) -> Form:
    """A flat form straight from XForm XML: name to bind attributes; every field is an input."""
    nodes = "".join(f"<{name}/>" for name in fields)
    binds = "".join(
        f'<bind nodeset="/data/{name}" '
        + " ".join(f"{key}={quoteattr(value)}" for key, value in bind.items())
        + "/>"
        for name, bind in fields.items()
    )
    inputs = "".join(f'<input ref="/data/{name}"><label>{name}</label></input>' for name in fields)
    return read_xform(
        f'<html xmlns:h="x"><head><title>T</title><model><instance><data id="t">{nodes}</data></instance>'
        f"{binds}</model></head><body>{inputs}</body></html>"
    )
