"""How a party performed in its cases (R046)."""

from __future__ import annotations

from datetime import date

import pytest

from models.cases.collaboration import queries
from models.cases.collaboration.room import performance_section
from models.store.notebook import Notebook
from tests.models.cases.collaboration.conftest import Case, a_case

CODE = "91350602MA00000037"


def state(case: Case, day: str) -> tuple[str, str, str]:
    """State, day of the agreement and of the performance, as of a day."""
    (found,) = queries.performance_record(case.book, None, "示例企业03", as_of=date.fromisoformat(day))
    return found.state, found.agreed_on, found.performed_on


@pytest.mark.requirement("R046")
@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2021-05-19", ("none", "", "")),
        ("2021-05-20", ("performing", "2021-05-20", "")),
        ("2021-07-31", ("performing", "2021-05-20", "")),
        ("2021-08-01", ("overdue", "2021-05-20", "")),
        ("2021-08-09", ("overdue", "2021-05-20", "")),
        ("2021-08-10", ("performed_late", "2021-05-20", "2021-08-10")),
        ("2021-12-31", ("performed_late", "2021-05-20", "2021-08-10")),
    ],
)
def test_a_party_is_in_time_until_its_last_day(case: Case, day: str, expected: tuple[str, str, str]):
    case.reach("performance")
    case.set(perform_by="2021-07-31")
    case.step("performed", "2021-08-10")

    assert state(case, day) == expected


@pytest.mark.requirement("R046")
def test_performance_on_the_last_day_is_in_time_and_stays_so_after_the_closing(case: Case):
    case.reach("performance")
    case.set(perform_by="2021-07-31")
    case.step("performed", "2021-07-31")
    case.step("evaluation", "2021-09-01")
    case.step("closed", "2021-10-01")

    assert state(case, "2021-12-31") == ("performed", "2021-05-20", "2021-07-31")


def test_a_performance_that_was_sent_back_is_none(case: Case):
    case.reach("performance")
    case.set(perform_by="2021-07-31")
    case.step("performed", "2021-07-01")
    case.step("back", "2021-07-10", to="performance")

    assert state(case, "2021-07-20") == ("performing", "2021-05-20", "")
    case.step("performed", "2021-08-20")
    assert state(case, "2021-08-20") == ("performed_late", "2021-05-20", "2021-08-20")


def test_without_a_last_day_nothing_is_overdue_and_a_failed_consultation_owes_nothing(case: Case):
    case.reach("consultation")
    case.step("failed", "2021-08-01")
    assert state(case, "2021-12-31") == ("none", "", "")
    case.step("suit", "2021-09-01")
    case.step("judgment", "2021-11-01")
    case.step("performance", "2021-11-10")
    assert state(case, "2021-12-31") == ("performing", "", "")


def test_a_terminated_case_ended_without_performance(case: Case):
    case.reach("consultation")
    case.step("terminated", "2021-08-01")

    assert state(case, "2021-12-31")[0] == "ended"


@pytest.mark.requirement("R046")
def test_a_partys_cases_are_found_by_code_and_by_name_where_there_is_none(notebook: Notebook):
    coded = a_case(notebook, party="示例企业03（漳州）", party_code=CODE)
    plain = a_case(notebook, party="示例企业03（漳州）")
    namesake = a_case(notebook, party="示例企业03（漳州）", party_code="91350602MA00000045")
    a_case(notebook, party="示例企业03（漳州）", party_code=CODE)  # not started: no case yet
    for number, case in enumerate((coded, plain, namesake)):
        case.step("start", f"2021-03-1{number}")

    def found(code: str | None, name: str | None) -> list[str]:
        rows = queries.performance_record(notebook, code, name, as_of=date(2021, 12, 31))
        return [each.case.id for each in rows]

    assert found(CODE.lower(), "示例企业03（漳州）") == [plain.id, coded.id]
    assert found(CODE, None) == [coded.id]
    assert found(None, "示例企业03（漳州）") == [namesake.id, plain.id, coded.id]
    assert found(None, None) == found("", "") == []


@pytest.mark.requirement("R046")
def test_the_section_opens_each_case_and_says_how_it_stands(case: Case):
    case.reach("performance")
    case.set(perform_by="2021-07-31")

    section = performance_section(case.book, None, "示例企业03")

    assert [(fact.kind, fact.id, fact.part) for fact in section.facts] == [("damage_case", case.id, "bad")]
    assert section.facts[0].value == "逾期未履行 · 2021-05-20 签订协议 · 应于 2021-07-31 前履行"
