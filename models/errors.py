"""The errors that reach a person, drawn as one small tree.

QingchaError
├── RuleBroken        a rule of law or of the bureau is not met; nothing was written
├── BadInput          what was given cannot be read; says what to give instead
├── WrongPassphrase   with the seconds to wait before the next try
├── NotebookLocked    the notebook is closed; unlock it
└── StoreRefused      the store will not open or go on: version, damage, another process
"""

from __future__ import annotations

import errno
from typing import Any

from models.language import N_, translate


class QingchaError(Exception):
    """One clear sentence for a person: an English msgid and its parameters."""

    def __init__(self, msgid: str, **params: Any) -> None:
        super().__init__(msgid, params)
        self.msgid = msgid
        self.params = params

    def text(self) -> str:
        """The sentence in the reader's language."""
        return translate(self.msgid).format(**self.params)

    def __str__(self) -> str:
        return self.text()


class RuleBroken(QingchaError):
    """A rule is not met: which field, and by which legal basis (both may be empty)."""

    def __init__(self, msgid: str, *, field: str = "", basis: str = "", **params: Any) -> None:
        super().__init__(msgid, **params)
        self.field = field
        self.basis = basis


class BadInput(QingchaError):
    """What was given cannot be read; the sentence says what to give instead."""


class WrongPassphrase(QingchaError):
    """The passphrase opens nothing; `delay` is the seconds before the next try is taken."""

    def __init__(self, delay: int) -> None:
        super().__init__(
            N_("This passphrase does not open the notebook. Wait {seconds} s and try again."), seconds=delay
        )
        self.delay = delay


class NotebookLocked(QingchaError):
    """The notebook is closed."""

    def __init__(self) -> None:
        super().__init__(N_("The notebook is locked. Unlock it with your passphrase."))


class StoreRefused(QingchaError):
    """The store will not open: unsafe library, damaged file, another process."""


_BY_KIND: dict[type[OSError], str] = {
    FileNotFoundError: N_("there is no such file or folder"),
    PermissionError: N_("the system does not permit it"),
    IsADirectoryError: N_("it is a folder"),
    NotADirectoryError: N_("a part of the path is a file, not a folder"),
    FileExistsError: N_("it exists already"),
}
"""By kind, not by number: those of TLS count from 1 again, as EPERM and ENOENT do."""
_BY_NUMBER = {
    errno.ENOSPC: N_("the disk is full"),
    errno.EROFS: N_("it can only be read"),
    errno.ENAMETOOLONG: N_("the name is too long"),
    errno.EADDRINUSE: N_("another program listens there already"),
    errno.EADDRNOTAVAIL: N_("this computer has no such address"),
}


def reason_of(error: OSError) -> QingchaError | str:
    """Why the system refused, for `{reason}` in a sentence; in the system's own words where it is rare."""
    words = _BY_KIND.get(type(error)) or _BY_NUMBER.get(error.errno or 0)
    return QingchaError(words) if words else error.strerror or str(error)
