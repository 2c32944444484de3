"""What a person meets who fills a form in."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from models.errors import BadInput
from models.forms.filling import Filling
from models.forms.model import Form

Make = Callable[..., Filling]

VISIT = (Path(__file__).parent / "visit.md").read_text(encoding="utf-8")


@pytest.fixture
def visit(filling_of: Make) -> Filling:
    return filling_of(VISIT)


def test_texts_come_in_the_language_asked_for_else_in_the_form_s_first(visit: Filling) -> None:
    assert visit.label("site", "en") == "Site"
    assert visit.label("site", "English (en)") == "Site"
    assert visit.label("site") == "单位名称"
    assert visit.label("site", "fr") == "单位名称"
    assert visit.hint("site", "en") == "照营业执照填"
    assert visit.choice_label("county", "zhangpu", "en") == "漳浦"
    visit.language = "en"
    assert visit.label("ph") == "pH"


def test_a_label_shows_the_answer_that_it_refers_to(visit: Filling) -> None:
    visit.set("site", "示例企业03")
    assert visit.label("outfall") == "示例企业03有排污口吗"
    assert visit.label("outfall", "en") == "Does 示例企业03 have an outfall?"


def test_a_group_hides_and_shows_all_within_and_answers_survive(visit: Filling) -> None:
    assert not visit.visible("ph")
    visit.set("outfall", "y")
    assert visit.visible("ph")
    visit.set("ph", "7.2")
    visit.set("outfall", "n")
    assert not visit.visible("/data/water/ph")
    assert visit.value("ph") == "7.2"
    assert "/data/water/ph" in visit.answers()
    assert "/data/water/ph" not in visit.answers(relevant_only=True)


def test_a_hidden_answer_counts_as_blank(visit: Filling) -> None:
    visit.set("outfall", "y")
    visit.set("kinds", ["smell", "other"])
    assert visit.visible("other")
    visit.set("outfall", "n")
    assert not visit.visible("other")
    visit.set("outfall", "y")
    assert visit.visible("other")


def test_what_is_wrong_is_said_in_the_form_s_words_and_language(visit: Filling) -> None:
    visit.set("site", "一二三四五六七八九十一")
    assert visit.error("site") == "名称太长"
    visit.language = "en"
    assert visit.error("site") == "Too long"
    assert visit.value("site") == "一二三四五六七八九十一"
    visit.set("site", "短")
    assert visit.error("site") is None


def test_required_questions_are_missing_only_while_visible(visit: Filling) -> None:
    assert [(each.path, each.message) for each in visit.missing()] == [("/data/site", "单位名称必填")]
    visit.set("outfall", "y")
    assert [each.path for each in visit.missing()] == ["/data/site", "/data/water/ph"]
    visit.set("ph", 7)
    visit.set("site", "甲")
    assert visit.missing() == ()


@pytest.mark.parametrize(
    ("name", "good", "kept", "bad"),
    [
        ("samples", "３", "3", "三"),
        ("ph", "７．５", "7.5", "7,5"),
        ("on", "2026年3月1日", "2026-03-01", "2026-02-30"),
        ("on", "2026/3/1", "2026-03-01", "昨天"),
        ("at", "１４：３０", "14:30", "25:00"),
        ("ended", "2026-03-05T14:30+08:00", "2026-03-05T14:30+08:00", "2026-03-05"),
        ("place", "24.51 117.65", "24.51 117.65", "117.65 24.51 x"),
        ("town", "shima", "shima", "xiamen"),
        ("kinds", "smell colour", "smell colour", "smell sight"),
    ],
)
def test_answers_are_kept_as_text_of_their_type(
    visit: Filling, name: str, good: str, kept: str, bad: str
) -> None:
    visit.set("outfall", "y")
    visit.set("county", "longhai")
    visit.set(name, good)
    assert visit.value(name) == kept
    assert visit.error(name) is None
    visit.set(name, bad)
    assert visit.value(name) == bad
    assert visit.error(name)


def test_numbers_and_truth_are_given_as_they_are(visit: Filling) -> None:
    visit.set("ph", Decimal("7.10"))
    assert visit.value("ph") == "7.1"
    visit.set("ph", None)
    assert visit.value("ph") == ""


def test_choices_follow_their_filter_and_an_answer_that_falls_out_is_wrong_not_lost(visit: Filling) -> None:
    assert visit.choices("town") == ()
    visit.set("county", "longhai")
    assert [choice.value for choice in visit.choices("town")] == ["jiaomei", "shima"]
    visit.set("town", "shima")
    assert visit.value("town_name") == "石码"
    visit.set("county", "zhangpu")
    assert [choice.value for choice in visit.choices("town")] == ["chima"]
    assert visit.value("town") == "shima"
    assert "shima" in (visit.error("town") or "")


def test_a_choice_s_name_follows_the_language(visit: Filling) -> None:
    visit.set("county", "longhai")
    visit.set("town", "shima")
    visit.language = "en"
    assert visit.value("town_name") == "Shima"


def test_rounds_of_a_repeat_reckon_each_for_itself_and_sums_over_all(visit: Filling) -> None:
    assert visit.rounds("points") == ("/data/points[1]",)
    assert visit.add("points") == "/data/points[2]"
    visit.set("/data/points[1]/value", "0.1")
    visit.set("/data/points[2]/value", "0.2")
    visit.set("/data/points[2]/weight", "2")
    assert visit.value("/data/points[1]/product") == "0.1"
    assert visit.value("/data/points[2]/product") == "0.4"
    assert visit.value("/data/points[2]/before") == "0.1"
    assert (visit.value("total"), visit.value("how_many"), visit.value("largest")) == ("0.5", "2", "0.2")
    assert visit.label("remark") == "共2个点位"
    visit.set("/data/points[2]/value", "12")
    assert visit.visible("/data/points[2]/why")
    assert not visit.visible("/data/points[1]/why")


def test_a_round_that_is_removed_lets_the_next_move_up(visit: Filling) -> None:
    for value in ("1", "2", "3"):
        if value != "1":
            visit.add("points")
        visit.set(f"/data/points[{value}]/value", value)
    visit.remove("/data/points[1]")
    assert visit.value("/data/points[1]/value") == "2"
    assert visit.value("/data/points[2]/before") == "2"
    assert (visit.value("total"), visit.value("how_many")) == ("5", "2")


def test_a_counted_repeat_grows_and_shrinks_and_keeps_what_was_entered(visit: Filling) -> None:
    assert visit.value("samples") == "2"
    assert len(visit.rounds("bottles")) == 2
    assert visit.value("/data/bottles[2]/code") == "B2"
    visit.set("/data/bottles[2]/code", "二号")
    visit.set("samples", "1")
    assert len(visit.rounds("bottles")) == 1
    assert visit.answers()["/data/bottles[2]/code"] == "二号"
    assert "/data/bottles[2]/code" not in visit.answers(relevant_only=True)
    visit.set("samples", "3")
    assert visit.value("/data/bottles[2]/code") == "二号"
    with pytest.raises(BadInput):
        visit.add("bottles")


def test_a_count_of_a_billion_stops_at_the_limit_and_is_a_problem(visit: Filling) -> None:
    visit.set("samples", "1000000000")
    assert len(visit.rounds("bottles")) == 2000
    assert any(problem.aspect == "rounds" for problem in visit.problems())


def test_defaults_come_with_a_new_filling_only(visit: Filling) -> None:
    assert visit.value("on") == "2026-03-05"
    assert visit.value("number") == "X-1"
    assert visit.read_only("number")
    visit.set("on", "")
    again = Filling(visit.form, visit.answers())
    assert again.value("on") == ""


def test_what_is_calculated_once_stays(visit: Filling) -> None:
    assert visit.value("opened") == "!"
    visit.set("site", "甲")
    assert visit.value("opened") == "!"


def test_a_constraint_with_a_date_is_checked_by_day(visit: Filling) -> None:
    visit.set("on", "2026-03-06")
    assert visit.error("on") == "不得晚于今天"


def test_kept_answers_open_again_as_they_were_even_empty_rounds(visit: Filling) -> None:
    visit.set("site", "示例企业03")
    visit.add("points")
    visit.set("/data/points[2]/weight", "")
    visit.set("samples", "1")
    again = Filling(visit.form, visit.answers())
    assert again.answers() == visit.answers()
    assert again.paths() == visit.paths()


def test_answers_that_the_form_has_no_place_for_are_carried_on(visit: Filling) -> None:
    kept = {**visit.answers(), "/data/of_an_older_version": "x", "/data/site[4]": "y", "nonsense[": "z"}
    assert Filling(visit.form, kept).answers() == kept


@pytest.mark.parametrize(
    "path", ["nothing", "/data/nothing", "/data/points[9]/value", "/other", "/", "/data/points[0]"]
)
def test_a_path_that_is_not_there_is_named(visit: Filling, path: str) -> None:
    with pytest.raises(BadInput) as caught:
        visit.value(path)
    assert path in caught.value.text()


@pytest.mark.parametrize("name", ["water", "points", "remark", "total"])
def test_what_takes_no_answer_cannot_be_set(visit: Filling, name: str) -> None:
    with pytest.raises(BadInput):
        visit.set(name, "1")


def test_a_trigger_sets_a_value_when_a_person_changes_another(filling_of: Make) -> None:
    filling = filling_of(
        """
        | survey |
        | | type | name | label | calculation | trigger |
        | | text | site | Site | | |
        | | text | stamp | Stamp | concat('at ', now()) | ${site} |
        """
    )
    assert filling.value("stamp") == ""
    filling.set("site", "甲")
    assert filling.value("stamp") == "at 2026-03-05T12:00:00.000+08:00"


def test_repeats_within_repeats_keep_to_their_own(filling_of: Make) -> None:
    filling = filling_of(
        """
        | survey |
        | | type | name | label | calculation |
        | | begin_repeat | outer | Outer | |
        | | text | a | A | |
        | | begin_repeat | inner | Inner | |
        | | integer | b | B | |
        | | calculate | both | | concat(${a}, ${b}, position(..), position(../..)) |
        | | end_repeat | | | |
        | | calculate | inside | | sum(${b}) |
        | | end_repeat | | | |
        | | calculate | all | | sum(${b}) |
        """
    )
    filling.add("outer")
    filling.add("/data/outer[2]/inner")
    filling.set("/data/outer[2]/a", "x")
    filling.set("/data/outer[1]/inner[1]/b", "5")
    filling.set("/data/outer[2]/inner[2]/b", "7")
    assert filling.value("/data/outer[2]/inner[2]/both") == "x722"
    assert filling.value("/data/outer[1]/inner[1]/both") == "511"
    assert [filling.value(f"/data/outer[{n}]/inside") for n in (1, 2)] == ["5", "7"]
    assert filling.value("all") == "12"
    filling.remove("/data/outer[1]")
    assert filling.value("/data/outer[1]/inner[2]/both") == "x721"


def test_a_broken_expression_is_named_and_the_rest_works(form_of: Callable[[str], Form]) -> None:
    form = form_of(
        """
        | survey |
        | | type | name | label | relevant | calculation | constraint |
        | | text | a | A | | | |
        | | text | b | B | ${a} = = 1 | | |
        | | calculate | c | | | pulldata('rivers', 'name', 'id', ${a}) | |
        | | text | d | D | ${a} = 'x' | | regex(., concat('(', '')) |
        """
    )
    assert [(each.path, each.aspect) for each in form.problems] == [
        ("/data/b", "relevant"),
        ("/data/c", "calculation"),
    ]
    assert "rivers.csv" in form.problems[1].text()
    assert all(each.text() for each in form.problems)
    filling = Filling(form)
    assert filling.visible("b")
    assert not filling.visible("d")
    filling.set("a", "x")
    filling.set("d", "y")
    assert filling.error("d") is None
    assert [(each.path, each.aspect) for each in filling.problems()][-1] == ("/data/d", "constraint")


def test_a_broken_choice_filter_leaves_all_choices_and_a_list_not_read_lets_any_value_be(
    form_of: Callable[[str], Form],
) -> None:
    form = form_of(
        """
        | survey |
        | | type | name | label | choice_filter |
        | | select_one yn | a | A | nothing-such(name) |
        | | select_one_from_file rivers.csv | b | B | |
        | | select_one yn | c | C | regex(name, concat('(', '')) |
        | choices |
        | | list_name | name | label |
        | | yn | y | Yes |
        | | yn | n | No |
        """
    )
    assert [(each.path, each.aspect) for each in form.problems] == [
        ("/data/a", "choices"),
        ("/data/b", "choices"),
    ]
    assert "rivers.csv" in form.problems[1].text()
    filling = Filling(form)
    assert [choice.value for choice in filling.choices("a")] == ["y", "n"]
    assert [choice.value for choice in filling.choices("c")] == ["y", "n"]
    filling.set("a", "z")
    filling.set("b", "jiulong")
    assert filling.error("a")
    assert filling.error("b") is None


def test_an_answer_to_a_shuffled_question_is_checked_against_its_list(filling_of: Make) -> None:
    filling = filling_of(
        """
        | survey |                   |      |       |                         |               |
        |        | type              | name | label | parameters              | choice_filter |
        |        | select_one fruits | one  | One   | randomize=true, seed=42 |               |
        |        | select_one fruits | two  | Two   | randomize=true, seed=42 | kind = 'core' |
        | choices |           |       |       |       |
        |         | list_name | name  | label | kind  |
        |         | fruits    | apple | Apple | core  |
        |         | fruits    | plum  | Plum  | stone |
        |         | fruits    | pear  | Pear  | core  |
        """
    )
    assert sorted(choice.value for choice in filling.choices("one")) == ["apple", "pear", "plum"]
    assert sorted(choice.value for choice in filling.choices("two")) == ["apple", "pear"]
    for name in ("one", "two"):
        filling.set(name, "stone")
        assert filling.error(name) is not None
        filling.set(name, "pear")
        assert filling.error(name) is None
