"""The phone's page in a real headless Chromium of a phone's size: twenty photos, five cuts, each once."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from models.inspections import queries, verbs
from models.inspections.samples import jpeg_with_exif
from models.registry import verbs as registry
from sync import phone
from tests import chromium
from tests.visits import fill

from . import conftest
from .test_phone import Phone, half_sent

pytestmark = pytest.mark.skipif(chromium.found() is None, reason="Chromium is not installed")
CAMERA, GALLERY = "label:nth-of-type(1)", "label:nth-of-type(3)"
PHOTOS, PHOTO_BYTES, CUTS = 20, 4 << 20, 5


def eventually(there: Callable[[], object]) -> None:
    """Wait until something holds: for long, since a browser shares the machine with all other tests."""
    conftest.eventually(there, 120)


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[chromium.Tab]:
    with chromium.chromium(tmp_path_factory.mktemp("chromium")) as found:
        yield found


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Twenty photos of 4 MB, no two alike."""
    folder, chance = tmp_path_factory.mktemp("camera"), random.Random(20261127)
    small = jpeg_with_exif(folder / "small.jpg", taken="2026:11:23 09:05:00", text="1").read_bytes()
    made = []
    for number in range(1, PHOTOS + 1):
        path = folder / f"IMG_{number:04d}.jpg"
        # what a reader of JPEG passes over: bytes after the end of the picture
        path.write_bytes(small + chance.randbytes(PHOTO_BYTES - len(small)))
        made.append(path)
    return made


@pytest.fixture
def visit(notebook: Any, officers: tuple[str, str]) -> str:
    site = registry.add_site(notebook, "示例印染企业03", address="示例路3号")
    return verbs.begin(
        notebook, site_id=site, first_officer=officers[0], second_officer=officers[1], checklists="A,W"
    )


@pytest.fixture
def intake(notebook: Any, visit: str) -> phone.Intake:
    def on_file(kept: Any, name: str, address: str) -> None:
        verbs.take_in_kept(notebook, visit, kept, name=name, kind="audio_visual", item="W01", note=address)

    def allowed() -> None:
        verbs.refuse_closed(notebook, visit)

    return phone.Intake(notebook.vault.put_stream, on_file, allowed)


@pytest.fixture
def running(intake: phone.Intake) -> Iterator[phone.Running]:
    with phone.receiving(intake, host="127.0.0.1", title="350602 W01") as found:
        yield found


@pytest.fixture
def page(tab: chromium.Tab, running: phone.Running) -> chromium.Tab:
    """The page, opened as the code on the laptop's screen says."""
    tab.call("Network.clearBrowserCookies")
    tab.go(f"{running.url}?lang=zh")
    return tab


def cut(running: phone.Running) -> int:
    """Reset every connection to the page at once, as a hotspot that drops out; how many there were."""
    loop, server = running._loop, running._server
    assert loop is not None
    assert server is not None
    connections = list(server.server_state.connections)
    for each in connections:
        loop.call_soon_threadsafe(each.transport.abort)
    return len(connections)


def text_of(page: chromium.Tab, selector: str) -> str:
    return str(page.value(f"document.querySelector('{selector}')?.innerText??''"))


@pytest.mark.long
def test_twenty_photos_come_once_each_though_the_connection_is_cut_five_times(
    page, running, notebook, visit, photos
):
    assert page.give(GALLERY, *photos) == "selectMultiple"
    cuts = 0
    for at in (1, 4, 8, 13, 19):
        eventually(lambda at=at: running.status.taken >= at - 1 and running.status.coming_bytes > 300_000)
        assert cut(running)
        cuts += 1
    eventually(lambda: running.status.taken == PHOTOS)
    assert cuts == CUTS
    eventually(lambda: "已全部发送" in text_of(page, "#say"))
    rows = queries.evidence_of(notebook, visit)
    wanted = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in photos}
    assert len(rows) == PHOTOS
    assert {row.name: row.sha256 for row in rows} == wanted
    assert {row.item for row in rows} == {"W01"}
    for row in rows[::7]:
        with notebook.vault.open(row.sha256) as stream:
            assert hashlib.sha256(stream.read()).hexdigest() == row.sha256
    listed = text_of(page, "ol")
    assert all(row.sha256[: phone.SHORT] in listed for row in rows)
    assert "✗" not in listed
    assert text_of(page, "#count") == str(PHOTOS)
    assert [event.error for event in running.status.events] == [None] * PHOTOS


@pytest.mark.long
def test_a_film_whose_connection_is_cut_goes_on_where_it_was(
    page, running, notebook, visit, photos, tmp_path
):
    film = tmp_path / "VID_0001.jpg"  # what it holds does not matter here: 40 MB that begin as a picture
    film.write_bytes(b"".join(each.read_bytes() for each in photos[:10]))
    page.give(CAMERA, film)
    for share in (0.2, 0.5, 0.8):
        eventually(lambda share=share: running.status.coming_bytes > share * film.stat().st_size)
        assert cut(running)
    eventually(lambda: running.status.taken == 1)
    (row,) = queries.evidence_of(notebook, visit)
    assert row.sha256 == hashlib.sha256(film.read_bytes()).hexdigest()
    # three times from the beginning would be twice as much; a browser's own second try costs a little
    assert running._session.pulled < 2 * film.stat().st_size


def test_the_camera_gives_one_photo_and_the_page_is_ready_for_the_next(
    page, running, notebook, visit, photos
):
    for number, path in enumerate(photos[:3], 1):
        assert page.give(CAMERA, path) == "selectSingle"
        eventually(lambda number=number: running.status.taken == number)
        eventually(lambda number=number: text_of(page, "#count") == str(number))
    assert [row.name for row in queries.evidence_of(notebook, visit)] == [path.name for path in photos[:3]]


def test_photos_chosen_while_others_are_sent_wait_for_their_turn(page, running, notebook, visit, photos):
    page.give(GALLERY, *photos[:4])
    page.give(GALLERY, *photos[4:6])
    eventually(lambda: running.status.taken == 6)
    assert {row.name for row in queries.evidence_of(notebook, visit)} == {path.name for path in photos[:6]}


def test_what_is_refused_is_named_and_the_rest_is_sent(page, running, notebook, visit, photos, tmp_path):
    paper = tmp_path / "笔记.jpg"
    paper.write_bytes(b"%PDF-1.7 " + bytes(500))
    page.give(GALLERY, photos[0], paper, photos[1])
    eventually(lambda: running.status.taken == 2)
    eventually(lambda: "笔记.jpg" in text_of(page, "ol .bad"))
    assert len(queries.evidence_of(notebook, visit)) == 2


def test_after_the_seal_the_page_says_why_nothing_is_taken(page, running, notebook, visit, photos):
    fill(notebook, visit)
    verbs.seal_inspection(notebook, visit)
    page.give(CAMERA, photos[0])
    eventually(lambda: "签封" in text_of(page, "ol .bad"))
    assert queries.evidence_of(notebook, visit) == []


def test_when_the_laptop_ends_the_page_the_phone_goes_on_trying_and_then_says_so(page, running, photos):
    page.value("window.setTimeout=(old=>(run,ms)=>old(run,ms/50))(window.setTimeout)")  # patience of minutes
    running.stop()
    running.join()
    page.give(GALLERY, *photos[:2])
    eventually(lambda: "未发送" in text_of(page, "#say"))
    assert page.value("!document.getElementById('again').hidden")
    page.tap("#again")
    eventually(lambda: page.value("!document.getElementById('again').hidden"))


def test_a_stalled_upload_makes_room_for_the_next(intake, notebook, visit, tab, photos):
    """A phone that left the network says no goodbye: its connection stays open and gives nothing."""
    limits = phone.Limits(stall_seconds=0.2)
    with phone.receiving(intake, host="127.0.0.1", limits=limits) as running:
        tab.call("Network.clearBrowserCookies")
        tab.go(running.url)
        (cookie,) = (each for each in tab.call("Network.getCookies")["cookies"] if each["name"] == "qingcha")
        silent = Phone(running)
        silent.cookie = f"qingcha={cookie['value']}"
        began = time.monotonic()
        with half_sent(silent, photos[0].read_bytes()):
            eventually(lambda: running.status.coming_bytes)
            tab.give(CAMERA, photos[1])
            eventually(lambda: running.status.taken == 1)
        assert time.monotonic() - began < limits.read_seconds / 2
    assert [row.name for row in queries.evidence_of(notebook, visit)] == [photos[1].name]


def test_the_page_fits_a_phone_and_its_buttons_a_thumb(page, tmp_path):
    assert page.value("document.documentElement.scrollWidth<=innerWidth")
    heights = page.value("[...document.querySelectorAll('label')].map(e=>e.getBoundingClientRect().height)")
    assert len(heights) == 3
    assert min(heights) >= 48
    page.picture(tmp_path / "page.png")
    assert (tmp_path / "page.png").stat().st_size > 5000
    asked = [
        each["params"]["request"]["url"]
        for each in page.events
        if each["method"] == "Network.requestWillBeSent"
    ]
    assert all(each.lower().startswith("http://127.0.0.1") for each in asked), asked
