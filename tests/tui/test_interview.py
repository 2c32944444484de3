"""The interview: question, answer, next, by keys alone at 80x24; corrections, missing, seal, paper."""

from __future__ import annotations

from typing import Any

import pytest

from models.inspections.onsite import interviews
from tests.tui.helpers import assert_clean, screen_text, settle, until
from tests.tui.visits import LOOKS, SIZE, arrived, at, begun, typed
from tui.screens.inspection_missing import MissingList

PERSON = {"person_gender": "男", "person_age": "41", "person_relation": "生产负责人"}
ENDED = {
    "shown_certificates": True,
    "told_rights": True,
    "avoidance": "none",
    "alone": True,
    "reading": "read",
    "signed": "signed",
}


@pytest.fixture
def interview(notebook: Any, officers: tuple[str, str]) -> str:
    visit = begun(notebook, officers)
    return interviews.begin(notebook, visit, person_name="示例人员07", case_title="涉嫌超标排放", **PERSON)


def asked(notebook: Any, interview: str) -> list[tuple[str, str]]:
    rows = interviews.questions_of(notebook, interview)
    return [(row.question or "", row.answer or "") for row in rows]


async def test_questions_and_answers_are_typed_one_after_the_other(make_app, notebook, interview):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "interview", interview_id=interview)
        for count in range(3):
            await typed(pilot, f"who {count}")
            await pilot.press("enter")
            await typed(pilot, f"me {count}")
            await pilot.press("enter")
        await settle(pilot)
        assert asked(notebook, interview) == [(f"who {count}", f"me {count}") for count in range(3)]
        text = screen_text(app)
        assert "who 2" in text
        assert "me 0" in text
        assert app.screen.focused.id == "interview-question"


async def test_a_question_is_kept_before_its_answer_and_leaving_keeps_the_answer(
    make_app, notebook, interview
):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "interview", interview_id=interview)
        await typed(pilot, "since when")
        await pilot.press("enter")
        await settle(pilot)
        assert asked(notebook, interview) == [("since when", "")]
        await typed(pilot, "may")
        await pilot.press("escape")
        await settle(pilot)
        assert asked(notebook, interview) == [("since when", "may")]


async def test_what_is_typed_and_no_record_yet_comes_back_after_a_power_cut(make_app, notebook, interview):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(app, pilot, "interview", interview_id=interview)
        await typed(pilot, "half a quest")
        screen._keep_draft()
        await settle(pilot)
        assert asked(notebook, interview) == []
        app.pop_screen()  # nothing is kept by this, as by a power cut
        await settle(pilot)
        again = await at(app, pilot, "interview", interview_id=interview)
        assert again.question.value == "half a quest"
        await pilot.press("enter", "escape")
        await settle(pilot)
        assert asked(notebook, interview) == [("half a quest", "")]


async def test_enter_on_what_was_asked_corrects_it_and_the_history_keeps_both(make_app, notebook, interview):
    interviews.ask(notebook, interview, "何时投产？", "2019年")
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "interview", interview_id=interview)
        await pilot.press("up", "enter")
        await settle(pilot)
        await until(pilot, lambda: "正在更正第 1 问" in screen_text(app))
        await pilot.press("enter")
        await typed(pilot, "!")
        await pilot.press("enter")
        await settle(pilot)
        assert asked(notebook, interview) == [("何时投产？", "2019年!")]
        with notebook:
            row = interviews.questions_of(notebook, interview)[0]
            olds = [each.old for each in notebook.journal.history(row.id) if each.field == "answer"]
        assert olds == [None, "2019年"]


async def test_a_question_is_put_in_between_and_another_taken_out(make_app, notebook, interview):
    for words in ("one", "three"):
        interviews.ask(notebook, interview, words, "yes")
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "interview", interview_id=interview)
        await pilot.press("up", "home", "i")
        await typed(pilot, "two")
        await pilot.press("enter")
        await typed(pilot, "yes")
        await pilot.press("enter")
        await settle(pilot)
        assert [question for question, _answer in asked(notebook, interview)] == ["one", "two", "three"]
        await pilot.press("up", "end", "f8")
        await settle(pilot)
        await typed(pilot, "twice")
        await pilot.press("enter")
        await settle(pilot)
        assert [question for question, _answer in asked(notebook, interview)] == ["one", "two"]


async def test_a_stock_question_goes_straight_to_its_answer(make_app, notebook, interview):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "interview", interview_id=interview)
        await pilot.press("f4")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert app.screen.focused.id == "interview-answer"
        await typed(pilot, "yes")
        await pilot.press("enter")
        await settle(pilot)
        assert [answer for _question, answer in asked(notebook, interview)] == ["yes"]


async def test_an_empty_answer_goes_on_only_when_it_is_meant(make_app, notebook, interview):
    app = make_app(notebook, language="zh")
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(app, pilot, "interview", interview_id=interview)
        await pilot.press("ctrl+n")  # nothing was asked yet
        await typed(pilot, "why")
        await pilot.press("enter", "enter")
        await settle(pilot)
        assert screen.focused.id == "interview-answer"
        assert "Ctrl+N" in screen_text(app)
        assert asked(notebook, interview) == [("why", "")]
        await pilot.press("ctrl+n")
        await settle(pilot)
        assert asked(notebook, interview) == [("why", "（未作回答）")]
        assert screen.focused.id == "interview-question"
        lacks = {each.field for each in interviews.missing(notebook, interview)}
        assert "answer" not in lacks
        await typed(pilot, "who")
        await pilot.press("enter")
        await typed(pilot, "me")
        await pilot.press("ctrl+n", "enter")  # an answer that stands there is not written over
        await settle(pilot)
        assert asked(notebook, interview)[1] == ("who", "me")


async def test_esc_lets_the_letters_act_and_keeps_what_was_typed(make_app, notebook, interview):
    app = make_app(notebook, language="zh")
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(app, pilot, "interview", interview_id=interview)
        await typed(pilot, "x")
        assert screen.question.value == "x"
        await pilot.press("escape")
        await settle(pilot)
        assert asked(notebook, interview) == [("x", "")]
        assert app.screen is screen
        footer = screen_text(app).splitlines()[-1]  # it names the letters now
        assert [key for key in "nbxsp" if f" {key} " not in f" {footer}"] == []
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, MissingList))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        await pilot.press("p")
        await arrived(app, pilot, "paper")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is not screen)


async def test_sealing_lists_what_is_missing_and_seals_when_nothing_is(make_app, notebook, interview):
    interviews.ask(notebook, interview, "何时投产？", "2019年")
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "interview", interview_id=interview)
        await pilot.press("up", "s")
        await settle(pilot)
        await until(pilot, lambda: "未签封" in screen_text(app))
        await pilot.press("enter")
        await arrived(app, pilot, "act")
        await pilot.press("escape")
        await settle(pilot)
        interviews.end(notebook, interview, **ENDED)
        await pilot.press("s")
        await settle(pilot)
        await pilot.press("y")
        await settle(pilot)
        await until(pilot, lambda: interviews.interview(notebook, interview).sealed)
        await settle(pilot)
        assert not app.screen.query_one("#interview-entry").display
        await pilot.press("p")
        await arrived(app, pilot, "paper")
        await until(pilot, lambda: "调查询问笔录" in screen_text(app))


async def test_it_is_reached_from_the_inspection_and_begun_there(make_app, notebook, officers):
    visit = begun(notebook, officers)
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "inspection", inspection_id=visit)
        await pilot.press("o")
        await settle(pilot)
        await until(pilot, lambda: "调查询问" in screen_text(app))
        await typed(pilot, "dcxw")
        await settle(pilot)
        await pilot.press("enter")
        await arrived(app, pilot, "act")
        await typed(pilot, "zhang")
        await pilot.press("f10")
        await arrived(app, pilot, "interview")
        with notebook:
            from models.inspections.onsite.tables import Interview

            row = Interview.get()
        assert (row.person_name, row.inspection) == ("zhang", visit)


async def test_what_an_act_made_is_opened_however_fast_its_form_goes(
    make_app, notebook, officers, monkeypatch
):
    visit = begun(notebook, officers)
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(app, pilot, "act", room="onsite", act="interview", record_id=visit)
        monkeypatch.setattr(screen, "ask", lambda *_args, **_more: pytest.fail("the form has gone"))
        await typed(pilot, "zhang")
        await pilot.press("f10")
        await arrived(app, pilot, "interview")


@pytest.mark.parametrize(("size", "language", "theme"), LOOKS)
async def test_it_is_drawn_in_every_size(make_app, notebook, interview, size, language, theme):
    for count in range(30):
        interviews.ask(notebook, interview, f"第{count}个问题，" + "很长" * 40, "答复" * 60)
    app = make_app(notebook, language=language, theme=theme)
    async with app.run_test(size=size) as pilot:
        await at(app, pilot, "interview", interview_id=interview)
        assert_clean(app)
        await until(pilot, lambda: "第29个问题" in screen_text(app))
