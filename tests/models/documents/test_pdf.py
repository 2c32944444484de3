"""PDF by the office program: with it a real file, without it a sentence that says what to do."""

from __future__ import annotations

import io
import stat
from pathlib import Path

import docx
import pytest

from models.documents import pdf
from models.errors import BadInput

with_office = pytest.mark.skipif(not pdf.program(), reason="soffice is not installed")


def paper() -> bytes:
    document = docx.Document()
    document.add_paragraph("现场检查笔录 A & B")
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of our own in the place of the office program; what it does is written into it."""
    program = tmp_path / "soffice"
    monkeypatch.setattr(pdf, "program", lambda: str(program))
    return program


def does(program: Path, script: str) -> None:
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


@with_office
def test_the_office_program_makes_a_pdf() -> None:
    assert pdf.pdf_of(paper()).startswith(b"%PDF-")


def test_without_an_office_program_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "program", lambda: "")
    with pytest.raises(BadInput, match="LibreOffice"):
        pdf.pdf_of(paper())


def test_it_is_given_one_file_and_a_profile_of_its_own(office: Path, tmp_path: Path) -> None:
    told = tmp_path / "told"
    does(office, f'echo "$@" > {told}; printf "%%PDF-1.7 made" > "$(dirname "$9")/paper.pdf"')
    assert pdf.pdf_of(paper()) == b"%PDF-1.7 made"
    arguments = told.read_text().split()
    assert arguments[0].startswith("-env:UserInstallation=file:///")
    assert arguments[-1].endswith("/paper.docx")
    assert Path(arguments[-1]).parent.exists() is False, "its folder is gone with it"


def test_one_that_hangs_is_ended(office: Path) -> None:
    does(office, "exec sleep 30")
    with pytest.raises(BadInput, match="已中止"):
        pdf.pdf_of(paper(), seconds=0.3)


@pytest.mark.parametrize(
    "script", ["echo 坏了 >&2; exit 1", "exit 0", 'echo no > "$(dirname "$9")/paper.pdf"']
)
def test_one_that_makes_nothing_is_told(office: Path, script: str) -> None:
    does(office, script)
    with pytest.raises(BadInput, match=r"没有生成 PDF"):
        pdf.pdf_of(paper())


def test_one_that_cannot_be_started_is_told(office: Path) -> None:
    office.write_text("not a program")
    with pytest.raises(BadInput, match="无法启动"):
        pdf.pdf_of(paper())
