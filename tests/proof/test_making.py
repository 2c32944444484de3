"""What goes into a package, member by member, and what refuses to make one, word for word."""

from __future__ import annotations

import os
import platform
import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from models.documents.stored_zip import BLOCK, Archive, Bytes
from models.errors import BadInput, QingchaError
from models.inspections import canonical
from models.inspections.queries import by_number
from models.registry.sealing import Sealed, seal_of
from models.store import health
from models.store.digests import digests_of
from models.store.journal import EntryRow
from models.store.notebook import Notebook
from models.store.sealing import key_id
from models.store.seat import Seat
from models.store.signer import Signer
from models.version import VERSION
from sync import queries
from sync.ledger import Ledger
from sync.proof import layout, making
from sync.proof.making import Packed, package
from sync.proof.trust import holder
from sync.tables import FormerChain, TreeHead

from .conftest import Stamped
from .made import Case

pytestmark = pytest.mark.usefixtures("in_china")

Own = tuple[Notebook, str, list[str]]

EACH = {
    *("bagit.txt", "bag-info.txt", "manifest-sha256.txt", "manifest-sm3.txt", "seal.txt", "seal.sig"),
    *("entry.prev", "entry.head", "entry.body", "health.txt", "VERIFY.sh", "VERIFY.txt"),
    *("tagmanifest-sha256.txt", "tagmanifest-sha256.sig", "data/record.json"),
}
LOGGED = {"log.tlog-proof", "checkpoint.txt", "checkpoint.sig", "log.crt", "after.note"}
CERTIFIED = {"device.crt", "package.crt"}


def members_of(path: Path) -> dict[str, bytes]:
    with path.open("rb") as file:
        archive = Archive(file)
        return {name: b"".join(archive.blocks(name)) for name in archive.names()}


def sealed_in(book: Seat, number: str) -> Sealed:
    found = seal_of(book, by_number(book, number))
    assert found is not None
    return found


def entry_of(book: Seat, found: Sealed) -> Any:
    with book:
        return next(each for each in book.journal.entries_of(found.record) if each.hash.hex() == found.entry)


def refusal(make: Callable[[], object], kind: type[QingchaError]) -> tuple[str, dict[str, Any]]:
    """The first words of the sentence, in English, and its parameters."""
    with pytest.raises(kind) as refused:
        make()
    return refused.value.msgid, refused.value.params


# -- what lies in it -----------------------------------------------------------------------------------------


def test_what_each_package_says_of_itself_and_holds(case: Case, tmp_path: Path) -> None:
    book, target = case.book, tmp_path / "x.zip"
    photographs = {"data/e000.jpg", "data/e001.jpg"}
    logged = package(book, case.sealed.number, target)
    assert logged == Packed(target, case.sealed.number, 2, True, True)
    assert set(members_of(target)) == EACH | LOGGED | CERTIFIED | photographs
    for name, asked, files, more in (
        ("amendment", f"{case.sealed.number}-B1", 0, LOGGED),
        ("waiting", case.records["waiting"], 1, {"log.crt", "after.note"}),
    ):
        packed = package(book, asked, target)
        members = members_of(target)
        number = members["seal.txt"].decode().split("/")[4]
        assert packed == Packed(target, number, files, True, name == "amendment")
        assert set(members) == EACH | CERTIFIED | more | {f"data/e00{each}.jpg" for each in range(files)}
    foreign = case.records["stranger"]
    assert package(case.stranger, foreign, target) == Packed(target, foreign, 1, False, False)
    assert set(members_of(target)) == EACH | {"device.pub", "package.pub", "data/e000.jpg"}


def test_each_member_is_what_it_is_named(case: Case, tmp_path: Path) -> None:
    package(case.book, case.sealed.number, tmp_path / "x.zip")
    members = members_of(tmp_path / "x.zip")
    entry = entry_of(case.book, case.sealed)
    with case.book.vault.open(case.sealed.sha256) as stream:
        record = bytes(stream.read())
    payload = {name: digests_of(data) for name, data in members.items() if name.startswith("data/")}
    receipt = queries.seal_receipt(case.book, case.sealed.entry)
    assert receipt is not None
    assert members["data/record.json"] == record
    assert (members["entry.prev"], members["entry.head"], members["entry.body"]) == (
        entry.prev, entry.head, entry.body,
    )  # fmt: skip
    assert members["seal.txt"] == case.sealed.line.encode()
    assert members["seal.sig"] == case.sealed.signature
    assert members["bagit.txt"] == b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    for name, kind in (("manifest-sha256.txt", "sha256"), ("manifest-sm3.txt", "sm3")):
        told = "".join(f"{getattr(one, kind)}  {each}\n" for each, one in sorted(payload.items()))
        assert members[name].decode() == told
    tags = sorted(set(members) - set(payload) - {layout.TAGS, layout.TAGS_SIGNED})
    assert members[layout.TAGS].decode() == "".join(
        f"{digests_of(members[each]).sha256}  {each}\n" for each in tags
    )
    for name in ("VERIFY.sh", "VERIFY.txt"):
        assert members[name] == (Path(layout.__file__).parent / name).read_bytes() == layout.text(name)
    own = (case.book.meta("device_certificate") or "").encode()
    assert members["device.crt"] == members["package.crt"] == own
    named = holder(own)
    assert named is not None
    assert named.key == case.book.public_key_der
    assert members["log.crt"].decode() == Ledger(case.book).log_certificate()
    assert members["log.tlog-proof"] == receipt.as_tlog_proof().encode()
    body, _, signatures = receipt.note.partition("\n\n")
    assert members["checkpoint.txt"].decode() == body + "\n"
    assert members["checkpoint.sig"] != b""
    assert signatures
    assert digests_of(members["after.note"]).sha256 == canonical.decode(record)["after"]


def test_the_bag_says_what_it_is(case: Case, tmp_path: Path) -> None:
    for name, source in (("logged", "Source-Organization: 演示生态环境局\n"), ("stranger", "")):
        seat = case.stranger if name == "stranger" else case.book
        package(seat, case.records[name], tmp_path / "x.zip")
        members = members_of(tmp_path / "x.zip")
        number = members["seal.txt"].decode().split("/")[4]
        payload = [data for each, data in members.items() if each.startswith("data/")]
        day = f"{number[7:11]}-{number[11:13]}-{number[13:15]}"
        assert members["bag-info.txt"].decode() == (
            f"{source}External-Identifier: {number}\nBagging-Date: {day}\n"
            f"Bag-Software-Agent: qingcha {VERSION}\nPayload-Oxum: {sum(map(len, payload))}.{len(payload)}\n"
        )


@pytest.mark.parametrize(
    ("sealed_at", "day"),
    [
        (1_795_795_199_999, "2026-11-27"),  # 23:59:59.999 in China
        (1_795_795_200_000, "2026-11-28"),
        (1_795_823_999_000, "2026-11-28"),
    ],
)
def test_the_day_of_a_bag_is_china_s(case: Case, sealed_at: int, day: str) -> None:
    found = replace(case.sealed, sealed_at=sealed_at)
    said = making._bag_info(case.book, found, {"a": Bytes(b"12"), "b": Bytes(b"345")}).decode()
    assert f"\nBagging-Date: {day}\n" in said
    assert said.endswith("\nPayload-Oxum: 5.2\n")


def test_a_name_of_two_lines_stands_in_one(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 8493 section 2.2.2: a line that begins with a blank would continue the one before."""
    monkeypatch.setattr(Ledger, "server", lambda ledger: SimpleNamespace(organisation=" 示例\n  局 "))
    said = making._bag_info(case.book, case.sealed, {}).decode()
    assert said.startswith("Source-Organization: 示例 局\nExternal-Identifier: ")


VERSIONS = "; ".join(
    [
        f"qingcha {VERSION}",
        f"Python {platform.python_version()}",
        f"SQLite {sqlcipher.sqlite_version}",
        ssl.OPENSSL_VERSION,
        f"{platform.system()} {platform.release()} {platform.machine()}",
    ]
)


def test_the_log_of_health_is_told_line_by_line(
    case: Case, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    last = entry_of(case.book, case.sealed).parsed_head.q

    def told(database: str) -> None:
        package(case.book, case.sealed.number, tmp_path / "x.zip")
        members = members_of(tmp_path / "x.zip")
        lines = [
            "制作本包时所作检查 / Checks made when this package was written",
            "",
            f"笔录 / record {case.sealed.number}: SHA-256 {case.sealed.sha256} 一致 / agrees",
            *(
                f"证据 / evidence {name}: {kept.size} bytes, SHA-256 {kept.sha256}, "
                f"SM3 {kept.sm3} 一致 / agree"
                for name in ("e000.jpg", "e001.jpg")
                if (kept := digests_of(members[f"data/{name}"]))
            ),
            f"数据库 / database: {database}",
            f"日志链 / journal of the device {case.book.device}: 第 1 至 {last} 条完整 / 1 to {last} whole",
            "",
            VERSIONS,
        ]
        assert members["health.txt"].decode() == "\n".join(lines) + "\n"

    told("完好 / whole")
    monkeypatch.setattr(health, "file_problems", lambda seat: ["page 5", "page 7"])
    told("page 5; page 7")


def test_a_chain_that_is_not_here_is_not_called_whole(case: Case) -> None:
    foreign = sealed_in(case.stranger, case.records["stranger"])
    entry = entry_of(case.stranger, foreign)
    assert making._chain_breaks(case.book, entry) == "未在本机 / not on this laptop"
    assert making._chain_breaks(case.stranger, entry).startswith("第 1 至 ")


def test_a_chain_whose_entries_came_in_another_order_is_whole(own: Own) -> None:
    """As after a restore from the server."""
    book, number, _ = own
    entry = entry_of(book, sealed_in(book, number))
    whole = making._chain_breaks(book, entry)
    assert whole.startswith("第 1 至 ")
    with book.writing():
        rows = list(EntryRow.select().order_by(EntryRow.seq).dicts())
        EntryRow.delete().where(EntryRow.seq == 2).execute()
        EntryRow.insert(rows[1] | {"n": len(rows) + 7}).execute()
    assert making._chain_breaks(book, entry) == whole


def test_evidence_of_any_size_is_read_in_blocks(own: Own, tmp_path: Path) -> None:
    book, _, _ = own
    data = os.urandom(BLOCK * 2 + 5)
    kept = book.vault.put_bytes(data)
    pieces = list(making._FromVault(book.vault, kept.sha256, kept.size).blocks())
    assert b"".join(pieces) == data
    assert max(map(len, pieces)) <= BLOCK
    assert len(pieces) >= 3


def test_a_target_at_home_is_written_there(own: Own, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book, number, _ = own
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    assert package(book, number, Path("~/x.zip")) == Packed(home / "x.zip", number, 2, False, False)
    assert (home / "x.zip").is_file()


# -- keys ----------------------------------------------------------------------------------------------------


def test_the_key_of_who_sealed_has_its_certificate_also_of_a_chain_that_was_left(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, former, nobody = case.book, Signer.new(), Signer.new()
    own = (book.meta("device_certificate") or "").encode()
    left = case.central.certificate_for(former.public_key_der, former.device)
    known = {key_id(each.public_key_der): each.public_key_der for each in (former, nobody)}
    monkeypatch.setattr(making, "keys_of", lambda seat: known)
    assert making._former(book) == []
    with book.writing():
        row = FormerChain.create(device=former.device, common=1, ended_at=1, certificate=left, evidence="[]")
    try:
        assert making._former(book) == [left.encode()]
        sealed = {
            each.device: replace(case.sealed, line=f"{case.sealed.line[:-13]}{key_id(each.public_key_der)}")
            for each in (former, nobody)
        }
        assert making._keys(book, sealed[former.device]) == {"device.crt": left.encode(), "package.crt": own}
        found = making._keys(book, sealed[nobody.device])
        assert set(found) == {"device.pub", "package.crt"}
        assert found["device.pub"] == public_pem(nobody.public_key_der)
    finally:
        with book.writing():
            row.delete_instance()
    strange = replace(case.sealed, line=f"{case.sealed.line[:-13]}{'A' * 13}")
    msgid, params = refusal(lambda: making._keys(book, strange), BadInput)
    assert msgid.startswith("The key {key} that sealed {number} is not known here.")
    assert params == {"key": "A" * 13, "number": case.sealed.number}


def public_pem(der: bytes) -> bytes:
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_der_public_key(der)
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def test_a_certificate_is_taken_by_its_key_alone(case: Case) -> None:
    one, two = Signer.new(), Signer.new()
    of_one, of_two = (
        case.central.certificate_for(each.public_key_der, each.device).encode() for each in (one, two)
    )
    for certificates in ([of_one, of_two], [of_two, of_one], [b"", b"x", of_two]):
        assert making._key_file("device", two.public_key_der, certificates) == {"device.crt": of_two}
    assert making._key_file("package", two.public_key_der, [of_one]) == {
        "package.pub": public_pem(two.public_key_der)
    }


# -- the server's word ---------------------------------------------------------------------------------------


@pytest.mark.openssl
def test_a_stamp_goes_along_with_the_proof_that_it_is_of(
    case: Case, stamped: Stamped, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = case.book
    entry = entry_of(book, case.sealed)
    after = canonical.decode(case.members("logged")[layout.RECORD])["after"]
    receipt = queries.seal_receipt(book, case.sealed.entry)
    assert receipt is not None
    asked: list[tuple[str, str]] = []

    def stamp(answer: bytes) -> None:
        def given(seat: Seat, entry: str) -> object:
            asked.append((seat.device, entry))
            return receipt, answer

        monkeypatch.setattr(queries, "seal_stamp", given)

    plain = making._servers_word(book, entry, after)
    assert set(plain) == LOGGED
    monkeypatch.setattr(queries, "seal_receipt", lambda seat, entry: None)  # the stamped one is another
    stamp(stamped.members[layout.STAMP])
    found = making._servers_word(book, entry, after)
    assert found == plain | {name: stamped.members[name] for name in ("checkpoint.tsr", "tsa.crt")}
    assert asked == [(book.device, case.sealed.entry)]
    stamp(stamped.elsewhere)
    assert making._servers_word(book, entry, after) == {}
    stamp(b"x")
    assert making._servers_word(book, entry, after) == {}


def test_what_the_server_said_is_carried_as_far_as_it_is_its_own(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = case.book
    entry = entry_of(book, case.sealed)
    after = canonical.decode(case.members("logged")[layout.RECORD])["after"]
    proof = LOGGED - {"after.note"}
    assert set(making._servers_word(book, entry, after)) == LOGGED
    note = making._kept_head(book, after) or making.named_checkpoint(book, after)
    assert note is not None
    for kept, other in (("named_checkpoint", "_kept_head"), ("_kept_head", "named_checkpoint")):
        with monkeypatch.context() as patch:
            patch.setattr(making, other, lambda seat, wanted: None)
            patch.setattr(making, kept, lambda seat, wanted: {after: note}.get(wanted))
            assert set(making._servers_word(book, entry, after)) == LOGGED
            assert set(making._servers_word(book, entry, "ab" * 32)) == proof
    for unknown in ("", "ab" * 32):
        assert set(making._servers_word(book, entry, unknown)) == proof
    with monkeypatch.context() as patch:
        patch.setattr(queries, "seal_receipt", lambda seat, entry: None)
        assert set(making._servers_word(book, entry, after)) == {"after.note", "log.crt"}
        assert making._servers_word(book, entry, "") == {}, "a certificate alone says nothing"
    with monkeypatch.context() as patch:
        server = Ledger(book).server()
        assert server is not None
        other = SimpleNamespace(key=Signer.new().public_key_der, organisation=server.organisation)
        patch.setattr(Ledger, "server", lambda ledger: other)
        assert making._servers_word(book, entry, after) == {}, "the certificate is of another key"
        patch.setattr(Ledger, "server", lambda ledger: None)
        assert making._servers_word(book, entry, after) == {}


def test_of_the_heads_that_are_kept_the_named_one_is_found(case: Case) -> None:
    with case.book:
        notes = [row.note for row in TreeHead.select().order_by(TreeHead.size)]
    assert len(notes) > 1
    for note in notes:
        assert making._kept_head(case.book, digests_of(note.encode()).sha256) == note
    assert making._kept_head(case.book, "ab" * 32) is None
