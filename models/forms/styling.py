"""The words of a label without the signs of its styling: a terminal and a paper show them plain.

XLSForm, "Styling prompts": Markdown's emphasis, heads and links, and span or font elements.
"""

from __future__ import annotations

import re

_ESCAPED = re.compile(r"\\([\\#*_])")
_HIDDEN = {"\\": "\ue000", "#": "\ue001", "*": "\ue002", "_": "\ue003"}
"""Where an escaped sign stands while the others go."""
_SHOWN = {hidden: sign for sign, hidden in _HIDDEN.items()}
_SIGNS = (
    (re.compile(r"</?(?:span|font)\b[^<>]*>", re.IGNORECASE), ""),
    (re.compile(r"^#{1,6}[ \t]+", re.MULTILINE), ""),
    (re.compile(r"\[([^][\n]+)\]\((?:https?|mailto):[^()\s]+\)"), r"\1"),
    (re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*", re.DOTALL), r"\1"),
    (re.compile(r"(?<!\w)__(?=\S)(.+?)(?<=\S)__(?!\w)", re.DOTALL), r"\1"),
    (re.compile(r"(?<![\w*])\*(?=[^\s*])(.+?)(?<=[^\s*])\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<![\w_])_(?=[^\s_])(.+?)(?<=[^\s_])_(?![\w_])"), r"\1"),
)


def unstyled(text: str) -> str:
    """The text as it is read; what is no styling stays as it is."""
    if not any(sign in text for sign in "*_#[<\\"):
        return text
    text = _ESCAPED.sub(lambda match: _HIDDEN[match[1]], text)
    for pattern, plain in _SIGNS:
        text = pattern.sub(plain, text)
    return re.sub("[\ue000-\ue003]", lambda match: _SHOWN[match[0]], text)
