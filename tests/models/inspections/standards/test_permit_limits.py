"""Limits of a permit: entered, taken in from a list, and before every standard at a measurement."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.errors import BadInput, RuleBroken
from models.inspections import queries as visits
from models.inspections import verbs as inspecting
from models.inspections.standards import queries, verbs
from models.law.limits import unpack_reasons
from models.registry import queries as registry
from models.registry import verbs as register
from models.store.notebook import Notebook

PERMIT = "91350602MA0000003X001P"


@pytest.fixture
def site(notebook: Notebook) -> str:
    """A site with a permit, a receiving water and an industry."""
    return register.add_site(
        notebook, "示例企业03", permit_number=PERMIT, receiving_water="Ⅲ类", built="2010/5/1",
        category="其他", stack_height="25", air_zone="2", noise_zone="3",
    )  # fmt: skip


@pytest.fixture
def visit(notebook: Notebook, officers: tuple[str, str], site: str) -> str:
    """An inspection there."""
    first, second = officers
    return inspecting.begin(
        notebook, site_id=site, first_officer=first, second_officer=second, checklists="A,W"
    )


def measured(seat: Notebook, visit: str, value: str = "80", **more) -> object:
    given = {
        "medium": "water",
        "parameter": "COD",
        "value": value,
        "unit_of_value": "mg/L",
        "sampled": "instant",
    }
    record = inspecting.measure(seat, visit, **{**given, "water": "III", "category": "其他", **more})
    return next(each for each in visits.sheet(seat, visit).measurements if each.id == record)


def test_a_limit_of_the_permit_judges_before_the_tables(notebook: Notebook, site: str, visit: str):
    assert measured(notebook, visit).limit_source == "general"
    limit = verbs.add_limit(notebook, site, parameter="化学需氧量", limit="≤60", unit_of_limit="mg/L")
    row = measured(notebook, visit)
    assert (row.verdict, row.limit_source, row.standard, row.limit_text) == (
        "over", "permit", f"排污许可证 {PERMIT}", "≤60 mg/L",
    )  # fmt: skip
    assert any(PERMIT in each.text() for each in unpack_reasons(row.reasons))
    verbs.withdraw_limit(notebook, limit, "已变更")
    assert measured(notebook, visit).limit_source == "general"


def test_a_correction_asks_the_order_anew_unless_a_person_picked_the_standard(
    notebook: Notebook, site: str, visit: str
):
    row = measured(notebook, visit)
    verbs.add_limit(notebook, site, parameter="COD", limit="60", unit_of_limit="mg/L")
    inspecting.correct(notebook, row.id, value="81")
    row = next(each for each in visits.sheet(notebook, visit).measurements if each.id == row.id)
    assert (row.limit_source, row.verdict) == ("permit", "over")
    inspecting.correct(notebook, row.id, standard="GB 8978-1996")
    inspecting.correct(notebook, row.id, value="82")
    row = next(each for each in visits.sheet(notebook, visit).measurements if each.id == row.id)
    assert (row.limit_source, row.verdict, row.standard) == ("chosen", "ok", "GB 8978-1996")


def test_the_same_limit_is_entered_once(notebook: Notebook, site: str):
    first = verbs.add_limit(notebook, site, parameter="COD", limit="60", unit_of_limit="mg/L")
    second = verbs.add_limit(notebook, site, parameter="化学需氧量", limit="50", unit_of_limit="mg/L")
    assert first == second
    assert [each.limit for each in queries.limits_of(notebook, site)] == ["50"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"limit": "约60"}, "limit"),
        ({"unit_of_limit": "斤"}, "unit_of_limit"),
        ({"unit_of_limit": None}, "unit_of_limit"),
        ({"parameter": None}, "parameter"),
        ({"since": "2026-13-01"}, "since"),
        ({"since": "2026-02-01", "until": "2026-01-01"}, "until"),
    ],
)
def test_what_cannot_be_a_limit_is_refused_at_its_field(
    notebook: Notebook, site: str, given: dict, field: str
):
    usual = {"parameter": "COD", "limit": "60", "unit_of_limit": "mg/L"}
    with pytest.raises(RuleBroken) as refused:
        verbs.add_limit(notebook, site, **{**usual, **given})
    assert refused.value.field == field


def test_a_list_is_taken_in_whole_and_once(notebook: Notebook, site: str, tmp_path: Path):
    path = tmp_path / "permit.csv"
    path.write_bytes(
        "排放口编号,污染物种类,许可排放浓度限值,单位,有效期起,有效期止\n"
        "DW001,化学需氧量,60,mg/L,2026-01-01,2030-12-31\n"
        "DW001,pH值,6～9,,2026-01-01,2030-12-31\n"
        "DA001,颗粒物,20,mg/m3,2026-01-01,2030-12-31\n".encode("gb18030")
    )
    assert verbs.import_limits(notebook, site, path).written == 3
    assert verbs.import_limits(notebook, site, path).written == 0
    found = {
        each.parameter: (each.outlet, each.limit, each.until) for each in queries.limits_of(notebook, site)
    }
    assert found["pH"] == ("DW001", "6-9", "2030-12-31")
    assert found["COD"] == ("DW001", "60", "2030-12-31")


def test_a_wrong_row_is_named_and_nothing_is_entered(notebook: Notebook, site: str, tmp_path: Path):
    path = tmp_path / "permit.csv"
    path.write_text("污染物,限值,单位\nCOD,60,mg/L\n氨氮,八,mg/L\n总磷,1,\n", encoding="utf-8")
    done = verbs.import_limits(notebook, site, path)
    assert [(each.row, each.column) for each in done.errors] == [(3, "限值"), (4, "单位")]
    assert queries.limits_of(notebook, site) == []
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(BadInput):
        verbs.import_limits(notebook, site, path)


def test_a_grid_worker_enters_no_limit(notebook: Notebook, site: str):
    from models.store.change import put

    notebook.write(put("officer", notebook.person, "350602", role="grid"))
    with pytest.raises(RuleBroken):
        verbs.add_limit(notebook, site, parameter="COD", limit="60", unit_of_limit="mg/L")


def test_what_the_register_knows_is_proposed(notebook: Notebook, site: str):
    row = registry.site(notebook, site)
    assert queries.proposed(row, "water") == {
        "water": "III", "grade": None, "built": "2010-05-01", "category": "其他",
    }  # fmt: skip
    assert queries.proposed(row, "air") == {
        "zone": "2",
        "stack": "25",
        "built": "2010-05-01",
        "category": "其他",
    }
    assert queries.proposed(row, "noise") == {"zone": "3"}
    assert queries.proposed(None, "water") == {}


@pytest.mark.parametrize(
    ("field", "value"), [("built", "去年"), ("stack_height", "高"), ("stack_height", "-5")]
)
def test_the_register_refuses_what_is_no_day_or_height(notebook: Notebook, site: str, field: str, value: str):
    with pytest.raises(RuleBroken) as refused:
        register.edit_site(notebook, site, **{field: value})
    assert refused.value.field == field


def test_the_site_shows_its_limits(notebook: Notebook, site: str):
    from models.cases.flow.site_sheet import site_sheet

    verbs.add_limit(notebook, site, parameter="COD", limit="60", unit_of_limit="mg/L", outlet="DW001")
    facts = [fact for section in site_sheet(notebook, site).sections for fact in section.facts]
    assert any(fact.kind == "permit_limit" and "60 mg/L" in fact.value for fact in facts)
