"""Papers as Word files: every kind of block, charts without fonts, tables of exact widths, hostile text."""

from __future__ import annotations

import io

import pytest
from docx import Document
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st

from models.documents.page import html_page
from models.documents.paper import (
    SHADES,
    SIGNS,
    Bar,
    Bars,
    Block,
    Grid,
    Paper,
    Rows,
    Signatures,
    Words,
    bar_lengths,
    preview,
)
from models.documents.text import cells
from models.documents.word import docx_of

BARS = Bars(
    "图一",
    ("办结", "待履行", "其他"),
    (Bar("芗城区", 10, (5, 3, 2)), Bar("漳州高新技术产业开发区", 1, (0, 0, 1)), Bar("长泰区", 0, (0, 0, 0))),
)
QR = "QCI:1:HJ.EXAMPLE.GOV.CN:350602-20261123-7K2QX-01"


def paper(*blocks: Block, **fields: object) -> Paper:
    values = {
        "bureau": "漳州市生态环境局",
        "title": "示例文书",
        "number": "350602-01",
        "demo": False,
        "page_signature": "",
        "seal_note": "",
        "promise": "",
        "qr_text": "",
        **fields,
    }
    return Paper(blocks=blocks, **values)  # type: ignore[arg-type]


def opened(value: Paper):  # type: ignore[no-untyped-def]
    return Document(io.BytesIO(docx_of(value)))


texts = st.text(max_size=60)


@given(
    st.lists(
        st.one_of(
            st.builds(Words, texts, st.lists(texts, max_size=3).map(tuple)),
            st.builds(lambda row: Rows((row,)), st.tuples(st.tuples(texts, texts))),
            st.builds(lambda row: Rows((row,)), st.tuples(st.tuples(texts, texts), st.tuples(texts, texts))),
            st.builds(
                lambda head, row: Grid("", head, (row,), (50, 50)),
                st.tuples(texts, texts),
                st.tuples(texts, texts),
            ),
            st.builds(lambda one: Signatures((one,)), texts),
            st.builds(lambda one: Bars(one, ("甲", "乙"), (Bar(one, 3, (1, 2)),)), texts),
        ),
        max_size=5,
    ),
    texts,
    st.integers(20, 120),
)
def test_any_text_in_any_block_makes_a_file_that_opens(blocks: list[Block], title: str, width: int):
    value = paper(*blocks, title=title)
    opened(value)
    assert html_page(value).endswith("</html>\n")
    assert all(cells(line) <= width for line in preview(value, width))


parts = st.lists(st.lists(st.integers(0, 500), min_size=3, max_size=3), min_size=1, max_size=20)


@given(parts, st.integers(1, 200))
def test_the_parts_of_a_bar_end_with_the_bar(rows: list[list[int]], room: int):
    block = Bars("", ("甲", "乙", "丙"), tuple(Bar("", sum(row), tuple(row)) for row in rows))
    lengths = bar_lengths(block, room)
    most = max(sum(row) for row in rows)
    for row, found in zip(rows, lengths, strict=True):
        assert all(each >= 0 for each in found)
        assert sum(found) == (max(1, sum(row) * room // most) if sum(row) else 0)
    assert max(map(sum, lengths)) == (room if most else 0)


def test_a_chart_is_a_table_of_shaded_cells_whose_lengths_are_the_numbers():
    rows = opened(paper(BARS)).tables[0]._element.findall(qn("w:tr"))
    spans = []
    for row in rows:
        found = {}
        for cell in row.findall(qn("w:tc")):
            shade = cell.find(f"{qn('w:tcPr')}/{qn('w:shd')}")
            if shade is not None:
                span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
                found[shade.get(qn("w:fill"))] = int(span.get(qn("w:val")))
        spans.append(found)
    dark, middle, light = SHADES
    assert spans == [{dark: 20, middle: 12, light: 8}, {light: 4}, {}]


def test_a_chart_stands_in_text_by_signs_and_never_wider_than_the_screen():
    wide = preview(paper(BARS), 78)
    bar = next(line for line in wide if line.startswith("芗城区"))
    assert [bar.count(sign) for sign in SIGNS] == [bar.count("#"), bar.count("="), bar.count("-")]
    assert bar.count("#") > bar.count("=") > bar.count("-") > 0
    assert any("# 办结" in line and "= 待履行" in line for line in wide)
    narrow = preview(paper(BARS), 24)
    assert "漳州高新技术产业开发区" in "".join(narrow)
    assert all(cells(line) <= 24 for line in narrow)


def test_a_chart_stands_on_a_page_by_widths():
    page = html_page(paper(BARS))
    assert 'class="shade0" style="width:50.0%"' in page
    assert "其他" in page
    assert "$shade" not in page


def test_widths_of_cells_and_of_their_grid_agree_in_every_row():
    wide = Grid("", ("一", "二", "三"), (("1", "2", "3"),) * 3, (10, 60, 30))
    facts = Rows(((("甲", "1"), ("乙", "2")), (("丙", "3"),)))
    for table in opened(paper(wide, facts, BARS, Signatures(("承办人",)))).tables:
        grid = [int(each.get(qn("w:w"))) for each in table._element.iter(qn("w:gridCol"))]
        for row in table._element.findall(qn("w:tr")):
            at = 0
            for cell in row.findall(qn("w:tc")):
                properties = cell.find(qn("w:tcPr"))
                span = int(properties.find(qn("w:gridSpan")).get(qn("w:val")))
                assert int(properties.find(qn("w:tcW")).get(qn("w:w"))) == sum(grid[at : at + span])
                at += span
            assert at == len(grid)


def test_what_is_empty_leaves_room_to_write_by_hand():
    value = paper(Words("负责人意见", ("",)), Grid("会商", ("日期", "意见"), (), (50, 50)))
    document = opened(value)
    assert len(document.tables[0].rows) == 3
    after = [each.text for each in document.paragraphs]
    assert after[after.index("负责人意见") + 1 :][:2] == ["", ""]
    assert "（无记录）" in "".join(preview(value, 60))
    assert html_page(value).count("<td>&nbsp;</td>") == 4


def test_a_long_row_may_break_over_two_pages_and_a_short_one_not():
    value = paper(Rows(((("短", "字"),), (("长", "字" * 5000),))))
    short, long = opened(value).tables[0]._element.findall(qn("w:tr"))
    assert short.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None
    assert long.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is None


def test_signatures_never_stand_alone_on_a_page():
    value = paper(Rows(((("验收日期", ""),),)), Signatures(("甲", "乙")))
    facts, signed = opened(value).tables
    kept = facts._element.findall(f".//{qn('w:keepNext')}")
    assert len(kept) == 2
    first, last = signed._element.findall(qn("w:tr"))
    assert first.findall(f".//{qn('w:keepNext')}")
    assert not last.findall(f".//{qn('w:keepNext')}")


def test_the_head_of_a_grid_repeats_on_each_page():
    table = opened(paper(Grid("", ("一",), (("1",),) * 200, (100,)))).tables[0]
    heads = table._element.findall(f".//{qn('w:tblHeader')}")
    assert len(heads) == 1
    assert len(table.rows) == 201


@pytest.mark.parametrize("landscape", [False, True])
def test_page_number_and_number_stand_in_the_foot(landscape: bool):
    section = opened(paper(landscape=landscape, promise="核验说明")).sections[0]
    foot = section.footer
    xml = foot._element.xml
    assert "NUMPAGES" in xml
    assert "350602-01" in "".join(each.text for each in foot.paragraphs)
    assert "核验说明" in "".join(each.text for each in foot.paragraphs)
    assert (section.page_width > section.page_height) is landscape
    assert not foot.part.related_parts


def test_a_sealed_paper_has_its_code_in_the_foot_beside_what_it_proves():
    foot = opened(paper(qr_text=QR, promise="核验说明", seal_note="签封时间")).sections[0].footer
    pictures = [part for part in foot.part.related_parts.values() if part.content_type == "image/png"]
    assert len(pictures) == 1
    words, code = foot.tables[0].rows[0].cells
    assert "350602-01" in words.text
    assert "签封时间" in words.text
    assert "核验说明" in words.text
    assert code._element.findall(f".//{qn('w:drawing')}")
