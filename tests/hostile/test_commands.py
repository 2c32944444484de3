"""What commands print of hostile records, arguments and files: visible text, or JSON that says the same."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import main
from models.inspections import queries
from models.store.home import notebook_folders
from tests.hostile.corpus import HOSTILE, Hostile, sample
from tests.hostile.world import PASSPHRASE
from tui.quirks import UNSEEN
from tui.trouble import LOG_NAME, note_trouble

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def run(whole_world, monkeypatch, capsys):
    """Runs a command on the world's notebook; gives exit code, output and errors, both of them clean."""
    monkeypatch.setenv("QINGCHA_HOME", str(whole_world.home))
    monkeypatch.setenv("QINGCHA_PASSPHRASE", PASSPHRASE)

    def call(*arguments: str) -> tuple[int, str, str]:
        try:
            code = main.main(arguments)
        except SystemExit as end:  # argparse
            code = int(end.code or 0)
        out, err = capsys.readouterr()
        for text in (out, err):
            bad = UNSEEN.search(text.replace("\n", "").replace("\ufffd", ""))
            assert bad is None, (arguments, text[max(0, bad.start() - 60) : bad.start() + 60] if bad else "")
            assert "Traceback" not in text
        return code, out, err

    return call


def test_the_list_shows_every_site_as_it_can_be_seen(run, whole_world):
    code, out, _err = run("list")
    assert code == 0
    assert len(re.findall(r"Q\d{3}Q", out)) > len(HOSTILE)
    code, out, _err = run("list", "--json")
    book = whole_world.open()
    rows = queries.inspection_rows(book, queries.inspection_ids(book))
    book.close()
    assert [row["site_name"] for row in json.loads(out)] == [row.site_name for row in rows]


def test_doctor_finds_a_notebook_of_hostile_text_whole_but_for_the_file_that_never_was(run):
    code, out, _err = run("doctor", "--json")
    (missing,) = json.loads(out)["problems"]
    assert (code, "ab" * 32 in missing) == (1, True)


COMMANDS = (
    ("limits", "check", "§", "1"),
    ("limits", "check", "COD", "§"),
    ("limits", "check", "COD", "1", "unit=§"),
    ("limits", "check", "COD", "1", "standard=§"),
    ("form", "check", "/nowhere/§"),
    ("form", "list", "/nowhere/§"),
    ("form", "fill", "/nowhere/§", "--answers", "/nowhere/§"),
    ("verify", "§", "--key", "/nowhere/§"),
    ("verify", "https://§"),
    ("--notebook", "§", "list"),
    ("--lang", "§", "list"),
    ("§",),
    ("list", "a", "§", "b"),
    ("serve", "/nowhere/§"),
    ("serve", "/nowhere", "--port", "§"),
    ("admin", "devices", "/nowhere/§"),
    ("begin", "§", "--certificate", "§", "--unit", "350602"),
    ("begin", "执法员01", "--unit", "§"),
    ("enrol", "§", "--server", "https://§"),
    ("sync", "--server", "§"),
)
SLOW = {"form", "enrol", "sync"}
"""Commands that start a process or ask a network."""


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_an_argument_is_shown_as_it_can_be_seen(run, command):
    strings = sample(1, shift=COMMANDS.index(command))
    for each in strings[:: 8 if command[0] in SLOW else 1]:
        text = each.text.replace("\0", "")
        code, _out, _err = run(*(part.replace("§", text) for part in command))
        assert 0 <= code < 100


def test_a_document_of_hostile_text_is_written_where_it_was_asked_for(run, whole_world, tmp_path):
    book = whole_world.open()
    rows = queries.inspection_rows(book, whole_world.visits[:40])
    book.close()
    row = next(row for row in rows if row.number.isascii() and row.number.upper() == row.number)
    for name in ("a\u202efdp.txt", "\x1b]0;x\x07.html", "x\n.txt"):
        code, out, err = run("document", row.number.strip(), str(tmp_path / name))
        assert code in (0, 2), err
        if code == 0:
            assert (tmp_path / name).exists()
            assert "\x1b" not in out
    code, _out, err = run("document", "\x1b[2J", str(tmp_path / "x.txt"))
    assert code == 2
    assert "␛[2J" in err


def test_a_file_that_is_verified_may_hold_anything(run, tmp_path):

    key = tmp_path / "key.pem"
    key.write_text("x", encoding="utf-8")
    for each in sample(1, shift=3):
        path = tmp_path / "paper"
        path.write_bytes(each.text.encode("utf-8", "surrogatepass"))
        assert run("verify", str(path))[0] in (1, 2)
        assert run("verify", str(path), "--qr", each.text.replace("\0", "") or "x")[0] in (1, 2)
        assert run("verify", str(path), "--key", str(key))[0] == 2


def test_a_pipe_of_a_poor_code_page_is_no_reason_to_end(whole_world):
    """Windows pipes have the code page of the console: what it lacks is escaped, never a traceback."""
    done = subprocess.run(
        [sys.executable, "main.py", "list"],
        cwd=ROOT,
        env={
            "PATH": "/usr/bin:/bin",
            "QINGCHA_HOME": str(whole_world.home),
            "QINGCHA_PASSPHRASE": PASSPHRASE,
            "QINGCHA_NO_KEYRING": "1",
            "PYTHONIOENCODING": "gbk",
            "PYTHONUTF8": "0",
        },
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"Q000Q" in done.stdout
    assert b"\x1b" not in done.stdout


def test_the_log_of_the_app_holds_no_word_of_any_error(tmp_path):
    for each in HOSTILE:
        try:
            raise ValueError(each.text)
        except ValueError as error:
            note_trouble(tmp_path, error)
    log = (tmp_path / LOG_NAME).read_text(encoding="utf-8")
    assert not UNSEEN.search(log.replace("\n", ""))
    assert not re.search(r"Q\d{3}Q", log)
    assert log.count("builtins.ValueError") == len(HOSTILE)


def test_notebooks_are_found_whatever_their_folders_are_called(whole_world, tmp_path):
    from tui.services import known_notebooks

    strings: list[Hostile] = [each for each in sample(1) if len(each.text) < 60]
    for each in strings:
        name = each.text.replace("/", "／").replace("\0", "")
        folder = (
            tmp_path / "notebooks" / name.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")
        )
        folder.mkdir(parents=True)
        for part in ("notebook.db", "keys.json"):
            (folder / part).write_bytes(b"")
    assert len(notebook_folders(tmp_path)) in (0, len(strings))
    for known in known_notebooks(tmp_path):
        assert known.name
