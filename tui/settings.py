"""What a person has chosen for this laptop: a small TOML file, with nothing from any record in it."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from models.language import LANGUAGES, language_of_environment

THEMES = ("day", "night", "sunlight")
FILE_NAME = "settings.toml"


@dataclass(frozen=True, slots=True)
class Settings:
    """All choices, with their defaults."""

    language: str = "zh"
    theme: str = "day"
    lock_minutes: int = 5
    """Minutes without a key before the notebook locks; 0 never."""
    server: str = ""
    """Address of the central server, as given at enrolment."""
    last_notebook: str = ""
    """Folder name of the notebook that was opened last."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Own keys: action id to keys, comma-separated."""


def settings_path(home: Path | None = None) -> Path:
    """Where the file is: in `home`, else in QINGCHA_HOME, else in the platform's configuration folder."""
    if home is not None:
        return home / FILE_NAME
    if os.environ.get("QINGCHA_HOME"):
        return Path(os.environ["QINGCHA_HOME"]) / FILE_NAME
    from platformdirs import user_config_path

    return user_config_path("qingcha", appauthor=False) / FILE_NAME


def load(path: Path) -> Settings:
    """The settings in the file; a value that is missing or wrong is the default, never an error."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Settings(language=language_of_environment())
    lock = raw.get("lock_minutes", 5)
    keys = raw.get("keys", {})
    return Settings(
        language=_one_of(raw.get("language"), LANGUAGES, language_of_environment()),
        theme=_one_of(raw.get("theme"), THEMES, "day"),
        lock_minutes=lock if isinstance(lock, int) and 0 <= lock <= 240 else 5,
        server=str(raw.get("server", "")),
        last_notebook=str(raw.get("last_notebook", "")),
        keys={str(name): str(value) for name, value in keys.items()} if isinstance(keys, dict) else {},
    )


def save(path: Path, settings: Settings) -> None:
    """Write the file whole, in one step.

    Raises:
        OSError: the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        f"language = {_quoted(settings.language)}",
        f"theme = {_quoted(settings.theme)}",
        f"lock_minutes = {settings.lock_minutes}",
        f"server = {_quoted(settings.server)}",
        f"last_notebook = {_quoted(settings.last_notebook)}",
        "",
        "[keys]",
        *(f"{_quoted(name)} = {_quoted(keys)}" for name, keys in sorted(settings.keys.items())),
    ]
    partial = path.with_suffix(f".{os.getpid()}.tmp")
    partial.write_text("\n".join(lines) + "\n", encoding="utf-8")
    partial.replace(path)


def with_key(settings: Settings, action_id: str, keys: str) -> Settings:
    """The settings with own keys for one action; empty keys give the default back."""
    chosen = {name: value for name, value in settings.keys.items() if name != action_id}
    if keys:
        chosen[action_id] = keys
    return replace(settings, keys=chosen)


def _one_of(value: object, allowed: tuple[str, ...], default: str) -> str:
    return value if isinstance(value, str) and value in allowed else default


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")  # reads the same in TOML
