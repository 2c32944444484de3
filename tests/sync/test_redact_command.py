"""`qingcha admin redact` beside a running server process, as an administrator uses it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from main import main
from models.language import use_language
from models.store import keys
from models.store.change import new_id, put
from models.store.entry import withheld
from models.store.health import problems
from models.store.notebook import Notebook
from sync.address import ServerAddress
from sync.client import enrol, synchronise
from sync.server import admin
from sync.server.central import Central
from sync.server.doctor import examine as doctor
from tui.screens.history import past_lines

from .conftest import PASSPHRASE, QUICK, UNIT, server_process, whole
from .test_redact import MARK, TELLTALE, WHY, body_in, files_with, holds, name_in, written

pytestmark = pytest.mark.in_folder


@pytest.fixture
def folder(tmp_path: Path, begun_central: Path) -> Path:
    shutil.copytree(begun_central, tmp_path / "server")
    return tmp_path / "server"


@pytest.fixture
def books(tmp_path: Path, folder: Path) -> Iterator[Any]:
    """Makes notebooks of officers, enrolled at an address."""
    with ExitStack() as opened:

        def make(number: int, address: ServerAddress) -> Notebook:
            officer = admin.add_officer(
                folder, f"执法员0{number}", units=(UNIT,), unit_code=UNIT, certificate=f"FJ35060200{number}"
            )
            book = Notebook.create(
                tmp_path / f"book{number}", PASSPHRASE, person=officer, unit=UNIT, cost=keys.FAST
            )
            enrol(book, address, admin.code(folder, officer).code, pace=QUICK)
            return opened.enter_context(closing(book))

        yield make


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = main([*words])
    shown = capsys.readouterr()
    return code, shown.out + shown.err


def test_author_colleague_and_one_who_comes_late(
    folder: Path, books: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with server_process(folder) as (_process, url):
        address = ServerAddress.parse(url)
        author, colleague = books(1, address), books(2, address)
        record, entry = written(author)
        for book in (author, colleague):
            whole(synchronise(book, pace=QUICK))
        assert name_in(colleague, record) == MARK
        digest, place = entry.hash.hex(), str(folder)

        code, listed = said(capsys, "admin", "redact", place, record)
        assert code == 0
        assert digest in listed
        assert TELLTALE not in listed
        code, shown = said(capsys, "admin", "redact", place, digest)
        assert code == 0
        assert TELLTALE not in shown
        for told in (record, author.device, "执法员01", str(len(entry.body))):
            assert told in shown
        code, _told = said(capsys, "admin", "redact", place, digest, "--yes")
        assert code == 2, "who and which order are needed"
        with closing(Central.open(folder)) as central:
            assert name_in(central, record) == MARK, "nothing went yet"
        assert files_with(folder)

        order = ("--by", "执法员02", "--why", WHY)
        code, done = said(capsys, "admin", "redact", place, digest, *order, "--yes")
        assert code == 0, done
        code, again = said(capsys, "admin", "redact", place, digest, *order, "--yes")
        assert code == 2
        assert WHY in again
        assert files_with(folder) == []

        late = books(3, address)
        for book in (author, colleague, late):
            whole(synchronise(book, pace=QUICK))
            assert body_in(book, entry) == withheld(entry.body)
            assert name_in(book, record) is None
            assert holds(book) == []
            assert problems(book) == []
    assert files_with(folder) == []
    assert [each for each in doctor(folder) if each.problems and each.name != "disk"] == []
    code, nothing = said(capsys, "admin", "redact", place)
    assert code == 0
    assert nothing.strip()
    for language, words in (("zh", "已按令删除内容"), ("en", "content taken out by order")):
        use_language(language)
        (line,) = [line for line in past_lines(late, "site", record) if words in line]
        assert WHY in line
        assert "执法员02" in line
    use_language("zh")


def test_what_it_says_to_programs(folder: Path, books: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with server_process(folder) as (_process, url):
        author = books(1, ServerAddress.parse(url))
        _, entry = written(author)
        whole(synchronise(author, pace=QUICK))
    place, digest = str(folder), entry.hash.hex()
    code = main(["admin", "redact", place, digest, "--json"])
    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert (told["hash"], told["kind"], told["fields"], told["seq"]) == (digest, "set", ["name"], 4)
    assert main(["admin", "redact", place, "0" * 64]) == 2
    assert main(["admin", "redact", place, "没有的记录"]) == 2
    assert main(["admin", "redact", place, digest, "--yes", "--by", "无此人", "--why", "x"]) == 2


def test_a_piece_of_evidence_is_listed_in_the_words_of_its_own_form(
    folder: Path, books: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with server_process(folder) as (_process, url):
        book = books(1, ServerAddress.parse(url))
        piece, custody = new_id(), new_id()
        book.write(put("evidence", piece, UNIT, purpose="-", form="copy", maker="-"))
        book.write(put("custody", custody, UNIT, evidence=piece, action="handed", to="-"))
        whole(synchronise(book, pace=QUICK))
    use_language("zh")
    _, shown = said(capsys, "admin", "redact", str(folder), piece)
    assert "证明对象、原件或者复制件、制作人" in shown
    _, shown = said(capsys, "admin", "redact", str(folder), custody)
    assert "证据、流转环节、交给谁" in shown


def test_what_belongs_to_a_record_is_listed_with_it(
    folder: Path, books: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with server_process(folder) as (_process, url):
        book = books(1, ServerAddress.parse(url))
        visit, finding, other = new_id(), new_id(), new_id()
        book.write(put("inspection", visit, UNIT, number="350602-1", state="draft"))
        book.write(put("finding", finding, UNIT, inspection=visit, text=TELLTALE))
        book.write(put("finding", other, UNIT, inspection=new_id(), text="another's"))
        whole(synchronise(book, pace=QUICK))
        code, shown = said(capsys, "admin", "redact", str(folder), "350602-1")
        code_json, told = said(capsys, "admin", "redact", str(folder), "350602-1", "--json")
    assert (code, code_json) == (0, 0)
    assert {each["record"] for each in json.loads(told)} == {visit, finding}
    assert TELLTALE not in shown
    assert "问题" in shown
    assert "状态" in shown, "a field that verbs set has a name too"
    for raw in (" set ", "state"):
        assert raw not in shown
