"""From the phone: real HTTP on loopback, straight into the vault, for one phone, and never a plain copy."""

from __future__ import annotations

import http.client
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadInput
from models.inspections import queries, verbs
from models.inspections.samples import jpeg_with_exif
from models.registry import verbs as registry
from sync import lan, phone
from sync.multipart import Cut, Form, boundary_of
from tests.day.plaintext import plaintext_found
from tests.visits import fill

from .conftest import eventually

BOUNDARY = "----qingcha42"


class Phone:
    """A browser that keeps its cookie."""

    def __init__(self, running: phone.Running) -> None:
        self.host, self.path = running.url.removeprefix("HTTP://").split("/")
        self.cookie = ""

    def ask(
        self, method: str = "GET", path: str | None = None, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(self.host, timeout=10)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookie:
            sent["cookie"] = self.cookie
        connection.request(method, "/" + self.path if path is None else path, body, sent)
        answer = connection.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        content = answer.read()
        connection.close()
        if "set-cookie" in told:
            self.cookie = told["set-cookie"].partition(";")[0]
        return answer.status, told, content

    def page(self, **headers: str) -> str:
        status, _, content = self.ask(**headers)
        assert status == 200
        return content.decode()

    def send(self, *files: tuple[str, bytes]) -> str:
        """Send files in one form and give the page back that follows."""
        status, told, _ = self.ask("POST", body=form(*files), content_type=FORM)
        assert (status, told["location"].partition("?")[0]) == (303, "/" + self.path)
        return self.page()


FORM = f"multipart/form-data; boundary={BOUNDARY}"


def form(*files: tuple[str, bytes]) -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="f"; filename="{name}"\r\n'
        "Content-Type: image/jpeg\r\n\r\n".encode()
        + content
        + b"\r\n"
        for name, content in files
    ]
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


@pytest.fixture
def visit(notebook: Any, officers: tuple[str, str]) -> str:
    site = registry.add_site(notebook, "示例印染企业03", address="示例路3号")
    return verbs.begin(
        notebook, site_id=site, first_officer=officers[0], second_officer=officers[1], checklists="A,W"
    )


@pytest.fixture
def photo(tmp_path: Path) -> bytes:
    return jpeg_with_exif(
        tmp_path / "made.jpg", taken="2026:11:23 09:05:00", gps=(24.51, 117.65), text="1"
    ).read_bytes()


@pytest.fixture
def intake(notebook: Any, visit: str) -> phone.Intake:
    def on_file(kept: Any, name: str, address: str) -> None:
        verbs.take_in_kept(
            notebook, visit, kept, name=name, kind="audio_visual", item="W01", note=f"from {address}"
        )

    def allowed() -> None:
        verbs.refuse_closed(notebook, visit)

    return phone.Intake(notebook.vault.put_stream, on_file, allowed)


@pytest.fixture
def running(intake: phone.Intake) -> Iterator[phone.Running]:
    with phone.receiving(intake, host="127.0.0.1", title="350602 W01") as found:
        yield found


def nothing_of(notebook: Any) -> bool:
    return not list(notebook.vault.hashes()) and not notebook.vault.sweep(set())


def test_a_photo_comes_into_the_item_with_its_claims_and_both_sides_show_its_hash(
    running, notebook, visit, photo
):
    browser = Phone(running)
    assert "350602 W01" in browser.page()
    page = browser.send(("IMG_0001.jpg", photo))
    (row,) = queries.evidence_of(notebook, visit)
    assert (row.item, row.kind, row.name, row.mime) == ("W01", "audio_visual", "IMG_0001.jpg", "image/jpeg")
    assert row.claim_time == "2026-11-23T09:05:00+08:00"
    assert "24.51" in row.claim_place
    assert row.maker == "执法员01"
    with notebook.vault.open(row.sha256) as stream:
        assert stream.read() == photo
    (event,) = queries.custody_of(notebook, row.id)
    assert (event.action, event.note) == ("collected", "from 127.0.0.1")
    status = running.status
    assert (status.taken, status.opened_by) == (1, "127.0.0.1")
    assert status.events[0].sha256 == row.sha256
    assert status.events[0].text() in page


def test_many_files_in_one_form_and_those_that_are_none_are_named(running, notebook, visit, photo):
    browser = Phone(running)
    browser.page()
    page = browser.send(("a.jpg", photo), ("b.pdf", b"%PDF-1.7 x" * 9), ("", b""), ("c.jpg", photo + b"2"))
    assert [row.name for row in queries.evidence_of(notebook, visit)] == ["a.jpg", "c.jpg"]
    assert "b.pdf" in page
    assert "不是本机认识的照片或者视频" in page
    assert re.search('已收到：<span id="count">2<', page)


def test_the_same_photo_sent_again_is_one_piece_of_evidence(running, notebook, visit, photo):
    browser = Phone(running)
    browser.page()
    browser.send(("a.jpg", photo))
    browser.send(("a.jpg", photo))
    assert len(queries.evidence_of(notebook, visit)) == 1
    assert [event.number for event in running.status.events] == [1, 1]


@pytest.mark.parametrize(
    "path", ["/", "/favicon.ico", "/ABCDEFGHIJKLMNOPQRSTUVWXYZ", "/../", "*", "/x" * 4000]
)
def test_every_other_path_is_not_found_with_equal_bytes(running, path):
    wrong = [Phone(running).ask(method, path) for method in ("GET", "POST", "DELETE")]
    wrong.append(Phone(running).ask("GET", "/" + "A" * 26))
    assert {(status, content) for status, _, content in wrong} == {(404, b"Not found\n")}
    assert running.status.opened_by == ""


def test_the_right_path_under_another_name_of_the_host_is_not_found(running):
    assert Phone(running).ask(host="evil.example:80")[0] == 404


def test_what_a_browser_fetches_ahead_does_not_take_the_place_of_the_person(running):
    assert Phone(running).ask(sec_purpose="prefetch")[0] == 404
    assert Phone(running).ask("HEAD")[0] == 404
    Phone(running).page()


def test_a_second_browser_is_refused_with_a_sentence(running, notebook, visit, photo):
    Phone(running).page()
    second = Phone(running)
    status, _, content = second.ask()
    assert (status, "已有另一部手机" in content.decode()) == (403, True)
    status, _, _ = second.ask("POST", body=form(("a.jpg", photo)), content_type=FORM)
    assert status == 403
    assert queries.evidence_of(notebook, visit) == []


def test_nothing_is_taken_before_the_page_was_opened(running, notebook, visit, photo):
    assert Phone(running).ask("POST", body=form(("a.jpg", photo)), content_type=FORM)[0] == 403
    assert queries.evidence_of(notebook, visit) == []


def test_the_page_needs_nothing_from_elsewhere_and_is_kept_nowhere(running):
    status, told, content = Phone(running).ask(accept_language="en")
    page = content.decode()
    assert status == 200
    assert "default-src 'none'" in told["content-security-policy"]
    assert (told["cache-control"], told["x-content-type-options"]) == ("no-store", "nosniff")
    assert told["referrer-policy"] == "no-referrer"
    assert "httponly" in told["set-cookie"].lower()
    assert "samesite=strict" in told["set-cookie"].lower()
    assert "server" not in told
    assert not re.search(r"https?://|src=", page)
    assert "Take a photo" in page
    assert "<button>Send</button>" in page


def test_a_file_that_is_too_large_is_refused_and_the_rest_taken(intake, notebook, visit, photo):
    limits = phone.Limits(file_bytes=len(photo) + 10)
    with phone.receiving(intake, host="127.0.0.1", limits=limits) as running:
        browser = Phone(running)
        browser.page()
        page = browser.send(("big.jpg", photo + bytes(1_000_000)), ("fits.jpg", photo))
        assert [row.name for row in queries.evidence_of(notebook, visit)] == ["fits.jpg"]
        assert "✗ big.jpg" in page
    assert len(list(notebook.vault.hashes())) == 1


def test_a_session_takes_no_more_than_its_count(intake, notebook, visit, photo):
    with phone.receiving(intake, host="127.0.0.1", limits=phone.Limits(files=1)) as running:
        browser = Phone(running)
        browser.page()
        page = browser.send(("a.jpg", photo), ("b.jpg", photo + b"2"))
        assert "✗ b.jpg" in page
    assert len(queries.evidence_of(notebook, visit)) == 1


def half_sent(browser: Phone, photo: bytes) -> socket.socket:
    body = form(("a.jpg", photo))
    host, port = browser.host.split(":")
    way = socket.create_connection((host, int(port)), timeout=10)
    head = (
        f"POST /{browser.path} HTTP/1.1\r\nHost: {browser.host}\r\nCookie: {browser.cookie}\r\n"
        f"Content-Type: {FORM}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    way.sendall(head.encode() + body[: len(body) // 2])
    return way


def test_an_upload_that_is_cut_leaves_nothing_and_the_next_is_taken(running, notebook, visit, photo):
    browser = Phone(running)
    browser.page()
    way = half_sent(browser, photo)
    eventually(lambda: running.status.coming_bytes)
    way.close()
    eventually(lambda: running.status.events)
    assert running.status.events[0].error is not None
    assert nothing_of(notebook)
    browser.send(("a.jpg", photo))
    assert len(queries.evidence_of(notebook, visit)) == 1


def test_an_upload_that_stalls_is_given_up(intake, notebook, photo):
    limits = phone.Limits(read_seconds=0.05)
    with phone.receiving(intake, host="127.0.0.1", limits=limits) as running:
        browser = Phone(running)
        browser.page()
        with half_sent(browser, photo):
            eventually(lambda: running.status.events)
        assert nothing_of(notebook)


def test_after_the_end_nothing_answers_and_what_was_under_way_leaves_nothing(intake, notebook, visit, photo):
    with phone.receiving(intake, host="127.0.0.1") as running:
        browser = Phone(running)
        browser.page()
        way = half_sent(browser, photo)
        eventually(lambda: running.status.coming_bytes)
    way.close()
    assert running.status.ended == "stopped"
    with pytest.raises(ConnectionRefusedError):
        browser.ask()
    assert nothing_of(notebook)
    assert queries.evidence_of(notebook, visit) == []
    assert "phone" not in {thread.name for thread in threading.enumerate()}


def test_an_idle_page_closes_itself(intake):
    with phone.receiving(intake, host="127.0.0.1", limits=phone.Limits(idle_seconds=0.05)) as running:
        eventually(lambda: running.status.ended == "idle")
        running.join()
        with pytest.raises(ConnectionRefusedError):
            Phone(running).ask()


def test_after_the_seal_a_photo_is_refused_with_the_reason(running, notebook, visit, photo):
    browser = Phone(running)
    browser.page()
    fill(notebook, visit)
    verbs.seal_inspection(notebook, visit)
    before = set(notebook.vault.hashes())
    assert "✗ a.jpg" in browser.send(("a.jpg", photo))
    assert set(notebook.vault.hashes()) == before


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("C:\\Users\\x\\a.jpg", "a.jpg"),
        ("a\x1b[31m\u202egpj.exe", "a␛[31m\ufffdgpj.exe"),
        ("<script>alert(1)</script>.jpg", "script>.jpg"),
        ("<b>&.jpg", "<b>&.jpg"),
        ("x%22y%0D%0Az.jpg", 'x"y  z.jpg'),
        ("照片" * 300 + ".jpg", ("照片" * 300)[:255]),
        ("///", "photo"),
        ("{count} {0.__class__}.jpg", "{count} {0.__class__}.jpg"),
    ],
)
def test_a_hostile_file_name_is_shown_and_never_acts(running, notebook, visit, photo, sent, kept):
    browser = Phone(running)
    browser.page()
    page = browser.send((sent, photo))
    (row,) = queries.evidence_of(notebook, visit)
    assert row.name == kept
    listed = page[page.index("<ol>") : page.index("</ol>")]
    assert not re.search(r"<(?!/?(ol|li)\b)|[\x00-\x08\x1b\u202e]", listed)


def test_no_plain_copy_is_on_the_disk_while_it_comes_or_after(notebook, intake, tmp_path, photo, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "made.jpg").unlink()
    where = [notebook.folder, temporary]
    secret: list[str | bytes] = [photo[-300:-200], photo[400:460], "秘密照片编号九九"]
    with phone.receiving(intake, host="127.0.0.1") as running:
        browser = Phone(running)
        browser.page()
        with half_sent(browser, photo + bytes(3_000_000)):
            eventually(lambda: running.status.coming_bytes > len(photo))
            assert plaintext_found(where, secret) == []
        eventually(lambda: running.status.events)
        browser.send(("秘密照片编号九九.jpg", photo))
        assert running.status.taken == 1
        assert plaintext_found(where, secret) == []
    assert plaintext_found(where, secret) == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain", b"x"),
        (FORM, b""),
        (FORM, b"nothing of a form"),
        (FORM, f"--{BOUNDARY}\r\n\r\n\r\n--{BOUNDARY}--\r\n".encode()),
        (FORM, f"--{BOUNDARY}\r\n".encode() + b"x" * 100_000),
        (FORM, f"--{BOUNDARY}!!".encode()),
    ],
)
def test_what_is_no_form_is_refused_and_the_page_lives(running, notebook, kind, body):
    browser = Phone(running)
    browser.page()
    try:
        status = browser.ask("POST", body=body, content_type=kind)[0]
    except (http.client.HTTPException, OSError):
        status = 0
    assert status in (0, 303)
    browser.page()
    assert nothing_of(notebook)


@given(
    st.lists(st.tuples(st.text("abc 照\\%", min_size=1), st.binary(max_size=300)), max_size=4),
    st.integers(1, 50),
)
def test_a_form_is_read_the_same_however_it_is_cut(files, step):
    files = [(name, content.replace(BOUNDARY.encode(), b"")) for name, content in files]
    body = form(*files)
    pieces = iter([body[at : at + step] for at in range(0, len(body), step)])
    read = []
    for part in Form(lambda: next(pieces, b""), boundary_of(FORM)).parts():
        content = b""
        while piece := part.read(7):
            content += piece
        read.append(content)
    assert read == [content for _, content in files]


@given(st.binary(max_size=200), st.integers(1, 20))
def test_any_bytes_are_a_form_or_a_refusal(body, step):
    pieces = iter([body[at : at + step] for at in range(0, len(body), step)])
    try:
        for part in Form(lambda: next(pieces, b""), b"x").parts():
            part.read(5)
    except (BadInput, Cut):
        pass


def test_only_addresses_of_local_networks_are_listened_on(intake):
    ranks = {
        "192.168.43.12": 0,
        "10.1.2.3": 0,
        "172.20.10.2": 0,
        "169.254.7.7": 1,
        "8.8.8.8": None,
        "100.64.0.1": None,
        "127.0.0.1": None,
        "0.0.0.0": None,
        "x": None,
    }
    assert {address: lan.rank(address) for address in ranks} == ranks
    for address in ("0.0.0.0", "8.8.8.8", "::"):
        with pytest.raises(BadInput):
            phone.start(intake, host=address)


def test_without_a_local_network_it_says_what_to_do(intake, monkeypatch):
    monkeypatch.setattr(phone, "addresses", list)
    with pytest.raises(BadInput, match="局域网"):
        phone.start(intake)


def test_a_wired_or_wireless_network_comes_before_virtual_ones(monkeypatch):
    monkeypatch.setattr(
        lan,
        "_of_interfaces",
        lambda: [("docker0", "172.17.0.1"), ("lo", "127.0.0.1"), ("wlan0", "192.168.43.9")],
    )
    monkeypatch.setattr(lan, "_by_routes", lambda: ["203.0.113.5", "192.168.43.9"])
    assert lan.addresses() == ["192.168.43.9", "172.17.0.1"]
