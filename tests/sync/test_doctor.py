"""`qingcha admin doctor`: each kind of damage is found by the check that is for it."""

from __future__ import annotations

import json
import os
import shutil
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from main import main
from models.errors import StoreRefused
from models.language import use_language
from models.store.change import new_id, put
from models.store.signer import Signer
from sync.server import admin, doctor
from sync.server.central import DATABASE, Central
from sync.server.tables import Blob, Upload
from tests.photos import take_photo

from .conftest import UNIT


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed server with records, a file, and another on its way."""
    folder = tmp_path_factory.mktemp("doctor") / "server"
    admin.init(folder, organisation="演示生态环境局", host="sync.example.cn")
    central = Central.open(folder)
    for number in range(3):
        central.write(put("site", new_id(), UNIT, name=f"示例企业{number}"))
    photo = b"bytes of a photo"
    sha256 = take_photo(central, photo)
    with central.writing():
        Blob.create(sha256=sha256, size=len(photo), stored_at=central.clock.wall_ms())
        Upload.create(name="ab" * 32, device="d", length=9, offset=5, updated_at=1)
    (folder / "spool" / ("ab" * 32)).write_bytes(b"12345")
    central.sign_head()
    central.close()
    return folder


@pytest.fixture
def folder(kept: Path, tmp_path: Path) -> Path:
    return shutil.copytree(kept, tmp_path / "server")


def found(folder: Path, **more: Any) -> set[str]:
    """The checks that found something."""
    return {check.name for check in doctor.examine(folder, **more) if check.problems}


def sql(folder: Path, *statements: str) -> None:
    connection = sqlcipher.connect(folder / DATABASE)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def file_of(folder: Path) -> Path:
    (path,) = [each for each in (folder / "files").rglob("*") if each.is_file()]
    return path


def test_a_whole_server_passes_every_check(folder: Path) -> None:
    checks = doctor.examine(folder, hash_files=True)
    assert {check.name: check.problems for check in checks} == dict.fromkeys(doctor.TITLES, ())


DAMAGE: dict[str, tuple[Callable[[Path], object], set[str]]] = {
    "a key that others can read": (lambda folder: os.chmod(folder / "server.key", 0o644), {"keys"}),
    "no authority": (lambda folder: (folder / "ca.key").unlink(), {"keys"}),
    "another server's key": (
        lambda folder: (folder / "server.key").write_bytes(Signer.new().private_bytes()),
        {"keys"},
    ),
    "a key that is none": (lambda folder: (folder / "server.key").write_bytes(b"x"), {"keys"}),
    "a changed body": (
        lambda folder: sql(
            folder,
            "DROP TRIGGER entry_stays",
            "UPDATE entry SET body = replace(body, '示例企业1', '示例企业9')",
        ),
        {"log", "chains", "rows"},
    ),
    "a lost entry": (
        lambda folder: sql(folder, "DELETE FROM entry WHERE cursor = (SELECT MAX(cursor) FROM entry)"),
        {"log", "end", "rows"},
    ),
    "a changed row": (lambda folder: sql(folder, "UPDATE site SET name = '别的'"), {"rows"}),
    "a lost index": (lambda folder: sql(folder, "PRAGMA writable_schema = 1", _UNINDEXED), {"database"}),
    "another root": (lambda folder: sql(folder, "UPDATE signed_head SET root = zeroblob(32)"), {"log"}),
    "an older database": (
        lambda folder: (folder / "log.end").write_text(
            f"{(folder / 'log.end').read_text().split()[0]} 999999", "ascii"
        ),
        {"end"},
    ),
    "a lost file": (lambda folder: file_of(folder).unlink(), {"files"}),
    "a cut file": (lambda folder: file_of(folder).write_bytes(b"bytes"), {"files"}),
    "a changed file": (lambda folder: file_of(folder).write_bytes(b"BYTES of a photo"), {"files"}),
    "a cut upload": (lambda folder: (folder / "spool" / ("ab" * 32)).write_bytes(b"12"), {"uploads"}),
    "a clock that was set back": (
        lambda folder: sql(folder, "UPDATE signed_head SET signed_at = signed_at + 90000000"),
        {"clock"},
    ),
    "no database at all": (lambda folder: (folder / DATABASE).write_bytes(b"x" * 9000), {"database"}),
}
# an index entry that is not the row's: what a torn page leaves
_UNINDEXED = (
    "UPDATE sqlite_master SET sql = replace(sql, '(unit, unit_n)', '(unit_n, unit)') "
    "WHERE name = 'entry_unit_n'"
)


@pytest.mark.parametrize("damage", DAMAGE)
def test_each_damage_is_found_by_its_check(folder: Path, damage: str) -> None:
    harm, wanted = DAMAGE[damage]
    harm(folder)
    assert found(folder, hash_files=True) == wanted


def test_a_changed_file_of_the_same_size_is_found_where_files_are_read(folder: Path) -> None:
    file_of(folder).write_bytes(b"BYTES of a photo")
    assert found(folder) == set()
    assert found(folder, hash_files=True) == {"files"}


def test_a_full_disk_and_old_versions_are_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(9, 8, 1))
    monkeypatch.setattr(ssl, "OPENSSL_VERSION_INFO", (1, 1, 1, 0, 0))
    monkeypatch.setattr("PIL.__version__", "12.9.1")
    checks = {check.name: check.problems for check in doctor.examine(folder)}
    assert [len(checks[name]) for name in ("disk", "versions")] == [1, 2]
    monkeypatch.setattr(sqlcipher, "sqlite_version_info", (3, 50, 1))
    checks = {check.name: check.problems for check in doctor.examine(folder)}
    assert "3.50.1" in checks["versions"][0]


WORDS = {
    "a key that others can read": "Others can read server.key: it has the mode 644. Run: chmod 600 ",
    "no authority": "ca.key is missing.",
    "a lost file": " is missing.",
    "a cut file": " is not as long as it was: 5 and not 16 bytes.",
    "a changed file": " was changed: its content has another SHA-256.",
    "a cut upload": ": 2 of the 5 bytes that were acknowledged are here.",
    "a clock that was set back": "The clock is 24 hours behind what was signed last. Set it: ",
}


@pytest.mark.parametrize("damage", WORDS)
def test_what_is_wrong_is_a_sentence(folder: Path, damage: str) -> None:
    harm, (name,) = DAMAGE[damage]
    harm(folder)
    use_language("en")
    (said,) = next(each.problems for each in doctor.examine(folder, hash_files=True) if each.name == name)
    assert WORDS[damage] in said


def test_a_disk_with_little_room_is_told_with_what_follows(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = shutil._ntuple_diskusage(100 << 30, 99 << 30, 1900 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: disk)
    use_language("en")
    (said,) = next(each.problems for each in doctor.examine(folder) if each.name == "disk")
    assert said.startswith("1900 MB are left, less than 2048 MB. Make room: below 1024 MB files are refused")


def test_no_server_is_no_patient(tmp_path: Path) -> None:
    with pytest.raises(StoreRefused):
        doctor.examine(tmp_path)


@pytest.mark.parametrize(("language", "words"), [("zh", "密钥齐全"), ("en", "the keys are there")])
def test_the_command_speaks_both_languages_and_exits_by_what_it_found(
    folder: Path, language: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--lang", language, "admin", "doctor", str(folder)]
    assert main(asked) == 0
    assert f"✓ {words}" in capsys.readouterr().out
    file_of(folder).unlink()
    assert main([*asked, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [each["check"] for each in told if not each["ok"]] == ["files"]
    assert main(asked) == 1
    assert "✗" in capsys.readouterr().out
