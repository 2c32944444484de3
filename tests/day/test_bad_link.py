"""A village's link: slow, far and cut about every second. All arrives once, and little is sent twice."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from models.store.change import attach, new_id, put
from sync.outcome import Exit

from .link import Link
from .processes import Server
from .world import UNIT, all_is_there_once, make_office

ENTRIES = 2_000
PHOTOS = (60_000, 140_000, 800_000, 2_000_000)
NEEDED = sum(PHOTOS) + 215_000
"""Bytes that go up over a good link: measured with the same work, headers included."""
SESSIONS = 4
"""How often a person would press the key; one is usual."""
MBIT = 1_000_000 / 8


@pytest.mark.long
def test_a_days_work_arrives_once_over_a_link_that_is_cut_every_second(tmp_path: Path) -> None:
    office = make_office(tmp_path / "office", others=0)
    chance = random.Random(20261123)
    with office.notebook() as book:
        with book.writing():
            for number in range(ENTRIES):
                book.write(put("site", new_id(), UNIT, name=f"示例企业{number:04d}", unit_code=UNIT))
        for size in PHOTOS:
            kept = book.vault.put_bytes(chance.randbytes(size))
            body = {"sha256": kept.sha256, "size": kept.size, "mime": "image/jpeg", "name": "现场照片.jpg"}
            book.write(attach("evidence", new_id(), UNIT, body))
    server = Server(office.server)
    try:
        with Link(server.port, delay_s=0.03, rate=4 * MBIT, cut_s=0.7, seed=7).open() as poor:
            sessions = 0
            while sessions < SESSIONS:
                sessions += 1
                client = office.sync(poor.url)
                code = client.ended(100)
                said = client.complained()
                client.close()
                if code == Exit.DONE:
                    break
                assert code == Exit.NO_ANSWER, said
            assert code == Exit.DONE, "not all arrived"
    finally:
        server.close()
    print(f"{poor.cuts} cuts, {sessions} sessions; {poor.up} bytes up")
    assert poor.cuts > 5
    assert poor.up < 2 * NEEDED, "more than half of what was sent was sent again"
    with office.notebook() as book, office.central() as central:
        all_is_there_once(book, central)
