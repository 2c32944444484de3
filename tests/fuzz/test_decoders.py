"""Every decoder before the inputs that are kept of it: real data, and whatever once broke one."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import wire
from tests.fuzz.decoders import MOST_MEMORY, TARGETS, kept_inputs


@pytest.mark.parametrize("name", TARGETS)
def test_kept_inputs_break_nothing_and_cost_little(name: str) -> None:
    target = TARGETS[name]
    kept = kept_inputs(name)
    accepted = 0
    for data in kept:
        tracemalloc.start()
        try:
            accepted += target(data)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < MOST_MEMORY, (name, data[:60])
    assert accepted, "no input of the corpus is what the decoder is for"


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=15, database=None)
@given(data=st.data())
def test_changed_inputs_are_taken_or_refused(name: str, data: st.DataObject) -> None:
    seed = data.draw(st.sampled_from(kept_inputs(name)))
    at = data.draw(st.integers(0, len(seed)))
    cut = data.draw(st.integers(0, 8))
    TARGETS[name](seed[:at] + data.draw(st.binary(max_size=8)) + seed[at + cut :])


def test_a_manifest_of_nothing_but_beginnings_costs_little() -> None:
    told = next(each for each in kept_inputs("bundle") if each.endswith(b'"@parts"}'))
    tracemalloc.start()
    try:
        assert not TARGETS["bundle"](told.replace(b'"@parts"', b"[" + b'[1,""],' * 1_000_000 + b'[1,""]]'))
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()


def test_a_dense_batch_is_refused_and_its_half_megabyte_is_not() -> None:
    limits = wire.Limits()
    dense = b"s\th\t[" + b"{}," * 80_000 + b"0]\n"
    assert len(wire.batch_lines(wire.pack(dense * 4), limits)) == 4
    with pytest.raises(wire.TooLarge, match="values"):
        wire.batch_lines(wire.pack(dense * 30), limits)


@pytest.mark.parametrize(
    "data", [b'{"a":"\xff"}', b"[1]", b'{"a":1e999}', b'{"a":' * 100_000, b"", b'{"a":\xef}']
)
def test_what_is_no_object_is_refused_in_one_way(data: bytes) -> None:
    with pytest.raises(wire.BadFrame):
        wire.json_object(data)
