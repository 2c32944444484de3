"""The backup of a server on PostgreSQL and a bucket, while it runs: one moment of it, whole in a folder."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from main import main
from models import catalogue
from models.errors import BadInput, StoreRefused
from models.registry.tables import Officer, Site
from models.store.change import new_id, put
from models.store.database import run
from models.store.health import problems
from models.store.notebook import Notebook
from models.store.projection import Searched
from sync.address import ServerAddress
from sync.client import synchronise
from sync.embedded import embedded
from sync.server import admin, growing, rows
from sync.server.backup import back_up, last_backup, restore
from sync.server.central import DATABASE, Central
from sync.server.doctor import examine
from sync.server.durable import declare, standing
from sync.server.settings import FILE, Settings
from sync.server.tables import Blob
from tests.photos import take_photo
from tests.postgres import new_database

from .conftest import QUICK, UNIT, MakeNotebook, add_sites, meet
from .test_storage import bucket, endpoint, lose

__all__ = ["bucket", "endpoint"]  # fixtures


@pytest.fixture
def database(postgres: Any) -> str:
    """These tests are of PostgreSQL alone."""
    return new_database(postgres)


@pytest.fixture
def central(tmp_path: Path, database: str, bucket: str) -> Iterator[Central]:
    """A server of which nothing but keys is in its folder."""
    folder = tmp_path / "server"
    admin.init(folder, organisation="演示局", host="sync.example.cn", database=database, files=bucket)
    with closing(Central.open(folder)) as seat:
        yield seat


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a backup but what its database keeps beside itself."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


def rows_in(table: Any) -> list[str]:
    """All rows of a table, in no order of the database's."""
    return sorted(repr(sorted(row.items())) for row in table.select().dicts())


def meets(central: Central, *books: Notebook) -> None:
    with embedded(central) as running:
        for book in books:
            outcome = synchronise(book, ServerAddress.parse(running.url), pace=QUICK)
            assert outcome.ok, [trouble.text() for trouble in outcome.problems]


@pytest.mark.parametrize("there", ["in its folder", "in another database and bucket"])
def test_a_drill_the_database_is_lost_and_nothing_else_is(
    tmp_path: Path,
    enrolled: MakeNotebook,
    central: Central,
    database: str,
    bucket: str,
    postgres: Any,
    there: str,
) -> None:
    books = [enrolled(f"执法员0{number}") for number in (1, 2, 3)]
    photos = [take_photo(books[0], b"before" * 1000)]
    sites = add_sites(books[0], 3)
    meet(*books)
    made = back_up(central.folder, tmp_path / "backup")
    assert (made.files, made.new_files, made.missing) == (1, 1, ())
    assert last_backup(central.folder) > 0
    photos.append(take_photo(books[1], b"after" * 1000))
    sites += add_sites(books[1], 2)
    meet(books[1])
    sites += add_sites(books[2], 2)
    meet(books[2])
    central.close()
    with psycopg.connect(_admin(database), autocommit=True) as server:
        server.execute(f"DROP DATABASE {_name(database)} WITH (FORCE)")
    for photo in photos:
        lose(bucket, photo)

    new = {"database": new_database(postgres), "files": bucket} if there != "in its folder" else {}
    again = restore(tmp_path / "backup", tmp_path / "again", **new)
    assert (again.entries, again.files, again.missing) == (made.entries, 1, ())
    assert (tmp_path / "again" / DATABASE).exists() is not bool(new)
    told = Settings.read(tmp_path / "again")
    assert (told.database, told.files) == (new.get("database", ""), new.get("files", ""))
    with closing(Central.open(tmp_path / "again")) as seat:
        meets(seat, *books)
        with seat:
            assert {row.id for row in Site.select(Site.id)} == {*sites}
            assert {row.sha256 for row in Blob.select()} == {*photos}
        assert {seat.vault.verify(photo) for photo in photos} == {"kept"}
        assert problems(seat) == []


def _name(database: str) -> str:
    return database.split("?")[0].rpartition("/")[2]


def _admin(database: str) -> str:
    return database.replace(_name(database), "postgres")


def test_a_backup_is_the_server_of_one_moment_by_itself(
    tmp_path: Path, enrolled: MakeNotebook, central: Central, database: str, bucket: str
) -> None:
    book = enrolled()
    add_sites(book, 4)
    photo = take_photo(book, b"photo" * 1000)
    meet(book)
    Settings(database.replace(":@", ":geheim@"), bucket).write(central.folder)
    back_up(central.folder, tmp_path / "backup")
    told = Settings.read(tmp_path / "backup")
    assert (told.database, told.files) == ("", "")
    assert (told.former_database, told.former_files) == (database.replace(":@", "@"), bucket)
    assert "former" not in (central.folder / FILE).read_text(), "as a program of before takes it"
    for name in (DATABASE, "server.key", "ca.key", FILE):
        assert (tmp_path / "backup" / name).stat().st_mode & 0o777 == 0o600, name
    assert [each.name for each in examine(tmp_path / "backup", hash_files=True) if each.problems] == []
    with closing(Central.open(tmp_path / "backup", restored=True)) as copy:
        assert problems(copy) == []
        assert copy.vault.verify(photo) == "kept"
        for table in copy._tables():
            with central:
                there = rows_in(table)
            with copy:
                assert rows_in(table) == there, table
        # what is in no row: terms that are found, and numbers that go on
        with copy:
            found = "SELECT rowid FROM full_text WHERE full_text MATCH '\"fj350602001\"'"
            assert len(run(found).fetchall()) == 1
            assert run("SELECT COUNT(*) FROM full_text").fetchone()[0] == Searched.select().count()
            last = run("SELECT MAX(n) FROM entry").fetchone()[0]
        copy.write(put("site", new_id(), UNIT, name="示例企业"))
        with copy:
            assert run("SELECT MAX(n) FROM entry").fetchone()[0] == last + 1


def test_who_pushes_meanwhile_waits_for_nothing_and_comes_with_the_next_one(
    tmp_path: Path, enrolled: MakeNotebook, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = [enrolled(f"执法员0{number}") for number in (1, 2)]
    for book in books:
        add_sites(book, 3)
    meet(*books)
    taken, pushed = threading.Event(), threading.Event()
    done: list[str] = []

    def pushing() -> None:
        assert taken.wait(30)
        for number in range(6):
            book = books[number % 2]
            done.extend(add_sites(book, 2))
            take_photo(book, b"photo %d" % number)
            meet(book)
            pushed.set()

    pusher = threading.Thread(target=pushing)
    pusher.start()
    carried = rows._fill

    def slowly(*given: Any) -> None:
        taken.set()  # the moment of the copy is fixed
        assert pushed.wait(30), "a push waits for the backup"
        carried(*given)

    before = central.sign_head().size
    monkeypatch.setattr(rows, "_fill", slowly)
    made = back_up(central.folder, tmp_path / "backup")
    pusher.join(60)
    assert made.entries == before, "only what was there at one moment"
    with closing(Central.open(tmp_path / "backup", restored=True)) as copy:
        assert copy.root_at(before) == central.root_at(before)
        assert problems(copy) == []
        with copy:
            assert Site.select().count() == 6
            assert Blob.select().count() == 0
    made = back_up(central.folder, tmp_path / "backup")
    assert (made.entries, made.new_files) == (central.recheck(), 6)
    with closing(Central.open(tmp_path / "backup", restored=True)) as copy, copy:
        assert {row.id for row in Site.select(Site.id)} >= {*done}


def test_a_backup_kept_elsewhere_counts(tmp_path: Path, enrolled: MakeNotebook, central: Central) -> None:
    book = enrolled()
    take_photo(book, b"photo" * 1000)
    meet(book)
    made = back_up(central.folder, tmp_path / "backup")
    declared = declare(central.folder, tmp_path / "backup")
    assert (declared.entries, declared.files, declared.missing) == (made.entries, 1, ())
    assert standing(central)[0] == made.entries


def test_what_the_bucket_lost_or_changed_is_named(
    tmp_path: Path, enrolled: MakeNotebook, central: Central
) -> None:
    book = enrolled()
    kept, lost, other = (take_photo(book, each * 1000) for each in (b"kept", b"lost", b"other"))
    meet(book)
    lose(Settings.read(central.folder).files, lost)
    spool = central.folder / "spool" / "x"
    spool.write_bytes(b"changed")
    central.vault.keep(spool, other)
    made = back_up(central.folder, tmp_path / "backup")
    assert (made.files, made.new_files, made.missing) == (3, 1, tuple(sorted((lost, other))))
    with closing(Central.open(tmp_path / "backup", restored=True)) as copy:
        assert [copy.vault.verify(each) for each in (kept, lost, other)] == ["kept", "missing", "missing"]


def _cut_off(central: Central, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid != pg_backend_pid() AND state = 'idle in transaction'"
        )


def _bend(central: Central, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("ALTER TABLE entry DISABLE TRIGGER entry_stays")
        connection.execute("UPDATE entry SET body = body || '\\x20' WHERE cursor = 2")


def _stop(central: Central, database: str) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("accident", [_cut_off, _bend, _stop])
@pytest.mark.parametrize("first", [True, False])
def test_what_happens_half_way_leaves_the_backup_of_before(
    tmp_path: Path,
    enrolled: MakeNotebook,
    central: Central,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    accident: Callable[[Central, str], None],
    first: bool,
) -> None:
    book, backup = enrolled(), tmp_path / "backup"
    add_sites(book, 3)
    meet(book)
    before: dict[str, bytes] = {}
    if not first:
        back_up(central.folder, backup)
        add_sites(book, 3)
        meet(book)
        before = contents(backup)
    carried, tables = rows._fill, []

    def stumbling(*given: Any) -> None:
        tables.append(given)
        if len(tables) == 12:
            accident(central, database)
        carried(*given)

    if accident is _bend:
        accident(central, database)
    else:
        monkeypatch.setattr(rows, "_fill", stumbling)
    with pytest.raises((StoreRefused, KeyboardInterrupt)):
        back_up(central.folder, backup)
    assert contents(backup) == before
    monkeypatch.undo()
    if accident is not _bend:
        assert back_up(central.folder, backup).entries == central.recheck()


def test_what_it_is_no_backup_of_is_not_written_over(
    tmp_path: Path, enrolled: MakeNotebook, central: Central, postgres: Any, database: str
) -> None:
    book = enrolled()
    add_sites(book, 1)
    meet(book)
    back_up(central.folder, tmp_path / "monday")
    add_sites(book, 1)
    meet(book)
    back_up(central.folder, tmp_path / "tuesday")
    restore(tmp_path / "monday", tmp_path / "again", database=new_database(postgres))
    dumped = tmp_path / "dumped"
    dumped.mkdir()
    for name in (FILE, "server.key", "ca.key", "ca.crt"):
        (dumped / name).write_bytes((central.folder / name).read_bytes())
    for target in (dumped, central.folder):
        before = contents(target)
        with pytest.raises(BadInput):
            back_up(central.folder, target)
        assert contents(target) == before
    before = contents(tmp_path / "tuesday")
    with pytest.raises(BadInput, match="tuesday"):
        back_up(tmp_path / "again", tmp_path / "tuesday")
    assert contents(tmp_path / "tuesday") == before
    back_up(tmp_path / "again", tmp_path / "monday")


def test_a_database_of_an_older_program_is_copied_as_it_is(
    tmp_path: Path, enrolled: MakeNotebook, central: Central, database: str
) -> None:
    book = enrolled()
    sites = add_sites(book, 2)
    meet(book)
    central.close()
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("ALTER TABLE blob DROP COLUMN lost_at")
        connection.execute("ALTER TABLE unit_grant DROP COLUMN writes")
        connection.execute("ALTER TABLE site DROP COLUMN name")
        connection.execute("DROP TABLE head_stamp")
    back_up(central.folder, tmp_path / "backup")
    with psycopg.connect(database, autocommit=True) as connection:
        asked = (
            "SELECT 1 FROM information_schema.columns WHERE table_name = 'blob' AND column_name = 'lost_at'"
        )
        assert connection.execute(asked).fetchone() is None, "nothing was changed there"
    with closing(Central.open(tmp_path / "backup", restored=True)) as copy:
        assert problems(copy) == []
        copy.refold()
        with copy:
            assert {row.id: row.name for row in Site.select()} == dict(
                zip(sites, ("示例企业01", "示例企业02"), strict=True)
            )
            assert run("SELECT COUNT(*) FROM unit_grant WHERE writes IS NULL").fetchone()[0] == 0
        assert admin.accounts(copy)[0]["units"] == [UNIT]


def test_a_database_of_a_later_program_is_not_cut_short(
    tmp_path: Path, central: Central, database: str
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("ALTER TABLE site ADD COLUMN colour TEXT")  # a fold: made anew from the journal
        back_up(central.folder, tmp_path / "backup")
        connection.execute("ALTER TABLE account ADD COLUMN colour TEXT")
        with pytest.raises(StoreRefused, match="account"):
            back_up(central.folder, tmp_path / "backup")


def _refold_begun(seat: Central) -> None:
    """As where a new version began to make the rows of sites anew, and was stopped."""
    kind = catalogue.kind("site")
    assert kind is not None
    with seat.writing():
        begun = "UPDATE projection_state SET version = 0, folding = ?, done_to = '~' WHERE kind = 'site'"
        run(begun, (kind.version,))
        run("DELETE FROM site")


@pytest.mark.parametrize("back", [True, False])
def test_a_refold_under_way_begins_again_in_the_copy(
    tmp_path: Path, enrolled: MakeNotebook, central: Central, postgres: Any, back: bool
) -> None:
    book = enrolled()
    sites = add_sites(book, 2)
    meet(book)
    _refold_begun(central)
    back_up(central.folder, tmp_path / "backup")
    if not back:
        with closing(Central.open(tmp_path / "backup", restored=True)) as seat:
            if seat._refolder is not None:
                seat._refolder.join()
            _refold_begun(seat)
        growing.grow(tmp_path / "backup", database=new_database(postgres))
    with closing(Central.open(tmp_path / "backup", restored=True)) as copy:
        if copy._refolder is not None:
            copy._refolder.join()
        with copy:
            assert {row.id for row in Site.select(Site.id)} == {*sites}
            assert Officer.select().count() == 1


def test_what_is_no_server_or_does_not_answer_is_said(
    tmp_path: Path, central: Central, postgres: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = central.folder
    central.close()
    before = Settings.read(folder)
    for address, words in (
        (new_database(postgres), "没有服务器"),
        ("postgresql://nobody:geheim@127.0.0.1:1/none", "没有应答"),
        ("postgresql://nobody:geheim@127.0.0.1:a/none", "没有应答"),
    ):
        Settings(address, before.files).write(folder)
        with pytest.raises(StoreRefused, match=words) as told:
            back_up(folder, tmp_path / "backup")
        assert "geheim" not in str(told.value)
        assert contents(tmp_path / "backup") == {}
    before.write(folder)
    back_up(folder, tmp_path / "backup")
    for elsewhere in (
        {"database": before.database},  # a server is there
        {"database": "postgresql://nobody@127.0.0.1:1/none"},
        {"files": "bucket"},
    ):
        with pytest.raises((StoreRefused, BadInput)):
            restore(tmp_path / "backup", tmp_path / "again", **elsewhere)
        assert not (tmp_path / "again").exists()


def test_commands_say_where_it_was_and_take_it_there(
    tmp_path: Path,
    enrolled: MakeNotebook,
    central: Central,
    database: str,
    bucket: str,
    postgres: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    book, backup, again = enrolled(), tmp_path / "backup", tmp_path / "again"
    photos = [
        take_photo(book, each)
        for each in (b"whole", b"gone from the backup", b"gone from the bucket", b"cut")
    ]
    meet(book)
    assert main(["backup", str(central.folder), str(backup), "--off-site", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["files"] == 4
    assert standing(central)[0] > 0
    (backup / "files" / photos[1][:2] / photos[1]).unlink()
    lose(bucket, photos[2])
    spool = central.folder / "spool" / "x"
    spool.write_bytes(b"c")
    central.vault.keep(spool, photos[3])

    assert main(["restore", str(backup), str(again)]) == 1
    said = capsys.readouterr().out
    assert bucket in said
    assert database.replace(":@", "@") in said
    assert photos[1] in said
    shutil.rmtree(again)
    there = ["--database", new_database(postgres), "--files", bucket]
    assert main(["restore", str(backup), str(again), *there, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["files"], told["missing"], told["before"]["files"]) == (4, [], bucket)
    with closing(Central.open(again)) as seat:
        assert {seat.vault.verify(each) for each in photos} == {"kept"}
    assert main(["restore", str(book.folder), str(tmp_path / "book"), *there]) == 2


@pytest.mark.in_folder
def test_a_backup_goes_on_where_the_server_has_grown(
    tmp_path: Path, postgres: Any, bucket: str, begun_central: Path
) -> None:
    folder, backup = tmp_path / "server", tmp_path / "backup"
    shutil.copytree(begun_central, folder)
    first = back_up(folder, backup)
    assert not (backup / FILE).exists()
    growing.grow(folder, database=new_database(postgres), files=bucket)
    admin.add_officer(folder, "执法员01", unit_code=UNIT, certificate="FJ350602001")
    later = back_up(folder, backup)
    assert later.entries > first.entries
    assert Settings.read(backup).former_files == bucket
    with closing(Central.open(backup, restored=True)) as copy:
        assert admin.accounts(copy)[0]["name"] == "执法员01"
    shutil.rmtree(folder)
    restore(backup, folder)
    back_up(folder, tmp_path / "another")
    assert not (tmp_path / "another" / FILE).exists()
    back_up(folder, backup)
    assert Settings.read(backup) == Settings()
