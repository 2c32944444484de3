"""Evidence in S3-compatible storage: a real S3 server on loopback, the real client, real notebooks."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import closing
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
import urllib3
from localbucket import S3Handler

from main import main
from models.errors import BadInput, StoreRefused
from models.store.change import new_id
from sync.client import synchronise
from sync.embedded import Running
from sync.outcome import Exit
from sync.problems import Problem
from sync.server import admin, backup
from sync.server.central import Central
from sync.server.doctor import examine
from sync.server.metrics import Metrics
from sync.server.resending import resend
from sync.server.serve import _tell_of_storage
from sync.server.storage import Bucket
from sync.server.tables import Blob
from tests.photos import take_photo

from .callers import World, person
from .conftest import QUICK, MakeNotebook, answering


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An S3 server on loopback."""
    S3Handler.data_root = tmp_path_factory.mktemp("buckets")
    with answering(ThreadingHTTPServer(("127.0.0.1", 0), S3Handler)) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def bucket(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a new bucket."""
    told = {"ENDPOINT_URL": endpoint, "ACCESS_KEY_ID": "key", "SECRET_ACCESS_KEY": "secret"}
    for name, value in {**told, "REGION": "us-east-1", "ALLOW_HTTP": "true"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    name = f"b{new_id()}"
    assert urllib3.request("PUT", f"{endpoint}/{name}").status == 200
    return f"s3://{name}/evidence"


@pytest.fixture
def central(tmp_path: Path, bucket: str) -> Iterator[Central]:
    """A server whose files are in the bucket."""
    folder = tmp_path / "server"
    admin.init(folder, organisation="演示生态环境局", host="sync.example.cn", files=bucket)
    with closing(Central.open(folder)) as seat:
        yield seat


def spooled(central: Central, data: bytes) -> tuple[Path, str]:
    """Some bytes in the spool, and their hash."""
    sha256 = hashlib.sha256(data).hexdigest()
    spool = central.folder / "spool" / sha256
    spool.write_bytes(data)
    return spool, sha256


def test_a_file_that_an_order_takes_out_leaves_the_bucket(central: Central) -> None:
    spool, sha256 = spooled(central, b"a list of names")
    central.vault.keep(spool, sha256)
    for _again in range(2):
        central.vault.erase(sha256)
        assert not central.vault.has(sha256)


def test_a_file_is_put_once_it_is_whole_and_may_be_put_again(central: Central, bucket: str) -> None:
    data = os.urandom((17 << 20) + 5)  # three parts
    for _ in range(2):
        spool, sha256 = spooled(central, data)
        central.vault.keep(spool, sha256)
        assert not spool.exists()
    assert central.vault.has(sha256)
    assert list(central.vault.hashes()) == [sha256]
    assert central.vault.verify(sha256) == "kept"
    with central.vault.open(sha256) as stream:
        assert hashlib.sha256(stream.read()).hexdigest() == sha256
    assert b"".join(central.vault.read(sha256, 7, 1 << 20)) == data[7 : 1 << 20]
    assert central.vault.size_of(sha256) == len(data)
    assert central.vault.verify("0" * 64) == "missing"
    assert list(Bucket(bucket.rsplit("/", 1)[0] + "/elsewhere").hashes()) == []


def test_the_bytes_of_another_are_found_out(central: Central) -> None:
    spool, _ = spooled(central, b"other bytes")
    central.vault.keep(spool, "1" * 64)
    assert central.vault.verify("1" * 64) == "damaged"


def test_photos_reach_the_bucket_and_come_back_by_range(
    enrolled: MakeNotebook, central: Central, server: Running, tmp_path: Path
) -> None:
    """From the notebook through the spool into the bucket, and down again to who may read them."""
    book = enrolled()
    data = os.urandom(3 << 20)
    sha256 = hashlib.sha256(data).hexdigest()
    for content in (data, b"small"):
        take_photo(book, content)
    outcome = synchronise(book, pace=QUICK)
    assert outcome.ok, [trouble.text() for trouble in outcome.problems]
    assert (outcome.files_sent, outcome.unsent_files) == (2, 0)
    assert list((central.folder / "spool").iterdir()) == []
    assert not (central.folder / "files").exists()
    reader = person(World(central, server, {}), "officer")
    target = f"/v1/blobs/{sha256}"
    whole = reader.send("GET", target)
    assert (whole.status, whole.data, whole.headers["accept-ranges"]) == (200, data, "bytes")
    for asked, first, end in (
        ("bytes=5-1048580", 5, 1048581),
        ("bytes=3000000-", 3000000, len(data)),
        ("bytes=-9", len(data) - 9, len(data)),
        (f"bytes=0-{len(data) + 9}", 0, len(data)),
    ):
        part = reader.send("GET", target, range=asked)
        assert (part.status, part.data) == (206, data[first:end]), asked
        assert part.headers["content-range"] == f"bytes {first}-{end - 1}/{len(data)}"
    assert reader.send("GET", target, range=f"bytes={len(data)}-").status == 416
    assert reader.send("GET", target, range="bytes=-0").status == 416
    assert reader.send("GET", target, range="bytes=0-1,5-6").status == 200
    assert reader.send("GET", target, range="lines=1-2").status == 200
    made = backup.back_up(central.folder, tmp_path / "backup")
    assert (made.files, made.new_files, made.missing) == (2, 2, ())
    assert (tmp_path / "backup" / "files" / sha256[:2] / sha256).read_bytes() == data


def test_where_the_storage_does_not_answer_the_file_waits_in_the_spool(
    enrolled: MakeNotebook, central: Central, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = enrolled()
    sha256 = take_photo(book, b"a photo")
    sound = central.vault
    assert not sound.has(sha256)  # made now, as the environment is
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    central.vault = Bucket(bucket)
    outcome = synchronise(book, pace=QUICK)
    assert not outcome.ok
    assert outcome.unsent_files == 1
    with central:
        assert Blob.select().count() == 0
    with pytest.raises(Problem, match="busy"):
        central.vault.has(sha256)
    central.vault = sound
    assert synchronise(book, pace=QUICK).ok
    assert central.vault.verify(sha256) == "kept"


def test_what_the_bucket_lost_is_found_by_a_listing_and_sent_again(
    enrolled: MakeNotebook, central: Central, bucket: str
) -> None:
    book = enrolled()
    stays, goes = take_photo(book, b"a photo that stays"), take_photo(book, b"a photo that goes")
    assert synchronise(book, pace=QUICK).ok
    with central:
        sender = Blob.get_by_id(goes).sender
    lose(bucket, goes)
    assert resend(central.folder) == (goes,)
    assert Metrics(central).registry.get_sample_value("qingcha_files_lost") == 1
    assert synchronise(book, pace=QUICK).files_sent == 1
    assert [central.vault.verify(each) for each in (stays, goes)] == ["kept", "kept"]
    with central:
        row = Blob.get_by_id(goes)
        assert (row.sender, row.lost_at) == (sender, None)
    assert resend(central.folder) == ()
    assert synchronise(book, pace=QUICK).files_sent == 0


def test_what_is_put_back_from_a_backup_is_taken_for_there(
    enrolled: MakeNotebook, central: Central, bucket: str
) -> None:
    book = enrolled()
    photo = take_photo(book, b"a photo")
    assert synchronise(book, pace=QUICK).ok
    lose(bucket, photo)
    assert resend(central.folder) == (photo,)
    with central:
        sender = Blob.get_by_id(photo).sender
    central.vault.keep(*spooled(central, b"a photo"))
    outcome = synchronise(book, pace=QUICK)
    assert (outcome.ok, outcome.files_sent) == (True, 0)
    with central:
        assert (Blob.get_by_id(photo).sender, Blob.get_by_id(photo).lost_at) == (sender, None)


def test_where_the_keys_of_the_storage_are_not_given_only_files_wait_for_them(
    enrolled: MakeNotebook,
    central: Central,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    bucket: str,
) -> None:
    """As in a shell of an administrator who did not set the AWS_ variables."""
    book = enrolled()
    take_photo(book, b"a photo")
    with monkeypatch.context() as shell:
        shell.delenv("AWS_ACCESS_KEY_ID")
        central.vault = Bucket(bucket)
        assert main(["admin", "devices", str(central.folder)]) == 0
        assert [each.name for each in examine(central.folder) if each.problems] == ["files"]
        outcome = synchronise(book, pace=QUICK)
        assert (outcome.unsent_entries, outcome.unsent_files) == (0, 1)
        assert [each.exit for each in outcome.problems] == [Exit.NO_ANSWER]
        _tell_of_storage(central)
    said = [each.message for each in caplog.records if each.levelname == "ERROR"]
    assert said.count("the storage of files does not answer") > 1
    assert synchronise(book, pace=QUICK).ok


def test_where_the_storage_does_not_answer_nothing_counts_as_lost(
    enrolled: MakeNotebook, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_photo(book := enrolled(), b"a photo")
    assert synchronise(book, pace=QUICK).ok
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    for act in (
        lambda: resend(central.folder),
        lambda: backup.back_up(central.folder, central.folder.with_name("backup")),
    ):
        with pytest.raises(StoreRefused, match="没有应答"):
            act()
    with central:
        assert Blob.select().where(Blob.lost_at.is_null(False)).count() == 0


def test_a_server_restored_beside_an_older_bucket_asks_for_what_that_lacks(
    enrolled: MakeNotebook, central: Central, bucket: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = enrolled()
    photo = take_photo(book, b"a photo")
    assert synchronise(book, pace=QUICK).ok
    lose(bucket, photo)
    assert main(["admin", "restored", str(central.folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["gone"] == [photo]
    central.forget()
    assert synchronise(book, pace=QUICK).files_sent == 1
    assert central.vault.verify(photo) == "kept"


def lose(bucket: str, sha256: str) -> None:
    """Take a file out of a bucket, as somebody would who has its keys."""
    name = f"{os.environ['AWS_ENDPOINT_URL']}/{bucket.removeprefix('s3://')}/{sha256[:2]}/{sha256}"
    assert urllib3.request("DELETE", name).status == 204


def test_an_address_of_no_bucket_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        admin.init(tmp_path, organisation="某局", host="x.example.cn", files="https://sync.example.cn/bucket")
