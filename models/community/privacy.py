"""Who brought a complaint, and what the public may read: names never leave through here unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.community import rules
from models.community.choices import CLASSES, FOUR_PARTIES, RESULTS
from models.community.tables import Community, Mediation, Reporter
from models.errors import RuleBroken
from models.language import N_, _, translate
from models.registry import keeping
from models.registry import queries as registry
from models.rooms import label
from models.store.lookup import by_id

if TYPE_CHECKING:
    from models.store.seat import Seat


def has_reporter(seat: Seat, complaint_id: str) -> bool:
    """Whether it is written down who brought a complaint; tells nobody who."""
    return bool(reporter_ids(seat, complaint_id))


def reporter_ids(seat: Seat, complaint_id: str) -> list[str]:
    """Ids of the records of who brought a complaint; tells nobody who."""
    with seat:
        rows = Reporter.select(Reporter.id).where(
            Reporter.complaint == complaint_id, Reporter.voided.is_null()
        )
        return [row.id for row in rows.order_by(Reporter.id)]


def reporter_names(seat: Seat, complaint_id: str) -> tuple[str, ...]:
    """What must not stand in any text about a complaint; for checks only, never for a screen."""
    with seat:
        rows = Reporter.select().where(Reporter.complaint == complaint_id, Reporter.voided.is_null())
        return tuple(each for row in rows for each in (row.name, row.contact) if each and len(each) > 1)


def may_read_reporter(seat: Seat, row: Reporter) -> bool:
    """Whether who is unlocked may read it: who wrote it down, and roles with the right."""
    return bool(row.made_by == seat.person) or registry.may(seat, "see_complainant")


def reporter(seat: Seat, complaint_id: str) -> Reporter | None:
    """Who brought a complaint: for named roles, and for who wrote it down.

    Raises:
        RuleBroken: for anyone else (生态环境法典 arts. 51, 146).
    """
    ids = reporter_ids(seat, complaint_id)
    return reporter_record(seat, ids[0]) if ids else None


def reporter_record(seat: Seat, record_id: str) -> Reporter | None:
    """The same by the record's own id. Errors as `reporter`."""
    with seat:
        row = by_id(Reporter, record_id)
    if row is None or may_read_reporter(seat, row):
        return row
    raise RuleBroken(
        N_("Who reported this is confidential. A head or a legal reviewer may see it."),
        field="reporter",
        basis=rules.CONFIDENTIAL,
    )


def names_of_mediation(seat: Seat, row: Mediation) -> tuple[str, ...]:
    """What must not stand in the public version of a mediation: its parties and who brought the complaint."""
    names = rules.names_in(row.parties)
    return names + (reporter_names(seat, row.complaint) if row.complaint else ())


def public_text(seat: Seat, mediation_id: str) -> str:
    """The public version of a mediation, without personal data: what was published, else a proposal.

    Raises:
        RuleBroken: there is no such mediation.
    """
    row: Mediation = keeping.standing(seat, "mediation", mediation_id)
    if row.public:
        return row.public
    with seat:
        place = by_id(Community, row.community) if row.community else None
    lines = [
        _("{name}, {day}: {what}").format(
            name=place.name if place is not None else "",
            day=row.on,
            what=label(CLASSES, row.problem_class) or _("a matter of the community"),
        ),
        _("Demand: {text}").format(text=row.demand or ""),
        _("Took part: {parties}").format(
            parties="、".join(
                translate(words) for party, words in FOUR_PARTIES if getattr(row, party) == "came"
            )
            or "–"
        ),
    ]
    if row.result:
        lines.append(_("Result: {text}").format(text=label(RESULTS, row.result)))
    if row.agreement:
        lines.append(_("Agreed: {text}").format(text=row.agreement))
    return rules.without_personal_data("\n".join(lines), names_of_mediation(seat, row))
