"""Room that is set aside while there is plenty, and given back when the disk is full."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from models.errors import StoreRefused
from models.store import ballast as ballasts
from models.store.backup import back_up
from models.store.ballast import Ballast, is_full
from models.store.change import new_id, put
from models.store.home import notebook_folders
from models.store.notebook import Notebook
from tests.conftest import PASSPHRASE, UNIT

MIB = 1 << 20


@pytest.fixture(autouse=True)
def _asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QINGCHA_NO_BALLAST")


@pytest.fixture
def ballast(tmp_path: Path) -> Ballast:
    return Ballast(tmp_path, size=2 * MIB, roomy=MIB)


def free(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=count))


def taken(path: Path) -> int:
    return path.stat().st_blocks * 512


@pytest.mark.parametrize("how", ["allocated", "cannot", "none"])
def test_its_bytes_are_the_disks(ballast: Ballast, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    if how == "none":
        monkeypatch.delattr(os, "posix_fallocate")
    if how == "cannot":

        def cannot(*given: int) -> None:
            raise OSError(errno.EOPNOTSUPP, "no")

        monkeypatch.setattr(os, "posix_fallocate", cannot)
    assert ballast.keep()
    assert ballast.path.stat().st_size == ballast.size
    assert taken(ballast.path) >= ballast.size
    before = ballast.path.stat().st_ino
    assert ballast.keep()
    assert ballast.path.stat().st_ino == before, "one that is there is left as it is"
    assert ballast.release()
    assert not ballast.path.exists()
    assert not ballast.release(), "there was none"


def test_by_default_it_is_64_mb_beside_the_notebooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free(monkeypatch, 2 << 30)
    ballast = Ballast(tmp_path / "notebooks")
    (tmp_path / "notebooks").mkdir()
    assert ballast.keep()
    assert (ballast.path.parent, ballast.path.stat().st_size) == (tmp_path / "notebooks", 64 * MIB)
    assert ballast.release()


def test_where_room_is_scarce_none_is_made(ballast: Ballast, monkeypatch: pytest.MonkeyPatch) -> None:
    free(monkeypatch, 3 * MIB - 1)
    assert not ballast.keep()
    assert list(ballast.path.parent.iterdir()) == []
    free(monkeypatch, 3 * MIB)
    assert ballast.keep()
    free(monkeypatch, 0)
    assert ballast.keep(), "one that is there stays"


def test_a_file_of_holes_or_cut_short_is_made_anew(ballast: Ballast) -> None:
    with ballast.path.open("wb") as file:
        file.truncate(ballast.size)
    assert not ballast.is_there()
    assert not ballast.release(), "it gave nothing back"
    ballast.path.write_bytes(b"x")
    assert ballast.keep()
    assert taken(ballast.path) >= ballast.size


def test_what_a_killed_process_had_of_it_is_removed(
    ballast: Ballast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(path: Path, size: int) -> None:
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as ends:
        ends.setattr(ballasts, "_allocate", killed)
        with pytest.raises(KeyboardInterrupt):
            ballast.keep()
    assert len(list(ballast.path.parent.iterdir())) == 1
    assert ballast.keep()
    assert list(ballast.path.parent.iterdir()) == [ballast.path]


def test_a_disk_that_fills_meanwhile_leaves_nothing(
    ballast: Ballast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*given: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "posix_fallocate", full)
    assert not ballast.keep()
    assert list(ballast.path.parent.iterdir()) == []


def test_one_may_go_without(ballast: Ballast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QINGCHA_NO_BALLAST", "1")
    assert not ballast.keep()
    assert not ballast.path.exists()


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (OSError(errno.ENOSPC, ""), True),
        (OSError(errno.EDQUOT, ""), True),
        (sqlcipher.OperationalError("database or disk is full"), True),
        (OSError(errno.EACCES, ""), False),
        (sqlcipher.OperationalError("database is locked"), False),
    ],
    ids=str,
)
def test_it_is_released_for_a_full_disk_alone(ballast: Ballast, error: Exception, full: bool) -> None:
    ballast.keep()
    behind = StoreRefused("words")
    behind.__context__ = error
    assert is_full(error) == is_full(behind) == full
    assert ballast.released_for(behind) == full
    assert ballast.path.exists() != full


def test_a_save_is_refused_once_with_what_to_do_and_then_as_before(
    notebook: Notebook, ballast: Ballast, monkeypatch: pytest.MonkeyPatch
) -> None:
    ballast.keep()
    notebook.ballast = ballast

    def save() -> None:
        with notebook.writing():
            notebook.write(put("site", new_id(), UNIT, name="示例企业"))
            raise sqlcipher.OperationalError("database or disk is full")

    def refused() -> str:
        with pytest.raises(StoreRefused) as told:
            save()
        return told.value.text()

    assert "2 MB" in refused()
    assert (notebook.made_room(), notebook.made_room()) == (True, False)
    assert "磁盘已满" in refused()
    assert not notebook.made_room()
    with pytest.raises(StoreRefused), notebook.writing():
        raise sqlcipher.OperationalError("database is locked")
    notebook.write(put("site", new_id(), UNIT, name="示例企业"))


def test_no_backup_has_it_and_it_is_no_notebook(
    begun_notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    folder = shutil.copytree(begun_notebook, home / "notebooks/one")
    ballast = Ballast(folder.parent, size=MIB, roomy=0)
    assert ballast.keep()
    assert notebook_folders(home) == [folder]
    back_up(folder, tmp_path / "backup", PASSPHRASE)
    assert not list((tmp_path / "backup").rglob("*ballast*"))
    book = Notebook.open(folder, PASSPHRASE, ballast=ballast)
    assert book.vault.sweep(()) == []
    book.close()
