"""A small room of clues, for the tests of what is drawn from a room: all kinds of fields, a rule or two."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from models.cases.damage.tables import Clue
from models.errors import RuleBroken
from models.language import _
from models.registry import keeping
from models.rooms import Act, Cell, Column, Fact, Field, Line, Listing, Room, Section, Sheet
from models.store.lookup import by_id

SOURCES = (("patrol", "Patrol"), ("report", "Report"))


def register(seat: Any, *, party: str, unit: str = "350602", **fields: Any) -> str:
    """Make a clue."""
    if party == "坏":
        raise RuleBroken("Not this one.", field="party", basis="《试验办法》第一条")
    description = " ".join(f"{key}={value}" for key, value in sorted(fields.items()))
    return keeping.make(
        seat, "clue", unit, {"party": party, "description": description, "number": f"XS-{party}"}
    )


def describe(seat: Any, clue: str, *, facts: str) -> None:
    """Change its facts."""
    with seat.writing():
        keeping.change(seat, keeping.standing(seat, "clue", clue), "clue", {"facts": facts})


def close(seat: Any, clue: str) -> None:
    """Decide it; asks for nothing."""
    with seat.writing():
        keeping.change(seat, keeping.standing(seat, "clue", clue), "clue", {"outcome": "not_start"})


def _find(seat: Any, text: str, open_only: bool = False) -> list[str]:
    with seat:
        rows = Clue.select().where(Clue.voided.is_null()).order_by(Clue.id)
        if open_only:
            rows = rows.where(Clue.outcome.is_null())
        ids = [row.id for row in rows]
    if text:
        found = {record for _kind, record in seat.search(text, kinds=("clue",))}
        ids = [each for each in ids if each in found]
    return ids


def _lines(seat: Any, ids: Sequence[str]) -> list[Line]:
    with seat:
        rows = [by_id(Clue, each) for each in ids]
    return [
        Line(row.id, (Cell(row.number or "", "quiet"), row.party or "", Cell(row.outcome or "", "good")))
        for row in rows
        if row is not None
    ]


def _row(seat: Any, clue: str) -> Any:
    with seat:
        return by_id(Clue, clue)


def _sheet(seat: Any, clue: str) -> Sheet:
    row = _row(seat, clue)
    return Sheet(
        row.party or "",
        Cell(row.outcome or "open", "warn"),
        (
            Section("Facts", (Fact("Number", row.number or ""), Fact("Facts", row.facts or ""))),
            Section("Nothing", ()),
            Section(
                "Related",
                (
                    Fact("Officer", "who made it", kind="officer", id=row.made_by),
                    Fact("Described", row.description or "", "strong"),
                ),
            ),
        ),
    )


def _why_not_close(seat: Any, clue: str) -> str:
    return _("Undone: {what}").format(what="-") if _row(seat, clue).outcome else ""


COLUMNS = (Column("Number", 12), Column("Party", 0), Column("Outcome", 12, from_width=60))
ROOM = Room(
    "cases",
    "Cases",
    (
        Listing("open", "Open ones", "clue", COLUMNS, partial(_find, open_only=True), _lines, "Press n."),
        Listing("all", "All ones", "clue", COLUMNS, _find, _lines, "Press n."),
    ),
    acts=(
        Act(
            "register",
            "Register it",
            "Registers a clue.",
            register,
            fields=(
                Field("party", "Party", required=True),
                Field("on", "Day", "day"),
                Field("money", "Money", "money"),
                Field("share", "Share", "number"),
                Field("people", "People", "count"),
                Field("sea", "At sea", "flag"),
                Field("source", "Source", "choice", choices=SOURCES),
                Field("ways", "Ways", "marks", choices=SOURCES),
                Field("site", "Site", "record", of="site"),
                Field("unit", "Unit", "record", of="unit"),
                Field("words", "Words", "long"),
            ),
        ),
        Act(
            "describe",
            "Describe it",
            "Changes the facts.",
            describe,
            subject="clue",
            fields=(Field("facts", "Known facts", "long", required=True),),
            preset=lambda seat, clue: {"facts": _row(seat, clue).facts},
        ),
        Act("close", "Close it", "Decides it.", close, subject="clue", why_not=_why_not_close),
        Act("fund", "Pay it", "Pays.", close, subject="clue", right="fund"),
    ),
    sheets={"clue": _sheet},
    summary=lambda seat: f"{len(_find(seat, ''))} clues",
)
