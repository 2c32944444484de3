"""The members of a package wherever they lie, and whom a certificate names."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from models.documents.stored_zip import BLOCK, Archive, Bytes, write_zip
from models.errors import BadInput, reason_of
from models.store.signer import Signer
from sync.proof import reading, trust
from sync.proof.reading import Folder, Held, NotOurs, is_package, opened
from sync.proof.trust import Holder, fingerprint, holder, is_root, issued_by

from .made import Case

# -- members -------------------------------------------------------------------------------------------------


def test_a_folder_has_the_names_that_its_package_had(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for name, data in (("b", b"12"), ("a", b""), ("data/x", b"345")):
        (tmp_path / name).write_bytes(data)
    folder = Folder(tmp_path)
    assert folder.names() == ["a", "b", "data/x"]
    assert [folder.size(name) for name in folder.names()] == [0, 2, 3]
    assert [list(folder.blocks(name)) for name in folder.names()] == [[], [b"12"], [b"345"]]
    with opened(tmp_path) as files:
        assert isinstance(files, Folder)
        assert files.names() == folder.names()


def test_a_large_file_comes_in_blocks_and_is_as_long_as_it_was(tmp_path: Path) -> None:
    data = os.urandom(BLOCK * 2 + 3)
    (tmp_path / "a").write_bytes(data)
    folder = Folder(tmp_path)
    blocks = list(folder.blocks("a"))
    assert list(map(len, blocks)) == [BLOCK, BLOCK, 3]
    assert b"".join(blocks) == data
    (tmp_path / "a").write_bytes(data + bytes(BLOCK))
    assert b"".join(folder.blocks("a")) == data


def test_what_no_package_of_ours_has_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    link, file = tmp_path / "data" / "link", tmp_path / "file"
    file.touch()
    for make in (
        lambda: link.symlink_to(tmp_path),
        lambda: link.symlink_to(file),
        lambda: link.symlink_to("none"),
        lambda: os.mkfifo(link),
    ):
        make()
        with pytest.raises(NotOurs) as refused:
            Folder(tmp_path)
        assert refused.value.msgid.startswith("This folder holds links or special files ({name}).")
        assert refused.value.params == {"name": "data/link"}
        link.unlink()
    (tmp_path / "data" / "deep").mkdir()
    with pytest.raises(NotOurs) as refused:
        Folder(tmp_path)
    assert refused.value.msgid == "This folder is no evidence package: it has folders within folders."


def test_how_many_files_a_folder_may_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_MEMBERS", 3)
    for count in range(3):
        (tmp_path / f"{count}").touch()
    assert len(Folder(tmp_path).names()) == 3
    (tmp_path / "3").touch()
    with pytest.raises(NotOurs) as refused:
        Folder(tmp_path)
    assert refused.value.msgid == "This folder holds more than {most} files."
    assert refused.value.params == {"most": 3}


def unreadable(call: Any) -> dict[str, Any]:
    with pytest.raises(BadInput) as refused:
        call()
    assert refused.value.msgid == "{name} cannot be read: {reason}."
    assert refused.value.__cause__ is not None
    return {name: str(value) for name, value in refused.value.params.items()}


def test_what_cannot_be_read_is_named_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = {"name": "gone", "reason": str(reason_of(FileNotFoundError(errno.ENOENT, "")))}
    assert unreadable(lambda: Folder(tmp_path / "gone")) == gone
    assert unreadable(lambda: opened(tmp_path / "gone").__enter__()) == gone
    (tmp_path / "gone").touch()
    folder = Folder(tmp_path)
    (tmp_path / "gone").unlink()
    assert unreadable(lambda: list(folder.blocks("gone"))) == gone

    def fails(path: Path) -> Iterator[Any]:
        raise OSError("the disk is gone")

    monkeypatch.setattr(os, "scandir", fails)
    assert unreadable(lambda: Folder(tmp_path)) == {"name": tmp_path.name, "reason": "the disk is gone"}


def test_a_package_in_memory_and_one_as_zip(tmp_path: Path) -> None:
    held = Held({"b": b"12", "a": b""})
    assert held.names() == ["a", "b"]
    assert [held.size(name) for name in held.names()] == [0, 2]
    assert [list(held.blocks(name)) for name in held.names()] == [[b""], [b"12"]]
    path = tmp_path / "x.zip"
    with path.open("w+b") as file:
        write_zip(file, {"a": Bytes(b"1"), "b": Bytes(b"23")})
    with opened(path) as files:
        assert isinstance(files, Archive)
        assert [b"".join(files.blocks(name)) for name in files.names()] == [b"1", b"23"]


@pytest.mark.parametrize(
    ("data", "answer"), [(b"PK", True), (b"PK\x03\x04", True), (b"P", False), (b"", False), (b"xPK", False)]
)
def test_a_package_is_known_by_its_first_bytes(tmp_path: Path, data: bytes, answer: bool) -> None:
    (tmp_path / "x").write_bytes(data)
    assert is_package(tmp_path / "x") is answer
    assert is_package(tmp_path) is True
    assert is_package(tmp_path / "none") is False


# -- certificates --------------------------------------------------------------------------------------------


def certificate(
    key: Any,
    *,
    names: tuple[tuple[x509.ObjectIdentifier, str], ...] = (),
    usages: tuple[x509.ObjectIdentifier, ...] = (),
    ca: bool | None = None,
    issuer: tuple[Any, x509.Name] | None = None,
) -> bytes:
    """A certificate of that key, signed by itself or by an issuer."""
    subject = x509.Name([x509.NameAttribute(*each) for each in names])
    by, name = issuer if issuer is not None else (key, subject)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(name).serial_number(5)
    builder = builder.public_key(key.public_key()).not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
    builder = builder.not_valid_after(datetime(2021, 1, 1, tzinfo=UTC))  # long ago: dates are not asked
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    if ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    return builder.sign(by, hashes.SHA256()).public_bytes(Encoding.PEM)


P256 = ec.derive_private_key(7, ec.SECP256R1())
DER = P256.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
ORGANISATION = (NameOID.ORGANIZATION_NAME, "演示生态环境局")


def test_whom_a_certificate_names() -> None:
    plain = Holder(DER, "演示生态环境局", False)
    assert holder(certificate(P256, names=(ORGANISATION,))) == plain
    two = (ORGANISATION, (NameOID.ORGANIZATION_NAME, "另一局"))
    assert holder(certificate(P256, names=two)) == plain
    assert holder(certificate(P256)) == Holder(DER, "", False)
    assert holder(certificate(P256, names=((NameOID.COMMON_NAME, "设备"),))) == Holder(DER, "", False)
    other = ExtendedKeyUsageOID.CLIENT_AUTH
    assert holder(certificate(P256, names=(ORGANISATION,), usages=(other,))) == plain
    for usages in ((trust.LOG_USAGE,), (other, trust.LOG_USAGE)):
        assert holder(certificate(P256, usages=usages)) == Holder(DER, "", True)


def test_a_certificate_of_no_key_of_ours_names_nobody() -> None:
    for key in (
        ec.derive_private_key(7, ec.SECP384R1()),
        ec.derive_private_key(7, ec.SECP256K1()),
        rsa.generate_private_key(65537, 2048),
    ):
        assert holder(certificate(key, names=(ORGANISATION,))) is None
    assert holder(b"") is None
    assert holder(certificate(P256)[:-60]) is None


def test_a_root_issues_and_is_an_authority() -> None:
    issuer = x509.Name([x509.NameAttribute(*ORGANISATION)])
    root_key, other_key = (ec.derive_private_key(each, ec.SECP256R1()) for each in (11, 13))
    root = certificate(root_key, names=(ORGANISATION,), ca=True)
    leaf = certificate(P256, issuer=(root_key, issuer))
    assert issued_by(leaf, root) is True
    assert is_root(root) is True
    assert is_root(leaf) is False
    for no_root in (
        certificate(root_key, names=(ORGANISATION,), ca=False),
        certificate(root_key, names=(ORGANISATION,)),
        certificate(other_key, names=(ORGANISATION,), ca=True),
        certificate(root_key, names=((NameOID.ORGANIZATION_NAME, "另一局"),), ca=True),
        b"",
    ):
        assert issued_by(leaf, no_root) is False
        assert issued_by(b"", no_root) is False
    assert is_root(certificate(root_key, names=(ORGANISATION,), ca=False)) is False
    assert issued_by(b"", root) is False


def test_a_fingerprint_is_that_of_openssl(case: Case) -> None:
    der = x509.load_pem_x509_certificate(case.root).public_bytes(Encoding.DER)
    assert fingerprint(case.root) == hashlib.sha256(der).hexdigest()
    with pytest.raises(ValueError, match="PEM"):
        fingerprint(b"x")


def test_the_server_s_own_certificates_are_such(case: Case) -> None:
    signer = Signer.new()
    device = case.central.certificate_for(signer.public_key_der, signer.device).encode()
    assert holder(device) == Holder(signer.public_key_der, "演示生态环境局", False)
    log = holder(case.members("logged")["log.crt"])
    assert log == Holder(case.central.public_key_der, "演示生态环境局", True)
    assert issued_by(device, case.root)
    assert not issued_by(case.root, device)
