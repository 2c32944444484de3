"""What a check of an evidence package found, in fixed words: what is proved, and what is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from models.documents.verify import FALSE, GENUINE, UNKNOWN, Verdict
from models.language import N_, translate
from models.store.sealing import SealLine

__all__ = ["FALSE", "GENUINE", "UNKNOWN", "PackageVerdict", "Said", "refused"]

Said = tuple[str, Mapping[str, Any]]
"""Message id and parameters of a sentence."""

INTEGRITY = N_(
    "Integrity: every file fits its hash; the record and its evidence are unchanged since they were sealed."
)
TAKEN_OUT = N_(
    "Taken out by order, and not altered: {name}. The record names it by its hash, and the server signed "
    "that it went."
)
ORIGIN = N_(
    "Origin: sealed by the registered device {key}; the root certificate vouches for it ({organisation})."
)
UNREGISTERED = N_("Origin: sealed by an unregistered device. Nobody vouches for its key {key}.")
NO_ROOT = N_(
    "Origin: not checked. Give the agency's root certificate: else anyone could have made the key {key}."
)
NOT_BEFORE = N_(
    "Time: sealed not before {time}. The record names the checkpoint that the server signed then."
)
NO_LOWER_BOUND = N_(
    "Time: not before: not proved. The package holds no checkpoint that the record names with its time."
)
NOT_AFTER = N_("Time: sealed not after {time}. By then the server had it in its log, by its own clock.")
STAMPED = N_("Time: sealed not after {time}, by the outside time-stamp of {authority}.")
STAMP_UNCHECKED = N_(
    "There is an outside time-stamp. To check it, give the root certificate of its authority too (--tsa)."
)
LOGGED = N_("Logged: entry {place} of {size} in the log of {origin}.")
NOT_LOGGED = N_(
    "Not logged yet: the package holds no proof of the server's log. Until a seal is logged, or its page "
    "handed out, who has the device could still seal another record in its place."
)
CLOCK = N_("The device's clock, by which it was sealed at {time}, disagrees with these times.")
NOT_PROVED = N_(
    "Not proved: that the content is true, that the device's clock was right, or what was before the seal."
)

GENUINE_PACKAGE = N_("Genuine: evidence package of the record {number}; files of evidence in it: {files}.")
UNVOUCHED = N_("Cannot be checked to the end: the package is whole, but nobody vouches for who sealed it.")

NO_ROOT_USED = N_("none was given")

_CHINA = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class PackageVerdict(Verdict):
    """A verdict on a package; its answer is as `Verdict.answer`."""

    said: tuple[Said, ...] = field(default=())
    """What was found, line by line; empty unless the package is whole."""
    logged: bool = False
    """Whether the server's log was proved to hold the seal."""
    root: str = ""
    """SHA-256 of the root certificate that it was checked against; empty where there was none."""
    root_of: str = ""
    """Whose that is."""

    def fields(self) -> list[tuple[str, str]]:
        """What the seal says, then the root certificate that the package was checked against."""
        whose = f"{self.root_of} " if self.root_of else ""
        used = f"{whose}SHA-256 {self.root}" if self.root else translate(NO_ROOT_USED)
        # by its class: a dataclass with slots is made anew, and `super()` does not find that
        return [*Verdict.fields(self), (translate(N_("Root certificate used")), used)]

    def sentences(self) -> list[str]:
        """The headline, then each finding, in the reader's language."""
        return [self.headline(), *(_spoken(msgid, params) for msgid, params in self.said)]


def refused(answer: str, reason: str, seal: SealLine | None = None, /, **params: Any) -> PackageVerdict:
    """A verdict of which nothing is proved; the sentence may speak of a reason, too."""
    return PackageVerdict(answer, reason, params, seal, with_record=True)


def _spoken(msgid: str, params: Mapping[str, Any]) -> str:
    told = {name: shown(value) if name == "time" else value for name, value in params.items()}
    return translate(msgid).format(**told)


def shown(time: str) -> str:
    """A time in RFC 3339, UTC, as China has it."""
    moment = datetime.strptime(time, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) + _CHINA
    return f"{moment:%Y-%m-%d %H:%M:%S} (UTC+8)"
