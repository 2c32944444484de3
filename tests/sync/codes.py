"""The app on a person's phone, for tests: the codes of a secret that the server gave."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from models.store.clock import now_ms
from sync.server.factors import Given


class Phone:
    """Shows the codes of one secret, one after another."""

    def __init__(self, given: Given) -> None:
        self._codes = TOTP(base64.b32decode(given.secret), 6, SHA1(), 30)

    def code(self, later: int = 0, *, at_ms: int | None = None) -> str:
        """The code of now, or of so many steps later."""
        seconds = (now_ms() if at_ms is None else at_ms) // 1000
        return self._codes.generate(seconds + 30 * later).decode()

    def wrong(self, at_ms: int | None = None) -> str:
        """Six digits that are the code of no step near now."""
        near = {self.code(later, at_ms=at_ms) for later in range(-3, 4)}
        return next(each for each in (f"{number:06}" for number in range(9)) if each not in near)
