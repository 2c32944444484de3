"""The description of every call in the form of OpenAPI 3.1, made of the table of calls: docs/openapi.json.

`python -m sync.server.openapi` prints it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from sync.problems import MEDIA_TYPE as PROBLEM
from sync.server import shapes
from sync.server.calls import Served, served_at
from sync.server.desk import Desk
from sync.wire import MEDIA_TYPE as ENTRIES
from sync.wire import Limits

_NUMBER = {"type": "string", "pattern": "^[0-9]{1,18}$"}
PARAMETERS: dict[str, tuple[str, dict[str, Any], bool, str]] = {
    "device": ("path", {"type": "string", "pattern": "^[0-9a-f]{32}$"}, True, "Device id"),
    "q": ("path", _NUMBER, True, "Number of the entry in its device's chain"),
    "sha256": ("path", {"type": "string", "pattern": "^[0-9a-f]{64}$"}, True, "Hash of the file's content"),
    "after": ("query", _NUMBER, False, "Up to where it is known"),
    "bytes": ("query", _NUMBER, False, "Size of the page at most, before compression"),
    "from": ("query", _NUMBER, False, "The earlier size of the log"),
    "to": ("query", _NUMBER, False, "The later size of the log"),
    "sync-epoch": ("header", {"type": "string"}, True, "The life of the log that is meant"),
    "sync-first": ("header", _NUMBER, True, "Number of the first entry"),
    "sync-prev": ("header", {"type": "string"}, True, "Hash before the first entry, base64"),
    "sync-units": ("header", {"type": "string"}, False, "`unit=number` of what is here, joined by commas"),
    "sync-snapshot": ("header", {"const": "?1"}, False, "Whether segments are understood"),
    "upload-offset": ("header", _NUMBER, True, "Where the bytes belong"),
    "upload-length": ("header", _NUMBER, True, "Of the whole file"),
    "upload-complete": ("header", {"enum": ["?0", "?1"]}, True, "Whether these are the last bytes"),
}
"""Name to place, schema, whether it is always needed, and what it is; `name!` in a row is needed there."""
_SECURITY: dict[str, list[dict[str, list[str]]]] = {
    "open": [],
    "session": [{"session": []}],
    "signed": [{"session": [], "signature": []}],
    "key": [{"signature": []}],
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a call takes and gives, beside what its handler's docstring says."""

    who: str = "session"
    """`open`; `session`, by bearer token; `signed`, by the device key too; `key`, by the key alone."""
    asks: Any = None
    """The type of the body: of `shapes`, or a media type."""
    tells: Any = None
    """The type of the answer: of `shapes`, or a media type; None for an empty one."""
    status: tuple[int, ...] = (200,)
    """What a success may be."""
    takes: tuple[str, ...] = ()
    """Names of the query's members and of steering fields, as `PARAMETERS` has them."""


_PART = "application/partial-upload"
_BYTES = "application/octet-stream"
SAID = {
    "enrol": Said("key", shapes.Enrol, shapes.Enrolled, (201,)),
    "nonce": Said("open", None, shapes.NonceTold),
    "session": Said("key", shapes.Session, shapes.SessionOpened),
    "hello": Said("signed", shapes.Hello, shapes.Standing),
    "push": Said("signed", ENTRIES, shapes.Pushed, takes=("sync-epoch", "sync-first", "sync-prev")),
    "reconcile": Said("signed", shapes.Reconcile, shapes.Reconciled),
    "recover": Said("signed", ENTRIES, shapes.Recovered, takes=("sync-epoch",)),
    "pull": Said(tells=ENTRIES, takes=("sync-epoch", "sync-units", "sync-snapshot", "after", "bytes")),
    "snapshot": Said(tells=shapes.Segments, takes=("sync-epoch", "sync-units")),
    "segment": Said(tells=_BYTES, status=(200, 206)),
    "own_entries": Said(tells=ENTRIES, takes=("after!", "bytes!")),
    "successor": Said("signed", shapes.Succession, shapes.Succeeded, (201,)),
    "receipt": Said(tells=shapes.ReceiptHeld),
    "consistency": Said(tells=shapes.Path, takes=("from!", "to!")),
    "probe": Said("signed", shapes.Probe, shapes.Probes),
    "blob_head": Said(),
    "blob_patch": Said(
        "signed", _PART, shapes.Uploaded, (201, 204), ("upload-offset", "upload-length", "upload-complete")
    ),
    "blob_put": Said("signed", _BYTES, shapes.Uploaded, (201,)),
    "blob_get": Said(tells=_BYTES, status=(200, 206)),
    "health": Said("open", None, shapes.Health, (200, 503)),
    "limit": Said("open", None, shapes.LimitsTold),
}
"""What each call takes and gives, by the name of its handler."""
_ABOUT = """Notebooks speak to the central server by these calls; docs/protocol.md says what they mean.

Every refusal is problem details (RFC 9457). A call that changes something bears an HTTP message signature
(RFC 9421) by the device key over method, path, query, Content-Digest and every field that steers it."""


def description(calls: Iterable[Served]) -> dict[str, Any]:
    """The OpenAPI document of these calls.

    Raises:
        ValueError: when `SAID` does not say what a call takes and gives.
    """
    types = {each for said in SAID.values() for each in (said.asks, said.tells) if _is_type(each)}
    ordered = sorted({*types, shapes.ProblemTold}, key=repr)
    schemas, components = msgspec.json.schema_components(ordered, ref_template="#/components/schemas/{name}")
    schema_of = dict(zip(ordered, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for row in calls:
        said = SAID.get(row.handler.__name__)
        if said is None:
            raise ValueError(f"{row.method} {row.path} is not described")
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row, said, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Qingcha central server", "version": "1", "description": _ABOUT},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "session": {"type": "http", "scheme": "bearer", "description": "From POST /v1/session"},
                "signature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "signature",
                    "description": "RFC 9421",
                },
            },
        },
    }


def _is_type(each: Any) -> bool:
    return each is not None and not isinstance(each, str)


def _operation(row: Served, said: Said, schema_of: dict[Any, Any]) -> dict[str, Any]:
    # the docstring says method and path, then what it is for
    about = (row.handler.__doc__ or "").partition(": ")[2].strip()
    names = [*re.findall(r"{(\w+)}", row.path), *said.takes]
    made: dict[str, Any] = {
        "operationId": row.handler.__name__,
        "summary": about,
        "security": _SECURITY[said.who],
        "parameters": [_parameter(name) for name in names],
        "responses": {str(status): _answer(said, status, schema_of) for status in said.status},
    }
    if said.asks is not None:
        made["requestBody"] = {
            "required": True,
            "content": _content(said.asks, schema_of),
            "description": f"{row.most} bytes at most",
        }
    refusal = {PROBLEM: {"schema": schema_of[shapes.ProblemTold]}} if row.method != "HEAD" else None
    made["responses"]["default"] = {"description": "Refused"} | ({"content": refusal} if refusal else {})
    return made


def _parameter(name: str) -> dict[str, Any]:
    where, schema, needed, about = PARAMETERS[name.removesuffix("!")]
    needed = needed or name.endswith("!")
    return {
        "name": name.removesuffix("!"),
        "in": where,
        "required": needed,
        "schema": schema,
        "description": about,
    }


def _answer(said: Said, status: int, schema_of: dict[Any, Any]) -> dict[str, Any]:
    if said.tells is None or status == 204:
        return {"description": "Done"}
    return {"description": "Done", "content": _content(said.tells, schema_of)}


def _content(shape: Any, schema_of: dict[Any, Any]) -> dict[str, Any]:
    if isinstance(shape, str):
        return {shape: {"schema": {"type": "string", "format": "binary"}}}
    return {"application/json": {"schema": schema_of[shape]}}


def whole() -> dict[str, Any]:
    """The description of all calls, with the limits of a server that nobody changed."""
    desk = Desk.__new__(Desk)  # of no server: the rows name its methods and limits, and call nothing
    desk.limits = Limits()
    return description(served_at(desk))


if __name__ == "__main__":
    print(msgspec.json.format(msgspec.json.encode(whole()), indent=1).decode())
