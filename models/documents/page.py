"""A paper as one HTML page for the browser, to be printed where there is no office program.

The file is whole in itself: no script, no address, nothing loaded. Foot and code stand on each printed page
(position: fixed repeats in paged media, and an empty table foot keeps the text off them); page numbers come
from CSS page counters (CSS Paged Media 3), which browsers without them leave out.
"""

from __future__ import annotations

import base64
import html
from pathlib import Path
from string import Template

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
from models.documents.text import visible

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_BAR_STEPS = 200
_HAND_LINES = 2
"""Empty lines or rows where something is to be written by hand."""
_STYLE = Path(__file__).parent / "page.css"


def html_page(paper: Paper) -> str:
    """The paper as a complete HTML document, everything in it escaped, hidden characters visible."""
    code = qr.seal_modules(paper.qr_text) if paper.qr_text else None
    side = qr.printed_mm(code) if code else 0.0
    style = Template(_STYLE.read_text("utf-8")).substitute(
        orientation="landscape" if paper.landscape else "portrait",
        width="297mm" if paper.landscape else "210mm",
        number=_css_text(paper.number),
        **{f"shade{place}": f"#{shade}" for place, shade in enumerate(SHADES)},
        code=f"{side:.2f}mm",
    )
    image = ""
    if code:
        data = base64.b64encode(qr.png(code, 600)).decode("ascii")
        image = f'<img alt="" src="data:image/png;base64,{data}">'
    demo = f'<div class="mark">演示</div><p class="demo">{DEMO_LINE}</p>' if paper.demo else ""
    blocks = "\n".join(_block(block) for block in paper.blocks)
    note = f"<p>{_text(paper.seal_note)}</p>" if paper.seal_note else ""
    return f"""<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{_text(paper.title)} {_text(paper.number)}</title>
<style>
{style}</style></head><body>
<table class="whole"><tfoot><tr><td class="room"></td></tr></tfoot><tbody><tr><td>
{demo}
<h1>{_text(paper.bureau)}</h1><h1>{_text(paper.title)}</h1>
<p class="number">编号：{_text(paper.number)}</p>
{blocks}
</td></tr></tbody></table>
<div class="foot"><div><p class="by-hand">{_text(paper.page_signature)}</p>
<p>编号：{_text(paper.number)}</p>{note}<p>{_text(paper.promise)}</p></div>{image}</div>
</body></html>
"""


def _block(block: Block) -> str:
    if isinstance(block, Rows):
        return f'<table class="facts">{"".join(_facts_row(row) for row in block.rows)}</table>'
    if isinstance(block, Words):
        heading = f"<h2>{_text(block.heading)}</h2>" if block.heading else ""
        if block.paragraphs and not any(block.paragraphs):
            return heading + "<p>&nbsp;</p>" * _HAND_LINES
        lines = (line for paragraph in block.paragraphs for line in visible(paragraph).split("\n"))
        return heading + "".join(f"<p>{_text(line)}</p>" for line in lines)
    if isinstance(block, Grid):
        return _grid(block)
    if isinstance(block, Bars):
        return _bars(block)
    return _signatures(block)


def _facts_row(row: tuple[tuple[str, str], ...]) -> str:
    span = ' colspan="3"' if len(row) == 1 else ""
    cells = (f'<td class="label">{_text(label)}</td><td{span}>{_text(value)}</td>' for label, value in row)
    return f"<tr>{''.join(cells)}</tr>"


def _grid(block: Grid) -> str:
    heading = f"<h2>{_text(block.heading)}</h2>" if block.heading else ""
    columns = "".join(f'<col style="width:{width}%">' for width in block.widths)
    heads = "".join(f"<th>{_text(head)}</th>" for head in block.heads)
    empty = "<tr>" + "<td>&nbsp;</td>" * len(block.heads) + "</tr>"
    rows = "".join(
        "<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in block.rows
    )
    rows = rows or empty * _HAND_LINES
    return (
        f'{heading}<table class="grid"><colgroup>{columns}</colgroup><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _bars(block: Bars) -> str:
    heading = f"<h2>{_text(block.heading)}</h2>" if block.heading else ""
    rows = ""
    for row, lengths in zip(block.rows, bar_lengths(block, _BAR_STEPS), strict=True):
        bar = "".join(
            f'<i class="shade{shade}" style="width:{length * 100 / _BAR_STEPS:.1f}%"></i>'
            for shade, length in enumerate(lengths)
            if length
        )
        rows += f'<tr><td>{_text(row.label)}</td><td class="count">{row.number}</td><td>{bar}</td></tr>'
    legend = "".join(
        f'<i class="shade{shade}"></i> {_text(words)}&emsp;' for shade, words in enumerate(block.shades)
    )
    named = f'<p class="legend">{legend}</p>' if len(block.shades) > 1 else ""
    return f'{heading}<table class="bars">{rows}</table>{named}'


def _signatures(block: Signatures) -> str:
    rows = (
        f"<tr><td>{_text(label)}</td><td>签名：</td><td>&emsp;&emsp;年&emsp;月&emsp;日</td></tr>"
        for label in block.labels
    )
    return f'<table class="sign">{"".join(rows)}</table>'


def _text(text: str) -> str:
    return html.escape(visible(text))


def _css_text(text: str) -> str:
    """Text for a CSS string inside a style element: only what a record number has; the rest as "?"."""
    return "".join(letter if letter.isalnum() or letter in "-. " else "?" for letter in visible(text))
