"""The agency's recovery key in shares, by the front door: made at the server, joined on the laptop."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.store import keys
from models.store.notebook import Notebook
from sync.server.central import Central
from tests.conftest import PASSPHRASE, UNIT, run

NEW = "恢复后的新口令-88"


@pytest.fixture
def home(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QINGCHA_NEW_PASSPHRASE", NEW)
    return home


def begun(capsys: pytest.CaptureFixture[str], server: Path, *more: str) -> tuple[int, str, str]:
    words = ("--organisation", "演示局", "--host", "sync.example.cn")
    return run(capsys, "admin", "init", server, *words, *more)


def locked_for(home: Path, recipient: str) -> None:
    """A closed notebook in its place whose copy is for that recovery key."""
    book = Notebook.create(home / "notebooks/book", PASSPHRASE, person="p", unit=UNIT, cost=keys.FAST)
    book.set_recovery(recipient)
    book.close()


def cards(folder: Path, shares: list[str]) -> list[Path]:
    paths = [folder / f"share{place}" for place in range(1, len(shares) + 1)]
    for path, share in zip(paths, shares, strict=True):
        path.write_text(share + "\n", encoding="utf-8")
    return paths


def test_three_of_five_recover_a_notebook_and_two_do_not(capsys, home, tmp_path):
    code, out, _ = begun(capsys, tmp_path / "server", "--shares", "3/5", "--json")
    made = json.loads(out)
    assert (code, made["recovery_secret"], len(made["shares"])) == (0, "", 5)
    locked_for(home, made["recovery"])
    paths = cards(tmp_path, made["shares"])
    code, _, err = run(capsys, "recover", *paths[:2])
    assert (code, "需要 3 份" in err) == (2, True)
    code, _, err = run(capsys, "recover", paths[0], paths[0], paths[0])
    assert (code, "1 份" in err) == (2, True)
    assert run(capsys, "recover", paths[0], tmp_path / "none", paths[2])[0] == 2
    assert run(capsys, "recover", paths[4], paths[1], paths[3])[0] == 0
    Notebook.open(home / "notebooks/book", NEW).close()


def test_they_are_shown_as_blocks_of_lines_to_copy(capsys, home, tmp_path):
    code, _, err = begun(capsys, tmp_path / "server", "--shares", "2/3")
    assert code == 0
    assert "AGE-SECRET-KEY" not in err
    blocks = [block for block in err.strip().split("\n\n") if block[:3] in ("1/3", "2/3", "3/3")]
    assert len(blocks) == 3
    assert max(len(line) for block in blocks for line in block.splitlines()) <= 76
    central = Central.open(tmp_path / "server")
    locked_for(home, central.meta("recovery") or "")
    central.close()
    assert run(capsys, "recover", *cards(tmp_path, blocks)[1:])[0] == 0, "as they stand on the screen"


def test_a_plan_that_cannot_be_makes_no_server(capsys, home, tmp_path):
    code, _, err = begun(capsys, tmp_path / "server", "--shares", "5/3")
    assert (code, "3/5" in err) == (2, True)
    assert not (tmp_path / "server").exists()


def test_a_key_of_before_is_split(capsys, home, tmp_path):
    pair = keys.make_recovery_pair()
    locked_for(home, pair.recipient)
    card = tmp_path / "card"
    card.write_text(pair.identity + "\n", encoding="utf-8")
    code, out, _ = run(capsys, "admin", "shares", card, "2/4", "--json")
    told = json.loads(out)
    assert (code, told["needed"], len(told["shares"])) == (0, 2, 4)
    assert run(capsys, "recover", *cards(tmp_path, told["shares"])[2:])[0] == 0
    card.write_text("AGE-SECRET-KEY-1WRONG", encoding="utf-8")
    assert run(capsys, "admin", "shares", card, "2/4")[0] == 2
    assert run(capsys, "admin", "shares", tmp_path / "none", "2/4")[0] == 2
    assert run(capsys, "admin", "shares", card, "9/4")[0] == 2


def test_another_agencys_shares_open_nothing(capsys, home, tmp_path):
    locked_for(home, keys.make_recovery_pair().recipient)
    _, out, _ = begun(capsys, tmp_path / "server", "--shares", "2/2", "--json")
    assert run(capsys, "recover", *cards(tmp_path, json.loads(out)["shares"]))[0] == 2
    Notebook.open(home / "notebooks/book", PASSPHRASE).close()
