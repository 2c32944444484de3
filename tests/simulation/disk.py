"""Crashes and full disks of a seat, at its commits: what a process leaves behind is what was committed."""

from __future__ import annotations

from peewee import OperationalError

from models.store.seat import Seat

from .chance import Faults

RATES = {
    "client crash before commit": 0.009,
    "client crash after commit": 0.009,
    "client disk full": 0.007,
    "server crash before commit": 0.006,
    "server crash after commit": 0.006,
    "server disk full": 0.006,
}


class Crashed(BaseException):
    """The process of this seat is gone; nothing may catch it as an error."""

    def __init__(self, owner: object) -> None:
        super().__init__()
        self.owner = owner


class Watched:
    """The commits of one opened seat."""

    def __init__(self, seat: Seat, faults: Faults, side: str, owner: object) -> None:
        self._seat = seat
        self._faults = faults
        self._side = side
        self._owner = owner
        self.gone = False
        self._commit = seat._writer.commit
        seat._writer.commit = self.commit

    def commit(self) -> None:
        """Commit, or not, or be gone before or after."""
        self._survive("crash before commit")
        if self._faults.hit(f"{self._side} disk full"):
            raise OperationalError("database or disk is full")
        self._commit()
        self._survive("crash after commit")

    def _survive(self, what: str) -> None:
        if self.gone or self._faults.hit(f"{self._side} {what}"):
            self.gone = True
            raise Crashed(self._owner)
