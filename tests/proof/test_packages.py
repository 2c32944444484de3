"""The package of a sealed record: made, and found genuine; or refused with what to do."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from main import main
from models.documents.stored_zip import Archive
from models.errors import BadInput, RuleBroken, StoreRefused
from models.inspections import canonical, verbs
from models.inspections.queries import by_number
from models.inspections.tables import Inspection
from models.oversight import dispatch
from models.registry import verbs as registry
from models.registry.sealing import seal_of
from models.registry.tables import Officer
from models.store import keys
from models.store.change import new_id, put
from models.store.notebook import Notebook
from sync.proof import layout, making, trust
from sync.proof.checking import check
from sync.proof.making import package
from sync.proof.reading import Folder, Held, NotOurs, is_package, opened
from sync.proof.trust import fingerprint
from sync.server import certificates
from sync.server.central import CITY
from tests.conftest import PASSPHRASE

from .conftest import needs_tools
from .judges import HAS_TOOLS, by_script, unpack
from .made import Case, seal_a_visit


def test_a_logged_record_is_genuine_between_two_times(case: Case) -> None:
    with opened(case.packages["logged"]) as files:
        found = check(files, case.root)
    assert (found.answer, found.logged) == ("genuine", True)
    said = found.sentences()
    assert said[0] == f"核验通过：笔录 {case.sealed.number} 的证据包，含证据文件 2 个。"
    assert said[1].startswith("完整性：")
    assert "演示生态环境局" in said[2]
    assert said[3].startswith("时间：晚于 2")
    assert said[4].startswith("时间：早于 2")
    assert "sync.example.cn/log 日志第" in said[5]
    assert said[-1].startswith("未证明：")
    assert dict(found.fields())["证据件数"] == "2"


def test_what_is_not_logged_yet_says_so(case: Case) -> None:
    found = check(Held(case.members("waiting")), case.root)
    assert (found.answer, found.logged) == ("genuine", False)
    assert any(line.startswith("未入日志") for line in found.sentences())
    assert not any(line.startswith("时间：早于") for line in found.sentences())


def test_an_unregistered_device_is_neither_refused_nor_passed(case: Case) -> None:
    found = check(Held(case.members("stranger")), case.root)
    assert (found.answer, found.logged) == ("unknown", False)
    said = found.sentences()
    assert "无法核验到底" in said[0]
    assert "未登记设备" in said[2]
    assert "下限未证明" in said[3]


def test_without_a_root_nobody_vouches(case: Case) -> None:
    found = check(Held(case.members("logged")), None)
    assert found.answer == "unknown"
    assert "请给出生态环境部门的根证书" in found.sentences()[2]


def test_another_agencys_root_vouches_for_nothing_here(case: Case) -> None:
    _, other = certificates.make_authority("演示生态环境局", 1_795_400_000_000)
    found = check(Held(case.members("logged")), other)
    assert found.answer == "false"
    assert "不是所给根证书签发" in found.headline()


def test_the_same_export_twice_has_the_same_bytes(case: Case, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    package(case.book, case.sealed.record, again)
    assert again.read_bytes() == case.packages["logged"].read_bytes()


def test_the_number_may_be_typed_in_small_letters_and_an_older_file_is_replaced(
    case: Case, tmp_path: Path
) -> None:
    target = tmp_path / "package.zip"
    target.write_bytes(b"older")
    packed = package(case.book, f" {case.sealed.number.lower()} ", target)
    assert (packed.number, packed.files, packed.registered, packed.logged) == (
        case.sealed.number,
        2,
        True,
        True,
    )
    assert target.read_bytes() == case.packages["logged"].read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["package.zip"]


def test_it_is_a_bag_and_a_zip_that_other_programs_read(case: Case) -> None:
    members = case.members("logged")
    with zipfile.ZipFile(case.packages["logged"]) as archive:
        assert archive.testzip() is None
        assert {each.filename: archive.read(each) for each in archive.infolist()} == members
        assert {each.compress_type for each in archive.infolist()} == {zipfile.ZIP_STORED}
    assert members["bagit.txt"].startswith(b"BagIt-Version: 1.0\n")
    for line in members["manifest-sha256.txt"].decode().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(members[name]).hexdigest() == digest
    payload = [name for name in members if name.startswith("data/")]
    oxum = f"{sum(len(members[name]) for name in payload)}.{len(payload)}"
    assert f"Payload-Oxum: {oxum}\n" in members["bag-info.txt"].decode()


def test_the_photographs_and_the_sealed_bytes_are_in_it_as_they_were(case: Case) -> None:
    members = case.members("logged")
    assert hashlib.sha256(members[layout.RECORD]).hexdigest() == case.sealed.sha256
    record = canonical.decode(members[layout.RECORD])
    for item in record["evidence"]:
        assert hashlib.sha256(members[item["path"]]).hexdigest() == item["sha256"]
        assert hashlib.new("sm3", members[item["path"]]).hexdigest() == item["sm3"]


def test_the_health_log_tells_what_was_checked_and_with_what(case: Case) -> None:
    told = case.members("logged")["health.txt"].decode()
    assert "数据库 / database: 完好 / whole" in told
    assert "条完整 / 1 to" in told
    assert told.count("一致 / agree") == 3
    assert "SQLite 3." in told


@needs_tools
@pytest.mark.parametrize(("name", "code"), [("logged", 0), ("amendment", 0), ("waiting", 0), ("stranger", 2)])
def test_the_script_says_the_same(case: Case, name: str, code: int, tmp_path: Path) -> None:
    (tmp_path / "root.crt").write_bytes(case.root)
    folder = unpack(case.members(name), tmp_path / "package")
    found, said = by_script(folder, tmp_path / "root.crt")
    verdict = check(Folder(folder), case.root)
    assert found == {"genuine": 0, "false": 1, "unknown": 2}[verdict.answer] == code, said
    assert ("Logged: entry" in said) is verdict.logged
    assert ("Not logged" in said) is not verdict.logged
    before = [line.split(" (")[0][-8:] for line in said.splitlines() if "Time: not before 2" in line]
    assert len(before) == (name != "stranger")


@needs_tools
def test_the_commands_of_verify_txt_work(case: Case, tmp_path: Path) -> None:
    folder = unpack(case.members("logged"), tmp_path / "package")
    (folder / "ROOT.crt").write_bytes(case.root)
    told = (folder / "VERIFY.txt").read_text(encoding="utf-8")
    commands = [
        line.split("  #")[0].strip()
        for line in told.splitlines()
        if line.startswith("      ")
        and line.strip().startswith(("sha256sum", "openssl", "cut", "find", "cat"))
    ]
    commands = [each for each in commands if "TSA-ROOT" not in each and ".tsr" not in each]
    assert len(commands) == 14
    for command in commands:
        done = subprocess.run(
            ["bash", "-c", f"set -e -o pipefail; {command}"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (command, done.stderr)
    assert verified(folder, "cut -d/ -f10 seal.txt") == verified(
        folder, "openssl dgst -sha256 -binary data/record.json | base32 -w0 | tr -d =; echo"
    )


def verified(folder: Path, command: str) -> str:
    done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


@needs_tools
def test_the_script_asks_for_a_root_and_takes_no_other(case: Case, tmp_path: Path) -> None:
    folder = unpack(case.members("logged"), tmp_path / "package")
    assert by_script(folder, tmp_path / "nothing.crt")[0] == 2
    _, other = certificates.make_authority("演示生态环境局", 1_795_400_000_000)
    (tmp_path / "other.crt").write_bytes(other)
    code, said = by_script(folder, tmp_path / "other.crt")
    assert code == 1
    assert "not issued by this root" in said


def test_what_has_no_package_says_why(case: Case, tmp_path: Path) -> None:
    target = tmp_path / "x.zip"
    with pytest.raises(BadInput, match="没有编号或标识为 350602-20200101-XXXXX-01 的记录"):
        package(case.book, "350602-20200101-XXXXX-01", target)
    site = registry.add_site(case.book, "示例企业09")
    with pytest.raises(RuleBroken, match="尚未签封"):
        package(case.book, site, target)
    visit = verbs.begin(
        case.book, site_id=site, first_officer=case.book.person, second_officer="", checklists="A"
    )
    with pytest.raises(RuleBroken, match="尚未签封"):
        package(case.book, visit, target)
    with pytest.raises(BadInput, match="记录簿文件夹"):
        package(case.book, case.sealed.number, case.book.path.parent / "x.zip")
    with pytest.raises(BadInput, match="写"):
        package(case.book, case.sealed.number, tmp_path / "no folder" / "x.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_of_evidence_is_named(own: tuple[Notebook, str, list[str]], tmp_path: Path) -> None:
    book, number, files = own
    book.vault.path_of(files[1]).unlink()
    with pytest.raises(BadInput, match=r"证据文件 data/e001\.jpg（.+）不在本机"):
        package(book, number, tmp_path / "x.zip")
    assert not (tmp_path / "x.zip").exists()


def test_a_record_of_another_device_names_no_file_outside_the_package(
    own: tuple[Notebook, str, list[str]],
) -> None:
    book, number, files = own
    found = seal_of(book, by_number(book, number))
    assert found is not None
    for path in ("../x.jpg", "/x.jpg", "data/../x.jpg", "data/e1.jpg", "data/e000.jpg/x", "data/E000.jpg"):
        with pytest.raises(BadInput, match="命名不合规则"):
            making._evidence(book, found, {"path": path, "sha256": files[0]})


def test_a_damaged_file_of_evidence_is_refused(own: tuple[Notebook, str, list[str]], tmp_path: Path) -> None:
    book, number, files = own
    shutil.copyfile(book.vault.path_of(files[1]), book.vault.path_of(files[0]))
    with pytest.raises(StoreRefused, match="损坏"):
        package(book, number, tmp_path / "x.zip")


def test_without_the_sealed_bytes_there_is_no_package(
    own: tuple[Notebook, str, list[str]], tmp_path: Path
) -> None:
    book, number, files = own
    found = seal_of(book, by_number(book, number))
    assert found is not None
    shutil.copyfile(book.vault.path_of(files[0]), book.vault.path_of(found.sha256))
    with pytest.raises(StoreRefused):
        package(book, number, tmp_path / "x.zip")
    book.vault.path_of(found.sha256).unlink()
    with pytest.raises(BadInput, match="原始字节不在本机"):
        package(book, number, tmp_path / "x.zip")


def test_two_records_of_one_number_are_told_apart_by_id(
    own: tuple[Notebook, str, list[str]], tmp_path: Path
) -> None:
    book, number, _ = own
    with book:
        second = Officer.get(Officer.id != book.person)
    other = seal_a_visit(book, second.id, tmp_path)
    with book.writing():
        Inspection.update(number=number).where(Inspection.id == other.record).execute()
    with pytest.raises(BadInput, match=f"有多份记录编号为 {number}.*{other.record}"):
        package(book, number, tmp_path / "x.zip")
    assert package(book, other.record, tmp_path / "x.zip").number == other.number


def test_a_bulletin_has_a_package_too(tmp_path: Path) -> None:
    person = new_id()
    with closing(
        Notebook.create(tmp_path / "city", PASSPHRASE, person=person, unit=CITY, cost=keys.FAST)
    ) as city:
        city.write(put("officer", person, CITY, name="调度员01", unit_code=CITY, role="city"))
        bulletin = dispatch.issue(city, "2021-04", on="2021-04-30")
        packed = package(city, bulletin, tmp_path / "bulletin.zip")
    assert (packed.files, packed.registered) == (0, False)
    with opened(tmp_path / "bulletin.zip") as files:
        found = check(files, None)
        members = {name: b"".join(files.blocks(name)) for name in files.names()}
    assert found.answer == "unknown"
    assert "完整性" in found.sentences()[1]
    if HAS_TOOLS:
        folder = unpack(members, tmp_path / "bulletin")
        _, root = certificates.make_authority("演示生态环境局", 1_795_400_000_000)
        (tmp_path / "root.crt").write_bytes(root)
        code, said = by_script(folder, tmp_path / "root.crt")
        assert (code, packed.number in said) == (2, True), said


def test_the_root_is_a_certificate_that_issues(case: Case) -> None:
    device = case.members("logged")["device.crt"]
    assert trust.is_root(case.root)
    assert not trust.is_root(device)
    assert not trust.is_root(b"no certificate")
    assert not trust.issued_by(device, device)
    assert not trust.issued_by(case.root[:-40], case.root)
    assert len(trust.fingerprint(case.root)) == 64
    assert trust.holder(b"nothing") is None


# -- the command ---------------------------------------------------------------------------------------------


@pytest.fixture
def typed(case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    def run(*words: str) -> tuple[int, str]:
        code = main([str(word) for word in words])
        seen = capsys.readouterr()
        return code, seen.out + seen.err

    return run


def test_verify_takes_a_package_as_zip_and_unpacked(
    case: Case, typed: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    root = tmp_path / "root.crt"
    root.write_bytes(case.root)
    code, said = typed("--lang", "en", "verify", case.packages["logged"], "--root", root)
    assert code == 0
    assert "Genuine: evidence package" in said
    assert f"SHA-256 {fingerprint(case.root)}" in said  # against which root it was checked
    folder = unpack(case.members("logged"), tmp_path / "unpacked")
    assert typed("verify", folder, "--root", root)[0] == 0
    (folder / "data/record.json").write_bytes(b"{}")
    code, said = typed("verify", folder, "--root", root, "--json")
    assert code == 1
    assert '"answer": "false"' in said
    (folder / "link").symlink_to(root)
    assert typed("verify", folder, "--root", root)[0] == 1


def test_verify_says_what_is_wrong_with_what_it_was_given(
    case: Case, typed: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    root = tmp_path / "root.crt"
    root.write_bytes(case.members("logged")["device.crt"])
    code, said = typed("--lang", "zh", "verify", case.packages["logged"], "--root", root)
    assert (code, "不是根证书" in said) == (2, True)
    code, said = typed("verify", case.packages["logged"], "--root", tmp_path / "none.crt")
    assert code == 2
    code, said = typed("--lang", "zh", "verify", case.packages["logged"], "--key", root)
    assert (code, "自带密钥和签封" in said) == (2, True)
    packed = tmp_path / "again.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in case.members("logged").items():
            archive.writestr(name, data)
    root.write_bytes(case.root)
    code, said = typed("--lang", "zh", "verify", packed, "--root", root)
    assert (code, "重新打包" in said) == (1, True)


def test_without_a_notebook_and_a_root_the_answer_is_that_a_root_is_needed(
    case: Case,
    typed: Callable[..., tuple[int, str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("QINGCHA_HOME", str(tmp_path / "home"))
    code, said = typed("--lang", "zh", "verify", case.packages["logged"])
    assert (code, "请给出生态环境部门的根证书" in said) == (1, True)
    assert "所用根证书: 未给出" in said


def test_a_file_that_goes_away_while_it_is_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="gone"):
        Folder(tmp_path / "gone")
    (tmp_path / "a").write_bytes(b"content")
    folder = Folder(tmp_path)
    assert (folder.names(), folder.size("a"), b"".join(folder.blocks("a"))) == (["a"], 7, b"content")
    (tmp_path / "a").write_bytes(b"content and more")
    assert b"".join(folder.blocks("a")) == b"content", "as long as it was when it was looked at"
    (tmp_path / "a").write_bytes(b"con")
    assert b"".join(folder.blocks("a")) == b"con"
    (tmp_path / "a").unlink()
    with pytest.raises(BadInput, match="a"):
        list(folder.blocks("a"))


def test_what_is_no_package_is_not_taken_for_one(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("HTTPS://…", encoding="utf-8")
    assert not is_package(tmp_path / "a.txt")
    assert not is_package(tmp_path / "none")
    assert is_package(tmp_path)
    (tmp_path / "data/deep").mkdir(parents=True)
    with pytest.raises(NotOurs):
        Folder(tmp_path)
    with pytest.raises(BadInput), opened(tmp_path / "none"):
        pass
    with pytest.raises(BadInput):
        Archive(io.BytesIO(b"PK"))


@pytest.mark.skipif(not HAS_TOOLS, reason="bash, openssl or coreutils are not here")
@pytest.mark.parametrize("name", ["data/e000.jpg", "seal.txt", "health.txt", "manifest-sm3.txt"])
def test_the_script_names_the_file_that_was_altered_in_both_languages(
    case: Case, tmp_path: Path, name: str
) -> None:
    (tmp_path / "root.crt").write_bytes(case.root)
    folder = unpack(case.members("logged"), tmp_path / "unpacked")
    changed = folder / name
    changed.write_bytes(changed.read_bytes()[:-1] + b"#")
    code, said = by_script(folder, tmp_path / "root.crt")
    assert code == 1
    assert f"核验不通过：{name} 被改动" in said
    assert f"NOT GENUINE: {name} was changed" in said


@pytest.mark.skipif(not HAS_TOOLS, reason="bash, openssl or coreutils are not here")
def test_the_script_names_what_was_added_and_the_root_that_it_used(case: Case, tmp_path: Path) -> None:
    (tmp_path / "root.crt").write_bytes(case.root)
    folder = unpack(case.members("logged"), tmp_path / "unpacked")
    code, said = by_script(folder, tmp_path / "root.crt")
    assert code == 0
    assert fingerprint(case.root) in said.replace(":", "").lower()
    (folder / "data/e999\x1b[2J.jpg").write_bytes(b"x")
    code, said = by_script(folder, tmp_path / "root.crt")
    assert code == 1
    assert "多出文件 data/e999" in said
    assert "\x1b" not in said
