"""Who may open a record: who may read its kind, and who wrote it; its history and its conflicts likewise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from models import catalogue
from models.errors import RuleBroken
from models.inspections import conflicts as sides_of
from models.inspections import queries as inspections
from models.registry import access, keeping, units
from models.store import keys
from models.store.change import new_id, put
from models.store.entry import Arrival
from models.store.notebook import Notebook
from sync import queries as sync
from tui.named import name_of, unseen
from tui.screens.history import past_lines

UNIT = "350602"
SECRET = "示例举报人九"
ROLES = [role.code for role in units.roles()]
RESTRICTED = [row.kind for row in access.TABLE if row.read]
WHO_REPORTED = [kind for kind in RESTRICTED if "see_complainant" in access.of(kind).read]


def act_as(notebook: Notebook, role: str) -> str:
    """From now on somebody of that role is unlocked."""
    person = new_id()
    notebook.write(put("officer", person, UNIT, name="示例人", unit_code=UNIT, role=role))
    notebook.person = person
    return person


def made(notebook: Notebook, kind: str, **fields: str) -> str:
    """A record that a colleague wrote."""
    record = new_id()
    notebook.write(put(kind, record, UNIT, **fields), by="colleague")
    return record


def refused(seat: Notebook, record: str) -> bool:
    try:
        past = keeping.past(seat, record)
    except RuleBroken:
        return True
    assert past
    return False


def test_who_reported_is_kept_in_three_kinds_of_records():
    assert set(WHO_REPORTED) == {"complainant", "reporter", "transferred_reporter"}


@pytest.mark.requirement("R089", "R090")
@pytest.mark.parametrize("role", ROLES)
def test_a_history_is_told_to_who_may_read_the_kind(notebook: Notebook, role: str):
    found = units.role(role)
    assert found is not None
    records = {kind: made(notebook, kind) for kind in RESTRICTED}
    rows = {kind: keeping.row_of(notebook, kind, record) for kind, record in records.items()}
    for kind, record in records.items():
        notebook.write(put(kind, record, UNIT, voided="误录"), by="colleague")
    act_as(notebook, role)
    for kind, record in records.items():
        may = access.may_read(found.may, kind)
        assert keeping.may_open(notebook, kind, rows[kind]) is may, kind
        assert refused(notebook, record) is not may, kind
        assert (unseen(notebook, kind, record) == "") is may, kind


@pytest.mark.requirement("R089")
@pytest.mark.parametrize("kind", RESTRICTED)
def test_who_wrote_a_record_opens_it_whatever_their_role(notebook: Notebook, kind: str):
    act_as(notebook, "nobody")
    record = new_id()
    notebook.write(put(kind, record, UNIT, voided="误录"))
    assert not refused(notebook, record)
    assert unseen(notebook, kind, record) == ""
    assert unseen(notebook, kind) != ""
    act_as(notebook, "nobody")
    assert refused(notebook, record)
    assert unseen(notebook, kind, record) != ""


@pytest.mark.requirement("R089")
@pytest.mark.parametrize("kind", WHO_REPORTED)
def test_no_way_to_a_history_gives_who_reported(notebook: Notebook, kind: str):
    record = made(notebook, kind, name=SECRET)
    act_as(notebook, "officer")
    for read in (
        lambda: inspections.history(notebook, record),
        lambda: past_lines(notebook, kind, record),
        lambda: sides_of.sides(notebook, kind, record, "name"),
    ):
        with pytest.raises(RuleBroken) as broken:
            read()
        assert "第一百四十六条" in broken.value.basis
        assert SECRET not in broken.value.text()
    assert SECRET not in name_of(notebook, kind, record)
    act_as(notebook, "legal")
    assert any(SECRET in line for line in past_lines(notebook, kind, record))


@pytest.mark.requirement("R089")
def test_who_is_in_no_register_does_not_read_who_reported(notebook: Notebook):
    record = made(notebook, "complainant", name=SECRET)
    notebook.person = "nobody"
    assert refused(notebook, record)


@pytest.mark.requirement("R089")
def test_calling_the_id_another_kind_too_does_not_open_it(notebook: Notebook):
    record = made(notebook, "reporter", name=SECRET)
    notebook.write(put("site", record, UNIT, name="示例企业"), by="colleague")
    act_as(notebook, "officer")
    assert refused(notebook, record)


@pytest.mark.requirement("R090")
def test_the_history_of_a_visit_is_for_who_may_read_inspections(notebook: Notebook):
    record = made(notebook, "inspection", situation="现场情况")
    assert inspections.history_of_visit(notebook, record)
    act_as(notebook, "grid_worker")
    with pytest.raises(RuleBroken):
        inspections.history_of_visit(notebook, record)


@pytest.fixture
def clash(notebook: Notebook, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Records by kind that two colleagues wrote a field of without knowing of each other."""
    other = Notebook.create(tmp_path / "other", "另一个-口令-99", person=new_id(), unit=UNIT, cost=keys.FAST)
    records = {kind: made(notebook, kind, name="原") for kind in ("reporter", "site")}
    records["damage_case"] = made(notebook, "damage_case", title="原")
    with notebook:
        other.receive([Arrival(row.entry()) for row in notebook.journal.in_order()])
    for kind, record in records.items():
        field = "title" if kind == "damage_case" else "name"
        notebook.write(put(kind, record, UNIT, **{field: "甲"}), by="colleague")
        other.write(put(kind, record, UNIT, **{field: "乙"}), by="another")
    with other:
        notebook.receive([Arrival(row.entry()) for row in other.journal.in_order() if row.own])
    yield records
    other.close()


@pytest.mark.requirement("R089", "R090")
@pytest.mark.parametrize(
    ("role", "shown"),
    [
        ("legal", {"reporter", "site", "damage_case"}),
        ("officer", {"site", "damage_case"}),
        ("grid_worker", {"site"}),
    ],
)
def test_conflicts_are_shown_of_records_that_may_be_opened(
    notebook: Notebook, clash: dict[str, str], role: str, shown: set[str]
):
    act_as(notebook, role)
    assert {each.kind for each in sync.conflicts(notebook)} == shown


@pytest.mark.requirement("R090")
def test_a_conflict_is_settled_by_who_may_write_the_kind(notebook: Notebook, clash: dict[str, str]):
    case = clash["damage_case"]
    act_as(notebook, "readonly")
    with pytest.raises(RuleBroken):
        sides_of.settle(notebook, "damage_case", case, "title", "乙")
    act_as(notebook, "officer")
    sides_of.settle(notebook, "damage_case", case, "title", "乙")
    assert [side.value for side in sides_of.sides(notebook, "damage_case", case, "title")] == ["乙"]


def test_a_kind_without_a_table_is_asked_by_its_kind_alone(notebook: Notebook):
    assert catalogue.kind("unit_board") is None
    assert unseen(notebook, "unit_board", "2021-04") == ""
