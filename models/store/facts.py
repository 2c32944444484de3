"""Small facts of a seat: who, where, which key, last contact. Read often, so remembered."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from peewee import Model, TextField

from models.store import schema
from models.store.database import here, run
from models.store.lookup import row_of


class MetaRow(Model):
    """One fact."""

    key = TextField(primary_key=True)
    value = TextField()

    class Meta:
        database = here
        table_name = "meta"


class Facts:
    """The facts as last committed; within a write that changed them, as that write sees them."""

    def __init__(self) -> None:
        self._kept: dict[str, str] | None = None
        self._changed = False
        self._age = 0

    def get(
        self, key: str, reading: Callable[[], AbstractContextManager[Any]], *, writing: bool
    ) -> str | None:
        """A fact.

        Args:
            key: its name.
            reading: gives the seat to enter for reading.
            writing: whether this is the thread that writes now.
        """
        if self._changed and writing:
            row = row_of(MetaRow, key=key)
            return row.value if row is not None else None
        kept = self._kept
        if kept is None:
            age = self._age
            with reading():
                kept = dict(run("SELECT key, value FROM meta").fetchall())
            if age == self._age and not self._changed:
                # else a write ended meanwhile and these may be of before
                self._kept = kept
        return kept.get(key)

    def put(self, facts: dict[str, str | None]) -> None:
        """Keep facts, within a write; None removes one."""
        self._changed = True
        for key, value in facts.items():
            if value is None:
                run("DELETE FROM meta WHERE key = ?", (key,))
            else:
                schema.keep(MetaRow, key=key, value=value)

    def settle(self) -> None:
        """After the write, kept or undone: read them again."""
        if self._changed:
            self.forget()
            self._changed = False

    def forget(self) -> None:
        """Read them again: another process may have changed them."""
        self._age += 1
        self._kept = None
