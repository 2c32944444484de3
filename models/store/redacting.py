"""Taking content out of the journal that an order of the authority names, and keeping it out.

The table `redacted` remembers what went, beyond the `redact` entries themselves: those of a former life of
the server's log leave the journal until the server says them again (R8), and what they took out must not
come back meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from peewee import CompositeKey, Model, TextField

from models.store import schema
from models.store.database import here, run
from models.store.entry import Entry, is_withheld
from models.store.journal import PUT_ASIDE, EntryRow, Journal
from models.store.lookup import rows_of
from models.store.orders import (
    PROVING,
    REDACT,
    Order,
    digest_of,
    may_go,
    order_on,
    orders_in,
    without_content,
)

Gone = tuple[str, str, str]
"""What an order is about (`Name`), and the record that it is of."""
_FILE = "file"
_TAKE_OUT = "UPDATE entry SET body = ? WHERE device = ? AND seq = ?"
_ORDERS = "SELECT prev, head, body, signature, hash FROM entry WHERE kind = ?"
_NAMING = "SELECT 1 FROM entry WHERE kind != ? AND INSTR(body, ?) > 0 LIMIT 1"
_OPTIMIZE = "INSERT INTO full_text (full_text) VALUES ('optimize')"


@dataclass(frozen=True, slots=True)
class FileOut:
    """A file of a record that an order took out."""

    sha256: str
    order: Order | None
    """None where the server has yet to say it again (R8)."""

    @property
    def why(self) -> str:
        """In words: which order; "" where that is not known."""
        return self.order.why if self.order is not None else ""


class Redacted(Model):
    """Content that was taken out and never comes back."""

    of = TextField()
    """Uid or hash of the entry, in hex; of a file its SHA-256."""
    body = TextField()
    """SHA-256 of its body, in hex; of a file "file"."""
    record = TextField(default="")
    """That the entry is of; "" for a file. Only what is of it can be what went: a uid is a claim."""

    class Meta:
        database = here
        legacy_table_names = False
        primary_key = CompositeKey("of", "body", "record")
        without_rowid = True


def names() -> set[Gone]:
    """What was taken out of this seat, or is not to come into it."""
    return {
        (of, body, record) for of, body, record in run("SELECT of, body, record FROM redacted").fetchall()
    }


def heed(said: Iterable[Entry], authority: Collection[str]) -> list[Order]:
    """Remember the orders among some entries, whether what they name is here or not; gives them."""
    orders = list(orders_in(said, authority).values())
    for order in orders:
        if order.name[1]:
            schema.keep(Redacted, of=order.name[0], body=order.name[1], record=order.said.parsed_head.e)
        for sha256 in order.files if order.only_files else ():
            schema.keep(Redacted, of=sha256, body=_FILE)
    return orders


def files_among(gone: Collection[Gone]) -> set[str]:
    """SHA-256 of the files that went whoever names them.

    Args:
        gone: what `names` gave.
    """
    return {of for of, body, _record in gone if body == _FILE}


def is_file_out(sha256: str) -> bool:
    """Whether an order took a file out, whoever names it: it is not to come back."""
    return run("SELECT 1 FROM redacted WHERE of = ? AND body = ?", (sha256, _FILE)).fetchone() is not None


def kept_out(entry: Entry, gone: Collection[Gone]) -> Entry:
    """An entry as it may be kept here: without its content where that was taken out.

    Args:
        gone: what `names` gave.
    """
    if not gone or is_withheld(entry.body) or entry.parsed_head.k in PROVING:
        return entry
    return without_content(entry) if _is_named(entry, gone) else entry


def is_taken_out(entry: Entry, gone: Collection[Gone]) -> bool:
    """Whether only the hash of an entry's content is here because an order took that out."""
    return is_withheld(entry.body) and _is_named(entry, gone)


def _is_named(entry: Entry, gone: Collection[Gone]) -> bool:
    digest, record = digest_of(entry.body), entry.parsed_head.e
    return (entry.uid, digest, record) in gone or (entry.hash.hex(), digest, record) in gone


def take_out(journal: Journal, records: Iterable[str]) -> list[Entry]:
    """Take the content of entries out that orders among their records' entries name; within a write.

    Returns:
        The entries as they were.
    """
    taken: list[Entry] = []
    for entries in journal.entries_of_many(dict.fromkeys(records)).values():
        orders = orders_in(entries, journal.authority)
        found = [
            each
            for each in entries
            if not is_withheld(each.body) and order_on(each, orders, journal.authority) is not None
        ]
        if found and not taken:
            here.overwrite()
        for entry in found:
            head = entry.parsed_head
            run(_TAKE_OUT, (without_content(entry).body, head.d, head.q))
        taken += found
    return taken


def unreadable(said: Iterable[Entry], authority: Collection[str]) -> set[str]:
    """Records on which orders came without what they say: this seat may not read such records, or no more."""
    heads = [each.parsed_head for each in said if is_withheld(each.body)]
    return {head.e for head in heads if head.k == REDACT and head.d in authority}


def withhold(journal: Journal, records: Collection[str], device: str, person: str) -> list[Entry]:
    """Take all content of others out of some records, as it would not come any more; within a write.

    Which of it an order is on is not told to who may not read it. Granted again, all else comes again.

    Args:
        device: the seat's own, whose chain stays whole: what it carries for others it obeys orders on.
        person: whose entries stay, but for those put aside: in their name anybody may have written them.

    Returns:
        The entries as they were.
    """
    found = {
        row.n: (row, entry)
        for record in records
        for row in rows_of(EntryRow, "n", record=record)
        if not is_withheld((entry := row.entry()).body) and may_go(entry, journal.authority)
        if (entry.parsed_head.u != person or row.state == PUT_ASIDE) and row.device != device
    }
    if found:
        here.overwrite()
    # forgotten (R13), and known by its hash again: no content is ever changed but under its own order
    EntryRow.delete().where(EntryRow.n.in_(list(found))).execute()
    for row, entry in found.values():
        EntryRow.insert(**{**row.__data__, "body": without_content(entry).body}).execute()
    return [entry for _row, entry in found.values()]


def forget_terms() -> None:
    """Take the search terms of rows that were changed out of the index itself, after their records' fold."""
    if here.full_text:
        run(_OPTIMIZE)


def order_for(journal: Journal, entry: Entry) -> Order | None:
    """The order under which an entry of the seat that is entered is; None for none."""
    entries = journal.entries_of(entry.parsed_head.e)
    return order_on(entry, orders_in(entries, journal.authority), journal.authority)


def order_on_file(journal: Journal, sha256: str, record: str) -> Order | None:
    """The order by which a file went for a record, with an entry of it or whoever names the file, in the seat
    entered; None for none. One on the record itself comes first."""
    naming = [each for each in _orders(journal) if sha256 in each.files]
    own = [each for each in naming if each.said.parsed_head.e == record]
    return next(iter(own or [each for each in naming if each.only_files]), None)


def order_among(journal: Journal, hashes: Collection[str]) -> Order | None:
    """The first order on the content of one of some entries, in the seat entered; None for none.

    Args:
        hashes: of the entries, or their uids, in hex.
    """
    if not names():  # mostly: nothing is looked for
        return None
    return next((each for each in _orders(journal) if each.name[0] in hashes), None)


def files_out_of(journal: Journal, files: Mapping[str, str | None]) -> dict[str, FileOut]:
    """What orders took out of the files of some records of the seat entered, by record id.

    Of a file that went whoever names it, the order is that on the record itself where there is one.

    Args:
        files: record id to the SHA-256 of its file; None where it names none, as what named it may have gone.
    """
    if not names():  # mostly: nothing is looked for
        return {}
    alone: dict[str, Order] = {}
    own: dict[tuple[str, str], Order] = {}
    named: dict[str, FileOut] = {}
    for order in _orders(journal):
        record = order.said.parsed_head.e
        if order.only_files:
            for sha256 in order.files:
                alone.setdefault(sha256, order)
                own.setdefault((record, sha256), order)
        elif order.files:
            named[record] = FileOut(order.files[0], order)
    found: dict[str, FileOut] = {}
    for record, name in files.items():
        if name and (name in alone or is_file_out(name)):
            found[record] = FileOut(name, own.get((record, name)) or alone.get(name))
        elif not name and record in named:
            found[record] = named[record]
    return found


def files_ordered(journal: Journal) -> dict[str, bool]:
    """SHA-256 of every file that an order names, with whether it goes whoever else names it."""
    going: dict[str, bool] = {}
    for order in _orders(journal):
        for sha256 in order.files:
            going[sha256] = going.get(sha256, False) or order.only_files
    return going


def files_gone(journal: Journal) -> set[str]:
    """SHA-256 of the files that orders took out, of a seat that is in its folder: nothing names them that can
    be read, or they went whoever does."""
    return {
        sha256
        for sha256, whoever in files_ordered(journal).items()
        if whoever or run(_NAMING, (REDACT, sha256.encode())).fetchone() is None
    }


def _orders(journal: Journal) -> Collection[Order]:
    said = (Entry(*row) for row in run(_ORDERS, (REDACT,)).fetchall())
    return orders_in(said, journal.authority).values()
