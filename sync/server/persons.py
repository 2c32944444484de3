"""In whose name an entry stands: screens show its `u`, so a device writes in that of its own person only.

A notebook begun before its enrolment goes on with the officer's record that it began with, whatever the
account's is: that record is named by the first entry of its chain.
"""

from __future__ import annotations

from models.store.entry import Entry
from models.store.fold import BESIDE, put_aside
from models.store.journal import Journal
from models.store.lookup import row_of
from sync.server import people
from sync.server.naming import EntriesOf
from sync.server.tables import Account


class Persons:
    """Answers for one batch; remembers what it looked up."""

    def __init__(self, journal: Journal, entries_of: EntriesOf) -> None:
        self._journal = journal
        self._entries_of = entries_of
        self._begun_as: dict[str, str | None] = {}
        self._told: dict[tuple[str, str], bool] = {}

    def is_own(self, entry: Entry) -> bool:
        """Whether the person whose entry it says to be is that of the device that wrote it first.

        Of a device that a restored server does not know nothing can be said.
        """
        head = entry.parsed_head
        named = (entry.device, head.u)
        if head.k == "enrol":
            self._begun_as[entry.device] = head.u
            return self._is_nobody_elses(*named)
        if named not in self._told:
            begun_as = self._begins(entry.device)
            as_begun = begun_as is None or begun_as == head.u or head.u == people.officer_of(entry.device)
            self._told[named] = as_begun and self._is_nobody_elses(*named)
        return self._told[named]

    def _begins(self, device: str) -> str | None:
        """The person in the first entry of a chain; None where that is not here."""
        if device not in self._begun_as:
            row = self._journal.at(device, 1)
            self._begun_as[device] = row.entry().parsed_head.u if row is not None else None
        return self._begun_as[device]

    def _is_nobody_elses(self, device: str, person: str) -> bool:
        writer = people.officer_of(device)
        if not person or writer is None or person == writer:
            return True
        return row_of(Account, officer=person) is None and self._maker(person) in (None, writer)

    def _maker(self, person: str) -> str | None:
        """The account that began an officer's record; "" for the server itself, None where there is none."""
        entries = [each for each in self._entries_of(person) if each.parsed_head.t == "officer"]
        aside = put_aside(entries, self._journal.authority)
        for each in entries:
            if each.parsed_head.k not in BESIDE and each.hash.hex() not in aside:
                return people.officer_of(each.device) or ""
        return None
