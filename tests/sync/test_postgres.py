"""The server on PostgreSQL: several processes over one database; no reader skips what commits late."""

from __future__ import annotations

import base64
import contextlib
import os
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
import urllib3
from peewee import InternalError, OperationalError

from models.errors import BadInput, StoreRefused
from models.registry import queries
from models.registry.tables import Site
from models.store.change import new_id, put
from models.store.entry import GENESIS
from models.store.health import problems
from models.store.journal import EntryRow
from models.store.postgres import Postgres
from models.store.seat import Seat
from models.store.signer import Signer
from sync.address import ServerAddress
from sync.client import synchronise
from sync.courier import Pace
from sync.embedded import Running, embedded
from sync.outcome import BUSY, Exit
from sync.problems import Problem
from sync.server import accept, admin, people
from sync.server.backup import restore, restored
from sync.server.calls import answered, served
from sync.server.central import Central
from sync.server.requests import Incoming
from sync.server.settings import FILE, Settings
from sync.wire import Limits
from tests.photos import take_photo
from tests.postgres import new_database
from tests.rows import digest

from .by_hand import HandMade, enrol_by_hand, first_entry, push
from .conftest import QUICK, UNIT, MakeNotebook, add_sites, server_process
from .test_verify_page import sealed

ROOT = Path(__file__).parent.parent.parent
FRONT_DOOR = ROOT / "main.py"


@pytest.fixture
def database(postgres: Any) -> str:
    """These tests are of PostgreSQL alone."""
    return new_database(postgres)


@pytest.fixture
def other(central: Central) -> Iterator[Central]:
    """Another process's seat over the same folder."""
    with contextlib.closing(Central.open(central.folder)) as seat:
        yield seat


def cursors(central: Central) -> list[int]:
    with central:
        return [row.cursor for row in EntryRow.select(EntryRow.cursor).order_by(EntryRow.cursor)]


def site(central: Central) -> int:
    """Write one site record; the place of its entry in the log."""
    (entry,) = central.write(put("site", new_id(), UNIT, name="示例企业"))
    with central:
        place = EntryRow.get(EntryRow.hash == entry.hash).cursor
    assert place is not None
    return place


def test_no_reader_passes_a_place_whose_entry_commits_late(central: Central, other: Central) -> None:
    """Two write at once, one held open: the second waits, and nobody reads past what is committed."""
    before = central.sign_head().size
    held, go_on = threading.Event(), threading.Event()

    def slowly() -> int:
        with central.writing():
            place = site(central)
            held.set()
            assert go_on.wait(30)
        return place

    with contextlib.closing(Central.open(central.folder)) as reader, ThreadPoolExecutor(2) as pool:
        first = pool.submit(slowly)
        assert held.wait(30)
        second = pool.submit(site, other)
        # what is held is neither in a head nor read, and the other has no place yet: it would be this one's
        assert reader.sign_head().size == before
        assert max(cursors(reader)) == before
        assert not second.done()
        go_on.set()
        assert (first.result(30), second.result(30)) == (before + 1, before + 2)
        assert reader.sign_head().size == before + 2
        assert cursors(reader) == list(range(1, before + 3))


def test_a_place_that_was_taken_back_is_given_again(central: Central, other: Central) -> None:
    """No sequence counts the places: what is undone leaves no hole."""
    before = central.sign_head().size
    with contextlib.suppress(KeyError), central.writing():
        site(central)
        raise KeyError
    assert site(other) == before + 1
    central.recheck()


def test_where_the_lock_does_nothing_the_log_holds_all_the_same(
    central: Central, other: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on CockroachDB, which takes advisory locks for form's sake: unique places let one of two in."""

    def begin(self: Postgres) -> None:
        self.connection().execute("BEGIN")

    monkeypatch.setattr(Postgres, "begin", begin)
    before = central.sign_head().size
    both = threading.Barrier(2)

    def write(seat: Central) -> bool:
        try:
            with seat.writing():
                seat.appender()
                seat._chain_end()  # both have read where they go on before either writes
                both.wait(30)
                site(seat)
        except psycopg.errors.UniqueViolation:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(write, [central, other]))
    assert sorted(done) == [False, True]
    assert cursors(central) == list(range(1, before + 2))
    central.recheck()


def test_what_one_process_takes_the_other_knows(central: Central, other: Central) -> None:
    officer = admin.add_officer(central, "执法员01", unit_code=UNIT, certificate="FJ350602001")
    code = people.make_code(other, officer)
    key = Signer.new().public_key_der
    device = people.enrol(central, code, key, "示例电脑").id
    people.use_nonce(central, device, "einmal")
    with pytest.raises(Problem, match="taken already"):
        people.use_nonce(other, device, "einmal")
    assert people.session_device(other, people.open_session(central, device)) == device
    assert people.caller(other, device).units == ("350600", UNIT)
    people.revoke(other, device)
    assert people.caller(central, device).revoked
    central.begin_epoch()
    assert other.epoch == central.epoch
    assert other.sign_head().size == central.sign_head().size
    # by number and by the initials of the name: without FTS5
    for asked in ("FJ350602001", "zfy01", "执法员"):
        assert [row.id for row in queries.find_officers(other, asked)] == [officer], asked
    assert queries.find_officers(other, "执法队") == []


def test_a_connection_that_is_lost_is_opened_again(
    enrolled: MakeNotebook, central: Central, database: str
) -> None:
    """As when PostgreSQL is started anew: calls under way are answered busy, and notebooks ask again."""
    book = enrolled()
    add_sites(book, 3)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid != pg_backend_pid()"
        )
    outcome = synchronise(book, pace=replace(QUICK, tries=12))
    assert outcome.ok, [trouble.text() for trouble in outcome.problems]
    with pytest.raises((StoreRefused, OperationalError, psycopg.OperationalError)):
        cursors(central)  # this thread's own connection, lost too
    assert central.recheck() == cursors(central)[-1]


@contextlib.contextmanager
def away(database: str) -> Iterator[None]:
    """Nobody reaches the database until the block is left."""
    name = database.split("?")[0].rpartition("/")[2]
    with psycopg.connect(database.replace(name, "postgres"), autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
        yield
        connection.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")


def test_a_transaction_whose_connection_is_lost_was_not_kept(central: Central) -> None:
    """Found by simulated seed 1061135: COMMIT went over another connection, which had nothing to keep."""
    site = new_id()

    def lost() -> None:
        with central.writing():
            central.write(put("site", site, UNIT, name="甲"))
            central._writer.connection().close()

    with pytest.raises((StoreRefused, OperationalError, psycopg.OperationalError)):
        lost()
    central.write(put("site", new_id(), UNIT, name="乙"))
    with central:
        assert EntryRow.select().where(EntryRow.record == site).count() == 0
    assert central.recheck() == central.sign_head().size


def test_a_transaction_of_which_a_statement_failed_is_not_taken_for_kept(central: Central) -> None:
    site = new_id()

    def failed() -> None:
        with central.writing():
            central.write(put("site", site, UNIT, name="甲"))
            with contextlib.suppress(psycopg.Error):
                central._writer.connection().execute("SELECT 1 FROM nowhere")

    with pytest.raises((StoreRefused, InternalError, psycopg.Error)):
        failed()
    central.write(put("site", new_id(), UNIT, name="乙"))
    with central:
        assert EntryRow.select().where(EntryRow.record == site).count() == 0
    assert central.recheck() == central.sign_head().size


def test_a_database_that_is_away_is_no_damage(
    enrolled: MakeNotebook, central: Central, database: str
) -> None:
    """Whoever watches the server is told what to start; the notebook, to come again."""
    book = enrolled()
    with away(database):
        (health,) = [each for each in served(central, Limits()) if each.path == "/v1/health"]
        answer = answered(health.handler, Incoming("GET", "/v1/health", (), {}, {}, b""))
        assert (answer.status, answer.json) == (503, {"status": "no-database"})
        add_sites(book, 1)
        (told,) = synchronise(book, pace=QUICK).problems
        assert (told.exit, told.msgid) == (Exit.NO_ANSWER, BUSY)
    assert synchronise(book, pace=replace(QUICK, tries=12)).ok


def test_who_scans_a_code_meanwhile_is_asked_to_come_again(
    enrolled: MakeNotebook, central: Central, server: Running, database: str
) -> None:
    book = enrolled()
    _, text = sealed(book)
    assert synchronise(book, pace=QUICK).ok
    asked = f"{server.url}/verify?{urlencode({'q': text})}"
    with away(database):
        page = urllib3.request("GET", asked, retries=False)
        assert (page.status, "请一分钟后" in page.data.decode()) == (503, True), page.data.decode()
    assert urllib3.request("GET", asked, retries=False).status == 200


def test_the_address_is_kept_once_and_never_told(
    central: Central, database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = central.folder / FILE
    assert settings.stat().st_mode & 0o777 == 0o600
    assert Settings.read(central.folder).database == database
    assert not (central.folder / "central.db").exists()
    with pytest.raises(StoreRefused, match="数据库中已有服务器"):
        admin.init(tmp_path / "two", organisation="某局", host="two.example.cn", database=database)
    with pytest.raises(BadInput):
        admin.init(tmp_path / "three", organisation="某局", host="x.example.cn", database="mysql://x")
    secret = "postgresql://qingcha:geheim@127.0.0.1:1/qingcha"
    with pytest.raises(StoreRefused) as told:
        admin.init(tmp_path / "four", organisation="某局", host="x.example.cn", database=secret)
    assert "geheim" not in str(told.value)
    assert "geheim" not in "".join(capfd.readouterr())


def in_a_shell(script: str, address: str, server: Any) -> None:
    """Run commands as an operator types them."""
    script = f"set -e\n{script}".replace("ADDRESS", shlex.quote(address))
    own = f'qingcha() {{ {shlex.quote(sys.executable)} {shlex.quote(str(FRONT_DOOR))} "$@"; }}\n'
    path = {"PATH": f"{server.bin_path}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["sh", "-c", own + script], env=os.environ | path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def documented(begin: str) -> str:
    """The commands of docs/server.md that begin so."""
    blocks = (ROOT / "docs/server.md").read_text(encoding="utf-8").split("```sh\n")[1:]
    (found,) = [block.partition("```")[0] for block in blocks if block.startswith(begin)]
    return found


def test_a_backup_made_by_the_tools_of_postgresql_brings_the_server_back(
    tmp_path: Path, enrolled: MakeNotebook, central: Central, postgres: Any
) -> None:
    book = enrolled()
    photo = take_photo(book, b"before" * 1000)
    sites = add_sites(book, 3)
    assert synchronise(book, pace=QUICK).ok
    folder, copy, again = tmp_path / "server", tmp_path / "the backup", tmp_path / "a new server"
    places = {"/backup/qingcha": shlex.quote(str(copy)), "/srv/qingcha": shlex.quote(str(folder))}
    script = documented("mkdir -m 700 -p /backup/qingcha")
    for place, here in places.items():
        script = script.replace(place, here)
    in_a_shell(script, Settings.read(folder).database, postgres)
    sites += add_sites(book, 2)
    assert synchronise(book, pace=QUICK).ok
    address = new_database(postgres)
    again.mkdir()
    for name in ("server.toml", "server.key", "ca.key", "ca.crt"):
        (again / name).write_bytes((copy / name).read_bytes())
    # begun before the journal is back, it leaves the database as empty as it was
    with pytest.raises(StoreRefused, match="没有服务器"):
        restored(again, database=address)
    with pytest.raises(BadInput) as told:
        restore(copy, again)
    lines = [line for line in str(told.value).splitlines() if line.startswith("  ")]
    assert len(lines) == 4
    in_a_shell("\n".join(lines), address, postgres)
    assert Settings.read(copy).database != Settings.read(again).database == address
    with contextlib.closing(Central.open(again)) as later, embedded(later) as running:
        assert later.epoch != central.epoch
        assert synchronise(book, ServerAddress.parse(running.url), pace=QUICK).ok
        with later:
            assert {row.id for row in Site.select(Site.id)} == {*sites}
        assert later.vault.verify(photo) == "kept"


def test_no_settings_are_written_where_no_server_is(tmp_path: Path) -> None:
    with pytest.raises(StoreRefused):
        restored(tmp_path, database="postgresql://qingcha@127.0.0.1/qingcha")
    assert list(tmp_path.iterdir()) == []


def test_what_the_database_does_not_do_now_is_no_fault_of_the_entry(
    central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A statement that is cancelled, or loses a deadlock: nothing is put aside, and all is taken later."""
    device = enrol_by_hand(central)
    entries = [first_entry(device), device.site("甲")]

    def cancelled(*args: Any) -> None:
        raise psycopg.errors.QueryCanceled("canceling statement due to statement timeout")

    with monkeypatch.context() as patched:
        patched.setattr(central.projector, "project", cancelled)
        patched.setattr(central.projector, "projected_at_once", lambda *args: False)
        with pytest.raises(StoreRefused):
            push(central, device, entries)
    assert push(central, device, entries)["results"] == []


@pytest.mark.parametrize("name", ["甲" * 60_000, os.urandom(60_000).hex()])
def test_what_no_index_can_hold_holds_up_nobody(central: Central, name: str) -> None:
    device = enrol_by_hand(central)
    entries = [first_entry(device), device.site(name), device.site("乙")]
    aside = [each["q"] for each in push(central, device, entries)["results"]]
    assert aside == ([2] if name[0] != "甲" else []), "repeated, it is compressed"


def test_a_name_that_a_database_cannot_hold_ends_the_batch_there(central: Central) -> None:
    """PostgreSQL keeps no NUL in a text: such a name in a head would hold up the device for ever."""
    device = HandMade(Signer.new())
    officer = admin.add_officer(central, "执法员01", unit_code=UNIT, certificate="FJ350602001")
    people.enrol(central, people.make_code(central, officer), device.signer.public_key_der, "手工\0电脑")
    who = people.caller(central, device.signer.device)
    key = {"key": base64.b64encode(who.key).decode(), "alg": "p256-sha256"}
    entries = [
        device.entry("enrol", "device", who.device, key),
        device.entry("set", "site", new_id(), {"f": {"name": {"x": "示例\0企业", "b": []}}}),
        device.entry("set", "site", "a\0b", {"f": {"name": {"x": "示例企业", "b": []}}}),
    ]
    lines = [entry.line().rstrip(b"\n") for entry in entries]
    batch = accept.read_batch(lines, 1, GENESIS, who, who.key)
    assert batch.stopped is not None
    assert (len(batch.entries), batch.stopped["q"]) == (2, 3)
    result = accept.accept(central, who, batch, 1, GENESIS)
    # a value that cannot be kept is the entry's own fault, and said so to every reader
    assert [each["type"] for each in result.aside] == ["schema"]
    central.recheck()


def test_two_processes_and_one_of_them_killed(enrolled: MakeNotebook, central: Central) -> None:
    """Four notebooks through both in turn; one dies by kill -9 in the middle: nothing lost or doubled."""
    books = [enrolled(f"执法员{number:02}") for number in range(1, 5)]
    written: dict[str, list[str]] = {book.device: [] for book in books}
    central.close()
    with server_process(central.folder) as (first, one), server_process(central.folder) as (_, two):
        urls = [ServerAddress.parse(one), ServerAddress.parse(two)]

        def work(number: int) -> None:
            book = books[number]
            for turn in range(6):
                written[book.device] += add_sites(book, 30)
                if number == 0 and turn == 3:
                    first.kill()
                synchronise(book, urls[(number + turn) % 2], pace=Pace(tries=1))

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, range(4)))
        for book in books:
            outcome = synchronise(book, urls[1], pace=QUICK)
            assert outcome.ok, [trouble.text() for trouble in outcome.problems]
        for book in books:  # what others sent since
            assert synchronise(book, urls[1], pace=QUICK).ok
    again = Central.open(central.folder)
    places = cursors(again)
    assert places == list(range(1, len(places) + 1))
    assert again.recheck() == len(places) == again.sign_head().size
    assert problems(again) == []
    with again:
        assert {row.id for row in Site.select(Site.id)} == {each for own in written.values() for each in own}
        rows = digest(Site)
    for book in books:
        assert chain(book, book.device) == chain(again, book.device)
        with book:
            assert digest(Site) == rows
    again.close()


def chain(seat: Seat, device: str) -> list[bytes]:
    """The hashes of a device's entries in a seat, in their order."""
    with seat:
        rows = EntryRow.select().where(EntryRow.device == device).order_by(EntryRow.seq)
        return [bytes(row.hash) for row in rows]
