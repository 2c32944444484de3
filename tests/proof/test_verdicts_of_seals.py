"""What is found wrong with seal, record, evidence, entry and the server's proof, sentence by sentence."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from models.inspections import canonical
from models.store.signer import Signer
from sync.proof import layout
from sync.proof.checking import check
from sync.proof.reading import Held

from .made import Case
from .mutations import Members, carried, link_of, repacked, resealed, retagged
from .test_verdicts import changed, wrong

LOST = "核验不通过：服务器日志中没有这一签封。"


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
