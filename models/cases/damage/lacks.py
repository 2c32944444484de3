"""What a case still lacks for its next step, whoever asks for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that is missing."""

    key: str
    """Stable name, as "paper:agreement" or "guidance:fisheries"."""
    text: str
    """What is missing and what to do, in the reader's language."""
    basis: str = ""
    blocking: bool = True
    """Whether the step cannot be taken without it; else it is only shown."""
    field: str = ""
