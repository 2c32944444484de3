"""Files of a backup that are read again in turn: none is left out, none read twice before others."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.store.reread import MEMORY, forget_aside, read_again, set_aside
from models.store.vault import PlainVault


class Watched(PlainVault):
    """Notes what is read."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.read: Counter[str] = Counter()

    def verify(self, sha256, progress=None):
        self.read[sha256] += 1
        return super().verify(sha256, progress)


@pytest.fixture
def vault(tmp_path: Path) -> Watched:
    return Watched(tmp_path / "files")


def filled(vault: PlainVault, count: int) -> list[str]:
    return [vault.put_bytes(b"file %d" % number).sha256 for number in range(count)]


def test_with_one_backup_a_day_every_file_is_read_within_a_month(vault: Watched, tmp_path: Path) -> None:
    files = filled(vault, 700)
    shelves = {each[:2] for each in files}
    assert len(shelves) > 230
    for _ in range(29):
        found = read_again(vault, tmp_path / MEMORY, known=(), everything=False)
        assert found.damaged == set()
        assert len({each[:2] for each in found.whole}) <= 9
    assert set(vault.read) == set(files)
    assert max(vault.read.values()) <= 2


def test_all_are_read_where_that_is_asked_for_but_those_that_just_came(
    vault: Watched, tmp_path: Path
) -> None:
    files = filled(vault, 60)
    found = read_again(vault, tmp_path / MEMORY, known=files[:10], everything=True)
    assert found.whole == {*files[10:]}
    assert set(vault.read) == {*files[10:]}


def test_what_is_damaged_is_set_aside_and_forgotten_once_it_is_whole(vault: Watched, tmp_path: Path) -> None:
    files = filled(vault, 40)
    bad = vault.path_of(files[7])
    bad.chmod(0o600)
    bad.write_bytes(b"rotten")
    found = read_again(vault, tmp_path / MEMORY, known=(), everything=True)
    assert found.damaged == {files[7]}
    assert len(found.whole) == 39
    assert not vault.has(files[7])
    aside = bad.with_name(bad.name + ".damaged")
    assert aside.read_bytes() == b"rotten"
    assert set(vault.hashes()) == {*files} - {files[7]}
    vault.put_bytes(b"file 7")
    forget_aside(vault, files[7])
    forget_aside(vault, files[8])  # there is none
    assert not aside.exists()
    set_aside(vault, files[8])
    assert not vault.has(files[8])


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=900))
def test_a_memory_that_is_lost_or_spoiled_means_only_more_reading(
    tmp_path_factory: pytest.TempPathFactory, spoiled: bytes
) -> None:
    folder = tmp_path_factory.mktemp("backup")
    vault = Watched(folder / "files")
    files = filled(vault, 30)
    (folder / MEMORY).write_bytes(spoiled)
    for _ in range(4):
        read_again(vault, folder / MEMORY, known=(), everything=False)
    assert set(vault.read) == {*files}
    assert hashlib.sha256(b"file 0").hexdigest() in files


def test_one_that_ends_half_way_goes_on_where_it_was(
    vault: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = filled(vault, 100)
    verify = Watched.verify

    def stopping(self: Watched, sha256: str) -> str:
        if len(self.read) == 40:
            raise KeyboardInterrupt
        return verify(self, sha256)

    monkeypatch.setattr(Watched, "verify", stopping)
    with pytest.raises(KeyboardInterrupt):
        read_again(vault, tmp_path / MEMORY, known=(), everything=True)
    monkeypatch.undo()
    done = (tmp_path / MEMORY).read_text().split()
    assert done
    found = read_again(vault, tmp_path / MEMORY, known=(), everything=False)
    assert not {each[:2] for each in found.whole} & {*done}
    assert {each[:2] for each in files} > {*done}
