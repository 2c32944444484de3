"""An order reaches whoever was ever given what it takes out, whatever they may read by then."""

from __future__ import annotations

import msgspec
import pytest

from models.inspections.tables import Inspection
from models.registry.tables import Site
from models.store.change import attach, new_id, put
from models.store.entry import Entry, is_withheld
from models.store.health import chain_problems, projection_problems
from models.store.journal import EntryRow
from models.store.notebook import Notebook
from models.store.orders import order_of
from models.store.redacting import order_on_file
from sync.server import admin
from sync.server.central import CITY, Central
from sync.tables import Displaced

from .by_hand import enrol_by_hand, first_entry, push, setting
from .conftest import OTHER, UNIT, MakeNotebook, meet, supervisor
from .test_redact import MARK, WHY, body_in, holds, redact, written
from .test_roles_reading import give_role

PHOTO = b"a photo that two people have"


def sound(book: Notebook) -> None:
    assert meet(book).problems == []
    assert chain_problems(book) == []
    assert projection_problems(book) == []


@pytest.mark.parametrize("first", ["narrowed", "ordered"])
def test_whose_role_was_narrowed_keeps_nothing_of_a_record_that_an_order_is_on(
    enrolled: MakeNotebook, central: Central, first: str
) -> None:
    clerk, author, reader = supervisor(central), enrolled("执法员01"), enrolled("执法员02")
    visit, another = new_id(), new_id()
    author.write(put("inspection", visit, UNIT, place="东门", site_name="示例化工"))
    (entry,) = author.write(put("inspection", visit, UNIT, contact_name=MARK))
    author.write(put("inspection", another, UNIT, place="西门"))
    meet(author, reader)
    *_, own = reader.write(put("inspection", visit, UNIT, contact_name="我所改"))
    meet(reader)
    with reader.writing():  # as of a device that had forked, before a restore
        Displaced.create(hash=entry.hash.hex(), prev=entry.prev, line=entry.line(), at=1)
    assert {*holds(reader)} >= {"entry", "sync_displaced"}
    if first == "narrowed":
        give_role(central, reader, "expert")
        sound(reader)
        redact(central, entry, clerk)
    else:
        redact(central, entry, clerk)
        give_role(central, reader, "expert")
    assert holds(reader) != []
    sound(reader)
    assert holds(reader) == []
    with reader:
        assert {is_withheld(bytes(row.body)) for row in EntryRow.select().where(~EntryRow.own)} == {
            True,
            False,
        }
        assert Inspection.get_by_id(another).place == "西门", "no order is on that"
    assert body_in(reader, own) == own.body
    give_role(central, reader, "officer")
    sound(reader)
    with reader:
        row = Inspection.get_by_id(visit)
        assert (row.place, row.contact_name) == ("东门", "我所改"), "what no order took out comes again"
    assert holds(reader) == []


def test_what_another_one_wrote_in_their_name_is_not_theirs(enrolled: MakeNotebook, central: Central) -> None:
    reader, device, visit = enrolled(), enrol_by_hand(central), new_id()
    begun = first_entry(device)
    bare = device.entry("set", "inspection", visit, setting(contact_name=MARK))
    head = msgspec.json.encode(bare.parsed_head).replace(b'"u":""', f'"u":"{reader.person}"'.encode())
    named = device.sealed(Entry.of_bytes(bare.prev, head, bare.body, b""))
    told = push(central, device, [begun, named])
    assert [each["type"] for each in told["results"]] == ["forbidden"]
    sound(reader)
    assert holds(reader) != []
    give_role(central, reader, "expert")
    redact(central, named, supervisor(central))
    sound(reader)
    assert holds(reader) == []


@pytest.mark.parametrize("first", ["narrowed", "ordered"])
def test_whose_units_were_narrowed_keeps_nothing_of_it(
    enrolled: MakeNotebook, central: Central, first: str
) -> None:
    clerk, author, reader = (
        supervisor(central),
        enrolled("执法员01"),
        enrolled("执法员02", units=(UNIT, OTHER)),
    )
    record, entry = written(author)
    meet(author, reader)
    assert holds(reader) != []

    def narrow() -> None:
        admin.grant(central, reader.person, (OTHER,), reading=[CITY])

    if first == "narrowed":
        narrow()
    redact(central, entry, clerk)
    if first == "ordered":
        narrow()
    sound(reader)
    assert holds(reader) == []
    with reader:
        assert Site.get_or_none(Site.id == record) is None


def test_who_carries_it_for_another_obeys_whatever_their_role(
    enrolled: MakeNotebook, central: Central
) -> None:
    clerk, author, rescuer = supervisor(central), enrolled("执法员01"), enrolled("执法员02")
    visit = new_id()
    author.write(put("inspection", visit, UNIT, place="东门"))
    (entry,) = author.write(put("inspection", visit, UNIT, contact_name=MARK))
    meet(author, rescuer)
    (twin,) = rescuer.carry([entry])
    meet(rescuer)
    give_role(central, rescuer, "expert")
    sound(rescuer)
    redact(central, entry, clerk)
    sound(rescuer)
    assert holds(rescuer) == []
    assert is_withheld(body_in(rescuer, twin))


def test_a_file_goes_from_who_names_it_in_a_unit_that_does_not_see_the_order(
    enrolled: MakeNotebook, central: Central
) -> None:
    clerk, author = supervisor(central), enrolled("执法员01")
    far, late = enrolled("执法员02", units=(OTHER,)), enrolled("执法员03", units=(OTHER,))
    records = {}
    for book, unit in ((author, UNIT), (far, OTHER)):
        kept, records[unit] = book.vault.put_bytes(PHOTO), new_id()
        book.write(put("evidence", records[unit], unit, title="照片"))
        (named,) = book.write(
            attach("evidence", records[unit], unit, {"sha256": kept.sha256, "size": kept.size, "name": "a"})
        )
        if unit == UNIT:
            entry = named
    meet(author, far)
    redact(central, entry, clerk, file=kept.sha256)
    sound(far)
    assert not far.vault.has(kept.sha256)
    with far:
        order = order_on_file(far.journal, kept.sha256, records[OTHER])
    assert order is not None
    assert (order.said.parsed_head.e, order.why, order.by) == (records[OTHER], WHY, clerk)
    late.vault.put_bytes(PHOTO)
    again = new_id()
    late.write(
        put("evidence", again, OTHER, title="照片"),
        attach("evidence", again, OTHER, {"sha256": kept.sha256, "size": kept.size, "name": "a"}),
    )
    meet(late)
    sound(late)
    assert not late.vault.has(kept.sha256), "also where it was named only afterwards"
    with late:
        (order,) = [each for entry in late.journal.entries_of(again) if (each := order_of(entry)) is not None]
    assert (order.by, WHY in order.why) == ("", False), "who may know no more than its hash"
    sound(far)
    assert central.recheck()
