"""What is said of a package, sentence by sentence: what is proved, what is not, and what was found wrong."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.inspections import canonical
from models.language import use_language
from models.store.digests import digests_of
from models.store.signer import Signer
from sync.proof import checking, layout, stamps, verdict
from sync.proof.checking import check
from sync.proof.reading import Held
from sync.proof.trust import fingerprint, holder
from sync.server import certificates

from .conftest import Stamped
from .made import Case
from .mutations import Members, carried, link_of, repacked, resealed, retagged

pytestmark = pytest.mark.usefixtures("in_china")

INTEGRITY = "完整性：每个文件与其哈希值一致，笔录和证据自签封后未改动。"
NOT_LOGGED = (
    "未入日志：本包没有服务器日志的证明。在签封记入日志或当场交付纸质笔录之前，"
    "持有该设备者仍可另行签封一份记录代替它。"
)
NO_LOWER = "时间：下限未证明。本包没有笔录所载的、标明时间的检查点。"
NOT_PROVED = "未证明：内容真实、设备时钟准确、签封之前的事实。"
UNVOUCHED = "无法核验到底：证据包完整，但签封者无人作保。"
LOST = "核验不通过：服务器日志中没有这一签封。"


def china(stamp: str) -> str:
    moment = datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    return f"{datetime.fromtimestamp(moment + 28_800, UTC):%Y-%m-%d %H:%M:%S} (UTC+8)"


def time_in(note: bytes) -> str:
    return china(note.decode().partition("Time: ")[2].partition("\n")[0])


def changed(name: str) -> str:
    return f"核验不通过：{name} 被改动，或属于另一个证据包。"


def missing(name: str) -> str:
    return f"核验不通过：缺少 {name}，或多出一个。"


def wrong(members: Members, root: bytes | None, tsa: bytes | None = None) -> str:
    """The headline of a package that is refused; nothing else is said of it."""
    found = check(Held(members), root, tsa)
    assert found.answer == "false"
    assert found.sentences() == [found.headline()]
    assert not found.logged
    assert found.with_record
    return found.headline()


# -- what is proved ------------------------------------------------------------------------------------------


def test_every_sentence_on_a_logged_package(case: Case) -> None:
    members = case.members("logged")
    size = int(members["checkpoint.txt"].split(b"\n")[1])
    place = int(members["log.tlog-proof"].split(b"\n")[1].removeprefix(b"index ")) + 1
    wanted = [
        f"核验通过：笔录 {case.sealed.number} 的证据包，含证据文件 2 个。",
        INTEGRITY,
        f"来源：由登记设备 {case.book.key_id} 签封，由根证书证明（演示生态环境局）。",
        f"时间：晚于 {time_in(members[layout.NOTE_OF_TIME])} 签封。笔录载有服务器当时签署的检查点。",
        f"时间：早于 {time_in(members['checkpoint.txt'])} 签封。按服务器时钟，此时已记入其日志。",
        f"已入日志：sync.example.cn/log 日志第 {place} 条，共 {size} 条。",
        NOT_PROVED,
    ]
    found = check(Held(members), case.root)
    assert found.sentences() == wanted
    assert (found.answer, found.logged, found.genuine, found.with_record) == ("genuine", True, True, True)
    assert (found.root, found.root_of) == (fingerprint(case.root), "演示生态环境局")
    assert found.fields()[-1] == ("所用根证书", f"演示生态环境局 SHA-256 {fingerprint(case.root)}")
    assert found.fields()[:-1] == verdict.Verdict.fields(found)
    assert found.seal is not None
    assert found.seal.line == case.sealed.line
    unrooted = check(Held(members), None)
    wanted[0] = UNVOUCHED
    wanted[2] = f"来源：未核对。请给出生态环境部门的根证书，否则任何人都可能造出密钥 {case.book.key_id}。"
    assert unrooted.sentences() == wanted
    assert (unrooted.answer, unrooted.logged, unrooted.root, unrooted.root_of) == ("unknown", True, "", "")
    assert unrooted.fields()[-1] == ("所用根证书", "未给出")


def test_every_sentence_on_one_that_is_not_logged_and_on_a_stranger_s(case: Case) -> None:
    members = case.members("waiting")
    found = check(Held(members), case.root)
    assert found.sentences() == [
        f"核验通过：笔录 {found.params['number']} 的证据包，含证据文件 1 个。",
        INTEGRITY,
        f"来源：由登记设备 {case.book.key_id} 签封，由根证书证明（演示生态环境局）。",
        f"时间：晚于 {time_in(members[layout.NOTE_OF_TIME])} 签封。笔录载有服务器当时签署的检查点。",
        NOT_LOGGED,
        NOT_PROVED,
    ]
    for root in (case.root, None):
        found = check(Held(case.members("stranger")), root)
        assert (found.answer, found.logged, found.with_record) == ("unknown", False, True)
        assert found.seal is not None
        assert found.seal.key_id == case.stranger.key_id
        assert found.sentences() == [
            UNVOUCHED,
            INTEGRITY,
            f"来源：由未登记设备签封，无人为其密钥 {case.stranger.key_id} 作保。",
            NO_LOWER,
            NOT_LOGGED,
            NOT_PROVED,
        ]


def test_a_root_of_nobody_is_shown_by_its_fingerprint_alone(case: Case) -> None:
    """P-384 is no key of ours, so that nobody is named."""
    found = check(Held(case.members("logged")), other_root := authority(384))
    assert (found.answer, found.root_of) == ("false", "")
    assert found.fields()[-1] == ("所用根证书", f"SHA-256 {fingerprint(other_root)}")


def authority(bits: int) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding

    key = ec.generate_private_key(ec.SECP384R1() if bits == 384 else ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "他处")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
    builder = builder.not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


@pytest.mark.openssl
def test_a_stamp_is_told_by_the_root_of_its_authority(case: Case, stamped: Stamped) -> None:
    at = china(stamps.read(stamped.members[layout.STAMP], stamped.members["checkpoint.txt"]).time)
    found = check(Held(stamped.members), case.root, stamped.root)
    assert found.answer == "genuine"
    assert found.sentences()[5] == f"时间：早于 {at} 签封，由 示例时间戳机构 的外部时间戳证明。"
    assert found.sentences()[6].startswith("已入日志")
    found = check(Held(stamped.members), case.root)
    assert found.answer == "genuine"
    assert found.sentences()[5] == "本包含外部时间戳，未核对。请同时给出时间戳机构的根证书（--tsa）。"
    false = "核验不通过：外部时间戳不符，或属于其他机构。"
    assert wrong(stamped.members, case.root, stamped.other_root) == false
    for answer in (stamped.other_answer, stamped.elsewhere, b"x"):
        forged = retagged(stamped.members | {layout.STAMP: answer}, case.book.signer)
        assert wrong(forged, case.root, stamped.root) == false
    bare = check(Held(case.members("logged")), case.root, stamped.root)
    assert bare.sentences() == check(Held(case.members("logged")), case.root).sentences()


# -- what lies in it -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(layout.ALWAYS))
def test_what_every_package_has_is_missed_by_its_name(case: Case, name: str) -> None:
    members = {each: data for each, data in case.members("logged").items() if each != name}
    assert wrong(members, case.root) == missing(name)


@pytest.mark.openssl
@pytest.mark.parametrize(
    ("gone", "named"),
    [
        (["device.crt"], "device.crt"),
        (["package.crt"], "package.crt"),
        (["log.crt"], "log.crt"),
        (["log.tlog-proof"], "log.tlog-proof"),
        (["checkpoint.txt"], "checkpoint.txt"),
        (["checkpoint.sig"], "checkpoint.sig"),
        (["checkpoint.sig", "checkpoint.txt"], "checkpoint.sig"),
        (["checkpoint.tsr"], "checkpoint.tsr"),
        (["tsa.crt"], "tsa.crt"),
        (["checkpoint.sig", "checkpoint.txt", "log.tlog-proof"], "checkpoint.sig"),
        (["log.crt", "device.crt"], "device.crt"),
    ],
)
def test_what_goes_with_what_is_there_is_missed(
    case: Case, stamped: Stamped, gone: list[str], named: str
) -> None:
    members = {name: data for name, data in stamped.members.items() if name not in gone}
    assert wrong(retagged(members, case.book.signer), case.root) == missing(named)


@pytest.mark.parametrize("name", ["device.pub", "package.pub"])
def test_a_key_is_there_once(case: Case, name: str) -> None:
    members = case.members("logged") | {name: b"x"}
    assert wrong(retagged(members, case.book.signer), case.root) == missing(name[:-3] + "crt")


def test_a_bound_without_the_log_s_key_or_the_log_s_key_alone(case: Case) -> None:
    members = case.members("waiting")
    assert layout.NOTE_OF_TIME in members
    without = {name: data for name, data in members.items() if name != "log.crt"}
    assert wrong(retagged(without, case.book.signer), case.root) == missing("log.crt")
    alone = {name: data for name, data in members.items() if name != layout.NOTE_OF_TIME}
    assert check(Held(retagged(alone, case.book.signer)), case.root).genuine


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("VERIFY.bat", "VERIFY.bat"),
        ("data/e00.jpg", "data/e00.jpg"),
        ("data/e000.jpg/x", "data/e000.jpg/x"),
        ("data/E000.jpg", "data/E000.jpg"),
        ("证据", "\\u8bc1\\u636e"),
        ("a" * 70, "a" * 60),
        ("it's\x1b", "it's\\x1b"[:60]),
    ],
)
def test_what_no_package_has_is_named(case: Case, name: str, shown: str) -> None:
    assert wrong(case.members("logged") | {name: b""}, case.root) == f"核验不通过：多出文件 {shown}。"


def test_of_several_strange_files_the_first_is_named(case: Case) -> None:
    members = case.members("logged") | {"b": b"", "a": b"", "c": b""}
    assert wrong(members, case.root) == "核验不通过：多出文件 a。"


class Sized(Held):
    """With a size of one member that is not that of its content."""

    def __init__(self, members: Members, name: str, size: int) -> None:
        super().__init__(members)
        self._name, self._size = name, size

    def size(self, name: str) -> int:
        return self._size if name == self._name else super().size(name)

    def blocks(self, name: str) -> Iterator[bytes]:
        assert self.size(name) <= layout.MOST_TAG_BYTES, "read though it is too large"
        half = len(self._members[name]) // 2
        yield self._members[name][:half]
        yield self._members[name][half:]


def test_how_large_a_member_may_be(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    members, most = case.members("logged"), layout.MOST_TAG_BYTES
    assert check(Sized(members, "health.txt", most), case.root).genuine
    found = check(Sized(members, "health.txt", most + 1), case.root)
    assert found.headline() == "核验不通过：health.txt 大于任何证据包中的该文件。"
    whole = sum(map(len, members.values()))
    monkeypatch.setattr(checking, "MOST_BYTES", whole)
    assert check(Held(members), case.root).genuine
    monkeypatch.setattr(checking, "MOST_BYTES", whole - 1)
    assert wrong(members, case.root) == "核验不通过：该包大于任何证据包。"


def test_evidence_may_be_large_and_is_read_in_pieces(case: Case) -> None:
    class Pieces(Held):
        def blocks(self, name: str) -> Iterator[bytes]:
            data = self._members[name]
            yield from (data[place : place + 100] for place in range(0, len(data), 100))

    assert check(Pieces(case.members("logged")), case.root).genuine


# -- manifests -----------------------------------------------------------------------------------------------


def signed(members: Members, tags: bytes, signer: Signer) -> Members:
    return members | {layout.TAGS: tags, layout.TAGS_SIGNED: signer.sign(tags)}


@pytest.mark.parametrize("name", [layout.MANIFEST, layout.MANIFEST_SM3])
def test_each_manifest_names_the_payload_in_one_way(case: Case, name: str) -> None:
    members = case.members("logged")
    lines = members[name].decode().splitlines(keepends=True)
    upper = members[name].upper().replace(b"DATA/E", b"data/e").replace(b".JPG", b".jpg")
    for other in (
        "".join(lines[::-1]).encode(),
        members[name][:-1],
        members[name] + b"\n",
        members[name].replace(b"  ", b" *"),
        members[name].replace(b"\n", b"\r\n"),
        upper.replace(b"DATA/RECORD.JSON", b"data/record.json"),
        members[name] + lines[-1].encode(),
        b"",
        b"\xff" + members[name],
    ):
        said = wrong(retagged(members | {name: other}, case.book.signer), case.root)
        assert said in (changed(name), f"核验不通过：按 {name}，多出或缺少 data/e000.jpg。"), other
        assert said == changed(name) or other == b""
    for other, odd in (
        ("".join(lines[:-1]), "data/record.json"),
        ("".join(lines[1:]), "data/e000.jpg"),
        ("".join(lines[:1] + lines[2:]), "data/e001.jpg"),
        ("".join([*lines[:2], f"{'0' * 64}  data/e002.jpg\n", *lines[2:]]), "data/e002.jpg"),
        ("".join([*lines, f"{'0' * 64}  data/z\n"]), "data/z"),
        ("".join([f"{'0' * 64}  bagit.txt\n", *lines]), "bagit.txt"),
    ):
        said = wrong(retagged(members | {name: other.encode()}, case.book.signer), case.root)
        assert said == f"核验不通过：按 {name}，多出或缺少 {odd}。"
    for place, line in enumerate(lines):
        bent = "".join([*lines[:place], ("1" if line[0] == "0" else "0") + line[1:], *lines[place + 1 :]])
        said = wrong(retagged(members | {name: bent.encode()}, case.book.signer), case.root)
        assert said == changed(line.split()[1])


def test_the_tag_manifest_names_every_tag_file_and_its_hash(case: Case) -> None:
    members, signer = case.members("logged"), case.book.signer
    lines = members[layout.TAGS].decode().splitlines(keepends=True)
    names = [line.split()[1] for line in lines]
    assert names == sorted(set(members) - {layout.TAGS, layout.TAGS_SIGNED} - set(payload_of(members)))
    for place, name in enumerate(names):
        short = "".join(lines[:place] + lines[place + 1 :]).encode()
        assert wrong(signed(members, short, signer), case.root) == (
            f"核验不通过：按 {layout.TAGS}，多出或缺少 {name}。"
        )
        bent = "".join([*lines[:place], f"{'0' * 64}  {name}\n", *lines[place + 1 :]]).encode()
        assert wrong(signed(members, bent, signer), case.root) == changed(name)
    more = "".join(sorted([*lines, f"{'0' * 64}  data/e000.jpg\n"], key=lambda line: line[66:])).encode()
    said = f"核验不通过：按 {layout.TAGS}，多出或缺少 data/e000.jpg。"
    assert wrong(signed(members, more, signer), case.root) == said
    false = members | {layout.TAGS_SIGNED: Signer.new().sign(members[layout.TAGS])}
    assert wrong(false, case.root) == changed(layout.TAGS_SIGNED)
    assert wrong(members | {layout.TAGS_SIGNED: b""}, case.root) == changed(layout.TAGS_SIGNED)


def payload_of(members: Members) -> list[str]:
    return [name for name in members if name.startswith("data/")]


def test_a_changed_file_is_named_though_every_hash_of_one_kind_fits(case: Case) -> None:
    members, signer = case.members("logged"), case.book.signer
    for name in payload_of(members):
        other = members | {name: members[name] + b"x"}
        assert wrong(other, case.root) == changed(name)
        kept = {each: digests_of(other[each]) for each in payload_of(other)}
        sha = other | {layout.MANIFEST: layout.manifest({each: one.sha256 for each, one in kept.items()})}
        assert wrong(retagged(sha, signer), case.root) == changed(name)
        sm3 = other | {layout.MANIFEST_SM3: layout.manifest({each: one.sm3 for each, one in kept.items()})}
        assert wrong(retagged(sm3, signer), case.root) == changed(name)


# -- who sealed ----------------------------------------------------------------------------------------------


def test_each_certificate_is_of_the_root_and_of_a_device(case: Case) -> None:
    members, signer = case.members("logged"), case.book.signer
    strange, root = certificates.make_authority("演示生态环境局", 1_795_400_000_000)
    device = certificates.certify(
        case.book.public_key_der, device=case.book.device, organisation="演示生态环境局",
        authority=(strange, root), now_ms=1_795_400_000_000,
    ).encode()  # fmt: skip
    log = certificates.certify(
        case.central.public_key_der, device="sync.example.cn/log", organisation="演示生态环境局",
        authority=(strange, root), now_ms=1_795_400_000_000, log=True,
    ).encode()  # fmt: skip
    for name, pem in (("device.crt", device), ("package.crt", device), ("log.crt", log)):
        forged = retagged(members | {name: pem}, signer)
        assert wrong(forged, case.root) == (
            f"核验不通过：证书 {name} 不是所给根证书签发，系伪造，或属于其他部门。"
        )
        assert check(Held(forged), None).answer == "unknown", "without a root nobody is asked who issued it"
    for name in ("device.crt", "package.crt"):
        for pem in (members["log.crt"], b"", b"x"):
            assert wrong(retagged(members | {name: pem}, signer), case.root) == changed(name)
    for pem in (members["device.crt"], b""):
        said = wrong(retagged(members | {"log.crt": pem}, signer), case.root)
        assert said == "核验不通过：log.crt 不是服务器日志的证书。"


def test_who_packs_and_who_sealed_are_both_vouched_for(case: Case) -> None:
    """A package is genuine only where the root vouches for both keys; each signs its own."""
    members, signer, stranger = case.members("waiting"), case.book.signer, case.stranger.signer
    public = case.members("stranger")["device.pub"]
    without = {name: data for name, data in members.items() if name != "package.crt"}
    packed_by_another = retagged(without | {"package.pub": public}, stranger)
    found = check(Held(packed_by_another), case.root)
    assert (found.answer, found.headline()) == ("unknown", UNVOUCHED)
    assert f"来源：由登记设备 {case.book.key_id} 签封" in found.sentences()[2]
    assert wrong(retagged(without | {"package.pub": public}, signer), case.root) == changed(
        layout.TAGS_SIGNED
    )
    bare = {name: data for name, data in members.items() if name != "device.crt"}
    own = holder(members["device.crt"])
    assert own is not None
    sealed_by_nobody = retagged(bare | {"device.pub": pem_of(own.key)}, signer)
    found = check(Held(sealed_by_nobody), case.root)
    assert (found.answer, found.headline()) == ("unknown", UNVOUCHED)
    assert "未登记设备" in found.sentences()[2]
    assert wrong(retagged(bare | {"device.pub": public}, signer), case.root) == changed("seal.sig")


def pem_of(der: bytes) -> bytes:
    text = base64.b64encode(der).decode()
    lines = [text[place : place + 64] for place in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""]).encode()


@pytest.mark.parametrize("name", ["device", "package"])
def test_a_public_key_that_cannot_be_read_is_named(case: Case, name: str) -> None:
    members = {each: data for each, data in case.members("stranger").items() if each != f"{name}.pub"}
    for pem in (b"", b"x", pem_of(b"\x30\x03\x02\x01\x05"), pem_of(bytes(91))):
        made = retagged(members | {f"{name}.pub": pem}, case.stranger.signer)
        assert wrong(made, case.root) == changed(f"{name}.pub")


# -- seal, record, entry -------------------------------------------------------------------------------------


def test_the_seal_is_the_line_and_its_signature(case: Case) -> None:
    members, signer = case.members("waiting"), case.book.signer
    for line in (b"", b"\xff", members["seal.txt"] + b"/", members["seal.txt"].replace(b"/1/", b"/1//", 1)):
        assert wrong(retagged(members | {"seal.txt": line}, signer), case.root) == changed("seal.txt")
    for signature in (b"", b"x"):
        said = wrong(retagged(members | {"seal.sig": signature}, signer), case.root)
        assert said in (changed("seal.txt"), changed("seal.sig"))
    other = Signer.new().sign(members["seal.txt"])
    assert wrong(retagged(members | {"seal.sig": other}, signer), case.root) == changed("seal.sig")
    later = members["seal.txt"].replace(b"/1/", b"/9/", 1)
    found = check(Held(retagged(members | {"seal.txt": later}, signer)), case.root)
    assert (found.answer, found.reason, dict(found.params)) == (
        "unknown",
        "This seal uses profile {profile}, which this version cannot check. Use a newer version.",
        {"profile": "9"},
    )


def test_a_refusal_after_the_seal_was_read_shows_the_seal(case: Case) -> None:
    members = case.members("waiting")
    found = check(Held(retagged(members | {"entry.prev": b"x"}, case.book.signer)), case.root)
    assert found.seal is not None
    assert found.seal.key_id == case.book.key_id
    assert found.fields()[-1][0] == "所用根证书"
    before = check(Held(retagged(members | {"bagit.txt": b"x"}, case.book.signer)), case.root)
    assert before.seal is None
    assert before.headline() == changed("bagit.txt")


def test_the_record_is_the_one_that_was_sealed(case: Case) -> None:
    members = case.members("waiting")
    made = repacked(members | {layout.RECORD: members[layout.RECORD] + b" "}, case.book.signer)
    assert wrong(made, case.root) == "核验不通过：这不是签封时的笔录，哈希值不一致。"
    record = canonical.decode(members[layout.RECORD])
    assert isinstance(record, dict)
    other = resealed(members, canonical.encode(record | {"number": "N"}), case.book.signer)
    assert wrong(other, case.root) == "核验不通过：笔录与二维码在“number”上不一致。"


def with_evidence(case: Case, evidence: object, more: Members | None = None) -> Members:
    members = case.members("waiting") | (more or {})
    record = canonical.decode(members[layout.RECORD])
    assert isinstance(record, dict)
    parts = members["seal.txt"].decode().split("/")
    parts[8] = str(len(evidence)) if isinstance(evidence, list) else "0"
    members = members | {"seal.txt": "/".join(parts).encode()}
    return resealed(members, canonical.encode(record | {"evidence": evidence}), case.book.signer)


DIFFERS = "核验不通过：证据 {} 与笔录所载不一致。"
OTHERS = "核验不通过：包内证据不是笔录所列的证据。"


def test_the_evidence_is_what_the_record_names_no_more_and_no_less(case: Case) -> None:
    members = case.members("waiting")
    record = canonical.decode(members[layout.RECORD])
    assert isinstance(record, dict)
    (item,) = record["evidence"]
    none = {**item, "path": None, "sha256": None, "sm3": None}
    another = members | {"data/e001.jpg": b"x"}
    second = {**item, "path": "data/e001.jpg", "sha256": hashlib.sha256(b"x").hexdigest(), "sm3": None}
    for evidence, more in (([item], {}), ([item, none], {}), ([none, item], {}), ([item, second], another)):
        assert check(Held(with_evidence(case, evidence, more)), case.root).genuine, evidence
    for evidence, more, said in (
        ([], {}, OTHERS),
        ("none", {}, OTHERS),
        (["none"], {}, OTHERS),
        ({}, {}, OTHERS),
        (5, {}, OTHERS),
        ([none], {}, OTHERS),
        ([item], another, OTHERS),
        ([item, item], {}, OTHERS),
        ([item, second], {}, DIFFERS.format("data/e001.jpg")),
        ([second, item], {}, DIFFERS.format("data/e001.jpg")),
        ([{**item, "sha256": "00" * 32}], {}, DIFFERS.format("data/e000.jpg")),
        ([{**item, "sha256": None}], {}, DIFFERS.format("data/e000.jpg")),
        ([{**item, "sm3": "00" * 32}], {}, DIFFERS.format("data/e000.jpg")),
        ([{**item, "sm3": ""}], {}, DIFFERS.format("data/e000.jpg")),
        ([{**item, "path": "证" * 20}], {}, DIFFERS.format(("\\u8bc1" * 20)[:60])),
        ([{**item, "path": 5}], {}, DIFFERS.format("5")),
        ([{**item, "path": ""}], {}, DIFFERS.format("")),
        ([{**item, "path": layout.RECORD}], {}, DIFFERS.format(layout.RECORD)),
        ([none, item], another, OTHERS),
    ):
        assert wrong(with_evidence(case, evidence, more), case.root) == said, evidence


def test_what_a_record_hides_from_the_plain_verifier_is_refused(case: Case) -> None:
    """VERIFY.sh finds the evidence by its text: two names side by side elsewhere would be taken for more."""
    members = case.members("waiting")
    record = canonical.decode(members[layout.RECORD])
    assert isinstance(record, dict)
    beside = record | {"zz": {"path": "data/e001.jpg", "sha256": "00" * 32}}
    made = resealed(members, canonical.encode(beside), case.book.signer)
    assert wrong(made, case.root) == OTHERS
    (item,) = record["evidence"]
    apart = record | {"evidence": [item | {"pathology": 1}]}
    made = resealed(members, canonical.encode(apart), case.book.signer)
    assert wrong(made, case.root) == OTHERS, "path and sha256 do not stand side by side"


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("prev", lambda data: data + b"x"),
        ("prev", lambda data: data[:-1]),
        ("prev", lambda data: bytes(32)),
        ("head", lambda data: b"x" + data),
        ("head", lambda data: data.replace(b'"q":', b'"q":1', 1)),
        ("head", lambda data: data.replace(b'"d":"', b'"d":"0', 1)),
        ("head", lambda data: data.replace(b'"e":"', b'"e":"x', 1)),
        ("head", lambda data: data.replace(b'"e":"', b'"e":"\xff', 1)),
        ("head", lambda data: data.replace(b'"t":"inspection"', b'"t":"INSPECTION"', 1)),
        ("body", lambda data: b" " + data),
        ("body", lambda data: data + b" "),
        ("body", lambda data: data.replace(b'"sig":"', b'"sig":"A', 1)),
        ("body", lambda data: data.replace(b'"covers":[', b'"covers":{', 1)),
        ("body", lambda data: data[:-3] + b'0"}'),
    ],
)
def test_each_part_of_the_entry_is_held(case: Case, part: str, change: Callable[[bytes], bytes]) -> None:
    members = case.members("waiting")
    name = f"entry.{part}"
    bent = change(members[name])
    assert bent != members[name]
    said = wrong(retagged(members | {name: bent}, case.book.signer), case.root)
    assert said == changed("entry.head" if part == "prev" else name)


def test_an_entry_that_another_chain_carries_is_held_by_its_first_home(case: Case) -> None:
    members, signer = case.members("waiting"), case.book.signer
    seal = check(Held(members), case.root).seal
    assert seal is not None
    good = carried(members, case.book.device, seal.seq)
    found = check(Held(retagged(good, signer)), case.root)
    assert found.genuine, found.headline()
    for bent in (
        carried(members, "cd" * 16, seal.seq),
        carried(members, case.book.device, seal.seq + 1),
        carried(members, case.book.device, 77),
        carried(members, case.book.device, seal.seq, prev=b"x"),
        good | {"entry.head": good["entry.head"] + b" "},
        good | {"entry.head": good["entry.head"] + b"\n"},
        good | {"entry.head": good["entry.head"] + link_of("cd" * 16, seal.seq)},
        members | {"entry.head": members["entry.head"] + b"\n"},
    ):
        assert wrong(retagged(bent, signer), case.root) == changed("entry.head")


# -- the log -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"c2sp.org/tlog-proof@v1\n", b"c2sp.org/tlog-proof@v2\n"),
        (b"index ", b"index 1"),
        (b"\n\n", b"\n\n\n"),
        (b"\n\n", b"\nAAAA\n\n"),
        (b"\n\n", b"\n" + b"A" * 43 + b"=\n\n"),
        (b"sync.example.cn/log\n", b"sync.example.cn/gol\n"),
        (b"\nTime: ", b"\nTome: "),
    ],
)
def test_a_proof_that_is_not_the_one_is_none(case: Case, old: bytes, new: bytes) -> None:
    members = case.members("logged")
    bent = members["log.tlog-proof"].replace(old, new, 1)
    assert bent != members["log.tlog-proof"]
    made = retagged(members | {"log.tlog-proof": bent}, case.book.signer)
    assert wrong(made, case.root) == LOST


def test_the_proof_is_of_this_seal(case: Case) -> None:
    other = case.members("amendment")
    names = ("log.tlog-proof", "checkpoint.txt", "checkpoint.sig")
    made = case.members("logged") | {name: other[name] for name in names}
    assert wrong(retagged(made, case.book.signer), case.root) == LOST
    assert (
        wrong(retagged(case.members("logged") | {"log.tlog-proof": b"\xff"}, case.book.signer), case.root)
        == LOST
    )


@pytest.mark.parametrize("name", ["checkpoint.txt", "checkpoint.sig"])
def test_checkpoint_and_signature_are_those_of_the_proof(case: Case, name: str) -> None:
    members = case.members("logged")
    for bent in (members[name] + b"\n", b"", members[name][:-1]):
        made = retagged(members | {name: bent}, case.book.signer)
        assert wrong(made, case.root) == changed(name)


def test_the_note_of_time_is_the_one_that_the_record_names(case: Case) -> None:
    members = case.members("waiting")
    for note in (b"", members[layout.NOTE_OF_TIME] + b"\n", case.members("logged")["checkpoint.txt"]):
        made = retagged(members | {layout.NOTE_OF_TIME: note}, case.book.signer)
        assert wrong(made, case.root) == changed(layout.NOTE_OF_TIME)


# -- words ---------------------------------------------------------------------------------------------------


def test_sentences_are_spoken_in_the_reader_s_language_with_times_of_china() -> None:
    said = (
        (verdict.NOT_AFTER, {"time": "2026-11-28T23:59:59Z"}),
        (verdict.ORIGIN, {"key": "K", "organisation": "time"}),
    )
    found = verdict.PackageVerdict("genuine", verdict.GENUINE_PACKAGE, {"number": "N", "files": 3}, said=said)
    assert found.sentences() == [
        "核验通过：笔录 N 的证据包，含证据文件 3 个。",
        "时间：早于 2026-11-29 07:59:59 (UTC+8) 签封。按服务器时钟，此时已记入其日志。",
        "来源：由登记设备 K 签封，由根证书证明（time）。",
    ]
    assert (found.logged, found.root, found.root_of, found.with_record) == (False, "", "", False)
    use_language("en")
    assert found.sentences()[0] == "Genuine: evidence package of the record N, with 3 files of evidence."
    assert found.fields() == [("Root certificate used", "none was given")]
    refused = verdict.refused("unknown", verdict.UNVOUCHED, None, name="x")
    assert (refused.answer, refused.seal, refused.with_record, dict(refused.params)) == (
        "unknown", None, True, {"name": "x"},
    )  # fmt: skip
    assert refused.said == ()


def test_a_member_that_cannot_be_read_leaves_the_answer_open(case: Case, tmp_path: Path) -> None:
    from models.errors import BadInput
    from models.language import N_

    class Broken(Held):
        def blocks(self, name: str) -> Iterator[bytes]:
            if name == "data/e000.jpg":
                raise BadInput(N_("{name} cannot be read: {reason}."), name=name, reason="gone")
            return super().blocks(name)

    found = check(Broken(case.members("logged")), case.root)
    assert (found.answer, found.with_record, found.seal) == ("unknown", True, None)
    assert found.sentences() == ["无法读取 data/e000.jpg：gone。"]
