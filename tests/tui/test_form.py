"""A form keeps what is typed when the field is left, and shows errors at their place."""

from __future__ import annotations

from typing import Any

from textual import events, on
from textual.app import ComposeResult

from models.errors import RuleBroken
from tests.tui.helpers import HOSTILE, assert_clean, screen_text, settle, until
from tui.place import Place
from tui.screens.help import HelpList
from tui.widgets import form as form_module
from tui.widgets.choice import Choice, ChoiceField
from tui.widgets.field import Field
from tui.widgets.form import Form, FormField, Kept
from tui.widgets.picker import Picker, among

FIELDS = [
    FormField("name", "名称", required=True),
    FormField("kind", "类别", kind="choice", choices=(("a", "甲"), ("b", "乙"))),
    FormField(
        "site", "对象", kind="pick", query=among([Choice("1", "示例企业01"), Choice("2", "示例企业02")])
    ),
    FormField("note", "备注", kind="long"),
    FormField("marks", "检查单", kind="marks", choices=(("A", "甲"), ("W", "乙"))),
    FormField("last", "末栏"),
]


class FormPlace(Place):
    """A place with one form."""

    place_name = "today"

    def __init__(self, values: dict[str, Any] | None = None, fields: list[FormField] | None = None) -> None:
        super().__init__()
        self.fields = fields or FIELDS
        self.given = values or {}
        self.kept: list[tuple[str, str]] = []
        self.finished = 0

    def body(self) -> ComposeResult:
        yield Form(self.fields, self.given)

    def load(self) -> None:
        self.query_one(Form).focus_field()

    def field_kept(self, event: Kept) -> None:
        self.kept.append((event.key, event.value))

    @on(Form.Finished)
    def ended(self) -> None:
        self.finished += 1


async def test_enter_and_arrows_keep_and_go_on(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        place = FormPlace()
        await app.push_screen(place)
        await settle(pilot)
        await pilot.press("a", "b", "enter")
        assert place.focused.id == "field-kind"
        await pilot.press("right", "down")
        assert place.focused.id == "field-site"
        await pilot.press("up", "up")
        assert place.focused.id == "field-name"
        await pilot.press("c", "down")
        await settle(pilot)
        assert place.kept == [("name", "ab"), ("kind", "a"), ("name", "abc")]


async def test_a_question_mark_on_a_picked_field_asks_for_help_as_the_footer_says(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        place = FormPlace()
        await app.push_screen(place)
        await settle(pilot)
        place.query_one(Form).focus_field("site")
        await pilot.press("question_mark")
        await until(pilot, lambda: app.screen is not place)
        await settle(pilot)
        assert isinstance(app.screen, HelpList)
        assert place.kept == []


async def test_letters_open_the_picker_and_its_choice_goes_on(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        place = FormPlace()
        await app.push_screen(place)
        await settle(pilot)
        place.query_one("#field-site").focus()
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, Picker) and "示例企业02" in screen_text(app))
        await pilot.press("down", "enter")
        await settle(pilot)
        assert place.query_one("#field-site", ChoiceField).label == "示例企业02"
        assert place.kept == [("site", "2")]
        assert place.focused.id == "field-note"


async def test_a_word_that_an_input_method_delivers_at_once_is_searched_whole(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        place = FormPlace()
        await app.push_screen(place)
        await settle(pilot)
        place.query_one("#field-site").focus()
        await pilot.pause()
        for character in "企业02":
            app.post_message(events.Key(character, character))
        app.post_message(events.Key("enter", "\r"))
        await until(pilot, lambda: app.screen is place and place.focused.id == "field-note")
        assert place.query_one("#field-site", ChoiceField).label == "示例企业02"


async def test_marks_are_made_by_letter_or_space_and_enter_goes_on(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        place = FormPlace()
        await app.push_screen(place)
        await settle(pilot)
        place.query_one("#field-marks").focus()
        await pilot.press("w", "up", "space", "enter")
        await settle(pilot)
        assert place.kept[-1] == ("marks", "A,W")
        assert place.focused.id == "field-last"
        await pilot.press("enter")
        await settle(pilot)
        assert place.finished == 1


async def test_what_is_typed_is_kept_though_the_field_is_not_left(make_app, monkeypatch):
    monkeypatch.setattr(form_module, "KEEP_AFTER", 0.02)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        place = FormPlace()
        await app.push_screen(place)
        await settle(pilot)
        await pilot.press("z")
        await until(pilot, lambda: place.kept == [("name", "z")])
        assert place.focused.id == "field-name"


async def test_a_broken_rule_stands_under_its_field(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        place = FormPlace()
        await app.push_screen(place)
        await settle(pilot)
        place.trouble(RuleBroken("名称太长。", field="name"))
        await pilot.pause()
        assert "! 名称太长。" in screen_text(app)
        assert place.query_one(Form).missing() == ["name"]


async def test_loading_does_not_disturb_a_field_being_typed_in(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        place = FormPlace({"name": "旧"})
        await app.push_screen(place)
        await settle(pilot)
        place.query_one(Form).focus_field("name")
        await pilot.pause()
        await pilot.press("x")
        assert place.query_one(Form).values["name"] == "旧x"
        place.query_one(Form).load({"name": "别人写的", "last": "新"})
        assert place.query_one(Form).values["name"] == "旧x"
        assert place.query_one(Form).values["last"] == "新"


async def test_hostile_values_are_shown_clean_and_not_changed_by_looking(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        fields = [FormField(f"n{number}", "名称") for number in range(len(HOSTILE))]
        fields += [FormField(f"l{number}", "备注", kind="long") for number in range(len(HOSTILE))]
        values = {f"{kind}{number}": text for number, text in enumerate(HOSTILE) for kind in "nl"}
        place = FormPlace(values, fields)
        await app.push_screen(place)
        await settle(pilot)
        place.query_one("#field-n0").focus()
        for _ in fields:
            await pilot.press("tab")
            assert_clean(app)
        place.query_one(Form).keep_now()
        await settle(pilot)
        assert place.kept == []


async def test_pasted_control_characters_do_not_get_in(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        place = FormPlace()
        await app.push_screen(place)
        await settle(pilot)
        from textual.events import Paste

        field = place.query_one("#field-name", Field)
        field.post_message(Paste("排水\x1b[2J口\n第二行\u202e"))
        await settle(pilot)
        assert field.value == "排水[2J口 第二行"


async def test_the_terminal_cursor_is_where_the_drawn_one_is(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        place = FormPlace()
        await app.push_screen(place)
        await settle(pilot)
        field = place.query_one("#field-name", Field)
        field.value = "ab深水"
        field.cursor_position = 4
        await pilot.pause()
        assert app.cursor_position.x == field.content_region.x + 6
        assert app.cursor_position.y == field.content_region.y


UNFILLED = [
    FormField("covert", "暗查", kind="choice", choices=(("1", "是"), ("0", "否")), hint="事先不告知"),
    FormField("unit", "单位", kind="choice", choices=(("", "同限值"), ("mg", "mg"))),
    FormField("grade", "级别", kind="choice", choices=(("", "-"), ("1", "1"))),
    FormField("site", "对象", kind="pick", query=lambda _text: [], hint="首字母"),
    FormField("carrier", "原始载体", hint="相机存储卡"),
]


async def test_what_is_not_chosen_says_so_and_a_hint_is_never_taken_for_a_value(make_app):
    app = make_app(language="zh")
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(FormPlace(fields=UNFILLED))
        await settle(pilot)
        lines = screen_text(app).splitlines()

        def shown(label: str) -> str:
            return (
                next(line for line in lines if line.lstrip().startswith(label)).split(maxsplit=1)[1].strip()
            )

        assert shown("暗查") == "< 未选择 >（事先不告知）"
        assert shown("单位") == "< 同限值 >"  # an empty value that means something
        assert shown("级别") == "< 未选择 >（按左右键选择）"
        assert shown("对象") == "未选择（首字母）  [v]"
        assert shown("原始载体") == "（相机存储卡）"
        await pilot.press("right")
        await pilot.pause()
        assert "< 是 >" in screen_text(app)
