"""The server's calls over real HTTP: who may, what is taken once only, what is not an answer at all."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping

import msgspec
import pytest
import urllib3

from models.inspections.tables import Complainant, Inspection
from models.store.change import attach, new_id, put
from models.store.entry import GENESIS
from models.store.health import chain_problems, projection_problems
from models.store.journal import EntryRow
from models.store.notebook import Notebook
from models.store.signer import Signer
from sync import queries, wire
from sync.address import ServerAddress
from sync.client import synchronise
from sync.embedded import Running
from sync.engine import Call, post
from sync.outcome import Exit
from sync.problems import Problem, read_problem
from sync.server import admin, quarantine
from sync.server.app import make_app
from sync.server.central import Central
from sync.server.tables import Blob, Device, Upload
from sync.server.verify_page import look_up
from sync.signing import new_nonce
from sync.transport import HttpTransport, NoAnswer, Reply
from tests.photos import take_photo

from .by_hand import signed_fields
from .conftest import OTHER, QUICK, UNIT, MakeNotebook, add_sites, courier


def raw(server: Running, method: str, path: str, **more: object) -> urllib3.BaseHTTPResponse:
    return urllib3.request(method, server.url + path, retries=False, **more)  # type: ignore[arg-type]


OPEN = {("POST", "/v1/enrol"), ("GET", "/v1/nonce"), ("GET", "/v1/health"), ("GET", "/v1/limits")}


def test_every_call_but_four_refuses_who_has_no_session(server: Running, central: Central) -> None:
    checked = 0
    for route in make_app(central).routes:
        methods: set[str] = getattr(route, "methods", set())
        path = str(getattr(route, "path", ""))
        for method in methods:
            if not path.startswith("/v1/") or (method, path) in OPEN or method == "HEAD":
                continue
            target = path.format(sha256="ab" * 32, device="cd" * 16, q="1")
            answer = raw(server, method, target, headers={"authorization": "Bearer a.b.c"})
            problem = read_problem(answer.headers["content-type"], answer.data)
            assert problem is not None, (method, path)
            assert (answer.status, problem.name) == (401, "auth"), (method, path)
            checked += 1
    assert checked >= 10


def signed(book: Notebook, call: Call, token: str, nonce: str, **changed: str) -> Mapping[str, str]:
    fields = {**call.headers, "authorization": f"Bearer {token}"}
    return signed_fields(book, call.method, call.target, fields, call.body, nonce) | changed


def test_the_same_request_is_taken_once_only(enrolled: MakeNotebook, server: Running) -> None:
    book = enrolled()
    carrier = courier(book, ServerAddress.parse(server.url))
    call = post("/v1/blobs/probe", {"files": []})
    carrier.ask(call)
    headers = signed(book, call, carrier.token, new_nonce())
    first = raw(server, "POST", call.target, headers=headers, body=call.body)
    again = raw(server, "POST", call.target, headers=headers, body=call.body)
    assert (first.status, again.status) == (200, 401)
    assert b"taken already" in again.data


def test_a_changed_or_foreign_request_is_refused(enrolled: MakeNotebook, server: Running) -> None:
    book, other = enrolled("执法员01"), enrolled("执法员02")
    carrier = courier(book, ServerAddress.parse(server.url))
    call = post("/v1/blobs/probe", {"files": []})
    carrier.ask(call)
    for headers, body in (
        (signed(book, call, carrier.token, new_nonce()), b'{"files": [ ]}'),
        (signed(other, call, carrier.token, new_nonce()), call.body),
        (signed(book, call, carrier.token + "0", new_nonce()), call.body),
        (signed(book, call, carrier.token, ""), call.body),
        (signed(book, call, carrier.token, new_nonce(), signature="device=:AAAA:"), call.body),
        ({**call.headers, "authorization": f"Bearer {carrier.token}"}, call.body),
    ):
        assert raw(server, "POST", call.target, headers=headers, body=body).status == 401


def test_a_device_reads_only_what_its_person_may(enrolled: MakeNotebook, server: Running) -> None:
    mine, other = enrolled("执法员01"), enrolled("执法员02", units=(OTHER,))
    kept = take_photo(other, b"secret of another unit", OTHER)
    assert synchronise(other, pace=QUICK).ok
    carrier = courier(mine, ServerAddress.parse(server.url))
    missing = hashlib.sha256(b"no such file").hexdigest()
    for name in (kept, missing):
        with pytest.raises(Problem) as refusal:
            carrier.ask(Call("GET", f"/v1/blobs/{name}", expects="raw"))
        assert (refusal.value.name, refusal.value.detail) == ("not-found", "")
    with pytest.raises(Problem) as refusal:
        carrier.ask(Call("GET", f"/v1/receipts/{other.device}/2"))
    assert refusal.value.name == "not-found"


def test_who_reported_reaches_only_whose_role_may_see_it_and_the_chain_holds(
    enrolled: MakeNotebook, central: Central
) -> None:
    book, colleague, lead = enrolled("执法员01"), enrolled("执法员02"), enrolled("负责人01", role="lead")
    visit, reporter = new_id(), new_id()
    book.write(put("inspection", visit, UNIT, place="厂区"))
    book.write(put("complainant", reporter, UNIT, of=visit, name="示例举报人", words="夜间偷排"))
    book.write(put("inspection", visit, UNIT, place="东门"))
    for each in (book, colleague, lead, book):
        outcome = synchronise(each, pace=QUICK)
        assert outcome.ok, outcome.problems
    for reader, name in ((book, "示例举报人"), (colleague, None), (lead, "示例举报人")):
        with reader:
            rows = Complainant.select().where(Complainant.id == reporter)
            assert [row.name for row in rows] == ([name] if name is not None else [])
            kept = EntryRow.get(EntryRow.record == reporter)
            assert ("示例举报人".encode() in bytes(kept.body)) == (name is not None)
            assert Inspection.get_by_id(visit).place == "东门"
        assert chain_problems(reader) == []
        assert projection_problems(reader) == []
    central.recheck()
    book.write(put("complainant", reporter, UNIT, words="又一次"))
    assert synchronise(book, pace=QUICK).ok
    assert synchronise(colleague, pace=QUICK).ok
    assert chain_problems(colleague) == []


def test_absurd_numbers_in_a_hello_are_a_bad_request(enrolled: MakeNotebook, server: Running) -> None:
    book = enrolled()
    carrier = courier(book, ServerAddress.parse(server.url))
    absurd: list[object] = [-1, -(10**30), 10**18, 10**30, 1.5, "1", True]
    for value in absurd:
        for asked in ({"log": {"size": value}}, {"clock": {"wall": value}}, {"head": {"q": value}}):
            with pytest.raises(Problem) as refusal:
                carrier.ask(post("/v1/sync/hello", asked))
            assert refusal.value.name == "bad-request", asked
    for fine in ({}, {"log": {}, "clock": {"wall": 0}}, {"log": {"size": 1}, "head": {"q": 0}}):
        assert carrier.ask(post("/v1/sync/hello", fine)).json()["status"] in ("ok", "behind")
    assert synchronise(book, pace=QUICK).ok


@pytest.mark.parametrize("unit", [UNIT, OTHER])
def test_to_name_a_file_gives_no_right_to_its_content(
    enrolled: MakeNotebook, server: Running, unit: str
) -> None:
    mine, other = enrolled("执法员01"), enrolled("执法员02", units=(OTHER,))
    data = b"sealed bytes whose hash is printed on the paper"
    sha256 = take_photo(other, data, OTHER)
    assert synchronise(other, pace=QUICK).ok
    mine.write(attach("evidence", new_id(), unit, {"sha256": sha256, "size": len(data)}))
    synchronise(mine, pace=QUICK)
    with pytest.raises(Problem) as refusal:
        courier(mine, ServerAddress.parse(server.url)).ask(Call("GET", f"/v1/blobs/{sha256}", expects="raw"))
    assert refusal.value.name == "not-found"


def test_a_file_is_read_back_in_ranges_by_who_may(enrolled: MakeNotebook, server: Running) -> None:
    book = enrolled()
    data = os.urandom(300_000)
    sha256 = take_photo(book, data)
    assert synchronise(book, pace=QUICK).ok
    carrier = courier(book, ServerAddress.parse(server.url))
    carrier.ask(Call("GET", "/v1/log/consistency?from=1&to=2"))
    headers = {"authorization": f"Bearer {carrier.token}", "range": "bytes=1000-1999"}
    part = raw(server, "GET", f"/v1/blobs/{sha256}", headers=headers)
    assert (part.status, part.data) == (206, data[1000:2000])


def attached(book: Notebook, data: bytes) -> str:
    """A photo whose entry is at the server, and whose bytes are not yet."""
    sha256 = take_photo(book, data)
    pushed = synchronise(book, pace=QUICK, cancelled=lambda: queries.unsent(book).entries == 0)
    assert pushed.exit_code == Exit.CANCELLED
    return sha256


def patch(sha256: str, data: bytes, offset: int, length: int) -> Call:
    fields = {
        "content-type": "application/partial-upload",
        "upload-offset": str(offset),
        "upload-length": str(length),
        "upload-complete": "?1" if offset + len(data) == length else "?0",
    }
    return Call("PATCH", f"/v1/blobs/{sha256}", data, fields, signed=True, expects="upload")


def test_an_upload_goes_on_where_it_was_cut(
    enrolled: MakeNotebook, server: Running, central: Central
) -> None:
    book = enrolled()
    data = os.urandom(700_000)
    sha256 = attached(book, data)
    carrier = courier(book, ServerAddress.parse(server.url))
    carrier.ask(patch(sha256, data[:100_000], 0, len(data)))
    with pytest.raises(Problem) as refusal:
        carrier.ask(patch(sha256, data[200_000:300_000], 200_000, len(data)))
    assert (refusal.value.name, refusal.value.more["offset"]) == ("mismatching-upload-offset", 100_000)
    before = carrier.outcome.bytes_up
    outcome = synchronise(book, pace=QUICK)
    assert outcome.ok
    assert outcome.bytes_up < 620_000, "the first part is not sent again"
    assert before
    assert central.vault.verify(sha256) == "kept"
    with central:
        assert Upload.select().count() == 0


def test_a_revoked_device_hands_in_its_files_within_a_quota_and_thirty_days(
    enrolled: MakeNotebook, server: Running, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = enrolled()
    data = os.urandom(1000)
    here, begun = attached(book, b"whole before"), attached(book, data)
    carrier = courier(book, ServerAddress.parse(server.url))
    carrier.ask(patch(here, b"whole before", 0, 12))
    carrier.ask(patch(begun, data[:400], 0, 1000))
    admin.revoke(central, book.device)
    monkeypatch.setattr(quarantine, "FILE_BYTES", 999)
    rest = patch(begun, data[400:], 400, 1000)
    put = Call("PUT", f"/v1/blobs/{begun}", data, signed=True, expects="upload")

    def refused(call: Call) -> str:
        with pytest.raises(Problem) as refusal:
            carrier.ask(call)
        return refusal.value.name

    assert [refused(rest), refused(put)] == ["quota", "quota"]
    assert carrier.ask(patch(here, b"whole before", 0, 12)).status == 201, "it is here already"
    with central:
        assert Upload.get(Upload.name.startswith(begun)).offset == 400
    monkeypatch.undo()
    with central.writing():
        Device.update(revoked_at=central.clock.wall_ms() - 31 * 24 * 3_600_000).execute()
    assert [refused(rest), refused(put)] == ["too-late", "too-late"]
    with central.writing():
        Device.update(revoked_at=central.clock.wall_ms()).execute()
    add_sites(book, 2)
    outcome = synchronise(book, pace=QUICK)
    assert [each.exit for each in outcome.problems] == [Exit.REVOKED]
    assert (outcome.unsent_entries, outcome.unsent_files) == (0, 0)
    with central:
        assert {row.sha256 for row in Blob.select()} == {here, begun}


def test_bytes_that_are_not_the_announced_file_are_thrown_away(
    enrolled: MakeNotebook, server: Running, central: Central
) -> None:
    book = enrolled()
    data = os.urandom(300_000)
    sha256 = attached(book, data)
    carrier = courier(book, ServerAddress.parse(server.url))
    with pytest.raises(Problem) as refusal:
        carrier.ask(patch(sha256, bytes(len(data)), 0, len(data)))
    assert refusal.value.name == "digest-mismatch"
    with central:
        assert Blob.select().count() == 0
    assert list((central.folder / "spool").iterdir()) == []
    assert synchronise(book, pace=QUICK).ok


def test_a_file_that_no_entry_names_is_not_taken(enrolled: MakeNotebook, server: Running) -> None:
    book = enrolled()
    carrier = courier(book, ServerAddress.parse(server.url))
    name = hashlib.sha256(b"x").hexdigest()
    for call in (
        patch(name, b"x", 0, 1),
        Call("PUT", f"/v1/blobs/{name}", b"x", signed=True, expects="upload"),
        Call("PUT", "/v1/blobs/..%2f..%2fserver.key", b"x", signed=True, expects="upload"),
    ):
        with pytest.raises((Problem, NoAnswer)):
            carrier.ask(call)


@pytest.mark.parametrize(
    "body",
    [os.urandom(2 * wire.MIB), wire.pack(bytes(9 * wire.MIB)), wire.pack(b"x\n" * 1001)],
    ids=["as it came", "inflated", "lines"],
)
def test_too_much_is_refused_before_it_is_read(
    enrolled: MakeNotebook, server: Running, central: Central, body: bytes
) -> None:
    carrier = courier(enrolled(), ServerAddress.parse(server.url))
    fields = {"sync-epoch": central.epoch, "sync-first": "1", "sync-prev": base64.b64encode(GENESIS).decode()}
    with pytest.raises((Problem, NoAnswer)) as refusal:
        carrier.ask(Call("POST", "/v1/sync/push", body, fields, signed=True))
    # who still sends while the refusal comes may see no more than a broken connection
    assert isinstance(refusal.value, NoAnswer) or refusal.value.name == "too-large"


def test_an_enrolment_key_of_no_curve_is_refused(server: Running) -> None:
    device = Signer.new()
    for key in (b"junk", b""):
        body = msgspec.json.encode({"code": "A", "public_key": base64.b64encode(key).decode(), "name": "x"})
        headers = signed_fields(device, "POST", "/v1/enrol", {}, body, new_nonce())
        assert raw(server, "POST", "/v1/enrol", headers=headers, body=body).status in (400, 401)


class Bent:
    """A transport that changes what the server says."""

    def __init__(self, address: ServerAddress, bend: object) -> None:
        self._under = HttpTransport(address)
        self._bend = bend

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes, most: int) -> Reply:
        reply = self._under.send(method, target, headers, body, most)
        return self._bend(target, reply)  # type: ignore[operator, no-any-return]

    def close(self) -> None:
        self._under.close()


@pytest.mark.parametrize("member", ["receipt", "checkpoint", "acc"])
def test_a_push_whose_receipt_does_not_verify_counts_as_nothing(
    enrolled: MakeNotebook, address: ServerAddress, member: str
) -> None:
    book = enrolled()
    sites = add_sites(book, 2)

    def bend(target: str, reply: Reply) -> Reply:
        if not target.startswith("/v1/sync/push"):
            return reply
        told = msgspec.json.decode(reply.body)
        if member == "receipt":
            told["receipt"]["path"].append(base64.b64encode(bytes(32)).decode())
        elif member == "checkpoint":
            told["checkpoint"] = told["checkpoint"].replace("log\n", "lag\n", 1)
        else:
            told["acc"] += 1
        return Reply(reply.status, reply.headers, msgspec.json.encode(told))

    outcome = synchronise(book, pace=QUICK, transport=Bent(address, bend))
    assert outcome.problems
    assert set(queries.marks(book, sites).values()) == {"kept"}
    assert synchronise(book, pace=QUICK).ok
    assert set(queries.marks(book, sites).values()) == {"received"}


def test_the_public_page_answers_in_both_languages_and_escapes(server: Running, central: Central) -> None:
    hostile = "<script>alert(1)</script>\x1b[31m"
    for language, word in (("zh", "查验文书"), ("en", "Check a record")):
        answer = raw(server, "GET", "/verify", fields={"q": hostile, "lang": language})
        page = answer.data.decode()
        assert answer.status == 200
        assert word in page
        assert "<script>" not in page
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert not look_up(central, hostile).genuine
