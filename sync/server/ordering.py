"""The server's words on what orders take out, and who hears of them whatever their units."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from models.language import N_, translate
from models.store.change import Change
from models.store.entry import Entry
from models.store.journal import EntryRow
from models.store.orders import REDACT, name_of, order_of, orders_in
from sync.files import files_named
from sync.server import log
from sync.server.central import Central
from sync.server.tables import FileUse

ELSEWHERE = N_("The file went by an order on another entry.")
"""All that those are told who name a file and have not shown that they had it: hashes stand on paper."""


def word(entry: Entry, body: dict[str, Any], why: str, second: str) -> Change:
    """The server's word on an entry; the database's trigger reads the first members of its body."""
    head = entry.parsed_head
    body = body | {"d": entry.device, "q": entry.home.q, "k": head.k, "why": why}
    return Change(REDACT, head.t, head.e, head.sc, body=body | ({"and": second} if second else {}))


def on_file(entry: Entry, file: str, why: str, second: str = "") -> Change:
    """The word on a file that an entry names: it goes, whoever else names it."""
    return word(entry, {"of": name_of(entry), "body": "", "files": [file]}, why, second)


def follow_files(central: Central, fresh: Iterable[Entry], out: Collection[str]) -> None:
    """Say of entries that have just come which of their files an order took out before, within their write.

    Else who sends them kept the file, where they do not see the entry that the order was on. By whom and why
    they are not told: nobody has seen that they had the file, and its hash stands on paper.

    Args:
        out: files that orders took out.
    """
    for entry in fresh:
        for sha256 in [each.sha256 for each in files_named(entry) if each.sha256 in out]:
            orders = orders_in(central.journal.entries_of(entry.parsed_head.e), central.journal.authority)
            on_it = [each for each in orders.values() if each.name[0] in (entry.uid, entry.hash.hex())]
            words: Iterable[Entry] = [each.said for each in on_it if sha256 in each.files]
            tell_of(central, words or central.write(on_file(entry, sha256, translate(ELSEWHERE))))


def follow_files_again(central: Central, said: Iterable[Entry]) -> None:
    """As `follow_files`, of what a restored server had before it said its orders again (R8)."""
    orders = orders_in(said, central.journal.authority).values()
    out = {sha256 for each in orders if each.only_files for sha256 in each.files}
    uses = FileUse.select(FileUse.cursor).where(FileUse.sha256.in_(sorted(out)))
    rows = EntryRow.select().where(EntryRow.cursor.in_(uses)).order_by(EntryRow.cursor)
    follow_files(central, [row.entry() for row in rows], out)


def tell_of(central: Central, said: Iterable[Entry]) -> None:
    """Let the devices that wrote, or carry, what an order took out see it whatever their units."""
    for said_so in said:
        order = order_of(said_so)
        if order is None:
            continue
        for each in central.journal.entries_of(said_so.parsed_head.e):
            head = each.parsed_head
            if head.d != central.device and order.name[0] in (each.uid, each.hash.hex()):
                log.notify(head.d, said_so)
