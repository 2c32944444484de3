"""What evidence and statements still lack, rule by rule; all of it is advice until the case is made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.errors import RuleBroken
from models.inspections import queries, verbs
from models.store.change import put
from tests.models.inspections.conftest import Visit


def lacks(visit: Visit, *rules: str) -> list[tuple[str, str]]:
    """(rule, field) of what is missing by some rules; none of it stops the seal."""
    found = [each for each in queries.missing(visit.notebook, visit.id) if each.rule in rules]
    assert not any(each.blocking for each in found)
    assert all(each.text and each.basis for each in found)
    return [(each.rule, each.field) for each in found]


@pytest.mark.validity("V04")
def test_a_statement_of_the_party_names_who_was_asked(visit: Visit) -> None:
    statement = verbs.add_statement(visit.notebook, visit.id, "party", "上周停运了加药装置")
    assert lacks(visit, "V04") == [("V04", "name")]
    verbs.correct(visit.notebook, statement, name="示例人03")
    assert lacks(visit, "V04") == []


@pytest.mark.validity("V06")
def test_a_witness_is_named_with_the_particulars_of_the_law(visit: Visit) -> None:
    statement = verbs.add_statement(visit.notebook, visit.id, "witness", "夜间见到排水", name="示例人04")
    wanted = {"age": "45", "gender": "男", "occupation": "农民", "address": "示例村4号"}
    assert lacks(visit, "V06") == [("V06", name) for name in (*wanted, "id_number")]
    verbs.correct(visit.notebook, statement, **wanted, id_number="示例证件号")
    assert lacks(visit, "V06") == []


@pytest.mark.validity("V08", "V09")
def test_a_copy_was_compared_with_its_original(visit: Visit, tmp_path: Path) -> None:
    path = tmp_path / "台账.txt"
    path.write_text("台账", "utf-8")
    copy = verbs.take_in(visit.notebook, visit.id, path, kind="documentary", form="copy")
    assert lacks(visit, "V08", "V09") == [
        ("V08", "source"),
        ("V08", "compared_by"),
        ("V08", "compared_on"),
        ("V09", "carrier_place"),
    ]
    verbs.correct(visit.notebook, copy, source="该单位档案室", compared_by="执法员01")
    assert lacks(visit, "V08", "V09") == [("V08", "compared_on")]
    verbs.correct(visit.notebook, copy, compared_on="2026年11月23日")
    assert lacks(visit, "V08", "V09") == []
    (row,) = queries.evidence_of(visit.notebook, visit.id)
    assert row.compared_on == "2026-11-23"
    with pytest.raises(RuleBroken) as refused:
        verbs.correct(visit.notebook, copy, compared_on="昨天")
    assert refused.value.field == "compared_on"
    verbs.correct(visit.notebook, copy, form="original", compared_by=None)
    assert lacks(visit, "V08", "V09") == []


@pytest.mark.validity("V09")
def test_a_file_that_cannot_be_true_needs_its_original_carrier(visit: Visit, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0" + bytes(100))
    photo = verbs.take_in(visit.notebook, visit.id, path, kind="audio_visual")
    before = lacks(visit, "V09")
    visit.notebook.write(put("evidence", photo, "350602", claim_problems='["time_future"]'))
    assert lacks(visit, "V09") == [("V09", "carrier")]
    assert before in ([], [("V09", "carrier")])
    verbs.correct(visit.notebook, photo, carrier="相机存储卡01")
    assert lacks(visit, "V09") == []


@pytest.mark.validity("V10", "V09")
def test_a_covert_check_asks_for_no_telling_and_for_its_recordings(visit: Visit, tmp_path: Path) -> None:
    visit.fill()
    verbs.edit(
        visit.notebook,
        visit.id,
        covert=True,
        shown_certificates=None,
        told_rights=None,
        avoidance=None,
        present=None,
        signed=None,
        contact_name=None,
    )
    assert lacks(visit, "V10") == [("V10", "covert")]
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0" + bytes(100))
    photo = verbs.take_in(visit.notebook, visit.id, path, kind="audio_visual", carrier="存储卡")
    assert lacks(visit, "V10") == []
    assert ("V09", "note") in lacks(visit, "V09")
    verbs.correct(visit.notebook, photo, note="在公共道路拍摄")
    assert lacks(visit, "V09") == []
    verbs.finish(visit.notebook, visit.id)
    verbs.seal_inspection(visit.notebook, visit.id)


@pytest.mark.validity("V10")
def test_an_open_check_is_not_sealed_without_them(visit: Visit) -> None:
    visit.fill()
    verbs.edit(visit.notebook, visit.id, covert=False, shown_certificates=None)
    with pytest.raises(RuleBroken):
        verbs.finish(visit.notebook, visit.id)


@pytest.mark.validity("V11")
def test_a_water_sample_is_noted_as_instant_or_composite(visit: Visit) -> None:
    fields: dict[str, Any] = {"medium": "water", "parameter": "COD", "value": "90", "point": "总排口"}
    row = verbs.measure(visit.notebook, visit.id, grade="1", category="其他", **fields)
    assert lacks(visit, "V11") == [("V11", "sampled")]
    verbs.correct(visit.notebook, row, sampled="instant")
    assert lacks(visit, "V11") == []


@pytest.mark.validity("V18")
def test_a_problem_at_a_key_item_has_a_picture_or_sound(visit: Visit, tmp_path: Path) -> None:
    visit.fill()
    verbs.answer(visit.notebook, visit.id, "W06", "problem", "雨水口有污水")
    assert lacks(visit, "V18") == []
    verbs.answer(visit.notebook, visit.id, "W03", "problem", "有暗管")
    assert lacks(visit, "V18") == [("V18", "W03")]
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0" + bytes(100))
    verbs.take_in(visit.notebook, visit.id, path, kind="audio_visual", item="W03")
    assert lacks(visit, "V18") == []


@pytest.mark.validity("V21")
def test_a_violation_found_too_late_is_told(visit: Visit) -> None:
    old = verbs.find(visit.notebook, visit.id, "W03", "2021年的暗管", occurred_on="2021-08-01")
    assert lacks(visit, "V21") == [("V21", "occurred_on")]
    row = queries.inspection(visit.notebook, visit.id)
    assert row is not None
    on = queries.day_of(row)
    verbs.correct(visit.notebook, old, occurred_on=on.replace(year=on.year - 2).isoformat())
    assert lacks(visit, "V21") == []
    verbs.correct(visit.notebook, old, occurred_on="")
    assert lacks(visit, "V21") == []


@pytest.mark.validity("V29")
def test_obstruction_is_written_down_as_a_finding(visit: Visit) -> None:
    visit.fill()
    verbs.answer(visit.notebook, visit.id, "A06", "problem", "拖延半小时")
    assert lacks(visit, "V29") == [("V29", "A06")]
    verbs.find(visit.notebook, visit.id, "A06", "门卫拖延半小时才放行")
    assert lacks(visit, "V29") == []
    (finding,) = queries.sheet(visit.notebook, visit.id).findings
    assert "第一千二百二十九条" in queries.finding_basis(
        finding, queries.sheet(visit.notebook, visit.id).inspection
    )
