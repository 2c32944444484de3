"""What the pages for people say exists: links, pictures, commands; both languages say as much."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path
from urllib.parse import unquote

import pytest

from main import _parser, main

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "models").rglob("*.md")])
CATALOGUES = sorted((ROOT / "models" / "locale" / "zh").glob("*.po"))
PAIRS = [
    ("README.md", "README.zh-CN.md"),
    ("docs/guide.md", "docs/guide.zh-CN.md"),
    ("docs/server.md", "docs/server.zh-CN.md"),
    ("docs/keys.md", "docs/keys.zh-CN.md"),
    ("docs/roles.md", "docs/roles.zh-CN.md"),
    ("docs/acts.md", "docs/acts.zh-CN.md"),
    ("docs/draw.md", "docs/draw.zh-CN.md"),
]
OTHER_NAMES = {"封存": "签封", "记事本": "记录簿", "手账": "记录簿", "笔记本": "记录簿"}
"""What Chinese has beside the names of the house, and the name that is meant."""
BAGGED = 'msgid "Sealed in a bag"\nmsgstr "封存"'
"""That is no seal by signature."""
LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
BLOCK = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
FRONT_DOORS = ("qingcha", ".venv/bin/python main.py", ".venv\\Scripts\\python main.py")


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return BLOCK.sub("", text(page))


def anchors(page: Path) -> set[str]:
    """The fragments under which the headings of a page are found, as GitHub makes them."""
    titles = [title.lower() for _level, title in HEADING.findall(prose(page))]
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}


def commands(page: Path) -> list[str]:
    """Every line of a page's blocks of code for a shell, without its remark."""
    lines = [
        line.split("  #")[0].strip()
        for language, block in BLOCK.findall(text(page))
        if language in ("sh", "powershell")
        for line in block.splitlines()
    ]
    return [line for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_and_picture_exists(page):
    missing = []
    for _picture, target in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, fragment = unquote(target).partition("#")
        path = page.parent / name if name else page
        if not path.exists() or (fragment and fragment not in anchors(path)):
            missing.append(target)
    assert missing == []


@pytest.mark.parametrize(("english", "chinese"), PAIRS)
def test_both_languages_have_the_same_sections_pictures_rows_and_commands(english, chinese):
    def shape(page: Path) -> dict[str, object]:
        found = text(page)
        return {
            "headings": [level for level, _title in HEADING.findall(prose(page))],
            "pictures": sum(picture == "!" for picture, _target in LINK.findall(found)),
            "rows": len(re.findall(r"^\|", found, re.MULTILINE)),
            "points": len(re.findall(r"^(\* |\d\. )", found, re.MULTILINE)),
            "commands": [shlex.split(command, posix=False)[:3] for command in commands(page)],
        }

    assert shape(ROOT / english) == shape(ROOT / chinese)


def test_chinese_text_calls_things_by_the_names_of_the_house():
    pages = [*(each for each in PAGES if each.name.endswith(".zh-CN.md")), *CATALOGUES]
    found = [
        f"{page.relative_to(ROOT)}: {name}, {OTHER_NAMES[name]} is meant"
        for page in pages
        for name in re.findall("|".join(OTHER_NAMES), text(page).replace(BAGGED, ""))
    ]
    assert found == []


def test_make_targets_that_the_pages_name_exist():
    targets = set(re.findall(r"^([a-z]+):", text(ROOT / "Makefile"), re.MULTILINE))
    for page in PAGES:
        named = re.findall(r"`make ([a-z]+)`", text(page))
        named += [line.split()[1] for line in commands(page) if line.startswith("make ")]
        assert set(named) <= targets, page


def subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def accepted(words: list[str]) -> None:
    """Fail unless `qingcha` takes these words."""
    try:
        _parser(words).parse_args(words)
    except SystemExit as refused:
        if refused.code:
            pytest.fail(f"qingcha {shlex.join(words)}")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_of_a_page_is_one_that_the_program_takes(page, capsys):
    for line in commands(page):
        for door in FRONT_DOORS:
            if line.startswith(door + " "):
                accepted(shlex.split(line.removeprefix(door)))
    for words in re.findall(r"`(?:qingcha|\.venv/bin/python main\.py) ([a-z]+)(?: ([a-z]+))?", prose(page)):
        known = subcommands(_parser(words))
        assert words[0] in known, words
        within = subcommands(known[words[0]])
        assert not (words[1] and within) or words[1] in within, words


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_value_that_a_page_has_judged_is_one_that_can_be(page, capsys, tmp_path, monkeypatch):
    """The names of the facts are no options: the command itself must read them."""
    monkeypatch.setenv("QINGCHA_HOME", str(tmp_path))
    for words in (shlex.split(line)[1:] for line in commands(page) if line.startswith("qingcha ")):
        if words[:2] == ["limits", "check"]:
            assert main(words) in (0, 1), (words, capsys.readouterr().err)


def test_the_commands_for_windows_are_those_of_the_makefile():
    makefile = text(ROOT / "Makefile")
    blocks = dict(BLOCK.findall(text(ROOT / "README.md")))
    for line in blocks["powershell"].splitlines():
        run = re.fullmatch(r"\.venv\\Scripts\\python (.+)", line)
        if run is None:
            assert line in ('$env:PYTHONUTF8 = "1"', "py -3 -m venv .venv")
            continue
        told = set(shlex.split(run[1])) - {"-m"}
        assert told <= {*shlex.split(makefile.replace("'", "")), "soak", "not soak"}, line


def test_every_picture_has_its_languages_sizes_and_themes():
    from tui import pictures

    wanted = {
        f"{shot}-{language}-{theme}-{width}x{height}.png"
        for shot in ("unlock", *(one.name for one in (*pictures.MORNING, *pictures.EVENING)))
        for language in pictures.LANGUAGES
        for theme in pictures.THEMES
        for width, height in pictures.SIZES
    }
    folder = ROOT / "docs/screens"
    assert {path.name for path in folder.glob("*.png")} == wanted
    assert sum(path.stat().st_size for path in folder.glob("*.png")) < 25_000_000
