"""Whatever part of a chain is sent when, and however often, the end is the same (attack table 17)."""

from __future__ import annotations

import random

import pytest

from models.registry.tables import Site
from models.store.change import new_id
from models.store.entry import Entry
from models.store.journal import EntryRow
from sync.problems import Problem
from sync.server import admin
from sync.server.central import Central

from .by_hand import HandMade, enrol_by_hand, first_entry, push, setting

ROUNDS = 150


def chain_of(device: HandMade) -> list[Entry]:
    """Thirty entries on four records; each change names what it replaces."""
    records = [new_id() for _ in range(4)]
    before: dict[str, str] = {}
    entries = [first_entry(device)]
    for number in range(30):
        record = records[number % 4]
        body = setting(name=f"第{number}次")
        body["f"]["name"]["b"] = [before[record]] if record in before else []
        entries.append(device.entry("set", "site", record, body))
        before[record] = entries[-1].hash.hex()
    return entries


@pytest.mark.parametrize("seed", range(3))
def test_any_windows_in_any_order_any_number_of_times_give_one_log(central: Central, seed: int) -> None:
    chance = random.Random(seed)
    devices = [enrol_by_hand(central) for _ in range(2)]
    chains = [chain_of(device) for device in devices]
    held = [0, 0]
    gaps = doubles = 0
    for round_ in range(ROUNDS):
        which = chance.randrange(2)
        chain = chains[which]
        first = chance.randrange(max(0, held[which] - 6), min(len(chain), held[which] + 3))
        last = min(len(chain), first + chance.randrange(1, 8))
        if round_ > ROUNDS - 40:  # at the end it comes through
            first, last = held[which], min(len(chain), held[which] + 3)
        if first >= last:
            continue
        if first > held[which]:
            with pytest.raises(Problem, match="gap"):
                push(central, devices[which], chain[first:last])
            gaps += 1
            continue
        told = push(central, devices[which], chain[first:last])
        doubles += told["dup"]
        held[which] = max(held[which], last)
        assert told["acc"] == held[which]
    assert held == [31, 31]
    assert gaps > 3
    assert doubles > 20
    with central:
        for device, chain in zip(devices, chains, strict=True):
            rows = EntryRow.select().where(EntryRow.device == device.signer.device).order_by(EntryRow.seq)
            assert [bytes(row.hash) for row in rows] == [entry.hash for entry in chain], "all of it, once"
            assert [row.seq for row in rows] == list(range(1, 32))
        last_names = sorted(f"第{number}次" for number in (26, 27, 28, 29) * 2)
        assert sorted(row.name for row in Site.select()) == last_names
        cursors = [row.cursor for row in EntryRow.select().where(EntryRow.cursor.is_null(False))]
        assert sorted(cursors) == list(range(1, len(cursors) + 1))
    assert admin.aside(central) == []
    central.recheck()
