"""The other papers of two visits of the demo: interviews, registered evidence, its notice, served."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.inspections.onsite import interviews, measures, papers, services

if TYPE_CHECKING:
    from models.store.seat import Seat

_MINUTE = 60_000
_ASKED = (
    ("请介绍你的姓名、单位和职务。", "我是该厂的环保主管（演示），负责雨污管网和废水处理站。"),
    ("执法人员已出示执法证件，你是否看清？是否申请回避？", "看清了，不申请回避。"),
    ("检查发现雨水口晴天有污水流出，是否属实？", "属实。车间地面冲洗水经裂缝流入雨水沟。"),
    ("该情况从什么时候开始？", "大约三天前下雨以后，具体时间说不准。"),
    ("以上所说是否属实？还有什么需要补充？", "属实，没有补充。我们马上封堵裂缝。"),
)


def begin_interview(notebook: Seat, inspection: str, began: int) -> None:
    """An interview that goes on: some questions, the last one not answered yet."""
    interview = interviews.begin(
        notebook,
        inspection,
        person_name="操作工01",
        person_gender="男",
        person_age="45",
        person_employer="示例企业01",
        person_duty="污水站操作工",
        person_relation="治污设施操作人员",
        case_title="涉嫌不正常运行水污染防治设施（演示）",
        began_at=began + 30 * _MINUTE,
    )
    interviews.ask(notebook, interview, *_ASKED[1])
    interviews.ask(
        notebook, interview, "曝气机从什么时候起没有运行？", "昨天下午五点左右跳闸，之后没有再开。"
    )
    interviews.ask(notebook, interview, "停运期间废水排到哪里？")


def fill_onsite(notebook: Seat, inspection: str, began: int) -> None:
    """Write them, through the verbs that an inspector's keys call.

    Args:
        began: when the visit began, ms since 1970 UTC.
    """
    interview = interviews.begin(
        notebook,
        inspection,
        person_name="环保主管05",
        person_gender="男",
        person_age="39",
        person_employer="示例企业05",
        person_duty="环保主管",
        person_relation="废水处理站负责人",
        case_title="涉嫌通过雨水口排放水污染物（演示）",
        began_at=began + 40 * _MINUTE,
    )
    for question, answer in _ASKED:
        interviews.ask(notebook, interview, question, answer)
    interviews.end(
        notebook,
        interview,
        ended_at=began + 70 * _MINUTE,
        shown_certificates=True,
        told_rights=True,
        avoidance="none",
        alone=True,
        reading="read",
        signed="signed",
    )
    interviews.seal(notebook, interview)
    measure = measures.ask_for(
        notebook,
        "register",
        inspection,
        reason="加药记录和管网图可能被更换，以后难以取得",
        case_title="涉嫌通过雨水口排放水污染物（演示）",
    )
    measures.approve(notebook, measure, approver="负责人（演示）", at=began + 45 * _MINUTE)
    measures.take(
        notebook,
        measure,
        at=began + 50 * _MINUTE,
        told=True,
        present=True,
        signed="signed",
        copies=2,
        keeping="elsewhere",
        keep_place="执法大队证据室",
        keeper="执法员02",
    )
    measures.add_item(notebook, measure, "加药记录本", "2", unit_of_quantity="本", look="蓝色封面")
    measures.add_item(notebook, measure, "雨污管网图", "1", unit_of_quantity="张", model="A1")
    for name in ("register_list", "register_notice"):
        papers.issue(notebook, papers.draw_up(notebook, measure, name))
    notice = next(
        each.id for each in measures.papers_of(notebook, measure) if each.paper == "register_notice"
    )
    service = services.of_paper(
        notebook,
        notice,
        method="direct",
        taken_by="环保主管05",
        relation="单位工作人员",
        served_at=began + 75 * _MINUTE,
    )
    services.seal(notebook, service)
