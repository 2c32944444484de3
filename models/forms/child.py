"""The child process of `load_untrusted`: reads one file within limits, writes JSON to standard output."""

from __future__ import annotations

import sys

import msgspec

from models.errors import QingchaError
from models.forms import guard
from models.forms.load import MEMORY, SECONDS, to_xform
from models.registry import bounded


def answer(file: str) -> bytes:
    """A file's XForm document, or why it gives none, as JSON."""
    try:
        return msgspec.json.encode(to_xform(file))
    except QingchaError as error:
        return msgspec.json.encode(bounded.error_answer(error))


def main() -> int:
    """Convert the file named on the command line."""
    bounded.bound(memory=MEMORY, seconds=SECONDS, output=guard.MOST_XFORM * 4)
    sys.stdout.buffer.write(answer(sys.argv[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
