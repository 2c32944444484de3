"""A paper as a value: what stands on it, before it becomes Word, a page for the browser or terminal text.

Papers are Chinese whatever the reader's language is: they are for the party, the bureau and the court.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from models.documents.text import cells, one_line, visible, wrap

_CHINA = timedelta(hours=8)
LABEL_PREFIX = "QCE:"
"""How the code of an evidence label begins; it is not signed."""
SAMPLE_PREFIX = "QCS:"
"""How the code of a sample's label begins; it is not signed."""
_LEAST_BAR = 10
"""Cells of the longest bar at least, beside its label."""
DEMO_LINE = "演 示 文 书，仅供练习，不具法律效力"


@dataclass(frozen=True, slots=True)
class Rows:
    """Labelled facts, one or two to a line."""

    rows: tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True, slots=True)
class Words:
    """Paragraphs under a heading; the heading may be empty."""

    heading: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table whose head repeats on each page."""

    heading: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    """Per cent."""


@dataclass(frozen=True, slots=True)
class Signatures:
    """Lines to be signed by hand."""

    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, its number, and the parts that it is made of, one for each shade of its chart."""

    label: str
    number: int
    parts: tuple[int, ...]
    """They add up to the number."""


@dataclass(frozen=True, slots=True)
class Bars:
    """A chart of bars that needs no font and no picture: shaded cells on paper, signs in text."""

    heading: str
    shades: tuple[str, ...]
    """What each part of a bar means, the darkest first; at most as many as `SHADES`."""
    rows: tuple[Bar, ...]


SHADES = ("404040", "909090", "D9D9D9")
"""Greys that a black-and-white printer keeps apart, the darkest first."""
SIGNS = ("#", "=", "-")
"""The same shades in text, one cell wide in every font."""


Block = Rows | Words | Grid | Signatures | Bars


@dataclass(frozen=True, slots=True)
class Paper:
    """One official form, filled."""

    bureau: str
    title: str
    number: str
    demo: bool
    blocks: tuple[Block, ...]
    page_signature: str
    """What is signed at the foot of each page."""
    seal_note: str
    promise: str
    """What the code proves, or that this is a draft."""
    qr_text: str
    """Empty for a draft."""
    landscape: bool = False


def moment(ms: int | None) -> str:
    """A time on paper, in China: 2026年11月23日09时05分; blanks to fill in by hand where it is not known."""
    if ms is None:
        return "    年  月  日  时  分"
    local = datetime.fromtimestamp(ms // 1000, UTC) + _CHINA
    return f"{local.year}年{local.month}月{local.day}日{local:%H}时{local:%M}分"


def bar_lengths(block: Bars, room: int) -> list[tuple[int, ...]]:
    """How long each part of each bar is where the longest bar has `room`; a bar above zero has 1 at least.

    The ends of the parts follow from the sum so far, so that the parts end with their bar.
    """
    most = max((row.number for row in block.rows), default=0)
    found = []
    for row in block.rows:
        length = max(1, row.number * room // most) if row.number > 0 else 0
        before = drawn = 0
        lengths = []
        for part in row.parts:
            before += part
            end = length * before // row.number if row.number > 0 else 0
            lengths.append(end - drawn)
            drawn = end
        found.append(tuple(lengths))
    return found


def preview(paper: Paper, width: int) -> list[str]:
    """The paper as lines of at most `width` terminal cells (20 at least), all of it visible text."""
    width = max(width, 20)
    lines: list[str] = []
    if paper.demo:
        lines += [*_centred(DEMO_LINE, width), ""]
    lines += [*_centred(paper.bureau, width), *_centred(paper.title, width)]
    lines += [*wrap(f"编号：{one_line(paper.number)}", width), ""]
    for block in paper.blocks:
        lines += [*_block_lines(block, width), ""]
    lines += ["─" * width, *wrap(paper.page_signature, width)]
    lines += wrap(visible(paper.seal_note), width) if paper.seal_note else []
    return lines + wrap(visible(paper.promise), width)


def _block_lines(block: Block, width: int) -> list[str]:
    if isinstance(block, Rows):
        return [line for row in block.rows for line in _row_lines(row, width)]
    if isinstance(block, Words):
        lines = wrap(visible(block.heading), width) if block.heading else []
        for paragraph in block.paragraphs:
            lines += wrap("　　" + visible(paragraph), width)
        return lines
    if isinstance(block, Signatures):
        return [
            line
            for label in block.labels
            for line in wrap(f"{visible(label)}签名：________  年  月  日", width)
        ]
    if isinstance(block, Bars):
        return _bar_lines(block, width)
    lines = wrap(visible(block.heading), width) if block.heading else []
    if not block.rows:
        lines.append("　　（无记录）")
    for count, row in enumerate(block.rows, 1):
        named = zip(block.heads, row, strict=True)
        parts = [f"{head}：{one_line(value)}" for head, value in named if value and head != "序号"]
        lines += _hanging(f"{count}. ", "；".join(parts), width)
    return lines


def _bar_lines(block: Bars, width: int) -> list[str]:
    """Label, number and bar on one line each; the bar below its label where the line is too narrow."""
    lines = wrap(visible(block.heading), width) if block.heading else []
    labels = [one_line(row.label) for row in block.rows]
    label_width = max(map(cells, labels), default=0)
    number_width = max((len(str(row.number)) for row in block.rows), default=0)
    below = label_width + number_width + 2 + _LEAST_BAR > width
    room = width - number_width - (2 if below else label_width + 2)
    for label, row, lengths in zip(labels, block.rows, bar_lengths(block, room), strict=True):
        bar = "".join(sign * length for sign, length in zip(SIGNS, lengths, strict=False))
        number = f"{row.number:>{number_width}}"
        if below:
            lines += [*wrap(label, width), f" {number} {bar}".rstrip()]
        else:
            lines.append(f"{label}{' ' * (label_width - cells(label))} {number} {bar}".rstrip())
    if len(block.shades) > 1:
        lines += wrap(
            "  ".join(f"{sign} {words}" for sign, words in zip(SIGNS, block.shades, strict=False)), width
        )
    return lines


def _row_lines(row: tuple[tuple[str, str], ...], width: int) -> list[str]:
    """The facts of a row side by side where each fits into its half, else one below the other."""
    parts = [_labelled(label, value, width) for label, value in row]
    half = width // 2
    if len(parts) == 2 and all(len(lines) == 1 and cells(lines[0]) < half for lines in parts):
        left, right = parts[0][0], parts[1][0]
        return [left + " " * (half - cells(left)) + right]
    return [line for lines in parts for line in lines]


def _labelled(label: str, value: str, width: int) -> list[str]:
    lines: list[str] = []
    for count, part in enumerate(visible(value).split("\n")):
        lines += _hanging(f"{label}：" if count == 0 else "  ", part, width)
    return lines


def _hanging(lead: str, text: str, width: int) -> list[str]:
    """The lead, then the text, its further lines indented by at most four cells."""
    indent = min(cells(lead), 4)
    room = width - indent
    first = wrap(lead + text, width)
    if len(first) == 1:
        return first
    rest = (lead + text)[len(first[0]) :].lstrip(" ")
    return [first[0], *(" " * indent + line for line in wrap(rest, room))]


def _centred(text: str, width: int) -> list[str]:
    return [" " * ((width - cells(line)) // 2) + line for line in wrap(one_line(text), width)]
