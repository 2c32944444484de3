"""The page of all keys, made from the table of keys; a test fails when it is not what the table gives."""

from __future__ import annotations

from collections.abc import Iterator

from models.language import N_, _, translate
from models.pages import Page, table
from tui.keys import actions_of, shown_keys
from tui.keytable import PLACE_LABELS


def _lines() -> Iterator[str]:
    yield from ("# " + _("Keys"), "")
    yield from (_("Made from the key table by `python -m tui.keys_page`; own keys are set in Settings."), "")
    for place, label in PLACE_LABELS.items():
        rows = [
            (f"`{shown_keys(row, {})}`", translate(row.label), translate(row.tooltip))
            for row in actions_of(place)
        ]
        if rows:
            yield from (f"## {translate(label)}", "")
            yield from table((N_("Key"), N_("Action"), N_("What it does")), rows)
            yield ""


PAGE = Page("keys", _lines)

if __name__ == "__main__":
    PAGE.write()
