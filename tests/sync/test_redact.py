"""Content taken out by order (`qingcha admin redact`): it goes everywhere and stays gone; all else proves."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from models.errors import BadInput
from models.registry.tables import Site
from models.store.change import Change, new_id, put
from models.store.database import here, run
from models.store.entry import Entry, withheld
from models.store.health import problems
from models.store.journal import EntryRow
from models.store.notebook import Notebook
from models.store.orders import REDACT
from models.store.seat import Seat
from sync.carrying import export, take_answers
from sync.client import synchronise
from sync.embedded import embedded
from sync.receipts import Receipt
from sync.server import redacting, segments
from sync.server.backup import back_up
from sync.server.carried import take_in
from sync.server.central import Central
from sync.server.doctor import examine as doctor
from sync.server.settings import Settings
from sync.server.tables import Segment
from sync.tables import FormerChain

from .conftest import PASSPHRASE, QUICK, UNIT, MakeNotebook, add_sites, meet, supervisor, whole
from .test_old_copy import image_of
from .test_rehoming import copied, rehomed  # noqa: F401 -- a fixture
from .test_restored import at, digests

MARK = "张某某的身份证号码ZQXJKVW"
"""What should never have been written down; in it letters that no other text here has."""
TELLTALE = "ZQXJKVW"
WHY = "(2026)闽0602行审1号 删除个人信息"


@pytest.fixture
def clerk(central: Central) -> str:
    return supervisor(central)


def written(book: Notebook, text: str = MARK) -> tuple[str, Entry]:
    """A site whose name is changed to what should not be there."""
    record = new_id()
    book.write(put("site", record, UNIT, name="示例企业", address="一号路"))
    (entry,) = book.write(put("site", record, UNIT, name=text))
    return record, entry


def redact(central: Central, entry: Entry, by: str, **more: Any) -> Entry:
    return redacting.redact(central, entry.hash.hex(), by=by, why=WHY, **more)


def body_in(seat: Seat, entry: Entry) -> bytes:
    with seat:
        row = EntryRow.get(EntryRow.hash == entry.hash)
        return bytes(row.body)


def name_in(seat: Seat, record: str) -> str | None:
    with seat:
        return Site.get_by_id(record).name


def holds(seat: Seat, text: str = TELLTALE) -> list[str]:
    """The tables of a seat in which a text is found."""
    found = []
    with seat:
        if here.full_text:  # with those that the index of search terms is made of
            names = {
                name for (name,) in run("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
            }
        else:
            names = {name for name, column in here.present() if column}
        for name in sorted(names):
            rows = run(f'SELECT * FROM "{name}"').fetchall()
            found += [name for row in rows if any(text.encode() in _bytes(each) for each in row)]
    return found


def _bytes(value: Any) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def files_with(folder: Path, text: str = TELLTALE) -> list[str]:
    """The raw files of a folder that have a text in any case."""
    wanted = (text.encode(), text.lower().encode())
    return [
        path.name
        for path in folder.rglob("*")
        if path.is_file() and any(each in path.read_bytes() for each in wanted)
    ]


def healthy(central: Central, *books: Notebook) -> None:
    assert central.recheck()
    assert [each for each in doctor(central.folder) if each.problems and each.name != "disk"] == []
    for book in books:
        assert problems(book) == []
        assert digests(book)["site"] == digests(central)["site"]


def test_what_an_order_names_goes_everywhere_and_everything_else_stands(
    central: Central, enrolled: MakeNotebook, clerk: str
) -> None:
    author, colleague = enrolled("执法员01"), enrolled("执法员02")
    record, entry = written(author)
    meet(author, colleague, author)
    assert name_in(colleague, record) == MARK
    assert colleague.search(TELLTALE)
    row = central.journal.at
    with central:
        before = Receipt.from_dict(central.receipt(row(author.device, entry.parsed_head.q)).as_dict())
    assert files_with(central.folder) or Settings.read(central.folder).database

    said = redact(central, entry, clerk)

    assert said.parsed_body["r"]
    assert MARK.encode() not in said.body
    assert body_in(central, entry) == withheld(entry.body)
    assert name_in(central, record) is None, "and what it replaced does not come back"
    assert holds(central) == []
    assert files_with(central.folder) == []
    assert not central.search(TELLTALE)
    healthy(central)
    before.verify(central.public_key_der)  # a receipt of before holds
    with central:
        after = central.receipt(row(author.device, entry.parsed_head.q))
    after.verify(central.public_key_der)
    assert after.entry_hash == entry.hash

    late = enrolled("执法员03")
    meet(author, colleague, late)
    for book in (author, colleague, late):
        assert body_in(book, entry) == withheld(entry.body)
        assert name_in(book, record) is None
        assert holds(book) == []
        assert not book.search(TELLTALE)
    healthy(central, author, colleague, late)
    history = author.journal.history
    with author:
        told = history(record)
    assert [(each.kind, each.new) for each in told if each.kind == REDACT] == [(REDACT, WHY)]
    assert [each.person for each in told if each.kind == REDACT] == [clerk]
    assert [each.hash for each in told if each.redacted] == [entry.hash.hex()]

    author.write(put("site", record, UNIT, name="示例企业(漳州)"))
    meet(author, colleague)
    assert name_in(colleague, record) == "示例企业(漳州)"
    with colleague:
        assert Site.get_by_id(record).conflicts == 0
    healthy(central, author, colleague)


def test_a_dry_run_tells_what_would_go_and_changes_nothing(central: Central, enrolled: MakeNotebook) -> None:
    author = enrolled()
    record, entry = written(author)
    meet(author)
    with central:
        size = EntryRow.select().count()
    told = redacting.examine(central, entry.hash.hex())
    assert (told.kind, told.record_kind, told.record, told.device) == ("set", "site", record, author.device)
    assert told.fields == ("name",)
    assert told.officer == "执法员01"
    assert told.bytes == len(entry.body)
    assert MARK not in repr(told)
    with central:
        assert EntryRow.select().count() == size
    assert name_in(central, record) == MARK


def test_what_proves_others_is_refused_and_so_is_what_went_already(
    central: Central, enrolled: MakeNotebook, clerk: str
) -> None:
    author = enrolled()
    _, entry = written(author)
    meet(author)
    written(author)
    meet(author)
    kept = [
        row.entry()
        for row in _rows(central)
        if row.kind in ("enrol", "clock", "seal", "epoch", "grant") or row.device == central.device
    ]
    assert {each.parsed_head.k for each in kept} >= {"enrol", "clock", "grant", "set"}
    for each in kept:
        with pytest.raises(BadInput):
            redact(central, each, clerk)
    redact(central, entry, clerk)
    with pytest.raises(BadInput, match="闽0602"):
        redact(central, entry, clerk)
    for wrong in ("0" * 64, "12", "z" * 64):
        with pytest.raises(BadInput):
            redacting.examine(central, wrong)
    with pytest.raises(BadInput):
        redacting.redact(central, entry.hash.hex(), by=clerk, why="  ")


def _rows(seat: Seat) -> list[EntryRow]:
    with seat:
        return list(EntryRow.select())


def test_only_an_order_in_the_log_lets_a_body_go_and_only_to_its_hash(
    central: Central, enrolled: MakeNotebook, clerk: str
) -> None:
    author = enrolled()
    record, entry = written(author)
    _, other = written(author, "另一个")
    meet(author)
    change = "UPDATE entry SET body = ? WHERE device = ? AND seq = ?"

    def refused(seat: Seat, body: bytes, which: Entry) -> None:
        head = which.parsed_head
        with pytest.raises(Exception, match="never changed"), seat.writing():
            run(change, (body, head.d, head.q))

    refused(central, withheld(entry.body), entry)  # no order
    central.write(Change(REDACT, "site", record, UNIT, body={"of": "00", "body": "11"}))
    refused(central, withheld(entry.body), entry)  # one on something else
    for seat in (central, author):
        if seat is central:
            redact(central, entry, clerk)
        else:
            meet(author)
        for body in (b"", b"{}", b"-", withheld(other.body), entry.body):
            refused(seat, body, entry)
        refused(seat, withheld(other.body), other)


def test_a_notebook_that_has_the_content_never_brings_it_back(
    tmp_path: Path, central: Central, enrolled: MakeNotebook, clerk: str
) -> None:
    author, colleague = enrolled("执法员01"), enrolled("执法员02")
    _record, entry = written(author)
    meet(author, colleague)
    image = image_of(author, tmp_path / "image")
    redact(central, entry, clerk)
    meet(author, colleague)
    author.close()
    old = Notebook.open(image, PASSPHRASE)
    assert body_in(old, entry) == entry.body, "it cannot have heard"
    meet(old)
    assert body_in(old, entry) == withheld(entry.body)
    assert holds(old) == []
    old.receive([_arrival(entry)])
    central.receive([_arrival(entry)])
    for seat in (old, central):
        assert body_in(seat, entry) == withheld(entry.body)
    healthy(central, old, colleague)
    old.close()


def _arrival(entry: Entry) -> Any:
    from models.store.seat import Arrival

    return Arrival(entry)


def test_a_restored_server_hears_of_the_order_again_and_keeps_the_content_out(
    central: Central,
    enrolled: MakeNotebook,
    clerk: str,
    backup: Callable[[], None],
    restored: Callable[[], Central],
) -> None:
    author, colleague, unaware = enrolled("执法员01"), enrolled("执法员02"), enrolled("执法员03")
    record, entry = written(author)
    meet(author, colleague, unaware)
    backup()
    later, another = written(colleague)
    meet(colleague, unaware, author)
    for each in (entry, another):
        redact(central, each, clerk)
    meet(author)  # only the author hears of it

    old = restored()
    with embedded(old) as running:
        assert body_in(old, entry) == entry.body
        for book in (unaware, colleague, author):  # the content comes back first, and the order after it
            whole(at(running, book))
        for book in (author, colleague, unaware):
            whole(at(running, book))
        for seat in (old, author, colleague, unaware):
            for each in (entry, another):
                assert body_in(seat, each) == withheld(each.body)
            assert name_in(seat, record) is None
            assert name_in(seat, later) is None
            assert holds(seat) == []
        assert [each.name for each in doctor(old.folder) if each.problems] == ["redacted"], "its file may"
        assert files_with(old.folder) or Settings.read(old.folder).database
        assert redacting.finish(old)
        assert files_with(old.folder) == []
        healthy(old, author, colleague, unaware)


def test_after_a_restore_a_notebook_that_obeyed_gives_back_what_is_left(
    central: Central,
    enrolled: MakeNotebook,
    clerk: str,
    backup: Callable[[], None],
    restored: Callable[[], Central],
) -> None:
    author, colleague = enrolled("执法员01"), enrolled("执法员02")
    meet(author, colleague)
    backup()
    record, entry = written(author)
    after = add_sites(author, 2)  # chained to it
    meet(author, colleague)
    redact(central, entry, clerk)
    meet(author, colleague)
    old = restored()
    with embedded(old) as running:
        outcome = whole(at(running, colleague))  # the author's laptop is away
        assert outcome.warnings[-1].params["carried"] == 0
        assert body_in(old, entry) == withheld(entry.body)
        assert name_in(old, record) is None
        for site in after:
            assert name_in(old, site)
        whole(at(running, author))
        whole(at(running, colleague))
        healthy(old, author, colleague)


def test_a_copy_that_goes_on_under_another_key_loses_it_too(
    central: Central,
    enrolled: MakeNotebook,
    clerk: str,
    copied: Callable[[Notebook], Notebook],  # noqa: F811
) -> None:
    author = enrolled()
    meet(author)
    copy = copied(author)
    add_sites(author, 1)
    meet(author)
    record, entry = written(copy)  # under a number that the log has already
    assert rehomed(synchronise(copy, pace=QUICK))
    with copy:
        assert MARK.encode() in _evidence(copy), "as the former key signed it"
        (carried,) = [each for each in copy.journal.entries_of(record) if each.uid == entry.hash.hex()][:1]
    redact(central, carried, clerk)
    meet(copy)
    assert body_in(copy, carried) == withheld(entry.body)
    assert MARK.encode() not in _evidence(copy)
    assert holds(copy) == []
    meet(author, copy)
    healthy(central, author, copy)
    # and once more: what is carried of a body that is gone is carried without it
    again = copied(copy)
    add_sites(copy, 1)
    meet(copy)
    add_sites(again, 1)
    assert rehomed(synchronise(again, pace=QUICK))
    meet(author, copy, again)
    healthy(central, author, again)


def _evidence(book: Notebook) -> bytes:
    import base64
    import json

    with book:
        lines = [line for row in FormerChain.select() for line in json.loads(row.evidence)]
    return b"".join(base64.b64decode(line[1]) for line in lines)


def test_a_late_notebook_gets_a_segment_without_it(
    central: Central, enrolled: MakeNotebook, clerk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "ENTRIES", 10)
    monkeypatch.setattr(segments, "FAR", 20)
    author, first = enrolled("执法员01"), enrolled("执法员02")
    _record, entry = written(author)
    add_sites(author, 60)
    meet(author, first)
    with central:
        held = {row.sha256 for row in Segment.select()}
    folder = central.folder / segments.FOLDER
    assert held
    assert {path.name for path in folder.iterdir()} == held
    redact(central, entry, clerk)
    assert list(folder.iterdir()) == []
    late = enrolled("执法员03")
    meet(late)
    with central:
        assert Segment.select().count()
    assert body_in(late, entry) == withheld(entry.body)
    meet(author, first, late)
    healthy(central, author, first, late)


def test_a_stick_carries_the_order(
    tmp_path: Path, central: Central, enrolled: MakeNotebook, clerk: str
) -> None:
    author, colleague = enrolled("执法员01"), enrolled("执法员02")
    record, entry = written(author)
    meet(author, colleague)
    redact(central, entry, clerk)
    for book in (colleague, author):
        stick = tmp_path / f"stick-{book.device[:4]}"
        stick.mkdir()
        export(book, stick)
        (taken,) = take_in(central.folder, [stick])
        assert taken.answer is not None, taken.problem
        whole(take_answers(book, taken.answer))
        assert body_in(book, entry) == withheld(entry.body)
        assert name_in(book, record) is None
    healthy(central, author, colleague)


def test_a_server_that_withholds_without_its_signed_order_is_not_believed(
    central: Central, enrolled: MakeNotebook, clerk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync.server import pages

    author, colleague = enrolled("执法员01"), enrolled("执法员02")
    _, entry = written(author)
    meet(author)
    redact(central, entry, clerk)
    told = pages.orders_on
    monkeypatch.setattr(pages, "orders_on", lambda central, rows: {})
    assert not synchronise(colleague, pace=QUICK).ok
    monkeypatch.setattr(pages, "orders_on", told)
    meet(colleague)


def test_a_backup_made_after_it_holds_nothing_of_it_and_can_be_restored(
    tmp_path: Path, central: Central, enrolled: MakeNotebook, clerk: str
) -> None:
    author = enrolled()
    _, entry = written(author)
    meet(author)
    redact(central, entry, clerk)
    back_up(central.folder, tmp_path / "copy")
    assert files_with(tmp_path / "copy") == []
    with closing(Central.open(tmp_path / "copy")) as copy:
        assert copy.recheck()
        assert body_in(copy, entry) == withheld(entry.body)
