"""Which papers a record has, and each as a value, a file or lines: what screens and command line ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from models.cases.damage import queries as damage
from models.cases.damage import stages
from models.documents import (
    beside_papers,
    bulletin_paper,
    case_papers,
    city_papers,
    clue_papers,
    community_papers,
    draw_paper,
    form_paper,
    formed,
    fund_paper,
    sampling_paper,
)
from models.documents.files import as_file
from models.documents.paper import Paper
from models.documents.word import docx_of
from models.errors import BadInput
from models.language import N_

if TYPE_CHECKING:
    from models.store.seat import Seat

_FORMED = ("interview", "measure_paper", "service")
"""Kinds whose papers have a layout (`formed`)."""
Maker = Callable[["Seat", str, str], Paper]


def kinds() -> tuple[str, ...]:
    """The kinds of record that have papers here."""
    return (*_SHELVES, *_FORMED)


def papers(kind: str) -> tuple[tuple[str, str], ...]:
    """The papers of a kind of record: name and msgid, in the order of the procedure."""
    if kind in _FORMED:
        return tuple(formed.KINDS[kind].names.items())
    return _SHELVES[kind][0] if kind in _SHELVES else ()


def paper(seat: Seat, kind: str, record_id: str, name: str) -> Paper:
    """A paper as a value.

    Raises:
        BadInput: there is no such record or paper, or others make it.
        RuleBroken: there is no such month, sheet or bulletin, or the paper would name whom it must not.
    """
    if name not in dict(papers(kind)):
        raise BadInput(N_("There is no paper “{name}” here."), name=name)
    if kind in _FORMED:
        return formed.paper(seat, record_id, name, formed.KINDS[kind])
    make = _SHELVES[kind][1]
    return make(seat, record_id, name)


def written(seat: Seat, kind: str, record_id: str, name: str, suffix: str) -> bytes | str:
    """A paper as it goes into a file: ".docx", ".pdf", ".html" or ".txt".

    Raises:
        BadInput: for another file type, or .pdf without an office program; else as `paper`.
    """
    if (kind, name, suffix.lower()) == ("sampling", "sampling", ".docx"):
        return sampling_paper.fill_record(seat, record_id)  # the one with a template of its own
    value = paper(seat, kind, record_id, name)

    def docx() -> bytes:
        if kind in _FORMED:
            return formed.docx(seat, record_id, name, formed.KINDS[kind])
        return docx_of(value)

    return as_file(suffix, docx, lambda: value)


def _of_entered(seat: Seat, paper_id: str, _name: str) -> Paper:
    """The paper that a `case_paper` record stands for: that very one."""
    row = damage.paper(seat, paper_id)
    if row is None:
        raise BadInput(beside_papers.NONE)
    if row.kind in dict(clue_papers.NAMES):
        return clue_papers.clue_paper(seat, row.case or "", row.kind or "", row)
    return case_papers.case_paper(seat, row.case or "", row.kind or "", row)


def _shelf(names: Iterable[tuple[str, str]], make: Maker) -> tuple[tuple[tuple[str, str], ...], Maker]:
    return tuple(names), make


_SHELVES: dict[str, tuple[tuple[tuple[str, str], ...], Maker]] = {
    "sampling": _shelf(sampling_paper.NAMES.items(), sampling_paper.paper),
    "clue": _shelf(clue_papers.NAMES, clue_papers.clue_paper),
    "damage_case": _shelf(case_papers.NAMES, case_papers.case_paper),
    "case_paper": _shelf([("this", N_("This paper"))], _of_entered),
    "expert_draw": _shelf(beside_papers.DRAW.items(), beside_papers.draw_paper),
    "opinion": _shelf(beside_papers.OPINION.items(), beside_papers.opinion_paper),
    "restoration": _shelf(beside_papers.RESTORATION.items(), beside_papers.restoration_paper),
    "penalty_case": _shelf(beside_papers.PENALTY.items(), beside_papers.penalty_paper),
    "handover": _shelf([("clue_transfer", stages.PAPERS["clue_transfer"])], clue_papers.handover_letter),
    "fund_month": _shelf(fund_paper.NAMES.items(), fund_paper.paper),
    "bulletin": _shelf(bulletin_paper.NAMES.items(), bulletin_paper.paper),
    "bulletin_month": _shelf(bulletin_paper.NAMES.items(), bulletin_paper.paper),
    "score_sheet": _shelf(city_papers.SCORE.items(), city_papers.score_paper),
    "filled_form": _shelf(form_paper.NAMES.items(), form_paper.form_paper),
    "spot_draw": _shelf(draw_paper.RECORD.items(), draw_paper.draw_paper),
    "draw_notice": _shelf(draw_paper.NOTICE.items(), draw_paper.notice_paper),
    "round": _shelf(city_papers.DAILY.items(), city_papers.daily_of_round),
    "transferred_complaint": _shelf(city_papers.DAILY.items(), city_papers.daily_of_complaint),
    "rectification": _shelf(city_papers.PLAN.items(), city_papers.rectification_paper),
    "exemplar": _shelf(city_papers.CARD.items(), city_papers.exemplar_paper),
    "mediation": _shelf(community_papers.MEDIATION.items(), community_papers.mediation_paper),
    "committee": _shelf(community_papers.COMMITTEE.items(), community_papers.committee_paper),
}
"""Kind of record to its papers and what makes them."""
