"""The quick look-up gives what Peewee gives."""

from __future__ import annotations

from models.registry.tables import Officer
from models.store.change import new_id, put
from models.store.lookup import by_id, rows_of
from models.store.notebook import Notebook


def test_a_row_by_id_equals_peewees_own(notebook: Notebook) -> None:
    record = new_id()
    notebook.write(put("officer", record, "350602", name="执法员02", active=False))
    with notebook:
        found = by_id(Officer, record)
        assert found is not None
        assert found.__data__ == Officer.get_by_id(record).__data__
        assert found.active is False


def test_no_row_is_none(notebook: Notebook) -> None:
    with notebook:
        assert by_id(Officer, new_id()) is None


def test_a_field_may_have_any_of_several_values(notebook: Notebook) -> None:
    records = [new_id() for _ in range(3)]
    notebook.write(*(put("officer", each, "350602", name=f"执法员{n}") for n, each in enumerate(records)))
    with notebook:
        found = rows_of(Officer, "id", id=(records[2], records[0]), unit="350602")
        assert [row.id for row in found] == [records[0], records[2]]
        assert rows_of(Officer, "id", id=(records[1],), unit="350603") == []
