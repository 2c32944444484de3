"""Commands on a room: its lists, one record, what can be done, doing it, a paper of a record.

`given.room` names the room in `models.rooms.MODULES`. A record is named by its id, its number, a beginning of
its id that no other has, or its name; `kind/` before it says which kind is meant.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from models import rooms
from models.errors import BadInput, RuleBroken
from models.language import N_, _, translate
from tui import acting, named
from tui.cli.opening import opened
from tui.cli.telling import DONE, FINDINGS, say, tell

if TYPE_CHECKING:
    from models.store.seat import Seat


def list_records(given: argparse.Namespace) -> int:
    """`qingcha ROOM list [LISTING] [TEXT]`."""
    room = rooms.room(given.room)
    listing, text = _listing(room, given.words)
    with opened(given) as notebook:
        refuse_unseen(notebook, listing.kind)
        lines = named.lines_of(notebook, listing, listing.find(notebook, text))
    cells = [[_text(cell) for cell in line.cells] for line in lines]
    facts = [
        {"id": line.id, **{column.title: text for column, text in zip(listing.columns, row, strict=False)}}
        for line, row in zip(lines, cells, strict=True)
    ]
    heads = [translate(column.title) for column in listing.columns]
    rows = [[*heads, "id"], *([*row, line.id] for line, row in zip(lines, cells, strict=True))]
    none = _("None found. The lists here: {names}").format(names=", ".join(one.name for one in room.listings))
    tell(given, facts, table(rows) if lines else none)
    return DONE


def _listing(room: rooms.Room, words: Sequence[str]) -> tuple[rooms.Listing, str]:
    """The list that is meant, and the text to find in it: a single word may be either.

    Raises:
        BadInput: there is no such list.
    """
    known = {each.name: each for each in room.listings}
    if words and words[0] in known:
        return known[words[0]], " ".join(words[1:])
    if len(words) < 2:
        return room.listings[0], " ".join(words)
    raise BadInput(
        N_("There is no list “{name}” here. There are: {names}"), name=words[0], names=", ".join(known)
    )


def show(given: argparse.Namespace) -> int:
    """`qingcha ROOM show RECORD`."""
    room = rooms.room(given.room)
    with opened(given) as notebook:
        kind, record = record_meant(notebook, room, given.record)
        refuse_unseen(notebook, kind, record)
        sheet = named.sheet_of(notebook, kind, record)
    lines = [f"{sheet.title}  [{sheet.state.text}]"]
    for section in sheet.sections:
        lines += ["", section.title, table([["  " + fact.label, fact.value] for fact in section.facts])]
    sections = [
        {
            "title": section.title,
            "facts": [
                {"label": fact.label, "value": fact.value, "kind": fact.kind, "id": fact.id}
                for fact in section.facts
            ],
        }
        for section in sheet.sections
    ]
    facts = {
        "kind": kind,
        "id": record,
        "title": sheet.title,
        "state": sheet.state.text,
        "sections": sections,
    }
    tell(given, facts, "\n".join(lines))
    return DONE


def acts(given: argparse.Namespace) -> int:
    """`qingcha ROOM acts [RECORD]`: what can be done, and on a record why not."""
    room = rooms.room(given.room)
    found = [acting.Offer(room, act, "") for act in room.acts]
    now: dict[str, dict[str, rooms.Choices]] = {}
    if given.record:
        with opened(given) as notebook:
            kind, record = record_meant(notebook, room, given.record)
            refuse_unseen(notebook, kind, record)
            pairs = [(room, act) for act in room.acts_on(kind)]
            found = acting.offers(notebook, pairs, record)
            now = {each.act.name: acting.choices(notebook, each.act, record) for each in found}
    lines = []
    for each in found:
        record_word = f" {each.act.subject.upper()}" if each.act.subject else ""
        lines.append(f"{each.act.name}{record_word}: {translate(each.act.title)}. {translate(each.act.help)}")
        lines += [f"    ! {each.refusal}"] if each.refusal else []
        lines += [f"    {_field_words(field)}" for field in _as_now(each.act, now)]
    names = ", ".join(f"{each.name} ({translate(each.title)})" for each in room.listings)
    lines.append(_("Lists: {names}").format(names=names))
    facts = {
        "lists": [{"name": each.name, "title": translate(each.title)} for each in room.listings],
        "acts": [_act_facts(each, _as_now(each.act, now)) for each in found],
    }
    tell(given, facts, "\n".join(lines))
    return DONE


def _field_words(field: rooms.Field) -> str:
    kinds = {
        "day": _("a date"),
        "moment": _("a date and time"),
        "money": _("yuan"),
        "number": _("a number"),
        "count": _("a whole number"),
        "flag": _("yes or no"),
        "record": _("id, number or name"),
    }
    words = kinds.get(field.kind, "")
    if field.choices:
        words = " | ".join(f"{value} {translate(label)}" for value, label in field.choices)
    needed = " *" if field.required else ""
    return f"{field.key}={needed} {translate(field.label)}" + (f" ({words})" if words else "")


def _as_now(act: rooms.Act, now: dict[str, dict[str, rooms.Choices]]) -> list[rooms.Field]:
    """The fields of an act, with the choices that the record can have now."""
    fewer = now.get(act.name, {})
    return [replace(field, choices=fewer.get(field.key, field.choices)) for field in act.fields]


def _act_facts(offer: acting.Offer, fields: list[rooms.Field]) -> dict[str, Any]:
    return {
        "name": offer.act.name,
        "title": translate(offer.act.title),
        "help": translate(offer.act.help),
        "subject": offer.act.subject,
        "refusal": offer.refusal,
        "fields": [
            {
                "name": field.key,
                "label": translate(field.label),
                "kind": field.kind,
                "of": field.of,
                "required": field.required,
                "choices": [value for value, _label in field.choices],
            }
            for field in fields
        ],
    }


def do(given: argparse.Namespace) -> int:
    """`qingcha ROOM do ACT [RECORD] name=value…`: 0 done, 1 done and something is to be looked at."""
    room = rooms.room(given.room)
    act = room.act(given.act)
    if act is None:
        names = ", ".join(each.name for each in room.acts)
        raise BadInput(N_("There is no act “{name}” here. There are: {names}"), name=given.act, names=names)
    words = list(given.words)
    if act.subject and (not words or "=" in words[0]):
        raise BadInput(N_("Name the record that it is done to: its id or number."))
    word = words.pop(0) if act.subject else ""
    raw = _values(act, words)
    with opened(given) as notebook:
        record = named.meant(notebook, (act.subject,), word)[1] if act.subject else ""
        for field in act.fields:
            if field.kind == "record" and raw.get(field.key):
                raw[field.key] = named.meant(notebook, (field.of,), raw[field.key])[1]
        refused = acting.refusal(notebook, act, record)
        if refused:
            raise RuleBroken("{reason}", reason=refused)
        try:
            made = acting.perform(notebook, act, record, raw)
        except RuleBroken as broken:
            raise _with_its_word(act, broken) from broken
        remarks = acting.remarks(notebook, act, record)
    for sentence in remarks:
        say(sentence)
    facts = {"id": made if isinstance(made, str) else record or None}
    said = f"{translate(act.title)}: {facts['id']}" if facts["id"] else translate(act.title)
    tell(given, facts, "{said}", said=said)
    return FINDINGS if remarks else DONE


def _with_its_word(act: rooms.Act, broken: RuleBroken) -> RuleBroken:
    """The refusal with the word of the field that it is about, and the words that the field takes."""
    field = next((each for each in act.fields if each.key == broken.field), None)
    if field is None:
        return broken
    takes = f" [{', '.join(value for value, _label in field.choices)}]" if field.choices else ""
    reason = f"{field.key}: {broken.text()}{takes}"
    return RuleBroken("{reason}", field=field.key, basis=broken.basis, reason=reason)


def _values(act: rooms.Act, words: Iterable[str]) -> dict[str, str]:
    """What `name=value` words give.

    Raises:
        BadInput: a word is no such pair, or the act has no field of that name.
    """
    known = [field.key for field in act.fields]
    found = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or name not in known:
            raise BadInput(
                N_("“{word}” names no field. Write name=value; the fields are: {names}"),
                word=word,
                names=", ".join(known) or "-",
            )
        found[name] = value
    return found


def paper(given: argparse.Namespace) -> int:
    """`qingcha ROOM paper RECORD NAME TARGET`."""
    from importlib import import_module

    from models.documents.export import export

    room = rooms.room(given.room)
    with opened(given) as notebook:
        kind, record = record_meant(notebook, room, given.record)
        refuse_unseen(notebook, kind, record)
        names = [name for name, _label in named.papers_of(kind)]
        if given.name not in names:
            raise BadInput(
                N_("There is no paper “{name}” of this record. There are: {names}"),
                name=given.name,
                names=", ".join(names) or "-",
            )
        shelf: Any = import_module("models.documents.shelf")
        data = shelf.written(notebook, kind, record, given.name, given.target.suffix)
        written = export(notebook, data, given.target)
    tell(given, {"file": str(written)}, _("Written: {file}"), file=written)
    return DONE


# -- what the commands share -------------------------------------------------------------------------------


def record_meant(seat: Seat, room: rooms.Room, word: str) -> tuple[str, str]:
    """(kind, id) of the record of a room that a word names.

    Raises:
        BadInput: none is meant, or several.
    """
    kind, sign, rest = word.partition("/")
    if sign and kind in room.sheets:
        return named.meant(seat, (kind,), rest)
    return named.meant(seat, tuple(room.sheets), word)


def refuse_unseen(seat: Seat, kind: str, record_id: str = "") -> None:
    """Refuse who may not read a record, or records of a kind.

    Raises:
        RuleBroken: says which right it takes.
    """
    hidden = named.unseen(seat, kind, record_id)
    if hidden:
        raise RuleBroken("{reason}", field="role", reason=hidden)


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows as lines whose columns stand below each other."""
    count = max(map(len, rows), default=0)
    widths = [max((cell_len(row[at]) for row in rows if at < len(row)), default=0) for at in range(count)]
    lines = []
    for row in rows:
        cells = [text + " " * (width - cell_len(text)) for text, width in zip(row, widths, strict=False)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _text(cell: rooms.Cell | str) -> str:
    return cell if isinstance(cell, str) else cell.text
