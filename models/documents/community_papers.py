"""Papers of community work: the outcome of a mediation for the public, the list of a committee."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from models.community import privacy, queries
from models.community.choices import CATEGORIES, DUTIES
from models.community.facts import instruments
from models.community.rules import stands
from models.community.tables import Committee, Mediation
from models.documents.beside_papers import NONE
from models.documents.official import chinese_day, lines, official
from models.documents.paper import Block, Grid, Paper, Rows, Signatures, Words
from models.errors import BadInput
from models.language import N_, in_chinese, translate
from models.registry import keeping
from models.registry.days import today
from models.rooms import label, labels
from models.store.lookup import by_id

if TYPE_CHECKING:
    from models.store.seat import Seat

MEDIATION = {"public": N_("Outcome of a mediation for the public")}
COMMITTEE = {"members": N_("List of the committee's members")}


def mediation_paper(seat: Seat, mediation_id: str, name: str) -> Paper:
    """协调结果公开: what was made public, else the proposal, without parties' and reporters' names (R072).

    Raises:
        RuleBroken: there is no such mediation.
    """
    row: Mediation = keeping.standing(seat, "mediation", mediation_id)
    place = queries.community(seat, row.community)

    def made() -> Paper:
        text = lines(privacy.public_text(seat, row.id))
        public = f"公开日期：{chinese_day(row.published_on)}"
        state = public if row.published_on else "拟公开稿，尚未公开。"
        blocks: tuple[Block, ...] = (
            Words("", text),
            Words("", (state, "当事人和举报人信息依法保密。")),
            Signatures(("社区环境和物业管理委员会",)),
        )
        bureau = place.leads if place is not None else ""
        return official(seat, translate(MEDIATION[name]), row.number or "", blocks, bureau=bureau)

    return in_chinese(made)


def committee_paper(seat: Seat, committee_id: str, name: str) -> Paper:
    """委员名单, with the share of Party members as of today (R064, R065).

    Raises:
        BadInput: there is no such committee.
    """
    with seat:
        row = by_id(Committee, committee_id)
    if row is None:
        raise BadInput(NONE)
    on = today(seat)
    return in_chinese(lambda: _committee(seat, row, on, name))


def _committee(seat: Seat, row: Committee, on: date, name: str) -> Paper:
    place = queries.community(seat, row.community)
    quorum, percent = queries.quorum_of(seat, row.id, on), queries.percent_on(on)
    members = [
        each
        for each in queries.members_of(seat, row.id)
        if stands(each.joined_on, each.left_on, on.isoformat())
    ]
    duties = [key for key, _words in DUTIES]
    members.sort(key=lambda each: duties.index(each.duty) if each.duty in duties else len(duties))
    cells = tuple(
        (
            str(count),
            each.name or "",
            label(DUTIES, each.duty),
            labels(CATEGORIES, each.categories),
            "是" if each.party_member else "否",
            each.expertise or "",
            chinese_day(each.joined_on) if each.joined_on else "",
        )
        for count, each in enumerate(members, 1)
    )
    share = f"党员{quorum.party}名，委员{quorum.count}名"
    demanded = (
        f"不低于{percent}%：{'达到' if quorum.ok else f'未达到，还差{quorum.missing}名'}"
        if percent
        else "无要求"
    )
    notice = instruments()["committee_notice"]
    heads = ("序号", "姓名", "职务", "委员类别", "党员", "专长", "任职日期")
    community = place.name if place is not None else ""
    blocks: tuple[Block, ...] = (
        Rows(
            (
                (
                    ("社区", community or ""),
                    ("街道（乡镇）", (place.street if place is not None else "") or ""),
                ),
                (("领导机构", row.led_by or ""), ("成立日期", chinese_day(row.founded_on))),
                (("届次", row.term or ""), ("任期至", chinese_day(row.term_until))),
                (("党员比例", share), ("要求", demanded)),
            )
        ),
        Grid(f"委员（截至{chinese_day(on.isoformat())}）", heads, cells, (7, 13, 11, 29, 8, 16, 16)),
        Words("职责", tuple(f"{count}. {duty}" for count, duty in enumerate(notice.duties, 1))),
        Words("依据", (f"{notice.title}（{'、'.join(notice.by)}）",)),
        Signatures(("社区居民委员会（盖章）", "街道办事处（乡镇人民政府）（盖章）")),
    )
    bureau = place.leads if place is not None else ""
    return official(
        seat, translate(COMMITTEE[name]), f"{row.unit}-{row.id[-8:]}", blocks, row=row, bureau=bureau
    )
