"""The public page: what a QR code of a sealed record leads to."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
import urllib3

from models.language import use_language
from models.store import sealing
from models.store.change import Change, new_id, put, seal
from models.store.notebook import Notebook
from models.store.seat import Place
from sync import queries
from sync.client import synchronise
from sync.embedded import Running
from sync.server import admin
from sync.server.central import Central
from sync.server.verify_page import look_up

from .conftest import QUICK, UNIT, MakeNotebook


def sealed(book: Notebook) -> tuple[str, str]:
    """A sealed record, and the text of its QR code."""
    record = new_id()
    first = book.write(put("inspection", record, UNIT, place="厂区"))[-1]
    data = b'{"place":"\xe5\x8e\x82\xe5\x8c\xba"}'
    digest = hashlib.sha256(data).hexdigest()
    book.vault.put_bytes(data)
    lines = []

    def build(place: Place) -> list[Change]:
        moment = book.clock.wall_ms()
        line = sealing.seal_line(
            "sync.example.cn", "350602-20261123-01", "", moment, place.seq, 0, digest, book.key_id
        )
        lines.append(line)
        signature = book.sign(line.encode())
        return [seal("inspection", record, UNIT, line, signature, [first.hash.hex()], digest)]

    book.write_next(build)
    return record, sealing.qr_text(lines[0], book.sign(lines[0].encode()))


def test_a_sealed_record_is_genuine_and_after_synchronising_has_its_place(
    enrolled: MakeNotebook, central: Central
) -> None:
    use_language("en")
    book = enrolled()
    record, text = sealed(book)
    found = look_up(central, text)
    assert found.genuine
    assert "not sent" in found.warnings[0]
    assert synchronise(book, pace=QUICK).ok
    found = look_up(central, text)
    assert (found.genuine, found.warnings) == (True, ())
    rows = dict(found.rows)
    assert rows["Record number"] == "350602-20261123-01"
    assert " of " in rows["Place in the log"]
    receipt = queries.receipt(book, record)
    assert receipt is not None
    assert rows["Place in the log"].startswith(f"{receipt.cursor} of ")
    assert queries.seal_receipt(book, receipt.entry_hash.hex()) == receipt, (
        "the seal has a receipt of its own"
    )


def test_the_address_in_the_code_shows_the_verdict_on_a_phone(
    enrolled: MakeNotebook, server: Running
) -> None:
    book = enrolled()
    _, text = sealed(book)
    assert synchronise(book, pace=QUICK).ok
    path = urlsplit(text.lower()).path
    scanned = text[-len(path) :]
    for asked in (scanned, f"/verify?q={text}"):
        answer = urllib3.request("GET", server.url + asked, headers={"accept-language": "en-GB,zh;q=0.5"})
        page = answer.data.decode()
        assert "Genuine" in page, asked
        assert "viewport" in page
    form = {"content-type": "application/x-www-form-urlencoded"}
    body = urlencode({"q": text})
    posted = urllib3.request("POST", server.url + "/verify?lang=zh", headers=form, body=body)
    assert "真实" in posted.data.decode()


@pytest.mark.parametrize("part", range(3, 12))
def test_no_changed_part_is_genuine(enrolled: MakeNotebook, central: Central, part: int) -> None:
    book = enrolled()
    _, text = sealed(book)
    assert synchronise(book, pace=QUICK).ok
    parts = text.split("/")
    swapped = {"A": "B"}
    parts[part] = swapped.get(parts[part][:1], "A") + parts[part][1:]
    assert not look_up(central, "/".join(parts)).genuine


def test_a_device_that_nobody_enrolled_is_not_confirmed(notebook: Notebook, central: Central) -> None:
    use_language("en")
    _, text = sealed(notebook)
    found = look_up(central, text)
    assert not found.genuine
    assert "not enrolled" in found.headline


def test_a_record_of_a_device_revoked_since_stays_genuine_and_a_later_one_bears_a_warning(
    enrolled: MakeNotebook, central: Central
) -> None:
    use_language("en")
    book = enrolled()
    _, before = sealed(book)
    assert synchronise(book, pace=QUICK).ok
    admin.revoke(central, book.device)
    _, after = sealed(book)
    assert look_up(central, before).warnings == ()
    assert any("revoked" in warning for warning in look_up(central, after).warnings)
    synchronise(book, pace=QUICK)
    assert any("put this record aside" in warning for warning in look_up(central, after).warnings)


@pytest.mark.openssl
def test_openssl_alone_checks_the_certificate_and_the_seal(enrolled: MakeNotebook, tmp_path: Path) -> None:
    book = enrolled()
    _, text = sealed(book)
    enrolment = queries.enrolment(book)
    assert enrolment is not None
    (tmp_path / "device.crt").write_text(enrolment.certificate)
    (tmp_path / "ca.crt").write_text(enrolment.authority)
    line, _, tail = text.rpartition("/")
    (tmp_path / "q.msg").write_text(line)
    (tmp_path / "q.sig").write_bytes(base64.b32decode(tail + "=" * (-len(tail) % 8)))
    for command in (
        "openssl verify -CAfile ca.crt device.crt",
        "openssl x509 -in device.crt -pubkey -noout -out q.pub",
        "openssl dgst -sha256 -verify q.pub -signature q.sig q.msg",
    ):
        ran = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, (command, ran.stderr)
