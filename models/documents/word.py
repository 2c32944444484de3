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
from models.documents.text import cells, one_line, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

_BODY, _TITLE = "仿宋", "宋体"
_STEPS = 40
"""Cells of the longest bar."""
_TWIP = 635
"""EMU in a twentieth of a point, in which Word measures tables."""
_GRID_SIZE = 9.5
"""Points of the words of a grid: a day fits into a sixth of the page."""
_HAND_LINES = 2
"""Empty lines or rows where something is to be written by hand."""
_LONG_ROW = 4000
"""Letters of a row's XML from which it may break over two pages."""
_CODE_MM = 27.5
"""Side of the code of a seal, which a template leaves room for."""
_TITLE_CELLS = 40
"""Cells of a title in its full size that one line takes."""


def docx_of(paper: Paper, dpi: int = 300, *, place_of_code: str = "") -> bytes:
    """The paper as .docx; text is escaped by the library, hidden characters are made visible.

    Args:
        dpi: of the printer, 300 or 600: the code's dots are whole printer dots.
        place_of_code: what stands in the foot where a template is filled with the code.
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
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin = section.bottom_margin = Cm(2)
    if paper.demo:
        _line(document, DEMO_LINE, size=12, bold=True, centred=True)
    for text, most in ((paper.bureau, 16), (paper.title, 22)):
        size = most if cells(one_line(text)) <= _TITLE_CELLS else min(most, 18)
        _line(document, one_line(text), size=size, bold=True, centred=True, font=_TITLE)
    _line(document, f"编号：{one_line(paper.number)}", size=11)
    for place, block in enumerate(paper.blocks, 1):
        signed = place < len(paper.blocks) and isinstance(paper.blocks[place], Signatures)
        _block(document, block, kept=signed)
    _foot(section, paper, dpi, place_of_code)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _block(document: Any, block: Block, *, kept: bool) -> None:
    """One block; what stands before signatures is kept with them, so that no page has signatures alone."""
    if isinstance(block, Rows):
        _facts(document, block, kept=kept)
    elif isinstance(block, Words):
        _words(document, block, kept=kept)
    elif isinstance(block, Grid):
        _grid(document, block)
    elif isinstance(block, Bars):
        _bars(document, block)
    else:
        _signatures(document, block)


def _words(document: Any, block: Words, *, kept: bool) -> None:
    if block.heading:
        _line(document, visible(block.heading), bold=True, kept=True)
    empty = bool(block.paragraphs) and not any(block.paragraphs)
    paragraphs = ("",) * _HAND_LINES if empty else block.paragraphs
    texts = [text for paragraph in paragraphs for text in visible(paragraph).split("\n")]
    for left, text in enumerate(texts, 1 - len(texts)):
        _line(document, text, indented=True, kept=kept and left == 0)


def _facts(document: Any, block: Rows, *, kept: bool) -> None:
    widths = _parts(document, (17, 33, 17, 33))
    rows = []
    for left, row in enumerate(block.rows, 1 - len(block.rows)):
        cells = []
        with_next = kept and left == 0
        for label, value in row[:2]:
            span = 3 if len(row) == 1 else 1
            cells.append(_cell(visible(label), widths[0], bold=True, kept=with_next))
            cells.append(_cell(visible(value), sum(widths[1 : 1 + span]), span=span, kept=with_next))
        rows.append(_row(cells))
    _append_table(document, widths, rows, kept=kept)


def _grid(document: Any, block: Grid) -> None:
    if block.heading:
        _line(document, visible(block.heading), bold=True, kept=True)
    widths = _parts(document, block.widths)
    head = [
        _cell(visible(each), width, bold=True, size=_GRID_SIZE)
        for each, width in zip(block.heads, widths, strict=True)
    ]
    blank = ("",) * len(block.heads)
    rows = [
        _row([_cell(visible(each), width, size=_GRID_SIZE) for each, width in zip(row, widths, strict=True)])
        for row in block.rows or (blank,) * _HAND_LINES
    ]
    _append_table(document, widths, [_row(head, heads=True), *rows])


def _bars(document: Any, block: Bars) -> None:
    """Label, number, and a bar of shaded cells on a fine grid: it needs no font and stays editable."""
    if block.heading:
        _line(document, visible(block.heading), bold=True, kept=True)
    label, number, room = _parts(document, (24, 6, 70))
    step = room // _STEPS
    rows = []
    for row, lengths in zip(block.rows, bar_lengths(block, _STEPS), strict=True):
        cells = [_bar_cell(one_line(row.label), 1, label), _bar_cell(str(row.number), 1, number)]
        for length, shade in zip(lengths, SHADES, strict=False):
            if length:
                cells.append(_bar_cell("", length, length * step, shade))
        left = _STEPS - sum(lengths)
        cells += [_bar_cell("", left, left * step)] if left else []
        rows.append(_row(cells))
    if rows:
        _append_table(document, (label, number, *((step,) * _STEPS)), rows, bordered=False)
    if len(block.shades) > 1:
        shades = list(zip(block.shades, SHADES, strict=False))
        wide = (label + number + room) // len(shades) - step
        cells = [
            _bar_cell("", 1, step, shade) + _bar_cell(one_line(words), 1, wide) for words, shade in shades
        ]
        _append_table(document, (step, wide) * len(shades), [_row(cells)], bordered=False)


def _signatures(document: Any, block: Signatures) -> None:
    widths = _parts(document, (46, 24, 30))
    rows = []
    for left, label in enumerate(block.labels, 1 - len(block.labels)):
        texts = (f"{visible(label)}签名：", "", "年    月    日")
        kept = left < 0  # all who sign stand on one page
        cells = [_cell(text, width, size=12, kept=kept) for text, width in zip(texts, widths, strict=True)]
        rows.append(_row(cells, height=560))
    _append_table(document, widths, rows, bordered=False)


# -- tables ------------------------------------------------------------------------------------------------
# Written as XML: Word takes the width of each cell, LibreOffice that of the grid; python-docx sets only one.


def _parts(document: Any, shares: Sequence[int]) -> tuple[int, ...]:
    """Widths of columns in twentieths of a point, whose shares are shares of the page."""
    section = document.sections[0]
    room = (section.page_width - section.left_margin - section.right_margin) // _TWIP
    return tuple(room * share // sum(shares) for share in shares)


def _append_table(
    document: Any, widths: Sequence[int], rows: Sequence[str], *, bordered: bool = True, kept: bool = False
) -> None:
    """A table of fixed widths at the end of the document, and a small space after it."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls
    from docx.shared import Pt

    sides = ("top", "left", "bottom", "right", "insideH", "insideV") if bordered else ()
    edges = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>' for side in sides)
    margin = 60 if bordered else 30
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    table = parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>'
        f'<w:left w:w="{margin}" w:type="dxa"/><w:right w:w="{margin}" w:type="dxa"/></w:tblCellMar>'
        f"</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )
    after = document.add_paragraph()
    after.paragraph_format.space_after = Pt(0)
    after.paragraph_format.line_spacing = Pt(8)
    after.paragraph_format.keep_with_next = kept
    after._p.addprevious(table)


def _row(cells: Sequence[str], *, heads: bool = False, height: int = 0) -> str:
    """A row; one of few words is not broken over two pages, one of many must be."""
    whole = "<w:cantSplit/>" if sum(map(len, cells)) < _LONG_ROW else ""
    high = f'<w:trHeight w:val="{height}"/>' if height else ""
    repeated = "<w:tblHeader/>" if heads else ""
    return f"<w:tr><w:trPr>{whole}{high}{repeated}</w:trPr>{''.join(cells)}</w:tr>"


def _cell(
    text: str, width: int, *, span: int = 1, bold: bool = False, size: float = 11, kept: bool = False
) -> str:
    keep = "<w:keepNext/>" if kept else ""
    spacing = f'<w:pPr>{keep}<w:spacing w:before="30" w:after="30" w:line="240" w:lineRule="auto"/></w:pPr>'
    look = _look(round(2 * size), bold=bold)
    paragraphs = "".join(
        f'<w:p>{spacing}<w:r>{look}<w:t xml:space="preserve">{escape(line)}</w:t></w:r></w:p>'
        for line in text.split("\n")
    )
    return f'<w:tc><w:tcPr>{_wide(width, span)}<w:vAlign w:val="center"/></w:tcPr>{paragraphs}</w:tc>'


def _bar_cell(text: str, span: int, width: int, shade: str = "") -> str:
    fill = f'<w:shd w:val="clear" w:color="auto" w:fill="{shade}"/>' if shade else ""
    # a line of page colour between two bars, so that they do not grow together
    edge = "".join(f'<w:{side} w:val="single" w:sz="12" w:color="FFFFFF"/>' for side in ("top", "bottom"))
    spacing = '<w:spacing w:before="0" w:after="0" w:line="260" w:lineRule="exact"/>'
    return (
        f"<w:tc><w:tcPr>{_wide(width, span)}<w:tcBorders>{edge}</w:tcBorders>{fill}</w:tcPr>"
        f"<w:p><w:pPr><w:keepNext/>{spacing}</w:pPr>"  # a chart stays on one page
        f'<w:r>{_look(19)}<w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p></w:tc>'
    )


def _wide(width: int, span: int) -> str:
    return f'<w:tcW w:w="{width}" w:type="dxa"/><w:gridSpan w:val="{span}"/>'


def _look(half_points: int, *, bold: bool = False) -> str:
    names = f'<w:rFonts w:ascii="{_BODY}" w:hAnsi="{_BODY}" w:eastAsia="{_BODY}"/>'
    return f'<w:rPr>{names}{"<w:b/>" if bold else ""}<w:sz w:val="{half_points}"/></w:rPr>'


def _foot(section: Any, paper: Paper, dpi: int, place_of_code: str) -> None:
    """Signature, number, page, seal and promise; the code of a sealed paper stands beside them."""
    from docx.shared import Mm

    foot = section.footer
    first = foot.paragraphs[0]
    place: Any = foot
    if paper.qr_text or place_of_code:
        code = qr.seal_modules(paper.qr_text) if paper.qr_text else None
        side = Mm(qr.printed_mm(code, dpi) if code else _CODE_MM)
        room = section.page_width - section.left_margin - section.right_margin
        widths = (room - side - Mm(5), side + Mm(5))  # a cell's own margins must not cut the code
        table = foot.add_table(1, 2, room)
        table.autofit = False
        for column, cell, width in zip(table.columns, table.rows[0].cells, widths, strict=True):
            column.width = cell.width = width
        place, beside = table.rows[0].cells
        if code:
            picture = io.BytesIO(qr.png(code, dpi))
            beside.paragraphs[0].add_run().add_picture(picture, width=side)
        else:
            _run(beside.paragraphs[0], place_of_code, 9)
        first._p.getparent().append(first._p)  # a foot ends in a paragraph, not in a table
        first = place.paragraphs[0]
    if paper.page_signature:
        _run(first, visible(paper.page_signature), 9)
        first = place.add_paragraph()
    _run(first, f"编号：{one_line(paper.number)}    第 ", 9)
    _number_field(first, "PAGE")
    _run(first, " 页 共 ", 9)
    _number_field(first, "NUMPAGES")
    _run(first, " 页", 9)
    for text in (paper.seal_note, paper.promise):
        if text:
            _run(place.add_paragraph(), visible(text), 8)


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


def _font(element: Any, font: Any, name: str) -> None:
    """Latin and East Asian letters in the same font: python-docx 1.2 names only the first."""
    from docx.oxml.ns import qn

    font.name = name
    element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)


def _number_field(paragraph: Any, name: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    for kind, text in (("begin", ""), ("", name), ("end", "")):
        run = paragraph.add_run()
        run.font.size = Pt(9)
        if kind:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        else:
            part = OxmlElement("w:instrText")
            part.text = text
        run._r.append(part)
