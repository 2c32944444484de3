"""Papers of interviews, measures, service and the whole process: every one opened, in each file type."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest

from models import content
from models.documents import layout, shelf, templates
from models.documents.papers import PAPERS, inspection_paper, written_paper
from models.errors import BadInput
from models.inspections.onsite import interviews, measure_rules, measures, papers, services
from models.registry.numbers import device_tag
from models.store.change import new_id, put
from models.store.notebook import Notebook

from .test_layout import words_in

NASTY = "A & B <b>{{7*7}}</w:t>"
LONG = "示例人员" + "某" * 120
TAKEN = 1_788_228_000_000
"""2026-09-01 10:00 in China."""


@pytest.fixture
def sealed_interview(notebook: Notebook, officers: tuple[str, str]) -> str:
    """A sealed interview with two hundred questions."""
    interview = interviews.begin(
        notebook,
        second_officer=officers[1],
        person_name=LONG,
        person_gender="女",
        person_age="41",
        person_relation=NASTY,
        case_title="涉嫌超标排放水污染物",
        place="漳州市芗城区示例路3号",
    )
    for count in range(200):
        interviews.ask(notebook, interview, f"第{count}个问题{NASTY}？", f"答复{count}\n第二行{NASTY}")
    interviews.end(
        notebook,
        interview,
        shown_certificates=True,
        told_rights=True,
        avoidance="none",
        alone=True,
        reading="read_out",
        signed="signed",
        unsigned_pages="2",
        refusal_reason="离开",
        witness_name="示例见证人",
    )
    interviews.seal(notebook, interview)
    return interview


def measure(book: Notebook, officers: tuple[str, str], kind: str, things: int = 3) -> str:
    found = measures.ask_for(
        book,
        kind,
        party=f"示例印染企业03{NASTY}",
        reason=f"雨水口旁私设暗管{NASTY}",
        place="漳州市芗城区示例路3号",
        grounds="toxic,evading" if kind in measure_rules.COERCIVE else None,
        second_officer=officers[1],
        planned_from="2026-09-01",
    )
    measures.approve(book, found, approver="示例负责人", at=TAKEN - 3_600_000)
    if kind in measure_rules.ON_THINGS:
        measures.take(
            book,
            found,
            at=TAKEN,
            told=True,
            present=True,
            signed="refused",
            refusal_reason="不服",
            witness_name="示例见证人",
            copies=2,
            keeping="in_place",
        )
        for count in range(things):
            measures.add_item(book, found, f"设备{count}{NASTY}", str(count + 1), look=LONG)
    return found


def code_of(data: bytes) -> bytes:
    """The picture in the foot of a .docx, which stands on every page."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        foot = next(name for name in archive.namelist() if re.fullmatch(r"word/footer\d*\.xml", name))
        assert b"<w:drawing>" in archive.read(foot)
        return next(archive.read(name) for name in archive.namelist() if name.startswith("word/media/"))


def test_an_interview_is_printed_question_by_question_with_code_and_signature_on_each_page(
    notebook: Notebook, sealed_interview: str
) -> None:
    data = shelf.written(notebook, "interview", sealed_interview, "interview", ".docx")
    assert isinstance(data, bytes)
    words = words_in(data)
    for count in (0, 99, 199):
        assert f"问：第{count}个问题A&B<b>{{{{7*7}}}}</w:t>？" in words
        assert f"答：答复{count}第二行" in words
    assert LONG in words
    assert "被询问人未在第2页签名，原因：离开。" in words
    foot = "".join(docx.Document(io.BytesIO(data)).sections[0].footer._element.itertext())
    assert "被询问人签名：" in foot
    assert "编号：XW-350602-" in foot
    assert code_of(data).startswith(b"\x89PNG")
    page = shelf.written(notebook, "interview", sealed_interview, "interview", ".html")
    assert isinstance(page, str)
    assert "data:image/png;base64," in page
    assert "&lt;b&gt;" in page
    assert "<b>" not in page


def test_a_draft_says_that_it_is_one_and_has_no_code(notebook: Notebook, officers: tuple[str, str]) -> None:
    interview = interviews.begin(notebook, second_officer=officers[1])
    data = shelf.written(notebook, "interview", interview, "interview", ".docx")
    assert isinstance(data, bytes)
    words = words_in(data)
    assert "草稿，尚未签封" in words
    assert "None" not in words
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert not any(name.startswith("word/media/") for name in archive.namelist())


@pytest.mark.parametrize("paper", measure_rules.PAPERS)
def test_every_paper_of_a_measure_is_issued_and_opened(
    notebook: Notebook, officers: tuple[str, str], paper: str
) -> None:
    kind = measure_rules.PAPERS[paper][1][-1]
    found = measure(notebook, officers, kind)
    if paper == "seal_extension":
        measures.extend(notebook, found, days=30, reason="案情复杂", approver="示例负责人", on="2026-09-20")
    if paper == "register_release":
        measures.dispose(notebook, found, disposition="release", on="2026-09-03", note="已核实")
    if paper == "seal_release":
        measures.release(notebook, found, reason="已拆除暗管", on="2026-09-10")
    drawn = papers.draw_up(notebook, found, paper)
    papers.issue(notebook, drawn, on="2026-09-01")
    papers.give_number(notebook, drawn, "漳环查扣〔2026〕1号")
    data = shelf.written(notebook, "measure_paper", drawn, "this", ".docx")
    assert isinstance(data, bytes)
    words = words_in(data)
    value = shelf.paper(notebook, "measure_paper", drawn, "this")
    assert value.title in words
    assert "示例印染企业03A&B<b>{{7*7}}</w:t>" in words
    assert "None" not in words
    assert "{{ " not in words
    code_of(data)
    if paper.endswith(("_notice", "_decision", "_release", "_extension")):
        assert "漳环查扣〔2026〕1号（签封后编定）" in words
    if paper.startswith("seal"):
        assert "扣押" in value.title
        assert "查封" not in value.title, "of a seizure no paper speaks of sealing up in its title"
    for suffix in (".html", ".txt"):
        assert value.number in str(shelf.written(notebook, "measure_paper", drawn, "this", suffix))


def test_a_list_of_two_hundred_things_is_whole_and_its_columns_stay(
    notebook: Notebook, officers: tuple[str, str]
) -> None:
    found = measure(notebook, officers, "seal", things=200)
    drawn = papers.draw_up(notebook, found, "seal_list")
    papers.issue(notebook, drawn)
    data = shelf.written(notebook, "measure_paper", drawn, "this", ".docx")
    assert isinstance(data, bytes)
    document = docx.Document(io.BytesIO(data))
    table = next(each for each in document.tables if len(each.rows) > 100)
    assert len(table.rows) == 201, "a head and the things"
    assert {len(row.cells) for row in table.rows} == {9}
    section = document.sections[0]
    room = section.page_width - section.left_margin - section.right_margin
    assert sum(int(each.width) for each in table.columns) <= room, "no wider than the page"
    assert "共200项" in words_in(data)
    assert table.rows[200].cells[1].text == f"设备199{NASTY}"


def test_what_was_issued_is_printed_as_it_was_sealed(notebook: Notebook, officers: tuple[str, str]) -> None:
    found = measure(notebook, officers, "seal")
    drawn = papers.draw_up(notebook, found, "seal_decision")
    papers.issue(notebook, drawn)
    before = shelf.written(notebook, "measure_paper", drawn, "this", ".txt")
    measures.edit(notebook, found, reason="改写的事由", party="别人")
    assert shelf.written(notebook, "measure_paper", drawn, "this", ".txt") == before


def test_a_proof_of_service_names_papers_way_and_witness(
    notebook: Notebook, officers: tuple[str, str]
) -> None:
    service = services.begin(
        notebook,
        second_officer=officers[1],
        receiver=f"示例印染企业03{NASTY}",
        method="left",
        place="示例路3号",
        served_at=TAKEN,
        refusal_reason="拒绝签收",
        witness_name="示例见证人",
    )
    for count in range(12):
        services.add_paper(notebook, service, f"文书{count}", paper_number=f"漳环罚〔2026〕{count + 1}号")
    services.seal(notebook, service)
    data = shelf.written(notebook, "service", service, "service", ".docx")
    assert isinstance(data, bytes)
    words = words_in(data)
    assert "■留置送达" in words
    assert "□直接送达" in words
    assert "漳环罚〔2026〕12号" in words
    assert "拒绝签收" in words
    code_of(data)


def test_the_timeline_is_a_paper_of_the_visit(notebook: Notebook, visit: str) -> None:
    assert "timeline" in PAPERS
    for count in range(60):
        fields = {"title": f"照片{count}", "sha256": f"{count:064x}", "kind": "audio_visual"}
        notebook.write(put("evidence", new_id(), notebook.unit, inspection=visit, **fields))
    data = written_paper(notebook, visit, "timeline", ".docx")
    assert isinstance(data, bytes)
    words = words_in(data)
    assert "行政检查全过程记录" in words
    assert "音像记录件数6" in words
    pictures = next(
        each for each in docx.Document(io.BytesIO(data)).tables if each.rows[0].cells[-1].text == "SHA-256"
    )
    assert len(pictures.rows) > 60
    assert len(pictures.rows[1].cells[-1].text) == 64
    value = inspection_paper(notebook, visit, "timeline")
    assert value.title == "行政检查全过程记录"
    assert "见证时间" in str(written_paper(notebook, visit, "timeline", ".html"))


def test_the_bureaus_own_template_is_taken_from_its_packs(
    notebook: Notebook, sealed_interview: str, tmp_path: Path
) -> None:
    folder = tmp_path / "home" / "packs" / "papers"
    folder.mkdir(parents=True)
    own = docx.Document()
    own.add_paragraph("本局笔录 {{ 编号 }} {{ 被询问人.姓名 }}")
    own.save(str(folder / "interview.docx"))
    try:
        assert content.use_content(tmp_path / "home")
        data = shelf.written(notebook, "interview", sealed_interview, "interview", ".docx")
        assert isinstance(data, bytes)
        assert words_in(data).startswith("本局笔录XW-350602-")
        (folder / "interview.docx").write_bytes(b"PK")
        with pytest.raises(BadInput, match=r"interview\.docx"):
            shelf.written(notebook, "interview", sealed_interview, "interview", ".docx")
    finally:
        templates.use_folder(None)
    assert device_tag(notebook.device) in words_in(
        templates.fill(templates.find("interview"), _values(notebook, sealed_interview))
    )


def _values(book: Notebook, interview: str) -> Any:
    from models.documents import interview_paper

    return interview_paper.values(book, interview, "interview")[1]


def test_every_layout_belongs_to_a_paper_that_can_be_made() -> None:
    made = {*measure_rules.PAPERS, "interview", "service", "timeline"}
    assert set(layout.layouts()) == made


@pytest.mark.parametrize("kind", ["interview", "measure_paper", "service"])
def test_a_record_that_is_not_here_is_refused_in_one_sentence(notebook: Notebook, kind: str) -> None:
    with pytest.raises(BadInput):
        shelf.paper(notebook, kind, "nowhere", shelf.papers(kind)[0][0])
