"""A strict reader of what an app writes to its terminal: anything that Textual does not write is foreign."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tui.quirks import UNSEEN

_ATTRIBUTE = r"(?:0|[1-9]|2[1-9]|[34]8;2;\d{1,3};\d{1,3};\d{1,3}|[34]9)"
_OWN = re.compile(
    "|".join(
        (
            rf"\x1b\[(?:{_ATTRIBUTE}(?:;{_ATTRIBUTE})*)?m",  # SGR in true colour
            r"\x1b\[\d{1,3};\d{1,3}H",  # the cursor to a place
            r"(?<=[mH])\n(?=\x1b\[\d{1,3};\d{1,3}H)",  # between the lines of a whole screen
            r"\x1b\[\?2026[hl]",  # a frame begins, ends
            r"\x1b\]22;[a-z-]{1,12}\x07",  # shape of the mouse pointer
        )
    )
)
"""What Textual 8.2.8 writes while it runs."""
_MODES = re.compile(
    r"\x1b\[\?(?:25|1000|1003|1004|1006|1015|1016|1049|2004|2048|7)[hl]"
    r"|\x1b\[\?(?:2026|2048)\$p|\x1b\[>\d+u|\x1b\[<u|\x1b\[c|\x1b\[\d? ?q|\x1b\[\?1049[hl]|\r?\n"
)
"""What it writes once, before the first and after the last frame."""
_ESCAPE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]P_^X].*?(?:\x07|\x1b\\|$)|\x1b.?|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Foreign:
    """Something that a terminal would obey or hide, and what stood around it."""

    what: str
    around: str


def foreign(written: str, *, modes: bool = False) -> list[Foreign]:
    """Everything in the output that is neither visible text nor one of Textual's own sequences.

    Args:
        modes: the output has the beginning and the end of a session too; what sets up the terminal is
            allowed before the first frame and after the last one.
    """
    frames = [match.start() for match in re.finditer(r"\x1b\[\?2026[hl]", written)]
    first, last = (frames[0], frames[-1]) if frames else (len(written), 0)
    found = []
    at = 0
    for match in UNSEEN.finditer(written):
        start = match.start()
        if start < at:
            continue  # within a sequence that was read already
        own = _OWN.match(written, start)
        if own is None and modes and not first < start < last:
            own = _MODES.match(written, start)
        if own is not None:
            at = own.end()
            continue
        whole = _ESCAPE.match(written, start)
        assert whole is not None
        found.append(Foreign(whole.group()[:80], written[max(0, start - 40) : start + 60]))
        at = start + 1
    return found


def printed(written: str) -> str:
    """The visible text in the output, without Textual's own sequences."""
    return _MODES.sub("", _OWN.sub("", written))
