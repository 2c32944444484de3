"""Seats that write, exchange, judge, refold and fail in any order agree, and their rows are a refold's."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from models import catalogue
from models.store.bodies import redacting_body
from models.store.change import Change, new_id, note, put, resolve, restore, void
from models.store.clock import Clock
from models.store.entry import Entry, is_withheld, withheld
from models.store.fold import fold
from models.store.health import chain_problems, file_problems
from models.store.journal import PUT_ASIDE, EntryRow
from models.store.orders import REDACT, may_go
from models.store.projection import Conflicted, Searched
from models.store.records import row_of
from models.store.seat import Arrival, Seat
from models.store.signer import Signer
from tests.rows import digest

UNIT = "350602"
TEXTS = st.sampled_from(("排水口", "雨水口", "东侧围堰", "一", "", None))
MakeSeat = Callable[..., Seat]


def bare_seat(path: Path, clock: Clock | None = None) -> Seat:
    """A seat without a notebook's keys and folders around it."""
    seat = Seat(path, bytes(32), clock=clock)
    seat._prepare()
    seat._begin(Signer.new(), UNIT, new_id())
    return seat


def trial_table() -> Any:
    return catalogue.kind("trial").table


def rows_from_the_journal(seat: Seat) -> list[dict[str, Any]]:
    """What the trial rows must be, folded here and now."""
    with seat:
        ids = {row.record for row in EntryRow.select().where(EntryRow.record_kind == "trial")}
        rows = []
        for record in sorted(ids):
            own = [each for each in seat.journal.entries_of(record) if each.parsed_head.t == "trial"]
            state = fold(own, seat.journal.authority)
            if state.unit:
                rows.append(row_of(trial_table(), record, state))
    return rows


def rows_of(seat: Seat) -> list[dict[str, Any]]:
    with seat:
        return list(trial_table().select().order_by(trial_table().id).dicts())


def derived(seat: Seat) -> tuple[Any, ...]:
    """All that is derived from the entries."""
    with seat:
        return (
            digest(trial_table()),
            sorted((row.record, row.kind, row.fields) for row in Conflicted.select()),
            sorted((row.record, row.kind, row.terms) for row in Searched.select() if row.terms),
            sorted((bytes(row.hash), row.problem) for row in EntryRow.select() if row.state == PUT_ASIDE),
        )


def carry(source: Seat, target: Seat, chance: random.Random | None = None) -> list[tuple[str, str, str]]:
    """Bring all entries over, in any order when chance is given."""
    with source:
        arrivals = [Arrival(row.entry()) for row in source.journal.in_order()]
    if chance is not None:
        chance.shuffle(arrivals)
    return target.receive(arrivals)


class Fault(Exception):
    """Ends a transaction."""


class Seats(RuleBasedStateMachine):
    """Two officers' seats and a server whose verdicts they obey."""

    records = Bundle("records")

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.now = 1_700_000_000_000
        self.seats = [self.seat(name, skew) for name, skew in (("a", 0), ("b", -90_000), ("s", 400))]
        self.server = self.seats[2]
        self.gone: dict[bytes, bytes] = {}
        for seat in self.seats:
            seat.trust(self.server.device)

    def seat(self, name: str, skew: int) -> Seat:
        def wall() -> int:
            self.now += 1
            return self.now + skew

        return bare_seat(self.folder / name, Clock(wall, lambda: self.now, lambda: "boot", lambda _: 480))

    @rule(target=records, which=st.integers(0, 2), name=TEXTS, count=st.none() | st.integers())
    def make(self, which: int, name: str | None, count: int | None) -> str:
        record = new_id()
        if count is not None and abs(count) >= 2**63:
            count = 0
        self.seats[which].write(put("trial", record, UNIT, name=name, count=count))
        return record

    @rule(record=records, which=st.integers(0, 2), name=TEXTS, done=st.booleans())
    def change(self, record: str, which: int, name: str | None, done: bool) -> None:
        self.seats[which].write(put("trial", record, UNIT, name=name, done=done))

    @rule(record=records, which=st.integers(0, 2), name=TEXTS)
    def settle(self, record: str, which: int, name: str | None) -> None:
        self.seats[which].write(resolve("trial", record, UNIT, name=name))

    @rule(record=records, which=st.integers(0, 2), back=st.booleans())
    def withdraw(self, record: str, which: int, back: bool) -> None:
        seat = self.seats[which]
        seat.write(restore("trial", record, UNIT) if back else void("trial", record, UNIT, "误录"))
        seat.write(note("trial", record, UNIT, "见附图"))

    @rule(record=records, which=st.integers(0, 2), name=TEXTS)
    def fail(self, record: str, which: int, name: str | None) -> None:
        seat = self.seats[which]
        before = derived(seat)
        with pytest.raises(Fault), seat.writing():  # noqa: PT012 -- the fault comes after the writes
            seat.write(
                put("trial", record, UNIT, name=name, count=1), put("trial", new_id(), UNIT, name="未")
            )
            seat.set_meta(lost="1")
            raise Fault
        assert derived(seat) == before
        assert seat.meta("lost") is None

    @rule(record=records, chance=st.randoms(use_true_random=False), release=st.booleans())
    def judge(self, record: str, chance: random.Random, release: bool) -> None:
        with self.server:
            entries = self.server.journal.entries_of(record)
        if entries:
            body = {"of": chance.choice(entries).hash.hex(), "type": "scope"}
            self.server.write(Change("release" if release else "verdict", "trial", record, UNIT, body=body))

    @rule(record=records, chance=st.randoms(use_true_random=False))
    def take_out(self, record: str, chance: random.Random) -> None:
        authority = self.server.journal.authority
        with self.server:
            entries = self.server.journal.entries_of(record)
        named = [each for each in entries if may_go(each, authority) and not is_withheld(each.body)]
        if named:
            entry = chance.choice(named)
            before = self.heads_without(record, entry)
            body = redacting_body(entry) | {"why": "法院文书"}
            said = self.server.write(Change(REDACT, "trial", record, UNIT, body=body))
            self.server.obey(said)
            self.gone[entry.hash] = withheld(entry.body)
            with self.server:
                after = self.server.journal.heads(record)
            left = ("voided", "-", entry.uid)
            found = {(name, head.value, head.uid) for name, heads in after.items() for head in heads} - {left}
            assert found == before, "its values go, and nothing that it replaced comes back"

    def heads_without(self, record: str, entry: Entry) -> set[tuple[str, Any, str]]:
        with self.server:
            heads = self.server.journal.heads(record)
        return {
            (name, head.value, head.uid)
            for name, some in heads.items()
            for head in some
            if head.uid != entry.uid
        }

    @rule(giver=st.integers(0, 2), taker=st.integers(0, 2), chance=st.randoms(use_true_random=False))
    def exchange(self, giver: int, taker: int, chance: random.Random) -> None:
        if giver != taker:
            assert carry(self.seats[giver], self.seats[taker], chance) == []

    @rule(which=st.integers(0, 2), batches=st.integers(0, 3))
    def refold_partly(self, which: int, batches: int) -> None:
        seat, kind = self.seats[which], catalogue.kind("trial")
        with seat.writing():
            seat.projector.begin_refold(kind)
        more = True
        for _ in range(batches):
            with seat.writing():
                more = more and seat.projector.refold_some(kind, 2)

    @rule(which=st.integers(0, 2))
    def refold_cut_by_a_failure(self, which: int) -> None:
        seat, kind = self.seats[which], catalogue.kind("trial")
        with pytest.raises(Fault), seat.writing():  # noqa: PT012
            seat.projector.begin_refold(kind)
            while seat.projector.refold_some(kind, 3):
                pass
            raise Fault

    @rule(which=st.integers(0, 2))
    def refold(self, which: int) -> None:
        before = derived(self.seats[which])
        self.seats[which].refold(["trial"], batch=3)
        assert derived(self.seats[which]) == before

    @invariant()
    def rows_are_what_the_journal_folds_to(self) -> None:
        for seat in getattr(self, "seats", ()):
            assert rows_of(seat) == rows_from_the_journal(seat)

    def teardown(self) -> None:
        if not hasattr(self, "seats"):
            return
        try:
            chance = random.Random(1)
            for source in self.seats:
                for target in self.seats:
                    if source is not target:
                        assert carry(source, target, chance) == []
            same = [derived(seat) for seat in self.seats]
            assert same[0] == same[1] == same[2]
            for seat in self.seats:
                with seat:
                    bodies = {bytes(row.hash): bytes(row.body) for row in EntryRow.select()}
                assert {digest: bodies[digest] for digest in self.gone} == self.gone
                seat.refold(["trial"], batch=4)
                assert chain_problems(seat) == file_problems(seat) == []
            assert [derived(seat) for seat in self.seats] == same
        finally:
            for seat in self.seats:
                seat.close()
            shutil.rmtree(self.folder)


TestSeats = Seats.TestCase
TestSeats.settings = settings(
    max_examples=12, stateful_step_count=18, deadline=None, suppress_health_check=list(HealthCheck)
)
