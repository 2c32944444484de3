"""What a server says when it does not do what was asked: RFC 9457 problem details, and nothing else.

Any answer that is neither a success nor one of these (a captive portal's page, a proxy's error) counts
as no answer at all.
"""

from __future__ import annotations

from typing import Any

import msgspec

from sync.wire import BadFrame, json_object

MEDIA_TYPE = "application/problem+json"
PREFIX = "urn:qingcha:problem:"

STATUS = {
    "gap": 409,
    "fork": 409,
    "epoch": 409,
    "mismatching-upload-offset": 409,
    "cursor-too-old": 410,
    "bad-frame": 422,
    "digest-mismatch": 422,
    "too-large": 413,
    "revoked": 403,
    "quota": 403,
    "too-late": 403,
    "forbidden": 403,
    "second-factor": 403,
    "auth": 401,
    "code-wrong": 403,
    "code-used": 403,
    "code-expired": 403,
    "code-another": 403,
    "upgrade": 426,
    "disk-full": 507,
    "busy": 503,
    "too-many": 429,
    "slow-down": 429,
    "not-found": 404,
    "bad-request": 400,
    "damaged": 500,
    "internal": 500,
}
"""The HTTP status of every problem that this protocol knows."""


class Problem(Exception):
    """A refusal, as the server raises it and as the client reads it."""

    def __init__(self, name: str, detail: str = "", *, retry_after: int | None = None, **more: Any) -> None:
        super().__init__(name, detail)
        self.name = name
        self.detail = detail
        """For a person who looks for the cause, in English; never shown as the message."""
        self.retry_after = retry_after
        """Seconds, where the server names them."""
        self.more = more
        """Further members: `probe`, `acc`, `offset`, …"""

    @property
    def status(self) -> int:
        """The HTTP status."""
        return STATUS.get(self.name, 500)

    def body(self) -> bytes:
        """The JSON object of RFC 9457 section 3."""
        members = {"type": PREFIX + self.name, "status": self.status, "title": self.name, **self.more}
        if self.detail:
            members["detail"] = self.detail
        return msgspec.json.encode(members)


def read_problem(content_type: str, body: bytes) -> Problem | None:
    """The problem in an answer; None for anything that this protocol's server did not write."""
    if content_type.partition(";")[0].strip().lower() != MEDIA_TYPE:
        return None
    try:
        members = json_object(body)
    except BadFrame:
        return None
    kind = members.pop("type", None)
    if not isinstance(kind, str) or not kind.startswith(PREFIX):
        return None
    detail = members.pop("detail", "")
    for known in ("status", "title"):
        members.pop(known, None)
    problem = Problem(kind.removeprefix(PREFIX), detail if isinstance(detail, str) else "")
    problem.more = members  # not as arguments: a member may be called as one of them
    return problem
