"""What the terminal itself owes: work without a network, a log in which tampering shows."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.cases.damage import clues
from models.documents import papers
from models.documents.export import export
from models.inspections import sealing, verbs
from models.inspections.items import items_of
from models.registry import verbs as registry
from models.store import keys
from models.store.change import new_id, put
from models.store.health import problems
from models.store.journal import EntryRow
from models.store.notebook import Notebook
from tests.conftest import unguarded
from tests.models.cases.flow.world import Office
from tests.models.inspections.conftest import Visit

UNIT = "350602"


@pytest.fixture
def ways_out(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every way out of the process is closed; the names of those that were tried."""
    tried: list[str] = []

    def closed(name: str) -> Callable[..., Any]:
        def refuse(*_given: Any, **_named: Any) -> Any:
            tried.append(name)
            raise OSError(f"{name}: there is no network here")

        return refuse

    for name in ("connect", "connect_ex", "sendto", "bind"):
        monkeypatch.setattr(socket.socket, name, closed(name))
    for name in ("getaddrinfo", "gethostbyname", "create_connection", "create_server"):
        monkeypatch.setattr(socket, name, closed(name))
    return tried


@pytest.mark.requirement("R084")
def test_from_an_inspection_to_a_performed_agreement_nothing_asks_for_a_network(
    notebook: Notebook, officers: tuple[str, str], tmp_path: Path, ways_out: list[str]
):
    office = Office.of(notebook)
    site = registry.add_site(notebook, "示例印染企业03", address="示例路3号")
    begun = verbs.begin(
        notebook, site_id=site, first_officer=officers[0], second_officer=officers[1], checklists="A,W"
    )
    visit = Visit(notebook, begun, site, *officers)
    visit.fill()
    item = next(iter(items_of("A,W")))
    verbs.answer(notebook, begun, item, "problem", "私设暗管")
    finding = verbs.find(notebook, begun, item, "私设暗管")
    photo = tmp_path / "暗管.txt"
    photo.write_text("照片", encoding="utf-8")
    verbs.take_in(notebook, begun, photo, kind="documentary", purpose="证明暗管")
    verbs.finish(notebook, begun)
    sealing.seal_inspection(notebook, begun)
    written = papers.written_paper(notebook, begun, "record", ".docx")
    assert export(notebook, written, tmp_path / "笔录.docx").stat().st_size == len(written)
    assert clues.from_inspection(notebook, begun, finding)
    case = office.to_agreement("2021-03-10")
    made = office.plan_release(case, "2021-03-16")
    office.step(case, "performance", "2021-03-17")
    office.release(made, "2021-03-20")
    office.paper(case, "stage_acceptance", "2021-03-21")
    office.step(case, "performed", "2021-03-21")
    assert office.at(case).stage == "performance"
    assert notebook.search("示例印染")
    assert problems(notebook) == []
    assert ways_out == []


def rows(notebook: Notebook) -> list[EntryRow]:
    with notebook:
        return list(EntryRow.select().order_by(EntryRow.seq))


@pytest.fixture
def kept(notebook: Notebook) -> str:
    """A record of three entries; its id."""
    record = new_id()
    for name in ("示例企业一", "示例企业二", "示例企业三"):
        notebook.write(put("site", record, UNIT, name=name))
    assert problems(notebook) == []
    return record


@pytest.mark.requirement("R086")
@pytest.mark.parametrize("part", ["body", "head", "prev", "signature", "hash"])
def test_one_changed_byte_of_any_part_of_an_entry_is_noticed(notebook: Notebook, kept: str, part: str):
    row = next(row for row in rows(notebook) if row.record == kept)
    sound = bytes(getattr(row, part))
    for place in (0, len(sound) // 2, len(sound) - 1):
        changed = bytearray(sound)
        changed[place] ^= 1
        with notebook.writing():
            unguarded()
            EntryRow.update({part: bytes(changed)}).where(EntryRow.n == row.n).execute()
        assert problems(notebook) != []
    with notebook.writing():
        EntryRow.update({part: sound}).where(EntryRow.n == row.n).execute()
    assert problems(notebook) == []


@pytest.mark.requirement("R086")
def test_an_entry_that_another_key_signed_anew_is_noticed(notebook: Notebook, kept: str, tmp_path: Path):
    other = Notebook.create(tmp_path / "another", "另一个口令-2026", person="", unit=UNIT, cost=keys.FAST)
    other.write(put("site", kept, UNIT, name="示例企业九"))
    forged = next(row for row in rows(other) if row.record == kept)
    other.close()
    last = [row for row in rows(notebook) if row.record == kept][-1]
    parts = {name: bytes(getattr(forged, name)) for name in ("hash", "prev", "head", "body", "signature")}
    with notebook.writing():
        unguarded()
        EntryRow.update(parts).where(EntryRow.n == last.n).execute()
    assert any("签名不符" in said for said in problems(notebook))


@pytest.mark.requirement("R086")
def test_an_entry_that_was_taken_out_is_noticed(notebook: Notebook, kept: str):
    for row in rows(notebook)[::-1]:
        if row.own:
            with notebook.writing():
                EntryRow.delete().where(EntryRow.n == row.n).execute()
            assert problems(notebook) != []
            with notebook.writing():
                EntryRow.insert(row.__data__).execute()
    assert problems(notebook) == []
