"""What can go wrong on the way, each with one sentence and exit code and nothing lost (acceptance 6)."""

from __future__ import annotations

import datetime
import ipaddress
import os
import resource
import shutil
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from peewee import OperationalError

from models.registry.tables import Officer, Site
from models.store.change import new_id, put
from models.store.health import problems
from models.store.journal import EntryRow
from sync import queries
from sync.address import ServerAddress
from sync.client import synchronise
from sync.courier import Pace
from sync.outcome import Exit
from sync.server import room
from sync.server.central import Central
from tests.photos import take_photo

from .conftest import QUICK, UNIT, MakeNotebook, add_sites, answering, server_process


class _Portal(BaseHTTPRequestHandler):
    """A captive portal: a friendly page whatever is asked."""

    def answer(self) -> None:
        page = b"<html>Welcome! Please sign in.</html>"
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    do_GET = do_POST = do_PATCH = do_PUT = answer  # noqa: N815 -- the library's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def portal(tls: ssl.SSLContext | None = None) -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Portal)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    with answering(server) as port:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"


def test_a_portals_page_is_no_answer(enrolled: MakeNotebook) -> None:
    book = enrolled()
    sites = add_sites(book, 3)
    with portal() as url:
        outcome = synchronise(book, ServerAddress(url), pace=QUICK)
    assert outcome.exit_code == Exit.NO_ANSWER
    assert "登录" in outcome.problems[0].text()
    assert set(queries.marks(book, sites).values()) == {"kept"}


def certificate(folder: Path, *, days: int = 30) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(end - datetime.timedelta(days=60))
        .not_valid_after(end)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    cert, private = folder / f"tls{days}.crt", folder / f"tls{days}.key"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return cert, private


def test_a_certificate_that_nobody_vouches_for_is_refused(enrolled: MakeNotebook, tmp_path: Path) -> None:
    book = enrolled()
    add_sites(book, 1)
    cert, key = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with portal(context) as url:
        outcome = synchronise(book, ServerAddress(url), pace=QUICK)
    assert outcome.exit_code == Exit.WRONG_CERTIFICATE
    assert outcome.requests == 1
    assert "证书" in outcome.problems[0].text()


@pytest.mark.parametrize(("days", "told"), [(30, 0), (-1, 1)])
def test_over_tls_a_wrong_date_alone_is_told_and_does_not_stop_an_enrolled_device(
    enrolled: MakeNotebook, central: Central, tmp_path: Path, days: int, told: int
) -> None:
    book = enrolled()
    add_sites(book, 2)
    cert, key = certificate(tmp_path, days=days)
    with server_process(central.folder, "--cert", str(cert), "--key", str(key)) as (_, url):
        assert url.startswith("https://")
        outcome = synchronise(book, ServerAddress.parse(url, cert), pace=Pace(tries=4))
    assert outcome.ok, [problem.text() for problem in outcome.problems]
    assert len(outcome.warnings) == told
    assert outcome.unsent_entries == 0


def test_beyond_loopback_the_server_wants_a_certificate(central: Central) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "sync.server", str(central.folder), "--host", "0.0.0.0"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 2
    assert "--cert" in answer.stderr


def test_the_administrator_works_beside_a_running_server(enrolled: MakeNotebook, central: Central) -> None:
    book = enrolled()
    add_sites(book, 2)
    assert synchronise(book, pace=QUICK).ok
    for number in range(3):
        # another process: its entries take places that the running server has not seen
        script = (
            "import sys, pathlib; from sync.server import admin;"
            f"admin.add_officer(pathlib.Path(sys.argv[1]), '执法员8{number}', unit_code='{UNIT}')"
        )
        subprocess.run([sys.executable, "-c", script, str(central.folder)], check=True, timeout=60)
        add_sites(book, 2)
        outcome = synchronise(book, pace=QUICK)
        assert outcome.ok, [problem.text() for problem in outcome.problems]
    with central:
        logged = EntryRow.select().where(EntryRow.cursor.is_null(False)).count()
        assert Officer.select().where(Officer.name.startswith("执法员8")).count() == 3
        assert Site.select().count() == 8
    assert central.recheck() == logged


def test_a_full_disk_at_the_server_is_told_and_nothing_is_lost(
    enrolled: MakeNotebook, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = enrolled()
    sites = add_sites(book, 5)

    def full(*args: object, **more: object) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr("sync.server.log.run_many", full)
    outcome = synchronise(book, pace=QUICK)
    assert outcome.exit_code == Exit.SERVER_FULL
    assert set(queries.marks(book, sites).values()) == {"kept"}
    monkeypatch.undo()
    assert synchronise(book, pace=QUICK).ok
    central.recheck()


@contextmanager
def _files_at_most(size: int) -> Iterator[None]:
    """In this process a file that would grow beyond so many bytes fails as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    kept = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, kept)


@pytest.mark.parametrize("size", [2_000, 700_000])
def test_entries_still_arrive_where_files_have_no_room_left(
    enrolled: MakeNotebook, central: Central, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    book, other = enrolled("执法员01"), enrolled("执法员02")
    add_sites(other, 1)
    assert synchronise(other, pace=QUICK).ok
    sha256 = take_photo(book, os.urandom(size))
    free = room.KEPT + 1_500
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(total=100 << 30, free=free))
    outcome = synchronise(book, pace=QUICK)
    assert outcome.exit_code == Exit.SERVER_FULL
    left = queries.unsent(book)
    assert (left.entries, left.files) == (0, 1)
    with book:
        assert Site.select().where(Site.device == other.device).count() == 1
    assert not central.vault.has(sha256)
    assert list((central.folder / "spool").iterdir()) == []
    free += size
    assert synchronise(book, pace=QUICK).ok
    assert central.vault.verify(sha256) == "kept"


def test_a_full_disk_at_the_laptop_is_told_and_nothing_is_lost(
    enrolled: MakeNotebook, central: Central
) -> None:
    book, other = enrolled("执法员01"), enrolled("执法员02")
    with other.writing():
        for _ in range(60):
            other.write(put("site", new_id(), UNIT, name="示例", phone=os.urandom(4000).hex()))
    assert synchronise(other, pace=QUICK).ok
    sites = add_sites(book, 3)
    log = book.path.with_name(book.path.name + "-wal")
    most = max(book.path.stat().st_size, log.stat().st_size) + 60_000
    with server_process(central.folder) as (_, url), _files_at_most(most):
        outcome = synchronise(book, ServerAddress.parse(url), pace=QUICK)
    assert outcome.exit_code == Exit.DISK_FULL
    assert len(outcome.problems) == 1
    assert synchronise(book, pace=QUICK).ok
    assert set(queries.marks(book, sites).values()) == {"received"}
    assert problems(book) == []
