"""Grants and revocations as entries of the log, so that a restored server hears of them again (R8, R14).

The rows of accounts and devices say what holds now. Each change of them is also an entry of the server's, in
the city's unit, which nearly every notebook reads: who did it stays to be seen, and what a restore undid
comes back in `recover`. An entry holds ids, units, role and reason, and nothing that is secret.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any

from models.registry import queries
from models.registry import units as registry
from models.store import schema
from models.store.change import Change
from models.store.entry import Entry
from models.store.fold import content
from models.store.journal import EntryRow
from models.store.lookup import row_of
from sync.server import log
from sync.server.central import CITY, Central
from sync.server.tables import Account, Device, UnitGrant

if TYPE_CHECKING:
    from sync.server.people import Caller

ACCOUNT = "account"
"""Kind of record of the grants: what a person may, as the server says it."""
RETURNING_MS = 30 * 24 * 3_600_000
"""For so long after a restore, what was written before a change that came back is judged as it was then."""


def say_grant(
    central: Central,
    officer: str,
    role: str,
    units: Iterable[str],
    read_only: Iterable[str],
    *,
    by: str = "",
    why: str = "",
) -> None:
    """Log what a person may from now on; within the transaction of the rows. The same again writes nothing.

    Args:
        units: codes of the units granted for reading and writing.
        read_only: codes of those granted for reading only.
        by: record id of who decided, where that is known.
    """
    told = {"officer": officer, "role": role, "units": sorted(units), "read_only": sorted(read_only)}
    standing = _standing(_grants(central, officer))
    if len(standing) == 1 and told.items() <= content(standing[0]).items():
        return
    body = told | {"why": why, "b": [each.uid for each in standing]}
    central.write(Change("grant", ACCOUNT, _record(officer), CITY, body=body), by=by)
    tell(central, officer)


def say_revoked(central: Central, device: str, *, by: str = "", second: str = "", why: str = "") -> None:
    """Log that a device is revoked; within the transaction of its row. Once for each device.

    Args:
        by: record id of who decided, where that is known.
        second: that of who decided together with them.
    """
    if revocation(central, device) is None:
        body = {"officer": Device.get_by_id(device).officer, "why": why} | ({"and": second} if second else {})
        central.write(Change("revoke", "device", device, CITY, body=body), by=by)


def say_factor(central: Central, officer: str, word: str) -> None:
    """Log that an account was given a second factor, another one, or none any more; within that write.

    Args:
        word: given, renewed or taken.
    """
    central.write(Change("note", ACCOUNT, _record(officer), CITY, body={"officer": officer, "factor": word}))


def factor_undone(central: Central, officer: str) -> bool:
    """Whether the last that the log says of an account's second factor came back from a former life of the
    log: a restore undid it, and the secret is in no log.
    """
    entries = central.journal.entries_of(_record(officer))
    said = [each for each in entries if each.parsed_head.d == central.device and "factor" in content(each)]
    return bool(said) and max(said, key=_weight).parsed_head.o is not None


def revocation(central: Central, device: str) -> Entry | None:
    """The server's word that a device is revoked; it is never taken back. Inside the server's seat."""
    rows = EntryRow.select().where((EntryRow.record == device) & (EntryRow.kind == "revoke"))
    row = rows.where(EntryRow.device == central.device).order_by(EntryRow.seq).first()
    return row.entry() if row is not None else None


def tell(central: Central, officer: str) -> None:
    """Let all devices of a person see what they may, also where the city's unit is not granted."""
    rows = Device.select(Device.id).where((Device.officer == officer) & Device.revoked_at.is_null())
    devices = [row.id for row in rows]
    for entry in _grants(central, officer) if devices else ():
        for device in devices:
            log.notify(device, entry)


def obey(central: Central, said: Iterable[Entry]) -> None:
    """Let words of a former life, that the server has just said again, have their effect; within their write.

    A grant that was made since counts more than any that comes back.
    """
    officers: dict[str, None] = {}
    for entry in said:
        head = entry.parsed_head
        if head.k == "grant":
            officers[str(content(entry).get("officer"))] = None
        elif head.k == "revoke":
            Device.update(revoked_at=entry.time).where(
                (Device.id == head.e) & Device.revoked_at.is_null()
            ).execute()
    for officer in officers:
        _apply(central, officer)
        tell(central, officer)


def _apply(central: Central, officer: str) -> None:
    newest = max(_standing(_grants(central, officer)), key=_weight)
    told = content(newest)
    known = row_of(Account, officer=officer)
    if known is None:
        person = queries.officer(central, officer)
        name = person.name if person is not None and person.name else officer
    else:
        name = known.name
    keep(officer, name, told["role"], told["units"], told["read_only"], newest.time)


def keep(
    officer: str, name: str, role: str, units: Collection[str], read_only: Collection[str], at: int
) -> None:
    """Write the rows of an account and its grants, in place of those of before."""
    schema.keep(Account, officer=officer, name=name, role=role, active=True)
    UnitGrant.delete().where(UnitGrant.officer == officer).execute()
    for unit in dict.fromkeys((*units, *read_only)):
        UnitGrant.create(officer=officer, unit=unit, granted_at=at, writes=unit in units)


def _record(officer: str) -> str:
    # not the officer's own id: their record is of another unit
    return f"{ACCOUNT}:{officer}"


def _grants(central: Central, officer: str) -> list[Entry]:
    entries = central.journal.entries_of(_record(officer))
    said = (each for each in entries if each.parsed_head.d == central.device)
    return [each for each in said if each.parsed_head.k == "grant"]


def _standing(grants: Collection[Entry]) -> list[Entry]:
    """Those that no other replaces: several where two lives of the log went on from the same one."""
    replaced = {uid for each in grants for uid in content(each).get("b", ())}
    return [each for each in grants if each.uid not in replaced]


def _weight(grant: Entry) -> Any:
    """What was said in this life of the log was said after what comes back of another."""
    return grant.parsed_head.o is None, grant.order()


# --- what was written before a change that a restored server heard of again -----------------------------


def judged_as(central: Central, caller: Caller, *, given_back: bool = False) -> Callable[[Entry], Caller]:
    """Whose rights an entry of a device is judged by: the caller's, and for a while after a restore what its
    person had when it was written, where a change came back before the entry did.

    The entry may have had its effect in the former life. A revoked device is believed so only through others.

    Args:
        given_back: whether another device gives the entries back.
    """
    began = int(central.latest("epoch_began") or 0)
    if not began or central.clock.wall_ms() - began > RETURNING_MS:
        return lambda entry: caller
    grants = sorted(_grants(central, caller.officer), key=Entry.order)
    again = max((each.time for each in grants if each.parsed_head.o is not None), default=0)
    revoked = revocation(central, caller.device) if given_back and caller.revoked else None

    def judged(entry: Entry) -> Caller:
        found = caller
        if revoked is not None and revoked.parsed_head.o is not None and entry.time < revoked.time:
            found = dataclasses.replace(found, revoked=False)
        before = [each for each in grants if each.time <= entry.time]
        return _with(found, content(before[-1])) if before and entry.time < again else found

    return judged


def _with(caller: Caller, told: dict[str, Any]) -> Caller:
    role = registry.role(told["role"])
    units = dict.fromkeys((*caller.units, *told["units"], *told["read_only"]))
    may = caller.may | (role.may if role is not None else frozenset())
    return dataclasses.replace(caller, units=tuple(units), writes=caller.writes | set(told["units"]), may=may)
