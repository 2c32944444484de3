"""Whether a notebook's folder is the one that was open here last: a copy finds itself out at opening (R6).

A random token lies in the database and outside the folder, in the key store or in a file, and is renewed at
each opening. So a folder that was copied elsewhere finds no token there, and one that was put back from an
old image finds another than its own. The new token is noted in the database before it is put outside, and
either of the two is taken: wherever a crash falls between, the notebook knows itself again.
"""

from __future__ import annotations

import re
import secrets
from enum import Enum
from pathlib import Path

import msgspec

from models.store.durable import write_whole
from models.store.seat import Seat
from models.store.system_keyring import KeyringLike

TOKEN_BYTES = 16
FORGETFUL = 3
"""So often in a row nothing was found of what was put there: the place keeps nothing, and proves nothing."""
_FACT = "token"
_BACKUP = "backup"
"""The place of a token that is nowhere: a backup is a copy from its beginning."""
_WORD = re.compile("[0-9a-f]{32}")


class Finding(Enum):
    """What the token says of a notebook that was opened."""

    OWN = "own"
    COPY = "copy"
    """Another token lies there, or this is a backup."""
    LOST = "lost"
    """None lies there: another laptop or user account, or a key store that was made anew."""


class _Token(msgspec.Struct, frozen=True, omit_defaults=True):
    name: str
    """What it is called outside; drawn anew for a copy, so that the first notebook keeps its own."""
    place: str
    now: str
    next: str = ""
    """What was to take its place at the last opening."""
    lost: int = 0
    """How often in a row it was not found."""


class TokenPlaces:
    """Where tokens lie outside of the notebooks: the key store where it is given, else files in a folder."""

    def __init__(self, folder: Path, keyring: KeyringLike | None = None) -> None:
        """Nothing is made yet.

        Args:
            folder: for the files; in no notebook's folder.
            keyring: the key store that this notebook's key has a part in, if any.
        """
        self._folder = folder
        self._keyring = keyring
        self.best = "keyring" if keyring is not None else "file"
        """Where a token is kept from now on."""

    def get(self, place: str, name: str) -> str | None:
        """The token of that name; None where none lies there.

        Raises:
            OSError: whether it lies there cannot be said.
        """
        if place == "keyring":
            kept = self._keyring.get(_named(name)) if self._keyring is not None else None
            return kept.hex() if kept is not None else None
        try:
            return (self._folder / name).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None
        except UnicodeError:
            return ""

    def put(self, name: str, token: str) -> bool:
        """Keep a token in the best place; False when it would not take it."""
        if self._keyring is not None:
            return self._keyring.put(_named(name), bytes.fromhex(token))
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(self._folder / name, token.encode())
        except OSError:
            return False
        return True


def _named(name: str) -> str:
    return f"token-{name}"  # beside the secrets of `models.store.keys`, which bear names of the same form


def look(seat: Seat, places: TokenPlaces) -> Finding:
    """Compare the token of a notebook just opened, and renew it where it is its own.

    One that has none yet, as it was made before there were tokens, gets one. Where it cannot be asked, as
    for want of rights, nothing is said and nothing changed.

    Raises:
        StoreRefused: the disk is full; nothing was renewed.
    """
    token = _of(seat)
    if token is None:
        make(seat, places)
        return Finding.OWN
    if token.place == _BACKUP:
        return Finding.COPY
    try:
        there = places.get(token.place, token.name)
    except OSError:
        return Finding.OWN
    if there is None and token.lost < FORGETFUL:
        return Finding.LOST
    if there is not None and there not in {token.now, token.next}:
        return Finding.COPY
    _renew(seat, places, token, there)
    return Finding.OWN


def _renew(seat: Seat, places: TokenPlaces, token: _Token, there: str | None) -> None:
    fresh = secrets.token_hex(TOKEN_BYTES)
    lost = token.lost if there is None else 0
    # noted first, put second: between the two the old one lies there, after it the new one; both are known
    _keep(seat, msgspec.structs.replace(token, now=there or fresh, next=fresh, lost=lost))
    if places.put(token.name, fresh) and token.place != places.best:
        # after a recovery the key store may have come, or gone
        _keep(seat, _Token(token.name, places.best, fresh, lost=lost))


def make(seat: Seat, places: TokenPlaces, *, lost: int = 0) -> bool:
    """Give a notebook a token under a new name; False where no place keeps one.

    Args:
        lost: how often in a row its token was not found.

    Raises:
        StoreRefused: the disk is full.
    """
    name, fresh = secrets.token_hex(TOKEN_BYTES), secrets.token_hex(TOKEN_BYTES)
    # put first: what the database does not name yet is nobody's, and the next opening makes another
    if not places.put(name, fresh):
        return False
    _keep(seat, _Token(name, places.best, fresh, lost=lost))
    return True


def times_lost(seat: Seat) -> int:
    """How often in a row the token was not found."""
    token = _of(seat)
    return token.lost if token is not None else 0


def forget(seat: Seat) -> None:
    """Have no token: the next opening makes one. The old one stays where it lies, for who may have it."""
    seat.set_meta(**{_FACT: None})


def mark_as_copy(seat: Seat) -> None:
    """Let a backup be known as a copy wherever it is opened, so that the notebook itself never is."""
    name = secrets.token_hex(TOKEN_BYTES)
    _keep(seat, _Token(name, _BACKUP, secrets.token_hex(TOKEN_BYTES)))


def place_of(seat: Seat) -> str:
    """Where its token is kept: keyring or file; empty where it has none."""
    token = _of(seat)
    return "" if token is None or token.place == _BACKUP else token.place


def _of(seat: Seat) -> _Token | None:
    kept = seat.meta(_FACT)
    try:
        token = msgspec.json.decode(kept, type=_Token) if kept else None
    except msgspec.MsgspecError:
        return None
    return token if token is not None and _WORD.fullmatch(token.name) else None


def _keep(seat: Seat, token: _Token) -> None:
    seat.set_meta(**{_FACT: msgspec.json.encode(token).decode()})
