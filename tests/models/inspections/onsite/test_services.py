"""Proof of service: what each way needs, whom it reached, when a public notice counts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from models.cases.penalty import verbs as penalties
from models.errors import RuleBroken
from models.inspections import canonical
from models.inspections.onsite import measures, papers, queries, services, sheets
from models.registry import sealing

from .test_measures import at, taken
from .test_papers import issued

SERVED = at("2026-09-02 09:30")


def begun(visit: Any, **fields: Any) -> str:
    book = visit.notebook
    service = services.begin(book, visit.id, case_title="涉嫌超标排放", served_at=SERVED, **fields)
    services.add_paper(book, service, "责令改正违法行为决定书", paper_number="漳环责改〔2026〕3号", copies=1)
    return service


WAYS = {
    "direct": {"taken_by": "示例印染企业03"},
    "left": {"refusal_reason": "拒绝签收", "witness_name": "示例见证人"},
    "entrusted": {"agent": "龙文生态环境局", "taken_by": "示例印染企业03"},
    "post": {"tracking": "EMS0000001"},
    "public": {"medium": "本局网站"},
    "electronic": {"consent": "确认书1号"},
}


@pytest.mark.parametrize("method", WAYS)
def test_each_way_needs_its_own_particulars(visit: Any, method: str) -> None:
    book = visit.notebook
    service = begun(visit, method=method)
    asked = {each.field for each in services.missing(book, service) if each.blocking}
    assert asked == set(WAYS[method])
    services.edit(book, service, **WAYS[method])
    sealed = services.seal(book, service)
    data = sealing.sealed_bytes(book, service)
    assert data is not None
    said = canonical.decode(data)
    assert said["number"] == sealed.number
    assert said["service"]["method"] == method
    assert [each["paper_number"] for each in said["papers"]] == ["漳环责改〔2026〕3号"]
    assert len(said["servers"]) == 2
    for change in (
        lambda: services.edit(book, service, place="他处"),
        lambda: services.add_paper(book, service, "另一文书"),
        lambda: services.withdraw(book, service, "误"),
        lambda: services.seal(book, service),
    ):
        with pytest.raises(RuleBroken):
            change()


def test_who_takes_it_for_another_says_what_they_are_to_them(visit: Any) -> None:
    book = visit.notebook
    service = begun(visit, method="direct", taken_by="示例人员09")
    with pytest.raises(RuleBroken) as refusal:
        services.seal(book, service)
    assert refusal.value.field == "relation"
    services.edit(book, service, relation="同住成年家属")
    assert services.seal(book, service)


@pytest.mark.parametrize(
    ("fields", "field"), [({"second_officer": None}, "second_officer"), ({"receiver": None}, "receiver")]
)
def test_two_officers_serve_a_named_receiver(visit: Any, fields: dict[str, Any], field: str) -> None:
    book = visit.notebook
    service = begun(visit, method="post", tracking="1")
    services.edit(book, service, **fields)
    with pytest.raises(RuleBroken) as refusal:
        services.seal(book, service)
    assert refusal.value.field == field


def test_nothing_is_served_without_a_paper(visit: Any) -> None:
    book = visit.notebook
    service = begun(visit, method="post", tracking="1")
    services.drop_paper(book, services.papers_of(book, service)[0].id, "误列")
    with pytest.raises(RuleBroken) as refusal:
        services.seal(book, service)
    assert refusal.value.field == "papers"


def test_a_paper_of_a_measure_is_served_to_its_party_once_issued(visit: Any) -> None:
    book = visit.notebook
    draft = papers.draw_up(book, taken(visit), "seal_list")
    with pytest.raises(RuleBroken):
        services.of_paper(book, draft)
    paper = issued(visit)
    papers.give_number(book, paper, "漳环查扣〔2026〕9号")
    service = services.of_paper(book, paper, method="direct", taken_by="示例印染企业03")
    row = services.service(book, service)
    assert row is not None
    assert row.receiver == "示例印染企业03"
    line = services.papers_of(book, service)[0]
    assert (line.name, line.paper_number, line.paper) == ("查封（扣押）决定书", "漳环查扣〔2026〕9号", paper)
    assert [each.id for each in queries.services_of_paper(book, paper)] == [service]


def test_the_service_of_a_release_ends_its_time_limit(visit: Any) -> None:
    book, measure = visit.notebook, taken(visit)
    measures.release(book, measure, reason="已改正", on="2026-09-10")
    paper = papers.draw_up(book, measure, "seal_release")
    papers.issue(book, paper)
    row = measures.standing(book, measure)
    assert [each.key for each in queries.dues_of(book, row)] == ["sealing_release_service"]
    service = services.of_paper(book, paper, method="post", tracking="1")
    assert queries.dues_of(book, row), "begun is not served"
    services.seal(book, service)
    assert queries.dues_of(book, row) == []


def test_a_public_notice_counts_after_its_thirty_days(visit: Any) -> None:
    book = visit.notebook
    row = services.service(book, begun(visit, method="public", medium="本局网站"))
    assert row is not None
    assert queries.served_on(row) == date(2026, 10, 2)
    row = services.service(book, begun(visit, method="post"))
    assert row is not None
    assert queries.served_on(row) == date(2026, 9, 2)


def test_no_day_of_service_is_told_before_it_is_known_how_and_who_took_it(visit: Any) -> None:
    book = visit.notebook
    service = services.of_paper(book, issued(visit))

    def told() -> list[str]:
        sections = sheets.service_sheet(book, service).sections
        return [fact.value for section in sections for fact in section.facts if fact.label == "视为送达日期"]

    assert told() == []
    services.edit(book, service, method="direct")
    assert told() == []
    services.edit(book, service, taken_by="示例印染企业03")
    assert len(told()) == 1


def test_a_service_in_a_penalty_case_goes_to_its_party(visit: Any) -> None:
    book = visit.notebook
    case = penalties.file(
        book, title="超标排放", party="示例印染企业03", found_on="2026-09-01", occurred_on="2026-09-01"
    )
    row = services.service(book, services.of_case(book, case, method="post"))
    assert row is not None
    assert row.receiver == "示例印染企业03"
    assert (row.case_title or "").startswith("超标排放")
