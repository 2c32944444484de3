"""No changed package and no changed code is accepted by any verifier, and all verifiers agree.

`make soak-proof` does the same for ten thousand; here are the first hundred and ten. A number is a seed:
what fails is had again by it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from models.documents.stored_zip import Archive
from models.documents.verify import verify_text
from models.errors import BadInput
from sync.proof import layout
from sync.proof.checking import check
from sync.proof.reading import Held
from sync.server.verify_page import look_up

from .conftest import needs_tools
from .made import Case
from .mutations import BY_INSIDER, KINDS, bent_zip, carried, link_of, retagged, zipped
from .soak import Bench, changed_code

OF_PACKAGES, OF_ZIPS, OF_CODES = 50, 30, 30


@pytest.fixture(scope="module")
def bench(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(case, tmp_path_factory.mktemp("bench"))
    yield made
    made.close()


def test_every_kind_of_change_is_among_the_first(bench: Bench) -> None:
    kinds = {bench.mutant(seed).kind for seed in range(OF_PACKAGES)}
    assert kinds == {each.__name__ for each in KINDS + BY_INSIDER}


@pytest.mark.parametrize("seed", range(OF_PACKAGES))
def test_no_changed_package_is_accepted(bench: Bench, seed: int) -> None:
    found = bench.tried(seed)
    assert set(found.answers.values()) == {"false"}, found


@pytest.mark.parametrize("seed", range(OF_ZIPS))
def test_no_other_zip_is_taken(case: Case, bench: Bench, seed: int) -> None:
    how, data = bent_zip(case.members("logged"), seed)
    assert "genuine" not in bench.page_of_zip(data)
    try:
        answer = check(Archive(io.BytesIO(data)), case.root).answer
    except BadInput:
        return
    assert answer != "genuine", how


@pytest.mark.parametrize("seed", range(OF_CODES))
def test_no_changed_code_is_genuine(case: Case, seed: int) -> None:
    last = len(case.sealed.qr_text) * 44 - 1  # where unused bits of base32 are
    changed = changed_code(case.sealed.qr_text, last - seed if seed < 5 else seed * 389)
    keys = {case.book.key_id: case.book.public_key_der}
    assert not verify_text(changed, keys).genuine
    assert not look_up(case.central, changed).genuine


@needs_tools
def test_what_stands_behind_a_long_signature_is_seen(case: Case, bench: Bench) -> None:
    """Found by seed 1146: `openssl dgst -verify` reads 72 bytes, and not what follows."""
    members = case.members("logged")
    for _ in range(40):  # until one has the greatest length
        members["health.txt"] += b"\n"
        members = retagged(members, case.book.signer)
        if len(members[layout.TAGS_SIGNED]) == 72:
            break
    assert set(bench.answers(members).values()) == {"genuine"}
    members[layout.TAGS_SIGNED] += b"\n"
    assert set(bench.answers(members).values()) == {"false"}


@pytest.mark.parametrize("number", ["2", "3", "9"])
def test_another_profile_cannot_be_checked_and_never_passes(case: Case, bench: Bench, number: str) -> None:
    members = case.members("logged")
    line = members["seal.txt"].replace(b"/1/", f"/{number}/".encode(), 1)
    changed = members | {"seal.txt": line, "seal.sig": case.book.signer.sign(line)}
    assert set(bench.answers(retagged(changed, case.book.signer)).values()) == {"unknown"}


@needs_tools
def test_a_head_says_in_one_way_whose_entry_it_is(case: Case, bench: Bench) -> None:
    """What stood behind the link of a carried entry was read by one verifier and passed over by another."""
    members, signer = case.members("waiting"), case.book.signer
    seal = check(Held(members), case.root).seal
    assert seal is not None
    good = carried(members, case.book.device, seal.seq)
    assert set(bench.answers(retagged(good, signer)).values()) == {"genuine"}
    right, false = link_of(case.book.device, seal.seq), link_of("cd" * 16, seal.seq)
    head = good["entry.head"].removesuffix(right)
    for bent in (head + right + false, head + false + right, head + right + b" ", head + right + b"\n",
                 head + right + b"\n" + right, members["entry.head"] + b"\n"):  # fmt: skip
        said = bench.answers(retagged(good | {"entry.head": bent}, signer))
        wanted = "genuine" if bent == head + false + right else "false"
        assert set(said.values()) == {wanted}, (bent, said)


@needs_tools
def test_a_carried_seal_stood_at_its_first_home_where_the_record_says(case: Case, bench: Bench) -> None:
    members, signer = case.members("waiting"), case.book.signer
    seal = check(Held(members), case.root).seal
    assert seal is not None
    good = carried(members, case.book.device, seal.seq)
    head = good["entry.head"].removesuffix(link_of(case.book.device, seal.seq))
    prev = members["entry.prev"].hex()
    as_was = r',"x":"{\"v\":1,\"later\":\"\\\\\"}"'
    for proof, wanted in (
        (f',"p":"{prev}"', "genuine"),
        (f',"p":"{prev}"{as_was}', "genuine"),
        (f',"p":"{"ab" * 32}"', "false"),
        (f',"p":"{prev[:-1]}"', "false"),
        (as_was, "false"),
        (f',"p":"{prev}","x":"a"b"', "false"),
    ):
        bent = head + link_of(case.book.device, seal.seq, proof)
        said = bench.answers(retagged(good | {"entry.head": bent}, signer))
        assert set(said.values()) == {wanted}, (proof, said)


def test_the_unchanged_are_accepted(case: Case, bench: Bench) -> None:
    """Else the tests above would hold for a verifier that refuses everything."""
    for name in case.packages:
        members = case.members(name)
        wanted = "unknown" if name == "stranger" else "genuine"
        assert set(bench.answers(members).values()) == {wanted}
        assert check(Archive(io.BytesIO(zipped(members))), case.root).answer == wanted
    keys = {case.book.key_id: case.book.public_key_der}
    assert verify_text(case.sealed.qr_text, keys).genuine
    assert look_up(case.central, case.sealed.qr_text).genuine
