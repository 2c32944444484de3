"""Writing through the one way: entries, rows, conflicts, several seats, failures."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from peewee import OperationalError

from models import catalogue
from models.errors import BadInput, NotebookLocked, RuleBroken, StoreRefused, WrongPassphrase
from models.store import keys
from models.store.change import Change, new_id, note, put, resolve, restore, void
from models.store.clock import Clock
from models.store.database import here, refuse_unsafe_sqlite
from models.store.entry import GENESIS, Entry
from models.store.health import chain_problems, file_problems
from models.store.journal import EntryRow
from models.store.notebook import Notebook
from models.store.projection import Conflicted
from models.store.seat import Arrival, Seat
from tests.rows import digest

UNIT = "350602"


def trial(seat: Seat, record: str):
    with seat:
        return catalogue.kind("trial").table.get_or_none(id=record)


def second_book(tmp_path: Path, name: str, clock: Clock | None = None) -> Notebook:
    return Notebook.create(
        tmp_path / name, "另一个-口令-99", person=new_id(), unit=UNIT, cost=keys.FAST, clock=clock
    )


def carry(source: Seat, target: Seat, after: int = 0) -> None:
    with source:
        entries = [Arrival(row.entry()) for row in source.journal.in_order(after)]
    assert target.receive(entries) == []


def test_a_write_keeps_the_entry_and_its_row_together(notebook):
    record = new_id()
    (entry,) = notebook.write(put("trial", record, UNIT, name="排水口", count=3, done=True))
    row = trial(notebook, record)
    assert (row.name, row.count, row.done, row.unit) == ("排水口", 3, True, UNIT)
    assert entry.verify(notebook.public_key_der)
    assert row.made_by == notebook.person


@pytest.mark.requirement("R086")
def test_the_chain_starts_at_genesis_and_holds(notebook):
    notebook.write(put("trial", new_id(), UNIT, name="一"))
    with notebook:
        rows = list(EntryRow.select().order_by(EntryRow.seq))
    assert bytes(rows[0].prev) == GENESIS
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert chain_problems(notebook) == []


def test_what_would_not_change_writes_no_entry(notebook):
    record = new_id()
    notebook.write(put("trial", record, UNIT, name="一", count=1))
    assert notebook.write(put("trial", record, UNIT, name="一", count=1)) == []
    (entry,) = notebook.write(put("trial", record, UNIT, name="一", count=2))
    assert set(entry.parsed_body["f"]) == {"count"}


@pytest.mark.requirement("R086")
def test_history_tells_old_and_new(notebook):
    record = new_id()
    notebook.write(put("trial", record, UNIT, name="一"))
    notebook.write(put("trial", record, UNIT, name="二"), note("trial", record, UNIT, "改正"))
    with notebook:
        past = notebook.journal.history(record)
    assert [(line.field, line.old, line.new) for line in past] == [
        ("name", None, "一"),
        ("name", "一", "二"),
        ("", None, "改正"),
    ]


@pytest.mark.requirement("R086")
def test_a_void_keeps_everything_and_can_be_taken_back(notebook):
    record = new_id()
    notebook.write(put("trial", record, UNIT, name="一"))
    notebook.write(void("trial", record, UNIT, "误录"))
    assert trial(notebook, record).voided == "误录"
    assert trial(notebook, record).name == "一"
    notebook.write(restore("trial", record, UNIT))
    assert trial(notebook, record).voided is None


def test_two_devices_at_once_make_a_conflict_that_a_resolve_ends(notebook, tmp_path):
    other = second_book(tmp_path, "b")
    record = new_id()
    notebook.write(put("trial", record, UNIT, name="原"))
    carry(notebook, other)
    notebook.write(put("trial", record, UNIT, name="甲"))
    other.write(put("trial", record, UNIT, name="乙"))
    carry(notebook, other)
    carry(other, notebook)
    for seat in (notebook, other):
        assert trial(seat, record).conflicts == 1
        with seat:
            assert {head.value for head in seat.journal.heads(record)["name"]} == {"甲", "乙"}
            assert Conflicted.get_by_id(record).fields == "name"
    notebook.write(resolve("trial", record, UNIT, name="丙"))
    carry(notebook, other)
    assert trial(other, record).name == "丙"
    assert trial(other, record).conflicts == 0
    with other:
        assert Conflicted.select().count() == 0
        table = catalogue.kind("trial").table
        mine = digest(table)
    with notebook:
        assert digest(table) == mine
    other.close()


def test_rows_are_the_same_whatever_the_order_of_arrival(notebook, tmp_path):
    record = new_id()
    for name in "一二三四":
        notebook.write(put("trial", record, UNIT, name=name, count=len(name)))
    with notebook:
        entries = [row.entry() for row in notebook.journal.in_order()]
    back = second_book(tmp_path, "b")
    back.receive([Arrival(entry) for entry in reversed(entries)])
    assert trial(back, record).name == "四"
    with notebook:
        mine = digest(catalogue.kind("trial").table)
    with back:
        assert digest(catalogue.kind("trial").table) == mine
    back.close()


def test_a_refold_gives_the_same_rows_byte_for_byte(notebook):
    for n in range(40):
        record = new_id()
        notebook.write(put("trial", record, UNIT, name="排水口" if n % 4 else "雨水口", count=n))
        notebook.write(put("trial", record, UNIT, count=n + 1))
    table = catalogue.kind("trial").table
    with notebook:
        before = digest(table)
    notebook.refold(["trial"], batch=7)
    with notebook:
        assert digest(table) == before
    assert len(notebook.search("雨水")) == 10


def test_a_refold_that_was_cut_goes_on_where_it_was(notebook):
    records = [new_id() for _ in range(30)]
    for record in records:
        notebook.write(put("trial", record, UNIT, name="旧"))
    kind = catalogue.kind("trial")
    with notebook:
        before = digest(kind.table)
    with notebook.writing():
        notebook.projector.begin_refold(kind)
        notebook.projector.refold_some(kind, 10)
    notebook.write(put("trial", records[0], UNIT, name="新"))  # already folded: must reach the new table
    assert trial(notebook, records[0]).name == "新"
    notebook.refold()
    assert trial(notebook, records[0]).name == "新"
    with notebook:
        assert kind.table.select().count() == 30
        assert digest(kind.table) != before
        assert notebook.projector.stale() == []


def test_a_new_version_refolds_in_the_background_at_opening(notebook, passphrase):
    record = new_id()
    notebook.write(put("trial", record, UNIT, name="一"))
    with notebook.writing():
        here.execute_sql("UPDATE projection_state SET version = 0 WHERE kind = 'trial'")
        here.execute_sql("UPDATE trial SET name = '陈旧'")
    folder = notebook.folder
    notebook.close()
    again = Notebook.open(folder, passphrase)
    again._refolder.join()
    assert trial(again, record).name == "一"
    again.close()


def test_a_kind_this_version_does_not_know_is_kept(notebook, tmp_path):
    other = second_book(tmp_path, "b")
    other.write(Change("set", "from_the_future", new_id(), UNIT, fields={"x": "y"}))
    carry(other, notebook)
    with notebook:
        assert EntryRow.select().where(EntryRow.record_kind == "from_the_future").count() == 1
    other.close()


def test_a_failed_write_leaves_nothing_and_the_chain_goes_on(notebook):
    record = new_id()
    with pytest.raises(BadInput), notebook.writing():  # noqa: PT012 -- both writes are one transaction
        notebook.write(put("trial", record, UNIT, name="一"))
        notebook.write(put("trial", record, UNIT, name="坏\ud800"))
    assert trial(notebook, record) is None
    notebook.write(put("trial", record, UNIT, name="二"))
    assert chain_problems(notebook) == []


def test_readers_cannot_write(notebook):
    with notebook, pytest.raises(OperationalError, match="readonly"):
        here.execute_sql("DELETE FROM entry")


def test_floats_are_refused(notebook):
    with pytest.raises(TypeError):
        notebook.write(put("trial", new_id(), UNIT, name=0.5))


def test_outside_of_a_seat_tables_are_locked():
    with pytest.raises(NotebookLocked):
        catalogue.kind("trial").table.select().count()


def test_three_seats_in_threads_never_mix(tmp_path):
    books = [second_book(tmp_path, name) for name in "abc"]
    failures = []

    def work(book: Notebook, mark: str) -> None:
        try:
            for n in range(30):
                record = new_id()
                book.write(put("trial", record, UNIT, name=f"{mark}{n}"))
                with book:
                    names = {row.name[0] for row in catalogue.kind("trial").table.select()}
                if names != {mark}:
                    failures.append((mark, names))
        except BaseException as error:
            failures.append(error)

    threads = [
        threading.Thread(target=work, args=(book, mark)) for book, mark in zip(books, "甲乙丙", strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    for book in books:
        with book:
            assert catalogue.kind("trial").table.select().count() == 30
        book.close()


def test_listeners_hear_of_committed_records_only(notebook):
    heard = []
    end = notebook.subscribe(heard.append)
    record = new_id()
    notebook.write(put("trial", record, UNIT, name="一"))
    with pytest.raises(RuntimeError), notebook.writing():  # noqa: PT012
        notebook.write(put("trial", record, UNIT, name="二"))
        raise RuntimeError
    end()
    notebook.write(put("trial", record, UNIT, name="三"))
    assert heard == [frozenset({("trial", record)})]


def test_reopening_gives_everything_back(notebook, passphrase):
    record = new_id()
    notebook.write(put("trial", record, UNIT, name="一"))
    folder, device = notebook.folder, notebook.device
    notebook.close()
    with pytest.raises(NotebookLocked):
        notebook.write(put("trial", record, UNIT, name="二"))
    with pytest.raises(WrongPassphrase):
        Notebook.open(folder, "不是这个口令")
    clock = Clock(wall_ms=lambda: 4_000_000_000_000)
    again = Notebook.open(folder, passphrase, clock=clock)
    assert again.device == device
    assert trial(again, record).name == "一"
    assert file_problems(again) == []
    again.close()


def test_a_notebook_opens_once_at_a_time(notebook, passphrase):
    with pytest.raises(StoreRefused, match="另一个窗口"):
        Notebook.open(notebook.folder, passphrase)


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 51, 2), (3, 50, 6), (3, 44, 5)])
def test_sqlite_with_the_wal_reset_bug_is_refused(version):
    with pytest.raises(StoreRefused):
        refuse_unsafe_sqlite(version)


@pytest.mark.parametrize("version", [(3, 51, 3), (3, 53, 4), (3, 50, 7), (3, 44, 6)])
def test_fixed_sqlite_is_taken(version):
    refuse_unsafe_sqlite(version)


def test_after_contact_the_next_entry_is_preceded_by_the_clock(tmp_path):
    now = [1_700_000_000_000]
    mono = [5]
    clock = Clock(
        wall_ms=lambda: now[0], mono_ms=lambda: mono[0], boot=lambda: "b", offset_minutes=lambda _: 480
    )
    book = second_book(tmp_path, "c", clock)
    assert book.remember_server_time(now[0] + 86_400_000) == 86_400_000
    assert book.write() == []  # never alone
    entries = book.write(put("trial", new_id(), UNIT, name="一"))
    assert [entry.parsed_head.k for entry in entries] == ["clock", "set"]
    assert entries[1].parsed_head.c == 86_400_000
    assert entries[1].time == now[0] + 86_400_000
    now[0] -= 3_600_000
    (entry,) = book.write(put("trial", new_id(), UNIT, name="二"))
    assert entry.parsed_head.j == 1
    book.close()


def past_of(book, record):
    with book:
        return sorted(book.journal.history(record), key=lambda each: each.seq)


def test_a_clock_set_back_before_any_contact_is_marked_and_shown(tmp_path):
    now, mono, boot = [1_700_000_000_000], [5], ["one"]
    clock = Clock(lambda: now[0], lambda: mono[0], lambda: boot[0], lambda _: 480)
    book = second_book(tmp_path, "b", clock)
    record, marks = new_id(), []
    # forward by much, back by two seconds at most, back by more, going on, and back in another boot
    jumps = [(3_600_000, 10, "one"), (-1_900, 100, "one"), (-5_000, 100, "one"), (50, 50, "one")]
    for wall, monotonic, name in [*jumps, (-9_000, 0, "two")]:
        now[0] += wall
        mono[0] += monotonic
        boot[0] = name
        (entry,) = book.write(put("trial", record, UNIT, name=str(now[0])))
        marks.append(entry.parsed_head.j)
    assert marks == [0, 0, 1, 0, 0]
    assert [each.set_back for each in past_of(book, record)] == [False, False, True, False, False]
    book.close()


def test_verdicts_of_the_authority_put_an_entry_aside_and_a_release_brings_it_back(notebook, tmp_path):
    server = second_book(tmp_path, "server")
    record = new_id()
    (entry,) = notebook.write(put("trial", record, UNIT, name="一"))
    digest_ = entry.hash.hex()
    stranger = second_book(tmp_path, "stranger")
    stranger.write(
        Change("verdict", "trial", record, UNIT, body={"of": digest_, "s": "quarantined", "type": "x"})
    )
    carry(stranger, notebook)
    assert trial(notebook, record).name == "一"
    server.write(
        Change("verdict", "trial", record, UNIT, body={"of": digest_, "s": "quarantined", "type": "scope"})
    )
    carry(server, notebook)
    assert trial(notebook, record).name == "一"
    notebook.trust(server.device)
    assert trial(notebook, record) is None
    with notebook:
        before = max(row.n for row in EntryRow.select())
    server.write(Change("release", "trial", record, UNIT, body={"of": digest_}))
    with server:
        last = EntryRow.select().order_by(EntryRow.n.desc()).get()
    notebook.receive([Arrival(last.entry())])
    assert trial(notebook, record).name == "一"
    assert before
    server.close()
    stranger.close()


def test_an_entry_line_gives_the_same_entry_back(notebook):
    (entry,) = notebook.write(put("trial", new_id(), UNIT, name="制表\t换行\n"))
    line = entry.line()
    assert line.count(b"\n") == 1
    assert line.count(b"\t") == 2
    assert Entry.of_line(line[:-1], entry.prev) == entry


def test_a_beginning_that_was_cut_short_leaves_nothing_in_the_way(tmp_path, passphrase):
    folder = tmp_path / "book"
    (tmp_path / ".book.making").mkdir()
    (tmp_path / ".book.making/keys.json").write_text("{}")
    with pytest.raises(RuleBroken):
        Notebook.create(folder, "short", person=new_id(), unit=UNIT, cost=keys.FAST)
    book = Notebook.create(folder, passphrase, person=new_id(), unit=UNIT, cost=keys.FAST)
    book.close()
    assert [path.name for path in tmp_path.iterdir()] == ["book"]
    with pytest.raises(StoreRefused):
        Notebook.create(folder, passphrase, person=new_id(), unit=UNIT, cost=keys.FAST)


def test_a_reader_whose_index_has_moved_on_meanwhile_finds_the_file_whole(notebook):
    notebook.write(put("trial", new_id(), UNIT, name="排水口"))
    assert notebook.search("排水")  # the reading connection now remembers the index
    for number in range(60):
        notebook.write(put("trial", new_id(), UNIT, name=f"雨水口{number}"))
    assert file_problems(notebook) == []
