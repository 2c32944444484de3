"""What a device that means harm makes of orders: claims to be what went, and orders of its own."""

from __future__ import annotations

import msgspec
import pytest

from models.registry.tables import Site
from models.store.change import new_id
from models.store.entry import Entry, withheld
from models.store.health import problems
from models.store.orders import REDACT
from sync.server import redacting
from sync.server.central import Central

from .by_hand import HandMade, enrol_by_hand, first_entry, push
from .conftest import MakeNotebook, add_sites, meet, supervisor
from .test_redact_taking import begun


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
