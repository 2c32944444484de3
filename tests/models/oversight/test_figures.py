"""The city's figures: by legal date, from the records alone, and always adding up."""

from __future__ import annotations

import json
import threading
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.cases.damage.queries import Standing
from models.cases.damage.stages import STAGES, STEPS, progress
from models.inspections import canonical
from models.oversight import figures, rules, verbs
from models.oversight.figures import Figures, case_lines, city_figures, month_rows, unit_rows
from models.oversight.published import as_json, as_record
from models.registry.units import county_level
from models.store.change import new_id, put, void
from models.store.notebook import Notebook
from tests.models.oversight.conftest import agreed, closed, damage_case, started, step

DAY = date(2021, 11, 30)
UNITS = [unit.code for unit in county_level()]


@pytest.fixture
def fifty(city: Notebook) -> Notebook:
    """The fifty cases of 2021: in each of the 16 units at least one, 22 closed, 7 awaiting performance."""
    for count in range(50):
        unit = UNITS[count % 16]
        if count < 22:
            closed(city, unit, "2021-03-01", "2021-10-15")
        elif count < 29:
            agreed(city, unit, "2021-04-01", "2021-11-30")
        else:
            started(city, unit, "2021-11-30")
    return city


@pytest.mark.requirement("R001", "R002", "R003", "R004", "R005", "R006", "R007")
def test_the_figures_of_november_2021_come_out_of_the_cases(fifty: Notebook) -> None:
    figures = city_figures(fifty, DAY)
    assert (figures.units, figures.covered, figures.coverage) == (16, 16, Decimal(1))
    assert (figures.started, figures.done, figures.awaiting, figures.other) == (50, 22, 7, 21)
    assert rules.plain(figures.done_rate) == "0.44"
    assert figures.zero_units == ()
    assert {name: len(lines) for name, lines in figures.lists.items()} == {
        "done": 22,
        "awaiting": 7,
        "other": 21,
    }


@pytest.mark.requirement("R001")
def test_other_days_give_what_was_so_then(fifty: Notebook) -> None:
    before = city_figures(fifty, date(2021, 11, 29))
    assert (before.started, before.done, before.awaiting, before.other) == (29, 22, 0, 7)
    assert before.as_of == date(2021, 11, 29)
    spring = city_figures(fifty, date(2021, 3, 1))
    assert (spring.started, spring.done, spring.covered) == (22, 0, 16)
    assert city_figures(fifty, date(2021, 2, 28)).started == 0
    assert city_figures(fifty, date(2021, 10, 14)).done == 0
    assert city_figures(fifty, date(2021, 10, 15)).done == 22


@pytest.mark.requirement("R001", "R004")
def test_one_case_that_changes_changes_the_figures(fifty: Notebook) -> None:
    case = city_figures(fifty, DAY).lists["other"][0]
    for name in ("investigation", "assessment", "consultation", "agreement"):
        step(fifty, case.id, case.unit, name, "2021-11-30")
    after = city_figures(fifty, DAY)
    assert (after.started, after.done, after.awaiting, after.other) == (50, 22, 8, 20)
    fifty.write(void("damage_case", case.id, case.unit, "重复登记"))
    assert city_figures(fifty, DAY).started == 49


def test_when_something_was_entered_does_not_matter(city: Notebook) -> None:
    case = damage_case(city, "350602")
    step(city, case, "350602", "investigation", "2021-05-02")
    step(city, case, "350602", "start", "2021-05-01")
    assert city_figures(city, date(2021, 5, 1)).lists["other"][0].started_on == "2021-05-01"
    assert city_figures(city, date(2021, 4, 30)).started == 0


@pytest.mark.requirement("R003")
def test_a_unit_counts_once_and_only_the_sixteen_count_for_coverage(city: Notebook) -> None:
    started(city, "350602", "2021-05-01")
    started(city, "350602", "2021-06-01")
    started(city, "350600", "2021-06-01")
    figures = city_figures(city, DAY)
    assert (figures.started, figures.covered, figures.units) == (3, 1, 16)
    assert rules.plain(figures.coverage) == "0.0625"
    assert [(row.code, row.started) for row in figures.by_unit if not row.counted] == [("350600", 1)]
    assert len(figures.zero_units) == 15


@pytest.mark.requirement("R002", "R003")
def test_a_case_under_an_old_code_belongs_to_the_unit_that_took_its_place(city: Notebook) -> None:
    started(city, "350681", "2021-01-05")
    row = city_figures(city, DAY).unit("350604")
    assert (row.started, row.first_on, row.counted) == (1, "2021-01-05", True)


def test_a_suit_keeps_a_case_in_hand_and_going_back_takes_the_agreement_away(city: Notebook) -> None:
    case = agreed(city, "350602", "2021-05-01", "2021-06-01")
    step(city, case, "350602", "back", "2021-06-10", to="consultation")
    assert city_figures(city, date(2021, 6, 9)).awaiting == 1
    after = city_figures(city, date(2021, 6, 10))
    assert (after.awaiting, after.other) == (0, 1)
    step(city, case, "350602", "failed", "2021-06-20")
    step(city, case, "350602", "suit", "2021-07-01")
    assert city_figures(city, date(2021, 7, 1)).other == 1


def test_the_months_add_up_to_the_totals(fifty: Notebook) -> None:
    figures = city_figures(fifty, DAY)
    assert [row.month for row in figures.by_month] == [f"2021-{month:02d}" for month in range(3, 12)]
    assert sum(row.started for row in figures.by_month) == 50
    assert sum(row.done for row in figures.by_month) == 22
    assert next(row.done for row in figures.by_month if row.month == "2021-10") == 22


@pytest.mark.requirement("R005")
def test_the_place_in_the_province_is_entered_with_its_source(city: Notebook) -> None:
    assert city_figures(city, DAY).ranking is None
    verbs.enter_ranking(city, as_of="2021-11-30", place=1, source="示例通报〔2021〕11号")
    place = city_figures(city, DAY).ranking
    assert place is not None
    assert (place.place, place.source) == (1, "示例通报〔2021〕11号")
    assert city_figures(city, date(2021, 11, 29)).ranking is None


@pytest.mark.requirement("R013")
def test_the_json_has_every_figure_and_the_environmental_amounts(fifty: Notebook) -> None:
    restoration, case = new_id(), city_figures(fifty, DAY).lists["done"][0]
    fifty.write(put("restoration", restoration, case.unit, case=case.id, mode="fish_release"))
    for what, quantity, unit in (("fish_fry", "300000", "尾"), ("snails", "1358800", "粒")):
        fifty.write(
            put(
                "restoration_amount",
                new_id(),
                case.unit,
                restoration=restoration,
                what=what,
                quantity=quantity,
                quantity_unit=unit,
                approx="余" if what == "fish_fry" else "=",
                done_on="2021-09-01",
            )
        )
    found = json.loads(json.dumps(as_json(city_figures(fifty, DAY))))
    wanted = {
        "as_of": "2021-11-30",
        "units": 16,
        "covered": 16,
        "coverage": 1,
        "started": 50,
        "done": 22,
        "done_rate": 0.44,
        "awaiting": 7,
        "other": 21,
        "bulletins": 0,
    }
    assert {name: found[name] for name in wanted} == wanted
    assert found["restoration"] == {
        "fish_fry": 300000,
        "snails": 1358800,
        "river_water_m3": 0,
        "channel_m": 0,
        "replanting_yuan": 0,
    }
    assert found["restoration_approx"]["fish_fry"] == "余"
    assert set(found["bases"]) == {"fish_release_built", "replanting_building", "watershed"}
    assert {"total", "court", "system", "fields"} <= set(found["experts"])
    assert len(found["experts"]["fields"]) == 6
    assert len(found["by_unit"]) == 16
    assert len(found["lists"]["other"]) == 21


def test_the_form_for_a_seal_has_no_float(fifty: Notebook) -> None:
    record = as_record(city_figures(fifty, DAY))
    assert canonical.decode(canonical.encode(record)) == record
    assert record["done_rate"] == "0.44"


def test_classes_that_do_not_add_up_are_refused() -> None:
    rules.reconcile(50, 22, 7, 21)
    with pytest.raises(rules.FiguresDisagree, match="50"):
        rules.reconcile(50, 22, 7, 20)


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [(22, 50, "44%"), (1, 3, "33.33%"), (2, 3, "66.67%"), (0, 0, "0%"), (1, 1, "100%")],
)
def test_rates_are_rounded_half_up(part: int, whole: int, words: str) -> None:
    assert rules.percent(rules.ratio(part, whole)) == words


def test_half_of_the_last_place_is_rounded_up() -> None:
    assert rules.ratio(1, 16) == Decimal("0.0625")
    assert rules.ratio(1, 32) == Decimal("0.0313")


_DAYS = st.integers(0, 400).map(lambda days: (date(2021, 1, 1) + timedelta(days=days)).isoformat())
_STEPS = st.lists(
    st.tuples(st.sampled_from(sorted(STEPS)), _DAYS, st.sampled_from((None, *STAGES))), max_size=12
)
_CASES = st.lists(st.tuples(st.sampled_from([*UNITS, "350681", "350600", "ZZSTJ"]), _STEPS), max_size=12)


@pytest.mark.requirement("R007")
@given(_CASES, _DAYS)
def test_whatever_the_steps_every_started_case_is_in_one_class_and_one_unit(
    cases: list[tuple[str, list[tuple[str, str, str | None]]]], as_of: str
) -> None:
    found = []
    for count, (unit, steps) in enumerate(cases):
        rows = [
            SimpleNamespace(id=f"{at:03d}", step=name, on=on, to=to)
            for at, (name, on, to) in enumerate(steps)
        ]
        at = progress(rows, as_of)
        if at.started:
            case = SimpleNamespace(id=f"{count:03d}", unit=unit, number=str(count), title="")
            found.append(Standing(case, at, at.entered_on_first("start") or "", False))  # type: ignore[arg-type]
    lines = case_lines(found)
    by_unit = unit_rows(lines)
    for row in by_unit:
        rules.reconcile(row.started, row.done, row.awaiting, row.other)
        assert (row.first_case == "") == row.zero
    assert sum(row.started for row in by_unit) == len(lines)
    assert sum(row.counted for row in by_unit) == 16
    months = month_rows(lines, date.fromisoformat(as_of))
    assert sum(row.started for row in months) == len(lines)
    assert sum(row.done for row in months) == sum(line.standing == "done" for line in lines)


@pytest.mark.parametrize("on", [None, "", "乱写", "2021-13-45", "20210305", "2021-W10-5"])
def test_a_start_without_a_day_is_no_start_and_stops_nothing(city: Notebook, on: str | None) -> None:
    started(city, "350602", "2021-04-01")
    odd = damage_case(city, "350603")
    city.write(put("case_step", new_id(), "350603", case=odd, step="start", on=on))
    found = city_figures(city, date(2021, 12, 31))
    assert found.started == sum(row.started for row in found.by_month) == 1


def test_what_was_written_since_is_in_the_figures_at_once(city: Notebook) -> None:
    day = date(2021, 12, 31)
    assert city_figures(city, day).started == 0
    started(city, "350602", "2021-04-01")
    assert city_figures(city, day).started == 1

    def started_and_taken_back() -> None:
        with city.writing():
            started(city, "350602", "2021-04-02")
            assert city_figures(city, day).started == 2
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        started_and_taken_back()
    assert city_figures(city, day).started == 1
    other: dict[str, Figures] = {}
    reader = threading.Thread(target=lambda: other.update(found=city_figures(city, day)))
    reader.start()
    reader.join()
    assert other["found"].started == 1


def test_figures_are_read_once_until_something_is_written(
    city: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[date] = []

    def standings(_seat: Notebook, as_of: date) -> list[Standing]:
        read.append(as_of)
        return []

    monkeypatch.setattr(figures, "standings", standings)
    day = date(2021, 12, 31)
    city_figures(city, day)
    city_figures(city, day)
    assert len(read) == 1
    started(city, "350602", "2021-04-01")
    city_figures(city, day)
    assert len(read) == 2
