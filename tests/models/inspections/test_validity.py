"""The register of the thirty rules, and the checks that need nothing but what is given to them."""

from __future__ import annotations

from datetime import date

import pytest

from models.errors import BadInput
from models.inspections import validity
from models.language import use_language


def test_every_rule_has_its_words_its_records_and_its_basis_today() -> None:
    assert tuple(validity.rules()) == validity.NUMBERS
    for one in validity.rules().values():
        assert any("一" <= letter <= "龥" for letter in one.zh)
        assert one.en
        assert one.kinds
        assert one.title == one.zh
        assert one.basis(date(2026, 9, 1)), one.number
    use_language("en")
    assert validity.rule("V01").title == validity.rule("V01").en


def test_the_basis_of_a_rule_is_that_of_the_day() -> None:
    two = validity.rule("V01")
    assert "环境行政处罚办法》第二十八条" in two.basis(date(2023, 6, 30))
    assert "生态环境行政处罚办法》第二十三条" in two.basis(date(2023, 7, 1))


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(BadInput, match="V31"):
        validity.rule("V31")


@pytest.mark.validity("V12", "V14", "V24")
@pytest.mark.parametrize("number", ["V12", "V14", "V24"])
def test_what_a_paper_does_not_state_is_named(number: str) -> None:
    wanted = validity.rule(number).contents
    whole = {each.key: "有" for each in wanted}
    assert validity.content_lacks(number, whole) == []
    assert validity.content_lacks(number, {}) == list(wanted)
    for each in wanted:
        assert validity.content_lacks(number, {**whole, each.key: " "}) == [each]
        assert validity.content_lacks(number, {**whole, each.key: False}) == [each]
    with pytest.raises(BadInput, match="colour"):
        validity.content_lacks(number, {"colour": "red"})


@pytest.mark.validity("V12")
def test_a_monitoring_report_states_eleven_things() -> None:
    assert len(validity.rule("V12").contents) == 11
    assert "CMA" in validity.rule("V12").contents[1].title


@pytest.mark.validity("V13")
@pytest.mark.parametrize(
    ("manual", "automatic", "lawful", "found"),
    [
        ("120", "80", True, "120"),
        ("120", "80", False, "80"),
        (None, "80", True, "80"),
        ("120", None, True, "120"),
        ("120", None, False, None),
        (None, None, True, None),
    ],
)
def test_a_lawful_reading_on_site_goes_before_automatic_data(
    manual: str | None, automatic: str | None, lawful: bool, found: str | None
) -> None:
    assert validity.prevailing(manual, automatic, lawful=lawful) == found
