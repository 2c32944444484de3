"""What is said of a package, sentence by sentence: what is proved, what is not, and what was found wrong."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

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
from .mutations import Members, retagged

pytestmark = pytest.mark.usefixtures("in_china")

INTEGRITY = "完整性：每个文件与其哈希值一致，笔录和证据自签封后未改动。"
NOT_LOGGED = (
    "未入日志：本包没有服务器日志的证明。在签封记入日志或当场交付纸质笔录之前，"
    "持有该设备者仍可另行签封一份记录代替它。"
)
NO_LOWER = "时间：下限未证明。本包没有笔录所载的、标明时间的检查点。"
NOT_PROVED = "未证明：内容真实、设备时钟准确、签封之前的事实。"
UNVOUCHED = "无法核验到底：证据包完整，但签封者无人作保。"


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
        (["VERIFY.txt", "device.crt"], "VERIFY.txt"),
        (["VERIFY.txt", "log.crt", "checkpoint.sig", "tsa.crt"], "VERIFY.txt"),
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
    assert found.sentences()[0] == "Genuine: evidence package of the record N; files of evidence in it: 3."
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
