"""Forms that the bureau brought, filled during a visit: begun, answered value by value, and read again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from models.errors import BadInput, RuleBroken
from models.forms.audit import NAME, audit_of
from models.forms.brought import form_of
from models.forms.filling import Filling
from models.forms.model import Form, language_code
from models.forms.styling import unstyled
from models.forms.tables import BroughtForm
from models.inspections.form_logs import audit_csv, audit_digest
from models.inspections.known import Missing
from models.inspections.rules import child_id
from models.inspections.tables import FilledForm, FormAnswer
from models.inspections.writing import keep, open_inspection, remember
from models.language import N_, current_language
from models.registry import keeping
from models.registry.days import today
from models.store.change import Change, Scalar, new_id, put

if TYPE_CHECKING:
    from models.store.seat import Seat


@dataclass(frozen=True, slots=True)
class FilledRow:
    """A filled form as a list shows it."""

    id: str
    title: str
    version: str
    answered: int
    """Questions that have an answer."""
    lacking: int
    """Required questions without an answer, and answers that cannot be right."""
    trouble: str
    """Why it cannot be opened here, in the reader's language; "" where it can."""


def begin_form(seat: Seat, inspection_id: str, form_record: str) -> str:
    """Begin to fill a form in a visit, with its defaults. Returns the filled form's record id.

    Raises:
        RuleBroken: there is no such form in use, or the visit is sealed.
        BadInput: the form is damaged here.
    """
    with seat.writing():
        visit = open_inspection(seat, inspection_id)
        row = keeping.standing(seat, "form", form_record)
        form = form_of(seat, form_record)
        filling = Filling(form, language=reader_language(form))
        record = new_id()
        keep(
            seat,
            N_("Form begun"),
            visit,
            "filled_form",
            record,
            inspection=visit.id,
            form=row.id,
            title=row.title,
        )
        seat.write(
            *(
                put(
                    "form_answer",
                    child_id(record, "form_answer", path),
                    visit.unit,
                    **_fields(visit.id, record, path),
                    value=value,
                )
                for path, value in filling.answers().items()
            )
        )
    return record


def answer_form(seat: Seat, filled_id: str, values: Mapping[str, str | None]) -> None:
    """Keep values of a filled form, and what the form reckons from them. One step of `undo`.

    Args:
        values: path to text; None where there is no value any more, or its round was taken away.

    Raises:
        RuleBroken: there is no such filled form, or the visit is sealed.
    """
    with seat.writing():
        filled = keeping.standing(seat, "filled_form", filled_id)
        visit = open_inspection(seat, filled.inspection)
        held = _ever_kept(seat, filled_id)
        changed = {path: text for path, text in values.items() if held.get(path) != text}
        back: list[Change] = []
        wrote: list[tuple[str, str, dict[str, Scalar]]] = []
        for path, text in changed.items():
            record = child_id(filled_id, "form_answer", path)
            fields: dict[str, Scalar] = {"value": text}
            if path not in held:
                fields |= _fields(visit.id, filled_id, path)
            seat.write(put("form_answer", record, visit.unit, **fields))
            back.append(put("form_answer", record, visit.unit, value=held.get(path)))
            wrote.append(("form_answer", record, {"value": text}))
        if changed:
            remember(seat, N_("Answer in a form"), visit.id, tuple(back), tuple(wrote))


def _fields(visit: str, filled: str, path: str) -> dict[str, Scalar]:
    return {"inspection": visit, "filled": filled, "path": path}


def kept_answers(seat: Seat, filled_id: str) -> dict[str, str]:
    """The values of a filled form by path."""
    return {path: value for path, value in _ever_kept(seat, filled_id).items() if value is not None}


def _ever_kept(seat: Seat, filled_id: str) -> dict[str, str | None]:
    """Also the paths whose value is no more."""
    with seat:
        columns = FormAnswer.path, FormAnswer.value
        found = FormAnswer.select(*columns).where(FormAnswer.filled == filled_id, FormAnswer.voided.is_null())
        rows: Any = found.order_by(FormAnswer.path, FormAnswer.id).tuples()
        return dict(rows)


def filling_of(seat: Seat, filled_id: str) -> Filling:
    """A filled form as it is now, to go on with.

    Raises:
        RuleBroken: there is none, or its form has not come yet.
        BadInput: its form is damaged here.
    """
    row = keeping.standing(seat, "filled_form", filled_id)
    form = form_of(seat, row.form)
    filling = Filling(form, kept_answers(seat, filled_id), language=reader_language(form))
    audit = audit_of(form)
    if audit is not None and audit_csv(seat, filled_id, audit):
        filling.set(audit.path, NAME)
    return filling


def reader_language(form: Form) -> str:
    """The form's language that is nearest to the one on the screen; its default where it has none."""
    wanted = current_language()
    for name in form.languages:
        if language_code(name).split("-")[0] in _CALLED[wanted]:
            return name
    return form.default_language


_CALLED = {"zh": {"zh", "chinese", "中文", "汉语", "简体中文"}, "en": {"en", "english", "英文", "英语"}}


def filled_forms(seat: Seat, inspection_id: str) -> list[FilledRow]:
    """The forms filled in a visit, in the order in which they were begun."""
    return [_row(seat, each) for each in _standing(seat, inspection_id)]


def lacking_of(seat: Seat, inspection_id: str) -> list[Missing]:
    """What the forms filled in a visit still lack, by the forms' own rules.

    A visit is looked through after each of its answers: a form whose values, language and day are the same is
    not reckoned again.
    """
    found: list[Missing] = []
    known = _looked_through.setdefault(seat, {})
    for row in _standing(seat, inspection_id):
        as_of = kept_answers(seat, row.id), current_language(), today(seat)
        if row.id not in known or known[row.id][0] != as_of:
            try:
                known[row.id] = as_of, _lacking(row, filling_of(seat, row.id))
            except (RuleBroken, BadInput) as error:  # its form may yet come
                params = {"form": row.title or "", "reason": error}
                found.append(Missing("form", N_("{form}: {reason}"), "", row.id, params=params))
                continue
        found += known[row.id][1]
    return found


_looked_through: WeakKeyDictionary[Seat, dict[str, tuple[Any, list[Missing]]]] = WeakKeyDictionary()


def _lacking(row: FilledForm, filling: Filling) -> list[Missing]:
    return [
        Missing(
            "form",
            N_("{form}: {question}: {reason}"),
            path,
            row.id,
            params={"form": row.title or "", "question": place_words(filling, path), "reason": words},
        )
        for path, words in lacking_in(filling).items()
    ]


def place_words(filling: Filling, path: str) -> str:
    """A question's words, with the rounds of repeats that it stands in: "储罐 2 · 容积"."""
    rounds = []
    at = path.find("[")
    while at >= 0:
        end = path.index("]", at)
        rounds.append(f"{unstyled(filling.label(path[: end + 1]))} {path[at + 1 : end]}")
        at = path.find("[", end)
    return " · ".join([*rounds, unstyled(filling.label(path))])


def lacking_in(filling: Filling) -> dict[str, str]:
    """Path to sentence: required questions without an answer, then answers that cannot be right."""
    return {each.path: each.message for each in filling.missing()} | filling.errors()


def sealed_forms(seat: Seat, inspection_id: str) -> list[dict[str, Any]]:
    """What the seal of a visit says of its filled forms: which form, and every value that counts."""
    stated = []
    for row in _standing(seat, inspection_id):
        filling = filling_of(seat, row.id)
        kept = kept_answers(seat, row.id)  # as written down: a form that asks for the time reckons anew
        brought: BroughtForm = keeping.kept(seat, "form", row.form or "")
        stated.append(
            {
                "id": row.id,
                "form": brought.form_id,
                "version": brought.form_version,
                "title": brought.title,
                "file_sha256": brought.file_sha256,
                "document_sha256": brought.packed_sha256,
                **_stated_log(seat, row.id, filling.form),
                "answers": [
                    {"path": path, "question": filling.label(path), "value": kept[path]}
                    for path in filling.answers(relevant_only=True)
                    if kept.get(path)
                ],
            }
        )
    return stated


def _stated_log(seat: Seat, filled_id: str, form: Form) -> dict[str, str]:
    digest = audit_digest(seat, filled_id, audit_of(form))
    return {} if digest is None else {"audit_sha256": digest}


def _standing(seat: Seat, inspection_id: str) -> list[FilledForm]:
    with seat:
        found = FilledForm.select().where(FilledForm.inspection == inspection_id, FilledForm.voided.is_null())
        return list(found.order_by(FilledForm.made_at, FilledForm.id))


def _row(seat: Seat, row: FilledForm) -> FilledRow:
    version, trouble, lacking, answered = "", "", 0, 0
    with seat:
        brought = BroughtForm.get_or_none(BroughtForm.id == row.form)
    if brought is not None:
        version = brought.form_version or ""
    try:
        filling = filling_of(seat, row.id)
        lacking = len(lacking_in(filling))
        answered = sum(filling.field(path).is_question for path in filling.answers(relevant_only=True))
    except (RuleBroken, BadInput) as error:
        trouble = error.text()
    return FilledRow(row.id, row.title or "", version, answered, lacking, trouble)
