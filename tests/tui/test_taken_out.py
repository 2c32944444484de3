"""What an order took out is shown so wherever a file's state is, with its hash, and never as lost."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from models.documents.case_parts import evidence_grid
from models.documents.evidence_list import list_paper
from models.documents.facts import gather
from models.documents.labels import labels
from models.documents.paper import preview
from models.documents.papers import inspection_paper
from models.inspections import queries, verbs
from models.store.entry import Entry
from models.store.notebook import Notebook
from sync.client import synchronise
from sync.ledger import Ledger
from sync.queries import files_on_their_way, unsent
from sync.server import admin, redacting
from sync.server.central import Central
from tests.tui.helpers import assert_clean, screen_text, settle
from tests.tui.test_sync import begin_visit, book, central, server  # noqa: F401 -- fixtures
from tests.tui.visits import SIZE, at
from tui.cli.notebook import lost_files
from tui.screens.evidence_parts import thumbnail_rows
from tui.screens.sync_receipt import read_receipt

WHY = "(2026)闽0602行审1号"


@dataclass
class Case:
    """A visit with three photographs, of which orders took two out."""

    book: Notebook
    visit: str
    named: Any
    """The piece whose entry went that names the file, as it was."""
    alone: Any
    """The piece whose file went by itself."""
    whole: Any


def entry_of(seat: Notebook, record: str, kind: str) -> Entry:
    with seat:
        return next(each for each in seat.journal.entries_of(record) if each.parsed_head.k == kind)


def photo(folder: Path, name: str, colour: str) -> Path:
    path = folder / name
    drawn = BytesIO()
    Image.new("RGB", (64, 48), colour).save(drawn, "JPEG")
    path.write_bytes(drawn.getvalue())
    return path


@pytest.fixture
def case(book: Notebook, central: Central, tmp_path: Path) -> Case:  # noqa: F811
    visit = begin_visit(book)
    for name, colour in (("named.jpg", "red"), ("alone.jpg", "green"), ("whole.jpg", "blue")):
        verbs.take_in(book, visit, photo(tmp_path, name, colour), kind="audio_visual")
    before = queries.evidence_of(book, visit)
    assert synchronise(book).ok
    clerk = admin.add_officer(central, "负责人甲", role="county_head", units=("350602",), unit_code="350602")
    for row, file in ((before[0], ""), (before[1], before[1].sha256)):
        entry = entry_of(book, row.id, "attach")
        redacting.redact(central, entry.hash.hex(), by=clerk, why=WHY, file=file)
    assert synchronise(book).ok
    assert [book.vault.has(row.sha256) for row in before] == [False, False, True]
    return Case(book, visit, *before)


def flat(app: Any) -> str:
    return "".join(screen_text(app).split())


async def test_the_evidence_screen_says_so_and_keeps_the_hash(make_app, case):
    app = make_app(case.book)
    async with app.run_test(size=(120, 36)) as pilot:
        for row in (case.named, case.alone):
            await at(app, pilot, "evidence", inspection_id=case.visit, record_id=row.id)
            shown = flat(app)
            for words in (row.sha256, "内容已按令删除", WHY, "负责人甲"):
                assert words in shown
            lines = [line for line in screen_text(app).splitlines() if row.title in line]
            assert "✗" in lines[0]
            assert "✓" not in lines[0]
            assert "（内容已按令删除）" in lines[0].replace(" ", "")
            assert_clean(app)
            await pilot.press("escape")
            await settle(pilot)
        await at(app, pilot, "evidence", inspection_id=case.visit, record_id=case.whole.id)
        assert case.whole.sha256 in flat(app)
        assert WHY not in flat(app)
        (line,) = [line for line in screen_text(app).splitlines() if line.startswith(" > ")]
        assert "✓" in line


async def test_the_list_keeps_the_hash_where_there_is_room(make_app, case):
    app = make_app(case.book)
    async with app.run_test(size=(200, 50)) as pilot:
        await at(app, pilot, "evidence", inspection_id=case.visit)
        for row in (case.named, case.alone):
            assert any("✗" in line and row.sha256[:12] in line for line in screen_text(app).splitlines())


async def test_on_a_small_screen_in_english_too(make_app, case):
    app = make_app(case.book, language="en")
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "evidence", inspection_id=case.visit, record_id=case.named.id)
        assert "✗" in screen_text(app)
        assert "takenoutbyorder" in flat(app)
        assert case.named.sha256 in flat(app)
        assert_clean(app)


async def test_an_order_that_the_server_has_yet_to_say_again_is_shown_without_who_and_why(make_app, case):
    journal = case.book.journal
    with case.book.writing():
        journal.authority = frozenset()  # as if none of its words were here any more (R8)
    app = make_app(case.book)
    async with app.run_test(size=(120, 36)) as pilot:
        await at(app, pilot, "evidence", inspection_id=case.visit, record_id=case.alone.id)
        assert "内容已按令删除" in flat(app)
        assert case.alone.sha256 in flat(app)
        assert WHY not in flat(app)


async def test_the_record_screen_counts_them(make_app, case):
    app = make_app(case.book)
    async with app.run_test(size=(120, 36)) as pilot:
        await at(app, pilot, "record", inspection_id=case.visit)
        assert "按令删除的文件：2" in flat(app)
        assert "文件未到服务器" not in flat(app)


async def test_the_checklist_item_says_so(make_app, case):
    for row in (case.named, case.alone):
        verbs.correct(case.book, row.id, item="A01")
    app = make_app(case.book)
    async with app.run_test(size=(200, 50)) as pilot:
        await at(app, pilot, "inspection", inspection_id=case.visit, item="A01")
        await pilot.press("tab", "tab", "tab")
        await settle(pilot)
        shown = flat(app)
        assert shown.count("内容已按令删除") >= 2
        assert case.named.sha256[:12] in shown
        assert_clean(app)


def test_nothing_of_it_is_lost_missing_or_waiting(case):
    book = case.book  # noqa: F811
    assert files_on_their_way(book, case.visit) == []
    assert (unsent(book).files, unsent(book).entries) == (0, 0)
    assert Ledger(book).lacking_files() == []
    assert lost_files(book) == []
    words = read_receipt(book, case.visit)
    assert "不在本机" not in words
    assert thumbnail_rows(book, case.alone) == []


def test_papers_and_labels_say_so_with_the_hash(case):
    text = "".join("".join(preview(list_paper(case.book, case.visit), 160)).split())
    assert text.count(f"内容已按令删除（{WHY}）") == 2
    for row in (case.named, case.alone, case.whole):
        assert row.sha256 in text
    assert text.count("SM3") == 2, "of the piece whose entry went it is not known any more"
    assert all(not label.code.endswith(":-") for label in labels(case.book, case.visit))
    paper = inspection_paper(case.book, case.visit, "timeline")
    told = "".join("".join(preview(paper, 160)).split())
    assert told.count("内容已按令删除") == 2
    facts = gather(case.book, case.visit)
    of_case: Any = SimpleNamespace(visit=facts)
    cells = [row[-1] for row in evidence_grid(of_case, "").rows]
    gone = f" 内容已按令删除（{WHY}）"
    assert cells == [
        case.named.sha256[:16] + gone,
        case.alone.sha256[:16] + gone,
        case.whole.sha256[:16],
    ]
    assert [facts.hash_of(each) for each in facts.evidence] == [
        row.sha256 for row in (case.named, case.alone, case.whole)
    ]
