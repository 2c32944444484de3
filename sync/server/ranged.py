"""A file from a bucket as an HTTP answer, whole or one range of it (RFC 9110 section 14)."""

from __future__ import annotations

import re

from starlette.responses import Response, StreamingResponse

from sync.server.storage import Stored

_ONE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


def ranged(file: Stored, asked: str | None, headers: dict[str, str]) -> Response:
    """The answer to a request for a file.

    Args:
        asked: the Range field. What is not one range of bytes is passed over, as the RFC allows.
    """
    headers = {**headers, "accept-ranges": "bytes"}
    first, end, status = 0, file.size, 200
    found = _ONE.fullmatch(asked or "")
    if found is not None and any(found.groups()):
        first, end, status = *_bounds(file.size, *found.groups()), 206
        if first >= end:
            return Response(status_code=416, headers={**headers, "content-range": f"bytes */{file.size}"})
        headers["content-range"] = f"bytes {first}-{end - 1}/{file.size}"
    headers["content-length"] = str(end - first)
    return StreamingResponse(
        file.read(first, end), status, headers=headers, media_type="application/octet-stream"
    )


def _bounds(size: int, first: str, last: str) -> tuple[int, int]:
    """First byte and the one after the last; nothing between them where the range cannot be satisfied."""
    if not first:
        return (max(0, size - int(last)), size) if int(last) else (size, size)
    end = min(int(last) + 1, size) if last else size
    return int(first), end
