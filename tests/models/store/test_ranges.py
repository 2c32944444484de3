"""Ranges of encrypted contents: what each costs, and that it is what it should be."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from models.store.keys import DataKey
from models.store.vault import Vault

PHOTO = bytes(range(256)) * 4096  # 1 MiB: several blocks


@pytest.fixture
def safe(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault", identity=DataKey(bytes(range(32))).files_identity().identity)


@pytest.fixture
def opened(safe: Vault, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files whose streams were begun, each time."""
    begun: list[str] = []
    once = safe._opened

    def counted(sha256: str) -> object:
        begun.append(sha256)
        return once(sha256)

    monkeypatch.setattr(safe, "_opened", counted)
    return begun


def test_ranges_in_order_cost_one_pass(safe: Vault, opened: list[str]) -> None:
    kept = safe.put_bytes(PHOTO)
    parts = [safe.read_range(kept.sha256, at, 100_000) for at in range(0, len(PHOTO), 100_000)]
    assert b"".join(parts) == PHOTO
    assert len(opened) == 1


@pytest.mark.parametrize("readers", [2, 4, 6])
@pytest.mark.parametrize("same", [True, False])
def test_several_read_at_once_and_each_goes_on_where_it_was(
    safe: Vault, opened: list[str], readers: int, same: bool
) -> None:
    """Several uploads of large films: each piece would else cost all that lies before it."""
    datas = [PHOTO[each:] + PHOTO[:each] for each in range(readers)]
    names = [safe.put_bytes(datas[0] if same else data).sha256 for data in datas]
    step, given = 40_000, [b""] * readers
    starts = [number * 1000 for number in range(readers)]  # each at a place of its own, also in one file
    for at in range(0, len(PHOTO), step):
        for number, sha256 in enumerate(names):
            given[number] += safe.read_range(sha256, starts[number] + at, step)
    assert given == [(datas[0] if same else data)[starts[n] :] for n, data in enumerate(datas)]
    assert len(opened) == (1 if same else readers), "readers of one file that are near share a stream"


def test_a_piece_asked_for_again_after_a_cut_costs_nothing(safe: Vault, opened: list[str]) -> None:
    kept = safe.put_bytes(PHOTO)
    for offset, length in [(0, 50_000), (0, 50_000), (20_000, 50_000), (70_000, 9)]:
        assert safe.read_range(kept.sha256, offset, length) == PHOTO[offset : offset + length]
    assert len(opened) == 1
    assert safe.read_range(kept.sha256, 5, 10) == PHOTO[5:15], "before the last range: from the beginning"
    assert len(opened) == 2


def test_many_photographs_between_the_pieces_of_a_film_leave_it_where_it_was(
    safe: Vault, opened: list[str]
) -> None:
    film, photos = safe.put_bytes(PHOTO).sha256, [PHOTO[each : each + 5000] for each in range(20)]
    names = [safe.put_bytes(each).sha256 for each in photos]
    for number, data in enumerate(photos):
        assert safe.read_range(film, number * 9000, 9000) == PHOTO[number * 9000 :][:9000]
        assert safe.read_range(names[number], 0, 5000) == data
    assert opened.count(film) == 1


def test_streams_held_for_ranges_are_few_and_go_with_the_vault(safe: Vault) -> None:
    names = [safe.put_bytes(PHOTO[each:]).sha256 for each in range(12)]
    before = threading.active_count()
    for sha256 in names:
        assert safe.read_range(sha256, 0, 10)
    assert threading.active_count() - before <= 6
    safe.close()
    assert threading.active_count() == before


def test_two_threads_may_ask_for_ranges_of_two_files(safe: Vault) -> None:
    contents = {safe.put_bytes(data).sha256: data for data in (PHOTO, PHOTO[::-1])}
    wrong: list[int] = []

    def ask(sha256: str) -> None:
        for at in range(0, len(PHOTO), 90_000):
            same = safe.read_range(sha256, at, 90_000) == contents[sha256][at : at + 90_000]
            wrong.extend([] if same else [at])

    threads = [threading.Thread(target=ask, args=(sha256,)) for sha256 in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
