from __future__ import annotations

import errno
import gc
import hashlib
import io
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pyrage
import pytest
from cryptography.hazmat.primitives import hashes as other
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import BadInput, NotebookLocked, StoreRefused
from models.store import digests, vault
from models.store.digests import BLOCK, Kept, digests_of
from models.store.keys import DataKey, make_recovery_pair
from models.store.vault import PlainVault, Vault

NOTEBOOK = DataKey(bytes(range(32))).files_identity()
AGENCY = make_recovery_pair()
PHOTO = bytes(range(256)) * 4096  # 1 MiB: several blocks


def encrypted(root: Path) -> Vault:
    return Vault(root, identity=NOTEBOOK.identity, recipients=[AGENCY.recipient])


@pytest.fixture(params=[encrypted, PlainVault], ids=["encrypted", "plain"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> PlainVault:
    make: Callable[[Path], PlainVault] = request.param
    return make(tmp_path / "vault")


@pytest.fixture
def safe(tmp_path: Path) -> Vault:
    return encrypted(tmp_path / "vault")


def files_in(store: PlainVault) -> list[Path]:
    return [path for path in store.root.rglob("*") if path.is_file()]


def test_a_file_comes_back_as_it_was(store: PlainVault, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(PHOTO)
    kept = store.put_file(photo)
    assert kept.sha256 == hashlib.sha256(PHOTO).hexdigest()
    assert kept.size == len(PHOTO)
    assert photo.read_bytes() == PHOTO
    with store.open(kept.sha256) as stream:
        assert stream.read() == PHOTO
    assert store.has(kept.sha256)
    assert store.verify(kept.sha256) == "kept"


def test_the_sm3_digest_is_the_standard_s() -> None:
    # GB/T 32905-2016, appendix A.1
    assert digests_of(b"abc").sm3 == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


@given(st.lists(st.binary(max_size=40_000), max_size=4))
def test_digests_in_pieces_are_the_digests_of_the_whole(pieces: list[bytes]) -> None:
    whole = digests.Digests()
    for piece in pieces:
        whole.update(piece)
    content = b"".join(pieces)
    sm3 = other.Hash(other.SM3())
    sm3.update(content)
    expected = Kept(hashlib.sha256(content).hexdigest(), sm3.finalize().hex(), len(content))
    assert whole.kept() == expected


def test_sm3_is_the_same_where_openssl_lacks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = digests_of(PHOTO)

    def lacks(name: str) -> object:
        raise ValueError(name)

    monkeypatch.setattr(digests.hashlib, "new", lacks)
    assert digests_of(PHOTO) == expected


@settings(max_examples=60, deadline=None)
@given(
    size=st.one_of(
        st.integers(0, 200), st.sampled_from([k * 65536 + d for k in (1, 4, 8) for d in (-1, 0, 1)])
    )
)
def test_contents_of_every_size_come_back(tmp_path_factory: pytest.TempPathFactory, size: int) -> None:
    data = (b"\x07\xff" * size)[:size]
    for store in (
        encrypted(tmp_path_factory.mktemp("vault")),
        PlainVault(tmp_path_factory.mktemp("vault")),
    ):
        kept = store.put_bytes(data)
        with store.open(kept.sha256) as stream:
            assert stream.read() == data


def test_the_same_content_twice_is_one_file(store: PlainVault) -> None:
    assert store.put_bytes(PHOTO) == store.put_bytes(PHOTO)
    assert len(files_in(store)) == 1
    assert store.sizes().files == 1
    assert list(store.hashes()) == [digests_of(PHOTO).sha256]


def test_taking_a_file_in_again_heals_a_damaged_copy(store: PlainVault) -> None:
    kept = store.put_bytes(PHOTO)
    path = store.path_of(kept.sha256)
    path.write_bytes(path.read_bytes()[:-1000])
    assert store.verify(kept.sha256) == "damaged"
    store.put_bytes(PHOTO)
    assert store.verify(kept.sha256) == "kept"


def test_the_plain_content_is_nowhere_in_the_folder(safe: Vault) -> None:
    secret = "含有当事人姓名的笔录".encode() * 1000
    safe.put_bytes(secret)
    for path in files_in(safe):
        assert secret[:30] not in path.read_bytes()
        assert path.stat().st_mode & 0o777 == 0o600


def test_both_the_notebook_and_the_agency_can_open_a_file(safe: Vault) -> None:
    kept = safe.put_bytes(PHOTO)
    content = safe.path_of(kept.sha256).read_bytes()
    for pair in (NOTEBOOK, AGENCY):
        assert pyrage.decrypt(content, [pyrage.x25519.Identity.from_str(pair.identity)]) == PHOTO
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(content, [pyrage.x25519.Identity.from_str(make_recovery_pair().identity)])


def test_a_recovery_key_learnt_later_opens_what_comes_after(tmp_path: Path) -> None:
    safe = Vault(tmp_path / "vault", identity=NOTEBOOK.identity)
    safe.add_recipient(AGENCY.recipient)
    kept = safe.put_bytes(b"after")
    agency = pyrage.x25519.Identity.from_str(AGENCY.identity)
    assert pyrage.decrypt(safe.path_of(kept.sha256).read_bytes(), [agency]) == b"after"
    with pytest.raises(BadInput):
        safe.add_recipient("age1wrong")


def test_another_notebook_s_key_opens_nothing(safe: Vault) -> None:
    kept = safe.put_bytes(PHOTO)
    stranger = Vault(safe.root, identity=make_recovery_pair().identity)
    assert stranger.verify(kept.sha256) == "damaged"
    with stranger.open(kept.sha256) as stream, pytest.raises(StoreRefused):
        stream.read()


@pytest.mark.requirement("R085")
@settings(max_examples=80, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), cut=st.booleans())
def test_a_flipped_bit_or_a_cut_is_never_read_as_sound(
    tmp_path_factory: pytest.TempPathFactory, place: float, bit: int, cut: bool
) -> None:
    safe = encrypted(tmp_path_factory.mktemp("vault"))
    kept = safe.put_bytes(PHOTO[:200_000])
    path = safe.path_of(kept.sha256)
    content = bytearray(path.read_bytes())
    position = int(place * len(content))
    if cut:
        del content[position:]
    else:
        content[position] ^= 1 << bit
    path.write_bytes(content)
    assert safe.verify(kept.sha256) == "damaged"
    with safe.open(kept.sha256) as stream, pytest.raises(StoreRefused):
        stream.read()


@pytest.mark.requirement("R085")
def test_a_sound_file_under_another_s_name_is_noticed(store: PlainVault) -> None:
    one, two = store.put_bytes(b"one"), store.put_bytes(b"two")
    os.replace(store.path_of(one.sha256), store.path_of(two.sha256))
    assert store.verify(two.sha256) == "damaged"
    assert store.verify(one.sha256) == "missing"
    with pytest.raises(StoreRefused):
        store.export(two.sha256, store.root.parent / "out")
    assert not (store.root.parent / "out").exists()


def test_ranges_are_those_of_the_plain_content(store: PlainVault) -> None:
    kept = store.put_bytes(PHOTO)
    for offset, length in [
        (0, 10),
        (10, 300_000),
        (300_010, 5),
        (5, 5),
        (len(PHOTO) - 3, 10),
        (len(PHOTO), 4),
    ]:
        assert store.read_range(kept.sha256, offset, length) == PHOTO[offset : offset + length]
    assert store.read_range(kept.sha256, len(PHOTO) + 99, 4) == b""
    two = store.put_bytes(b"another")
    assert store.read_range(two.sha256, 2, 2) == b"ot"


def test_a_closed_vault_opens_nothing(safe: Vault) -> None:
    kept = safe.put_bytes(PHOTO)
    assert safe.read_range(kept.sha256, 1, 2) == PHOTO[1:3]
    safe.close()
    for read in (safe.open, safe.verify, lambda sha256: safe.read_range(sha256, 3, 2)):
        with pytest.raises(NotebookLocked):
            read(kept.sha256)


def test_a_stream_left_half_read_leaves_no_thread(safe: Vault) -> None:
    kept = safe.put_bytes(PHOTO * 4)
    before = threading.active_count()
    with safe.open(kept.sha256) as stream:
        stream.read(10)
    stream = safe.open(kept.sha256)
    stream.read(10)
    del stream
    gc.collect()
    assert threading.active_count() == before


def test_an_export_is_the_content_and_overwrites_nothing(store: PlainVault, tmp_path: Path) -> None:
    kept = store.put_bytes(PHOTO)
    target = tmp_path / "证据.jpg"
    seen: list[int] = []
    assert store.export(kept.sha256, target, lambda done, _: seen.append(done)) == kept
    assert target.read_bytes() == PHOTO
    assert seen[-1] == len(PHOTO)
    with pytest.raises(BadInput):
        store.export(kept.sha256, target)
    with pytest.raises(BadInput):
        store.export(kept.sha256, tmp_path / "no such folder" / "x")
    assert {path.name for path in tmp_path.iterdir()} == {"vault", "证据.jpg"}


@pytest.mark.requirement("R085")
def test_a_damaged_content_is_not_exported(store: PlainVault, tmp_path: Path) -> None:
    kept = store.put_bytes(PHOTO)
    path = store.path_of(kept.sha256)
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(StoreRefused):
        store.export(kept.sha256, tmp_path / "out")
    assert {path.name for path in tmp_path.iterdir()} == {"vault"}


def test_what_is_not_here_is_said_to_be_missing(store: PlainVault) -> None:
    absent = "0" * 64
    assert not store.has(absent)
    assert store.state(absent) == store.verify(absent) == "missing"
    for use in (store.open, lambda sha256: store.read_range(sha256, 0, 1)):
        with pytest.raises(StoreRefused):
            use(absent)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n", "０" * 64])
def test_a_name_that_is_no_hash_never_becomes_a_path(store: PlainVault, name: str) -> None:
    with pytest.raises(BadInput):
        store.has(name)


def test_a_folder_a_pipe_and_a_missing_file_are_refused_at_once(store: PlainVault, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (tmp_path, pipe, tmp_path / "missing.jpg"):
        with pytest.raises(BadInput) as caught:
            store.put_file(path)
        assert path.name in caught.value.text()
    assert files_in(store) == []


def test_a_file_that_changes_while_it_is_read_is_refused(store: PlainVault, tmp_path: Path) -> None:
    growing = tmp_path / "video.mp4"
    growing.write_bytes(PHOTO)

    def grow(done: int, total: int) -> None:
        with growing.open("ab") as file:
            file.write(b"more")

    with pytest.raises(BadInput):
        store.put_file(growing, grow)
    assert files_in(store) == []


def test_an_unexpected_content_is_not_kept(store: PlainVault, tmp_path: Path) -> None:
    announced = digests_of(PHOTO).sha256
    with pytest.raises(BadInput):
        store.put_stream(io.BytesIO(PHOTO[:-1]), expected=announced)
    assert files_in(store) == []
    assert store.put_stream(io.BytesIO(PHOTO), expected=announced).sha256 == announced


def test_progress_tells_all_bytes_and_can_stop(store: PlainVault, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(PHOTO)
    seen: list[tuple[int, int]] = []
    store.put_file(photo, lambda done, total: seen.append((done, total)))
    assert seen == [(at, len(PHOTO)) for at in range(BLOCK, len(PHOTO) + 1, BLOCK)]

    class Cancelled(Exception):
        pass

    def cancel(done: int, total: int) -> None:
        raise Cancelled

    photo.write_bytes(PHOTO[::-1])
    with pytest.raises(Cancelled):
        store.put_file(photo, cancel)
    assert len(files_in(store)) == 1


@pytest.mark.parametrize("call", range(1, 14))
def test_a_disk_that_fills_at_any_call_keeps_nothing_by_halves(
    store: PlainVault, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    made = 0

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def instead(*given: object) -> object:
            nonlocal made
            made += 1
            if made == call:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(*given)

        return instead

    class Filling(io.FileIO):
        write = counted(io.FileIO.write)

    with monkeypatch.context() as patch:
        patch.setattr(
            vault, "open", lambda path, mode, opener: Filling(path, mode, opener=opener), raising=False
        )
        patch.setattr(vault, "sync_folder", counted(vault.sync_folder))
        for name in ("fsync", "replace"):
            patch.setattr(vault.os, name, counted(getattr(os, name)))
        refused = None
        try:
            store.put_bytes(PHOTO[:400_000])
        except StoreRefused as error:
            refused = error.msgid
    assert (refused is not None) == (made >= call)
    assert refused is None or "disk is full" in refused
    # A failure after the rename leaves the whole file, never a part; a retry always mends.
    assert all(store.verify(sha256) == "kept" for sha256 in store.hashes())
    assert store.sweep() == []
    assert store.verify(store.put_bytes(PHOTO[:400_000]).sha256) == "kept"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_really_full_device_is_told_as_such(safe: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "_private", lambda path, flags: os.open("/dev/full", os.O_WRONLY))
    with pytest.raises(StoreRefused) as caught:
        safe.put_bytes(PHOTO)
    assert "disk is full" in caught.value.msgid


def test_a_source_that_fails_is_passed_on_and_leaves_nothing(store: PlainVault) -> None:
    class Torn(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > BLOCK:
                raise ConnectionResetError("cut")
            return super().read(size)

    with pytest.raises(ConnectionResetError):
        store.put_stream(Torn(PHOTO))
    assert files_in(store) == []


def test_what_a_crash_left_is_shown_and_deleted_only_when_told(store: PlainVault) -> None:
    kept = store.put_bytes(PHOTO)
    whole = store.root / "incoming" / "aaaa.tmp"
    whole.write_bytes(store.path_of(kept.sha256).read_bytes())
    part = store.root / "incoming" / "bbbb.tmp"
    part.write_bytes(b"age-encryption.org/v1\n-> X255")
    store.path_of(kept.sha256).unlink()
    found = store.sweep()
    assert [leftover.path for leftover in found] == [whole, part]
    assert store.sweep() == found, "looking deletes nothing"
    assert store.adopt(found[0]) == kept
    assert store.verify(kept.sha256) == "kept"
    if isinstance(store, Vault):
        assert store.adopt(found[1]) is None
    assert part.exists()
    store.discard(found[1])
    assert store.sweep() == []


def test_a_whole_file_that_no_record_names_is_shown_too(store: PlainVault) -> None:
    named, unnamed = store.put_bytes(b"named"), store.put_bytes(b"unnamed")
    found = store.sweep(known={named.sha256})
    assert [leftover.sha256 for leftover in found] == [unnamed.sha256]
    assert store.adopt(found[0]) == unnamed


def test_a_file_being_taken_in_is_no_leftover(store: PlainVault, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(PHOTO)
    seen: list[object] = []
    store.put_file(photo, lambda done, total: seen.extend(store.sweep()))
    assert seen == []


def test_a_finished_upload_is_taken_over(store: PlainVault, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.write_bytes(PHOTO)
    with pytest.raises(BadInput):
        store.take_over(spool, expected="0" * 64)
    assert spool.exists()
    kept = store.take_over(spool, expected=digests_of(PHOTO).sha256)
    assert not spool.exists()
    assert store.verify(kept.sha256) == "kept"
    with pytest.raises((StoreRefused, BadInput)):
        store.take_over(spool)


def test_strange_names_in_the_folder_are_not_contents(store: PlainVault) -> None:
    kept = store.put_bytes(b"x")
    folder = store.path_of(kept.sha256).parent
    (folder / "Thumbs.db").write_bytes(b"")
    (folder / ("f" * 64 + store.suffix)).write_bytes(b"in the wrong folder")
    (store.root / "README").write_bytes(b"")
    assert list(store.hashes()) == [kept.sha256]
