"""Style sheets are parsed once for all apps of a run; each would parse them anew, a fifth of its start."""

from __future__ import annotations

from typing import Any

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

_parse = Stylesheet._parse_rules
_known: dict[Any, list[RuleSet]] = {}


def _parsed(sheet: Stylesheet, css: str, read_from: Any, *more: Any, **named: Any) -> list[RuleSet]:
    theme = frozenset(sheet._variables.items())
    key = (theme, css, read_from, more, tuple(named.items()))
    if key not in _known:
        _known[key] = _parse(sheet, css, read_from, *more, **named)
    return _known[key]


def install() -> None:
    """From now on."""
    Stylesheet._parse_rules = _parsed  # type: ignore[method-assign]
