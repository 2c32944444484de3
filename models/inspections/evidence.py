"""Taking evidence in and passing it on: files into the vault, what they claim of themselves, custody."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import RuleBroken
from models.inspections import rules
from models.inspections.claims import Claims, claims_of
from models.inspections.items import visit_items
from models.inspections.photo import LARGEST_BYTES, PhotoReader, looks_like_photo
from models.inspections.tables import Evidence, Inspection
from models.inspections.writing import (
    open_inspection,
    refuse_unknown_item,
    refuse_who_may_not_inspect,
    remember,
    tidy,
)
from models.language import N_
from models.registry import queries as registry
from models.registry.keeping import row_of
from models.registry.numbers import device_tag
from models.registry.rules import tidy_line
from models.store.change import Change, attach, new_id, put, void
from models.store.digests import Kept

if TYPE_CHECKING:
    from models.store.seat import Seat

_NAME_LIMIT = 255


def take_in(
    seat: Seat,
    inspection_id: str,
    path: Path | None,
    *,
    kind: str,
    item: str | None = None,
    purpose: str | None = None,
    progress: Callable[[int, int], None] | None = None,
    photos: PhotoReader | None = None,
    **fields: Any,
) -> str:
    """Take one piece of evidence in: a file into the vault, or a thing without a file (path None).

    What the file says of its time and place is kept as a claim with its source, never as a fact; when it
    arrived here is our own observation. Maker and time are filled in where they follow from these.

    Args:
        kind: one of the eight `rules.EVIDENCE_KINDS`.
        item: code of the checklist item that it belongs to.
        purpose: what it is to prove (证明对象).
        progress: called with bytes done and bytes in all.
        photos: keep one for a batch; without it each photo is read in a process of its own (0.2 s).
        fields: any other field of `Evidence`.

    Returns:
        The evidence's record id.

    Raises:
        BadInput: the file cannot be read. RuleBroken: a value is not possible, or the inspection is sealed.
        StoreRefused: the disk is full. Nothing is half taken in.
    """
    values = _asked(seat, inspection_id, fields, kind=kind, item=item, purpose=purpose)
    file: dict[str, Any] = {}
    claims = Claims()
    if path is not None:
        claims = claims_of(path, photos)
        kept = seat.vault.put_file(path, progress)
        file = _file_of(kept, path.name, _media(path))
    return _write(seat, inspection_id, values, file, claims)


def take_in_kept(
    seat: Seat,
    inspection_id: str,
    kept: Kept,
    *,
    name: str,
    kind: str,
    item: str | None = None,
    purpose: str | None = None,
    photos: PhotoReader | None = None,
    note: str | None = None,
    **fields: Any,
) -> str:
    """Take in a file whose content the vault has already, as one that a phone sent; else as `take_in`.

    Args:
        kept: what `seat.vault.put_stream` gave back.
        name: the file's name as it came; hostile characters are made visible.
        note: how it came, for the first event of its custody.

    Returns:
        The evidence's record id.

    Raises:
        RuleBroken: a value is not possible, or the inspection is sealed.
        StoreRefused: the content is not in the vault or damaged.
    """
    values = _asked(seat, inspection_id, fields, kind=kind, item=item, purpose=purpose)
    with seat.vault.open(kept.sha256) as stream:
        start = stream.read(16)
    claims = Claims()
    if looks_like_photo(start) and kept.size <= LARGEST_BYTES:
        with seat.vault.open(kept.sha256) as stream:
            claims = claims_of(stream.read(), photos)
    return _write(
        seat, inspection_id, values, _file_of(kept, name, rules.media_type(start, name)), claims, note
    )


def refuse_closed(seat: Seat, inspection_id: str) -> None:
    """Refuse an inspection that takes no evidence: before a long transfer, not after it.

    Raises:
        RuleBroken: there is none, it is withdrawn or sealed, or the person may not inspect.
    """
    open_inspection(seat, inspection_id)


def _asked(seat: Seat, inspection_id: str, fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The tidy values of the evidence, when they are possible; before any file is moved."""
    row = open_inspection(seat, inspection_id)
    values = tidy("evidence", {**fields, **more})
    if more["kind"] not in rules.EVIDENCE_KINDS:
        raise RuleBroken(N_("Say which of the eight kinds of evidence it is."), field="kind", basis="V05")
    refuse_unknown_item(row, more["item"])
    return values


def _file_of(kept: Kept, name: str, media: str) -> dict[str, Any]:
    return {
        "sha256": kept.sha256,
        "sm3": kept.sm3,
        "size": kept.size,
        "mime": media,
        "name": tidy_line(name)[:_NAME_LIMIT],
    }


def _write(
    seat: Seat,
    inspection_id: str,
    values: dict[str, Any],
    file: dict[str, Any],
    claims: Claims,
    note: str | None = None,
) -> str:
    """Evidence, file and first custody event in one transaction; gives the evidence's record id back."""
    now = seat.clock.wall_ms()
    with seat.writing():
        row = open_inspection(seat, inspection_id)
        record = new_id()
        for name, value in _claimed(claims).items():
            values.setdefault(name, value)
        maker = registry.officer(seat, seat.person)
        if file:  # who is unlocked took it, until corrected
            values["maker"] = values.get("maker") or (maker.name if maker else None)
        values["made_at_claim"] = values.get("made_at_claim") or claims.sound_time
        values["purpose"] = values.get("purpose") or _purpose(row, values.get("item"))
        values = {
            **values,
            "inspection": row.id,
            "title": _title(seat, row),
            "form": values.get("form") or "original",
            "taken_in_at": now,
        }
        custody = new_id()
        changes: list[Change] = [put("evidence", record, row.unit, **tidy("evidence", values))]
        if file:
            changes.append(attach("evidence", record, row.unit, file))
        event: dict[str, Any] = {
            "inspection": row.id,
            "evidence": record,
            "action": "collected",
            "by": seat.person,
            "at": now,
        }
        if note:
            event["note"] = tidy("custody", {"note": note})["note"]
        changes.append(put("custody", custody, row.unit, **event))
        seat.write(*changes)
        why = "undone"
        remember(
            seat,
            N_("Evidence taken in"),
            row.id,
            (void("custody", custody, row.unit, why), void("evidence", record, row.unit, why)),
            (("evidence", record, {"voided": None}),),
        )
    return record


def hand_over(
    seat: Seat,
    evidence_id: str,
    action: str,
    *,
    by: str | None = None,
    to: str | None = None,
    at: int | None = None,
    seal_number: str | None = None,
    note: str | None = None,
) -> str:
    """Write a custody event: bagged, handed, received, opened. Also possible after the seal.

    Args:
        action: one of `rules.CUSTODY_ACTIONS`.
        by: officer record id or name; who is unlocked unless given.
        to: officer record id or name of who has it now.
        at: ms since 1970 UTC; now unless given.
        seal_number: number of the bag's seal.

    Returns:
        The event's record id.

    Raises:
        RuleBroken: no such evidence, a bag without seal number, handed to nobody, or before it was taken in.
    """
    refuse_who_may_not_inspect(seat)
    with seat.writing():
        row = row_of(seat, "evidence", evidence_id)
        if row is None or row.voided is not None:
            raise RuleBroken(N_("There is no such evidence."), field="evidence")
        moment = at if at is not None else seat.clock.wall_ms()
        given: dict[str, Any] = {
            "evidence": evidence_id,
            "action": action,
            "by": by or seat.person,
            "to": to,
            "at": moment,
            "seal_number": seal_number,
            "note": note,
        }
        values = tidy("custody", given)
        if action == "bagged" and not values["seal_number"]:
            raise RuleBroken(N_("Give the number of the bag's seal."), field="seal_number")
        if action == "handed" and not values["to"]:
            raise RuleBroken(N_("Say who has it now."), field="to")
        if row.taken_in_at is not None and moment < row.taken_in_at:
            raise RuleBroken(N_("This is earlier than the evidence was taken in."), field="at")
        inspection = Inspection.get_or_none(Inspection.id == row.inspection)
        if inspection is not None and not inspection.sealed:
            values["inspection"] = inspection.id  # before the seal it is part of the visit
        record = new_id()
        seat.write(put("custody", record, row.unit, **values))
    return record


def _claimed(claims: Claims) -> dict[str, Any]:
    return {
        "claim_time": claims.time,
        "claim_time_source": claims.time_source,
        "claim_place": claims.place,
        "claim_place_source": claims.place_source,
        "claim_problems": claims.problems,
    }


def _media(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return rules.media_type(file.read(16), path.name)
    except OSError:
        return "application/octet-stream"


def _purpose(row: Inspection, item: str | None) -> str | None:
    """What the item is about serves until the officer says it better."""
    known = visit_items(row).get(item or "")
    return known.zh if known is not None else None


def _title(seat: Seat, row: Inspection) -> str:
    """The name that we give: record number, E and a count; another device's tag where it joined the visit."""
    own = (Evidence.inspection == row.id) & (Evidence.device == seat.device)
    count = Evidence.select().where(own).count() + 1
    tag = "" if row.device == seat.device else device_tag(seat.device)
    return f"{row.number}-E{tag}{count:02d}"
