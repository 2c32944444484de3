"""What may reach the disk with a later commit, and what must not."""

from __future__ import annotations

import threading
from typing import Any

from models.store.change import new_id, put
from models.store.database import here, unhurried
from models.store.notebook import Notebook

UNIT = "350602"


def level(book: Notebook) -> int:
    """SQLite's `synchronous` of the connection that writes: 1 normal, 2 full."""
    with book.writing():
        return int(here.execute_sql("PRAGMA synchronous").fetchone()[0])


def test_a_save_waits_for_the_disk_whatever_was_written_before(notebook: Any) -> None:
    assert level(notebook) == 2
    with unhurried():
        assert level(notebook) == 1
        with notebook.writing(), notebook.writing():
            notebook.write(put("site", new_id(), UNIT, name="甲"))
        other: list[int] = []
        thread = threading.Thread(target=lambda: other.append(level(notebook)))
        thread.start()
        thread.join()
        assert other == [2], "another thread's save waits all the same"
        assert level(notebook) == 1
    assert level(notebook) == 2
