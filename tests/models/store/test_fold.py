"""The fold is a function of a set of entries: neither order nor repetition matters, and nothing breaks it."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import catalogue
from models.store.clock import parse_rfc3339, rfc3339
from models.store.entry import GENESIS, Entry, Head, Origin
from models.store.fold import JUDGING, SETTING, effective, fold, put_aside, setters
from models.store.records import Record, TextField, record, row_of, row_of_one

SERVER, OTHER_SERVER = "5e", "5f"
AUTHORITY = {SERVER, OTHER_SERVER}
FIELDS = ("name", "remark", "count")
STEPS = ("set", "set", "set", "resolve", "void", "twin", "verdict", "release", "seal")


@record("fold_trial", version=1, search=("name",))
class FoldTrial(Record):
    """A record whose computed column is strict about what it computes from."""

    name = TextField(null=True)
    remark = TextField(null=True)
    initials = TextField(null=True)

    @staticmethod
    def derive(values: dict[str, Any]) -> dict[str, Any]:
        """Fails on a name of one character, and on none at all."""
        return {"initials": values["name"][1], "id": "never", "unit": "never"}


def entry(
    device: str,
    seq: int,
    kind: str,
    body: Any,
    *,
    at: int = 0,
    record_id: str = "r",
    origin: Origin | None = None,
    record_kind: str = "fold_trial",
) -> Entry:
    head = Head(
        v=1,
        d=device,
        q=seq,
        k=kind,
        t=record_kind,
        e=record_id,
        sc="350602",
        sv=1,
        u=f"person of {device}",
        w=rfc3339(1_700_000_000_000 + at),
        m=("boot", at),
        o=origin,
    )
    encoded = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return Entry.of_bytes(GENESIS, msgspec.json.encode(head), encoded, bytes(64))


@st.composite
def histories(draw: st.DrawFn) -> list[Entry]:
    """Entries of one record by several devices: sets on any earlier state, voids, twins, verdicts."""
    made: list[Entry] = []
    seqs = dict.fromkeys(("aa", "bb", "cc", SERVER, OTHER_SERVER), 0)

    def add(device: str, kind: str, body: Any, origin: Origin | None = None) -> None:
        seqs[device] += 1
        at = draw(st.integers(-5, 5), label="time, clocks being wrong")
        made.append(entry(device, seqs[device], kind, body, at=at, origin=origin))

    for _ in range(draw(st.integers(1, 14))):
        device = draw(st.sampled_from(("aa", "bb", "cc")))
        known = [each.uid for each in made]
        bases = st.lists(st.sampled_from(known), max_size=3, unique=True) if known else st.just([])
        match draw(
            st.sampled_from(("set", "set", "set", "resolve", "void", "twin", "verdict", "release", "seal"))
        ):
            case "void":
                add(device, "void", {"why": draw(st.sampled_from(("误录", "重复"))), "b": draw(bases)})
            case "twin" if made:
                first = draw(st.sampled_from(made))
                head = first.parsed_head
                if head.k in JUDGING or head.o is not None:
                    continue
                add(device, head.k, first.parsed_body, Origin(head.d, head.q, first.hash.hex(), ""))
            case "verdict" | "release" as kind if made:
                judge = draw(st.sampled_from((SERVER, OTHER_SERVER, device)))
                target = draw(st.sampled_from(made)).hash.hex()
                add(judge, kind, {"of": target, "type": draw(st.sampled_from(("scope", "sealed")))})
            case "seal":
                add(device, "seal", {"line": "…", "covers": known})
            case kind:
                fields = draw(st.lists(st.sampled_from(FIELDS), min_size=1, max_size=2, unique=True))
                value = st.sampled_from(("甲", "乙", None, 3, True))
                cells = {name: {"x": draw(value), "b": draw(bases)} for name in fields}
                add(device, "resolve" if kind == "resolve" else "set", {"f": cells})
    return made


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_and_the_number_of_arrivals_never_matter(made: list[Entry], chance: random.Random):
    whole = fold(made, AUTHORITY)
    again = [*made, *chance.choices(made, k=5)]
    chance.shuffle(again)
    assert fold(again, AUTHORITY) == whole
    assert row_of(FoldTrial, "r", fold(again, AUTHORITY)) == row_of(FoldTrial, "r", whole)


@given(histories())
def test_the_heads_are_what_was_set_and_nobody_replaced(made: list[Entry]):
    state = fold(made, AUTHORITY)
    counting = effective(made, state.put_aside)
    for name in {*FIELDS, "voided"}:
        having = {each.uid for each in counting if name in setters(each)}
        gone = {base for each in counting if name in setters(each) for base in setters(each)[name][1]}
        assert {head.uid for head in state.heads.get(name, [])} == having - gone
        times = [head.time for head in state.heads.get(name, [])]
        assert times == sorted(times, reverse=True)
    assert len(state.seals) == sum(each.parsed_head.k == "seal" for each in counting)


@given(histories())
def test_only_the_authority_puts_aside_and_its_last_word_counts(made: list[Entry]):
    aside = put_aside(made, {SERVER})
    for target in {each.hash.hex() for each in made}:
        words = [
            each
            for each in made
            if each.parsed_head.d == SERVER
            and each.parsed_head.k in JUDGING
            and each.parsed_body["of"] == target
        ]
        # a decision counts more than a verdict, whichever came first
        decided = [each for each in words if each.parsed_head.k != "verdict"]
        last = max(decided or words, key=lambda each: each.parsed_head.q, default=None)
        assert (target in aside) == (last is not None and last.parsed_head.k != "release")
    assert put_aside(made, ()) == {}


def test_one_entry_alone_folds_as_among_others():
    void = entry("aa", 1, "void", {"why": "误录", "b": []})
    seen = entry("bb", 7, "note", {"text": "…"}, record_id="r")
    both = fold([void, seen], ())
    alone = fold([void], ())
    assert (alone.heads, alone.unit, alone.made_by) == (both.heads, both.unit, both.made_by)
    named = "ab" * 32
    itself = entry(
        "aa", 1, "set", {"f": {"name": {"x": "甲", "b": [named]}}}, origin=Origin("cc", 1, named, "")
    )
    assert fold([itself], ()).heads == {"name": []} == fold([itself, seen], ()).heads


def test_a_claimed_twin_does_not_displace_the_entry_it_names():
    true = entry("aa", 1, "set", {"f": {"name": {"x": "真", "b": []}}})
    for n in range(40):  # some of these have a smaller hash than the true one
        false = entry(
            "bb",
            n + 1,
            "set",
            {"f": {"name": {"x": f"假{n}", "b": []}}},
            origin=Origin("aa", 1, true.hash.hex(), ""),
        )
        assert fold([false, true], ()).value("name") == "真"
        assert fold([false], ()).value("name") == f"假{n}"


def test_verdicts_of_one_device_go_by_its_sequence_though_its_clock_went_back():
    thing = entry("aa", 1, "set", {"f": {"name": {"x": "甲", "b": []}}})
    aside = entry(SERVER, 1, "verdict", {"of": thing.hash.hex(), "type": "scope"}, at=1000)
    back = entry(SERVER, 2, "release", {"of": thing.hash.hex()}, at=-1000)
    assert fold([back, aside, thing], AUTHORITY).value("name") == "甲"
    assert fold([aside, thing], AUTHORITY).value("name") is None


MEMBERS = st.sampled_from(("f", "b", "x", "why", "id", "unit", "voided", "sealed", "name", "of", "seal", "v"))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(("", "甲", "\x00", "\u202e", "a" * 300))
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS, inner, max_size=4),
    max_leaves=12,
)
KINDS = st.sampled_from(
    (
        "set",
        "add",
        "resolve",
        "void",
        "attach",
        "seal",
        "amend",
        "note",
        "verdict",
        "release",
        "reject",
        "new",
    )
)


@given(st.lists(st.tuples(KINDS, st.dictionaries(MEMBERS, JSON, max_size=5)), max_size=6))
def test_no_body_breaks_the_fold_and_every_row_can_be_stored(bodies: list[tuple[str, dict[str, Any]]]):
    made = [entry(SERVER, n + 1, kind, body, at=n) for n, (kind, body) in enumerate(bodies)]
    state = fold(made, AUTHORITY)
    assert fold(reversed(made), AUTHORITY) == state
    if state.unit:
        row = row_of(FoldTrial, "r", state)
        assert (row["id"], row["unit"]) == ("r", "350602")
        for value in row.values():
            assert value is None or isinstance(value, (str, bool)) or abs(value) < 2**63


@given(st.sampled_from(sorted(SETTING)), st.dictionaries(MEMBERS, JSON, max_size=5), st.booleans())
def test_the_row_of_one_entry_is_that_of_its_fold(kind: str, fields: dict[str, Any], replaces: bool):
    one = entry(SERVER, 1, kind, {"f": fields})
    if replaces:  # an entry cannot name its own hash, but as a twin it can name its first home
        cells = {name: {"x": 1, "b": ["home"]} for name in (*FIELDS, "voided")}
        one = entry(SERVER, 1, kind, {"f": cells | fields}, origin=Origin("dd", 1, "home", "…"))
    assert row_of_one(FoldTrial, "r", one) == row_of(FoldTrial, "r", fold([one], AUTHORITY))


@given(st.dictionaries(st.sampled_from((*FIELDS, "voided", "initials")), JSON, max_size=5))
def test_the_row_of_one_entry_is_that_of_its_fold_for_good_cells_too(values: dict[str, Any]):
    one = entry(SERVER, 1, "set", {"f": {name: {"x": value, "b": []} for name, value in values.items()}})
    assert row_of_one(FoldTrial, "r", one) == row_of(FoldTrial, "r", fold([one], AUTHORITY))


@given(JSON)
def test_a_set_with_parts_of_wrong_types_sets_what_can_be_read(wrong: Any):
    good = entry("aa", 1, "set", {"f": {"name": {"x": "好的", "b": []}}})
    bad = entry("bb", 1, "set", {"f": {"remark": {"x": "注", "b": wrong}, "count": wrong}})
    state = fold([bad, good], ())
    assert (state.value("name"), state.value("remark")) == ("好的", "注")


@pytest.mark.parametrize(
    "body",
    [
        b'{"f":{"name":{"x":"\\ud800","b":[]}}}',
        b'{"f":{"name":{"x":1e999,"b":[]}}}',
        b'{"f":{"name":{"x":' + b"[" * 5000 + b"]" * 5000 + b"}}}",
        b'{"f":{"name":{"x":' + b"[" * 50 + b"]" * 50 + b"}}}",
        b'{"f":{"name":{"x":' + b"9" * 5000 + b"}}}",
        b'{"f":{"name":{"x":"\xff"}}}',
        b'{"f":',
        b"[]",
        b"",
    ],
)
def test_a_body_that_cannot_be_read_has_no_effect_and_is_refused_on_the_wire(body: bytes):
    bad = entry("aa", 1, "set", body)
    good = entry("aa", 2, "set", {"f": {"name": {"x": "好的", "b": []}}})
    assert fold([bad, good], ()).value("name") == "好的"
    line = bad.line()[:-1]
    with pytest.raises(ValueError):  # noqa: PT011 -- any text will do: it is for a log
        Entry.of_line(line, GENESIS)


def test_brackets_within_text_are_no_nesting():
    deep = entry("aa", 1, "set", {"f": {"name": {"x": '[{"\\' * 400, "b": []}}})
    assert fold([deep], ()).value("name") == '[{"\\' * 400


@pytest.mark.parametrize(
    "change", [{"q": 0}, {"q": -1}, {"q": 2**60}, {"c": 2**60}, {"sv": 2**60}, {"m": ["b", 2**64]}, {"o": {}}]
)
def test_a_head_that_no_database_could_hold_is_refused(change: dict[str, Any]):
    head = msgspec.json.decode(entry("aa", 1, "note", {"text": "…"}).head)
    bad = Entry.of_bytes(GENESIS, msgspec.json.encode(head | change), b"{}", bytes(64))
    with pytest.raises(ValueError):  # noqa: PT011
        Entry.of_line(bad.line()[:-1], GENESIS)


@pytest.mark.parametrize(
    ("wall", "correction", "time"),
    [
        ("2026-11-23T14:05:06.789+08:00", 0, 1_795_413_906_789),
        ("2026-11-23T06:05:06.789Z", 1000, 1_795_413_907_789),
        ("2026-W48-1", 5, 5),
        ("not a time", 0, 0),
        ("9999-12-31T23:59:59.999Z", 2**50, 253_402_300_799_999),
        ("0001-01-01T00:00:00+23:59", 0, 0),
        ("2026-02-30T00:00:00Z", 0, 0),
    ],
)
def test_times_are_read_alike_everywhere_and_stay_within_the_calendar(wall: str, correction: int, time: int):
    head = msgspec.json.decode(entry("aa", 1, "note", {}).head) | {"w": wall, "c": correction}
    assert Entry.of_bytes(GENESIS, msgspec.json.encode(head), b"{}", bytes(64)).time == time


@given(st.integers(0, 253_402_300_799_999 - 86_400_000), st.integers(-14 * 60, 14 * 60))
def test_an_instant_comes_back_from_its_text(ms: int, offset: int):
    assert parse_rfc3339(rfc3339(ms, offset)) == ms


def test_a_computed_column_that_fails_is_empty_and_never_touches_the_others():
    short = entry("aa", 1, "set", {"f": {"name": {"x": "甲", "b": []}}})
    row = row_of(FoldTrial, "r", fold([short], ()))
    assert (row["id"], row["unit"], row["name"], row.get("initials")) == ("r", "350602", "甲", None)
    long = entry("aa", 1, "set", {"f": {"name": {"x": "甲乙", "b": []}}})
    row = row_of(FoldTrial, "r", fold([long], ()))
    assert (row["id"], row["unit"], row["initials"]) == ("r", "350602", "乙")


def test_the_trial_kind_is_in_the_catalogue():
    kind = catalogue.kind("fold_trial")
    assert kind is not None
    assert kind.table is FoldTrial


def test_two_seals_of_one_record_are_a_conflict_and_a_repeated_one_is_none() -> None:
    """R11: each stands with what it covers; neither is taken for the record."""
    name = entry("a", 1, "set", {"f": {"name": {"x": "排水口", "b": []}}})
    first, second = (entry(device, 2, "seal", {"line": device, "covers": [name.uid]}) for device in "ab")
    state = fold([name, first], AUTHORITY)
    assert (state.conflicts, row_of(FoldTrial, "r", state)["conflicts"]) == ([], 0)
    assert fold([name, first, first], AUTHORITY).conflicts == []
    for order in ([name, first, second], [second, first, name]):
        state = fold(order, AUTHORITY)
        assert sorted(state.seals) == sorted(each.hash.hex() for each in (first, second))
        assert (state.conflicts, row_of(FoldTrial, "r", state)["conflicts"]) == (["sealed"], 1)
