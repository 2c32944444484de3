"""Every call of the server × every role × own or foreign unit, as the one table of access has it."""

from __future__ import annotations

import base64
import contextlib
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
import urllib3

from models import catalogue
from models.registry import access, units
from models.store.change import new_id
from models.store.entry import Entry, is_withheld
from models.store.fold import JUDGING
from models.store.signer import Signer
from sync import wire
from sync.embedded import embedded
from sync.problems import read_problem
from sync.server import admin, people
from sync.server.app import make_app
from sync.server.central import Central
from sync.server.tables import Blob
from sync.signing import succession

from .by_hand import HandMade
from .callers import FILE, KINDS, UNITS, Person, World, fill, person
from .conftest import OTHER, UNIT

ROLES = [
    *(role.code for role in units.roles()),
    "officer,dispatcher",
    "grid_worker,lead,dispatcher",
    "expert,legal",
]


EACH = {"date", "x-request-id"}
"""Fields that no two answers have alike."""


@contextlib.contextmanager
def filled(folder: Path) -> Iterator[World]:
    admin.init(folder, organisation="演示生态环境局", host="sync.example.cn")
    # room for what all callers write of every kind: `Person.pull` reads one page
    limits = wire.Limits(inflated=32 * wire.MIB, entries=10_000)
    with contextlib.closing(Central.open(folder)) as central, embedded(central, limits=limits) as running:
        made = World(central, running, {})
        for unit in UNITS:
            fill(made, unit)
        yield made


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with filled(tmp_path_factory.mktemp("roles") / "server") as made:
        yield made


@pytest.fixture(scope="module")
def read_only_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One to which no test adds records, so that each reader's page stays as short as it can be."""
    with filled(tmp_path_factory.mktemp("reading") / "server") as made:
        yield made


# --- every call, by role and unit -----------------------------------------------------------------

Call = Callable[[Person, str], urllib3.BaseHTTPResponse]
Expected = Callable[[Person, str], int]


def enrol(who: Person, unit: str) -> urllib3.BaseHTTPResponse:
    later = Person(who.world, who.role, HandMade(Signer.new()))
    asked = {
        "code": people.make_code(who.world.central, who.officer),
        "public_key": base64.b64encode(later.device.signer.public_key_der).decode(),
        "name": "又一台",
    }
    answer = later.post("/v1/enrol", asked)
    told = msgspec.json.decode(answer.data)
    assert (told["role"], told["units"]) == (who.role, who.granted)
    return answer


def hello(who: Person, unit: str) -> urllib3.BaseHTTPResponse:
    answer = who.post("/v1/sync/hello", {"epoch": who.world.central.epoch})
    told = msgspec.json.decode(answer.data)
    assert (told["role"], told["units"]) == (who.role, who.granted)
    return answer


def push(who: Person, unit: str) -> urllib3.BaseHTTPResponse:
    return who.push([who.first(), who.device.site("示例企业", unit)])


def recover(who: Person, unit: str) -> urllib3.BaseHTTPResponse:
    """Nobody gives back for a device what that device did not sign."""
    forged = HandMade(Signer.new()).site("示例企业", unit)
    answer = who.send(
        "POST",
        "/v1/sync/recover",
        wire.pack(wire.offered_line(forged.prev, forged.line())),
        content_type=wire.MEDIA_TYPE,
        content_encoding="zstd",
        sync_epoch=who.world.central.epoch,
    )
    told = msgspec.json.decode(answer.data)
    assert (told["stored"], told["refused"]) == (0, [forged.hash.hex()])
    return answer


def successor(who: Person, unit: str) -> urllib3.BaseHTTPResponse:
    """Whoever goes on under another key stays the same person with the same rights."""
    later = Signer.new()
    proof = later.sign(succession(who.device.signer.device, later.device))
    asked = {
        "public_key": base64.b64encode(later.public_key_der).decode(),
        "proof": base64.b64encode(proof).decode(),
    }
    answer = who.post("/v1/devices/self/successor", asked)
    found = people.caller(who.world.central, later.device)
    assert (found.officer, found.role, list(found.units)) == (who.officer, who.role, who.granted)
    return answer


def pull(who: Person, unit: str) -> urllib3.BaseHTTPResponse:
    answer, page = who.pull(f"{unit}=0")
    assert f"-{OTHER}" not in page.decode(), "asking for a unit does not grant it"
    return answer


def receipt(who: Person, unit: str) -> urllib3.BaseHTTPResponse:
    world = who.world
    return who.send("GET", f"/v1/receipts/{world.central.device}/{world.places['inspection', unit]}")


def get_file(who: Person, unit: str) -> urllib3.BaseHTTPResponse:
    answer = who.send("GET", f"/v1/blobs/{who.world.file(unit)}")
    assert (answer.data == FILE % unit.encode()) is (answer.status == 200)
    return answer


def send_part(who: Person, unit: str) -> urllib3.BaseHTTPResponse:
    return who.send(
        "PATCH",
        f"/v1/blobs/{who.world.file(unit)}",
        b"bytes",
        content_type="application/partial-upload",
        upload_offset="0",
        upload_length="5",
        upload_complete="?1",
    )


def get(target: str) -> Call:
    return lambda who, unit: who.send("GET", target)


def always(status: int) -> Expected:
    return lambda who, unit: status


def own_unit(who: Person, unit: str) -> int:
    return 200 if unit == UNIT else 404


def own_unit_and_right(who: Person, unit: str) -> int:
    return 200 if unit == UNIT and access.may_read(who.may, "evidence") else 404


# a file is sent by who named it in an entry only, so that nobody here may send one
ENDPOINTS: dict[tuple[str, str], tuple[Call, Expected]] = {
    ("POST", "/v1/enrol"): (enrol, always(201)),
    ("GET", "/v1/nonce"): (get("/v1/nonce"), always(200)),
    ("POST", "/v1/session"): (lambda who, unit: who.session(), always(200)),
    ("POST", "/v1/sync/hello"): (hello, always(200)),
    ("POST", "/v1/sync/push"): (push, always(200)),
    ("POST", "/v1/sync/reconcile"): (
        lambda who, unit: who.post("/v1/sync/reconcile", {"heads": []}),
        always(200),
    ),
    ("POST", "/v1/sync/recover"): (recover, always(200)),
    ("GET", "/v1/sync/pull"): (pull, always(200)),
    ("GET", "/v1/snapshot"): (
        lambda who, unit: who.send(
            "GET", "/v1/snapshot", sync_epoch=who.world.central.epoch, sync_units=f"{unit}=0"
        ),
        always(200),
    ),
    ("GET", "/v1/snapshot/{sha256}"): (  # whose they are: test_snapshot
        lambda who, unit: who.send("GET", f"/v1/snapshot/{who.world.file(unit)}"),
        always(404),
    ),
    ("GET", "/v1/devices/self/entries"): (get("/v1/devices/self/entries?after=0&bytes=9999"), always(200)),
    ("POST", "/v1/devices/self/successor"): (successor, always(201)),
    ("GET", "/v1/receipts/{device}/{q}"): (receipt, own_unit),
    ("GET", "/v1/log/consistency"): (get("/v1/log/consistency?from=1&to=2"), always(200)),
    ("POST", "/v1/blobs/probe"): (
        lambda who, unit: who.post("/v1/blobs/probe", {"files": [{"sha256": who.world.file(unit)}]}),
        always(404),
    ),
    ("HEAD", "/v1/blobs/{sha256}"): (
        lambda who, unit: who.send("HEAD", f"/v1/blobs/{who.world.file(unit)}"),
        always(404),
    ),
    ("PATCH", "/v1/blobs/{sha256}"): (send_part, always(404)),
    ("PUT", "/v1/blobs/{sha256}"): (
        lambda who, unit: who.send("PUT", f"/v1/blobs/{who.world.file(unit)}", FILE % unit.encode()),
        always(404),
    ),
    ("GET", "/v1/blobs/{sha256}"): (get_file, own_unit_and_right),
    ("GET", "/v1/health"): (get("/v1/health"), always(200)),
    ("GET", "/v1/limits"): (get("/v1/limits"), always(200)),
    # the public page, which says of a record only what its paper says
    ("GET", "/verify"): (get("/verify?q=x"), always(200)),
    ("POST", "/verify"): (lambda who, unit: who.send("POST", "/verify", b"q=x"), always(200)),
    ("POST", "/verify/package"): (lambda who, unit: who.send("POST", "/verify/package", b"x"), always(200)),
    ("GET", "/verify/root.crt"): (get("/verify/root.crt"), always(200)),
    ("GET", "/verify/VERIFY.html"): (get("/verify/VERIFY.html"), always(200)),
    ("GET", "/verify/VERIFY.sh"): (get("/verify/VERIFY.sh"), always(200)),
    ("GET", "/1/{rest:path}"): (get("/1/X/Y"), always(200)),
}


def test_the_table_of_this_test_has_every_call_of_the_server(world: World) -> None:
    found = set()
    for route in make_app(world.central).routes:
        methods = set(getattr(route, "methods", None) or ())
        if "GET" in methods:
            methods.discard("HEAD")  # the framework answers it wherever it answers GET
        found |= {(method, str(getattr(route, "path", ""))) for method in methods}
    assert found == set(ENDPOINTS)


@pytest.mark.requirement("R090")
@pytest.mark.parametrize("role", ROLES)
def test_every_call_answers_each_role_as_the_table_has_it(world: World, role: str) -> None:
    for unit in UNITS:
        reader = person(world, role)
        for (method, path), (call, expected) in ENDPOINTS.items():
            who = reader if method == "GET" else person(world, role)
            answer = call(who, unit)
            assert answer.status == expected(who, unit), (method, path, unit, answer.data[:200])
            if answer.status == 404 and method != "HEAD":
                problem = read_problem(answer.headers["content-type"], answer.data)
                assert problem is not None
                assert problem.name == "not-found"


# --- what is sent ---------------------------------------------------------------------------------


def judged(who: Person, kind: str, unit: str) -> str | None:
    """The verdict that the table asks for on a new record of a kind."""
    if who.may <= access.READING:
        return "forbidden"
    if unit != UNIT:
        return "unit"
    if kind == "officer":
        return "forbidden" if who.may.isdisjoint({"inspect", "edit_officers"}) else None
    if not access.knows(kind):
        return None
    return None if access.may_write(who.may, kind) else "forbidden"


@pytest.mark.requirement("R090")
@pytest.mark.parametrize("role", ROLES)
def test_of_every_kind_only_who_may_write_it_is_heard(world: World, role: str) -> None:
    who = person(world, role)
    entries = [who.first()]
    asked = {}
    for unit in UNITS:
        for kind in [*KINDS, "later-kind"]:
            body = {"f": {"name": {"x": "示例", "b": []}}}
            entries.append(who.device.entry("set", kind, new_id(), body, unit))
            asked[entries[-1].parsed_head.q] = judged(who, kind, unit)
    told = msgspec.json.decode(who.push(entries).data)
    assert told["acc"] == len(entries)
    heard = {each["q"]: each["type"] for each in told["results"]}
    assert heard == {q: verdict for q, verdict in asked.items() if verdict is not None}
    with world.central:
        for entry in entries[1:]:
            head = entry.parsed_head
            known = catalogue.kind(head.t)
            if known is not None:
                row = known.table.get_or_none(known.table.id == head.e)
                assert (row is not None) is (asked[head.q] is None), (role, head.t, head.sc)


@pytest.mark.requirement("R090")
@pytest.mark.parametrize("role", ["grid_worker", "grid_worker,officer", "expert", "dispatcher"])
def test_no_kind_of_entry_goes_round_the_table(world: World, role: str) -> None:
    who = person(world, role)
    with world.central:
        row = world.central.journal.at(world.central.device, world.places["inspection", UNIT])
    assert row is not None
    entries = [who.first()]
    for target in (row.record, new_id()):
        for kind, body in (
            ("set", {"f": {"place": {"x": "别处", "b": []}}}),
            ("add", {"f": {"place": {"x": "别处", "b": []}}}),
            ("resolve", {"f": {"place": {"x": "别处", "b": [bytes(row.hash).hex()]}}}),
            ("void", {"why": "不要了"}),
            ("attach", {"sha256": "ab" * 32}),
            ("amend", {"seal": "cd" * 32, "why": "改"}),
            ("note", {"text": "说明"}),
            ("later-kind-of-entry", {"f": {}}),
        ):
            entries.append(who.device.entry(kind, "inspection", target, body))
    told = msgspec.json.decode(who.push(entries).data)
    assert [each["q"] for each in told["results"]] == [entry.parsed_head.q for entry in entries[1:]]
    assert {each["type"] for each in told["results"]} == {"forbidden"}


def test_a_kind_of_ours_that_the_table_lacks_is_written_by_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(access._BY_KIND, "finding")
    who = person(world, "lead")
    told = msgspec.json.decode(
        who.push([who.first(), who.device.entry("set", "finding", new_id(), {"f": {}})]).data
    )
    assert [each["type"] for each in told["results"]] == ["forbidden"]


# --- what is fetched ------------------------------------------------------------------------------


@pytest.mark.requirement("R089", "R090")
@pytest.mark.parametrize("role", ROLES)
def test_of_every_kind_only_who_may_read_it_gets_the_content_and_nothing_of_a_foreign_unit(
    read_only_world: World, role: str
) -> None:
    world = read_only_world
    who = person(world, role)
    officer = who.officer
    assert who.push([who.first()]).status == 200
    _, page = who.pull(f"{OTHER}=0")
    lines, end = wire.read_page(page)
    assert end["units"] == who.granted
    seen: dict[str, set[bool]] = {}
    prev: dict[str, bytes] = {}
    for line in lines:
        if line.raw is None:
            continue
        device = Entry.of_bytes(b"", line.raw.head, line.raw.body, line.raw.signature).parsed_head.d
        entry = Entry.of_bytes(
            line.prev or prev.get(device, b""), line.raw.head, line.raw.body, line.raw.signature
        )
        prev[device] = entry.hash
        head = entry.parsed_head
        # but for what the server says they may, as it says it to each
        told = head.k == "grant" and entry.parsed_body["officer"] == officer
        assert head.sc in who.granted or told
        assert entry.verify(base64.b64decode(end["keys"][device])), "what is withheld verifies all the same"
        readable = head.k in JUDGING or access.may_read(who.may, head.t)
        assert is_withheld(entry.body) is not readable, (head.t, head.k)
        if device == world.central.device and head.k == "set":
            seen.setdefault(head.t, set()).add(world.mark(head.t, UNIT).encode() in entry.body)
    text = page.decode()
    for kind in KINDS:
        assert (world.mark(kind, UNIT) in text) is access.may_read(who.may, kind), kind
        assert True in seen[kind] or not access.may_read(who.may, kind)
    assert not re.search(f"内容-[a-z_]+-{OTHER}", text)


@pytest.mark.requirement("R089")
@pytest.mark.parametrize("role", ["grid_worker", "officer"])
def test_what_a_person_wrote_they_read_on_all_their_devices(world: World, role: str) -> None:
    who, words = person(world, role), f"所写{new_id()}"
    body = {"f": {"words": {"x": words, "b": []}}}
    who.push([who.first(), who.device.entry("set", "reporter", new_id(), body)])
    assert words in person(world, role, who.officer).pull()[1].decode()
    assert words not in person(world, role).pull()[1].decode()
    assert words in person(world, "lead").pull()[1].decode()


def test_a_verdict_on_what_is_withheld_reaches_everyone_in_words(world: World) -> None:
    who = person(world, "grid_worker")
    record = new_id()
    who.push([who.first(), who.device.entry("set", "inspection", record, {"f": {}})])
    lines, _ = wire.read_page(person(world, "expert").pull()[1])
    heads = [line.raw for line in lines if line.raw is not None and record.encode() in line.raw.head]
    assert [is_withheld(raw.body) for raw in heads] == [True, False]


# --- files ----------------------------------------------------------------------------------------


def name_file(who: Person, kind: str, sha256: str) -> None:
    entry = who.device.entry("attach", kind, new_id(), {"sha256": sha256, "size": 3})
    assert who.push([entry]).status == 200


@pytest.mark.requirement("R089")
def test_who_may_read_a_file_hands_it_on_by_naming_it_and_nobody_else_does(world: World) -> None:
    officer, expert, worker = (person(world, role) for role in ("officer", "expert", "grid_worker"))
    for each in (officer, expert, worker):
        each.push([each.first()])
    central, data = world.central, new_id().encode()
    kept = central.vault.put_bytes(data)
    name_file(officer, "evidence", kept.sha256)
    with central.writing():
        Blob.create(sha256=kept.sha256, size=kept.size, stored_at=central.clock.wall_ms())

    def readers() -> list[bool]:
        return [
            each.send("GET", f"/v1/blobs/{kept.sha256}").status == 200 for each in (officer, expert, worker)
        ]

    assert readers() == [True, False, False]
    name_file(expert, "opinion", kept.sha256)
    name_file(worker, "patrol", kept.sha256)
    assert readers() == [True, False, False], "its hash stands on paper: to name it gives no right"
    assert person(world, "legal").send("GET", f"/v1/blobs/{kept.sha256}").status == 200
    name_file(officer, "case_paper", kept.sha256)
    assert readers() == [True, True, False]
    name_file(expert, "patrol", kept.sha256)
    assert readers() == [True, True, False], "what is put aside hands nothing on"
    name_file(officer, "patrol", kept.sha256)
    assert readers() == [True, True, True]


@pytest.mark.requirement("R090")
@pytest.mark.parametrize("role", ["officer", "grid_worker", "auditor"])
@pytest.mark.parametrize("rounds", [1, pytest.param(100, marks=pytest.mark.soak)])
def test_what_a_caller_may_not_see_looks_and_takes_as_what_is_not_there(
    world: World, role: str, rounds: int
) -> None:
    """Equal status, fields and bytes; over many calls the quickest of both take as long."""
    who, nowhere = person(world, role), "ab" * 32
    device, place = world.central.device, world.places["inspection", OTHER]
    part = {"upload_offset": "0", "upload_length": "5", "upload_complete": "?1"}
    part["content_type"] = "application/partial-upload"

    def probed(sha256: str) -> urllib3.BaseHTTPResponse:
        return who.post("/v1/blobs/probe", {"files": [{"sha256": sha256}]})

    def patched(sha256: str) -> urllib3.BaseHTTPResponse:
        return who.send("PATCH", f"/v1/blobs/{sha256}", b"bytes", **part)

    calls: list[tuple[Callable[[str], urllib3.BaseHTTPResponse], str, str]] = [
        (lambda n: who.send("GET", f"/v1/receipts/{device}/{n}"), str(place), "99999999"),
        (lambda sha256: who.send("GET", f"/v1/blobs/{sha256}"), world.file(OTHER), nowhere),
        (lambda sha256: who.send("HEAD", f"/v1/blobs/{sha256}"), world.file(OTHER), nowhere),
        (lambda sha256: who.send("PUT", f"/v1/blobs/{sha256}", b"x"), world.file(OTHER), nowhere),
        (lambda sha256: who.send("GET", f"/v1/snapshot/{sha256}"), world.file(OTHER), nowhere),
        (patched, world.file(OTHER), nowhere),
        (probed, world.file(OTHER), nowhere),
    ]
    for call, there, absent in calls:
        seen: dict[str, list[float]] = {there: [], absent: []}
        told = {}
        for _ in range(rounds):
            for name in (there, absent):
                began = time.perf_counter()
                answer = call(name)
                seen[name].append(time.perf_counter() - began)
                fields = {key: value for key, value in answer.headers.items() if key.lower() not in EACH}
                told[name] = (answer.status, fields, answer.data)
        assert told[there][0] == 404
        assert told[there] == told[absent]
        assert rounds == 1 or 0.5 < min(seen[there]) / min(seen[absent]) < 2
