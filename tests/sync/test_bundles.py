"""Synchronising by a stick: real notebooks, a real server's folder, the same guarantees as over a network."""

from __future__ import annotations

import os
import random
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pyrage
import pytest
import zstandard

from models.errors import StoreRefused
from models.registry.tables import Officer, Site
from models.store import keys
from models.store.data_key import make_recovery_pair
from models.store.journal import PUT_ASIDE, EntryRow
from models.store.notebook import Notebook
from sync import bundle, carrying, queries
from sync.address import ServerAddress
from sync.bundle import BundleReader, BundleRefused, BundleWriter, Manifest, Part
from sync.carrying import export, take_answers
from sync.client import synchronise
from sync.engine import HELLO, Call, Engine, Steps, post
from sync.ledger import Ledger
from sync.outcome import Exit, Outcome, SyncFailed
from sync.server import admin, carried, people, uploads
from sync.server.backup import back_up, restored
from sync.server.carried import TakenIn, take_in
from sync.server.central import Central
from sync.server.requests import Outgoing
from sync.server.tables import Blob
from sync.wire import Limits
from tests.photos import take_photo

from .conftest import OTHER, PASSPHRASE, QUICK, UNIT, MakeNotebook, add_sites, courier


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def at_server(central: Central, stick: Path, **more: object) -> list[TakenIn]:
    return take_in(central.folder, [stick], **more)  # type: ignore[arg-type]


def state(book: Notebook) -> tuple[object, ...]:
    """All that a refused bundle must leave as it is."""
    with book:
        rows = EntryRow.select(EntryRow.hash, EntryRow.state, EntryRow.cursor).order_by(EntryRow.n).tuples()
        return (*rows, Ledger(book).positions(), book.meta("bundles_out"), Ledger(book).file_counts())


def there_and_back(book: Notebook, central: Central, stick: Path) -> tuple[TakenIn, Outcome]:
    """One whole way by stick."""
    for path in stick.iterdir():
        path.unlink()
    export(book, stick)
    taken = at_server(central, stick)[-1]
    assert taken.answer is not None, taken.problem
    return taken, take_answers(book, taken.answer)


def test_two_bundles_of_one_name_have_each_its_own_answer(
    enrolled: MakeNotebook, central: Central, tmp_path: Path
) -> None:
    """Two officers' sticks, answered into one folder: one answer took the place of the other."""
    books = [enrolled("执法员01"), enrolled("执法员02")]
    files = []
    for number, book in enumerate(books):
        add_sites(book, number + 1)
        files.append(tmp_path / f"stick{number}" / "laptop.qcb")
        files[-1].parent.mkdir()
        export(book, files[-1])
    answers = tmp_path / "answers"
    answers.mkdir()
    answered = [each.answer for each in take_in(central.folder, files, answers=answers)]
    assert len(set(answered)) == len(list(answers.iterdir())) == 2
    for book, answer in zip(books, answered, strict=True):
        assert answer is not None
        assert take_answers(book, answer).ok
        assert queries.unsent(book).entries == 0
    assert [each.answer for each in take_in(central.folder, files, answers=answers)] == answered
    beside = take_in(central.folder, files)
    assert [each.answer for each in beside] == [each.with_name("laptop.answer.qcb") for each in files]


def site_ids(seat: Notebook | Central) -> set[str]:
    with seat:
        return {row.id for row in Site.select()}


def test_there_and_back_everything_has_its_receipt(
    enrolled: MakeNotebook, central: Central, stick: Path
) -> None:
    one, two = enrolled("执法员01"), enrolled("执法员02")
    sites = add_sites(one, 30)
    photo, large = take_photo(one, b"photo" * 500), take_photo(one, os.urandom(9_000_000))
    exported = export(one, stick)
    assert len(exported.paths) == 1
    assert exported.files == 2
    assert queries.unsent(one).entries == exported.entries, "nothing counts as received by an export"
    assert b"\xe7\xa4\xba\xe4\xbe\x8b" not in exported.paths[0].read_bytes(), "no record in the clear"
    (taken,) = at_server(central, stick)
    assert (taken.entries, taken.files, taken.device) == (exported.entries, 2, one.device)
    with central:
        assert {row.sha256 for row in Blob.select()} == {photo, large}
    assert taken.answer is not None
    outcome = take_answers(one, taken.answer)
    assert outcome.ok, [trouble.text() for trouble in outcome.problems]
    assert (outcome.entries_sent, outcome.files_sent) == (exported.entries, 2)
    left = queries.unsent(one)
    assert (left.entries, left.files) == (0, 0)
    receipt = queries.receipt(one, sites[-1])
    assert receipt is not None
    receipt.verify(central.public_key_der, central.origin)
    assert set(queries.marks(one, sites).values()) == {"received"}

    _, back = there_and_back(two, central, stick)
    assert back.ok
    assert set(sites) <= site_ids(two), "what the other carried comes back by the next stick"


def test_mixed_with_a_network_before_between_and_after(
    enrolled: MakeNotebook, central: Central, stick: Path
) -> None:
    one, two = enrolled("执法员01"), enrolled("执法员02")
    add_sites(one, 3)
    assert synchronise(one, pace=QUICK).ok
    add_sites(two, 3)
    assert synchronise(two, pace=QUICK).ok
    add_sites(one, 3)
    assert there_and_back(one, central, stick)[1].ok
    assert site_ids(two) <= site_ids(one)
    late = add_sites(one, 2)
    assert synchronise(one, pace=QUICK).ok
    assert synchronise(two, pace=QUICK).ok
    assert set(late) <= site_ids(two)
    assert site_ids(one) == site_ids(two) == site_ids(central)
    # written and synchronised while the stick was under way: the answer is older than what is here
    export(one, stick)
    add_sites(one, 2)
    assert synchronise(one, pace=QUICK).ok
    answer = next(each.answer for each in at_server(central, stick) if each.answer)
    before = state(one)
    with pytest.raises(BundleRefused):
        take_answers(one, answer)
    assert state(one) == before
    assert there_and_back(one, central, stick)[1].ok


def test_replays_and_answers_of_another_time_change_nothing(
    tmp_path: Path, enrolled: MakeNotebook, central: Central
) -> None:
    one, two = enrolled("执法员01"), enrolled("执法员02")
    add_sites(one, 3)
    old = export(one, tmp_path / "old.qcb").paths[0]
    (older,) = take_in(central.folder, [old])
    (new,) = take_in(central.folder, [export(one, tmp_path / "new.qcb").paths[0]])
    size = central.recheck()
    (again,) = take_in(central.folder, [old])
    assert (again.entries, central.recheck()) == (0, size), "taken in twice is harmless"
    assert new.answer is not None
    assert take_answers(one, new.answer).ok
    before = state(one)
    for answer in (new.answer, older.answer, again.answer, old):
        assert answer is not None
        with pytest.raises(BundleRefused):
            take_answers(one, answer)
    with pytest.raises(BundleRefused, match="另一记录簿"):
        take_answers(two, new.answer)
    (refused,) = take_in(central.folder, [new.answer])
    assert (refused.entries, refused.answer) == (0, None)
    assert state(one) == before
    assert central.recheck() == size


def test_a_kill_at_any_part_of_the_answer_is_harmless(
    enrolled: MakeNotebook, central: Central, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = enrolled("执法员01"), enrolled("执法员02")
    sites = add_sites(two, 40)
    assert synchronise(two, pace=QUICK).ok
    add_sites(one, 5)
    export(one, stick)
    (taken,) = take_in(central.folder, [stick], limits=Limits(page=2000))
    assert taken.answer is not None
    asked = carrying._Carried.ask
    stops = 0
    for most in range(40):
        left = most

        def cut(self: object, call: object) -> object:
            nonlocal left
            left -= 1
            if left < 0:
                raise KeyboardInterrupt
            return asked(self, call)  # type: ignore[arg-type]

        monkeypatch.setattr(carrying._Carried, "ask", cut)
        try:
            outcome = take_answers(one, taken.answer)
        except KeyboardInterrupt:
            stops += 1
            continue
        assert outcome.ok, [trouble.text() for trouble in outcome.problems]
        break
    assert stops >= 2
    assert set(sites) <= site_ids(one)
    assert queries.unsent(one).entries == 0
    monkeypatch.undo()
    assert synchronise(one, pace=QUICK).ok


def test_small_sticks_take_volumes_in_their_order(
    enrolled: MakeNotebook, central: Central, stick: Path
) -> None:
    book = enrolled()
    photos = {take_photo(book, os.urandom(9_500_000)) for _ in range(4)}
    exported = export(book, stick, size=1)
    assert len(exported.paths) >= 2
    assert max(path.stat().st_size for path in exported.paths) < 3 * bundle.PART
    (early,) = take_in(central.folder, [exported.paths[-1]])
    assert (early.entries, early.answer) == (0, None), "an earlier volume is missing"
    taken = at_server(central, stick)
    assert [each.answer is None for each in taken] == [True] * (len(taken) - 1) + [False]
    with central:
        assert {row.sha256 for row in Blob.select()} == photos
    assert taken[-1].answer is not None
    assert take_answers(book, taken[-1].answer).files_sent == 4


def test_half_a_file_by_network_and_the_rest_by_stick(
    enrolled: MakeNotebook, central: Central, address: ServerAddress, stick: Path
) -> None:
    def entries_only(engine: Engine) -> Steps[None]:
        have, _revoked = yield from engine.hello()
        yield from engine.push(have)

    book = enrolled()
    content = os.urandom(9_000_000)
    photo = take_photo(book, content)
    export(book, stick)
    courier(book, address).run(entries_only(Engine(Ledger(book), Outcome(), lambda told: None)))
    who = people.caller(central, book.device)
    part = content[:3_000_000]
    uploads.append(
        central, who, photo, offset=0, length=len(content), complete=False, data=part, limits=Limits()
    )
    (taken,) = at_server(central, stick)
    assert taken.files == 1
    assert central.vault.verify(photo) == "kept"


def test_put_aside_and_revoked_come_by_stick_too(
    enrolled: MakeNotebook, central: Central, stick: Path
) -> None:
    book = enrolled()
    (foreign,) = add_sites(book, 1, unit=OTHER)
    outcome = there_and_back(book, central, stick)[1]
    assert outcome.ok
    with book:
        rows = EntryRow.select().where(EntryRow.own & (EntryRow.record == foreign))
        assert {(row.state, row.problem) for row in rows} == {(PUT_ASIDE, "unit")}
    admin.revoke(central, book.device)
    add_sites(book, 2)
    outcome = there_and_back(book, central, stick)[1]
    assert outcome.exit_code == Exit.REVOKED
    assert outcome.unsent_entries == 0, "what a revoked device hands in is logged and put aside"


def test_an_old_copy_gets_back_by_stick_what_it_lacks(
    tmp_path: Path, enrolled: MakeNotebook, central: Central, stick: Path
) -> None:
    book = enrolled()
    add_sites(book, 2)
    assert synchronise(book, pace=QUICK).ok
    with book.writing():
        shutil.copytree(book.folder, tmp_path / "image", ignore=shutil.ignore_patterns("*-shm", "*.lock"))
    lost = add_sites(book, 20)
    assert synchronise(book, pace=QUICK).ok
    book.close()
    with closing(Notebook.open(tmp_path / "image", PASSPHRASE)) as old:
        outcome = there_and_back(old, central, stick)[1]
        assert outcome.ok, [trouble.text() for trouble in outcome.problems]
        assert set(lost) <= site_ids(old)
        new = add_sites(old, 2)
        assert there_and_back(old, central, stick)[1].ok
        assert set(new) <= site_ids(central)


def test_a_restored_server_is_healed_by_stick(
    tmp_path: Path, enrolled: MakeNotebook, central: Central, stick: Path
) -> None:
    one, two = enrolled("执法员01"), enrolled("执法员02")
    assert synchronise(one, pace=QUICK).ok
    back_up(central.folder, tmp_path / "again")
    lost = add_sites(two, 3)
    assert synchronise(two, pace=QUICK).ok
    lost += add_sites(one, 3)
    later = admin.add_officer(central, "执法员04", units=(UNIT,), unit_code=UNIT, certificate="FJ350602099")
    assert synchronise(one, pace=QUICK).ok
    restored(tmp_path / "again")
    with closing(Central.open(tmp_path / "again")) as again:
        first = there_and_back(one, again, stick)[1]
        assert first.exit_code == Exit.SERVER_WENT_BACK, "one way to find out, one to give back"
        second = there_and_back(one, again, stick)[1]
        assert second.ok, [trouble.text() for trouble in second.problems]
        assert set(lost) <= site_ids(again)
        with again:
            assert Officer.get_by_id(later).name == "执法员04", "the server says again what it had said"
        assert there_and_back(one, again, stick)[1].ok


def test_only_an_enrolled_notebook_exports(tmp_path: Path, enrolled: MakeNotebook) -> None:
    alone = Notebook.create(tmp_path / "alone", PASSPHRASE, person="x", unit=UNIT, cost=keys.FAST)
    with closing(alone), pytest.raises(SyncFailed):
        export(alone, tmp_path / "alone.qcb")
    book = enrolled()
    book.set_meta(bundle_recipient=None)
    with pytest.raises(SyncFailed):
        export(book, tmp_path / "book.qcb")
    assert synchronise(book, pace=QUICK).ok
    with pytest.raises(StoreRefused):
        export(book, tmp_path / "none" / "book.qcb")
    assert not list(tmp_path.glob("*.qcb"))


# --- what is not as it was written ------------------------------------------------------------------------


def spoiled(data: bytes, seed: int) -> bytes:
    """The file cut, with a bit flipped, with bytes doubled, moved or put in: by chance."""
    chance = random.Random(seed)
    place = chance.randrange(len(data))
    kind = chance.randrange(5)
    if kind == 0:
        return data[:place]
    if kind == 1:
        return data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]
    if kind == 2:
        return data[:place] + chance.randbytes(chance.randrange(1, 40)) + data[place:]
    if kind == 3:
        return data[:place] + data[place + chance.randrange(1, 40) :]
    return data + data[-chance.randrange(1, 80) :]


def test_no_spoiled_bundle_is_taken_by_either_end(
    tmp_path: Path, enrolled: MakeNotebook, central: Central
) -> None:
    book = enrolled()
    add_sites(book, 3)
    whole = export(book, tmp_path / "whole.qcb").paths[0]
    calls, (taken,) = whole.read_bytes(), take_in(central.folder, [whole])
    assert taken.answer is not None
    answers = taken.answer.read_bytes()
    before = state(book)
    path = tmp_path / "spoiled.qcb"
    for seed in range(400):
        for data, key in ((calls, book.public_key_der), (answers, central.public_key_der)):
            bad = spoiled(data, seed)
            if bad == data:
                continue
            path.write_bytes(bad)
            with pytest.raises(BundleRefused):
                BundleReader(path, lambda told, key=key: key)  # type: ignore[misc]
        if seed % 100 == 0:
            path.write_bytes(spoiled(calls, seed))
            (refused,) = take_in(central.folder, [path])
            assert (refused.entries, refused.answer) == (0, None)
    assert state(book) == before
    assert take_answers(book, taken.answer).ok


@pytest.mark.parametrize("place", range(0, 9, 2))
def test_a_server_that_stops_anywhere_in_a_bundle_takes_it_in_again(
    tmp_path: Path, enrolled: MakeNotebook, central: Central, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    book = enrolled()
    add_sites(book, 3)
    photo = take_photo(book, os.urandom(20_000_000))
    path = export(book, tmp_path / "out.qcb").paths[0]
    asked = carried._Answering._ask
    left = place

    def stops(self: carried._Answering, call: Call) -> Outgoing:
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        return asked(self, call)

    monkeypatch.setattr(carried._Answering, "_ask", stops)
    with pytest.raises(KeyboardInterrupt):
        take_in(central.folder, [path])
    monkeypatch.undo()
    (taken,) = take_in(central.folder, [path])
    assert sorted(each.name for each in tmp_path.glob("*out*")) == ["out.answer.qcb", "out.qcb"]
    assert taken.answer is not None
    outcome = take_answers(book, taken.answer)
    assert (outcome.ok, outcome.files_sent, outcome.unsent_entries) == (True, 1, 0)
    assert central.vault.verify(photo) == "kept"
    assert central.recheck()


# --- a bundle that an enrolled device made by hand ---------------------------------------------------------


def hand_made(book: Notebook, central: Central, path: Path, calls: list[Call], **facts: Any) -> TakenIn:
    """Takes in a bundle of these calls, rightly signed."""
    pair = make_recovery_pair()
    with BundleWriter(path, central.bundle_identity().recipient) as writer:
        for call in calls:
            part = Part(call.method, call.target, call.headers)
            writer.add(part, call.body)
        told: dict[str, Any] = {
            "kind": "calls",
            "id": "0" * 32,
            "device": book.device,
            "server": central.device,
            "epoch": central.epoch,
            "made_at": 0,
            "base": 0,
            "recipient": pair.recipient,
            "parts": writer.parts,
        }
        writer.finish(Manifest(**told | facts), book.signer.sign_raw)
    (taken,) = take_in(central.folder, [path])
    if taken.answer is not None:
        with BundleReader(taken.answer, lambda _told: central.public_key_der) as reader:
            parts = reader.parts(pyrage.x25519.Identity.from_str(pair.identity))
            for part, body in parts:
                # to what a bundle has no business with, one answer only
                assert part.target.startswith(carried._CARRIED) or part.status == 400
                assert part.status != 500, body
    return taken


def test_a_hostile_bundle_gets_no_further_than_a_hostile_client(
    tmp_path: Path, enrolled: MakeNotebook, central: Central
) -> None:
    one, two = enrolled("执法员01"), enrolled("执法员02")
    assert synchronise(two, pace=QUICK).ok
    path = tmp_path / "hand.qcb"
    hello = post(HELLO, {"epoch": central.epoch})
    size = central.recheck()

    def refused(calls: list[Call], **facts: Any) -> None:
        taken = hand_made(one, central, path, calls, **facts)
        assert (taken.entries, taken.files) == (0, 0)
        assert central.recheck() == size

    refused([])
    refused([post("/v1/session", {"device": one.device})])
    refused([hello], recipient="age1x")
    refused([hello], device=two.device)
    refused([hello], parts=[])
    refused([hello], parts=[(bundle.PART + 1, "0" * 64)])
    for odd in ({}, {"head": []}, {"head": {"q": "x"}}, {"head": {"q": -1}}, {"log": {"size": 1 << 62}}, []):
        refused([post(HELLO, odd)])
    bomb = zstandard.ZstdCompressor(level=19).compress(bytes(200_000_000))
    push = {"sync-epoch": central.epoch, "sync-first": "1", "sync-prev": "A" * 43 + "="}
    refused(
        [
            hello,
            Call("POST", "/v1/session", b"{}"),
            Call("POST", "/v1/enrol", b"{}"),
            Call("POST", "/v1/sync/push", bomb, push),
            Call("POST", "/v1/sync/push", os.urandom(2_000_000), push),
            Call("POST", "/v1/sync/push", b"", {"sync-first": "-1"}),
            Call("GET", f"/v1/receipts/{two.device}/1"),
            Call("GET", "/v1/receipts/../../server.key"),
            Call("PUT", "/v1/blobs/" + "0" * 64, b"x"),
            Call("PATCH", "/v1/blobs/../../server.key", b"x", {"upload-offset": "x"}),
            Call("GET", "/v1/blobs/" + "0" * 64),
            Call(
                "GET",
                "/v1/sync/pull?after=-1&bytes=x",
                b"",
                {"sync-units": "a=b", "sync-epoch": central.epoch},
            ),
            Call("GET", "/v1/sync/pull?after=0&bytes=1", b"", {"sync-units": f"{OTHER}=0"}),
            Call("?", "no path at all", b""),
        ]
    )
