"""A notebook that was copied, or put back from an old image and worked on: nothing is lost (R6)."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from models.language import use_language
from models.registry.tables import Site
from models.store.change import attach, new_id, put
from models.store.entry import Entry
from models.store.health import problems
from models.store.journal import PUT_ASIDE, UNSENT, EntryRow
from models.store.notebook import Notebook
from models.store.signer import Signer
from models.store.witness import witnessed
from sync import outcome as says
from sync import queries
from sync.address import ServerAddress
from sync.client import synchronise
from sync.courier import Courier, Pace
from sync.engine import Call, post
from sync.ledger import Ledger
from sync.outcome import Exit, Outcome
from sync.problems import Problem
from sync.server import admin, people
from sync.server.central import Central
from sync.server.tables import Blob, Device, Succession
from sync.server.verify_page import look_up
from sync.signing import succession
from sync.tables import FileRow, FormerChain
from sync.transport import HttpTransport, NoAnswer, Reply
from tests.photos import take_photo

from .conftest import PASSPHRASE, QUICK, UNIT, MakeNotebook, add_sites, courier, whole
from .test_old_copy import image_of, old_copy, put_back
from .test_restored import digests, uids
from .test_verify_page import sealed


@pytest.fixture
def copied(tmp_path: Path) -> Iterator[Callable[[Notebook], Notebook]]:
    """Copies a notebook's folder, as onto another laptop, and opens the copy."""
    opened: list[Notebook] = []

    def copy(book: Notebook) -> Notebook:
        opened.append(Notebook.open(image_of(book, tmp_path / f"copy{len(opened)}"), PASSPHRASE))
        return opened[-1]

    yield copy
    for book in opened:
        book.close()


def rehomed(outcome: Outcome) -> bool:
    return says.REHOMED in [trouble.msgid for trouble in whole(outcome).warnings]


def same_everywhere(central: Central, *books: Notebook) -> None:
    """Another round each, and then all hold the same, once."""
    for book in books * 2:
        whole(synchronise(book, pace=QUICK))
    for book in books:
        assert digests(book) == digests(central)
        assert uids(book) <= uids(central)
        assert problems(book) == []
        with book:
            assert not EntryRow.select().where(UNSENT).exists()
    assert problems(central) == []
    central.recheck()


def test_two_copies_of_one_notebook_both_go_on_and_nothing_is_lost(
    enrolled: MakeNotebook, central: Central, copied: Callable[[Notebook], Notebook]
) -> None:
    book, other = enrolled("执法员01"), enrolled("执法员02")
    shared = add_sites(book, 30)
    whole(synchronise(book, pace=QUICK))
    twin = copied(book)
    one, two = add_sites(book, 7), add_sites(twin, 12)
    book.write(put("site", shared[0], UNIT, name="甲"))
    twin.write(put("site", shared[0], UNIT, name="乙"))
    former = book.device

    assert not rehomed(synchronise(book, pace=QUICK))
    assert rehomed(synchronise(twin, pace=QUICK))
    assert (book.device, twin.device != former) == (former, True)
    with central:
        assert Site.select().where(Site.id.in_([*shared, *one, *two])).count() == 49
        assert Succession.get(Succession.device == twin.device).former == former
    same_everywhere(central, book, twin, other)
    with other:
        assert len(other.journal.heads(shared[0])["name"]) == 2, "both names are there, to be settled"
    with twin:
        (kept,) = FormerChain.select()
        lines = json.loads(kept.evidence)
    prev, line = (base64.b64decode(each) for each in lines[0])
    assert Entry.of_line(line[:-1], prev).verify(book.public_key_der), "as the first home signed it"
    assert len(lines) == 14, "a clock entry, twelve sites, the name"


def test_an_old_image_that_was_worked_on_loses_nothing(
    tmp_path: Path, enrolled: MakeNotebook, central: Central
) -> None:
    book = enrolled()
    add_sites(book, 2)
    whole(synchronise(book, pace=QUICK))
    image = image_of(book, tmp_path / "image")
    lost = add_sites(book, 300)
    whole(synchronise(book, pace=QUICK))
    with old_copy(book, image) as old:
        new = add_sites(old, 5)
        assert rehomed(synchronise(old, pace=QUICK))
        same_everywhere(central, old)
        with old:
            assert Site.select().where(Site.id.in_([*lost, *new])).count() == 305
        assert queries.marks(old, new[:1]) == {new[0]: "received"}
        add_sites(old, 3)
        assert not rehomed(synchronise(old, pace=QUICK))
    again = Notebook.open(old.folder, PASSPHRASE)
    assert again.device == old.device, "the new key is what opens from now on"
    again.close()


@dataclass
class Between:
    """Lets something happen before a call, once; or loses the answer to it, once."""

    inner: HttpTransport
    target: str
    happens: Callable[[], object] = lambda: None
    loses: bool = False
    done: list[bool] = field(default_factory=list)

    def send(self, method: str, target: str, headers: object, body: bytes, most: int) -> Reply:
        due = target.startswith(self.target) and not self.done
        if due:
            self.done.append(True)
            self.happens()
        reply = self.inner.send(method, target, headers, body, most)  # type: ignore[arg-type]
        if due and self.loses:
            raise NoAnswer("lost")
        return reply

    def close(self) -> None:
        self.inner.close()


def test_a_copy_that_synchronises_between_hello_and_push_is_found_out(
    enrolled: MakeNotebook, central: Central, copied: Callable[[Notebook], Notebook], address
) -> None:
    book = enrolled()
    twin = copied(book)
    one, two = add_sites(book, 4), add_sites(twin, 5)
    link = Between(HttpTransport(address), "/v1/sync/push", lambda: whole(synchronise(twin, pace=QUICK)))
    assert rehomed(synchronise(book, transport=link, pace=QUICK))
    with central:
        assert Site.select().where(Site.id.in_([*one, *two])).count() == 9
    same_everywhere(central, book, twin)


@pytest.mark.parametrize("loses", [True, False])
def test_cut_short_at_its_new_name_it_takes_the_same_one_next_time(
    enrolled: MakeNotebook, central: Central, copied: Callable[[Notebook], Notebook], address, loses: bool
) -> None:
    book = enrolled()
    twin = copied(book)
    add_sites(book, 1)
    two = add_sites(twin, 2)
    whole(synchronise(book, pace=QUICK))

    def stop() -> None:
        if not loses:
            raise NoAnswer("before it arrived")

    link = Between(HttpTransport(address), "/v1/devices/self/successor", stop, loses)
    assert synchronise(twin, transport=link, pace=Pace(tries=1)).exit_code == Exit.NO_ANSWER
    assert twin.device == book.device, "nothing was changed"
    assert rehomed(synchronise(twin, pace=QUICK))
    with central:
        assert Succession.select().count() == 1
        assert Site.select().where(Site.id.in_(two)).count() == 2
    same_everywhere(central, book, twin)


def test_where_going_on_anew_fails_at_its_end_the_notebook_is_what_it_was(
    enrolled: MakeNotebook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    book = enrolled()
    old = image_of(book, tmp_path / "old")
    add_sites(book, 3)
    assert synchronise(book, pace=QUICK).ok
    book = put_back(book, old)
    sites = add_sites(book, 2)
    device = book.device
    with monkeypatch.context() as broken:
        # the last thing within the transaction
        broken.setattr(Ledger, "update_server", _full)
        outcome = synchronise(book, pace=QUICK)
    assert outcome.exit_code == Exit.DISK_FULL
    assert book.device == device
    add_sites(book, 1)
    assert synchronise(book, pace=QUICK).ok
    assert book.device != device
    assert set(queries.marks(book, sites).values()) == {"received"}
    assert problems(book) == []
    book.close()


def _full(ledger: Ledger, **facts: object) -> None:
    if "certificate" in facts:
        raise sqlcipher.OperationalError("database or disk is full")


def test_seals_and_files_come_along(
    enrolled: MakeNotebook, central: Central, copied: Callable[[Notebook], Notebook]
) -> None:
    use_language("en")
    book = enrolled()
    before, _text = sealed(book)
    whole(synchronise(book, pace=QUICK))
    # an entry that the server has, with a file that it has not
    early = take_photo(book, b"early" * 9000)
    _push_only(book)
    twin = copied(book)
    add_sites(book, 1)
    record, text = sealed(twin)
    late = twin.vault.put_bytes(b"late" * 9000)
    photo = new_id()
    twin.write(attach("evidence", photo, UNIT, {"sha256": late.sha256, "size": late.size}))
    whole(synchronise(book, pace=QUICK))
    shutil.rmtree(central.folder / "files")  # as if the copy had been the first to send them
    (central.folder / "files").mkdir()
    with central.writing():
        Blob.delete().execute()
    assert rehomed(synchronise(twin, pace=QUICK))
    assert central.vault.verify(late.sha256) == "kept"
    assert central.vault.verify(early) == "kept"
    found = look_up(central, text)
    assert (found.genuine, found.warnings) == (True, ())
    assert queries.marks(twin, [photo, record]) == {photo: "received", record: "received"}
    assert queries.receipt(twin, record) is not None
    with twin:
        seal = EntryRow.get((EntryRow.record == before) & (EntryRow.kind == "seal"))
    assert queries.seal_receipt(twin, bytes(seal.hash).hex()) is not None, "receipts of before are kept"


def test_a_file_of_a_chain_left_before_the_last_is_sent_again_and_never_called_nobodys(
    enrolled: MakeNotebook, central: Central, copied: Callable[[Notebook], Notebook]
) -> None:
    book = enrolled()
    photo = take_photo(book, b"early" * 9000)
    whole(synchronise(book, pace=QUICK))
    twin = copied(book)
    for each in (book, twin):
        add_sites(each, 1)
    whole(synchronise(book, pace=QUICK))
    assert rehomed(synchronise(twin, pace=QUICK))
    shutil.rmtree(central.folder / "files")  # as a restored server lacks it, which `former.leave` hears of
    (central.folder / "files").mkdir()
    with central.writing():
        Blob.delete().execute()
    with twin.writing():
        FileRow.update(state="queued").execute()
    last = copied(twin)
    for each in (twin, last):
        add_sites(each, 1)
    _push_only(twin)
    assert rehomed(synchronise(last, pace=QUICK))
    assert central.vault.verify(photo) == "kept"
    with last.writing():
        FileRow.delete().execute()
    assert queries.unnamed_files(last) == [], "an entry of the first chain names it"


def _push_only(book: Notebook) -> None:
    """Send the entries and not the files."""

    class NoFiles(HttpTransport):
        def send(self, method: str, target: str, *rest: object) -> Reply:
            if "/blobs/" in target:
                raise NoAnswer("no files today")
            return super().send(method, target, *rest)  # type: ignore[arg-type]

    server = Ledger(book).server()
    assert server is not None
    link = NoFiles(ServerAddress.parse(server.url))
    assert synchronise(book, transport=link, pace=Pace(tries=1)).exit_code == Exit.NO_ANSWER


def successor(sender: Courier, signer: Signer, proof: bytes) -> dict[str, object]:
    call: Call = post(
        "/v1/devices/self/successor",
        {
            "public_key": base64.b64encode(signer.public_key_der).decode(),
            "proof": base64.b64encode(proof).decode(),
        },
    )
    return sender.ask(call).json()


def test_only_who_holds_both_keys_gets_a_successor(enrolled: MakeNotebook, central: Central, address) -> None:
    book, other = enrolled("执法员01"), enrolled("执法员02")
    link = courier(book, address)
    signer = Signer.new()

    def refused(proof: bytes, key: Signer = signer) -> str:
        with pytest.raises(Problem) as refusal:
            successor(link, key, proof)
        return refusal.value.name

    assert refused(b"") == "forbidden"
    assert refused(signer.sign(succession(other.device, signer.device))) == "forbidden"
    assert refused(other.sign(succession(book.device, other.device)), other.signer) == "forbidden"
    good = signer.sign(succession(book.device, signer.device))
    assert successor(link, signer, good) == successor(link, signer, good), "may be repeated"
    caller = people.caller(central, signer.device)
    assert caller.officer == people.caller(central, book.device).officer
    devices = {each["device"]: each for each in admin.devices(central)}
    assert devices[signer.device]["follows"] == book.device
    with central:
        note = EntryRow.get((EntryRow.kind == "note") & (EntryRow.record == signer.device))
    assert note.entry().parsed_body["follows"] == book.device

    for _ in range(people.SUCCESSORS - 1):
        another = Signer.new()
        successor(link, another, another.sign(succession(book.device, another.device)))
    last = Signer.new()
    assert refused(last.sign(succession(book.device, last.device)), last) == "too-many"


@pytest.mark.parametrize("shorter", [False, True])
def test_a_revoked_copy_hands_in_what_it_has_and_receives_nothing(
    enrolled: MakeNotebook, central: Central, copied: Callable[[Notebook], Notebook], shorter: bool
) -> None:
    """Whatever it wrote is there, put aside, under the key that follows: a fork is no reason to lose it."""
    book = enrolled()
    twin = copied(book)
    seen = add_sites(book, 3 if shorter else 1)
    two = add_sites(twin, 2)
    kept = take_photo(twin, b"\xff\xd8" + b"photo" * 1000)
    whole(synchronise(book, pace=QUICK))
    former, since = twin.device, central.clock.wall_ms()
    admin.revoke(central, former)
    for _ in range(2):
        outcome = synchronise(twin, pace=QUICK)
        assert outcome.exit_code == Exit.REVOKED
    assert twin.device != former
    with twin:
        assert Site.select().where(Site.id.in_(two)).count() == 2
        assert Site.select().where(Site.id.in_(seen)).count() == 0
        assert twin.journal.unsent()[0] == 0
    assert people.caller(central, twin.device).revoked
    assert central.vault.has(kept)
    with central:
        rows = list(EntryRow.select().where(EntryRow.record.in_(two)).where(EntryRow.kind == "set"))
        assert {(row.device, row.state, row.problem) for row in rows} == {(twin.device, PUT_ASIDE, "revoked")}
        assert Site.select().where(Site.id.in_(two)).count() == 0
        assert abs(Device.get_by_id(twin.device).revoked_at - since) < 60_000, "its thirty days run already"


def test_an_old_image_of_a_revoked_notebook_asks_for_no_other_key(
    enrolled: MakeNotebook, central: Central, copied: Callable[[Notebook], Notebook]
) -> None:
    book = enrolled()
    whole(synchronise(book, pace=QUICK))
    image = copied(book)
    add_sites(book, 2)
    whole(synchronise(book, pace=QUICK))
    admin.revoke(central, book.device)
    assert synchronise(image, pace=QUICK).exit_code == Exit.REVOKED
    assert image.device == book.device
    with central:
        assert not Succession.select().exists()


def test_what_follows_a_revoked_device_is_counted_with_it(enrolled: MakeNotebook, central: Central) -> None:
    """Each has a quota of its own: who stole a key would make them without an end, each from the last."""
    book = enrolled()
    admin.revoke(central, book.device)
    device = book.device
    for _ in range(people.SUCCESSORS):
        key, callers = Signer.new().public_key_der, people.caller(central, device)
        device = people.succeed(central, callers, key).id
        assert people.succeed(central, callers, key).id == device, "may be repeated"
        assert people.caller(central, device).revoked
    last = Signer.new()
    with pytest.raises(Problem, match="too-many"):
        people.succeed(central, people.caller(central, device), last.public_key_der)
    with central:
        assert Device.get_or_none(Device.id == last.device) is None


def test_what_comes_along_lies_between_the_times_that_were_witnessed_of_it(
    enrolled: MakeNotebook, central: Central, copied: Callable[[Notebook], Notebook]
) -> None:
    book = enrolled()
    add_sites(book, 1)
    whole(synchronise(book, pace=QUICK))
    twin = copied(book)
    (early,) = add_sites(twin, 1)
    with twin:
        home = EntryRow.get(EntryRow.record == early)
    bound = witnessed(twin, home.device, home.seq).not_before
    assert bound is not None
    add_sites(book, 5)
    whole(synchronise(book, pace=QUICK))
    assert rehomed(synchronise(twin, pace=QUICK))
    add_sites(twin, 1)
    with twin:
        carried = EntryRow.get(EntryRow.record == early)
    assert carried.device != home.device
    found = witnessed(twin, carried.device, carried.seq)
    assert found.not_before == bound
    assert found.not_after is not None
    assert found.not_after >= bound
    whole(synchronise(twin, pace=QUICK))
    assert witnessed(central, carried.device, carried.seq) == found, "any reader finds the same"
