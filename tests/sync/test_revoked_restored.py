"""What the administrator took away or gave after a backup comes back to the restored server (R8, R14)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from models.language import use_language
from models.registry import access
from models.registry.tables import Site
from models.store.change import Change
from models.store.clock import Clock
from models.store.entry import Entry
from models.store.journal import PUT_ASIDE, EntryRow
from models.store.seat import Seat
from sync.address import ServerAddress
from sync.client import enrol, synchronise
from sync.embedded import embedded
from sync.outcome import Exit, SyncFailed
from sync.queries import unsent
from sync.server import admin, doctor, healed, people, recovering, rights
from sync.server.central import CITY, Central
from sync.server.tables import Account, Device
from sync.wire import offered_line

from .by_hand import HandMade
from .conftest import OTHER, QUICK, UNIT, MakeNotebook, add_sites, supervisor
from .test_restored import at


def said(seat: Seat, kind: str) -> list[EntryRow]:
    """The server's entries of a kind, in its order."""
    with seat:
        return list(EntryRow.select().where(EntryRow.kind == kind).order_by(EntryRow.device, EntryRow.seq))


def body(row: EntryRow) -> dict[str, Any]:
    return json.loads(bytes(row.body))  # type: ignore[no-any-return]


def granted(central: Central, device: str) -> tuple[tuple[str, ...], list[str], str]:
    found = people.caller(central, device)
    return found.units, found.read_only, found.role


def test_a_revoked_device_is_revoked_again_after_a_restore(
    enrolled: MakeNotebook, central: Central, backup: Any, restored: Any
) -> None:
    first, stolen = enrolled("执法员01"), enrolled("执法员02")
    for book in (first, stolen):
        assert synchronise(book, pace=QUICK).ok
    backup()
    theirs = add_sites(stolen, 2)  # before the theft
    assert synchronise(stolen, pace=QUICK).ok
    admin.revoke(central, stolen.device)
    add_sites(first, 1)
    assert synchronise(first, pace=QUICK).ok
    with central:
        since = Device.get_by_id(stolen.device).revoked_at or 0

    old = restored()
    assert not people.caller(old, stolen.device).revoked, "nobody has come yet"
    with embedded(old) as running:
        assert at(running, first).ok
        assert people.caller(old, stolen.device).revoked
        with old:
            again = Device.get_by_id(stolen.device).revoked_at or 0
            assert abs(again - since) < 1000, "since when stays known"
            assert Site.select().where(Site.id.in_(theirs)).count() == 2, "what counted before counts again"
        with stolen:
            before = EntryRow.select().where(~EntryRow.own).count()
        later = add_sites(stolen, 1)
        add_sites(first, 3)
        assert at(running, first).ok
        outcome = at(running, stolen)
        assert outcome.exit_code == Exit.REVOKED
        with stolen:
            assert EntryRow.select().where(~EntryRow.own).count() <= before, "it receives nothing"
        with old:
            (row,) = EntryRow.select().where((EntryRow.record == later[0]) & (EntryRow.kind == "set"))
            assert (row.state, row.problem) == (PUT_ASIDE, "revoked")


def test_units_taken_and_a_grant_for_reading_only_come_back(
    enrolled: MakeNotebook, central: Central, backup: Any, restored: Any
) -> None:
    first, moved, reader = (
        enrolled("执法员01"),
        enrolled("执法员02", units=(UNIT, OTHER)),
        enrolled("执法员03"),
    )
    for book in (first, moved, reader):
        assert synchronise(book, pace=QUICK).ok
    backup()
    before = add_sites(moved, 1, OTHER)
    assert synchronise(moved, pace=QUICK).ok
    admin.grant(central, moved.person, [UNIT, OTHER], reading=[CITY])
    admin.grant(central, moved.person, [UNIT], reading=[CITY])
    admin.grant(central, reader.person, [], reading=[UNIT, CITY])
    assert synchronise(first, pace=QUICK).ok

    old = restored()
    with embedded(old) as running:
        assert at(running, first).ok
        assert granted(old, moved.device) == ((CITY, UNIT), [CITY], "officer"), "as the last of the two says"
        assert granted(old, reader.device) == ((CITY, UNIT), [CITY, UNIT], "officer")
        after = add_sites(reader, 1)
        assert at(running, reader).put_aside == 1
        assert at(running, moved).ok
        with old:
            assert Site.get_or_none(Site.id == before[0]) is not None, "written while the unit was granted"
            assert Site.get_or_none(Site.id == after[0]) is None
        with moved:
            assert not EntryRow.select().where((EntryRow.unit == OTHER) & ~EntryRow.own).exists()


def test_who_brings_the_word_that_takes_their_own_unit_keeps_what_counted(
    enrolled: MakeNotebook, central: Central, backup: Any, restored: Any
) -> None:
    moved = enrolled("执法员02", units=(UNIT, OTHER))
    assert synchronise(moved, pace=QUICK).ok
    backup()
    before = add_sites(moved, 1, OTHER)
    assert synchronise(moved, pace=QUICK).ok
    admin.grant(central, moved.person, [UNIT], reading=[CITY])
    assert synchronise(moved, pace=QUICK).ok
    after = add_sites(moved, 1, OTHER)
    old = restored()
    with embedded(old) as running:
        assert at(running, moved).put_aside == 1
        assert granted(old, moved.device) == ((CITY, UNIT), [CITY], "officer")
        with old:
            assert [row.id for row in Site.select().where(Site.id.in_([*before, *after]))] == before
    old.clock = Clock(lambda: Clock().wall_ms() + rights.RETURNING_MS + 60_000)
    judged = rights.judged_as(old, people.caller(old, moved.device))
    with moved:
        late = EntryRow.get(EntryRow.record == before[0]).entry()
    assert OTHER not in judged(late).units, "for a while only"


def test_what_is_granted_since_the_restore_counts_more(
    enrolled: MakeNotebook, central: Central, backup: Any, restored: Any
) -> None:
    first, other = enrolled("执法员01"), enrolled("执法员02")
    assert synchronise(first, pace=QUICK).ok
    backup()
    for units in ([OTHER], [UNIT, OTHER], [OTHER]):
        admin.grant(central, other.person, units)
    assert synchronise(first, pace=QUICK).ok
    old = restored()
    admin.grant(old, other.person, [UNIT], reading=[OTHER])
    with embedded(old) as running:
        assert at(running, first).ok
        assert granted(old, other.device) == ((UNIT, OTHER), [OTHER], "officer")
        admin.grant(old, other.person, [OTHER])
        assert at(running, first).ok
        assert granted(old, other.device) == ((OTHER,), [], "officer")
    (newest,) = [row for row in said(old, "grant") if row.seq == max(each.seq for each in said(old, "grant"))]
    assert len(body(newest)["b"]) == 2, "it replaces what either life had said last"


def test_an_account_and_a_revoked_device_that_the_backup_lacks(
    enrolled: MakeNotebook, central: Central, backup: Any, restored: Any
) -> None:
    first = enrolled("执法员01")
    assert synchronise(first, pace=QUICK).ok
    backup()
    later = enrolled("负责人02", role="lead", units=(UNIT, OTHER))
    admin.revoke(central, later.device)
    assert synchronise(first, pace=QUICK).ok
    old = restored()
    with embedded(old) as running:
        assert at(running, first).ok
        with old:
            account = Account.get_by_id(later.person)
            assert (account.name, account.role) == ("负责人02", "lead")
            assert Device.get_or_none(Device.id == later.device) is None
        code = admin.code(old, "负责人02").code
        with central:
            since = Device.get_by_id(later.device).revoked_at or 0
        add_sites(later, 2)
        enrol(later, ServerAddress.parse(running.url), code, pace=QUICK)
        with old:
            assert abs((Device.get_by_id(later.device).revoked_at or 0) - since) < 1000, (
                "a key once revoked never comes back"
            )
        # it is heard all the same: what it has may be evidence of before the theft (R14)
        assert at(running, later).exit_code == Exit.REVOKED
        assert unsent(later).entries == 0
        with old:
            rows = EntryRow.select().where((EntryRow.device == later.device) & (EntryRow.kind == "set"))
            assert {(row.state, row.problem) for row in rows} == {(PUT_ASIDE, "revoked")}
        with pytest.raises(SyncFailed):
            enrol(first, ServerAddress.parse(running.url), code, pace=QUICK)


def test_the_log_says_who_did_it_and_nothing_secret(enrolled: MakeNotebook, central: Central) -> None:
    first, worker = enrolled("执法员01"), enrolled("网格员01", role="grid_worker")
    head = supervisor(central)
    code = admin.code(central, first.person).code
    admin.grant(central, worker.person, [OTHER], by=head, why="调往芗城")
    admin.grant(central, worker.person, [OTHER], by=head)  # changes nothing
    gone = enrolled("执法员03")
    admin.revoke(central, gone.device, by=head, why="电脑遗失")
    admin.revoke(central, gone.device)
    for book in (first, worker):
        assert synchronise(book, pace=QUICK).ok
    (revoked,) = said(first, "revoke")
    assert body(revoked) == {"officer": gone.person, "why": "电脑遗失"}
    assert revoked.record == gone.device
    grants = [row for row in said(first, "grant") if body(row)["officer"] == worker.person]
    assert [body(row)["units"] for row in grants] == [[UNIT], [OTHER]]
    assert body(grants[1])["why"] == "调往芗城"
    for row in (revoked, grants[1]):
        assert row.entry().parsed_head.u == head
    assert {body(row)["officer"] for row in said(worker, "grant")} == {worker.person}, (
        "a grid worker has not the city's unit: they see their own only"
    )
    assert not said(worker, "revoke")
    written = b"".join(row.body + row.head for kind in ("grant", "revoke") for row in said(central, kind))
    with central:
        names = [row.name.encode() for row in Account.select()]
    for secret in (code.encode(), code.replace("-", "").encode(), *names):
        assert secret not in written
    allowed = {"officer", "role", "units", "read_only", "why", "b"}
    assert all(body(row).keys() <= allowed for row in said(central, "grant"))
    assert not access.knows(rights.ACCOUNT)


def test_nobody_else_grants_or_revokes(
    enrolled: MakeNotebook, central: Central, backup: Any, restored: Any
) -> None:
    """What a device gives back under the server's name, or says itself, changes no account."""
    first, other = enrolled("执法员01"), enrolled("执法员02")
    backup()
    old = restored()
    held = granted(old, first.device)
    word = {"officer": first.person, "role": "city", "units": [UNIT, OTHER, CITY], "read_only": [], "b": []}
    forger = HandMade(first.signer)
    forger.seq = 900
    wide = forger.entry("grant", rights.ACCOUNT, f"account:{first.person}", word, CITY)
    away = forger.entry("revoke", "device", other.device, {"officer": other.person, "why": ""}, CITY)
    named = [wide, away]
    for each in (wide, away):
        head = each.head.replace(first.device.encode(), old.device.encode())
        named.append(forger.sealed(Entry.of_bytes(each.prev, head, each.body, b"")))
    result = recovering.recover(old, [offered_line(each.prev, each.line())[:-1] for each in named])
    assert (result.stored, len(result.refused)) == (0, 4)
    first.write(
        Change("grant", rights.ACCOUNT, f"account:{first.person}", CITY, body=word),
        Change("revoke", "device", other.device, CITY, body={}),
        Change("set", rights.ACCOUNT, f"account:{first.person}", UNIT, fields={"role": "city"}),
    )
    with embedded(old) as running:
        assert at(running, first).put_aside == 3
    assert granted(old, first.device) == held
    assert not people.caller(old, other.device).revoked


def test_until_the_notebooks_are_back_a_sentence_says_so(
    enrolled: MakeNotebook, central: Central, backup: Any, restored: Any, tmp_path: Path
) -> None:
    use_language("en")
    book = enrolled()
    assert synchronise(book, pace=QUICK).ok
    backup()
    add_sites(book, 1)
    assert synchronise(book, pace=QUICK).ok
    old = restored()
    assert healed.standing(old) == {}
    old.begin_epoch()
    old.sign_head()
    assert "revoke again" in healed.standing(old)["restored"]["note"]
    checks = {check.name: check.problems for check in doctor.examine(tmp_path / "backup")}
    assert checks["restored"][0].startswith("Laptops that have not synchronised since the restore: 1")
    assert "revoke again" in checks["restored"][1]
    with embedded(old) as running:
        assert at(running, book).ok
    assert "note" not in healed.standing(old)["restored"]
    checks = {check.name: check.problems for check in doctor.examine(tmp_path / "backup")}
    assert checks["restored"] == ()


def test_a_device_that_was_revoked_before_the_log_said_so_is_revoked_again_by_the_command(
    enrolled: MakeNotebook, central: Central
) -> None:
    book = enrolled()
    with central.writing():  # as an older server left it
        Device.update(revoked_at=5).where(Device.id == book.device).execute()
    admin.revoke(central, book.device)
    assert [row.record for row in said(central, "revoke")] == [book.device]
    with central:
        assert Device.get_by_id(book.device).revoked_at == 5
