"""What an app under a pilot need not do again, or for nobody."""

from __future__ import annotations

from typing import Any

from textual._compositor import Compositor
from textual._context import active_app
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

_parse = Stylesheet._parse_rules
_known: dict[Any, list[RuleSet]] = {}
_drawn = Compositor.render_update


def _parsed_once(sheet: Stylesheet, css: str, read_from: Any, *more: Any, **named: Any) -> list[RuleSet]:
    """Style sheets are parsed once for all apps of a run; each would do it anew, a fifth of its start."""
    theme = frozenset(sheet._variables.items())
    key = (theme, css, read_from, more, tuple(named.items()))
    if key not in _known:
        _known[key] = _parse(sheet, css, read_from, *more, **named)
    return _known[key]


def _drawn_for_somebody(compositor: Compositor, full: bool = False, **named: Any) -> Any:
    """Without a terminal Textual draws each change and throws it away; `screen_text` asks for a full one."""
    if full or not active_app.get().is_headless:
        return _drawn(compositor, full, **named)
    compositor._dirty_regions.clear()
    return None


def install() -> None:
    """From now on."""
    Stylesheet._parse_rules = _parsed_once  # type: ignore[method-assign]
    Compositor.render_update = _drawn_for_somebody  # type: ignore[method-assign]
