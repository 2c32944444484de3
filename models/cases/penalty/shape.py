"""How a file of penalty cases looks: headers and words of both sides, as data (`exchange.toml`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import BadInput
from models.language import N_
from models.packs import UNKNOWN, PackFile, read_toml
from models.registry.rules import folded_header

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Shape:
    """How the file looks: headers and words of both sides."""

    columns: Mapping[str, tuple[str, ...]]
    """Our field to its headers, the written one first."""
    only_written: Mapping[str, str]
    values: Mapping[str, Mapping[str, tuple[str, ...]]]
    json_key: str

    def words(self, field: str, value: str) -> str:
        """The word that is written for a value of a closed list."""
        return self.values[field].get(value, (value,))[0] if value else ""

    def value(self, field: str, word: str) -> str | None:
        """The value that a word means; None where it means none."""
        wanted = folded_word(word)
        for value, words in self.values[field].items():
            if wanted == folded_word(value) or wanted in map(folded_word, words):
                return value
        return None


def shape() -> Shape:
    """The headers and words in use."""
    return SHAPE()


def folded_word(text: str) -> str:
    """A word of a closed list made comparable."""
    return re.sub(r"[\s()（）]", "", text).casefold()


def _read_all(paths: tuple[Path, ...]) -> Shape:
    found = _read(paths[0], None)
    for path in paths[1:]:
        found = _read(path, found)
    return found


SHAPE = PackFile(_read_all, _HERE / "exchange.toml")
"""The headers and words; the bureau's replace ours field by field."""


def _read(path: Path, ours: Shape | None) -> Shape:
    raw = read_toml(path)
    columns = {name: _words(path, name, row) for name, row in _part(path, raw, "columns").items()}
    only = _part(path, raw, "only_written")
    values: dict[str, Mapping[str, tuple[str, ...]]] = {
        field: {value: _words(path, value, words) for value, words in _part(path, rows, field).items()}
        for rows in [_part(path, raw, "values")]
        for field in rows
    }
    key = _part(path, raw, "json").get("cases")
    if ours is not None:
        for names, known in ((columns, ours.columns), (only, ours.only_written), (values, ours.values)):
            for name in names:
                if name not in known:
                    raise _unknown(path, name)
        columns = {**ours.columns, **columns}
        only = {**ours.only_written, **only}
        values = {**ours.values, **{field: {**ours.values[field], **rows} for field, rows in values.items()}}
        key = key or ours.json_key
    shape = Shape(columns, {name: str(title) for name, title in only.items()}, values, str(key))
    _refuse_same_headers(path, shape)
    return shape


def _refuse_same_headers(path: Path, shape: Shape) -> None:
    holders: dict[str, str] = {}
    for field, headers in (*shape.columns.items(), *((name, (t,)) for name, t in shape.only_written.items())):
        for header in headers:
            other = holders.setdefault(folded_header(header), field)
            if other != field:
                raise BadInput(
                    N_("{file}: “{header}” is given to both {one} and {other}. Keep one of them."),
                    file=path.name,
                    header=header,
                    one=other,
                    other=field,
                )


def _part(path: Path, raw: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = raw.get(name, {})
    if not isinstance(found, dict):
        raise _unknown(path, name)
    return found


def _words(path: Path, name: str, row: Any) -> tuple[str, ...]:
    if not isinstance(row, list) or not row or not all(isinstance(each, str) and each for each in row):
        raise BadInput(
            N_('{file}, {key}: give a list of words, such as ["立案号", "案号"].'), file=path.name, key=name
        )
    return tuple(row)


def _unknown(path: Path, name: str) -> BadInput:
    return BadInput(UNKNOWN, file=path.name, key="exchange", what=name)
