"""The seal: exact bytes, what it covers, and what may come after."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from models.errors import RuleBroken
from models.inspections import canonical, queries, verbs
from models.inspections.sealing import SCHEMA, seal_of, sealed_bytes
from models.inspections.tables import Answer, Custody, Evidence, Inspection
from models.store import sealing as lines
from models.store.change import Change, new_id, put
from models.store.fold import JUDGING
from tests.models.inspections.conftest import Visit

pytestmark = pytest.mark.usefixtures("broken_photos")


def complete(visit: Visit, tmp_path: Path) -> str:
    """Fill the visit, with a finding, a measurement and a photo; the photo's record id."""
    visit.fill()
    photo = tmp_path / "照片 001.jpg"
    photo.write_bytes(b"\xff\xd8\xff\xe0" + bytes(1000))
    evidence = verbs.take_in(visit.notebook, visit.id, photo, kind="audio_visual", item="W01")
    verbs.answer(visit.notebook, visit.id, "W01", "problem", "排水口超标")
    verbs.find(visit.notebook, visit.id, "W01", "总排口化学需氧量超标")
    verbs.measure(
        visit.notebook,
        visit.id,
        medium="water",
        parameter="COD",
        value="240",
        grade="1",
        category="其他",
        sampled="instant",
    )
    verbs.finish(visit.notebook, visit.id)
    return evidence


def test_the_seal_is_over_the_exact_bytes_in_the_vault_and_verifies(visit: Visit, tmp_path: Path) -> None:
    complete(visit, tmp_path)
    sealed = verbs.seal_inspection(visit.notebook, visit.id, host="127.0.0.1:8000")
    data = sealed_bytes(visit.notebook, visit.id)
    assert data is not None
    assert hashlib.sha256(data).hexdigest() == sealed.sha256
    assert lines.check(sealed.qr_text, visit.notebook.public_key_der)
    parsed = lines.parse(sealed.qr_text)
    assert (parsed.number, parsed.digest, parsed.count) == (sealed.number, sealed.sha256, 1)
    assert len(sealed.qr_text) <= lines.QR_BUDGET
    assert seal_of(visit.notebook, visit.id) == sealed


def test_the_record_holds_what_it_must_and_is_canonical(visit: Visit, tmp_path: Path) -> None:
    complete(visit, tmp_path)
    verbs.seal_inspection(visit.notebook, visit.id)
    data = sealed_bytes(visit.notebook, visit.id)
    assert data is not None
    record = canonical.decode(data)
    assert record["schema"] == SCHEMA
    wanted = {
        *("schema", "id", "seq", "prev", "after", "alg", "app", "clock", "site", "inspectors"),
        *("findings", "answers", "measurements", "evidence", "supersedes"),
    }
    assert wanted <= set(record)
    assert [each["certificate"] for each in record["inspectors"]] == ["FJ350602001", "FJ350602002"]
    assert record["site"]["name"] == "示例印染企业03"
    assert record["measurements"][0]["value"] == "240"
    assert record["measurements"][0]["times"] == "1.4"
    assert (
        "生态环境法典" in record["findings"][0]["basis"] or "水污染防治法" in record["findings"][0]["basis"]
    )
    evidence = record["evidence"][0]
    assert {"path", "sha256", "sm3", "bytes", "media", "captured", "note"} <= set(evidence)
    assert evidence["path"] == "data/e000.jpg"
    assert f'"path":"data/e000.jpg","sha256":"{evidence["sha256"]}"' in data.decode(), "as VERIFY.sh reads it"
    with visit.notebook:
        entry = visit.notebook.journal.entries_of(visit.id)[-1]
    assert (record["seq"], record["prev"]) == (entry.parsed_head.q, entry.prev.hex())


def test_the_seal_covers_every_entry_of_the_visit_and_its_parts(visit: Visit, tmp_path: Path) -> None:
    complete(visit, tmp_path)
    sealed = verbs.seal_inspection(visit.notebook, visit.id)
    with visit.notebook:
        ids = [visit.id]
        for table in (Answer, Evidence, Custody):
            ids += [row.id for row in table.select().where(table.inspection == visit.id)]
        entries = [each for record in ids for each in visit.notebook.journal.entries_of(record)]
        seal = next(each for each in entries if each.parsed_head.k == "seal")
    covers = set(seal.parsed_body["covers"])
    assert seal.hash.hex() == sealed.entry
    assert {each.hash.hex() for each in entries if each.parsed_head.k not in {*JUDGING, "seal"}} <= covers


@pytest.mark.requirement("R086")
def test_nothing_of_a_sealed_visit_can_be_changed(visit: Visit, tmp_path: Path) -> None:
    evidence = complete(visit, tmp_path)
    finding = queries.sheet(visit.notebook, visit.id).findings[0].id
    verbs.seal_inspection(visit.notebook, visit.id)
    with visit.notebook:
        before = visit.notebook.journal.last(visit.notebook.device)
    for attempt in (
        lambda: verbs.edit(visit.notebook, visit.id, situation="改"),
        lambda: verbs.answer(visit.notebook, visit.id, "W01", "ok"),
        lambda: verbs.note(visit.notebook, visit.id, "W01", "改"),
        lambda: verbs.find(visit.notebook, visit.id, None, "改"),
        lambda: verbs.measure(visit.notebook, visit.id, medium="noise", value="1"),
        lambda: verbs.correct(visit.notebook, finding, text="改"),
        lambda: verbs.withdraw(visit.notebook, evidence, "改"),
        lambda: verbs.take_in(visit.notebook, visit.id, None, kind="physical"),
        lambda: verbs.add_statement(visit.notebook, visit.id, "party", "改"),
        lambda: verbs.withdraw_inspection(visit.notebook, visit.id, "改"),
        lambda: verbs.seal_inspection(visit.notebook, visit.id),
        lambda: verbs.undo(visit.notebook),
    ):
        with pytest.raises(RuleBroken):
            attempt()
    with visit.notebook:
        assert visit.notebook.journal.last(visit.notebook.device) == before


def test_what_comes_later_is_an_amendment_with_a_seal_of_its_own(visit: Visit, tmp_path: Path) -> None:
    complete(visit, tmp_path)
    sealed = verbs.seal_inspection(visit.notebook, visit.id)
    with pytest.raises(RuleBroken):
        verbs.amend_inspection(visit.notebook, visit.id, "", situation="更正")
    first = verbs.amend_inspection(visit.notebook, visit.id, "笔误", situation="更正后的情况")
    second = verbs.amend_inspection(visit.notebook, visit.id, "补充说明")
    assert (first.number, second.number) == (f"{sealed.number}-B1", f"{sealed.number}-B2")
    assert lines.check(first.qr_text, visit.notebook.public_key_der)
    data = sealed_bytes(visit.notebook, first.record)
    assert data is not None
    record = canonical.decode(data)
    assert record["supersedes"] == {
        "number": sealed.number,
        "seal": sealed.entry,
        "sha256": sealed.sha256,
    }
    assert record["changes"]["situation"]["new"] == "更正后的情况"
    row = queries.inspection(visit.notebook, visit.id)
    assert row is not None
    assert row.situation == "现场检查时，该单位正常生产。"
    assert [each.amend_reason for each in queries.amendments_of(visit.notebook, visit.id)] == [
        "笔误",
        "补充说明",
    ]


@pytest.mark.parametrize(
    "fields", [{"contact_id_number": "110101199003070000"}, {"second_officer": "nobody"}, {"ended_at": 1}]
)
def test_an_amendment_obeys_the_rules_of_the_record(visit: Visit, fields: dict[str, Any]) -> None:
    visit.fill()
    verbs.finish(visit.notebook, visit.id)
    verbs.seal_inspection(visit.notebook, visit.id)
    with pytest.raises(RuleBroken) as broken:
        verbs.amend_inspection(visit.notebook, visit.id, "更正", **fields)
    assert broken.value.field in fields
    with pytest.raises(TypeError):
        verbs.amend_inspection(visit.notebook, visit.id, "更正", number="350602-20261123-00000-01")


LINE = f"HTTPS://QINGCHA.INVALID/1/350602-20261123-00000-01/-/20261123T000000Z/2/0/{'A' * 52}/{'A' * 13}"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"line": "L", "sig": "S"},
        {"line": 3, "sig": None, "bytes": []},
        {"line": LINE, "sig": "AAAA"},
        {"line": LINE, "sig": "x", "bytes": "00" * 32},
    ],
)
def test_what_only_calls_itself_a_seal_is_none(visit: Visit, body: dict[str, Any]) -> None:
    visit.notebook.write(Change("seal", "inspection", visit.id, "350602", body=body))
    assert seal_of(visit.notebook, visit.id) is None
    assert sealed_bytes(visit.notebook, visit.id) is None


def test_an_unsealed_visit_is_corrected_not_amended(visit: Visit) -> None:
    with pytest.raises(RuleBroken):
        verbs.amend_inspection(visit.notebook, visit.id, "笔误", situation="更正")


@pytest.mark.requirement("R087")
def test_an_incomplete_visit_is_not_sealed_and_nothing_is_left_behind(visit: Visit) -> None:
    with visit.notebook:
        before = visit.notebook.journal.last(visit.notebook.device)
    with pytest.raises(RuleBroken):
        verbs.seal_inspection(visit.notebook, visit.id)
    with visit.notebook:
        assert visit.notebook.journal.last(visit.notebook.device) == before


def test_text_from_elsewhere_that_no_record_may_hold_is_made_visible(visit: Visit, tmp_path: Path) -> None:
    complete(visit, tmp_path)
    visit.notebook.write(put("inspection", visit.id, "350602", situation="a\x1b[2Je\u0301\u202e"))
    verbs.seal_inspection(visit.notebook, visit.id)
    data = sealed_bytes(visit.notebook, visit.id)
    assert data is not None
    assert canonical.decode(data)["visit"]["situation"] == "a␛[2Jé\ufffd"


@pytest.mark.requirement("R089")
@pytest.mark.validity("V28")
def test_the_complainant_is_in_no_sealed_record_and_in_no_search(visit: Visit, tmp_path: Path) -> None:
    secret = "示例举报人九"
    verbs.note_complainant(visit.notebook, visit.id, name=secret, contact="0596-9999999", words="夜间偷排")
    complete(visit, tmp_path)
    verbs.seal_inspection(visit.notebook, visit.id)
    data = sealed_bytes(visit.notebook, visit.id)
    assert data is not None
    assert secret not in data.decode()
    assert "9999999" not in data.decode()
    assert visit.notebook.search(secret) == []
    assert visit.notebook.search("夜间偷排") == []


@pytest.mark.requirement("R089")
@pytest.mark.validity("V28")
def test_only_named_roles_and_the_writer_read_who_reported(visit: Visit) -> None:
    notebook = visit.notebook
    record = verbs.note_complainant(notebook, visit.id, name="示例举报人九")
    found = queries.complainant(notebook, visit.id)
    assert found is not None
    assert found.name == "示例举报人九"
    for role, allowed in (
        ("officer", False),
        ("grid_worker", False),
        ("readonly", False),
        ("dispatcher", False),
        ("city_admin", False),
        ("lead", True),
        ("legal", True),
    ):
        person = new_id()
        notebook.write(put("officer", person, "350602", name="示例人", role=role))
        notebook.person = person
        if allowed:
            assert queries.complainant(notebook, visit.id) is not None
            continue
        with pytest.raises(RuleBroken):
            queries.complainant(notebook, visit.id)
        with pytest.raises(RuleBroken):
            queries.history(notebook, record)
    notebook.person = "nobody"
    with pytest.raises(RuleBroken):
        queries.complainant(notebook, visit.id)


def test_a_sealed_visit_shows_as_sealed_in_lists(visit: Visit, tmp_path: Path) -> None:
    complete(visit, tmp_path)
    assert queries.inspection_ids(visit.notebook, state="ready") == [visit.id]
    verbs.seal_inspection(visit.notebook, visit.id)
    assert queries.inspection_ids(visit.notebook, state="sealed") == [visit.id]
    assert queries.inspection_ids(visit.notebook, state="ready") == []
    day = queries.today(visit.notebook)
    assert (day.sealed_today, day.drafts) == (1, [])
    with visit.notebook:
        row = Inspection.get_by_id(visit.id)
    assert row.standing == "sealed"
    assert json.loads(queries.sheet(visit.notebook, visit.id).measurements[0].reasons or "")
