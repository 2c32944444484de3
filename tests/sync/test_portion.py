"""How much is sent at once, and how much of the disk files leave free: docs/protocol.md, sections 4 and 5."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from sync.portion import Portion
from sync.problems import Problem
from sync.server import room

GIB = 1 << 30
Usage = namedtuple("Usage", "total used free")


def grown(portion: Portion, seconds: list[float]) -> list[int]:
    sizes = []
    for each in seconds:
        portion.went(each)
        sizes.append(portion.size)
    return sizes


def test_it_doubles_after_two_good_answers_up_to_the_most() -> None:
    portion = Portion(128, least=128, most=1000, good=2, seconds=2)
    assert grown(portion, [1] * 8) == [128, 256, 256, 512, 512, 1000, 1000, 1000]


def test_a_slow_answer_is_not_good_enough_to_send_more() -> None:
    portion = Portion(128, least=128, most=1000, good=1, seconds=2)
    assert grown(portion, [2.0, 3.0, 1.9]) == [128, 128, 256]


def test_a_cut_halves_it_and_more_patience_is_asked_for_before_the_next_doubling() -> None:
    portion = Portion(1024, least=300, most=4096, good=2, seconds=2)
    portion.was_cut()
    assert portion.size == 512
    portion.was_cut()
    assert portion.size == 300, "never below the least"
    assert grown(portion, [1] * 8) == [300] * 7 + [600], "twice two cuts: eight good ones"


def test_what_the_other_end_takes_at_most_holds() -> None:
    portion = Portion(1024, least=300, most=4096, good=1, seconds=2)
    portion.at_most(200)
    assert (portion.size, grown(portion, [1, 1])) == (200, [200, 200])


@pytest.mark.parametrize(("total", "kept"), [(200 * GIB, GIB), (20 * GIB, GIB), (10 * GIB, GIB // 2)])
def test_files_leave_so_much_of_the_disk_free(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, total: int, kept: int
) -> None:
    """1 GiB, of a disk below 20 GiB a twentieth: photographs wait there, entries go on."""
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(total, 0, kept + 100))
    assert room.kept(tmp_path) == kept
    room.refuse_file(tmp_path, 100)
    with pytest.raises(Problem, match="disk-full") as refused:
        room.refuse_file(tmp_path, 101)
    assert refused.value.status == 507
    assert refused.value.retry_after
