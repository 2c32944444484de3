"""What a server takes of content that an order has taken out, whichever of the two comes first."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from models.inspections.tables import Inspection
from models.registry.tables import Site
from models.store.bodies import redacting_body
from models.store.change import Change, new_id, put
from models.store.database import run
from models.store.entry import Entry, withheld
from models.store.health import problems
from models.store.orders import REDACT, without_content
from sync.server import admin, recovering, redacting
from sync.server.central import Central
from sync.server.tables import Notice, UnitGrant
from sync.wire import offered_line
from tests.postgres import new_database

from .by_hand import HandMade, enrol_by_hand, first_entry, push
from .conftest import OTHER, UNIT, MakeNotebook, Seats, case_of, meet, supervisor
from .test_redact import body_in, holds
from .test_roles_reading import give_role

NAME = "王某某ZQXJKVW"


def begun(central: Central) -> tuple[HandMade, Entry]:
    """A device of which the server has the first entry, and its next one, which it has not sent."""
    device = enrol_by_hand(central)
    assert push(central, device, [first_entry(device)])["acc"] == 1
    return device, device.site(NAME)


def ordered(central: Central, entry: Entry) -> Entry:
    """The server's order on an entry that it does not have, as one of a former life comes back."""
    head = entry.parsed_head
    said = central.write(Change(REDACT, head.t, head.e, UNIT, body=redacting_body(entry) | {"why": "某号"}))
    central.obey(said)
    return said[0]


def test_content_that_comes_after_its_order_is_logged_without_it(central: Central) -> None:
    device, entry = begun(central)
    ordered(central, entry)
    after = device.site("示例企业")
    told = push(central, device, [entry, after])
    assert (told["acc"], told["results"]) == (3, [])
    assert body_in(central, entry) == withheld(entry.body)
    assert holds(central) == []
    with central:
        assert Site.get_by_id(entry.parsed_head.e).name is None
        assert Site.get_by_id(after.parsed_head.e).name == "示例企业"
        assert Notice.select().where(Notice.device == device.signer.device).exists(), "its writer is to hear"
    again = push(central, device, [entry, after])
    assert (again["acc"], again["dup"]) == (3, 2)
    assert central.recheck()


def test_an_entry_without_its_content_is_taken_by_order_only(central: Central) -> None:
    device, entry = begun(central)
    bare = without_content(entry)
    told = push(central, device, [bare])
    assert told["acc"] == 1
    assert told["stopped"]["q"] == 2
    ordered(central, entry)
    told = push(central, device, [bare, device.site("示例企业")])
    assert (told["acc"], told["results"]) == (3, [])
    assert body_in(central, entry) == withheld(entry.body)
    assert central.recheck()


def test_others_give_back_what_is_left_of_it_by_order_only(central: Central) -> None:
    _device, entry = begun(central)
    line = offered_line(entry.prev, without_content(entry).line())[:-1]
    assert recovering.recover(central, [line]).refused == [entry.hash.hex()]
    ordered(central, entry)
    assert recovering.recover(central, [line]).stored == 1
    assert body_in(central, entry) == withheld(entry.body)
    whole = offered_line(entry.prev, entry.line())[:-1]
    assert recovering.recover(central, [whole]).have == 1
    assert body_in(central, entry) == withheld(entry.body)
    assert central.recheck()


def test_a_device_cannot_order_anything(central: Central) -> None:
    device, entry = begun(central)
    head = entry.parsed_head
    forged = device.entry(REDACT, head.t, head.e, redacting_body(entry) | {"why": "假的"})
    told = push(central, device, [entry, forged])
    assert [each["type"] for each in told["results"]] == ["forbidden"]
    assert body_in(central, entry) == entry.body
    with central:
        assert Site.get_by_id(head.e).name == NAME


def test_who_may_not_read_such_records_learns_nothing_by_the_order(
    central: Central, enrolled: MakeNotebook
) -> None:
    officer, expert = enrolled("执法员01"), enrolled("专家01", role="expert")
    visit = new_id()
    officer.write(put("inspection", visit, UNIT, place="东门"))
    (entry,) = officer.write(put("inspection", visit, UNIT, place=NAME))
    meet(officer, expert)
    said = redacting.redact(central, entry.hash.hex(), by=supervisor(central), why="某号")
    meet(officer, expert)
    assert body_in(officer, entry) == withheld(entry.body)
    assert body_in(expert, said) == withheld(said.body), "it names the fields of the entry"
    with expert:
        assert Inspection.select().count() == 0
        assert expert.journal.history(visit) == []
    assert problems(expert) == problems(officer) == []
    give_role(central, expert, "lead")
    meet(expert)
    assert body_in(expert, said) == said.body
    assert body_in(expert, entry) == withheld(entry.body)
    with expert:
        assert Inspection.get_by_id(visit).place is None
    assert problems(expert) == []


def test_who_wrote_it_hears_of_it_whatever_they_may_read_now(
    central: Central, enrolled: MakeNotebook
) -> None:
    author, expert = enrolled("执法员01"), enrolled("执法员02")
    visit = new_id()
    *_, entry = author.write(put("inspection", visit, UNIT, place=NAME))
    meet(author, expert)
    give_role(central, author, "expert")
    with central.writing():
        UnitGrant.delete().where(UnitGrant.officer == author.person).execute()
    redacting.redact(central, entry.hash.hex(), by=supervisor(central), why="某号")
    meet(author, expert)
    assert body_in(author, entry) == body_in(expert, entry) == withheld(entry.body)
    assert holds(author) == holds(expert) == []


def test_a_record_that_moved_takes_the_order_along(seats: Seats) -> None:
    ids = case_of(seats)
    central = seats.central
    with central:
        (title,) = [
            each
            for each in central.journal.entries_of(ids["case"])
            if each.parsed_head.k == "set" and "损害案" in each.body.decode()
        ]
    transfer = new_id()
    seats.first.write(put("case_transfer", transfer, UNIT, case=ids["case"], to_unit=OTHER))
    seats.meet()
    seats.meet()
    assert body_in(seats.second, title) == title.body
    redacting.redact(central, title.hash.hex(), by=supervisor(central), why="某号")
    seats.meet()
    for book in seats.books:
        assert body_in(book, title) == withheld(title.body)
        assert problems(book) == []


def test_the_same_on_postgresql(tmp_path: Path, postgres: Any) -> None:
    database = new_database(postgres)
    admin.init(tmp_path / "grown", organisation="演示局", host="sync.example.cn", database=database)
    with closing(Central.open(tmp_path / "grown")) as central:
        device, entry = begun(central)
        other = device.site("另一家")
        assert push(central, device, [entry, other])["acc"] == 3
        change = "UPDATE entry SET body = ? WHERE hash = ?"
        for body in (b"", withheld(entry.body), withheld(other.body)):
            with pytest.raises(Exception, match="never changed"), central.writing():
                run(change, (body, entry.hash))
        assert holds(central)
        redacting.redact(central, entry.hash.hex(), by=supervisor(central), why="某号")
        assert body_in(central, entry) == withheld(entry.body)
        assert holds(central) == []
        for body, which in ((entry.body, entry), (b"", entry), (withheld(other.body), other)):
            with pytest.raises(Exception, match="never changed"), central.writing():
                run(change, (body, which.hash))
        assert central.recheck()
        assert problems(central) == []
    with closing(Central.open(tmp_path / "grown")) as again:
        assert body_in(again, entry) == withheld(entry.body)
