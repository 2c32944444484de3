"""What a screen asks about who and where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from models.registry import units as facts
from models.registry.rules import tidy_code
from models.registry.tables import Officer, Site
from models.registry.units import Role, Unit
from models.store.lookup import by_id

if TYPE_CHECKING:
    from models.store.seat import Seat

ACCOUNT_ROLE = "account_role"
"""The fact of a seat that holds the role of its person's account, as the server last said."""
GRANTED_UNITS = "granted_units"
"""The fact of a seat that holds the codes of the units of its person's account, comma-joined, as the server
last said."""
READ_ONLY_UNITS = "read_only_units"
"""The fact that holds, likewise, those of them that are granted for reading only."""


def units() -> tuple[Unit, ...]:
    """The city, the 16 county-level units and the city departments."""
    return facts.units()


def officer(seat: Seat, officer_id: str) -> Officer | None:
    """One officer's record; None where there is none."""
    with seat:
        return by_id(Officer, officer_id)


def officers(seat: Seat, *, inspecting_on: date | None = None) -> list[Officer]:
    """Active officers by unit and name; with a day, only those who may inspect with a certificate on it."""
    with seat:
        rows = list(
            Officer.select()
            .where(Officer.voided.is_null(), Officer.active.is_null() | Officer.active)
            .order_by(Officer.unit_code, Officer.name, Officer.id)
        )
    if inspecting_on is None:
        return rows
    return [row for row in rows if may_inspect(row) and certificate_valid(row, inspecting_on)]


def may_inspect(row: Officer) -> bool:
    """Whether the role allows an inspection at all (国办发〔2024〕54号 withholds it from grid workers)."""
    found = facts.role(row.role or "officer")
    return found is not None and "inspect" in found.may


def certificate_valid(row: Officer, on: date) -> bool:
    """Whether the officer holds a certificate that, as far as known, is valid on the day."""
    if not row.certificate:
        return False
    return not row.certificate_until or row.certificate_until >= on.isoformat()


def find_officers(seat: Seat, text: str, limit: int = 50) -> list[Officer]:
    """Officers by name, pinyin initials or certificate number; all active ones for an empty text."""
    text = text.strip()
    if not text:
        return officers(seat)[:limit]
    with seat:
        ids = [record_id for _, record_id in seat.search(text, kinds=("officer",), limit=limit)]
        found = {row.id: row for row in Officer.select().where(Officer.id.in_(ids), Officer.voided.is_null())}
        return [found[each] for each in ids if each in found]


def pick_officers(seat: Seat, text: str, limit: int = 50) -> list[Officer]:
    """As `find_officers`, one record for each certificate: a person may stand in the register twice.

    A notebook enters its own person, a colleague enters them on the spot, the server opens their account. Of
    who is unlocked it is the record that they work under; of others that of another laptop, the latest made,
    which is most likely their own.
    """
    found = find_officers(seat, text, limit)
    held = {row.certificate for row in found if row.certificate}
    with seat:
        same = Officer.select().where(
            Officer.certificate.in_(held), Officer.voided.is_null(), Officer.active.is_null() | Officer.active
        )
        rows = list(same)
    return one_per_certificate(seat, found, rows)


def one_per_certificate(seat: Seat, rows: Sequence[Officer], others: Iterable[Officer] = ()) -> list[Officer]:
    """These officers in their order, of each certificate the record that its person most likely works under.

    Args:
        others: further records that may stand for one of them.
    """
    known = [row for row in (*others, *rows) if row.certificate]
    best = {
        row.certificate: row for row in sorted(known, key=lambda row: likeness(row, seat.person, seat.device))
    }
    picked = [best.get(row.certificate, row) for row in rows]
    return list({row.id: row for row in picked}.values())


def likeness(row: Any, person: str, device: str) -> tuple[bool, bool, int, str]:
    """How likely a record is the one that its person works under, to be sorted by.

    Args:
        person: id of who is unlocked.
        device: this laptop, which may have entered a colleague on the spot.
    """
    return (row.id == person, row.device != device, row.made_at, row.id)


def site(seat: Seat, site_id: str) -> Site | None:
    """One site's record; None where there is none."""
    with seat:
        return by_id(Site, site_id)


def site_by_code(seat: Seat, code: str) -> Site | None:
    """The site that holds a unified social credit code."""
    with seat:
        return Site.get_or_none(Site.code == tidy_code(code), Site.voided.is_null())


def find_sites(seat: Seat, text: str, limit: int = 50) -> list[Site]:
    """Sites by name, pinyin initials, credit code or address; the latest changed for an empty text."""
    text = text.strip()
    with seat:
        standing = Site.select().where(Site.voided.is_null())
        if not text:
            return list(standing.order_by(Site.changed_at.desc(), Site.id).limit(limit))
        folded = tidy_code(text)
        by_code = []
        if len(folded) >= 4 and folded.isascii() and folded.isalnum():
            by_code = list(standing.where(Site.code.startswith(folded)).order_by(Site.code).limit(limit))
        ids = [record_id for _, record_id in seat.search(text, kinds=("site",), limit=limit)]
        found = {row.id: row for row in standing.where(Site.id.in_(ids))}
        rows = by_code + [found[each] for each in ids if each in found]
        return list({row.id: row for row in rows}.values())[:limit]


def role_of(seat: Seat, officer_id: str | None = None) -> Role | None:
    """The role of a person, by default of who is unlocked; None for one without a record.

    Of who is unlocked the server's word counts once it gave one, whatever the notebook's own register says:
    what the account may not write, the server would put aside. A role that nobody knows allows nothing.
    """
    asked = officer_id or seat.person
    code = seat.meta(ACCOUNT_ROLE) if asked == seat.person else None
    if not code:
        row = officer(seat, asked)
        if row is None:
            return None
        code = row.role or "officer"
    return facts.role(code) or Role(code, code, code, frozenset())


def granted_units(seat: Seat) -> frozenset[str] | None:
    """Codes of the units granted to the account, as the server last said; None where no server said any."""
    held = seat.meta(GRANTED_UNITS)
    return None if held is None else frozenset(filter(None, held.split(",")))


def read_only_units(seat: Seat) -> frozenset[str]:
    """Codes of the units that the account reads and does not write, as the server last said."""
    return frozenset(filter(None, (seat.meta(READ_ONLY_UNITS) or "").split(",")))


def may(seat: Seat, what: str) -> bool:
    """Whether who is unlocked may do something of `data/roles.toml`; without a record they may not."""
    found = role_of(seat)
    return found is not None and what in found.may
