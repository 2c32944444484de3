"""The server's log: one entry a line, with nothing in it that steers a terminal or forges a line."""

from __future__ import annotations

import logging
from typing import Any

from models.documents.text import one_line, visible


class CleanFormatter(logging.Formatter):
    """Names and paths from outside made visible; a traceback indented: no line of it looks like ours."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 -- logging's own name
        """The first line."""
        return one_line(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 -- logging's own name
        """The traceback."""
        return "  " + visible(super().formatException(ei)).replace("\n", "\n  ")


def log_to_stderr() -> None:
    """Send everything that is logged in this process to standard error, from warnings on."""
    handler = logging.StreamHandler()
    handler.setFormatter(CleanFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
