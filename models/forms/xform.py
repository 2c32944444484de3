"""An ODK XForm (XML) read into a `Form`.

The XForm, not pyxform's own survey objects, is what forms are read from: it is the standard that XLSForm is
defined by, `${names}` are already paths relative to their repeat, texts are already one table by language,
pyxform promises its shape (its objects "may change without notice"), and a form made by any other ODK tool
reads the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from models.errors import BadInput
from models.forms.model import (
    NOTHING,
    Action,
    Choice,
    ChoiceSource,
    Field,
    Form,
    Item,
    ItemList,
    Output,
    Text,
)
from models.language import N_

_KINDS = {
    "string": "text",
    "int": "integer",
    "decimal": "decimal",
    "date": "date",
    "time": "time",
    "dateTime": "dateTime",
    "geopoint": "geopoint",
    "geotrace": "geotrace",
    "geoshape": "geoshape",
    "barcode": "barcode",
}
_CONTROLS = {
    "select1": "select_one",
    "select": "select_multiple",
    "rank": "rank",
    "range": "range",
    "trigger": "acknowledge",
}
_BIND = {
    *("nodeset", "type", "relevant", "required", "requiredMsg", "readonly", "constraint", "constraintMsg"),
    *("calculate", "preload", "preloadParams"),
}
_EVENTS = {
    "odk-instance-first-load": "first-load",
    "odk-instance-load": "first-load",
    "odk-new-repeat": "new-repeat",
    "xforms-value-changed": "value-changed",
}
_ITEXT = re.compile(r"\s*jr:itext\(\s*(?:'([^']*)'|\"([^\"]*)\"|([\w.-]+))\s*\)\s*")
DEEPEST = 60
"""Groups within groups."""


@dataclass(slots=True)
class _Control:
    """What the body says about one path."""

    kind: str = ""
    label: Text = NOTHING
    hint: Text = NOTHING
    choices: ChoiceSource | None = None
    appearance: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    repeat: bool = False
    count: str = ""


@dataclass(slots=True)
class _Reader:
    """What is gathered while one document is read."""

    texts: dict[str, Text]
    controls: dict[str, _Control] = field(default_factory=dict)
    binds: dict[str, dict[str, str]] = field(default_factory=dict)
    actions: list[Action] = field(default_factory=list)
    targets: set[str] = field(default_factory=set)
    """Paths that actions set."""
    rounds: dict[str, int] = field(default_factory=dict)
    """How often an element stands in the primary instance, templates not counted."""


def read_xform(document: str | bytes, warnings: tuple[str, ...] = ()) -> Form:
    """The form in an XForm document.

    Raises:
        BadInput: it is not XML, declares entities, or is no XForm.
    """
    from defusedxml import DefusedXmlException  # type: ignore[import-untyped]  # 9 ms, only for loading
    from defusedxml.ElementTree import ParseError, fromstring  # type: ignore[import-untyped]

    try:
        top = fromstring(document, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, RecursionError) as error:
        raise BadInput(N_("The form is not readable XML: {reason}"), reason=str(error)) from error
    model = _find(top, "model")
    body = _find(top, "body")
    instances = list(_children(model, "instance")) if model is not None else []
    if model is None or body is None or not instances or len(instances[0]) == 0:
        raise BadInput(N_("This file is not a form: it has no questions."))
    title = _find(top, "title")
    languages, texts = _itext(model)
    reader = _Reader(texts)
    for bind in _children(model, "bind"):
        reader.binds[bind.get("nodeset", "").strip()] = {_local(key): value for key, value in bind.items()}
    for action in _children(model, "setvalue"):
        _read_action(reader, action, "")
    _read_body(reader, body, "", 0)
    primary = instances[0][0]
    _count_rounds(reader, primary, "/" + _local(primary.tag))
    root = _field(reader, primary, "/" + _local(primary.tag), 0)
    return Form(
        id=primary.get("id", ""),
        title=_inner_text(title) if title is not None else "",
        version=next((value for key, value in primary.items() if _local(key) == "version"), ""),
        root=root,
        languages=languages,
        lists=tuple(_item_list(each) for each in instances[1:]),
        actions=tuple(reader.actions),
        texts=tuple(sorted(texts.items(), key=lambda pair: pair[0])),
        warnings=warnings,
    )


def _local(name: str) -> str:
    return name.rsplit("}", 1)[-1].rsplit(":", 1)[-1]


def _children(element: Element, *names: str) -> Iterator[Element]:
    return (child for child in element if isinstance(child.tag, str) and _local(child.tag) in names)


def _find(element: Element, name: str) -> Element | None:
    return next((e for e in element.iter() if isinstance(e.tag, str) and _local(e.tag) == name), None)


def _inner_text(element: Element) -> str:
    return "".join(element.itertext()).strip()


def _pieces(element: Element) -> tuple[str | Output, ...]:
    """Mixed content; pyxform pads the texts around an output with one blank at both ends, taken off here."""
    pieces: list[str | Output] = [element.text or ""]
    for child in element:
        if _local(str(child.tag)) == "output":
            pieces.append(Output((child.get("value") or child.get("ref") or "").strip()))
        else:
            pieces.append(_inner_text(child))
        pieces.append(child.tail or "")
    if len(pieces) > 1:
        first, last = pieces[0], pieces[-1]
        pieces[0] = first[1:] if isinstance(first, str) and first.startswith(" ") else first
        pieces[-1] = last[:-1] if isinstance(last, str) and last.endswith(" ") else last
    return tuple(each for each in pieces if each != "")


def _itext(model: Element) -> tuple[tuple[str, ...], dict[str, Text]]:
    languages: list[str] = []
    variants: dict[str, list[tuple[str, tuple[str | Output, ...]]]] = {}
    for table in _children(model, "itext"):
        for translation in _children(table, "translation"):
            language = translation.get("lang", "")
            if translation.get("default"):
                languages.insert(0, language)
            else:
                languages.append(language)
            for text in _children(translation, "text"):
                for value in _children(text, "value"):
                    form = value.get("form")
                    key = text.get("id", "") + (f"#{form}" if form else "")
                    pieces = _pieces(value)
                    # pyxform writes "-" for a text that a language lacks; it is then looked up elsewhere.
                    variants.setdefault(key, []).append((language, () if pieces == ("-",) else pieces))
    if languages == ["default"]:
        languages = []
    return tuple(languages), {key: Text(tuple(value)) for key, value in variants.items()}


def _text(reader: _Reader, element: Element | None) -> Text:
    if element is None:
        return NOTHING
    reference = element.get("ref")
    if reference is not None:
        return _text_of(reader, reference)
    pieces = _pieces(element)
    return Text((("", pieces),)) if pieces else NOTHING


def _text_of(reader: _Reader, reference: str) -> Text:
    """The text of `jr:itext('id')`, or the words themselves."""
    match = _ITEXT.fullmatch(reference)
    if match:
        return reader.texts.get(match[1] or match[2] or match[3] or "", NOTHING)
    return Text((("", (reference,)),)) if reference else NOTHING


def _read_body(reader: _Reader, element: Element, repeat: str, depth: int) -> None:
    if depth > DEEPEST * 2:
        raise BadInput(N_("Groups are nested more than {most} deep."), most=DEEPEST)
    for child in element:
        name = _local(str(child.tag))
        if name in {"label", "hint"}:
            continue
        if name == "setvalue":
            _read_action(reader, child, repeat)
        elif name in {"group", "repeat"}:
            path = (child.get("nodeset") or child.get("ref") or "").strip()
            control = reader.controls.setdefault(path, _Control(kind="group"))
            if name == "repeat":
                control.kind = "repeat"
                control.count = next((v for k, v in child.items() if _local(k) == "count"), "").strip()
            else:
                control.label = _text(reader, next(_children(child, "label"), None)) or control.label
            control.appearance = child.get("appearance", "") or control.appearance
            _read_body(reader, child, path if name == "repeat" else repeat, depth + 1)
        elif name in {"input", "upload", "secret", *_CONTROLS}:
            _read_control(reader, child, name)


def _read_control(reader: _Reader, element: Element, name: str) -> None:
    path = (element.get("ref") or "").strip()
    kind = _CONTROLS.get(name, "")
    if name == "upload":
        kind = element.get("mediatype", "").split("/")[0]
        kind = kind if kind in {"image", "audio", "video"} else "file"
    known = {"ref", "mediatype", "appearance"}
    reader.controls[path] = _Control(
        kind=kind or "input",
        label=_text(reader, next(_children(element, "label"), None)),
        hint=_text(reader, next(_children(element, "hint"), None)),
        choices=_choices(reader, element) if name in {"select1", "select", "rank"} else None,
        appearance=element.get("appearance", ""),
        parameters=tuple(sorted((_local(k), v) for k, v in element.items() if _local(k) not in known)),
    )
    for action in _children(element, "setvalue"):
        _read_action(reader, action, path)


def _choices(reader: _Reader, element: Element) -> ChoiceSource:
    itemset = next(_children(element, "itemset"), None)
    if itemset is None:
        written: list[Choice] = []
        for item in _children(element, "item"):
            value = next(_children(item, "value"), None)
            written.append(
                Choice(
                    _inner_text(value) if value is not None else "",
                    _text(reader, next(_children(item, "label"), None)),
                )
            )
        return ChoiceSource(written=tuple(written))
    value = next(_children(itemset, "value"), None)
    label = next(_children(itemset, "label"), None)
    reference = (label.get("ref") or "label") if label is not None else "label"
    match = _ITEXT.fullmatch(reference)
    return ChoiceSource(
        nodes=itemset.get("nodeset", "").strip(),
        value=((value.get("ref") or "name") if value is not None else "name").strip(),
        label=(match[3] or "itextId") if match else reference.strip(),
        label_is_id=match is not None,
    )


def _read_action(reader: _Reader, element: Element, trigger: str) -> None:
    value = element.get("value")
    if value is None:
        # Words between the tags are the value itself, as a literal.
        words = _inner_text(element)
        value = f"'{words}'" if "'" not in words else f'"{words}"'
    for event in element.get("event", "").split():
        if event in _EVENTS:
            target = (element.get("ref") or "").strip()
            reader.targets.add(target)
            reader.actions.append(Action(_EVENTS[event], target, value, trigger))


def _count_rounds(reader: _Reader, element: Element, path: str, depth: int = 0) -> None:
    if depth > DEEPEST:
        return
    here: dict[str, int] = {}
    for child in element:
        inner = f"{path}/{_local(str(child.tag))}"
        is_template = any(_local(key) == "template" for key, _value in child.items())
        here[inner] = here.get(inner, 0) + (0 if is_template else 1)
        _count_rounds(reader, child, inner, depth + 1)
    for inner, count in here.items():
        reader.rounds[inner] = max(reader.rounds.get(inner, 0), count)


def _field(reader: _Reader, element: Element, path: str, depth: int) -> Field:
    if depth > DEEPEST:
        raise BadInput(N_("Groups are nested more than {most} deep."), most=DEEPEST)
    bind = reader.binds.get(path, {})
    control = reader.controls.get(path, _Control())
    children: dict[str, Field] = {}
    for child in element:
        name = _local(str(child.tag))
        if name not in children:
            children[name] = _field(reader, child, f"{path}/{name}", depth + 1)
    default = "" if children else (element.text or "").strip()
    preload = f"{bind.get('preload', '')} {bind.get('preloadParams', '')}".strip()
    return Field(
        path=path,
        kind=_kind(bind, control, bool(children), default, path in reader.targets),
        type=_data_type(bind),
        label=control.label,
        hint=control.hint,
        relevant=bind.get("relevant", "").strip(),
        required=_unless_false(bind.get("required", "")),
        required_message=_text_of(reader, bind.get("requiredMsg", "")),
        read_only=_unless_false(bind.get("readonly", "")),
        constraint=bind.get("constraint", "").strip(),
        constraint_message=_text_of(reader, bind.get("constraintMsg", "")),
        calculation=bind.get("calculate", "").strip(),
        default=default,
        choices=control.choices,
        appearance=control.appearance,
        parameters=control.parameters,
        marks=tuple(sorted((name, value) for name, value in bind.items() if name not in _BIND)),
        preload=preload,
        count=control.count,
        rounds=reader.rounds.get(path, 0) if control.kind == "repeat" else 0,
        children=tuple(children.values()),
    )


def _unless_false(expression: str) -> str:
    expression = expression.strip()
    return "" if expression == "false()" else expression


def _data_type(bind: dict[str, str]) -> str:
    kind = _local(bind.get("type", "") or "string")
    return {"integer": "int", "datetime": "dateTime", "rank": "string"}.get(kind, kind)


def _kind(bind: dict[str, str], control: _Control, has_children: bool, default: str, is_set: bool) -> str:
    if control.kind in {"group", "repeat"}:
        return control.kind
    if has_children:
        return "group"
    if not control.kind:
        return "calculate" if bind.get("calculate") else "hidden"
    if control.kind == "input":
        kind = _KINDS.get(_data_type(bind), "text")
        shown_only = bind.get("readonly", "").strip() == "true()" and not bind.get("calculate")
        return "note" if kind == "text" and shown_only and not default and not is_set else kind
    return control.kind


def _item_list(instance: Element) -> ItemList:
    name = instance.get("id", "")
    source = instance.get("src", "")
    if source or len(instance) == 0:
        return ItemList(name, source=source)
    items = [
        Item(tuple((_local(str(column.tag)), _inner_text(column)) for column in row)) for row in instance[0]
    ]
    row = _local(str(instance[0][0].tag)) if items else "item"
    return ItemList(name, tuple(items), root=_local(str(instance[0].tag)), row=row)
