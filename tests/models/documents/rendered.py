"""Every paper that the tests of papers make, as LibreOffice lays it out: none may lose a word on its pages.

`make papers`, or python -m tests.models.documents.rendered FOLDER; the PDF files stay there, to be looked at.
It needs `soffice`, and `pdftotext` of poppler-utils.
"""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn

HERE = Path(__file__).parent
TOOLS = ("soffice", "pdftotext")
ANY_TEXT = {"test_word.py", "test_templates.py", "test_layout.py"}
"""Tests of parts of papers, with characters of which no font has the shape."""
PIECE = 8
"""Characters of a paragraph that are looked for at once."""
BROKEN = 2
"""Pieces of a paragraph that a page's end may break: a footer and a header stand between their halves."""
_UNSEEN = re.compile(r"[\s\u00ad\u200b]")


class Keeper:
    """A plugin of pytest: keeps each file that a test of papers opens by python-docx, no template."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open = docx.Document

    def pytest_configure(self) -> None:
        docx.Document = self._kept

    def pytest_unconfigure(self) -> None:
        docx.Document = self._open

    def _kept(self, source: Any = None) -> Any:
        asked_by = sys._getframe(1).f_globals.get("__name__", "")
        if isinstance(source, io.BytesIO) and ".documents.test_" in f".{asked_by}":
            data = source.getvalue()
            name = hashlib.sha256(data).hexdigest()[:16]
            (self.folder / f"{name}.docx").write_bytes(data)
        return self._open(source)


def paragraphs(path: Path) -> list[str]:
    """What the paragraphs of a paper say, those of tables and text boxes too, without blanks."""
    body = docx.Document(str(path)).element.body
    texts = ("".join(run.text or "" for run in each.iter(qn("w:t"))) for each in body.iter(qn("w:p")))
    return [text for text in (_UNSEEN.sub("", each) for each in texts) if text]


def printed(path: Path) -> str:
    """What stands on the pages, in the order of lines and, after that, of the text, without blanks."""
    ways = (["-layout"], ["-raw"])
    said = (
        subprocess.run(["pdftotext", *way, path, "-"], capture_output=True, check=True, text=True).stdout
        for way in ways
    )
    return _UNSEEN.sub("", "\n".join(said))


def lost(paper: Path) -> list[str]:
    """Paragraphs of a paper that its pages do not show; in narrow columns each line is looked for."""
    pages = printed(paper.with_suffix(".pdf"))
    found = []
    for text in paragraphs(paper):
        pieces = [text[at : at + PIECE] for at in range(0, len(text), PIECE)]
        missing = [each for each in pieces if each not in pages and not _in_lines(each, pages)]
        if len(missing) > (BROKEN if len(pieces) > BROKEN else 0):
            found.append(text)
    return found


def _in_lines(piece: str, pages: str) -> bool:
    """Whether a piece is there in two halves, as at the end of a line of a table."""
    return any(piece[:at] in pages and piece[at:] in pages for at in range(2, len(piece) - 1))


def render(folder: Path) -> list[str]:
    """Make all papers, lay them out, and say of each what it lost."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # one of them holds that nothing is written, which keeping does
    chosen = ["-q", "-p", "no:xdist", "-m", "not soak", "-k", "not leave_no_plaintext"]
    files = [str(each) for each in sorted(HERE.glob("test_*.py")) if each.name not in ANY_TEXT]
    made = pytest.main([*chosen, *files], plugins=[Keeper(folder)])
    if made != 0:
        return ["the tests of papers fail"]
    papers = sorted(folder.glob("*.docx"))
    command = ["soffice", f"-env:UserInstallation={(folder / 'profile').resolve().as_uri()}", "--headless"]
    for at in range(0, len(papers), 50):
        batch = papers[at : at + 50]
        subprocess.run(
            [*command, "--convert-to", "pdf", "--outdir", folder, *batch], check=True, capture_output=True
        )
    shutil.rmtree(folder / "profile", ignore_errors=True)
    said = []
    for paper in papers:
        if not paper.with_suffix(".pdf").exists():
            said.append(f"{paper.name}: no PDF was made")
        else:
            said += [f"{paper.name}: lost {text[:60]}" for text in lost(paper)]
    print(f"{len(papers)} papers, {len(said)} wrong; look at them in {folder}")
    return said or ([] if papers else ["no paper was made"])


def main() -> int:
    """1 where a paper lost anything, 2 where a tool is missing."""
    lacking = [tool for tool in TOOLS if shutil.which(tool) is None]
    if lacking:
        print(f"install {', '.join(lacking)} first (Debian: libreoffice-writer-nogui, poppler-utils)")
        return 2
    wrong = render(Path(sys.argv[1]))
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
