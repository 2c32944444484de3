"""Figures as of any day, and what a case lacks."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from models.cases.restoration import bases, queries, verbs
from models.cases.restoration.room import ROOM
from models.errors import RuleBroken
from models.store.change import put, void
from models.store.notebook import Notebook

from .conftest import a_case, a_release

DAY = date(2021, 11, 30)


def amount(
    book: Notebook, of: str, what: str, quantity: str, on: str, approx: str = "=", **fields: Any
) -> str:
    living = {"species": "鲢", "origin": "native"} if what in ("fish_fry", "snails") else {}
    return verbs.note_amount(
        book, of, what=what, quantity=quantity, done_on=on, approx=approx, **{**living, **fields}
    )


def blocking(book: Notebook, case: str) -> list[str]:
    return sorted(each.key.partition(":")[0] for each in queries.lacking(book, case) if each.blocking)


@pytest.mark.requirement("R008", "R009", "R010", "R011", "R012", "R013")
def test_the_five_figures_of_the_city_come_out_of_the_records(notebook: Notebook, release: str) -> None:
    other = a_release(notebook, a_case(notebook, "350681"))
    amount(notebook, release, "fish_fry", "195000", "2021-06-01")
    amount(notebook, other, "fish_fry", "110000", "2021-11-30", "余")
    amount(notebook, release, "snails", "135.88万", "2021-07-01", species="田螺")
    amount(notebook, release, "river_water_m3", "8万", "2021-08-01", "余")
    amount(notebook, other, "channel_m", "300", "2021-08-01", "余")
    amount(notebook, release, "replanting_yuan", "10万", "2021-09-01", "余")
    found = queries.totals(notebook, DAY)
    assert {what: total.text for what, total in found.items()} == {
        "fish_fry": "30.5万余尾",
        "snails": "135.88万粒",
        "river_water_m3": "8万余立方米",
        "channel_m": "300余米",
        "replanting_yuan": "10万余元",
    }
    day_before = queries.totals(notebook, DAY - timedelta(days=1))["fish_fry"]
    assert (day_before.quantity, day_before.approx) == (Decimal(195000), "=")
    by_unit = queries.totals_by_unit(notebook, DAY)
    assert by_unit["350604"]["fish_fry"].quantity == 110000
    assert by_unit["350602"]["fish_fry"].quantity == 195000
    assert set(by_unit) == {"350602", "350604"}


def test_figures_follow_when_something_is_withdrawn(notebook: Notebook, case: str, release: str) -> None:
    first = amount(notebook, release, "trees", "10", "2021-06-01")
    amount(notebook, release, "trees", "5", "2021-06-02")
    verbs.withdraw_amount(notebook, first, "重复登记")
    assert queries.totals(notebook, DAY)["trees"].quantity == 5
    verbs.withdraw(notebook, release, "误登")
    assert queries.totals(notebook, DAY) == {}
    again = a_release(notebook, case)
    amount(notebook, again, "trees", "7", "2021-06-01")
    assert queries.totals(notebook, DAY)["trees"].quantity == 7
    notebook.write(void("damage_case", case, "350602", "误立"))
    assert queries.totals(notebook, DAY) == {}


def test_other_quantities_are_summed_by_their_unit_only(notebook: Notebook, release: str) -> None:
    for quantity, unit in (("3", "车"), ("2", "车"), ("7", "块")):
        amount(notebook, release, "other", quantity, "2021-06-01", quantity_unit=unit)
    found = queries.totals(notebook, DAY)
    assert {key: total.quantity for key, total in found.items()} == {"other:车": 5, "other:块": 7}


@pytest.mark.requirement("R053", "R054", "R055", "R057")
def test_bases_are_counted_by_type_and_state_as_of_the_day(notebook: Notebook) -> None:
    for count in range(8):
        bases.add_base(
            notebook,
            f"示例放流点{count}",
            "fish_release",
            begun_on="2021-03-01",
            built_on=f"2021-0{count + 1 if count > 2 else 4}-15",
            latitude="24.5130",
            longitude="117.6460",
            tag="river",
        )
    for count in range(2):
        bases.add_base(notebook, f"示例补植基地{count}", "replanting", begun_on="2021-09-01", tag="mountain")
    bases.add_base(notebook, "示例小流域基地", "watershed", begun_on="2021-10-01", doubtful=True)
    counts = queries.base_counts(notebook, DAY)
    assert counts["fish_release", "built"] == 8
    assert counts["replanting", "under_construction"] == 2
    assert counts["watershed", "under_construction"] == 1
    assert sum(counts.values()) == 11
    early = queries.base_counts(notebook, date(2021, 4, 14))
    assert early["fish_release", "under_construction"] == 8
    assert early["fish_release", "built"] == 0
    assert early["replanting", "under_construction"] == 0
    found = [each for each in queries.bases(notebook, DAY) if each.base.doubtful]
    assert [each.base.name for each in found] == ["示例小流域基地"]


@pytest.mark.requirement("R056")
def test_a_base_shows_the_cases_that_were_restored_on_it(notebook: Notebook, case: str) -> None:
    base = bases.add_base(notebook, "示例放流点", "fish_release", built_on="2021-04-01")
    second = a_case(notebook, "350681", title="第二案")
    a_release(notebook, case, base=base, planned_on="2021-05-02")
    a_release(notebook, case, base=base, planned_on="2021-05-03")
    a_release(notebook, second, base=base, planned_on="2021-05-01")
    a_release(notebook, a_case(notebook))  # elsewhere
    assert [each.id for each in queries.cases_of_base(notebook, base)] == [second, case]
    counts = [queries.bases(notebook, date(2021, 5, day))[0].cases for day in (1, 2, 3)]
    assert counts == [1, 2, 2]


@pytest.mark.requirement("R042", "R043", "R044")
@pytest.mark.parametrize(
    ("mode", "right", "wrong"),
    [
        ("fish_release", "fisheries", "forestry"),
        ("replanting", "forestry", "fisheries"),
        ("watershed", "water", "forestry"),
    ],
)
def test_a_case_cannot_close_without_guidance_of_the_right_department(
    notebook: Notebook, case: str, mode: str, right: str, wrong: str
) -> None:
    made = verbs.plan(
        notebook, case, mode=mode, plan="修复", planned_on="2021-05-01", why_off_site="无法就地修复"
    )
    verbs.begin(notebook, made, on="2021-05-02")
    verbs.finish(notebook, made, on="2021-06-02")
    keys = [each.key for each in queries.lacking(notebook, case) if each.blocking]
    assert keys == [f"guidance:{right}"]
    advice = {"on": "2021-05-20", "person": "示例人05", "opinion": "方案可行"}
    verbs.guide(notebook, made, department=wrong, **advice)
    verbs.guide(notebook, made, department=right, on="2021-05-20", came=False)
    assert blocking(notebook, case) == ["guidance"]
    record = verbs.guide(notebook, made, department=right, **advice)
    assert blocking(notebook, case) == []
    verbs.withdraw_guidance(notebook, record, "误登")
    assert blocking(notebook, case) == ["guidance"]


def test_each_restoration_needs_its_own_guidance(notebook: Notebook, case: str, release: str) -> None:
    second = a_release(notebook, case)
    for each in (release, second):
        verbs.finish(notebook, each, on="2021-06-02")
    verbs.guide(notebook, release, department="fisheries", on="2021-05-20", person="示例人05", opinion="可行")
    lack = next(each for each in queries.lacking(notebook, case) if each.key == "guidance:fisheries")
    assert queries.restoration(notebook, second).number in lack.text
    assert queries.restoration(notebook, release).number not in lack.text


def test_what_is_unfinished_or_without_its_reason_keeps_a_case_open(notebook: Notebook, case: str) -> None:
    assert queries.lacking(notebook, case) == []
    made = verbs.plan(notebook, case, mode="in_place", plan="清淤", planned_on="2021-05-01")
    assert blocking(notebook, case) == ["unfinished"]
    verbs.begin(notebook, made, on="2021-05-02")
    verbs.finish(notebook, made, on="2021-05-03")
    assert blocking(notebook, case) == []
    # another device may have written what no verb of this one would
    notebook.write(put("restoration", made, "350602", mode="watershed", why_off_site=None))
    assert blocking(notebook, case) == ["guidance", "off_site"]
    verbs.withdraw(notebook, made, "误登")
    assert queries.lacking(notebook, case) == []


def test_survival_below_what_was_agreed_is_shown(notebook: Notebook, case: str) -> None:
    made = a_release(notebook, case, agreed_survival="85")
    amount(notebook, made, "fish_fry", "1000", "2021-05-12")

    def shown() -> set[str]:
        return {each.key.partition(":")[0] for each in queries.lacking(notebook, case) if not each.blocking}

    verbs.finish(notebook, made, on="2021-06-02", sampled_survival="84.9")
    assert shown() == {"quarantine", "survival"}
    days = verbs.schedule(notebook, made, first_on="2021-09-01", every_months=1, times=2)
    first, second = (row.id for row in queries.visits_of(notebook, made))
    verbs.note_visit(notebook, first, done_on="2021-09-01", survival="85")
    assert shown() == {"quarantine"}
    verbs.note_visit(notebook, second, done_on="2021-10-01", survival="84.99")
    verbs.edit(notebook, made, quarantine="闽检01")
    assert shown() == {"survival"}
    assert len(days) == 2


def test_a_finished_restoration_without_any_quantity_is_pointed_out(
    notebook: Notebook, case: str, release: str
) -> None:
    verbs.finish(notebook, release, on="2021-06-02")
    found = [each for each in queries.lacking(notebook, case) if each.key.startswith("amounts:")]
    assert [each.blocking for each in found] == [False]


def test_follow_ups_and_unfinished_restorations_are_due(notebook: Notebook, case: str) -> None:
    made = a_release(notebook, case, finish_by="2021-08-01")
    verbs.schedule(notebook, made, first_on="2021-07-01", every_months=2, times=2)
    found = [(each.key, each.due_on) for each in queries.dues(notebook)]
    assert found == [
        ("restoration_visit", date(2021, 7, 1)),
        ("restoration_finish", date(2021, 8, 1)),
        ("restoration_visit", date(2021, 9, 1)),
    ]
    first = queries.visits_of(notebook, made)[0].id
    verbs.note_visit(notebook, first, done_on="2021-07-02", note="长势良好")
    verbs.finish(notebook, made, on="2021-07-03")
    assert [each.due_on for each in queries.dues(notebook)] == [date(2021, 9, 1)]
    verbs.withdraw(notebook, made, "误登")
    assert queries.dues(notebook) == []


def test_what_no_verb_of_ours_wrote_breaks_no_figure(notebook: Notebook, case: str) -> None:
    made = a_release(notebook, case)
    verbs.schedule(notebook, made, first_on="2021-07-01")
    visit = queries.visits_of(notebook, made)[0].id
    record = amount(notebook, made, "trees", "7", "2021-06-01")
    notebook.write(put("restoration_visit", visit, "350602", due_on="bald"))
    notebook.write(put("restoration_amount", record, "350602", quantity="NaN"))
    assert queries.dues(notebook) == []
    assert queries.totals(notebook, DAY)["trees"].quantity == 0


@pytest.mark.parametrize("counted_in", [None, "", "zzz", "斤"])
def test_an_amount_in_another_unit_or_none_is_added_apart(
    notebook: Notebook, release: str, counted_in: str | None
) -> None:
    amount(notebook, release, "fish_fry", "10", "2021-06-01")
    odd = amount(notebook, release, "fish_fry", "7", "2021-06-02")
    notebook.write(put("restoration_amount", odd, "350602", quantity_unit=counted_in))
    found = queries.totals(notebook, DAY)
    assert found["fish_fry"].quantity == 10
    assert found[f"other:{counted_in or ''}"].quantity == 7
    assert ROOM.summary is not None
    assert ROOM.summary(notebook)
    assert ROOM.sheets["restoration"](notebook, release).sections


def test_a_sheet_or_form_of_what_is_not_there_is_refused(notebook: Notebook) -> None:
    for sheet in ROOM.sheets.values():
        with pytest.raises(RuleBroken):
            sheet(notebook, "none")
    for act in ROOM.acts:
        if act.preset is not None and act.subject.startswith("restoration") and act.name.startswith("edit"):
            with pytest.raises(RuleBroken):
                act.preset(notebook, "none")
