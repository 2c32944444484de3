"""Papers of a damage case from its start to the assessment. Call with Chinese in force."""

from __future__ import annotations

from models.cases.collaboration.rules import BODIES
from models.cases.damage import clues, stages
from models.cases.damage.losses import total
from models.documents import case_parts as parts
from models.documents import expert_blocks, narrative
from models.documents.case_facts import CaseFacts
from models.documents.official import BLANK_DAY, chinese_day, lines, room, ticked
from models.documents.paper import Block, Grid, Rows, Signatures, Words
from models.language import translate
from models.registry.typed import yuan
from models.rooms import labels

DEPARTMENT = Signatures(("承办人", "法制审核", "负责人"))
AGREED = (("yes", "同意"), ("no", "不同意"))


def start_approval(facts: CaseFacts) -> tuple[Block, ...]:
    """索赔启动审批表."""
    case = facts.case
    start = next((row for row in facts.steps if row.step == "start"), None)
    approved = f"批准人：{facts.name(case.approver)}    批准日期：{chinese_day(start.on if start else None)}"
    return (
        parts.parties(facts),
        parts.source_rows(facts),
        Rows(((("启动情形", labels(tuple(clues.GROUNDS.items()), case.grounds)),),)),
        parts.circumstances(facts),
        parts.damage_rows(facts),
        Words("损害事实和启动前证据", room(facts.clue.facts if facts.clue is not None else None)),
        parts.evidence_grid(facts, "证据清单"),
        *((Words("证据不齐的说明", lines(start.reason)),) if start is not None and start.reason else ()),
        Words("承办人意见", ("经初步核查，建议启动生态环境损害索赔，同时报告赔偿权利人。",)),
        Words("法制审核意见", ("",)),
        Words("负责人意见", (ticked(AGREED, "yes" if start is not None else None), approved)),
        DEPARTMENT,
    )


def termination(facts: CaseFacts) -> tuple[Block, ...]:
    """终止审批表."""
    ending = next((row for row in reversed(facts.steps) if row.step == "terminated"), None)
    why = parts.reason(ending.reason) if ending is not None else ""
    grounds = tuple(f"□{translate(words)}" for words in clues.NO_START.values())
    return (
        parts.parties(facts),
        parts.circumstances(facts),
        parts.course(facts),
        Words("终止情形", (why,) if why else grounds),
        Words("承办人意见", ("",)),
        Words("法制审核意见", ("",)),
        Words(
            "负责人意见",
            (
                ticked(AGREED, "yes" if ending is not None else None),
                f"批准日期：{chinese_day(ending.on if ending is not None else None)}",
            ),
        ),
        DEPARTMENT,
    )


def procuratorate_notice(facts: CaseFacts) -> tuple[Block, ...]:
    """检察院告知函."""
    day = chinese_day(facts.at.entered_on_first("start"))
    words = f"我单位于{day}批准启动“{facts.case.title or ''}”索赔工作。现将有关情况函告，请予监督、支持。"
    handed = facts.clue is not None and facts.clue.source == "procuratorate"
    if handed and facts.clue is not None:
        words += f"该线索由贵院移送，我单位于{chinese_day(facts.clue.received_on)}收到。"
    return (
        Words("", ("漳州市人民检察院：", words)),
        parts.parties(facts),
        parts.circumstances(facts),
        parts.damage_rows(facts),
        Rows(((("联系人", parts.person(facts.lead)), ("函告日期", _dated(facts, "procuratorate_notice"))),)),
        Signatures(("经办人（盖章）",)),
    )


def investigation_plan(facts: CaseFacts) -> tuple[Block, ...]:
    """调查方案."""
    begun = chinese_day(facts.at.entered_on_first("investigation"))
    return (
        parts.parties(facts),
        Rows(((("调查开始", begun), ("计划完成", BLANK_DAY)),)),
        parts.circumstances(facts),
        parts.damage_rows(facts),
        Words(
            "调查内容",
            (
                "一、违法行为和违反国家规定的事实；",
                "二、受损生态环境的要素、范围、程度和基线；",
                "三、违法行为与损害之间的因果关系；",
                "四、应急处置措施及费用；",
                "五、义务人的基本情况和履行能力。",
            ),
        ),
        Words(
            "调查方法",
            (
                (
                    "现场勘查、采样监测、询问、调取资料（权属、生态保护红线、功能区、执法案卷）；"
                    "调查人员不少于二人，出示证件。鉴定评估时间不计入调查期限。"
                ),
            ),
        ),
        Words("调查组成员及分工", ("",)),
        DEPARTMENT,
    )


def damage_report(facts: CaseFacts) -> tuple[Block, ...]:
    """生态环境损害调查报告: fifteen parts, put together from the standards and the court's rules.

    GB/T 39791.1-2020 annex A, GB/T 39791.2-2020, 法释〔2019〕8号 art. 6, 生态环境法典 art. 1081.
    """
    case, clue, visit = facts.case, facts.clue, facts.visit
    seen = tuple(narrative.situation(visit)) if visit is not None else ()
    found = [f"现场检查（勘察）笔录：{visit.number}。"] if visit is not None else []
    said = lines(clue.facts) if clue is not None else ()
    return (
        Words("一、报告编号、密级", (f"编号：{_number(facts, 'damage_report')}    密级：",)),
        Words("二、案件来源", ()),
        parts.source_rows(facts),
        Words("三、调查组与调查过程", (*found, *seen)),
        Rows(
            (
                (
                    ("调查开始", chinese_day(facts.at.entered_on("investigation"))),
                    ("报告日期", _dated(facts, "damage_report")),
                ),
                (("调查人员", parts.person(facts.lead)), ("调查人员", parts.person(facts.helper))),
            )
        ),
        Words("四、义务人基本情况", ()),
        parts.liable(facts),
        Words("五、违法事实和违反国家规定的条款", ()),
        parts.circumstances(facts),
        Words("六、生态环境损害事实", said),
        parts.damage_rows(facts),
        parts.measurements_grid(facts),
        Words("七、因果关系", room(case.causation)),
        Words("八、应急处置与费用", room(case.emergency)),
        Words("九、评估情况", (f"评估方式：{parts.method_words(facts)}", *_assessed(facts))),
        parts.heads_grid(facts.losses),
        Words("十、行政处罚、刑事情况（双案并处）", _punished(facts)),
        parts.evidence_grid(facts, "十一、证据目录"),
        Words(
            "十二、调查结论与建议",
            ("□启动磋商    □终止（理由：                ）    □移送（单位：                ）",),
        ),
        Words("十三、修复建议", _suggestions(facts)),
        Words("十四、附图附件", ("示意图、照片、监测报告、勘查和询问笔录、权属和功能区资料。",)),
        Words("十五、签名", ()),
        Signatures(("调查人员", "调查人员", "审核人")),
    )


def _assessed(facts: CaseFacts) -> tuple[str, ...]:
    """What the assessment came to, by its papers."""
    said = [
        f"专家意见 {row.number or ''}（{chinese_day(row.dated_on)}）：数额{yuan(row.total_cents or 0)}元。"
        for row in facts.opinions
    ]
    for kind in ("appraisal_report", "combined_finding"):
        row = facts.paper(kind)
        if row is not None:
            said.append(f"{parts.paper_name(row)} {row.number or ''}（{chinese_day(row.dated_on)}）。")
    return tuple(said)


def _punished(facts: CaseFacts) -> tuple[str, ...]:
    row = facts.penalty
    if row is None:
        return ("行政处罚：未关联案件。刑事：                ",)
    said = [f"行政处罚案件：{row.number or ''}（{row.title or ''}），立案日期{chinese_day(row.filed_on)}。"]
    if row.notice_served_on:
        said.append(f"处罚告知书 {row.notice_number or ''} 于{chinese_day(row.notice_served_on)}送达。")
    if row.decision_number or row.decided_on:
        fine = f"，罚款{yuan(row.fine_cents)}元（不抵扣赔偿）" if row.fine_cents else ""
        said.append(f"处罚决定书 {row.decision_number or ''}，{chinese_day(row.decided_on)}{fine}。")
    crime = "已移送涉嫌犯罪" if row.outcome == "crime" else "                "
    return (*said, f"刑事：{crime}")


def _suggestions(facts: CaseFacts) -> tuple[str, ...]:
    found = tuple(expert_blocks.suggestion(row) for row in facts.opinions)
    cost = sum(row.cents or 0 for row in facts.losses if row.head == "restoration")
    said = f"修复费用：{yuan(cost)}元" if cost else "修复费用："
    return (*(found or ("模式、地点、时限：",)), said)


def expert_draw(facts: CaseFacts) -> tuple[Block, ...]:
    """专家抽取记录, of each draw."""
    wanted = facts.wanted("expert_draw_record")
    rows = [row for row in facts.draws if wanted is None or row.drawn_on == wanted.dated_on] or facts.draws
    blocks = [block for row in rows for block in expert_blocks.draw_blocks(row, facts.name(row.drawn_by))]
    return (parts.parties(facts), *(blocks or expert_blocks.no_draw()), expert_blocks.DRAW_SIGNATURES)


def commission(facts: CaseFacts) -> tuple[Block, ...]:
    """评估委托书."""
    chosen = tuple(name for row in facts.draws for name in expert_blocks.drawn(row))
    to = "、".join(chosen) if facts.case.method != "appraisal" else ""
    given = facts.opinions[-1] if facts.opinions else None
    return (
        parts.parties(facts),
        Rows(
            (
                (("受托人（专家、机构）", to),),
                (("评估方式", parts.method_words(facts)), ("委托日期", _dated(facts, "commission"))),
            )
        ),
        Words(
            "委托事项",
            lines(given.matter if given is not None else None)
            or ("确认生态环境损害事实、因果关系，量化损害数额，提出修复建议。",),
        ),
        parts.circumstances(facts),
        parts.damage_rows(facts),
        Words("移交材料", room(given.materials if given is not None else None)),
        Words(
            "委托要求",
            (
                "遵守回避规定，依据国家标准和技术规范独立出具意见并签名；有分歧的，写明分歧意见。",
                f"完成期限：{BLANK_DAY}",
            ),
        ),
        Signatures(("委托单位（盖章）", "受托人")),
    )


def opinion(facts: CaseFacts) -> tuple[Block, ...]:
    """专家意见: each opinion with its experts and their signatures."""
    wanted = facts.wanted("expert_opinion")
    rows = [
        row for row in facts.opinions if wanted is None or row.dated_on == wanted.dated_on
    ] or facts.opinions
    blocks: list[Block] = []
    for row in rows:
        blocks += expert_blocks.opinion_blocks(row, facts.experts.get(row.id, []))
    return (parts.parties(facts), *(blocks or expert_blocks.opinion_blocks(None, [])))


def combined(facts: CaseFacts) -> tuple[Block, ...]:
    """综合认定."""
    rest = [row for row in facts.papers if row.kind in ("damage_report", "judgment")]
    amount = f"{yuan(total(facts.losses))}元" if facts.losses else "          元"
    return (
        parts.parties(facts),
        parts.circumstances(facts),
        parts.damage_rows(facts),
        parts.measurements_grid(facts),
        parts.papers_grid(rest, "认定所依据的法律文书、报告"),
        Words("因果关系", room(facts.case.causation)),
        parts.losses_grid(facts.losses, "损害数额"),
        Words(
            "适用条件（《生态环境损害赔偿管理规定》第二十条）",
            (
                ticked((("yes", "简单案件：损害事实简单、责任认定无争议、损害较小"),), _simple(facts)),
                f"依据法律文书、监测报告等综合认定损害数额{amount}。",
            ),
        ),
        DEPARTMENT,
    )


def _simple(facts: CaseFacts) -> str | None:
    return "yes" if facts.case.simple else None


def deliberations(facts: CaseFacts) -> tuple[Block, ...]:
    """会商纪要, of each deliberation."""
    wanted = facts.wanted("deliberation_minutes")
    every = facts.deliberations
    rows = [row for row in every if wanted is None or row.held_on == wanted.dated_on] or every
    grid = tuple(
        (
            translate(stages.NAMES.get(row.stage or "", "")),
            chinese_day(row.held_on),
            row.place or "",
            "、".join(each for each in (labels(BODIES, row.invited), row.invited_names) if each),
            labels(BODIES, row.came),
            {True: "已签到", False: "未签到"}.get(row.signed, "") if row.signed is not None else "",
        )
        for row in rows
    )
    words: list[Block] = []
    for row in rows:
        said = (
            ("自然资源部门", row.opinion_natural_resources),
            ("乡镇（街道）", row.opinion_town),
            ("其他单位", row.opinion_others),
        )
        opinions = tuple(f"{who}意见：{text}" for who, text in said if text)
        stage = translate(stages.NAMES.get(row.stage or "", ""))
        words.append(
            Words(f"{stage}环节会商（{chinese_day(row.held_on)}）", (*opinions, *lines(row.minutes)) or ("",))
        )
    heads = ("环节", "日期", "地点", "邀请", "到会", "签到")
    return (
        parts.parties(facts),
        Grid("会商", heads, grid, (14, 17, 15, 24, 20, 10)),
        *(words or [Words("会商纪要", ("",))]),
        Signatures(("自然资源部门", "乡镇（街道）", "其他到会单位", "承办单位")),
    )


def _dated(facts: CaseFacts, kind: str) -> str:
    row = facts.paper(kind)
    return chinese_day(row.dated_on if row is not None else None)


def _number(facts: CaseFacts, kind: str) -> str:
    row = facts.paper(kind)
    return (row.number if row is not None else None) or facts.number
