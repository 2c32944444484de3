"""A notebook whose chain has forked goes on under another key (R6); without a socket, as the engine.

Two copies of one notebook write under the same numbers, or an old copy that was put back writes anew what it
had sent. The server keeps what came first. The other finds the last entry that both have, has a fresh key
certified by the one that it had, and writes again what the server lacks, under its first home's name: folds
count it once, and nothing is dropped.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from peewee import fn

from models.store import schema
from models.store.journal import EntryRow
from models.store.notebook import Notebook
from models.store.signer import Signer
from sync import outcome as says
from sync.engine import Answer, Call, Engine, Forked, Steps, post
from sync.file_ledger import THERE
from sync.healing import Healing
from sync.ledger import Ledger
from sync.outcome import Exit, SyncFailed, Trouble, senseless
from sync.receipts import Receipt, ReceiptRefused
from sync.signing import succession
from sync.tables import FileRow, FileUse, FormerChain, FormerProof, Proof

SUCCESSOR = "/v1/devices/self/successor"


class Rehoming:
    """Says hello, and again under another key where the chains of both ends differ."""

    def __init__(self, engine: Engine, notebook: Notebook) -> None:
        self._engine = engine
        self._notebook = notebook
        self._ledger = engine.ledger
        self._healing = Healing(engine)

    def hello(self) -> Steps[tuple[int, bool]]:
        """As `Engine.hello`, with what heals a restored server or a forked notebook before it."""
        try:
            return (yield from self._healing.hello())
        except Forked as fork:
            yield from self._go_on_anew(fork)
        return (yield from self._healing.hello())

    def say_again(self) -> Steps[None]:
        """As `Healing.say_again`."""
        return self._healing.say_again()

    def give_back(self) -> Steps[bool]:
        """As `Healing.give_back`."""
        return self._healing.give_back()

    def _go_on_anew(self, fork: Forked) -> Steps[None]:
        notebook, ledger = self._notebook, self._ledger
        common = yield from self._common(fork)
        if fork.revoked and common == ledger.own_end()[0]:
            raise SyncFailed(Exit.REVOKED, says.REVOKED)  # an old image of it: all that it has is there
        signer = notebook.next_signer()
        certificate = certificate_in((yield successor_call(notebook.device, signer)), signer)
        kept = leave(ledger, notebook, common, certificate)
        told_of = {"count": kept, "device": signer.device[:8]}
        self._engine.outcome.warnings.append(Trouble(Exit.DONE, says.REHOMED, told_of))

    def _common(self, fork: Forked) -> Steps[int]:
        """The number of the last entry that both ends have: asked by halves between what the probe shows."""
        end, _digest = self._ledger.own_end()
        same, differs = 0, min(end, fork.have) + 1
        for seq, digest in fork.probe:
            own = self._ledger.own_hash(seq) if seq <= end else None
            if own is not None and own.hex() == digest:
                same = max(same, seq)
            else:
                differs = min(differs, seq)
        while same + 1 < differs:
            middle = (same + differs) // 2
            answer = yield Call("GET", f"/v1/receipts/{self._notebook.device}/{middle}")
            if self._is_ours(self._engine.heard(answer), middle):
                same = middle
            else:
                differs = middle
        return same

    def _is_ours(self, data: dict[str, Any], seq: int) -> bool:
        try:
            receipt = Receipt.from_dict(data)
            receipt.verify(self._engine.key, self._engine.origin)
        except ReceiptRefused as reason:
            raise SyncFailed(Exit.WRONG_SERVER, says.WRONG_SERVER) from reason
        return receipt.entry_hash == self._ledger.own_hash(seq)


def successor_call(former: str, following: Signer) -> Call:
    """Asks for a certificate of the key that follows a device's; signed as that device."""
    proof = following.sign(succession(former, following.device))
    return successor_asked(
        base64.b64encode(following.public_key_der).decode(), base64.b64encode(proof).decode()
    )


def successor_asked(public_key: str, proof: str) -> Call:
    """As `successor_call`, of a key and its signature, both in base64."""
    return post(SUCCESSOR, {"public_key": public_key, "proof": proof})


def certificate_in(answer: Answer, following: Signer) -> str:
    """The certificate (PEM) of a key that follows.

    Raises:
        SyncFailed: the answer is of another key, or has none.
    """
    told = answer.json()
    certificate = told.get("certificate")
    if told.get("device") != following.device or not isinstance(certificate, str):
        raise senseless("successor")
    return certificate


def leave(ledger: Ledger, notebook: Notebook, common: int, certificate: str | None) -> int:
    """Go on under the next key, in one transaction; how many entries are written again.

    The server has the entries up to `common`; their receipts are kept. Those after it are written again, and
    of those before it the ones whose files are not there yet and the last witness of time (R12). What is left
    behind is kept as evidence (`FormerChain`).

    Args:
        certificate: of the next key; None where the server is still to be asked for it.
    """
    rehome = notebook.rehome_unasked if certificate is None else notebook.rehome
    with notebook.writing():
        former = notebook.device
        waiting = FileRow.state.not_in(THERE)
        also = {row.seq for row in FileRow.select(FileRow.seq).where(waiting & (FileRow.seq <= common))}
        clocks = (EntryRow.device == former) & (EntryRow.kind == "clock") & (EntryRow.seq <= common)
        witness = EntryRow.select(fn.MAX(EntryRow.seq)).where(clocks).scalar()
        _keep_as_evidence(ledger, former, common)
        carried = rehome(common, also=also | ({witness} if witness else set()))
        # but for those of a chain left before, which no entry of this one names: a restored server lacks them
        FileRow.delete().where(waiting & (FileRow.seq > 0)).execute()
        FileRow.update(seq=0).execute()
        FileUse.delete().execute()
        notebook.set_meta(files_scanned="0", device_certificate=certificate)
        ledger.update_server(certificate=certificate or "")
    return len(carried)


def _keep_as_evidence(ledger: Ledger, former: str, common: int) -> None:
    behind = EntryRow.select().where((EntryRow.device == former) & (EntryRow.seq > common))
    lines = [
        [base64.b64encode(bytes(row.prev)).decode(), base64.b64encode(row.entry().line()).decode()]
        for row in behind.order_by(EntryRow.seq)
    ]
    server = ledger.server()
    FormerChain.create(
        device=former,
        common=common,
        ended_at=ledger.seat.clock.wall_ms(),
        certificate=server.certificate if server is not None else "",
        evidence=json.dumps(lines),
    )
    for proof in Proof.select().where(Proof.seq <= common):
        digest = json.loads(proof.receipt)["entry_hash"]
        schema.keep(FormerProof, hash=digest, cursor=proof.cursor, receipt=proof.receipt)
    Proof.delete().execute()
