"""What the calls take and give, as types: `sync.server.openapi` describes the calls by them.

The server reads and writes plain objects; that its answers have these shapes is held by a test.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
DeviceId = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
Count = Annotated[int, Meta(ge=0, le=2**53)]
Ms = Annotated[int, Meta(ge=0, le=2**53, description="Milliseconds since 1970 UTC")]
Base64 = Annotated[str, Meta(description="Standard base64")]
Note = Annotated[str, Meta(description="A C2SP signed note: origin, size, root, signature")]
Object = dict[str, Any]


class LimitsTold(Struct):
    """What the server takes at once; sizes in bytes."""

    batch: Count
    inflated: Count
    entries: Count
    page: Count
    file: Count
    whole: Count
    chunk_least: Count
    chunk_most: Count
    uploads: Count
    probe: Count


class Enrol(Struct):
    """A one-time code and the public key (DER SubjectPublicKeyInfo) of a device.

    `certificate` is the enforcement certificate of the notebook's person, where there is one.
    """

    code: str
    public_key: Base64
    name: str
    certificate: str = ""


class ServerKey(Struct):
    """The key that signs the log; pinned from now on."""

    device: DeviceId
    key: Base64


class Enrolled(Struct):
    """What a notebook keeps of its server."""

    device: DeviceId
    certificate: str
    authority: str
    organisation: str
    host: str
    server: ServerKey
    origin: str
    epoch: str
    officer: str
    name: str
    role: str
    units: list[str]
    recovery: str
    limits: LimitsTold
    time: Ms


class NonceTold(Struct):
    """A nonce that opens one session."""

    nonce: str
    time: Ms


class Session(Struct):
    """Who opens it; `code` is the current code of the person's second factor."""

    device: DeviceId | UnsetType = UNSET
    code: str | UnsetType = UNSET


class SessionOpened(Struct):
    """A bearer token.

    `factor` says whether the person has shown a code on this device (`shown`), needs none (`none`), has still
    to (`due`), or why the one that came did not do. Until then what others wrote is answered `second-factor`.
    `code` is what became of the code that came, also where one shown before still holds; else it is empty.
    """

    token: str
    seconds: Count
    revoked: bool
    factor: Literal["none", "shown", "due", "wrong", "used", "wait"]
    code: Literal["", "taken", "none", "wrong", "used", "wait"]
    time: Ms


class End(Struct):
    """The last entry of a device's chain."""

    q: Count
    hash: Annotated[str, Meta(description="SHA-256, hex")]


class Hello(Struct):
    """Where the notebook stands."""

    epoch: str | UnsetType = UNSET
    device: str | UnsetType = UNSET
    head: End | UnsetType = UNSET
    log: Object | UnsetType = UNSET
    clock: Object | UnsetType = UNSET


class Standing(Struct):
    """Where the server stands."""

    status: Literal["ok", "behind", "fork", "revoked"]
    epoch: str
    have: End
    probe: list[tuple[Count, Sha256]]
    size: Count
    root: Base64
    checkpoint: Note
    consistency: list[Base64]
    floor: Count
    durable_cursor: Count
    log_certificate: str
    stamped: Count
    units: list[str]
    role: str
    officer: str
    limits: LimitsTold
    min_sv: Count
    time: Ms


class ReceiptTold(Struct):
    """The server's signed word that it holds an entry."""

    cursor: Count
    entry_hash: Sha256
    path: list[Base64]
    checkpoint: Note


class ReceiptHeld(ReceiptTold, kw_only=True):
    """The same in this life of the log."""

    stamp: Base64 | UnsetType = UNSET
    """An outside time-stamp over the checkpoint's text (RFC 3161), where it was asked for and is there."""

    epoch: str


class PutAside(Struct):
    """An entry that was logged and has no effect."""

    q: Count
    s: Literal["quarantined"]
    type: str


class Stopped(Struct):
    """The first entry that was not believed."""

    q: Count
    type: str
    detail: str


class Pushed(Struct):
    """What a push did."""

    epoch: str
    acc: Count
    dup: Count
    cursors: tuple[Count, Count] | None
    size: Count
    root: Base64
    checkpoint: Note
    results: list[PutAside]
    want: list[Sha256]
    time: Ms
    receipt: ReceiptTold | UnsetType = UNSET
    stopped: Stopped | UnsetType = UNSET


class Reconcile(Struct):
    """Signed heads that the notebook verified: size and root."""

    heads: Annotated[list[tuple[Count, Base64]], Meta(max_length=64)]
    epoch: str | UnsetType = UNSET


class Reconciled(Struct):
    """Up to where both logs are the same."""

    epoch: str
    common: Count
    checkpoint: Note


class Recovered(Struct):
    """What became of entries that were given back."""

    stored: Count
    have: Count
    refused: list[Sha256]


class SegmentTold(Struct):
    """Entries of one unit, from one number to another, as one file."""

    unit: str
    first: Count
    last: Count
    sha256: Sha256
    size: Count


class Segments(Struct):
    """The segments that the caller lacks."""

    segments: list[SegmentTold]
    role: str
    """For which they are made."""


class Succession(Struct):
    """Another key, and its signature over the device that it follows."""

    public_key: Base64
    proof: Base64


class Succeeded(Struct):
    """The new device."""

    device: DeviceId
    certificate: str


class Path(Struct):
    """A consistency proof (RFC 9162 section 2.1.4)."""

    path: list[Base64]


class Probed(Struct):
    """A file that is asked for; `receipt` is what the server gave for it before it was restored."""

    sha256: Sha256
    size: Count | UnsetType = UNSET
    receipt: Note | UnsetType = UNSET


class Probe(Struct):
    """Files that the notebook would send."""

    files: list[Probed]


class FileState(Struct):
    """How much of a file is here."""

    sha256: Sha256
    state: Literal["absent", "partial", "complete"]
    offset: Count
    receipt: Note | UnsetType = UNSET


class Uploaded(FileState, kw_only=True):
    """A file that is here whole, in this life of the log."""

    epoch: str


class Probes(Struct):
    """How much is here of each."""

    epoch: str
    files: list[FileState]
    time: Ms


class Restored(Struct):
    """How far a restored server has been healed."""

    since: Ms
    devices_to_come: Count
    given_back: Count
    note: str | UnsetType = UNSET
    """While devices are to come: what may not be back yet, in a sentence for a person."""


class Health(Struct):
    """Whether the server can write and sign."""

    status: Literal["ok", "disk-low", "damaged", "no-database"]
    size: Count | UnsetType = UNSET
    time: Ms | UnsetType = UNSET
    restored: Restored | UnsetType = UNSET


class ProblemTold(Struct):
    """Problem details (RFC 9457)."""

    type: Annotated[str, Meta(pattern="^urn:qingcha:problem:")]
    status: Count
    title: str
    detail: str | UnsetType = UNSET
