"""Real things, from the officer's disk through both programs to the server: video, photos, lists, long names.

What each reader makes of odd photos, workbooks and encodings is tested beside it (tests/models); here it
goes the whole way.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import openpyxl
import psutil
import pytest

from models.forms.filling import Filling
from models.forms.load import load
from models.inspections import evidence, verbs
from models.inspections.samples import jpeg_with_exif
from models.inspections.tables import Evidence, Inspection
from models.registry.imports import import_sites
from models.registry.tables import Officer, Site
from models.store.change import attach, new_id, put
from sync.outcome import Exit

from .processes import ROOT, environment
from .world import PASSPHRASE, UNIT, Office, all_is_there_once, make_office

MIB = 1 << 20
CHINA = timezone(timedelta(hours=8))
LONG_NAME = "漳州市示例生态环境科技发展有限公司" * 3 + "第一污水处理分公司"
HEADER = "单位名称,详细地址,法定代表人"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return make_office(tmp_path / "office", others=0)


@contextlib.contextmanager
def watched(words: list[str], **more: str) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """`python main.py …` as it is run, and the memory that it uses, looked at many times a second."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "main.py"), *words],
        env={**os.environ, **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    sizes: list[int] = []
    ended = threading.Event()

    def look() -> None:
        with contextlib.suppress(psutil.Error):
            seen = psutil.Process(process.pid)
            while not ended.wait(0.05):
                sizes.append(seen.memory_info().rss)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield process, sizes
    finally:
        process.terminate()
        process.communicate(timeout=30)
        ended.set()
        looking.join()


def synced(office: Office) -> tuple[list[int], list[int]]:
    """Synchronise by the two programs themselves; the memory of client and server."""
    with watched(["serve", str(office.server), "--port", "0"]) as (server, servers):
        assert server.stdout is not None
        url = json.loads(server.stdout.readline())["listening"]
        words = ["sync", "--json", "--server", url]
        with watched(words, **environment(office.home, PASSPHRASE)) as (client, clients):
            _, said = client.communicate(timeout=300)
            assert client.returncode == Exit.DONE, said
    return clients, servers


def test_a_video_is_taken_in_and_sent_in_little_memory(office: Office, tmp_path: Path) -> None:
    size = 300_000_000
    video = tmp_path / "现场录像.mp4"
    block = os.urandom(MIB)
    with video.open("wb") as file:
        for number in range(size // MIB):
            file.write(number.to_bytes(8, "big") + block[8:])
        file.truncate(size)
    with office.notebook() as book:
        mine = psutil.Process()
        before = mine.memory_info().rss
        most = 0

        def look(done: int, total: int) -> None:
            nonlocal most
            most = max(most, mine.memory_info().rss)

        kept = book.vault.put_file(video, look)
        body = {"sha256": kept.sha256, "sm3": kept.sm3, "size": size, "name": video.name}
        book.write(attach("evidence", new_id(), UNIT, body))
        assert most - before < 40 * MIB
    clients, servers = synced(office)
    print(f"most memory: server {max(servers) // MIB} MiB, client {max(clients) // MIB} MiB")
    assert max(servers) < 150 * MIB, f"the server used {max(servers) // MIB} MiB"
    assert max(clients) < 120 * MIB, f"the client used {max(clients) // MIB} MiB"
    with office.central() as central, video.open("rb") as source:
        arrived = central.vault.path_of(kept.sha256)
        with arrived.open("rb") as file:
            assert hashlib.file_digest(file, "sha256").hexdigest() == kept.sha256
        assert hashlib.file_digest(source, "sha256").hexdigest() == kept.sha256


def test_real_photos_lists_and_long_names_arrive_as_they_were(office: Office, tmp_path: Path) -> None:
    assert len(LONG_NAME) == 60
    lists = {"gbk": "示例企业甲", "utf-8-sig": "示例企业乙"}
    photos = {
        "有定位": jpeg_with_exif(
            tmp_path / "有定位.jpg",
            taken=datetime(2026, 11, 23, 9, 30, tzinfo=CHINA),
            gps=(24.51, 117.65),
            text="1",
        ),
        "无定位": jpeg_with_exif(
            tmp_path / "无定位.jpg", taken=datetime(2026, 11, 23, 9, 31, tzinfo=CHINA), text="2"
        ),
        "荒唐": jpeg_with_exif(tmp_path / ("荒" * 60 + ".jpg"), absurd=True, text="3"),
    }
    with office.notebook() as book:
        for encoding, name in lists.items():
            rows = f"{HEADER}\r\n{name},漳州市芗城区示例路1号,{LONG_NAME}\r\n"
            path = tmp_path / f"{encoding}.csv"
            path.write_bytes(rows.encode(encoding))
            report = import_sites(book, path)
            assert not report.errors
        site, second = new_id(), new_id()
        book.write(
            put("site", site, UNIT, name=LONG_NAME, unit_code=UNIT),
            put(
                "officer",
                second,
                UNIT,
                name="执法员02",
                certificate="FJ350602002",
                unit_code=UNIT,
                role="officer",
            ),
            put("officer", book.person, UNIT, certificate="FJ350602001"),
        )
        visit = verbs.begin(
            book, site_id=site, first_officer=book.person, second_officer=second, checklists=("A",)
        )
        taken = {
            what: evidence.take_in(book, visit, path, kind="audio_visual", purpose=f"证明现场情况（{what}）")
            for what, path in photos.items()
        }
    synced(office)
    with office.notebook() as book, office.central() as central:
        all_is_there_once(book, central)
        with central:
            names = {row.name for row in Site.select()}
            assert {LONG_NAME, *lists.values()} <= names
            assert {row.legal_person for row in Site.select() if row.name in lists.values()} == {LONG_NAME}
            assert Inspection.get_by_id(visit).site_name == LONG_NAME
            assert Officer.get_by_id(second).name == "执法员02"
            rows = {what: Evidence.get_by_id(record) for what, record in taken.items()}
        for what, row in rows.items():
            data = central.vault.path_of(row.sha256).read_bytes()
            assert data == photos[what].read_bytes()
        assert "24.51" in rows["有定位"].claim_place
        assert not rows["无定位"].claim_place
        assert rows["荒唐"].name == photos["荒唐"].name


def test_a_checklist_that_a_spreadsheet_program_wrote_is_filled(tmp_path: Path) -> None:
    """Styles, widths, a frozen row, empty rows and a sheet of notes, as people leave them in a workbook."""
    book = openpyxl.Workbook()
    survey = book.active
    survey.title = "survey"
    survey.append(
        ["type", "name", "label::中文 (zh)", "relevant", "constraint", "constraint_message::中文 (zh)"]
    )
    survey.append(["select_one yn", "outlet", "排放口是否规范", None, None, None])
    survey.append([None] * 6)
    survey.append(["decimal", "ph", "pH 值", "${outlet} = 'yes'", ". >= 0 and . <= 14", "pH 在 0 到 14 之间"])
    survey.freeze_panes = "A2"
    survey.column_dimensions["C"].width = 40
    survey["A1"].font = openpyxl.styles.Font(bold=True)
    choices = book.create_sheet("choices")
    for row in (["list_name", "name", "label::中文 (zh)"], ["yn", "yes", "是"], ["yn", "no", "否"]):
        choices.append(row)
    settings = book.create_sheet("settings")
    settings.append(["form_title", "form_id", "version"])
    settings.append([LONG_NAME, "outlet", 20261123])
    book.create_sheet("说明").append(["本表由示例企业03填写"])
    path = tmp_path / f"{LONG_NAME}.xlsx"
    book.save(path)
    form = load(path)
    filling = Filling(form)
    assert form.title == LONG_NAME
    assert not filling.visible("ph")
    filling.set("outlet", "yes")
    assert filling.visible("ph")
    filling.set("ph", "15")
    assert "14" in str(filling.error("ph"))
