"""The law of a finding is that of the day of the violation, not of its entry (生态环境法典1057)."""

from __future__ import annotations

from datetime import date

import pytest

from models.cases.penalty import verbs as penalties
from models.errors import RuleBroken
from models.inspections import canonical, queries, verbs
from models.inspections.sealing import sealed_bytes
from models.inspections.tables import Finding
from models.store.lookup import by_id
from tests.models.inspections.conftest import Visit

OLD = "2024-05-06"


def row_of(visit: Visit, finding: str) -> Finding:
    with visit.notebook:
        row = by_id(Finding, finding)
    assert row is not None
    return row


def test_an_old_violation_rests_on_the_law_of_its_day(visit: Visit) -> None:
    old = verbs.find(visit.notebook, visit.id, "W03", "2024年起设暗管", occurred_on="2024年5月6日")
    new = verbs.find(visit.notebook, visit.id, "W03", "检查当日仍在排放")
    row = queries.inspection(visit.notebook, visit.id)
    assert row is not None
    assert row_of(visit, old).occurred_on == OLD
    assert queries.act_day(row_of(visit, new), row) == queries.day_of(row)
    assert queries.finding_basis(row_of(visit, old), row).startswith("《水污染防治法》第三十九条")
    assert queries.finding_basis(row_of(visit, new), row).startswith("《生态环境法典》")


def test_the_seal_and_the_penalty_case_name_that_law_and_day(visit: Visit) -> None:
    visit.fill()
    verbs.answer(visit.notebook, visit.id, "W03", "problem")
    verbs.find(visit.notebook, visit.id, "W03", "2024年起设暗管", occurred_on=OLD)
    values = penalties.from_inspection(visit.notebook, visit.id)
    assert values["occurred_on"] == OLD
    assert values["found_on"] > OLD
    assert "水污染防治法" in values["violated"]
    verbs.finish(visit.notebook, visit.id)
    verbs.seal_inspection(visit.notebook, visit.id)
    data = sealed_bytes(visit.notebook, visit.id)
    assert data is not None
    (found,) = canonical.decode(data)["findings"]
    assert found["occurred_on"] == OLD
    assert found["basis"].startswith("《水污染防治法》")


def test_a_day_after_the_visit_or_none_is_refused_and_an_empty_one_is_the_visits(visit: Visit) -> None:
    finding = verbs.find(visit.notebook, visit.id, "W03", "暗管", occurred_on=OLD)
    for wrong in ("2199-01-01", "昨天", "2024-02-30"):
        with pytest.raises(RuleBroken) as refused:
            verbs.correct(visit.notebook, finding, occurred_on=wrong)
        assert refused.value.field == "occurred_on"
        with pytest.raises(RuleBroken):
            verbs.find(visit.notebook, visit.id, "W03", "暗管", occurred_on=wrong)
    verbs.correct(visit.notebook, finding, occurred_on="")
    assert row_of(visit, finding).occurred_on is None


def test_where_the_law_changed_since_both_are_named() -> None:
    said = queries.law_changed("W03", date(2024, 5, 6), date(2026, 11, 23))
    assert "第一千一百零八条" in said
    assert "第一千零五十七条" in said
    assert queries.law_changed("W03", date(2026, 9, 1), date(2026, 11, 23)) == ""
    assert queries.law_changed("nothing", date(2024, 5, 6), date(2026, 11, 23)) == ""
