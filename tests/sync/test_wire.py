"""Batches on the wire: what goes in comes out, and nothing else is read."""

from __future__ import annotations

import contextlib
import random
from hashlib import sha256

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from sync import wire

PARTS = st.binary(min_size=1, max_size=60).filter(lambda b: b"\t" not in b and b"\n" not in b)


@given(st.binary(min_size=64, max_size=64), PARTS, PARTS)
def test_an_entry_line_is_split_as_it_was_joined(signature: bytes, head: bytes, body: bytes) -> None:
    line = wire.b64(signature).encode() + b"\t" + head + b"\t" + body
    assert wire.split_line(line) == wire.RawLine(signature, head, body)


@given(st.binary(max_size=400))
def test_no_bytes_make_the_line_reader_do_anything_but_read_or_refuse(data: bytes) -> None:
    try:
        for line in wire.split_lines(data, 100):
            wire.split_line(line)
    except (wire.BadFrame, wire.TooLarge):
        pass


@given(st.binary(max_size=400))
def test_no_bytes_make_the_page_reader_do_anything_but_read_or_refuse(data: bytes) -> None:
    try:
        lines, end = wire.read_page(data)
    except (wire.BadFrame, wire.TooLarge):
        return
    assert isinstance(end, dict)
    assert all(line.cursor >= 0 for line in lines)


@given(st.binary(max_size=400))
def test_no_bytes_make_the_decompressor_do_anything_but_read_or_refuse(data: bytes) -> None:
    with contextlib.suppress(wire.BadFrame, wire.TooLarge):
        assert len(wire.unpack(data, 50)) <= 50


def test_a_bomb_is_stopped_at_the_limit_whatever_size_it_declares() -> None:
    bomb = zstandard.ZstdCompressor(level=19).compress(b"\0" * (64 * wire.MIB))
    assert len(bomb) < 10_000
    with pytest.raises(wire.TooLarge):
        wire.unpack(bomb, wire.MIB)


def test_a_frame_with_a_large_window_or_cut_short_is_none() -> None:
    """RFC 9659: a window of 8 MiB at most; what is cut must not pass for a smaller batch."""
    lines = b"one\n" * 1000

    def framed(window_log: int) -> bytes:
        parameters = zstandard.ZstdCompressionParameters(window_log=window_log)
        compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
        return compressor.compress(lines) + compressor.flush()

    assert wire.unpack(framed(23), wire.MIB) == lines
    frame = wire.pack(random.Random(1).randbytes(100_000) + b"\n")
    for bad in (framed(24), b"", *(frame[:-cut] for cut in (1, 5, 50_000, len(frame) - 20))):
        with pytest.raises(wire.BadFrame):
            wire.unpack(bad, wire.MIB)


def test_a_batch_comes_out_as_it_went_in() -> None:
    lines = b"one\ntwo\n"
    assert wire.split_lines(wire.unpack(wire.pack(lines), 100), 2) == [b"one", b"two"]
    with pytest.raises(wire.TooLarge):
        wire.split_lines(lines, 1)
    with pytest.raises(wire.BadFrame):
        wire.split_lines(lines + b"cut", 9)


def test_a_page_carries_place_and_entry() -> None:
    signature, prev = b"s" * 64, b"p" * 32
    page = (
        wire.pulled_line(7, 3, prev, signature, b"{}", b"[]")
        + wire.pulled_line(8, 4, b"", signature, b"{}", b"[]")
        + wire.pulled_own(9, 5, 44)
        + wire.page_end({"next": 9})
    )
    raw = wire.RawLine(signature, b"{}", b"[]")
    lines = [
        wire.PulledLine(7, 3, prev=prev, raw=raw),
        wire.PulledLine(8, 4, raw=raw),
        wire.PulledLine(9, 5, own=44),
    ]
    assert wire.read_page(page) == (lines, {"next": 9})
    with pytest.raises(wire.BadFrame):
        wire.read_page(page[: page.index(b"#")])


def test_a_digest_is_compared_with_the_body_and_others_are_passed_over() -> None:
    field = wire.content_digest(b"body")
    assert wire.digest_matches(f"md5=:xx:, {field}", sha256(b"body").digest())
    assert not wire.digest_matches(field, sha256(b"bodz").digest())
    assert not wire.digest_matches("", sha256(b"").digest())


def test_limits_of_a_server_are_taken_and_senseless_ones_are_not() -> None:
    assert wire.Limits.from_dict(wire.Limits(batch=5).as_dict()) == wire.Limits(batch=5)
    assert wire.Limits.from_dict({"batch": -1, "entries": "many", "new": 3}) == wire.Limits()
    assert wire.Limits.from_dict(None) == wire.Limits()
