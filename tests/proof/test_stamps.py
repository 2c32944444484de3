"""Outside time-stamps: asked for in the evening, carried in packages, checked by its authority's root."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from main import main
from models.documents.stored_zip import Archive
from models.errors import BadInput
from models.language import use_language
from models.registry import verbs as registry
from models.store import keys
from models.store.change import new_id, put
from models.store.notebook import Notebook
from sync.address import ServerAddress
from sync.client import enrol, synchronise
from sync.embedded import embedded
from sync.proof import stamps
from sync.proof.checking import check
from sync.proof.making import package
from sync.proof.reading import Held
from sync.server import admin, app, stamping
from sync.server.central import Central
from sync.server.settings import Settings
from tests.conftest import PASSPHRASE, UNIT

from .judges import HAS_NODE, HAS_TOOLS, Page, by_script, unpack
from .made import QUICK, seal_a_visit
from .mutations import retagged
from .tsa import Authority, answering

pytestmark = pytest.mark.openssl


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with answering(tmp_path_factory.mktemp("tsa") / "one") as made:
        yield made


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "other")


@pytest.fixture
def central(tmp_path: Path) -> Iterator[Central]:
    admin.init(tmp_path / "server", organisation="演示生态环境局", host="sync.example.cn")
    with closing(Central.open(tmp_path / "server")) as made:
        yield made


def configured(central: Central, authority: Authority, root: Path | None = None) -> None:
    Settings(tsa=authority.url, tsa_root=str(root or authority.root)).write(central.folder)


def test_the_newest_head_is_stamped_in_the_evening_and_once(
    central: Central, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not stamping.due(central), "no authority is configured"
    configured(central, authority)
    assert stamping.due(central), "there never was one"
    first = stamping.stamp(central)
    assert (first.size, first.authority) == (stamping.newest_size(central), "示例时间戳机构")
    assert not stamping.due(central)
    central.write(put("site", new_id(), UNIT, name="示例企业03"))
    central.sign_head()
    now = central.clock.wall_ms()
    china = (now // 3_600_000 + 8) % 24 * 3_600_000 + now % 3_600_000
    for later, wanted in ((18 * 3_600_000 - china) % 86_400_000 + 60_000, True), (25 * 3_600_000, True):
        monkeypatch.setattr(central.clock, "wall_ms", lambda later=later: now + later)
        assert stamping.due(central) is wanted
    monkeypatch.setattr(central.clock, "wall_ms", lambda: now)
    assert stamping.stamp(central).size > first.size
    assert stamping.stamped_with(central, 1).size == first.size
    assert stamping.stamped_with(central, 10**6) is None


def test_an_authority_that_is_down_or_false_holds_nothing_up(
    central: Central, authority: Authority, other: Authority
) -> None:
    with pytest.raises(BadInput, match="未配置时间戳机构"):
        stamping.stamp(central)
    configured(central, authority, other.root)
    with pytest.raises(BadInput, match="not signed under that root"):
        stamping.stamp(central)
    Settings(tsa="http://127.0.0.1:9/").write(central.folder)
    with pytest.raises(BadInput, match="其他工作不受影响"):
        stamping.stamp(central)
    configured(central, authority)
    authority.status = 503
    try:
        with pytest.raises(BadInput, match="HTTP 503"):
            stamping.stamp(central)
    finally:
        authority.status = 200
    assert stamping.newest_size(central) == 0
    central.write(put("site", new_id(), UNIT, name="示例企业03"))
    assert central.sign_head().size > 1
    with pytest.raises(BadInput, match="http"):
        Settings(tsa="ftp://127.0.0.1/").checked()


def test_the_running_server_asks_by_itself(
    central: Central, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "_AGAIN_S", 0.02)
    Settings(tsa="http://127.0.0.1:9/").write(central.folder)

    async def an_evening() -> None:
        watching = asyncio.create_task(app._stamp_in_the_evening(central))
        await asyncio.sleep(0.3)
        assert stamping.newest_size(central) == 0
        configured(central, authority)
        for _ in range(200):
            await asyncio.sleep(0.05)
            if stamping.newest_size(central):
                break
        watching.cancel()

    asyncio.run(an_evening())
    assert stamping.newest_size(central)


def test_a_package_carries_the_stamp_and_all_verifiers_that_can_check_it(
    central: Central,
    authority: Authority,
    other: Authority,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    second = admin.add_officer(central, "执法员02", certificate="FJ350602092", unit_code=UNIT)
    officer = admin.add_officer(central, "执法员01", certificate="FJ350602091", units=(UNIT,), unit_code=UNIT)
    with ExitStack() as opened:
        book = opened.enter_context(
            closing(Notebook.create(tmp_path / "book", PASSPHRASE, person=officer, unit=UNIT, cost=keys.FAST))
        )
        running = opened.enter_context(embedded(central))
        enrol(book, ServerAddress.parse(running.url), admin.code(central, officer).code, pace=QUICK)
        assert synchronise(book, pace=QUICK).ok
        sealed = seal_a_visit(book, second, tmp_path)
        assert synchronise(book, pace=QUICK).ok
        words = ["admin", "stamp", str(central.folder), "--tsa", authority.url, "--root", str(authority.root)]
        assert main(words) == 0
        assert "示例时间戳机构" in capsys.readouterr().out
        registry.add_site(book, "示例企业21")
        assert synchronise(book, pace=QUICK).ok
        target = tmp_path / "stamped.zip"
        package(book, sealed.number, target)
        before = target.read_bytes()
        assert synchronise(book, pace=QUICK).ok
        package(book, sealed.number, target)
        assert target.read_bytes() == before
        signer = book.signer
    with target.open("rb") as file:
        archive = Archive(file)
        members = {name: b"".join(archive.blocks(name)) for name in archive.names()}
    root = central.authority.encode()
    (tmp_path / "root.crt").write_bytes(root)
    use_language("zh")
    found = check(Held(members), root, authority.root.read_bytes())
    assert found.answer == "genuine"
    assert any("示例时间戳机构 的外部时间戳" in line for line in found.sentences())
    unchecked = check(Held(members), root)
    assert any("外部时间戳，未核对" in line for line in unchecked.sentences())
    assert check(Held(members), root, other.root.read_bytes()).answer == "false"
    bent = members | {"checkpoint.tsr": other.answer(stamps.query(members["checkpoint.txt"])[0])}
    forged = retagged(bent, signer)
    assert check(Held(forged), root, authority.root.read_bytes()).answer == "false"
    folder = unpack(members, tmp_path / "unpacked")
    if HAS_TOOLS:
        code, said = by_script(folder, tmp_path / "root.crt", str(authority.root))
        assert (code, "外部时间戳" in said, "Time: not after" in said) == (0, True, True), said
        code, said = by_script(folder, tmp_path / "root.crt")
        assert (code, "未核对" in said) == (0, True), said
        assert by_script(folder, tmp_path / "root.crt", str(other.root))[0] == 1
        forged_folder = unpack(forged, tmp_path / "forged")
        assert by_script(forged_folder, tmp_path / "root.crt", str(authority.root))[0] == 1
    if HAS_NODE:
        page = Page(tmp_path / "root.crt")
        told = page.says(target)
        page.close()
        assert told["answer"] == "genuine"
        assert any("用 VERIFY.sh" in zh for zh, _en in told["lines"])
    asked = ["verify", str(target), "--root", str(tmp_path / "root.crt"), "--tsa", str(authority.root)]
    assert main(["--lang", "zh", *asked]) == 0
    assert "的外部时间戳证明" in capsys.readouterr().out
