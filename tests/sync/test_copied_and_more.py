"""Copies, second factors, orders and restored servers where they meet: nothing is lost between them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from models.registry.tables import Site
from models.store.ballast import Ballast
from models.store.entry import withheld
from models.store.health import problems
from models.store.journal import PUT_ASIDE, EntryRow
from models.store.notebook import Notebook
from models.store.seat import Seat
from models.store.signer import Signer
from models.store.token import TokenPlaces
from sync import outcome as says
from sync.address import ServerAddress
from sync.client import enrol, synchronise
from sync.embedded import embedded
from sync.opened import settle
from sync.outcome import Exit, Outcome
from sync.server import admin, factors
from sync.server.central import Central
from sync.server.tables import Device

from .codes import Phone
from .conftest import PASSPHRASE, QUICK, MakeNotebook, add_sites, meet, supervisor, whole
from .test_copied import opened, pair  # noqa: F401 -- fixtures
from .test_old_copy import image_of
from .test_redact import body_in, holds, redact, written
from .test_rehoming import same_everywhere
from .test_restored import at

Pair = Callable[..., tuple[Notebook, Notebook]]


def handed_in(outcome: Outcome) -> Outcome:
    assert [each.exit for each in outcome.problems] == [Exit.CODE_DUE], [t.text() for t in outcome.problems]
    assert outcome.unsent_entries == 0
    return outcome


def has_sites(seat: Seat, ids: list[str]) -> bool:
    with seat:
        return Site.select().where(Site.id.in_(ids)).count() == len(ids)


def test_a_copy_hands_in_without_a_code(
    pair: Pair,  # noqa: F811
    enrolled: MakeNotebook,
    central: Central,
) -> None:
    book = enrolled("执法员01")
    add_sites(book, 3)
    meet(book)
    phone = Phone(factors.give(central, book.person))
    waiting = add_sites(book, 5)
    book, twin = pair(book)
    own = add_sites(twin, 4)
    handed_in(synchronise(twin, pace=QUICK))
    assert has_sites(central, [*waiting, *own])
    handed_in(synchronise(book, pace=QUICK))
    whole(synchronise(twin, pace=QUICK, code=phone.code()))
    whole(synchronise(book, pace=QUICK, code=phone.code(1)))
    with central:
        assert not EntryRow.select().where(EntryRow.state == PUT_ASIDE).exists()
    same_everywhere(central, book, twin)


def test_without_a_code_a_restored_server_gets_back_what_it_lost(
    pair: Pair,  # noqa: F811
    enrolled: MakeNotebook,
    central: Central,
    backup: Any,
    restored: Callable[[], Central],
) -> None:
    book, other = enrolled("执法员01"), enrolled("执法员02")
    meet(book, other)
    phone = Phone(factors.give(central, book.person))
    backup()
    theirs = add_sites(other, 3)
    meet(other)
    whole(synchronise(book, pace=QUICK, code=phone.code()))
    assert has_sites(book, theirs)
    mine = add_sites(book, 3)
    meet(book)
    waiting = add_sites(book, 2)
    book, twin = pair(book)
    own = add_sites(twin, 2)
    again = restored()
    with embedded(again) as running:
        outcome = handed_in(at(running, twin))
        assert says.SERVER_RESTORED in [each.msgid for each in outcome.warnings]
        assert has_sites(again, [*theirs, *mine, *waiting, *own])
        handed_in(at(running, book))
        with again:
            assert not EntryRow.select().where(EntryRow.state == PUT_ASIDE).exists()
        assert again.recheck()


def test_a_restored_server_that_knows_neither_takes_both_in_by_codes(
    pair: Pair,  # noqa: F811
    enrolled: MakeNotebook,
    central: Central,
    backup: Any,
    restored: Callable[[], Central],
) -> None:
    book = enrolled("执法员01")
    backup()
    mine = add_sites(book, 3)
    meet(book)
    waiting = add_sites(book, 2)
    book, twin = pair(book)
    own = add_sites(twin, 2)
    again = restored()
    with again.writing():  # its account was there already, and no device of it
        Device.delete().where(Device.id == book.device).execute()
    with embedded(again) as running:
        address = ServerAddress.parse(running.url)
        refused = at(running, twin)
        assert not refused.ok
        enrol(twin, address, admin.code(again, book.person).code, pace=QUICK)
        whole(at(running, twin))
        whole(at(running, book))
        whole(at(running, twin))
        assert has_sites(again, [*mine, *waiting, *own])
        with again:
            assert not EntryRow.select().where(EntryRow.state == PUT_ASIDE).exists()
        assert problems(twin) == problems(book) == []


def test_a_server_restored_to_before_it_knew_the_copy(
    pair: Pair,  # noqa: F811
    enrolled: MakeNotebook,
    central: Central,
    backup: Any,
    restored: Callable[[], Central],
) -> None:
    book = enrolled("执法员01")
    mine = add_sites(book, 3)
    meet(book)
    backup()
    waiting = add_sites(book, 2)
    book, twin = pair(book)
    own = add_sites(twin, 2)
    meet(twin, book)
    more = add_sites(twin, 2)
    again = restored()
    with embedded(again) as running:
        address = ServerAddress.parse(running.url)
        refused = at(running, twin)
        assert not refused.ok
        enrol(twin, address, admin.code(again, book.person).code, pace=QUICK)
        whole(at(running, twin))
        whole(at(running, book))
        assert has_sites(again, [*mine, *waiting, *own, *more])
        with again:
            assert not EntryRow.select().where(EntryRow.state == PUT_ASIDE).exists()


def test_what_a_copy_had_not_sent_and_its_twin_lost_by_order(
    pair: Pair,  # noqa: F811
    enrolled: MakeNotebook,
    central: Central,
) -> None:
    book = enrolled("执法员01")
    meet(book)
    _record, entry = written(book)
    after = add_sites(book, 2)
    book, twin = pair(book)
    assert holds(twin)
    meet(book)
    said = redact(central, entry, supervisor(central))
    assert said
    own = add_sites(twin, 2)
    meet(twin, book, twin)
    assert holds(twin) == holds(book) == holds(central) == []
    assert has_sites(central, [*after, *own])
    assert central.recheck()
    same_everywhere(central, book, twin)


def test_a_copy_made_after_the_order_of_what_was_not_sent(
    pair: Pair,  # noqa: F811
    enrolled: MakeNotebook,
    central: Central,
    backup: Any,
    restored: Callable[[], Central],
) -> None:
    """The order was obeyed, the server forgot it; the copy carries what is left of the entry."""
    book, other = enrolled("执法员01"), enrolled("执法员02")
    meet(book, other)
    backup()
    _record, entry = written(book)
    after = add_sites(book, 2)
    meet(book, other)
    redact(central, entry, supervisor(central))
    meet(other)
    meet(book)
    assert body_in(book, entry) == withheld(entry.body)
    again = restored()
    book, twin = pair(book)
    own = add_sites(twin, 2)
    with embedded(again) as running:
        whole(at(running, twin))
        whole(at(running, book))
        whole(at(running, other))
        for each in (twin, book, other):
            whole(at(running, each))
        assert holds(again) == holds(twin) == holds(book) == []
        assert has_sites(again, [*after, *own])
        assert again.recheck()
        for each in (twin, book, other):
            assert problems(each) == []


def test_an_old_image_of_before_the_order_at_a_restored_server(
    enrolled: MakeNotebook,
    central: Central,
    backup: Any,
    restored: Callable[[], Central],
    opened: Any,  # noqa: F811
    tmp_path: Path,
) -> None:
    book, other = enrolled("执法员01"), enrolled("执法员02")
    meet(book, other)
    book.close()
    book = opened(book.folder)
    backup()
    _record, entry = written(book)
    image = image_of(book, tmp_path / "image")
    after = add_sites(book, 2)
    meet(book, other)
    redact(central, entry, supervisor(central))
    meet(book, other)
    book.close()
    again = restored()
    old = opened(image, "two")
    assert old.was_copied
    own = add_sites(old, 2)
    with embedded(again) as running:
        whole(at(running, old))  # it knows no order, and neither does the server
        assert holds(again)
        whole(at(running, other))
        assert holds(again) == [], "the order came back"
        whole(at(running, old))
        assert holds(old) == holds(other) == []
        assert has_sites(again, [*after, *own])
        assert again.recheck()
        assert problems(old) == problems(other) == []


def test_what_an_old_image_gets_back_under_an_order_is_whole_before_a_code_is_shown(
    enrolled: MakeNotebook, central: Central, tmp_path: Path
) -> None:
    book = enrolled("执法员01")
    meet(book)
    image = image_of(book, tmp_path / "image")
    _record, entry = written(book)
    after = add_sites(book, 3)
    meet(book)
    redact(central, entry, supervisor(central))
    phone = Phone(factors.give(central, book.person))
    book.close()
    with closing(Notebook.open(image, PASSPHRASE)) as old:
        handed_in(synchronise(old, pace=QUICK))
        assert has_sites(old, after)
        assert problems(old) == [], "its own entry lacks its content, by an order that comes with the code"
        own = add_sites(old, 2)
        handed_in(synchronise(old, pace=QUICK))
        whole(synchronise(old, pace=QUICK, code=phone.code()))
        assert problems(old) == []
        assert has_sites(central, own)
        assert central.recheck()


def test_a_full_disk_on_which_room_is_made_keeps_no_copy_under_the_name_of_the_first(
    enrolled: MakeNotebook,
    opened: Any,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = enrolled()
    book.close()
    image = image_of(opened(book.folder), tmp_path / "twin")
    monkeypatch.delenv("QINGCHA_NO_BALLAST", raising=False)
    ballast = Ballast(tmp_path, size=1 << 20, roomy=0)
    assert ballast.keep()
    begin = Notebook._begin_chain

    def full(notebook: Notebook, signer: Signer) -> None:
        if ballast.is_there():
            raise sqlcipher.OperationalError("database or disk is full")
        begin(notebook, signer)

    monkeypatch.setattr(Notebook, "_begin_chain", full)
    with closing(Notebook.open(image, PASSPHRASE, ballast=ballast)) as twin:
        assert settle(twin, TokenPlaces(tmp_path / "tokens-two"))
        assert twin.device != book.device
