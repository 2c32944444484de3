"""An inspection answers the versions of the checklists with which it began, whatever is shipped later."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.content import use_content
from models.errors import BadInput, RuleBroken
from models.inspections import items, queries, verbs
from models.inspections.sealing import sealed_bytes
from models.store.change import put
from models.store.notebook import Notebook
from tests.models.inspections.conftest import Visit

NEWER = "2027.1.1"
OURS = "2026.11.2"
FIRST = "2026.11.1"


def newer(folder: Path) -> Path:
    """A folder with another version of list A: A06 is gone, A07 is new, A01 has other words."""
    form = (items.FOLDER / "A.md").read_text("utf-8")
    form = form.replace("A06", "A07").replace("检查审批、通知、频次未超", "检查审批与通知（新版）")
    (folder / "A-2027.md").write_text(form.replace(OURS, NEWER), "utf-8")
    (folder / "index.toml").write_text(
        f'[[checklist]]\ncode = "A"\nzh = "检查前"\nfile = "A-2027.md"\nversion = "{NEWER}"\n', "utf-8"
    )
    return folder


@pytest.fixture
def shipped(tmp_path: Path) -> Iterator[None]:
    """A newer version of list A is in use."""
    yield items.use_lists(newer(tmp_path))
    items.use_lists()


def codes(notebook: Notebook, inspection: str) -> list[str]:
    """The items that the inspection's screen shows."""
    return [item.code for item in queries.sheet(notebook, inspection).items]


def test_an_inspection_keeps_the_versions_that_it_began_with(visit: Visit, tmp_path: Path) -> None:
    row = queries.inspection(visit.notebook, visit.id)
    assert row is not None
    assert row.checklist_versions == f"A:{OURS},W:{OURS}"
    visit.fill()
    before = codes(visit.notebook, visit.id)
    items.use_lists(newer(tmp_path))
    try:
        assert codes(visit.notebook, visit.id) == before
        verbs.answer(visit.notebook, visit.id, "A06", "problem", "现场负责人拒绝检查")
        with pytest.raises(RuleBroken):
            verbs.answer(visit.notebook, visit.id, "A07", "ok")
        first = queries.sheet(visit.notebook, visit.id).items[0]
        assert first.title == "检查审批、通知、频次未超"
        verbs.finish(visit.notebook, visit.id)
        verbs.seal_inspection(visit.notebook, visit.id)
        record = json.loads(sealed_bytes(visit.notebook, visit.id))
    finally:
        items.use_lists()
    lists = record["checklists"]
    assert [(each["code"], each["version"]) for each in lists] == [("A", OURS), ("W", OURS)]
    assert "A06" in [each["code"] for each in lists[0]["items"]]
    assert record["visit"]["checklist_versions"] == f"A:{OURS},W:{OURS}"


@pytest.mark.usefixtures("shipped")
def test_a_new_inspection_has_the_newest_version_and_its_items(visit: Visit) -> None:
    row = queries.inspection(visit.notebook, visit.id)
    assert row is not None
    assert row.checklist_versions == f"A:{NEWER},W:{OURS}"
    shown = codes(visit.notebook, visit.id)
    assert "A07" in shown
    assert "A06" not in shown
    assert [one.version for one in items.versions("A")] == [FIRST, OURS, NEWER]


def test_a_list_added_later_has_the_version_of_then_and_the_others_keep_theirs(
    visit: Visit, tmp_path: Path
) -> None:
    items.use_lists(newer(tmp_path))
    try:
        verbs.edit(visit.notebook, visit.id, checklists="A,N")
        row = queries.inspection(visit.notebook, visit.id)
        assert row is not None
        assert row.checklist_versions == f"A:{OURS},N:{OURS}"
        verbs.edit(visit.notebook, visit.id, checklists="N")
        verbs.edit(visit.notebook, visit.id, checklists="A,N")
        row = queries.inspection(visit.notebook, visit.id)
        assert row is not None
        assert row.checklist_versions == f"A:{NEWER},N:{OURS}"
    finally:
        items.use_lists()


def test_what_was_begun_before_versions_were_kept_has_the_first_ones(visit: Visit) -> None:
    visit.notebook.write(put("inspection", visit.id, "350602", checklist_versions=None))
    row = queries.inspection(visit.notebook, visit.id)
    assert row is not None
    assert [one.version for one in items.lists_of(row)] == [FIRST, FIRST]
    assert all(item.evidence == "" for item in queries.sheet(visit.notebook, visit.id).items)
    verbs.edit(visit.notebook, visit.id, checklists="A,W,N")
    row = queries.inspection(visit.notebook, visit.id)
    assert row is not None
    assert row.checklist_versions == f"A:{FIRST},W:{FIRST},N:{OURS}"


def test_an_assigned_one_takes_its_versions_when_it_is_started(
    notebook: Notebook, officers: tuple[str, str], site: str, tmp_path: Path
) -> None:
    first, second = officers
    assigned = verbs.assign(
        notebook, site_id=site, first_officer=first, second_officer=second, checklists="A"
    )
    row = queries.inspection(notebook, assigned)
    assert row is not None
    assert row.checklist_versions is None
    items.use_lists(newer(tmp_path))
    try:
        verbs.start(notebook, assigned)
        assert "A07" in codes(notebook, assigned)
    finally:
        items.use_lists()
    row = queries.inspection(notebook, assigned)
    assert row is not None
    assert row.checklist_versions == f"A:{NEWER}"


def test_a_version_that_this_program_lacks_is_said_and_is_not_sealed(visit: Visit) -> None:
    visit.fill()
    visit.notebook.write(put("inspection", visit.id, "350602", checklist_versions=f"A:9.9,W:{OURS}"))
    row = queries.inspection(visit.notebook, visit.id)
    assert row is not None
    assert items.unknown_versions(row) == [("A", "9.9")]
    assert [one.version for one in items.lists_of(row)] == [OURS, OURS]
    (lack,) = [each for each in queries.missing(visit.notebook, visit.id) if each.rule == "list"]
    assert lack.blocking
    assert "9.9" in lack.text
    with pytest.raises(RuleBroken):
        verbs.seal_inspection(visit.notebook, visit.id)


def test_nobody_types_a_version(visit: Visit) -> None:
    with pytest.raises(TypeError):
        verbs.edit(visit.notebook, visit.id, checklist_versions="A:1")


@pytest.mark.parametrize(
    ("index", "said"),
    [
        ('[[checklist]]\ncode = "G"\nzh = "x"\nfile = "A-2027.md"\nversion = "1"\n', "“G”"),
        ('[[checklist]]\ncode = "AA"\nzh = "x"\nfile = "A-2027.md"\nversion = "1"\n', "“AA”"),
        ('[[checklist]]\ncode = "A"\nzh = "x"\nversion = "1"\n', "“file”"),
        ('[[checklist]]\ncode = "A"\nzh = "x"\nfile = "A-2027.md"\n', "“version”"),
        ('[[checklist]]\ncode = "A"\nzh = "x"\nfile = "A-2027.md"\nversion = "1,2"\n', "“1,2”"),
        (f'[[checklist]]\ncode = "A"\nzh = "x"\nfile = "A-2027.md"\nversion = "{OURS}"\n', OURS),
        ('[[checklist]]\ncode = "A"\nzh = "x"\nfile = "none.md"\nversion = "1"\n', "none.md"),
        ('[[checklist]]\ncode = "W"\nzh = "x"\nfile = "A-2027.md"\nversion = "1"\n', "A01"),
        ('[[checklist]]\ncode = "A"\nzh = "x"\nfile = "A-2027.md"\nversion = "1"\nearlier = 3\n', "earlier"),
        ("checklist = 3\n", "code"),
        ("[[checklist]\n", "index.toml"),
    ],
)
def test_a_faulty_folder_of_lists_is_refused_and_ours_stay(tmp_path: Path, index: str, said: str) -> None:
    newer(tmp_path)
    (tmp_path / "index.toml").write_text(index, "utf-8")
    with pytest.raises(BadInput) as refused:
        items.use_lists(tmp_path)
    assert said in refused.value.text()
    assert len(items.checklists()) == 11
    assert [one.version for one in items.versions("A")] == [FIRST, OURS]


def test_lists_are_read_one_by_one_when_they_are_asked(visit: Visit) -> None:
    items.read.cache_clear()
    row = queries.inspection(visit.notebook, visit.id)
    assert row is not None
    items.visit_items(row)
    assert items.read.cache_info().currsize == 2


def test_the_bureaus_own_lists_stand_in_its_packs(tmp_path: Path) -> None:
    folder = tmp_path / "packs" / "checklists"
    folder.mkdir(parents=True)
    newer(folder)
    assert use_content(tmp_path)
    try:
        current = items.checklist("A")
        assert current is not None
        assert current.version == NEWER
        assert "A07" in current.items
        older = items.checklist("A", FIRST)
        assert older is not None
        assert "A06" in older.items
    finally:
        items.use_lists()


def test_a_further_list_of_the_bureau_is_offered_last(tmp_path: Path) -> None:
    form = (items.FOLDER / "N.md").read_text("utf-8").replace("N0", "P0")
    (tmp_path / "P.md").write_text(form, "utf-8")
    (tmp_path / "index.toml").write_text(
        '[[checklist]]\ncode = "P"\nzh = "本局专项"\nfile = "P.md"\nversion = "1"\nkinds = ["码头"]\n',
        "utf-8",
    )
    items.use_lists(tmp_path)
    try:
        assert items.checklists()[-1].code == "P"
        assert items.proposed("码头") == "A,P"
        assert "P01" in items.items_of("A,P")
    finally:
        items.use_lists()
