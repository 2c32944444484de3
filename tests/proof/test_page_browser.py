"""VERIFY.html in a real browser, from a file, as a court opens it. Skipped by name where no Chromium is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_pem_x509_certificate

from sync.server import certificates
from tests import chromium

from .judges import PAGE
from .made import Case

pytestmark = pytest.mark.skipif(chromium.found() is None, reason="Chromium is not installed")


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[chromium.Tab]:
    with chromium.chromium(tmp_path_factory.mktemp("browser")) as found:
        yield found


def said(tab: chromium.Tab, package: Path, root: Path) -> str:
    """What the page answers of these two files."""
    tab.go(PAGE.resolve().as_uri())
    tab.give("#package", package)
    tab.give("#root", root)
    tab.tap("#check")
    patience = time.monotonic() + 30
    while not (text := str(tab.value("document.getElementById('said').innerText"))):
        assert time.monotonic() < patience, "no answer"
        time.sleep(0.05)
    return text


def test_it_answers_and_names_the_root_that_was_chosen(tab: chromium.Tab, case: Case, tmp_path: Path) -> None:
    root = tmp_path / "root.crt"
    root.write_bytes(case.root)
    fingerprint = load_pem_x509_certificate(case.root).fingerprint(SHA256()).hex(":").upper()
    found = said(tab, case.packages["logged"], root)
    assert "核验通过" in found
    assert found.splitlines()[-1].startswith(f"所用根证书：SHA-256 {fingerprint}")


def test_another_root_is_told_and_a_damaged_file_too(tab: chromium.Tab, case: Case, tmp_path: Path) -> None:
    root, other, changed = tmp_path / "root.crt", tmp_path / "other.crt", tmp_path / "changed.zip"
    root.write_bytes(case.root)
    other.write_bytes(certificates.make_authority("演示生态环境局", 1_795_400_000_000)[1])
    assert "核验不通过" in said(tab, case.packages["logged"], other)
    data = bytearray(case.packages["logged"].read_bytes())
    data[data.index(b"qingcha", 200)] ^= 1
    changed.write_bytes(data)
    assert "已损坏" in said(tab, changed, root)


def test_what_is_no_root_is_told(tab: chromium.Tab, case: Case, tmp_path: Path) -> None:
    root = tmp_path / "root.crt"
    root.write_text("no certificate", encoding="ascii")
    assert "不是根证书" in said(tab, case.packages["logged"], root)
