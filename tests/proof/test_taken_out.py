"""A package of which an order took a photograph out: taken out and not altered, say all verifiers alike."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.documents.evidence_list import list_paper
from models.documents.public_copy import public_paper, public_pictures
from models.documents.record_paper import PROMISE, record_paper
from models.documents.stored_zip import Archive
from models.errors import BadInput, StoreRefused
from models.inspections import canonical
from models.registry.sealing import sealed_bytes
from models.store.change import attach, new_id, put
from models.store.entry import Entry, hash_input
from models.store.journal import EntryRow
from models.store.notebook import Notebook
from sync.client import synchronise
from sync.embedded import embedded
from sync.files import files_named
from sync.ledger import Ledger
from sync.proof import layout
from sync.proof.checking import check
from sync.proof.making import package
from sync.proof.reading import Held
from sync.server import admin, redacting
from sync.server.central import Central
from sync.server.verify_page import look_up
from tests.conftest import UNIT
from tests.once import made_once

from .conftest import needs_tools
from .judges import HAS_NODE, Page, by_python, by_script, unpack
from .made import QUICK, Case, World, case_of, make_world
from .mutations import Members, resealed, retagged
from .test_insider import logged

PARTS = [f"order.{part}" for part in layout.ORDER_PARTS]


@dataclass(frozen=True)
class Shortened:
    """A case of which one photograph went, and the package that is made of it then."""

    case: Case
    members: Members
    whole: Members
    """The package of before."""
    stem: str
    path: str
    root: Path


@contextmanager
def _copied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Case, Path]]:
    there, world = made_once(tmp_path_factory, "proof", lambda folder: (folder, make_world(folder)))
    made: World = world
    folder = shutil.copytree(there, tmp_path_factory.mktemp("short") / "case")
    with case_of(made, folder) as case:
        yield case, folder


@pytest.fixture(scope="module")
def shortened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shortened]:
    with _copied(tmp_path_factory) as (case, folder):
        whole = case.members("logged")
        path = max(name for name in whole if layout.EVIDENCE.fullmatch(name))
        _take_out(case, _sha256_of(whole, path))
        target = folder / "short.zip"
        packed = package(case.book, case.sealed.record, target)
        assert packed.files == 1
        with target.open("rb") as file:
            archive = Archive(file)
            members = {each: b"".join(archive.blocks(each)) for each in archive.names()}
        stem = path.removeprefix("data/").partition(".")[0]
        yield Shortened(case, members, whole, stem, path, folder / "root.crt")


def _take_out(case: Case, sha256: str) -> None:
    redacting.redact(
        case.central, _naming(case.central, sha256), by=_head(case), why="(2026)某号", file=sha256
    )
    _sync(case.central, case.book)


def _head(case: Case) -> str:
    """Who carries orders out."""
    return admin.add_officer(case.central, "负责人", role="county_head", certificate="", unit_code="350602")


def _sha256_of(members: Members, path: str) -> str:
    lines = members[layout.MANIFEST].decode().splitlines()
    return next(line[:64] for line in lines if line.endswith(f"  {path}"))


def _naming(central: Central, sha256: str) -> str:
    with central:
        rows = [
            row for row in EntryRow.select() if sha256 in [each.sha256 for each in files_named(row.entry())]
        ]
    return bytes(rows[0].hash).hex()


def _sync(central: Central, book: Notebook) -> None:
    with embedded(central) as running:
        server = Ledger(book).server()
        assert server is not None
        Ledger(book).update_server(url=running.url)
        assert synchronise(book, pace=QUICK).ok


def _answers(short: Shortened, members: Members, folder: Path) -> list[str]:
    """What each verifier answers."""
    case = short.case
    return _answers_of(members, case.root, short.root, folder)


def _answers_of(members: Members, root: bytes, root_file: Path, folder: Path) -> list[str]:
    found = [by_python(members, root)]
    there = unpack(members, folder / "package")
    found.append({0: "genuine", 1: "false", 2: "unknown"}[by_script(there, root_file)[0]])
    if HAS_NODE:
        page = Page(root_file)
        found.append(page.says(there)["answer"])
        page.close()
    return found


@needs_tools
def test_all_verifiers_say_taken_out_and_not_altered(shortened: Shortened, tmp_path: Path) -> None:
    members = shortened.members
    assert shortened.path not in members
    assert {f"{shortened.stem}.{part}" for part in PARTS} <= members.keys()
    assert set(_answers(shortened, members, tmp_path)) == {"genuine"}
    said = check(Held(members), shortened.case.root).sentences()
    assert any("已按令删除，并非被改动" in line and shortened.path in line for line in said)
    _code, output = by_script(tmp_path / "package", shortened.root)
    assert f"已按令删除，并非被改动：{shortened.path}" in output
    if HAS_NODE:
        page = Page(shortened.root)
        lines = page.says(tmp_path / "package")["lines"]
        page.close()
        assert any("已按令删除" in chinese and shortened.path in chinese for chinese, _english in lines)
    assert "已按令删除 / taken out by order" in members["health.txt"].decode()


def test_a_public_copy_leaves_it_out_and_says_so(shortened: Shortened, tmp_path: Path) -> None:
    book, record = shortened.case.book, shortened.case.sealed.record
    pictures, gone = public_pictures(book, record, tmp_path)
    assert [name.startswith(shortened.stem.rpartition("/")[2]) for name in gone] == [True]
    assert len(pictures) == sum(1 for each in shortened.whole if layout.EVIDENCE.fullmatch(each)) - 1
    assert not any(shortened.stem in each.name for each in pictures)
    copy = "".join(str(public_paper(book, record, "evidence", ".txt")).split())
    listed, notice = copy.split("签封后有")
    assert listed.count("内容已按令删除（(2026)某号）") == 1
    assert notice.startswith("内容已按令删除（(2026)某号），本件也不含该内容")
    assert "原件未作改动" not in copy


@needs_tools
def test_the_public_page_says_so_of_a_file_that_went_by_itself(shortened: Shortened) -> None:
    case = shortened.case
    found = look_up(case.central, case.sealed.qr_text)
    assert found.genuine
    assert "本记录的内容已按令删除。哈希、签封签名和在日志中的位置完好。" in found.warnings


def test_a_package_of_before_stays_genuine(shortened: Shortened, tmp_path: Path) -> None:
    assert set(_answers(shortened, shortened.whole, tmp_path)) == {"genuine"}


def _without(name: str) -> Callable[[Shortened], Members]:
    return lambda short: {key: data for key, data in short.members.items() if key != f"{short.stem}.{name}"}


def _flipped(name: str) -> Callable[[Shortened], Members]:
    def bend(short: Shortened) -> Members:
        key = f"{short.stem}.{name}"
        data = bytearray(short.members[key])
        data[random.Random(name).randrange(len(data))] ^= 1
        return short.members | {key: bytes(data)}

    return bend


def _order_of_nothing(short: Shortened) -> Members:
    """The whole package with the order beside it."""
    more = {name: data for name, data in short.members.items() if layout.ORDER.fullmatch(name)}
    return short.whole | more


def _for_the_other(short: Shortened) -> Members:
    """The other photograph is left out too, under the same order."""
    (other,) = [name for name in short.members if layout.EVIDENCE.fullmatch(name)]
    order = {part: short.members[f"{short.stem}.{part}"] for part in PARTS}
    return _left_out(short.members, other, order)


def _left_out(members: Members, path: str, order: dict[str, bytes]) -> Members:
    """The package without that piece of evidence, and an order in its place."""
    stem = path.removeprefix("data/").partition(".")[0]
    kept = {name: data for name, data in members.items() if name != path}
    for manifest in (layout.MANIFEST, layout.MANIFEST_SM3):
        lines = kept[manifest].decode().splitlines(keepends=True)
        kept[manifest] = "".join(line for line in lines if not line.endswith(f"  {path}\n")).encode()
    return kept | {f"{stem}.{part}": data for part, data in order.items()}


def _signed_by_the_packer(short: Shortened) -> Members:
    """An order that the notebook makes up itself."""
    prev, head, body = (short.members[f"{short.stem}.order.{part}"] for part in ("prev", "head", "body"))
    return short.members | {
        f"{short.stem}.order.sig": short.case.book.sign(hash_input(prev, head, body)),
    }


BENT = {
    "nothing bent": (lambda short: short.members, "genuine"),
    **{f"no {part}": (_without(part), "false") for part in PARTS},
    **{f"{part} bent": (_flipped(part), "false") for part in PARTS},
    "no certificate of the log": (
        lambda short: {
            name: data
            for name, data in short.members.items()
            if name not in layout.LOGGED | layout.STAMPED | {"log.crt", layout.NOTE_OF_TIME}
        },
        "false",
    ),
    "an order and the photograph": (_order_of_nothing, "false"),
    "another photograph left out under it": (_for_the_other, "false"),
    "an order that the packer signed": (_signed_by_the_packer, "false"),
    "left out without an order": (
        lambda short: {
            name: data for name, data in short.members.items() if not layout.ORDER.fullmatch(name)
        },
        "false",
    ),
}


@needs_tools
@pytest.mark.parametrize("how", BENT)
def test_what_is_bent_is_told_by_all_verifiers(shortened: Shortened, tmp_path: Path, how: str) -> None:
    """Also by who may sign the package anew, as every officer of the agency may."""
    bend, wanted = BENT[how]
    members = retagged(bend(shortened), shortened.case.book.signer)
    assert set(_answers(shortened, members, tmp_path)) == {wanted}


@dataclass(frozen=True)
class Twice:
    """Two photographs of a sealed record, each of which an entry of another record names as well."""

    case: Case
    whole: Members
    paths: tuple[str, str]
    elsewhere: tuple[str, str]
    """Entries of that other record that name them, by hash."""
    root: Path

    def order(self, digest: str) -> dict[str, bytes]:
        """The order on the content of an entry, as it stands in the place of a piece of evidence."""
        said = redacting.redact(self.case.central, digest, by=_head(self.case), why="(2026)某号")
        return self.bent(said)

    def bent(self, said: Entry, old: bytes = b"", new: bytes = b"") -> dict[str, bytes]:
        """The parts of such an order; with other words in it, under the server's signature all the same."""
        body = said.body.replace(old, new, 1) if old else said.body
        assert (body == said.body) == (not old)
        signature = self.case.central.sign(hash_input(said.prev, said.head, body))
        return dict(zip(PARTS, (said.prev, said.head, body, signature), strict=True))


@pytest.fixture
def twice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twice]:
    with _copied(tmp_path_factory) as (case, folder):
        whole = case.members("logged")
        paths = sorted(name for name in whole if layout.EVIDENCE.fullmatch(name))
        other, hashes = new_id(), [_sha256_of(whole, each) for each in paths]
        files = [attach("evidence", other, UNIT, {"sha256": each, "name": "a.jpg"}) for each in hashes]
        said = case.book.write(put("evidence", other, UNIT, title="照片"), *files)
        _sync(case.central, case.book)
        one, two = (each.hash.hex() for each in said if each.parsed_head.k == "attach")
        yield Twice(case, whole, (paths[0], paths[1]), (one, two), folder / "root.crt")


@needs_tools
def test_an_order_on_another_record_takes_nothing_out_of_this_one(twice: Twice, tmp_path: Path) -> None:
    """It names the photograph, which stays as the sealed record's own entry names it."""
    order = twice.order(twice.elsewhere[0])
    sha256 = _sha256_of(twice.whole, twice.paths[0])
    assert twice.case.central.vault.has(sha256)
    left_out = _left_out(twice.whole, twice.paths[0], order)
    bent = retagged(left_out, twice.case.book.signer)
    assert set(_answers_of(bent, twice.case.root, twice.root, tmp_path)) == {"false"}
    _sync(twice.case.central, twice.case.book)
    assert package(twice.case.book, twice.case.sealed.record, tmp_path / "whole.zip").files == 2


@needs_tools
def test_an_order_on_an_entry_takes_out_its_own_piece_of_evidence(twice: Twice, tmp_path: Path) -> None:
    case, (one, other) = twice.case, twice.paths
    order = twice.order(_naming(case.central, _sha256_of(twice.whole, one)))
    under_it = retagged(_left_out(twice.whole, one, order), case.book.signer)
    assert set(_answers_of(under_it, case.root, twice.root, tmp_path)) == {"genuine"}
    both = retagged(_left_out(under_it, other, order), case.book.signer)
    assert set(_answers_of(both, case.root, twice.root, tmp_path)) == {"false"}
    twice.order(twice.elsewhere[0])  # now nothing names the file any more, and it goes
    _sync(case.central, case.book)
    target = tmp_path / "short.zip"
    assert package(case.book, case.sealed.record, target).files == 1
    with target.open("rb") as file:
        archive = Archive(file)
        made = {each: b"".join(archive.blocks(each)) for each in archive.names()}
    assert set(_answers_of(made, case.root, twice.root, tmp_path)) == {"genuine"}


@needs_tools
def test_only_the_servers_own_list_of_files_counts(twice: Twice, tmp_path: Path) -> None:
    """What an order keeps of the entry is its writer's: an amendment may name anything."""
    case, (one, other) = twice.case, twice.paths
    digest = _naming(case.central, _sha256_of(twice.whole, one))
    said = redacting.redact(case.central, digest, by=_head(case), why='"files":["x"]')
    wanted, another = (_sha256_of(twice.whole, each).encode() for each in (one, other))
    elsewhere = [
        (b',"files":["' + wanted, b',"x":{"amends":{"files":["' + wanted + b'"]}},"files":["' + another),
        (
            b',"files":["' + wanted,
            b',"x":{"amends":"\\",\\"files\\":[\\"' + wanted + b'"},"files":["' + another,
        ),
        (b',"files":["' + wanted + b'"', b',"files":[],"left":["' + wanted + b'"'),
        (b',"files":["' + wanted, b',"files":["x' + wanted),
    ]
    assert set(_answers_of(_retagged(twice, one, twice.bent(said)), case.root, twice.root, tmp_path)) == {
        "genuine"
    }
    for old, new in elsewhere:
        members = _retagged(twice, one, twice.bent(said, old, new))
        assert set(_answers_of(members, case.root, twice.root, tmp_path)) == {"false"}, new
    kept = twice.bent(said, b',"files":[', b',"x":{"voided":"-","amends":"\\"},{\\u000a"},"files":[')
    assert set(_answers_of(_retagged(twice, one, kept), case.root, twice.root, tmp_path)) == {"genuine"}


def _retagged(twice: Twice, path: str, order: dict[str, bytes]) -> Members:
    return retagged(_left_out(twice.whole, path, order), twice.case.book.signer)


def test_without_the_servers_certificate_no_package_is_made(
    shortened: Shortened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Ledger, "log_certificate", lambda self: "")
    with pytest.raises(BadInput):
        package(shortened.case.book, shortened.case.sealed.record, tmp_path / "none.zip")
    assert not (tmp_path / "none.zip").exists()


def test_without_the_sealed_record_itself_no_package_is_made(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    with _copied(tmp_path_factory) as (case, _folder):
        _take_out(case, case.sealed.sha256)
        with pytest.raises(StoreRefused, match="某号"):
            package(case.book, case.sealed.record, tmp_path / "none.zip")
        with pytest.raises(StoreRefused, match="某号"):
            sealed_bytes(case.book, case.sealed.record)
    assert not (tmp_path / "none.zip").exists()


def test_papers_printed_afterwards_say_that_they_are_not_what_was_sealed(
    shortened: Shortened, tmp_path_factory: pytest.TempPathFactory
) -> None:
    book, record = shortened.case.book, shortened.case.sealed.record
    for paper in (record_paper(book, record), list_paper(book, record)):
        assert "按令删除（(2026)某号）" in paper.promise
        assert paper.qr_text == shortened.case.sealed.qr_text
    with _copied(tmp_path_factory) as (case, _folder):
        assert record_paper(case.book, case.sealed.record).promise == PROMISE


@needs_tools
def test_what_looks_like_evidence_elsewhere_in_the_record_excuses_nothing(
    twice: Twice, tmp_path: Path
) -> None:
    """Who seals a record may have written into it whatever they like."""
    case, (one, _) = twice.case, twice.paths
    order = twice.order(twice.elsewhere[0])
    record = canonical.decode(twice.whole[layout.RECORD])
    (item,) = [each for each in record["evidence"] if each["path"] == one]
    head = json.loads(order["order.head"])
    record["like"] = item | {"about": item["about"] | {"id": head["e"]}}
    sealed = resealed(twice.whole, canonical.encode(record), case.book.signer)
    whole = logged(case, sealed, datetime(2026, 12, 1, tzinfo=UTC))
    left_out = retagged(_left_out(whole, one, order), case.book.signer)
    for name, members in (("whole", whole), ("short", left_out)):
        assert set(_answers_of(members, case.root, twice.root, tmp_path / name)) == {"false"}
