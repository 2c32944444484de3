"""Whatever a person tries, in whatever order: no illegal state, no skipped paper, no unguided closing."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, precondition, rule

from models.cases.damage import queries as damage
from models.cases.damage import stages
from models.cases.damage.stages import after, next_steps
from models.cases.flow import verbs
from models.cases.fund import queries as funds
from models.cases.fund import verbs as fund
from models.cases.restoration import queries as restorations
from models.cases.restoration import verbs as restoration
from models.errors import RuleBroken
from models.language import use_language
from models.store import keys
from models.store.change import new_id, put
from models.store.notebook import Notebook
from tests.models.cases.flow.world import UNIT, Office, day

START = "2021-03-10"
STEPS = sorted(set(stages.STEPS) - {"start"})
PAPERS = sorted(stages.papers())
DAYS = st.integers(0, 60)


class CaseMachine(RuleBasedStateMachine):
    """One case and everything that may be done to it; what is refused leaves everything as it was."""

    restorations = Bundle("restorations")

    def __init__(self) -> None:
        super().__init__()
        use_language("zh")
        self.folder = tempfile.TemporaryDirectory()
        person = new_id()
        self.book = Notebook.create(
            Path(self.folder.name) / "notebook", "青山绿水-2026", person=person, unit=UNIT, cost=keys.FAST
        )
        self.book.write(
            put("officer", person, UNIT, name="负责人", certificate="FJ1", unit_code=UNIT, role="lead")
        )
        self.office = Office.of(self.book)
        self.case = self.office.case(START)
        self.vouchers = 0

    def teardown(self) -> None:
        self.book.close()
        self.folder.cleanup()

    def tried(self, verb: Any, *args: Any, **fields: Any) -> Any:
        """Do it, or be refused with a sentence; a refusal writes nothing."""
        before = self.book.journal
        with self.book:
            count = before.last(self.book.device)
        try:
            return verb(*args, **fields)
        except RuleBroken as error:
            refused = error
        with self.book:
            assert self.book.journal.last(self.book.device) == count
        assert refused.text()
        return None

    @rule(name=st.sampled_from(STEPS), days=DAYS, to=st.sampled_from([None, *stages.STAGES]))
    def step(self, name: str, days: int, to: str | None) -> None:
        """Any step on any day: it is taken only where it may follow and all that it requires is there."""
        at = self.office.at(self.case)
        there = {row.kind for row in damage.papers_of(self.book, self.case)}
        made = self.tried(verbs.step, self.book, self.case, name, on=day(START, days), to=to, reason="理由")
        if made is None:
            return
        assert name in next_steps(at)
        for group in stages.required(name):
            assert there & set(group)
        if name == "closed":
            self.closed_with_guidance()

    def closed_with_guidance(self) -> None:
        """Every restoration of a closed case was guided by the department of its mode."""
        for row in restorations.restorations_of(self.book, self.case):
            guided = {each.department for each in restorations.guidance_of(self.book, row.id)}
            assert row.mode == "in_place" or guided

    @rule(kind=st.sampled_from(PAPERS), days=DAYS)
    def paper(self, kind: str, days: int) -> None:
        """Any paper on any day."""
        self.tried(self.office.paper, self.case, kind, day(START, days))

    @rule(days=DAYS)
    def assess(self, days: int) -> None:
        """Assessment with all its parts, wherever it is tried."""
        self.tried(self.whole, self.office.assess, day(START, days))

    @rule(days=DAYS)
    def consult(self, days: int) -> None:
        """Consultation with notice and service."""
        self.tried(self.whole, self.office.consult, day(START, days))

    def whole(self, part: Any, on: str) -> None:
        """A part of the procedure in one transaction."""
        with self.book.writing():
            part(self.case, on)

    @rule(days=DAYS)
    def investigate(self, days: int) -> None:
        """Investigation with its report."""
        self.tried(self.whole, self.office.investigate, day(START, days))

    @rule(days=DAYS)
    def meet(self, days: int) -> None:
        """A meeting."""
        self.tried(self.office.meet, self.case, day(START, days))

    @rule(days=DAYS, cents=st.integers(-5, 10**7))
    def agree(self, days: int, cents: int) -> None:
        """An agreement."""
        self.tried(self.office.agree, self.case, day(START, days), cents=cents)

    @rule(target=restorations, days=DAYS, mode=st.sampled_from(["in_place", "fish_release", "replanting"]))
    def plan(self, days: int, mode: str) -> str:
        """A restoration."""
        made = self.tried(
            restoration.plan,
            self.book,
            self.case,
            mode=mode,
            plan="修复",
            planned_on=day(START, days),
            why_off_site="不能就地修复",
            place="西溪",
        )
        return made or ""

    @rule(made=restorations, days=DAYS, department=st.sampled_from(["fisheries", "forestry", "water"]))
    def guide(self, made: str, days: int, department: str) -> None:
        """Guidance by some department."""
        if made:
            self.tried(
                restoration.guide,
                self.book,
                made,
                department=department,
                on=day(START, days),
                person="指导员",
                opinion="符合",
            )

    @rule(made=restorations, days=DAYS)
    def begin_and_finish(self, made: str, days: int) -> None:
        """A restoration is done."""
        if made:
            self.tried(restoration.begin, self.book, made, on=day(START, days))
            self.tried(restoration.finish, self.book, made, on=day(START, days))

    @rule(cents=st.integers(-5, 10**6), days=DAYS)
    def receive(self, cents: int, days: int) -> None:
        """Money comes in."""
        self.vouchers += 1
        self.tried(
            fund.receive,
            self.book,
            self.case,
            source="agreed",
            cents=cents,
            voucher=f"票{self.vouchers}",
            on=day(START, days),
            payer="示例企业03",
        )

    @rule(made=restorations, cents=st.integers(1, 10**6), days=DAYS)
    def spend(self, made: str, cents: int, days: int) -> None:
        """Money goes out to a restoration."""
        if made:
            self.vouchers += 1
            self.tried(
                fund.spend,
                self.book,
                made,
                ledger="compensation",
                purpose="restoration",
                cents=cents,
                voucher=f"票{self.vouchers}",
                on=day(START, days),
                payee="示例苗圃",
            )

    @precondition(lambda self: len(damage.steps(self.book, self.case)) > 1)
    @rule()
    def withdraw_last(self) -> None:
        """The last step was a mistake."""
        last = stages.in_order(damage.steps(self.book, self.case))[-1]
        self.tried(verbs.withdraw_step, self.book, last.id, "误录")

    @invariant()
    def the_steps_are_a_path_through_the_procedure(self) -> None:
        """Every step that stands follows from the one before."""
        at = stages.Progress()
        for each in stages.in_order(damage.steps(self.book, self.case)):
            at = after(at, each.step or "", each.on or "", each.to)
        assert at.odd == ()
        assert at.standing in ("done", "awaiting", "other")

    @invariant()
    def no_ledger_is_ever_below_zero(self) -> None:
        """On no day of the case."""
        for days in (0, 20, 40, 60):
            balances = funds.balances(self.book, date.fromisoformat(day(START, days)))
            assert all(cents >= 0 for cents in balances.values())


TestCaseMachine = CaseMachine.TestCase
TestCaseMachine.settings = settings(
    max_examples=6,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
pytestmark = pytest.mark.requirement("R026", "R029", "R042", "R043")
