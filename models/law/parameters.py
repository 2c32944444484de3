"""Dated parameters of the law that are no time limits: thresholds, counts, yes or no.

Each has versions with first and last day, a source and a provenance mark; a case takes the version of the day
of its violation. The bureau's own `parameters.toml` replaces keys of ours.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from models.errors import BadInput
from models.language import N_, current_language

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Parameter:
    """One version of a parameter."""

    key: str
    zh: str
    en: str
    value: int
    unit: str
    """What the number counts: "cents", "times", "days", "percent", "flag"."""
    basis: str
    mark: str
    """Provenance: S, S2, M, L or D."""
    in_force: date | None
    until: date | None

    @property
    def title(self) -> str:
        """Its name in the reader's language."""
        return self.zh if current_language() == "zh" else self.en


_own: tuple[Path, ...] = ()


def use_parameters(*folders: Path) -> None:
    """Let the bureau's own `parameters.toml` in these folders replace ours, key by key.

    Raises:
        BadInput: naming the file, the key and what is wrong; what was in use stays.
    """
    global _own
    _read(folders)
    _own = folders


def parameter(key: str, on: date) -> Parameter | None:
    """The version in force on the day; None where none was.

    Raises:
        BadInput: for a name that is not kept.
    """
    versions = _read(_own).get(key)
    if versions is None:
        raise BadInput(N_("No parameter is called “{key}”."), key=key)
    for one in versions:
        if (one.in_force is None or one.in_force <= on) and (one.until is None or on <= one.until):
            return one
    return None


def parameters() -> list[Parameter]:
    """Every version of every parameter, in the order of the files."""
    return [one for versions in _read(_own).values() for one in versions]


@lru_cache(maxsize=4)
def _read(folders: tuple[Path, ...]) -> dict[str, tuple[Parameter, ...]]:
    found: dict[str, tuple[Parameter, ...]] = {}
    for path in (_HERE / "parameters.toml", *(folder / "parameters.toml" for folder in folders)):
        if path.parent == _HERE or path.is_file():
            found.update(load_parameters(path))
    return found


def load_parameters(path: Path) -> dict[str, tuple[Parameter, ...]]:
    """Read a file of parameters.

    Raises:
        BadInput: naming the file, the key and what is wrong.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(
            N_("{file} is not a readable TOML file: {error}"), file=path.name, error=str(error)
        ) from error
    found: dict[str, tuple[Parameter, ...]] = {}
    for key, row in raw.items():
        versions = row.get("versions") if isinstance(row, dict) else None
        if not isinstance(versions, list) or not versions:
            raise BadInput(
                N_("{file}, {key}: “{what}” is missing."), file=path.name, key=key, what="versions"
            )
        found[key] = tuple(_version(key, row, version, path) for version in versions)
    return found


def _version(key: str, row: dict[str, Any], version: dict[str, Any], path: Path) -> Parameter:
    value = version.get("value")
    if type(value) is not int or value < 0:
        raise BadInput(N_("{file}, {key}: “{what}” is missing."), file=path.name, key=key, what="value")
    first, last = version.get("from"), version.get("until")
    for name, day in (("from", first), ("until", last)):
        if day is not None and type(day) is not date:
            raise BadInput(
                N_("{file}, {key}: “{what}” is not known here."), file=path.name, key=key, what=name
            )
    return Parameter(
        key=key,
        zh=str(row.get("zh", key)),
        en=str(row.get("en", key)),
        value=value,
        unit=str(row.get("unit", "")),
        basis=str(version.get("basis", "")),
        mark=str(version.get("mark", "M")),
        in_force=first,
        until=last,
    )
