"""Interviews: what is asked of the record (V04), corrections before the seal, exact bytes after it."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import RuleBroken
from models.inspections import canonical
from models.inspections.onsite import interview_rules as rules
from models.inspections.onsite import interviews, queries
from models.inspections.onsite.tables import Interview, Question
from models.law.parameters import PARAMETERS
from models.registry import keeping, sealing
from models.rooms import room
from models.store.change import new_id, put
from models.store.notebook import Notebook

PERSON = {
    "person_name": "示例人员07",
    "person_gender": "男",
    "person_age": "41",
    "person_relation": "生产负责人",
    "case_title": "涉嫌超标排放水污染物",
}
ENDED = {
    "shown_certificates": True,
    "told_rights": True,
    "avoidance": "none",
    "alone": True,
    "reading": "read",
    "signed": "signed",
}


def begun(visit: Any, **fields: Any) -> str:
    return interviews.begin(visit.notebook, visit.id, **{**PERSON, **fields})


def whole(visit: Any, **fields: Any) -> str:
    interview = begun(visit, **fields)
    interviews.ask(visit.notebook, interview, "请介绍你的身份。", "我是该厂生产负责人。")
    interviews.end(visit.notebook, interview, **ENDED)
    return interview


def blocking(book: Notebook, interview: str) -> set[str]:
    return {each.field for each in interviews.missing(book, interview) if each.blocking}


def test_an_interview_takes_over_officers_and_place_of_its_visit(visit: Any) -> None:
    row = interviews.interview(visit.notebook, begun(visit))
    assert row is not None
    assert (row.first_officer, row.second_officer, row.recorder) == (visit.first, visit.second, visit.first)
    assert row.place == "漳州市芗城区示例路3号"
    assert row.count == 1
    assert row.number is not None
    assert row.number.startswith("XW-350602-")


def test_the_second_interview_of_a_person_counts_itself(visit: Any) -> None:
    begun(visit)
    second = interviews.interview(visit.notebook, begun(visit))
    other = interviews.interview(visit.notebook, begun(visit, person_name="示例人员08"))
    assert second is not None
    assert other is not None
    assert (second.count, other.count) == (2, 1)


@pytest.mark.validity("V04")
def test_what_the_record_must_state_is_asked_for_one_by_one(visit: Any) -> None:
    interview = interviews.begin(visit.notebook, visit.id)
    asked = blocking(visit.notebook, interview)
    assert asked == {
        "case_title", "ended_at", "person_name", "person_gender", "person_relation", "person_age",
        "shown_certificates", "told_rights", "avoidance", "alone", "reading", "signed", "question",
    }  # fmt: skip
    interviews.edit(visit.notebook, interview, **PERSON)
    interviews.ask(visit.notebook, interview, "请介绍你的身份。", "我是该厂生产负责人。")
    interviews.end(visit.notebook, interview, **ENDED)
    assert blocking(visit.notebook, interview) == set()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"second_officer": None}, "second_officer"),
        ({"told_rights": False}, "told_rights"),
        ({"signed": "refused"}, "refusal_reason"),
        ({"signed": "refused", "refusal_reason": "不服"}, "witness_name"),
        ({"unsigned_pages": "2"}, "refusal_reason"),
        ({"avoidance": "asked"}, "avoidance_reason"),
        ({"alone": False, "others": None}, "others"),
        ({"person_age": "17"}, "guardian_name"),
        ({"person_age": "17", "guardian_name": "示例人员09"}, "guardian_relation"),
    ],
)
def test_no_seal_without_what_the_case_at_hand_needs(visit: Any, fields: dict[str, Any], field: str) -> None:
    interview = whole(visit)
    interviews.edit(visit.notebook, interview, **fields)
    with pytest.raises(RuleBroken) as refusal:
        interviews.seal(visit.notebook, interview)
    assert refusal.value.field == field


def test_a_question_without_answer_is_named_by_its_place(visit: Any) -> None:
    interview = whole(visit)
    interviews.ask(visit.notebook, interview, "当日是否排放废水？")
    lacking = [each for each in interviews.missing(visit.notebook, interview) if each.blocking]
    assert [each.params for each in lacking] == [{"place": 2}]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"person_id_number": "350602198001010005"}, "person_id_number"),
        ({"unsigned_pages": "一"}, "unsigned_pages"),
        ({"count": 0}, "count"),
        ({"began_at": 4_000_000_000_000}, "began_at"),
        ({"ended_at": 1}, "ended_at"),
        ({"signed": "perhaps"}, "signed"),
        ({"recorder": "nobody"}, "recorder"),
    ],
)
def test_values_that_cannot_be_are_refused_at_their_field(
    visit: Any, fields: dict[str, Any], field: str
) -> None:
    interview = begun(visit)
    with pytest.raises(RuleBroken) as refusal:
        interviews.edit(visit.notebook, interview, **fields)
    assert refusal.value.field == field


@pytest.mark.requirement("R087")
def test_two_officers_are_two_people(visit: Any) -> None:
    with pytest.raises(RuleBroken, match="同一人"):
        interviews.edit(visit.notebook, begun(visit), second_officer=visit.first)


@pytest.mark.requirement("R090")
def test_a_grid_worker_begins_no_interview(visit: Any) -> None:
    book = visit.notebook
    book.write(put("officer", book.person, book.unit, role="grid"))
    with pytest.raises(RuleBroken) as refusal:
        interviews.begin(book, person_name="示例人员07")
    assert refusal.value.basis == "国办发〔2024〕54号"


def test_questions_keep_their_order_and_one_can_be_put_in_between(visit: Any) -> None:
    book, interview = visit.notebook, begun(visit)
    first = interviews.ask(book, interview, "一", "1")
    interviews.ask(book, interview, "三", "3")
    interviews.ask(book, interview, "二", "2", after=first)
    interviews.ask(book, interview, "四", "4")
    assert [row.question for row in interviews.questions_of(book, interview)] == ["一", "二", "三", "四"]


def test_where_there_is_no_room_left_between_two_questions_that_is_said(visit: Any) -> None:
    book, interview = visit.notebook, begun(visit)
    first = interviews.ask(book, interview, "一")
    interviews.ask(book, interview, "末")
    for count in range(9):
        interviews.ask(book, interview, f"{count}", after=first)
    with pytest.raises(RuleBroken) as refusal:
        interviews.ask(book, interview, "再", after=first)
    assert refusal.value.field == "after"


def test_a_correction_before_the_seal_keeps_what_stood_there(visit: Any) -> None:
    book, interview = visit.notebook, begun(visit)
    question = interviews.ask(book, interview, "何时投产？", "2019年")
    interviews.correct(book, question, answer="2020年")
    past = keeping.past(book, question)
    assert [(each.old, each.new) for each in past if each.field == "answer"] == [
        (None, "2019年"),
        ("2019年", "2020年"),
    ]
    with pytest.raises(RuleBroken):
        interviews.correct(book, question, question="  ")


def test_the_seal_fixes_the_exact_words_and_nothing_changes_after_it(visit: Any) -> None:
    book, interview = visit.notebook, whole(visit)
    taken_out = interviews.ask(book, interview, "重复的问题", "无")
    interviews.take_out(book, taken_out, "重复")
    sealed = interviews.seal(book, interview)
    data = sealing.sealed_bytes(book, interview)
    assert data is not None
    assert hashlib.sha256(data).hexdigest() == sealed.sha256
    record = canonical.decode(data)
    assert record["schema"] == "qingcha-interview-1"
    assert record["number"] == sealed.number
    assert [(each["question"], each["answer"]) for each in record["questions"]] == [
        ("请介绍你的身份。", "我是该厂生产负责人。")
    ]
    assert [each["certificate"] for each in record["interviewers"]] == ["FJ350602001", "FJ350602002"]
    assert record["interview"]["person_name"] == "示例人员07"
    question = interviews.questions_of(book, interview)[0]
    for change in (
        lambda: interviews.edit(book, interview, place="他处"),
        lambda: interviews.ask(book, interview, "再问"),
        lambda: interviews.correct(book, question.id, answer="改"),
        lambda: interviews.take_out(book, question.id, "改"),
        lambda: interviews.end(book, interview),
        lambda: interviews.seal(book, interview),
        lambda: interviews.withdraw(book, interview, "改"),
    ):
        with pytest.raises(RuleBroken):
            change()


def test_a_question_that_comes_behind_the_seal_is_no_part_of_it(visit: Any) -> None:
    """The store's own rule: a sealed record takes no more children, whoever sends them."""
    book, interview = visit.notebook, whole(visit)
    sealed = interviews.seal(book, interview)
    with book:
        covered = book.journal.entries_of(interview)[-1].parsed_body["covers"]
    late = new_id()
    book.write(
        put("question", late, book.unit, interview=interview, place=9000, question="后补", answer="后补")
    )
    with book:
        uid = book.journal.entries_of(late)[0].uid
    assert uid not in covered
    assert sealing.seal_of(book, interview) == sealed


def test_two_interviews_at_once_by_one_officer_are_pointed_out(visit: Any) -> None:
    book = visit.notebook
    first, second = whole(visit), whole(visit, person_name="示例人员08")
    row = interviews.interview(book, first)
    assert row is not None
    assert row.began_at is not None
    for interview in (first, second):
        interviews.edit(book, interview, began_at=row.began_at - 60_000, ended_at=row.began_at)
    advice = [
        each for each in interviews.missing(book, second) if not each.blocking and "同时段" in each.text
    ]
    assert len(advice) == 2, "both officers"
    assert interviews.seal(book, second), "advice does not stop the seal"


def test_the_room_shows_finds_and_does_it(visit: Any) -> None:
    book, onsite = visit.notebook, room("onsite")
    interview = whole(visit)
    assert queries.find_interviews(book, "生产负责人") == [interview], "by the words of an answer"
    assert queries.find_interviews(book, "示例人员07") == [interview]
    sheet = onsite.sheets["interview"](book, interview)
    assert [section.title for section in sheet.sections][-2:] == ["问答", "签名"]
    seal = onsite.act("seal_interview")
    assert seal is not None
    assert seal.why_not is not None
    assert seal.why_not(book, interview) == ""
    seal.run(book, interview)
    assert "已签封" in seal.why_not(book, interview)
    assert onsite.sheets["interview"](book, interview).state.text == "已签封"
    with book:
        assert Interview.get_by_id(interview).sealed
        assert Question.select().count() == 1


class Row:
    """A person as the rules see one."""

    def __init__(self, number: str = "", age: str = "") -> None:
        self.person_id_number = number
        self.person_age = age


def test_an_age_that_nobody_can_reckon_with_is_refused(visit: Any) -> None:
    """Else a minor would need no guardian: 十七岁 has no digit, and of 16-17 the first counts."""
    interview = whole(visit)
    with pytest.raises(RuleBroken) as refusal:
        interviews.edit(visit.notebook, interview, person_age="十七岁")
    assert refusal.value.field == "person_age"
    interviews.edit(visit.notebook, interview, person_age="约16-17岁")
    assert "guardian_name" in blocking(visit.notebook, interview)


def test_a_citizen_number_with_a_digit_too_few_is_refused(visit: Any) -> None:
    interview = whole(visit)
    for number in ("35060219900101001", "3506021990010100111"):
        with pytest.raises(RuleBroken) as refusal:
            interviews.edit(visit.notebook, interview, person_id_number=number)
        assert refusal.value.field == "person_id_number"
    for other in ("E12345678", "12345678", "350602900101001"):
        interviews.edit(visit.notebook, interview, person_id_number=other)


@given(st.dates(date(1930, 1, 1), date(2026, 1, 1)), st.integers(0, 365 * 40))
def test_the_age_by_the_citizen_number_turns_on_the_birthday(born: date, later: int) -> None:
    day = date.fromordinal(born.toordinal() + later)
    age = rules.age_on(Row(number=f"350602{born:%Y%m%d}0010"), day)
    assert age is not None
    turned = (day.month, day.day) >= (born.month, born.day)
    leap = (born.month, born.day) == (2, 29)
    assert leap or age == day.year - born.year - (not turned)


@given(st.text(max_size=20), st.text(max_size=10))
def test_no_number_or_age_breaks_the_rules(number: str, age: str) -> None:
    found = rules.age_on(Row(number, age), date(2026, 5, 4))
    assert found is None or found >= 0


def test_from_which_age_no_guardian_is_needed_is_a_parameter(visit: Any, tmp_path: Path) -> None:
    interview = whole(visit)
    interviews.edit(visit.notebook, interview, person_age="18")
    assert "guardian_name" not in blocking(visit.notebook, interview)
    key = "adult_years"
    (tmp_path / "parameters.toml").write_text(f"[{key}]\n[[{key}.versions]]\nvalue = 20\n", "utf-8")
    PARAMETERS.use(tmp_path)
    try:
        assert "guardian_name" in blocking(visit.notebook, interview)
    finally:
        PARAMETERS.use()
