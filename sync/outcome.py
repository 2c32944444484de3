"""How a synchronisation went, in sentences for a person and a code for a program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from models.errors import QingchaError
from models.language import N_, translate


class Exit(IntEnum):
    """Exit codes of `qingcha sync` and `qingcha enrol`."""

    DONE = 0
    FAILED = 1
    NO_ANSWER = 10
    WRONG_CERTIFICATE = 11
    DISK_FULL = 12
    SERVER_FULL = 13
    REVOKED = 14
    NOT_ENROLLED = 15
    WRONG_CODE = 16
    USED_CODE = 17
    EXPIRED_CODE = 18
    CANCELLED = 19
    PUT_ASIDE = 20
    FORK = 21
    SERVER_WENT_BACK = 22
    SERVER_REWRITTEN = 23
    OLD_COPY = 24
    FILE_DAMAGED = 25
    WRONG_SERVER = 26
    CODE_DUE = 27
    BUNDLE_REFUSED = 30
    NEXT_BUNDLE = 31


@dataclass(frozen=True, slots=True)
class Trouble:
    """One sentence, to be translated when it is shown."""

    exit: Exit
    msgid: str
    params: dict[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """The sentence in the reader's language."""
        return translate(self.msgid).format(**self.params)


class SyncFailed(QingchaError):
    """A synchronisation or enrolment cannot go on; nothing was lost."""

    def __init__(self, exit_code: Exit, msgid: str, **params: Any) -> None:
        super().__init__(msgid, **params)
        self.exit_code = exit_code

    def trouble(self) -> Trouble:
        """The same as a value."""
        return Trouble(self.exit_code, self.msgid, self.params)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a synchronisation is: amounts of entries or files, and bytes."""

    phase: str
    """hello, push, pull, files or done."""
    done: int = 0
    total: int = 0
    """0 where it is not known."""
    bytes_done: int = 0
    bytes_total: int = 0


@dataclass(slots=True)
class Outcome:
    """What a synchronisation did."""

    entries_sent: int = 0
    """Entries of this device whose receipt was verified in this session."""
    entries_received: int = 0
    files_sent: int = 0
    """Files whose receipt was verified in this session."""
    bytes_up: int = 0
    bytes_down: int = 0
    requests: int = 0
    put_aside: int = 0
    """Entries that the server put aside in this session."""
    unsent_entries: int = 0
    """What is left: entries without a receipt."""
    unsent_files: int = 0
    factor: str = ""
    """What the server said of the person's second factor; empty from one of before it."""
    problems: list[Trouble] = field(default_factory=list)
    """What kept it from being whole; the first one gives the exit code."""
    warnings: list[Trouble] = field(default_factory=list)
    """What a person should know although all went well."""

    @property
    def exit_code(self) -> int:
        """0 when everything is there."""
        return int(self.problems[0].exit) if self.problems else int(Exit.DONE)

    @property
    def code_due(self) -> bool:
        """Whether a code of the person's is all that it lacks to receive."""
        return any(each.exit == Exit.CODE_DUE for each in self.problems)

    @property
    def ok(self) -> bool:
        """Whether everything that was here is there."""
        return not self.problems


def senseless(what: str) -> SyncFailed:
    """The server's answer makes no sense: nothing of it is kept."""
    return SyncFailed(Exit.FAILED, REFUSED, reason=f"senseless answer ({what})")


Told = Callable[[Progress], None]

NO_ANSWER = N_(
    "The server at {server} does not answer. Check the network and the address, and try again; nothing "
    "was lost."
)
NO_TLS = N_(
    "What answers at {server} does not speak https. Check the address and the port; nothing was sent."
)
NOT_THE_SERVER = N_(
    "Something other than the server answers at this address, perhaps the sign-in page of this network. "
    "Sign in or change the network, then try again; nothing was lost."
)
UNKNOWN_AUTHORITY = N_(
    "The certificate of the server at {server} is from an authority that this laptop does not know. "
    "Nothing was sent. Ask the administrator; an authority of the bureau's own is named by --ca FILE."
)
OTHER_NAME = N_(
    "The certificate of what answers at {server} is for another name. Nothing was sent. Check the "
    "address, or ask the administrator."
)
WRONG_CERTIFICATE = N_(
    "The server's certificate is not trusted: {reason}. Nothing was sent. Ask the administrator."
)
SERVER_FULL = N_(
    "The server's disk is full. What it has not received is kept here; tell the administrator, try again "
    "later."
)
BUSY = N_(
    "The server at {server} cannot answer now: it, its database or its storage of files is busy or away. "
    "Nothing was lost; try again in some minutes, and tell the administrator if that lasts."
)
DAMAGED = N_(
    "The server found its own log damaged and takes nothing more. Everything is kept here; tell the "
    "administrator."
)
REVOKED = N_(
    "This device was revoked. What it sends is put aside until a supervisor releases it; "
    "it receives nothing. Ask the administrator."
)
REVOKED_FULL = N_(
    "This device was revoked and has handed in as much as a revoked device may. The rest is kept here; ask "
    "the administrator."
)
REVOKED_LATE = N_(
    "This device was revoked more than 30 days ago: the server takes nothing more from it. Everything is "
    "kept here; ask the administrator."
)
RELEASED = N_(
    "A supervisor decided on what was put aside. Entries that count now: {released}; that stay aside: "
    "{rejected}."
)
NOT_ENROLLED = N_("This notebook is not enrolled with a server. Enrol it with a code from the administrator.")
DEVICE_UNKNOWN = N_(
    "The server at {server} does not know this device. Check the address; if it is right, ask the "
    "administrator for a new enrolment code."
)
WRONG_CODE = N_(
    "The server does not know this code. Compare it with the one you were given, and type it again."
)
NO_ADDRESS = N_(
    "This is a code without its server. Give the server's address too (--server sync.example.cn), or the "
    "whole text that stands below the code."
)
USED_CODE = N_("This code was used for another device. Ask the administrator for a new one.")
ANOTHERS_CODE = N_(
    "This code was made for another person than the one whose notebook this is. Ask the administrator for a"
    " code of your own."
)
EXPIRED_CODE = N_("This code has expired. Ask the administrator for a new one.")
CANCELLED = N_("Stopped. What was received is safe; the rest goes next time.")
PUT_ASIDE = N_(
    "Entries that the server put aside: {count}. They are kept and shown; a supervisor can release them."
)
UNITS_TAKEN = N_(
    "Your account no longer has {units}. Entries of others that were removed from this laptop: {count}. "
    "What you wrote yourself stays."
)
STOPPED = N_("The server did not accept entry {seq}: {reason}. Everything is kept here; run qingcha doctor.")
FORK = N_(
    "This notebook and the server hold different entries under the same number: it was copied, or an old "
    "copy was restored. Nothing was changed; ask the administrator."
)
PARTED_BY_STICK = N_(
    "The server already has other entries under the numbers of this notebook: it was copied, or an old copy"
    " was restored. It goes on as a device of its own, {device}; entries written again under that name: "
    "{count}. Export once more and carry that. If you did not copy it, tell the administrator."
)
REHOMED = N_(
    "The server already has other entries under the numbers of this notebook: it was copied, or an old copy"
    " was restored. It goes on as a device of its own, {device}; entries written again under that name: "
    "{count}. Nothing was lost. If you did not copy it, tell the administrator."
)
FOUND_COPIED = N_(
    "This notebook was copied or moved, or an old copy of it was put back. It goes on as a device of its own,"
    " {device}; nothing was lost, and there is nothing to do. If nobody did that, tell the administrator."
)
COPY_CERTIFIED = N_(
    "The server now knows this notebook as a device of its own, {device}, since it was copied or moved. If "
    "nobody did that, tell the administrator."
)
ROOM_MADE = N_(
    "The disk was full: room that was set aside for this was freed, so that this could go on. Free some space"
    " now."
)
CONFLICTS = N_(
    "Fields written differently on two laptops: {count}. Settle them on the Sync screen, under Conflicts."
)
SERVER_WENT_BACK = N_(
    "The server was restored from an older state meanwhile. Everything is kept here; synchronise again."
)
SERVER_RESTORED = N_(
    "The server was restored from a backup. It has everything again that this notebook holds; entries given"
    " back: {others} of others, {carried} more under this notebook's name."
)
SERVER_REWRITTEN = N_(
    "The server's log is not the one it signed before. Nothing more was sent; tell the administrator."
)
OLD_COPY = N_(
    "An old copy of this notebook was restored. "
    "What it lacked was fetched from the server, up to entry {count}."
)
FILES_DAMAGED = N_(
    "Files that are damaged or missing on this laptop and were not sent: {count}. 'qingcha doctor' names "
    "them: take the originals in again, or put them back from a backup."
)
FILES_LEFT = N_("Files that could not be sent yet: {count}. Try again.")
WRONG_SERVER = N_(
    "This is not the server that the notebook is enrolled with; its answer was not believed. "
    "Check the address."
)
ENROLLED_ELSEWHERE = N_(
    "This notebook is enrolled with another server, {server}, and stays there; nothing was changed. "
    "For the new server begin another notebook."
)
CLOCK_AHEAD = N_("This laptop's clock is {amount} fast. It works all the same; set the clock when you can.")
CLOCK_BEHIND = N_("This laptop's clock is {amount} slow. It works all the same; set the clock when you can.")
CERTIFICATE_TIME = N_("The server's certificate is outside its dates, or this laptop's clock is wrong.")
UPGRADE = N_("This version of Qingcha is too old to receive. What you wrote was sent; please update.")
NO_BUNDLE_KEY = N_(
    "The server has not told this notebook yet what bundles for it are locked with. Synchronise once over a "
    "network, then export."
)
NEXT_BUNDLE = N_(
    "The answer does not hold all that is needed now. What was in it is taken in;"
    " export again, and carry that."
)
REFUSED = N_("The server refused: {reason}. Everything is kept here; tell the administrator.")

REASONS = {
    "reject": N_("a supervisor rejected it"),
    "unit": N_("its unit is not granted to this person"),
    "forbidden": N_("this role may not write it"),
    "sealed": N_("the record was sealed and the seal does not cover it"),
    "schema": N_("its content is malformed"),
    "projection": N_("its content cannot be read"),
    "revoked": N_("the device was revoked"),
}
"""What a verdict's type means, to be put after a colon."""


def reason(kind: str) -> str:
    """What a verdict's type means, in the reader's language; an unknown type is given as it is."""
    return translate(REASONS.get(kind, kind))
