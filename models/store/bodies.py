"""The bodies of entries made from changes: what would change, and that it can be kept."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from models.errors import BadInput
from models.language import N_
from models.store.change import Change
from models.store.entry import Entry
from models.store.fold import Folded, setters
from models.store.orders import body_of

_lone = re.compile("[\ud800-\udfff]")


def setting_body(change: Change, state: Folded, *, new: bool) -> dict[str, Any] | None:
    """The body of a set, add, resolve or void; None when nothing would change."""
    fields: dict[str, Any] = {}
    for name, value in change.fields.items():
        if isinstance(value, float):
            raise TypeError(f"{name}: no floats in records; give a decimal string")
        if isinstance(value, str):
            _check_text(value)
        if isinstance(value, int) and abs(value) >= 2**63:
            raise BadInput(N_("This number is too large to be kept. Check it."))
        heads = state.heads.get(name, [])
        settles = change.kind == "resolve"
        shown = heads[0].value if heads else None
        if heads and _same(shown, value) and (len(heads) == 1 or not settles):
            continue
        if not heads and value is None:
            continue
        # all who wrote what is shown agree, and are replaced together
        replaced = heads if settles else [head for head in heads if head.value == shown]
        fields[name] = {"x": value, "b": [head.uid for head in replaced]}
    if change.kind == "void":
        cell = fields.get("voided")
        return None if cell is None else {"why": cell["x"], "b": cell["b"]}
    return {"f": fields} if fields or new else None


def attaching_body(change: Change, state: Folded) -> dict[str, Any]:
    """The body of an attach on a record that has a file already: it replaces what is shown of that one."""
    replaced = {
        head.uid
        for name in change.body
        for head in state.heads.get(name, [])
        if head.value == state.heads[name][0].value
    }
    return {**change.body, "b": sorted(replaced)} if replaced else change.body


def _same(one: Any, other: Any) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)  # 1 is not True


def check_texts(value: Any) -> None:
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, dict):
        for part in (*value, *value.values()):
            check_texts(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            check_texts(part)


def _check_text(value: str) -> None:
    """Refuse what no file, form or database could give back (evidence.md attack 6)."""
    if "\x00" in value or (not value.isascii() and _lone.search(value)):
        raise BadInput(N_("The text holds characters that cannot be kept. Type it again."))


def redacting_body(entry: Entry, authority: Collection[str] = ()) -> dict[str, Any]:
    """The first members of the `redact` entry that takes an entry's content out: what a fold needs of it.

    That a record is withdrawn stays, without its reason, and so does which record it amends.
    """
    found = setters(entry)
    left: dict[str, Any] = {"voided": "-"} if found.get("voided", (None, []))[0] is not None else {}
    if entry.parsed_head.k == "amend":
        left["amends"] = found["amends"][0]
    return body_of(entry, {name: bases for name, (_value, bases) in found.items()}, left, authority)
