"""The second factor and the two persons by the front door: what is shown, asked for and refused."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from models.documents.qr import modules, png
from models.store import keys
from models.store.notebook import Notebook
from sync.address import ServerAddress
from sync.client import enrol
from sync.embedded import Running, embedded
from sync.outcome import Exit
from sync.server import admin
from sync.server.central import Central
from sync.server.factors import Given
from sync.server.settings import Settings
from tests.conftest import PASSPHRASE, UNIT, run
from tests.sync.codes import Phone
from tui.cli import notebook as commands


@pytest.fixture
def server(home: Path) -> Path:
    folder = home / "central"
    admin.init(folder, organisation="演示生态环境局", host="sync.example.cn")
    for name in ("负责人甲", "负责人乙"):
        admin.add_officer(folder, name, role="lead", unit_code=UNIT)
    return folder


@pytest.fixture
def serving(server: Path) -> Iterator[Running]:
    central = Central.open(server)
    with embedded(central) as running:
        yield running
    central.close()


@pytest.fixture
def device(home: Path, server: Path, serving: Running) -> str:
    """A closed notebook of 负责人甲 in its place, enrolled."""
    with_person = admin.code(server, "负责人甲")
    book = Notebook.create(
        home / "notebooks/book", PASSPHRASE, person=with_person.officer, unit=UNIT, cost=keys.FAST
    )
    enrol(book, ServerAddress.parse(serving.url), with_person.code)
    book.close()
    return book.device


def given_to(capsys: pytest.CaptureFixture[str], server: Path, name: str) -> Phone:
    code, out, _ = run(capsys, "admin", "factor", server, name, "--json")
    told = json.loads(out)
    assert (code, told["factor"]) == (0, True)
    return Phone(Given(told["officer"], told["secret"], told["uri"]))


def test_a_secret_is_shown_once_as_a_picture_and_as_text(capsys, home, server, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    code, out, err = run(capsys, "admin", "factor", server, "负责人甲")
    assert (code, "只显示这一次" in err) == (0, True)
    lines = out.rstrip("\n").splitlines()
    picture = lines[1:]
    assert 10 < len(picture) <= 22, "it stays on the smallest terminal when the prompt comes under it"
    assert max(map(len, picture)) <= 80
    assert set("".join(picture)) <= set(" ▀▄█"), "every font has these"
    secret = lines[0].rpartition("：")[2].replace(" ", "")
    assert len(secret) == 32
    told = json.loads(run(capsys, "admin", "people", server, "--json")[1])
    assert {each["name"]: each["factor"] for each in told} == {"负责人甲": True, "负责人乙": False}
    assert secret not in json.dumps(told)
    code, out, _ = run(capsys, "admin", "factor", server, "负责人甲", "--off", "--json")
    assert (code, json.loads(out)["had"]) == (0, True)
    code, out, _ = run(capsys, "admin", "factor", server, "负责人甲", "--off")
    assert (code, "原本未开通" in out) == (0, True)
    assert run(capsys, "admin", "factor", server, "无此人")[0] == 2


def test_the_picture_is_what_an_app_reads(server):
    given = admin.factor(server, "负责人甲")
    (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(png(modules(given.uri)))).convert("L"))
    assert read.text == given.uri
    assert given.uri.startswith("otpauth://totp/Qingcha:%E8%B4%9F")
    assert f"secret={given.secret}&issuer=Qingcha" in given.uri


def test_sync_takes_a_code_and_says_what_to_do_without(capsys, home, server, device):
    phone = given_to(capsys, server, "负责人甲")
    code, out, err = run(capsys, "sync")
    assert code == Exit.CODE_DUE
    assert len(err.strip().splitlines()) == 1
    assert "--code" in err
    assert "还剩" in out or "剩余" in out
    assert run(capsys, "sync", "--code", "12345")[0] == 2
    code, out, err = run(capsys, "sync", "--code", phone.code(), "--json")
    assert (code, json.loads(out)["factor"], err) == (0, "shown", "")
    assert run(capsys, "sync")[0] == 0
    code, _, err = run(capsys, "sync", "--code", phone.wrong())
    assert (code, err.strip()) == (0, "本次输入的动态口令没有使用：此前出示的在本机仍然有效。")


def test_on_a_terminal_it_asks_until_it_is_right_or_nothing_is_typed(
    capsys, home, server, device, monkeypatch
):
    phone = given_to(capsys, server, "负责人甲")
    typed = iter(["12", phone.wrong(), phone.code()])
    asked: list[str] = []

    def getpass(prompt: str, stream: object = None) -> str:
        asked.append(prompt)
        return next(typed)

    monkeypatch.setattr("getpass.getpass", getpass)
    monkeypatch.setattr(commands, "has_terminal", lambda: True)
    code, _, err = run(capsys, "sync")
    assert (code, len(asked)) == (0, 3)
    assert "六位数字" in err
    assert "下一个" in err
    admin.no_factor(server, "负责人甲")
    given_to(capsys, server, "负责人甲")
    typed = iter([""])
    assert run(capsys, "sync")[0] == Exit.CODE_DUE
    assert run(capsys, "sync", "--json")[0] == Exit.CODE_DUE, "a program is asked nothing"


@pytest.fixture
def two(server: Path) -> Path:
    replace(Settings.read(server), two_persons=True).write(server)
    return server


def test_two_persons_revoke_by_a_file_or_by_standard_input(capsys, home, two, device, tmp_path, monkeypatch):
    phones = [given_to(capsys, two, name) for name in ("负责人甲", "负责人乙")]
    names = ("--by", "负责人甲", "--and", "负责人乙", "--why", "电脑失窃")
    assert run(capsys, "admin", "revoke", two, device)[0] == 2
    code, _, err = run(capsys, "admin", "revoke", two, device, *names)
    assert (code, "--codes-from" in err) == (2, True)
    file = tmp_path / "codes"
    file.write_text(phones[0].code() + "\n", encoding="utf-8")
    assert run(capsys, "admin", "revoke", two, device, *names, "--codes-from", file)[0] == 2
    assert run(capsys, "admin", "revoke", two, device, *names, "--codes-from", tmp_path / "none")[0] == 2
    lines = "".join(phone.code() + "\n" for phone in phones)
    monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
    assert run(capsys, "admin", "revoke", two, device, *names, "--codes-from", "-")[0] == 0
    _, out, _ = run(capsys, "admin", "devices", two)
    assert "已吊销（负责人甲、负责人乙）" in out
    assert "电脑失窃" in out


def test_two_persons_are_asked_on_the_terminal_by_name(capsys, home, two, device, monkeypatch):
    phones = {name: given_to(capsys, two, name) for name in ("负责人甲", "负责人乙")}
    asked: list[str] = []

    def getpass(prompt: str, stream: object = None) -> str:
        asked.append(prompt)
        return phones["负责人甲" if "甲" in prompt else "负责人乙"].code()

    monkeypatch.setattr("getpass.getpass", getpass)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert run(capsys, "admin", "revoke", two, device, "--by", "负责人甲", "--and", "负责人乙")[0] == 0
    assert ["甲" in prompt for prompt in asked] == [True, False]


def test_doctor_says_in_a_line_each_what_is_not_switched_on(capsys, home, server):
    code, out, _ = run(capsys, "admin", "doctor", server)
    assert (code, "2 个，共 2 个" in out, "two_persons" in out) == (0, True, True)
    replace(Settings.read(server), two_persons=True).write(server)
    code, out, _ = run(capsys, "admin", "doctor", server, "--json")
    (found,) = [each for each in json.loads(out) if each["check"] == "people"]
    assert (code, found["ok"], "qingcha admin factor" in found["problems"][0]) == (1, False, True)
