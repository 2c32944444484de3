"""What is known of a case that the public must not read, gathered from all records that belong to it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from peewee import chunked

from models import catalogue
from models.outreach.anonymise import Known, is_enterprise, people_in, what_is
from models.registry.personal import folded_number
from models.registry.tables import Officer
from models.store.lookup import by_id

if TYPE_CHECKING:
    from models.store.seat import Seat

_SOME = 500
_HOUSE = re.compile(r"[\d〇一二三四五六七八九十][\d〇一二三四五六七八九十\-]*(?:号|室|栋|幢|楼|弄|巷)")
"""What makes a place an address of somebody; a river or a town may be named."""


def known_of(seat: Seat, case_id: str) -> list[Known]:
    """Names, addresses and numbers of all who have to do with a case; those of the case itself come first.

    Withdrawn records count too: what they held is still personal data.
    """
    found: dict[Known, None] = {}
    with seat:
        for kind, row in _records(case_id):
            found.update(dict.fromkeys(_known(row, fields()[kind])))
    return list(found)


@lru_cache(maxsize=1)
def fields() -> Mapping[str, Mapping[str, list[str]]]:
    """By kind of record: its fields by what they hold."""
    return tomllib.loads((Path(__file__).parent / "personal.toml").read_text("utf-8"))


def _records(case_id: str) -> Iterator[tuple[str, Any]]:
    """The records that belong to a case, each once, in the order of the file of fields."""
    rows: dict[str, dict[str, Any]] = {kind: {} for kind in fields()}
    ids, before = {case_id}, 0
    while len(ids) > before:
        before = len(ids)
        for kind, holds in fields().items():
            known = catalogue.kind(kind)
            assert known is not None
            for row in _belonging(known.table, holds.get("by", []), ids):
                rows[kind][row.id] = row
        for kind, holds in fields().items():
            for row in rows[kind].values():
                ids.add(row.id)
                ids.update(value for name in holds.get("follow", []) if (value := getattr(row, name)))
    for kind, of_kind in rows.items():
        for record_id in sorted(of_kind):
            yield kind, of_kind[record_id]


def _belonging(table: Any, by: list[str], ids: set[str]) -> Iterator[Any]:
    for some in chunked(sorted(ids), _SOME):
        wanted = table.id.in_(list(some))
        for name in by:
            wanted |= getattr(table, name).in_(list(some))
        yield from table.select().where(wanted)


def _known(row: Any, holds: Mapping[str, list[str]]) -> Iterator[Known]:
    for what, names in holds.items():
        if what in ("by", "follow"):
            continue
        for name in names:
            if value := getattr(row, name):
                yield from _of_value(what, value)


def _of_value(what: str, value: str) -> Iterator[Known]:
    if what == "party":
        for name in re.split(r"[、,，;；\n]", value):
            yield Known(name, what_is(name))
    elif what == "person":
        yield Known(value, "person")
    elif what == "people":
        yield from (Known(name, "person") for name in people_in(value))
        yield from (Known(name, "enterprise") for name in _enterprises(value))
    elif what == "officer":
        yield from _officer(value)
    elif what == "address" or (what == "place" and _HOUSE.search(value)):
        yield Known(value, "address")
    elif what == "phone":
        yield from (Known(one, "phone") for one in re.split(r"[、,，;；/\n]", value))
    elif what == "number":
        yield Known(value, "identity" if folded_number(value)[:17].isdecimal() else "code")
    elif what == "contact":
        numbers = re.findall(r"\+?\d[\d\s\-]{5,}\d", value)
        yield from (Known(one, "phone") for one in numbers)
        if not numbers:
            yield Known(value, "mail" if "@" in value else what_is(value))


def _officer(value: str) -> Iterator[Known]:
    """Of an officer's record id: name, certificate and telephone; of a name: the name."""
    row = by_id(Officer, value)
    if row is None:
        if not re.fullmatch(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f-]+", value):
            yield from (Known(name, "person") for name in people_in(value))
        return
    if row.name:
        yield Known(row.name, "person")
    if row.certificate:
        yield Known(row.certificate, "code")
    if row.phone:
        yield Known(row.phone, "phone")


def _enterprises(text: str) -> list[str]:
    parts = re.split(r"[、,，;；()（）\s]", text)
    return [part for part in parts if len(part) > 4 and is_enterprise(part)]
