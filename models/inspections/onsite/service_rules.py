"""What a proof of service (送达回证) must hold, by the way of service (V19). Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from models.inspections.completeness import officers_missing
from models.inspections.known import Missing
from models.language import N_
from models.law.deadlines import Deadline, due, limit
from models.registry.days import day_of

METHODS = {
    "direct": N_("Handed over in person"),
    "left": N_("Left behind (留置)"),
    "entrusted": N_("Through another body"),
    "post": N_("By post"),
    "public": N_("Public notice"),
    "electronic": N_("Electronically"),
}
"""直接、留置、委托、邮寄、公告、电子."""
BASIS = "《行政处罚法》第六十一条、第八十五条"

_BY_METHOD: dict[str, tuple[tuple[str, str], ...]] = {
    "direct": (("taken_by", N_("Who took it and signed?")),),
    "left": (
        ("refusal_reason", N_("Why was it not accepted?")),
        ("witness_name", N_("Who witnessed that it was left behind?")),
    ),
    "entrusted": (
        ("agent", N_("Which body was asked to serve it?")),
        ("taken_by", N_("Who took it and signed?")),
    ),
    "post": (("tracking", N_("What is the number of the mail?")),),
    "public": (("medium", N_("In which medium was the notice published?")),),
    "electronic": (
        ("consent", N_("By which signed confirmation did the receiver agree to electronic service?")),
    ),
}


def missing_of(row: Any, papers: Sequence[Any], officers: Mapping[str, Any], on: date) -> list[Missing]:
    """What a proof of service still lacks, in the order of the form."""
    return [*_parts(row, papers), *_by_method(row), *officers_missing(row, officers, on)]


def _parts(row: Any, papers: Sequence[Any]) -> Iterable[Missing]:
    for name, question in (
        ("receiver", N_("Who is served?")),
        ("method", N_("In which way was it served?")),
        ("place", N_("To which address or place?")),
        ("served_at", N_("When was it served?")),
    ):
        if not getattr(row, name):
            yield Missing("V19", question, name, basis=BASIS)
    if not papers:
        yield Missing("V19", N_("Which papers are served?"), "papers", basis=BASIS)
    for each in papers:
        if not each.name:
            yield Missing("V19", N_("A served paper has no name."), "name", each.id)


def _by_method(row: Any) -> Iterable[Missing]:
    for name, question in _BY_METHOD.get(row.method or "", ()):
        if not getattr(row, name):
            yield Missing("V19", question, name, basis=BASIS)
    if row.taken_by and row.receiver and row.taken_by != row.receiver and not row.relation:
        yield Missing("V19", N_("What is who took it to the receiver?"), "relation")


def effective(row: Any) -> Deadline | None:
    """When a public notice counts as served; None for the other ways, which count at once."""
    if row.method != "public" or not isinstance(row.served_at, int):
        return None
    day = day_of(row.served_at)
    rule = limit("public_service", day)
    return due(day, rule) if rule is not None else None
