"""A damage case played by its verbs, one part at a time, with days that a test chooses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from models.cases.assessment import verbs as assessment
from models.cases.collaboration import verbs as collaboration
from models.cases.damage import clues, losses
from models.cases.damage import queries as damage
from models.cases.damage.stages import Progress
from models.cases.flow import decisions, papers, verbs
from models.cases.restoration import verbs as restoration
from models.registry import verbs as registry
from models.registry.experts import verbs as experts
from models.store.notebook import Notebook
from models.store.seat import Seat

UNIT = "350602"


def day(text: str, days: int = 0) -> str:
    """A day so many days later."""
    return (date.fromisoformat(text) + timedelta(days=days)).isoformat()


@dataclass
class Office:
    """A bureau with a head who approves and experts to draw from."""

    seat: Seat
    head: str
    lead: str

    @classmethod
    def of(cls, notebook: Notebook) -> Office:
        """Enter the head and five experts as the server does, where nobody is unlocked."""
        person, notebook.person = notebook.person, ""
        try:
            head = registry.add_officer(notebook, "负责人01", unit_code=UNIT, role="county_head")
            for number in range(8):
                experts.add(
                    notebook,
                    name=f"专家{number}",
                    employer=f"示例研究所{number}",
                    title="高级工程师",
                    fields="environment",
                    source="court",
                    unit_code=UNIT,
                    entered_on="2020-01-01",
                )
        finally:
            notebook.person = person
        return cls(notebook, head, person)

    def clue(self, received_on: str, **fields: Any) -> str:
        """A clue with all that a start needs but its check."""
        given = {
            "source": "inspection",
            "description": "偷排废水",
            "party": "示例企业03",
            "place": "示例路3号",
            "occurred_on": day(received_on, -10),
            "facts": "COD 240 mg/L，超标1.4倍",
            **fields,
        }
        return clues.register(self.seat, received_on=received_on, unit=UNIT, **given)

    def checked_clue(self, received_on: str, **fields: Any) -> str:
        """A clue whose first check is written down, a day after it came."""
        made = self.clue(received_on, **fields)
        clues.check(self.seat, made, on=day(received_on, 1), checker="执法员01", text="属实")
        return made

    def case(self, started_on: str, **fields: Any) -> str:
        """A started case."""
        clue = self.checked_clue(day(started_on, -5), **fields)
        return decisions.start(
            self.seat,
            clue,
            on=started_on,
            grounds="serious",
            approver=self.head,
            lead_officer=self.lead,
        )

    def at(self, case: str, as_of: str = "9999-12-31") -> Progress:
        """Where the case stands."""
        return damage.progress_of(self.seat, case, date.fromisoformat(as_of))

    def paper(self, case: str, kind: str, on: str, **fields: Any) -> str:
        """Enter a paper."""
        return papers.add_paper(self.seat, case, kind=kind, dated_on=on, **fields)

    def step(self, case: str, name: str, on: str) -> None:
        """Take a step."""
        verbs.step(self.seat, case, name, on=on)

    def investigate(self, case: str, on: str) -> None:
        """Begin the investigation and write its report."""
        self.step(case, "investigation", on)
        self.paper(case, "damage_report", on)

    def assess(self, case: str, on: str, cents: int = 5_000_000, method: str = "experts") -> None:
        """Begin the assessment, draw experts, have their opinion, note the damage."""
        self.step(case, "assessment", on)
        self.opine(case, on)
        verbs.edit_case(self.seat, case, method=method, simple=method != "appraisal")
        kind = {"experts": "expert_opinion", "appraisal": "appraisal_report", "combined": "combined_finding"}
        self.paper(case, kind[method], on)
        losses.add_loss(
            self.seat,
            case,
            head="restoration",
            item="放流",
            way="substitute",
            basis="专家意见",
            cents=cents,
        )

    def opine(self, case: str, on: str, reason: str | None = None) -> None:
        """Draw three experts and have their opinion."""
        drawn = assessment.draw(self.seat, case, on=on, count=3, seed="seed", reason=reason)
        assessment.opine(
            self.seat,
            drawn,
            no_conflict=True,
            signed=True,
            commissioned_by="分局",
            matter="量化损害",
            materials="笔录",
            surveyed_on=on,
            surveyed_place="示例路",
            damage="河段受损",
            causation="一致",
            formula="数量×单价",
            parameters="1×1",
            parameter_source="市价",
            total_cents=5_000_000,
            restoration_mode="fish_release",
            restoration_amount="一万尾",
            restoration_place="西溪",
            restoration_term="三个月",
            dissent="无",
            dated_on=on,
        )

    def consult(self, case: str, on: str, served_on: str | None = None) -> str:
        """Begin the consultation and serve its notice; the notice's record id."""
        self.step(case, "consultation", on)
        notice = self.paper(case, "consultation_notice", on)
        papers.serve(self.seat, notice, on=served_on or on, to="示例企业03", how="direct")
        return notice

    def meet(self, case: str, on: str, **fields: Any) -> str:
        """Hold a meeting."""
        given = {"place": "分局", "present": "双方", "minutes": "交换意见", "result": "continue", **fields}
        return papers.hold_meeting(self.seat, case, held_on=on, **given)

    def agree(self, case: str, on: str, **fields: Any) -> None:
        """Sign the agreement."""
        given = {"cents": 5_000_000, "perform_by": day(on, 90), **fields}
        verbs.sign_agreement(self.seat, case, on=on, **given)

    def deliberate(self, case: str, stage: str, on: str) -> None:
        """Invite natural resources and the town, procuratorate and court."""
        collaboration.deliberate(
            self.seat,
            case,
            stage=stage,
            held_on=on,
            invited="natural_resources,town",
            came="natural_resources,town",
            place="分局",
            minutes="会商",
        )
        for authority in ("procuratorate", "court"):
            collaboration.supervise(
                self.seat, case, authority=authority, stage=stage, way="meeting", on=on, came=True
            )

    def plan_release(self, case: str, on: str) -> str:
        """Plan a fish release and its paper; the restoration's record id."""
        self.paper(case, "restoration_plan", on)
        return restoration.plan(
            self.seat,
            case,
            mode="fish_release",
            plan="放流一万尾",
            planned_on=on,
            why_off_site="河段已自然恢复",
            place="西溪",
        )

    def release(self, made: str, on: str, *, guided: bool = True) -> None:
        """Release the fish, guided by the fisheries department."""
        restoration.begin(self.seat, made, on=on)
        restoration.note_amount(
            self.seat, made, what="fish_fry", quantity="10000", done_on=on, species="鲢", origin="native"
        )
        if guided:
            restoration.guide(
                self.seat, made, department="fisheries", on=on, person="指导员", opinion="符合要求"
            )
        restoration.finish(self.seat, made, on=on)

    def to_agreement(self, started_on: str, **fields: Any) -> str:
        """A case with a signed agreement."""
        case = self.case(started_on, **fields)
        self.investigate(case, day(started_on, 1))
        self.assess(case, day(started_on, 2))
        self.consult(case, day(started_on, 3))
        self.meet(case, day(started_on, 4), result="agreed")
        self.agree(case, day(started_on, 5))
        return case
