"""What the record still lacks, rule by rule."""

from __future__ import annotations

from typing import Any

import pytest

from models.errors import RuleBroken
from models.inspections import queries, verbs
from models.language import in_chinese
from models.registry import verbs as registry
from models.store.change import put
from tests.models.inspections.conftest import Visit


def lacking(visit: Visit, rule: str = "") -> set[tuple[str, str]]:
    found = queries.missing(visit.notebook, visit.id)
    assert all(each.text for each in found)
    return {(each.rule, each.field) for each in found if rule in ("", each.rule)}


def test_a_filled_record_lacks_only_its_end(visit: Visit) -> None:
    visit.fill()
    assert lacking(visit) == {("V03", "ended_at")}
    verbs.finish(visit.notebook, visit.id)
    assert lacking(visit) == set()
    assert queries.inspection_rows(visit.notebook, [visit.id])[0].state == "ready"


@pytest.mark.validity("V02", "V03")
def test_every_part_that_the_record_must_state_is_asked_for(visit: Visit) -> None:
    assert lacking(visit, "V03") == {
        ("V03", name)
        for name in (
            "ended_at",
            "shown_certificates",
            "told_rights",
            "situation",
            "present",
            "signed",
        )
    }
    assert lacking(visit, "V02") == {("V02", "avoidance")}
    (first, *_) = queries.missing(visit.notebook, visit.id)
    assert "第二十八条" in first.basis


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"second_officer": None}, "second_officer"),
        ({"shown_certificates": False}, "shown_certificates"),
        ({"told_rights": False}, "told_rights"),
        ({"situation": ""}, "situation"),
        ({"contact_name": None}, "contact_name"),
        ({"avoidance": "asked"}, "avoidance_reason"),
        ({"signed": "refused"}, "refusal_reason"),
        ({"signed": "refused", "refusal_reason": "对结果有异议"}, "witness_name"),
        ({"signed": "absent", "present": False, "contact_name": None}, "witness_name"),
        ({"present": False}, "signed"),
        ({"place": ""}, "place"),
    ],
)
@pytest.mark.validity("V01", "V02", "V03")
def test_one_missing_part_is_named_by_its_field_and_stops_the_seal(
    visit: Visit, fields: dict[str, Any], wanted: str
) -> None:
    visit.fill()
    verbs.edit(visit.notebook, visit.id, **fields)
    assert wanted in {name for _, name in lacking(visit)}
    with pytest.raises(RuleBroken):
        verbs.seal_inspection(visit.notebook, visit.id)


@pytest.mark.requirement("R087")
@pytest.mark.validity("V01")
def test_two_officers_with_one_certificate_are_not_two(visit: Visit) -> None:
    visit.fill()
    visit.notebook.write(put("officer", visit.second, "350602", certificate="FJ350602001"))
    assert ("V01", "second_officer") in lacking(visit)


@pytest.mark.requirement("R087")
@pytest.mark.validity("V01")
def test_a_certificate_counts_until_its_last_day(visit: Visit) -> None:
    visit.fill()
    row = queries.inspection(visit.notebook, visit.id)
    assert row is not None
    day = queries.day_of(row)
    registry.edit_officer(visit.notebook, visit.first, certificate_until=day.isoformat())
    assert lacking(visit, "V01") == set()
    verbs.edit(visit.notebook, visit.id, began_at=(row.began_at or 0) + 86_400_000)
    assert lacking(visit, "V01") == {("V01", "first_officer")}


@pytest.mark.requirement("R087")
@pytest.mark.validity("V01")
def test_an_officer_without_certificate_is_named(visit: Visit) -> None:
    third = registry.add_officer(visit.notebook, "执法员03")
    verbs.edit(visit.notebook, visit.id, second_officer=third)
    (found,) = [each for each in queries.missing(visit.notebook, visit.id) if each.rule == "V01"]
    assert "执法员03" in found.text


def test_unanswered_items_and_problems_without_words_are_named_with_their_code(visit: Visit) -> None:
    visit.fill()
    verbs.answer(visit.notebook, visit.id, "W03", None)
    verbs.answer(visit.notebook, visit.id, "W04", "problem")
    found = {each.item: each for each in queries.missing(visit.notebook, visit.id) if each.rule == "item"}
    assert set(found) == {"W03", "W04"}
    assert found["W03"].text.startswith("W03")
    verbs.find(visit.notebook, visit.id, "W04", "加药装置未运行。")
    verbs.answer(visit.notebook, visit.id, "W03", "na")
    assert lacking(visit, "item") == set()


def test_an_undecidable_measurement_is_named_but_does_not_stop_the_seal(visit: Visit) -> None:
    visit.fill()
    verbs.measure(visit.notebook, visit.id, medium="noise", value="66", zone="3", point="东厂界")
    (found,) = [each for each in queries.missing(visit.notebook, visit.id) if each.rule == "limit"]
    assert "东厂界" in found.text
    assert in_chinese(lambda: "背景值" in found.text)  # the reason stands there, not that there is one
    assert not found.blocking
    verbs.finish(visit.notebook, visit.id)


@pytest.mark.validity("V07")
def test_recordings_are_asked_for_method_time_carrier_and_transcript(visit: Visit, tmp_path: Any) -> None:
    visit.fill()
    sound = tmp_path / "录音.mp3"
    sound.write_bytes(b"ID3" + bytes(100))
    record = verbs.take_in(visit.notebook, visit.id, sound, kind="audio_visual", item="A06")
    assert lacking(visit, "V07") == {
        ("V07", name) for name in ("method", "made_at_claim", "carrier", "transcript")
    }
    verbs.correct(
        visit.notebook,
        record,
        method="执法记录仪录音",
        made_at_claim="2026-11-23 09:10",
        carrier="执法记录仪存储卡",
        transcript="（问答文字稿）",
    )
    assert lacking(visit, "V07") == set()


def test_an_open_conflict_stops_the_seal(visit: Visit) -> None:
    from models.inspections.sealing import _refuse_conflicts

    row = queries.inspection(visit.notebook, visit.id)
    assert row is not None
    row.conflicts = 1
    with pytest.raises(RuleBroken, match="1"):
        _refuse_conflicts(row, {})


@pytest.mark.validity("V30")
def test_approval_and_notice_are_asked_for_but_not_on_a_patrol(visit: Visit) -> None:
    visit.fill()
    verbs.edit(visit.notebook, visit.id, approval_number=None, notice_number=None)
    assert lacking(visit, "V30") == {("V30", "approval_number")}
    verbs.edit(visit.notebook, visit.id, approval_number="示例批〔2026〕1号")
    assert lacking(visit, "V30") == {("V30", "notice_number")}
    verbs.edit(visit.notebook, visit.id, source="patrol")
    assert lacking(visit, "V30") == set()


def test_a_finding_on_an_item_that_is_answered_as_good_stops_the_seal(visit):
    def stopping() -> list[str]:
        found = queries.missing(visit.notebook, visit.id)
        return [each.rule for each in found if each.blocking and each.item == "W04"]

    visit.fill()
    verbs.find(visit.notebook, visit.id, "W04", "曝气机停运")
    assert stopping() == ["item"]
    verbs.answer(visit.notebook, visit.id, "W04", "problem")
    assert stopping() == []
