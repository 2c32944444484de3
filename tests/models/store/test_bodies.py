"""What a verb may ask to be written: what cannot be kept is refused, what changes nothing is left out."""

from __future__ import annotations

from typing import Any

import pytest

from models import catalogue
from models.errors import BadInput
from models.store.change import attach, note, put, restore, void
from models.store.entry import Entry
from models.store.fold import fold
from models.store.health import chain_problems
from models.store.seat import Seat

UNIT = "350602"


def table() -> Any:
    return catalogue.kind("trial").table


def named(seat: Seat, record: str) -> Any:
    with seat:
        row = table().get_or_none(id=record)
    return row.name if row is not None else None


def entries_of(seat: Seat, record: str) -> list[Entry]:
    with seat:
        return seat.journal.entries_of(record)


def test_a_second_file_of_a_record_takes_the_place_of_the_first(notebook: Seat) -> None:
    notebook.write(
        put("trial", "r", UNIT, name="甲"), attach("trial", "r", UNIT, {"sha256": "1", "name": "乙"})
    )
    first, second = entries_of(notebook, "r")
    assert "b" not in second.parsed_body
    notebook.write(attach("trial", "r", UNIT, {"sha256": "2", "name": "乙"}))
    third = entries_of(notebook, "r")[-1]
    shown = fold([first, second], ()).heads
    # what is shown is replaced; whatever stood beside it unseen is left to be settled
    assert third.parsed_body["b"] == sorted({shown["sha256"][0].uid, shown["name"][0].uid})
    found = fold([first, second, third], ()).heads
    assert [head.value for head in found["sha256"]] == ["2"]
    assert "b" not in found


@pytest.mark.parametrize(
    "change",
    [
        put("trial", "r", UNIT, count=2**63),
        put("trial", "r", UNIT, count=-(2**63)),
        put("trial", "r", UNIT, name="\x00"),
        note("trial", "r", UNIT, "\ud800"),
        note("trial", "r", UNIT, "a\x00"),
        attach("trial", "r", UNIT, {"gps": {"\x00": "1"}}),
        put("trial", "r", UNIT, name="长" * 100_000),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_sentence(notebook, change):
    with pytest.raises(BadInput) as refused:
        notebook.write(change)
    assert refused.value.text()
    assert named(notebook, "r") is None
    notebook.write(put("trial", "r", UNIT, name="可以"))
    assert chain_problems(notebook) == []


def test_true_and_one_are_not_the_same(notebook):
    notebook.write(put("trial", "r", UNIT, done=True, count=1))
    (entry,) = notebook.write(put("trial", "r", UNIT, done=1, count=1))
    assert set(entry.parsed_body["f"]) == {"done"}


def test_a_void_that_is_restored_can_be_voided_for_the_same_reason(notebook):
    notebook.write(put("trial", "r", UNIT, name="一"))
    for _ in range(2):
        assert notebook.write(void("trial", "r", UNIT, "误录"))
        assert notebook.write(restore("trial", "r", UNIT))
    with notebook:
        assert table().get_by_id("r").conflicts == 0
