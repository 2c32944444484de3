"""Plays a damage case from its clue to its closing by the same verbs as people do, on its own days.

Every case keeps one pace, so where it stands on a day follows from when it was started.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.cases.assessment import verbs as assessment
from models.cases.collaboration import verbs as collaboration
from models.cases.damage import clues, losses
from models.cases.flow import decisions, guidance, papers, verbs
from models.cases.fund import verbs as fund
from models.cases.penalty import procedure, screening
from models.cases.penalty import verbs as penalties
from models.cases.restoration import queries as restorations
from models.cases.restoration import verbs as restoration
from models.registry import keeping
from models.registry.typed import read_cents
from models.registry.units import unit
from tui.demo.city.rows import later

if TYPE_CHECKING:
    from models.store.seat import Seat
    from tui.demo.city.people import Team

_CARE_MONTHS = 3


@dataclass(frozen=True, slots=True)
class Pace:
    """Days after the start of a case when its steps come."""

    investigation: int = 3
    report: int = 20
    assessment: int = 22
    opinion: int = 36
    consultation: int = 40
    notice: int = 43
    meeting: int = 58
    agreement: int = 63
    penalty_notice: int = 69
    performance: int = 80
    decision: int = 88
    restored: int = 98
    performed: int = 105
    evaluation: int = 108
    closed: int = 120


PACE = Pace()


class CasePlayer:
    """One row of the table on its way through the procedure, up to a day.

    Args:
        seat: where it is written.
        row: the facts.
        team: who handles it.
        bases: record ids of restoration bases by type.
        until: the last day that is played.
    """

    def __init__(
        self, seat: Seat, row: dict[str, str], team: Team, bases: dict[str, str], until: str
    ) -> None:
        self.seat = seat
        self.row = row
        self.team = team
        self.bases = bases
        self.until = until
        self.start = row["started"]
        self.case = ""
        self.penalty = ""
        self.restoration = ""

    def day(self, offset: int) -> str:
        """A day of this case."""
        return later(self.start, offset)

    def reached(self, offset: int) -> bool:
        """Whether that day is played."""
        return self.day(offset) <= self.until

    def play(self) -> str:
        """Everything up to the day; the case's record id."""
        with self.seat.writing():
            self._begin()
            for offset, part in (
                (PACE.investigation, self._investigate),
                (PACE.assessment, self._assess),
                (PACE.consultation, self._consult),
                (PACE.agreement, self._agree if self.row["track"] == "plain" else self._fail),
            ):
                if not self.reached(offset):
                    return self.case
                part()
            if self.penalty:
                self._punish()
            if self.row["track"] == "plain":
                self._perform()
        return self.case

    # -- from the clue to the start ------------------------------------------------------------------------

    def _begin(self) -> None:
        row = self.row
        with_penalty = int(row["number"]) % 2 == 1
        known = {
            "party": row["party"],
            "place": row["place"],
            "occurred_on": self.day(-40),
            "elements": row["elements"],
            "facts": f"{row['pollutants']}；{row['extent']}",
        }
        if with_penalty:
            clue = self._file_penalty()
            clues.edit(self.seat, clue, **known)
        else:
            clue = clues.register(
                self.seat,
                source="inspection",
                description=row["act"],
                received_on=self.day(-22),
                unit=row["unit"],
                **known,
            )
        clues.check(self.seat, clue, on=self.day(-8), checker="承办员", text="情况属实，造成生态环境损害。")
        self.case = decisions.start(
            self.seat,
            clue,
            on=self.start,
            grounds="serious",
            approver=self.team.head,
            lead_officer=self.team.lead,
            helper_officer=self.team.helper,
            town=row["town"],
            handler=f"漳州市生态环境局（{self._unit_name()}）",
            party_person=f"法人{row['number']}",
            party_address=row["place"],
            violated=row["violated"],
            pollutants=row["pollutants"],
            extent=row["extent"],
            reply_days=15,
        )

    def _file_penalty(self) -> str:
        """A penalty case whose screening makes the clue; its record id."""
        row = self.row
        self.penalty = penalties.file(
            self.seat,
            title=f"{row['party']}环境违法案",
            party=row["party"],
            found_on=self.day(-38),
            unit=row["unit"],
            occurred_on=self.day(-40),
            act=row["act"],
            violated=row["violated"],
        )
        procedure.put_on_file(self.seat, self.penalty, on=self.day(-34))
        made = screening.screen(
            self.seat,
            self.penalty,
            result="start",
            reason="造成生态环境损害，应当同时启动索赔。",
            on=self.day(-22),
            ground="serious",
            person="承办员",
        )
        return str(keeping.standing(self.seat, "screening", made).clue)

    def _punish(self) -> None:
        """What the penalty case does after the notice: agreed before it, so leniency was to be considered."""
        for offset, act in (
            (PACE.penalty_notice, lambda on: procedure.serve_notice(self.seat, self.penalty, on=on)),
            (PACE.decision, self._decide_penalty),
            (PACE.decision + 2, lambda on: procedure.serve_decision(self.seat, self.penalty, on=on)),
            (PACE.decision + 6, self._pay_fine),
            (PACE.restored, lambda on: procedure.close(self.seat, self.penalty, on=on)),
        ):
            if not self.reached(offset):
                return
            act(self.day(offset))

    def _decide_penalty(self, on: str) -> None:
        procedure.decide(
            self.seat,
            self.penalty,
            on=on,
            outcome="penalty",
            number=f"漳环罚〔{self.start[:4]}〕{int(self.row['number'])}号",
            fine_cents=10_000_000,
        )

    def _pay_fine(self, on: str) -> None:
        procedure.note_payment(self.seat, self.penalty, on=on)
        fund.receive(
            self.seat,
            self.penalty,
            source="fine",
            cents=10_000_000,
            on=on,
            voucher=f"演示罚票{self.row['number']}",
            payer=self.row["party"],
        )

    def _unit_name(self) -> str:
        found = unit(self.row["unit"])
        return found.name if found is not None else self.row["unit"]

    def guide_first(self, section: str, expert: str) -> None:
        """A unit's first case is guided from its start (R021)."""
        guidance.appoint_guides(self.seat, self.case, section=section, person=expert)
        guidance.guide(
            self.seat,
            self.case,
            on=self.day(PACE.investigation) if self.reached(PACE.investigation) else self.start,
            person=section,
            question="首案如何取证、确定损害范围？",
            advice="按流程图逐环节取证，先固定基线和受损范围，再委托专家评估。",
        )

    # -- the stages ----------------------------------------------------------------------------------------

    def _investigate(self) -> None:
        self._step("investigation", PACE.investigation)
        verbs.edit_case(
            self.seat,
            self.case,
            baseline="以上游对照断面监测值为基线",
            causation="排放行为与损害在时间、空间和因子上一致",
            simple=True,
            method="experts",
        )
        if self.reached(PACE.report):
            self._paper("damage_report", PACE.report)

    def _assess(self) -> None:
        self._step("assessment", PACE.assessment)
        self._deliberate("assessment", PACE.assessment + 3)
        self._supervise("procuratorate", "assessment", PACE.assessment + 3)
        if not self.reached(PACE.opinion):
            return
        drawn = assessment.draw(
            self.seat,
            self.case,
            on=self.day(PACE.assessment + 2),
            count=3,
            seed=f"demo-{self.row['number']}",
            witness="检察院",
        )
        price = read_cents(self.row["price"], "price")
        cents = round(float(self.row["loss_quantity"])) * price
        assessment.opine(
            self.seat,
            drawn,
            no_conflict=True,
            signed=True,
            commissioned_by=f"漳州市生态环境局（{self._unit_name()}）",
            matter="确认损害、量化数额、提出修复建议",
            materials="损害调查报告、监测报告、现场检查笔录",
            surveyed_on=self.day(PACE.assessment + 4),
            surveyed_place=self.row["place"],
            damage=self.row["extent"],
            causation="存在因果关系",
            formula="数量×单价",
            parameters=f"{self.row['loss_quantity']}{self.row['loss_unit']}×{self.row['price']}元",
            parameter_source="当地市场价（演示）",
            total_cents=cents + 500_000,
            restoration_mode=self.row["mode"],
            restoration_amount=f"{self.row['quantity']}{self.row['loss_unit']}",
            restoration_place=self.row["place"],
            restoration_term="协议签订后三个月",
            dissent="无",
            dated_on=self.day(PACE.opinion),
        )
        self._paper("expert_opinion", PACE.opinion)
        losses.add_loss(
            self.seat,
            self.case,
            head="restoration",
            item=self.row["item"],
            way="substitute" if self.row["mode"] != "in_place" else "self",
            basis="专家意见",
            quantity=self.row["loss_quantity"],
            quantity_unit=self.row["loss_unit"],
            price_cents=price,
        )
        losses.add_loss(
            self.seat,
            self.case,
            head="investigation",
            item="调查、评估费",
            way="pay",
            basis="合同",
            cents=500_000,
        )

    def _consult(self) -> None:
        self._step("consultation", PACE.consultation)
        notice = papers.add_paper(
            self.seat,
            self.case,
            kind="consultation_notice",
            dated_on=self.day(PACE.consultation),
            number=f"漳环磋告〔{self.start[:4]}〕{int(self.row['number'])}号",
        )
        if not self.reached(PACE.notice):
            return
        papers.serve(
            self.seat, notice, on=self.day(PACE.notice), to=f"法人{self.row['number']}", how="direct"
        )
        if not self.reached(PACE.meeting):
            return
        self._deliberate("consultation", PACE.meeting)
        self._supervise("procuratorate", "consultation", PACE.meeting)
        self._supervise("court", "consultation", PACE.meeting)
        papers.hold_meeting(
            self.seat,
            self.case,
            held_on=self.day(PACE.meeting),
            place="分局会议室",
            present="权利人代表、义务人、自然资源部门、乡镇、检察院、法院",
            host="分局负责人",
            minutes="双方就损害事实、数额和修复方式交换意见。",
            result="agreed" if self.row["track"] == "plain" else "refused",
        )

    def _agree(self) -> None:
        verbs.sign_agreement(
            self.seat,
            self.case,
            on=self.day(PACE.agreement),
            cents=self._total(),
            perform_by=self.day(PACE.agreement + 90),
            number=f"漳环赔协〔{self.start[:4]}〕{int(self.row['number'])}号",
            signers="权利人代表、义务人",
        )
        self._paper("restoration_plan", PACE.agreement)
        self.restoration = restoration.plan(
            self.seat,
            self.case,
            mode=self.row["mode"],
            plan=f"{self.row['item']}{self.row['quantity']}{self.row['loss_unit']}",
            planned_on=self.day(PACE.agreement),
            place=self.row["place"],
            base=self.bases.get(self.row["mode"]),
            restorer=self.row["party"],
            why_off_site=None if self.row["mode"] == "in_place" else "损害地已自然恢复，不能就地修复",
        )

    def _total(self) -> int:
        price = read_cents(self.row["price"], "price")
        return int(self.row["loss_quantity"]) * price + 500_000

    def _fail(self) -> None:
        """Refused, sued, judged; performance follows a judgment."""
        self._paper("failure_finding", PACE.agreement)
        verbs.fail(self.seat, self.case, on=self.day(PACE.agreement), ground="refused")
        for offset, paper, step in (
            (PACE.agreement + 12, "statement_of_claim", "suit"),
            (PACE.agreement + 140, "judgment", "judgment"),
        ):
            if not self.reached(offset):
                return
            self._paper(paper, offset)
            self._step(step, offset)

    def _perform(self) -> None:
        if not self.reached(PACE.performance):
            return
        self._step("performance", PACE.performance)
        self._deliberate("performance", PACE.performance)
        self._supervise("court", "performance", PACE.performance + 2)
        if not self.reached(PACE.restored):
            return
        self._restore()
        if not self.reached(PACE.performed):
            return
        self._paper("stage_acceptance", PACE.performed)
        fund.receive(
            self.seat,
            self.case,
            source="agreed",
            cents=500_000,
            on=self.day(PACE.performed),
            voucher=f"演示票据{self.row['number']}",
            payer=self.row["party"],
            remitted_on=self.day(PACE.performed + 2),
        )
        if self.row["mode"] == "in_place":
            fund.note_self_restoration(
                self.seat,
                self.case,
                cents=self._total() - 500_000,
                voucher=f"演示决算{self.row['number']}",
                on=self.day(PACE.performed),
                payer=self.row["party"],
                restoration=self.restoration,
            )
        self._step("performed", PACE.performed)
        if not self.reached(PACE.evaluation):
            return
        self._step("evaluation", PACE.evaluation)
        if not self.reached(PACE.closed):
            return
        self._paper("evaluation_report", PACE.closed - 4)
        self._paper("closing_approval", PACE.closed)
        self._step("closed", PACE.closed)

    def _restore(self) -> None:
        row, day = self.row, self.day(PACE.restored)
        department = {"fish_release": "fisheries", "replanting": "forestry", "watershed": "water"}
        restoration.begin(self.seat, self.restoration, on=self.day(PACE.performance + 4))
        if row["mode"] in department:
            restoration.guide(
                self.seat,
                self.restoration,
                department=department[row["mode"]],
                on=day,
                person="业务指导员",
                opinion="符合技术要求",
            )
        more = (
            {"species": row["species"], "origin": "native"} if row["what"] in ("fish_fry", "snails") else {}
        )
        restoration.note_amount(
            self.seat,
            self.restoration,
            what=row["what"],
            quantity=row["quantity"],
            done_on=day,
            approx=row["approx"],
            **more,
        )
        restoration.finish(self.seat, self.restoration, on=day)
        if row["mode"] == "replanting":
            self._visits(later(day, 90))

    def _visits(self, first_on: str) -> None:
        """Two follow-ups of what was planted; each that has come is done on its day."""
        days = restoration.schedule(
            self.seat, self.restoration, first_on=first_on, every_months=_CARE_MONTHS, times=2
        )
        visits = restorations.visits_of(self.seat, self.restoration)
        for visit, due in zip(visits, days, strict=True):
            if due.isoformat() <= self.until:
                restoration.note_visit(
                    self.seat, visit.id, done_on=due.isoformat(), survival="92", done_by="承办员"
                )

    # -- small things --------------------------------------------------------------------------------------

    def _step(self, name: str, offset: int) -> None:
        verbs.step(self.seat, self.case, name, on=self.day(offset))

    def _paper(self, kind: str, offset: int) -> None:
        papers.add_paper(self.seat, self.case, kind=kind, dated_on=self.day(offset))

    def _deliberate(self, stage: str, offset: int) -> None:
        if self.reached(offset):
            collaboration.deliberate(
                self.seat,
                self.case,
                stage=stage,
                held_on=self.day(offset),
                invited="natural_resources,town",
                came="natural_resources,town",
                place="分局会议室",
                opinion_natural_resources="同意",
                opinion_town="同意",
                minutes="各方就本环节事项会商。",
            )

    def _supervise(self, authority: str, stage: str, offset: int) -> None:
        if self.reached(offset):
            collaboration.supervise(
                self.seat,
                self.case,
                authority=authority,
                stage=stage,
                way="meeting",
                on=self.day(offset),
                came=True,
                opinion="程序合法",
            )
