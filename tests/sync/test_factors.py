"""The second factor: each code once, wrong ones counted, by every process; the laptop hands in without it."""

from __future__ import annotations

import base64
import contextlib
import logging
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from models.errors import BadInput, StoreRefused
from models.store.change import attach, new_id, put
from models.store.database import run
from sync import second_factor
from sync.address import ServerAddress
from sync.carrying import export, take_answers
from sync.client import synchronise
from sync.embedded import Running, embedded
from sync.engine import Call
from sync.outcome import Exit
from sync.second_factor import code_in
from sync.server import admin, doctor, factors
from sync.server.backup import back_up, restore
from sync.server.carried import take_in
from sync.server.central import Central
from sync.server.growing import grow
from sync.server.settings import Settings
from sync.server.tables import CodeShown, CodeTaken, Factor, WrongCode
from sync.transport import HttpTransport, NoAnswer
from tests.postgres import new_database

from .callers import World
from .callers import person as new_person
from .codes import Phone
from .conftest import QUICK, UNIT, MakeNotebook, add_sites, courier, whole

STEP_MS = 30_000
OF_A_SECRET = (CodeShown, CodeTaken, WrongCode)


class Moment:
    """The server's clock, which a test sets."""

    def __init__(self, central: Central, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = central.clock.wall_ms() // STEP_MS * STEP_MS + 15_000  # in the middle of a step
        monkeypatch.setattr(central.clock, "wall_ms", lambda: self.now)


@pytest.fixture
def moment(central: Central, monkeypatch: pytest.MonkeyPatch) -> Moment:
    return Moment(central, monkeypatch)


@pytest.fixture
def given(central: Central) -> factors.Given:
    admin.add_officer(central, "执法员01", unit_code=UNIT)
    return admin.factor(central, "执法员01")


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    """RFC 6238 appendix B, SHA-1, by their last six digits."""
    assert factors._step_of(b"12345678901234567890", code, seconds * 1000) == seconds // 30


def test_a_code_is_taken_once_and_one_step_off_each_way(
    central: Central, given: factors.Given, moment: Moment
) -> None:
    phone = Phone(given)

    def tried(later: int) -> str:
        code = phone.code(later, at_ms=moment.now)
        return factors.take(central, {given.officer: code}, "d")[given.officer]

    assert [tried(later) for later in (-2, 2)] == ["wrong", "wrong"]
    assert [tried(later) for later in (-1, -1, 0, -1, 0)] == ["taken", "used", "taken", "used", "used"]
    assert tried(1) == "taken"
    assert tried(0) == "used", "nor one of before"
    moment.now += 2 * STEP_MS
    assert tried(0) == "taken"


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345", "\ud800"])
def test_what_is_no_code_is_a_wrong_one(central: Central, given: factors.Given, code: str) -> None:
    assert factors.take(central, {given.officer: code}, "d") == {given.officer: "wrong"}


def test_wrong_codes_are_counted_by_device_and_by_person(
    central: Central, given: factors.Given, moment: Moment
) -> None:
    phone = Phone(given)

    def tried(device: str, code: str) -> str:
        return factors.take(central, {given.officer: code}, device)[given.officer]

    wrong = phone.wrong(moment.now)
    assert [tried("a", wrong) for _ in range(6)] == [*["wrong"] * 5, "wait"]
    assert tried("a", phone.code(at_ms=moment.now)) == "wait", "nor may the right one be found so"
    assert tried("b", phone.code(at_ms=moment.now)) == "taken", "another laptop of theirs is not held up"
    moment.now += factors.DEVICE_MS
    assert tried("a", phone.code(at_ms=moment.now)) == "taken"
    wrong = phone.wrong(moment.now)
    assert [tried(str(number), wrong) for number in range(15)] == ["wrong"] * 15
    assert tried("c", phone.code(1, at_ms=moment.now)) == "wait", "twenty a day from all of them"
    moment.now += factors.PERSON_MS
    assert tried("c", phone.code(at_ms=moment.now)) == "taken"
    assert tried("c", phone.wrong(moment.now)) == "wrong"
    with central:
        assert WrongCode.select().count() == 1, "none is kept longer than it counts"


def test_a_new_secret_ends_the_old_one_and_the_waiting(central: Central, given: factors.Given) -> None:
    old = Phone(given)
    for _ in range(5):
        factors.take(central, {given.officer: old.wrong()}, "d")
    again = admin.factor(central, "执法员01")
    assert factors.take(central, {given.officer: old.code()}, "d") == {given.officer: "wrong"}
    assert factors.take(central, {given.officer: Phone(again).code()}, "d") == {given.officer: "taken"}
    assert factors.show(central, given.officer, "d", Phone(again).code(1)).standing == "shown"
    assert admin.no_factor(central, "执法员01")
    assert not admin.no_factor(central, "执法员01")
    with central:
        assert [table.select().count() for table in (Factor, *OF_A_SECRET)] == [0, 0, 0, 0]
    with pytest.raises(BadInput):
        admin.factor(central, "无此人")


def test_the_log_says_that_it_was_given_and_never_what(central: Central, given: factors.Given) -> None:
    admin.factor(central, "执法员01")
    admin.no_factor(central, "执法员01")
    with central:
        said = central.journal.entries_of(f"account:{given.officer}")
        bodies = [each.parsed_body for each in said if each.parsed_head.k == "note"]
        everything = run("SELECT head, body FROM entry").fetchall()
    assert [each["factor"] for each in bodies] == ["given", "renewed", "taken"]
    assert all(given.secret.encode() not in bytes(part) for row in everything for part in row)


def test_the_database_shows_no_secret(central: Central, given: factors.Given) -> None:
    with central:
        (row,) = Factor.select()
    assert base64.b32decode(given.secret) not in bytes(row.secret)


def test_many_processes_take_a_code_once(central: Central, given: factors.Given) -> None:
    code = Phone(given).code()
    others = [Central.open(central.folder) for _ in range(3)]
    try:
        with ThreadPoolExecutor(12) as pool:
            found = list(
                pool.map(
                    lambda number: factors.take(others[number % 3], {given.officer: code}, str(number)),
                    range(12),
                )
            )
    finally:
        for each in others:
            each.close()
    assert sorted(each[given.officer] for each in found) == ["taken", *["used"] * 11]


# --- a session and what it opens ------------------------------------------------------------------


@pytest.fixture
def world(central: Central, server: Running) -> World:
    return World(central, server, {})


def test_a_session_says_where_the_person_stands(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    who = new_person(world, "officer")
    assert msgspec.json.decode(who.session().data)["factor"] == "none"
    phone = Phone(factors.give(world.central, who.officer))
    good = phone.code()
    told = [msgspec.json.decode(who.session(code).data)["factor"] for code in ("", phone.wrong(), good, good)]
    assert told == ["due", "wrong", "shown", "shown"], "again, as its answer may be lost"
    other = new_person(world, "officer", who.officer)
    assert msgspec.json.decode(other.session(good).data)["factor"] == "used"
    assert msgspec.json.decode(other.session("").data)["factor"] == "due", "it holds on one device"
    assert who.post("/v1/session", {"code": 5}).status in (400, 401)


def test_a_code_holds_for_a_working_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    who = new_person(world, "officer")
    central, phone = world.central, Phone(factors.give(world.central, who.officer))
    moment = Moment(central, monkeypatch)
    device = who.device.signer.device
    assert factors.show(central, who.officer, device, phone.code(at_ms=moment.now)).standing == "shown"
    for hours, due in ((0, False), (11.99, False), (12, True), (-1, True)):
        began = moment.now
        moment.now += int(hours * 3_600_000)
        assert factors.is_due(central, who.officer, device) is due, hours
        moment.now = began
    central.settings = replace(central.settings, code_hours=24)
    moment.now += 20 * 3_600_000
    assert not factors.is_due(central, who.officer, device)


def test_no_code_and_no_secret_stands_in_what_the_server_logs(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    who = new_person(world, "officer")
    given = factors.give(world.central, who.officer)
    code = Phone(given).code()
    with caplog.at_level(logging.DEBUG):
        who.session(Phone(given).wrong())
        answer = who.session(code)
    assert given.secret not in answer.data.decode()
    assert caplog.records
    for record in caplog.records:
        assert code not in str(record.__dict__)
        assert given.secret not in str(record.__dict__)


# --- the notebook ---------------------------------------------------------------------------------


def test_a_notebook_hands_in_without_a_code_and_receives_with_one(
    enrolled: MakeNotebook, central: Central
) -> None:
    book, colleague = enrolled("执法员01"), enrolled("执法员02")
    add_sites(colleague, 3)
    whole(synchronise(colleague, pace=QUICK))
    with book:
        person = book.person
    given = factors.give(central, person)
    add_sites(book, 2)
    kept = book.vault.put_bytes(b"a photo that nobody has yet")
    photo = new_id()
    book.write(
        put("evidence", photo, UNIT, title="照片"),
        attach("evidence", photo, UNIT, {"sha256": kept.sha256, "size": kept.size, "name": "a.jpg"}),
    )
    outcome = synchronise(book, pace=QUICK)
    assert (outcome.exit_code, outcome.code_due, outcome.factor) == (Exit.CODE_DUE, True, "due")
    assert len(outcome.problems) == 1
    assert (outcome.unsent_entries, outcome.unsent_files, outcome.entries_received) == (0, 0, 0)
    assert outcome.files_sent == 1
    phone = Phone(given)
    assert synchronise(book, pace=QUICK, code=phone.wrong()).factor == "wrong"
    with pytest.raises(BadInput):
        synchronise(book, pace=QUICK, code="12 34")
    code = phone.code()
    outcome = whole(synchronise(book, pace=QUICK, code=f"{code[:3]} {code[3:]}"))
    assert outcome.factor == "shown"
    assert outcome.entries_received >= 3
    add_sites(colleague, 1)
    whole(synchronise(colleague, pace=QUICK))
    assert whole(synchronise(book, pace=QUICK)).entries_received >= 1, "for the rest of the day without"


def test_the_reasons_are_told_apart(enrolled: MakeNotebook, central: Central) -> None:
    book = enrolled("执法员01")
    phone = Phone(factors.give(central, book.person))
    factors.take(central, {book.person: phone.code()}, "another")
    said = [synchronise(book, pace=QUICK, code=phone.code())]
    said += [synchronise(book, pace=QUICK, code=phone.wrong()) for _ in range(6)]
    assert [each.factor for each in said] == ["used", *["wrong"] * 5, "wait"]
    assert len({each.problems[0].msgid for each in said}) == 3
    assert {each.exit_code for each in said} == {Exit.CODE_DUE}


def test_a_code_that_was_not_used_is_said_in_a_line(enrolled: MakeNotebook, central: Central) -> None:
    book = enrolled("执法员01")
    whole(synchronise(book, pace=QUICK))

    def said(code: str) -> list[str]:
        outcome = whole(synchronise(book, pace=QUICK, code=code))
        assert all("\n" not in each.text() for each in outcome.warnings)
        return [each.msgid for each in outcome.warnings]

    assert said("123456") == [second_factor.NOT_ASKED]
    assert said("") == []
    phone = Phone(factors.give(central, book.person))
    good = phone.code()
    assert said(good) == []
    assert said("") == []
    assert said(good) == [second_factor.STILL_HOLDS]
    assert [said(phone.wrong()) for _ in range(6)] == [[second_factor.STILL_HOLDS]] * 6, "nor the sixth"


def test_a_session_whose_answer_was_lost_is_opened_by_the_same_code(
    enrolled: MakeNotebook, central: Central, address: Any
) -> None:
    book = enrolled("执法员01")
    phone = Phone(factors.give(central, book.person))
    cut: list[str] = []

    class Lossy(HttpTransport):
        def send(self, method: str, target: str, *args: Any, **more: Any) -> Any:
            reply = super().send(method, target, *args, **more)
            if target == "/v1/session" and not cut:
                cut.append(target)
                raise NoAnswer("cut")
            return reply

    outcome = whole(synchronise(book, transport=Lossy(address), pace=QUICK, code=phone.code()))
    assert cut
    assert outcome.factor == "shown"
    assert outcome.warnings == [], "it was used, by the first of the two calls"


def test_a_session_that_runs_out_is_opened_again_without_the_code(
    enrolled: MakeNotebook, central: Central, address: ServerAddress
) -> None:
    """A wrong one would be counted twice."""
    book = enrolled("执法员01")
    phone = Phone(factors.give(central, book.person))
    calls = courier(book, address)
    calls.code = phone.wrong()
    for _ in range(2):
        calls.token = ""
        calls.ask(Call("GET", "/v1/log/consistency?from=1&to=1"))
    with central:
        assert WrongCode.select().count() == 1


def test_a_stick_asks_for_no_code(enrolled: MakeNotebook, central: Central, tmp_path: Path) -> None:
    book, colleague = enrolled("执法员01"), enrolled("执法员02")
    whole(synchronise(book, pace=QUICK))
    add_sites(colleague, 2)
    whole(synchronise(colleague, pace=QUICK))
    factors.give(central, book.person)
    add_sites(book, 1)
    exported = export(book, tmp_path)
    (taken,) = take_in(central.folder, exported.paths)
    assert taken.problem == ""
    assert taken.answer is not None
    outcome = whole(take_answers(book, taken.answer))
    assert (outcome.unsent_entries, outcome.entries_received >= 2) == (0, True)


@pytest.mark.parametrize("text", ["123456", " 123 456 ", "１２３４５６"])
def test_a_code_may_be_typed_with_spaces_or_full_width(text: str) -> None:
    assert code_in(text) == "123456"


@pytest.mark.parametrize("text", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦"])
def test_what_is_no_code_is_refused_before_anything_is_sent(text: str) -> None:
    with pytest.raises(BadInput):
        code_in(text)


# --- kept by whatever keeps a server --------------------------------------------------------------


def still_takes(folder: Path, given: factors.Given) -> bool:
    with contextlib.closing(Central.open(folder)) as central:
        code = Phone(given).code()
        found, again = (factors.take(central, {given.officer: code}, "d") for _ in range(2))
        return (found, again) == ({given.officer: "taken"}, {given.officer: "used"})


def test_a_backup_and_a_restore_keep_secrets_and_settings(
    central: Central, given: factors.Given, tmp_path: Path
) -> None:
    asked = replace(Settings.read(central.folder), code_hours=8, two_persons=True)
    asked.write(central.folder)
    back_up(central.folder, tmp_path / "stick")
    restore(tmp_path / "stick", tmp_path / "again")
    assert still_takes(tmp_path / "again", given)
    told = Settings.read(tmp_path / "again")
    assert (told.code_hours, told.two_persons) == (8, True)


@pytest.mark.in_folder
def test_a_server_that_grows_carries_them(
    central: Central, given: factors.Given, postgres: Any, tmp_path: Path
) -> None:
    phone = Phone(given)
    code = phone.code()
    assert factors.take(central, {given.officer: code}, "d") == {given.officer: "taken"}
    factors.take(central, {given.officer: phone.wrong()}, "d")
    replace(Settings.read(central.folder), two_persons=True).write(central.folder)
    central.close()
    shutil.copytree(central.folder, tmp_path / "grown")
    grow(tmp_path / "grown", database=new_database(postgres))
    with contextlib.closing(Central.open(tmp_path / "grown")) as grown:
        assert grown.settings.two_persons
        assert factors.take(grown, {given.officer: code}, "d") == {given.officer: "used"}
        with grown:
            assert WrongCode.select().count() == 1
        assert factors.take(grown, {given.officer: phone.wrong()}, "d") == {given.officer: "wrong"}
        assert factors.take(grown, {given.officer: phone.code(1)}, "d") == {given.officer: "taken"}


@pytest.fixture
def of_before(central: Central) -> Path:
    """A server's folder as a version left it that knew of no second factor."""
    with central.writing():
        for table in (Factor, *OF_A_SECRET):
            run(f'DROP TABLE "{table._meta.table_name}"')
        run("PRAGMA user_version = 1")
    central.close()
    return central.folder


@pytest.mark.in_folder
def test_a_server_of_before_gets_the_tables(of_before: Path) -> None:
    with contextlib.closing(Central.open(of_before)) as central:
        admin.add_officer(central, "执法员01", unit_code=UNIT)
        assert factors.holders(central) == set()
        given = admin.factor(central, "执法员01")
        assert factors.holders(central) == {given.officer}


def test_doctor_counts_who_is_asked_for_no_code(central: Central, given: factors.Given) -> None:
    admin.add_officer(central, "执法员02", unit_code=UNIT)
    admin.add_officer(central, "执法员03", unit_code=UNIT)
    (check,) = [each for each in doctor.examine(central.folder) if each.name == "people"]
    assert check.problems == ()
    assert any("2" in note and "3" in note for note in check.notes)


def test_what_a_restore_undid_is_named_until_it_is_given_anew(
    enrolled: MakeNotebook, central: Central, backup: Callable[[], None], restored: Callable[[], Central]
) -> None:
    book = enrolled("执法员01")
    whole(synchronise(book, pace=QUICK))
    backup()
    phone = Phone(factors.give(central, book.person))
    whole(synchronise(book, pace=QUICK, code=phone.code()))
    old = restored()

    def said() -> list[str]:
        return [
            each for check in doctor.examine(old.folder) if check.name == "people" for each in check.problems
        ]

    with embedded(old) as running:
        assert said() == []
        outcome = synchronise(book, ServerAddress.parse(running.url), pace=QUICK)
        assert outcome.ok, "the secret of after the backup is gone"
        (problem,) = said()
        assert "执法员01" in problem
        again = Phone(factors.give(old, book.person))
        assert said() == []
        due = synchronise(book, ServerAddress.parse(running.url), pace=QUICK)
        assert due.exit_code == Exit.CODE_DUE
        whole(synchronise(book, ServerAddress.parse(running.url), pace=QUICK, code=again.code()))


def test_settings_that_cannot_be_are_refused_in_a_sentence(tmp_path: Path) -> None:
    hours = ('"12"', "0", "745", "true")
    for text in (*(f"code_hours = {each}" for each in hours), "two_persons = 1", 'tsa = "ftp://x"'):
        (tmp_path / "server.toml").write_text(text + "\n", encoding="utf-8")
        with pytest.raises(StoreRefused) as refused:
            Settings.read(tmp_path)
        assert text.partition(" ")[0] in refused.value.text() or "http" in refused.value.text()
    Settings(code_hours=9, two_persons=True).write(tmp_path)
    assert Settings.read(tmp_path) == Settings(code_hours=9, two_persons=True)
    Settings().write(tmp_path)
    assert b"two_persons" not in (tmp_path / "server.toml").read_bytes(), "older servers refuse it"
