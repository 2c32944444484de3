"""Papers of a damage case from its performance to its file. Call with Chinese in force."""

from __future__ import annotations

from models.cases.collaboration.rules import AUTHORITIES, WAYS
from models.cases.damage import stages
from models.cases.damage.losses import total
from models.cases.fund import rules as fund
from models.cases.restoration import rules as restoration
from models.documents import case_parts as parts
from models.documents import restoration_blocks
from models.documents.case_facts import CaseFacts
from models.documents.case_finding import AGREED, DEPARTMENT
from models.documents.official import BLANK_DAY, chinese_day, ticked
from models.documents.paper import Block, Grid, Rows, Signatures, Words
from models.language import translate
from models.registry.typed import yuan
from models.rooms import label

_REACHED = (("yes", "达到目标"), ("no", "未达到目标，继续修复"))
_LEDGER_NOTE = "罚没、赔偿金、自行修复投入分账登记，不合并、不抵扣。"


def restoration_plan(facts: CaseFacts) -> tuple[Block, ...]:
    """修复方案."""
    own = tuple(row for row in facts.losses if row.way in ("self", "substitute"))
    return (
        parts.parties(facts),
        parts.damage_rows(facts),
        *restoration_blocks.plans(facts.restorations, "修复方案"),
        parts.losses_grid(own, "修复费用（不计入赔偿资金）"),
        Words("监测、验收和管护", ("",)),
        Signatures(("义务人（实施单位）", "指导部门", "承办单位")),
    )


def performance_demand(facts: CaseFacts) -> tuple[Block, ...]:
    """履行催告书: what is still to be done and paid."""
    paid = sum(row.cents or 0 for row in facts.fund if row.ledger == "compensation" and row.direction == "in")
    unfinished = tuple(
        (
            each.row.number or "",
            label(restoration.MODES, each.row.mode),
            each.row.place or "",
            each.row.plan or "",
        )
        for each in facts.restorations
        if not each.row.finished_on
    )
    due = total(facts.losses, "pay")
    confirmed = any(row.kind == "court_ruling" for row in facts.papers)
    what = "申请人民法院强制执行" if confirmed else "提起诉讼"
    return (
        Words(
            "",
            (
                f"{facts.case.party or ''}：",
                (
                    f"你（单位）应当于{chinese_day(facts.case.perform_by)}前履行赔偿协议，至今未履行完毕。"
                    f"请于{BLANK_DAY}前履行；逾期仍不履行的，将依法{what}。"
                ),
            ),
        ),
        parts.parties(facts),
        Rows(
            (
                (
                    ("应缴款项", f"{yuan(due)}元" if due else ""),
                    ("已缴赔偿资金", f"{yuan(paid)}元" if paid else ""),
                ),
                (("催告日期", _dated(facts, "performance_demand")), ("联系人", parts.person(facts.lead))),
            )
        ),
        Grid("未完成的修复", ("编号", "模式", "地点", "内容"), unfinished, (24, 16, 20, 40)),
        Signatures(("催告单位（盖章）", "义务人签收")),
    )


def stage_acceptance(facts: CaseFacts) -> tuple[Block, ...]:
    """修复阶段验收意见."""
    return (
        parts.parties(facts),
        *restoration_blocks.all_done(facts.restorations, "修复实施情况"),
        parts.payments(facts.fund),
        acceptance_opinion(),
        Rows(((("验收日期", _dated(facts, "stage_acceptance")), ("验收地点", "")),)),
        Signatures(("指定部门", "指导部门", "义务人（实施单位）", "见证人（检察院、法院、乡镇）")),
    )


def acceptance_opinion() -> Words:
    """What those who accept a restoration tick."""
    return Words(
        "验收意见",
        (
            "□修复内容、数量与方案一致    □苗种（材料）质量合格    □资料齐全",
            "□通过验收    □整改后重新验收（整改内容：                ）",
        ),
    )


def supervision(facts: CaseFacts) -> tuple[Block, ...]:
    """检察院、法院监督记录."""
    rows = tuple(
        (
            label(AUTHORITIES, row.authority),
            translate(stages.NAMES.get(row.stage or "", "")),
            chinese_day(row.on),
            label(WAYS, row.way),
            "、".join(
                each
                for each in ("" if row.came is None else "到场" if row.came else "未到场", row.people)
                if each
            ),
            "；".join(each for each in (row.letter_number, row.opinion) if each),
        )
        for row in facts.supervisions
    )
    heads = ("机关", "环节", "日期", "方式", "到场人员", "函号、监督意见")
    return (
        parts.parties(facts),
        Grid("监督", heads, rows, (12, 15, 17, 14, 18, 24)),
        Signatures(("检察院", "法院", "承办单位")),
    )


def guidance(facts: CaseFacts) -> tuple[Block, ...]:
    """指导记录: of restorations by their departments, of a unit's first case by who guides it (R021)."""
    case = facts.case
    rows = tuple(
        (
            each.row.number or "",
            label(restoration.DEPARTMENTS, row.department),
            chinese_day(row.on),
            "" if row.came is None else "到场" if row.came else "未到场",
            row.person or "",
            row.opinion or "",
        )
        for each in facts.restorations
        for row in each.guidance
    )
    blocks: list[Block] = [
        parts.parties(facts),
        Grid(
            "修复指导",
            ("修复编号", "部门", "日期", "到场", "指导人", "指导意见"),
            rows,
            (20, 18, 17, 9, 12, 24),
        ),
    ]
    if facts.advice or case.guiding_section:
        advice = tuple(
            (
                translate(stages.NAMES.get(row.stage or "", "")),
                chinese_day(row.on),
                row.question or "",
                row.advice or "",
                row.person or "",
            )
            for row in facts.advice
        )
        blocks += [
            Rows(((("首案指导科室", case.guiding_section or ""), ("指导专家", case.guiding_person or "")),)),
            Grid("首案指导", ("环节", "日期", "问题", "意见", "指导人"), advice, (14, 18, 26, 28, 14)),
        ]
    return (*blocks, Signatures(("指导部门", "承办单位")))


def evaluation(facts: CaseFacts) -> tuple[Block, ...]:
    """修复效果评估报告."""
    row = facts.paper("evaluation_report")
    return (
        parts.parties(facts),
        parts.damage_rows(facts),
        *restoration_blocks.all_done(facts.restorations, "修复实施情况"),
        Words("评估依据", (_standard(row.dated_on if row is not None else None),)),
        Words("评估方法和数据", ("",)),
        Words("评估结论", (ticked(_REACHED, "yes" if facts.at.done else None),)),
        Rows(
            (
                (
                    ("评估日期", chinese_day(row.dated_on if row is not None else None)),
                    ("评估单位（专家）", ""),
                ),
            )
        ),
        Signatures(("评估单位（专家）", "业务主管部门", "指定部门")),
    )


def _standard(day: str | None) -> str:
    """The standard of an evaluation by its day; the latest where it has none yet."""
    rows = parts.quoted()["evaluation"]
    on = day or "9999-12-31"
    fitting = [row for row in rows if str(row.get("from", "")) <= on <= str(row.get("until", "9999-12-31"))]
    return str((fitting or rows)[-1]["title"])


def care(facts: CaseFacts) -> tuple[Block, ...]:
    """管护责任书."""
    until = max((each.row.aftercare_until or "" for each in facts.restorations), default="")
    return (
        parts.parties(facts),
        *restoration_blocks.plans(facts.restorations, "管护对象"),
        *(
            block
            for each in facts.restorations
            if each.visits
            for block in (restoration_blocks.visits(each),)
        ),
        Words(
            "管护责任",
            (
                f"管护人对修复成果管护至{chinese_day(until or None)}。",
                "管护期内接受回访检查，未达到约定成活率或者修复目标的，补植、补放或者继续修复。",
            ),
        ),
        Signatures(("管护人", "承办单位", "乡镇（街道）")),
    )


def closing(facts: CaseFacts) -> tuple[Block, ...]:
    """结案审批表."""
    end = next((row for row in reversed(facts.steps) if row.step == "closed"), None)
    return (
        parts.parties(facts),
        parts.course(facts),
        parts.losses_grid(facts.losses, "损害赔偿金额"),
        Rows(
            (
                (
                    ("协议赔偿总额", f"{yuan(facts.case.agreed_cents)}元" if facts.case.agreed_cents else ""),
                    ("履行期限", chinese_day(facts.case.perform_by)),
                ),
            )
        ),
        *restoration_blocks.all_done(facts.restorations, "修复情况"),
        parts.payments(facts.fund),
        *_own_restoration(facts),
        Words("承办人意见", ("协议已履行，修复效果已评估，建议办结、归档并依法公开。",)),
        Words("法制审核意见", ("",)),
        Words(
            "负责人意见",
            (
                ticked(AGREED, "yes" if end is not None else None),
                f"批准日期：{_dated(facts, 'closing_approval')}",
                f"办结日期：{chinese_day(end.on if end is not None else None)}",
            ),
        ),
        DEPARTMENT,
    )


def _own_restoration(facts: CaseFacts) -> tuple[Block, ...]:
    """What the party spent on restoring itself: a ledger of its own, in no sum with any other (R027)."""
    rows = [row for row in facts.fund if row.ledger == "self_restoration"]
    if not rows:
        return ()
    cells = tuple(
        (chinese_day(row.on), row.party or "", yuan(row.cents or 0), row.voucher or "", row.note or "")
        for row in rows
    )
    title = label(fund.LEDGERS, "self_restoration")
    heads = ("日期", "义务人", "金额（元）", "凭证号", "备注")
    return (
        Grid(f"{title}（不计入赔偿资金）", heads, cells, (20, 28, 18, 18, 16)),
        Words("", (_LEDGER_NOTE,)),
    )


def contents(facts: CaseFacts) -> tuple[Block, ...]:
    """案卷目录: every paper from the clue on, evidence, opinions and draws."""
    others = [(f"专家抽取 {row.number or ''}", chinese_day(row.drawn_on)) for row in facts.draws]
    others += [(f"专家意见 {row.number or ''}", chinese_day(row.dated_on)) for row in facts.opinions]
    others += [(f"{parts.meeting_name(row)}磋商会议", chinese_day(row.held_on)) for row in facts.meetings]
    others += [
        (f"修复 {each.row.number or ''}", chinese_day(each.row.finished_on)) for each in facts.restorations
    ]
    if facts.visit is not None:
        others.append((f"现场检查（勘察）笔录 {facts.visit.number}", ""))
    if facts.penalty is not None:
        others.append((f"行政处罚案卷 {facts.penalty.number or ''}", chinese_day(facts.penalty.filed_on)))
    rows = tuple((str(count), name, day) for count, (name, day) in enumerate(others, 1))
    return (
        parts.parties(facts),
        parts.papers_grid((*facts.clue_papers, *facts.papers), "一、文书"),
        Grid("二、其他记录", ("序号", "名称", "日期"), rows, (10, 60, 30)),
        parts.evidence_grid(facts, "三、证据"),
        Signatures(("立卷人", "检查人")),
    )


def _dated(facts: CaseFacts, kind: str) -> str:
    row = facts.paper(kind)
    return chinese_day(row.dated_on if row is not None else None)
