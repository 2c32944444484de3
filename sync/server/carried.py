"""Bundles at the server: calls that came on a stick, answered by the same desk as those of a network.

Who calls was proved by the signature over the bundle; a replay does nothing that a repeated call would not.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pyrage

from models.errors import BadInput, QingchaError, StoreRefused, reason_of
from models.language import N_, translate
from models.store.lookup import row_of
from sync import wire
from sync.bundle import (
    SUFFIX,
    BundleReader,
    BundleRefused,
    BundleWriter,
    Following,
    Manifest,
    Part,
    name_of,
)
from sync.engine import HELLO, Call, listed, own_call, post, receipt_call
from sync.healing import RECONCILE
from sync.problems import Problem, read_problem
from sync.pulling import PULL, pull_call
from sync.rehoming import successor_asked
from sync.sending import PROBE
from sync.server import followers, pages, people
from sync.server.calls import answered, found, refusal, served_at
from sync.server.central import Central
from sync.server.desk import Desk, certified
from sync.server.people import Caller
from sync.server.requests import Incoming, Outgoing, member
from sync.server.tables import Blob, Device
from sync.wire import Limits

ANSWER = ".answer" + SUFFIX
_CARRIED = ("/v1/sync/", "/v1/blobs/", "/v1/receipts/", "/v1/log/", "/v1/devices/self/entries")
"""Beginnings of the paths that a bundle may call."""
_NOT_NOW = {"disk-full", "busy", "damaged"}
"""Problems of the server itself: bundles are to be taken in again when they are over."""
_NOT_THIS = {"internal", "slow-down"}
"""Problems with one bundle, which must not hold up the others."""
_REASON = N_("The server cannot take the bundle in now ({reason}). Do it again when that is mended.")
_FULL = N_("The server's disk has no room for files: some were not taken, and stay in the notebook.")


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of one bundle."""

    bundle: Path
    device: str
    entries: int
    """New in the log."""
    files: int
    """New here, and received whole."""
    answer: Path | None
    """None for a volume after which another one follows."""
    problem: str = ""
    """Why it was not taken in, or not whole; a sentence."""


def take_in(
    server: Path, bundles: Sequence[Path], *, answers: Path | None = None, limits: Limits | None = None
) -> list[TakenIn]:
    """Take in bundles and write the answer to each beside it; the server may be running.

    Args:
        bundles: files, or folders that hold them; volumes of one export are taken in their order.
        answers: a folder for the answers.

    Raises:
        BadInput: there is no bundle.
        StoreRefused: there is no server, or its disk is full.
    """
    paths = [path for each in bundles for path in _bundles(each)]
    if not paths:
        raise BadInput(N_("There is no bundle here. Give a file, or the folder that holds it."))
    done: list[TakenIn] = []
    with contextlib.closing(Central.open(server)) as central, contextlib.ExitStack() as opened:
        readers: list[tuple[Path, BundleReader]] = []
        for path in paths:
            try:
                readers.append((path, opened.enter_context(BundleReader(path, _signers(central)))))
            except QingchaError as refused:
                done.append(TakenIn(path, "", 0, 0, None, refused.text()))
        readers.sort(
            key=lambda each: (each[1].manifest.made_at, each[1].manifest.id, each[1].manifest.volume)
        )
        for path, reader in readers:
            target = _answer_to(path, reader.manifest, answers)
            try:
                done.append(_Answering(central, limits or Limits(), reader).answer(path, target))
            except BundleRefused as refused:
                done.append(TakenIn(path, reader.manifest.device, 0, 0, None, refused.text()))
    return done


def _answer_to(path: Path, manifest: Manifest, answers: Path | None) -> Path:
    """Where the answer to a bundle is written: in one folder those to bundles of one name stay apart."""
    name = path.name.removesuffix(SUFFIX)
    if answers is None:
        return path.with_name(name + ANSWER)
    export = hashlib.sha256(f"{manifest.device} {manifest.id}".encode()).hexdigest()[:12]
    return answers / f"{name}-{export}{ANSWER}"


def _bundles(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(each for each in path.glob(f"*{SUFFIX}") if not each.name.endswith(ANSWER))


def _signers(central: Central) -> Callable[[Manifest], bytes]:
    def signer(manifest: Manifest) -> bytes:
        if manifest.kind != "calls":
            raise BundleRefused(N_("This bundle is an answer: it belongs to the notebook."))
        if manifest.server != central.device:
            raise BundleRefused(N_("This bundle is for another server. Nothing was taken from it."))
        key = people.public_key(central, manifest.device) or followers.key_after(central, manifest)
        if key is None:
            raise BundleRefused(
                N_("The device that wrote this bundle is not enrolled here. Nothing was taken from it.")
            )
        return key

    return signer


class _Desk(Desk):
    """Answers one device, whose bundle was verified.

    No code is asked for: a stick carries no session, and the answer is encrypted to the notebook that asked.
    """

    def __init__(self, central: Central, limits: Limits, device: str) -> None:
        super().__init__(central, limits)
        self._device = device
        self.page: pages.Page | None = None

    def _signed(self, request: Incoming, *, server_nonce: bool = False, whole: bool = True) -> Caller:
        return self._caller()

    def _reading(self, request: Incoming) -> Caller:
        return self._caller()

    def _caller(self) -> Caller:
        return replace(people.caller(self.central, self._device), code_due=False)

    def pulled(self, request: Incoming) -> pages.Page:
        """As `Desk.pulled`; where the reader then stands is remembered."""
        self.page = super().pulled(request)
        return self.page


class _Answering:
    """One bundle, from its first call to the answers."""

    def __init__(self, central: Central, limits: Limits, reader: BundleReader) -> None:
        self._central = central
        self._reader = reader
        self._manifest = reader.manifest
        self._desk = _Desk(central, limits, reader.manifest.device)
        self._table = list(served_at(self._desk))
        self._writer: BundleWriter | None = None
        self._entries = 0
        self._files = 0
        self._size = 0
        self._stopped = False
        self._followers: list[tuple[Following, Device]] = []
        self._full = False
        """Whether files were refused to keep the last of the disk for entries."""

    def answer(self, path: Path, target: Path) -> TakenIn:
        """Take it in, and write the answers where they are asked for."""
        manifest = self._manifest
        try:
            self._followers = followers.take_in(self._central, manifest)
        except Problem as problem:
            raise BundleRefused(_REASON, reason=problem.name) from problem
        if not manifest.last:
            self._work()
            return self._taken(path, None)
        try:
            with self._writing(target) as writer:
                self._writer = writer
                self._work()
                told = Manifest(
                    kind="answers",
                    id=manifest.id,
                    device=manifest.device,
                    server=self._central.device,
                    epoch=self._central.epoch,
                    made_at=self._central.clock.wall_ms(),
                    base=manifest.base,
                    size=self._size,
                    parts=writer.parts,
                )
                writer.finish(told, self._central.signer.sign_raw)
        except OSError as error:  # the stick is full: others may not be
            reason = reason_of(error)
            raise BundleRefused(N_("The answer could not be written: {reason}."), reason=reason) from error
        return self._taken(path, target)

    def _taken(self, path: Path, answer: Path | None) -> TakenIn:
        told = translate(_FULL) if self._full else ""
        return TakenIn(path, self._manifest.device, self._entries, self._files, answer, told)

    def _writing(self, target: Path) -> BundleWriter:
        try:
            return BundleWriter(target, self._manifest.recipient)
        except (ValueError, pyrage.RecipientError) as reason:
            raise BundleRefused(N_("This bundle names no key for its answer. Export it again.")) from reason

    def _work(self) -> None:
        identity = pyrage.x25519.Identity.from_str(self._central.bundle_identity().identity)
        calls = (_call(part, body) for part, body in self._reader.parts(identity))
        hello = next(calls, None)
        if hello is None or hello.target != HELLO:
            raise BundleRefused(N_("This bundle does not begin with who it comes from. Export it again."))
        answer = self._ask(hello)
        problem = _problem_in(answer)
        if problem is None and _told(answer).get("status") != "fork":
            self._take(calls)
            answer = self._ask(hello)  # again: what the notebook is told holds all that it sent
            self._size = int(_told(answer).get("size", 0))
            lacks = _told(answer)["have"]["q"] < self._manifest.end and not self._stopped
            if self._manifest.last and lacks:
                raise _lacking()
        elif problem is not None and problem.name == "epoch":
            for call in calls:
                if call.target == RECONCILE:
                    self._keep(call, self._ask(call))
        for said, device in self._followers:
            self._keep(successor_asked(said.public_key, said.proof), certified(device))
        self._keep(hello, answer)
        self._go_on(hello, answer)

    def _take(self, calls: Iterable[Call]) -> None:
        """What was sent is taken; what was asked is answered, before anything more can come into the log."""
        for call in calls:
            path = call.target.partition("?")[0]
            if path == PULL:
                self._pull(call)
            elif path == "/v1/sync/push":
                self._push(call)
            elif call.method in ("PUT", "PATCH"):
                self._upload(call)
            elif path == PROBE:
                self._probe(call)
            elif path != RECONCILE:
                self._keep(call, self._ask(call))

    def _push(self, call: Call) -> None:
        answer = self._ask(call)
        problem = _problem_in(answer)
        if problem is not None and problem.name == "gap":
            raise _lacking()
        self._stopped |= problem is not None or "stopped" in _told(answer)
        if problem is None:
            first, last = _told(answer).get("cursors") or (1, 0)
            self._entries += last - first + 1

    def _upload(self, call: Call) -> None:
        """Take a piece of a file; where another way has brought a part of it, the rest of the piece."""
        with self._central:
            new = row_of(Blob, sha256=call.target.rpartition("/")[2]) is None
        answer = self._ask(call)
        problem = _problem_in(answer)
        self._full |= problem is not None and problem.name == "disk-full"
        if problem is not None and problem.name == "mismatching-upload-offset":
            offset, here = int(call.headers.get("upload-offset", 0)), problem.more.get("offset")
            if type(here) is not int or not offset < here < offset + len(call.body):
                return  # it is here already, or what comes before is not
            fields = {**call.headers, "upload-offset": str(here)}
            answer = self._ask(Call(call.method, call.target, call.body[here - offset :], fields))
        self._files += int(new and answer.status == 201)

    def _probe(self, call: Call) -> None:
        """Which files are here: one that the device may not send must not hide the others."""
        answer = self._ask(call)
        problem, files = _problem_in(answer), _files_in(call)
        if problem is None or problem.name != "not-found" or len(files) < 2:
            self._keep(call, answer)
            return
        half = len(files) // 2
        for some in (files[:half], files[half:]):
            self._probe(post(PROBE, {"files": some}))

    def _pull(self, call: Call) -> None:
        """All pages that the notebook would ask for, one after the other."""
        asked: Call | None = call
        while asked is not None:
            self._desk.page = None
            self._keep(asked, self._ask(asked))
            asked = self._following(self._desk.page)

    def _following(self, page: pages.Page | None) -> Call | None:
        if page is None or not page.more:
            return None
        return pull_call(page.next, page.have, self._central.epoch, self._desk.limits)

    def _go_on(self, hello: Call, answer: Outgoing) -> None:
        """What the notebook will ask then: the entries of its own that it lacks, the receipt of the last."""
        if _problem_in(answer) is not None:
            return
        have = _told(answer)["have"]["q"]
        seq = member(msgspec.json.decode(hello.body, type=dict[str, Any]), "head").get("q", have)
        while seq < have:
            call = own_call(seq, self._desk.limits)
            page = self._ask(call)
            if page.raw is None or _problem_in(page) is not None:
                break
            self._keep(call, page)
            lines, _end = wire.read_page(wire.unpack(page.raw, 2 * self._desk.limits.inflated))
            if not lines:
                break
            seq += len(lines)
        if have:
            call = receipt_call(self._manifest.device, have)
            self._keep(call, self._ask(call))

    def _ask(self, call: Call) -> Outgoing:
        """The desk's answer.

        Raises:
            StoreRefused: the server itself cannot now; what was taken until then is repeated without harm.
            BundleRefused: it cannot answer this.
        """
        path, _, query = call.target.partition("?")
        known = found(self._table, call.method, path) if path.startswith(_CARRIED) else None
        if known is None or len(call.body) > known[0].most:
            return refusal(Problem("bad-request"))
        request = Incoming(
            call.method,
            call.target,
            tuple(call.headers.items()),
            dict(parse_qsl(query)),
            known[1],
            call.body,
        )
        answer = answered(known[0].handler, request)
        problem = _problem_in(answer)
        waits = call.method in ("PUT", "PATCH") and problem is not None and problem.name == "disk-full"
        if problem is not None and problem.name in _NOT_NOW and not waits:  # files wait, entries do not
            raise StoreRefused(_REASON, reason=problem.name)
        if problem is not None and problem.name in _NOT_THIS:
            raise BundleRefused(_REASON, reason=problem.name)
        return answer

    def _keep(self, call: Call, answer: Outgoing) -> None:
        if self._writer is None or answer.file is not None:
            return
        headers, body = answer.written()
        part = Part(call.method, call.target, headers, answer.status, name_of(call))
        self._writer.add(part, body)


def _lacking() -> BundleRefused:
    return BundleRefused(N_("An earlier volume of this export is missing. Take that in first."))


def _call(part: Part, body: bytes) -> Call:
    return Call(part.method, part.target, body, part.headers)


def _problem_in(answer: Outgoing) -> Problem | None:
    return read_problem(answer.headers.get("content-type", ""), answer.raw or b"")


def _files_in(call: Call) -> list[Any]:
    """The files that a probe asks about."""
    try:
        return listed(wire.json_object(call.body).get("files"))
    except wire.BadFrame:
        return []


def _told(answer: Outgoing) -> dict[str, Any]:
    return answer.json if isinstance(answer.json, dict) else {}
