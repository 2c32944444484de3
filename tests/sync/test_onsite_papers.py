"""Interviews, measures, their papers and service travel: whole at the server, read by a colleague."""

from __future__ import annotations

from models import catalogue
from models.documents import shelf
from models.inspections import verbs
from models.registry import verbs as registry
from sync.client import synchronise
from sync.server import admin
from sync.server.central import Central
from sync.server.verify_page import look_up
from tests.rows import digest
from tui.demo.onsite import fill_onsite

from .conftest import QUICK, UNIT, MakeNotebook


def test_what_is_sealed_beside_a_visit_arrives_whole_and_is_printed_elsewhere(
    enrolled: MakeNotebook, central: Central
) -> None:
    second = admin.add_officer(central, "执法员02", certificate="FJ350602092", unit_code=UNIT)
    book = enrolled()
    assert synchronise(book, pace=QUICK).ok
    site = registry.add_site(book, "示例企业05", address="漳州市芗城区示例路5号")
    began = book.clock.wall_ms() - 3 * 3_600_000
    visit = verbs.begin(
        book,
        site_id=site,
        first_officer=book.person,
        second_officer=second,
        checklists="A",
        began_at=began,
    )
    fill_onsite(book, visit, began)
    outcome = synchronise(book, pace=QUICK)
    assert outcome.ok, [trouble.text() for trouble in outcome.problems]
    assert outcome.put_aside == 0
    for kind in catalogue.kinds():
        digests = []
        for seat in (book, central):
            with seat:
                digests.append(digest(kind.table))
        assert digests[0] == digests[1], kind.name
    colleague = enrolled("执法员02")
    assert synchronise(colleague, pace=QUICK).ok
    kinds = {"interview": "interview", "measure_paper": "this", "service": "service"}
    for kind, name in kinds.items():
        known = catalogue.kind(kind)
        assert known is not None
        with book:
            records = [row.id for row in known.table.select()]
        assert records, kind
        for record in records:
            value = shelf.paper(book, kind, record, name)
            assert value.qr_text, kind
            assert shelf.paper(colleague, kind, record, name) == value
            found = look_up(central, value.qr_text)
            assert found.genuine, kind
