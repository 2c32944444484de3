"""The child process of `load_untrusted`: reads one file within limits, writes JSON to standard output."""

from __future__ import annotations

import sys

import msgspec

from models.errors import QingchaError
from models.forms import guard
from models.forms.load import MEMORY, SECONDS, to_xform
from models.registry import bounded


def main() -> int:
    """Convert the file named on the command line."""
    bounded.bound(memory=MEMORY, seconds=SECONDS, output=guard.MOST_XFORM * 4)
    try:
        answer: object = to_xform(sys.argv[1])
    except QingchaError as error:
        answer = bounded.error_answer(error)
    sys.stdout.buffer.write(msgspec.json.encode(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
