"""`python -m sync.server FOLDER`: the server alone, as `qingcha serve` runs it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from models.documents.text import visible
from models.errors import QingchaError
from sync.server.serve import serve


def main() -> int:
    """Serve until stopped; 2 when it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m sync.server")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--cert", type=Path)
    parser.add_argument("--key", type=Path)
    parser.add_argument("--plain-http", action="store_true")
    parser.add_argument("--metrics", default="")
    given = parser.parse_args()
    try:
        serve(
            given.folder,
            host=given.host,
            port=given.port,
            certfile=given.cert,
            keyfile=given.key,
            plain_http=given.plain_http,
            metrics=given.metrics,
        )
    except QingchaError as error:
        print(visible(error.text()), file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
