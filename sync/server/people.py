"""Who may come: accounts, units granted, one-time codes, devices, sessions, nonces."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from models.errors import BadInput
from models.language import N_
from models.registry import access, queries
from models.registry import units as registry
from models.registry.tables import Officer
from models.store import schema
from models.store.change import Change
from models.store.database import run, unhurried
from models.store.journal import EntryRow
from models.store.lookup import by_id, row_of, rows_of
from models.store.signer import device_id, key_id
from sync.problems import Problem
from sync.server import factors, log, rights
from sync.server.central import CITY, Central
from sync.server.tables import Account, Device, EnrolmentCode, Succession, UnitGrant
from sync.signing import FRESH_S

CODE_HOURS = 24
SESSION_S = 15 * 60
_NONCE_S = 120
_AHEAD_S = 5
"""By so much the clock may have been set back since, or be behind that of another process's machine."""
_KEEP_NONCE = "INSERT INTO used_nonce (nonce, used_at) VALUES (?, ?) ON CONFLICT DO NOTHING"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request comes from, and what that allows."""

    device: str
    officer: str
    role: str
    may: frozenset[str]
    units: tuple[str, ...]
    """Codes of the units granted."""
    writes: frozenset[str]
    """Those of them that are granted for writing too."""
    revoked: bool
    key: bytes
    """The device's public key, DER SubjectPublicKeyInfo."""
    code_due: bool = False
    """Whether the person has to show a code first: until then the device hands in and is told nothing."""

    @property
    def read_only(self) -> list[str]:
        """Codes of the units granted for reading only."""
        return [unit for unit in self.units if unit not in self.writes]

    def told(self) -> dict[str, Any]:
        """What a notebook is told of its person's rights."""
        return {
            "officer": self.officer,
            "role": self.role,
            "units": list(self.units),
            "read_only": self.read_only,
        }

    def reads(self, row: EntryRow) -> bool:
        """Whether a logged entry is told in a unit that is granted; asked with the server's seat bound."""
        if self.revoked or self.code_due:
            return False
        return not log.units_that_read(row).isdisjoint(self.units)

    def writes_in(self, unit: str, kind: str) -> bool:
        """Whether records of a kind may be written in a unit, as far as the grants go."""
        return unit in self.writes or (unit in self.units and access.is_shared(kind))


SUCCESSORS = 20
"""How often one device may fork: whoever copies a notebook more often is to be looked at."""

# --- the administrator's part ---------------------------------------------------------------------


def open_account(
    central: Central,
    officer: str,
    name: str,
    role: str,
    units: Sequence[str],
    now: int,
    *,
    reading: Collection[str] = (),
    by: str = "",
    why: str = "",
) -> None:
    """Let a person bring devices, with a role and units; called again it replaces both. The log says so.

    Args:
        units: codes of the units granted for reading and writing.
        reading: codes of those granted for reading only.
        by: record id of who decided, where that is known.
    """
    read_only = [unit for unit in dict.fromkeys(reading) if unit not in units]
    with central.writing():
        rights.keep(officer, name, role, units, read_only, now)
        rights.say_grant(central, officer, role, dict.fromkeys(units), read_only, by=by, why=why)


def make_code(central: Central, officer: str, *, hours: int = CODE_HOURS) -> str:
    """A one-time enrolment code: 128 random bits in base32, in groups of four.

    Raises:
        KeyError: when the person has no account.
    """
    code = base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=")
    now = central.clock.wall_ms()
    with central.writing():
        if row_of(Account, officer=officer) is None:
            raise KeyError(officer)
        EnrolmentCode.create(
            hash=_code_hash(code), officer=officer, made_at=now, expires_at=now + hours * 3_600_000
        )
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4))


def revoke(central: Central, device: str, *, by: str = "", second: str = "", why: str = "") -> bool:
    """Take a device's right to read; what it still sends is put aside (R14). False for an unknown one.

    The log says so, also of one that was revoked before the log did.

    Args:
        by: record id of who decided, where that is known.
        second: that of who decided together with them.
    """
    with central.writing():
        if by_id(Device, device) is None:
            return False
        Device.update(revoked_at=central.clock.wall_ms()).where(
            (Device.id == device) & Device.revoked_at.is_null()
        ).execute()
        rights.say_revoked(central, device, by=by, second=second, why=why)
        return True


def person(central: Central, asked: str) -> str:
    """The account of a person.

    Args:
        asked: certificate number, name or record id.

    Raises:
        BadInput: nobody's, or that of several.
    """
    with central:
        found = [row.officer for row in Account.select() if asked in (row.officer, row.name)]
        if not found:
            held = [row.id for row in queries.find_officers(central, asked)]
            found = [row.officer for row in Account.select().where(Account.officer.in_(held))]
    if len(found) != 1:
        raise BadInput(
            N_("“{text}” names no officer with an account, or several. Give the certificate number."),
            text=asked,
        )
    return str(found[0])


# --- enrolment ------------------------------------------------------------------------------------


def name_of(central: Central, officer: str) -> str:
    """The name of a person with an account."""
    with central:
        return str(Account.get_by_id(officer).name)


def enrol(
    central: Central, code: str, public_key: bytes, name: str, *, officer_certificate: str = ""
) -> Device:
    """Take a device in by a one-time code; the same device may repeat the call whose answer it lost.

    One that was revoked stays so, whatever code it brings: it hands in what it has, as R14 says.

    Raises:
        Problem: code-wrong, code-used, code-expired, code-another where the code's person holds another
            enforcement certificate than the notebook's, or bad-request for a key that is none.
    """
    device = device_id(public_key)
    now = central.clock.wall_ms()
    certificate = _certificate(central, public_key, device)
    with central.writing():
        known = row_of(EnrolmentCode, hash=_code_hash(code))
        if known is None:
            raise Problem("code-wrong")
        if known.used_by not in (None, device):
            raise Problem("code-used")
        row: Device | None = by_id(Device, device)
        if known.used_by == device and row is not None:
            return row
        if known.expires_at < now:
            raise Problem("code-expired")
        held = by_id(Officer, known.officer)
        numbers = {officer_certificate, (held.certificate if held is not None else None) or ""} - {""}
        # what a device wrote is its person's: it goes to nobody else with a code
        if len(numbers) == 2 or (row is not None and row.officer != known.officer):
            raise Problem("code-another")
        account = Account.get_by_id(known.officer)
        if not account.active:
            raise Problem("forbidden", "the account is closed")
        schema.keep(
            Device,
            id=device,
            public_key=public_key,
            key_id=key_id(public_key),
            officer=known.officer,
            name=name.replace("\0", "")[:80],
            certificate=certificate,
            enrolled_at=now,
            revoked_at=_revoked_at(central, device, row),
        )
        known.used_by = device
        known.save()
        rights.tell(central, known.officer)
        return Device.get_by_id(device)


def _revoked_at(central: Central, device: str, row: Device | None) -> int | None:
    """Since when a device is revoked; the log knows of one whose row a restore lost (R8)."""
    if row is not None and row.revoked_at is not None:
        return int(row.revoked_at)
    said = rights.revocation(central, device)
    return said.time if said is not None else None


def _certificate(central: Central, public_key: bytes, device: str) -> str:
    try:
        return central.certificate_for(public_key, device)
    except ValueError as reason:
        raise Problem("bad-request", "not a P-256 public key") from reason


def succeed(central: Central, former: Caller, public_key: bytes) -> Device:
    """Certify the key under which a forked notebook goes on; the same call may be repeated (R6).

    What follows a revoked device is revoked as long as that one: it hands in what the fork kept back (R14).

    Raises:
        Problem: too-many, forbidden for another's device, revoked for a key that was, or bad-request for one
            that is none.
    """
    device = device_id(public_key)
    now = central.clock.wall_ms()
    certificate = _certificate(central, public_key, device)
    with central.writing():
        known = row_of(Succession, device=device)
        if known is not None and known.former == former.device:
            return Device.get_by_id(device)
        if by_id(Device, device) is not None:
            raise Problem("forbidden", "this key is another device's")
        if rights.revocation(central, device) is not None:
            raise Problem("revoked")
        if Succession.select().where(Succession.former == former.device).count() >= SUCCESSORS:
            raise Problem("too-many", "this device has forked too often; enrol it with a code")
        before = Device.get_by_id(former.device)
        if former.revoked and len(_lineage(former.device)) > SUCCESSORS:  # each has a quota of its own
            raise Problem("too-many", "this device has forked too often")
        Device.create(
            id=device,
            public_key=public_key,
            key_id=key_id(public_key),
            officer=former.officer,
            name=before.name,
            certificate=certificate,
            enrolled_at=now,
            revoked_at=before.revoked_at,
        )
        Succession.create(device=device, former=former.device, at=now)
        # a fork is an alarm (somebody may have a copy): the log itself says so
        central.write(Change("note", "device", device, CITY, body={"follows": former.device, "why": "fork"}))
        if former.revoked:
            rights.say_revoked(central, device, why="fork")
        rights.tell(central, former.officer)
        return Device.get_by_id(device)


def went_on_from(device: str) -> list[str]:
    """A device and all whose chain it went on from (R6), itself first; asked with the server's seat bound."""
    found = [device]
    while (known := row_of(Succession, device=found[-1])) is not None:
        found.append(known.former)
    return found


def _lineage(device: str) -> list[str]:
    """The first device that one goes back to, and all that followed it."""
    found = went_on_from(device)[-1:]
    for each in found:
        found += [row.device for row in rows_of(Succession, "device", former=each)]
    return found


def caller(central: Central, device: str) -> Caller:
    """What a device may do now.

    Raises:
        Problem: auth, when it is not enrolled.
    """
    with central:
        found = caller_here(device)
    if found is None:
        raise Problem("auth", "not enrolled")
    return replace(found, code_due=True) if factors.is_due(central, found.officer, device) else found


def caller_here(device: str) -> Caller | None:
    """As `caller`, asked with the server's seat bound and whatever code was shown; None for a device that is
    not enrolled."""
    row = by_id(Device, device)
    account = row_of(Account, officer=row.officer) if row is not None else None
    if row is None or account is None:
        return None
    grants = rows_of(UnitGrant, "unit", officer=row.officer)
    role = registry.role(account.role)
    may = role.may if role is not None else frozenset()
    revoked = row.revoked_at is not None or not account.active
    units = tuple(grant.unit for grant in grants)
    writes = frozenset(grant.unit for grant in grants if grant.writes)
    return Caller(device, row.officer, account.role, may, units, writes, revoked, bytes(row.public_key))


def officer_of(device: str) -> str | None:
    """The account that a device was enrolled for; asked with the server's seat bound."""
    row = by_id(Device, device)
    return row.officer if row is not None else None


def public_key(central: Central, device: str) -> bytes | None:
    """The key of an enrolled device."""
    with central:
        row = by_id(Device, device)
        return bytes(row.public_key) if row is not None else None


def public_keys(central: Central, devices: Sequence[str]) -> dict[str, bytes]:
    """The keys of devices whose entries are in the log, the server's own among them."""
    with central:
        rows = (by_id(Device, each) for each in devices)
        found = {row.id: bytes(row.public_key) for row in rows if row is not None}
    if central.device in devices:
        found[central.device] = central.public_key_der
    return found


# --- sessions and nonces --------------------------------------------------------------------------


def server_nonce(central: Central) -> str:
    """A nonce for opening a session; nothing is stored for it until it is used."""
    body = f"{central.clock.wall_ms() // 1000:x}.{secrets.token_hex(12)}"
    return f"{body}.{_mac(central, 'nonce', body)}"


def check_server_nonce(central: Central, nonce: str) -> None:
    """Whether we gave this nonce out, lately.

    Raises:
        Problem: auth, when not.
    """
    body, _, mac = nonce.rpartition(".")
    if not hmac.compare_digest(mac.encode(), _mac(central, "nonce", body).encode()):
        raise Problem("auth", "not our nonce")
    age = central.clock.wall_ms() // 1000 - int(body.partition(".")[0], 16)
    if not -_AHEAD_S <= age <= _NONCE_S:
        raise Problem("auth", "the nonce is too old")


def use_nonce(central: Central, device: str, nonce: str) -> None:
    """Keep a nonce, so that its request is taken once only.

    Raises:
        Problem: auth, when it was used before.
    """
    now = central.clock.wall_ms()
    if not 0 < len(nonce) <= 200:
        raise Problem("auth", "no nonce")
    # after a loss of power the same request might be taken once more: it would change nothing again
    with unhurried(), central.writing():
        # kept for longer than any signature that bears it is fresh
        run("DELETE FROM used_nonce WHERE used_at < ?", (now - 3 * FRESH_S * 1000,))
        if not run(_KEEP_NONCE, (f"{device}:{nonce}", now)).rowcount:
            raise Problem("auth", "this request was taken already")


def open_session(central: Central, device: str) -> str:
    """A bearer token of fifteen minutes; any process of this server can check it."""
    body = f"{device}.{central.clock.wall_ms() // 1000 + SESSION_S:x}"
    return f"{body}.{_mac(central, 'session', body)}"


def session_device(central: Central, token: str) -> str:
    """The device that a bearer token was given to.

    Raises:
        Problem: auth, when it is not ours or has expired.
    """
    body, _, mac = token.rpartition(".")
    if not hmac.compare_digest(mac.encode(), _mac(central, "session", body).encode()):
        raise Problem("auth", "no session")
    device, _, until = body.partition(".")
    if int(until, 16) < central.clock.wall_ms() // 1000:
        raise Problem("auth", "the session has expired")
    return device


def _mac(central: Central, purpose: str, text: str) -> str:
    secret = bytes.fromhex(central.meta("session_secret") or "")
    return hmac.new(secret, f"{purpose}:{text}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:40]


def _code_hash(code: str) -> str:
    plain = "".join(code.split()).replace("-", "").upper()
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()
