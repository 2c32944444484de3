"""How words reach the screen: never as markup, never with characters that act or hide.

Every text that a person or another machine wrote goes through `plain`, and so does every message of ours. A
test reads the syntax tree of this room and refuses a bare string in `Static`, `notify` and their like.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, get_character_cell_size, set_cell_size
from textual.content import Content

from tui.quirks import UNSEEN, visible

NO_LINE_START = frozenset("，。；：！？、）》”’」』】〉…—·,.;:!?)]}%％℃")
"""Never first on a line of Chinese."""
NO_LINE_END = frozenset("（《“‘「『【〈([{")
"""Never last on a line of Chinese."""


def plain(text: str) -> Content:
    """Text as it is, for any widget: brackets stay brackets, control characters become visible."""
    return Content("\n".join(visible(line) for line in text.split("\n")))


def without_unseen(text: str) -> str:
    """What may be typed into a field: control, bidi and zero-width characters dropped."""
    return UNSEEN.sub("", text)


def fit(text: str, width: int) -> str:
    """One line of exactly `width` cells: cut or padded, never half a wide character."""
    text = visible(text)
    if cell_len(text) > width >= 4:
        return set_cell_size(set_cell_size(text, width - 2).rstrip() + "..", width)
    return set_cell_size(text, width)


def fit_right(text: str, width: int) -> str:
    """Like `fit`, set to the right."""
    text = visible(text)
    short = width - cell_len(text)
    return " " * short + text if short >= 0 else fit(text, width)


def columns(cells: Sequence[tuple[str, int]], gap: int = 1) -> str:
    """One line of cells of given widths."""
    return (" " * gap).join(fit(text, width) for text, width in cells)


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` cells (4 or more) that break as Chinese breaks.

    No line begins with a closing mark such as 。 or ends with an opening one; Latin words and numbers
    stay whole where they fit.
    """
    width = max(width, 4)
    lines: list[str] = []
    for paragraph in map(visible, text.split("\n")):
        if cell_len(paragraph) <= width:
            lines.append(paragraph.rstrip(" "))
            continue
        line, used = "", 0
        for space, cluster in _clusters(paragraph):
            more = len(space) + cell_len(cluster)
            if used + more <= width:
                line += space + cluster
                used += more
                continue
            if line:
                lines.append(line)
            line = cluster
            while cell_len(line) > width:
                cut = _cut(line, width)
                lines.append(line[:cut])
                line = line[cut:]
            used = cell_len(line)
        lines.append(line)
    return lines


def _clusters(paragraph: str) -> list[tuple[str, str]]:
    """(space before, what must stay together) in order."""
    found: list[tuple[str, str]] = []
    space = ""
    joined = False
    for character in paragraph:
        if character == " ":
            space += character
            joined = False
            continue
        closes, narrow = character in NO_LINE_START, get_character_cell_size(character) < 2
        before, cluster = found[-1] if found else ("", "")
        if cluster and (closes or cluster[-1] in NO_LINE_END or (joined and narrow)):
            found[-1] = (before, cluster + space + character)
        else:
            found.append((space, character))
        space = ""
        joined = narrow and not closes
    return found


def _cut(line: str, width: int) -> int:
    """Where to cut a cluster wider than the line; no forbidden start where that can be."""
    cells = 0
    cut = 0
    for cut, character in enumerate(line):  # noqa: B007 -- the place is wanted
        cells += cell_len(character)
        if cells > width:
            break
    cut = max(cut, 1)
    better = cut
    while better > 1 and (line[better] in NO_LINE_START or line[better - 1] in NO_LINE_END):
        better -= 1
    return better if better > 1 else cut
