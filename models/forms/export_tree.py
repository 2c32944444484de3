"""What every export is made from: a filling's answers as a tree, its meta block and instanceID included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import uuid4

from models.forms.filling import Filling
from models.forms.model import Field
from models.forms.tree import Node


@dataclass(frozen=True, slots=True)
class Entry:
    """One field or round with its answer as it is kept, and all below it, in the order of the form."""

    field: Field
    path: str
    """With rounds numbered as in the submission, which has only relevant ones: "/data/points[2]/value"."""
    text: str
    relevant: bool
    """Whether this and all around it are relevant: what is not is no part of a submission."""
    children: tuple[Entry, ...]
    """The relevant rounds of a repeat stand one after the other."""
    attributes: tuple[Entry, ...] = ()
    """Those that are relevant."""

    def named(self, name: str) -> tuple[Entry, ...]:
        """The children of that name: one, or the rounds of a repeat."""
        return tuple(each for each in self.children if each.field.name == name)

    def row(self) -> Iterator[Entry]:
        """What a table's row holds: the fields below, groups opened, and the rounds of repeats, closed."""
        for each in self.children:
            if each.field.kind == "group":
                yield from each.row()
            else:
                yield each


def whole(filling: Filling) -> Entry:
    """A filling from its root down. Where the form has no meta/instanceID, or it is blank, one is made."""
    root = _with_meta(filling.form.root)
    return _entry(root, filling.root, root.path, True, f"{root.path}/meta/instanceID")


def key_of(root: Entry) -> str:
    """The instanceID, "uuid:…"."""
    return root.named("meta")[0].named("instanceID")[0].text


def _with_meta(root: Field) -> Field:
    """The form's root with the instanceID that every submission has (ODK XForms, "Metadata")."""
    path = f"{root.path}/meta"
    meta = next((each for each in root.children if each.path == path), Field(path, "group"))
    if all(each.name != "instanceID" for each in meta.children):
        meta = replace(meta, children=(*meta.children, Field(f"{path}/instanceID", "hidden")))
    children = {each.path: each for each in root.children} | {path: meta}  # in its place, else last
    return replace(root, children=tuple(children.values()))


def column_name(field: Field, above: Field) -> str:
    """The names of the groups between and its own, joined by "-" as in ODK Central's tables."""
    return field.path[len(above.path) + 1 :].replace("/", "-")


def _entry(field: Field, node: Node, path: str, around: bool, instance_id: str) -> Entry:
    """A node as an entry; `around` tells whether all that it lies in is relevant."""
    relevant = around and node.own_relevant
    text = node.text
    if not text and field.path == instance_id:
        text = f"uuid:{uuid4()}"
    children: list[Entry] = []
    for child in field.children:
        nodes = node.children.get(child.name, ())
        inner = f"{path}/{child.name}"
        if child.kind == "repeat":
            rounds = [each for each in nodes if relevant and each.own_relevant]
            for number, each in enumerate(rounds, 1):
                children.append(_entry(child, each, f"{inner}[{number}]", relevant, instance_id))
        else:
            # what the form does not have is the meta block made above
            each = nodes[0] if nodes else Node(child.name, child.path, None)
            children.append(_entry(child, each, inner, relevant, instance_id))
    attributes = [
        Entry(each, f"{path}/{each.name}", own.text, True, ())
        for each in field.attributes
        for own in node.children.get(each.name, ())
        if own.own_relevant
    ]
    return Entry(field, path, text, relevant, tuple(children), tuple(attributes))
