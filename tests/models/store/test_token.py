"""A copy of a notebook finds itself out at opening, and a notebook that is none never does (R6)."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import StoreRefused
from models.store import token
from models.store.backup import back_up
from models.store.keys import KeyringLike
from models.store.notebook import Notebook
from models.store.token import FORGETFUL, Finding, TokenPlaces
from tests.conftest import PASSPHRASE


class KeyStore:
    """A key store in memory; one that refuses keeps nothing."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.refuses = False

    def get(self, name: str) -> bytes | None:
        return self.kept.get(name)

    def put(self, name: str, secret: bytes) -> bool:
        if not self.refuses:
            self.kept[name] = secret
        return not self.refuses

    def remove(self, name: str) -> None:
        self.kept.pop(name, None)


class Laptop:
    """A place where tokens lie, and folders that are opened there."""

    def __init__(self, folder: Path, keyring: KeyringLike | None = None) -> None:
        self.folder = folder / "tokens"
        self.keyring = keyring

    @property
    def places(self) -> TokenPlaces:
        return TokenPlaces(self.folder, self.keyring)

    def finds(self, folder: Path) -> Finding:
        """Open and close; what the token says."""
        book = Notebook.open(folder, PASSPHRASE)
        try:
            return token.look(book, self.places)
        finally:
            book.close()


@pytest.fixture(params=["file", "keyring"])
def laptop(request: pytest.FixtureRequest, tmp_path: Path) -> Laptop:
    return Laptop(tmp_path, KeyStore() if request.param == "keyring" else None)


@pytest.fixture
def other(laptop: Laptop, tmp_path: Path) -> Laptop:
    return Laptop(tmp_path / "other", KeyStore() if laptop.keyring else None)


@pytest.fixture
def folder(begun_notebook: Path, tmp_path: Path) -> Path:
    """A notebook made before there were tokens."""
    return shutil.copytree(begun_notebook, tmp_path / "book")


def copy(folder: Path, to: str) -> Path:
    return shutil.copytree(folder, folder.with_name(to))


def test_one_made_before_there_were_tokens_gets_one_silently_and_knows_itself(
    folder: Path, laptop: Laptop
) -> None:
    assert [laptop.finds(folder) for _ in range(4)] == [Finding.OWN] * 4
    book = Notebook.open(folder, PASSPHRASE)
    assert token.place_of(book) == laptop.places.best
    book.close()


def test_it_is_not_the_folders_place_that_counts(folder: Path, laptop: Laptop) -> None:
    laptop.finds(folder)
    moved = folder.rename(folder.with_name("moved"))
    assert laptop.finds(moved) is Finding.OWN, "moved on one laptop it is the same"


def test_a_copy_on_another_laptop_finds_no_token(folder: Path, laptop: Laptop, other: Laptop) -> None:
    laptop.finds(folder)
    twin = copy(folder, "twin")
    assert other.finds(twin) is Finding.LOST
    assert other.finds(twin) is Finding.LOST, "looking alone settles nothing"
    assert laptop.finds(folder) is Finding.OWN, "the original is as it was"


def test_an_old_image_finds_a_newer_token(folder: Path, laptop: Laptop) -> None:
    laptop.finds(folder)
    laptop.finds(folder)
    image = copy(folder, "image")
    laptop.finds(folder)
    assert laptop.finds(image) is Finding.COPY
    assert laptop.finds(folder) is Finding.OWN


def test_of_two_folders_on_one_laptop_the_second_to_be_opened_is_the_copy(
    folder: Path, laptop: Laptop
) -> None:
    laptop.finds(folder)
    twin = copy(folder, "twin")
    assert laptop.finds(folder) is Finding.OWN
    book = Notebook.open(twin, PASSPHRASE)
    assert token.look(book, laptop.places) is Finding.COPY
    token.forget(book)
    assert token.make(book, laptop.places)
    book.close()
    assert [laptop.finds(each) for each in (folder, twin) * 2] == [Finding.OWN] * 4, "each has its own now"


def test_a_backup_is_a_copy_wherever_it_is_opened(folder: Path, laptop: Laptop, tmp_path: Path) -> None:
    laptop.finds(folder)
    back_up(folder, tmp_path / "backup", PASSPHRASE)
    assert laptop.finds(tmp_path / "backup") is Finding.COPY
    assert laptop.finds(folder) is Finding.OWN, "looking into a backup takes nothing from the notebook"


def test_a_place_that_keeps_nothing_is_found_out_and_proves_nothing(folder: Path, laptop: Laptop) -> None:
    """A laptop whose disk is put back at each start, or a key store of one session."""

    def forgets() -> None:
        if isinstance(laptop.keyring, KeyStore):
            laptop.keyring.kept.clear()
        shutil.rmtree(laptop.folder, ignore_errors=True)

    found = []
    for _ in range(FORGETFUL + 3):
        book = Notebook.open(folder, PASSPHRASE)
        found.append(token.look(book, laptop.places))
        if found[-1] is Finding.LOST:
            lost = token.times_lost(book) + 1
            token.forget(book)
            token.make(book, laptop.places, lost=lost)
        book.close()
        forgets()
    assert found == [Finding.OWN, *[Finding.LOST] * FORGETFUL, Finding.OWN, Finding.OWN]
    # one that keeps it from now on proves something again
    for _ in range(2):
        assert laptop.finds(folder) is Finding.OWN
    forgets()
    assert laptop.finds(folder) is Finding.LOST


def test_a_place_that_takes_nothing_leaves_all_as_it_was(folder: Path, tmp_path: Path) -> None:
    store = KeyStore()
    laptop = Laptop(tmp_path, store)
    store.refuses = True
    assert laptop.finds(folder) is Finding.OWN
    assert not store.kept
    store.refuses = False
    laptop.finds(folder)
    store.refuses = True
    assert [laptop.finds(folder) for _ in range(3)] == [Finding.OWN] * 3, "the old one is good until then"
    store.refuses = False
    assert [laptop.finds(folder) for _ in range(3)] == [Finding.OWN] * 3


def test_a_place_that_cannot_be_asked_accuses_nobody(folder: Path, tmp_path: Path) -> None:
    laptop = Laptop(tmp_path)
    laptop.finds(folder)
    kept = laptop.folder.rename(tmp_path / "aside")
    laptop.folder.write_bytes(b"")  # a file where the folder was: asking fails
    assert laptop.finds(folder) is Finding.OWN
    laptop.folder.unlink()
    kept.rename(laptop.folder)
    assert laptop.finds(folder) is Finding.OWN


def test_after_a_recovery_the_key_store_may_have_come_or_gone(folder: Path, tmp_path: Path) -> None:
    laptop = Laptop(tmp_path)
    laptop.finds(folder)
    laptop.keyring = KeyStore()
    assert [laptop.finds(folder) for _ in range(2)] == [Finding.OWN] * 2
    shutil.rmtree(laptop.folder)
    assert laptop.finds(folder) is Finding.OWN, "it lies in the key store now"
    laptop.keyring = None
    assert laptop.finds(folder) is Finding.LOST, "without it nothing tells it from a copy"


@pytest.mark.parametrize("kept", ["", "{", '{"name":1}', '{"name":"../x","place":"file","now":"00"}'])
def test_a_damaged_fact_is_as_none(folder: Path, laptop: Laptop, kept: str) -> None:
    laptop.finds(folder)
    book = Notebook.open(folder, PASSPHRASE)
    book.set_meta(token=kept)
    book.close()
    assert [laptop.finds(folder) for _ in range(2)] == [Finding.OWN] * 2


class Killed(BaseException):
    """The process ends here."""


def killed_at(monkeypatch: pytest.MonkeyPatch, step: int) -> Callable[[], int]:
    """Ends the process before, and with odd numbers after, an effect of that number; gives how many came."""
    effects = 0

    def counted(effect: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any) -> Any:
            nonlocal effects
            if effects * 2 == step:
                raise Killed
            done = effect(*given)
            effects += 1
            if effects * 2 - 1 == step:
                raise Killed
            return done

        return run

    monkeypatch.setattr(token, "_keep", counted(token._keep))
    monkeypatch.setattr(TokenPlaces, "put", counted(TokenPlaces.put))
    return lambda: effects


@pytest.mark.parametrize(("state", "moments"), [("new", 4), ("kept", 4), ("moves", 6)])
def test_killed_at_any_moment_a_notebook_knows_itself_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str, moments: int
) -> None:
    for step in range(moments + 1):
        book = copy(folder, f"{state}{step}")
        laptop = Laptop(tmp_path / f"laptop{step}", KeyStore() if state == "kept" else None)
        if state != "new":
            laptop.finds(book)
            laptop.finds(book)
        if state == "moves":
            laptop.keyring = KeyStore()
        killed = 0
        for _ in range(2):  # and at the same moment of the next opening too
            with monkeypatch.context() as ends:
                effects = killed_at(ends, step)
                try:
                    laptop.finds(book)
                except Killed:
                    killed += 1
        assert killed or (step == moments and effects() * 2 <= moments), "every moment was tried"
        assert [laptop.finds(book) for _ in range(2)] == [Finding.OWN] * 2


@settings(max_examples=30, deadline=None)  # an opening takes its time
@given(st.lists(st.sampled_from(["open", "killed", "image", "refuses"]), max_size=12))
def test_whatever_happened_the_notebook_is_none_and_an_older_image_is_a_copy(
    begun_notebook: Path, tmp_path_factory: pytest.TempPathFactory, events: list[str]
) -> None:
    place = tmp_path_factory.mktemp("any")
    folder = shutil.copytree(begun_notebook, place / "book")
    store = KeyStore()
    laptop = Laptop(place, store)
    laptop.finds(folder)
    images: list[tuple[Path, bytes]] = []
    try:
        for number, event in enumerate(events):
            if event == "image":
                images.append((copy(folder, f"image{number}"), *store.kept.values()))  # type: ignore[arg-type]
                continue
            store.refuses = event == "refuses"
            if event == "killed":
                with pytest.MonkeyPatch.context() as ends:
                    killed_at(ends, 1)
                    with pytest.raises(Killed):
                        laptop.finds(folder)
            else:
                assert laptop.finds(folder) is Finding.OWN
        store.refuses = False
        assert laptop.finds(folder) is Finding.OWN
        (there,) = store.kept.values()
        for image, then in images:
            if there != then:
                book = Notebook.open(image, PASSPHRASE)
                known = book.meta("token") or ""
                book.close()
                expected = Finding.OWN if there.hex() in known else Finding.COPY
                assert expected is Finding.COPY
                assert laptop.finds(image) is Finding.COPY
    finally:
        shutil.rmtree(place)


def test_a_full_disk_renews_nothing(folder: Path, laptop: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    laptop.finds(folder)

    def full(*given: object) -> None:
        raise StoreRefused("full")

    with monkeypatch.context() as broken:
        broken.setattr(token, "_keep", full)
        with pytest.raises(StoreRefused):
            laptop.finds(folder)
    assert laptop.finds(folder) is Finding.OWN


@pytest.fixture(autouse=True)
def _nothing_left(tmp_path: Path) -> Iterator[None]:
    """No file in the making stays where tokens lie."""
    yield
    assert not list(tmp_path.glob("**/tokens/*.tmp"))
