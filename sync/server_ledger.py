"""What the server said of itself and of the account, and the heads of its log that were verified."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from models.registry import access
from models.registry import units as registry
from models.registry.queries import ACCOUNT_ROLE, GRANTED_UNITS, READ_ONLY_UNITS
from models.store import schema
from models.store.lookup import last_of, row_of, rows_of
from models.store.seat import Seat
from sync import displaced
from sync.checkpoint import Checkpoint
from sync.file_ledger import BACKUP
from sync.heads import superfluous
from sync.receipts import ReceiptRefused, read_recipient
from sync.tables import FormerChain, ServerFacts, TreeHead, UnitPosition
from sync.wire import Limits

_LEAVING = "leaving_units"
"""Key of the fact that units were taken away whose entries are still here."""
_LOG_CERTIFICATE = "log_certificate"
_DURABLE = "durable_cursor"
"""Key of the fact how far the server's off-site backup reaches."""
_BUNDLES = "bundle_recipient"


class ServerLedger:
    """The part of a ledger that is about the server; `sync.ledger.Ledger` is the whole."""

    seat: Seat

    # -- the server ------------------------------------------------------------------------------

    def server(self) -> ServerFacts | None:
        """The server that this notebook is enrolled with."""
        with self.seat:
            return row_of(ServerFacts, id=1)

    def keep_server(self, **facts: Any) -> None:
        """Keep what the server said at enrolment; obey its verdicts from now on."""
        with self.seat.writing():
            schema.keep(ServerFacts, id=1, **facts)
            self.seat.set_meta(verify_host=facts["host"], device_certificate=facts["certificate"])
            self.seat.trust(facts["device"])
            self.follow_role(facts["role"])

    def update_server(self, **facts: Any) -> None:
        """Change some of what is known of the server."""
        with self.seat.writing():
            schema.change(ServerFacts, {"id": 1}, **facts)

    def follow_units(self, told: dict[str, Any]) -> None:
        """Keep which units the server grants, and which for reading only: the verbs obey them from now on."""
        units, reading = (
            ",".join(str(unit) for unit in each) if isinstance(each := told.get(name), list) else ""
            for name in ("units", "read_only")
        )
        granted = units.split(",")
        with self.seat.writing():
            gone = [row.unit for row in rows_of(UnitPosition, "unit") if row.unit not in granted]
            leaving = {*self.leaving(), *gone}.difference(granted)
            self.update_server(units=units)
            self.seat.set_meta(**{_LEAVING: ",".join(sorted(leaving)) or None})
            self.seat.set_meta(**{GRANTED_UNITS: units, READ_ONLY_UNITS: reading})

    def leaving(self) -> list[str]:
        """Units that were taken away and whose entries by others are still here."""
        return [unit for unit in (self.seat.meta(_LEAVING) or "").split(",") if unit]

    def leave_units(self) -> int:
        """Forget what others wrote in the units that were taken away (R13); how many entries went.

        After own entries were sent: they stay here in any case.
        """
        gone, granted = self.leaving(), self.seat.meta(GRANTED_UNITS) or ""
        with self.seat.writing():
            # from now on nothing of them is here as far as the server is told: granted again, they come whole
            UnitPosition.delete().where(UnitPosition.unit.in_(gone)).execute()
        with self.seat:
            former = self.former_devices()
        taken = self.seat.forget_units(gone, granted.split(","), former)
        if gone:
            taken += displaced.forget(self.seat, granted.split(","), former)
        self.seat.set_meta(**{_LEAVING: None})
        return taken

    @staticmethod
    def former_devices() -> list[str]:
        """The devices as which this notebook wrote before it went on under another key (R6)."""
        return [row.device for row in FormerChain.select(FormerChain.device)]

    def follow_role(self, role: str) -> None:
        """Keep what the account's role is: the verbs of this notebook obey it from now on.

        Where it reads more than before, all units are fetched anew: of what is here some lacks its content.
        """
        found = registry.role(role)
        may: frozenset[str] = found.may if found is not None else frozenset()
        reads = access.readable(may)
        before = self.seat.meta("readable_kinds")
        with self.seat.writing():
            if before is not None and reads - set(before.split(",")):
                UnitPosition.update(last=0).execute()  # kept: what of a unit is here is to be known
            self.seat.set_meta(**{ACCOUNT_ROLE: role, "readable_kinds": ",".join(sorted(reads))})

    def read_as(self, role: object) -> None:
        """Note for which role a page was made: the account's may have been narrowed since hello.

        What such a page withholds comes with all else once a hello names the wider role again.
        """
        before = self.seat.meta("readable_kinds")
        found = registry.role(role) if isinstance(role, str) else None
        if before is None or found is None:
            return
        reads = access.readable(found.may)
        if not reads.issuperset(before.split(",")):
            self.seat.set_meta(readable_kinds=",".join(sorted(reads.intersection(before.split(",")))))

    def keep_durable(self, cursor: object, backup: object) -> None:
        """Keep how far the server's off-site backup reaches, and that backup's name."""
        known = type(cursor) is int and cursor >= 0 and isinstance(backup, str)
        said = {_DURABLE: str(cursor), BACKUP: str(backup)[:80]} if known else {_DURABLE: "0", BACKUP: ""}
        if any(self.seat.meta(key) != value for key, value in said.items()):
            self.seat.set_meta(**said)

    def durable_cursor(self) -> int:
        """All of the server's log up to there is in its off-site backup, as it last said."""
        return int(self.seat.meta(_DURABLE) or 0)

    def keep_bundle_note(self, note: object) -> None:
        """Keep the key that bundles for the server are encrypted to; only its signed word of it counts."""
        server = self.server()
        if server is None:
            return
        try:
            named = read_recipient(str(note), origin=server.origin, public_key=bytes(server.key))
        except ReceiptRefused:
            return
        if named != self.bundle_recipient():
            self.seat.set_meta(**{_BUNDLES: named})

    def bundle_recipient(self) -> str | None:
        """That key (age); None where the server has not named it yet."""
        return self.seat.meta(_BUNDLES)

    def keep_log_certificate(self, pem: object) -> None:
        """Keep the authority's certificate of the pinned key, as evidence packages bear it."""
        from sync.proof.trust import holder, issued_by  # X.509 takes 20 ms, and is seldom asked

        server = self.server()
        if server is None or not isinstance(pem, str) or pem == self.log_certificate():
            return
        named = holder(pem.encode())
        ours = named is not None and named.log and named.key == bytes(server.key)
        if ours and issued_by(pem.encode(), server.authority.encode()):
            self.seat.set_meta(**{_LOG_CERTIFICATE: pem})

    def log_certificate(self) -> str:
        """That certificate (PEM); "" where the server has not given it yet."""
        return self.seat.meta(_LOG_CERTIFICATE) or ""

    def limits(self) -> Limits:
        """What the server takes at once, as it last said."""
        server = self.server()
        return Limits.from_dict(json.loads(server.limits)) if server is not None else Limits()

    # -- heads -----------------------------------------------------------------------------------

    def newest_head(self) -> TreeHead | None:
        """The largest verified head."""
        with self.seat:
            return last_of(TreeHead, "size")

    def root_of(self, size: int) -> bytes | None:
        """The root of the verified head of that size; None when none is kept."""
        with self.seat:
            head = row_of(TreeHead, size=size)
            return bytes(head.root) if head is not None else None

    def proven_note(self) -> str | None:
        """The head up to which the log is proved to have only grown; None before the first."""
        return self.seat.meta("proven_head")

    def keep_proven(self, head: Checkpoint) -> None:
        """Note that the log is proved to have only grown up to this head."""
        self.seat.set_meta(proven_head=head.note)

    def keep_head(self, head: Checkpoint) -> None:
        """Keep a verified head, and tell the seat, whose next seals name it."""
        with self.seat.writing():
            schema.keep(
                TreeHead,
                size=head.size,
                root=head.root,
                note=head.note,
                received_at=self.seat.clock.wall_ms(),
            )
            gone = superfluous([row.size for row in rows_of(TreeHead, "size")])
            if gone:
                TreeHead.delete().where(TreeHead.size.in_(gone)).execute()
            digest = hashlib.sha256(head.note.encode()).hexdigest()
            self.seat.set_meta(checkpoint_hash=digest, checkpoint_note=head.note)
