"""What may go wrong around a write: rollbacks, threads, closing, other versions, hostile entries."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import catalogue
from models.errors import NotebookLocked, StoreRefused
from models.store.change import Change, new_id, put
from models.store.database import full_disk, here
from models.store.entry import GENESIS, Entry
from models.store.health import chain_problems, file_problems
from models.store.journal import PUT_ASIDE, RECEIVED, EntryRow
from models.store.projection import Conflicted
from models.store.seat import Arrival, Seat
from models.store.signer import Signer
from tests.rows import digest

UNIT = "350602"


class Fault(Exception):
    """Ends a transaction."""


def bare_seat(path: Path) -> Seat:
    seat = Seat(path, bytes(32))
    seat._prepare()
    seat._begin(Signer.new(), UNIT, new_id())
    return seat


def reopened(seat: Seat) -> Seat:
    """The same file in another process's place."""
    again = Seat(seat.path, bytes(32))
    seat.close()
    again._prepare()
    again.signer = seat.signer
    if again._refolder is not None:
        again._refolder.join()
    return again


@pytest.fixture
def seat(tmp_path: Path) -> Iterator[Seat]:
    seat = bare_seat(tmp_path / "a.db")
    yield seat
    seat.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Seat]:
    seat = bare_seat(tmp_path / "b.db")
    yield seat
    seat.close()


def table() -> Any:
    return catalogue.kind("trial").table


def named(seat: Seat, record: str) -> Any:
    with seat:
        row = table().get_or_none(id=record)
    return row.name if row is not None else None


def arrivals(seat: Seat) -> list[Arrival]:
    with seat:
        return [Arrival(row.entry()) for row in seat.journal.in_order()]


def crafted(body: Any, **head: Any) -> Entry:
    """An entry of a device nobody knows, with any head and body."""
    members = {"v": 1, "d": "ff", "q": 1, "k": "set", "t": "trial", "e": "x", "sc": UNIT, "sv": 1, "u": "u"}
    members |= {"w": "2026-11-23T14:05:06.789+08:00", "m": ["b", 1]} | head
    encoded = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return Entry.of_bytes(GENESIS, msgspec.json.encode(members), encoded, bytes(64))


# -- rollbacks -----------------------------------------------------------------------------------


def test_a_refold_whose_begin_was_undone_is_not_written_to(seat):
    with pytest.raises(Fault), seat.writing():  # noqa: PT012 -- the fault comes after the begin
        seat.projector.begin_refold(catalogue.kind("trial"))
        raise Fault
    record = new_id()
    seat.write(put("trial", record, UNIT, name="一"))
    assert named(seat, record) == "一"


def test_a_refold_whose_swap_was_undone_still_gets_what_is_written(seat):
    record, kind = new_id(), catalogue.kind("trial")
    seat.write(put("trial", record, UNIT, name="一"))
    with seat.writing():
        seat.projector.begin_refold(kind)
        assert seat.projector.refold_some(kind)
    with pytest.raises(Fault), seat.writing():  # noqa: PT012
        assert not seat.projector.refold_some(kind)
        raise Fault
    seat.write(put("trial", record, UNIT, name="二"))
    seat.refold(["trial"])
    assert named(seat, record) == "二"


def test_facts_are_as_last_committed_in_every_thread(seat):
    assert seat.meta("place") is None
    seat.set_meta(place="漳州")
    assert seat.meta("place") == "漳州"
    inside = []
    with pytest.raises(Fault), seat.writing():  # noqa: PT012
        seat.set_meta(place="龙海")
        inside.append(seat.meta("place"))
        thread = threading.Thread(target=lambda: inside.append(seat.meta("place")))
        thread.start()
        thread.join()
        raise Fault
    assert inside == ["龙海", "漳州"]
    assert seat.meta("place") == "漳州"
    seat.set_meta(place=None)
    assert seat.meta("place") is None


def test_a_failed_trust_is_not_obeyed(seat, monkeypatch):
    record = new_id()
    (entry,) = seat.write(put("trial", record, UNIT, name="一"))
    seat.write(Change("verdict", "trial", record, UNIT, body={"of": entry.hash.hex(), "type": "scope"}))
    monkeypatch.setattr(seat.journal, "entries_of", lambda record: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        seat.trust(seat.device)
    monkeypatch.undo()
    assert seat.journal.authority == set()
    assert named(seat, record) == "一"


def test_only_a_full_disk_is_called_one():
    assert full_disk(OSError(28, "No space left on device"))
    assert not full_disk(Exception("no such table: full_text"))


# -- threads -------------------------------------------------------------------------------------


def test_a_listener_that_fails_does_not_fail_the_write(seat):
    heard = []

    def broken(touched: Any) -> None:
        raise RuntimeError

    ends = [seat.subscribe(broken), seat.subscribe(heard.append)]
    record = new_id()
    seat.write(put("trial", record, UNIT, name="一"))
    assert heard == [frozenset({("trial", record)})]
    for end in (*ends, *ends):
        end()
    seat.write(put("trial", record, UNIT, name="二"))
    assert len(heard) == 1


def test_closing_waits_for_readers_and_tells_them_that_it_is_locked(seat):
    seat.write(*(put("trial", new_id(), UNIT, name="一") for _ in range(50)))
    reading, outcomes = threading.Barrier(5), []

    def read() -> None:
        try:
            with seat:
                reading.wait()
                while True:
                    here.execute_sql("SELECT count(*) FROM trial a, trial b, trial c").fetchall()
        except BaseException as error:
            outcomes.append(type(error))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    reading.wait()
    seat.close()
    for thread in threads:
        thread.join()
    assert outcomes == [NotebookLocked] * 4


def test_who_waits_to_write_while_it_closes_is_told(seat):
    begun, outcomes = threading.Event(), []

    def write() -> None:
        begun.set()
        try:
            seat.write(put("trial", new_id(), UNIT, name="一"))
        except BaseException as error:
            outcomes.append(type(error))

    with seat._writing:
        thread = threading.Thread(target=write)
        thread.start()
        begun.wait()
        seat.close()
    thread.join()
    assert outcomes == [NotebookLocked]
    with pytest.raises(NotebookLocked), seat:
        pass


def test_the_connection_of_a_thread_ends_with_it(seat):
    def read() -> None:
        with seat:
            table().select().count()

    for _ in range(30):
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    assert len(seat.database._open) < 5


def test_refolds_reads_and_writes_in_threads_lose_nothing(seat):
    records = [new_id() for _ in range(40)]
    done, failures, kind = threading.Event(), [], catalogue.kind("trial")

    def guarded(work: Any) -> threading.Thread:
        def run() -> None:
            try:
                work()
            except BaseException as error:
                failures.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def write(mark: str) -> None:
        for n, record in enumerate(records):
            seat.write(put("trial", record, UNIT, name=f"{mark}{n}"))

    def read() -> None:
        known = 0
        while not done.is_set():
            with seat:
                count = table().select().where(table().name.is_null(False)).count()
            assert count >= known
            known = count

    def refold() -> None:
        while not done.is_set():
            seat.refold(["trial"], batch=7)

    writers = [guarded(lambda mark=mark: write(mark)) for mark in "甲乙"]
    others = [guarded(read), guarded(refold)]
    for thread in writers:
        thread.join()
    done.set()
    for thread in others:
        thread.join()
    assert failures == []
    with seat:
        before = digest(table())
        assert table().select().count() == 40
    seat.refold(["trial"])
    with seat:
        assert digest(table()) == before
        assert seat.projector.stale() == []
        assert kind.table.get_by_id(records[5]).name in ("甲5", "乙5")
    assert chain_problems(seat) == file_problems(seat) == []


# -- other versions ------------------------------------------------------------------------------


def test_a_kind_comes_alive_when_a_later_version_knows_it(tmp_path, other, monkeypatch):
    record = new_id()
    other.write(put("trial", record, UNIT, name="排水口"))
    other.write(Change("set", "trial", record, UNIT, fields={"name": "雨水口"}))
    kind = catalogue._kinds["trial"]
    monkeypatch.delitem(catalogue._kinds, "trial")
    old = bare_seat(tmp_path / "old.db")
    assert old.receive(arrivals(other)) == []
    old.write(put("trial", record, UNIT, remark="未识别的类型也能写"))
    monkeypatch.setitem(catalogue._kinds, "trial", kind)
    new = reopened(old)
    assert named(new, record) == "雨水口"
    assert new.search("雨水") == [("trial", record)]
    new.close()


def test_conflicts_of_a_kind_that_comes_alive_are_listed(tmp_path, seat, other, monkeypatch):
    record = new_id()
    seat.write(put("trial", record, UNIT, name="甲"))
    other.write(put("trial", record, UNIT, name="乙"))
    kind = catalogue._kinds["trial"]
    monkeypatch.delitem(catalogue._kinds, "trial")
    old = bare_seat(tmp_path / "old.db")
    old.receive(arrivals(seat) + arrivals(other))
    monkeypatch.setitem(catalogue._kinds, "trial", kind)
    new = reopened(old)
    with new:
        assert Conflicted.get_by_id(record).fields == "name"
    new.close()


def test_a_column_that_a_later_version_adds_is_filled_from_the_journal(tmp_path):
    old = bare_seat(tmp_path / "old.db")
    record = new_id()
    old.write(put("trial", record, UNIT, name="一", remark="早已写下"))
    with old.writing():
        here.execute_sql("ALTER TABLE trial DROP COLUMN remark")
    new = reopened(old)
    with new:
        assert table().get_by_id(record).remark == "早已写下"
    new.close()


# -- what comes from elsewhere -------------------------------------------------------------------


def test_a_verdict_that_comes_before_its_entry_marks_it_too(seat, other):
    seat.trust(other.device)
    record = new_id()
    (bad,) = other.write(put("trial", record, UNIT, name="一"))
    (verdict,) = other.write(
        Change("verdict", "trial", record, UNIT, body={"of": bad.hash.hex(), "type": "scope"})
    )
    assert seat.receive([Arrival(verdict)]) == []
    assert seat.receive([Arrival(bad)]) == []
    with seat:
        row = seat.journal.by_hash(record, bad.hash)
    assert (row.state, row.problem) == (PUT_ASIDE, "scope")
    (release,) = other.write(Change("release", "trial", record, UNIT, body={"of": bad.hash.hex()}))
    seat.receive([Arrival(release)])
    with seat:
        row = seat.journal.by_hash(record, bad.hash)
    assert (row.state, row.problem) == (RECEIVED, None)


def test_entries_that_are_known_are_taken_once_and_learn_their_place(seat, other):
    record = new_id()
    other.write(put("trial", record, UNIT, name="一"))
    came = arrivals(other)
    assert seat.receive([*came, *came]) == []
    placed = [Arrival(arrival.entry, n + 1, n + 1) for n, arrival in enumerate(came)]
    assert seat.receive(placed) == []
    with seat:
        rows = list(EntryRow.select().where(EntryRow.device == other.device).order_by(EntryRow.seq))
    assert [row.cursor for row in rows] == [1, 2]


def test_a_fork_is_told_and_not_taken(seat, other):
    other.write(put("trial", new_id(), UNIT, name="一"))
    true = arrivals(other)[-1].entry
    head = msgspec.json.decode(true.head)
    fork = Entry.of_bytes(true.prev, true.head, b'{"f":{}}', bytes(64))
    assert seat.receive([Arrival(true), Arrival(fork)]) == [("trial", head["e"], "fork")]
    assert seat.receive([Arrival(fork)]) == [("trial", head["e"], "fork")]
    with seat:
        assert EntryRow.select().where(EntryRow.device == other.device).count() == 1


def test_own_entries_that_were_lost_come_back_and_the_chain_goes_on(tmp_path, seat):
    record = new_id()
    seat.write(put("trial", record, UNIT, name="一"))
    restored = Seat(tmp_path / "restored.db", bytes(32))
    restored._prepare()
    restored.signer = seat.signer
    assert restored.receive(arrivals(seat)) == []
    restored.write(put("trial", record, UNIT, name="二"))
    assert chain_problems(restored) == []
    with restored:
        rows = list(EntryRow.select().order_by(EntryRow.seq))
        assert [(row.seq, row.own) for row in rows] == [(1, True), (2, True), (3, True)]
    restored.close()


def test_one_id_in_two_kinds_is_two_records_whatever_comes_first(seat, other, tmp_path):
    record = new_id()
    seat.write(put("trial", record, UNIT, name="排水口"))
    other.write(put("fold_trial", record, UNIT, name="甲乙", remark="另一类"))
    third = bare_seat(tmp_path / "c.db")
    third.receive(arrivals(other) + arrivals(seat))
    seat.receive(arrivals(other))
    for each in (seat, third):
        with each:
            row = table().get_by_id(record)
            assert (row.name, row.conflicts) == ("排水口", 0)
        assert each.search("排水", ["trial"]) == [("trial", record)]
    third.close()


MEMBERS = st.sampled_from(("f", "b", "x", "why", "id", "unit", "voided", "sealed", "name", "count", "done"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.sampled_from(("甲", "\x00", "1")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS, inner, max_size=4),
    max_leaves=10,
)
KINDS = st.sampled_from(("set", "void", "attach", "seal", "amend", "note"))
BODIES = st.dictionaries(MEMBERS, JSON, max_size=4) | st.builds(
    lambda cells: {"f": {name: {"x": value, "b": value} for name, value in cells.items()}},
    st.dictionaries(MEMBERS, JSON, max_size=4),
)


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(st.sampled_from(("set", "void", "attach", "seal", "amend", "note")), BODIES), max_size=8
    )
)
def test_hostile_bodies_are_kept_and_harm_no_other_record(tmp_path_factory, bodies):
    seat = bare_seat(tmp_path_factory.mktemp("hostile") / "a.db")
    record = new_id()
    seat.write(put("trial", record, UNIT, name="排水口"))
    came = [Arrival(crafted(body, q=n + 1, k=kind, e="x")) for n, (kind, body) in enumerate(bodies)]
    assert seat.receive(came) == []
    with seat:
        before = digest(table())
        assert EntryRow.select().where(EntryRow.device == "ff").count() == len(bodies)
        seat.journal.history("x")
    seat.refold(["trial"])
    with seat:
        assert digest(table()) == before
    assert named(seat, record) == "排水口"
    seat.write(put("trial", "x", UNIT, name="仍可写"))
    assert named(seat, "x") == "仍可写"
    seat.close()


def test_hostile_heads_and_bodies_that_cannot_be_read_harm_nothing(seat):
    deep = b'{"f":' + b"[" * 3000 + b"]" * 3000 + b"}"
    came = [
        crafted({}, q=1, sc=""),
        crafted({}, q=2, e="", t=""),
        crafted({}, q=3, t="sqlite_master", e="'; DROP TABLE entry; --"),
        crafted({"f": {"name": {"x": "甲"}}}, q=4, w="yesterday", e="y"),
        crafted(deep, q=5, e="y"),
        crafted(b"\xff", q=6, e="y"),
        crafted({"of": ["no", "hash"]}, q=7, k="verdict"),
        Entry.of_bytes(GENESIS, b"[]", b"{}", bytes(64)),
        crafted({}, q=2**60),
    ]
    failed = seat.receive([Arrival(entry) for entry in came])
    assert failed == [("", "", "malformed")] * 2
    assert named(seat, "y") == "甲"
    seat.refold(["trial"])
    assert named(seat, "y") == "甲"
    with seat:
        assert len(seat.journal.history("y")) == 3


def test_a_seat_opened_with_the_wrong_key_is_refused(seat):
    wrong = Seat(seat.path, b"\x01" * 32)
    with pytest.raises(StoreRefused):
        wrong._prepare()


def test_two_who_wrote_the_same_are_replaced_together(seat, other):
    record = new_id()
    seat.write(put("trial", record, UNIT, name="甲"))
    other.write(put("trial", record, UNIT, name="甲"))
    seat.receive(arrivals(other))
    with seat:
        assert table().get_by_id(record).conflicts == 0
    seat.write(put("trial", record, UNIT, name="乙"))
    with seat:
        row = table().get_by_id(record)
    assert (row.name, row.conflicts) == ("乙", 0)
