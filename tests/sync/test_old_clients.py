"""Notebooks and servers of different versions (R15): nothing unknown is lost, the old hand in for ever."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from models import catalogue
from models.registry.tables import Site
from models.store.change import Change, new_id, put
from models.store.entry import Entry
from models.store.fold import fold
from models.store.health import projection_problems
from models.store.journal import EntryRow
from models.store.notebook import Notebook
from models.store.records import Record, TextField
from sync import outcome as says
from sync.client import synchronise
from sync.outcome import Exit
from sync.server import door
from sync.server.central import Central
from sync.server.tables import Blob

from .by_hand import HandMade, enrol_by_hand, first_entry, push, setting
from .conftest import PASSPHRASE, QUICK, UNIT, MakeNotebook, add_sites, entries_of, meet
from .test_http import attached

LATER = "later_kind"


class LaterKind(Record):
    """A kind of record of a version to come."""

    name = TextField(null=True)

    class Meta:
        table_name = LATER


def test_kinds_and_fields_of_a_later_version_are_kept_served_on_and_come_alive_after_the_upgrade(
    enrolled: MakeNotebook, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer, older = enrolled("执法员01"), enrolled("执法员02")
    later, site = new_id(), new_id()
    # what a later version writes: a kind, a field and a kind of entry that nobody here knows
    newer.write(put(LATER, later, UNIT, name="碳汇地块"))
    newer.write(put("site", site, UNIT, name="示例企业", drone_photo="无人机"))
    newer.write(Change("later-entry", "site", site, UNIT, body={"x": 1}))
    meet(newer, older)
    for seat in (older, central):
        for record in (later, site):
            assert entries_of(seat, record) == entries_of(newer, record), "byte for byte"
        with seat:
            assert Site.get_by_id(site).name == "示例企业"
        assert projection_problems(seat) == []
    # the old one adds to what it does not understand, and nothing of it is lost either
    older.write(put("site", site, UNIT, address="漳州市"))
    meet(older, newer)
    assert entries_of(newer, site) == entries_of(older, site)

    kind = catalogue.RecordKind(LATER, LaterKind, 1, ("name",))
    monkeypatch.setitem(catalogue._kinds, LATER, kind)
    older.close()
    upgraded = Notebook.open(older.folder, PASSPHRASE)
    try:
        assert upgraded._refolder is not None
        upgraded._refolder.join()
        with upgraded:
            assert LaterKind.get_by_id(later).name == "碳汇地块"
        assert upgraded.search("碳汇") == [(LATER, later)]
        with upgraded:
            fields = fold(upgraded.journal.entries_of(site), set()).heads
        assert fields["drone_photo"][0].value == "无人机", "the field waits in the journal"
    finally:
        upgraded.close()


def versioned(device: HandMade, version: int, record: str, **fields: Any) -> Entry:
    """An entry as a writer of another schema version makes it."""
    entry = device.entry("set", "site", record, setting(**fields))
    head = msgspec.structs.replace(entry.parsed_head, sv=version)
    made = device.sealed(Entry.of_bytes(entry.prev, msgspec.json.encode(head), entry.body, b""))
    device.prev = made.hash
    return made


def test_entries_of_older_and_newer_schema_versions_fold_alike(
    enrolled: MakeNotebook, central: Central
) -> None:
    device = enrol_by_hand(central)
    old, new = new_id(), new_id()
    chain = [
        first_entry(device),
        versioned(device, 0, old, name="旧版"),
        versioned(device, 9, new, name="新版"),
    ]
    told = push(central, device, chain)
    assert (told["acc"], told["results"]) == (3, [])
    book = enrolled("执法员01")
    meet(book)
    for seat in (book, central):
        with seat:
            assert [Site.get_by_id(each).name for each in (old, new)] == ["旧版", "新版"]


def test_a_notebook_that_is_too_old_hands_in_entries_and_files_and_only_receives_nothing(
    enrolled: MakeNotebook, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, other = enrolled("执法员01"), enrolled("执法员02")
    add_sites(other, 2)
    meet(other)
    add_sites(old, 3)
    file = attached(old, b"a photo")
    monkeypatch.setattr(door, "MIN_SCHEMA", 2)
    outcome = synchronise(old, pace=QUICK)
    assert [each.msgid for each in outcome.problems] == [says.UPGRADE]
    assert outcome.exit_code == Exit.FAILED
    assert (outcome.unsent_entries, outcome.unsent_files, outcome.entries_received) == (0, 0, 0)
    with central:
        assert Site.select().count() == 5
        assert Blob.get_or_none(Blob.sha256 == file) is not None
    monkeypatch.undo()
    meet(old)
    with old:
        assert Site.select().count() == 5, "after the update it receives what it had missed"


def test_heads_with_members_that_nobody_knows_are_believed(central: Central) -> None:
    device = enrol_by_hand(central)
    start = first_entry(device)
    entry = device.entry("set", "site", new_id(), setting(name="示例"))
    members = msgspec.json.decode(entry.head) | {"zz": {"later": True}}
    made = device.sealed(Entry.of_bytes(entry.prev, msgspec.json.encode(members), entry.body, b""))
    told = push(central, device, [start, made])
    assert (told["acc"], told["results"]) == (2, [])
    with central:
        row = EntryRow.get((EntryRow.device == device.signer.device) & (EntryRow.seq == 2))
    assert b'"zz"' in bytes(row.head)
