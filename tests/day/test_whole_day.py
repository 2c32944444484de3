"""The whole day by keys alone at 80x24, through a real server process, to receipts and `openssl`."""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import zipfile
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from models.store.change import new_id
from models.store.keys import FAST
from models.store.notebook import Notebook
from sync.address import ServerAddress
from sync.client import enrol, synchronise
from sync.queries import enrolment
from sync.server import admin
from sync.server.central import Central
from tests.day.plaintext import plaintext_found
from tests.sync.conftest import server_process
from tui.app import QingchaApp
from tui.demo.day import play_day
from tui.demo.fill import fill_register
from tui.demo.outcome import outcome
from tui.demo.people import OFFICERS, UNIT
from tui.demo.player import Player

GUIDE = Path(__file__).parents[2] / "docs/verify.md"
PLANTED = ["示例企业04印染厂", "负责人04", "漳环检批004", "IMG_0003.jpg"]


def make_server(folder: Path) -> str:
    """A server with the demo's people and sites; the enrolment code of the first officer."""
    admin.init(folder, organisation="演示生态环境局", host="sync.example.cn")
    with contextlib.closing(Central.open(folder)) as central:
        for person in OFFICERS:
            admin.add_officer(
                central,
                person.name,
                units=[UNIT],
                role=person.role,
                certificate=person.certificate,
                unit_code=UNIT,
            )
        fill_register(central)
        central.sign_head()
        return admin.code(central, OFFICERS[0].name).code


def printed_code(paper: Path) -> str:
    """The QR text on the printed page: read back from the picture in the document."""
    with zipfile.ZipFile(paper) as document:
        pictures = [document.read(name) for name in document.namelist() if name.startswith("word/media/")]
    found = {
        code.text
        for picture in pictures
        for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)).convert("L"))
    }
    (text,) = found
    return text


def commands(name: str) -> str:
    """The shell commands that docs/verify.md prints under a name."""
    found = re.search(
        rf"^```sh {name}\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    assert found is not None
    return found.group(1)


@pytest.mark.long
@pytest.mark.openssl
async def test_an_inspectors_day_from_the_first_key_to_openssl(tmp_path: Path) -> None:
    code = make_server(tmp_path / "server")
    papers = tmp_path / "papers"
    papers.mkdir()
    book = Notebook.create(tmp_path / "home/book", "青山绿水-2026", person=new_id(), unit=UNIT, cost=FAST)
    said: list[str] = []
    with server_process(tmp_path / "server") as (_, url):
        address = ServerAddress(url)
        enrol(book, address, code)
        synchronise(book, address)
        app = QingchaApp(tmp_path / "home", book, server=url)
        async with app.run_test(size=(80, 24)) as pilot:
            day = await play_day(Player(pilot, said.append), papers)
            # the app's own last act is to close the notebook: look before that
            facts = enrolment(book)
    assert day.keys < 300
    assert facts is not None
    assert facts.certificate

    book = Notebook.open(tmp_path / "home/book", "青山绿水-2026")
    with contextlib.closing(book), contextlib.closing(Central.open(tmp_path / "server")) as central:
        checks = outcome(book, central, day.inspection)
    assert [check.sentence for check in checks if not check.held] == []
    assert len(checks) >= 6

    assert day.paper is not None
    (papers / "qr.txt").write_text(printed_code(day.paper) + "\n", encoding="ascii")
    (papers / "device.crt").write_text(facts.certificate, encoding="ascii")
    shell = subprocess.run(
        ["sh", "-c", commands("certificate")], cwd=papers, capture_output=True, text=True, check=False
    )
    assert shell.stdout.strip() == "Verified OK", shell.stderr

    assert plaintext_found(tmp_path / "home", PLANTED) == []
