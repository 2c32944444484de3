"""Synchronising by a stick, for places with no network: the notebook's end of a bundle.

Out go the calls that the engine would make, with nobody there to answer; the server's folder answers them,
and what it would have been asked next. When the answers come back the engine asks the same again, and each
answer is verified by the same code as one from the network. What is not answered waits for the next time.
"""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pyrage

from models.errors import BadInput, StoreRefused, reason_of
from models.language import N_, _
from models.store.data_key import AgePair, make_recovery_pair
from models.store.notebook import Notebook
from models.store.seat import Seat
from sync import copied
from sync import outcome as says
from sync.bundle import (
    PART,
    SUFFIX,
    BundleReader,
    BundleRefused,
    BundleWriter,
    Manifest,
    Part,
    name_of,
    weight,
)
from sync.client import conversation, leave_units, pulled
from sync.courier import Driver
from sync.engine import Answer, Call, Engine, Forked, Steps, listed, post, receipt_call
from sync.healing import Healing
from sync.ledger import Ledger
from sync.outcome import Exit, Outcome, Progress, SyncFailed, Told
from sync.problems import read_problem
from sync.pulling import pull_call
from sync.sending import PROBE, Sending

VOLUME = 4_000_000_000
"""Bytes of one file at most unless told: a stick's file system often takes no more than 4 GiB."""
LEAST = 2 * PART
"""Bytes of one file that are never too much."""
_OPEN = "bundles_out"
"""Key of the exports whose answer has not come: JSON, id and age identity of each, the oldest first."""
_MOST_OPEN = 16
_KNOWN = N_("This answer was taken in before, or a later one was. Nothing was changed.")


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote."""

    paths: tuple[Path, ...]
    entries: int
    files: int
    """Files that go with it."""
    bytes: int

    def text(self) -> str:
        """Where it lies and what is in it, in the reader's language."""
        inside = _(
            "In it: entries {entries}, files {files}. They count as received when the answer is here."
        ).format(entries=self.entries, files=self.files)
        return "\n".join([*map(str, self.paths), inside])


def export(
    notebook: Seat, target: Path, *, size: int = VOLUME, progress: Told = lambda told: None
) -> Exported:
    """Write what the server has not, and what it is to be asked. Nothing counts as received by this.

    Args:
        target: a file to be, or a folder that is there.
        size: bytes of one file at most; what is more goes into further ones, beside the first.

    Raises:
        SyncFailed: the notebook is not enrolled, or has not heard of the server's key for bundles.
        StoreRefused: the disk is full or refuses; no file is left.
    """
    ledger = Ledger(notebook)
    engine = Engine(ledger, Outcome(), progress)
    recipient = ledger.bundle_recipient()
    if recipient is None:
        raise SyncFailed(Exit.BUNDLE_REFUSED, says.NO_BUNDLE_KEY)
    ledger.scan_files()
    name = secrets.token_hex(16)
    if target.is_dir():
        target = target / f"qingcha-{notebook.device[:8]}-{name[:8]}{SUFFIX}"
    pair = make_recovery_pair()
    # first: without the identity nobody could read the answer to what was written
    waiting = [*_open(notebook), [name, pair.identity]][-_MOST_OPEN:]
    notebook.set_meta(**{_OPEN: json.dumps(waiting)})
    try:
        return _Packing(engine, target, recipient, pair, name, max(size, LEAST)).pack()
    except BaseException as error:
        # nobody can answer what was not written, and it must not take the place of what was
        notebook.set_meta(**{_OPEN: json.dumps([each for each in _open(notebook) if each[0] != name])})
        if not isinstance(error, OSError):
            raise
        reason = reason_of(error)
        raise StoreRefused(N_("The bundle could not be written: {reason}."), reason=reason) from error


class _Packing:
    """One export: calls in their order, into as many volumes as they need."""

    def __init__(
        self, engine: Engine, target: Path, recipient: str, pair: AgePair, name: str, size: int
    ) -> None:
        self._engine = engine
        self._target = target
        self._recipient = recipient
        self._pair = pair
        self._name = name
        self._size = size
        self._paths: list[Path] = []
        self._sending = Sending(engine)
        self._base = engine.ledger.newest_head()

    def pack(self) -> Exported:
        """Write all volumes; OSError as the disk gave it, and nothing is left."""
        engine, ledger = self._engine, self._engine.ledger
        first, (end, _) = ledger.acknowledged() + 1, ledger.own_end()
        files = ledger.waiting_files(end)
        sent = self._sent(first - 1, end)
        written = 0
        call = next(sent, None)
        last = False
        try:
            while not last:
                path = self._path(len(self._paths) + 1)
                with BundleWriter(path, self._recipient) as writer:
                    hello = engine.hello_call()
                    writer.add(_part(hello), hello.body)
                    while call is not None:
                        part = _part(call)
                        if writer.filled + weight(part, call.body) > self._size and len(writer.parts) > 1:
                            break
                        writer.add(part, call.body)
                        engine.told(Progress("files", written + writer.size, 0, written + writer.size))
                        call = next(sent, None)
                    last = call is None
                    for question in self._asked(end) if last else ():
                        writer.add(_part(question), question.body)
                    manifest = self._manifest(writer, first, end, last=last)
                    writer.finish(manifest, engine.seat.signer.sign_raw)
                self._paths.append(path)
                written += writer.size
        except BaseException:
            for path in self._paths:
                path.unlink(missing_ok=True)
            raise
        return Exported(tuple(self._paths), end - first + 1, len(files), written)

    def _path(self, volume: int) -> Path:
        target = self._target
        return target if volume == 1 else target.with_name(f"{target.stem}-{volume}{target.suffix}")

    def _sent(self, have: int, end: int) -> Iterator[Call]:
        yield from Healing(self._engine).words_calls()  # what is sent is judged by them
        yield from self._engine.push_calls(have)
        yield from self._sending.upload_calls(end)

    def _asked(self, end: int) -> Iterator[Call]:
        """What is to be answered; never torn apart, as only one volume is answered."""
        engine, ledger = self._engine, self._engine.ledger
        healing = Healing(engine)
        yield from healing.recover_calls()
        yield healing.reconcile_call()
        yield from engine.proof_calls(self._base)
        for seq, _digest in ledger.seals_without_proof(end):
            yield receipt_call(engine.seat.device, seq)
        for device, seq, _digest in ledger.former_seals_without_proof():
            yield receipt_call(device, seq)
        yield from self._sending.probe_calls(end)
        server = ledger.server()
        after = server.cursor if server is not None else 0
        yield pull_call(after, ledger.positions(), engine.epoch, engine.limits)

    def _manifest(self, writer: BundleWriter, first: int, end: int, *, last: bool) -> Manifest:
        engine = self._engine
        return Manifest(
            kind="calls",
            id=self._name,
            device=engine.seat.device,
            server=engine.server_device,
            epoch=engine.epoch,
            made_at=engine.seat.clock.wall_ms(),
            base=self._base.size if self._base is not None else 0,
            volume=len(self._paths) + 1,
            last=last,
            recipient=self._pair.recipient,
            follows=copied.followings(engine.seat),
            first=first if first <= end else 0,
            end=end if first <= end else 0,
            parts=writer.parts,
        )


def _part(call: Call) -> Part:
    return Part(call.method, call.target, dict(call.headers))


# -- the answers -------------------------------------------------------------------------------------------


def take_answers(notebook: Seat, path: Path, *, progress: Told = lambda told: None) -> Outcome:
    """Take in what the server answered to an export of this notebook; as `client.synchronise`.

    Stopped at any moment, it is begun again with the same file. An answer that is damaged, of another
    notebook, older than what is here, or taken in before is refused with a sentence, and nothing is changed.

    Raises:
        BadInput: the file cannot be read. BundleRefused: as said.
    """
    ledger = Ledger(notebook)
    server = ledger.server()
    if server is None:
        raise SyncFailed(Exit.NOT_ENROLLED, says.NOT_ENROLLED)
    key = bytes(server.key)

    def signer(manifest: Manifest) -> bytes:
        return _answers(notebook, ledger, server.device, manifest, key)

    with BundleReader(path, signer) as reader:
        answers = _Carried(reader, _identity(notebook, reader.manifest.id))
        outcome = conversation(notebook, progress, partial(_take, answers))
    if outcome.ok:
        _close(notebook, reader.manifest.id)
    return outcome


def _take(answers: _Carried, engine: Engine) -> None:
    notebook, asked = engine.seat, copied.asked(engine.seat)
    if isinstance(notebook, Notebook) and asked and all(map(answers.has, asked)):
        copied.certify(notebook, engine.ledger, engine.outcome, lambda _who: answers)
    answers.run(_steps(engine))


def newest_answer(notebook: Seat, folder: Path) -> Path:
    """The answer in a folder to the latest export of this notebook; it holds what earlier ones would bring.

    Raises:
        BadInput: there is none. SyncFailed: the notebook is not enrolled.
    """
    ledger = Ledger(notebook)
    server = ledger.server()
    if server is None:
        raise SyncFailed(Exit.NOT_ENROLLED, says.NOT_ENROLLED)
    waiting = [each[0] for each in _open(notebook)]
    known, key = server.device, bytes(server.key)
    found: list[tuple[int, Path]] = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        with (
            contextlib.suppress(BadInput, BundleRefused),
            BundleReader(path, lambda manifest: _answers(notebook, ledger, known, manifest, key)) as each,
        ):
            found.append((waiting.index(each.manifest.id), path))
    if not found:
        raise BadInput(
            N_(
                "There is no answer in {folder} that this notebook waits for. Take the bundle to the "
                "server first, or give the file."
            ),
            folder=str(folder),
        )
    return max(found)[1]


def _answers(notebook: Seat, ledger: Ledger, server: str, manifest: Manifest, key: bytes) -> bytes:
    """The key that must have signed an answer that is of use here.

    Raises:
        BundleRefused: it is of none.
    """
    if manifest.device != notebook.device or manifest.server != server:
        raise BundleRefused(N_("This bundle is of another notebook or server. Nothing was taken from it."))
    if manifest.kind != "answers":
        raise BundleRefused(
            N_("This is what the notebook exported, not the answer to it. Take it to the server first.")
        )
    if manifest.id not in dict(_open(notebook)):
        raise BundleRefused(_KNOWN)
    known = ledger.newest_head()
    newer = known is not None and manifest.base < known.size == manifest.size
    if newer and _has_all_of(ledger, manifest):
        raise BundleRefused(_KNOWN)
    if (known.size if known is not None else 0) not in (manifest.base, manifest.size):
        raise BundleRefused(
            N_(
                "This notebook has synchronised since that bundle was exported, and knows more than this "
                "answer. Nothing was changed, and nothing is lost."
            )
        )
    return key


def _has_all_of(ledger: Ledger, manifest: Manifest) -> bool:
    """Whether another way has brought all that an answer could: entries, receipts, proofs of seals."""
    server, own = ledger.server(), ledger.own_end()[0]
    reached = server is not None and server.cursor >= manifest.size
    return (
        reached
        and ledger.acknowledged() >= own
        and not ledger.waiting_files()
        and not ledger.seals_without_proof()
    )


def _open(notebook: Seat) -> list[list[str]]:
    return json.loads(notebook.meta(_OPEN) or "[]")


def _identity(notebook: Seat, name: str) -> Any:
    return pyrage.x25519.Identity.from_str(dict(_open(notebook))[name])


def _close(notebook: Seat, name: str) -> None:
    """Forget an export that is answered and those before it; nobody can read their answers any more."""
    waiting = _open(notebook)
    ids = [each[0] for each in waiting]
    notebook.set_meta(**{_OPEN: json.dumps(waiting[ids.index(name) + 1 :])})


def _steps(engine: Engine) -> Steps[None]:
    """The conversation but for what is sent: that was carried there before."""
    healing = Healing(engine)
    try:
        have, revoked = yield from healing.hello()
    except Forked as fork:
        raise _parted(engine.seat, fork) from None
    # it was answered last, so as to tell of all that was sent; the log may have grown since the pages
    engine.compare_no_order()
    yield from engine.catch_up(have)
    if not revoked:
        yield from healing.say_again()
        yield from healing.give_back()
        yield from pulled(engine)
        leave_units(engine)  # last: what is asked is what was exported
    yield from engine.seal_receipts()
    yield from Sending(engine).receipts()
    engine.phase = "done"


def _parted(notebook: Seat, fork: Forked) -> SyncFailed:
    """Go on under a key of its own, as the server has others under these numbers (R6); what is said."""
    if not isinstance(notebook, Notebook):
        return SyncFailed(Exit.FORK, says.FORK)
    ledger = Ledger(notebook)
    if fork.revoked and ledger.acknowledged() == ledger.own_end()[0]:
        return SyncFailed(Exit.REVOKED, says.REVOKED)  # an old image of it: all that it has is there
    count = copied.go_on_unasked(notebook)
    return SyncFailed(Exit.NEXT_BUNDLE, says.PARTED_BY_STICK, device=notebook.device[:8], count=count)


class _Carried(Driver):
    """Answers calls from a bundle."""

    def __init__(self, reader: BundleReader, identity: Any) -> None:
        self._reader = reader
        self._identity = identity
        self._places: dict[str, int] = {}
        self._files: dict[str, Any] = {}
        """What was told of files, by SHA-256."""
        for place, (part, body) in enumerate(reader.parts(identity)):
            if part.call == name_of(post(PROBE, {})):
                found = listed(msgspec.json.decode(body, type=dict[str, Any]).get("files"))
                told = (each for each in found if isinstance(each, dict))
                self._files |= {str(each.get("sha256")): each for each in told}
            else:
                self._places[part.call] = place

    def has(self, call: Call) -> bool:
        """Whether an answer to it was carried here."""
        return name_of(call) in self._places

    def ask(self, call: Call) -> Answer:
        """The answer that was carried here.

        Raises:
            SyncFailed: the bundle holds none.
        """
        if call.target == PROBE:
            return self._told_of(call)
        place = self._places.get(name_of(call))
        if place is None:
            raise SyncFailed(Exit.NEXT_BUNDLE, says.NEXT_BUNDLE)
        part, body = self._reader.part(place, self._identity)
        problem = read_problem(part.headers.get("content-type", ""), body)
        if problem is not None:
            raise problem
        return Answer(part.status, part.headers, body)

    def _told_of(self, call: Call) -> Answer:
        """What is known of the files asked for; one that was not carried there is passed over."""
        asked = msgspec.json.decode(call.body)["files"]
        found = [self._files[each["sha256"]] for each in asked if each["sha256"] in self._files]
        return Answer(200, {}, msgspec.json.encode({"files": found, "epoch": self._reader.manifest.epoch}))
