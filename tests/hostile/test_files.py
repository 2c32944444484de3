"""Files with hostile names, papers and lists that hold hostile text, and what comes back out of them."""

from __future__ import annotations

import csv
import html
import io
import os
import re
import unicodedata
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import docx
import openpyxl
import pytest

from models.documents import evidence_list, labels, record_paper
from models.documents.papers import written_paper
from models.documents.text import cells, visible
from models.errors import QingchaError
from models.inspections import queries, verbs
from models.registry import imports
from models.registry.rules import guarded_cell, tidy_line
from models.registry.tables import Site
from tests.hostile.corpus import FAMILIES, HOSTILE, MARKER, Hostile
from tests.hostile.typing import written
from tests.once import made_once
from tui.quirks import UNSEEN

ACTIVE = {"script", "iframe", "object", "embed", "form", "link", "base", "a", "svg", "textarea", "input"}
FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")


def file_names(strings: tuple[Hostile, ...] = HOSTILE) -> dict[bytes, Hostile]:
    """What of the strings a file may be called on Linux: bytes without / and NUL, 255 at most."""
    names = {}
    for each in strings:
        name = each.text.encode("utf-8", "surrogateescape" if "\udc80" in each.text else "surrogatepass")
        names[name.replace(b"/", b"\xef\xbc\x8f").replace(b"\0", b"")[:250]] = each
    return {name: each for name, each in names.items() if name not in (b".", b"..")}


@pytest.fixture
def book(desk):
    """The notebook of a plain desk, open."""
    notebook = desk.open()
    yield notebook
    notebook.close()


def test_files_of_every_name_are_taken_in_and_no_name_is_ever_a_path(desk, book, tmp_path):
    folder = os.fsencode(tmp_path / "from")
    os.mkdir(folder)
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    names = file_names()
    assert len(names) > 400
    for count, name in enumerate(names):
        path = os.path.join(folder, name)
        with open(path, "wb") as file:
            file.write(b"file %d" % count)
        verbs.take_in(book, desk.visit, Path(os.fsdecode(path)), kind="electronic")
    found = [row for row in queries.evidence_of(book, desk.visit) if row.name != "photo.txt"]
    assert len(found) == len(names)
    for row, (raw, _each) in zip(found, names.items(), strict=True):
        name = row.name or ""
        name.encode("utf-8")
        assert not UNSEEN.search(name.replace("\ufffd", "")), name
        assert len(name) <= 255
        assert "\n" not in name
        assert name == tidy_line(os.fsdecode(raw))[:255]
        assert re.fullmatch(r"[0-9A-Z-]+", row.title or "")
        assert re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", row.mime or ""), row.mime
    after = {path for path in tmp_path.rglob("*") if path.is_file() and path.parent != tmp_path / "from"}
    assert all(re.fullmatch(r"[0-9a-z.-]+", path.name) for path in after - before)


class Tags(HTMLParser):
    """What a browser would do with a page: its elements and their attributes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.handlers: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)
        self.handlers += [name for name, _value in attrs if name.startswith("on")]
        self.handlers += [value for _name, value in attrs if value and value.startswith("javascript:")]

    def handle_data(self, data: str) -> None:
        self.text += data


def page_of(source: str) -> Tags:
    """The page as a browser reads it; nothing in it acts."""
    assert not UNSEEN.search(source.replace("\n", "").replace("\ufffd", ""))
    tags = Tags()
    tags.feed(source)
    assert not ACTIVE & set(tags.found), ACTIVE & set(tags.found)
    assert tags.handlers == []
    return tags


@pytest.fixture(scope="session")
def told(whole_world, tmp_path_factory):
    """The papers of the visit that holds every string, each made once."""
    return made_once(tmp_path_factory, "papers", lambda _folder: _papers(whole_world))


def _papers(world):
    book = world.open()
    made = {}
    for paper in ("record", "evidence"):
        for suffix in (".docx", ".html", ".txt"):
            made[paper, suffix] = written_paper(book, world.visit, paper, suffix)
    made["labels", ""] = labels.labels(book, world.visit)
    made["lies", ".html"] = record_paper.html_page(book, world.lies)
    made["lies", ".txt"] = "\n".join(evidence_list.preview(book, world.lies, 40))
    book.close()
    return made


def keeps_all(text: str, strings: list[Hostile]) -> None:
    """Each string stands in the text as it can be seen, with nothing lost."""
    whole = re.sub(r"\s", "", text)
    for each in strings:
        seen = re.sub(r"\s", "", visible(each.text))
        assert seen in whole, (each, seen[:80])


WHOLE = [each for each in HOSTILE if each.family not in ("surrogates", "nul", "long")]


def test_a_word_paper_holds_every_string_as_text_and_nothing_else(told):
    for paper in ("record", "evidence"):
        data = told[paper, ".docx"]
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            for name in parts.namelist():
                if name.endswith((".xml", ".rels")):
                    ElementTree.fromstring(parts.read(name))
            xml = parts.read("word/document.xml").decode("utf-8")
        assert not UNSEEN.search(re.sub(r"[\r\n\t\ufffd]", "", xml))
        fields = [
            each.text or "" for each in ElementTree.fromstring(xml).iter() if each.tag.endswith("instrText")
        ]
        assert not any(MARKER.search(field) for field in fields)
        document = docx.Document(io.BytesIO(data))
        texts = [paragraph.text for paragraph in document.paragraphs]
        texts += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        if paper == "record":
            keeps_all("\n".join(texts), WHOLE)


def test_a_page_holds_every_string_and_none_of_its_tags(told):
    for paper in ("record", "evidence"):
        page_of(told[paper, ".html"])
    keeps_all(page_of(told["record", ".html"]).text, WHOLE)
    page_of(told["lies", ".html"])


def test_a_text_paper_holds_only_visible_text_of_its_width(told):
    for paper in ("record", "evidence"):
        text = told[paper, ".txt"]
        assert not UNSEEN.search(text.replace("\n", "").replace("\ufffd", ""))
        assert max(cells(line) for line in text.split("\n")) <= 78
    keeps_all(told["record", ".txt"], WHOLE)
    assert max(cells(line) for line in told["lies", ".txt"].split("\n")) <= 40


def test_labels_are_a_few_clean_lines(told):
    assert len(told["labels", ""]) >= len(WHOLE)
    for label in told["labels", ""]:
        for line in label.text():
            assert not UNSEEN.search(line.replace("\ufffd", ""))
            assert cells(line) <= 32


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_list_of_sites_with_hostile_cells_comes_in_and_goes_out_as_it_is_seen(book, tmp_path, suffix):
    strings = [each for each in HOSTILE if not set("\0\ud800\udc80\udcff\udfff\udbff") & set(each.text)]
    source, target = tmp_path / f"名单{suffix}", tmp_path / "out.csv"
    rows = [("单位名称", "地址"), *((each.text[:400], each.marker) for each in strings)]
    if suffix == ".csv":
        with source.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    else:
        rows = _xlsx(source, rows)
    report = imports.import_sites(book, source, only_good_rows=True)
    for error in report.errors:
        assert error.message
        assert "{" not in error.message or "{" in error.value
    with book:
        names = {row.address: row.name for row in Site.select() if MARKER.fullmatch(row.address or "")}
    given = {marker: name for name, marker in rows}
    refused = {error.value for error in report.errors}
    assert len(names) >= len(rows) - 40, len(refused)
    for marker, name in names.items():
        assert not UNSEEN.search(name.replace("\ufffd", ""))
        given_name = unicodedata.normalize("NFC", given[marker])
        assert bare(name) == bare(given_name)
    imports.export_sites(book, target)
    with target.open(encoding="utf-8-sig", newline="") as file:
        out = list(csv.reader(file))
    assert len(out) == 1 + report.written + 1
    for row in out:
        assert not any(FORMULA.match(cell) for cell in row), row
        assert not UNSEEN.search("".join(row).replace("\ufffd", ""))


def bare(text: str) -> str:
    """What of a text can be read, without the signs for what cannot, and without a guard."""
    return re.sub("[\u2400-\u2426]", "", written(text)).lstrip("'")


def _xlsx(path: Path, rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The rows as a spreadsheet; without those that its format cannot hold."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    beyond = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
    kept = [row for row in rows if not beyond.search(row[0])]
    for row in kept:
        sheet.append(row)
        for cell in sheet[sheet.max_row]:
            cell.data_type = "s" if cell.data_type == "f" else cell.data_type
    book.save(path)
    return kept


def test_every_formula_is_guarded_and_a_guarded_cell_comes_back():
    for each in FAMILIES["formula"]:
        guarded = guarded_cell(each.text)
        assert not FORMULA.match(guarded)
        assert guarded.removeprefix("'") == each.text.removeprefix("'")


@pytest.mark.parametrize("name", ["\x1b]0;x\x07.csv", "a\u202evsc.csv", "{name}.csv", "[b].xlsx", "x\n.csv"])
def test_a_list_that_cannot_be_read_is_named_in_a_sentence(book, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"\xff\xff\xff\0")
    with pytest.raises(QingchaError) as caught:
        imports.import_sites(book, path)
    assert visible(name.replace("\n", "")) in visible(caught.value.text()).replace("\n", "")


def test_the_parser_of_pages_sees_an_escape_that_was_forgotten():
    with pytest.raises(AssertionError):
        page_of("<p><script>alert(1)</script>")
    with pytest.raises(AssertionError):
        page_of("<p onclick=x>")
    assert page_of(f"<p>{html.escape('<script>')}").text == "<script>"
