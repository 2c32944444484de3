"""Papers of a damage case from the consultation to the judicial confirmation. Call with Chinese in force."""

from __future__ import annotations

from models.cases.collaboration.rules import AUTHORITIES, BODIES, invitations
from models.cases.damage import stages
from models.cases.damage.losses import total
from models.cases.damage.tables import CasePaper, Meeting
from models.cases.flow.decisions import RIGHT_HOLDER
from models.cases.flow.papers import MEETING_RESULTS
from models.cases.flow.verbs import FAILURES
from models.cases.restoration.rules import guide_of
from models.documents import case_parts as parts
from models.documents import restoration_blocks
from models.documents.case_facts import CaseFacts
from models.documents.case_finding import DEPARTMENT
from models.documents.official import BLANK_DAY, chinese_day, lines, room
from models.documents.paper import Block, Grid, Rows, Signatures, Words
from models.language import translate
from models.law.deadlines import limit
from models.law.parameters import parameter
from models.registry.typed import yuan
from models.rooms import label

BOTH = Signatures(("赔偿权利人代表（盖章）", "赔偿义务人（盖章）", "见证人"))
COURT = "漳州市中级人民法院"
_NO_AMOUNT = "          元"


def _money(cents: int | None) -> str:
    return f"{yuan(cents)}元" if cents else _NO_AMOUNT


def consultation_notice(facts: CaseFacts) -> tuple[Block, ...]:
    """磋商告知书."""
    case = facts.case
    reply = f"{case.reply_days}日内" if case.reply_days else "    日内"
    period, most = limit("consultation", facts.violated_on), parameter("meetings_most", facts.violated_on)
    term = f"磋商期限自本告知书送达之日起{period.amount}日（{period.basis}）。" if period is not None else ""
    count = f"磋商会议{_times(most.value)}为限，确有必要的经批准可以增加。" if most is not None else ""
    return (
        Words(
            "",
            (
                f"{case.party or ''}：",
                (
                    f"{case.right_holder or RIGHT_HOLDER}指定{case.body or ''}就"
                    f"“{case.title or ''}”与你（单位）磋商。"
                    "经调查评估，你（单位）的行为造成生态环境损害，事实、因果关系和损害数额如下。依照《民法典》"
                    "第一千二百三十四条、第一千二百三十五条，你（单位）应当承担修复、赔偿责任。"
                ),
            ),
        ),
        parts.circumstances(facts),
        parts.damage_rows(facts),
        Words("因果关系", room(case.causation)),
        parts.losses_grid(facts.losses, f"损害数额{_money(total(facts.losses))}"),
        Words(
            "磋商事项",
            (
                "损害事实和程度、修复启动时间和期限、赔偿的责任承担方式和期限。",
                f"请自收到本告知书之日起{reply}书面答复是否同意磋商。{term}{count}",
                "你（单位）可以提出意见、提交证据、委托代理人。拒绝磋商或者逾期未答复的，视为磋商不成，将依法提起诉讼。",
            ),
        ),
        Rows(
            (
                (("联系人", parts.person(facts.lead)), ("承办单位", facts.unit_name)),
                (("告知日期", _dated(facts, "consultation_notice")), ("送达日期", _served(facts))),
            )
        ),
        Signatures(("告知单位（盖章）",)),
    )


def _times(most: int) -> str:
    return f"原则上以{'一二三四五六七八九'[most - 1] if 0 < most < 10 else most}次"


def _served(facts: CaseFacts) -> str:
    row = facts.paper("consultation_notice")
    return chinese_day(row.served_on if row is not None else None)


def _dated(facts: CaseFacts, kind: str) -> str:
    row = facts.paper(kind)
    return chinese_day(row.dated_on if row is not None else None)


def service(facts: CaseFacts) -> tuple[Block, ...]:
    """送达回证: one service, of one or more papers to one receiver."""
    wanted = facts.wanted("service_receipt")
    every = [row for row in facts.papers if row.kind == "service_receipt"]
    last = wanted or (every[-1] if every else None)
    rows = [row for row in every if last is not None and (wanted is None or row.id == wanted.id)]
    rows = [row for row in rows if last is not None and _way(row) == _way(last)]
    grid = tuple((row.title or "", "1") for row in rows) or (("", ""),)
    ways = "    ".join(
        f"{'■' if last is not None and last.served_how == key else '□'}{translate(words)}"
        for key, words in stages.SERVICE.items()
    )
    return (
        Rows(
            (
                (("案由、案号", f"{facts.case.title or ''}（{facts.number}）"),),
                (
                    ("受送达人", (last.served_to if last is not None else None) or facts.case.party or ""),
                    ("送达地点", facts.case.party_address or ""),
                ),
            )
        ),
        Grid("送达文书", ("送达文书名称及文号", "份数"), grid, (80, 20)),
        Rows(
            (
                (("送达方式", ways),),
                (("收到日期", chinese_day(last.served_on if last is not None else None) + "    时  分"),),
                (("受送达人（代收人）签名、盖章", ""), ("代收人与受送达人关系", "")),
                (("拒收事由、日期", ""),),
                (
                    (
                        "备注（邮寄单号、公告媒体、电子送达确认书编号）",
                        (last.note if last is not None else "") or "",
                    ),
                ),
            )
        ),
        Signatures(("见证人（单位）", "送达人", "送达人")),
    )


def _way(row: CasePaper) -> tuple[str | None, ...]:
    return row.served_on, row.served_to, row.served_how


def meeting_notice(facts: CaseFacts) -> tuple[Block, ...]:
    """磋商会议通知: of the meeting that follows it, else of the next one, with blanks."""
    wanted = facts.wanted("meeting_notice")
    meeting = (
        next((row for row in facts.meetings if (row.held_on or "") >= (wanted.dated_on or "")), None)
        if wanted
        else None
    )
    rounds = max(facts.at.consultations, 1)
    count = sum((row.round or 1) == rounds for row in facts.meetings) + 1
    name = parts.meeting_name(meeting) if meeting is not None else f"第{count}次"
    bodies = next((each.bodies for each in invitations() if each.stage == "consultation"), ())
    guides = {
        guide.label: None for each in facts.restorations if (guide := guide_of(each.row.mode)) is not None
    }
    invited = [
        *(label(BODIES, each) for each in bodies),
        *(label(AUTHORITIES, each) for each, _words in AUTHORITIES),
        *guides,
    ]
    return (
        Words(
            "",
            (
                f"{facts.case.party or ''}：",
                (
                    f"定于{chinese_day(meeting.held_on if meeting else None)}召开"
                    f"“{facts.case.title or ''}”{name}磋商会议，"
                    "请法定代表人或者书面委托的代理人持身份材料参加。无故不参加或者中途退出的，视为磋商不成。"
                ),
            ),
        ),
        parts.parties(facts),
        Rows(
            (
                (
                    ("会议时间", chinese_day(meeting.held_on if meeting else None) + "    时  分"),
                    ("会议地点", (meeting.place if meeting else "") or ""),
                ),
                (("邀请参加", "、".join(invited)),),
                (("议题", "损害事实和程度、修复方案、赔偿方式和期限"),),
                (("联系人", parts.person(facts.lead)), ("通知日期", _dated(facts, "meeting_notice"))),
            )
        ),
        Signatures(("通知单位（盖章）", "受通知人")),
    )


def minutes(facts: CaseFacts) -> tuple[Block, ...]:
    """磋商会议纪要: of each meeting, or of that which the entered paper is of."""
    wanted = facts.wanted("meeting_minutes")
    rows = [row for row in facts.meetings if wanted is None or row.held_on == wanted.dated_on]
    words: list[Block] = []
    for row in rows or facts.meetings:
        words += _meeting(facts, row)
    return (
        parts.parties(facts),
        *(words or [parts.meetings_grid(()), Words("会议内容", ("",))]),
        Signatures(
            ("赔偿权利人代表", "赔偿义务人", "自然资源部门", "乡镇（街道）", "检察院", "法院", "记录人")
        ),
    )


def _meeting(facts: CaseFacts, row: Meeting) -> list[Block]:
    about: list[tuple[tuple[str, str], ...]] = [
        (("会议时间", chinese_day(row.held_on)), ("会议地点", row.place or "")),
        (("主持人", row.host or ""), ("结果", translate(MEETING_RESULTS.get(row.result or "", "")))),
        (("到会人员", row.present or ""),),
    ]
    if row.extra_reason:
        about.append((("超出次数（期限）的理由", row.extra_reason), ("批准人", facts.name(row.approver))))
    return [
        Words(f"{parts.meeting_name(row)}磋商会议", ()),
        Rows(tuple(about)),
        Words("会议内容", room(row.minutes)),
    ]


def failure(facts: CaseFacts) -> tuple[Block, ...]:
    """磋商不成认定表."""
    row = next((each for each in reversed(facts.steps) if each.step == "failed"), None)
    why = parts.reason(row.reason) if row is not None else ""
    grounds = tuple(f"□{translate(words)}" for words in FAILURES.values())
    return (
        parts.parties(facts),
        Rows(
            (
                (
                    ("告知书送达日期", _served(facts)),
                    ("认定日期", chinese_day(row.on if row is not None else None)),
                ),
            )
        ),
        parts.meetings_grid(facts.meetings),
        Words("磋商不成的情形", (why,) if why else grounds),
        Words("处理意见", ("依法及时向人民法院提起生态环境损害赔偿诉讼。",)),
        DEPARTMENT,
    )


def claim(facts: CaseFacts) -> tuple[Block, ...]:
    """民事起诉状, with the list of what must come with it."""
    case, quoted = facts.case, parts.quoted()["claim"]
    until = limit("compensation_suit", facts.violated_on)
    said = [case.act, case.violated, case.extent, case.causation]
    found = [f"被告违反国家规定的行为：{case.act}", ""] if case.act else []
    facts_said = [each for each in (*found[:1], *said[1:]) if each]
    failed = next((each for each in reversed(facts.steps) if each.step == "failed"), None)
    if failed is not None:
        facts_said.append(f"经磋商，于{chinese_day(failed.on)}认定磋商不成：{parts.reason(failed.reason)}。")
    term = f"诉讼时效：{until.amount}年，自{until.starts}起算（{until.basis}）。" if until is not None else ""
    return (
        Rows(
            (
                (("原告", case.right_holder or RIGHT_HOLDER), ("诉讼代表（指定部门）", case.body or "")),
                (("被告", case.party or ""), ("统一社会信用代码", case.party_code or "")),
                (("法定代表人", case.party_person or ""), ("联系电话", case.party_phone or "")),
                (("住所", case.party_address or ""),),
            )
        ),
        Words(
            "诉讼请求",
            (
                "一、判令被告承担生态环境修复责任；不能修复或者不履行修复义务的，承担修复费用；",
                f"二、判令被告赔偿生态环境损害损失，合计{_money(total(facts.losses))}（项目见附表）；",
                "三、判令被告承担本案诉讼费用。",
            ),
        ),
        Words("事实与理由", (*facts_said, *([term] if term else []))),
        parts.losses_grid(facts.losses, "附表  损害赔偿项目"),
        Words(
            f"附：应当提交的材料（{quoted['basis']}）",
            tuple(f"{'一二三四五六'[at]}、{each}" for at, each in enumerate(quoted["materials"])),
        ),
        parts.evidence_grid(facts, "证据目录"),
        Words("", ("此致", COURT)),
        Rows(((("具状日期", _dated(facts, "statement_of_claim")),),)),
        Signatures(("具状人（盖章）",)),
    )


def agreement(facts: CaseFacts) -> tuple[Block, ...]:
    """生态环境损害赔偿协议."""
    case = facts.case
    paid, own = total(facts.losses, "pay"), total(facts.losses, "self") + total(facts.losses, "substitute")
    basis = [f"专家意见 {row.number or ''}" for row in facts.opinions]
    basis += [
        parts.paper_name(row) for row in facts.papers if row.kind in ("appraisal_report", "combined_finding")
    ]
    confirm = limit("judicial_confirmation", facts.violated_on)
    within = (
        f"双方可以自协议生效之日起{confirm.amount}日内共同申请司法确认（{confirm.basis}）。"
        if confirm is not None
        else ""
    )
    signed = facts.paper("agreement")
    return (
        parts.parties(facts),
        Words("", ("甲方（赔偿权利人指定部门）与乙方（赔偿义务人）经磋商，自愿达成如下协议：",)),
        Words("一、损害事实", (*lines(case.act), *lines(case.extent), *lines(case.causation)) or ("",)),
        parts.circumstances(facts),
        Words("二、损害认定依据", ("；".join(dict.fromkeys(basis)) or "",)),
        parts.losses_grid(facts.losses, "三、赔偿项目和金额"),
        Words(
            "四、责任承担方式和期限",
            (
                f"双方约定赔偿总额{_money(case.agreed_cents)}，于{chinese_day(case.perform_by)}前履行完毕。",
                f"其中缴款{_money(paid)}；自行修复、替代修复{_money(own)}，修复费用不计入赔偿资金。",
            ),
        ),
        *restoration_blocks.plans(facts.restorations, "五、修复方案"),
        Words(
            "六、修复效果评估",
            ("修复完成后由指定部门组织评估；未达到目标的，乙方继续修复或者缴纳相应赔偿资金。",),
        ),
        Words(
            "七、违约和司法确认",
            (
                f"{within}经司法确认的协议，一方不履行或者不完全履行的，对方可以申请强制执行；未经司法确认的，可以提起诉讼。",
            ),
        ),
        Words(
            "八、其他",
            (
                "履行本协议不免除行政责任、刑事责任，赔偿与罚款不相抵扣。协议及修复信息依法公开，商业秘密、个人信息除外。",
            ),
        ),
        Rows(
            (
                (
                    ("签订日期", chinese_day(signed.dated_on if signed is not None else None)),
                    ("签订地点", ""),
                ),
                (("签名人", (signed.signers if signed is not None else None) or ""),),
            )
        ),
        BOTH,
    )


def payment_plan(facts: CaseFacts) -> tuple[Block, ...]:
    """缴款计划: what is to be paid until when, by instalments that are to be filled in."""
    paid = tuple(row for row in facts.losses if row.way == "pay")
    blanks = tuple((str(count), BLANK_DAY, "", "") for count in range(1, 4))
    return (
        parts.parties(facts),
        parts.losses_grid(paid, "应缴款项"),
        Words("缴款", (f"于{chinese_day(facts.case.perform_by)}前缴入指定账户；分期缴纳的应当提供担保。",)),
        Grid("分期计划", ("期次", "缴款期限", "金额（元）", "担保"), blanks, (12, 30, 28, 30)),
        parts.payments(facts.fund),
        Signatures(("义务人", "担保人", "承办单位")),
    )


def confirmation(facts: CaseFacts) -> tuple[Block, ...]:
    """司法确认申请书."""
    case = facts.case
    signed = facts.at.entered_on("agreement")
    until = limit("judicial_confirmation", facts.violated_on)
    public = limit("court_notice", facts.violated_on)
    terms = []
    if until is not None:
        terms.append(f"申请期限：{until.starts}起{until.amount}日内（{until.basis}）。")
    if public is not None:
        terms.append(f"人民法院受理后公告协议内容，公告期间不少于{public.amount}日（{public.basis}）。")
    return (
        Words(
            "",
            (
                f"{COURT}：",
                (
                    f"申请人{case.right_holder or RIGHT_HOLDER}（指定部门{case.body or ''}）与"
                    f"{case.party or ''}于{chinese_day(signed)}达成生态环境损害赔偿协议，"
                    f"约定赔偿总额{_money(case.agreed_cents)}，"
                    "现共同申请司法确认。"
                ),
                (
                    "双方承诺出于自愿达成协议，没有恶意串通、规避法律，不损害国家利益、社会公共利益和他人合法权益；"
                    "如有不实，承担法律责任。"
                ),
                *terms,
            ),
        ),
        parts.parties(facts),
        Words(
            "附件",
            (
                "一、赔偿协议；",
                "二、专家意见或者鉴定评估报告；",
                "三、磋商会议纪要；",
                "四、双方身份材料、授权委托书。",
            ),
        ),
        Rows(((("申请日期", _dated(facts, "confirmation_application")),),)),
        Signatures(("申请人：赔偿权利人指定部门（盖章）", "申请人：赔偿义务人（盖章）")),
    )


def party_information(facts: CaseFacts) -> tuple[Block, ...]:
    """致企业告知材料 (R046): what it must do, what it may, how the procedure goes."""
    said = parts.quoted()["party"]
    steps = tuple(
        (str(count), each.label, each.next_zh, each.who) for count, each in enumerate(stages.stages(), 1)
    )
    keys = ("consultation", "judicial_confirmation", "compensation_suit")
    found = [rule for key in keys if (rule := limit(key, facts.violated_on)) is not None]
    words = {"days": "日", "working_days": "个工作日", "years": "年", "months": "个月", "hours": "小时"}
    terms = tuple(
        (each.zh, f"{each.amount}{words.get(each.kind, '')}", each.starts, each.basis) for each in found
    )
    return (
        Words(
            "",
            (f"{facts.case.party or ''}：", f"“{facts.case.title or ''}”已启动索赔，现将有关事项告知如下。"),
        ),
        Words("一、应当承担的责任", tuple(said["duties"])),
        Words("二、享有的权利", tuple(said["rights"])),
        Words("三、与行政处罚的关系", (said["leniency"],)),
        Grid("四、办理流程", ("序号", "环节", "内容", "参加人"), steps, (8, 16, 48, 28)),
        Grid("五、期限", ("事项", "期限", "起算", "依据"), terms, (20, 14, 28, 38)),
        Rows(((("联系人", parts.person(facts.lead)), ("承办单位", facts.unit_name)),)),
        Signatures(("企业签收",)),
    )
