"""Exemplary cases (典型案例): drafted from a case without personal data, published, kept as patterns.

Nothing that is known of the case ever enters the record: what is typed is cleaned as it is saved, because all
may read an exemplary case and few may read the case.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from models.cases.damage import queries as damage
from models.cases.damage.clues import refuse_day
from models.cases.damage.tables import DamageCase
from models.errors import RuleBroken
from models.language import N_, _, listed
from models.outreach import drafting
from models.outreach.anonymise import Known, Replaced, anonymise, leaks
from models.outreach.known import known_of
from models.outreach.rules import PARTS, part_title
from models.outreach.tables import Exemplar
from models.oversight.rounds.files import put_out
from models.registry import keeping
from models.registry import queries as registry
from models.registry.units import role
from models.store.change import Scalar

if TYPE_CHECKING:
    from models.store.seat import Seat

BASIS = "《生态环境法典》第五十一条、第一百四十六条"
TEXTS = ("title", *(name for name, _title in PARTS))
"""The fields that the public reads."""


def proposed(seat: Seat, case_id: str) -> dict[str, str]:
    """What a draft from the case would say, without personal data.

    Raises:
        RuleBroken: there is no such case, or the person may not read cases.
    """
    case = _readable(seat, case_id)
    known = known_of(seat, case.id)
    return {name: anonymise(text, known).text for name, text in drafting.drafted(seat, case).items()}


def draft(seat: Seat, case: str, **texts: str | None) -> str:
    """Make an exemplary case from a damage case; its text is filled from the case, without personal data.

    Args:
        case: record id of a case that was started.
        texts: any of `TEXTS`, instead of what the case gives; None leaves it empty.

    Returns:
        The exemplary case's record id; one that is a unit's first is kept as a pattern (首案另存为范例).

    Raises:
        RuleBroken: no such case, it was never started, or one is drafted from it already.
    """
    keeping.allow(seat, "exemplar")
    with seat.writing():
        row = _readable(seat, case)
        if not damage.progress_of(seat, row.id).started:
            raise RuleBroken(N_("This case was not started yet: there is nothing to show."), field="case")
        if of_case(seat, row.id) is not None:
            raise RuleBroken(
                N_("There is an exemplary case of this one already. Open and edit that."), field="case"
            )
        values = _clean(seat, row.id, {**drafting.drafted(seat, row), **texts})
        fixed: dict[str, Scalar] = {"case": row.id, "template": drafting.is_first(seat, row)}
        return keeping.make(seat, "exemplar", row.unit, {**values, **fixed})


def edit(seat: Seat, exemplar_id: str, **texts: str | None) -> None:
    """Change title or parts of a draft; personal data is taken out as it is saved.

    Raises:
        RuleBroken: it is published, or the title is empty.
    """
    keeping.allow(seat, "exemplar")
    with seat.writing():
        row = _draft(seat, exemplar_id)
        values = _clean(seat, row.case or "", texts)
        if "title" in values:
            keeping.need_text(str(values["title"] or ""), "title")
        keeping.change(seat, row, "exemplar", values)


def clean(seat: Seat, exemplar_id: str) -> None:
    """Take out of a draft what has become known of the case since it was written.

    Raises:
        RuleBroken: it is published.
    """
    edit(seat, exemplar_id, **{name: getattr(_draft(seat, exemplar_id), name) for name in TEXTS})


def keep_as_pattern(seat: Seat, exemplar_id: str, *, template: bool) -> None:
    """Keep it as a pattern (范例) for later cases, or no longer (R022).

    Raises:
        RuleBroken: it still names somebody.
    """
    keeping.allow(seat, "exemplar")
    with seat.writing():
        row: Exemplar = keeping.standing(seat, "exemplar", exemplar_id)
        if template:
            refuse_leaks(seat, row)
        keeping.change(seat, row, "exemplar", {"template": template})


def publish(seat: Seat, exemplar_id: str, *, on: str, publisher: str) -> None:
    """Record that it was published, with the approval of a head.

    Args:
        on: YYYY-MM-DD, not after today.
        publisher: record id of the officer who approved; the role must allow it.

    Raises:
        RuleBroken: the text still names somebody (it says whom), a part is empty, the case has come to no
            agreement, judgment or end by then, or the approver may not approve.
    """
    keeping.allow(seat, "exemplar")
    with seat.writing():
        row = _draft(seat, exemplar_id)
        refuse_day(seat, on, "on")
        _refuse_unsettled(seat, row.case or "", on)
        for name in TEXTS:
            if not getattr(row, name):
                raise RuleBroken(
                    N_("“{part}” is empty. Write it before you publish."),
                    field=name,
                    part=part_title(name) if name != "title" else _("Title"),
                )
        refuse_leaks(seat, row)
        officer = registry.officer(seat, publisher)
        found = role(officer.role or "officer") if officer is not None else None
        if found is None or "approve" not in found.may:
            raise RuleBroken(N_("A head has to approve the publication."), field="publisher")
        keeping.change(seat, row, "exemplar", {"published_on": on, "publisher": publisher})


def export_card(seat: Seat, exemplar_id: str, *, path: str) -> None:
    """Write the card as a text file, for the editors of the media.

    Raises:
        RuleBroken: it still names somebody, or the file cannot be written.
    """
    row: Exemplar = keeping.standing(seat, "exemplar", exemplar_id)
    refuse_leaks(seat, row)
    put_out(seat, card(row), path, "exemplar.txt")


def card(row: Exemplar) -> str:
    """典型案例卡: title and parts under their headings, one after the other."""
    parts = [f"{part_title(name)}\n{getattr(row, name)}" for name, _title in PARTS if getattr(row, name)]
    return "\n\n".join([row.title or "", *parts]) + "\n"


def still_named(seat: Seat, row: Exemplar) -> list[str]:
    """What of the case the text still holds, as it stands there."""
    known = known_of(seat, row.case or "")
    return list(dict.fromkeys(name for text in TEXTS for name in leaks(getattr(row, text) or "", known)))


def refuse_leaks(seat: Seat, row: Exemplar) -> None:
    """Refuse a text that still holds a known name or number.

    Raises:
        RuleBroken: naming them.
    """
    if found := still_named(seat, row):
        raise RuleBroken(
            N_("It still holds {names}. Take that out: the public must not read it."),
            field="title",
            basis=BASIS,
            names=listed(found),
        )


def replaced(seat: Seat, case_id: str, text: str) -> list[Replaced]:
    """What would be taken out of a text on this case, and what would stand there.

    Raises:
        RuleBroken: there is no such case, or the person may not read cases.
    """
    return list(anonymise(text, known_of(seat, _readable(seat, case_id).id)).replaced)


def of_case(seat: Seat, case_id: str) -> Exemplar | None:
    """The exemplary case of a damage case; None where there is none."""
    with seat:
        found: Exemplar | None = Exemplar.get_or_none(Exemplar.case == case_id, Exemplar.voided.is_null())
        return found


def patterns(seat: Seat) -> list[Exemplar]:
    """范例: the exemplary cases kept as patterns, by unit and title."""
    with seat:
        rows = Exemplar.select().where(Exemplar.template, Exemplar.voided.is_null())
        return list(rows.order_by(Exemplar.unit, Exemplar.title, Exemplar.id))


def _readable(seat: Seat, case_id: str) -> DamageCase:
    if not keeping.may_see(seat, "damage_case"):
        raise RuleBroken(N_("Your role does not read cases."), field="case")
    row: DamageCase = keeping.standing(seat, "damage_case", case_id)
    return row


def _draft(seat: Seat, exemplar_id: str) -> Exemplar:
    row: Exemplar = keeping.standing(seat, "exemplar", exemplar_id)
    if row.published_on:
        raise RuleBroken(
            N_("It was published on {day} and stays as it was read. Withdraw it if it is wrong."),
            field="published_on",
            day=row.published_on,
        )
    return row


def _clean(seat: Seat, case_id: str, texts: Mapping[str, str | None]) -> dict[str, Scalar]:
    unknown = set(texts) - set(TEXTS)
    if unknown:
        raise TypeError(f"no part of an exemplary case: {', '.join(sorted(unknown))}")
    known: list[Known] = known_of(seat, case_id)
    tidy = keeping.tidy("exemplar", texts)
    return {name: anonymise(str(text), known).text if text else None for name, text in tidy.items()}


def _refuse_unsettled(seat: Seat, case_id: str, on: str) -> None:
    at = damage.progress_of(seat, case_id, date.fromisoformat(on))
    if not (at.agreed or at.ended or at.condition == "judgment"):
        raise RuleBroken(
            N_("This case has come to no agreement, judgment or end by then. Publish it afterwards."),
            field="on",
        )
