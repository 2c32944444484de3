"""Evidence goes into the vault with its digests, and its way is kept."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path

import pytest

from models.errors import BadInput, RuleBroken
from models.inspections import queries, rules, verbs
from models.inspections.claims import problem_sentences
from models.inspections.photo import PhotoReader
from models.inspections.samples import jpeg_with_exif
from tests.models.inspections.conftest import Visit


def photo(tmp_path: Path, name: str = "IMG_0001.JPG", content: bytes = b"") -> Path:
    path = tmp_path / name
    path.write_bytes(b"\xff\xd8\xff\xe0" + (content or bytes(2000)))
    return path


@pytest.mark.requirement("R085")
def test_a_photo_is_kept_with_its_digests_and_a_name_of_ours(visit: Visit, tmp_path: Path) -> None:
    path = photo(tmp_path)
    done: list[tuple[int, int]] = []
    record = verbs.take_in(
        visit.notebook,
        visit.id,
        path,
        kind="audio_visual",
        item="W01",
        progress=lambda some, whole: done.append((some, whole)),
    )
    (row,) = queries.evidence_of(visit.notebook, visit.id)
    assert row.id == record
    assert row.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (row.mime, row.name, row.size) == ("image/jpeg", "IMG_0001.JPG", path.stat().st_size)
    assert row.title is not None
    assert row.title.endswith("-E01")
    assert row.maker == "执法员01"
    assert row.purpose == "总排口达标"
    assert done[-1] == (row.size, row.size)
    with visit.notebook.vault.open(row.sha256) as stream:
        assert stream.read() == path.read_bytes()
    assert path.exists(), "the original is only read"
    (event,) = queries.custody_of(visit.notebook, record)
    assert (event.action, event.by) == ("collected", visit.first)
    sheet = queries.sheet(visit.notebook, visit.id)
    assert [item.evidence_count for item in sheet.items if item.code == "W01"] == [1]


@pytest.mark.parametrize("kind", list(rules.EVIDENCE_KINDS))
@pytest.mark.validity("V05")
def test_all_eight_kinds_are_taken(visit: Visit, kind: str) -> None:
    verbs.take_in(visit.notebook, visit.id, None, kind=kind, name="示例物")
    (row,) = queries.evidence_of(visit.notebook, visit.id)
    assert (row.kind, row.sha256) == (kind, None)


@pytest.mark.validity("V05")
def test_a_ninth_kind_is_refused(visit: Visit, tmp_path: Path) -> None:
    with pytest.raises(RuleBroken):
        verbs.take_in(visit.notebook, visit.id, photo(tmp_path), kind="hearsay")
    assert queries.evidence_of(visit.notebook, visit.id) == []


def test_a_file_that_cannot_be_read_is_named_and_leaves_nothing(visit: Visit, tmp_path: Path) -> None:
    for path in (tmp_path / "missing.jpg", tmp_path):
        with pytest.raises(BadInput):
            verbs.take_in(visit.notebook, visit.id, path, kind="audio_visual")
    assert queries.evidence_of(visit.notebook, visit.id) == []


def test_a_hostile_file_name_is_shown_not_obeyed(visit: Visit, tmp_path: Path) -> None:
    path = photo(tmp_path, "a\x1b[31m\u202egpj.exe")
    verbs.take_in(visit.notebook, visit.id, path, kind="audio_visual")
    (row,) = queries.evidence_of(visit.notebook, visit.id)
    assert row.name == "a␛[31m\ufffdgpj.exe"


def test_undo_withdraws_the_evidence_and_its_first_event(visit: Visit, tmp_path: Path) -> None:
    record = verbs.take_in(visit.notebook, visit.id, photo(tmp_path), kind="audio_visual")
    verbs.undo(visit.notebook)
    assert queries.evidence_of(visit.notebook, visit.id) == []
    assert queries.custody_of(visit.notebook, record) == []
    assert queries.history(visit.notebook, record), "it stays in the history"


@pytest.mark.requirement("R085")
def test_custody_goes_on_before_and_after_the_seal(visit: Visit, tmp_path: Path) -> None:
    visit.fill()
    record = verbs.take_in(visit.notebook, visit.id, photo(tmp_path), kind="physical")
    verbs.hand_over(visit.notebook, record, "bagged", seal_number="封-0001")
    verbs.seal_inspection(visit.notebook, visit.id)
    verbs.hand_over(visit.notebook, record, "handed", to="示例检测机构03")
    events = queries.custody_of(visit.notebook, record)
    assert [event.action for event in events] == ["collected", "bagged", "handed"]
    assert [bool(event.inspection) for event in events] == [True, True, False]


@pytest.mark.parametrize(
    ("action", "fields", "wanted"),
    [
        ("bagged", {}, "seal_number"),
        ("handed", {}, "to"),
        ("lost", {}, "action"),
        ("received", {"at": 1}, "at"),
    ],
)
def test_half_a_custody_event_is_refused(
    visit: Visit, action: str, fields: dict[str, int], wanted: str
) -> None:
    record = verbs.take_in(visit.notebook, visit.id, None, kind="physical")
    with pytest.raises(RuleBroken) as broken:
        verbs.hand_over(visit.notebook, record, action, **fields)  # type: ignore[arg-type]
    assert broken.value.field == wanted


@pytest.mark.requirement("R085")
def test_what_the_camera_says_is_kept_as_a_claim_with_its_source(visit: Visit, tmp_path: Path) -> None:
    taken = datetime(2026, 1, 5, 10, 20, 30)  # noqa: DTZ001 -- a camera's wall clock
    path = jpeg_with_exif(tmp_path / "a.jpg", taken=taken, gps=(24.51, 117.656), size=(64, 48))
    verbs.take_in(visit.notebook, visit.id, path, kind="audio_visual")
    (row,) = queries.evidence_of(visit.notebook, visit.id)
    assert row.claim_time == row.made_at_claim == "2026-01-05T10:20:30+08:00"
    assert row.claim_time_source == row.claim_place_source == "EXIF, QINGCHA SAMPLE"
    assert json.loads(row.claim_place or "")["latitude"].startswith("24.51")
    assert row.claim_problems is None


def test_absurd_claims_are_kept_and_named_but_never_used(visit: Visit, tmp_path: Path) -> None:
    path = jpeg_with_exif(tmp_path / "a.jpg", absurd=True, size=(64, 48))
    verbs.take_in(visit.notebook, visit.id, path, kind="audio_visual")
    (row,) = queries.evidence_of(visit.notebook, visit.id)
    assert row.claim_time
    assert row.made_at_claim is None
    assert len(problem_sentences(row.claim_problems)) >= 2


def test_a_broken_picture_is_still_evidence(visit: Visit, tmp_path: Path) -> None:
    with PhotoReader() as photos:
        verbs.take_in(visit.notebook, visit.id, photo(tmp_path), kind="audio_visual", photos=photos)
    (row,) = queries.evidence_of(visit.notebook, visit.id)
    assert (row.claim_time, row.claim_problems) == (None, None)
    assert row.sha256


@pytest.mark.parametrize("kept", ["", "nonsense", "[1]", '[["a","b","{other}"]]', None])
def test_problems_of_another_version_give_no_error(kept: str | None) -> None:
    assert problem_sentences(kept) == []
