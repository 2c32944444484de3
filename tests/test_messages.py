"""Every message has its Chinese, with the same parameters, and none is left over."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages import pofile
from babel.messages.extract import extract_from_file

ROOT = Path(__file__).parent.parent
KEYWORDS = {"_": None, "N_": None, "translate": None}


def extracted() -> dict[str, str]:
    """msgid to the file that has it."""
    found = {}
    paths = [path for room in ("models", "sync", "tui") for path in (ROOT / room).rglob("*.py")]
    for path in [*paths, ROOT / "main.py"]:
        for _, message, _, _ in extract_from_file("python", str(path), keywords=KEYWORDS):
            if isinstance(message, str) and message:
                found[message] = str(path.relative_to(ROOT))
    return found


def translated() -> dict[str, str]:
    """msgid to Chinese, over all files."""
    found = {}
    for source in sorted((ROOT / "models/locale/zh").glob("*.po")):
        with source.open("rb") as file:
            for message in pofile.read_po(file, locale="zh"):
                if message.id:
                    assert found.get(message.id, message.string) == message.string, (
                        f"{source.name}: {message.id}"
                    )
                    found[message.id] = message.string
    return found


def test_every_message_has_its_chinese():
    known = translated()
    missing = {message: path for message, path in extracted().items() if not known.get(message)}
    assert missing == {}


def test_no_translation_is_left_over():
    assert sorted(set(translated()) - set(extracted())) == []


def test_parameters_are_the_same_in_both():
    wrong = {
        message: chinese
        for message, chinese in translated().items()
        if sorted(re.findall(r"{(\w*)", message)) != sorted(re.findall(r"{(\w*)", chinese))
    }
    assert wrong == {}


ONE_WORD = {
    "撤销": ("Undo", "undo", "revoke", "dissolved", "Dissolved", "Undone"),
    "收回": (),
    "交出": (),
}
"""Words that mean one thing only, and what in English says that thing: what is withdrawn with a reason is
撤回, undone at once 撤销; custody is handed over as 移交."""


def test_one_thing_has_one_word():
    wrong = {
        message: chinese
        for message, chinese in translated().items()
        for word, meant in ONE_WORD.items()
        if word in chinese and not any(each in message for each in meant)
    }
    assert wrong == {}
