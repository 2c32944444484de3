"""A form being filled on a screen: its rows, and what of it the notebook does not hold yet."""

from __future__ import annotations

from collections.abc import Mapping

from models.forms.filling import Filling, NoSuchField
from models.inspections.form_filling import lacking_in
from models.language import _
from tui.screens import form_rows as drawn
from tui.screens.form_rows import Row

LONG = 500
"""Rows of a form of which what is lacking is told by `x` alone: it takes a moment to look through."""
Unkept = dict[str, str | None]
"""Path to the text that is to be written; None where there is no value any more."""


class FormState:
    """Changes answer what has to be written for them; `moved` says whether rows came or went.

    Args:
        filling: the form with its answers.
        held: what the notebook holds of it, by path.
    """

    def __init__(self, filling: Filling, held: Mapping[str, str]) -> None:
        self.filling = filling
        self.held = dict(held)
        """What the notebook holds, or will once the verbs under way are through."""
        self.rows: dict[str, Row] = drawn.rows_of(filling)
        self.moved = False

    def answer(self, row: Row, value: str | list[str]) -> Unkept:
        """Give an answer.

        Raises:
            BadInput: the question takes none.
        """
        self.filling.set(row.path, value)
        changed = self.filling.changed
        if any(self._moves_rows(path) for path in changed):
            return self._all()
        self.moved = False
        if "[" in row.path:  # a round that holds nothing is kept as such, and no more once it holds something
            return self._unkept_of_all()
        found = {path: self.filling.value(path) or None for path in (row.path, *changed) if self._held(path)}
        return self._unkept(found)

    def add(self, row: Row) -> tuple[str, Unkept]:
        """Add a round to the repeat of an "add" row; its key.

        Raises:
            BadInput: it has as many rounds as it may have.
        """
        return self.filling.add(row.path), self._all()

    def remove(self, key: str) -> Unkept:
        """Take a round away.

        Raises:
            BadInput: the form says how many rounds there are.
        """
        self.filling.remove(key)
        return self._all()

    def how_far(self) -> str:
        """How many questions are answered, and of a form that is not long how many still lack something."""
        answered = sum(1 for row in self.rows.values() if row.asks and self.filling.value(row.path))
        say = _("answers: {count}").format(count=answered)
        if len(self.rows) >= LONG:
            return say
        lacking = len(lacking_in(self.filling))
        return f"{say}  " + (_("{count} still lacking").format(count=lacking) if lacking else _("complete"))

    def first_lacking(self) -> str:
        """Key of the first question that lacks an answer or has a wrong one; else of the first question."""
        lacking = lacking_in(self.filling)
        asked = [row for row in self.rows.values() if row.asks]
        free = (row.key for row in asked if row.key in lacking or not self.filling.value(row.path))
        return next(free, asked[0].key if asked else "")

    def round_around(self, row: Row | None) -> str:
        """Key of the innermost round that a row stands in; "" where it stands in none."""
        if row is None:
            return ""
        rounds = [key for key, each in self.rows.items() if each.kind == "round"]
        return max((key for key in rounds if (row.path + "/").startswith(key + "/")), key=len, default="")

    def _all(self) -> Unkept:
        """All that differs, after rows came or went."""
        self.moved = True
        self.rows = drawn.rows_of(self.filling)
        return self._unkept_of_all()

    def _unkept_of_all(self) -> Unkept:
        now = self.filling.answers()
        return self._unkept({path: now.get(path) for path in self.held | now})

    def _unkept(self, values: Unkept) -> Unkept:
        found = {path: text for path, text in values.items() if self.held.get(path) != text}
        for path, text in found.items():
            if text is None:
                self.held.pop(path, None)
            else:
                self.held[path] = text
        return found

    def _moves_rows(self, path: str) -> bool:
        """Whether a changed path may have made rows come or go."""
        try:
            field = self.filling.field(path)
            seen = self.filling.visible(path)
        except NoSuchField:
            return True
        if field.kind in ("group", "repeat"):
            return True
        return seen != (path in self.rows) and (field.is_question or field.kind == "note")

    def _held(self, path: str) -> bool:
        """Whether a path is of a kind that has a value to keep."""
        return self.filling.field(path).kind not in ("group", "repeat", "note")
