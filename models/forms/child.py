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
        answer = error_answer(error)
    sys.stdout.buffer.write(msgspec.json.encode(answer))
    return 0


def error_answer(error: QingchaError) -> dict[str, object]:
    """An error as JSON; one within another stays translatable."""
    return {
        "msgid": error.msgid,
        "params": {
            key: error_answer(value) if isinstance(value, QingchaError) else value
            for key, value in error.params.items()
        },
    }


if __name__ == "__main__":
    sys.exit(main())
