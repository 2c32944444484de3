"""Opening a seat looks for its tables only where something may have changed."""

from __future__ import annotations

from typing import Any

import pytest

from models.store import schema
from models.store.database import run
from models.store.notebook import Notebook
from models.store.projection import ProjectionState
from tests.conftest import PASSPHRASE


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One for each look at all tables."""
    found: list[int] = []
    present = schema.present

    def counted() -> dict[str, set[str]]:
        found.append(1)
        return present()

    monkeypatch.setattr(schema, "present", counted)
    return found


def opened(notebook: Notebook) -> Notebook:
    """The same notebook, closed and opened again."""
    folder = notebook.path.parent
    notebook.close()
    return Notebook.open(folder, PASSPHRASE)


def tables(notebook: Notebook) -> set[str]:
    with notebook:
        return {row[0] for row in run("SELECT name FROM sqlite_schema WHERE type IN ('table', 'index')")}


def test_what_stands_is_not_looked_for_again(notebook: Notebook, looks: list[int]) -> None:
    again = opened(opened(notebook))
    looks.clear()
    assert opened(again).person == notebook.person
    assert looks == []


@pytest.mark.parametrize("gone", ["TABLE site", "TRIGGER entry_stays", "TABLE conflicted"])
def test_what_is_gone_is_made_anew(notebook: Notebook, gone: str, looks: list[int]) -> None:
    notebook = opened(notebook)
    before = tables(notebook)
    with notebook.writing():
        run(f"DROP {gone}")
    looks.clear()
    again = opened(notebook)
    assert looks
    assert tables(again) == before
    with pytest.raises(Exception, match="an entry is never changed"), again.writing():
        run("UPDATE entry SET device = 'another'")


def test_another_version_of_the_program_looks_for_all(
    notebook: Notebook, looks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = opened(notebook)
    looks.clear()
    monkeypatch.setattr("models.store.seat.VERSION", "another")
    again = opened(notebook)
    assert looks == [1]
    opened(again)
    assert looks == [1]


def test_a_mark_that_an_undone_write_set_is_undone(notebook: Notebook, looks: list[int]) -> None:
    notebook = opened(notebook)

    class Undone(Exception):
        pass

    def make_and_fail() -> Any:
        with notebook.writing():
            run("CREATE TABLE further (id INTEGER)")
            schema.note((), ("everything",))
            raise Undone

    with pytest.raises(Undone):
        make_and_fail()
    looks.clear()
    opened(notebook)
    assert looks == []


def test_a_change_is_of_the_rows_that_were_meant(notebook: Notebook) -> None:
    with notebook.writing():
        for kind in ("one", "two"):
            schema.keep(ProjectionState, kind=kind, version=1)
        assert schema.change(ProjectionState, {"kind": "two", "version": 1}, version=2, folding=3) == 1
        assert schema.change(ProjectionState, {"kind": "two", "version": 1}, version=4) == 0
    with notebook:
        rows = {row.kind: (row.version, row.folding) for row in ProjectionState.select()}
    assert rows["one"] == (1, None)
    assert rows["two"] == (2, 3)
