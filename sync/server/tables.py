"""What the server keeps beside the journal: people, devices, the tree, files on their way.

Everything here but the journal can be told by the administrator again or made anew from the journal;
the log itself is the `entry` table, in the order of its `cursor`.
"""

from __future__ import annotations

from typing import Any

from peewee import AutoField, BlobField, BooleanField, CompositeKey, IntegerField, Model, TextField

from models.registry.tables import Officer
from models.store.database import here


class Account(Model):
    """A person who may bring devices."""

    officer = TextField(primary_key=True)
    """Record id of the officer."""
    name = TextField()
    role = TextField()
    """Code of a role of the registry, or of several joined by commas."""
    active = BooleanField(default=True)

    class Meta:
        database = here
        legacy_table_names = False


class UnitGrant(Model):
    """A unit whose records a person may read and, as far as the role goes, write."""

    officer = TextField()
    unit = TextField()
    granted_at = IntegerField()
    writes = BooleanField(default=True)
    """Whether they write there too; else they read, and write what `access.is_shared` names."""

    class Meta:
        database = here
        legacy_table_names = False
        primary_key = CompositeKey("officer", "unit")


class Device(Model):
    """An enrolled device key."""

    id = TextField(primary_key=True)
    public_key = BlobField()
    """DER SubjectPublicKeyInfo."""
    key_id = TextField(index=True)
    """As seal lines carry it."""
    officer = TextField()
    name = TextField()
    """The machine's name, as it gave it."""
    certificate = TextField()
    """X.509, PEM."""
    enrolled_at = IntegerField()
    revoked_at = IntegerField(null=True)
    seen_at = IntegerField(null=True)
    clock_offset_ms = IntegerField(null=True)
    """Server time minus the device's, at its last hello."""

    class Meta:
        database = here
        legacy_table_names = False


class Succession(Model):
    """A device that goes on where another's chain has forked, in the same person's hands (R6)."""

    device = TextField(primary_key=True)
    former = TextField(index=True)
    at = IntegerField()

    class Meta:
        database = here
        legacy_table_names = False


class Factor(Model):
    """A person's secret for one-time codes (RFC 6238)."""

    officer = TextField(primary_key=True)
    secret = BlobField()
    """Sealed by what follows from the server's signing key: the database alone shows no secret."""
    made_at = IntegerField()
    last_step = IntegerField(default=0)
    """The last one that was taken by a server of before each was noted (`CodeTaken`)."""

    class Meta:
        database = here
        legacy_table_names = False


class CodeShown(Model):
    """A device on which its person has shown a code."""

    device = TextField(primary_key=True)
    officer = TextField(index=True)
    at = IntegerField()

    class Meta:
        database = here
        legacy_table_names = False


class CodeTaken(Model):
    """A time step whose code was taken; kept as long as the secret, as no clock says when it is over."""

    officer = TextField()
    step = IntegerField()

    class Meta:
        database = here
        legacy_table_names = False
        primary_key = CompositeKey("officer", "step")
        without_rowid = True


class WrongCode(Model):
    """A wrong code, kept for a day: every process of the server counts the same."""

    id = AutoField()
    officer = TextField(index=True)
    device = TextField()
    at = IntegerField()

    class Meta:
        database = here
        legacy_table_names = False


class EnrolmentCode(Model):
    """A one-time code; only its hash is kept."""

    hash = TextField(primary_key=True)
    officer = TextField()
    made_at = IntegerField()
    expires_at = IntegerField()
    used_by = TextField(null=True)
    """The device that used it."""

    class Meta:
        database = here
        legacy_table_names = False


class UsedNonce(Model):
    """A nonce of a signed request, kept until its signature is no longer fresh."""

    nonce = TextField(primary_key=True)
    used_at = IntegerField(index=True)

    class Meta:
        database = here
        legacy_table_names = False


class SignedHead(Model):
    """A checkpoint that was signed; the first one that holds an entry tells when it was logged."""

    size = IntegerField(primary_key=True)
    root = BlobField()
    note = TextField()
    signed_at = IntegerField()

    class Meta:
        database = here
        legacy_table_names = False


class HeadStamp(Model):
    """A signed head with an outside time-stamp over its text."""

    size = IntegerField(primary_key=True)
    note = TextField()
    """As it was stamped: a head that is signed anew states another time."""
    answer = BlobField()
    """The authority's answer (RFC 3161, TimeStampResp in DER)."""
    stamped_at = IntegerField()
    """ms since 1970 UTC, by the server's clock."""

    class Meta:
        database = here
        legacy_table_names = False


class Healed(Model):
    """A device that reconciled with this life of the log, and how much of others it gave back."""

    epoch = TextField()
    device = TextField()
    at = IntegerField()
    given_back = IntegerField(default=0)

    class Meta:
        database = here
        legacy_table_names = False
        primary_key = CompositeKey("epoch", "device")


class TreeNode(Model):
    """A full node of the Merkle tree above its leaves; a leaf follows from its entry's hash."""

    level = IntegerField()
    place = IntegerField()
    hash = BlobField()

    class Meta:
        database = here
        legacy_table_names = False
        primary_key = CompositeKey("level", "place")
        without_rowid = True


class UnitCount(Model):
    """How many entries a unit has: they are numbered densely, so that a reader sees a hole."""

    unit = TextField(primary_key=True)
    last = IntegerField()

    class Meta:
        database = here
        legacy_table_names = False


class ToldRecord(Model):
    """A record whose entries another unit than that of their heads reads too (R13)."""

    kind = TextField()
    record = TextField()
    unit = TextField()
    moved = BooleanField()
    """Whether the record belongs to that unit now; else it reads it only."""

    class Meta:
        database = here
        legacy_table_names = False
        primary_key = CompositeKey("record", "kind", "unit")
        without_rowid = True


class ToldEntry(Model):
    """The number of an entry in a unit that reads it besides its own."""

    unit = TextField()
    unit_n = IntegerField()
    cursor = IntegerField()
    at = IntegerField()
    """Size of the log when it got the number: numbers go up with it, as those of a unit's own entries do."""

    class Meta:
        database = here
        legacy_table_names = False
        primary_key = CompositeKey("unit", "unit_n")
        without_rowid = True
        indexes = ((("cursor", "unit"), True),)


class Notice(Model):
    """An entry that a device is to see although its unit is not granted: a verdict on its own, or a grant."""

    cursor = IntegerField()
    device = TextField()

    class Meta:
        database = here
        legacy_table_names = False
        primary_key = CompositeKey("device", "cursor")
        without_rowid = True


class Segment(Model):
    """A part of a unit's log that was made ready for who lacks much of it (`sync.server.segments`)."""

    epoch = TextField()
    readers = TextField()
    """Name of those who may read the same kinds."""
    unit = TextField()
    first = IntegerField()
    last = IntegerField()
    """Numbers within the unit."""
    sha256 = TextField()
    size = IntegerField()

    class Meta:
        database = here
        legacy_table_names = False
        primary_key = CompositeKey("epoch", "readers", "unit", "first")


class FileUse(Model):
    """An entry that names a file: who may send it and who may read it follows from this."""

    sha256 = TextField()
    cursor = IntegerField()
    unit = TextField()
    device = TextField()

    class Meta:
        database = here
        legacy_table_names = False
        primary_key = CompositeKey("sha256", "cursor")
        without_rowid = True


class Blob(Model):
    """A file that is here whole, its hash checked."""

    sha256 = TextField(primary_key=True)
    size = IntegerField()
    stored_at = IntegerField()
    sender = TextField(null=True)
    """The account whose devices sent all of it first, and so had it; None where that was not noted yet."""
    lost_at = IntegerField(null=True)
    """When it was found gone from the storage; None while it is there."""

    class Meta:
        database = here
        legacy_table_names = False


class AlsoSent(Model):
    """Another account that had a file: its devices sent all of it again."""

    sha256 = TextField()
    officer = TextField()

    class Meta:
        database = here
        legacy_table_names = False
        primary_key = CompositeKey("sha256", "officer")
        without_rowid = True


class OffSite(Model):
    """The backup that is kept elsewhere, by the operator's word; at most one row."""

    name = TextField(primary_key=True)
    """Random."""
    cursor = IntegerField()
    """The log up to there is in it."""
    noted_at = IntegerField()

    class Meta:
        database = here
        legacy_table_names = False


class DurableFile(Model):
    """A file that is whole in that backup."""

    sha256 = TextField(primary_key=True)

    class Meta:
        database = here
        legacy_table_names = False


class Upload(Model):
    """A file that is partly here."""

    name = TextField(primary_key=True, column_name="sha256")
    """Its SHA-256 and who sends it, as `uploads.name_of` has it: each person sends all of it themselves."""
    device = TextField()
    length = IntegerField()
    offset = IntegerField()
    """Bytes that are safely on the disk."""
    updated_at = IntegerField()

    class Meta:
        database = here
        legacy_table_names = False


def narrow_old_grants(city: str) -> None:
    """Give grants of before there was a right to write theirs: the city's, which everyone was given too,
    is for reading to who is of another unit by the register; all others are for writing. Within a write.
    """
    UnitGrant.update(writes=True).where(UnitGrant.writes.is_null()).execute()
    of_the_city = Officer.select(Officer.id).where(Officer.unit_code == city)
    UnitGrant.update(writes=False).where(
        (UnitGrant.unit == city) & UnitGrant.officer.not_in(of_the_city)
    ).execute()


TABLES: list[Any] = [
    Account,
    UnitGrant,
    Device,
    Succession,
    Factor,
    CodeShown,
    CodeTaken,
    WrongCode,
    EnrolmentCode,
    UsedNonce,
    SignedHead,
    HeadStamp,
    Healed,
    TreeNode,
    UnitCount,
    ToldRecord,
    ToldEntry,
    Notice,
    Segment,
    FileUse,
    Blob,
    AlsoSent,
    OffSite,
    DurableFile,
    Upload,
]
