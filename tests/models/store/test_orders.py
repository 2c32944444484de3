"""Orders and what they leave of entries: a function of the set of entries, whatever is written into one."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.store.bodies import redacting_body
from models.store.entry import Entry, Origin, is_withheld, withheld
from models.store.fold import Folded, fold
from models.store.orders import (
    PROVING,
    REDACT,
    digest_of,
    may_go,
    order_of,
    order_on,
    orders_in,
    without_content,
)
from sync.wire import offered_line, page_end, pulled_line, read_offered, read_page, split_line
from tests.models.store.test_fold import AUTHORITY, SERVER, entry

FIELDS = ("name", "remark", "count")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)


def order(seq: int, of: Entry, at: int = 900, **more: Any) -> Entry:
    return entry(SERVER, seq, REDACT, redacting_body(of) | {"why": "某号"} | more, at=at)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Entry], set[bytes]]:
    """Entries of two devices on one record, orders on some of them; and which these name."""
    chance = random.Random(draw(st.integers(0, 2**32)))
    made: list[Entry] = []
    for number in range(1, draw(st.integers(2, 9))):
        known = [each.uid for each in made]
        kind = chance.choice(["set", "set", "resolve", "void", "attach", "twin"])
        bases = chance.sample(known, chance.randint(0, min(3, len(known))))
        if kind == "twin" and made:
            first = chance.choice(made)
            origin = Origin("zz", number, first.uid, "x", "00" * 32)
            made.append(entry("c", number, first.parsed_head.k, first.body, at=number, origin=origin))
        elif kind == "void":
            made.append(entry(chance.choice("ab"), number, "void", {"why": "误", "b": bases}, at=number))
        elif kind == "attach":
            made.append(entry("a", number, "attach", {"sha256": "0" * 64, "b": bases}, at=number))
        else:
            cells = {name: {"x": f"{name}{number}", "b": bases} for name in chance.sample(FIELDS, 2)}
            made.append(entry(chance.choice("ab"), number, "set", {"f": cells}, at=number))
    named = chance.sample(made, chance.randint(1, min(3, len(made))))
    said = [order(50 + place, each) for place, each in enumerate(named)]
    names = {each.uid for each in named}
    return [*made, *said], {each.hash for each in made if each.uid in names}


def told(state: Folded) -> Any:
    heads = {name: [(head.value, head.uid) for head in some] for name, some in state.heads.items() if some}
    return heads, state.unit, state.made_at, state.changed_at, state.made_by, state.device, state.conflicts


@given(histories(), st.randoms(use_true_random=False))
def test_the_state_is_one_whatever_came_first_and_whether_the_bytes_are_here(
    found: tuple[list[Entry], set[bytes]], chance: random.Random
) -> None:
    entries, gone = found
    expected = told(fold(entries, AUTHORITY))
    without = [without_content(each) if each.hash in gone else each for each in entries]
    partly = [
        without_content(each) if each.hash in gone and chance.random() < 0.5 else each for each in entries
    ]
    for some in (entries, without, partly):
        chance.shuffle(some)
        assert told(fold(some, AUTHORITY)) == expected
        again = [*some, *chance.choices(some, k=2)]
        assert told(fold(again, AUTHORITY)) == expected


@given(histories())
def test_the_values_go_and_what_they_replaced_does_not_come_back(
    found: tuple[list[Entry], set[bytes]],
) -> None:
    entries, gone = found
    names = {each.uid for each in entries if each.hash in gone}
    before = fold([each for each in entries if each.parsed_head.k != REDACT], AUTHORITY)
    after = fold(entries, AUTHORITY)
    for name, heads in before.heads.items():
        wanted = [head for head in heads if head.uid not in names]
        here = [head for head in after.heads.get(name, []) if head.uid not in names]
        assert here == wanted
    left = [(name, head.value) for name, some in after.heads.items() for head in some if head.uid in names]
    assert set(left) <= {("voided", "-")}, "that a record is withdrawn stays"
    assert (after.made_at, after.changed_at) == (before.made_at, before.changed_at)


def test_only_the_authority_is_obeyed_and_only_on_that_content():
    first = entry("a", 1, "set", {"f": {"name": {"x": "一", "b": []}}})
    forged = entry("a", 2, REDACT, redacting_body(first))
    assert fold([first, forged], AUTHORITY).value("name") == "一"
    claim = entry("b", 1, "set", {"f": {"name": {"x": "二", "b": []}}}, origin=Origin("z", 1, first.uid, "x"))
    said = order(1, claim)
    orders = orders_in([said], AUTHORITY)
    assert order_on(claim, orders, AUTHORITY) is not None
    assert order_on(first, orders, AUTHORITY) is None, "that a claim of its name is gone says nothing of it"


@pytest.mark.parametrize("kind", sorted(PROVING))
def test_what_proves_others_is_never_under_an_order(kind: str):
    one = entry("a", 1, kind, {"why": "x"})
    own = entry(SERVER, 2, "set", {"f": {}})
    for each in (one, own):
        assert not may_go(each, AUTHORITY)
        assert order_on(each, orders_in([order(9, each)], AUTHORITY), AUTHORITY) is None


def test_an_amendment_still_names_what_it_amends_and_a_withdrawn_record_stays_withdrawn():
    amended = entry("a", 1, "amend", {"seal": "ab" * 32, "why": "姓名有误"})
    state = fold([without_content(amended), order(1, amended)], AUTHORITY)
    assert (state.value("amends"), state.value("amend_reason")) == ("ab" * 32, None)
    made = entry("a", 1, "set", {"f": {"name": {"x": "一", "b": []}}})
    void = entry("a", 2, "void", {"why": "身份证号写错", "b": []}, at=1)
    back = entry("a", 3, "set", {"f": {"voided": {"x": None, "b": [void.uid]}}}, at=2)
    said = order(1, void)
    assert fold([made, void, said], AUTHORITY).value("voided") == "-"
    assert fold([made, back, said, void], AUTHORITY).value("voided") is None


def test_of_several_orders_on_one_content_the_first_is_told():
    first = entry("a", 1, "set", {"f": {"name": {"x": "一", "b": []}}})
    later, earlier = order(1, first, at=20, why="后"), order(2, first, at=10, why="先")
    for some in ([later, earlier], [earlier, later]):
        (found,) = orders_in(some, AUTHORITY).values()
        assert (found.why, found.by) == ("先", f"person of {SERVER}")


@given(JSON)
def test_whatever_an_order_holds_it_is_read_or_passed_over(body: Any) -> None:
    said = entry(SERVER, 1, REDACT, body if isinstance(body, dict) else {"of": body, "body": body, "r": body})
    first = entry("a", 1, "set", {"f": {"name": {"x": "一", "b": []}}})
    order_of(said)
    assert fold([first, said], AUTHORITY).value("name") == "一"


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=4))
def test_without_its_content_it_goes_over_every_wire_as_the_same_entry(
    body: dict[str, Any],
) -> None:
    whole = entry("a", 7, "set", body)
    bare = without_content(whole)
    assert bare.hash == whole.hash
    assert bare.body == withheld(whole.body) == withheld(bare.body)
    assert is_withheld(bare.body)
    assert digest_of(bare.body) == digest_of(whole.body)
    signed = Entry.of_bytes(bare.prev, bare.head, bare.body, bytes(64))
    line = signed.line()
    assert Entry.of_line(line[:-1], signed.prev) == signed
    raw = split_line(line[:-1])
    assert (raw.head, raw.body) == (bare.head, bare.body)
    prev, offered = read_offered(offered_line(signed.prev, line)[:-1])
    assert (prev, offered) == (signed.prev, raw)
    page = pulled_line(3, 2, signed.prev, bytes(64), bare.head, bare.body) + page_end({})
    ((pulled,), _end) = read_page(page)
    assert pulled.raw == raw


@given(st.binary(max_size=70).filter(lambda data: not is_withheld(b"-" + data)))
def test_what_only_looks_like_a_hash_is_no_content_that_was_taken_out(data: bytes) -> None:
    odd = Entry.of_bytes(bytes(32), entry("a", 1, "set", {}).head, b"-" + data, bytes(64))
    assert not is_withheld(odd.body)
    with pytest.raises(ValueError, match=r"."):
        Entry.of_line(odd.line()[:-1], odd.prev)
