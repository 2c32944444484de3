"""Who must be invited, who is missing, and what the sheet shows of it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.cases.collaboration import queries, rules, verbs
from models.cases.damage.stages import STAGES
from models.errors import RuleBroken
from models.store.change import new_id, put
from models.store.notebook import Notebook
from tests.models.cases.collaboration.conftest import STEPS, Case, a_case


def refused(field: str) -> pytest.RaisesExc[RuleBroken]:
    """That a rule names the field."""
    return pytest.raises(RuleBroken, check=lambda error: error.field == field)


def missing(case: Case, stage: str | None = None) -> set[str]:
    """What is missing, by key."""
    found = queries.missing_invitations(case.book, case.id, stage)
    assert not any(each.blocking for each in found)
    return {each.key for each in found}


@pytest.mark.requirement("R040")
def test_natural_resources_and_the_town_are_invited_at_three_stages():
    asked = {(each.stage, body) for each in rules.invitations() for body in each.bodies}

    assert asked == {
        (stage, body)
        for stage in ("assessment", "consultation", "performance")
        for body in ("natural_resources", "town")
    }
    assert tuple(each.stage for each in rules.invitations()) == rules.DELIBERATED


@pytest.mark.requirement("R041")
def test_every_stage_and_authority_has_its_words():
    assert tuple(key for key, _words in rules.STAGE_WORDS) == STAGES
    assert {each.authority for each in rules.oversight()} == dict(rules.AUTHORITIES).keys()


@pytest.mark.requirement("R040", "R041")
def test_a_case_misses_more_the_further_it_goes(case: Case):
    authorities = {"supervise:court", "supervise:procuratorate"}
    assert missing(case) == set()
    found = {}
    for step, on in STEPS:
        case.step(step, on)
        found[step] = missing(case)

    assert found["start"] == found["investigation"] == authorities
    assert found["assessment"] == authorities | {
        "invite:assessment:natural_resources",
        "invite:assessment:town",
    }
    assert (
        found["agreement"]
        == found["consultation"]
        == found["assessment"]
        | {
            "invite:consultation:natural_resources",
            "invite:consultation:town",
        }
    )
    assert found["performance"] == found["agreement"] | {
        "invite:performance:natural_resources",
        "invite:performance:town",
    }


@pytest.mark.requirement("R040")
def test_an_invitation_is_enough_even_if_they_did_not_come(case: Case):
    case.reach("assessment")
    case.deliberate(came=None)

    assert not {key for key in missing(case) if key.startswith("invite:")}


@pytest.mark.requirement("R040")
def test_one_body_alone_leaves_the_other_missing_and_stages_do_not_stand_for_each_other(case: Case):
    case.reach("consultation")
    case.deliberate(invited="town,forestry", came="forestry")

    found = {key for key in missing(case) if key.startswith("invite:")}

    assert found == {
        "invite:assessment:natural_resources",
        "invite:consultation:natural_resources",
        "invite:consultation:town",
    }
    assert {key for key in missing(case, "assessment") if key.startswith("invite:")} == {
        "invite:assessment:natural_resources"
    }
    assert not {key for key in missing(case, "investigation") if key.startswith("invite:")}


@pytest.mark.requirement("R041", "R045")
def test_one_record_of_each_authority_is_enough_until_the_performance(case: Case):
    case.reach("assessment")
    case.supervise("court")
    assert "supervise:court" not in missing(case)
    assert "supervise:procuratorate" in missing(case)
    case.supervise("procuratorate")
    assert not {key for key in missing(case) if key.startswith("supervise:")}

    for step, on in STEPS[3:]:
        case.step(step, on)

    assert {key for key in missing(case) if key.startswith("supervise:")} == {
        "supervise:performance:court",
        "supervise:performance:procuratorate",
    }
    case.supervise("court", "performance", way="on_site", on="2021-06-10")
    case.supervise("procuratorate", "performance", way="on_site", on="2021-06-10")
    assert not {key for key in missing(case) if key.startswith("supervise:")}


@pytest.mark.requirement("R040", "R041")
@pytest.mark.parametrize(
    ("day", "there"), [("2021-04-14", False), ("2021-04-15", True), ("2021-04-16", True)]
)
def test_the_list_of_what_is_missing_is_as_of_a_day(case: Case, day: str, there: bool):
    case.reach("assessment")
    case.deliberate()
    case.supervise("court")
    case.supervise("procuratorate")

    found = queries.missing_by_case(case.book, date.fromisoformat(day))

    assert (case.id not in found) == there
    assert queries.missing_by_case(case.book, date(2021, 3, 9)) == {}


@pytest.mark.requirement("R041")
def test_withdrawn_records_invite_nobody(case: Case):
    case.reach("assessment")
    held, letter = case.deliberate(), case.supervise("court")
    before = missing(case)
    verbs.withdraw_deliberation(case.book, held, why="录入有误")
    verbs.withdraw_supervision(case.book, letter, why="录入有误")

    assert missing(case) - before == {
        "invite:assessment:natural_resources",
        "invite:assessment:town",
        "supervise:court",
    }


@pytest.mark.requirement("R040", "R041")
def test_the_matrix_shows_three_stages_of_bodies_and_eight_of_authorities(case: Case):
    case.reach("performance")
    case.deliberate(came="town", opinion_town="应先清淤", invited="natural_resources,town,fisheries")
    case.deliberate("performance", held_on="2021-06-05", invited="other", came="other", opinion_others="同意")
    case.supervise("procuratorate", "evaluation", way="written", on="2021-09-01", opinion="符合要求")

    parts = {(each.stage, each.body): each for each in queries.matrix(case.book, case.id)}

    assert len(parts) == 3 * 2 + 1 + 1 + 8 * 2
    town = parts["assessment", "town"]
    assert (town.invited_on, town.came_on, town.opinion, town.needed) == (
        "2021-04-15",
        "2021-04-15",
        "应先清淤",
        True,
    )
    assert parts["assessment", "natural_resources"].came_on == ""
    assert parts["assessment", "fisheries"].needed is False
    assert parts["performance", "other"].opinion == "同意"
    assert parts["consultation", "town"].invited_on == ""
    assert parts["evaluation", "procuratorate"].opinion == "符合要求"
    assert parts["performance", "court"].needed
    assert not parts["start", "court"].needed


@given(
    st.sets(st.sampled_from([key for key, _words in rules.BODIES]), min_size=1),
    st.sets(st.sampled_from([key for key, _words in rules.BODIES])),
)
def test_who_came_was_invited(invited: set[str], came: set[str]):
    values = {"invited": ",".join(sorted(invited)), "came": ",".join(sorted(came))}
    if came <= invited:
        rules.refuse_deliberation(values)
    else:
        with refused("came"):
            rules.refuse_deliberation(values)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"stage": "agreement"}, "stage"),
        ({"held_on": "2021-03-09"}, "held_on"),
        ({"held_on": "2999-01-01"}, "held_on"),
        ({"held_on": "昨天"}, "held_on"),
        ({"invited": ""}, "invited"),
        ({"invited": "neighbours", "came": ""}, "invited"),
        ({"invited": "town"}, "came"),
        ({"invited": "town", "came": "", "opinion_natural_resources": "同意"}, "opinion_natural_resources"),
        ({"came": "", "signed": True}, "signed"),
    ],
)
def test_a_deliberation_that_does_not_add_up_is_refused(case: Case, fields: dict[str, object], field: str):
    case.reach("assessment")
    with refused(field):
        case.deliberate(**fields)
    assert queries.deliberations_of(case.book, case.id) == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"authority": "police"}, "authority"),
        ({"stage": "clue"}, "stage"),
        ({"way": "telepathy"}, "way"),
        ({"on": "2021-03-09"}, "on"),
        ({"on": "2999-01-01"}, "on"),
        ({"way": "written"}, "opinion"),
        ({"way": "suggestion", "opinion": " "}, "opinion"),
        ({"way": "on_site", "came": False}, "came"),
    ],
)
def test_a_supervision_that_does_not_add_up_is_refused(case: Case, fields: dict[str, object], field: str):
    case.reach("assessment")
    with refused(field):
        case.supervise(**fields)
    assert queries.supervisions_of(case.book, case.id) == []


def test_the_day_of_the_start_is_in_time_and_presence_follows_from_the_way(case: Case):
    case.reach("start")
    visit = queries.supervision(case.book, case.supervise(way="on_site", on="2021-03-10"))
    letter = queries.supervision(case.book, case.supervise(on="2021-03-10"))

    assert visit is not None
    assert letter is not None
    assert (visit.came, letter.came) == (True, None)


def test_a_case_without_its_start_takes_nothing(case: Case):
    with refused("case"):
        case.deliberate()
    with refused("case"):
        case.supervise()
    with refused("damage_case"):
        verbs.supervise(
            case.book, new_id(), authority="court", stage="start", way="invitation", on="2021-04-01"
        )


@pytest.mark.requirement("R040")
def test_who_came_is_added_later_and_wrong_corrections_are_refused(case: Case):
    case.reach("assessment")
    held = case.deliberate(came=None)
    verbs.edit_deliberation(case.book, held, came="town", opinion_town="同意", signed=True)
    with refused("came"):
        verbs.edit_deliberation(case.book, held, invited="natural_resources")
    letter = case.supervise()
    verbs.edit_supervision(case.book, letter, came=True, people="示例检察官", opinion="程序合法")
    with refused("on"):
        verbs.edit_supervision(case.book, letter, on="2021-03-09")

    row, act = queries.deliberation(case.book, held), queries.supervision(case.book, letter)
    assert row is not None
    assert act is not None
    assert (row.invited, row.came, row.signed) == ("natural_resources,town", "town", True)
    assert (act.came, act.opinion, act.on) == (True, "程序合法", "2021-04-15")


def test_records_belong_to_the_unit_of_their_case(notebook: Notebook):
    elsewhere = Case(notebook, new_id(), unit="350624")
    elsewhere.set(title="诏安案")
    elsewhere.reach("assessment")

    row = queries.deliberation(notebook, elsewhere.deliberate())

    assert row is not None
    assert row.unit == "350624"


def test_who_only_reads_writes_nothing(case: Case):
    case.reach("assessment")
    case.book.write(put("officer", case.book.person, case.book.unit, role="procuratorate"))

    with refused("role"):
        case.supervise("procuratorate")


def test_cases_do_not_mix(notebook: Notebook, case: Case):
    case.reach("assessment")
    other = a_case(notebook, number="PC-2")
    other.reach("assessment")
    case.deliberate()
    case.supervise("court")

    assert {"invite:assessment:town", "supervise:court"} <= missing(other)
    assert set(queries.missing_by_case(notebook, date(2021, 12, 31))) == {case.id, other.id}
