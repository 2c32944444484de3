"""The keys of a notebook: one random data key, kept only in wrapped form.

    passphrase --Argon2id--+
    keyring secret --------+--HKDF--> wrapping key --AES-256-GCM--> data key (32 random bytes)
    agency's recovery key --age--------------------------------> recovery copy of the data key
    data key --HKDF--> database key | identity of the evidence files | wrapping of the signing key

The file holds no secret in the clear. The growing wait slows a colleague at the keyboard; against
somebody who holds a copy of the disk only the cost of Argon2id and the keyring secret stand.
Python cannot promise to erase memory: `DataKey.forget` does its best and no more.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from models.errors import BadInput, RuleBroken, StoreRefused, WrongPassphrase, reason_of
from models.language import N_
from models.store.data_key import KEY_BYTES, AgePair, DataKey, hkdf, make_recovery_pair, seal, unseal
from models.store.durable import write_whole
from models.store.locking import hold
from models.store.system_keyring import KeyringLike, system_keyring

__all__ = [
    "FAST",
    "STANDARD",
    "AgePair",
    "Cost",
    "DataKey",
    "KeyringLike",
    "TooSoon",
    "Unwritable",
    "change_passphrase",
    "create",
    "make_recovery_pair",
    "name_of",
    "recover",
    "recovery_recipient",
    "set_recovery",
    "system_keyring",
    "takes_part",
    "unlock",
    "unwritable",
    "wait_left",
]

VERSION = 1
SHORTEST_PASSPHRASE = 8
LONGEST_WAIT_S = 300


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess costs: Argon2id memory in KiB, passes and lanes (RFC 9106).

    The standing cost took 0.4-0.7 s on the machines measured.
    """

    memory_kib: int = 262_144
    iterations: int = 3
    lanes: int = 4


STANDARD = Cost()
FAST = Cost(memory_kib=64, iterations=1, lanes=1)
"""For tests, which pass it by name; never a default."""

_COST_LIMITS = Cost(memory_kib=2_097_152, iterations=64, lanes=64)
"""A file asking for more is damaged or hostile: it would only use up the memory."""


class TooSoon(WrongPassphrase):
    """The wait after wrong tries has not passed; the passphrase was not looked at."""

    def __init__(self, delay: int) -> None:
        super().__init__(delay)
        self.msgid = N_("Too many wrong passphrases. Wait {seconds} s, then try again.")


class Unwritable(StoreRefused):
    """The key file's folder takes nothing: its disk is full, or to be read only."""


@dataclass(frozen=True, slots=True)
class _Slots:
    """What the file holds."""

    id: str
    cost: Cost
    salt: bytes
    keyring: bool
    wrapped: bytes
    check: bytes
    """Tells a right data key from a wrong one at recovery; derived one way, so it gives nothing away."""
    recovery: tuple[str, bytes] | None = None
    """The recipient, and the data key encrypted to it in age format."""
    failures: int = 0
    tried_at: int = 0
    not_before: int = 0
    unknown: Mapping[str, Any] = field(default_factory=dict)
    """Members that a later version wrote; kept as they are."""


# --- verbs -----------------------------------------------------------------------------------------


def create(
    path: Path,
    passphrase: str,
    *,
    cost: Cost = STANDARD,
    keyring: KeyringLike | None = None,
    recovery_recipient: str | None = None,
) -> DataKey:
    """Make a new data key and keep it, wrapped, at `path`.

    Raises:
        RuleBroken: when the passphrase is too short or cannot be written as text.
        StoreRefused: when there is a key file already, or it cannot be written.
        BadInput: when the recovery recipient is not an age recipient.
    """
    secret_text = _accepted(passphrase)
    if path.exists():
        raise StoreRefused(N_("There is a notebook here already. Open it, or choose another folder."))
    data_key = DataKey(secrets.token_bytes(KEY_BYTES))
    name = secrets.token_hex(16)
    slots = _wrapped_anew(data_key, secret_text, name, cost, keyring)
    if recovery_recipient is not None:
        slots = replace(slots, recovery=_recovery_copy(data_key, recovery_recipient))
    _write(path, slots)
    return data_key


def unlock(path: Path, passphrase: str, *, keyring: KeyringLike | None = None, now_ms: int) -> DataKey:
    """Open the data key. Every try is counted on the disk before it is checked.

    Args:
        path: the key file.
        passphrase: as typed; its Unicode form does not matter.
        keyring: where the second secret is, when the notebook was made with one.
        now_ms: the time now, in ms since the epoch.

    Raises:
        WrongPassphrase: with the seconds to wait: 1, 2, 4 … 300, also after a restart.
        TooSoon: while that wait lasts, for the right passphrase too.
        StoreRefused: when the file is missing, damaged or unwritable, or the keyring's secret is gone.
    """
    with _alone(path):
        return _unlocked(path, passphrase, keyring, now_ms)


def _unlocked(path: Path, passphrase: str, keyring: KeyringLike | None, now_ms: int) -> DataKey:
    slots = _read(path)
    second = _second_secret(slots, keyring)
    waiting = _waiting(slots, now_ms)
    if now_ms < slots.tried_at:
        # The clock was set back: count the wait from here, or it could last for years.
        _write(path, replace(slots, tried_at=now_ms, not_before=now_ms + waiting * 1000))
    if waiting:
        raise TooSoon(waiting)
    delay = _delay(slots.failures + 1)
    _write(
        path,
        replace(slots, failures=slots.failures + 1, tried_at=now_ms, not_before=now_ms + delay * 1000),
    )
    try:
        wrapping = _wrapping_key(_normal(passphrase), slots.salt, slots.cost, second)
        data_key = DataKey(unseal(wrapping, slots.wrapped, _bound(slots)))
    except MemoryError:
        _write(path, slots)  # nothing was checked, so nothing counts
        raise StoreRefused(
            N_("Opening needs {count} MB of free memory. Close other programs and try again."),
            count=slots.cost.memory_kib // 1024,
        ) from None
    except (InvalidTag, ValueError):
        raise WrongPassphrase(delay) from None
    _write(path, replace(slots, failures=0, tried_at=0, not_before=0))
    return data_key


def wait_left(path: Path, now_ms: int) -> int:
    """The seconds until the next try is taken; 0 when it would be taken now."""
    return _waiting(_read(path), now_ms)


def change_passphrase(
    path: Path,
    old: str,
    new: str,
    *,
    keyring: KeyringLike | None = None,
    now_ms: int,
    cost: Cost | None = None,
) -> DataKey:
    """Wrap the same data key under a new passphrase; files and database stay as they are.

    Raises:
        RuleBroken: when the new passphrase is too short.
        WrongPassphrase, TooSoon, StoreRefused: as `unlock` for the old one.
    """
    accepted = _accepted(new)
    with _alone(path):
        data_key = _unlocked(path, old, keyring, now_ms)
        slots = _read(path)
        anew = _wrapped_anew(data_key, accepted, slots.id, cost or slots.cost, keyring)
        _write(path, replace(anew, recovery=slots.recovery, unknown=slots.unknown))
    return data_key


def set_recovery(path: Path, data_key: DataKey, recipient: str) -> None:
    """Keep a copy of the data key that only the agency's recovery key opens.

    Raises:
        BadInput: when it is not an age recipient (`age1…`).
    """
    copy = _recovery_copy(data_key, recipient)
    with _alone(path):
        _write(path, replace(_read(path), recovery=copy))


def recovery_recipient(path: Path) -> str | None:
    """Whom the recovery copy is for; None when there is none yet."""
    recovery = _read(path).recovery
    return recovery[0] if recovery else None


def recover(
    path: Path,
    recovery_identity: str,
    new_passphrase: str,
    *,
    keyring: KeyringLike | None = None,
    cost: Cost | None = None,
) -> DataKey:
    """Open the data key with the agency's recovery key and wrap it under a new passphrase.

    Raises:
        RuleBroken: when the new passphrase is too short.
        BadInput: when the recovery key is not one, or opens another notebook's copy.
        StoreRefused: when this notebook has no recovery copy.
    """
    accepted = _accepted(new_passphrase)
    with _alone(path):
        return _recovered(path, recovery_identity, accepted, keyring, cost)


def _recovered(
    path: Path, recovery_identity: str, accepted: bytes, keyring: KeyringLike | None, cost: Cost | None
) -> DataKey:
    import pyrage

    slots = _read(path)
    if slots.recovery is None:
        raise StoreRefused(
            N_("This notebook has no recovery copy: it never met its server. Only its passphrase opens it.")
        )
    try:
        identity = pyrage.x25519.Identity.from_str(recovery_identity.strip())
    except (pyrage.IdentityError, ValueError):
        raise BadInput(N_("This is not a recovery key. It begins with AGE-SECRET-KEY-1.")) from None
    try:
        data_key = DataKey(pyrage.decrypt(slots.recovery[1], [identity]))
    except (pyrage.DecryptError, ValueError):
        raise BadInput(N_("This recovery key does not open this notebook.")) from None
    if not secrets.compare_digest(data_key.derive(b"check"), slots.check):
        raise BadInput(N_("This recovery key does not open this notebook."))
    anew = _wrapped_anew(data_key, accepted, slots.id, cost or slots.cost, keyring)
    _write(path, replace(anew, recovery=slots.recovery, unknown=slots.unknown))
    return data_key


def takes_part(path: Path) -> bool:
    """Whether this notebook needs the keyring's secret beside the passphrase."""
    return _read(path).keyring


def name_of(path: Path) -> str:
    """The name that a notebook's key bears for ever, also under another passphrase and in a copy."""
    return _read(path).id


# --- wrapping --------------------------------------------------------------------------------------


def _accepted(passphrase: str) -> bytes:
    normal = unicodedata.normalize("NFC", passphrase)
    try:
        encoded = normal.encode()
    except UnicodeEncodeError:
        raise RuleBroken(
            N_("The passphrase holds a character that is not text. Type it again."), field="passphrase"
        ) from None
    if len(normal) < SHORTEST_PASSPHRASE:
        raise RuleBroken(
            N_("The passphrase is too short: at least {count} characters."),
            field="passphrase",
            count=SHORTEST_PASSPHRASE,
        )
    return encoded


def _normal(passphrase: str) -> bytes:
    return unicodedata.normalize("NFC", passphrase).encode(errors="surrogatepass")


def _wrapped_anew(
    data_key: DataKey, passphrase: bytes, name: str, cost: Cost, keyring: KeyringLike | None
) -> _Slots:
    second = None
    if keyring is not None:
        second = keyring.get(name) or secrets.token_bytes(KEY_BYTES)
        if not keyring.put(name, second):
            second = None  # a key store that keeps nothing: the passphrase alone, and the file says so
    salt = secrets.token_bytes(16)
    slots = _Slots(name, cost, salt, second is not None, b"", data_key.derive(b"check"))
    wrapping = _wrapping_key(passphrase, salt, cost, second)
    return replace(slots, wrapped=seal(wrapping, data_key.raw(), _bound(slots)))


def _second_secret(slots: _Slots, keyring: KeyringLike | None) -> bytes | None:
    if not slots.keyring:
        return None
    second = keyring.get(slots.id) if keyring is not None else None
    if second is None:
        raise StoreRefused(
            N_(
                "The key store of this computer does not give the notebook's second secret. "
                "Log in to the desktop as the same user, or ask for the recovery key."
            )
        )
    return second


def _wrapping_key(passphrase: bytes, salt: bytes, cost: Cost, second: bytes | None) -> bytes:
    stretched = Argon2id(
        salt=salt,
        length=KEY_BYTES,
        iterations=cost.iterations,
        lanes=cost.lanes,
        memory_cost=cost.memory_kib,
    ).derive(passphrase)
    return hkdf(stretched + (second or b""), b"qingcha wrapping" + (b" with keyring" if second else b""))


def _bound(slots: _Slots) -> bytes:
    """What the wrapping is bound to, so that slots of two notebooks are not interchangeable."""
    return f"qingcha data key {VERSION} {slots.id}".encode()


def _recovery_copy(data_key: DataKey, recipient: str) -> tuple[str, bytes]:
    import pyrage

    try:
        public = pyrage.x25519.Recipient.from_str(recipient.strip())
    except (pyrage.RecipientError, ValueError):
        raise BadInput(N_("This is not a public recovery key. It begins with age1.")) from None
    return str(public), pyrage.encrypt(data_key.raw(), [public])


def _delay(failures: int) -> int:
    """The seconds to wait after so many wrong tries in a row: 1, 2, 4 … 256, 300."""
    return min(1 << min(failures - 1, 16), LONGEST_WAIT_S)


def _waiting(slots: _Slots, now_ms: int) -> int:
    if not slots.failures:
        return 0
    if now_ms < slots.tried_at:
        return _delay(slots.failures)
    return max(0, -((now_ms - slots.not_before) // 1000))


# --- the file --------------------------------------------------------------------------------------


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let nobody else change the file meanwhile: a backup that opens it would put back what it had read."""
    if not path.exists():
        _read(path)  # says what is missing, and makes nothing beside it
    try:
        held = hold(path.with_name(path.name + ".lock"), wait=True)
    except OSError as error:
        raise unwritable(error) from error
    with held:
        yield


def _write(path: Path, slots: _Slots) -> None:
    document = {
        **slots.unknown,
        "version": VERSION,
        "id": slots.id,
        "argon2id": {**asdict(slots.cost), "salt": _text(slots.salt)},
        "keyring": slots.keyring,
        "wrapped": _text(slots.wrapped),
        "check": _text(slots.check),
        "recovery": slots.recovery and {"recipient": slots.recovery[0], "age": _text(slots.recovery[1])},
        "tries": {"failures": slots.failures, "tried_at": slots.tried_at, "not_before": slots.not_before},
    }
    try:
        write_whole(path, json.dumps(document, indent=1).encode())
    except OSError as error:
        raise unwritable(error) from error


def unwritable(error: OSError) -> Unwritable:
    """The refusal where the notebook's folder takes nothing."""
    return Unwritable(
        N_("The key file cannot be written: {reason}. Free space or ask for rights to the folder."),
        reason=reason_of(error),
    )


_KNOWN = {"version", "id", "argon2id", "keyring", "wrapped", "check", "recovery", "tries"}


def _read(path: Path) -> _Slots:
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise StoreRefused(N_("There is no notebook here: its key file is missing.")) from None
    except OSError as error:
        raise StoreRefused(N_("The key file cannot be read: {reason}."), reason=reason_of(error)) from error
    except (ValueError, RecursionError):
        raise _damaged() from None
    try:
        if document["version"] > VERSION:
            raise StoreRefused(
                N_("This notebook was made by a newer version of the program. Update the program.")
            )
        return _slots(document)
    except (KeyError, TypeError, ValueError, binascii.Error, AttributeError):
        raise _damaged() from None


def _slots(document: Any) -> _Slots:
    argon2 = document["argon2id"]
    cost = Cost(*(_number(argon2[name]) for name in ("memory_kib", "iterations", "lanes")))
    low_enough = (
        1 <= cost.iterations <= _COST_LIMITS.iterations
        and 1 <= cost.lanes <= _COST_LIMITS.lanes
        and 8 * cost.lanes <= cost.memory_kib <= _COST_LIMITS.memory_kib
    )
    tries = document["tries"]
    recovery = document["recovery"]
    slots = _Slots(
        id=document["id"],
        cost=cost,
        salt=_bytes(argon2["salt"]),
        keyring=document["keyring"],
        wrapped=_bytes(document["wrapped"]),
        check=_bytes(document["check"]),
        recovery=(recovery["recipient"], _bytes(recovery["age"])) if recovery else None,
        failures=_number(tries["failures"]),
        tried_at=_number(tries["tried_at"]),
        not_before=_number(tries["not_before"]),
        unknown={name: value for name, value in document.items() if name not in _KNOWN},
    )
    if not (
        low_enough
        and isinstance(slots.id, str)
        and isinstance(slots.keyring, bool)
        and 8 <= len(slots.salt) <= 1024
        and slots.failures >= 0
    ):
        raise ValueError
    return slots


def _damaged() -> StoreRefused:
    return StoreRefused(N_("The key file is damaged. Restore the notebook's folder from a backup."))


def _number(value: object) -> int:
    if type(value) is not int:
        raise TypeError
    return value


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
