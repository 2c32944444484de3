"""The arguments of commands: each says what it is, in the reader's language."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import pytest

import main as front_door


@pytest.fixture(autouse=True)
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a laptop that says nothing of a language."""
    monkeypatch.delenv("QINGCHA_LANG", raising=False)


def arguments(
    parser: argparse.ArgumentParser, words: str = "qingcha"
) -> Iterator[tuple[str, argparse.Action]]:
    """Every argument of every command, with the command's words."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                yield from arguments(inner, f"{words} {name}")
        else:
            yield words, action


def test_every_argument_of_every_command_says_what_it_is():
    found = list(arguments(front_door._parser(["cases"])))
    assert len(found) > 150
    assert [(words, action.dest) for words, action in found if not action.help] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("admin", "init", "x"), "缺少参数：--organisation, --host"),
        (("sync", "now"), "不认识的参数：now"),
        (("nothing",), "没有 'nothing' 这一项"),
        (("serve", "--port", "abc"), "'abc' 不是 int 值"),
    ],
)
def test_wrong_arguments_are_told_in_the_readers_language(capsys, words, said):
    with pytest.raises(SystemExit) as left:
        front_door.main(words)
    assert left.value.code == 2
    err = capsys.readouterr().err
    assert said in err
    assert "error" not in err


def test_the_help_of_a_command_is_in_the_readers_language(capsys):
    for language, word in (("zh", "用法："), ("en", "usage: ")):
        with pytest.raises(SystemExit):
            front_door.main(["--lang", language, "admin", "revoke", "--help"])
        assert capsys.readouterr().out.startswith(word)
