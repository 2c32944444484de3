"""In whose name an entry stands: screens show its `u`, so a device writes in that of its own person only.

A notebook begun before its enrolment goes on with the officer's record that it began with, whatever the
account's is: that record is named by the first entry of its chain. Whether it may is asked there, once: what
becomes of records and accounts later shuts nobody out of their own notebook.
"""

from __future__ import annotations

from models.store.entry import Entry
from models.store.fold import BESIDE, put_aside
from models.store.journal import PUT_ASIDE, Journal
from models.store.lookup import by_id, row_of
from sync.server import people
from sync.server.naming import EntriesOf
from sync.server.tables import Account, Device


class Persons:
    """Answers for one batch; remembers what it looked up."""

    def __init__(self, journal: Journal, entries_of: EntriesOf, *, restored: bool) -> None:
        """Nothing is looked up yet.

        Args:
            restored: whether the log has had another life before (R8): then what is here of records and
                chains may have come back in another order than it was written in, or not yet.
        """
        self._journal = journal
        self._entries_of = entries_of
        self._restored = restored
        self._begun_as: dict[str, str | None] = {}
        self._accounts: dict[str, str | None] = {}

    def is_own(self, entry: Entry) -> bool:
        """Whether the person whose entry it says to be is that of the device that wrote it first."""
        device, person = entry.device, entry.parsed_head.u
        if entry.parsed_head.k == "enrol":
            own = self._may_begin(entry)
            self._begun_as[device] = person if own else None
            return own
        writer = self._account(device)
        if writer is None or (person and person == writer):
            return True  # of a device that a restored server does not know nothing can be said
        if device not in self._begun_as and self._journal.at(device, 1) is None:
            return self._restored or self._goes_on_with(entry)
        return person == self._begins(device) or self._before_it_came_anew(entry, device)

    def _goes_on_with(self, entry: Entry) -> bool:
        """Whether what a chain carries of one that never came stands in the name that itself began with: a
        notebook that was copied before its first synchronisation goes on with what only it has (R6).
        """
        carrier = entry.parsed_head.d
        follows = entry.device in people.went_on_from(carrier)[1:]
        return follows and entry.parsed_head.u == self._begins(carrier)

    def _account(self, device: str) -> str | None:
        if device not in self._accounts:
            self._accounts[device] = people.officer_of(device)
        return self._accounts[device]

    def _begins(self, device: str) -> str | None:
        """The person that a chain may go on in the name of: that of its first entry, where that stands."""
        if device not in self._begun_as:
            row = self._journal.at(device, 1)
            if row is None:
                return None  # it may come yet
            stands = (row.state, row.problem) != (PUT_ASIDE, "forbidden")
            self._begun_as[device] = row.entry().parsed_head.u if stands else None
        return self._begun_as[device]

    def _may_begin(self, first: Entry) -> bool:
        """Whether a chain may begin in a person's name: nobody else's, or its former chain's (R6)."""
        device, person = first.device, first.parsed_head.u
        writer = self._account(device)
        if not person or writer is None or person == writer:
            return True
        if any(self._begins(former) == person for former in people.went_on_from(device)[1:]):
            return True
        return row_of(Account, officer=person) is None and self._maker(first) in (None, writer)

    def _maker(self, first: Entry) -> str | None:
        """The account that began the record of a chain's person; "" for the server, None where nobody did, or
        a device that is not known here.

        Where the log has had another life what a colleague added to the record may come back before the chain
        does: then the oldest began it, if it is older than the chain.
        """
        entries = [each for each in self._entries_of(first.parsed_head.u) if each.parsed_head.t == "officer"]
        aside = put_aside(entries, self._journal.authority)
        if self._restored:
            entries.sort(key=Entry.order)
        for each in entries:
            standing = each.parsed_head.k not in BESIDE and each.hash.hex() not in aside
            if standing and not (self._restored and each.time >= first.time):
                return "" if each.device in self._journal.authority else self._account(each.device)
        return None

    def _before_it_came_anew(self, entry: Entry, device: str) -> bool:
        """Whether it was written before a restored server took the device in again, in the name of an account
        that no device here has: the one that its person had then, where they were entered anew under another.
        """
        person = entry.parsed_head.u
        row = by_id(Device, device) if self._restored and person else None
        return row is not None and entry.time < row.enrolled_at and row_of(Device, officer=person) is None
