"""What a device that means harm makes of orders: claims to be what went, and orders of its own."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from models.registry.tables import Site
from models.store.change import new_id
from models.store.entry import Entry, withheld
from models.store.health import problems
from models.store.journal import EntryRow
from models.store.orders import REDACT
from sync.server import redacting
from sync.server.central import Central

from .by_hand import HandMade, enrol_by_hand, first_entry, push
from .conftest import MakeNotebook, add_sites, meet, supervisor
from .test_redact import body_in, holds
from .test_redact_taking import NAME, begun


def claiming(device: HandMade, gone: Entry, body: bytes) -> Entry:
    """The device's next entry, on a record of its own, which says that it carries another one."""
    device.seq += 1
    head = msgspec.structs.replace(
        gone.parsed_head, d=device.signer.device, q=device.seq, e=new_id(), o=gone.home
    )
    entry = device.sealed(Entry.of_bytes(device.prev, msgspec.json.encode(head), body, b""))
    device.prev = entry.hash
    return entry


@pytest.mark.parametrize("bare", [True, False])
def test_what_only_claims_to_be_what_went_is_not_taken_for_it(
    central: Central, enrolled: MakeNotebook, bare: bool
) -> None:
    device, entry = begun(central)
    push(central, device, [entry])
    redacting.redact(central, entry.hash.hex(), by=supervisor(central), why="某号")
    other = enrol_by_hand(central)
    push(central, other, [first_entry(other)])
    push(central, other, [claiming(other, entry, withheld(entry.body) if bare else entry.body)])
    reader = enrolled("执法员02")
    add_sites(reader, 1)
    meet(reader)
    assert central.recheck()
    assert problems(reader) == []


@pytest.mark.parametrize("body", [b"[1]", b"no JSON", b'{"d":1}', b'{"d":null}', b"{}"])
def test_a_forged_order_keeps_nobody_from_receiving(
    central: Central, enrolled: MakeNotebook, body: bytes
) -> None:
    expert = enrolled("专家01", role="expert")
    device = enrol_by_hand(central)
    forged = [
        first_entry(device),
        device.entry(REDACT, "inspection", new_id(), body),
        device.site("示例企业"),
    ]
    push(central, device, forged)
    meet(expert)
    with expert:
        assert Site.select().count() == 1
    assert problems(expert) == []


def odd(device: HandMade, carried: Entry, change: Callable[[bytes], bytes]) -> Entry:
    """The device's next entry, which carries another one and writes its name in a way of its own."""
    device.seq += 1
    head = msgspec.structs.replace(carried.parsed_head, d=device.signer.device, q=device.seq, o=carried.home)
    data = change(msgspec.json.encode(head))
    entry = device.sealed(Entry.of_bytes(device.prev, data, carried.body, b""))
    assert entry.uid == carried.uid
    device.prev = entry.hash
    return entry


WAYS: list[Callable[[bytes], bytes]] = [
    lambda head: head.replace(b'"h":"', b'"h": "'),
    lambda head: head.replace(b'"h":"', b'"\\u0068":"'),
]


@pytest.mark.parametrize("way", WAYS)
def test_no_name_written_oddly_keeps_content_from_being_taken_out(
    central: Central, way: Callable[[bytes], bytes]
) -> None:
    device, entry = begun(central)
    push(central, device, [entry])
    other = enrol_by_hand(central)
    push(central, other, [first_entry(other)])
    push(central, other, [odd(other, entry, way)])
    redacting.redact(central, entry.hash.hex(), by=supervisor(central), why="某号")
    assert body_in(central, entry) == withheld(entry.body)
    assert holds(central) == []
    assert central.recheck()


@pytest.mark.parametrize("uid", ["x" * 63 + '"', "A" * 64, "\\" * 64, "0" * 64])
def test_whatever_an_entry_claims_to_carry_it_can_be_taken_out(central: Central, uid: str) -> None:
    device, entry = begun(central)
    push(central, device, [entry])
    device.seq += 1
    claim = msgspec.structs.replace(entry.home, h=uid)
    head = msgspec.structs.replace(entry.parsed_head, q=device.seq, o=claim)
    forged = device.sealed(Entry.of_bytes(device.prev, msgspec.json.encode(head), entry.body, b""))
    if push(central, device, [forged])["acc"] == 3:
        redacting.redact(central, forged.hash.hex(), by=supervisor(central), why="某号")
        assert body_in(central, forged) == withheld(forged.body)
    assert central.recheck()


@pytest.mark.parametrize("kind", ["set", "verdict", "move", "grant", REDACT])
@pytest.mark.parametrize("carried", [True, False])
def test_who_speaks_as_the_server_writes_nothing_that_cannot_be_taken_out(
    central: Central, enrolled: MakeNotebook, kind: str, carried: bool
) -> None:
    device, entry = begun(central)
    push(central, device, [entry])
    with central:
        words = [row.entry() for row in EntryRow.select().where(EntryRow.device == central.device)]
    device.seq += 1
    head = msgspec.structs.replace(
        entry.parsed_head, q=device.seq, k=kind, o=words[0].home if carried else None
    )
    body = msgspec.json.encode({"f": {"name": {"x": NAME, "b": []}}, "of": entry.hash.hex()})
    forged = device.sealed(Entry.of_bytes(entry.hash, msgspec.json.encode(head), body, b""))
    assert push(central, device, [forged])["acc"] == 3
    reader = enrolled("执法员02")
    meet(reader)
    assert holds(reader)
    clerk = supervisor(central)
    redacting.redact(central, forged.hash.hex(), by=clerk, why="某号")
    redacting.redact(central, entry.hash.hex(), by=clerk, why="某号")
    meet(reader)
    assert holds(central) == holds(reader) == []
    for each in words:
        assert body_in(central, each) == each.body
    assert problems(central) == problems(reader) == []
    assert central.recheck()
