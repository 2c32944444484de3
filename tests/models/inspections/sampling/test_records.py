"""A sampling record: what it asks for, how it is corrected, and what its seal holds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from models.errors import RuleBroken
from models.inspections import queries as visits
from models.inspections import verbs as inspecting
from models.inspections.sampling import fields, queries, rules, verbs
from models.inspections.sampling.acts import ACTS
from models.inspections.sampling.sealing import seal_sampling
from models.registry.sealing import seal_of, sealed_bytes
from models.store.notebook import Notebook

from .conftest import HOUR, NOISE, WATER, Sampled


def blocking(seat: Notebook, record: str) -> set[str]:
    return {each.field for each in queries.missing(seat, record) if each.blocking}


@pytest.mark.parametrize("matter", list(rules.MATTERS))
def test_each_kind_asks_for_its_own_fields(notebook: Notebook, visit: str, matter: str):
    record = verbs.begin(notebook, visit, matter)
    needed = {each.key for each in fields.fields_of(matter) if each.need == fields.MUST}
    # what follows from the visit is filled in: the office, the time it began, the kind of point
    given = {"began_at", "sampler_unit", "symbol"}
    samples = set() if matter == "noise" else {"samples"}
    assert blocking(notebook, record) == needed - given | samples
    row = verbs.sampling_row(notebook, record)
    assert row is not None
    assert rules.symbol_of(row.symbol) == {"water": "★", "air": "◎", "solid": "■", "noise": "▲"}[matter]
    assert row.number.startswith("CY-350602-")


def test_a_field_of_another_kind_is_a_mistake_of_the_caller(notebook: Notebook, visit: str):
    with pytest.raises(TypeError, match="leq"):
        verbs.begin(notebook, visit, "water", leq="58")


def test_a_complete_record_is_sealed_and_says_when_it_was_written(sampled: Sampled):
    seat = sampled.notebook
    assert blocking(seat, sampled.id) == set()
    seal = seal_sampling(seat, sampled.id)
    stated = json.loads(sealed_bytes(seat, sampled.id) or b"")
    assert stated["schema"] == "qingcha-sampling-1"
    assert stated["record"]["ph"] == "7.20"
    assert stated["units"]["ph"] == "无量纲"
    assert [each["name"] for each in stated["inspectors"]] == ["执法员01", "执法员02"]
    assert [each["role"] for each in stated["samples"]] == ["ordinary", "parallel"]
    assert stated["written"]["after_end_ms"] == pytest.approx(3 * HOUR // 4, abs=60_000)
    assert seal.number == stated["number"]
    with pytest.raises(RuleBroken) as refused:
        verbs.edit(seat, sampled.id, weather="雨")
    assert refused.value.field == "sampling"
    with pytest.raises(RuleBroken):
        verbs.add_sample(seat, sampled.id, name="废水")


def test_a_record_that_lacks_something_is_not_sealed(sampled: Sampled):
    verbs.edit(sampled.notebook, sampled.id, treatment=None)
    with pytest.raises(RuleBroken) as refused:
        seal_sampling(sampled.notebook, sampled.id)
    assert refused.value.field == "treatment"
    assert seal_of(sampled.notebook, sampled.id) is None


def test_the_visit_is_not_sealed_before_its_sampling_is(sampled: Sampled):
    seat = sampled.notebook
    found = [each for each in visits.missing(seat, sampled.visit) if each.rule == "V11"]
    assert [(each.record, each.blocking) for each in found] == [(sampled.id, True)]
    assert found[0].basis
    seal_sampling(seat, sampled.id)
    assert [each for each in visits.missing(seat, sampled.visit) if each.rule == "V11"] == []


def test_the_seal_of_the_visit_states_the_seal_of_its_sampling(sampled: Sampled):
    from tests.visits import fill

    seat = sampled.notebook
    seal = seal_sampling(seat, sampled.id)
    fill(seat, sampled.visit)
    inspecting.seal_inspection(seat, sampled.visit)
    stated = json.loads(sealed_bytes(seat, sampled.visit) or b"")
    assert stated["samplings"][0]["sha256"] == seal.sha256
    assert len(stated["samplings"][0]["samples"]) == 2
    # who has the samples before the seal of the visit is in it, too
    assert [each["action"] for each in stated["custody"]] == ["collected", "collected"]
    with pytest.raises(RuleBroken):
        verbs.begin(seat, sampled.visit, "water", **WATER)


def test_a_correction_keeps_what_stood_there(sampled: Sampled):
    seat = sampled.notebook
    verbs.edit(seat, sampled.id, ph="7.21")
    view = queries.view(seat, sampled.id)
    assert (view.row.ph, view.corrections) == ("7.21", 1)
    with seat:
        past = [(each.old, each.new) for each in seat.journal.history(sampled.id) if each.field == "ph"]
    assert past[-1] == ("7.20", "7.21")
    verbs.edit(seat, sampled.id, ph="7.21")
    assert queries.view(seat, sampled.id).corrections == 1


def test_what_is_written_long_after_is_said_to_be(notebook: Notebook, officers, site: str):
    now = notebook.clock.wall_ms()
    visit = inspecting.begin(
        notebook, site_id=site, first_officer=officers[0], second_officer=officers[1],
        checklists="A,W", began_at=now - 30 * HOUR,
    )  # fmt: skip
    late = {"began_at": now - 29 * HOUR, "ended_at": now - 28 * HOUR}
    record = verbs.begin(notebook, visit, "water", **late, **WATER)
    told = [each for each in queries.missing(notebook, record) if each.field == "ended_at"]
    assert len(told) == 1
    assert not told[0].blocking
    assert "1680" in told[0].text


@pytest.mark.parametrize(
    ("field", "value"),
    [("ph", "14.1"), ("ph", "-0.1"), ("ph", "七"), ("temperature", "101"), ("flow", "-1"), ("ph", "1e1")],
)
def test_what_no_instrument_shows_is_refused(sampled: Sampled, field: str, value: str):
    with pytest.raises(RuleBroken) as refused:
        verbs.edit(sampled.notebook, sampled.id, **{field: value})
    assert refused.value.field == field


def test_digits_stay_as_they_were_read(sampled: Sampled):
    verbs.edit(sampled.notebook, sampled.id, temperature="20.0", flow="１２．５０")
    row = verbs.sampling_row(sampled.notebook, sampled.id)
    assert row is not None
    assert (row.temperature, row.flow) == ("20.0", "12.50")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"ended_at": "00:00"}, "ended_at"),
        ({"began_at": "2020-01-01 08:00"}, "began_at"),
        ({"began_at": "2099-01-01 08:00"}, "began_at"),
        ({"began_at": "8 Uhr"}, "began_at"),
        ({"symbol": "exhaust"}, "symbol"),
        ({"second_officer": "nobody"}, "second_officer"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(sampled: Sampled, given: dict[str, str], field: str):
    seat = sampled.notebook
    if given.get("ended_at") == "00:00":
        given = {"ended_at": "2020-01-01 00:00"}
    with pytest.raises(RuleBroken) as refused:
        verbs.edit(seat, sampled.id, **given)
    assert refused.value.field == field


def test_a_sample_lies_within_the_sampling_and_names_its_parallel(sampled: Sampled):
    seat = sampled.notebook
    with pytest.raises(RuleBroken) as refused:
        verbs.add_sample(seat, sampled.id, name="废水", taken_at=sampled.began - HOUR // 2)
    assert refused.value.field == "taken_at"
    with pytest.raises(RuleBroken) as refused:
        verbs.add_sample(seat, sampled.id, name="废水", role="parallel", taken_at=sampled.began)
    assert refused.value.field == "parallel_of"
    third = verbs.add_sample(
        seat, sampled.id, name="废水", role="parallel", parallel_of="1", taken_at=sampled.began
    )
    row = queries.sample(seat, third)
    assert row is not None
    assert row.parallel_of == sampled.samples[0]
    assert row.number.endswith("-03")


def test_numbers_of_samples_are_not_used_again(sampled: Sampled):
    seat = sampled.notebook
    verbs.withdraw_sample(seat, sampled.samples[1], "瓶破")
    third = queries.sample(seat, verbs.add_sample(seat, sampled.id, name="废水", taken_at=sampled.began))
    assert third is not None
    assert third.number.endswith("-03")


def test_first_class_pollutants_are_asked_for_at_the_workshop(sampled: Sampled):
    """GB 8978-1996 §4.2.1 (J7)."""
    seat = sampled.notebook
    verbs.edit_sample(seat, sampled.samples[0], items="六价铬，总镍、COD")
    (told,) = [each for each in queries.missing(seat, sampled.id) if each.rule == "J7"]
    assert "六价铬" in told.text
    assert "COD" not in told.text
    verbs.edit(seat, sampled.id, outlet="workshop")
    assert [each for each in queries.missing(seat, sampled.id) if each.rule == "J7"] == []


def test_a_composite_sample_says_of_what_it_is_made(sampled: Sampled):
    seat = sampled.notebook
    verbs.edit(seat, sampled.id, sampled="composite")
    assert {"portions", "interval"} <= blocking(seat, sampled.id)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"calibration_after": "94.4"}, "calibration_after"),
        ({"wind": "5.0"}, "wind"),
        ({"rain": True}, "rain"),
    ],
)
def test_a_worthless_noise_measurement_is_told_and_undecidable(
    notebook: Notebook, visit: str, given: dict, field: str
):
    """GB 12348-2008 §5 (J18): 0.5 dB between calibrations, less than 5 m/s, no rain."""
    from models.inspections.sampling.onsite import site_values

    when = {"began_at": notebook.clock.wall_ms() - HOUR, "ended_at": notebook.clock.wall_ms() - HOUR // 2}
    record = verbs.begin(notebook, visit, "noise", **when, **NOISE)
    good = [each for each in queries.missing(notebook, record) if each.rule == "J18"]
    assert good == []
    verbs.edit(notebook, record, **given)
    (told,) = [each for each in queries.missing(notebook, record) if each.rule == "J18"]
    assert told.field == field
    row = verbs.sampling_row(notebook, record)
    period = row.period if row else ""
    verbs.edit(notebook, record, period=period)
    values = site_values(notebook, verbs.sampling_row(notebook, record))
    assert values is not None
    assert values["verdict"] == "undecidable"


def test_noise_leaves_no_sample(notebook: Notebook, visit: str):
    record = verbs.begin(notebook, visit, "noise", **NOISE)
    with pytest.raises(RuleBroken):
        verbs.add_sample(notebook, record, name="噪声")


def test_a_signature_is_given_or_its_lack_explained(sampled: Sampled):
    seat = sampled.notebook
    verbs.edit(seat, sampled.id, signed="refused", signer=None)
    assert {"refusal_reason", "witness_name"} <= blocking(seat, sampled.id)
    verbs.edit(seat, sampled.id, refusal_reason="不认可采样点", witness_name="见证人01")
    assert blocking(seat, sampled.id) == set()


def test_one_officer_is_not_enough(sampled: Sampled):
    verbs.edit(sampled.notebook, sampled.id, second_officer=None)
    with pytest.raises(RuleBroken) as refused:
        seal_sampling(sampled.notebook, sampled.id)
    assert refused.value.field == "second_officer"


def test_a_grid_worker_writes_no_sampling_record(sampled: Sampled, notebook: Notebook):
    from models.store.change import put

    notebook.write(put("officer", notebook.person, "350602", role="grid"))
    with pytest.raises(RuleBroken) as refused:
        verbs.begin(notebook, sampled.visit, "water")
    assert refused.value.field == "role"


def test_a_sealed_record_is_amended_by_another_that_names_its_seal(sampled: Sampled):
    from models.documents.paper import preview
    from models.documents.sampling_paper import paper
    from models.inspections.sampling.sealing import amend_sampling

    seat = sampled.notebook
    with pytest.raises(RuleBroken):
        amend_sampling(seat, sampled.id, "笔误", weather="阴")
    seal = seal_sampling(seat, sampled.id)
    with pytest.raises(RuleBroken) as refused:
        amend_sampling(seat, sampled.id, " ", weather="阴")
    assert refused.value.field == "why"
    amended = amend_sampling(seat, sampled.id, "笔误", weather="阴", ph="7.20")
    stated = json.loads(sealed_bytes(seat, amended.record) or b"")
    assert stated["changes"] == {"weather": {"new": "阴", "old": "晴"}}
    assert stated["supersedes"]["sha256"] == seal.sha256
    assert amended.number == f"{seal.number}-B1"
    row = verbs.sampling_row(seat, sampled.id)
    assert row is not None
    assert row.weather == "晴"
    assert f"补正 1 次（{amended.number}）" in "".join(preview(paper(seat, sampled.id, "sampling"), 200))


def test_a_form_that_is_saved_as_it_was_shown_changes_nothing(sampled: Sampled):
    from models.inspections.sampling.acts import ACTS
    from models.registry import typed

    seat = sampled.notebook
    for name, record in (("write_water", sampled.id), ("edit_sample", sampled.samples[1])):
        act = next(each for each in ACTS if each.name == name)
        assert act.preset is not None
        shown = {
            key: typed.shown(field, act.preset(seat, record).get(key))
            for key, field in ((field.key, field) for field in act.fields)
        }
        with seat:
            before = len(seat.journal.history(record))
        act.run(seat, record, **typed.typed(act, {key: text for key, text in shown.items() if text}))
        with seat:
            assert len(seat.journal.history(record)) == before


def test_a_second_sample_is_not_preserved_as_the_first_unless_it_is_its_parallel(sampled: Sampled):
    """Each item has its own preservative: what was added for COD may ruin the sample for another."""
    seat = sampled.notebook
    act = next(each for each in ACTS if each.name == "add_sample")
    assert act.preset is not None
    shown = act.preset(seat, sampled.id)
    assert shown["name"] == "废水"
    assert not {"container", "preservation", "hold_hours", "items"} & shown.keys()

    def added(**given: Any) -> Any:
        return queries.sample(seat, verbs.add_sample(seat, sampled.id, **{**shown, **given}))

    other = added(items="石油类")
    assert (other.container, other.preservation) == (None, None)
    first = queries.sample(seat, sampled.samples[0])
    assert first is not None
    same = added(role="parallel", parallel_of=first.id, container="塑料瓶")
    assert (same.items, same.preservation, same.hold_hours) == (first.items, first.preservation, "24")
    assert same.container == "塑料瓶"  # what was said stays
    by_alias = added(role="parallel", parallel_of=first.id, items="氨氮、COD")
    assert by_alias.preservation == first.preservation
    another = added(role="parallel", parallel_of=first.id, items="氨氮")
    assert another.preservation is None
