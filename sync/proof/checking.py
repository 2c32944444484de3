"""Whether an evidence package is genuine: by its bytes, the agency's root certificate, and nothing else.

Nothing here asks a network, and the script of the package itself is never run. VERIFY.sh makes the same
checks in the same order by plain tools, and a test holds that they agree.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from models.documents.stored_zip import MOST_BYTES
from models.documents.verify import verify_record
from models.errors import BadInput
from models.inspections import canonical
from models.language import N_
from models.store import sealing
from models.store.digests import Digests, Kept
from models.store.entry import hash_input
from models.store.sealing import SealLine
from models.store.signer import device_id, verify
from sync import checkpoint
from sync.checkpoint import CheckpointRefused
from sync.proof import layout, orders, stamps, verdict
from sync.proof.reading import Files
from sync.proof.trust import fingerprint, holder, issued_by
from sync.proof.verdict import FALSE, GENUINE, UNKNOWN, PackageVerdict, Said
from sync.receipts import Receipt, ReceiptRefused

_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9._/-]{1,64})")
_FILE_OF_RECORD = re.compile(rb'"path":"([^"\\]*)","sha256":"([0-9a-f]{64})"')
_OWN = re.compile(
    rb'\{"v":1,"d":"([0-9a-f]{32})","q":([0-9]{1,16}),"k":"seal","t":"[a-z_]+","e":"([^"\\]+)",[^\n]*\Z'
)
_CARRIED = re.compile(
    rb',"o":\{"d":"([0-9a-f]{32})","q":([0-9]{1,16}),"h":"[0-9a-f]{64}","s":"[A-Za-z0-9_-]+"'
    rb'(?:,"p":"([0-9a-f]{64})"(?:,"x":"(?:[^"\\]|\\.)*")?)?\}\}\Z'
)
_PROFILE = re.compile(r"HTTPS://[^/]+/([^/]+)/")
_PROOF = re.compile(
    r"c2sp\.org/tlog-proof@v1\nindex (0|[1-9][0-9]{0,17})\n((?:[A-Za-z0-9+/=]{44}\n){0,64})\n"
)
_CLOCK_MS = 5 * 60 * 1000
"""So far a device's clock may be off before it is said."""

_CHANGED = N_("Not genuine: {name} was changed, or belongs to another package.")


class _Failed(Exception):
    """A check failed."""

    def __init__(self, reason: str, answer: str = FALSE, /, **params: Any) -> None:
        super().__init__()
        self.answer = answer
        self.reason = reason
        self.params = params


@dataclass(frozen=True, slots=True)
class Key:
    """Who signed something."""

    der: bytes
    certified: bool
    """Whether the package has a certificate of it; the root, where one is given, vouches for that."""
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Logged:
    """Where in the server's log the seal was proved to be."""

    place: int
    """From 1."""
    head: checkpoint.Checkpoint
    time: str
    """When that head was signed, by the server's clock: RFC 3339, UTC; "" for one that does not say."""


def check(files: Files, root: bytes | None, tsa: bytes | None = None) -> PackageVerdict:
    """Check a package.

    Args:
        root: the agency's root certificate, PEM; from the agency, never from who gave the package.
        tsa: the root certificate of the time-stamping authority, PEM.
    """
    found = _checked(files, root, tsa)
    if root is None:
        return found
    named = holder(root)
    return replace(found, root=fingerprint(root), root_of=named.organisation if named is not None else "")


def _checked(files: Files, root: bytes | None, tsa: bytes | None) -> PackageVerdict:
    seal: SealLine | None = None
    try:
        tags, hashes = _whole(files)
        _same_text("bagit.txt", tags, layout.BAGIT)
        sealer, packer = (_key(tags, name, root) for name in layout.KEYS)
        if not verify(packer.der, tags[layout.TAGS_SIGNED], tags[layout.TAGS]):
            raise _Failed(_CHANGED, name=layout.TAGS_SIGNED)
        seal = _seal(tags, sealer)
        log = _log_key(tags, root)
        record, gone = _record(tags, seal, hashes, sealer, log)
        leaf = _entry(tags, seal, record, sealer)
        logged = _logged(tags, leaf, log)
        after = _named(tags, record, log)
        stamp = _stamped(tags, tsa)
    except _Failed as failure:
        return verdict.refused(failure.answer, failure.reason, seal, **failure.params)
    except BadInput as error:  # a member that cannot be read: all are, before any is believed
        return verdict.refused(UNKNOWN, error.msgid, **error.params)
    files_of_evidence = len(hashes) - 1
    found = _found(seal, sealer, root, logged, after, stamp, gone)
    if root is None or not (sealer.certified and packer.certified):
        return PackageVerdict(UNKNOWN, verdict.UNVOUCHED, {}, seal, True, found, logged is not None)
    params = {"number": seal.number, "files": files_of_evidence}
    return PackageVerdict(GENUINE, verdict.GENUINE_PACKAGE, params, seal, True, found, logged is not None)


def _whole(files: Files) -> tuple[dict[str, bytes], dict[str, Kept]]:
    """The tag files and the record, and the hashes of the payload: all that should be here, and as it was."""
    names = set(files.names())
    _expected(names)
    if sum(map(files.size, names)) > MOST_BYTES:
        raise _Failed(N_("Not genuine: the package is larger than any of ours."))
    tags = {}
    for name in names:
        if layout.EVIDENCE.fullmatch(name):
            continue
        if files.size(name) > layout.MOST_TAG_BYTES:
            raise _Failed(N_("Not genuine: {name} is larger than in any package of ours."), name=name)
        tags[name] = b"".join(files.blocks(name))
    listed = {name for name in tags if name not in (layout.TAGS, layout.TAGS_SIGNED, layout.RECORD)}
    told = _manifest(tags, layout.TAGS, listed)
    for name in sorted(listed):
        if hashlib.sha256(tags[name]).hexdigest() != told[name]:
            raise _Failed(_CHANGED, name=name)
    payload = {name for name in names if name.startswith("data/")}
    sha256, sm3 = (_manifest(tags, each, payload) for each in (layout.MANIFEST, layout.MANIFEST_SM3))
    hashes = {}
    for name in sorted(payload):
        digests = Digests()
        for block in files.blocks(name):
            digests.update(block)
        hashes[name] = digests.kept()
        if (hashes[name].sha256, hashes[name].sm3) != (sha256[name], sm3[name]):
            raise _Failed(_CHANGED, name=name)
    return tags, hashes


def _expected(names: set[str]) -> None:
    """Refuse names that no package has, and sets of names that miss some."""
    keys = {f"{name}.{kind}" for name in layout.KEYS for kind in ("crt", "pub")}
    known = layout.ALWAYS | layout.SOMETIMES | keys
    known |= orders.all_parts(names)
    strange = sorted(name for name in names - known if not layout.EVIDENCE.fullmatch(name))
    if strange:
        shown = ascii(strange[0])[1:-1][:60]  # whatever it holds, it does not steer a terminal
        raise _Failed(N_("Not genuine: the file {name} was added."), name=shown)
    missing = (layout.ALWAYS | orders.all_parts(names)) - names
    for name in layout.KEYS:
        if len({f"{name}.crt", f"{name}.pub"} & names) != 1:
            missing |= {f"{name}.crt"}
    for group in (layout.LOGGED, layout.STAMPED):
        missing |= group - names if group & names else frozenset()
    if layout.STAMPED & names:
        missing |= layout.LOGGED - names
    if (layout.LOGGED | {layout.NOTE_OF_TIME} | orders.all_parts(names)) & names:
        missing |= {"log.crt"} - names
    if missing:
        raise _Failed(N_("Not genuine: {name} is missing, or there is one too many."), name=min(missing))


def _manifest(tags: dict[str, bytes], name: str, listed: set[str]) -> dict[str, str]:
    """A manifest in the one form that we write, of exactly these files."""
    found = {}
    for line in tags[name].decode("ascii", "replace").split("\n"):
        if match := _LINE.fullmatch(line):
            found[match[2]] = match[1]
    if layout.manifest(found) != tags[name]:
        raise _Failed(_CHANGED, name=name)
    if found.keys() != listed:
        odd = min(found.keys() ^ listed)
        raise _Failed(N_("Not genuine: {name} is added or missing, by {manifest}."), name=odd, manifest=name)
    return found


def _same_text(name: str, tags: dict[str, bytes], wanted: bytes) -> None:
    if tags[name] != wanted:
        raise _Failed(_CHANGED, name=name)


def _key(tags: dict[str, bytes], name: str, root: bytes | None) -> Key:
    pem = tags.get(f"{name}.crt")
    if pem is None:
        return Key(_public_key(tags[f"{name}.pub"], f"{name}.pub"), certified=False)
    named = holder(pem)
    if named is None or named.log:
        raise _Failed(_CHANGED, name=f"{name}.crt")
    if root is not None and not issued_by(pem, root):
        raise _Failed(
            N_(
                "Not genuine: the certificate {name} was not issued by the root that you gave. It is "
                "forged, or of another agency."
            ),
            name=f"{name}.crt",
        )
    return Key(named.key, True, named.organisation)


def _public_key(pem: bytes, name: str) -> bytes:
    try:
        key = load_pem_public_key(pem)
        if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
            return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, UnsupportedAlgorithm):
        pass
    raise _Failed(_CHANGED, name=name)


def _seal(tags: dict[str, bytes], sealer: Key) -> SealLine:
    """The seal, signed by the key."""
    line = tags["seal.txt"].decode("ascii", "replace")
    profile = _PROFILE.match(line)
    if profile is not None and profile[1] != sealing.PROFILE:
        raise _Failed(
            N_("This seal uses profile {profile}, which this version cannot check. Use a newer version."),
            UNKNOWN,
            profile=profile[1][:20],
        )
    try:
        text = sealing.qr_text(line, tags["seal.sig"])
        seal = sealing.parse(text)
    except (BadInput, ValueError) as error:
        raise _Failed(_CHANGED, name="seal.txt") from error
    if not sealing.check(text, sealer.der):
        raise _Failed(_CHANGED, name="seal.sig")
    return seal


def _record(
    tags: dict[str, bytes], seal: SealLine, hashes: dict[str, Kept], sealer: Key, log: bytes | None
) -> tuple[dict[str, Any], list[str]]:
    """The record, which is the one that was sealed and names exactly the evidence that is here or, by the
    server's word, was taken out by an order; the paths of the latter.
    """
    data = tags[layout.RECORD]
    found = verify_record(data, sealing.qr_text(seal.line, seal.signature), {seal.key_id: sealer.der})
    if not found.genuine:
        raise _Failed(found.reason, **found.params)
    record: dict[str, Any] = canonical.decode(data)
    items = record.get("evidence") or []
    named = {}
    gone: list[str] = []
    ordered = orders.stems(tags)
    for item in items if isinstance(items, list) else []:
        path = item.get("path") if isinstance(item, dict) else None
        if path is None:
            continue
        named[str(path)] = str(item.get("sha256"))
        here = hashes.get(str(path))
        if here is None and orders.stem_of(str(path)) in ordered and layout.EVIDENCE.fullmatch(str(path)):
            gone.append(str(path))
            continue
        if here is None or here.sha256 != item.get("sha256") or item.get("sm3") not in (None, here.sm3):
            raise _Failed(
                N_("Not genuine: the evidence {name} is not here as the record has it."),
                name=ascii(str(path))[1:-1][:60],
            )
    # VERIFY.sh finds them by their text: what it could find more is no record of ours
    as_text = [(path.decode("utf-8"), digest.decode()) for path, digest in _FILE_OF_RECORD.findall(data)]
    here_or_gone = hashes.keys() - {layout.RECORD} | {*gone}
    if sorted(named.items()) != sorted(as_text) or named.keys() != here_or_gone:
        raise _Failed(N_("Not genuine: the evidence here is not the evidence that the record names."))
    if sorted(map(orders.stem_of, gone)) != sorted(ordered):
        raise _Failed(N_("Not genuine: the evidence here is not the evidence that the record names."))
    for path in gone:
        stem = orders.stem_of(path)
        if log is None or not orders.is_genuine(tags, stem, log):
            raise _Failed(_CHANGED, name=f"{stem}.order.sig")
        if not orders.names_file(tags, stem, named[path]):
            raise _Failed(_CHANGED, name=f"{stem}.order.body")
        if not orders.is_on(tags, stem, path):
            raise _Failed(_CHANGED, name=f"{stem}.order.head")
    return record, sorted(gone)


def _entry(tags: dict[str, bytes], seal: SealLine, record: dict[str, Any], sealer: Key) -> bytes:
    """The hash of the seal's entry in the device's journal, which says the same as seal and record."""
    prev, head, body = (tags[f"entry.{part}"] for part in ("prev", "head", "body"))
    own, carried = _OWN.match(head), _CARRIED.search(head)
    if len(prev) != 32 or own is None:
        raise _Failed(_CHANGED, name="entry.head")
    # a seal that another chain carries stood behind the record's `prev` at its first home
    device, number, before = carried.groups() if carried else (*own.groups()[:2], prev.hex().encode())
    signature = base64.urlsafe_b64encode(seal.signature).rstrip(b"=")
    begins = b'{"line":"' + seal.line.encode() + b'","sig":"' + signature + b'","covers":['
    ends = b'],"bytes":"' + seal.digest.encode() + b'"}'
    if not (
        device.decode() == device_id(sealer.der)
        and int(number) == seal.seq
        and own[3].decode("utf-8", "replace") == record.get("id")
        and (before is None or before.decode() == record.get("prev"))
    ):
        raise _Failed(_CHANGED, name="entry.head")
    if not (body.startswith(begins) and body.endswith(ends)):
        raise _Failed(_CHANGED, name="entry.body")
    return hashlib.sha256(hash_input(prev, head, body)).digest()


def _log_key(tags: dict[str, bytes], root: bytes | None) -> bytes | None:
    """The key of the server's log, where the package names it."""
    pem = tags.get("log.crt")
    if pem is None:
        return None
    named = holder(pem)
    if named is None or not named.log:
        raise _Failed(N_("Not genuine: {name} is no certificate for a server's log."), name="log.crt")
    if root is not None and not issued_by(pem, root):
        raise _Failed(
            N_(
                "Not genuine: the certificate {name} was not issued by the root that you gave. It is "
                "forged, or of another agency."
            ),
            name="log.crt",
        )
    return named.key


def _logged(tags: dict[str, bytes], entry: bytes, key: bytes | None) -> Logged | None:
    """Where the log was proved to hold the entry; None where the package has no proof."""
    if "log.tlog-proof" not in tags or key is None:
        return None
    failed = _Failed(N_("Not genuine: the server's log does not hold this seal."))
    proof = tags["log.tlog-proof"].decode("utf-8", "replace")
    parts = _PROOF.match(proof)
    if parts is None:
        raise failed
    note = proof[parts.end() :]
    try:
        path = tuple(map(base64.b64decode, parts[2].split()))
        receipt = Receipt(int(parts[1]) + 1, entry, path, note)
        head = receipt.verify(key)
        text = checkpoint.verified_text(note, name=None, public_key=key)
        signature = checkpoint.signature_of(note, key)
    except (ReceiptRefused, CheckpointRefused, ValueError) as error:
        raise failed from error
    if receipt.as_tlog_proof() != proof:
        raise failed
    _same_text("checkpoint.txt", tags, text.encode())
    _same_text("checkpoint.sig", tags, signature)
    return Logged(receipt.cursor, head, checkpoint.signed_at(text))


def _named(tags: dict[str, bytes], record: dict[str, Any], key: bytes | None) -> str | None:
    """When the checkpoint that the record names was signed; None where that is not proved, "" not stated."""
    data = tags.get(layout.NOTE_OF_TIME)
    if data is None or key is None:
        return None
    if hashlib.sha256(data).hexdigest() != record.get("after"):
        raise _Failed(_CHANGED, name=layout.NOTE_OF_TIME)
    try:
        text = checkpoint.verified_text(data.decode("utf-8"), name=None, public_key=key)
    except (CheckpointRefused, UnicodeDecodeError) as error:
        raise _Failed(_CHANGED, name=layout.NOTE_OF_TIME) from error
    return checkpoint.signed_at(text)


def _stamped(tags: dict[str, bytes], root: bytes | None) -> Said | None:
    """What the outside time-stamp says, by the root of its authority; None where the package has none."""
    if layout.STAMP not in tags:
        return None
    if root is None:
        return verdict.STAMP_UNCHECKED, {}
    try:
        stamp = stamps.check(tags[layout.STAMP], tags["checkpoint.txt"], root)
    except stamps.StampRefused as error:
        raise _Failed(N_("Not genuine: the outside time-stamp is false, or of another authority.")) from error
    return verdict.STAMPED, {"time": stamp.time, "authority": stamp.authority}


def _found(
    seal: SealLine,
    sealer: Key,
    root: bytes | None,
    logged: Logged | None,
    after: str | None,
    stamp: Said | None,
    gone: list[str],
) -> tuple[Said, ...]:
    key = {"key": seal.key_id}
    found: list[Said] = [(verdict.INTEGRITY, {}), *((verdict.TAKEN_OUT, {"name": each}) for each in gone)]
    if not sealer.certified:
        found.append((verdict.UNREGISTERED, key))
    elif root is None:
        found.append((verdict.NO_ROOT, key))
    else:
        found.append((verdict.ORIGIN, key | {"organisation": sealer.organisation}))
    found.append((verdict.NOT_BEFORE, {"time": after}) if after else (verdict.NO_LOWER_BOUND, {}))
    before = logged.time if logged is not None else ""
    if before:
        found.append((verdict.NOT_AFTER, {"time": before}))
    if stamp is not None:
        found.append(stamp)
    if logged is not None:
        place = {"place": logged.place, "size": logged.head.size, "origin": logged.head.origin}
        found.append((verdict.LOGGED, place))
    else:
        found.append((verdict.NOT_LOGGED, {}))
    if (after and seal.time_ms < _ms(after) - _CLOCK_MS) or (
        before and seal.time_ms > _ms(before) + _CLOCK_MS
    ):
        claim = datetime.fromtimestamp(seal.time_ms // 1000, UTC)
        found.append((verdict.CLOCK, {"time": f"{claim:%Y-%m-%dT%H:%M:%SZ}"}))
    found.append((verdict.NOT_PROVED, {}))
    return tuple(found)


def _ms(time: str) -> int:
    return int(datetime.strptime(time, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp() * 1000)
