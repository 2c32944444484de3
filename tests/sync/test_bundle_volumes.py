"""Where an export is cut into volumes: by what is in it, not by what age adds by chance."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.store.data_key import make_recovery_pair
from sync import carrying
from sync.bundle import BundleReader, Part, weight
from sync.carrying import export
from tests.photos import take_photo

from .conftest import MakeNotebook

RECIPIENT = pyrage.x25519.Recipient.from_str(make_recovery_pair().recipient)


def test_volumes_are_cut_alike_each_time(
    enrolled: MakeNotebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = enrolled()
    for _ in range(40):
        take_photo(book, os.urandom(150))
    monkeypatch.setattr(carrying, "LEAST", 8_000)

    def cut() -> tuple[int, ...]:
        counts = []
        for path in export(book, tmp_path, size=8_000).paths:
            with BundleReader(path, lambda _manifest: book.public_key_der) as reader:
                counts.append(len(reader.manifest.parts))
        return tuple(counts)

    ways = {cut() for _ in range(6)}
    assert len(ways) == 1
    assert len(ways.pop()) > 3


@given(st.integers(0, 200_000))
def test_a_part_weighs_no_less_than_it_takes(length: int) -> None:
    part = Part("POST", "/v1/sync/push", {"content-type": "application/octet-stream"})
    sealed = pyrage.encrypt(msgspec.json.encode(part) + b"\n" + bytes(length), [RECIPIENT])
    assert len(sealed) <= weight(part, bytes(length)) <= len(sealed) + 400
