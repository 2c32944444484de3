"""What refuses to make a package, and whose record and files it is made of."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from models.errors import BadInput, RuleBroken, StoreRefused
from models.inspections import canonical, verbs
from models.inspections.tables import Inspection
from models.registry import keeping
from models.registry import verbs as registry
from models.registry.tables import Site
from models.store.change import Change, new_id
from models.store.digests import digests_of
from models.store.journal import EntryRow
from models.store.seat import Arrival, Seat
from sync.proof import making
from sync.proof.making import Packed, package
from tests.conftest import UNIT

from .made import Case
from .test_making import Own, members_of, public_pem, refusal, sealed_in


def test_which_record_is_meant(own: Own, tmp_path: Path) -> None:
    book, number, _ = own
    found = sealed_in(book, number)
    for asked in (number, number.lower(), f"  {number}\n", found.record, f" {found.record} "):
        assert making._sealed(book, asked) == found
    for asked in (number[:-1], f"{number}0", new_id(), "", "%"):
        msgid, params = refusal(lambda asked=asked: making._sealed(book, asked), BadInput)  # type: ignore[misc]
        assert msgid == "There is no record with the number or id {record}."
        assert params == {"record": asked}


def test_a_record_that_only_the_journal_has_is_none(own: Own) -> None:
    """Of a kind that a later program brought, and one that the server put aside: it has no row."""
    book, _, _ = own
    later, gone = new_id(), registry.add_site(book, "示例企业09")
    book.write(Change("note", "later-kind", later, UNIT, body={"text": "x"}))
    with book.writing():
        Site.delete().where(Site.id == gone).execute()
    for record in (later, gone):
        msgid, _params = refusal(lambda record=record: making._sealed(book, record), BadInput)  # type: ignore[misc]
        assert msgid.startswith("There is no record")


def begun(book: Any) -> tuple[str, str]:
    """A site, and a visit there that is only begun."""
    site = registry.add_site(book, "示例企业09")
    with book:
        people = Inspection.select().get()
    officers = {"first_officer": people.first_officer, "second_officer": people.second_officer}
    return site, verbs.begin(book, site_id=site, checklists="A", **officers)


def test_what_is_not_sealed_is_no_package(own: Own) -> None:
    book, _, _ = own
    site, visit = begun(book)
    with book:
        number: str = Inspection.get_by_id(visit).number
    for asked in (site, visit, number):
        with pytest.raises(RuleBroken) as refused:
            making._sealed(book, f" {asked} ")
        assert refused.value.msgid.startswith("{record} is not sealed yet.")
        assert (refused.value.params, refused.value.field) == ({"record": asked}, "record")


def test_what_is_confidential_is_refused_by_what_it_is(own: Own, monkeypatch: pytest.MonkeyPatch) -> None:
    book, number, _ = own
    found = sealed_in(book, number)
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(keeping, "may_open", lambda seat, kind, row: asked.append((seat, kind, row.id)))
    with pytest.raises(RuleBroken) as refused:
        making._sealed(book, number)
    assert refused.value.msgid == "This record is confidential, and not yours to open."
    assert refused.value.field == "record"
    with pytest.raises(RuleBroken):
        making._sealed(book, found.record)
    assert asked == [(book, "inspection", found.record)] * 2


def test_several_of_one_number_are_all_named(own: Own, monkeypatch: pytest.MonkeyPatch) -> None:
    book, number, _ = own
    found = sealed_in(book, number)
    _, visit = begun(book)
    with book.writing():
        Inspection.update(number=number).where(Inspection.id == visit).execute()
    assert making._sealed(book, number) == found, "the other is not sealed"
    other = replace(found, record=visit)
    monkeypatch.setattr(making, "seal_of", lambda seat, record: {visit: other, found.record: found}[record])
    msgid, params = refusal(lambda: making._sealed(book, number), BadInput)
    assert msgid.startswith("Several records bear the number {number}.")
    assert params["number"] == number
    assert sorted(params["ids"].split(", ")) == sorted([found.record, visit])


def test_what_is_not_on_this_laptop_is_named(own: Own, tmp_path: Path) -> None:
    book, number, files = own
    found = sealed_in(book, number)
    gone = "ab" * 32
    about = [
        ({"title": "标题", "name": "名"}, "标题"),
        ({"title": "", "name": "名"}, "名"),
        ({"name": "名"}, "名"),
        ({}, "abababab"),
        (None, "abababab"),
    ]
    for said, shown in about:
        item = {"path": "data/e007.jpg", "sha256": gone, "about": said}
        msgid, params = refusal(lambda item=item: making._evidence(book, found, item), BadInput)  # type: ignore[misc]
        assert msgid.startswith("The evidence file {path} ({name}) is not on this laptop.")
        assert params == {"path": "data/e007.jpg", "name": shown}
    msgid, params = refusal(
        lambda: making._evidence(book, found, {"path": "../x", "sha256": files[0]}), BadInput
    )
    assert msgid.startswith("The record {number} names its evidence as no record of ours does.")
    assert params == {"number": number}
    with pytest.MonkeyPatch.context() as patch:  # of another device, which signs what it likes
        said = {"evidence": [{"path": "../x", "sha256": files[0]}]}
        patch.setattr(canonical, "decode", lambda data: said)
        assert refusal(lambda: package(book, number, tmp_path / "x.zip"), BadInput) == (msgid, params)
    msgid, params = refusal(lambda: making._record_bytes(book, replace(found, sha256=gone)), BadInput)
    assert msgid.startswith("The sealed bytes of {number} are not on this laptop.")
    assert params == {"number": number}


def test_a_file_in_the_vault_is_the_one_that_the_record_names(own: Own) -> None:
    book, number, files = own
    found = sealed_in(book, number)
    source, kept = making._evidence(book, found, {"path": "data/e000.jpg", "sha256": files[0], "sm3": None})
    data = b"".join(source.blocks())
    assert (kept, source.size) == (digests_of(data), len(data))
    assert kept.sha256 == files[0]
    with pytest.raises(StoreRefused) as refused:
        making._evidence(book, found, {"path": "data/e000.jpg", "sha256": files[0], "sm3": "00" * 32})
    assert files[0][:8] in str(refused.value)
    swapped = SimpleNamespace(
        has=lambda sha256: True, open=lambda sha256: BytesIO(b"other"), size=lambda sha256: 5
    )
    seat = cast(Seat, SimpleNamespace(vault=swapped))
    with pytest.raises(StoreRefused) as refused:
        making._evidence(seat, found, {"path": "data/e000.jpg", "sha256": files[0]})
    assert files[0][:8] in str(refused.value)
    with pytest.raises(StoreRefused) as refused:
        making._record_bytes(seat, found)
    assert found.sha256[:8] in str(refused.value)


def test_a_record_of_another_device_is_packed_where_its_files_came(
    case: Case, own: Own, tmp_path: Path
) -> None:
    """Who packs signs the tags, who sealed the seal; its journal is not here to be looked at."""
    book, number, _ = own
    found = sealed_in(book, number)
    other = case.stranger
    with book:
        arrivals = [Arrival(row.entry()) for row in EntryRow.select().order_by(EntryRow.seq)]
    assert other.receive(arrivals) == []
    for sha256 in (found.sha256, *own[2]):
        with book.vault.open(sha256) as stream:
            other.vault.put_bytes(bytes(stream.read()))
    assert package(other, number, tmp_path / "x.zip") == Packed(tmp_path / "x.zip", number, 2, False, False)
    members = members_of(tmp_path / "x.zip")
    assert members["device.pub"] == public_pem(book.public_key_der)
    assert members["package.pub"] == public_pem(other.public_key_der)
    told = members["health.txt"].decode()
    assert f"journal of the device {book.device}: 未在本机 / not on this laptop\n" in told
