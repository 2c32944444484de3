"""What the papers of one inspection are made of, read once from the seat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.errors import BadInput
from models.inspections.items import lists_of
from models.inspections.sampling.queries import of_visit
from models.inspections.sampling.tables import Sampling
from models.inspections.sampling.verbs import samples_of
from models.inspections.sealing import seal_of
from models.inspections.tables import (
    Amendment,
    Answer,
    Evidence,
    Finding,
    Inspection,
    Measurement,
    Statement,
)
from models.language import N_
from models.registry.tables import Officer, Site
from models.registry.units import BUREAU
from models.store.redacting import FileOut, files_out_of

if TYPE_CHECKING:
    from models.store.seat import Seat

__all__ = ["BUREAU", "Facts", "Item", "Section", "gather"]

OUT_PLAIN = "内容已按令删除"
OUT = OUT_PLAIN + "（{why}）"


@dataclass(frozen=True, slots=True)
class Item:
    """A checklist item with its answer."""

    code: str
    title: str
    result: str | None
    note: str
    findings: tuple[str, ...] = ()
    """What was found wrong at it, in words."""


@dataclass(frozen=True, slots=True)
class Section:
    """A group of items."""

    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """One inspection with everything that its papers name; lists in the order of their making."""

    inspection: Inspection
    bureau: str
    demo: bool
    first: Officer | None
    second: Officer | None
    recorder: Officer | None
    site: Site | None
    sections: tuple[Section, ...]
    findings: tuple[str, ...]
    """Findings that belong to no item, in words."""
    measurements: tuple[Measurement, ...]
    evidence: tuple[Evidence, ...]
    statements: tuple[Statement, ...]
    amendments: tuple[Amendment, ...]
    samplings: tuple[tuple[Sampling, tuple[str, ...]], ...]
    """Sampling records with the numbers of their samples."""
    qr_text: str
    """Empty before the seal."""
    taken_out: str
    """As `Sealed.taken_out`."""
    files_out: Mapping[str, FileOut]
    """Of the pieces of evidence whose file went by order, by record id."""

    def hash_of(self, one: Evidence) -> str:
        """SHA-256 of a piece's file, also of one that went by order; empty where it is no file."""
        out = self.files_out.get(one.id)
        return out.sha256 if out is not None else one.sha256 or ""

    def out_words(self, one: Evidence) -> str:
        """That a piece's file went by order, and by which; empty where it did not."""
        out = self.files_out.get(one.id)
        if out is None:
            return ""
        return OUT.format(why=out.why) if out.why else OUT_PLAIN

    @property
    def number(self) -> str:
        """The record number."""
        return self.inspection.number or ""


def gather(seat: Seat, inspection_id: str) -> Facts:
    """Read everything that the papers of an inspection name.

    Raises:
        BadInput: there is no such inspection.
    """
    with seat:
        row = Inspection.get_or_none(Inspection.id == inspection_id)
        if row is None:
            raise BadInput(N_("There is no such inspection here. Synchronise, or look in the list."))
        words: dict[str | None, list[str]] = {}
        for finding in _children(Finding, row.id):
            words.setdefault(finding.item, []).append(finding.text or "")
        sections = _sections(row, words)
        amendments = Amendment.select().where(Amendment.of == row.id, Amendment.voided.is_null())
        seal = seal_of(seat, row.id) if row.sealed else None
        evidence = tuple(_children(Evidence, row.id))
        return Facts(
            inspection=row,
            bureau=seat.meta("bureau") or BUREAU,
            demo=seat.demo,
            first=_one(Officer, row.first_officer),
            second=_one(Officer, row.second_officer),
            recorder=_one(Officer, row.recorder),
            site=_one(Site, row.site),
            sections=sections,
            findings=tuple(text for texts in words.values() for text in texts),
            measurements=tuple(_children(Measurement, row.id)),
            evidence=evidence,
            statements=tuple(_children(Statement, row.id)),
            amendments=tuple(amendments.order_by(Amendment.made_at, Amendment.id)),
            samplings=tuple(
                (each, tuple(one.number or "" for one in samples_of(seat, each.id)))
                for each in of_visit(seat, row.id)
            ),
            qr_text=seal.qr_text if seal is not None else "",
            taken_out=seal.taken_out if seal is not None else "",
            files_out=files_out_of(seat.journal, {each.id: each.sha256 for each in evidence}),
        )


def _one(table: Any, record_id: str | None) -> Any:
    return table.get_or_none(table.id == record_id) if record_id else None


def _children(table: Any, inspection_id: str) -> list[Any]:
    query = table.select().where(table.inspection == inspection_id, table.voided.is_null())
    return list(query.order_by(table.made_at, table.id))


def _sections(row: Inspection, words: dict[str | None, list[str]]) -> tuple[Section, ...]:
    """The checklists with their answers; what is said of their items is taken out of `words`."""
    answers: dict[str | None, list[Answer]] = {}
    for answer in _children(Answer, row.id):
        answers.setdefault(answer.item, []).append(answer)
    sections = []
    for known in lists_of(row):
        items: list[Item] = []
        for item in known.items.values():
            given = sorted(answers.get(item.code, ()), key=lambda answer: answer.repeat or 1)
            said = tuple(words.pop(item.code, ()))
            if not given:
                items.append(Item(item.code, item.zh, None, "", said))
            for answer in given:
                items.append(Item(item.code, item.zh, answer.result, answer.note or "", said))
                said = ()
        sections.append(Section(known.zh, tuple(items)))
    return tuple(sections)
