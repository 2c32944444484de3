"""Looks for planted words in raw files, in every form in which a careless program leaves them."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from pathlib import Path


def forms(secret: str | bytes) -> Iterator[tuple[str, bytes]]:
    """The ways in which a word may stand in a file: (name of the form, bytes)."""
    if isinstance(secret, str):
        encoded = {"UTF-8": secret.encode(), "UTF-16LE": secret.encode("utf-16-le")}
        encoded["UTF-16BE"] = secret.encode("utf-16-be")
        encoded["JSON escapes"] = b"".join(f"\\u{ord(mark):04x}".encode() for mark in secret)
        encoded["GBK"] = secret.encode("gbk", "ignore")
    else:
        encoded = {"bytes": secret}
    for name, data in encoded.items():
        yield name, data
        yield f"hex of {name}", data.hex().encode()
        yield f"HEX of {name}", data.hex().upper().encode()
        for shift in range(3):
            # the characters that depend on nothing before or after the word
            coded = base64.b64encode(b"\0" * shift + data)[4 if shift else 0 :]
            whole = coded[: (len(data) - (3 - shift if shift else 0)) // 3 * 4]
            yield f"base64 of {name}", whole
            yield f"base64url of {name}", whole.translate(bytes.maketrans(b"+/", b"-_"))


def plaintext_found(folders: Path | Iterable[Path], secrets: Iterable[str | bytes]) -> list[str]:
    """Where any of the words is found in any file below the folders or in a file's name: one line each."""
    some = [folders] if isinstance(folders, Path) else list(folders)
    wanted = [
        (repr(secret), name, data)
        for secret in secrets
        for name, data in forms(secret)
        if len(data) >= 6  # shorter ones are found by chance
    ]
    found = []
    for path in sorted(path for folder in some for path in folder.rglob("*")):
        for what, content in (("name", str(path).encode()), ("content", _content(path))):
            found += [
                f"{path}: {secret} as {form} in its {what}"
                for secret, form, data in wanted
                if data in content
            ]
    return found


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""
