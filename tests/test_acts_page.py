"""The pages of what can be done are what the rooms give, whole and in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from models import acts_page, rooms
from models.language import current_language

DOCS = Path(__file__).parent.parent / "docs"
ROW = re.compile(r"^\| [^|]+ \| `(\w+)` \|", re.MULTILINE)


@pytest.mark.parametrize("language", acts_page.PAGE.files)
def test_the_pages_are_what_the_rooms_give(language: str):
    page = DOCS / acts_page.PAGE.files[language]
    assert page.read_text("utf-8") == acts_page.PAGE.text(language), "run: python -m models.acts_page"


@pytest.mark.parametrize("language", acts_page.PAGE.files)
def test_every_list_and_act_of_every_room_has_its_row(language: str):
    whole = acts_page.PAGE.text(language)
    parts = re.split(r"^## .*`(\w+)`$", whole, flags=re.MULTILINE)[1:]
    assert parts[::2] == list(rooms.MODULES)
    for name, part in zip(parts[::2], parts[1::2], strict=True):
        room = rooms.room(name)
        wanted = [each.name for each in room.listings] + [each.name for each in room.acts]
        assert sorted(ROW.findall(part)) == sorted(wanted), name


def test_a_row_says_what_an_act_does_what_it_asks_for_and_who_may():
    (row,) = (line for line in acts_page.PAGE.text("en").splitlines() if "| `edit_site` |" in line)
    assert row == (
        "| Correct | `edit_site` | Changes what the register says of the site; records of before stay as "
        "they are. | `name`* Name of the site (text); `code` Unified social credit code (text); `unit_code` "
        "Unit (County or district); `address` Address (text); `legal_person` Legal representative (text); "
        "`contact` Contact person (text); `phone` Phone (text); `kind` Trade (text); `permit_number` "
        "Discharge permit (text); `industry` Industry of the standards (one of a list); `category` "
        "Category (text); `built` Approved on (a date); `receiving_water` Receiving water (one of a list); "
        "`air_zone` Zone of air quality (one of a list); `stack_height` Height of the stack, m (text); "
        "`water_grade` Discharge grade (one of a list); `noise_zone` Acoustic zone "
        "(one of a list); `latitude` Latitude (text); `longitude` Longitude (text) | change the register of "
        "sites |"
    )


@pytest.mark.parametrize("language", acts_page.PAGE.files)
def test_every_row_of_a_table_has_as_many_cells_as_its_head(language: str):
    counts: list[int] = []
    for line in acts_page.PAGE.text(language).splitlines():
        if not line.startswith("|"):
            counts.clear()
            continue
        counts.append(line.count(" | "))
        assert counts[-1] == counts[0], line


def test_writing_the_pages_leaves_the_language_as_it_was(tmp_path: Path):
    before = current_language()
    acts_page.PAGE.write(tmp_path)
    assert current_language() == before
    assert {each.name for each in tmp_path.iterdir()} == set(acts_page.PAGE.files.values())
    assert "| 登记线索 | `register` |" in (tmp_path / "acts.zh-CN.md").read_text("utf-8")
