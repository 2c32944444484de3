"""What exactly is sealed of a visit: every field of the record, and what refuses the seal, word for word."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from models.errors import RuleBroken
from models.inspections import canonical, queries, verbs
from models.inspections import sealing as inspections
from models.inspections.items import lists_of
from models.inspections.photo import PhotoReader
from models.inspections.sealing import SCHEMA, seal_of, sealed_bytes
from models.inspections.tables import (
    Answer,
    Custody,
    Evidence,
    Finding,
    Inspection,
    Measurement,
    Statement,
)
from models.registry import sealing
from models.registry import verbs as registry
from models.registry.numbers import device_tag
from models.registry.sealing import DEFAULT_HOST, named_checkpoint
from models.store import keys
from models.store.change import Change, new_id, put
from models.store.change import seal as seal_change
from models.store.notebook import Notebook
from models.store.seat import Arrival, Place
from models.version import VERSION
from tests.models.inspections.conftest import Visit

from .test_sealing import complete

pytestmark = pytest.mark.usefixtures("broken_photos")


def record_of(visit: Visit) -> dict[str, Any]:
    data = sealed_bytes(visit.notebook, visit.id)
    assert data is not None
    record: dict[str, Any] = canonical.decode(data)
    return record


def stated(row: Any, names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ["id", "made_by", *names.split()]}


def rows(visit: Visit, table: Any) -> list[Any]:
    """In the order of the record: by their ids."""
    with visit.notebook:
        return sorted(table.select().where(table.inspection == visit.id), key=lambda row: str(row.id))


def photograph(folder: Path) -> Path:
    """A picture that says when it was taken."""
    picture = io.BytesIO()
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2026:11:20 10:00:00"
    Image.new("RGB", (40, 30), "green").save(picture, "JPEG", exif=exif)
    path = folder / "现场.jpg"
    path.write_bytes(picture.getvalue())
    return path


def test_each_part_of_the_record_says_what_its_rows_say_and_no_more(visit: Visit, tmp_path: Path) -> None:
    book = visit.notebook
    photo = complete(visit, tmp_path)
    with PhotoReader() as photos:
        claimed = verbs.take_in(
            book, visit.id, photograph(tmp_path), kind="audio_visual", note="排污口", photos=photos
        )
    bottle = verbs.take_in(book, visit.id, None, kind="physical", carrier="废液桶")
    withdrawn = verbs.add_statement(book, visit.id, "party", "说错的话")
    verbs.withdraw(book, withdrawn, "误录")
    verbs.add_statement(book, visit.id, "witness", "夜间排放", name="示例证人一")
    verbs.measure(book, visit.id, medium="noise", value="55", point="厂界东")
    book.write(put("measurement", new_id(), "350602", inspection=visit.id, medium="water", value="7"))
    other = verbs.begin(
        book, site_id=visit.site, first_officer=visit.first, second_officer=visit.second, checklists="A"
    )
    verbs.answer(book, other, "A01", "ok")
    verbs.find(book, other, None, "另一次检查所见")
    verbs.finish(book, visit.id)
    book.write(put("inspection", visit.id, "350602", assigned=False, due="2026-12-01"))
    sealed = verbs.seal_inspection(book, visit.id, host="127.0.0.1:9000")

    record = record_of(visit)
    with book:
        row = Inspection.get_by_id(visit.id)
        entry = next(each for each in book.journal.entries_of(visit.id) if each.parsed_head.k == "seal")
        theirs = {table: [each.id for each in table.select().where(table.inspection == other)] for table in
                  (Answer, Finding)}  # fmt: skip
        covered = [
            each.uid
            for kind in (Answer, Finding, Measurement, Evidence, Custody, Statement)
            for child in rows(visit, kind)
            for each in book.journal.entries_of(child.id)
        ]
        own = [each.uid for each in book.journal.entries_of(visit.id) if each.parsed_head.k != "seal"]
        of_the_other = {
            each.uid
            for record_id in [other, *theirs[Answer], *theirs[Finding]]
            for each in book.journal.entries_of(record_id)
        }
    assert entry.parsed_body["covers"] == [*own, *covered]
    assert of_the_other.isdisjoint(entry.parsed_body["covers"])

    moment = record["clock"]["wall"]
    assert {name: record[name] for name in record if name not in ("clock", "answers", "measurements")} == {
        "schema": SCHEMA,
        "id": visit.id,
        "number": row.number,
        "seq": entry.parsed_head.q,
        "prev": entry.prev.hex(),
        "after": None,
        "alg": "ecdsa-p256-sha256",
        "key": book.key_id,
        "device": book.device,
        "app": f"qingcha {VERSION}",
        "site": {
            "code": row.site_code,
            "id": visit.site,
            "name": "示例印染企业03",
            "place": "漳州市芗城区示例路3号",
        },
        "inspectors": [
            {"id": visit.first, "name": "执法员01", "certificate": "FJ350602001", "unit": "350602"},
            {"id": visit.second, "name": "执法员02", "certificate": "FJ350602002", "unit": "350602"},
        ],
        "visit": stated(
            row,
            "approval_number avoidance began_at checklist_versions checklists contact_name ended_at "
            "notice_number present recorder shown_certificates signed situation source told_rights",
        ),
        "findings": [
            stated(each, "basis_key item severity text") | {"basis": queries.finding_basis(each, row)}
            for each in rows(visit, Finding)
        ],
        "evidence": [
            {
                "about": stated(each, about),
                "path": path,
                "sha256": each.sha256,
                "sm3": each.sm3,
                "bytes": each.size,
                "media": media,
                "captured": {"value": each.claim_time, "source": each.claim_time_source},
                "note": note,
            }
            for each, about, path, media, note in zip(
                rows(visit, Evidence),
                [
                    "form item kind maker name purpose taken_in_at title",
                    "form kind made_at_claim maker name taken_in_at title",
                    "carrier form kind taken_in_at title",
                ],
                ["data/e000.jpg", "data/e001.jpg", None],
                ["image/jpeg", "image/jpeg", None],
                [None, "排污口", None],
                strict=True,
            )
        ],
        "custody": [stated(each, "action at by evidence") for each in rows(visit, Custody)],
        "statements": [
            stated(each, "kind name text") for each in rows(visit, Statement) if each.voided is None
        ],
        "forms": [],
        "checklists": [
            {
                "code": known.code,
                "version": known.version,
                "items": [{"code": each.code, "title": each.zh} for each in known.items.values()],
            }
            for known in lists_of(row)
        ],
        "demo": False,
        "supersedes": None,
    }
    assert [each["about"]["id"] for each in record["evidence"]] == [photo, claimed, bottle]
    assert record["evidence"][1]["captured"]["value"].startswith("2026-11-20")
    assert (record["evidence"][0]["bytes"], record["evidence"][1]["captured"]["source"]) == (1004, "EXIF")
    assert [each["text"] for each in record["statements"]] == ["夜间排放"]
    assert record["answers"] == [
        stated(each, "checklist item repeat result" + (" note" if each.note else ""))
        for each in rows(visit, Answer)
    ]
    assert len({each["item"] for each in record["answers"]}) == 27
    for said, measured in zip(record["measurements"], rows(visit, Measurement), strict=True):
        wanted = {
            "240": "category clause compared grade limit_source limit_text medium parameter sampled standard "
            "taken_at times value verdict",
            "55": "clause compared limit_source medium parameter point standard taken_at value verdict",
            "7": "medium value",
        }[measured.value]
        reasons = said.pop("reasons")
        assert said == stated(measured, wanted)
        assert (reasons == []) is (measured.reasons is None)
    kept = [each for each in rows(visit, Measurement) if each.value == "240"]
    assert len(kept) == 1

    assert set(record["clock"]) == {"wall", "tz", "boot", "mono_ms", "last_server"}
    clock = book.clock
    assert (record["clock"]["tz"], record["clock"]["boot"]) == (clock.offset_minutes(moment), clock.boot())
    assert record["clock"]["last_server"] is None
    assert moment % 1000 == 0, "whole seconds, as in the seal line"
    assert 0 <= clock.wall_ms() - moment < 60_000
    assert 0 <= clock.mono_ms() - record["clock"]["mono_ms"] < 60_000
    assert sealed.sealed_at == moment
    assert (sealed.record, sealed.number, sealed.entry) == (visit.id, row.number, entry.hash.hex())
    assert sealed.line.startswith("HTTPS://127.0.0.1:9000/1/")
    assert sealed.line.split("/")[4:6] == [row.number, row.site_code]
    assert len(row.site_code) == 18


def test_a_record_without_its_number_is_not_sealed(visit: Visit, tmp_path: Path) -> None:
    complete(visit, tmp_path)
    with visit.notebook.writing():
        Inspection.update(number=None).where(Inspection.id == visit.id).execute()
    with pytest.raises(RuleBroken) as refused:
        verbs.seal_inspection(visit.notebook, visit.id)
    assert refused.value.field == "number"
    assert seal_of(visit.notebook, visit.id) is None


def test_forms_and_samplings_of_the_visit_stand_in_its_record(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What they say is for their own tests; without any sampling the record has no word of it."""
    assert "samplings" not in inspection_record_of(visit)
    for name in ("sealed_forms", "stated_of_visit"):
        said = f"{name} of {{}} in {{}}"
        monkeypatch.setattr(
            inspections, name, lambda seat, record, said=said: [said.format(record, seat.device)]
        )
    record = inspection_record_of(visit)
    assert record["forms"] == [f"sealed_forms of {visit.id} in {visit.notebook.device}"]
    assert record["samplings"] == [f"stated_of_visit of {visit.id} in {visit.notebook.device}"]


def inspection_record_of(visit: Visit) -> dict[str, Any]:
    with visit.notebook:
        row = Inspection.get_by_id(visit.id)
    place = Place(7, bytes(32), None)
    children = inspections._children(visit.notebook, row.id)
    return inspections.inspection_record(visit.notebook, row, children, place, 0)


def test_a_place_without_a_code_has_none_in_its_seal(visit: Visit) -> None:
    book = visit.notebook
    site = registry.add_site(book, "示例养殖场04", address="漳州市芗城区示例路4号")
    inspection = verbs.begin(
        book, site_id=site, first_officer=visit.first, second_officer=visit.second, checklists="A,W"
    )
    there = Visit(book, inspection, site, visit.first, visit.second)
    there.fill()
    assert verbs.seal_inspection(book, inspection).line.split("/")[5] == "-"
    assert record_of(there)["site"]["code"] is None


def test_where_the_code_of_a_seal_leads_is_what_was_asked_or_the_server_or_nowhere(
    visit: Visit, tmp_path: Path
) -> None:
    book = visit.notebook
    complete(visit, tmp_path)
    book.set_meta(verify_host="sync.example.cn")
    assert verbs.seal_inspection(book, visit.id).line.startswith("HTTPS://SYNC.EXAMPLE.CN/1/")
    amended = verbs.amend_inspection(book, visit.id, "补充", host="127.0.0.1:9000")
    assert amended.line.startswith("HTTPS://127.0.0.1:9000/1/")
    book.set_meta(verify_host="")
    amended = verbs.amend_inspection(book, visit.id, "再补充")
    assert amended.line.startswith(f"HTTPS://{DEFAULT_HOST}/1/")


def test_an_amendment_made_elsewhere_bears_the_mark_of_its_device(visit: Visit, tmp_path: Path) -> None:
    book = visit.notebook
    complete(visit, tmp_path)
    number = verbs.seal_inspection(book, visit.id).number
    with book.writing():
        Inspection.update(device="ab" * 16).where(Inspection.id == visit.id).execute()
    assert verbs.amend_inspection(book, visit.id, "补充").number == f"{number}-B1{device_tag(book.device)}"


def test_what_an_amendment_lacks_is_said(visit: Visit, tmp_path: Path) -> None:
    with pytest.raises(RuleBroken, match="该检查尚未签封，请直接修改。") as refused:
        verbs.amend_inspection(visit.notebook, visit.id, "笔误")
    assert refused.value.field == "inspection"
    with pytest.raises(RuleBroken, match="该检查尚未签封，请直接修改。"):
        verbs.amend_inspection(visit.notebook, new_id(), "笔误")
    complete(visit, tmp_path)
    verbs.seal_inspection(visit.notebook, visit.id)
    with pytest.raises(RuleBroken, match="理由") as refused:
        verbs.amend_inspection(visit.notebook, visit.id, "  ")
    assert refused.value.field == "why"


def test_what_two_laptops_wrote_differently_is_settled_before_the_seal(visit: Visit, tmp_path: Path) -> None:
    book = visit.notebook
    complete(visit, tmp_path)
    with book.writing():
        Inspection.update(conflicts=2).where(Inspection.id == visit.id).execute()
        Answer.update(conflicts=1).where(Answer.inspection == visit.id, Answer.item == "W01").execute()
    with pytest.raises(RuleBroken, match="有 3 处内容在两台电脑上填写不一致") as refused:
        verbs.seal_inspection(book, visit.id)
    assert refused.value.field == "conflicts"


def test_a_visit_that_is_sealed_without_having_been_ended_ends_then(visit: Visit) -> None:
    visit.fill()
    visit.notebook.demo = True
    before = visit.notebook.clock.wall_ms()
    verbs.seal_inspection(visit.notebook, visit.id)
    with visit.notebook:
        row = Inspection.get_by_id(visit.id)
    assert row.state == "ready"
    assert before <= row.ended_at <= visit.notebook.clock.wall_ms()
    record = record_of(visit)
    assert (record["visit"]["ended_at"], record["demo"]) == (row.ended_at, True)


@pytest.mark.parametrize("given", [{"state": "ready", "ended_at": None}, {"state": "draft"}])
def test_the_end_that_was_written_stays(visit: Visit, given: dict[str, Any]) -> None:
    visit.fill()
    with visit.notebook:
        began: int = Inspection.get_by_id(visit.id).began_at
    fields = {"ended_at": began, **given}
    visit.notebook.write(put("inspection", visit.id, "350602", **fields))
    verbs.seal_inspection(visit.notebook, visit.id)
    with visit.notebook:
        row = Inspection.get_by_id(visit.id)
    assert row.state == "ready"
    assert (row.ended_at == began) is (fields["ended_at"] is not None)


# -- the seal of any record ----------------------------------------------------------------------------------


@pytest.fixture
def other(notebook: Notebook, tmp_path: Path) -> Any:
    """Another device."""
    book = Notebook.create(
        tmp_path / "other", "另一个-口令-99", person=new_id(), unit="350602", cost=keys.FAST
    )
    yield book
    book.close()


def told(book: Notebook, source: Notebook) -> None:
    """All that the source has, received."""
    with source:
        entries = [Arrival(row.entry()) for row in source.journal.in_order()]
    assert book.receive(entries) == []


def test_a_seal_names_the_checkpoint_that_was_known_and_keeps_it(visit: Visit, tmp_path: Path) -> None:
    note = "sync.example.cn/log\n5\n"
    digest = hashlib.sha256(note.encode()).hexdigest()
    book = visit.notebook
    assert named_checkpoint(book, digest) is None
    complete(visit, tmp_path)
    book.set_meta(checkpoint_hash=digest, checkpoint_note=note)
    book.remember_server_time(1_795_400_000_000)
    verbs.seal_inspection(book, visit.id)
    record = record_of(visit)
    assert (record["after"], record["clock"]["last_server"]) == (digest, 1_795_400_000_000)
    assert named_checkpoint(book, digest) == note


@pytest.mark.parametrize("note", ["another\n", ""])
def test_a_checkpoint_that_is_not_the_named_one_is_not_kept_for_it(
    visit: Visit, tmp_path: Path, note: str
) -> None:
    book = visit.notebook
    complete(visit, tmp_path)
    book.set_meta(checkpoint_hash="ab" * 32, checkpoint_note=note)
    verbs.seal_inspection(book, visit.id)
    assert record_of(visit)["after"] == "ab" * 32
    assert named_checkpoint(book, "ab" * 32) is None


def test_a_seal_covers_what_counts_and_nothing_that_the_server_said_or_put_aside(
    visit: Visit, other: Notebook, tmp_path: Path
) -> None:
    book = visit.notebook
    complete(visit, tmp_path)
    (doubtful,) = book.write(put("inspection", visit.id, "350602", witness_name="示例证人二"))
    word = {"of": doubtful.hash.hex(), "s": "quarantined", "type": "scope"}
    other.write(Change("verdict", "inspection", visit.id, "350602", body=word))
    told(book, other)
    book.trust(other.device)
    sealed = verbs.seal_inspection(book, visit.id)
    with book:
        entries = book.journal.entries_of(visit.id)
        entry = next(each for each in entries if each.hash.hex() == sealed.entry)
    covered = entry.parsed_body["covers"]
    assert doubtful.hash.hex() not in covered
    assert {each.uid for each in entries if each.parsed_head.k == "verdict"}.isdisjoint(covered)
    assert {each.uid for each in entries if each.parsed_head.k == "set"} - {doubtful.uid} <= set(covered)
    assert "witness_name" not in record_of(visit)["visit"]


def test_the_first_of_two_seals_is_the_seal_whichever_came_first_and_one_put_aside_is_none(
    visit: Visit, other: Notebook, tmp_path: Path
) -> None:
    book = visit.notebook
    complete(visit, tmp_path)
    line = "HTTPS://QINGCHA.INVALID/1/350602-20261123-00000-01/-/20261123T000000Z/2/0/"
    line += f"{'A' * 52}/{other.key_id}"
    twice = seal_change("inspection", visit.id, "350602", line, b"xx", [], "00" * 32)
    (theirs,) = other.write(twice)[-1:]
    mine = verbs.seal_inspection(book, visit.id)
    told(book, other)
    found = seal_of(book, visit.id)
    assert found is not None
    assert (found.entry, found.line, found.signature) == (theirs.hash.hex(), line, b"xx")
    assert found.entry != mine.entry
    word = {"of": theirs.hash.hex(), "s": "quarantined", "type": "scope"}
    (verdict,) = other.write(Change("verdict", "inspection", visit.id, "350602", body=word))[-1:]
    assert book.receive([Arrival(verdict)]) == []
    assert seal_of(book, visit.id) == found, "nobody trusts that device"
    book.trust(other.device)
    assert seal_of(book, visit.id) == mine


@pytest.mark.parametrize("length", range(4, 8))
def test_a_signature_of_any_length_is_read_back(visit: Visit, length: int) -> None:
    line = f"HTTPS://QINGCHA.INVALID/1/350602-20261123-00000-01/-/20261123T000000Z/2/0/{'A' * 52}/{'A' * 13}"
    signature = bytes(range(250, 250 + length)) if length < 6 else bytes(length)
    visit.notebook.write(seal_change("inspection", visit.id, "350602", line, signature, [], "00" * 32))
    found = seal_of(visit.notebook, visit.id)
    assert found is not None
    assert (found.signature, found.number) == (signature, "350602-20261123-00000-01")
    assert (found.sha256, found.record, found.sealed_at) == ("00" * 32, visit.id, 1_795_392_000_000)


def test_texts_are_tidied_at_every_depth() -> None:
    assert sealing.tidied({"a": ["e\u0301 ", {"b": "c\x1b"}], "d": 5, "e": None}) == {
        "a": ["é", {"b": "c␛"}],
        "d": 5,
        "e": None,
    }
