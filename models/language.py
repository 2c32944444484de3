"""The reader's language: gettext over the catalogues in `models/locale`.

English is the msgid; Chinese lives in `models/locale/zh/*.po`, one file an area, compiled together
(by `make install`, or at first use) into one `qingcha.mo` beside them.
"""

from __future__ import annotations

import gettext
import os
import re
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar, copy_context
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
LANGUAGES = ("zh", "en")
_FOLDER = Path(__file__).parent / "locale"
_NAMED = re.compile(r"\{([a-z_]+)\}")
_process_language = "zh"
_task_language: ContextVar[str | None] = ContextVar("language", default=None)


def N_(msgid: str) -> str:  # noqa: N802 -- gettext's own name
    """Mark a message for the catalogue without translating it yet."""
    return msgid


def use_language(code: str) -> None:
    """Set the language of this process: "zh" or "en".

    Raises:
        ValueError: for any other code.
    """
    if code not in LANGUAGES:
        raise ValueError(code)
    global _process_language
    _process_language = code


def use_language_here(code: str) -> None:
    """Set the language of this task or thread only (a server answers readers of both languages)."""
    if code not in LANGUAGES:
        raise ValueError(code)
    _task_language.set(code)


def in_language(code: str, make: Callable[[], T]) -> T:
    """Run `make` with this language in force, without touching the reader's own.

    Raises:
        ValueError: it is no language of ours.
    """

    def run() -> T:
        use_language_here(code)
        return make()

    return copy_context().run(run)


def in_chinese(make: Callable[[], T]) -> T:
    """As `in_language`, for what leaves the house: papers are in Chinese."""
    return in_language("zh", make)


def current_language() -> str:
    """The code in force here: "zh" or "en"."""
    return _task_language.get() or _process_language


def listed(words: Iterable[str]) -> str:
    """Names or single words in a row, with the mark that the language in force puts between them."""
    return ("、" if current_language() == "zh" else ", ").join(words)


def listed_long(parts: Iterable[str]) -> str:
    """Parts that may hold commas of their own, in a row."""
    return ("；" if current_language() == "zh" else "; ").join(parts)


def language_of_environment() -> str:
    """The reader's language by QINGCHA_LANG, else Chinese: computers here often have an English locale."""
    return "en" if os.environ.get("QINGCHA_LANG", "").startswith("en") else "zh"


def translate(msgid: str) -> str:
    """The message in the language in force; an unknown msgid is given back as it is."""
    if not msgid:
        return ""
    return _catalogue(current_language()).gettext(msgid)


_ = translate


def lasting(ms: int) -> str:
    """How long that is, in words: minutes below two hours, hours below two days, then days."""
    minutes = ms // 60_000
    if minutes < 120:
        return _("{count} min").format(count=minutes)
    if minutes < 48 * 60:
        return _("{count} hours").format(count=minutes // 60)
    return _("{count} days").format(count=minutes // 1440)


class Later:
    """A parameter of a message whose `__str__` gives its words in the language in force when it is read."""

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


class Words(Later):
    """A msgid as a parameter of another message: in the language in force when that is read."""

    def __init__(self, msgid: str) -> None:
        self.msgid = msgid

    def __str__(self) -> str:
        return translate(self.msgid)


def filled(msgid: str, params: Mapping[str, object]) -> str:
    """A message that came with a record, translated, with each `{name}` replaced.

    What a record brings is never a format: `{value:>999999999}` would fill the memory.

    Raises:
        KeyError: it names a parameter that is not there.
    """
    return _NAMED.sub(lambda found: str(params[found[1]]), translate(msgid))


@lru_cache
def _catalogue(code: str) -> gettext.NullTranslations:
    if code == "en":
        return gettext.NullTranslations()
    with compiled(code).open("rb") as file:
        return gettext.GNUTranslations(file)


def compiled(code: str) -> Path:
    """The compiled catalogue of a language, made again where a source is newer."""
    folder = _FOLDER / code
    target = folder / "qingcha.mo"
    sources = sorted(folder.glob("*.po"))
    if target.exists() and all(target.stat().st_mtime >= source.stat().st_mtime for source in sources):
        return target
    from babel.messages import pofile  # 40 ms: only when something changed
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo

    whole = Catalog(locale=code)
    for source in sources:
        with source.open("rb") as file:
            for message in pofile.read_po(file, locale=code):
                if message.id:
                    whole.add(message.id, message.string)
    partial = target.with_suffix(f".{os.getpid()}.tmp")
    with partial.open("wb") as file:
        write_mo(file, whole)
    partial.replace(target)
    return target


if __name__ == "__main__":
    compiled("zh")
