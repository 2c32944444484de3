"""J1: the exact bytes of a sealed record, a subset of RFC 8785 (JSON canonicalization).

ASCII keys `[a-z0-9_]`; strings in NFC, valid Unicode, no control characters but the line feed; whole numbers
within ±(2^53-1); true, false, null, arrays, objects; no floats; at most 16 deep and 1 MiB. Within this subset
sorted, compact `json.dumps` is RFC 8785; a test compares it with the `rfc8785` package.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

from models.errors import BadInput
from models.language import N_

SIZE_LIMIT = 1024 * 1024
"""Bytes of a record at most."""
DEPTH_LIMIT = 16
INTEGER_LIMIT = 2**53 - 1
_KEY = re.compile(r"[a-z0-9_]+")
_FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\ud800-\udfff]")


def encode(value: Any) -> bytes:
    """The canonical bytes of a value.

    Raises:
        ValueError: the value is outside J1; names the place.
        BadInput: the record is larger than 1 MiB.
    """
    _check(value, "$", 1)
    data = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    if len(data) > SIZE_LIMIT:
        raise BadInput(N_("The record is larger than 1 MiB. Put long texts into attached files."))
    return data


def decode(data: bytes) -> Any:
    """The value of canonical bytes.

    Raises:
        ValueError: the bytes are not equal to their own canonical form, or hold what is outside J1.
    """
    if len(data) > SIZE_LIMIT:
        raise ValueError("larger than 1 MiB")
    try:
        value = json.loads(data.decode("utf-8"))
    except RecursionError as error:
        raise ValueError("too deep") from error
    if encode(value) != data:
        raise ValueError("not in canonical form")
    return value


def _check(value: Any, place: str, depth: int) -> None:
    if depth > DEPTH_LIMIT:
        raise ValueError(f"{place}: too deep")
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, int):
        if abs(value) > INTEGER_LIMIT:
            raise ValueError(f"{place}: the number is too large")
    elif isinstance(value, str):
        if _FORBIDDEN.search(value):
            raise ValueError(f"{place}: a control character or half a surrogate pair")
        if not unicodedata.is_normalized("NFC", value):
            raise ValueError(f"{place}: not in NFC")
    elif isinstance(value, list | tuple):
        for index, each in enumerate(value):
            _check(each, f"{place}[{index}]", depth + 1)
    elif isinstance(value, dict):
        for key, each in value.items():
            if not isinstance(key, str) or not _KEY.fullmatch(key):
                raise ValueError(f"{place}: the key {key!r} is not [a-z0-9_]")
            _check(each, f"{place}.{key}", depth + 1)
    else:
        raise ValueError(f"{place}: {type(value).__name__} has no place in a record")
