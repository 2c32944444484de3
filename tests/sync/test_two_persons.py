"""Two persons decide together where server.toml asks for it: entitled, two, each with their own code."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from models.errors import BadInput
from models.store.change import new_id, put
from models.store.clock import now_ms
from models.store.entry import withheld
from models.store.fold import content
from models.store.lookup import by_id
from sync.client import synchronise
from sync.server import admin, doctor, factors, rights, two_persons
from sync.server.central import Central
from sync.server.settings import Settings
from sync.server.tables import Device, WrongCode
from tui.screens.history import past_lines

from .by_hand import enrol_by_hand
from .codes import Phone
from .conftest import QUICK, UNIT, MakeNotebook, meet
from .test_redact import WHY, body_in, written


class People:
    """A head and an administrator with phones, another head without, an officer, and a device to revoke."""

    def __init__(self, central: Central) -> None:
        self.central = central
        central.settings = replace(central.settings, two_persons=True)
        self.phones: dict[str, Phone] = {}
        self.ids: dict[str, str] = {}
        for name, role, phone in (
            ("负责人甲", "lead", True),
            ("管理员乙", "county_admin", True),
            ("负责人丙", "county_head", False),
            ("执法员丁", "officer", True),
        ):
            self.ids[name] = admin.add_officer(central, name, role=role, unit_code=UNIT)
            if phone:
                self.phones[name] = Phone(admin.factor(central, name))
        self.device = enrol_by_hand(central).signer.device
        self.asked: list[str] = []

    def codes(self, **instead: str) -> Callable[[str], str]:
        def code(name: str) -> str:
            self.asked.append(name)
            return instead.get(name) or self.phones[name].code()

        return code

    def revoke(self, by: str, second: str, codes: Callable[[str], str] | None = None) -> None:
        admin.revoke(
            self.central, self.device, by=by, second=second, codes=codes or self.codes(), why="电脑失窃"
        )

    @property
    def revoked(self) -> bool:
        with self.central:
            return by_id(Device, self.device).revoked_at is not None


@pytest.fixture
def people(central: Central) -> People:
    return People(central)


def test_two_persons_revoke_and_both_stand_in_the_log(people: People) -> None:
    people.revoke("负责人甲", "管理员乙")
    central = people.central
    with central:
        said = rights.revocation(central, people.device)
    assert said is not None
    assert said.parsed_head.u == people.ids["负责人甲"]
    assert content(said)["and"] == people.ids["管理员乙"]
    assert content(said)["why"] == "电脑失窃"
    assert people.asked == ["负责人甲", "管理员乙"]
    (told,) = [each for each in admin.devices(central) if each["device"] == people.device]
    assert (told["revoked_by"], told["why"]) == (["负责人甲", "管理员乙"], "电脑失窃")


def test_two_persons_carry_an_order_out_and_the_history_names_both(
    people: People, enrolled: MakeNotebook
) -> None:
    central, book = people.central, enrolled("执法员01")
    record, entry = written(book)
    meet(book)
    digest = entry.hash.hex()
    with pytest.raises(BadInput, match="--and"):
        admin.redact(central, digest, by="负责人甲", why=WHY)
    with pytest.raises(BadInput, match="0" * 64):
        admin.redact(central, "0" * 64, by="负责人甲", second="管理员乙", why=WHY, codes=people.codes())
    assert people.asked == [], "nothing is asked for what cannot be done"
    assert body_in(central, entry) == entry.body
    admin.redact(central, digest, by="负责人甲", second="管理员乙", why=WHY, codes=people.codes())
    assert body_in(central, entry) == withheld(entry.body)
    meet(book)
    assert any("负责人甲、管理员乙" in line and WHY in line for line in past_lines(book, "site", record))


REFUSED: dict[str, tuple[str, str, str]] = {
    "one alone": ("负责人甲", "", "--and"),
    "nobody": ("", "", "--and"),
    "only the second": ("", "管理员乙", "--by"),
    "one twice": ("负责人甲", "负责人甲", "两名"),
    "no right": ("负责人甲", "执法员丁", "执法员丁"),
    "no phone": ("负责人甲", "负责人丙", "qingcha admin factor"),
    "no account": ("负责人甲", "无此人", "无此人"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_who_may_not_decide_is_told_what_to_do_and_asked_for_no_code(people: People, case: str) -> None:
    by, second, word = REFUSED[case]
    with pytest.raises(BadInput) as refused:
        people.revoke(by, second)
    assert word in refused.value.text()
    assert people.asked == []
    assert not people.revoked


def test_two_accounts_of_one_certificate_are_one_person(people: People) -> None:
    central = people.central
    twins = []
    for name in ("甲一", "甲二"):
        record = new_id()
        central.write(put("officer", record, UNIT, name=name, certificate="FJ350602099", role="lead"))
        twins.append(
            admin.add_officer(central, name, role="lead", unit_code=UNIT, units=[UNIT], record=record)
        )
        people.phones[name] = Phone(factors.give(central, record))
    with pytest.raises(BadInput):
        people.revoke(*twins)
    assert not people.revoked


def test_a_wrong_code_decides_nothing_and_spends_no_other(people: People) -> None:
    good = people.phones["负责人甲"].code()
    wrong = people.phones["管理员乙"].wrong()
    with pytest.raises(BadInput, match="管理员乙"):
        people.revoke("负责人甲", "管理员乙", people.codes(负责人甲=good, 管理员乙=wrong))
    assert not people.revoked
    with people.central:
        assert [row.officer for row in WrongCode.select()] == [people.ids["管理员乙"]]
    people.revoke("负责人甲", "管理员乙", people.codes(负责人甲=good))
    assert people.revoked


def test_a_code_is_good_for_one_decision(people: People) -> None:
    both = {name: people.phones[name].code() for name in ("负责人甲", "管理员乙")}
    people.revoke("负责人甲", "管理员乙", people.codes(**both))
    people.device = enrol_by_hand(people.central).signer.device
    with pytest.raises(BadInput, match="负责人甲"):
        people.revoke("负责人甲", "管理员乙", people.codes(**both))
    assert not people.revoked
    swapped = people.codes(
        负责人甲=people.phones["管理员乙"].code(1), 管理员乙=people.phones["负责人甲"].code(1)
    )
    with pytest.raises(BadInput):
        people.revoke("负责人甲", "管理员乙", swapped)
    assert not people.revoked


def test_after_wrong_ones_all_wait_and_the_sentence_says_so(people: People) -> None:
    wrong = people.codes(管理员乙=people.phones["管理员乙"].wrong())
    for _ in range(factors.OF_DEVICE):
        with pytest.raises(BadInput):
            people.revoke("负责人甲", "管理员乙", wrong)
    with pytest.raises(BadInput, match="刻"):
        people.revoke("负责人甲", "管理员乙")


def test_a_device_that_is_not_there_costs_no_code(people: People) -> None:
    people.device = "ab" * 16
    with pytest.raises(BadInput):
        people.revoke("负责人甲", "管理员乙")
    assert people.asked == []


def test_where_it_is_off_one_decides_and_two_who_are_named_show_their_codes(people: People) -> None:
    central = people.central
    central.settings = replace(central.settings, two_persons=False)
    with pytest.raises(BadInput):
        people.revoke("负责人甲", "管理员乙", people.codes(管理员乙=people.phones["管理员乙"].wrong()))
    admin.revoke(central, people.device)
    assert people.revoked
    people.device = enrol_by_hand(central).signer.device
    people.revoke("负责人甲", "")
    with central:
        said = rights.revocation(central, people.device)
    assert said is not None
    assert "and" not in content(said), "as an entry of before"


def test_notebooks_take_the_entries_in(people: People, enrolled: MakeNotebook) -> None:
    book = enrolled("市局01", role="city", units=("350600", UNIT))
    meet(book)
    people.revoke("负责人甲", "管理员乙")
    meet(book)
    with book:
        (said,) = [each for each in book.journal.entries_of(people.device) if each.parsed_head.k == "revoke"]
        notes = book.journal.entries_of(f"account:{people.ids['负责人甲']}")
    assert content(said)["and"] == people.ids["管理员乙"]
    assert [content(each)["factor"] for each in notes if each.parsed_head.k == "note"] == ["given"]
    assert synchronise(book, pace=QUICK).ok


@pytest.fixture
def people_check(central: Central) -> Callable[[], Any]:
    def check() -> Any:
        (found,) = [each for each in doctor.examine(central.folder) if each.name == "people"]
        return found

    return check


def test_doctor_tells_whether_it_is_on_and_whether_two_could_decide(
    central: Central, people_check: Callable[[], Any]
) -> None:
    assert any("two_persons" in note for note in people_check().notes)
    replace(Settings.read(central.folder), two_persons=True).write(central.folder)
    (problem,) = people_check().problems
    assert "qingcha admin factor" in problem
    for name in ("负责人甲", "负责人乙"):
        admin.add_officer(central, name, role="lead", unit_code=UNIT)
        assert name in people_check().problems[0]
        admin.factor(central, name)
    found = people_check()
    assert found.problems == ()
    assert not any("two_persons" in note for note in found.notes)


def test_opening_may_take_longer_than_a_code_is_good_for(
    central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So the codes are asked for once the server is open."""
    replace(Settings.read(central.folder), two_persons=True).write(central.folder)
    people = People(central)
    opened: list[int] = []
    real = Central.recheck
    monkeypatch.setattr(Central, "recheck", lambda self: (real(self), opened.append(now_ms()))[0])
    asked: list[int] = []

    def code(name: str) -> str:
        asked.append(now_ms())
        return people.phones[name].code()

    with contextlib.suppress(KeyError):
        admin.revoke(central.folder, people.device, by="负责人甲", second="管理员乙", codes=code)
    assert people.revoked
    assert opened[0] <= asked[0]


def test_what_a_later_command_calls_is_one_function(people: People) -> None:
    who = two_persons.agreed(people.central, "负责人甲", "管理员乙", people.codes())
    assert (who.by, who.second) == (people.ids["负责人甲"], people.ids["管理员乙"])
    people.central.settings = replace(people.central.settings, two_persons=False)
    assert two_persons.agreed(people.central, "", "", two_persons.no_codes).by == ""
    one = two_persons.agreed(people.central, "负责人甲", "", two_persons.no_codes)
    assert (one.by, one.second) == (people.ids["负责人甲"], "")
