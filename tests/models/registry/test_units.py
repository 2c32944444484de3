"""The units of Zhangzhou and the roles."""

from __future__ import annotations

import re
from datetime import date

import pytest

from models.language import use_language
from models.registry import units as facts


def test_there_are_sixteen_county_level_units_eleven_counties_and_five_zones() -> None:
    kinds = [unit.kind for unit in facts.county_level()]
    assert len(kinds) == 16
    assert kinds.count("zone") == 5


def test_codes_are_unique_and_fit_a_record_number() -> None:
    codes = [unit.code for unit in facts.units()]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[0-9A-Z]{5,6}", code) for code in codes)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("350681", "350604"),
        ("龙海市", "350604"),
        ("350625", "350605"),
        ("长泰县", "350605"),
        ("芗城", "350602"),
        ("漳州市芗城区", "350602"),
        ("福建省漳州市东山县", "350626"),
        ("台商投资区", "ZZTSQ"),
        ("zztsq", "ZZTSQ"),
        (" 云霄 县 ", "350622"),
    ],
)
def test_old_and_short_names_and_codes_lead_to_the_unit(written: str, code: str) -> None:
    found = facts.unit_named(written)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize("written", ["", "厦门市", "350200", "区", "市"])
def test_other_places_lead_to_none(written: str) -> None:
    assert facts.unit_named(written) is None


def test_longhai_and_changtai_bore_their_old_codes_until_the_day_before_the_change() -> None:
    assert facts.code_on("350604", date(2021, 2, 1)) == "350681"
    assert facts.code_on("350604", date(2021, 2, 2)) == "350604"
    assert facts.code_on("350605", date(2020, 1, 1)) == "350625"
    assert facts.code_on("350602", date(1999, 1, 1)) == "350602"


def test_every_zone_keeps_the_counties_it_lies_in() -> None:
    counties = {unit.code for unit in facts.units() if unit.kind in ("district", "county")}
    for unit in facts.county_level():
        if unit.kind == "zone":
            assert unit.parents
            assert set(unit.parents) <= counties


def test_only_officers_and_heads_may_inspect() -> None:
    assert {role.code for role in facts.roles() if "inspect" in role.may} == {"officer", "lead"}
    grid_worker = facts.role("grid_worker")
    assert grid_worker is not None
    assert grid_worker.may == {"patrol", "see_community"}


def test_a_person_of_several_roles_may_what_each_may_but_a_grid_worker_never_inspects() -> None:
    both = facts.role("officer,dispatcher")
    assert both is not None
    assert {"inspect", "dispatch"} <= both.may
    assert both.label == "执法人员、调度员"
    mixed = facts.role_named("网格员、执法人员")
    assert mixed is not None
    assert "inspect" not in mixed.may
    assert facts.role("officer,nobody") is None


def test_names_follow_the_readers_language() -> None:
    unit, role = facts.unit("350602"), facts.role_named("网格员")
    assert unit is not None
    assert role is not None
    assert (unit.label, role.label) == ("芗城区", "网格员")
    use_language("en")
    assert (unit.label, role.label) == ("Xiangcheng District", "Grid worker")
