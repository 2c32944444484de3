"""Packages of a notebook that goes on under another key: what the former one sealed stays provable."""

from __future__ import annotations

import shutil
from contextlib import ExitStack, closing
from pathlib import Path

from models.documents.stored_zip import Archive
from models.inspections import verbs
from models.registry import verbs as registry
from models.registry.sealing import Sealed
from models.store import keys
from models.store.change import new_id, put
from models.store.notebook import Notebook
from sync.address import ServerAddress
from sync.client import enrol, synchronise
from sync.copied import go_on_alone
from sync.embedded import embedded
from sync.proof.making import package
from sync.server import admin
from sync.server.central import Central
from sync.server.verify_page import look_up
from tests.conftest import PASSPHRASE, UNIT
from tests.visits import fill

from .judges import HAS_NODE, HAS_TOOLS, Page, by_python, by_script, unpack
from .made import QUICK, seal_a_visit


def packed_whole(book: Notebook, sealed: Sealed, folder: Path) -> dict[str, bytes]:
    """The members of a sealed record's package, which lacks nothing."""
    target = folder / f"{sealed.number}.zip"
    packed = package(book, sealed.number, target)
    assert (packed.registered, packed.logged) == (True, True)
    with target.open("rb") as file:
        archive = Archive(file)
        return {name: b"".join(archive.blocks(name)) for name in archive.names()}


def test_what_a_copy_sealed_before_and_after_it_found_itself_out_is_genuine(tmp_path: Path) -> None:
    """Also a visit begun on one laptop and sealed by its copy; no server knew either key then."""
    admin.init(tmp_path / "server", organisation="演示生态环境局", host="sync.example.cn")
    with ExitStack() as open_seats:
        central = open_seats.enter_context(closing(Central.open(tmp_path / "server")))
        officer = admin.add_officer(
            central, "执法员01", certificate="FJ350602091", units=(UNIT,), unit_code=UNIT
        )
        running = open_seats.enter_context(embedded(central))
        person, second = new_id(), new_id()
        book = Notebook.create(tmp_path / "book", PASSPHRASE, person=person, unit=UNIT, cost=keys.FAST)
        for each, number in ((person, 1), (second, 2)):
            named = {"name": f"执法员0{number}", "certificate": f"FJ35060209{number}", "unit_code": UNIT}
            book.write(put("officer", each, UNIT, role="officer", active=True, **named))
        before = seal_a_visit(book, second, tmp_path)
        site = registry.add_site(book, "示例企业05", address="示例路5号")
        visit = verbs.begin(book, site_id=site, first_officer=person, second_officer=second, checklists="A")
        fill(book, visit, "A")
        book.close()
        shutil.copytree(tmp_path / "book", tmp_path / "twin")
        twin = open_seats.enter_context(closing(Notebook.open(tmp_path / "twin", PASSPHRASE)))
        go_on_alone(twin)
        verbs.finish(twin, visit)
        between = verbs.seal_inspection(twin, visit)
        after = seal_a_visit(twin, second, tmp_path)
        assert not package(twin, after.number, tmp_path / "early.zip").registered
        enrol(twin, ServerAddress.parse(running.url), admin.code(central, officer).code, pace=QUICK)
        outcome = synchronise(twin, pace=QUICK)
        assert (outcome.ok, outcome.put_aside) == (True, 0)
        root = central.authority.encode()
        (tmp_path / "root.crt").write_bytes(root)
        for sealed in (before, between, after):
            members = packed_whole(twin, sealed, tmp_path)
            assert (members["device.crt"] == members["package.crt"]) is (sealed is not before)
            assert by_python(members, root) == "genuine"
            if HAS_TOOLS:
                code, said = by_script(unpack(members, tmp_path / "unpacked"), tmp_path / "root.crt")
                assert code == 0, said
            found = look_up(central, sealed.qr_text)
            assert (found.genuine, found.warnings) == (True, ())


def test_seals_of_the_former_key_and_seals_carried_along_are_genuine(tmp_path: Path) -> None:
    admin.init(tmp_path / "server", organisation="演示生态环境局", host="sync.example.cn")
    with ExitStack() as open_seats:
        central = open_seats.enter_context(closing(Central.open(tmp_path / "server")))
        second = admin.add_officer(central, "执法员02", certificate="FJ350602092", unit_code=UNIT)
        officer = admin.add_officer(
            central, "执法员01", certificate="FJ350602091", units=(UNIT,), unit_code=UNIT
        )
        running = open_seats.enter_context(embedded(central))
        book = Notebook.create(tmp_path / "book", PASSPHRASE, person=officer, unit=UNIT, cost=keys.FAST)
        enrol(book, ServerAddress.parse(running.url), admin.code(central, officer).code, pace=QUICK)
        assert synchronise(book, pace=QUICK).ok
        before = seal_a_visit(book, second, tmp_path)
        assert synchronise(book, pace=QUICK).ok
        book.close()
        shutil.copytree(tmp_path / "book", tmp_path / "twin")
        book = open_seats.enter_context(closing(Notebook.open(tmp_path / "book", PASSPHRASE)))
        twin = open_seats.enter_context(closing(Notebook.open(tmp_path / "twin", PASSPHRASE)))
        carried = seal_a_visit(twin, second, tmp_path)
        registry.add_site(book, "示例企业21")
        assert synchronise(book, pace=QUICK).ok
        assert synchronise(twin, pace=QUICK).ok
        assert twin.device != book.device
        root = central.authority.encode()
        (tmp_path / "root.crt").write_bytes(root)
        for sealed in (before, carried):
            members = packed_whole(twin, sealed, tmp_path)
            assert members["device.crt"] != members["package.crt"], "one sealed, another packs"
            assert (b'"o":{' in members["entry.head"]) is (sealed is carried)
            assert by_python(members, root) == "genuine"
            folder = unpack(members, tmp_path / "unpacked")
            if HAS_TOOLS:
                code, said = by_script(folder, tmp_path / "root.crt")
                assert code == 0, said
            if HAS_NODE:
                page = Page(tmp_path / "root.crt")
                assert page.says(folder)["answer"] == "genuine"
                page.close()
            told = members["health.txt"].decode()
            assert ("不在本机" in told or "未在本机" in told) is (sealed is before), told
