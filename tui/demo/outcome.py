"""Whether the day held: every receipt, equal projections, a genuine seal; each as one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models import catalogue
from models.documents.verify import keys_of, verify_record
from models.inspections.sealing import seal_of, sealed_bytes
from models.language import _
from models.store import health
from models.store.journal import KEPT, EntryRow
from sync.queries import enrolment, file_receipt, receipt, unsent

if TYPE_CHECKING:
    from models.store.seat import Seat


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold."""

    held: bool
    sentence: str


def outcome(notebook: Seat, central: Seat, inspection: str) -> list[Check]:
    """All checks at the end of a day."""
    seal = seal_of(notebook, inspection)
    if seal is None:
        return [Check(False, _("The inspection is not sealed."))]
    record = sealed_bytes(notebook, inspection) or b""
    verdict = verify_record(record, seal.qr_text, keys_of(notebook))
    return [
        *_receipts(notebook, inspection),
        _projections(notebook, central),
        *(Check(not problems, line) for problems, line in _health(notebook, central)),
        Check(verdict.genuine, " ".join(verdict.sentences())),
    ]


def _receipts(notebook: Seat, inspection: str) -> list[Check]:
    left = unsent(notebook)
    with notebook:
        own = EntryRow.select().where(EntryRow.own).count()
        without = EntryRow.select().where(EntryRow.own & (EntryRow.state == KEPT)).count()
    files = list(notebook.vault.hashes())
    noted = [sha256 for sha256 in files if file_receipt(notebook, sha256) is not None]
    proof, server = receipt(notebook, inspection), enrolment(notebook)
    head = proof.verify(server.key) if proof is not None and server is not None else None
    return [
        Check(
            without == 0 and left.entries == 0,
            _("{count} of {total} entries have the server's signed receipt.").format(
                count=own - without, total=own
            ),
        ),
        Check(
            len(noted) == len(files) and left.files == 0,
            _("{count} of {total} files have the server's signed receipt.").format(
                count=len(noted), total=len(files)
            ),
        ),
        Check(
            head is not None,
            _("The seal is number {cursor} in the server's signed log of {size} entries.").format(
                cursor=proof.cursor if proof else "-", size=head.size if head else "-"
            ),
        ),
    ]


def _projections(notebook: Seat, central: Seat) -> Check:
    """Every record of the notebook has the same row at the server."""
    compared = different = 0
    for kind in catalogue.kinds():
        with notebook:
            here = {row["id"]: row for row in kind.table.select().dicts()}
        with central:
            there = {row["id"]: row for row in kind.table.select().dicts()}
        for record, row in here.items():
            compared += 1
            different += there.get(record) != row
    return Check(
        compared > 0 and different == 0,
        _("{count} records are the same in the notebook and at the server; {different} differ.").format(
            count=compared - different, different=different
        ),
    )


def _health(notebook: Seat, central: Seat) -> list[tuple[list[str], str]]:
    found = []
    for name, seat in ((_("The notebook"), notebook), (_("The server"), central)):
        problems = health.problems(seat)
        words = _("{name} is whole: file, chain and projections.") if not problems else "{name}: {first}"
        found.append((problems, words.format(name=name, first=problems[0] if problems else "")))
    return found
