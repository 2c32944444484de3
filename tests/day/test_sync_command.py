"""`qingcha sync` as a person runs it: what can go wrong has its exit code and one clear sentence."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from models.store import keys
from models.store.change import new_id, put
from models.store.clock import Clock, now_ms
from models.store.notebook import Notebook
from sync.client import enrol
from sync.embedded import embedded
from sync.outcome import Exit
from sync.queries import unsent
from sync.server import admin
from sync.server.central import Central

ROOT = Path(__file__).parents[2]
PASSPHRASE = "青山绿水-2026"
UNIT = "350602"


@pytest.fixture
def central(tmp_path) -> Iterator[Central]:
    admin.init(tmp_path / "server", organisation="演示局", host="localhost")
    seat = Central.open(tmp_path / "server")
    admin.add_officer(seat, "执法员01", certificate="FJ350602001", unit_code=UNIT)
    yield seat
    seat.close()


@pytest.fixture
def home(tmp_path, central) -> Path:
    """A home with one notebook, enrolled, with entries to send."""
    folder = tmp_path / "home/notebooks/book"
    notebook = Notebook.create(folder, PASSPHRASE, person=new_id(), unit=UNIT, cost=keys.FAST)
    with embedded(central) as running:
        from sync.address import ServerAddress

        enrol(notebook, ServerAddress(running.url), admin.code(central, "执法员01").code)
    for number in range(5):
        notebook.write(put("site", new_id(), UNIT, name=f"示例企业{number:02d}", unit_code=UNIT))
    notebook.close()
    return tmp_path / "home"


def command(
    home: Path, *words: str, before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "QINGCHA_HOME": str(home),
        "QINGCHA_PASSPHRASE": PASSPHRASE,
        "QINGCHA_NO_KEYRING": "1",
        "QINGCHA_LANG": "zh",
        "PYTHONUTF8": "1",
    }
    return subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *words],
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        preexec_fn=before,
    )


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    """What was said on standard error: one line, and no traceback."""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]


def kept(home: Path) -> int:
    """How many entries the notebook still has to send."""
    notebook = Notebook.open(home / "notebooks/book", PASSPHRASE)
    with contextlib.closing(notebook):
        return unsent(notebook).entries


def test_all_is_sent_and_the_receipts_are_counted(home, central):
    before = kept(home)
    with embedded(central) as running:
        done = command(home, "sync", "--json", "--server", running.url)
    assert done.returncode == Exit.DONE, done.stderr
    assert json.loads(done.stdout)["entries_sent"] == before
    assert kept(home) == 0


@pytest.mark.requirement("R084")
def test_the_server_is_down(home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    before = kept(home)
    done = command(home, "sync", "--server", f"http://127.0.0.1:{port}")
    assert done.returncode == Exit.NO_ANSWER
    assert "服务器" in one_sentence(done)
    assert kept(home) == before


def certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """A self-signed TLS certificate that nobody trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    today = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    crt, pem = folder / "tls.crt", folder / "tls.key"
    crt.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return crt, pem


@contextlib.contextmanager
def serving(folder: Path, *words: str) -> Iterator[str]:
    """A real `qingcha serve` process; gives its address."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "main.py"), "serve", str(folder), "--port", "0", *words],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["listening"]
    finally:
        process.terminate()
        process.wait(timeout=30)
        process.stdout.close()


def test_the_certificate_is_wrong_and_with_its_authority_it_is_right(home, central, tmp_path):
    crt, pem = certificate(tmp_path, "localhost")
    before = kept(home)
    with serving(tmp_path / "server", "--cert", str(crt), "--key", str(pem)) as url:
        address = url.replace("127.0.0.1", "localhost")
        done = command(home, "sync", "--server", address)
        assert done.returncode == Exit.WRONG_CERTIFICATE, done.stderr
        assert "证书" in one_sentence(done)
        assert "--ca" in done.stderr
        assert kept(home) == before
        done = command(home, "sync", "--server", url, "--ca", str(crt))
        assert done.returncode == Exit.WRONG_CERTIFICATE, done.stderr
        assert f"{url} 处应答者的证书属于另一个域名" in one_sentence(done)
        assert kept(home) == before
        done = command(home, "sync", "--server", address, "--ca", str(crt))
        assert done.returncode == Exit.DONE, done.stderr
    assert kept(home) == 0


def test_the_text_of_a_code_enrols_with_the_authority_given(home, central, tmp_path):
    crt, pem = certificate(tmp_path, "localhost")
    with serving(tmp_path / "server", "--cert", str(crt), "--key", str(pem)) as url:
        port = url.rpartition(":")[2]
        text = admin.code(central, "执法员01").qr.replace("LOCALHOST", f"LOCALHOST:{port}")
        assert command(home, "enrol", text).returncode == Exit.WRONG_CERTIFICATE
        done = command(home, "enrol", text, "--ca", str(crt))
        assert done.returncode == Exit.DONE, done.stderr


def test_the_laptops_disk_is_full(home, central):
    before = kept(home)
    room = 64 * 1024  # in any one file: what must be written down before anything is sent does not fit

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    with embedded(central) as running:
        for _ in range(40):
            notebook = Notebook.open(home / "notebooks/book", PASSPHRASE)
            notebook.write(put("site", new_id(), UNIT, name="示例企业" * 10, address="路" * 9000))
            notebook.close()
        done = command(home, "sync", "--server", running.url, before=full)
        assert done.returncode in (Exit.DISK_FULL, 2), (done.returncode, done.stderr)
        assert "磁盘" in one_sentence(done)
        assert kept(home) >= before
        done = command(home, "sync", "--server", running.url)
        assert done.returncode == Exit.DONE, done.stderr
    assert kept(home) == 0


@pytest.mark.parametrize("days", [-365, 365])
def test_the_clocks_are_a_year_apart(home, tmp_path, central, days):
    central.close()
    clock = Clock(wall_ms=lambda: now_ms() + days * 86_400_000)
    with (
        contextlib.closing(Central.open(tmp_path / "server", clock=clock)) as shifted,
        embedded(shifted) as running,
    ):
        done = command(home, "sync", "--server", running.url)
    assert done.returncode == Exit.DONE, done.stderr
    assert "时钟" in one_sentence(done)
    assert kept(home) == 0


def test_the_device_was_revoked(home, central):
    notebook = Notebook.open(home / "notebooks/book", PASSPHRASE)
    admin.revoke(central, notebook.device)
    notebook.close()
    with embedded(central) as running:
        done = command(home, "sync", "--server", running.url)
    assert done.returncode == Exit.REVOKED, done.stderr
    assert "吊销" in done.stderr
    assert "Traceback" not in done.stderr


def test_something_else_answers_at_the_address(home):
    listener = socket.create_server(("127.0.0.1", 0))

    def portal() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connection.recv(65536)
                page = b"<html>please sign in</html>"
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(page), page))
                connection.close()

    thread = threading.Thread(target=portal, daemon=True)
    thread.start()
    before = kept(home)
    done = command(home, "sync", "--server", f"http://127.0.0.1:{listener.getsockname()[1]}")
    listener.close()
    assert done.returncode == Exit.NO_ANSWER
    one_sentence(done)
    assert kept(home) == before


def test_without_a_notebook_it_says_how_to_begin(tmp_path):
    shutil.rmtree(tmp_path / "empty", ignore_errors=True)
    (tmp_path / "empty").mkdir()
    done = command(tmp_path / "empty", "sync")
    assert done.returncode == 2
    assert "qingcha" in one_sentence(done)


def test_a_wrong_passphrase_says_how_long_to_wait(home):
    environment = dict(
        os.environ, QINGCHA_HOME=str(home), QINGCHA_PASSPHRASE="不对的口令啊", QINGCHA_NO_KEYRING="1"
    )
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "--lang", "en", "sync"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "Wait 1 s" in done.stderr
