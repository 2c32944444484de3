"""Files of time limits and of holidays as they are read, field by field, and each fault word for word."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from models.errors import BadInput
from models.language import use_language
from models.law import deadlines
from models.law.deadlines import Deadline, Limit, WorkCalendar, due, load_limits
from models.packs import PackFile

LIMITS = """
[limits.full]
zh = "期限"
en = "A limit"
[[limits.full.versions]]
amount = 1
kind = "hours"
backwards = true
starts = "送达"
extension = "可延长"
basis = "《示例法》第一条"
mark = "S"
from = 2020-01-01
until = 2022-12-31
[[limits.full.versions]]
amount = 2
kind = "years"
from = 2023-01-01
[limits.bare]
[[limits.bare.versions]]
amount = 3
kind = "working_days"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_field_of_a_limit_is_read(tmp_path: Path) -> None:
    found = load_limits(written(tmp_path, LIMITS))
    assert found == {
        "full": (
            Limit(
                key="full", zh="期限", en="A limit", amount=1, kind="hours", backwards=True, starts="送达",
                extension="可延长", basis="《示例法》第一条", mark="S", in_force=date(2020, 1, 1),
                until=date(2022, 12, 31),
            ),
            Limit("full", "期限", "A limit", 2, "years", False, "", "", "", "M", date(2023, 1, 1), None),
        ),
        "bare": (Limit("bare", "bare", "bare", 3, "working_days", False, "", "", "", "M", None, None),),
    }  # fmt: skip
    assert found["bare"][0].backwards is False
    assert found["full"][0].title == "A limit"
    use_language("zh")
    assert found["full"][0].title == "期限"
    assert load_limits(written(tmp_path, "")) == {}


def test_a_limit_runs_out_with_its_basis_and_mark(tmp_path: Path) -> None:
    found = load_limits(written(tmp_path, LIMITS.replace("backwards = true\n", "")))["full"]
    start = int(datetime(2022, 3, 1, 4, 0, tzinfo=UTC).timestamp() * 1000)
    assert due(start, found[0]) == Deadline(
        date(2022, 3, 1), start + 3_600_000, "hours", "《示例法》第一条", "S"
    )
    assert due(date(2024, 2, 29), found[1]) == Deadline(date(2026, 2, 28), None, "years", "", "M")


def test_the_version_of_the_day_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From its first day to its last, both included."""
    (tmp_path / "more.toml").write_text('[limits.more]\n[[limits.more.versions]]\namount = 9\nkind = "days"\n'
                                        "until = 2020-01-01\n", encoding="utf-8")  # fmt: skip
    files = (written(tmp_path, LIMITS), tmp_path / "more.toml")
    monkeypatch.setattr(deadlines, "LIMITS", PackFile(deadlines._read_limits, *files))
    assert deadlines.limit_keys() == ["full", "bare", "more"]

    def amount(key: str, day: date) -> int | None:
        found = deadlines.limit(key, day)
        return None if found is None else found.amount

    assert [amount("full", day) for day in (date(2019, 12, 31), date(2020, 1, 1), date(2022, 12, 31))] == [
        None,
        1,
        1,
    ]
    assert [amount("full", date(2023, 1, 1)), amount("bare", date(1990, 1, 1))] == [2, 3]
    assert [amount("more", date(2020, 1, 1)), amount("more", date(2020, 1, 2))] == [9, None]
    with pytest.raises(BadInput, match=r"^No time limit is called “tea_break”\.$"):
        deadlines.limit("tea_break", date(2020, 1, 1))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[limits.x]\n", "own.toml, x: “versions” is missing."),
        ("[limits]\nx = 5\n", "own.toml, x: “versions” is missing."),
        ('[[limits.x.versions]]\nkind = "days"\n', "own.toml, x: “amount” is missing."),
        ('[[limits.x.versions]]\namount = 0\nkind = "days"\n', "own.toml, x: “amount” is missing."),
        ('[[limits.x.versions]]\namount = true\nkind = "days"\n', "own.toml, x: “amount” is missing."),
        ('[[limits.x.versions]]\namount = 1\nkind = "weeks"\n', "own.toml, x: “weeks” is not known here."),
        ("[[limits.x.versions]]\namount = 1\n", "own.toml, x: “None” is not known here."),
    ],
)
def test_a_fault_of_a_limit_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        load_limits(written(tmp_path, text))
    assert refused.value.text() == said


NO_DAY = "own.toml, 2027: “{}” is not a day or range of that year (2026-01-01/2026-01-03)."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[soon]\n", "own.toml, soon: not a year. Write [2027] above its days."),
        ("2027 = 5\n", "own.toml, 2027: not a year. Write [2027] above its days."),
        ('[2027]\noff = ["2026-12-31"]\n', NO_DAY.format("2026-12-31")),
        ('[2027]\non = ["2028-01-01"]\n', NO_DAY.format("2028-01-01")),
        ('[2027]\noff = ["2027-12-31/2028-01-01"]\n', NO_DAY.format("2027-12-31/2028-01-01")),
        ('[2027]\noff = ["2026-12-31/2027-01-01"]\n', NO_DAY.format("2026-12-31/2027-01-01")),
        ('[2027]\noff = ["2027-01-02/2027-01-01"]\n', NO_DAY.format("2027-01-02/2027-01-01")),
        ('[2027]\noff = ["2027-01-01/2027-01-02/2027-01-03"]\n',
         NO_DAY.format("2027-01-01/2027-01-02/2027-01-03")),
        ('[2027]\noff = ["soon"]\n', NO_DAY.format("soon")),
        ("[2027]\noff = 5\n", NO_DAY.format("5")),
    ],
)  # fmt: skip
def test_a_fault_of_a_calendar_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        WorkCalendar.of(written(tmp_path, text))
    assert refused.value.text() == said


def test_a_calendar_is_read_day_by_day(tmp_path: Path) -> None:
    text = '[2027]\noff = ["2027-01-01/2027-01-04", "2027-05-03/2027-05-03"]\non = ["2027-01-09"]\n'
    text += "[2026]\noff = '2026-12-31'\n"
    calendar = WorkCalendar.of(written(tmp_path, text))
    assert calendar.years == [2026, 2027]
    worked = {day: calendar.is_worked(date(2027, 1, day)) for day in range(1, 12)}
    assert [day for day, on in worked.items() if on] == [5, 6, 7, 8, 9, 11]
    assert [calendar.is_worked(date(2027, 5, day)) for day in (3, 4)] == [False, True]
    assert not calendar.is_worked(date(2026, 12, 31))
    assert calendar.is_worked(date(2026, 12, 30))
    with pytest.raises(BadInput) as refused:
        calendar.is_worked(date(2028, 1, 3))
    assert refused.value.text() == (
        "No holiday calendar is kept for 2028, so working days cannot be counted. Add the State Council's "
        "arrangement of 2028 to the calendar file."
    )


def test_no_working_day_after_a_day_is_the_day_itself(tmp_path: Path) -> None:
    calendar = WorkCalendar.of(written(tmp_path, "[2027]\n"))
    saturday = date(2027, 1, 2)
    assert [calendar.add(saturday, count) for count in (0, 1, 2, -1)] == [
        saturday,
        date(2027, 1, 4),
        date(2027, 1, 5),
        date(2027, 1, 1),
    ]
