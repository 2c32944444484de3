"""The numbers that docs/protocol.md and docs/server.md promise, each tried on both sides of its bound."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import urllib3

from models.registry.tables import Officer
from models.store.change import new_id
from models.store.clock import Clock
from models.store.signer import Signer
from sync import heads, queries, wire
from sync.address import ServerAddress
from sync.client import synchronise
from sync.courier import Pace
from sync.embedded import Running
from sync.engine import Call, post
from sync.problems import STATUS, Problem
from sync.server import (
    admin,
    desk,
    package_page,
    people,
    quarantine,
    rates,
    rights,
    room,
    segments,
    stamping,
    uploads,
    verify_page,
)
from sync.server.central import Central
from sync.signing import FRESH_S
from sync.wire import MIB, Limits
from tests.photos import take_photo

from .by_hand import HandMade, enrol_by_hand, first_entry, push
from .conftest import QUICK, UNIT, MakeNotebook, courier

DOCS = Path(__file__).parents[2] / "docs"
HOUR_MS = 3_600_000


@pytest.fixture
def later(central: Central) -> Callable[[int], None]:
    """Lets time pass at the server, in ms."""
    now = [central.clock.wall_ms()]

    def passes(ms: int) -> None:
        now[0] += ms

    central.clock = Clock(wall_ms=lambda: now[0])
    return passes


def refusal(call: Callable[[], object]) -> str:
    """The name of the problem that a call ends with; "" for none."""
    try:
        call()
    except Problem as problem:
        return problem.name
    return ""


def test_the_table_of_errors_is_the_servers() -> None:
    text = (DOCS / "protocol.md").read_text(encoding="utf-8")
    table = text[text.index("| name | status | the client |") :].partition("\n\n")[0]
    told: dict[str, int] = {}
    for row in table.splitlines()[2:]:
        names, status = row.split("|")[1:3]
        told |= dict.fromkeys(re.findall(r"`([a-z-]+)`", names.partition("(")[0]), int(status))
    assert told == STATUS


def test_the_waits_grow_from_half_a_second_to_a_minute_with_full_jitter() -> None:
    longest = Pace(chance=lambda: 1.0)
    assert [longest.wait(each) for each in range(1, 10)] == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]
    assert Pace(chance=lambda: 0.0).wait(9) == 0.0
    assert Pace(chance=lambda: 0.5).wait(2) == 0.5
    assert Pace(chance=lambda: 0.0).wait(1, 7.0) == 7.0, "no less than the server asks for"


def test_a_code_is_good_for_one_device_and_a_day(central: Central, later: Callable[[int], None]) -> None:
    officer = admin.add_officer(central, "执法员01", unit_code=UNIT, units=(UNIT,), certificate="FJ350602001")
    code, unused = (people.make_code(central, officer) for _ in range(2))
    first, second = Signer.new().public_key_der, Signer.new().public_key_der

    def enrols(code: str, key: bytes, **more: Any) -> str:
        return refusal(lambda: people.enrol(central, code, key, "电脑", **more))

    assert enrols("AAAA-BBBB", first) == "code-wrong"
    assert enrols(code, first, officer_certificate="FJ350602009") == "code-another"
    later(24 * HOUR_MS)
    assert enrols(code, first) == "", "refused for another it stays good, to the last moment"
    assert enrols(code, first) == "", "whose answer was lost"
    assert enrols(code, second) == "code-used"
    later(1)
    assert enrols(unused, second) == "code-expired"
    assert enrols(code, first) == "", "whose answer was lost may ask for it later too"
    with central:
        assert Officer.get_by_id(officer).certificate == "FJ350602001"


def test_a_session_lasts_a_quarter_of_an_hour(central: Central, later: Callable[[int], None]) -> None:
    token = people.open_session(central, "device")
    later(15 * 60_000)
    assert people.session_device(central, token) == "device"
    later(1000)
    assert refusal(lambda: people.session_device(central, token)) == "auth"


def test_a_nonce_opens_a_session_for_two_minutes(central: Central, later: Callable[[int], None]) -> None:
    nonce = people.server_nonce(central)
    later(120_000)
    people.check_server_nonce(central, nonce)
    later(1000)
    assert refusal(lambda: people.check_server_nonce(central, nonce)) == "auth"


def test_a_nonce_is_remembered_for_longer_than_its_signature_is_fresh(
    central: Central, later: Callable[[int], None]
) -> None:
    people.use_nonce(central, "device", "once")
    # signed by a clock that is ahead by all that is allowed, it is fresh for twice that
    later(2 * FRESH_S * 1000)
    people.use_nonce(central, "device", "another, at which old ones are forgotten")
    assert refusal(lambda: people.use_nonce(central, "device", "once")) == "auth"


def naming(central: Central, device: HandMade, count: int) -> list[tuple[str, bytes]]:
    """Files that logged entries of a device name."""
    datas = [f"file {number} of {device.signer.device}".encode() * 10 for number in range(count)]
    named = [(hashlib.sha256(data).hexdigest(), data) for data in datas]
    bodies = [{"sha256": sha256, "size": len(data)} for sha256, data in named]
    push(
        central,
        device,
        [first_entry(device), *(device.entry("attach", "evidence", new_id(), body) for body in bodies)],
    )
    return named


def test_a_device_has_four_unfinished_uploads_that_go_on(
    central: Central, later: Callable[[int], None]
) -> None:
    device, other = enrol_by_hand(central), enrol_by_hand(central)
    files = naming(central, device, 6)

    def begins(device: HandMade, file: tuple[str, bytes], *, complete: bool = False) -> str:
        who = people.caller(central, device.signer.device)
        sha256, data = file
        part = data if complete else data[:9]
        more: dict[str, Any] = {"offset": 0, "length": len(data), "complete": complete, "data": part}
        return refusal(lambda: uploads.append(central, who, sha256, **more, limits=Limits()))

    assert [begins(device, file) for file in files[:5]] == ["", "", "", "", "too-many"]
    assert begins(other, naming(central, other, 1)[0]) == "", "each device has its own"
    later(15 * 60_000)
    assert begins(device, files[4]) == "", "those that nothing was added to for so long do not count"
    assert [begins(device, file) for file in files[5:]] == [""]


def test_head_says_where_an_upload_stands_and_what_may_follow(
    enrolled: MakeNotebook, address: ServerAddress, server: Running
) -> None:
    book = enrolled()
    data = b"film" * 100_000
    sha256 = take_photo(book, data)
    book.vault.path_of(sha256).rename(book.folder / "away")  # its entry goes alone
    synchronise(book, address, pace=QUICK)
    carrier = courier(book, address)

    carrier.ask(post("/v1/blobs/probe", {"files": []}))

    def head() -> dict[str, str]:
        right = {"authorization": f"Bearer {carrier.token}"}
        answer = urllib3.request("HEAD", f"{server.url}/v1/blobs/{sha256}", headers=right, retries=False)
        assert answer.status == 200
        return {k.lower(): v for k, v in answer.headers.items() if k.lower().startswith("upload-")}

    limit = {"upload-limit": f"max-size={2048 * MIB}, max-append-size={8 * MIB}"}
    assert head() == {**limit, "upload-complete": "?0", "upload-offset": "0"}
    fields = {"content-type": "application/partial-upload", "upload-complete": "?0", "upload-offset": "0"}
    fields["upload-length"] = str(len(data))
    part = Call("PATCH", f"/v1/blobs/{sha256}", data[:70_000], fields, signed=True, expects="upload")
    assert carrier.ask(part).status == 204
    told = {**limit, "upload-complete": "?0", "upload-offset": "70000", "upload-length": str(len(data))}
    assert head() == told
    fields |= {"upload-offset": "70000", "upload-length": str(len(data) + 1)}
    other = Call("PATCH", f"/v1/blobs/{sha256}", data[70_000:80_000], fields, signed=True, expects="upload")
    assert refusal(lambda: carrier.ask(other)) == "mismatching-upload-offset", "of a file of another length"
    assert head() == told
    assert urllib3.request("HEAD", f"{server.url}/v1/blobs/{sha256}", retries=False).status == 401


def test_what_is_promised_is_what_the_code_has() -> None:
    """Numbers whose effect is tried elsewhere, with smaller ones."""
    assert desk.HEADS_COMPARED == heads.HEADS_KEPT == 64, "or a restored server would refuse to compare"
    assert (quarantine.DAYS, quarantine.ENTRIES, quarantine.ENTRY_BYTES) == (30, 20_000, 64 * MIB)
    assert quarantine.FILE_BYTES == 4096 * MIB
    assert people.SUCCESSORS == 20
    assert rights.RETURNING_MS == 30 * 24 * HOUR_MS
    assert (room.KEPT, room.LOW) == (1024 * MIB, 2048 * MIB)
    assert queries.KEPT_DAYS == 30
    assert (verify_page.MOST_PACKAGE, package_page.AT_ONCE) == (256 * MIB, 2)
    assert stamping.EVENING == 18
    assert (segments.ENTRIES, segments.BYTES, segments.FAR) == (5_000, 4 * MIB, 10_000)
    assert (rates.ADDRESS.burst, rates.ADDRESS.per_second) == (4000, 200)
    assert (rates.DEVICE.burst, rates.DEVICE.per_second) == (10_000, 500)
    assert rates.FILE_BYTES.burst == 64 * 1024 * MIB
    assert (rates.WRONG_CODES.burst, rates.WRONG_CODES.per_second) == (20, 1 / 60)
    assert wire.MOST_VALUES == 300_000
    limits = Limits()
    assert (limits.batch, limits.inflated, limits.entries) == (MIB, 8 * MIB, 1000)
    assert (limits.page, limits.file, limits.chunk_most, limits.uploads) == (MIB // 2, 2048 * MIB, 8 * MIB, 4)
    assert (limits.whole, limits.chunk_least, limits.probe) == (256 * 1024, 128 * 1024, 500)
