"""The record and the evidence list: complete, the same in Word, on screen and in the browser."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import docx
import pytest
import zxingcpp
from PIL import Image

from models.documents import evidence_list, layout, narrative, page, record_paper, templates
from models.documents.facts import gather
from models.documents.text import cells
from models.errors import BadInput
from models.inspections import verbs
from models.language import current_language, in_chinese, use_language
from models.store.change import new_id, put
from models.store.notebook import Notebook

HOSTILE = "A & B <b> </w:t> {{7*7}} \x1b]0;x\x07 \u202egpj <script>alert(1)</script> {_{x}_} 100%"
SHOWN = "A & B <b> </w:t> {{7*7}} ␛]0;x␇ �gpj <script>alert(1)</script> {_{x}_} 100%"


def all_words(data: bytes) -> str:
    """Every word of body, headers and footers, cells and paragraphs on lines of their own."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        names = [
            name for name in parts.namelist() if re.match(r"word/(document|header|footer)\d*\.xml", name)
        ]
        whole = "\n".join(parts.read(name).decode("utf-8") for name in sorted(names))
    whole = re.sub(r"</w:p>|<w:br/>", "\n", whole)
    text = re.sub(r"<[^>]+>", "", whole)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def page_words(html: str) -> str:
    class Reader(HTMLParser):
        words: list[str] = []

        def handle_data(self, data: str) -> None:
            self.words.append(data)

    reader = Reader()
    reader.words = []
    reader.feed(html[html.index("<body>") :])
    return "".join(reader.words)


def scanned(data: bytes) -> str:
    return zxingcpp.read_barcodes(Image.open(io.BytesIO(data)))[0].text


def pictures(data: bytes) -> dict[str, list[bytes]]:
    """The pictures that each part of a .docx shows, by the part's name."""
    document = docx.Document(io.BytesIO(data))
    found: dict[str, list[bytes]] = {}
    section = document.sections[0]
    parts = {"body": document.part, "header": section.header.part, "footer": section.footer.part}
    for name, part in parts.items():
        images = [rel for rel in part.rels.values() if rel.reltype.endswith("/image")]
        found[name] = [rel.target_part.blob for rel in images]
    return found


MUST_HAVE = [
    "漳州市生态环境局",
    "现场检查（勘察）笔录",
    "350602-20261123-7K2QX-01",
    "2026年11月23日10时15分",
    "2026年11月23日11时50分",
    "漳州市芗城区示例路 3 号",
    "执法员01",
    "FJ350602001",
    "执法员02",
    "FJ350602002",
    "漳州市生态环境局（芗城区）",
    "示例企业03有限公司",
    "91350602MA00000003",
    "示例人员01",
    "示例人员02",
    "环保主管",
    "0596-0000000",
    "■已确认执法证件",
    "■不申请回避",
    "□申请回避",
    "可以申请回避，并说明理由。请确认。",
    "检查审批编号：漳环检审〔2026〕12号。",
    "该单位正常生产。",
    "1. 总排口在线监测仪采样管脱落。",
    "监测 2 项，其中 1 项超过限值",
    "总排口★化学需氧量（COD）：瞬时样。",
    "厂界东（昼间）噪声：测量仪器 AWA6228 01 号，测前校准值 93.8 dB(A)，测后校准值 94.5 dB(A)",
    "风速 5.6 m/s，无雨雪、无雷电。",
    "厂界东（昼间）噪声不作判定：Wind 5.6 m/s。",
    "61.2 dB(A)（修正后 60 dB(A)）",
    "240 mg/L",
    "100 mg/L",
    "GB 8978-1996 表4 一级",
    "超标 1.4 倍",
    "当事人（示例人员02）陈述：采样管昨晚脱落，尚未修复。",
    "现场取得证据共 2 件（电子数据 2 件），详见《证据清单》。",
    "以上笔录我已阅看无误",
    "现场负责人拒绝签名，原因：对监测结果有异议。见证人：示例人员03。",
    "见证人（其他参加人）",
]


def test_the_record_in_word_names_everything_that_the_rules_ask_for(notebook: Notebook, visit: str) -> None:
    words = all_words(record_paper.fill_record(notebook, visit))
    assert [must for must in MUST_HAVE if must not in words] == []


@pytest.mark.parametrize("reasons", ["no json", "{}", "[1]", '[["{x}", "J1", []]]', None])
def test_reasons_of_another_version_never_stop_a_paper(
    notebook: Notebook, visit: str, reasons: str | None
) -> None:
    unread = gather(notebook, visit).measurements[1]
    notebook.write(put("measurement", unread.id, "350602", reasons=reasons))
    assert "噪声不作判定：依据不足。" in all_words(record_paper.fill_record(notebook, visit))


def test_preview_and_page_name_the_same(notebook: Notebook, visit: str) -> None:
    preview = "".join("".join(record_paper.preview(notebook, visit, 80)).split())
    page_text = "".join(page_words(record_paper.html_page(notebook, visit)).split())
    for must in MUST_HAVE:
        wanted = "".join(must.split())
        assert wanted in page_text
        assert wanted in preview


def test_template_and_screen_tell_the_party_the_same_words(notebook: Notebook, visit: str) -> None:
    told = record_paper._told(gather(notebook, visit))
    assert told in all_words(record_paper.fill_record(notebook, visit))


def test_the_paper_is_chinese_for_an_english_reader_too(notebook: Notebook, visit: str) -> None:
    use_language("en")
    assert "电子数据 2 件" in all_words(record_paper.fill_record(notebook, visit))
    assert "电子数据" in "\n".join(evidence_list.preview(notebook, visit, 80))
    assert current_language() == "en"


def test_each_page_bears_number_page_count_and_a_code_that_reads_back(
    notebook: Notebook, visit: str, sealed: str
) -> None:
    for fill in (record_paper.fill_record, evidence_list.fill_evidence_list):
        data = fill(notebook, visit)
        section = docx.Document(io.BytesIO(data)).sections[0]
        header = section.header._element.xml
        assert "350602-20261123-7K2QX-01" in header
        assert re.findall(r"> (NUMPAGES|PAGE) <", header) == ["NUMPAGES", "PAGE"]
        assert not section.different_first_page_header_footer
        (code,) = pictures(data)["footer"]
        assert scanned(code) == sealed
        # 27.5 mm: 65 modules of 5 dots at 300 dpi, in EMU
        assert 'cx="990600" cy="990600"' in section.footer._element.xml
        words = all_words(data)
        assert "任何人可用公开工具核验" in words
        assert "不证明内容真实" in words
        assert "草稿" not in words


def test_a_draft_says_so_and_has_no_code(notebook: Notebook, visit: str) -> None:
    data = record_paper.fill_record(notebook, visit)
    assert pictures(data)["footer"] == []
    assert "草稿，尚未签封，不得作为证据使用。" in all_words(data)
    assert "草稿，尚未签封" in "\n".join(record_paper.preview(notebook, visit, 80))
    assert "<img" not in record_paper.html_page(notebook, visit)


def test_papers_of_a_demo_notebook_all_bear_the_word(notebook: Notebook, visit: str, sealed: str) -> None:
    def papers() -> list[str]:
        return [
            all_words(record_paper.fill_record(notebook, visit)),
            all_words(evidence_list.fill_evidence_list(notebook, visit)),
            "\n".join(record_paper.preview(notebook, visit, 80)),
            "\n".join(evidence_list.preview(notebook, visit, 80)),
            page_words(record_paper.html_page(notebook, visit)),
            page_words(evidence_list.html_page(notebook, visit)),
        ]

    assert not any("演 示" in words or "演示" in words for words in papers())
    notebook.demo = True
    assert all("演 示 文 书" in words for words in papers())
    data = record_paper.fill_record(notebook, visit)
    assert 'string="演示"' in docx.Document(io.BytesIO(data)).sections[0].header._element.xml


def test_hostile_words_stand_on_paper_as_words(notebook: Notebook, visit: str) -> None:
    fields = ("site_name", "place", "contact_name", "situation", "refusal_reason", "others", "witness_name")
    notebook.write(put("inspection", visit, "350602", **dict.fromkeys(fields, HOSTILE)))
    notebook.write(put("finding", new_id(), "350602", inspection=visit, text=HOSTILE))
    notebook.write(put("evidence", new_id(), "350602", inspection=visit, title=HOSTILE, purpose=HOSTILE))
    words = all_words(record_paper.fill_record(notebook, visit))
    assert words.count(SHOWN) >= 8
    assert all_words(evidence_list.fill_evidence_list(notebook, visit)).count(SHOWN) >= 3
    html = record_paper.html_page(notebook, visit)
    assert "<script" not in html
    assert page_words(html).count(SHOWN) >= 8
    for line in record_paper.preview(notebook, visit, 60):
        assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", line)


@pytest.mark.parametrize("width", [20, 40, 78, 120])
def test_no_line_of_the_preview_is_wider_than_the_screen(notebook: Notebook, visit: str, width: int) -> None:
    for paper in (record_paper, evidence_list):
        assert max(cells(line) for line in paper.preview(notebook, visit, width)) <= width


def test_the_record_states_why_a_value_was_not_judged_and_prompts_nobody(
    notebook: Notebook, visit: str
) -> None:
    verbs.measure(
        notebook,
        visit,
        medium="water",
        point="东排口",
        parameter="总氰化合物",
        value="0.8",
        unit_of_value="mg/L",
    )
    said = [
        one
        for one in in_chinese(lambda: narrative.situation(gather(notebook, visit)))
        if "东排口" in one and "不作判定" in one
    ]
    assert len(said) == 1
    assert "受纳水体类别均未查明" in said[0]
    assert "请" not in said[0]


def test_a_long_narrative_stays_whole(notebook: Notebook, visit: str) -> None:
    paragraphs = [f"第{count}段，" + "现场情况说明。" * 60 for count in range(60)]
    notebook.write(put("inspection", visit, "350602", situation="\n".join(paragraphs)))
    words = all_words(record_paper.fill_record(notebook, visit))
    assert all(paragraph in words for paragraph in paragraphs)


def test_the_evidence_list_has_every_item_with_both_hashes(notebook: Notebook, visit: str) -> None:
    words = all_words(evidence_list.fill_evidence_list(notebook, visit))
    facts = gather(notebook, visit)
    for one in facts.evidence:
        assert one.sha256 in words
        assert one.sm3 in words
        assert f"{one.title}" in words
    wanted = (
        "证 据 清 单",
        "电子数据",
        "原件",
        "总排口外观",
        "原始载体：存储卡",
        "执法员01、执法员02",
        "共 2 件",
    )
    assert [must for must in wanted if must not in words] == []
    preview = "".join(evidence_list.preview(notebook, visit, 40))
    assert facts.evidence[1].sha256 in re.sub(r"\s", "", preview)


def test_withdrawn_parts_are_on_no_paper(notebook: Notebook, visit: str) -> None:
    from models.store.change import void

    gone = gather(notebook, visit).evidence[0]
    notebook.write(void("evidence", gone.id, "350602", "拍错"))
    assert gone.sha256 not in all_words(evidence_list.fill_evidence_list(notebook, visit))


def test_an_empty_draft_has_blanks_to_fill_in_by_hand(notebook: Notebook) -> None:
    record = new_id()
    notebook.write(put("inspection", record, "350602", number="350602-20261123-7K2QX-02"))
    words = all_words(record_paper.fill_record(notebook, record))
    assert "    年  月  日  时  分至" in words
    assert "None" not in words
    assert "None" not in all_words(evidence_list.fill_evidence_list(notebook, record))
    assert "None" not in "".join(record_paper.preview(notebook, record, 80))


def test_an_unknown_inspection_is_one_clear_sentence(notebook: Notebook) -> None:
    with pytest.raises(BadInput):
        record_paper.fill_record(notebook, new_id())


def test_every_name_that_a_shipped_template_asks_for_is_given(notebook: Notebook, visit: str) -> None:
    facts = gather(notebook, visit)
    given = {
        "record": in_chinese(lambda: record_paper.record_values(facts)),
        "evidence_list": in_chinese(lambda: evidence_list.list_values(facts)),
    }
    # that of sampling is held where its records are: tests/models/inspections/sampling/test_paper.py
    shipped = sorted(path.stem for path in templates.SHIPPED.glob("*.docx") if path.stem != "sampling")
    assert shipped == sorted([*given, *layout.layouts()])
    for name in given:
        asked = templates.names_in(templates.SHIPPED / f"{name}.docx")
        assert asked <= {*given[name], "二维码"}
        assert {"编号", "二维码", "演示", "核验说明"} <= asked


def test_the_bureaus_own_template_is_used_and_a_bad_one_is_named(
    notebook: Notebook, visit: str, own_templates: Path
) -> None:
    own = docx.Document()
    own.add_paragraph("本局笔录 {{ 编号 }} {{ 当事人.名称 }} {{ 二维码 }}")
    own.save(str(own_templates / "record.docx"))
    words = all_words(record_paper.fill_record(notebook, visit, folder=own_templates))
    assert "本局笔录 350602-20261123-7K2QX-01 示例企业03有限公司" in words
    (own_templates / "record.docx").write_bytes(b"PK")
    with pytest.raises(BadInput, match="record"):
        record_paper.fill_record(notebook, visit, folder=own_templates)


def test_the_page_is_whole_in_itself(notebook: Notebook, visit: str, sealed: str) -> None:
    html = evidence_list.html_page(notebook, visit)
    assert not re.search(r"<script|<link|@import|url\(|https?://", html.replace(sealed, ""))
    assert "size: A4 landscape" in html
    assert 'counter(pages) " 页  第 " counter(page)' in html
    (image,) = re.findall(r'src="data:image/png;base64,([^"]+)"', html)
    assert scanned(base64.b64decode(image)) == sealed
    assert "width: 27.52mm" in html


def test_a_number_cannot_leave_its_place_in_the_style(notebook: Notebook, visit: str) -> None:
    notebook.write(put("inspection", visit, "350602", number='"; } </style><b>'))
    html = record_paper.html_page(notebook, visit)
    assert html.count("</style>") == 1
    assert 'content: "编号：?? ? ??style??b?"' in html
    assert page._css_text('a"b\\c\n') == "a?b?c?"


def names_of(values: object) -> set[str]:
    """All names in a template's values, those of rows and people too."""
    if isinstance(values, dict):
        return {*values, *(name for value in values.values() for name in names_of(value))}
    if isinstance(values, list):
        return {name for value in values for name in names_of(value)}
    return set()


def test_the_guide_to_templates_names_every_name_that_is_given(notebook: Notebook, visit: str) -> None:
    facts = gather(notebook, visit)
    guide = (templates.SHIPPED / "README.md").read_text("utf-8")
    told = set(re.findall(r"`([^`{} .]+)`", guide[guide.index("## 名称") : guide.index("以下文书")]))
    given = in_chinese(lambda: [record_paper.record_values(facts), evidence_list.list_values(facts)])
    assert told - {"二维码"} == names_of(given)
