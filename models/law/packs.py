"""Legal-basis packs: reading and checking the TOML files that hold instruments and dated bases.

A pack holds any of

    [instruments.code]                  # an instrument, by a short key
    title = "中华人民共和国生态环境法典"
    short = "生态环境法典"               # as cited in 《》
    en = "Ecological and Environmental Code"
    in_force = 2026-08-15               # first day in force
    repealed = 2030-12-31               # last day in force, both days included; left out while in force
    mark = "S"                          # provenance: S read, S2 second hand, M memory, L low, D derived
    date_mark = "M"                     # of the dates, where it differs

    [[bases.W03]]                       # one version of the legal basis "W03"
    requires = ["code:164.1"]           # what demands or forbids: article.paragraph(item)
    punishes = ["code:1108"]            # what punishes
    penalty = "罚款10万元以上100万元以下"   # in words; made from the ranges where it is left out
    ranges = [                          # the same as data: see models/law/ranges.py
        { min = 100_000, max = 1_000_000 },
        { of = "情节严重的", whom = "person", min = 5_000, max = 50_000, unit = "yuan" },
    ]
    from = 2026-08-15                   # optional: narrows the days of the instruments cited
    until = 2030-12-31
    mark = "S"
    penalty_mark = "M"                  # of the penalty text, where it differs
    note = ""

    [[gaps.N02]]                        # days on which the key has no basis, and why
    until = 2022-06-04
    why = "……"

    [aliases]
    two_officers = "V01"

A later folder replaces whole instruments, whole keys and aliases of an earlier one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

from models.errors import BadInput
from models.language import N_
from models.law.citation import Citation, read_citation
from models.law.ranges import UNITS, WHOM, PenaltyRange, words
from models.packs import MISSING, UNKNOWN, read_toml

MARKS = ("S", "S2", "M", "L", "D")


@dataclass(frozen=True)
class Instrument:
    """A law, regulation, rule or standard, with its first and last day in force (both included)."""

    key: str
    title: str
    short: str
    en: str
    in_force: date
    repealed: date | None
    mark: str
    date_mark: str


@dataclass(frozen=True)
class Version:
    """What a key rests on during certain days."""

    requires: tuple[Citation, ...]
    punishes: tuple[Citation, ...]
    penalty: str
    ranges: tuple[PenaltyRange, ...]
    in_force: date
    repealed: date | None
    mark: str
    penalty_mark: str
    note: str

    def covers(self, on: date) -> bool:
        """Whether this version was in force on that day."""
        return self.in_force <= on and (self.repealed is None or on <= self.repealed)


@dataclass(frozen=True)
class Gap:
    """Days on which a key has no basis, and why (Chinese data)."""

    since: date
    until: date
    why: str


@dataclass
class Packs:
    """Everything that the packs hold, checked."""

    instruments: dict[str, Instrument] = field(default_factory=dict)
    versions: dict[str, tuple[Version, ...]] = field(default_factory=dict)
    gaps: dict[str, tuple[Gap, ...]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)


def load_packs(folders: Iterable[Path]) -> Packs:
    """Read every `*.toml` of the folders, in order of name; a later folder replaces an earlier one's keys.

    Raises:
        BadInput: naming the file, the key and what is wrong with it.
    """
    packs = Packs()
    raw_bases: dict[str, tuple[Path, list[Any]]] = {}
    for folder in folders:
        if not folder.is_dir():
            raise BadInput(N_("{folder}: no such folder of legal packs."), folder=str(folder))
        seen: dict[tuple[str, str], Path] = {}
        for path in sorted(folder.glob("*.toml")):
            pack = _read(path)
            for key, values in _tables(pack, "instruments", path).items():
                _once(seen, "instruments", key, path)
                packs.instruments[key] = _instrument(key, values, path)
            for key, rows in _lists(pack, "bases", path).items():
                _once(seen, "bases", key, path)
                raw_bases[key] = (path, rows)
                packs.gaps.pop(key, None)
            for key, rows in _lists(pack, "gaps", path).items():
                _once(seen, "gaps", key, path)
                packs.gaps[key] = tuple(_gap(key, row, path) for row in rows)
            for key, target in _tables(pack, "aliases", path).items():
                packs.aliases[key] = str(target)
    for key, (path, rows) in raw_bases.items():
        versions = sorted((_version(key, row, packs, path) for row in rows), key=lambda one: one.in_force)
        for earlier, later in pairwise(versions):
            if earlier.repealed is None or earlier.repealed >= later.in_force:
                _refuse(path, key, f"{later.in_force} – {earlier.repealed or ''}", _OVERLAP)
        packs.versions[key] = tuple(versions)
    return packs


_OVERLAP = N_(
    "{file}, {key}: two versions are in force on the same days ({what}). Give one of them from/until."
)
_NOT_DATE = N_("{file}, {key}: “{what}” must be a date written 2026-08-15, without quotation marks.")
_NOT_TEXT = N_("{file}, {key}: “{what}” must be text.")
_NOT_RANGE = N_("{file}, {key}: “{what}” is no range. Write whole numbers, min not above max.")
_NEVER = N_("{file}, {key}: this version was never in force ({what}).")


def _refuse(path: Path, key: str, what: str, message: str) -> NoReturn:
    raise BadInput(message, file=path.name, key=key, what=what)


def _read(path: Path) -> dict[str, Any]:
    pack = read_toml(path)
    for name in pack:
        if name not in ("instruments", "bases", "gaps", "aliases", "pack"):
            _refuse(path, name, name, UNKNOWN)
    return pack


def _tables(pack: dict[str, Any], name: str, path: Path) -> dict[str, Any]:
    tables = pack.get(name, {})
    if not isinstance(tables, dict):
        _refuse(path, name, name, UNKNOWN)
    return tables


def _lists(pack: dict[str, Any], name: str, path: Path) -> dict[str, list[Any]]:
    tables = _tables(pack, name, path)
    for key, rows in tables.items():
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            _refuse(path, key, f"[[{name}.{key}]]", MISSING)
    return tables


def _once(seen: dict[tuple[str, str], Path], kind: str, key: str, path: Path) -> None:
    if (kind, key) in seen:
        raise BadInput(
            N_("{file}, {key}: already given in {other}. Keep one of the two."),
            file=path.name,
            key=key,
            other=seen[kind, key].name,
        )
    seen[kind, key] = path


def _instrument(key: str, values: Any, path: Path) -> Instrument:
    if not isinstance(values, dict):
        _refuse(path, key, f"[instruments.{key}]", MISSING)
    _known(values, ("title", "short", "en", "in_force", "repealed", "mark", "date_mark", "source"), key, path)
    in_force = _date(values, "in_force", key, path)
    if in_force is None:
        _refuse(path, key, "in_force", MISSING)
    repealed = _date(values, "repealed", key, path)
    if repealed is not None and repealed < in_force:
        _refuse(path, key, f"{in_force} – {repealed}", _NEVER)
    mark = _mark(values, "mark", key, path)
    title = _text(values, "title", key, path, needed=True)
    return Instrument(
        key=key,
        title=title,
        short=_text(values, "short", key, path) or title,
        en=_text(values, "en", key, path) or title,
        in_force=in_force,
        repealed=repealed,
        mark=mark,
        date_mark=_mark(values, "date_mark", key, path, default=mark),
    )


def _version(key: str, row: dict[str, Any], packs: Packs, path: Path) -> Version:
    known = (*("requires", "punishes", "penalty", "ranges", "from", "until", "mark", "penalty_mark", "note"),)
    _known(row, known, key, path)
    requires = _citations(row, "requires", key, packs, path)
    punishes = _citations(row, "punishes", key, packs, path)
    if not requires and not punishes:
        _refuse(path, key, "requires", MISSING)
    cited = [packs.instruments[one.instrument] for one in (*requires, *punishes)]
    since = _date(row, "from", key, path)
    until = _date(row, "until", key, path)
    in_force = max([one.in_force for one in cited] + ([since] if since else []))
    ends = [one.repealed for one in cited if one.repealed] + ([until] if until else [])
    repealed = min(ends) if ends else None
    if repealed is not None and repealed < in_force:
        _refuse(path, key, f"{in_force} – {repealed}", _NEVER)
    mark = _mark(row, "mark", key, path)
    ranges = _ranges(row, key, path)
    return Version(
        requires=requires,
        punishes=punishes,
        penalty=_text(row, "penalty", key, path) or words(ranges),
        ranges=ranges,
        in_force=in_force,
        repealed=repealed,
        mark=mark,
        penalty_mark=_mark(row, "penalty_mark", key, path, default=mark),
        note=_text(row, "note", key, path),
    )


def _ranges(row: dict[str, Any], key: str, path: Path) -> tuple[PenaltyRange, ...]:
    written = row.get("ranges", [])
    if not isinstance(written, list) or not all(isinstance(one, dict) for one in written):
        _refuse(path, key, "ranges", MISSING)
    found = []
    for one in written:
        _known(one, ("min", "max", "unit", "whom", "of"), key, path)
        least, most = one.get("min"), one.get("max")
        if type(most) is not int or (least is not None and type(least) is not int):
            _refuse(path, key, f"min = {least}, max = {most}", _NOT_RANGE)
        if most < 1 or (least is not None and not 0 <= least <= most):
            _refuse(path, key, f"min = {least}, max = {most}", _NOT_RANGE)
        unit, whom = _text(one, "unit", key, path) or "yuan", _text(one, "whom", key, path)
        for value, names in ((unit, UNITS), (whom, WHOM)):
            if value not in names:
                _refuse(path, key, value, UNKNOWN)
        found.append(PenaltyRange(least, most, unit, whom, _text(one, "of", key, path)))
    return tuple(found)


def _gap(key: str, row: dict[str, Any], path: Path) -> Gap:
    _known(row, ("from", "until", "why"), key, path)
    return Gap(
        since=_date(row, "from", key, path) or date.min,
        until=_date(row, "until", key, path) or date.max,
        why=_text(row, "why", key, path, needed=True),
    )


def _citations(row: dict[str, Any], name: str, key: str, packs: Packs, path: Path) -> tuple[Citation, ...]:
    written = row.get(name, [])
    if not isinstance(written, list):
        _refuse(path, key, name, _NOT_TEXT)
    citations = tuple(read_citation(str(one), file=path.name, key=key) for one in written)
    for one in citations:
        if one.instrument not in packs.instruments:
            _refuse(path, key, one.instrument, UNKNOWN)
    return citations


def _known(values: dict[str, Any], names: tuple[str, ...], key: str, path: Path) -> None:
    for name in values:
        if name not in names:
            _refuse(path, key, name, UNKNOWN)


def _date(values: dict[str, Any], name: str, key: str, path: Path) -> date | None:
    value = values.get(name)
    if value is not None and type(value) is not date:
        _refuse(path, key, name, _NOT_DATE)
    return value


def _text(values: dict[str, Any], name: str, key: str, path: Path, *, needed: bool = False) -> str:
    value = values.get(name, "")
    if not isinstance(value, str):
        _refuse(path, key, name, _NOT_TEXT)
    if needed and not value.strip():
        _refuse(path, key, name, MISSING)
    return str(value)


def _mark(values: dict[str, Any], name: str, key: str, path: Path, default: str = "") -> str:
    value = values.get(name, default)
    if value not in MARKS:
        _refuse(path, key, name if not value else str(value), MISSING if not value else UNKNOWN)
    return str(value)
