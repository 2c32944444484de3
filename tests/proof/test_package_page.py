"""The server's public page takes a package, and says of it what `qingcha verify` says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import urllib3

from models.documents.stored_zip import Archive, Bytes, write_zip
from sync.embedded import Running, embedded
from sync.proof import layout, trust
from sync.proof.checking import check
from sync.proof.reading import Held
from sync.server import admin, package_page, room, verify_page

from .made import Case


@pytest.fixture(scope="module")
def page(case: Case) -> Iterator[Running]:
    with embedded(case.central) as running:
        yield running


def sent(page: Running, data: bytes, language: str = "zh", name: str = "package", **more: Any) -> Any:
    return urllib3.request(
        "POST",
        f"{page.url}/verify/package?lang={language}",
        fields={"other": "x", name: ("package.zip", data, "application/zip")},
        **more,
    )


@pytest.mark.parametrize("name", ["logged", "amendment", "waiting", "stranger"])
def test_it_says_what_the_command_says(case: Case, page: Running, name: str) -> None:
    answer = sent(page, case.packages[name].read_bytes())
    assert answer.status == 200
    shown = answer.data.decode()
    found = check(Held(case.members(name)), case.root)
    for line in found.sentences():
        assert line in shown
    mark = {"genuine": "<b>✓</b>", "unknown": "<b>?</b>"}[found.answer]
    assert mark in shown


def test_what_the_server_knows_more_is_told_with_it(case: Case, page: Running) -> None:
    assert "not sent this record" in sent(page, case.packages["waiting"].read_bytes(), "en").data.decode()
    assert "not sent this record" not in sent(page, case.packages["logged"].read_bytes(), "en").data.decode()


def test_a_changed_package_is_not_genuine(case: Case, page: Running, tmp_path: Any) -> None:
    members = case.members("logged")
    members["data/e000.jpg"] = members["data/e000.jpg"] + b" "
    with (tmp_path / "x.zip").open("w+b") as file:
        write_zip(file, {each: Bytes(data) for each, data in members.items()})
    shown = sent(page, (tmp_path / "x.zip").read_bytes()).data.decode()
    assert "<b>✗</b> 核验不通过：data/e000.jpg 被改动" in shown
    assert case.sealed.number not in shown


def test_hostile_uploads_are_answered_and_nothing_of_them_stays(case: Case, page: Running) -> None:
    data = case.packages["logged"].read_bytes()
    for bad in (b"", b"PK", data[:-1], data + b" ", data[:5000], b"<script>alert(1)</script>" * 9):
        answer = sent(page, bad)
        assert (answer.status, b"<b>?</b>" in answer.data) == (200, True)
        assert b"<script" not in answer.data
    assert b"<b>?</b>" in sent(page, data, name="something else").data
    plain = urllib3.request("POST", f"{page.url}/verify/package", body=data)
    assert (plain.status, b"<b>?</b>" in plain.data) == (200, True)
    cut = urllib3.request(
        "POST",
        f"{page.url}/verify/package",
        headers={"content-type": "multipart/form-data; boundary=x"},
        body=b'--x\r\ncontent-disposition: form-data; name="package"; filename="a"\r\n\r\nPK',
    )
    assert "未传完整" in cut.data.decode()
    assert list((case.central.folder / "spool").iterdir()) == []


def test_too_large_and_too_many_are_refused(
    case: Case, page: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package_page, "MOST_PACKAGE", 1000)
    answer = sent(page, b"x" * 100_000)
    assert (answer.status, "qingcha verify" in answer.data.decode()) == (413, True)
    with monkeypatch.context() as patch:
        patch.setattr(package_page, "RECEIVING_S", 0)
        assert sent(page, b"x").status == 503
    monkeypatch.setattr(room, "LOW", 1 << 60)
    assert sent(page, b"x").status == 503


def test_a_device_that_was_revoked_bears_a_warning(case: Case, page: Running) -> None:
    """Last in this file's order of effect: the device of the case stays revoked only while this runs."""
    from sync.server.tables import Device

    admin.revoke(case.central, case.book.device)
    try:
        assert (
            "reported lost or revoked"
            in sent(page, case.packages["waiting"].read_bytes(), "en").data.decode()
        )
        assert "revoked" not in sent(page, case.packages["logged"].read_bytes(), "en").data.decode()
    finally:
        with case.central.writing():
            Device.update(revoked_at=None).where(Device.id == case.book.device).execute()


def test_the_page_offers_it(page: Running) -> None:
    shown = urllib3.request("GET", f"{page.url}/verify?lang=zh").data.decode()
    assert 'enctype="multipart/form-data"' in shown
    assert f"不超过 {verify_page.MOST_PACKAGE >> 20} MB" in shown


@pytest.mark.parametrize("name", ["root.crt", "VERIFY.html", "VERIFY.sh"])
def test_what_checks_without_the_server_is_there_to_take_home(case: Case, page: Running, name: str) -> None:
    answer = urllib3.request("GET", f"{page.url}/verify/{name}")
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert answer.data == (case.root if name == "root.crt" else layout.text(name))
    assert f'href="/verify/{name}"' in urllib3.request("GET", f"{page.url}/verify").data.decode()
    assert trust.fingerprint(case.root) in urllib3.request("GET", f"{page.url}/verify").data.decode()


def test_archive_is_read_without_unpacking(case: Case) -> None:
    with case.packages["logged"].open("rb") as file:
        archive = Archive(file)
        one, two = archive.blocks("data/e000.jpg"), archive.blocks("data/e001.jpg")
        members = case.members("logged")
        assert (next(one), next(two)) == (members["data/e000.jpg"], members["data/e001.jpg"])
