"""The papers of a measure: drawn up, issued (sealed) and numbered.

What a paper says is fixed when it is issued: its content, in J1, lies in the vault, and the paper is printed
from these bytes for ever, whatever the measure becomes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from models.errors import BadInput, RuleBroken, StoreRefused
from models.inspections import canonical
from models.inspections import verbs as visits
from models.inspections.completeness import refuse_incomplete
from models.inspections.known import Missing
from models.inspections.onsite import measure_rules as rules
from models.inspections.onsite import measures, writing
from models.inspections.onsite.tables import MeasurePaper, PaperNumber
from models.language import N_
from models.law.due import day_or_none
from models.registry import keeping
from models.registry.days import today
from models.registry.numbers import device_tag
from models.registry.rules import tidy_text
from models.registry.sealing import Sealed, sealed_bytes, tidied
from models.store.lookup import by_id

if TYPE_CHECKING:
    from models.store.seat import Seat

SCHEMA = "qingcha-paper-1"
MOST_IN_ENTRY = 200 * 1024
"""Bytes of a content that goes into an entry, too, which holds 256 KiB at most."""
_NUMBER = re.compile(r"[\u4e00-\u9fff]{1,10}环[\u4e00-\u9fff]{0,6}〔((?:19|20|21)\d{2})〕([1-9]\d{0,5})号")
_BRACKETS = str.maketrans("[]【】（）()﹝﹞", "〔〕〔〕〔〕〔〕〔〕")


def draw_up(seat: Seat, measure_id: str, paper: str) -> str:
    """Draw up a paper of a measure, to be read before it is issued. Returns its record id.

    Raises:
        RuleBroken: such a measure has no such paper, what it tells of is not noted, or one is drawn up and
            waits to be issued.
    """
    keeping.allow(seat, "measure_paper")
    with seat.writing():
        row = measures.standing(seat, measure_id)
        if paper not in rules.papers_of(row.kind):
            raise RuleBroken(N_("Such a measure has no such paper."), field="paper")
        early = rules.too_early(paper, row)
        if early:
            raise RuleBroken(early, field="paper")
        there = measures.papers_of(seat, row.id)
        if any(each.paper == paper and not each.sealed for each in there):
            raise RuleBroken(N_("It is drawn up already: open it below and issue it."), field="paper")
        with seat:
            count = MeasurePaper.select().where(MeasurePaper.measure == row.id).count() + 1
        tag = "" if seat.device == row.device else device_tag(seat.device)
        values = {"measure": row.id, "paper": paper, "number": f"{row.number}-{count}{tag}"}
        return keeping.make(seat, "measure_paper", row.unit, keeping.tidy("measure_paper", values))


def offered(seat: Seat, measure_id: str) -> tuple[str, ...]:
    """The papers that a measure can have now and of which none waits to be issued."""
    row = measures.standing(seat, measure_id)
    waiting = {each.paper for each in measures.papers_of(seat, row.id) if not each.sealed}
    return tuple(each for each in rules.papers_now(row) if each not in waiting)


def issue(seat: Seat, paper_id: str, *, on: str | None = None, host: str | None = None) -> Sealed:
    """Issue a paper: it is sealed as it reads now. A visit takes over the numbers of its approval and notice.

    Args:
        on: the day that the paper bears; today unless given.

    Raises:
        RuleBroken: naming the first thing that is missing, a conflict, or that it was issued already.
    """
    keeping.allow(seat, "measure_paper")
    with seat.writing():
        paper = _open(seat, paper_id)
        row = measures.standing(seat, paper.measure or "")
        keeping.allow_unit(seat, "measure_paper", row.unit)
        day = on or today(seat).isoformat()
        if day_or_none(day) is None:
            raise RuleBroken(N_("“{value}” is no date: give it as 2027-06-30."), field="on", value=day)
        refuse_incomplete(missing(seat, paper_id))
        writing.refuse_conflicts([paper, row, *measures.items_of(seat, row.id)])
        keeping.change(seat, paper, "measure_paper", {"issued_on": day})
        paper = _open(seat, paper_id)
        said = live_content(seat, paper)
        text = canonical.encode(tidied(said)).decode()
        if len(text.encode()) <= MOST_IN_ENTRY:
            keeping.change(seat, paper, "measure_paper", {"content": text})
        sealed = writing.seal(seat, SCHEMA, "measure_paper", paper, said, [paper.id], host)
    _tell_visit(seat, row, paper)
    return sealed


def _tell_visit(seat: Seat, row: Any, paper: MeasurePaper) -> None:
    field = {"inspect_approval": "approval_number", "inspect_notice": "notice_number"}.get(paper.paper or "")
    visit = writing.visit_of(seat, row.inspection) if field and row.inspection else None
    if visit is None or visit.sealed or getattr(visit, str(field)):
        return
    if keeping.may_see(seat, "inspection"):
        try:
            visits.edit(seat, visit.id, **{str(field): official_number(seat, paper.id) or paper.number})
        except RuleBroken:  # a head who approves may not write the record: its officers note the number
            return


def discard(seat: Seat, paper_id: str, why: str) -> None:
    """Withdraw a paper that was drawn up and not issued, with a reason."""
    _open(seat, paper_id)
    keeping.withdraw(seat, "measure_paper", paper_id, why)


def missing(seat: Seat, paper_id: str) -> list[Missing]:
    """What a paper still lacks before it may be issued.

    Raises:
        RuleBroken: there is no such paper.
    """
    paper: MeasurePaper = keeping.standing(seat, "measure_paper", paper_id)
    row = measures.standing(seat, paper.measure or "")
    officers = writing.officers_of(seat, row)
    on = writing.day_of(row, "taken_at")
    return rules.missing_of(paper.paper or "", row, measures.items_of(seat, row.id), officers, on)


# -- numbers -----------------------------------------------------------------------------------------------


def give_number(seat: Seat, paper_id: str, text: str, *, on: str | None = None) -> str:
    """Note the official number that the office gave to a paper, before or after it is issued.

    Official numbers come from the office's register; nothing is made up here. Returns the number's record id.

    Raises:
        RuleBroken: it has not the form 漳环查扣〔2026〕1号, stands on another paper of the unit, or the paper
            has another number.
    """
    keeping.allow(seat, "paper_number")
    with seat.writing():
        paper: MeasurePaper = keeping.standing(seat, "measure_paper", paper_id)
        number = read_number(text, rules.word_of(paper.paper))
        held = official_number(seat, paper.id)
        if held:
            raise RuleBroken(N_("It bears {number} already. Withdraw that first."), field="text", number=held)
        other = numbered(seat, paper.unit, number)
        if other is not None:
            raise RuleBroken(
                N_("{number} stands on another paper of this unit: {other}."),
                field="text",
                number=number,
                other=_name(seat, other),
            )
        values = {"of": paper.id, "text": number, "given_on": on or today(seat).isoformat()}
        return keeping.make(seat, "paper_number", paper.unit, keeping.tidy("paper_number", values))


def take_number_back(seat: Seat, paper_id: str, why: str) -> None:
    """Withdraw the official number of a paper, with a reason.

    Raises:
        RuleBroken: it has none.
    """
    keeping.allow(seat, "paper_number")
    with seat:
        row = PaperNumber.get_or_none(PaperNumber.of == paper_id, PaperNumber.voided.is_null())
    if row is None:
        raise RuleBroken(N_("This paper has no official number."), field="text")
    keeping.withdraw(seat, "paper_number", row.id, why)


def read_number(text: str, word: str = "") -> str:
    """An official number as it is kept, with the brackets of GB/T 9704.

    Args:
        word: what must stand between 环 and the year; empty takes any.

    Raises:
        RuleBroken: it is none.
    """
    number = re.sub(r"\s+", "", tidy_text(text)).translate(_BRACKETS)
    found = _NUMBER.fullmatch(number)
    if found is None:
        raise RuleBroken(
            N_("“{value}” is no number of a paper: give it as 漳环查扣〔2026〕1号."), field="text", value=text
        )
    if word and not number.partition("〔")[0].endswith(f"环{word}"):
        raise RuleBroken(
            N_("The number of this paper reads 环{word}〔year〕…号; “{value}” is of another paper."),
            field="text",
            word=word,
            value=number,
        )
    return number


def official_number(seat: Seat, paper_id: str) -> str:
    """The official number of a paper; empty where it has none yet."""
    with seat:
        rows = PaperNumber.select().where(PaperNumber.of == paper_id, PaperNumber.voided.is_null())
        row = rows.order_by(PaperNumber.made_at, PaperNumber.id).first()
    return row.text or "" if row is not None else ""


def numbered(seat: Seat, unit: str, number: str) -> str | None:
    """The paper of a unit that bears an official number; None where none does."""
    with seat:
        row = PaperNumber.get_or_none(
            PaperNumber.text == number, PaperNumber.unit == unit, PaperNumber.voided.is_null()
        )
    return row.of if row is not None else None


def doubled(seat: Seat) -> dict[str, list[str]]:
    """Official numbers that two laptops gave to several papers of a unit: number to papers."""
    found: dict[tuple[str, str], list[str]] = {}
    with seat:
        for row in PaperNumber.select().where(PaperNumber.voided.is_null()).order_by(PaperNumber.id):
            found.setdefault((row.unit, row.text or ""), []).append(row.of or "")
    return {number: ids for (_unit, number), ids in found.items() if len(set(ids)) > 1}


def _name(seat: Seat, paper_id: str) -> str:
    row = keeping.row_of(seat, "measure_paper", paper_id)
    return f"{rules.paper_words(row.paper)} {row.number or ''}" if row is not None else paper_id


# -- content -----------------------------------------------------------------------------------------------


def paper_of(seat: Seat, paper_id: str) -> MeasurePaper | None:
    """One paper; None where there is none."""
    with seat:
        return by_id(MeasurePaper, paper_id)


def live_content(seat: Seat, paper: MeasurePaper) -> dict[str, Any]:
    """What a paper says now, within J1: the measure, its things, its officers, its basis."""
    row = measures.standing(seat, paper.measure or "")
    officers = writing.officers_of(seat, row)
    end = rules.quiet_end(row)
    return {
        "paper": paper.paper,
        "issued_on": paper.issued_on,
        "official": official_number(seat, paper.id) or None,
        "measure": writing.stated(row, writing.OFFICERS),
        "visit": writing.visit_number(seat, row.inspection),
        "officers": [
            writing.stated_officer(officers.get(each or ""))
            for each in (row.first_officer, row.second_officer)
        ],
        "basis": rules.basis(row.kind, writing.day_of(row, "taken_at")),
        "grounds": [each.zh for each in rules.grounds_of(row.grounds)],
        "until": end.due_on.isoformat() if end is not None else None,
        "items": [writing.stated(each, ("measure", "place")) for each in measures.items_of(seat, row.id)],
    }


def content(seat: Seat, paper: MeasurePaper) -> dict[str, Any]:
    """What an issued paper says, from its sealed bytes where they are here; of a draft what it would say now.

    Raises:
        BadInput: the sealed bytes are not what was sealed, or not here yet.
    """
    if not paper.sealed:
        return live_content(seat, paper)
    try:
        data = sealed_bytes(seat, paper.id)
    except StoreRefused:  # another laptop issued it: its bytes lie there and at the server
        data = (paper.content or "").encode() or None
    if data is None:
        raise BadInput(N_("The sealed text of this paper is not here. Open it on the laptop that issued it."))
    try:
        found: dict[str, Any] = canonical.decode(data)
    except ValueError as error:
        raise BadInput(
            N_("The sealed text of this paper is damaged. Check the notebook with doctor.")
        ) from error
    return found


def _open(seat: Seat, paper_id: str) -> MeasurePaper:
    row: MeasurePaper = keeping.standing(seat, "measure_paper", paper_id)
    keeping.refuse_sealed(row)
    return row
