"""What an operator meets by hand: each refusal says what to do, in Chinese, and names what it is about."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.registry import days
from models.store import database, keys
from models.store.change import new_id, put
from models.store.notebook import Notebook
from models.store.vault import Vault
from sync.address import ServerAddress
from sync.client import enrol, synchronise
from sync.courier import Pace
from sync.embedded import embedded
from sync.outcome import Exit
from sync.server import admin
from sync.server.central import Central
from sync.server.logs import JsonFormatter
from tests.conftest import run, unguarded
from tests.photos import take_photo


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """What a server that a command started logs to standard error ends with its test."""

    def without_servers() -> None:
        log = logging.getLogger()
        log.handlers[:] = [each for each in log.handlers if not isinstance(each.formatter, JsonFormatter)]

    without_servers()
    yield
    without_servers()


@pytest.fixture
def server(tmp_path: Path) -> Path:
    folder = tmp_path / "server"
    admin.init(folder, organisation="演示生态环境局", host="sync.example.cn")
    admin.add_officer(folder, "执法员01", unit_code="350602", certificate="FJ350602001")
    return folder


@pytest.fixture
def book(home: Path, notebook: Notebook) -> Path:
    """The closed notebook, in its place under `home`."""
    return moved(home, notebook)


def moved(home: Path, notebook: Notebook) -> Path:
    notebook.close()
    (home / "notebooks").mkdir()
    return notebook.folder.rename(home / "notebooks/book")


def refused(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    """The one sentence with which a command is refused."""
    code, out, err = run(capsys, *words)
    assert (code, out, len(err.strip().splitlines())) == (2, "", 1), err
    return err


def test_a_file_that_is_nowhere_is_named_by_doctor_and_by_backup(capsys, home, notebook, tmp_path):
    sha256 = take_photo(notebook, b"the only copy of a photo")
    held = take_photo(notebook, b"another that is here")
    place = notebook.vault.path_of(sha256)
    before = place.read_bytes()
    place.unlink()
    book = moved(home, notebook)
    place = book / place.relative_to(notebook.folder)
    code, out, _ = run(capsys, "doctor")
    assert (code, sha256 in out, held in out, "现场照片.jpg" in out) == (1, True, False, True)
    code, out, _ = run(capsys, "backup", book, tmp_path / "stick", "--json")
    assert (code, json.loads(out)["missing"]) == (1, [sha256])
    place.write_bytes(before)
    assert run(capsys, "doctor")[0] == 0
    assert run(capsys, "backup", book, tmp_path / "stick")[0] == 0


def test_a_backup_reads_each_new_file_once(capsys, home, notebook, tmp_path, monkeypatch):
    waiting = take_photo(notebook, b"a photo that waits for the server")
    book = moved(home, notebook)
    read: list[str] = []
    verify = Vault.verify
    monkeypatch.setattr(Vault, "verify", lambda self, sha256: (read.append(sha256), verify(self, sha256))[1])
    assert run(capsys, "backup", book, tmp_path / "stick")[0] == 0
    assert read == [waiting]
    assert run(capsys, "backup", book, tmp_path / "stick")[0] == 0
    assert read == [waiting] * 2  # once again: whether what was copied before is whole still


def test_what_the_server_has_is_not_missed(capsys, home, notebook, server):
    sha256 = take_photo(notebook, b"a photo that the server has")
    central = Central.open(server)
    with embedded(central) as running:
        enrol(notebook, ServerAddress.parse(running.url), admin.code(central, "执法员01").code)
        book = moved(home, notebook)
        assert run(capsys, "sync")[0] == 0
    central.close()
    next((book / "evidence").rglob(f"{sha256}*")).unlink()
    assert run(capsys, "doctor")[0] == 0


def test_what_the_servers_folder_lost_is_sent_again_when_that_is_asked_for(capsys, home, notebook, server):
    sha256 = take_photo(notebook, b"a photo that the server loses")
    central = Central.open(server)
    with embedded(central) as running:
        enrol(notebook, ServerAddress.parse(running.url), admin.code(central, "执法员01").code)
        moved(home, notebook)
        assert run(capsys, "sync")[0] == 0
        assert run(capsys, "admin", "resend", server)[0] == 0
        central.vault.path_of(sha256).unlink()
        assert run(capsys, "sync")[0] == 0
        assert not central.vault.has(sha256)
        code, out, _ = run(capsys, "admin", "resend", server)
        assert (code, sha256 in out) == (1, True)
        assert run(capsys, "sync")[0] == 0
    assert central.vault.verify(sha256) == "kept"
    assert run(capsys, "admin", "resend", server)[0] == 0
    central.close()


@pytest.mark.parametrize("file", ["keys.json", "notebook.db"])
def test_a_notebook_that_lacks_a_file_is_not_taken_for_none(capsys, book, file):
    (book / file).rename(book / "elsewhere")
    for words in (("doctor",), ("--notebook", "book", "doctor")):
        said = refused(capsys, *words)
        assert file in said
        assert "备份" in said
        assert "还没有记录簿" not in said


@pytest.mark.parametrize("where", ["database", "key"])
def test_a_servers_backup_that_is_cut_short_is_said_to_be_so(capsys, home, server, tmp_path, where):
    backup, target = tmp_path / "backup", tmp_path / "again"
    assert run(capsys, "backup", server, backup)[0] == 0
    if where == "database":
        with (backup / "central.db").open("r+b") as file:
            file.truncate(40_000)
    else:
        (backup / "server.key").unlink()
    said = refused(capsys, "restore", backup, target)
    assert "备份" in said
    assert "腾出空间" not in said
    assert not target.exists()


def test_a_notebooks_backup_that_is_cut_short_is_said_to_be_so(capsys, book, tmp_path):
    backup, target = tmp_path / "backup", tmp_path / "again"
    assert run(capsys, "backup", book, backup)[0] == 0
    with (backup / "notebook.db").open("r+b") as file:
        file.truncate(40_000)
    said = refused(capsys, "restore", backup, target)
    assert "malformed" not in said
    assert "另一份备份" in said
    assert not target.exists()


def test_a_server_without_its_key_is_not_taken_for_none(capsys, home, server):
    (server / "server.key").unlink()
    assert "server.key" in refused(capsys, "admin", "devices", server)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "bad host",
        "a:b:c",
        "sync.example.cn:99999",
        "sync.example.cn:0",
        "测试.cn",
        "https://sync.example.cn",
        "sync.example.cn/x",
    ],
)
def test_a_host_that_no_code_can_bear_is_refused(capsys, home, tmp_path, host):
    said = refused(capsys, "admin", "init", tmp_path / "s", "--organisation", "局", "--host", host)
    assert "sync.example.cn" in said
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize("host", ["sync.example.cn", "SYNC.example.cn:8443", "xn--fiqs8s.cn", "10.0.0.7:443"])
def test_a_host_that_codes_can_bear_is_taken(capsys, home, tmp_path, host):
    code, out, _ = run(
        capsys, "admin", "init", tmp_path / "s", "--organisation", "局", "--host", host, "--json"
    )
    assert (code, len(json.loads(out)["server"])) == (0, 32)


def test_a_key_without_its_certificate_never_serves_in_plain(capsys, home, server, tmp_path):
    assert "--cert" in refused(capsys, "serve", server, "--key", tmp_path / "tls.key")
    both = ("--cert", tmp_path / "tls.crt", "--plain-http")
    assert "--plain-http" in refused(capsys, "serve", server, *both)


def test_a_place_where_nobody_can_listen_is_told_in_our_words(capsys, home, server):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = refused(capsys, "serve", server, "--port", str(taken.getsockname()[1]))
    assert "其他程序" in said
    assert "65535" in refused(capsys, "serve", server, "--port", "99999")
    assert "没有这个地址" in refused(capsys, "serve", server, "--host", "192.0.2.1", "--plain-http")


def test_a_wrong_address_is_named_and_no_new_code_is_asked_for_first(
    capsys, home, notebook, server, tmp_path
):
    admin.init(tmp_path / "other", organisation="别处", host="b.example")
    central, other = Central.open(server), Central.open(tmp_path / "other")
    with embedded(central) as running, embedded(other) as elsewhere:
        enrol(notebook, ServerAddress.parse(running.url), admin.code(central, "执法员01").code)
        moved(home, notebook)
        code, _, err = run(capsys, "sync", "--server", elsewhere.url)
        assert (code, elsewhere.url in err, "请检查地址" in err) == (Exit.NOT_ENROLLED, True, True), err
        tls = running.url.replace("http://", "https://")
        code, _, err = run(capsys, "sync", "--server", tls)
        assert (code, f"{tls} 有应答，但不是 https" in err) == (Exit.NO_ANSWER, True), err
        assert "--server" in refused(capsys, "sync", "--ca", tmp_path / "ca.crt")
    central.close()
    other.close()


def test_the_address_that_does_not_answer_is_named(notebook, server):
    central = Central.open(server)
    with embedded(central) as running:
        enrol(notebook, ServerAddress.parse(running.url), admin.code(central, "执法员01").code)
    central.close()
    (trouble,) = synchronise(notebook, pace=Pace(tries=1)).problems
    assert (trouble.exit, running.url in trouble.text()) == (Exit.NO_ANSWER, True)


def test_the_file_of_an_authority_is_found_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert ServerAddress.parse("a.cn", Path("ca.crt")).ca_file == tmp_path / "ca.crt"


def test_no_passphrase_at_all_is_no_guess(capsys, book, monkeypatch):
    monkeypatch.setenv("QINGCHA_PASSPHRASE", "")
    before = (book / "keys.json").read_bytes()
    assert "QINGCHA_PASSPHRASE" in refused(capsys, "doctor")
    assert (book / "keys.json").read_bytes() == before


BEGIN = ("begin", "执法员01", "--certificate", "FJ350602001", "--unit")


@pytest.fixture
def quick_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook is begun with the small cost of tests."""
    monkeypatch.setattr(keys, "STANDARD", keys.FAST)


def test_a_notebook_is_begun_enrolled_and_synchronised_by_commands(capsys, home, server, quick_guesses):
    code, out, err = run(capsys, *BEGIN, "芗城区", "--json")
    begun = json.loads(out)
    assert (code, begun["notebook"], begun["name"]) == (0, "FJ350602001", "执法员01  芗城区")
    assert Path(begun["folder"]) == home / "notebooks/FJ350602001"
    assert "qingcha enrol" in err
    central = Central.open(server)
    with embedded(central) as running:
        made = admin.code(central, "执法员01").code
        assert run(capsys, "enrol", made, "--server", running.url)[0] == 0
        assert run(capsys, "sync")[0] == 0
    assert [device["device"] for device in admin.devices(central)] == [begun["device"]]
    central.close()
    assert run(capsys, "doctor")[0] == 0


def test_a_second_notebook_is_begun_only_for_somebody_else(capsys, home, quick_guesses):
    assert run(capsys, *BEGIN, "350602")[0] == 0
    assert "执法员01  芗城区" in refused(capsys, *BEGIN, "350602")
    assert "--another" in refused(capsys, "begin", "网格员02", "--unit", "350603")
    assert run(capsys, "begin", "网格员02", "--unit", "350603", "--another")[0] == 0
    refused(capsys, "begin", "网格员02", "--unit", "龙文区", "--another")
    assert len(list((home / "notebooks").glob("*/notebook.db"))) == 2


def test_beside_a_notebook_that_lacks_a_file_none_is_begun(capsys, book):
    (book / "keys.json").rename(book / "elsewhere")
    assert "keys.json" in refused(capsys, *BEGIN, "350602")


def test_what_is_wrong_with_a_beginning_is_told_and_nothing_is_left(capsys, home, monkeypatch, quick_guesses):
    assert "漳州" in refused(capsys, *BEGIN, "北京")
    assert "“X”" in refused(capsys, "begin", "执法员01", "--certificate", "x", "--unit", "350602")
    monkeypatch.setenv("QINGCHA_PASSPHRASE", "短")
    assert "口令" in refused(capsys, *BEGIN, "350602")
    assert list((home / "notebooks").iterdir()) == []


def test_the_passphrase_is_asked_for_twice_without_echo(capsys, home, monkeypatch, passphrase, quick_guesses):
    monkeypatch.delenv("QINGCHA_PASSPHRASE")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    typed = [passphrase, passphrase + "x", passphrase, passphrase]
    monkeypatch.setattr("getpass.getpass", lambda *asked, **more: typed.pop(0))
    refused(capsys, *BEGIN, "350602")
    assert not (home / "notebooks").exists()
    assert run(capsys, *BEGIN, "350602")[0] == 0
    assert typed == []


def test_of_several_answers_on_a_stick_the_one_that_brings_all_is_taken(
    capsys, home, notebook, server, tmp_path
):
    stick = tmp_path / "stick"
    stick.mkdir()
    take_photo(notebook, b"a photo that travels by stick")
    central = Central.open(server)
    with embedded(central) as running:
        enrol(notebook, ServerAddress.parse(running.url), admin.code(central, "执法员01").code)
    central.close()
    moved(home, notebook)
    assert "21M" in refused(capsys, "bundle", "export", stick, "--size", "1")
    for _ in range(2):
        assert run(capsys, "bundle", "export", stick)[0] == 0
    assert str(stick) in refused(capsys, "bundle", "import", stick)
    code, out, _ = run(capsys, "admin", "bundle", server, stick, "--json")
    taken = json.loads(out)
    assert (code, [each["files"] for each in taken]) == (0, [1, 0])
    assert taken[0]["entries"] > taken[1]["entries"] == 0
    code, out, _ = run(capsys, "bundle", "import", stick, "--json")
    assert (code, json.loads(out)["unsent_entries"], json.loads(out)["unsent_files"]) == (0, 0, 0)
    assert str(stick) in refused(capsys, "bundle", "import", stick)


def test_an_answer_that_brings_nothing_more_asks_for_no_other_export(
    capsys, home, notebook, server, tmp_path
):
    stick = tmp_path / "stick"
    stick.mkdir()
    central = Central.open(server)
    with embedded(central) as running:
        enrol(notebook, ServerAddress.parse(running.url), admin.code(central, "执法员01").code)
    central.close()
    moved(home, notebook)
    for _ in range(2):
        run(capsys, "bundle", "export", stick)
    _, out, _ = run(capsys, "admin", "bundle", server, stick, "--json")
    first, second = (each["answer"] for each in json.loads(out))
    assert run(capsys, "bundle", "import", first)[0] == 0
    code, _, err = run(capsys, "bundle", "import", second)
    assert (code, "再次导出" in err, "已" in err) == (Exit.BUNDLE_REFUSED, False, True), err


def test_what_doctor_finds_in_a_notebook_is_told_in_the_readers_language(capsys, home, notebook):
    put_site(notebook)
    with notebook.writing():
        unguarded()
        database.run("UPDATE entry SET signature = ? WHERE seq = 2", (bytes(64),))
    moved(home, notebook)
    code, out, err = run(capsys, "doctor")
    assert (code, "2: 签名不符" in out, "qingcha backup" in err) == (1, True, True), (out, err)


def put_site(notebook: Notebook) -> None:
    notebook.write(put("site", new_id(), "350602", name="示例企业01"))


def test_what_was_put_aside_is_listed_in_the_readers_language(capsys, home, notebook, server):
    central = Central.open(server)
    with embedded(central) as running:
        enrol(notebook, ServerAddress.parse(running.url), admin.code(central, "执法员01").code)
        notebook.write(put("site", new_id(), "350603", name="别处企业"))
        admin.revoke(central, notebook.device)
        moved(home, notebook)
        assert run(capsys, "sync")[0] == Exit.REVOKED
    central.close()
    code, out, _ = run(capsys, "admin", "quarantine", server)
    assert (code, "龙文区 监管对象" in out, "设备已被吊销" in out, "the device" in out) == (
        0,
        True,
        True,
        False,
    ), out
    found = json.loads(run(capsys, "admin", "quarantine", server, "--json")[1])
    assert {each["detail"] for each in found} == {"the device was revoked"}


def test_a_grant_says_what_it_gave_and_that_the_city_is_not_in_it(capsys, home, server):
    code, out, err = run(capsys, "admin", "grant", server, "执法员01", "350602", "--read-only", "350600")
    assert (code, err) == (0, "")
    assert "读写 芗城区；只读 漳州市" in out
    code, out, err = run(capsys, "admin", "grant", server, "执法员01", "350602")
    assert (code, "只读 -" in out, "--read-only 350600" in err) == (0, True, True)


def test_devices_are_listed_with_the_day_of_their_last_visit(capsys, home, notebook, server):
    central = Central.open(server)
    with embedded(central) as running:
        enrol(notebook, ServerAddress.parse(running.url), admin.code(central, "执法员01").code)
        _, before, _ = run(capsys, "admin", "devices", server)
        synchronise(notebook)
    today = days.day_of(central.clock.wall_ms()).isoformat()
    central.close()
    assert "最近同步 -" in before
    assert f"最近同步 {today}" in run(capsys, "admin", "devices", server)[1]


def test_doctor_counts_the_laptops_that_are_still_to_come(capsys, home, notebook, server):
    central = Central.open(server)
    with embedded(central) as running:
        enrol(notebook, ServerAddress.parse(running.url), admin.code(central, "执法员01").code)
    central.close()
    assert run(capsys, "admin", "restored", server)[0] == 0
    code, out, _ = run(capsys, "admin", "doctor", server)
    assert (code, "还有 1 台电脑没有同步" in out) == (1, True), out


def test_a_storage_that_does_not_answer_is_told_when_the_server_is_made_and_by_doctor(
    capsys, home, tmp_path, monkeypatch
):
    for name, value in {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "x",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "not-shown",
    }.items():
        monkeypatch.setenv(name, value)
    made = ("--organisation", "局", "--host", "sync.example.cn", "--files", "s3://bucket/evidence")
    code, _, err = run(capsys, "admin", "init", tmp_path / "s", *made)
    assert (code, "s3://bucket/evidence 处的文件存储没有应答" in err, "not-shown" in err) == (0, True, False)
    code, out, _ = run(capsys, "admin", "doctor", tmp_path / "s")
    assert (code, "文件存储没有应答" in out) == (1, True)


def test_people_are_listed_with_role_units_and_devices(capsys, home, notebook, server):
    admin.add_officer(server, "网格员01", unit_code="350603", role="grid_worker")
    central = Central.open(server)
    with embedded(central) as running:
        enrol(notebook, ServerAddress.parse(running.url), admin.code(central, "执法员01").code)
    central.close()
    code, out, _ = run(capsys, "admin", "people", server)
    first, second = out.strip().splitlines()
    assert code == 0
    assert first == "执法员01  FJ350602001  执法人员：读写 芗城区 350602；只读 漳州市 350600；设备 1 台"
    assert second == "网格员01  -  网格员：读写 龙文区 350603；只读 -；设备 0 台"
    admin.revoke(server, notebook.device)
    admin.grant(server, "执法员01", ["350603"])
    listed = json.loads(run(capsys, "admin", "people", server, "--json")[1])
    assert (listed[0]["units"], listed[0]["read_only"], listed[0]["devices"]) == (["350603"], [], 0)


def test_a_file_that_could_not_be_sent_is_among_what_is_left(capsys, home, notebook, server):
    sha256 = take_photo(notebook, b"a photo that is lost before it was sent")
    notebook.vault.path_of(sha256).unlink()
    central = Central.open(server)
    with embedded(central) as running:
        enrol(notebook, ServerAddress.parse(running.url), admin.code(central, "执法员01").code)
        moved(home, notebook)
        code, out, err = run(capsys, "sync")
    central.close()
    assert (code, "还剩 0 条记录和 1 个文件未送达" in out) == (Exit.FILE_DAMAGED, True), out
    assert "qingcha doctor" in err
