"""The seal of any record: its exact bytes in the vault, the device's signed line, one entry that names both.

What the bytes say is the matter of the area whose record it is (`models.inspections.sealing`,
`models.oversight.dispatch`); they give them in J1 (`models.inspections.canonical`).
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec

from models.errors import BadInput, StoreRefused
from models.language import N_
from models.registry.rules import tidy_text
from models.store import sealing as lines
from models.store.change import Change, seal
from models.store.fold import BESIDE, put_aside
from models.store.redacting import order_among, order_on_file
from models.store.seat import Place
from models.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from models.store.entry import Entry
    from models.store.seat import Seat

DEFAULT_HOST = "QINGCHA.INVALID"
"""Stands in the seal line where no server's address is known yet (RFC 2606: a name that never resolves)."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A seal: what is printed, and what verifies it."""

    record: str
    """Id of the sealed record."""
    number: str
    line: str
    signature: bytes
    """DER."""
    sha256: str
    """Of the exact bytes, in hex; they lie in the vault under it."""
    entry: str
    """Hash of the seal entry, in hex."""
    sealed_at: int
    """ms since 1970 UTC, the device's claim."""
    taken_out: str = ""
    """By which order content that it covers, or the sealed bytes, were taken out since; empty for none."""

    @property
    def qr_text(self) -> str:
        """What the QR code on each page holds."""
        return lines.qr_text(self.line, self.signature)


def seal_of(seat: Seat, record_id: str) -> Sealed | None:
    """The seal of a record, read from its entry; None before it is sealed."""
    with seat:
        entries = seat.journal.entries_of(record_id)
        aside = put_aside(entries, seat.journal.authority)
        seals = [each for each in entries if each.parsed_head.k == "seal" and each.hash.hex() not in aside]
        for each in sorted(seals, key=lambda entry: entry.order()):
            with contextlib.suppress(KeyError, ValueError, BadInput):  # else no word of any device
                found = _read(each)
                order = order_among(seat.journal, {*_covered(each), each.uid, each.hash.hex()})
                return replace(found, taken_out=order.why) if order is not None else found
    return None


def _covered(seal: Entry) -> set[str]:
    covers = seal.parsed_body.get("covers")
    return {each for each in covers if isinstance(each, str)} if isinstance(covers, list) else set()


def sealed_bytes(seat: Seat, record_id: str) -> bytes | None:
    """The exact bytes that were sealed; None before. StoreRefused where the vault does not hold them."""
    found = seal_of(seat, record_id)
    if found is None:
        return None
    refuse_taken_out(seat, found)
    with seat.vault.open(found.sha256) as stream:
        return bytes(stream.read())


def refuse_taken_out(seat: Seat, found: Sealed) -> None:
    """Say so where a sealed record's own file is not here because an order took it out.

    Raises:
        StoreRefused: as said.
    """
    if seat.vault.has(found.sha256):
        return
    with seat:
        order = order_on_file(seat.journal, found.sha256, found.record)
    if order is not None:
        raise StoreRefused(
            N_("Taken out by order ({why}). Its hash, the seal and its place in the log are intact."),
            why=order.why,
        )


def _read(entry: Entry) -> Sealed:
    body = entry.parsed_body
    line = str(body["line"])
    signature = str(body["sig"])
    parsed = lines.parse_line(line)
    return Sealed(
        record=entry.parsed_head.e,
        number=parsed.number,
        line=line,
        signature=base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)),
        sha256=str(body["bytes"]),
        entry=entry.hash.hex(),
        sealed_at=parsed.time_ms,
    )


def seal_record(
    seat: Seat,
    kind: str,
    record_id: str,
    unit: str,
    number: str | None,
    site_code: str | None,
    covered: Sequence[str],
    evidence_count: int,
    content: Callable[[Place, int], bytes],
    host: str | None,
) -> Sealed:
    """Build the bytes for their place in the chain, keep them, sign the line, write the seal entry.

    Args:
        covered: ids of the records whose entries the seal covers: its own and its children's.
        content: the exact bytes, from the place in the chain and the time of the seal (ms since 1970 UTC).
        host: address of the server that the QR code leads to; else the seat's `verify_host` note, else none.
    """

    def build(place: Place) -> list[Change]:
        moment = seat.clock.wall_ms() // 1000 * 1000
        data = content(place, moment)
        _keep_named(seat, place)
        digest = hashlib.sha256(data).hexdigest()
        seat.vault.put_bytes(data)
        line = lines.seal_line(
            host or seat.meta("verify_host") or DEFAULT_HOST,
            number or "",
            site_code or "",
            moment,
            place.seq,
            evidence_count,
            digest,
            seat.key_id,
        )
        return [
            seal(kind, record_id, unit, line, seat.sign(line.encode("ascii")), _hashes(seat, covered), digest)
        ]

    written = seat.write_next(build)
    return _read(written[-1])


def named_checkpoint(seat: Seat, after: str) -> str | None:
    """The server's signed checkpoint that a seal made here names by hash; None where it is not kept."""
    return seat.meta(f"checkpoint_{after}")


def _keep_named(seat: Seat, place: Place) -> None:
    """Keep the checkpoint that the seal names: others go, this one bounds the seal's time from below."""
    note = seat.meta("checkpoint_note")
    if place.after and note and hashlib.sha256(note.encode()).hexdigest() == place.after:
        seat.set_meta(**{f"checkpoint_{place.after}": note})


def _hashes(seat: Seat, records: Sequence[str]) -> list[str]:
    """The hashes, of the first home each, of the entries that count, of these records."""
    found: list[str] = []
    for entries in seat.journal.entries_of_many(records).values():
        aside = put_aside(entries, seat.journal.authority)
        found += [
            each.uid for each in entries if each.parsed_head.k not in BESIDE and each.hash.hex() not in aside
        ]
    return found


def frame(
    seat: Seat, schema: str, record: str, number: str | None, place: Place, moment: int
) -> dict[str, Any]:
    """What every sealed record states of itself, its device and its clock."""
    clock = seat.clock
    return {
        "schema": schema,
        "id": record,
        "number": number,
        "seq": place.seq,
        "prev": place.prev.hex(),
        "after": place.after,
        "alg": "ecdsa-p256-sha256",
        "key": seat.key_id,
        "device": seat.device,
        "app": f"qingcha {VERSION}",
        "clock": {
            "wall": moment,
            "tz": clock.offset_minutes(moment),
            "boot": clock.boot(),
            "mono_ms": clock.mono_ms(),
            "last_server": _last_server(seat),
        },
    }


def _last_server(seat: Seat) -> int | None:
    kept = seat.meta("clock_anchor")
    return int(msgspec.json.decode(kept)["server"]) if kept else None


def tidied(value: Any) -> Any:
    """The value with all its texts tidy: rows that came from elsewhere may hold what no record may."""
    if isinstance(value, str):
        return tidy_text(value)
    if isinstance(value, dict):
        return {name: tidied(each) for name, each in value.items()}
    if isinstance(value, list):
        return [tidied(each) for each in value]
    return value
