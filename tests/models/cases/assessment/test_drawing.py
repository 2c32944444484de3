"""The lot: the same seed and list give the same choice, and no line is likelier than another."""

from __future__ import annotations

import hashlib
import inspect
import shutil
import subprocess
import textwrap
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.cases.assessment import drawing

LINES = drawing.canonical(
    drawing.line(f"0193{number:032x}", f"专家{number:02}", f"示例单位{number:02}") for number in range(12)
)
SHELL = shutil.which("bash") and shutil.which("sha256sum")
SEEDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)


def by_hand(seed: str, lines: tuple[str, ...], count: int) -> list[str]:
    """The draw as its description says it, written anew."""
    whole = "".join(line + "\n" for line in lines).encode("utf-8")
    hashed, left, chosen, counter = hashlib.sha256(whole).hexdigest(), list(lines), [], 0
    while len(chosen) < count:
        text = "\n".join((seed, hashed, str(counter))).encode("utf-8")
        number = int(hashlib.sha256(text).hexdigest()[:15], 16)
        counter += 1
        if number < 2**60 - 2**60 % len(left):
            chosen.append(left.pop(number % len(left)).split(" ")[0])
    return chosen


@pytest.mark.requirement("R051")
@given(SEEDS, st.integers(0, 12))
def test_anyone_who_follows_the_description_gets_the_same(seed: str, count: int):
    assert list(drawing.choose(seed, LINES, count)) == by_hand(seed, LINES, count)


@pytest.mark.requirement("R051")
@pytest.mark.skipif(
    not (shutil.which("bash") and shutil.which("sha256sum")), reason="no shell with sha256sum"
)
def test_the_shell_lines_of_the_description_give_the_same(tmp_path: Path):
    text = inspect.getdoc(drawing) or ""
    script = textwrap.dedent("\n".join(line for line in text.splitlines() if line.startswith("    ")))
    (tmp_path / "list.txt").write_text("".join(f"{line}\n" for line in LINES), "utf-8")

    run = subprocess.run(
        ["bash", "-c", f"seed='福彩 03 11 27'; count=5\n{script}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    printed = [line.split(" ")[0] for line in run.stdout.splitlines()]
    assert printed == list(drawing.choose("福彩 03 11 27", LINES, 5))


@given(st.permutations(LINES))
def test_the_order_of_the_pools_rows_does_not_matter(rows: list[str]):
    assert drawing.choose("甲", drawing.canonical(rows), 4) == drawing.choose("甲", LINES, 4)


@given(SEEDS, st.integers(0, 12))
def test_nobody_is_chosen_twice_and_a_longer_draw_begins_with_the_shorter(seed: str, count: int):
    all_of_them = drawing.choose(seed, LINES, 12)

    assert len(set(all_of_them)) == 12
    assert drawing.choose(seed, LINES, count) == all_of_them[:count]


@pytest.mark.parametrize("count", [-1, 13])
def test_more_than_there_are_cannot_be_drawn(count: int):
    with pytest.raises(ValueError, match=str(count)):
        drawing.choose("甲", LINES, count)


@given(st.integers(1, 300), st.integers(1, 300))
def test_every_place_has_the_same_share_of_the_numbers(left: int, times: int):
    space = left * times + left // 2  # the last, broken run must be passed over
    places = Counter(drawing.place_of(number, left, space) for number in range(space))

    passed = places.pop(None, 0)
    assert set(places.values()) == {times}
    assert len(places) == left
    assert passed == left // 2


def test_the_numbers_that_are_passed_over_are_the_highest():
    limit = 2**60 - 2**60 % 74

    assert drawing.place_of(limit - 1, 74) == 73
    assert drawing.place_of(limit, 74) is None
    assert drawing.place_of(0, 74) == 0


@given(st.integers(0, 11), st.sampled_from(["专家99", "示例单位99"]))
def test_a_changed_list_has_another_hash(place: int, other: str):
    changed = [*LINES]
    changed[place] = changed[place].replace("专家" if "专家" in other else "示例单位", other[:-2] + "新")

    assert drawing.list_hash(changed) != drawing.list_hash(LINES)


def test_a_known_draw_stays_what_it_was():
    assert drawing.list_hash(LINES) == "4376bc1af960db50333d53a727311d7441431fa7917e3570cb480557e7b4a8ba"
    assert [int(each[-2:], 16) for each in drawing.choose("漳州", LINES, 3)] == [3, 4, 2]
