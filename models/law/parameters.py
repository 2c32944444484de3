"""Dated parameters of the law that are no time limits: thresholds, counts, yes or no.

Each has versions with first and last day, a source and a provenance mark; a case takes the version of the day
of its violation. The bureau's own `parameters.toml` replaces keys of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from models.errors import BadInput
from models.language import N_, current_language
from models.packs import MISSING, UNKNOWN, PackFile, read_toml

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


def parameter(key: str, on: date) -> Parameter | None:
    """The version in force on the day; None where none was.

    Raises:
        BadInput: for a name that is not kept.
    """
    versions = PARAMETERS().get(key)
    if versions is None:
        raise BadInput(N_("No parameter is called “{key}”."), key=key)
    for one in versions:
        if (one.in_force is None or one.in_force <= on) and (one.until is None or on <= one.until):
            return one
    return None


def parameters() -> list[Parameter]:
    """Every version of every parameter, in the order of the files."""
    return [one for versions in PARAMETERS().values() for one in versions]


def _read(paths: tuple[Path, ...]) -> dict[str, tuple[Parameter, ...]]:
    return {key: versions for path in paths for key, versions in load_parameters(path).items()}


PARAMETERS = PackFile(_read, _HERE / "parameters.toml", _HERE / "parameters_planning.toml")
"""Versions of each parameter; the bureau's replace ours key by key."""


def load_parameters(path: Path) -> dict[str, tuple[Parameter, ...]]:
    """Read a file of parameters.

    Raises:
        BadInput: naming the file, the key and what is wrong.
    """
    found: dict[str, tuple[Parameter, ...]] = {}
    for key, row in read_toml(path).items():
        versions = row.get("versions") if isinstance(row, dict) else None
        if not isinstance(versions, list) or not versions:
            raise BadInput(MISSING, file=path.name, key=key, what="versions")
        found[key] = tuple(_version(key, row, version, path) for version in versions)
    return found


def _version(key: str, row: dict[str, Any], version: dict[str, Any], path: Path) -> Parameter:
    value = version.get("value")
    if type(value) is not int or value < 0:
        raise BadInput(MISSING, file=path.name, key=key, what="value")
    first, last = version.get("from"), version.get("until")
    for name, day in (("from", first), ("until", last)):
        if day is not None and type(day) is not date:
            raise BadInput(UNKNOWN, file=path.name, key=key, what=name)
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
