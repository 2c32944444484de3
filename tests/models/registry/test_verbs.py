"""Entering and finding officers and sites."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import pytest

from models.errors import RuleBroken
from models.registry import queries, verbs
from models.store.change import new_id, put
from models.store.notebook import Notebook


def become(notebook: Notebook, role: str) -> str:
    """Let another person with that role sit at the notebook."""
    person = new_id()
    notebook.write(put("officer", person, "350602", name="示例人", unit_code="350602", role=role))
    notebook.person = person
    return person


def test_a_site_is_found_by_initials_words_and_code(
    notebook: Notebook, credit_code: Callable[[int], str]
) -> None:
    site = verbs.add_site(notebook, "示例印染企业03", code=credit_code(3), address="芗城区示例路3号")
    for text in ("slyr", "印染", credit_code(3)[:8].lower(), "示例路"):
        assert [row.id for row in queries.find_sites(notebook, text)] == [site], text


def test_a_name_of_sixty_characters_is_kept_whole(notebook: Notebook) -> None:
    name = "漳州示例" * 15
    site = queries.site(notebook, verbs.add_site(notebook, name))
    assert site is not None
    assert site.name == name


def test_a_wrong_credit_code_names_the_field_and_the_standard(notebook: Notebook) -> None:
    with pytest.raises(RuleBroken) as broken:
        verbs.add_site(notebook, "示例企业03", code="91350602MA00000000")
    assert (broken.value.field, broken.value.basis) == ("code", "GB 32100-2015")
    assert queries.find_sites(notebook, "") == []


def test_a_credit_code_is_held_once(notebook: Notebook, credit_code: Callable[[int], str]) -> None:
    verbs.add_site(notebook, "示例企业03", code=credit_code(3))
    with pytest.raises(RuleBroken, match="示例企业03"):
        verbs.add_site(notebook, "示例企业04", code=credit_code(3))


def test_editing_a_site_keeps_what_was_not_named(
    notebook: Notebook, credit_code: Callable[[int], str]
) -> None:
    site_id = verbs.add_site(notebook, "示例企业03", code=credit_code(3), phone="0596-0000000")
    verbs.edit_site(notebook, site_id, phone="0596-1111111")
    site = queries.site(notebook, site_id)
    assert site is not None
    assert (site.name, site.phone, site.code) == ("示例企业03", "0596-1111111", credit_code(3))


def test_an_unknown_unit_is_refused_and_an_old_name_becomes_its_code(notebook: Notebook) -> None:
    with pytest.raises(RuleBroken) as broken:
        verbs.add_site(notebook, "示例企业03", unit_code="厦门市")
    assert broken.value.field == "unit_code"
    site = queries.site(notebook, verbs.add_site(notebook, "示例企业03", unit_code="龙海市"))
    assert site is not None
    assert (site.unit_code, site.unit) == ("350604", "350604")


def test_two_officers_never_share_a_certificate(notebook: Notebook) -> None:
    with pytest.raises(RuleBroken, match="执法员01"):
        verbs.add_officer(notebook, "执法员02", certificate="fj350602001")


def test_an_officer_may_enter_a_colleague_but_no_head(notebook: Notebook) -> None:
    assert verbs.add_officer(notebook, "执法员02", certificate="FJ350602002")
    with pytest.raises(RuleBroken):
        verbs.add_officer(notebook, "示例人05", role="lead")


def test_nobody_gives_themselves_another_role(notebook: Notebook) -> None:
    person = become(notebook, "lead")
    with pytest.raises(RuleBroken):
        verbs.edit_officer(notebook, person, role="city_admin")


@pytest.mark.parametrize("role", ["grid_worker", "readonly", "expert", "auditor", "legal"])
def test_others_do_not_edit_the_register(notebook: Notebook, role: str) -> None:
    become(notebook, role)
    with pytest.raises(RuleBroken):
        verbs.add_site(notebook, "示例企业03")
    with pytest.raises(RuleBroken):
        verbs.add_officer(notebook, "执法员02")


def test_only_inspectors_with_a_valid_certificate_are_offered(notebook: Notebook) -> None:
    verbs.add_officer(notebook, "执法员02", certificate="FJ350602002", certificate_until="2026年6月30日")
    verbs.add_officer(notebook, "执法员03")
    become(notebook, "city_admin")
    verbs.add_officer(notebook, "网格员01", certificate="FJ350602009", role="网格员")
    names = [row.name for row in queries.officers(notebook, inspecting_on=date(2026, 11, 23))]
    assert names == ["执法员01"]
    names = [row.name for row in queries.officers(notebook, inspecting_on=date(2026, 6, 30))]
    assert names == ["执法员01", "执法员02"]


def test_officers_are_found_by_initials_and_certificate(notebook: Notebook) -> None:
    assert [row.name for row in queries.find_officers(notebook, "zfy01")] == ["执法员01"]
    assert [row.name for row in queries.find_officers(notebook, "FJ350602001")] == ["执法员01"]


def test_who_stands_twice_in_the_register_is_offered_once(notebook: Notebook) -> None:
    """By a notebook and by an account with one certificate: the record that the person works under."""
    again = {"unit_code": "350602", "role": "officer"}
    account = new_id()
    notebook.write(put("officer", account, "350602", name="执法员01", certificate="FJ350602001", **again))
    assert len(queries.find_officers(notebook, "FJ350602001")) == 2  # nothing is deleted
    assert [row.id for row in queries.pick_officers(notebook, "FJ350602001")] == [notebook.person]
    assert [row.id for row in queries.pick_officers(notebook, "")] == [notebook.person]

    again["role"] = "grid_worker"
    for _ in range(2):  # without a certificate nobody can say that they are one
        notebook.write(put("officer", new_id(), "350602", name="网格员05", **again))
    assert len(queries.pick_officers(notebook, "wgy05")) == 2


def test_of_a_colleague_the_record_of_their_own_laptop_comes_first() -> None:
    def row(name: str, device: str, made_at: int) -> SimpleNamespace:
        return SimpleNamespace(id=name, device=device, made_at=made_at)

    account, on_the_spot, own = row("a", "server", 1), row("b", "here", 9), row("c", "theirs", 5)
    for person, wanted in (("me", own), ("a", account)):
        found = max([account, on_the_spot, own], key=lambda each: queries.likeness(each, person, "here"))
        assert found is wanted
