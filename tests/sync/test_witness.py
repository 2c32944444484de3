"""Server times around an entry: proved by clock entries, whatever the laptop's clock says."""

from __future__ import annotations

from pathlib import Path

from models.store import keys
from models.store.change import new_id, put
from models.store.clock import Clock
from models.store.notebook import Notebook
from sync.witness import Witnessed, witnessed

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
    assert witnessed(book, device, 99) == Witnessed(None, None)
    book.close()
