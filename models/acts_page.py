"""The pages that say what can be done in each room, made from the rooms themselves.

`python -m models.acts_page` writes docs/acts.md and docs/acts.zh-CN.md; a test fails when they are not what
the rooms give.
"""

from __future__ import annotations

from collections.abc import Iterator

from models import rooms
from models.language import N_, current_language, listed, listed_long, translate
from models.pages import Page, table
from models.registry import access
from models.rooms import Act, Field, Listing, Room

_TITLE = N_("What can be done, room by room")
_ABOUT = N_(
    "Made from the rooms by `python -m models.acts_page`; do not edit this page. On the screen `n` begins "
    "something in a room and `a` does something to a record; on the command line it is `qingcha ROOM list "
    "LIST`, `qingcha ROOM do ACT name=value` and `qingcha ROOM do ACT RECORD name=value`, with the words in "
    "`this type`. A field with * is needed. `qingcha ROOM acts` lists the choices of each field too."
)
_FIELD_KINDS = {
    "text": N_("text"),
    "long": N_("text of any length"),
    "day": N_("a date"),
    "moment": N_("a date and time"),
    "money": N_("an amount"),
    "number": N_("a number"),
    "count": N_("a whole number"),
    "flag": N_("yes or no"),
    "choice": N_("one of a list"),
    "marks": N_("any of a list"),
}
_OTHER_KINDS = {"unit": N_("County or district"), "score_line": N_("Line of a score sheet")}
"""What is no record of its own and has no list."""


def _lines() -> Iterator[str]:
    yield f"# {translate(_TITLE)}"
    yield from ("", {"en": "[中文](acts.zh-CN.md)", "zh": "[English](acts.md)"}[current_language()])
    yield from ("", translate(_ABOUT))
    for name in rooms.MODULES:
        yield from _of_room(rooms.room(name))


def _of_room(room: Room) -> Iterator[str]:
    yield from ("", f"## {translate(room.title)} `{room.name}`", "")
    yield from table((N_("List"), N_("Word"), N_("Records"), N_("Columns")), map(_of_listing, room.listings))
    for subject in dict.fromkeys(act.subject for act in (*room.beginnings(), *room.acts)):
        title = (
            translate(N_("On {records} `{kind}`")).format(records=_kind(subject), kind=subject)
            if subject
            else translate(N_("Begun here"))
        )
        yield from ("", f"### {title}", "")
        yield from table(
            (N_("Act"), N_("Word"), N_("What it does"), N_("Fields"), N_("For who may")),
            (_of_act(act) for act in room.acts if act.subject == subject),
        )


def _of_listing(listing: Listing) -> tuple[str, ...]:
    return (
        translate(listing.title),
        f"`{listing.name}`",
        _kind(listing.kind) if listing.kind else "–",
        listed(translate(column.title) for column in listing.columns),
    )


def _of_act(act: Act) -> tuple[str, ...]:
    fields = listed_long(map(_of_field, act.fields))
    return translate(act.title), f"`{act.name}`", translate(act.help), fields or "–", _rights(act)


def _of_field(field: Field) -> str:
    words = _kind(field.of) if field.kind == "record" else translate(_FIELD_KINDS[field.kind])
    around = "（{}）" if current_language() == "zh" else " ({})"
    return f"`{field.key}`{'*' if field.required else ''} {translate(field.label)}{around.format(words)}"


def _rights(act: Act) -> str:
    """The rights of which one is enough."""
    rights = (act.right,) if act.right else access.of(act.subject).write
    if not rights:  # which records it writes is known to its verb alone
        return translate(N_("judged when it is done"))
    return translate(N_(" or ")).join(access.right_label(right) for right in rights)


def _kind(kind: str) -> str:
    """What records of a kind are, in words."""
    if access.knows(kind):
        return access.of(kind).label
    listing = rooms.listing_of(kind)
    return translate(listing.title if listing is not None else _OTHER_KINDS[kind])


PAGE = Page("acts", _lines)

if __name__ == "__main__":
    PAGE.write()
