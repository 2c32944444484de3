"""Bringing a form into the notebook, and reading it again wherever the notebook's records went.

A form travels in the journal, as what pyxform made of it (an XForm document with its lists), packed and in
parts: so every notebook that holds the unit has it offline, none needs pyxform to open it, and what a visit
was answered by can be read again years later.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import msgspec

from models.errors import BadInput, RuleBroken
from models.forms import guard
from models.forms.load import Converted, convert_untrusted, finished
from models.forms.model import Form
from models.forms.tables import BroughtForm, FormPart
from models.language import N_
from models.registry import keeping
from models.store.change import new_id, put, void

if TYPE_CHECKING:
    from models.store.seat import Seat

PART_BYTES = 120_000
"""Packed bytes in one entry: in base64 well within what an entry's body may hold."""
MOST_PARTS = 40
_MOST_DOCUMENT = 4 * guard.MOST_XFORM
_MOST_OPEN = 8

_open: WeakKeyDictionary[Seat, dict[str, Form]] = WeakKeyDictionary()


def bring(seat: Seat, path: Path | str, unit: str = "") -> str:
    """Read a form file and keep it in the notebook; the file may then go. Returns the record's id.

    A form that is here already in just this version is not brought twice: its record's id is returned.

    Args:
        path: an .xlsx or .md (XLSForm), or an .xml (XForm) with its lists beside it; from anybody.
        unit: the unit that it is for; that of the notebook unless given.

    Raises:
        RuleBroken: the person may not, or there is another form with the same id and version.
        BadInput: the file is no usable form, or too large (`models.forms.load`).
    """
    keeping.allow(seat, "form")
    file = Path(path)
    file_sha256 = hashlib.sha256(guard.read_bytes(file)).hexdigest()
    converted = convert_untrusted(file)
    form = finished(converted)
    packed = zlib.compress(msgspec.json.encode(converted), 9)
    pieces = [packed[at : at + PART_BYTES] for at in range(0, len(packed), PART_BYTES)]
    if len(pieces) > MOST_PARTS:
        raise BadInput(
            N_("The form {file} with its lists is too large to travel: {size} MB packed, {most} MB fit."),
            file=file.name,
            size=len(packed) // 1_000_000,
            most=MOST_PARTS * PART_BYTES // 1_000_000,
        )
    record, unit = new_id(), unit or seat.unit
    with seat.writing():
        known = _same_version(seat, form)
        if known is not None:
            if known.packed_sha256 == hashlib.sha256(packed).hexdigest():
                return str(known.id)
            raise RuleBroken(
                N_(
                    "Version {version} of the form {form} is here already and says something else. Give "
                    "yours another version in its settings sheet."
                ),
                field="file",
                version=form.version or "–",
                form=form.id,
            )
        fields = {
            "form_id": form.id,
            "form_version": form.version,
            "title": form.title,
            "questions": sum(each.is_question for each in form.root.walk()),
            "file_name": file.name,
            "file_sha256": file_sha256,
            "packed_sha256": hashlib.sha256(packed).hexdigest(),
            "parts": len(pieces),
        }
        keeping.make(seat, "form", unit, keeping.tidy("form", fields), record=record)
        seat.write(
            *(
                put(
                    "form_part",
                    new_id(),
                    unit,
                    form=record,
                    number=number,
                    data=base64.b64encode(piece).decode("ascii"),
                )
                for number, piece in enumerate(pieces, 1)
            )
        )
    return record


def retire(seat: Seat, form_record: str, why: str) -> None:
    """Take a form out of use, with a reason; what was answered by it stays readable.

    Raises:
        RuleBroken: there is no such form in use, no reason, or the person may not.
    """
    keeping.allow(seat, "form")
    why = keeping.need_text(why, "why")
    with seat.writing():
        row = keeping.standing(seat, "form", form_record)
        keeping.allow_unit(seat, "form", row.unit)
        seat.write(void("form", row.id, row.unit, why))


def form_of(seat: Seat, form_record: str) -> Form:
    """The form of a record, retired or not; read once while the notebook is open.

    Raises:
        RuleBroken: there is none, or not all of it has come yet.
        BadInput: it is damaged, or this version cannot read it.
    """
    known = _open.setdefault(seat, {})
    if form_record not in known:
        form = finished(_converted(seat, keeping.kept(seat, "form", form_record)))
        while len(known) >= _MOST_OPEN:
            known.pop(next(iter(known)))
        known[form_record] = form
    return known[form_record]


def forms_in_use(seat: Seat) -> list[BroughtForm]:
    """The newest of each form that may be filled, by title."""
    with seat:
        rows = BroughtForm.select().where(BroughtForm.voided.is_null()).order_by(BroughtForm.made_at)
        newest = {row.form_id: row for row in rows}
    return sorted(newest.values(), key=lambda row: (row.title or "", row.id))


def _same_version(seat: Seat, form: Form) -> Any:
    with seat:
        found = BroughtForm.select().where(
            BroughtForm.form_id == form.id,
            BroughtForm.form_version.is_null()
            if not form.version
            else BroughtForm.form_version == form.version,
            BroughtForm.voided.is_null(),
        )
        return found.order_by(BroughtForm.made_at).first()


def _converted(seat: Seat, row: Any) -> Converted:
    with seat:
        found = FormPart.select().where(FormPart.form == row.id, FormPart.voided.is_null())
        parts = [part.data or "" for part in found.order_by(FormPart.number)]
    if len(parts) < (row.parts or 0):
        raise RuleBroken(
            N_("Of the form {form} only {here} of {parts} parts have come yet. Synchronise again."),
            field="form",
            form=row.title or row.form_id or "",
            here=len(parts),
            parts=row.parts,
        )
    damaged = BadInput(
        N_("The form {form} is damaged here. Bring its file again as a new version."),
        form=row.title or row.form_id or "",
    )
    try:
        packed = b"".join(base64.b64decode(data, validate=True) for data in parts)
    except (binascii.Error, ValueError) as error:
        raise damaged from error
    if hashlib.sha256(packed).hexdigest() != row.packed_sha256:
        raise damaged
    try:
        unpacking = zlib.decompressobj()
        document = unpacking.decompress(packed, _MOST_DOCUMENT)
        if not unpacking.eof:  # a bomb, or cut off
            raise damaged
        return msgspec.json.decode(document, type=Converted)
    except (zlib.error, msgspec.DecodeError) as error:
        raise damaged from error
