"""Carries an engine's calls over a transport: signs, keeps the session, tells answers from noise, retries."""

from __future__ import annotations

import contextlib
import random
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from threading import RLock
from typing import Any, Protocol, TypeVar

import msgspec

from models.store.clock import Clock
from sync import second_factor, wire
from sync.engine import Answer, Call, Cut, Lane, Result, Steps, Together
from sync.outcome import Outcome, senseless
from sync.problems import Problem, read_problem
from sync.signing import new_nonce, sign_request
from sync.transport import NoAnswer, NoTls, Reply, Transport
from sync.wire import MIB

Asked = TypeVar("Asked")
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 60.0
_SECONDS = re.compile("[0-9]{1,9}")
_WORD = re.compile("[A-Za-z0-9._~+/=-]{1,1000}")
_LATEST_MS = 4_102_444_800_000
"""The year 2100: a server that says later does not know the time."""


class Cancelled(Exception):
    """The person stopped it."""


class NotTheServer(NoAnswer):
    """Something answered that does not speak this protocol, such as a captive portal."""


@dataclass(slots=True)
class Pace:
    """How long to go on without an answer, and by which clock; tests give their own."""

    tries: int = 6
    """Tries of one call before giving up."""
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    """Gives numbers from 0 to 1, for the jitter."""
    now: Callable[[], float] = time.monotonic
    """Seconds, for measuring."""
    lanes: Callable[[int], Executor] = ThreadPoolExecutor
    """Gives what makes so many calls at once."""

    def wait(self, attempt: int, least: float = 0.0) -> float:
        """Full jitter: anything up to the doubled wait, so that many laptops do not come at once.

        Args:
            attempt: how many tries failed, from 1; the first wait is short, as most cuts are over at once.
            least: what the server asked for, in seconds.
        """
        return max(least, self.chance() * min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (attempt - 1)))


class Driver(ABC):
    """Drives generators of calls; where the answers come from is for its heirs to say."""

    @abstractmethod
    def ask(self, call: Call) -> Answer:
        """The answer to one call. Errors as `run`."""

    def run(self, steps: Steps[Result]) -> Result:
        """Run a conversation to its end.

        Raises:
            Cancelled, NoAnswer, WrongCertificate, Problem, SyncFailed: what ends the conversation.
        """
        try:
            call = next(steps)
            while True:
                call = _gone_on(steps, partial(self._asked, call))
        except StopIteration as stop:
            return stop.value
        finally:
            steps.close()

    def _asked(self, call: Call | Together) -> Answer:
        return self.together(call) if isinstance(call, Together) else self.ask(call)

    def together(self, several: Together) -> Answer:
        """Run conversations that do not wait for one another, here in turn. Errors as `run`."""
        for part in several.parts:
            self.run(part)
        return _ENDED


_ENDED = Answer(200, {}, b"")


def _gone_on(steps: Generator[Asked, Answer, Any], answer: Callable[[], Answer]) -> Asked:
    """Tell a conversation the answer to what it asked; gives what it asks next."""
    try:
        told = answer()
    except (Problem, Cut) as reason:
        return steps.throw(reason)
    return steps.send(told)


class Calling(Protocol):
    """Who calls: a seat, or a device that it was before."""

    @property
    def device(self) -> str:
        """Id of its key."""

    @property
    def clock(self) -> Clock:
        """By which it signs."""

    def sign(self, data: bytes) -> bytes:
        """DER ECDSA signature over SHA-256(data) by that key."""


@dataclass
class Courier(Driver):
    """Drives them for one notebook and one server over a network."""

    seat: Calling
    transport: Transport
    outcome: Outcome
    cancelled: Callable[[], bool] = lambda: False
    pace: Pace = field(default_factory=Pace)
    offset_ms: int | None = None
    """Server time minus this device's; None before the first answer."""
    token: str = ""
    code: str = ""
    """The current code of the person's second factor, to be shown once."""
    cuts: int = 0
    """Large calls in a row that got no answer."""
    _one: RLock = field(default_factory=RLock)
    """Held by who counts, or opens a session."""

    def ask(self, call: Call) -> Answer:
        """Make one call, with session and retries. Errors as `run`."""
        token = self.token
        if not token:
            self._session_after(token)
        try:
            return self._tried(call, self._fields(call))
        except Problem as problem:
            if problem.name != "auth":
                raise
            # the session ran out, or the clock was set: measure again and try once more
            self._session_after(token)
            return self._tried(call, self._fields(call))

    def together(self, several: Together) -> Answer:
        """Run them at once: the calls wait in threads, all else is done in this one. Errors as `run`."""
        waiting: dict[Future[Answer], Lane] = {}
        pool = self.pace.lanes(several.most)

        def go_on(lane: Lane, going: Callable[[], Call]) -> None:
            with contextlib.suppress(StopIteration):
                waiting[pool.submit(self.ask, going())] = lane

        try:
            while True:
                while len(waiting) < several.at_once() and (lane := next(several.parts, None)) is not None:
                    go_on(lane, partial(next, lane))
                if not waiting:
                    return _ENDED
                wait(waiting, return_when=FIRST_COMPLETED)
                done = next(each for each in waiting if each.done())
                lane = waiting.pop(done)
                go_on(lane, partial(_gone_on, lane, done.result))
        finally:
            pool.shutdown(cancel_futures=True)
            for lane in waiting.values():
                lane.close()

    def _session_after(self, token: str) -> None:
        """Open a session unless another lane did so meanwhile."""
        with self._one:
            if self.token == token:
                self._open_session()

    def ask_unbound(self, call: Call) -> Answer:
        """Make one call without a session: for enrolment."""
        if self.offset_ms is None:
            self._server_nonce()
        return self._tried(call, lambda: self._signed(call, {}, new_nonce()) if call.signed else {})

    def _open_session(self) -> None:
        nonce = self._server_nonce()
        # again with each try, as nobody knows which one arrived: what was shown holds on
        shown = {"code": self.code} if self.code else {}
        body = msgspec.json.encode({"device": self.seat.device} | shown)
        call = Call("POST", "/v1/session", body, {"content-type": "application/json"}, signed=True)

        tries = 0

        def fields() -> Mapping[str, str]:
            nonlocal tries
            tries += 1
            return self._signed(call, call.headers, nonce)

        for left in reversed(range(self.pace.tries)):
            try:
                told = self._tried(call, fields).json()
                self.token = _word(told.get("token"), "token")
                self.outcome.factor = str(told.get("factor") or "")
                found = second_factor.unused(self.outcome.factor, str(told.get("code") or ""))
                if found is not None and tries == 1:  # else one whose answer was lost may have used it
                    self.outcome.warnings.append(found)
                self.code = ""
                return
            except Problem as problem:
                if problem.name != "auth" or "taken already" not in problem.detail or not left:
                    raise
            # its answer was lost on the way; a fresh nonce opens another session
            nonce = self._server_nonce()

    def _server_nonce(self) -> str:
        before = self.pace.now()
        told = self._tried(Call("GET", "/v1/nonce"), dict).json()
        took_ms = int((self.pace.now() - before) * 1000)
        server_ms = told.get("time")
        if type(server_ms) is int and 0 <= server_ms < _LATEST_MS:
            self.offset_ms = server_ms + took_ms // 2 - self.seat.clock.wall_ms()
        return _word(told.get("nonce"), "nonce")

    def _fields(self, call: Call) -> Callable[[], Mapping[str, str]]:
        def fields() -> Mapping[str, str]:
            bound = {**call.headers, "authorization": f"Bearer {self.token}"}
            return self._signed(call, bound, new_nonce()) if call.signed else bound

        return fields

    def _signed(self, call: Call, headers: Mapping[str, str], nonce: str) -> Mapping[str, str]:
        return sign_request(
            call.method,
            call.target,
            {**call.headers, **headers},
            call.body,
            device=self.seat.device,
            sign=self.seat.sign,
            created_s=(self.seat.clock.wall_ms() + (self.offset_ms or 0)) // 1000,
            nonce=nonce,
        )

    def _tried(self, call: Call, fields: Callable[[], Mapping[str, str]]) -> Answer:
        """Send until an answer comes, with growing, jittered waits; each try is signed anew.

        A large call is not repeated as it is: what asks for it may send less. As small calls get through in
        between, it is given up after twice as many tries.
        """
        attempt = self.cuts if call.large else 0
        while True:
            if self.cancelled():
                raise Cancelled
            began = self.pace.now()
            least = 0.0
            try:
                reply = self._sent(call, fields())
                answer = self._believed(call, reply, self.pace.now() - began)
                if call.large:
                    self.cuts = 0
                return answer
            except NoTls:
                raise  # it will be no other the next time
            except NoAnswer as silence:
                attempt += 1
                if attempt >= self.pace.tries * (1 + call.large):
                    raise
                if call.large:
                    # most cuts are over at once, and what comes next is small: the first is not waited for
                    self.cuts = attempt
                    self._wait(self.pace.wait(attempt - 1) if attempt > 1 else 0.0)
                    raise Cut from silence
            except Problem as problem:
                if problem.name not in ("busy", "internal", "slow-down") or attempt + 1 >= self.pace.tries:
                    raise
                attempt += 1
                least = float(min(problem.retry_after or 0, LONGEST_WAIT_S))
            self._wait(self.pace.wait(attempt, least))

    def _sent(self, call: Call, fields: Mapping[str, str]) -> Reply:
        with self._one:
            self.outcome.requests += 1
            self.outcome.bytes_up += len(call.body)
        reply = self.transport.send(call.method, call.target, fields, call.body, max(call.most, MIB))
        with self._one:
            self.outcome.bytes_down += len(reply.body)
        return reply

    def _wait(self, seconds: float) -> None:
        """Sleep in short pieces, so that stopping takes effect at once."""
        while seconds > 0:
            if self.cancelled():
                raise Cancelled
            piece = min(seconds, 0.2)
            self.pace.sleep(piece)
            seconds -= piece

    @staticmethod
    def _believed(call: Call, reply: Reply, seconds: float) -> Answer:
        """The answer, if it is this protocol's.

        Raises:
            Problem: a refusal. NotTheServer: for anything else, such as a portal's page.
        """
        kind = reply.headers.get("content-type", "")
        problem = read_problem(kind, reply.body)
        if problem is not None:
            retry = reply.headers.get("retry-after", "")
            problem.retry_after = int(retry) if _SECONDS.fullmatch(retry) else None
            raise problem
        answer = Answer(reply.status, reply.headers, reply.body, seconds)
        json_kind = kind.partition(";")[0].strip() == "application/json"
        if call.expects == "json":
            good = reply.status in (200, 201) and json_kind
        elif call.expects == "upload":
            good = (reply.status == 201 and json_kind) or (
                reply.status == 204 and "upload-offset" in reply.headers
            )
        elif call.expects == "part":
            good = reply.status in (200, 206) and kind == "application/octet-stream"
        else:
            digest = reply.headers.get("content-digest", "")
            good = reply.status == 200 and wire.digest_matches(digest, sha256(reply.body).digest())
        if not good:
            raise NotTheServer(f"status {reply.status}, {kind or 'no type'}")
        return answer


def _word(value: object, what: str) -> str:
    """A nonce or token, which goes into fields of the next requests.

    Raises:
        SyncFailed: when it could not stand there.
    """
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        raise senseless(what)
    return value
