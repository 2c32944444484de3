"""What a notebook keeps about its server and about what is on its way there."""

from __future__ import annotations

from typing import Any

from peewee import AutoField, BlobField, CompositeKey, IntegerField, Model, TextField

from models.store import schema
from models.store.database import here
from models.store.seat import Seat


class ServerFacts(Model):
    """The server that this notebook is enrolled with; one row."""

    id = IntegerField(primary_key=True)
    url = TextField()
    ca_file = TextField(null=True)
    host = TextField()
    """Public name, as QR codes bear it."""
    key = BlobField()
    """The pinned key that signs its log, DER SubjectPublicKeyInfo."""
    device = TextField()
    origin = TextField()
    epoch = TextField()
    organisation = TextField()
    certificate = TextField()
    """This device's, PEM."""
    authority = TextField()
    """The agency's root, PEM."""
    officer = TextField()
    role = TextField()
    units = TextField()
    """Codes of the units granted, comma-joined."""
    limits = TextField()
    """JSON."""
    cursor = IntegerField(default=0)
    """How far the server's log has been looked through."""
    clock_offset_ms = IntegerField(default=0)
    """Server time minus this device's."""
    enrolled_at = IntegerField()
    revoked = IntegerField(default=0)

    class Meta:
        database = here
        table_name = "sync_server"


class TreeHead(Model):
    """A signed head of the server's log that was received and verified."""

    size = IntegerField(primary_key=True)
    root = BlobField()
    note = TextField()
    received_at = IntegerField()

    class Meta:
        database = here
        table_name = "sync_head"


class UnitPosition(Model):
    """How many entries of a unit have been received: they are numbered densely."""

    unit = TextField(primary_key=True)
    last = IntegerField()

    class Meta:
        database = here
        table_name = "sync_unit"


class Proof(Model):
    """A verified receipt: of its own entry, and through the chain of all this device wrote before it."""

    seq = IntegerField(primary_key=True)
    cursor = IntegerField()
    receipt = TextField()
    """JSON, as `sync.receipts.Receipt` reads it."""
    received_at = IntegerField()

    class Meta:
        database = here
        table_name = "sync_receipt"


class StampedProof(Model):
    """A seal's receipt in a head that bears an outside time-stamp."""

    hash = TextField(primary_key=True)
    """Of the seal's entry, in hex: it stays that of the seal, under whatever key the notebook goes on."""
    receipt = TextField()
    """JSON, as `Proof.receipt`."""
    answer = BlobField()
    """The authority's answer (RFC 3161, TimeStampResp in DER); checked by who has the authority's root."""

    class Meta:
        database = here
        table_name = "sync_stamp"


class FormerLife(Model):
    """A life of the server's log that a restore undid: what the server had signed then."""

    id = AutoField()
    epoch = TextField()
    """Not unique: a backup that is restored twice brings its epoch back."""
    common = IntegerField()
    """Size up to which the next life is the same log."""
    ended_at = IntegerField()
    evidence = TextField()
    """JSON: signed heads, receipts by sequence number, and the server's own entries, beyond that size."""

    class Meta:
        database = here
        table_name = "sync_former"


class FormerChain(Model):
    """A chain that this notebook left when it had forked, and what of it nobody else has (R6)."""

    id = AutoField()
    device = TextField()
    common = IntegerField()
    """Number of the last entry that the server has of it."""
    ended_at = IntegerField()
    certificate = TextField()
    """The device's, PEM."""
    evidence = TextField()
    """JSON: hash before and line, in base64, of each entry after that number, as it was signed."""

    class Meta:
        database = here
        table_name = "sync_chain"


class Displaced(Model):
    """Another device's entry that a restored server did not know, and whose number another one has since.

    Its device had forked (R6). What could be read of it is carried in this notebook's own chain (R8).
    """

    hash = TextField(primary_key=True)
    """In hex."""
    prev = BlobField()
    line = BlobField()
    """As it was signed, or as it came where its content was withheld."""
    at = IntegerField()

    class Meta:
        database = here
        table_name = "sync_displaced"


class FormerProof(Model):
    """A verified receipt of an entry of such a chain."""

    hash = TextField(primary_key=True)
    """The entry's, in hex."""
    cursor = IntegerField()
    receipt = TextField()
    """JSON, as `Proof.receipt`."""

    class Meta:
        database = here
        table_name = "sync_chain_receipt"


class FileRow(Model):
    """A file that an entry of this device names, and how far it has got."""

    sha256 = TextField(primary_key=True)
    size = IntegerField()
    seq = IntegerField()
    """The entry that names it first."""
    state = TextField()
    """queued, sending, received, durable (and in the server's off-site backup), missing or damaged."""
    offset = IntegerField(default=0)
    tries = IntegerField(default=0)
    receipt = TextField(null=True)
    """The server's signed note, once it is there whole; one that lost it or was restored is shown it."""

    class Meta:
        database = here
        table_name = "sync_file"
        indexes = ((("state", "size"), False),)


class FileUse(Model):
    """An own entry that names a file: several may name the same one."""

    seq = IntegerField()
    sha256 = TextField()

    class Meta:
        database = here
        table_name = "sync_file_use"
        primary_key = CompositeKey("seq", "sha256")
        without_rowid = True


class Session(Model):
    """One synchronisation, as the screen lists it."""

    id = AutoField()
    started_at = IntegerField()
    ended_at = IntegerField(null=True)
    """None while it runs, or when it was killed."""
    phase = TextField(default="")
    bytes_up = IntegerField(default=0)
    bytes_down = IntegerField(default=0)
    entries_sent = IntegerField(default=0)
    entries_received = IntegerField(default=0)
    files_sent = IntegerField(default=0)
    exit_code = IntegerField(null=True)
    problems = TextField(default="[]")
    """JSON: msgid and parameters of each."""

    class Meta:
        database = here
        table_name = "sync_session"


TABLES: list[Any] = [
    ServerFacts,
    TreeHead,
    UnitPosition,
    Proof,
    StampedProof,
    FormerLife,
    FormerChain,
    Displaced,
    FormerProof,
    FileRow,
    FileUse,
    Session,
]


def prepare(seat: Seat) -> None:
    """Make the tables that a notebook has not yet."""
    made = schema.fingerprint(tuple(TABLES))
    if seat.meta("sync_tables") == made:
        return
    with seat.writing():
        schema.make(TABLES)
        # what names files is looked through once more: a version before may have kept less of it
        seat.set_meta(sync_tables=made, files_scanned=None)
