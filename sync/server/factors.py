"""The second factor of a person: a secret in an app on the phone, and its codes (RFC 6238), each taken once.

A code is shown when a session is opened and holds for `code_hours` on that device. Without one a device may
still hand in all that it has; it is told nothing of what others wrote. Secrets are sealed by what follows
from the server's signing key. Wrong codes are counted in the database: all processes count the same.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple
from urllib.parse import quote

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from models.store import schema
from models.store.data_key import hkdf, seal, unseal
from models.store.database import run
from models.store.lookup import row_of
from sync.server import rights
from sync.server.central import Central
from sync.server.tables import Account, CodeShown, CodeTaken, Factor, WrongCode

DIGITS, STEP_S, SECRET_BYTES = 6, 30, 20
"""What phone apps expect; the length of the secret is that of RFC 4226 section 4, R6."""
_ISSUER = "Qingcha"
_DRIFT = (0, -1, 1)
"""Time steps off which a phone's clock may be (RFC 6238 section 5.2)."""
OF_DEVICE, DEVICE_MS = 5, 15 * 60_000
"""Wrong codes of one person from one device in so long; more are not looked at."""
OF_PERSON, PERSON_MS = 20, 24 * 3_600_000
"""The same from all their devices: twenty of a million a day, each for three steps, find one in 45 years."""

Verdict = Literal["taken", "none", "wrong", "used", "wait"]
"""What becomes of a code: none, as the person has no secret; used, as it or a later one of now was taken
before; wait, as there were too many wrong ones."""
Standing = Literal["none", "shown", "due", "wrong", "used", "wait"]
"""What a session is told: shown, on this device, lately; due, as none was; else why the given one did not
do."""


class Shown(NamedTuple):
    """What a session is told of the second factor."""

    standing: Standing
    code: Verdict | Literal[""]
    """What became of the code that came; "" where none did."""


@dataclass(frozen=True, slots=True)
class Given:
    """A new secret; shown once and told nowhere again."""

    officer: str
    secret: str
    """Base32, as one types it into an app."""
    uri: str
    """`otpauth://…`, for a QR code."""


def give(central: Central, officer: str) -> Given:
    """Give an account a new secret in place of any that it had; the log says so, without it.

    Raises:
        KeyError: nobody has that account.
    """
    made = secrets.token_bytes(SECRET_BYTES)
    with central.writing():
        account = row_of(Account, officer=officer)
        if account is None:
            raise KeyError(officer)
        again = _forget(officer)
        now = central.clock.wall_ms()
        Factor.create(officer=officer, secret=seal(_key(central), made, officer.encode()), made_at=now)
        rights.say_factor(central, officer, "renewed" if again else "given")
    text = base64.b32encode(made).decode()
    return Given(officer, text, _uri(text, account.name))


def take_away(central: Central, officer: str) -> bool:
    """Let an account do without a second factor; False where it had none. The log says so."""
    with central.writing():
        had = _forget(officer)
        if had:
            rights.say_factor(central, officer, "taken")
        return had


def _uri(secret: str, name: str) -> str:
    """As apps read it from a QR code (the Key URI format of Google Authenticator).

    Digits, step and hash are what they take where none are named: a shorter text fits a smaller terminal.
    """
    return f"otpauth://totp/{_ISSUER}:{quote(name[:20], safe='')}?secret={secret}&issuer={_ISSUER}"


def _forget(officer: str) -> bool:
    for table in (CodeShown, CodeTaken, WrongCode):
        table.delete().where(table.officer == officer).execute()
    return bool(Factor.delete().where(Factor.officer == officer).execute())


def holders(central: Central) -> set[str]:
    """The accounts that have a secret."""
    with central:
        return {row.officer for row in Factor.select(Factor.officer)}


def undone(central: Central) -> list[str]:
    """Names of the people whose second factor was given, changed or taken away after the backup that was put
    back."""
    with central:
        rows = list(Account.select().order_by(Account.name, Account.officer))
        return [row.name for row in rows if rights.factor_undone(central, row.officer)]


def is_due(central: Central, officer: str, device: str) -> bool:
    """Whether a person has to show a code before this device is told anything of others."""
    with central:
        return row_of(Factor, officer=officer) is not None and not _is_shown(central, device)


def show(central: Central, officer: str, device: str, code: str) -> Shown:
    """Take the code that came with a session, if one did; what the session is told.

    What was shown on this device lately holds on, whatever comes after it: a call whose answer was lost comes
    again with the same code.
    """
    said: Standing = "due"
    verdict: Verdict | Literal[""] = take(central, {officer: code}, device)[officer] if code else ""
    if verdict == "taken":
        now = central.clock.wall_ms()
        with central.writing():
            schema.keep(CodeShown, device=device, officer=officer, at=now)
    elif verdict:
        said = verdict
    with central:
        if row_of(Factor, officer=officer) is None:
            return Shown("none", verdict)
        return Shown("shown" if _is_shown(central, device) else said, verdict)


def _is_shown(central: Central, device: str) -> bool:
    row = row_of(CodeShown, device=device)
    holds_ms = central.settings.code_hours * 3_600_000
    # one that bears a later time than now is of before the clock was set back: nobody knows how old it is
    return row is not None and 0 <= central.clock.wall_ms() - row.at < holds_ms


def take(central: Central, codes: Mapping[str, str], device: str) -> dict[str, Verdict]:
    """Take the codes of one person or several: all of them, each once, or none.

    Args:
        codes: by account.
        device: where they are shown.
    """
    now = central.clock.wall_ms()
    with central.writing():
        found: dict[str, Verdict] = {}
        steps: dict[str, int] = {}
        for officer, code in codes.items():
            row = row_of(Factor, officer=officer)
            if row is None:
                found[officer] = "none"
            elif _waits(officer, device, now):
                found[officer] = "wait"
            elif (
                step := _step_of(unseal(_key(central), bytes(row.secret), officer.encode()), code, now)
            ) is None:
                found[officer] = "wrong"
                run("DELETE FROM wrong_code WHERE at <= ?", (now - PERSON_MS,))
                WrongCode.create(officer=officer, device=device, at=now)
            elif _is_spent(row, step, now):
                found[officer] = "used"
            else:
                found[officer], steps[officer] = "taken", step
        if len(steps) == len(found):
            for officer, step in steps.items():
                CodeTaken.create(officer=officer, step=step)
        return found


def _is_spent(factor: Factor, step: int, now: int) -> bool:
    """Whether the code of a time step was taken, or a later one that may be of now.

    One of a step beyond that was taken while the clock ran ahead: it shuts out itself alone, when it comes.
    """
    latest = _step_at(now) + max(_DRIFT)
    if step <= factor.last_step <= latest:
        return True
    taken = CodeTaken.step.between(step, latest)
    return bool(CodeTaken.select().where((CodeTaken.officer == factor.officer) & taken).exists())


def _waits(officer: str, device: str, now: int) -> bool:
    own = WrongCode.officer == officer
    # what was wrong while the clock ran ahead counts as of now: neither for longer, nor once more by then
    WrongCode.update(at=now).where(own & (WrongCode.at > now)).execute()
    here = WrongCode.select().where(own & (WrongCode.device == device) & (WrongCode.at > now - DEVICE_MS))
    return here.count() >= OF_DEVICE or (
        WrongCode.select().where(own & (WrongCode.at > now - PERSON_MS)).count() >= OF_PERSON
    )


def _step_of(secret: bytes, code: str, now_ms: int) -> int | None:
    """The time step that a code is of; None for one of no step near now."""
    codes, step = _codes(secret), _step_at(now_ms)
    given = code.encode("utf-8", "replace")
    # all are compared: which one it is of takes no longer to find out than that it is of none
    fits = [each for each in _DRIFT if hmac.compare_digest(codes.generate((step + each) * STEP_S), given)]
    return step + fits[0] if fits else None


def _step_at(now_ms: int) -> int:
    return now_ms // 1000 // STEP_S


def _codes(secret: bytes) -> TOTP:
    return TOTP(
        secret, DIGITS, SHA1(), STEP_S
    )  # SHA-1 is what every app takes; HMAC does not lean on collisions


def _key(central: Central) -> bytes:
    return hkdf(central.signer.private_bytes(), b"qingcha factors")
