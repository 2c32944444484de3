"""Profile 2, SM3 with SM2: seals that `openssl` made are checked; nothing else passes for one."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from models.documents.verify import key_in_file, verify_record, verify_text
from models.errors import BadInput
from models.inspections import canonical
from models.store import sealing
from models.store.profiles import PROFILES, SM2_B, SM2_ORDER, SM2_PRIME, SM2_SPKI, is_sm2

GUIDE = Path(__file__).parents[3] / "docs/verify.md"
NUMBER = "350602-20261123-7K2QX-01"


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A folder with an SM2 key pair made by openssl, and the public key in DER."""
    folder = tmp_path_factory.mktemp("sm2")
    run(folder, "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:SM2 -out key.pem")
    run(folder, "openssl pkey -in key.pem -pubout -out key.pub")
    run(folder, "openssl pkey -in key.pem -pubout -outform DER -out key.der")
    return folder, (folder / "key.der").read_bytes()


def run(folder: Path, command: str) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run(command.split(), cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


def sealed(folder: Path, spki: bytes, record: bytes) -> str:
    """The QR text of a record, sealed under profile 2 by openssl."""
    digest = hashlib.new("sm3", record).hexdigest()
    line = sealing.seal_line("e.example.cn", NUMBER, "", 1_795_400_100_000, 42, 0, digest, "A" * 13)
    parts = line.split("/")
    parts[3], parts[10] = "2", sealing.key_id(spki)
    line = "/".join(parts)
    (folder / "line").write_text(line)
    signing = "openssl pkeyutl -sign -inkey key.pem -in line -rawin -digest sm3 -out sig"
    run(folder, f"{signing} -pkeyopt distid:1234567812345678")
    return sealing.qr_text(line, (folder / "sig").read_bytes())


@pytest.fixture(scope="module")
def seal(key: tuple[Path, bytes]) -> tuple[str, bytes, dict[str, bytes]]:
    """A QR text, the record that it seals, and the keys that are known."""
    folder, spki = key
    record = canonical.encode({"number": NUMBER, "seq": 42, "evidence": []})
    return sealed(folder, spki, record), record, dict([key_in_file(folder / "key.pub")])


pytestmark = pytest.mark.openssl


def test_a_seal_by_openssl_is_genuine_and_says_by_which_profile(
    seal: tuple[str, bytes, dict[str, bytes]],
) -> None:
    text, record, keys = seal
    found = verify_record(record, text, keys)
    assert found.genuine
    fields = dict(found.fields())
    assert fields["核验所用签名方案"] == "2: SM3, SM2"
    assert fields["笔录哈希值（SM3）"] == hashlib.new("sm3", record).hexdigest()
    assert verify_record(record + b" ", text, keys).answer == "false"
    assert len(text) <= sealing.QR_BUDGET


def test_the_printed_command_checks_it(
    key: tuple[Path, bytes], seal: tuple[str, bytes, dict[str, bytes]], tmp_path: Path
) -> None:
    printed = GUIDE.read_text(encoding="utf-8")
    blocks = dict(re.findall(r"^```sh (\S+)\n(.*?)^```$", printed, re.MULTILINE | re.DOTALL))
    (tmp_path / "qr.txt").write_text(seal[0] + "\n")
    shutil.copy(key[0] / "key.pub", tmp_path / "device.pub")
    script = "".join(blocks["certificate"].splitlines(keepends=True)[:2]) + blocks["profile-2"]
    for text, good in ((seal[0], True), (seal[0].replace("/42/", "/43/"), False)):
        (tmp_path / "qr.txt").write_text(text + "\n")
        done = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode == 0) is good, done.stderr
        assert ("Signature Verified Successfully" in done.stdout) is good


def test_no_changed_sign_is_genuine(seal: tuple[str, bytes, dict[str, bytes]]) -> None:
    text, _, keys = seal
    for place in range(0, len(text), 7):
        changed = text[:place] + ("B" if text[place] == "A" else "A") + text[place + 1 :]
        assert not verify_text(changed, keys).genuine


def test_neither_profile_passes_for_the_other(seal: tuple[str, bytes, dict[str, bytes]]) -> None:
    text, _, keys = seal
    assert verify_text(text.replace("/2/", "/1/", 1), keys).answer == "false"
    for number in ("3", "9", "X", ""):
        assert verify_text(text.replace("/2/", f"/{number}/", 1), keys).answer == "unknown"


def test_a_key_in_der_and_in_pem_is_the_same_and_another_is_none(
    key: tuple[Path, bytes], tmp_path: Path
) -> None:
    folder, spki = key
    assert key_in_file(folder / "key.pub") == key_in_file(folder / "key.der") == (sealing.key_id(spki), spki)
    assert is_sm2(spki)
    assert sealing.key_id(spki) == sealing.base32(hashlib.new("sm3", spki).digest()[:8])
    (tmp_path / "bad.pub").write_bytes(spki[:-1])
    (tmp_path / "worse.pub").write_text("-----BEGIN PUBLIC KEY-----\nMFk=\n-----END PUBLIC KEY-----\n")
    for name in ("bad.pub", "worse.pub"):
        with pytest.raises(BadInput):
            key_in_file(tmp_path / name)


def test_a_point_off_the_curve_and_numbers_out_of_range_sign_nothing(
    seal: tuple[str, bytes, dict[str, bytes]],
) -> None:
    text, _, keys = seal
    read = sealing.parse(text)
    ((_, spki),) = keys.items()
    verify = PROFILES["2"].verify
    assert verify(spki, read.signature, read.line.encode())
    assert not verify(SM2_SPKI + b"\4" + bytes(63) + b"\1", read.signature, read.line.encode())
    assert not verify(b"no key", read.signature, read.line.encode())
    x, y = int.from_bytes(spki[-64:-32], "big"), int.from_bytes(spki[-32:], "big")
    for point in ((x, y + 1), (x, 0), (0, 0), (x + SM2_PRIME, y)):
        numbers = b"".join((each % 2**256).to_bytes(32, "big") for each in point)
        assert not is_sm2(SM2_SPKI + b"\4" + numbers), point
    assert is_sm2(SM2_SPKI + b"\4" + x.to_bytes(32, "big") + (SM2_PRIME - y).to_bytes(32, "big"))
    root = pow(SM2_B, (SM2_PRIME + 1) // 4, SM2_PRIME).to_bytes(32, "big")
    assert is_sm2(SM2_SPKI + b"\4" + bytes(32) + root)
    assert not is_sm2(SM2_SPKI + b"\4" + SM2_PRIME.to_bytes(32, "big") + root), "a second text of x = 0"
    for other in (SM2_SPKI + b"\2" + spki[-64:], spki + b"\0", spki[:-1], b"\0" + spki[1:]):
        assert not is_sm2(other)
    r, s = decode_dss_signature(read.signature)
    for numbers in ((r, SM2_ORDER), (0, s), (r, s + SM2_ORDER)):
        with pytest.raises(ValueError, match="strict"):
            sealing.qr_text(read.line, encode_dss_signature(*numbers))
