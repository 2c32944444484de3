"""A restoration from its plan to its follow-ups."""

from __future__ import annotations

from datetime import date

import pytest

from models.cases.restoration import bases, queries, verbs
from models.errors import RuleBroken
from models.inspections.queries import sheet
from models.registry.keeping import row_of
from models.store.change import new_id, put
from models.store.notebook import Notebook

from .conftest import a_case, a_release

AGAIN = "2021-05-01"


def refused(field: str, run: object, *args: object, **values: object) -> RuleBroken:
    with pytest.raises(RuleBroken) as error:
        run(*args, **values)  # type: ignore[operator]
    assert error.value.field == field
    return error.value


@pytest.mark.requirement("R052")
@pytest.mark.parametrize("mode", ["fish_release", "replanting", "watershed"])
def test_a_restoration_elsewhere_needs_the_reason_why_not_in_place(
    notebook: Notebook, case: str, mode: str
) -> None:
    error = refused("why_off_site", verbs.plan, notebook, case, mode=mode, plan="修复", planned_on=AGAIN)
    assert "民法典" in error.basis
    made = verbs.plan(notebook, case, mode=mode, plan="修复", planned_on=AGAIN, why_off_site="无法恢复")
    assert queries.restoration(notebook, made).mode == mode
    refused("why_off_site", verbs.edit, notebook, made, why_off_site=" ")


@pytest.mark.requirement("R052")
def test_the_reason_is_asked_for_by_the_law_of_the_day(notebook: Notebook, case: str) -> None:
    values = {"mode": "replanting", "plan": "补植"}
    before = refused("why_off_site", verbs.plan, notebook, case, planned_on="2026-08-14", **values)
    after = refused("why_off_site", verbs.plan, notebook, case, planned_on="2026-08-15", **values)
    assert "民法典" in before.basis
    assert "生态环境法典" in after.basis


def test_a_restoration_in_place_needs_no_reason_and_there_is_no_fifth_mode(
    notebook: Notebook, case: str
) -> None:
    assert verbs.plan(notebook, case, mode="in_place", plan="清淤", planned_on=AGAIN)
    refused("mode", verbs.plan, notebook, case, mode="carbon", plan="购买碳汇", planned_on=AGAIN)


def test_a_restoration_is_planned_before_its_case_ends(notebook: Notebook, case: str) -> None:
    notebook.write(put("case_step", new_id(), "350602", case=case, step="terminated", on="2021-06-01"))
    values = {"mode": "in_place", "plan": "清淤"}
    assert verbs.plan(notebook, case, planned_on="2021-06-01", **values)  # entered late, planned in time
    refused("planned_on", verbs.plan, notebook, case, planned_on="2021-06-02", **values)


def test_days_of_a_restoration_follow_each_other(notebook: Notebook, case: str) -> None:
    made = verbs.plan(notebook, case, mode="in_place", plan="清淤", planned_on="2021-05-01")
    refused("begun_on", verbs.finish, notebook, made, on="2021-06-01")
    refused("on", verbs.begin, notebook, made, on="2021-04-30")
    refused("on", verbs.begin, notebook, made, on="2999-01-01")
    verbs.begin(notebook, made, on="2021-05-01")
    refused("on", verbs.begin, notebook, made, on="2021-05-02")
    refused("on", verbs.finish, notebook, made, on="2021-04-30")
    verbs.finish(notebook, made, on="2021年6月1日", sampled_survival="97.5", aftercare_until="2024-06-01")
    row = queries.restoration(notebook, made)
    assert (row.finished_on, row.sampled_survival, row.aftercare_until) == (
        "2021-06-01",
        "97.5",
        "2024-06-01",
    )
    refused("on", verbs.finish, notebook, made, on="2021-06-02")
    refused("aftercare_until", verbs.edit, notebook, made, aftercare_until="2021-05-31")
    refused("sampled_survival", verbs.edit, notebook, made, sampled_survival="100.1")


def test_what_only_other_verbs_set_is_a_mistake_of_the_caller(notebook: Notebook, case: str) -> None:
    with pytest.raises(TypeError):
        verbs.plan(notebook, case, mode="in_place", plan="清淤", planned_on=AGAIN, finished_on=AGAIN)
    made = verbs.plan(notebook, case, mode="in_place", plan="清淤", planned_on=AGAIN)
    with pytest.raises(TypeError):
        verbs.edit(notebook, made, case="other")


def test_a_base_must_serve_the_mode_and_another_mode_drops_it(notebook: Notebook, case: str) -> None:
    trees = bases.add_base(notebook, "示例补植基地", "replanting", begun_on="2021-04-01")
    fish = bases.add_base(notebook, "示例放流点", "fish_release", built_on="2021-04-01")
    values = {"mode": "fish_release", "plan": "放流", "planned_on": AGAIN, "why_off_site": "无法就地"}
    refused("base", verbs.plan, notebook, case, base=trees, **values)
    made = verbs.plan(notebook, case, base=fish, **values)
    verbs.edit(notebook, made, mode="replanting")
    assert queries.restoration(notebook, made).base is None


@pytest.mark.requirement("R008")
def test_an_amount_keeps_species_size_quantity_unit_and_mark(notebook: Notebook, release: str) -> None:
    amount = verbs.note_amount(
        notebook,
        release,
        what="fish_fry",
        quantity="19.5万",
        done_on="2021-05-12",
        approx="余",
        species="白鲢",
        origin="native",
        spec="体长5厘米",
        price_cents=350000,
    )
    row = row_of(notebook, "restoration_amount", amount)
    kept = (row.species, row.spec, row.quantity, row.quantity_unit, row.approx, row.price_cents, row.unit)
    assert kept == ("白鲢", "体长5厘米", "195000", "尾", "余", 350000, "350602")


def test_an_amount_lies_between_the_beginning_and_today(notebook: Notebook, case: str, release: str) -> None:
    values = {"what": "channel_m", "quantity": "3"}
    refused("done_on", verbs.note_amount, notebook, release, done_on="2021-05-09", **values)
    refused("done_on", verbs.note_amount, notebook, release, done_on="2999-01-01", **values)
    verbs.note_amount(notebook, release, done_on="2021-05-10", **values)
    refused("begun_on", verbs.edit, notebook, release, begun_on="2021-05-11")
    unbegun = verbs.plan(notebook, case, mode="in_place", plan="清淤", planned_on=AGAIN)
    refused("begun_on", verbs.note_amount, notebook, unbegun, done_on="2021-05-10", **values)


def test_what_is_released_alive_is_checked_and_what_is_built_is_not(notebook: Notebook, release: str) -> None:
    values = {"quantity": "1000", "done_on": "2021-05-12"}
    refused("species", verbs.note_amount, notebook, release, what="snails", **values)
    refused("origin", verbs.note_amount, notebook, release, what="fish_fry", species="鲢", **values)
    refused(
        "origin",
        verbs.note_amount,
        notebook,
        release,
        what="fish_fry",
        species="某鱼",
        origin="alien",
        **values,
    )
    assert verbs.note_amount(notebook, release, what="area_m2", **values)


@pytest.mark.requirement("R080")
def test_carbon_that_is_bought_names_method_and_certificate(notebook: Notebook, release: str) -> None:
    values = {"what": "carbon_t", "quantity": "12.5", "done_on": "2021-05-12"}
    refused("method", verbs.note_amount, notebook, release, **values)
    refused("certificate", verbs.note_amount, notebook, release, method="FFCER", **values)
    verbs.note_amount(notebook, release, method="FFCER", certificate="示例证01", **values)
    assert queries.totals(notebook, date(2021, 5, 12))["carbon_t"].text == "12.5吨二氧化碳当量"


def test_a_corrected_amount_is_checked_as_a_new_one(notebook: Notebook, release: str) -> None:
    amount = verbs.note_amount(notebook, release, what="channel_m", quantity="30", done_on="2021-05-12")
    refused("species", verbs.correct_amount, notebook, amount, what="snails")
    refused("quantity", verbs.correct_amount, notebook, amount, quantity="0")
    verbs.correct_amount(notebook, amount, what="area_m2", quantity="45.5")
    row = row_of(notebook, "restoration_amount", amount)
    assert (row.what, row.quantity, row.quantity_unit, row.done_on) == ("area_m2", "45.5", "m²", "2021-05-12")


def test_guidance_needs_who_came_and_what_they_advised(notebook: Notebook, release: str) -> None:
    values = {"department": "fisheries", "on": "2021-05-12"}
    refused("person", verbs.guide, notebook, release, opinion="可行", **values)
    refused("opinion", verbs.guide, notebook, release, person="示例人05", **values)
    refused("on", verbs.guide, notebook, release, came=False, invited_on="2021-05-13", **values)
    refused("department", verbs.guide, notebook, release, department="navy", on="2021-05-12", came=False)
    assert verbs.guide(notebook, release, came=False, invited_on="2021-05-11", **values)


def test_follow_ups_are_scheduled_once(notebook: Notebook, release: str) -> None:
    days = verbs.schedule(notebook, release, first_on="2021-08-31", every_months=3, times=3)
    assert days == [date(2021, 8, 31), date(2021, 11, 30), date(2022, 2, 28)]
    verbs.schedule(notebook, release, first_on="2021-08-31", every_months=3, times=4)
    found = [row.due_on for row in queries.visits_of(notebook, release)]
    assert found == ["2021-08-31", "2021-11-30", "2022-02-28", "2022-05-31"]
    refused("first_on", verbs.schedule, notebook, release, first_on="2021-04-30")


def test_a_follow_up_becomes_an_inspection_at_the_site_of_its_case(
    notebook: Notebook, officers: tuple[str, str]
) -> None:
    from models.registry.verbs import add_site

    site = add_site(notebook, "示例企业07", address="漳州市芗城区示例路7号")
    made = a_release(notebook, a_case(notebook, site=site))
    verbs.schedule(notebook, made, first_on="2021-08-31")
    visit = queries.visits_of(notebook, made)[0].id
    inspection = verbs.inspect(notebook, visit, second_officer=officers[1])
    found = sheet(notebook, inspection).inspection
    assert (found.site, found.first_officer, found.second_officer) == (site, officers[0], officers[1])
    assert queries.visits_of(notebook, made)[0].inspection == inspection
    refused("inspection", verbs.inspect, notebook, visit)
    verbs.note_visit(notebook, visit, survival="88")  # on the day of its inspection
    assert queries.visits_of(notebook, made)[0].done_on
    assert not queries.open_visits(notebook)


def test_a_follow_up_without_a_site_says_what_to_do(notebook: Notebook, release: str) -> None:
    verbs.schedule(notebook, release, first_on="2021-08-31")
    visit = queries.visits_of(notebook, release)[0].id
    assert "监管对象" in refused("site", verbs.inspect, notebook, visit).text()
    refused("done_on", verbs.note_visit, notebook, visit, survival="90")
    refused("survival", verbs.note_visit, notebook, visit, done_on="2021-09-01")
    refused("survival", verbs.note_visit, notebook, visit, done_on="2021-09-01", survival="101")
    refused("done_on", verbs.note_visit, notebook, visit, done_on="2021-05-09", survival="90")
    verbs.note_visit(notebook, visit, done_on="2021-09-01", survival="90", done_by="示例人05")
    row = queries.visits_of(notebook, release)[0]
    assert (row.done_on, row.survival, row.done_by) == ("2021-09-01", "90", "示例人05")


@pytest.mark.parametrize("role", ["grid_worker", "readonly", "expert"])
def test_who_handles_no_cases_restores_nothing(
    notebook: Notebook, case: str, release: str, role: str
) -> None:
    notebook.write(put("officer", notebook.person, "350602", role=role))
    refused("role", verbs.plan, notebook, case, mode="in_place", plan="清淤", planned_on=AGAIN)
    refused("role", verbs.note_amount, notebook, release, what="trees", quantity="1", done_on="2021-05-12")
    refused("role", verbs.guide, notebook, release, department="fisheries", on="2021-05-12", came=False)
    refused("role", verbs.schedule, notebook, release, first_on="2021-08-31")
    refused("role", bases.add_base, notebook, "示例点", "fish_release", built_on="2021-04-01")


def test_a_dispatcher_keeps_bases_but_no_restorations(notebook: Notebook, case: str) -> None:
    notebook.write(put("officer", notebook.person, "350602", role="dispatcher"))
    assert bases.add_base(notebook, "示例点", "fish_release", unit="350681", built_on="2021-04-01")
    refused("role", verbs.plan, notebook, case, mode="in_place", plan="清淤", planned_on=AGAIN)


def test_bases_are_entered_with_possible_values_only(notebook: Notebook, case: str) -> None:
    add = bases.add_base
    refused("built_on", add, notebook, "示例点", "fish_release")
    refused("built_on", add, notebook, "示例点", "fish_release", built_on="2999-01-01")
    refused("built_on", add, notebook, "示例点", "fish_release", begun_on="2021-04-02", built_on="2021-04-01")
    refused("unit", add, notebook, "示例点", "fish_release", unit="350600", built_on="2021-04-01")
    refused("type", add, notebook, "示例点", "zoo", built_on="2021-04-01")
    refused("tag", add, notebook, "示例点", "fish_release", tag="desert", built_on="2021-04-01")
    made = add(notebook, "示例点", "fish_release", planned_on="2199-01-01")  # a plan may lie ahead
    refused("name", add, notebook, "示例点", "fish_release", built_on="2021-04-01")
    bases.edit_base(notebook, made, planned_on="2021-01-01", built_on="2021-04-01")
    refused("name", bases.edit_base, notebook, made, name=" ")
    a_release(notebook, case, base=made)
    refused("base", bases.withdraw_base, notebook, made, "误登")
    refused("type", bases.edit_base, notebook, made, type="watershed")
    other = add(notebook, "示例点二", "fish_release", built_on="2021-04-01")
    bases.withdraw_base(notebook, other, "误登")
    assert row_of(notebook, "restoration_base", other).voided == "误登"
