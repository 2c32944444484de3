"""What a notebook shows of records that its person may not read: nothing; and when the role changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.inspections.tables import Finding, Inspection
from models.registry.tables import Site
from models.store.change import new_id, put, void
from models.store.entry import Entry, is_withheld, withheld
from models.store.fold import fold
from models.store.health import chain_problems, projection_problems
from models.store.journal import EntryRow
from models.store.notebook import Notebook
from models.store.signer import Signer
from sync.client import synchronise
from sync.outcome import SyncFailed
from sync.paging import entry_of
from sync.server.central import Central
from sync.server.tables import Account
from sync.wire import PulledLine, RawLine

from .by_hand import HandMade, setting
from .conftest import QUICK, UNIT, MakeNotebook, add_sites, meet


def whole(book: Notebook) -> None:
    assert chain_problems(book) == []
    assert projection_problems(book) == []


def give_role(central: Central, book: Notebook, role: str) -> None:
    with central.writing():
        Account.update(role=role).where(Account.officer == book.person).execute()


@pytest.mark.requirement("R089", "R090")
def test_what_is_withheld_gives_no_row_no_search_and_no_history(enrolled: MakeNotebook) -> None:
    officer, expert = enrolled("执法员01"), enrolled("专家01", role="expert")
    visit = new_id()
    officer.write(put("inspection", visit, UNIT, place="东门", site_name="示例化工"))
    officer.write(put("inspection", visit, UNIT, place="西门"))
    officer.write(put("finding", new_id(), UNIT, inspection=visit, text="偷排"))
    add_sites(officer, 1)
    meet(officer, expert)
    with expert:
        assert EntryRow.select().where(EntryRow.record == visit).count() == 2
        assert Inspection.select().count() == 0
        assert Finding.select().count() == 0
        assert Site.select().count() == 1
        assert expert.journal.history(visit) == []
    assert expert.search("示例化工") == []
    whole(expert)
    officer.write(void("inspection", visit, UNIT, "录入错误"))
    meet(officer, expert)
    with expert:
        assert Inspection.select().count() == 0
    expert.refold(["inspection"])
    with expert:
        assert Inspection.select().count() == 0
    whole(expert)


@pytest.mark.requirement("R090")
def test_a_role_that_is_widened_brings_the_contents_and_a_narrowed_one_takes_nothing_back(
    enrolled: MakeNotebook, central: Central
) -> None:
    officer, expert = enrolled("执法员01"), enrolled("专家01", role="expert")
    visit = new_id()
    officer.write(put("inspection", visit, UNIT, place="东门", site_name="示例化工"))
    meet(officer, expert)
    give_role(central, expert, "expert,readonly")
    meet(expert)
    with expert:
        assert Inspection.get_by_id(visit).place == "东门"
        kept = EntryRow.select().where(EntryRow.record == visit)
        assert [is_withheld(bytes(row.body)) for row in kept] == [False]
    assert expert.search("示例化工") == [("inspection", visit)]
    whole(expert)
    give_role(central, expert, "expert")
    officer.write(put("inspection", visit, UNIT, place="西门"))
    meet(officer, expert)
    with expert:
        assert Inspection.get_by_id(visit).place == "东门"
    whole(expert)
    give_role(central, expert, "readonly")
    meet(expert)
    with expert:
        assert Inspection.get_by_id(visit).place == "西门"
    whole(expert)


def test_a_role_that_reads_no_more_fetches_nothing_again(enrolled: MakeNotebook, central: Central) -> None:
    book = enrolled("执法员01")
    add_sites(book, 20)
    meet(book)
    give_role(central, book, "officer,dispatcher")
    before = synchronise(book, pace=QUICK)
    again = synchronise(book, pace=QUICK)
    assert before.ok
    assert before.bytes_down < again.bytes_down + 2000, "twenty places of entries would be told again"
    with book:
        assert Site.select().count() == 20


def withheld_line(kind: str) -> tuple[PulledLine, bytes]:
    device = HandMade(Signer.new())
    entry = device.entry("set", kind, new_id(), setting(name="示例"))
    hollow = replace(entry, body=withheld(entry.body))
    line = PulledLine(1, 1, prev=bytes(32), raw=RawLine(hollow.signature, hollow.head, hollow.body))
    return line, entry.hash


@pytest.mark.parametrize("kind", ["inspection", "complainant", "damage_case", "patrol", "later-kind"])
def test_a_notebook_takes_the_hash_alone_of_what_not_everyone_reads(kind: str) -> None:
    line, digest = withheld_line(kind)
    assert line.raw is not None
    device = Entry.of_bytes(b"", line.raw.head, b"{}", b"").parsed_head.d
    arrival = entry_of(line, {device: b"key"}, {})
    assert arrival.entry.hash == digest


@pytest.mark.parametrize("kind", ["site", "officer", "bulletin"])
def test_a_server_that_withholds_what_all_may_read_is_not_believed(kind: str) -> None:
    line, _ = withheld_line(kind)
    assert line.raw is not None
    device = Entry.of_bytes(b"", line.raw.head, b"{}", b"").parsed_head.d
    with pytest.raises(SyncFailed):
        entry_of(line, {device: b"key"}, {})


def test_of_a_record_that_is_partly_withheld_the_rest_counts() -> None:
    device = HandMade(Signer.new())
    record = new_id()
    made = device.entry("set", "reporter", record, setting(name="甲", words="乙"))
    changed = device.entry("set", "reporter", record, {"f": {"name": {"x": "丙", "b": [made.hash.hex()]}}})
    hollow = Entry.of_bytes(made.prev, made.head, withheld(made.body), made.signature)
    state = fold([hollow, changed], set())
    assert (state.value("name"), state.value("words"), state.unit) == ("丙", None, UNIT)
    assert fold([hollow], set()).unit == ""
    assert fold([hollow, hollow], set()).unit == ""
