"""The notebook's part of the second factor: a code that was typed, and what the server says of it."""

from __future__ import annotations

import unicodedata

from models.errors import BadInput
from models.language import N_
from sync.outcome import Exit, Trouble

PROBLEM = "second-factor"
"""How the server names what it tells only once a code was shown."""
DIGITS = 6
DUE = N_(
    "Everything was sent that could be. To receive, the server asks for the code of your phone's app: "
    "qingcha sync --code, or Phone code on the Sync screen."
)
WRONG = N_(
    "This is not the code that your phone shows now. What was written here was sent; to receive, take the "
    "next code and try again."
)
USED = N_(
    "This code was taken before, and each is taken once. Wait for the next one that your phone shows, and "
    "try again. What was written here was sent."
)
WAIT = N_(
    "There were too many wrong codes. Wait a quarter of an hour, then try again; where the phone is lost, "
    "the administrator gives you another secret. What was written here was sent."
)
STILL_HOLDS = N_("The code was not used: one that was shown before still holds on this laptop.")
NOT_ASKED = N_("The code was not used: the server asks you for none.")
_WORDS = {"wrong": WRONG, "used": USED, "wait": WAIT}
LACKS = frozenset({"due", *_WORDS})
"""What a session says of a person who has to show a code, or another one."""


def code_in(text: str) -> str:
    """The six digits in what a person typed: spaces and full-width digits are forgiven.

    Raises:
        BadInput: it is no code.
    """
    found = "".join(unicodedata.normalize("NFKC", text).split())
    if not (found.isascii() and found.isdigit() and len(found) == DIGITS):
        raise BadInput(N_("A code has six digits, as the app on the phone shows them."))
    return found


def trouble(said: str) -> Trouble:
    """Why nothing was received, by what the session said of the code."""
    return Trouble(Exit.CODE_DUE, _WORDS.get(said, DUE))


def unused(standing: str, code: str) -> Trouble | None:
    """That a code was typed for nothing, where nothing else says so.

    Args:
        standing: what the session said of the person.
        code: what it said of the code; "" where none was shown.
    """
    if standing == "none" and code:
        return Trouble(Exit.DONE, NOT_ASKED)
    return Trouble(Exit.DONE, STILL_HOLDS) if standing == "shown" and code in LACKS else None
