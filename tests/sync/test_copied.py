"""A copy that finds itself out at opening goes on under a key of its own before it writes anything (R6)."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from models.registry.numbers import number_prefix
from models.registry.tables import Site
from models.store import keys, token
from models.store.backup import back_up, restore
from models.store.change import attach, new_id, put
from models.store.health import problems
from models.store.journal import PUT_ASIDE, EntryRow
from models.store.notebook import Notebook
from models.store.token import Finding, TokenPlaces
from sync import copied, queries
from sync import outcome as says
from sync.address import ServerAddress
from sync.carrying import export, take_answers
from sync.client import enrol, synchronise
from sync.courier import Pace
from sync.opened import settle
from sync.outcome import Exit, Outcome
from sync.server import admin, people
from sync.server.carried import take_in
from sync.server.central import Central
from sync.server.tables import Device, Succession
from sync.server.verify_page import look_up
from sync.tables import FormerChain
from sync.transport import HttpTransport, NoAnswer
from tests.photos import take_photo

from .conftest import (
    PASSPHRASE,
    QUICK,
    UNIT,
    MakeNotebook,
    add_sites,
    server_process,
    whole,
)
from .test_old_copy import image_of
from .test_rehoming import Between, rehomed, same_everywhere
from .test_verify_page import sealed

Open = Callable[..., Notebook]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Opens a folder on a laptop, as the app does; closed at the end."""
    books: list[Notebook] = []

    def opening(folder: Path, laptop: str = "one") -> Notebook:
        books.append(Notebook.open(folder, PASSPHRASE))
        settle(books[-1], TokenPlaces(tmp_path / f"tokens-{laptop}"))
        return books[-1]

    yield opening
    for book in books:
        book.close()


@pytest.fixture
def pair(enrolled: MakeNotebook, opened: Open, tmp_path: Path) -> Callable[..., tuple[Notebook, Notebook]]:
    """A notebook as it was opened on its laptop, and its copy as it was opened on another."""

    def make(book: Notebook | None = None) -> tuple[Notebook, Notebook]:
        book = book or enrolled()
        book.close()
        mine = opened(book.folder)
        assert not mine.was_copied
        twin = opened(image_of(mine, tmp_path / f"twin{new_id()[-4:]}"), "two")
        assert twin.was_copied
        return mine, twin

    return make


def no_fork(outcome: Outcome) -> list[str]:
    told = [trouble.msgid for trouble in whole(outcome).warnings]
    assert says.REHOMED not in told
    assert says.OLD_COPY not in told
    return told


def test_both_go_on_and_neither_ever_forks(
    pair: Callable[..., tuple[Notebook, Notebook]], enrolled: MakeNotebook, central: Central
) -> None:
    book = enrolled("执法员01")
    shared = add_sites(book, 30)
    whole(synchronise(book, pace=QUICK))
    waiting = add_sites(book, 5)
    former = book.device
    book, twin = pair(book)
    assert (book.device, twin.device != former) == (former, True), "before anything is written or sent"
    now = book.clock.wall_ms()
    assert number_prefix(UNIT, now, book.device) != number_prefix(UNIT, now, twin.device)
    one, two = add_sites(book, 7), add_sites(twin, 12)
    book.write(put("site", shared[0], UNIT, name="甲"))
    twin.write(put("site", shared[0], UNIT, name="乙"))

    assert says.COPY_CERTIFIED in no_fork(synchronise(twin, pace=QUICK)), "the copy may be the first to come"
    no_fork(synchronise(book, pace=QUICK))
    with central:
        assert Site.select().where(Site.id.in_([*shared, *waiting, *one, *two])).count() == 54
        assert Succession.get(Succession.device == twin.device).former == former
        assert not EntryRow.select().where(EntryRow.state == PUT_ASIDE).exists()
        numbers = [row.seq for row in EntryRow.select().where(EntryRow.device == former)]
    assert sorted(numbers) == list(range(1, len(numbers) + 1)), "the original's chain is whole"
    with book:
        assert not FormerChain.select().exists()
    for each in (book, twin):
        assert says.COPY_CERTIFIED not in no_fork(synchronise(each, pace=QUICK)), "told once"
    other = enrolled("执法员02")
    same_everywhere(central, book, twin, other)
    with other:
        assert len(other.journal.heads(shared[0])["name"]) == 2


def test_a_notebook_that_moved_goes_on_alone_and_is_told_once(
    pair: Callable[..., tuple[Notebook, Notebook]], opened: Open, enrolled: MakeNotebook, central: Central
) -> None:
    book = enrolled()
    sites = add_sites(book, 3)
    photo = take_photo(book, b"photo" * 9000)
    _gone, book = pair(book)
    assert "记录簿" in copied.words(book).text()
    sites += add_sites(book, 2)
    no_fork(synchronise(book, pace=QUICK))
    assert central.vault.verify(photo) == "kept"
    assert set(queries.marks(book, sites).values()) == {"received"}
    device = book.device
    book.close()
    again = opened(book.folder, "two")
    assert (again.was_copied, again.device, again.follows_unasked()) == (False, device, False)
    same_everywhere(central, again)


def test_an_old_image_that_was_put_back_gets_what_it_lacks_without_a_fork(
    enrolled: MakeNotebook, opened: Open, central: Central, tmp_path: Path
) -> None:
    book = enrolled()
    book.close()
    book = opened(book.folder)
    kept = add_sites(book, 4)
    image = image_of(book, tmp_path / "image")
    lost = add_sites(book, 300)
    whole(synchronise(book, pace=QUICK))
    book.close()
    opened(book.folder).close()
    shutil.rmtree(book.folder)
    shutil.copytree(image, book.folder)
    old = opened(book.folder)
    assert old.was_copied
    new = add_sites(old, 3)
    no_fork(synchronise(old, pace=QUICK))
    with old:
        assert Site.select().where(Site.id.in_([*kept, *lost, *new])).count() == 307
    same_everywhere(central, old)


def test_seals_and_files_come_along(
    pair: Callable[..., tuple[Notebook, Notebook]], enrolled, central
) -> None:
    book = enrolled()
    before, text = sealed(book)
    early = take_photo(book, b"early" * 9000)
    _book, twin = pair(book)
    late = twin.vault.put_bytes(b"late" * 9000)
    twin.write(attach("evidence", new_id(), UNIT, {"sha256": late.sha256, "size": late.size}))
    record, again = sealed(twin)
    no_fork(synchronise(twin, pace=QUICK))
    for sha256 in (early, late.sha256):
        assert central.vault.verify(sha256) == "kept"
    for each in (text, again):
        found = look_up(central, each)
        assert (found.genuine, found.warnings) == (True, ())
    assert set(queries.marks(twin, [before, record]).values()) == {"received"}
    with central:
        assert not EntryRow.select().where(EntryRow.state == PUT_ASIDE).exists()


def test_begun_and_copied_before_it_met_any_server(
    central: Central, address, opened: Open, tmp_path: Path
) -> None:
    """In a person's record of its own: what is carried stands in that one's name, though the first chain
    never comes.
    """
    officer = admin.add_officer(
        central, "执法员09", units=(UNIT,), unit_code=UNIT, certificate="FJ350602009", role="officer"
    )
    person = new_id()
    begun = Notebook.create(tmp_path / "begun", PASSPHRASE, person=person, unit=UNIT, cost=keys.FAST)
    named = {"name": "执法员09", "certificate": "FJ350602009", "unit_code": UNIT, "role": "officer"}
    begun.write(put("officer", person, UNIT, **named))
    sites = add_sites(begun, 4)
    begun.close()
    first = opened(begun.folder)
    twin = opened(image_of(first, tmp_path / "twin"), "two")
    sites += add_sites(twin, 2)
    enrol(twin, address, admin.code(central, officer).code, pace=QUICK)
    assert twin.follows_unasked()
    assert says.COPY_CERTIFIED in no_fork(synchronise(twin, pace=QUICK))
    with central:
        assert not EntryRow.select().where(EntryRow.state == PUT_ASIDE).exists()
        assert Site.select().where(Site.id.in_(sites)).count() == 6
        assert EntryRow.select().where(EntryRow.device == first.device).count() == 0
        assert {row.id for row in Device.select()} == {first.device, twin.device}
    with twin:
        assert "CERTIFICATE" in FormerChain.get(FormerChain.device == first.device).certificate
    # the other laptop may be enrolled after all
    mine = add_sites(first, 3)
    enrol(first, address, admin.code(central, officer).code, pace=QUICK)
    no_fork(synchronise(first, pace=QUICK))
    with central:
        assert Site.select().where(Site.id.in_([*sites, *mine])).count() == 9
        assert not EntryRow.select().where(EntryRow.state == PUT_ASIDE).exists()
    same_everywhere(central, first, twin)


def test_nobody_carries_in_anothers_name_what_never_came(
    pair: Callable[..., tuple[Notebook, Notebook]], enrolled: MakeNotebook, central: Central
) -> None:
    book, other = enrolled("执法员01"), enrolled("执法员02")
    site = new_id()
    book.write(put("site", site, UNIT, name="示例企业"), by=other.person)
    _book, twin = pair(book)
    assert synchronise(twin, pace=QUICK).put_aside == 2, "with the clock's word that came before it"
    with central:
        aside = EntryRow.select().where(EntryRow.state == PUT_ASIDE)
        assert {(row.record, row.problem) for row in aside} >= {(site, "forbidden")}


def test_a_copy_of_a_copy_names_all_that_it_follows(
    pair: Callable[..., tuple[Notebook, Notebook]], opened: Open, central: Central, tmp_path: Path
) -> None:
    book, twin = pair()
    two = add_sites(twin, 2)
    third = opened(image_of(twin, tmp_path / "third"), "three")
    assert len({book.device, twin.device, third.device}) == 3
    assert [each.device for each in third.former_signers()] == [book.device, twin.device]
    three = add_sites(third, 3)
    for each in (third, twin, book):
        no_fork(synchronise(each, pace=QUICK))
    with central:
        assert Site.select().where(Site.id.in_([*two, *three])).count() == 5
        assert people.went_on_from(third.device) == [third.device, twin.device, book.device]
    with third:
        rows = FormerChain.select().order_by(FormerChain.id)
        assert ["CERTIFICATE" in row.certificate for row in rows] == [True, True]
    same_everywhere(central, book, twin, third)


@pytest.mark.parametrize("loses", [True, False])
def test_cut_short_where_it_names_itself_it_does_so_again(
    pair: Callable[..., tuple[Notebook, Notebook]], central: Central, address, loses: bool
) -> None:
    _book, twin = pair()
    sites = add_sites(twin, 2)

    def stop() -> None:
        if not loses:
            raise NoAnswer("before it arrived")

    link = Between(HttpTransport(address), "/v1/devices/self/successor", stop, loses)
    assert synchronise(twin, transport=link, pace=Pace(tries=1)).exit_code == Exit.NO_ANSWER
    assert twin.follows_unasked()
    no_fork(synchronise(twin, pace=QUICK))
    with central:
        assert Succession.select().count() == 1
        assert Site.select().where(Site.id.in_(sites)).count() == 2
    assert not twin.follows_unasked()


def test_a_copy_of_one_that_forks_takes_another_key(
    enrolled: MakeNotebook, opened: Open, central: Central, address, tmp_path: Path
) -> None:
    """Both have the key that a server was asked for and whose answer did not come: only one goes on as it."""
    book = enrolled()
    book.close()
    book = opened(book.folder)
    image = image_of(book, tmp_path / "image")
    add_sites(book, 2)
    whole(synchronise(book, pace=QUICK))
    book.close()
    shutil.rmtree(book.folder)
    shutil.copytree(image, book.folder)
    old = Notebook.open(book.folder, PASSPHRASE)  # by a program that knows of no token
    one = add_sites(old, 3)
    link = Between(HttpTransport(address), "/v1/devices/self/successor", loses=True)
    assert synchronise(old, transport=link, pace=Pace(tries=1)).exit_code == Exit.NO_ANSWER
    twin = opened(image_of(old, tmp_path / "twin"), "two")
    two = add_sites(twin, 4)
    assert rehomed(synchronise(old, pace=QUICK))
    assert twin.device not in (old.device, old.next_signer().device)
    no_fork(synchronise(twin, pace=QUICK))
    with central:
        assert Site.select().where(Site.id.in_([*one, *two])).count() == 7
    same_everywhere(central, old, twin)
    old.close()


def test_killed_before_it_is_done_it_is_found_out_again(
    enrolled: MakeNotebook, opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = enrolled()
    book.close()
    image = image_of(opened(book.folder), tmp_path / "twin")
    places = TokenPlaces(tmp_path / "tokens-two")

    class Killed(BaseException):
        pass

    def killed(*given: object, **more: object) -> None:
        raise Killed

    for target, name in ((token, "forget"), (token, "make")):
        twin = Notebook.open(image, PASSPHRASE)
        with monkeypatch.context() as ends:
            ends.setattr(target, name, killed)
            with pytest.raises(Killed):
                settle(twin, places)
        device, left = twin.device, twin.follows_unasked()
        twin.close()
    assert left, "it was done but for its token"
    twin = opened(image, "two")
    assert (twin.was_copied, twin.device) == (False, device)
    assert problems(twin) == []
    assert token.look(twin, places) is Finding.OWN


def test_a_full_disk_keeps_nobody_out_of_a_copy(
    enrolled: MakeNotebook, opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = enrolled()
    book.close()
    image = image_of(opened(book.folder), tmp_path / "twin")

    def full(*given: object, **more: object) -> None:
        raise sqlcipher.OperationalError("database or disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(Notebook, "_begin_chain", full)
        twin = opened(image, "two")
    assert (twin.was_copied, twin.device) == (False, book.device)
    twin.close()
    assert opened(image, "two").was_copied


def test_a_restored_notebook_goes_on_alone(
    enrolled: MakeNotebook, opened: Open, central: Central, tmp_path: Path
) -> None:
    book = enrolled()
    book.close()
    book = opened(book.folder)
    sites = add_sites(book, 3)
    back_up(book.folder, tmp_path / "backup", PASSPHRASE)
    later = add_sites(book, 2)
    whole(synchronise(book, pace=QUICK))
    restore(tmp_path / "backup", tmp_path / "restored", PASSPHRASE)
    again = opened(tmp_path / "restored")
    assert again.was_copied
    new = add_sites(again, 2)
    no_fork(synchronise(again, pace=QUICK))
    with again:
        assert Site.select().where(Site.id.in_([*sites, *later, *new])).count() == 7
    opened(tmp_path / "backup").close()  # for a look: it is still this notebook's backup
    back_up(book.folder, tmp_path / "backup", PASSPHRASE)
    book.close()
    assert not opened(book.folder).was_copied
    same_everywhere(central, again)


def test_one_copied_too_often_is_enrolled_by_a_code(
    pair: Callable[..., tuple[Notebook, Notebook]],
    central: Central,
    address,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book, twin = pair()
    add_sites(book, 1)
    sites = add_sites(twin, 2)
    with monkeypatch.context() as few:
        few.setattr(people, "SUCCESSORS", 0)
        for _ in range(2):
            assert not synchronise(twin, pace=QUICK).ok
        officer = people.caller(central, book.device).officer
        enrol(twin, address, admin.code(central, officer).code, pace=QUICK)
        assert not twin.follows_unasked()
        no_fork(synchronise(twin, pace=QUICK))
    with central:
        assert Site.select().where(Site.id.in_(sites)).count() == 2
        assert not Succession.select().exists()
        assert not EntryRow.select().where(EntryRow.state == PUT_ASIDE).exists()
    same_everywhere(central, book, twin)


def test_by_stick_alone_a_copy_is_taken_in_too(
    pair: Callable[..., tuple[Notebook, Notebook]], enrolled: MakeNotebook, central: Central, tmp_path: Path
) -> None:
    book = enrolled()
    add_sites(book, 2)
    whole(synchronise(book, pace=QUICK))
    book, twin = pair(book)
    sites = add_sites(twin, 3)
    for round_ in range(2):
        stick = tmp_path / f"stick{round_}"
        stick.mkdir()
        export(twin, stick)
        (taken,) = take_in(central.folder, [stick])
        assert taken.answer is not None, taken.problem
        assert taken.device == twin.device
        done = take_answers(twin, taken.answer)
        assert done.ok
        told = [each for each in done.warnings if each.msgid == says.COPY_CERTIFIED]
        assert len(told) == (round_ == 0)
        assert not twin.follows_unasked()
        sites += add_sites(twin, 1)
    with central:
        assert Site.select().where(Site.id.in_(sites)).count() == 4
        assert Succession.get(Succession.device == twin.device).former == book.device
        assert twin.meta("device_certificate") == Device.get_by_id(twin.device).certificate
    no_fork(synchronise(twin, pace=QUICK))
    assert not twin.follows_unasked()
    same_everywhere(central, book, twin)


def test_a_stick_says_of_nobody_whom_they_follow(
    pair: Callable[..., tuple[Notebook, Notebook]],
    enrolled: MakeNotebook,
    central: Central,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = enrolled("执法员02")
    _book, twin = pair()
    honest = copied.followings

    def refused(change: Callable[..., object]) -> None:
        stick = tmp_path / new_id()
        stick.mkdir()
        with monkeypatch.context() as lies:
            lies.setattr(copied, "followings", lambda book: [change(each) for each in honest(book)])
            export(twin, stick)
        (taken,) = take_in(central.folder, [stick])
        assert (taken.answer, taken.entries) == (None, 0)
        assert taken.problem

    refused(lambda each: msgspec.structs.replace(each, former=other.device))
    refused(lambda each: msgspec.structs.replace(each, word=each.proof))
    refused(lambda each: msgspec.structs.replace(each, proof=each.word))
    refused(lambda each: msgspec.structs.replace(each, proof="?"))
    with central:
        assert not Succession.select().exists()


def test_with_a_server_in_a_process_of_its_own(
    central: Central, enrolled: MakeNotebook, opened: Open, tmp_path: Path
) -> None:
    book = enrolled()
    add_sites(book, 5)
    book.close()
    central.close()
    with server_process(central.folder) as (_process, url):
        where = ServerAddress.parse(url)
        book = opened(book.folder)
        twin = opened(image_of(book, tmp_path / "twin"), "two")
        one, two = add_sites(book, 3), add_sites(twin, 4)
        for each in (twin, book, twin, book):
            no_fork(synchronise(each, where, pace=QUICK))
        for each in (book, twin):
            with each:
                assert Site.select().where(Site.id.in_([*one, *two])).count() == 7
            assert problems(each) == []
    with Central.open(central.folder):
        assert Site.select().where(Site.id.in_([*one, *two])).count() == 7
        assert not EntryRow.select().where(EntryRow.state == PUT_ASIDE).exists()
