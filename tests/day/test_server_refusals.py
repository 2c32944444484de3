"""A server that cannot take something: its disk is full, or an entry is bad. The rest goes its way."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.store.change import new_id, put
from models.store.journal import EntryRow
from sync.outcome import Exit
from sync.queries import put_aside, unsent

from .processes import Server
from .world import (
    NOT_GRANTED,
    UNIT,
    Office,
    all_is_there_once,
    make_office,
    nothing_acknowledged_is_lost,
    work,
)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return make_office(tmp_path / "office", others=1)


@contextlib.contextmanager
def serving(office: Office, **more: Any) -> Iterator[Server]:
    server = Server(office.server, **more)
    try:
        yield server
    finally:
        server.close()


def synced(office: Office, server: Server) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of `qingcha sync`."""
    client = office.sync(server.url)
    try:
        return client.ended(), client.said(), client.complained()
    finally:
        client.close()


@pytest.mark.parametrize("stage", ["entries", "files"])
def test_a_servers_full_disk_loses_nothing_and_later_all_arrives(office: Office, stage: str) -> None:
    # enough entries to outgrow a journal as large as the database, and too few to fill what the file needs
    work(office, random.Random(3), sites=2_000 if stage == "entries" else 400, files=(9_000, 3_000_000))
    largest = max(path.stat().st_size for path in office.server.iterdir() if path.is_file())
    room = largest + 40_000 if stage == "entries" else 2_500_000
    with serving(office, largest_file=room) as server:
        code, _, said = synced(office, server)
        assert code == Exit.SERVER_FULL, said
        told = [line for line in said.splitlines() if "磁盘" in line]
        assert len(told) == 1
        assert "Traceback" not in said
    with office.notebook() as book, office.central() as central:
        nothing_acknowledged_is_lost(book, central)
        left = unsent(book)
        assert left.entries > 0 if stage == "entries" else (left.entries, left.files) == (0, 1)
    with serving(office) as server:
        code, _, said = synced(office, server)
        assert code == Exit.DONE, said
    with office.notebook() as book, office.central() as central:
        all_is_there_once(book, central)


def test_one_bad_entry_never_blocks_the_rest_of_its_batch(office: Office) -> None:
    sites = [new_id() for _ in range(60)]
    with office.notebook() as book, book.writing():
        for number, site in enumerate(sites):
            unit = NOT_GRANTED if number % 20 == 7 else UNIT
            book.write(put("site", site, unit, name=f"示例企业{number:02d}"))
            if number % 20 == 11:
                book.write(put("officer", new_id(), UNIT, name="执法员09", role="administrator"))
        waiting = unsent(book).entries
    with serving(office) as server:
        code, out, said = synced(office, server)
    assert code == Exit.DONE, said
    facts = json.loads(out)
    assert (facts["entries_sent"], facts["put_aside"], facts["unsent_entries"]) == (waiting, 6, 0)
    assert len(facts["warnings"]) == 1
    assert "6" in facts["warnings"][0]
    with office.notebook() as book, office.central() as central:
        all_is_there_once(book, central)
        reasons = sorted(each.reason for each in put_aside(book))
        assert reasons == ["forbidden"] * 3 + ["unit"] * 3
        with central:
            rows = EntryRow.select().where(EntryRow.record.in_(sites)).count()
        assert rows == 60 + 3, "the refused ones are kept too, each with its verdict"
