"""A paper as a Word document, built block by block, for papers without a template of their own.

A4, fonts as the official format for documents names them (GB/T 9704-2012: 仿宋, 小标宋体 for titles); a
machine without these fonts shows its own. Number, page number and code stand in the foot of every page.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from models.documents import qr
from models.documents.paper import (
    DEMO_LINE,
    SHADES,
    Bars,
    Block,
    Grid,
    Paper,
    Rows,
    Signatures,
    Words,
    bar_lengths,
)
from models.documents.text import one_line, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

_BODY, _TITLE = "仿宋", "宋体"
_STEPS = 40
"""Cells of the longest bar."""
_TWIP = 635
"""EMU in a twentieth of a point, in which Word measures tables."""
_SIGN_HERE = "签名：                    年    月    日"


def docx_of(paper: Paper, dpi: int = 300) -> bytes:
    """The paper as .docx; text is escaped by the library, hidden characters are made visible.

    Args:
        dpi: of the printer, 300 or 600: the code's dots are whole printer dots.
    """
    from docx import Document  # 100 ms: only when a paper is made
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm, Pt

    document = Document()
    style = document.styles["Normal"]
    style.font.size = Pt(12)
    _font(style.element, style.font, _BODY)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    if paper.landscape:
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = Cm(2.4)
    section.top_margin, section.bottom_margin = Cm(2.4), Cm(2.2)
    if paper.demo:
        _line(document, DEMO_LINE, size=12, bold=True, centred=True)
    for text, size in ((paper.bureau, 18), (paper.title, 22)):
        _line(document, one_line(text), size=size, bold=True, centred=True, font=_TITLE)
    _line(document, f"编号：{one_line(paper.number)}", size=11)
    for block in paper.blocks:
        _block(document, block)
    _foot(section, paper, dpi)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _block(document: Any, block: Block) -> None:
    if isinstance(block, Rows):
        _facts(document, block)
    elif isinstance(block, Words):
        if block.heading:
            _line(document, visible(block.heading), bold=True, kept=True)
        for paragraph in block.paragraphs:
            for text in visible(paragraph).split("\n"):
                _line(document, text, indented=True)
    elif isinstance(block, Grid):
        _grid(document, block)
    elif isinstance(block, Bars):
        _bars(document, block)
    else:
        _signatures(document, block)


def _facts(document: Any, block: Rows) -> None:
    table = document.add_table(rows=0, cols=4)
    table.style = "Table Grid"
    for row in block.rows:
        cells = table.add_row().cells
        if len(row) == 1:
            cells[1].merge(cells[3])
        for place, (label, value) in enumerate(row[:2]):
            _cell(cells[place * 2], visible(label), bold=True)
            _cell(cells[place * 2 + 1], visible(value))
    _widths(table, (16, 34, 16, 34))
    document.add_paragraph()


def _grid(document: Any, block: Grid) -> None:
    if block.heading:
        _line(document, visible(block.heading), bold=True, kept=True)
    table = document.add_table(rows=1, cols=len(block.heads))
    table.style = "Table Grid"
    for cell, head in zip(table.rows[0].cells, block.heads, strict=True):
        _cell(cell, visible(head), bold=True)
    _repeated(table.rows[0])
    for row in block.rows:
        for cell, value in zip(table.add_row().cells, row, strict=True):
            _cell(cell, visible(value))
    _widths(table, block.widths)
    document.add_paragraph()


def _bars(document: Any, block: Bars) -> None:
    """Label, number, and a bar of shaded cells on a fine grid: it needs no font and stays editable."""
    if block.heading:
        _line(document, visible(block.heading), bold=True, kept=True)
    section = document.sections[0]
    room = (section.page_width - section.left_margin - section.right_margin) // _TWIP
    label, number = room * 24 // 100, room * 6 // 100
    step = (room - label - number) // _STEPS
    rows = []
    for row, lengths in zip(block.rows, bar_lengths(block, _STEPS), strict=True):
        cells = [_bar_cell(one_line(row.label), 1, label), _bar_cell(str(row.number), 1, number)]
        for length, shade in zip(lengths, SHADES, strict=False):
            if length:
                cells.append(_bar_cell("", length, length * step, shade))
        left = _STEPS - sum(lengths)
        cells += [_bar_cell("", left, left * step)] if left else []
        rows.append(f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(cells)}</w:tr>")
    if rows:
        _append_table(document, (label, number, *((step,) * _STEPS)), rows)
    if len(block.shades) > 1:
        shades = zip(block.shades, SHADES, strict=False)
        legend = [
            _bar_cell("", 1, step, shade) + _bar_cell(one_line(words), 1, room // 5)
            for words, shade in shades
        ]
        _append_table(document, (step, room // 5) * len(legend), [f"<w:tr>{''.join(legend)}</w:tr>"])
    _line(document, "")


def _append_table(document: Any, widths: Sequence[int], rows: Sequence[str]) -> None:
    """A table without borders, from the XML of its rows, after a paragraph that keeps it apart."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls
    from docx.shared import Pt

    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    table = parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="30" w:type="dxa"/>'
        '<w:right w:w="30" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )
    before = document.add_paragraph()
    before.paragraph_format.space_after = Pt(0)
    before.paragraph_format.line_spacing = Pt(4)
    before._p.addnext(table)


def _bar_cell(text: str, span: int, width: int, shade: str = "") -> str:
    fill = f'<w:shd w:val="clear" w:color="auto" w:fill="{shade}"/>' if shade else ""
    # a line of page colour between two bars, so that they do not grow together
    edge = "".join(f'<w:{side} w:val="single" w:sz="12" w:color="FFFFFF"/>' for side in ("top", "bottom"))
    names = f'<w:rFonts w:ascii="{_BODY}" w:hAnsi="{_BODY}" w:eastAsia="{_BODY}"/>'
    font = f'<w:rPr>{names}<w:sz w:val="19"/></w:rPr>'
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:gridSpan w:val="{span}"/>'
        f"<w:tcBorders>{edge}</w:tcBorders>{fill}</w:tcPr>"
        '<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="260" w:lineRule="exact"/></w:pPr>'
        f'<w:r>{font}<w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p></w:tc>'
    )


def _signatures(document: Any, block: Signatures) -> None:
    for label in block.labels:
        _line(document, f"{visible(label)}{_SIGN_HERE}")


def _foot(section: Any, paper: Paper, dpi: int) -> None:
    from docx.shared import Mm

    foot = section.footer
    first = foot.paragraphs[0]
    if paper.page_signature:
        _run(first, visible(paper.page_signature), 9)
        first = foot.add_paragraph()
    _run(first, f"编号：{one_line(paper.number)}    第 ", 9)
    _number_field(first, "PAGE")
    _run(first, " 页 共 ", 9)
    _number_field(first, "NUMPAGES")
    _run(first, " 页", 9)
    for text in (paper.seal_note, paper.promise):
        if text:
            _run(foot.add_paragraph(), visible(text), 8)
    if paper.qr_text:
        code = qr.seal_modules(paper.qr_text)
        picture = io.BytesIO(qr.png(code, dpi))
        foot.add_paragraph().add_run().add_picture(picture, width=Mm(qr.printed_mm(code, dpi)))


def _line(
    document: Any,
    text: str,
    *,
    size: int = 12,
    bold: bool = False,
    centred: bool = False,
    indented: bool = False,
    kept: bool = False,
    font: str = _BODY,
) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(2)
    paragraph.paragraph_format.keep_with_next = kept
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if indented:
        paragraph.paragraph_format.first_line_indent = Pt(2 * size)
    _run(paragraph, text, size, bold=bold, font=font)


def _run(paragraph: Any, text: str, size: int, *, bold: bool = False, font: str = _BODY) -> None:
    from docx.shared import Pt

    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    run.font.bold = bold
    _font(run._element, run.font, font)


def _cell(cell: Any, text: str, *, bold: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    for count, line in enumerate(text.split("\n")):
        _run(paragraph if count == 0 else cell.add_paragraph(), line, 11, bold=bold)


def _font(element: Any, font: Any, name: str) -> None:
    """Latin and East Asian letters in the same font: python-docx 1.2 names only the first."""
    from docx.oxml.ns import qn

    font.name = name
    element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)


def _widths(table: Any, shares: Sequence[int]) -> None:
    """Widths of the columns in per cent of the page, kept whatever the words are."""
    section = table.part.document.sections[0]
    room = section.page_width - section.left_margin - section.right_margin
    table.autofit = False
    whole = sum(shares)
    for column, share in zip(table.columns, shares, strict=True):
        width = int(room * share / whole)
        for cell in column.cells:
            cell.width = width


def _repeated(row: Any) -> None:
    """Let a row head the table on each page."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _number_field(paragraph: Any, name: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    run = paragraph.add_run()
    for kind, text in (("begin", ""), ("", name), ("end", "")):
        if kind:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        else:
            part = OxmlElement("w:instrText")
            part.text = text
        run._r.append(part)
