"""What is said of a basis, word for word, by packs made for it: texts, hints, days at which a law ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from models.errors import BadInput
from models.law import bases
from models.law.citation import Citation, chinese_number, read_citation
from models.law.due import Due, day_or_none
from models.law.packs import load_packs
from models.law.ranges import PenaltyRange, compared, words

PACK = """
[instruments.old]
title = "示例旧法"
short = "旧法"
en = "Old Act"
in_force = 2020-01-01
repealed = 2022-06-30
mark = "S"
[instruments.new]
title = "示例新法"
short = "新法"
en = "New Act"
in_force = 2022-07-01
mark = "S"
[instruments.rule]
title = "示例规则"
in_force = 2021-01-01
mark = "S"

[[bases.X1]]
requires = ["old:1", "old:2.1", "rule:7"]
punishes = ["old:30", "old:31"]
ranges = [{ min = 100, max = 20_000 }]
mark = "S"
[[bases.X1]]
requires = ["new:5"]
punishes = ["new:50"]
ranges = [{ min = 10_000, max = 50_000 }, { max = 3_000, whom = "person" }]
mark = "S"
[[bases.X2]]
punishes = ["old:40"]
penalty = "警告"
mark = "S"
[[bases.X3]]
requires = ["rule:"]
mark = "S"
[[bases.X4]]
requires = ["new:9"]
punishes = ["new:90"]
mark = "S"
[[gaps.X2]]
from = 2022-07-01
why = "新法未规定。"
[[gaps.X5]]
until = 2024-01-01
why = "从无规定。"
[[bases.lighter_rule]]
requires = ["rule:37"]
mark = "S"
"""
THEN, LAST, FIRST, NOW = date(2021, 5, 1), date(2022, 6, 30), date(2022, 7, 1), date(2023, 1, 1)


@pytest.fixture(autouse=True)
def packed(tmp_path: Path) -> Iterator[bases.Law]:
    folder = tmp_path / "packs"
    folder.mkdir()
    (folder / "own.toml").write_text(PACK, encoding="utf-8")
    bases.use_packs(folder)
    yield bases.law()
    bases.use_packs()


@pytest.fixture
def alone(tmp_path: Path) -> bases.Law:
    """Only the pack made for it."""
    return bases.Law(load_packs([tmp_path / "packs"]))


def test_a_basis_says_every_article_once_by_its_instrument() -> None:
    found = bases.basis("X1", THEN)
    assert found == bases.Basis(
        key="X1",
        instrument="示例旧法",
        article="《旧法》第一条、第二条第一款；《示例规则》第七条",
        penalty_article="《旧法》第三十条、第三十一条",
        penalty="100元以上2万元以下罚款",
        ranges=(PenaltyRange(100, 20_000),),
        text="《旧法》第一条、第二条第一款；《示例规则》第七条；罚则：《旧法》第三十条、第三十一条（100元以上2万元以下罚款）",
        en="Old Act art. 1, art. 2.1; 示例规则 art. 7; Old Act art. 30, art. 31",
        in_force=date(2021, 1, 1),
        repealed=LAST,
        mark="S",
        penalty_mark="S",
        note="",
    )
    punished = bases.basis("X2", THEN)
    assert punished is not None
    assert (punished.text, punished.article) == ("罚则：《旧法》第四十条（警告）", "")
    assert punished.en == "Old Act art. 40"
    whole = bases.basis("X3", THEN)
    assert whole is not None
    assert (whole.article, whole.en, whole.text) == ("《示例规则》", "示例规则", "《示例规则》")
    plain = bases.basis("X4", NOW)
    assert plain is not None
    assert plain.text == "《新法》第九条；罚则：《新法》第九十条"


def test_all_keys_are_listed_in_order_also_those_that_have_only_a_gap(alone: bases.Law) -> None:
    assert alone.keys() == ["X1", "X2", "X3", "X4", "X5", "lighter_rule"]
    assert [one.key for one in alone.instruments()] == ["old", "rule", "new"]
    assert alone.basis("X5", NOW) is None
    assert alone.basis("X5", date(2024, 1, 2)) is None


@pytest.mark.parametrize(
    ("key", "day", "said"),
    [
        ("X1", THEN, ""),
        ("X2", NOW, "新法未规定。"),
        ("X5", date(2024, 1, 1), "从无规定。"),
        ("X5", date(2024, 1, 2), "No legal basis for X5 is kept for 2024-01-02."),
        (
            "X1",
            date(2019, 12, 31),
            "No legal basis for X1 is kept for 2019-12-31; the earliest kept is of 2021-01-01.",
        ),
        ("X2", date(2019, 12, 31),
         "No legal basis for X2 is kept for 2019-12-31; the earliest kept is of 2020-01-01."),
    ],
)  # fmt: skip
def test_why_nothing_is_kept_is_said(key: str, day: date, said: str) -> None:
    assert bases.why_none(key, day) == said
    if said:
        assert bases.basis_text(key, day) == said
    else:
        found = bases.basis(key, day)
        assert found is not None
        assert bases.basis_text(key, day) == found.text


def test_of_two_later_versions_the_earlier_is_named(alone: bases.Law) -> None:
    assert alone.why_none("X1", date(2020, 12, 31)).endswith("the earliest kept is of 2021-01-01.")
    assert alone.basis("X1", date(2021, 1, 1)) is not None


OF_X1 = (
    "Of the day of the act: {then}. Now: {now}. The former applies, unless the latter is lighter or no "
    "longer punishes it (《示例规则》第三十七条). {hint}"
)


def test_the_note_on_the_lighter_law_is_said_word_for_word() -> None:
    then, now = bases.basis("X1", THEN), bases.basis("X1", NOW)
    assert then is not None
    assert now is not None
    hint = "By the ranges kept, the fines of the later law are higher."
    assert bases.lighter_rule_note(THEN, NOW, "X1") == OF_X1.format(then=then.text, now=now.text, hint=hint)
    old = bases.basis("X2", THEN)
    assert old is not None
    said = OF_X1.format(then=old.text, now="no legal basis", hint="")
    assert bases.lighter_rule_note(THEN, NOW, "X2") == said.strip()
    new = bases.basis("X4", NOW)
    assert new is not None
    said = OF_X1.format(then="no legal basis", now=new.text, hint="")
    assert bases.lighter_rule_note(THEN, NOW, "X4") == said.strip()
    assert bases.lighter_rule_note(NOW, THEN, "X1") is None
    assert bases.lighter_rule_note(THEN, THEN + timedelta(1), "X1") is None


def test_what_ended_between_the_act_and_today_is_named(alone: bases.Law) -> None:
    said = (
        "The law has changed since {day} (旧法): the law of the day of the act applies, unless the new law "
        "is lighter or no longer punishes it (《示例规则》第三十七条)."
    )
    for on, today in ((THEN, NOW), (LAST, FIRST), (date(2020, 1, 1), FIRST)):
        assert alone.lighter_rule_note(on, today) == said.format(day=on.isoformat())
    for on, today in ((FIRST, NOW), (date(2019, 12, 31), NOW), (THEN, LAST), (LAST, LAST), (NOW, THEN)):
        assert alone.lighter_rule_note(on, today) is None, (on, today)


def test_several_that_ended_are_told_apart(tmp_path: Path) -> None:
    folder = tmp_path / "two"
    folder.mkdir()
    other = PACK.replace("in_force = 2021-01-01", "in_force = 2021-01-01\nrepealed = 2022-06-30")
    (folder / "own.toml").write_text(other, encoding="utf-8")
    note = bases.Law(load_packs([folder])).lighter_rule_note(THEN, NOW)
    assert note is not None
    assert "(旧法、示例规则)" in note
    assert note.endswith("no longer punishes it ()."), "the rule itself has ended"


LATER = (
    "The law has changed since. It applies as of the day of the act, unless the later is lighter or no "
    "longer punishes it ({rule}). {hint} Now: {now}"
)


def test_what_is_in_force_today_is_told_beside_the_basis(packed: bases.Law, tmp_path: Path) -> None:
    now = bases.basis("X1", NOW)
    assert now is not None
    hint = "By the ranges kept, the fines of the later law are higher."
    rule = "《示例规则》第三十七条"
    assert packed.later_law("X1", THEN, NOW) == LATER.format(rule=rule, hint=hint, now=now.text)
    assert packed.later_law("X2", THEN, NOW) == LATER.format(rule=rule, hint="", now="新法未规定。")
    for on, today in ((THEN, LAST), (NOW, THEN), (LAST, LAST)):
        assert packed.later_law("X1", on, today) == ""
    folder = tmp_path / "two"
    folder.mkdir()
    other = PACK.replace("in_force = 2021-01-01", "in_force = 2021-01-01\nrepealed = 2022-06-30")
    (folder / "own.toml").write_text(other, encoding="utf-8")
    said = bases.Law(load_packs([folder])).later_law("X1", THEN, NOW)
    assert said == LATER.format(rule="", hint=hint, now=now.text)
    with pytest.raises(BadInput, match="X9"):
        packed.later_law("X9", THEN, NOW)


def test_one_article_of_the_same_law_on_both_sides_of_a_day_is_no_change(packed: bases.Law) -> None:
    assert packed.later_law("X3", THEN, NOW) == ""
    assert packed.lighter_rule_note(THEN, NOW, "X3") is None


# -- ranges and citations ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "written"),
    [(1, "1元"), (9_999, "9999元"), (10_000, "1万元"), (10_001, "1.0001万元"), (12_345_678, "1234.5678万元"),
     (100_000_000, "10000万元")],
)  # fmt: skip
def test_an_amount_is_written_in_yuan_or_myriads(number: int, written: str) -> None:
    assert PenaltyRange(None, number).text == f"{written}以下罚款"


def test_what_is_no_money_has_no_myriads() -> None:
    assert PenaltyRange(1, 20_000, "detention_days").text == "拘留1日以上20000日以下"
    both = [PenaltyRange(None, 5), PenaltyRange(1, 5, of="情节严重的", whom="unit")]
    assert words(both) == "5元以下罚款；情节严重的：对单位1元以上5元以下罚款"


@pytest.mark.parametrize(
    ("then", "now", "said"),
    [
        ((10, 20), (10, 30), "higher"),
        ((10, 20), (10, 15), "lower"),
        ((10, 20), (12, 20), "higher"),
        ((10, 20), (8, 20), "lower"),
        ((None, 20), (1, 20), "higher"),
        ((1, 20), (None, 20), "lower"),
        ((0, 20), (None, 20), "same"),
    ],
)
def test_one_end_that_moved_is_enough(
    then: tuple[int | None, int], now: tuple[int | None, int], said: str
) -> None:
    assert compared([PenaltyRange(*then)], [PenaltyRange(*now)]) == said


def test_numbers_of_articles_reach_to_their_end() -> None:
    assert chinese_number(9999) == "九千九百九十九"
    assert chinese_number(10) == "十"
    assert chinese_number(2002) == "二千零二"


@pytest.mark.parametrize("text", ["code", ":5", ":", "code:a", "code:1:2", "code:0"])
def test_what_is_no_citation_is_refused_with_its_key(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_citation(text, file="own.toml", key="X1")
    assert refused.value.text() == (
        f"own.toml, X1: “{text}” is not a citation. Write instrument:article, such as code:1108.1(3)."
    )


def test_a_citation_of_a_whole_instrument_has_no_article() -> None:
    assert read_citation("code:", file="own.toml", key="X1") == Citation("code", "")
    assert read_citation("code:5", file="own.toml", key="X1") == Citation("code", "5")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("2027-06-30", date(2027, 6, 30)),
        ("1000-01-01", date(1000, 1, 1)),
        ("9000-12-31", date(9000, 12, 31)),
        ("0999-12-31", None),
        ("9001-01-01", None),
        ("20270630", None),
        ("2027-W26-3", None),
        ("2027-06-31", None),
        ("", None),
        (None, None),
        (5, None),
    ],
)
def test_a_day_is_written_in_one_way(text: str | None, kept: date | None) -> None:
    assert day_or_none(text) == kept


def test_the_last_day_has_no_days_left() -> None:
    due = Due("key", "case", "id", "about", "what", date(2026, 11, 23), "basis")
    assert [due.days_left(date(2026, 11, day)) for day in (22, 23, 24)] == [1, 0, -1]
