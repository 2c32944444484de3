"""One answer durably kept, against one raw SQLCipher commit that inserts the same bytes."""

from __future__ import annotations

import secrets
from itertools import cycle
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from models.inspections import verbs
from models.inspections.items import items_of
from models.inspections.tables import Answer
from models.registry import verbs as registry
from models.registry.tables import Officer
from models.store.journal import EntryRow
from models.store.notebook import Notebook
from tests.benchmarks.books import new_book
from tests.benchmarks.measure import Ratio, taking_turns

GOAL = 3


def raw_database(path: Path) -> Any:
    """As ours is opened: WAL, a full sync at each commit, encrypted by a raw key."""
    connection = sqlcipher.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA key = \"x'{secrets.token_hex(32)}'\"")
    connection.execute("PRAGMA journal_mode = wal").fetchone()
    connection.execute("PRAGMA synchronous = full")
    connection.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, bytes BLOB)")
    return connection


def bytes_of_one_answer(book: Notebook) -> int:
    """What the last answer brought into the notebook: its entry and its row."""
    with book:
        entry = EntryRow.select().order_by(EntryRow.n.desc()).get()
        row = Answer.select().dicts().get()
    texts = sum(len(str(value).encode()) for value in row.values() if value is not None)
    known = (entry.device, entry.kind, entry.record_kind, entry.record, entry.unit)
    return texts + sum(map(len, (entry.hash, entry.prev, entry.head, entry.body, entry.signature, *known)))


def run(folder: Path, *, quick: bool = False) -> Ratio:
    """Answer item after item on visit after visit."""
    book = new_book(folder / "book")
    with book:
        officers = [row.id for row in Officer.select()]
    site = registry.add_site(book, "示例企业03")
    items = sorted(items_of("A,W"))
    visit = verbs.begin(
        book, site_id=site, first_officer=officers[0], second_officer=officers[1], checklists="A,W"
    )
    results = cycle(("ok", "na"))
    answers = ((item, repeat) for repeat in range(1, 10_000) for item in items)
    raw = raw_database(folder / "raw.db")

    def answer() -> None:
        item, repeat = next(answers)
        verbs.answer(book, visit, item, next(results), repeat=repeat)

    answer()
    data = secrets.token_bytes(bytes_of_one_answer(book))

    def commit() -> None:
        raw.execute("BEGIN")
        raw.execute("INSERT INTO kept (bytes) VALUES (?)", (data,))
        raw.execute("COMMIT")

    try:
        return taking_turns(
            "one answer kept", GOAL, answer, commit, rounds=3 if quick else 9, turns=40 if quick else 100
        )
    finally:
        book.close()
        raw.close()
