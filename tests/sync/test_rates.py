"""Who asks too much is told to wait: per address, per device, per guessed code; who waits goes on."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from starlette.applications import Starlette

from models.store.signer import Signer
from sync.address import ServerAddress
from sync.client import synchronise
from sync.problems import Problem
from sync.server import admin, rates
from sync.server.app import make_app
from sync.server.calls import answered
from sync.server.central import Central
from sync.server.desk import Desk
from sync.server.rates import Allowance, Rates
from sync.server.requests import Incoming
from sync.signing import new_nonce
from sync.transport import HttpTransport
from sync.wire import Limits

from .by_hand import signed_fields
from .conftest import QUICK, UNIT, MakeNotebook, add_sites


class Moment:
    now = 5_000

    def __call__(self) -> int:
        return self.now


def refused(call: Any, *given: Any) -> Problem | None:
    try:
        call(*given)
    except Problem as problem:
        return problem
    return None


def test_a_burst_then_so_many_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "DEVICE", Allowance(3, 2))
    moment = Moment()
    counted = Rates(moment)
    assert [refused(counted.device, "a") is None for _ in range(5)] == [True, True, True, False, False]
    assert refused(counted.device, "b") is None, "others are not held up"
    problem = refused(counted.device, "a")
    assert problem is not None
    assert (problem.name, problem.status, problem.retry_after) == ("slow-down", 429, 1)
    moment.now += 1000
    assert [refused(counted.device, "a") is None for _ in range(3)] == [True, True, False]
    moment.now = 0
    assert refused(counted.device, "a") is not None, "a clock set back gives nothing"
    moment.now = 60_000
    assert [refused(counted.device, "a") is None for _ in range(4)] == [True, True, True, False]


def test_only_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "_MOST_KEYS", 100)
    moment = Moment()
    counted = Rates(moment)
    for number in range(1000):
        moment.now += 1
        counted.device(str(number))
    assert len(counted._left) <= 100
    assert ("device", "999") in counted._left


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "", "testclient"])
def test_addresses_of_this_machine_are_not_limited(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "ADDRESS", Allowance(1, 1))
    counted = Rates(Moment())
    for _ in range(3):
        counted.address(address)


def got(app: Starlette, path: str, address: str) -> tuple[int, dict[str, str], bytes]:
    """Status, fields and body of a GET that comes from an address."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": path,
        "raw_path": path.encode(), "query_string": b"", "headers": [], "client": (address, 5000),
        "server": ("sync.example.cn", 443),
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(each.get("body", b"") for each in sent[1:])


def test_an_address_is_refused_before_anything_is_read(
    central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "ADDRESS", Allowance(2, 0.1))
    app = make_app(central)
    assert [got(app, path, "203.0.113.9")[0] for path in ("/v1/nonce", "/verify")] == [200, 200]
    for path in ("/v1/nonce", "/verify", "/v1/blobs/x", "/nothing"):
        status, headers, body = got(app, path, "203.0.113.9")
        assert status == 429
        assert msgspec.json.decode(body)["type"] == "urn:qingcha:problem:slow-down"
        assert int(headers["retry-after"]) >= 1
    assert got(app, "/v1/nonce", "203.0.113.10")[0] == 200


def enrolment(central: Central, code: str, address: str) -> Incoming:
    signer = Signer.new()
    asked = {"code": code, "public_key": base64.b64encode(signer.public_key_der).decode(), "name": "x"}
    body = msgspec.json.encode(asked)
    fields = {"content-type": "application/json"}
    headers = signed_fields(signer, "POST", "/v1/enrol", fields, body, new_nonce())
    return Incoming("POST", "/v1/enrol", tuple(headers.items()), {}, {}, body, address)


def test_who_guesses_codes_is_soon_told_to_wait_and_nobody_else(
    central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "WRONG_CODES", Allowance(3, 1 / 60))
    desk = Desk(central, Limits())
    officer = admin.add_officer(central, "执法员01", unit_code=UNIT)
    good = admin.code(central, officer).code

    def tried(code: str, address: str) -> int:
        return answered(desk.enrol, enrolment(central, code, address)).status

    assert [tried("AAAA-BBBB", "203.0.113.9") for _ in range(5)] == [403, 403, 403, 429, 429]
    assert tried(good, "203.0.113.9") == 429, "nor may the right one be found so"
    assert tried(good, "203.0.113.10") == 201


def test_a_notebook_that_is_told_to_wait_waits_and_gets_through(
    enrolled: MakeNotebook, central: Central, address: ServerAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = enrolled()
    add_sites(book, 30)
    monkeypatch.setattr(rates, "DEVICE", Allowance(3, 5))
    moment = Moment()
    moment.now = central.clock.mono_ms()
    monkeypatch.setattr(central.clock, "mono_ms", moment)  # goes on only while somebody waits
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        moment.now += int(seconds * 1000)

    statuses: list[int] = []

    class Listening(HttpTransport):
        def send(self, *args: Any, **more: Any) -> Any:
            reply = super().send(*args, **more)
            statuses.append(reply.status)
            return reply

    patient = replace(QUICK, sleep=sleep, tries=20)
    for _ in range(4):
        add_sites(book, 1)
        outcome = synchronise(book, transport=Listening(address), pace=patient)
        assert outcome.ok, outcome.problems
    assert 429 in statuses
    assert sum(waited) >= 1, "as long as the server asked for"
