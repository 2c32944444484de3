"""Each thing that can be wrong with a package, one by one, and the sentence that says it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.documents import stored_zip
from models.documents.stored_zip import Archive, Bytes, Source, write_zip
from models.errors import BadInput
from models.store.signer import Signer
from sync.proof import layout, reading, trust
from sync.proof.checking import check
from sync.proof.reading import Folder, Held, NotOurs
from sync.server import certificates

from .made import Case
from .mutations import Members, repacked, retagged

Change = Callable[[Members, Case], Members]


def without(*names: str) -> Change:
    return lambda members, case: {name: data for name, data in members.items() if name not in names}


def put(**changed: bytes) -> Change:
    return lambda members, case: members | {name.replace("__", "."): data for name, data in changed.items()}


def certificate_of_p384(case: Case) -> bytes:
    """A certificate on another curve, otherwise like a device's."""
    key = ec.derive_private_key(7, ec.SECP384R1())
    device = x509.load_pem_x509_certificate(case.members("logged")["device.crt"])
    builder = x509.CertificateBuilder().subject_name(device.subject).issuer_name(device.issuer)
    builder = builder.public_key(key.public_key()).serial_number(5)
    builder = builder.not_valid_before(device.not_valid_before_utc)
    builder = builder.not_valid_after(device.not_valid_after_utc)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def of_another_authority(members: Members, case: Case) -> Members:
    authority = certificates.make_authority("演示生态环境局", 1_795_400_000_000)
    pem = certificates.certify(
        case.central.public_key_der,
        device="sync.example.cn/log",
        organisation="演示生态环境局",
        authority=authority,
        now_ms=1_795_400_000_000,
        log=True,
    )
    return members | {"log.crt": pem.encode()}


WRONG: dict[str, tuple[str, Change, str]] = {
    "no bagit": ("logged", put(bagit__txt=b"BagIt-Version: 0.97\n"), "bagit.txt 被改动"),
    "two keys": ("logged", put(device__pub=b"x"), "缺少 device.crt，或多出一个"),
    "no key": ("stranger", without("package.pub"), "缺少 package.crt"),
    "half a log": ("logged", without("checkpoint.sig"), "缺少 checkpoint.sig"),
    "log without key": ("logged", without("log.crt"), "缺少 log.crt"),
    "bound without key": ("waiting", without("log.crt"), "缺少 log.crt"),
    "half a stamp": ("logged", put(checkpoint__tsr=b"x"), "缺少 tsa.crt"),
    "stamp without a log": ("waiting", put(checkpoint__tsr=b"x", tsa__crt=b"x"), "缺少 checkpoint."),
    "large": ("logged", put(health__txt=b"x" * (layout.MOST_TAG_BYTES + 1)), "health.txt 大于"),
    "no certificate": ("logged", put(device__crt=b"x"), "device.crt 被改动"),
    "another curve": (
        "logged",
        lambda members, case: members | {"device.crt": certificate_of_p384(case)},
        "device.crt 被改动",
    ),
    "log's as device's": (
        "logged",
        lambda members, case: members | {"device.crt": members["log.crt"]},
        "device.crt 被改动",
    ),
    "device's as log's": (
        "logged",
        lambda members, case: members | {"log.crt": members["device.crt"]},
        "log.crt 不是服务器日志的证书",
    ),
    "no certificate of a log": ("logged", put(log__crt=b"x"), "log.crt 不是服务器日志的证书"),
    "log of another": ("logged", of_another_authority, "log.crt 不是所给根证书签发"),
    "no key in pem": ("stranger", put(device__pub=b"x"), "device.pub 被改动"),
    "no seal": ("logged", put(seal__txt=b"HTTPS://X/1/"), "seal.txt 被改动"),
    "no signature": ("logged", put(seal__sig=b"x"), "seal.txt 被改动"),
    "short hash before": ("logged", put(entry__prev=b"x"), "entry.head 被改动"),
    "no proof": ("logged", put(**{"log__tlog-proof": b"x"}), "服务器日志中没有这一签封"),
    "no note": (
        "logged",
        lambda members, case: (
            members | {"log.tlog-proof": members["log.tlog-proof"].partition(b"\n\n")[0] + b"\n\nx"}
        ),
        "服务器日志中没有这一签封",
    ),
    "another checkpoint": ("logged", put(checkpoint__txt=b"x"), "checkpoint.txt 被改动"),
    "no bound": ("logged", put(after__note=b"x"), "after.note 被改动"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_named(case: Case, what: str) -> None:
    name, change, said = WRONG[what]
    signer = case.stranger.signer if name == "stranger" else case.book.signer
    changed = retagged(change(case.members(name), case), signer)
    found = check(Held(changed), case.root)
    assert found.answer == "false"
    assert said in found.headline()
    assert found.sentences() == [found.headline()]


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (b"{}", "其哈希值不同|不是所签封的"),
        (b'{"a":1}', "不是所签封的|哈希值"),
    ],
)
def test_another_record_is_not_the_one(case: Case, record: bytes, said: str) -> None:
    changed = repacked(case.members("amendment") | {layout.RECORD: record}, case.book.signer)
    found = check(Held(changed), case.root)
    assert found.answer == "false"
    assert "核验不通过" in found.headline()


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_content_of_any_member_ends_in_anything_but_a_verdict(case: Case, data: st.DataObject) -> None:
    """Bytes of an insider, who signs for them: deep within the check, where no hash stands before."""
    members = case.members("logged")
    name = data.draw(st.sampled_from(sorted(set(members) - {layout.TAGS, layout.TAGS_SIGNED})))
    whole = members[name]
    place = data.draw(st.integers(0, len(whole)))
    changed = data.draw(
        st.one_of(
            st.binary(max_size=80),
            st.binary(max_size=8).map(lambda some: whole[:place] + some + whole[place + len(some) :]),
            st.just(whole[:place]),
        )
    )
    made = repacked(members | {name: changed}, case.book.signer)
    assert check(Held(made), case.root).answer in ("genuine", "false", "unknown")
    # manifests are made anew; what stands around a certificate in its file says nothing
    free = {"bag-info.txt", "health.txt", layout.SCRIPT, layout.HOW_TO, layout.MANIFEST, layout.MANIFEST_SM3}
    if changed != whole and name not in free and not name.endswith(".crt"):
        assert check(Held(made), case.root).answer != "genuine"


@given(st.binary(max_size=200))
def test_no_bytes_end_in_anything_but_a_refusal_of_the_zip(data: bytes) -> None:
    with pytest.raises(BadInput):
        Archive(io.BytesIO(data))


def test_a_name_that_acts_on_a_terminal_is_shown_as_what_it_is(case: Case) -> None:
    found = check(Held(case.members("logged") | {"data/\x1b[2J": b""}), case.root)
    assert "\x1b" not in found.headline()
    assert r"\x1b[2J" in found.headline()


def test_a_package_beyond_all_limits_is_not_read(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    class Huge(Held):
        def size(self, name: str) -> int:
            return 1 << 40

        def blocks(self, name: str) -> Iterator[bytes]:
            raise AssertionError("read")

    found = check(Huge(case.members("logged")), case.root)
    assert found.answer == "false"
    assert "大于任何证据包" in found.headline()


def test_a_folder_of_too_many_files_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_MEMBERS", 3)
    for count in range(4):
        (tmp_path / f"{count}").touch()
    with pytest.raises(NotOurs, match="多于 3 个"):
        Folder(tmp_path)


def test_a_zip_of_ours_has_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    class Vast(Bytes):
        @property
        def size(self) -> int:
            return 1 << 32

    class Lying(Bytes):
        @property
        def size(self) -> int:
            return 5

    small: dict[str, Source] = {f"{count}": Bytes(b"x") for count in range(4)}
    with pytest.raises(BadInput, match="4 GiB"):
        write_zip(io.BytesIO(), {"a": Vast(b"")})
    with pytest.raises(ValueError, match="0 bytes, not 5"):
        write_zip(io.BytesIO(), {"a": Lying(b"")})
    monkeypatch.setattr(stored_zip, "MOST_MEMBERS", 3)
    with pytest.raises(BadInput, match="多于 3 个"):
        write_zip(io.BytesIO(), small)


def test_content_that_does_not_fit_its_checksum_is_seen_at_its_end(case: Case) -> None:
    file = io.BytesIO()
    write_zip(file, {"a": Bytes(b"content"), "b": Bytes(b"")})
    bent = bytearray(file.getvalue())
    bent[bent.index(b"content")] ^= 1
    archive = Archive(io.BytesIO(bytes(bent)))
    with pytest.raises(BadInput, match="重新打包"):
        list(archive.blocks("a"))
    assert list(archive.blocks("b")) == []


def test_no_authority_is_no_root(case: Case) -> None:
    stranger = Signer.new()
    pem = case.central.certificate_for(stranger.public_key_der, stranger.device).encode()
    assert trust.issued_by(pem, case.root)
    assert not trust.issued_by(pem, pem)
    named = trust.holder(pem)
    assert named is not None
    assert (named.key, named.organisation, named.log) == (stranger.public_key_der, "演示生态环境局", False)
    log = trust.holder(case.members("logged")["log.crt"])
    assert log is not None
    assert log.log
    assert trust.holder(certificate_of_p384(case)) is None
