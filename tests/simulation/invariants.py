"""What must hold when everything has come to rest."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from models import catalogue
from models.registry import access
from models.store.database import run
from models.store.entry import Entry, is_withheld
from models.store.fold import JUDGING, fold
from models.store.journal import PUT_ASIDE, EntryRow
from models.store.lookup import rows_of as looked_up
from models.store.projection import Conflicted
from models.store.seat import Seat
from models.store.signer import verify_raw
from sync.checkpoint import open_checkpoint
from sync.ledger import Ledger
from sync.receipts import Receipt, check_file_receipt
from sync.server import people, uploads
from sync.server.central import Central
from sync.server.tables import Account, Blob, Device, SignedHead, UnitGrant
from sync.tables import FileRow, FormerChain, Proof, TreeHead
from tests.rows import digest

from . import records
from .template import PEOPLE

if TYPE_CHECKING:
    from .books import Book, Held
    from .world import World

_COLUMNS = (
    "device, seq, hash, prev, head, body, signature, unit, cursor, unit_n, kind, record_kind, record, state"
)
Row = tuple[Any, ...]
DEVICE, SEQ, HASH, PREV, HEAD, BODY, SIGNATURE, UNIT, CURSOR, UNIT_N, KIND, RECORD_KIND, RECORD, STATE = (
    range(14)
)
_verified: set[tuple[bytes, bytes, bytes]] = set()
"""Key, hash and signature of entries that were verified in this process."""


def rows_of(seat: Seat) -> list[Row]:
    """All entries of a seat, raw."""
    with seat:
        return [tuple(row) for row in run(f"SELECT {_COLUMNS} FROM entry ORDER BY device, seq").fetchall()]


def check(world: World) -> None:
    """Every invariant.

    Raises:
        AssertionError: the first that does not hold.
    """
    central = world.server.central
    log = rows_of(central)
    _chains(world, central, log)
    _tree(central, log)
    uids = {_uid(row) for row in log}
    _nothing_lost(world, uids)
    _everything_judged(central, log)
    _what_was_taken_stays(central, log)
    for book in world.books:
        _copy_equal(world, book, log, uids)
        _receipts(world, book, log)
        _files(world, book)
    _projections(world, central)
    _order_is_nothing(world, central)
    _refolded(central, log)
    records.check(world, central, _aside(central, log))
    root = central.sign_head().root.hex()
    world.say(f"end {len(log)} {root} {_projection_hash(central)}")


def _entry(row: Row) -> Entry:
    return Entry(row[PREV], row[HEAD], row[BODY], row[SIGNATURE], row[HASH])


def _uid(row: Row) -> str:
    """The name of an entry's first home, read by hand."""
    origin = json.loads(row[HEAD]).get("o") if b'"o":{' in row[HEAD] else None
    return str(origin["h"]) if origin else row[HASH].hex()


# -- the log -----------------------------------------------------------------------------------------


def _chains(world: World, central: Central, log: list[Row]) -> None:
    """Each device's entries are dense from 1, chained, and signed by its key."""
    with central:
        keys = {row.id: bytes(row.public_key) for row in Device.select()}
    keys[central.device] = central.public_key_der
    before: dict[str, tuple[int, bytes]] = {}
    for row in log:
        seq, prev = before.get(row[DEVICE], (0, bytes(32)))
        assert row[SEQ] == seq + 1, f"{row[DEVICE]}: {row[SEQ]} after {seq}"
        assert row[PREV] == prev, f"{row[DEVICE]} {row[SEQ]}: the chain is broken"
        data = b"op1\0" + prev + hashlib.sha256(row[HEAD]).digest() + _body_digest(row[BODY])
        assert hashlib.sha256(data).digest() == row[HASH], f"{row[DEVICE]} {row[SEQ]}: another hash"
        key = keys.get(row[DEVICE])
        assert key is not None, f"{row[DEVICE]}: in the log, not enrolled"
        signed = key, row[HASH], row[SIGNATURE]
        if signed not in _verified:
            assert verify_raw(key, row[SIGNATURE], data), f"{row[DEVICE]} {row[SEQ]}: false signature"
            _verified.add(signed)
        head = _entry(row).parsed_head
        assert (head.d, head.q) == (row[DEVICE], row[SEQ])
        before[row[DEVICE]] = row[SEQ], row[HASH]


def _body_digest(body: bytes) -> bytes:
    """Of the content, or as it stands where an order took that out."""
    return bytes.fromhex(body[1:].decode()) if is_withheld(body) else hashlib.sha256(body).digest()


def _root(leaves: list[bytes]) -> bytes:
    """The root by the definition (RFC 6962 section 2.1), not by the product's code."""
    if len(leaves) == 1:
        return leaves[0]
    cut = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + _root(leaves[:cut]) + _root(leaves[cut:])).digest()


def _tree(central: Central, log: list[Row]) -> None:
    """Cursors and the numbers in each unit are dense; the tree is that of the log, never rewritten."""
    placed = sorted(log, key=lambda row: row[CURSOR])
    assert [row[CURSOR] for row in placed] == list(range(1, len(log) + 1)), "the log is not dense"
    numbers: dict[str, int] = defaultdict(int)
    for row in placed:
        numbers[row[UNIT]] += 1
        assert row[UNIT_N] == numbers[row[UNIT]], f"unit {row[UNIT]} is not dense at {row[CURSOR]}"
    leaves = [hashlib.sha256(b"\0" + row[HASH]).digest() for row in placed]
    head = central.sign_head()
    assert (head.size, head.root) == (len(log), _root(leaves)), "the root is not that of the log"
    with central:
        for signed in SignedHead.select():
            assert bytes(signed.root) == _root(leaves[: signed.size]), (
                f"the head at {signed.size} is of another log"
            )
    assert central.recheck() == len(log)


def _nothing_lost(world: World, uids: set[str]) -> None:
    """What any surviving seat held as kept is at the server."""
    for name, held in [
        ("the server", world.server.held),
        *((each.name, _owed(each)) for each in world.books),
    ]:
        lost = sorted(what for uid, what in held.items() if uid not in uids)
        assert not lost, f"{name} held {len(lost)} entries that are lost: {lost[:4]}"


def _owed(book: Book) -> Held:
    """What a notebook has to hand in: all that it held, but for what its state keeps it from handing in."""
    if book.revoked:  # it gives back nothing of others
        own = [f" {device[:6]}/" for device in book.devices]
        return {uid: what for uid, what in book.held.items() if any(each in what for each in own)}
    return book.held


def _everything_judged(central: Central, log: list[Row]) -> None:
    """An entry is marked as put aside exactly when a verdict in the log says so."""
    aside = _aside(central, log)
    for row in log:
        marked, judged = row[STATE] == PUT_ASIDE, row[HASH].hex() in aside
        assert marked == judged, (
            f"{row[DEVICE][:6]} {row[SEQ]} ({row[KIND]}): marked {marked}, judged {judged}"
        )
        assert not (judged and row[RECORD_KIND] == "kind_of_2031" and aside[row[HASH].hex()] == "forbidden")


def _what_was_taken_stays(central: Central, log: list[Row]) -> None:
    """Who was ever revoked is, through any restore; accounts are as a grant says that no other replaced."""
    own = [row for row in log if row[DEVICE] == central.device]
    with central:
        alive = {row.id for row in Device.select().where(Device.revoked_at.is_null())}
        held = {
            row.officer: (row.role, [each.unit for each in looked_up(UnitGrant, "unit", officer=row.officer)])
            for row in looked_up(Account, "officer")
        }
    assert alive.isdisjoint(row[RECORD] for row in own if row[KIND] == "revoke"), "revoked, and here again"
    grants = [(_uid(row), json.loads(row[BODY])) for row in own if row[KIND] == "grant"]
    replaced = {uid for _, body in grants for uid in body["b"]}
    last: dict[str, list[object]] = defaultdict(list)
    for uid, body in grants:
        if uid not in replaced:
            last[body["officer"]].append((body["role"], sorted({*body["units"], *body["read_only"]})))
    for officer, wanted in last.items():
        assert held[officer] in wanted, f"{officer} has {held[officer]}, the log says {wanted}"


def _aside(central: Central, log: list[Row]) -> dict[str, str]:
    """What the server's word on an entry puts aside, hash to reason.

    Of those whose place no other takes the last decision of this life of the log counts, else the latest that
    came back of a former one, else the last verdict.
    """
    words = [row for row in log if row[DEVICE] == central.device and row[KIND] in JUDGING]
    replaced = {uid for row in words for uid in json.loads(row[BODY]).get("b", [])}
    said: dict[str, tuple[tuple[int, int], str, dict[str, Any]]] = {}
    for row in words:
        if _uid(row) not in replaced:
            body = json.loads(row[BODY])
            came_back = b'"o":{' in row[HEAD]
            weight = (0, 0) if row[KIND] == "verdict" else (1, _entry(row).time) if came_back else (2, 0)
            before = said.get(body["of"])
            if before is None or weight >= before[0]:
                said[body["of"]] = weight, row[KIND], body
    return {of: str(body.get("type", kind)) for of, (_, kind, body) in said.items() if kind != "release"}


# -- the notebooks -----------------------------------------------------------------------------------


def _copy_equal(world: World, book: Book, log: list[Row], uids: set[str]) -> None:
    """A notebook has of its granted units what the server has, byte for byte, and of others only its own."""
    there = {(row[DEVICE], row[SEQ]): row for row in log}
    granted, role = world.granted(book)
    found: Counter[str] = Counter()
    with book.seat:
        former = {chain.device for chain in looked_up(FormerChain, "device")} | book.devices
    for row in rows_of(book.seat):
        same = there.get((row[DEVICE], row[SEQ]))
        where = f"{book}: {row[DEVICE][:6]} {row[SEQ]} ({row[KIND]} {row[RECORD_KIND]})"
        mine = row[DEVICE] in former
        if same is None or same[HASH] != row[HASH]:
            # a key's first entry may be lost with a life of the log, as nobody carries it; and of others' a
            # revoked device gives back nothing
            elsewhere = row[KIND] == "enrol" or _uid(row) in uids or (book.revoked and not mine)
            assert (row[CURSOR], elsewhere) == (None, True), f"{where} is not in the log"
            continue
        if row[CURSOR] is None:
            assert row[UNIT] not in granted or book.revoked, f"{where} has no place"
            continue
        assert row[CURSOR] == same[CURSOR], f"{where} at {row[CURSOR]}, the server has it at {same[CURSOR]}"
        if row[UNIT] in granted:
            assert row[UNIT_N] == same[UNIT_N] or book.revoked, f"{where}: number {row[UNIT_N]} of its unit"
            found[row[UNIT]] += 1
        notice = row[KIND] in {*JUDGING, "redact"} or _grant_of(row) == book.officer
        assert mine or notice or row[UNIT] in book.ever_granted | set(granted), (
            f"{where} is of a unit that was never granted"
        )
        _body_equal(world, book, row, same, role, where)
        marked = (row[STATE] == PUT_ASIDE) == (same[STATE] == PUT_ASIDE)
        assert marked or row[UNIT] not in granted or book.revoked, (
            f"{where}: put aside on one side only: {row[STATE]} here, {same[STATE]} there; verdicts here "
            f"{_said(book.seat, row)}, there {_said(world.server.central, row)}"
        )
    if book.revoked:
        return
    wanted = Counter(row[UNIT] for row in log if row[UNIT] in granted)
    assert found == wanted, f"{book} lacks entries: {dict(wanted - found)} of {dict(wanted)}"


def _grant_of(row: Row) -> str:
    """Whose grant an entry of the server's is; they see it wherever they read."""
    return str(json.loads(row[BODY])["officer"]) if row[KIND] == "grant" else ""


def _said(seat: Seat, row: Row) -> list[str]:
    with seat:
        entries = seat.journal.entries_of(row[RECORD])
    return [
        f"{each.parsed_head.k} {each.parsed_head.d[:6]}/{each.parsed_head.q}"
        for each in entries
        if each.parsed_head.k in JUDGING and each.parsed_body.get("of") == row[HASH].hex()
    ]


def _body_equal(world: World, book: Book, row: Row, same: Row, role: frozenset[str], where: str) -> None:
    """The content is the server's, or withheld exactly from whom the role does not let read it.

    What an order took out at the server is out here too, but for who is revoked and hears of nothing.
    """
    if is_withheld(same[BODY]) and row[BODY] != same[BODY]:
        assert book.revoked, f"{where}: its content is here though an order took it out"
        return
    if row[BODY] == same[BODY] and (row[KIND] == "redact" or is_withheld(same[BODY])):
        return
    if row[BODY] == same[BODY]:
        may = (
            row[KIND] in JUDGING
            or access.may_read(book.ever_may, row[RECORD_KIND])
            or world.officer_of(row[DEVICE]) == book.officer
            or row[DEVICE] in book.devices
        )
        assert may, f"{where}: read by who may not"
        return
    assert is_withheld(row[BODY]), f"{where}: another content"
    assert row[BODY][1:].decode() == hashlib.sha256(same[BODY]).hexdigest(), f"{where}: another digest"
    may = access.may_read(role, row[RECORD_KIND]) and not book.revoked and row[UNIT] in world.granted(book)[0]
    assert not may, f"{where}: withheld from who may read it"


def _receipts(world: World, book: Book, log: list[Row]) -> None:
    """Receipts and heads that a notebook keeps are of the log as it is."""
    by_cursor = {row[CURSOR]: row for row in log}
    ledger = Ledger(book.seat)
    server = ledger.server()
    if server is None:
        return
    central = world.server.central
    key = bytes(server.key)
    with book.seat:
        proofs = [(row.seq, Receipt.from_dict(json.loads(row.receipt))) for row in looked_up(Proof, "seq")]
        heads = [(row.size, bytes(row.root), row.note) for row in looked_up(TreeHead, "size")]
        files = [(row.sha256, row.receipt) for row in looked_up(FileRow, "sha256", state="received")]
    for seq, receipt in proofs:
        head = receipt.verify(key, server.origin)
        row = by_cursor.get(receipt.cursor)
        assert row is not None, f"{book}: the receipt of {seq} is beyond the log"
        place = (row[HASH], row[DEVICE], row[SEQ])
        assert place == (receipt.entry_hash, book.seat.device, seq), f"{book}: the receipt of {seq} is false"
        assert central.root_at(head.size) == head.root, f"{book}: the head of the receipt of {seq}"
    for size, root, note in heads:
        assert open_checkpoint(note, public_key=key, origin=server.origin).root == root
        if not book.revoked:
            assert central.root_at(size) == root, f"{book}: its head of {size} is of another log"
    for sha256, note in files:
        check_file_receipt(note or "", sha256, origin=server.origin, public_key=key)
        assert book.revoked or central.vault.has(sha256), f"{book}: {sha256[:8]} is not there"


def _files(world: World, book: Book) -> None:
    """Every file of a notebook that its own entries name is at the server, whole, for them to read."""
    central = world.server.central
    ledger = Ledger(book.seat)
    ledger.scan_files()
    with book.seat:
        named = [row.sha256 for row in looked_up(FileRow, "sha256")]
    with central:
        there = {row.sha256 for row in looked_up(Blob, "sha256")}
    for sha256 in named:
        if book.seat.vault.has(sha256):
            assert sha256 in there, f"{book}: the file {sha256[:8]} did not arrive"
            assert central.vault.verify(sha256) == "kept", f"{book}: the file {sha256[:8]} is damaged there"
            _may_open(central, book, sha256)


def _may_open(central: Central, book: Book, sha256: str) -> None:
    """Who names a file, in an entry in effect, and has it may read it, whoever else sent it."""
    caller = people.caller(central, book.seat.device)
    with central:
        uses = run(
            "SELECT e.device FROM file_use u JOIN entry e ON e.cursor = u.cursor"
            " WHERE u.sha256 = ? AND e.state != ?",
            (sha256, PUT_ASIDE),
        ).fetchall()
        named = any(people.officer_of(device) == caller.officer for (device,) in uses)
    if named and not caller.revoked:
        uploads.readable(central, caller, sha256)


# -- what the screens read ---------------------------------------------------------------------------


def _tables(seat: Seat) -> dict[str, str]:
    with seat:
        used = {row[0] for row in run("SELECT DISTINCT record_kind FROM entry").fetchall()}
        found = {kind.name: digest(kind.table) for kind in catalogue.kinds() if kind.name in used}
        rows = [(row.record, row.kind, row.unit, row.fields) for row in looked_up(Conflicted, "record")]
        found["conflicted"] = repr(sorted(rows))
    return found


def _projection_hash(seat: Seat) -> str:
    return hashlib.sha256(repr(sorted(_tables(seat).items())).encode()).hexdigest()


def _projections(world: World, central: Central) -> None:
    """Who reads everything sees what the server sees."""
    everything = world.books[0]
    assert everything.person is PEOPLE[0]
    assert not everything.revoked
    there, here = _tables(central), _tables(everything.seat)
    for name in sorted(there):
        assert here.get(name) == there[name], (
            f"{everything}: {name} differs: {_difference(everything.seat, central, name)}"
        )


def _difference(one: Seat, other: Seat, name: str) -> str:
    kind = catalogue.kind(name)
    if kind is None:
        return ""
    found = []
    for seat in (one, other):
        with seat:
            found.append({row["id"]: row for row in kind.table.select().dicts()})
    for record in sorted(found[0].keys() | found[1].keys()):
        rows = [each.get(record) for each in found]
        if rows[0] != rows[1]:
            if None in rows:
                return f"{record} {'here' if rows[0] else 'there'} only"
            names = [name for name in rows[0] if rows[0][name] != rows[1][name]]
            return f"{record} {[(name, rows[0][name], rows[1][name]) for name in names]}"
    return ""


def _order_is_nothing(world: World, central: Central) -> None:
    """The state of a record does not hang on the order in which its entries came."""
    by_record = _by_record(central)
    for entries in by_record.values():
        if len(entries) > 1:
            shuffled = list(entries)
            world.random.shuffle(shuffled)
            assert fold(entries, {central.device}) == fold(shuffled, {central.device})


def _by_record(central: Central) -> dict[tuple[str, str], list[Entry]]:
    found: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    with central:
        for row in EntryRow.select().order_by(EntryRow.n):
            found[row.record_kind, row.record].append(row.entry())
    return found


def _refolded(central: Central, log: list[Row]) -> None:
    """Made anew from the journal, the tables are the same."""
    before = _tables(central)
    central.refold(sorted({row[RECORD_KIND] for row in log}))
    assert _tables(central) == before, "a refold gives other rows"
