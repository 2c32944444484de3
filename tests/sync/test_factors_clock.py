"""The second factor and the server's clock: wrong for a while, it locks nobody out; no code counts twice."""

from __future__ import annotations

from sync.server import factors
from sync.server.central import Central
from sync.server.tables import Factor

from .codes import Phone
from .conftest import MakeNotebook
from .test_factors import STEP_MS, Moment, given, moment  # noqa: F401 -- fixtures


def test_a_clock_that_ran_ahead_uses_up_no_code_but_those_that_were_taken(
    central: Central,
    given: factors.Given,  # noqa: F811
    moment: Moment,  # noqa: F811
) -> None:
    phone, right = Phone(given), moment.now

    def tried(later: int = 0) -> str:
        code = phone.code(later, at_ms=moment.now)
        return factors.take(central, {given.officer: code}, "d")[given.officer]

    ahead = right + 3 * 24 * 3_600_000
    moment.now = ahead
    assert [tried(later) for later in (0, 1)] == ["taken", "taken"]
    moment.now = right
    assert [tried(), tried()] == ["taken", "used"], "put right: the codes of now are taken, each once"
    moment.now = ahead
    assert [tried(later) for later in (-1, 0, 1)] == ["used"] * 3, "seen then, and right again only now"
    moment.now = ahead + 2 * STEP_MS
    assert tried() == "taken"
    moment.now = right
    assert [tried(later) for later in (-1, 0, 1)] == ["used", "used", "taken"], "wrong again, and put right"


def test_what_a_server_of_before_noted_as_taken_is_not_taken_again(
    central: Central,
    given: factors.Given,  # noqa: F811
    moment: Moment,  # noqa: F811
) -> None:
    with central.writing():
        Factor.update(last_step=moment.now // STEP_MS).execute()
    phone = Phone(given)
    codes = [phone.code(later, at_ms=moment.now) for later in (-1, 0, 1)]
    said = [factors.take(central, {given.officer: code}, "d") for code in codes]
    assert [each[given.officer] for each in said] == ["used", "used", "taken"]


def test_whom_a_server_of_before_had_locked_out_is_let_in(
    central: Central,
    given: factors.Given,  # noqa: F811
    moment: Moment,  # noqa: F811
) -> None:
    """Its clock had run ahead when it noted the last code."""
    right = moment.now
    ahead = right + 3 * 24 * 3_600_000
    with central.writing():
        Factor.update(last_step=ahead // STEP_MS).execute()
    phone = Phone(given)

    def tried() -> str:
        return factors.take(central, {given.officer: phone.code(at_ms=moment.now)}, "d")[given.officer]

    assert tried() == "taken"
    moment.now = ahead
    assert tried() == "used", "that one was taken then"


def test_a_wait_is_no_longer_for_a_clock_that_was_put_back(
    central: Central,
    given: factors.Given,  # noqa: F811
    moment: Moment,  # noqa: F811
) -> None:
    phone, right = Phone(given), moment.now

    def tried(device: str, code: str) -> str:
        return factors.take(central, {given.officer: code}, device)[given.officer]

    moment.now = right + 30 * 24 * 3_600_000
    for number in range(factors.OF_PERSON):
        assert tried(str(number // factors.OF_DEVICE), phone.wrong(moment.now)) == "wrong"
    moment.now = right
    assert tried("0", phone.code(at_ms=moment.now)) == "wait", "nobody tries more often for it"
    moment.now = right + factors.DEVICE_MS
    assert tried("0", phone.code(at_ms=moment.now)) == "wait"
    moment.now = right + factors.PERSON_MS
    assert tried("0", phone.code(at_ms=moment.now)) == "taken"
    moment.now = right + 30 * 24 * 3_600_000
    assert tried("0", phone.code(at_ms=moment.now)) == "taken", "nor once more, when that time comes"


def test_a_code_that_is_taken_while_one_holds_is_used(
    enrolled: MakeNotebook,
    central: Central,
    moment: Moment,  # noqa: F811
) -> None:
    book = enrolled("执法员01")
    phone = Phone(factors.give(central, book.person))
    device = book.device
    assert factors.show(central, book.person, device, phone.code(at_ms=moment.now)).standing == "shown"
    moment.now += 6 * 3_600_000
    again = factors.show(central, book.person, device, phone.code(at_ms=moment.now))
    assert (again.standing, again.code) == ("shown", "taken")
    moment.now += 8 * 3_600_000
    assert not factors.is_due(central, book.person, device), "it holds from the later one on"
