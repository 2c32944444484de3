"""The record: preview, what is filled in, files, seal and its code; by keys alone at 80x24."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models.inspections import queries, verbs
from models.inspections.sealing import seal_inspection, seal_of
from tests.tui.helpers import HOSTILE, assert_clean, screen_lines, screen_text, settle, until
from tests.tui.visits import LOOKS, SIZE, arrived, at, begun, typed
from tests.visits import fill
from tui.screens import record
from tui.screens.record_code import CodeView
from tui.screens.record_files import file_name
from tui.widgets.confirm import AskLine, Confirm


@pytest.fixture
def visit(notebook: Any, officers: tuple[str, str]) -> str:
    return begun(notebook, officers)


async def test_the_form_is_previewed_with_what_is_missing(make_app, notebook, visit):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "record", inspection_id=visit)
        text = screen_text(app)
        assert "现场检查（勘察）笔录" in text
        assert "还缺" in text
        assert "示例印染企业03" in text
        await pilot.press("tab")
        await settle(pilot)
        assert "证据清单" in screen_text(app)


async def test_situation_and_signatures_are_kept_field_by_field(make_app, notebook, visit):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "record", inspection_id=visit)
        await pilot.press("w")
        await arrived(app, pilot, "signatures")
        await typed(pilot, "working")
        await pilot.press("down", "right", "down", "right", "down", "right")
        await pilot.press("escape")
        await settle(pilot)
        row = queries.inspection(notebook, visit)
        assert row.situation == "working"
        assert (row.shown_certificates, row.told_rights, row.avoidance) == (True, True, "none")
        await arrived(app, pilot, "record")


async def test_a_phrase_goes_into_the_situation(make_app, notebook, visit):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "signatures", inspection_id=visit)
        await pilot.press("f4")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert queries.inspection(notebook, visit).situation


async def test_a_statement_is_made_once_and_then_corrected(make_app, notebook, visit):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "record", inspection_id=visit)
        await pilot.press("t")
        await arrived(app, pilot, "statement")
        await typed(pilot, "we know")
        await pilot.press("down")
        await typed(pilot, "zhang")
        await pilot.press("escape")
        await settle(pilot)
        statements = queries.sheet(notebook, visit).statements
        assert [(one.kind, one.text, one.name) for one in statements] == [("party", "we know", "zhang")]


@pytest.mark.parametrize("suffix", [".docx", ".html", ".txt"])
async def test_the_paper_is_written_where_it_is_asked_for(make_app, notebook, visit, tmp_path, suffix):
    app = make_app(notebook)
    target = tmp_path / f"paper{suffix}"
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "record", inspection_id=visit)
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, AskLine) and app.screen.focused)
        app.screen.query_one("Field").load(str(target))
        await pilot.press("enter")
        await settle(pilot)
        assert target.stat().st_size > 500


async def test_a_folder_that_cannot_be_written_is_one_sentence(make_app, notebook, visit, tmp_path):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "record", inspection_id=visit)
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, AskLine) and app.screen.focused)
        app.screen.query_one("Field").load(str(tmp_path / "nowhere" / "paper.docx"))
        await pilot.press("enter")
        await settle(pilot)
        assert [note.severity for note in app._notifications] == ["error"]
        assert "nowhere" in next(iter(app._notifications)).message


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50)])
async def test_sealed_here_its_code_is_shown_whole(make_app, notebook, visit, size, tmp_path):
    fill(notebook, visit)
    app = make_app(notebook)
    async with app.run_test(size=size) as pilot:
        screen = await at(app, pilot, "record", inspection_id=visit)
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, Confirm) and app.screen.focused)
        await pilot.press("y")
        await settle(pilot)
        await until(pilot, lambda: screen._view.seal is not None)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, CodeView))
        await settle(pilot)
        assert_clean(app)
        drawn = [line for line in screen_lines(app) if re.search("[▀▄█▌▐\U0001fb00-\U0001fb3b]", line)]
        assert len(drawn) >= 19
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, AskLine) and app.screen.focused)
        app.screen.query_one("Field").load(str(tmp_path / "code.png"))
        await pilot.press("enter")
        await settle(pilot)
        assert read_code(tmp_path / "code.png") == seal_of(notebook, visit).qr_text


def read_code(path: Path) -> str:
    """What a phone would read."""
    import zxingcpp
    from PIL import Image

    return zxingcpp.read_barcodes(Image.open(path).convert("L"))[0].text


async def test_before_the_seal_there_is_no_code(make_app, notebook, visit):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "record", inspection_id=visit)
        await pilot.press("q")
        await settle(pilot)
        assert not isinstance(app.screen, CodeView)


@pytest.mark.parametrize(("size", "language", "theme"), LOOKS)
async def test_everything_is_drawn_whole(make_app, notebook, visit, size, language, theme):
    app = make_app(notebook, language=language, theme=theme)
    async with app.run_test(size=size) as pilot:
        for place in ("record", "signatures", "statement", "facts"):
            await at(app, pilot, place, inspection_id=visit)
            assert_clean(app)


async def test_hostile_words_in_the_record_never_act(make_app, notebook, visit):
    texts = [text for text in HOSTILE if "\ud800" not in text]
    for text in texts[:12]:
        verbs.add_statement(notebook, visit, "party", text, name=text[:50])
    verbs.edit(notebook, visit, situation="\n".join(texts)[:19_000], contact_name=texts[3])
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "record", inspection_id=visit)
        for key in ("pagedown", "pagedown", "tab", "t", "enter", "escape", "w"):
            await pilot.press(key)
            await settle(pilot)
            assert_clean(app)


def test_file_names_hold_no_character_that_a_file_system_refuses():
    for text in HOSTILE:
        name = file_name(text[:50], "笔录/../x", ".docx")
        assert not set('/\\:*?"<>|\n\r\t\x00') & set(name)
        assert not name.startswith(".")


async def test_what_an_order_took_out_of_a_visit_is_told_above_its_paper(
    make_app, notebook, visit, monkeypatch
):
    app = make_app(notebook)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "record", inspection_id=visit)
        assert "按令删除" not in screen_text(app)
        assert "尚未签名" in screen_text(app)
        fill(notebook, visit)
        seal_inspection(notebook, visit)
        short = replace(seal_of(notebook, visit), taken_out="某号")
        monkeypatch.setattr(record, "seal_of", lambda *_given: short)
        app.screen.load()
        await until(pilot, lambda: "按令删除" in screen_text(app))
        assert "尚未签名" not in screen_text(app), "the answer may be what went"
