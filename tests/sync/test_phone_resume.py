"""A photo whose connection was cut goes on where it was, comes once, and leaves nothing if it never ends."""

from __future__ import annotations

import hashlib
import json
import random
import socket
import threading
from typing import Any

from models.inspections import queries
from sync import phone

from .conftest import eventually
from .test_phone import FORM, Phone, form, intake, nothing_of, photo, running, visit

__all__ = ["intake", "photo", "running", "visit"]


def part(browser: Phone, key: str, at: int, content: bytes | None) -> dict[str, Any]:
    """What the script sends of a file, and what it is answered; without content it asks how far it is."""
    body = form(("a.jpg", content)) if content is not None else None
    kind = {"content_type": FORM} if content is not None else {}
    status, _, told = browser.ask("POST", body=body, x_file=key, x_at=str(at), **kind)
    assert status == 200
    return json.loads(told)


def half_of(browser: Phone, key: str, photo: bytes, running: phone.Running) -> int:
    """Send half of a photo as the script does, and cut it; how many bytes the laptop holds then."""
    body = form(("a.jpg", photo))
    host, port = browser.host.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as way:
        head = (
            f"POST /{browser.path} HTTP/1.1\r\nHost: {browser.host}\r\nCookie: {browser.cookie}\r\n"
            f"X-File: {key}\r\nX-At: 0\r\nContent-Type: {FORM}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        way.sendall(head.encode() + body[: len(body) // 2])
        eventually(lambda: running.status.coming_bytes > len(photo) // 4)
    eventually(lambda: part(browser, key, -1, None)["at"] > len(photo) // 4)
    return part(browser, key, -1, None)["at"]


def test_the_rest_of_a_photo_that_was_cut_is_enough(running, notebook, visit, photo):
    photo = photo + random.Random(1).randbytes(500_000)
    browser = Phone(running)
    browser.page()
    at = half_of(browser, "k1", photo, running)
    assert 0 < at < len(photo)
    assert part(browser, "k1", at + 1, photo[at + 1 :]) == {"taken": 0, "whole": False, "at": at, "files": []}
    told = part(browser, "k1", at, photo[at:])
    assert (told["taken"], told["whole"], told["files"][0]["good"]) == (1, True, True)
    (row,) = queries.evidence_of(notebook, visit)
    assert row.sha256 == hashlib.sha256(photo).hexdigest()
    assert [event.error for event in running.status.events] == [None]
    # the answer was lost on its way: asking again gives the same one
    assert part(browser, "k1", -1, None) == told
    assert part(browser, "k1", len(photo), b"")["files"] == told["files"]
    assert len(queries.evidence_of(notebook, visit)) == 1


def test_what_a_browser_sends_once_more_from_before_is_passed_over(running, notebook, visit, photo):
    photo = photo + random.Random(1).randbytes(500_000)
    browser = Phone(running)
    browser.page()
    at = half_of(browser, "k1", photo, running)
    assert part(browser, "k1", at - 1000, photo[at - 1000 :])["whole"]
    (row,) = queries.evidence_of(notebook, visit)
    assert row.sha256 == hashlib.sha256(photo).hexdigest()
    for wrong in ("x", "", "-5", "9" * 30):
        told = browser.ask("POST", body=form(("b.jpg", photo)), content_type=FORM, x_file="k2", x_at=wrong)[2]
        assert json.loads(told)["whole"] is False


def test_what_is_begun_and_never_ended_leaves_nothing(intake, notebook, visit, photo):
    photo = photo + bytes(300_000)
    limits = phone.Limits(resume_seconds=0.5)
    with phone.receiving(intake, host="127.0.0.1", limits=limits) as running:
        browser = Phone(running)
        browser.page()
        half_of(browser, "k1", photo, running)
        eventually(lambda: running.status.events)
        assert running.status.events[0].cut
        assert part(browser, "k1", -1, None)["whole"] is False
        half_of(browser, "k2", photo, running)
    assert nothing_of(notebook)
    assert queries.evidence_of(notebook, visit) == []
    assert not {"phone", "phone-file"} & {thread.name for thread in threading.enumerate()}


def test_another_file_takes_the_place_of_one_that_was_begun(running, notebook, visit, photo):
    browser = Phone(running)
    browser.page()
    half_of(browser, "k1", photo + bytes(300_000), running)
    assert part(browser, "k2", 0, photo)["whole"]
    half_of(browser, "k3", photo + bytes(300_000), running)
    browser.send(("c.jpg", photo + b"3"))
    assert [row.size for row in queries.evidence_of(notebook, visit)] == [len(photo), len(photo) + 1]
    assert len(list(notebook.vault.hashes())) == 2


def test_what_the_script_sends_is_refused_with_the_reason(running, notebook, visit, photo):
    browser = Phone(running)
    browser.page()
    told = part(browser, "k1", 0, b"%PDF-1.7 " + bytes(2_000_000))
    assert (told["whole"], told["files"][0]["good"]) == (True, False)
    assert part(browser, "k1", -1, None)["files"] == told["files"]
    assert nothing_of(notebook)
    assert (
        Phone(running).ask("POST", body=form(("a.jpg", photo)), x_file="k9", x_at="0", content_type=FORM)[0]
        == 403
    )
