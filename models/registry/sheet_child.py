"""The child process of `sheets.rows_apart`: reads one table within limits, writes JSON to standard output."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from models.errors import QingchaError
from models.registry import bounded, sheets


def main() -> int:
    """Read the file named on the command line."""
    bounded.bound(memory=sheets.MEMORY, seconds=sheets.SECONDS, output=sheets.ANSWER_LIMIT)
    answer: object
    try:
        answer = [
            [number, [[cell.text, cell.fault] for cell in cells]]
            for number, cells in sheets.rows(Path(sys.argv[1]))
        ]
    except QingchaError as error:
        answer = bounded.error_answer(error)
    sys.stdout.buffer.write(msgspec.json.encode(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
