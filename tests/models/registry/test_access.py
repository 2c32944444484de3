"""The one table of who may write and read what: whole, obeyed by verbs, and told as it is by its pages."""

from __future__ import annotations

import shutil
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

import models.inspections.tables as visit_tables
from models import catalogue
from models.errors import RuleBroken
from models.inspections import verbs as inspections
from models.inspections.writing import refuse_who_may_not_inspect
from models.language import use_language
from models.registry import access, keeping, queries, roles_page, units, verbs
from models.store.change import new_id, put
from models.store.notebook import Notebook
from models.store.records import Record

UNIT = "350602"
DOCS = Path(__file__).parents[3] / "docs"
ROLES = [role.code for role in units.roles()]
KINDS_OF_A_VISIT = [
    known.name for known in catalogue.kinds() if known.table.__module__ == visit_tables.__name__
]


def person(notebook: Notebook, role: Any) -> str:
    record = new_id()
    notebook.write(put("officer", record, UNIT, name="示例人", unit_code=UNIT, role=role))
    return record


def rights(code: str) -> frozenset[str]:
    found = units.role(code)
    assert found is not None
    return found.may


def test_roles_and_rows_name_no_right_that_is_not_in_the_list():
    for code in ROLES:
        assert rights(code) <= access.RIGHTS.keys(), code
    for row in access.TABLE:
        assert {*row.write, *row.read, *row.prepare} <= access.RIGHTS.keys(), row.kind


def test_every_right_is_held_by_some_role():
    assert set(access.RIGHTS) == {right for code in ROLES for right in rights(code)}


def test_no_kind_has_two_rows():
    kinds = [row.kind for row in access.TABLE]
    assert len(kinds) == len(set(kinds))


def test_every_kind_of_record_has_a_row():
    # tests of the store have kinds of their own
    ours = [known for known in catalogue.kinds() if known.table.__module__.startswith("models.")]
    assert [known.name for known in ours if not access.knows(known.name)] == []


def test_every_row_of_the_table_is_a_kind():
    assert [row.kind for row in access.TABLE if catalogue.kind(row.kind) is None] == []


def test_every_row_says_in_both_languages_what_its_records_are():
    assert {row.kind for row in access.TABLE} == set(access.LABELS)
    for row in access.TABLE:
        use_language("en")
        english = row.label
        use_language("zh")
        assert row.label != english, row.kind


@pytest.mark.requirement("R090")
def test_every_kind_of_a_visit_is_for_inspectors_alone():
    assert len(KINDS_OF_A_VISIT) >= 9
    for kind in KINDS_OF_A_VISIT:
        row = access.of(kind)
        more = {"assign"} if kind == "complainant" else set()
        assert set(row.write) == {"inspect"} | more, kind
        assert row.basis == "国办发〔2024〕54号"
        assert not {*row.write, *row.prepare} - access.NOT_FOR_GRID_WORKERS, kind


@pytest.mark.requirement("R090", "R074")
def test_a_grid_worker_writes_no_part_of_a_visit_whatever_other_roles_they_hold():
    others = [code for code in ROLES if code != "grid_worker"]
    for more in [(), *((code,) for code in others), *combinations(others, 2), tuple(others)]:
        for held in (("grid_worker", *more), (*more, "grid_worker")):
            found = units.role(",".join(held))
            assert found is not None
            assert found.is_grid_worker
            for kind in KINDS_OF_A_VISIT:
                assert not access.may_prepare(found.may, kind), (held, kind)
            assert access.may_write(found.may, "patrol")


@pytest.mark.requirement("R090")
def test_no_data_file_makes_an_inspector_of_a_grid_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shutil.copytree(units._DATA, tmp_path / "data")
    file = tmp_path / "data" / "roles.toml"
    before, after = 'may = ["patrol", "see_', 'may = ["inspect", "assign", "patrol", "see_'
    assert before in file.read_text("utf-8")
    file.write_text(file.read_text("utf-8").replace(before, after), "utf-8")
    monkeypatch.setattr(units, "_DATA", tmp_path / "data")
    units._roles.cache_clear()
    try:
        assert rights("grid_worker") == {"patrol", "see_community"}
    finally:
        monkeypatch.undo()
        units._roles.cache_clear()


@pytest.mark.requirement("R090")
@pytest.mark.parametrize("role", ["procuratorate", "court", "readonly", "auditor"])
def test_procuratorate_court_and_readers_only_read(role: str):
    assert rights(role) <= access.READING
    assert [row.kind for row in access.TABLE if access.may_prepare(rights(role), row.kind)] == []


def test_who_is_several_things_may_what_any_of_them_may():
    assert rights("officer,dispatcher") == rights("officer") | rights("dispatcher")
    found = units.role_named("执法人员、调度员")
    assert found is not None
    assert (found.code, found.label) == ("officer,dispatcher", "执法人员、调度员")
    assert units.role("officer,nobody") is None
    assert units.role_named("officer,nobody") is None
    same = units.role_named("officer, officer")
    assert same == units.role("officer")


def test_a_kind_that_the_table_does_not_have_is_written_by_no_verb_and_read_by_all(notebook: Notebook):
    assert not access.may_write(set(access.RIGHTS), "later-kind")
    assert access.may_read((), "later-kind")
    with pytest.raises(RuleBroken):
        keeping.allow(notebook, "later-kind")


def test_what_all_read_is_withheld_from_nobody():
    assert not access.withheld_from_some("site")
    assert access.withheld_from_some("inspection")
    assert access.withheld_from_some("later-kind")


# --- on the laptop --------------------------------------------------------------------------------


@pytest.mark.requirement("R090")
@pytest.mark.parametrize("role", [*ROLES, "officer,dispatcher", "grid_worker,lead", "expert,legal"])
def test_verbs_ask_the_table(notebook: Notebook, role: str):
    notebook.person = person(notebook, role)
    may = rights(role)

    def refused(attempt: Any) -> bool:
        try:
            attempt()
        except RuleBroken:
            return True
        return False

    for row in access.TABLE:
        assert refused(lambda row=row: keeping.allow(notebook, row.kind)) is not access.may_write(
            may, row.kind
        )
        assert keeping.may_see(notebook, row.kind) is access.may_read(may, row.kind)
    assert refused(lambda: refuse_who_may_not_inspect(notebook)) is not access.may_write(may, "inspection")
    assert refused(lambda: verbs.allow_site_change(notebook)) is not access.may_write(may, "site")
    assert refused(lambda: verbs.add_officer(notebook, "示例同事")) is may.isdisjoint(
        {"inspect", "edit_officers"}
    )


@pytest.mark.requirement("R090")
@pytest.mark.parametrize("role", ["grid_worker", "grid_worker,officer", "lead,grid_worker,dispatcher"])
def test_a_grid_worker_is_told_what_they_may_do_instead(notebook: Notebook, role: str):
    notebook.person = person(notebook, role)
    with pytest.raises(RuleBroken) as broken:
        refuse_who_may_not_inspect(notebook)
    assert broken.value.basis == "国办发〔2024〕54号"
    assert "网格员" in broken.value.text()
    with pytest.raises(RuleBroken):
        inspections.assign(notebook, site_id="", first_officer="", second_officer=None)


@pytest.mark.parametrize("role", ["nobody", "officer,nobody"])
def test_a_role_that_nobody_knows_allows_nothing(notebook: Notebook, role: str):
    notebook.person = person(notebook, role)
    for row in access.TABLE:
        with pytest.raises(RuleBroken):
            keeping.allow(notebook, row.kind)
    assert not keeping.may_see(notebook, "inspection")


@pytest.mark.requirement("R090")
def test_what_the_server_said_of_the_account_counts_for_its_person_alone(notebook: Notebook):
    colleague = person(notebook, "officer")
    notebook.set_meta(**{queries.ACCOUNT_ROLE: "grid_worker"})
    with pytest.raises(RuleBroken):
        refuse_who_may_not_inspect(notebook)
    role = queries.role_of(notebook, colleague)
    assert role is not None
    assert role.code == "officer"


@pytest.mark.parametrize("more", ["officer,dispatcher", "officer,lead", "dispatcher,officer"])
def test_an_officer_enters_no_colleague_who_is_more_than_an_officer(notebook: Notebook, more: str):
    verbs.add_officer(notebook, "示例同事", role="officer")
    with pytest.raises(RuleBroken):
        verbs.add_officer(notebook, "示例同事二", role=more)
    notebook.person = person(notebook, "lead")
    entered = queries.officer(notebook, verbs.add_officer(notebook, "示例同事三", role=more))
    assert entered is not None
    assert entered.role == more


def test_nobody_adds_a_role_to_their_own(notebook: Notebook):
    notebook.person = person(notebook, "lead,dispatcher")
    with pytest.raises(RuleBroken):
        verbs.edit_officer(notebook, notebook.person, role="lead,dispatcher,legal")


# --- the pages ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_of_roles_is_what_the_table_gives(language: str):
    page = DOCS / roles_page.PAGE.files[language]
    assert page.read_text("utf-8") == roles_page.PAGE.text(language), (
        "write it again: python -m models.registry.roles_page"
    )


def test_the_page_says_of_every_kind_who_writes_and_who_reads_it():
    lines = roles_page.PAGE.text("zh").splitlines()
    patrol = next(line for line in lines if "`patrol`" in line).split(" | ")
    assert patrol[2:4] == [
        "执法人员、负责人、网格员",
        "执法人员、负责人、法制审核人员、调度员、网格员、县局负责人、市局、只读、县级管理员、市级管理员、审计员",
    ]
    visit = next(line for line in lines if "`inspection`" in line)
    assert "网格员" not in visit
    assert "仅可作为计划建立：调度员、县局负责人、市局" in visit
    kinds = [line.split(" | ")[1] for line in lines if line.count(" | ") == 4][2:]
    assert kinds == [f"`{row.kind}`" for row in access.TABLE]


def test_writing_the_pages_leaves_the_readers_language_as_it_was(tmp_path: Path):
    use_language("zh")
    roles_page.PAGE.write(tmp_path)
    assert {page.name for page in tmp_path.iterdir()} == {"roles.md", "roles.zh-CN.md"}
    assert access.right_label("patrol") == "巡查、劝阻和报告"


def test_the_kinds_of_a_visit_are_tables_of_records():
    for kind in KINDS_OF_A_VISIT:
        known = catalogue.kind(kind)
        assert known is not None
        assert issubclass(known.table, Record)
