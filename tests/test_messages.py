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


COUNTED = re.compile(
    r"\{(?:added|answered|answers|bases|before|carried|count|devices|entries|excluded|extended|files|findings"
    r"|late|measurements|new|open|others|people|received|records|rejected|released|reports|rows|running"
    r"|samples|sent|size|started|tasks|waiting|wanted|written)\} "
    r"(?:new |more |other |advised |checklist |time |wrong )?(?!does |is |has )(?:\w+s|left|are|were)\b"
)
"""How many, then the thing in the plural: “1 laptops”."""
NEVER_ONE = {
    "{count} days",  # of `lasting`: from two on
    "{count} hours",
    "{count} rounds are asked for; there are at most {most}.",
    "Enter searches among {count} choices.",
    "The file {file} has more than {rows} rows or {cells} cells; take out what is no form.",
    "{file} is not as long as it was: {here} and not {size} bytes.",
    "The list has {count} sites and is too long to keep. Draw one class after the other.",
    "Give out between 1 and {count} sites.",
    "The passphrase is too short: at least {count} characters.",
    "Work through {count} items: one key each.",
    "Take in {count} photos; what they say of time and place is kept as a claim.",
    "The seal is number {cursor} in the server's signed log of {size} entries.",
    "{count} records are the same in the notebook and at the server; {different} differ.",
    "{count} keys from the first to the last.",
    "“{text}” names {count} records. Give an id: {ids}",
}


def test_what_is_counted_reads_well_for_one():
    """English has no plural forms here: the number stands after the thing, “laptops: 1”."""
    assert {message for message in translated() if COUNTED.search(message)} - NEVER_ONE == set()
