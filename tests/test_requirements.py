"""Every numbered requirement has a test that holds it or a named reason; the page says which."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.requirements import (
    NUMBERS,
    PAGE,
    BadMarker,
    Held,
    Requirement,
    held,
    held_in,
    page,
    problems,
    requirements,
)


@pytest.fixture(scope="module")
def ours() -> list[Held]:
    """What the tests of this repository hold."""
    return held()


def test_every_requirement_has_a_test_or_a_reason_and_every_marker_a_requirement(ours):
    known, areas = requirements()
    assert problems(known, areas, ours) == []


def test_the_page_is_what_the_tests_say(ours):
    known, areas = requirements()
    assert PAGE.read_text("utf-8") == page(known, areas, ours), "run python -m tests.requirements"


@pytest.fixture
def good() -> tuple[dict[str, Requirement], dict[str, tuple[str, str]], list[Held]]:
    """All requirements, the last two without tests and with reasons."""
    known, areas = requirements()
    plain = {number: replace(one, reason="") for number, one in known.items()}
    for number in NUMBERS[-2:]:
        plain[number] = replace(plain[number], reason="not to be tested")
    return plain, areas, [Held(number, "tests/test_x.py", "test_x") for number in NUMBERS[:-2]]


def test_what_is_whole_has_no_problems(good):
    assert problems(*good) == []


def test_a_number_with_neither_test_nor_reason_is_named(good):
    known, areas, found = good
    (said,) = problems(known, areas, found[1:])
    assert said.startswith("R001 ")
    assert "neither" in said
    known["R090"] = replace(known["R090"], reason=" ")
    assert len(problems(known, areas, found)) == 1


def test_a_reason_beside_a_test_is_named(good):
    known, areas, found = good
    (said,) = problems(known, areas, [*found, Held("R090", "tests/test_y.py", "test_y")])
    assert "tests/test_y.py" in said


@pytest.mark.parametrize("number", ["R000", "R091", "R1", "r001", ""])
def test_a_marker_of_an_unknown_number_is_named(good, number):
    known, areas, found = good
    (said,) = problems(known, areas, [*found, Held(number, "tests/test_y.py", "test_y")])
    assert "test_y names" in said


def test_a_missing_number_an_empty_title_and_a_foreign_area_are_named(good):
    known, areas, found = good
    del known["R090"]
    known["R089"] = replace(known["R089"], zh="", area="elsewhere")
    assert len(problems(known, areas, found)) == 3


def test_the_page_links_each_test_and_tells_each_reason(good):
    known, areas, found = good
    text = page(known, areas, found)
    assert text.count("](../tests/test_x.py): `test_x`") == 88
    assert text.count("No test: not to be tested") == 2
    for one in known.values():
        assert f"### {one.number} {one.en}" in text
        assert one.zh in text
    assert "88 held by tests · 2 by a reason" in text


def test_markers_are_read_wherever_a_test_may_have_them():
    source = """
import pytest
pytestmark = [pytest.mark.soak, pytest.mark.requirement("R001")]

@pytest.mark.requirement("R002", "R003")
@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.requirement("R004"))])
def test_a(x): ...

@pytest.mark.requirement("R005")
class TestB:
    pytestmark = pytest.mark.requirement("R006")
    @pytest.mark.requirement("R007")
    async def test_c(self): ...

TestD = pytest.mark.requirement("R008")(Machine.TestCase)
"""
    assert {(each.number, each.test) for each in held_in(source, "t.py")} == {
        ("R001", ""),
        ("R002", "test_a"),
        ("R003", "test_a"),
        ("R004", "test_a"),
        ("R005", "TestB"),
        ("R006", "TestB"),
        ("R007", "TestB.test_c"),
        ("R008", "TestD"),
    }


@pytest.mark.parametrize(
    "source",
    [
        '@pytest.mark.requirement("R001")\ndef helper(): ...',
        '@pytest.mark.requirement("R001")\nclass Helper:\n    def test_a(self): ...',
        'class Helper:\n    @pytest.mark.requirement("R001")\n    def test_a(self): ...',
        'def test_a():\n    pytest.mark.requirement("R001")',
        'marks = pytest.mark.requirement("R001")',
        "@pytest.mark.requirement(NUMBER)\ndef test_a(): ...",
        "@pytest.mark.requirement(*NUMBERS)\ndef test_a(): ...",
        '@pytest.mark.requirement("R001", why="so")\ndef test_a(): ...',
        "@pytest.mark.requirement()\ndef test_a(): ...",
    ],
)
def test_a_marker_that_would_be_lost_is_refused_with_its_line(source):
    with pytest.raises(BadMarker, match=r"t\.py:[12]: "):
        held_in(source, "t.py")
