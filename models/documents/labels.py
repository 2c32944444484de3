"""Labels for evidence bags and files: a few lines and a code, for thermal printers of 203 dpi.

The code holds the record number, the item's place in it and its SHA-256, all in the alphanumeric alphabet;
it is not signed: what it names is covered by the seal of the record.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from models.documents import qr
from models.documents.facts import Facts, gather
from models.documents.paper import LABEL_PREFIX, moment
from models.documents.text import one_line, wrap
from models.errors import BadInput
from models.inspections import rules
from models.language import N_, in_chinese, translate
from models.store.sealing import base32

if TYPE_CHECKING:
    from models.store.seat import Seat

WIDTH_MM = 60
"""The label stock that portable printers take most."""
_FONTS = (
    "NotoSansCJK-Regular.ttc",
    "NotoSerifCJK-Regular.ttc",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "uming.ttc",
    "simhei.ttf",
    "msyh.ttc",
    "simsun.ttc",
    "PingFang.ttc",
    "STHeiti Light.ttc",
    "Hiragino Sans GB.ttc",
)
"""Fonts with Chinese of Linux, Windows and macOS; the first that is there is used."""


@dataclass(frozen=True, slots=True)
class Label:
    """One label."""

    lines: tuple[str, ...]
    """Clean text, one fact a line."""
    code: str
    """What its QR code holds."""

    def text(self, width: int = 32) -> list[str]:
        """For a text printer: lines of at most `width` cells; the code stands on them in letters."""
        return [part for line in (*self.lines, self.code) for part in wrap(line, width)]

    def png(self, dpi: int = 203) -> bytes:
        """For a thermal printer: black on white, 60 mm wide, code below the text, whole dots a module.

        Raises:
            BadInput: this machine has no font with Chinese; the text label serves then.
        """
        return _png(self, dpi)


def labels(seat: Seat, inspection_id: str) -> list[Label]:
    """One label for each piece of evidence, in the order of the evidence list.

    Raises:
        BadInput: there is no such inspection.
    """
    facts = gather(seat, inspection_id)
    return in_chinese(lambda: [_label(facts, count) for count in range(len(facts.evidence))])


def label_code(number: str, count: int, sha256: str | None) -> str:
    """The text of a label's code: record number, place in the list (from 1), SHA-256 in base32 or "-".

    A digest that is none, as another device may write, is "-" too.
    """
    digest = base32(bytes.fromhex(sha256)) if sha256 and re.fullmatch(r"[0-9a-f]{64}", sha256) else "-"
    return f"{LABEL_PREFIX}{plain_number(number)}:{count}:{digest}"


def plain_number(number: str) -> str:
    """A number as a code holds it: ours has nothing else, another device's must not steer a printer."""
    return re.sub(r"[^0-9A-Z-]", "*", number)


def _label(facts: Facts, index: int) -> Label:
    one = facts.evidence[index]
    kind = translate(rules.EVIDENCE_KINDS.get(one.kind or "", one.kind or ""))
    lines = [
        facts.bureau + " 证据标签",
        f"编号：{facts.number}",
        f"第 {index + 1} 件（共 {len(facts.evidence)} 件）",
        f"名称：{one.title or one.name or ''}",
        f"种类：{kind}",
        f"当事人：{facts.inspection.site_name or ''}",
        f"地点：{facts.inspection.place or ''}",
        f"取得时间：{moment(one.taken_in_at)}",
        f"取得人：{_takers(facts)}",
    ]
    if facts.demo:
        lines.insert(0, "【演示】仅供练习，不具法律效力")
    clean = tuple(one_line(line) for line in lines)
    return Label(clean, label_code(facts.number, index + 1, facts.hash_of(one)))


def _takers(facts: Facts) -> str:
    return "、".join(officer.name for officer in (facts.first, facts.second) if officer and officer.name)


def _png(label: Label, dpi: int) -> bytes:
    code = Image.open(io.BytesIO(qr.png(qr.modules(label.code), dpi)))
    width = max(round(WIDTH_MM * dpi / 25.4), code.width)
    size = round(3 * dpi / 25.4)  # letters 3 mm high read well at arm's length
    font = _font(size)
    per_line = 2 * (width - 2 * size) // size
    lines = [part for line in label.lines for part in wrap(line, per_line)]
    step = size + size // 3
    canvas = Image.new("1", (width, size + step * len(lines) + code.height), 1)
    draw = ImageDraw.Draw(canvas)
    for row, line in enumerate(lines):
        draw.text((size, size // 2 + row * step), line, font=font, fill=0)
    canvas.paste(code, ((width - code.width) // 2, size + step * len(lines)))
    target = io.BytesIO()
    canvas.save(target, "PNG", dpi=(dpi, dpi))
    return target.getvalue()


def _font(size: int) -> ImageFont.FreeTypeFont:
    for name in _FONTS:
        for place in (name, *_places(name)):
            try:
                return ImageFont.truetype(place, size)
            except OSError:
                continue
    raise BadInput(N_("This machine has no font with Chinese. Print the label as text."))


def _places(name: str) -> list[str]:
    """Folders that Pillow does not look into by itself."""
    folders = (Path("/usr/share/fonts/opentype/noto"), Path("/System/Library/Fonts"), Path("/Library/Fonts"))
    return [str(folder / name) for folder in folders if (folder / name).is_file()]
