"""Record numbers and ids."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from models.inspections import rules
from models.registry import days, numbers
from models.store.change import new_id

DEVICE = st.text("0123456789abcdef", min_size=32, max_size=32)
MOMENT = st.integers(0, 4_000_000_000_000)


@given(st.sampled_from(["350602", "ZZGXQ", "ZZZFZD"]), MOMENT, DEVICE, st.integers(1, 99))
def test_a_number_fits_24_characters_of_the_qr_alphabet(
    unit: str, moment: int, device: str, count: int
) -> None:
    prefix = numbers.number_prefix(unit, moment, device)
    number = numbers.next_number(prefix, f"{prefix}{count - 1:02d}")
    assert re.fullmatch(r"[0-9A-Z-]{1,24}", number)
    assert number.endswith(f"-{count:02d}")


def test_counts_go_on_beyond_two_digits() -> None:
    prefix = numbers.number_prefix("350602", 0, "ab" * 16)
    assert numbers.next_number(prefix, None) == prefix + "01"
    assert numbers.next_number(prefix, prefix + "99") == prefix + "100"
    assert numbers.next_number(prefix, prefix + "100") == prefix + "101"


def test_the_day_of_a_number_is_the_day_in_china() -> None:
    moment = int(datetime(2026, 11, 23, 16, 30, tzinfo=UTC).timestamp() * 1000)  # 00:30 on the 24th there
    assert numbers.number_prefix("350602", moment, "ab" * 16).startswith("350602-20261124-")
    assert days.local(days.day_start(moment)).isoformat() == "2026-11-24T00:00:00"


def test_different_devices_get_different_tags() -> None:
    tags = {numbers.device_tag(f"{number:032x}") for number in range(300)}
    assert len(tags) == 300


@given(st.sampled_from(["answer", "finding"]), st.text(max_size=10), st.text(max_size=10))
def test_a_childs_id_is_a_uuid_that_follows_from_its_key(kind: str, key: str, other: str) -> None:
    inspection = new_id()
    one = rules.child_id(inspection, kind, key)
    assert UUID(one).version == 7
    assert UUID(one).variant == UUID(inspection).variant
    assert one[:13] == inspection[:13]
    assert (rules.child_id(inspection, kind, other) == one) == (key == other)
    assert rules.child_id(new_id(), kind, key) != one


def test_media_types_come_from_the_content_first() -> None:
    assert rules.media_type(b"\xff\xd8\xff\xe1", "a.png") == "image/jpeg"
    assert rules.media_type(b"\0\0\0\x18ftypheic", "a.jpg") == "image/heic"
    assert rules.media_type(b"\0\0\0\x18ftypisom", "a") == "video/mp4"
    assert rules.media_type(b"RIFF\0\0\0\0WAVE", "a") == "audio/wav"
    assert rules.media_type(b"plain", "说明.TXT") == "text/plain"
    assert rules.media_type(b"", "unknown") == "application/octet-stream"
