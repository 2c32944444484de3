"""The child process of `load_untrusted`: reads one file within limits, writes JSON to standard output."""

from __future__ import annotations

import sys

import msgspec

from models.errors import QingchaError
from models.forms import guard
from models.forms.load import MEMORY, SECONDS, to_xform


def _limit() -> None:
    """Bound memory, processor time and output; Windows has no such limits, there the parent's clock holds."""
    try:
        import resource
    except ImportError:
        return
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, guard.MOST_XFORM * 4),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(what, (most, most))
        except (ValueError, OSError):  # a tighter limit holds already, or the system has none (macOS: AS)
            continue


def main() -> int:
    """Convert the file named on the command line."""
    _limit()
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
