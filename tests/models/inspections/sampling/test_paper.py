"""The sampling record on paper, the hand-over of its samples, and the labels of the bottles."""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image

from models.documents import shelf
from models.documents.page import html_page
from models.documents.paper import preview
from models.documents.sample_labels import sample_labels
from models.documents.sampling_paper import fill_record, paper
from models.documents.verify import verify_text
from models.documents.word import docx_of
from models.inspections import verbs as inspecting
from models.inspections.sampling import queries, verbs
from models.inspections.sampling.passing import pass_all
from models.inspections.sampling.sealing import seal_sampling
from models.inspections.sampling.sheets import sampling_sheet
from models.language import use_language

from .conftest import HOUR, NOISE, Sampled

zxing = pytest.importorskip("zxingcpp")


def words(sampled: Sampled, name: str = "sampling", width: int = 96) -> str:
    return "\n".join(preview(paper(sampled.notebook, sampled.id, name), width))


def test_the_record_has_the_fields_of_its_form(sampled: Sampled):
    shown = words(sampled)
    for label in (
        "废水采样记录单", "被采样单位", "采样单位", "采样时间", "采样人员及执法证号",
        "采样点", "采样方法（技术规范）",
        "天气", "生产工况", "治污设施运行情况", "排放去向", "排放量（流量）", "现场 pH", "固定剂/保存条件",
        "点位图例",
        "不得补记", "草稿，尚未签封",
    ):  # fmt: skip
        assert label in shown, label
    assert "执法员01（FJ350602001）、执法员02（FJ350602002）" in shown
    assert "★ 废水" in shown
    assert "7.20" in shown
    assert "平行样（01）" in shown.replace("\n", "")


def test_papers_are_chinese_whatever_the_reader_reads(sampled: Sampled):
    before = words(sampled)
    use_language("en")
    assert words(sampled) == before


def test_a_sealed_record_bears_its_code_on_each_page(sampled: Sampled):
    seat = sampled.notebook
    seal = seal_sampling(seat, sampled.id)
    value = paper(seat, sampled.id, "sampling")
    assert value.qr_text == seal.qr_text
    assert verify_text(value.qr_text, {seat.key_id: seat.public_key_der}).genuine
    assert "data:image/png" in html_page(value)
    with zipfile.ZipFile(io.BytesIO(fill_record(seat, sampled.id))) as archive:
        body = archive.read("word/document.xml").decode()
        feet = [archive.read(name).decode() for name in archive.namelist() if "footer" in name]
        pictures = [archive.read(name) for name in archive.namelist() if name.startswith("word/media/")]
    for words_ in ("废水采样记录单", "总排口", "平行样（01）", "不得补记", "采样人员签名"):
        assert words_ in body
    assert "{{" not in body
    assert any("签封时间" in foot for foot in feet)
    assert [each.text for each in zxing.read_barcodes(Image.open(io.BytesIO(pictures[0])).convert("L"))] == [
        seal.qr_text
    ]


def test_every_name_of_the_template_is_given_and_in_the_guide(sampled: Sampled):
    from models.documents import templates
    from models.documents.sampling_paper import record_values
    from models.inspections.sampling.queries import view
    from models.language import in_chinese

    seat = sampled.notebook
    given = in_chinese(lambda: record_values(seat, view(seat, sampled.id)))
    assert templates.names_in(templates.SHIPPED / "sampling.docx") == {*given, "二维码"}
    guide = (templates.SHIPPED / "README.md").read_text("utf-8")
    for name in given:
        assert f"`{name}`" in guide[: guide.index("## 名称")], name


def test_the_bureaus_own_template_is_used(sampled: Sampled, tmp_path):
    import docx

    own = docx.Document()
    own.add_paragraph("本局采样单 {{ 编号 }}")
    own.save(str(tmp_path / "sampling.docx"))
    made = docx.Document(io.BytesIO(fill_record(sampled.notebook, sampled.id, folder=tmp_path)))
    assert made.paragraphs[0].text.startswith("本局采样单 CY-350602")


def test_what_was_written_late_or_corrected_stands_on_the_paper(sampled: Sampled):
    assert "更正" not in words(sampled).replace("有误的，划改并由更改人签名", "")
    verbs.edit(sampled.notebook, sampled.id, ph="7.30")
    shown = words(sampled).replace("\n", "")
    assert "采样结束后 45 分钟开始填写" in shown
    assert "更正 1 处" in shown


def test_without_an_end_the_lateness_is_told_from_the_beginning(notebook, visit: str):
    """As long as nobody has written down when the sampling ended, nothing is said to be so long after it."""
    began = notebook.clock.wall_ms() - 123 * 60_000
    inspecting.edit(notebook, visit, began_at=began)
    record = verbs.begin(notebook, visit, "water", began_at=began, ended_at=None)
    shown = "\n".join(preview(paper(notebook, record, "sampling"), 96)).replace("\n", "")
    assert "采样开始后 123 分钟开始填写" in shown
    assert "采样结束" not in shown[shown.index("记录开始时间") :]
    facts = [each.value for part in sampling_sheet(notebook, record).sections for each in part.facts]
    assert "采样开始后 123 分钟开始填写" in facts
    (late,) = [each for each in queries.missing(notebook, record) if "minutes" in each.params]
    assert "采样开始 123 分钟后" in late.text


def test_noise_has_its_levels_and_no_samples(notebook, visit: str):
    now = notebook.clock.wall_ms()
    record = verbs.begin(notebook, visit, "noise", began_at=now - HOUR, ended_at=now - HOUR // 2, **NOISE)
    shown = "\n".join(preview(paper(notebook, record, "sampling"), 96))
    assert "噪声测量记录单" in shown
    assert "58.4 dB(A)" in shown
    assert "▲" in shown
    assert "样品编号" not in shown


def test_the_hand_over_tells_the_chain_and_its_gaps(sampled: Sampled):
    seat = sampled.notebook
    pass_all(seat, sampled.id, "handed", to="送样员甲")
    pass_all(seat, sampled.id, "received", condition="leaking")
    shown = words(sampled, "custody")
    assert "样品交接记录单" in shown
    assert "送样员甲" in shown
    assert "渗漏或破损" in shown
    assert "缺口：未装袋封签即移交。" in shown


def test_each_bottle_has_its_label_with_a_readable_code(sampled: Sampled, some_font: None):
    found = sample_labels(sampled.notebook, sampled.id)
    assert [each.code.split(":")[2] for each in found] == ["1", "2", "1"]
    first = found[0]
    text = "".join(first.text(32))
    for label in (
        "编号：CY-350602",
        "第 1 瓶（共 2 瓶）",
        "名称：废水",
        "地点：",
        "采样时间：",
        "监测项目：",
        "保存条件：",
        "采样人：",
    ):
        assert label in text, label
    read = zxing.read_barcodes(Image.open(io.BytesIO(first.png())).convert("L"))
    assert [each.text for each in read] == [first.code]
    assert verify_text(first.code, {}).headline().startswith("这是样品 CY-350602")


def test_the_label_of_a_sealed_record_names_its_digest(sampled: Sampled):
    from models.store.sealing import base32

    seal = seal_sampling(sampled.notebook, sampled.id)
    found = sample_labels(sampled.notebook, sampled.id)
    assert found[0].code.endswith(base32(bytes.fromhex(seal.sha256)))


def test_hostile_words_stay_words(sampled: Sampled):
    verbs.edit(sampled.notebook, sampled.id, weather="<script>\u202e晴{{ 7*7 }}")
    value = paper(sampled.notebook, sampled.id, "sampling")
    assert "<script>" not in html_page(value)
    assert "{{ 7*7 }}" in "\n".join(preview(value, 96))
    docx_of(value)


def test_the_shelf_has_both(sampled: Sampled):
    assert [name for name, _ in shelf.papers("sampling")] == ["sampling", "custody"]
    assert "采样记录单" in str(shelf.written(sampled.notebook, "sampling", sampled.id, "sampling", ".txt"))


def test_the_record_of_the_visit_tells_of_the_sampling(sampled: Sampled):
    """生态环境行政处罚办法 (2023) art. 29: the sampling is noted in the record."""
    from models.documents import record_paper

    shown = "".join(record_paper.preview(sampled.notebook, sampled.visit, 200))
    row = verbs.sampling_row(sampled.notebook, sampled.id)
    assert row is not None
    assert (
        f"在★总排口采集废水样品 2 个（编号 {row.number}-01、{row.number}-02），详见采样记录单 {row.number}。"
        in shown
    )
