"""Server times around an entry: proved by clock entries, whatever the laptop's clock says."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from models.store import keys
from models.store.change import new_id, put
from models.store.clock import Clock
from models.store.health import chain_problems, projection_problems
from models.store.notebook import Notebook
from models.store.witness import Witnessed, witnessed, witnessed_record
from tui.screens.history import past_lines
from tui.screens.sync_receipt import read_receipt

from .conftest import PASSPHRASE, UNIT


def test_an_entry_lies_between_two_witnessed_times(tmp_path: Path) -> None:
    wall, mono = 5_000_000, 100
    clock = Clock(wall_ms=lambda: wall, mono_ms=lambda: mono, boot=lambda: "boot")
    book = Notebook.create(
        tmp_path / "book", PASSPHRASE, person=new_id(), unit=UNIT, cost=keys.FAST, clock=clock
    )
    seqs = []

    def write() -> None:
        entry = book.write(put("site", new_id(), UNIT, name="示例"))[-1]
        seqs.append(entry.parsed_head.q)

    write()
    book.remember_server_time(1_795_000_000_000)
    wall, mono = 0, 100 + 60_000
    write()
    mono += 1000
    book.remember_server_time(1_795_000_090_000)
    write()
    device = book.device
    assert witnessed(book, device, seqs[0]) == Witnessed(None, 1_795_000_000_000)
    assert witnessed(book, device, seqs[1]) == Witnessed(1_795_000_060_000, 1_795_000_090_000)
    assert witnessed(book, device, seqs[2]) == Witnessed(1_795_000_090_000, None)
    book.remember_server_time(1_795_000_100_000)
    assert witnessed(book, device, seqs[2]) == Witnessed(1_795_000_090_000, 1_795_000_100_000), (
        "the last contact"
    )
    assert witnessed(book, device, 99) == Witnessed(None, None)
    book.close()


def test_a_clock_that_disagrees_is_said_beside_the_entry_and_the_interval_on_the_receipt(
    tmp_path: Path,
) -> None:
    wall, mono = 1_795_000_000_000, 100
    clock = Clock(wall_ms=lambda: wall, mono_ms=lambda: mono, boot=lambda: "boot")
    book = Notebook.create(
        tmp_path / "book", PASSPHRASE, person=new_id(), unit=UNIT, cost=keys.FAST, clock=clock
    )
    right, wrong = new_id(), new_id()
    book.remember_server_time(wall)
    book.write(put("site", right, UNIT, name="准时"))
    wall, mono = wall + 3 * 3_600_000, mono + 1000  # set three hours ahead, one second later
    book.write(put("site", wrong, UNIT, name="拨快"))
    book.remember_server_time(1_795_000_002_000)
    disagrees, set_back = "设备时钟与此不符", "设备时钟曾被往回拨"
    assert disagrees not in "".join(past_lines(book, "site", right))
    assert disagrees in "".join(past_lines(book, "site", wrong))
    assert set_back not in "".join(past_lines(book, "site", wrong))
    wall, mono = wall - 2 * 3_600_000, mono + 1000
    book.write(put("site", right, UNIT, name="拨回"))
    assert sum(set_back in each for each in past_lines(book, "site", right)) == 1
    found = witnessed_record(book, wrong)
    assert found == Witnessed(1_795_000_001_000, 1_795_000_002_000)
    assert "按服务器时间" in read_receipt(book, wrong)
    assert witnessed_record(book, new_id()) is None
    book.close()


@pytest.mark.parametrize(
    ("between", "moment", "holds"),
    [
        (Witnessed(None, None), 0, True),
        (Witnessed(10_000_000, None), 10_000_000 - 120_000, True),
        (Witnessed(10_000_000, None), 10_000_000 - 120_001, False),
        (Witnessed(None, 10_000_000), 10_000_000 + 120_000, True),
        (Witnessed(None, 10_000_000), 10_000_000 + 120_001, False),
        (Witnessed(5, 10), 7, True),
    ],
)
def test_a_time_is_held_against_the_interval(between: Witnessed, moment: int, holds: bool) -> None:
    assert between.holds(moment) is holds


@pytest.mark.parametrize("jump", [-10 * 365 * 86_400, -86_400, -1, 1, 3_600, 86_400, 10 * 365 * 86_400])
def test_whatever_the_clock_does_the_chain_holds_and_the_interval_too(tmp_path: Path, jump: int) -> None:
    """Clock fuzz of the attack table: set by a second to ten years, zones, 2038, the leap second."""
    start = 2_147_483_000_000  # just before 2038-01-19
    wall, mono, true = start, 1000, start
    clock = Clock(wall_ms=lambda: max(0, wall), mono_ms=lambda: mono, boot=lambda: "boot")
    book = Notebook.create(
        tmp_path / "book", PASSPHRASE, person=new_id(), unit=UNIT, cost=keys.FAST, clock=clock
    )
    seqs: list[tuple[int, int]] = []
    random = Random(jump)
    for _ in range(30):
        step = random.randrange(1, 2000)
        true, mono, wall = true + step, mono + step, wall + step
        if random.random() < 0.3:
            wall += jump * 1000
        if random.random() < 0.5:
            book.remember_server_time(true)
        seqs.append((book.write(put("site", new_id(), UNIT, name="示例"))[-1].parsed_head.q, true))
    book.remember_server_time(true)
    for seq, at in seqs:
        found = witnessed(book, book.device, seq)
        assert (found.not_before or 0) <= at <= (found.not_after or true), "the truth lies within"
    assert chain_problems(book) == []
    assert projection_problems(book) == []
    book.close()
