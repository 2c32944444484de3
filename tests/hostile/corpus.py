# ruff: noqa: E501
"""Hostile strings in named families: what a terminal obeys, what hides, what other languages execute.

Each string holds a marker of its own ("Q017Q"), mostly inside the sequence that acts, so that a leak names
the string that leaked. Numbers in sequences that Textual also writes are 7331, which it never writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

MARKER = re.compile(r"Q\d{3}Q")
LONG = 10_000


@dataclass(frozen=True, slots=True)
class Hostile:
    """One string with the family it belongs to."""

    family: str
    text: str
    marker: str

    def __str__(self) -> str:
        return f"{self.family}-{self.marker}"


def _spread(unit: str, length: int = LONG) -> str:
    """The unit repeated to that many characters, the marker first."""
    return ("§" + unit * length)[:length]


# § stands for the marker
_FAMILIES: dict[str, Iterable[str]] = {
    "c0": [f"a{chr(code)}§" for code in range(0x01, 0x20)] + ["\x7f§", "§\x08\x08\x08\x7f"],
    "c1": [f"a{chr(code)}§" for code in range(0x80, 0xA0)],
    "escape": [
        "\x1bc§", "\x1b7§", "\x1b8§", "\x1bD§", "\x1bE§", "\x1bM§", "\x1b=§", "\x1b>§", "\x1bN§", "\x1b#8§",
        "\x1b(0§", "\x1b%@§", "\x1bZ§", "§\x1b", "\x1b\x1b\x1b§",
    ],
    "csi": [
        "\x1b[2J§", "\x1b[3J§", "\x1b[31;7331m§", "\x1b[7331A§", "\x1b[1;7331H§", "\x1b[?1049l§", "\x1b[?25l§",
        "\x1b[?1003h§", "\x1b[6n§", "\x1b[c§", "\x1b[>c§", "\x1b[21t§", "\x1b[8;1;1t§", "\x1b[?2004l§",
        "\x1b[20h§", "\x1b[1;2r§", "\x1b[s§\x1b[u", "\x1b[!p§", "\x1b[7331b§", "\x1b[?5h§", "\x1b[§",
    ],
    "osc": [
        "\x1b]0;§\x07", "\x1b]1;§\x07", "\x1b]2;§\x1b\\", "\x1b]4;1;rgb:00/00/00§\x07", "\x1b]7;file://§/\x07",
        "\x1b]8;;http://§/\x1b\\press\x1b]8;;\x1b\\", "\x1b]9;§\x07", "\x1b]10;?§\x07", "\x1b]11;#§\x07",
        "\x1b]22;§\x07", "\x1b]50;§\x07", "\x1b]52;c;UTE3UQ==§\x07", "\x1b]52;c;?§\x07", "\x1b]104§\x07",
        "\x1b]133;A§\x07", "\x1b]777;notify;§;x\x07", "\x1b]1337;File=§:AA==\x07", "\x1b]0;§",
    ],
    "string": [
        "\x1bPq#0;2;0;0;0§\x1b\\", "\x1bP$q§m\x1b\\", "\x1bP+q§\x1b\\", "\x1bPtmux;\x1b\x1b]0;§\x07\x1b\\",
        "\x1b_Ga=T;§\x1b\\", "\x1b^§\x1b\\", "\x1bX§\x1b\\", "\x1bP§", "\x1b_§", "\x1bk§\x1b\\",
    ],
    "eight_bit": [
        "\x9b2J§", "\x9b31;7331m§", "\x9d0;§\x9c", "\x9d52;c;§\x07", "\x90q§\x9c", "\x9fG§\x9c", "\x9e§\x9c",
        "\x98§\x9c", "\x8e§", "\x9b?1049l§",
    ],
    "paste": [
        "\x1b[201~\x11§", "\x1b[200~§", "\x1b[201~y§", "§\x1b[200~\x1b[201~", "[201~§", "\x1b[201~\r§\r",
    ],
    "textual_markup": [
        "[bold]§[/]", "[@click=app.quit]§[/]", "[@click=app.quit()]x§[/]", "[@click='app.quit']§[/]",
        "[@click=screen.do('today.start')]§[/]", "[@click=app.do('app.lock')]§[/]", "[@click=app.bell]§", "[/]§",
        "[/unmatched]§", "[§", "]§[", "[red on blue]§[/red on blue]", "[link='http://§/']x[/link]",
        "[$error]§[/$error]", "[[§]]", "\\[§]", "[auto on $primary 50%]§", "[@click=app.exit(1)]§[/]", "[@]§[/@]",
    ],
    "rich_markup": [
        "[link=file:///etc/passwd]§[/link]", ":smile: §", "[blink]§[/blink]", "[bold]§[/italic]", "[#ff0000]§",
        "[not bold]§", "[b][i]§[/b][/i]", "[repr.str]§[/]", "[bold red underline]§[/bold red underline]",
    ],
    "bidi": [
        "\u202a§", "\u202b§", "\u202c§", "\u202d§", "\u202e§", "\u2066§", "\u2067§", "\u2068§", "\u2069§",
        "\u200e§", "\u200f§", "\u061c§", "photo§\u202egpj.exe", "\u202e" * 60 + "§", "\u2067\u2066§\u2069\u2069",
    ],
    "zero_width": [
        "a\u200b§", "a\u200c§", "a\u200d§", "a\u2060§", "\ufeff§", "a\u180e§", "a\u00ad§", "a\u2061\u2062\u2063§",
        "a\u2064§", "a\u034f§", "a\u115f\u1160§", "a\u3164§", "a\uffa0§", "a\ufff9§\ufffa\ufffb", "\u200b§\u200b",
        "a\u206a§\u206f",
    ],
    "tags": [
        "\U000e0001§", "a\U000e0041\U000e0042§", "\U0001f3f4\U000e0067\U000e0062\U000e007f§", "\U000e007f§",
        "".join(chr(0xE0000 + ord(each)) for each in "quit") + "§",
    ],
    "surrogates": [
        "lone\ud800§", "§\udfff", "\udfff\ud800§", "\ud800" * 20 + "§", "\udc80§\udcff", "a\udbff§\udbff",
    ],
    "nul": ["a\0b§", "\0§", "§\0", "\0\0\0§\0", "§.jpg\0.exe"],
    "combining": [
        "e\u0301\u0301\u0301§", "Z" + "\u0335\u0336\u0337\u0338" * 40 + "§", "\u0301§", "a\u20dd\u20de§",
        "\u1100\u1161\u11a8" * 20 + "§", "\u0e01" + "\u0e49" * 30 + "§", "汉\ufe00\ufe01§", "a" + "\u0489" * 50 + "§",
    ],
    "long": [
        _spread("x"), _spread("汉"), _spread(" ") + "x", _spread("\n"), _spread("\u0301"), _spread("["),
        _spread("\x1b["), _spread("\u202e"), _spread("😀"), _spread("一 "), _spread("，"), _spread("排水口超标"),
    ],
    "newlines": [
        "one\n§", "one\r\n§", "one\r§", "one\v§", "one\f§", "one\x85§", "one\u2028§", "one\u2029§", "\n\n\n§",
        "§\n\n\n", "a\n" * 100 + "§", "1\n2026-11-23 08:00 ERROR §",
    ],
    "spaces": [
        "a\t§", "\t\t\t§", "a\u00a0§", "\u3000§", "a\u2003§", "  §  ", "§ \t", "a" + " " * 300 + "§", "\u1680§",
    ],
    "rtl": ["ملف§.jpg", "קובץ§.pdf", "§ صورة 12 (3).jpg", "עברית 中文 §", "\u202eملف§"],
    "reserved": [
        "CON§", "NUL.§.txt", "aux.§", "COM1.§", "LPT9.§.pdf", "§.", "§ .", "a:§", "C:\\§", "\\\\server\\§",
        "a|§", "?*<>§", ".§", "..§", "~§", "-rf §", "--help=§", "desktop.ini§", "$MFT§", "§" + "n" * 240,
    ],
    "traversal": [
        "../../§", "..\\..\\§", "....//§", "%2e%2e%2f§", "/etc/§", "file:///§", "\\\\?\\C:\\§", "..%c0%af§",
        "a/../../§", "~/§", "/dev/§",
    ],
    "sql": [
        "' OR 1=1 --§", '"; DROP TABLE entry; --§', "') UNION SELECT §", "%§_", "\\§", "1; ATTACH '§'", "`§`",
        "'||(SELECT §)||'", "/*§*/",
    ],
    "fts": [
        '"§', "NEAR(§", "§ AND", "name:§", "§*", "^§", "(§", '§" OR "b', "-§", "{a b}:§", "NOT §", "a + §",
    ],
    "template": [
        "{{7*7}}§", "{% raw %}§", "{# § #}", "${7*7}§", "{0}§", "{name}§", "{0.__class__}§", "%s%(x)s%n§", "#{§}",
        "<%= § %>", "{{ ''.__class__.__mro__ }}§", "{_{§}_}", "{§", "}§{", "{{§}}", "$§ ${§}",
    ],
    "html": [
        "<script>alert('§')</script>", "<img src=x onerror=§>", "</textarea><b>§", "&lt;§&gt;", "' onmouseover='§",
        '" autofocus onfocus="§', "<!--§", "javascript:§", "<svg/onload=§>", "&#x1b;§", "</title></style>§",
        "<a href=//§>x</a>",
    ],
    "xml": [
        "]]>§", "<!DOCTYPE x [<!ENTITY § SYSTEM 'file:///etc/passwd'>]>", "&xxe;§", "</w:t></w:r></w:p>§",
        "<?xml §?>", "&#0;§", "a\ufffe§\uffff", "<w:instrText>§</w:instrText>", "A & B <b> §",
    ],
    "formula": [
        "=1+§", "+cmd|'/c §'!A1", "-2+§", "@SUM(§)", "\t=§", "\r=§", "＝1+§", "=HYPERLINK(\"http://§\")",
        "=DDE(§)", ";=§", '",=§', "\n=§", "'=§", "-§", "＋§",
    ],
    "normalisation": [
        "e\u0301§", "\u212b§", "\u1112\u1161\u11ab§", "\ufb01§", "\uf900§", "\u1e9b\u0323§", "½²§", "\u2126§",
        "раураl§", "İı§", "ß§", "\u0958§",
    ],
    "emoji": [
        "👨\u200d👩\u200d👧§", "🇨🇳§", "1\ufe0f\u20e3§", "👍🏽§", "❤\ufe0f§", "❤\ufe0e§", "👨\u200d§", "🏳\ufe0f\u200d🌈§",
        "🇨§", "👩🏽\u200d🚒§",
    ],
    "width": [
        "ＡＢＣ§", "ｶﾀｶﾅ§", "①●→…“”§", "\ufffd§", "\ue000§", "\U0010ffff§", "\u0378§", "⸻§", "﷽§", "┃━§", "𠮷§", "꧅§",
    ],
    "code": [
        "$(reboot §)", "`§`", "; rm -rf §", "| §", "%COMSPEC%§", '"}§', "\\u001b[2J§", "\\x1b[2J§", "b'§'", "null§",
        "None§", "§\\", "http://§/", "true§", "-1e9999§", "NaN§", "$§", "!§", "§&", "#§",
    ],
}  # fmt: skip


def _marked() -> list[Hostile]:
    found: list[Hostile] = []
    for family, texts in _FAMILIES.items():
        for text in texts:
            marker = f"Q{len(found):03d}Q"
            found.append(Hostile(family, text.replace("§", marker)[:LONG], marker))
    return found


HOSTILE: tuple[Hostile, ...] = tuple(_marked())
"""All of them."""
FAMILIES: dict[str, tuple[Hostile, ...]] = {
    name: tuple(each for each in HOSTILE if each.family == name) for name in _FAMILIES
}
"""Family name to its strings."""
UNKEEPABLE = re.compile("[\0\ud800-\udfff]")
"""What the journal refuses: no file, form or database could give it back."""
KEEPABLE: tuple[Hostile, ...] = tuple(each for each in HOSTILE if not UNKEEPABLE.search(each.text))
"""Those that an entry of another device can hold exactly as they are."""


def sample(each: int = 1, shift: int = 0) -> list[Hostile]:
    """So many of each family, others with another shift: through many fields all of them get their turn."""
    chosen: list[Hostile] = []
    for members in FAMILIES.values():
        chosen += [members[(shift + step) % len(members)] for step in range(min(each, len(members)))]
    return chosen


def bundles(strings: Iterable[Hostile], size: int) -> list[str]:
    """Several strings in one text, for fields that are shown whole."""
    texts = [each.text for each in strings]
    return [" ".join(texts[start : start + size]) for start in range(0, len(texts), size)]
