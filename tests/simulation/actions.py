"""What people do at their notebooks in a simulated run: real verbs, and changes as verbs make them."""

from __future__ import annotations

import os
from collections.abc import Callable
from random import Random
from typing import Any

from models.errors import QingchaError
from models.inspections import conflicts, verbs
from models.inspections.evidence import take_in
from models.inspections.tables import Inspection
from models.registry import verbs as registry
from models.registry.sealing import seal_record
from models.registry.tables import Site
from models.store.change import Change, amend, attach, new_id, note, put, void
from models.store.entry import Entry
from models.store.journal import insert, row_values
from models.store.lookup import by_id, rows_of
from models.store.projection import Conflicted

from .books import Book
from .template import CITY, FOREIGN, NOBODYS

WORDS = ("排口", "污水站", "危废间", "台账", "监控", "噪声", "油烟", "扬尘")


def text(random: Random) -> str:
    """A few words that differ from any other."""
    return f"{random.choice(WORDS)}{random.randrange(10**6)}"


def _some(book: Book, table: Any, random: Random) -> Any:
    """Any record of a table that is here."""
    with book.seat:
        rows = rows_of(table, "id")
    return random.choice(rows) if rows else None


def _shared_site(book: Book, random: Random) -> Any:
    """One of the sites that all begin with; the first of them most often."""
    with book.seat:
        rows = rows_of(Site, "id", id=tuple(book.world.template.sites))
    return rows[random.randrange(1 + random.randrange(len(rows)))] if rows else None


def _unit(book: Book, random: Random) -> str:
    return random.choice(book.person.units[:4])


def add_site(book: Book, random: Random) -> None:
    registry.add_site(book.seat, f"企业{text(random)}", unit_code=_unit(book, random))


def edit_site(book: Book, random: Random) -> None:
    """Several notebooks change the same few sites: conflicts."""
    field = random.choice(("address", "contact", "phone", "legal_person"))
    site = _shared_site(book, random)
    if site is not None:
        registry.edit_site(book.seat, site.id, **{field: text(random)})


def void_site(book: Book, random: Random) -> None:
    row = _some(book, Site, random)
    if row is not None:
        change = (
            void("site", row.id, row.unit, "重复")
            if random.random() < 0.5
            else put("site", row.id, row.unit, voided=None)
        )
        book.seat.write(change)


def settle(book: Book, random: Random) -> None:
    """Settle a conflict by one of its sides or by something else."""
    with book.seat:
        rows = rows_of(Conflicted, "record")
    if not rows:
        edit_site(book, random)
        return
    row = random.choice(rows)
    field = random.choice(row.fields.split(","))
    if field == "sealed":
        return
    values = [side.value for side in conflicts.sides(book.seat, row.kind, row.record, field)]
    conflicts.settle(book.seat, row.kind, row.record, field, random.choice([*values, text(random)]))


def inspect(book: Book, random: Random) -> None:
    """Begin an inspection with some of what belongs to one."""
    row = _some(book, Site, random)
    if row is None:
        return
    visit = verbs.begin(
        book.seat, site_id=row.id, first_officer=book.seat.person, second_officer=None, checklists="A"
    )
    verbs.edit(book.seat, visit, situation=text(random))
    verbs.answer(book.seat, visit, "A01", random.choice(("ok", "problem")), text(random))
    if random.random() < 0.3:
        verbs.note_complainant(book.seat, visit, name=text(random))


def go_on_inspecting(book: Book, random: Random) -> None:
    row = _some(book, Inspection, random)
    if row is None or row.sealed:
        inspect(book, random)
    elif random.random() < 0.5:
        verbs.edit(book.seat, row.id, situation=text(random))
    else:
        verbs.find(book.seat, row.id, None, text(random))


def photograph(book: Book, random: Random) -> None:
    """Evidence of an inspection: small files, some larger than one chunk."""
    row = _some(book, Inspection, random)
    if row is None or row.sealed:
        inspect(book, random)
        return
    size = random.choice((300, 900, 3_000, 12_000))
    path = book.world.folder / "photo.txt"
    path.write_bytes(random.randbytes(size // 2).hex().encode())
    os.utime(path, (book.world.now / 1000, book.world.now / 1000))
    take_in(book.seat, row.id, path, kind="electronic")


def attach_file(book: Book, random: Random) -> None:
    """A file tied to a record by an `attach` entry; sometimes the same content as another's."""
    content = f"{random.randrange(6)}" if random.random() < 0.3 else text(random)
    kept = book.seat.vault.put_bytes(content.encode() * random.choice((1, 40, 700)))
    body = {"sha256": kept.sha256, "size": kept.size, "mime": "text/plain", "name": "附件.txt"}
    book.seat.write(attach("evidence", new_id(), _unit(book, random), body))


def seal(book: Book, random: Random) -> None:
    """Close an inspection: what the seal leaves out has no effect."""
    row = _some(book, Inspection, random)
    if row is None or (row.sealed and random.random() < 0.7):
        inspect(book, random)
        return
    words = text(random).encode()
    seal_record(
        book.seat, "inspection", row.id, row.unit, "FJ1", None, [row.id], 0, lambda _place, _ms: words, None
    )


def after_the_seal(book: Book, random: Random) -> None:
    """Write on a sealed record all the same, or amend it."""
    with book.seat:
        query = Inspection.select().where(Inspection.sealed.is_null(False)).order_by(Inspection.id)
        sealed = list(query)
    if not sealed:
        seal(book, random)
        return
    row = random.choice(sealed)
    if random.random() < 0.5:
        book.seat.write(put("inspection", row.id, row.unit, situation=text(random)))
        return
    record = new_id()
    book.seat.write(
        put("amendment", record, row.unit, of=row.id, number=text(random)),
        amend("amendment", record, row.unit, row.sealed, "补正"),
    )


def patrol(book: Book, random: Random) -> None:
    book.seat.write(put("patrol", new_id(), _unit(book, random), note=text(random)))


def remark(book: Book, random: Random) -> None:
    site = random.choice(book.world.template.sites)
    book.seat.write(note("site", site, _unit(book, random), text(random)))


def dispatch(book: Book, random: Random) -> None:
    book.seat.write(put("task", new_id(), CITY, title=text(random)))


def newer_version(book: Book, random: Random) -> None:
    """Fields and kinds that this version does not know (R15)."""
    unit = _unit(book, random)
    site = random.choice(book.world.template.sites)
    with book.seat:
        row = by_id(Site, site)
    book.seat.write(
        put("kind_of_2031", new_id(), unit, colour=text(random)),
        put("site", site, row.unit if row is not None else unit, field_of_2031=text(random)),
    )


def forbidden(book: Book, random: Random) -> None:
    """Entries that the server puts aside: for the role, the unit, the kind of entry, the form of the body."""
    which = random.randrange(6)
    unit = _unit(book, random)
    if which == 0:
        book.seat.write(put("inspection", new_id(), unit, situation=text(random)))
    elif which == 1:
        book.seat.write(put("site", new_id(), NOBODYS, name=text(random)))
    elif which == 2:
        target = random.choice(book.world.template.sites)
        book.seat.write(Change("verdict", "site", target, unit, body={"of": "00" * 32, "type": "x"}))
    elif which == 3:
        raw(book, "set", "site", unit, {"f": random.choice(("nonsense", {"name": 7}, {"name": {"x": 1.5}}))})
    elif which == 4:
        raw(book, "set", "site", unit, {"f": {"name": {"x": [1, {"a": text(random)}], "b": []}}})
    else:
        raw(book, "seal", "inspection", unit, {"line": "x", "sig": "y", "covers": [], "bytes": "z"})


def raw(book: Book, kind: str, record_kind: str, unit: str, body: dict[str, Any]) -> None:
    """An entry whose body no verb makes: of a version with a fault, or by hand."""
    seat = book.seat
    with seat.writing():
        seat.write(note(record_kind, new_id(), unit, "手工"))  # with the witness of time before it
        seq, prev = seat._chain_end()
        head = seat._head(Change(kind, record_kind, new_id(), unit), seq + 1, None)
        entry = Entry.written(seat.signer, prev, head, body)
        insert([tuple(row_values(entry, own=True).values())])
        seat._fold([(record_kind, head.e)])
        seat.forget()


def sites_of_foreign(book: Book, random: Random) -> None:
    """Something in a county that only some may see."""
    book.seat.write(put("site", new_id(), FOREIGN, name=text(random)))


OFFICER: tuple[Callable[[Book, Random], None], ...] = (
    add_site,
    edit_site,
    edit_site,
    edit_site,
    void_site,
    settle,
    settle,
    inspect,
    go_on_inspecting,
    photograph,
    photograph,
    attach_file,
    seal,
    after_the_seal,
    remark,
    newer_version,
    forbidden,
)
BY_ROLE = {
    "grid_worker": (patrol, patrol, attach_file, forbidden, newer_version, remark),
    "dispatcher": (dispatch, dispatch, edit_site, settle, add_site, newer_version, remark),
    "county_head": (edit_site, add_site, settle, void_site, newer_version, remark, forbidden),
    "city": (edit_site, edit_site, settle, add_site, dispatch, sites_of_foreign, void_site, newer_version),
}


def act(book: Book, random: Random) -> str:
    """Do one thing; gives what, with the reason where a rule or the disk refused it."""
    action = random.choice(BY_ROLE.get(book.person.role, OFFICER))
    try:
        action(book, random)
    except QingchaError as refused:
        return f"{action.__name__}: {refused.msgid[:40]}"
    return action.__name__
