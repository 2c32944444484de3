"""What the administrator does on the server's own machine: `qingcha admin init|officer|code|revoke`.

Each call opens the folder, does one thing and closes it; SQLite lets it work beside a running server.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import BadInput
from models.language import N_
from models.registry import imports, queries, verbs
from models.registry import units as registry
from models.registry.imports import ImportReport
from models.registry.tables import Officer
from models.store.fold import content
from models.store.keys import make_recovery_pair
from models.store.lookup import by_id
from models.store.shares import Plan, split
from sync.address import ServerAddress, enrolment_text, read_enrolment
from sync.server import factors, people, quarantine, redacting, rights, two_persons
from sync.server.central import Central
from sync.server.people import person
from sync.server.settings import Settings
from sync.server.tables import Account, Device, Succession, UnitGrant


@dataclass(frozen=True, slots=True)
class Made:
    """A new server. `recovery_secret` and its shares are shown once and kept nowhere."""

    server: str
    """The server's device id."""
    recovery_public: str
    recovery_secret: str
    """Empty where it was split: nobody has the whole of it."""
    shares: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Code:
    """A one-time enrolment code."""

    code: str
    qr: str
    """Text for a QR code: address, code and the server's identity in one."""
    officer: str


def init(
    folder: Path, *, organisation: str, host: str, database: str = "", files: str = "", shares: str = ""
) -> Made:
    """Make a server: signing key, certificate authority, and the agency's recovery key pair.

    Args:
        host: the public name, as QR codes and devices use it, with the port where it is not 443.
        database: `postgresql://…` to keep the journal there and not in the folder.
        files: `s3://bucket/prefix` to keep evidence there and not in the folder.
        shares: how the recovery key is split, as "3/5"; whole where it is "".

    Raises:
        StoreRefused: when there is a server already.
        BadInput: when the organisation or host is empty, or an address or the way of splitting is not one.
    """
    if not organisation.strip():
        raise BadInput(N_("Give the organisation's name: --organisation."))
    _refuse_no_host(host)
    elsewhere = Settings(database=database, files=files).checked()
    plan = Plan.of(shares) if shares else None
    pair = make_recovery_pair()
    parts = tuple(split(pair.identity, plan)) if plan is not None else ()
    central = Central.create(
        folder,
        organisation=organisation.strip(),
        host=host.strip().lower(),
        recovery=pair.recipient,
        settings=elsewhere if elsewhere != Settings() else None,
    )
    try:
        return Made(central.device, pair.recipient, "" if parts else pair.identity, parts)
    finally:
        central.close()


def _refuse_no_host(host: str) -> None:
    """Refuse what cannot stand in every QR code.

    Raises:
        BadInput: it is not a name or an address, with or without a port.
    """
    named = read_enrolment(enrolment_text(host.strip(), "A" * 32, "0" * 32))
    try:
        fits = named is not None and ServerAddress.parse(named.address).url == named.address
    except BadInput:
        fits = False
    if not fits:
        raise BadInput(
            N_(
                "“{host}” cannot stand in QR codes. Give the server's public name alone, such as "
                "sync.example.cn or sync.example.cn:8443; a Chinese domain name in its xn-- form."
            ),
            host=host,
        )


def import_sites(server: Path | Central, path: Path, *, only_good_rows: bool = False) -> ImportReport:
    """Enter a list of sites (.csv or .xlsx) into the register that all notebooks receive.

    Raises:
        BadInput: as `models.registry.imports.import_sites`.
    """
    with _central(server) as central:
        report = imports.import_sites(central, path, only_good_rows=only_good_rows)
        central.sign_head()
        return report


def add_officer(
    server: Path | Central,
    name: str,
    *,
    units: Sequence[str] = (),
    role: str = "officer",
    record: str = "",
    **fields: Any,
) -> str:
    """Enter a person in the register and let them bring devices.

    Args:
        units: codes of the units granted; by default the person's own. The city's is added for reading, whose
            records (experts, bulletins, rankings) every notebook needs, but for who is a grid worker and no
            more.
        role: code or name of a role, or of several joined by commas ("officer,dispatcher").
        record: the id of the person's record where a notebook holds it already and will send it; the server
            then writes none of its own.
        fields: further fields of the officer record (`certificate`, `unit_code`, `phone`, …).

    A person whom a notebook entered, or who is in the register since before a restore, gets the account.

    Returns:
        The officer's record id.

    Raises:
        RuleBroken: as `models.registry.verbs.add_officer`.
        BadInput: a unit is none.
    """
    with _central(server) as central:
        # the code, however the role was given: an account whose role nobody knows may do nothing
        held = verbs.checked_officer({"name": name, "role": role})["role"]
        known = record or _without_account(central, name, fields.get("certificate"))
        officer = known or verbs.add_officer(central, name, role=held, **fields)
        row = queries.officer(central, officer)
        home = row.unit_code if row is not None else fields.get("unit_code")
        grants = _units(units) or ([home] if home else [])
        reading = [registry.city().code] if grants and held != "grid_worker" else []
        people.open_account(central, officer, name, held, grants, central.clock.wall_ms(), reading=reading)
        central.sign_head()
        return officer


def code(server: Path | Central, officer: str, *, hours: int = people.CODE_HOURS) -> Code:
    """A code with which the person enrols one device.

    Args:
        officer: record id, certificate number or name of a person with an account.

    Raises:
        BadInput: when there is no such person, or several of that name.
    """
    with _central(server) as central:
        found = person(central, officer)
        made = people.make_code(central, found, hours=hours)
        return Code(made, enrolment_text(central.meta("host") or "", made, central.device), found)


def revoke(
    server: Path | Central,
    device: str,
    *,
    by: str = "",
    second: str = "",
    codes: two_persons.Codes = two_persons.no_codes,
    why: str = "",
) -> None:
    """Revoke a device: it reads nothing more, and what it still sends is put aside.

    Args:
        by: as `code` names a person: who decides, where that is to be logged.
        second: who decides together with them, where server.toml asks for two (`two_persons.agreed`).
        codes: the current code of each.
        why: in words, for the log; nothing secret, as notebooks receive it.

    Raises:
        BadInput: when there is no such device, `by` names nobody, or as `two_persons.agreed`.
    """
    with _central(server) as central:
        with central:
            known = by_id(Device, device) is not None
        if not known:  # before a code is spent
            raise BadInput(
                N_("There is no device {device}. List them with: qingcha admin devices"), device=device
            )
        who = two_persons.agreed(central, by, second, codes)
        people.revoke(central, device, by=who.by, second=who.second, why=why.strip())
        central.sign_head()


def factor(server: Path | Central, officer: str) -> factors.Given:
    """Give a person a new secret for one-time codes, in place of any that they had.

    Raises:
        BadInput: as `code`.
    """
    with _central(server) as central:
        given = factors.give(central, person(central, officer))
        central.sign_head()
        return given


def no_factor(server: Path | Central, officer: str) -> bool:
    """Let a person do without one; False where they had none.

    Raises:
        BadInput: as `code`.
    """
    with _central(server) as central:
        had = factors.take_away(central, person(central, officer))
        central.sign_head()
        return had


def grant(
    server: Path | Central,
    officer: str,
    units: Sequence[str],
    *,
    reading: Sequence[str] = (),
    by: str = "",
    why: str = "",
) -> None:
    """Give a person exactly these units.

    Args:
        units: for reading and writing.
        reading: for reading only, but for what counties write in the city's unit (`access.is_shared`).
        by: as `revoke`, and why.

    Raises:
        BadInput: as `code`, also for `by`; a unit is none, or is granted in both ways.
    """
    units, reading = _units(units), _units(reading)
    if both := sorted({*units} & {*reading}):
        raise BadInput(N_("{unit} is granted for writing and for reading only: give it once."), unit=both[0])
    with _central(server) as central:
        found = person(central, officer)
        with central:
            account = Account.get_by_id(found)
        people.open_account(
            central,
            found,
            account.name,
            account.role,
            units,
            central.clock.wall_ms(),
            reading=reading,
            by=person(central, by) if by else "",
            why=why.strip(),
        )
        central.sign_head()


def release(server: Path | Central, device: str, *numbers: int, by: str, why: str) -> None:
    """Let entries that were put aside have their effect after all, for every reader.

    Args:
        numbers: of the device's entries.
        by: as `code` names a person: who decides, and needs an account for it.
        why: in words; it stays with the record.

    Raises:
        BadInput: as `quarantine.decide`, or `by` names nobody.
    """
    _decide(server, device, numbers, "release", by, why)


def reject(server: Path | Central, device: str, *numbers: int, by: str, why: str) -> None:
    """Decide that entries which were put aside stay so, for a reason that is told. As `release`."""
    _decide(server, device, numbers, "reject", by, why)


def written_on(server: Path | Central, record: str) -> list[redacting.Written]:
    """The entries of a record with their hashes, as `redact` takes them. Errors as `redacting.written_on`."""
    with _central(server) as central:
        return redacting.written_on(central, record)


def doomed(server: Path | Central, entry: str, file: str = "") -> redacting.Doomed:
    """What `redact` would take out; nothing is changed. Errors as `redacting.examine`."""
    with _central(server) as central:
        return redacting.examine(central, entry, file)


def redact(
    server: Path | Central,
    entry: str,
    *,
    by: str,
    why: str,
    file: str = "",
    second: str = "",
    codes: two_persons.Codes = two_persons.no_codes,
) -> tuple[redacting.Doomed, redacting.Leftovers]:
    """Take the content of an entry, or a file that it names, out for good, by order; what is left to see to.

    Args:
        entry: hash, 64 hex digits.
        by: as `code` names a person: who carries the order out.
        why: which order, in words; every notebook receives them.
        second, codes: as `revoke`.

    Raises:
        BadInput: as `redacting.redact`, `by` names nobody, or as `two_persons.agreed`.
        StoreRefused: as `redacting.redact`.
    """
    with _central(server) as central:
        going = redacting.examine(central, entry, file)  # before a code is spent
        who = two_persons.agreed(central, by, second, codes)
        redacting.redact(central, entry, by=who.by, second=who.second, why=why, file=file)
        return going, redacting.left_over(central)


def redacted(server: Path | Central) -> redacting.Leftovers:
    """Finish what a stop or somebody who was reading left undone of redactions; what is left to see to."""
    with _central(server) as central:
        redacting.finish(central)
        return redacting.left_over(central)


def _decide(
    server: Path | Central, device: str, numbers: Sequence[int], word: str, by: str, why: str
) -> None:
    with _central(server) as central:
        quarantine.decide(central, device, numbers, word=word, by=person(central, by), why=why)
        central.sign_head()


def aside(server: Path | Central) -> list[quarantine.Aside]:
    """All entries that were put aside, in the order of the log."""
    with _central(server) as central:
        return quarantine.listed(central)


def accounts(server: Path | Central) -> list[dict[str, Any]]:
    """All people with an account, by name, as plain values: who, role, units, and devices not revoked."""
    with _central(server) as central, central:
        certificates = {row.id: row.certificate for row in Officer.select()}
        grants: dict[str, list[UnitGrant]] = {}
        for row in UnitGrant.select().order_by(UnitGrant.unit):
            grants.setdefault(row.officer, []).append(row)
        holders = factors.holders(central)
        held = Counter(row.officer for row in Device.select().where(Device.revoked_at.is_null()))
        return [
            {
                "officer": row.officer,
                "name": row.name,
                "certificate": certificates.get(row.officer) or "",
                "role": row.role,
                "units": [each.unit for each in grants.get(row.officer, ()) if each.writes],
                "read_only": [each.unit for each in grants.get(row.officer, ()) if not each.writes],
                "devices": held[row.officer],
                "factor": row.officer in holders,
            }
            for row in Account.select().order_by(Account.name, Account.officer)
        ]


def devices(server: Path | Central) -> list[dict[str, Any]]:
    """All devices, newest first, as plain values."""
    with _central(server) as central, central:
        names = {row.officer: row.name for row in Account.select()}
        follows = {row.device: row.former for row in Succession.select()}
        return [
            {
                "device": row.id,
                "officer": names.get(row.officer, row.officer),
                "name": row.name,
                "enrolled_at": row.enrolled_at,
                "seen_at": row.seen_at,
                "revoked_at": row.revoked_at,
                "follows": follows.get(row.id),
                **_decided(central, row, names),
            }
            for row in Device.select().order_by(Device.enrolled_at.desc())
        ]


def _decided(central: Central, device: Device, names: Mapping[str, str]) -> dict[str, Any]:
    """Who revoked a device and why, as the log has it: one person or two, by name."""
    said = rights.revocation(central, device.id) if device.revoked_at is not None else None
    if said is None:
        return {"revoked_by": [], "why": ""}
    told = content(said)
    who = [str(each) for each in (said.parsed_head.u, told.get("and")) if each]
    return {"revoked_by": [names.get(each, each) for each in who], "why": str(told.get("why", ""))}


def _units(asked: Sequence[str]) -> list[str]:
    """The codes of units given by code or name."""
    found = {text: registry.unit_named(text) for text in asked}
    for text, unit in found.items():
        if unit is None:
            raise BadInput(
                N_("“{value}” is no unit of Zhangzhou. Give its name or code, such as 芗城区 or 350602."),
                value=text,
            )
    return [unit.code for unit in found.values() if unit is not None]


def _without_account(central: Central, name: str, certificate: str | None) -> str:
    """The record of a person of that name and certificate who has no account yet; "" for none."""
    if not certificate:
        return ""
    with central:
        # of one person there may be several: the notebook's own, and that which the account was made with
        named = (Officer.certificate == certificate, Officer.name == name, Officer.voided.is_null())
        held = [row.id for row in Officer.select(Officer.id).where(*named).order_by(Officer.made_at)]
        has = Account.select().where(Account.officer.in_(held)).exists()
    return "" if has or not held else str(held[0])


@contextlib.contextmanager
def _central(server: Path | Central) -> Iterator[Central]:
    if isinstance(server, Central):
        yield server
        return
    central = Central.open(server)
    try:
        yield central
    finally:
        central.close()
