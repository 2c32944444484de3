"""An ODK XForm (XML) read into a `Form`.

The XForm, not pyxform's own survey objects, is what forms are read from: it is the standard that XLSForm is
defined by, `${names}` are already paths relative to their repeat, texts are already one table by language,
pyxform promises its shape (its objects "may change without notice"), and a form made by any other ODK tool
reads the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element

from models.errors import BadInput
from models.forms import search
from models.forms.lists import LAST_SAVED, item_list
from models.forms.markup import children, find, inner_text, local, parse_xml
from models.forms.model import (
    NOTHING,
    Action,
    Choice,
    ChoiceSource,
    Field,
    Form,
    ItemList,
    Output,
    Text,
)
from models.forms.scope import of_field
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
_CHOSEN = {"select1", "select", "rank"}
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
_ACTIONS = ("setvalue", "setgeopoint", "recordaudio")
_XMLNS = re.compile(r"""\sxmlns:([\w.-]+)\s*=\s*["']([^"']*)["']""")
_ITEXT = re.compile(r"\s*jr:itext\(\s*(?:'([^']*)'|\"([^\"]*)\"|([\w.-]+))\s*\)\s*")
ENTITIES = ["2025", "1"]
"""The latest edition of the ODK Entities Specification whose forms are read."""
_OWN_LIST = re.compile(r"instance\(\s*'([^']*)'\s*\)/root/item")
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
    ticks: tuple[Choice, ...] = ()


@dataclass(slots=True)
class _Reader:
    """What is gathered while one document is read."""

    texts: dict[str, Text]
    controls: dict[str, _Control] = field(default_factory=dict)
    binds: dict[str, dict[str, str]] = field(default_factory=dict)
    actions: list[Action] = field(default_factory=list)
    targets: set[str] = field(default_factory=set)
    """Paths that actions set."""
    foreign: list[tuple[str, str]] = field(default_factory=list)
    """Actions that no terminal can carry out, with their targets."""
    rounds: dict[str, int] = field(default_factory=dict)
    """How often an element stands in the primary instance, templates not counted."""
    lists: dict[str, ItemList] = field(default_factory=dict)
    """Those written in the form, by name."""
    prefixes: dict[str, str] = field(default_factory=dict)
    """By URI."""
    spaces: dict[str, str] = field(default_factory=dict)
    """URIs by prefix, of those that attributes of the instance are in."""


def read_xform(
    document: str | bytes,
    warnings: tuple[str, ...] = (),
    *,
    lists: Sequence[ItemList] = (),
    rows: Mapping[str, int] | None = None,
    entity_rows: Mapping[str, int] | None = None,
) -> Form:
    """The form in an XForm document.

    Args:
        warnings: what pyxform remarked.
        lists: those from files, by their sources.
        rows: where each field stands in the author's survey sheet, by its path below the root.
        entity_rows: where each list stands in the author's entities sheet.

    Raises:
        BadInput: it is not XML, has a DTD, is no XForm, or follows a later edition of ODK Entities.
    """
    top = parse_xml(document, N_("The form is not readable XML: {reason}"))
    model = find(top, "model")
    body = find(top, "body")
    instances = list(children(model, "instance")) if model is not None else []
    if model is None or body is None or not instances or len(instances[0]) == 0:
        raise BadInput(N_("This file is not a form: it has no questions."))
    _check_entities(model)
    title = find(top, "title")
    languages, texts = _itext(model)
    reader = _Reader(texts, prefixes={uri: prefix for prefix, uri in _XMLNS.findall(_as_text(document))})
    primary, beside = instances[0][0], {known.source: known for known in lists}
    read = [_item_list(each, beside) for each in instances[1:]]
    reader.lists = {each.name: each for each in read}
    for bind in children(model, "bind"):
        # A bureau's own "x:required" must not stand for the one that is meant.
        marks = sorted(bind.items(), key=lambda pair: not pair[0].startswith("{"))
        reader.binds[_path(bind.get("nodeset"))] = {local(key): value for key, value in marks}
    for action in children(model, *_ACTIONS):
        _read_action(reader, action, "")
    _read_body(reader, body, "", 0)
    _count_rounds(reader, primary, "/" + local(primary.tag))
    root = _field(reader, primary, "/" + local(primary.tag), 0)
    repeats = frozenset(path for path, control in reader.controls.items() if control.kind == "repeat")
    return Form(
        id=primary.get("id", ""),
        title=inner_text(title) if title is not None else "",
        version=next((value for key, value in primary.items() if local(key) == "version"), ""),
        root=root,
        languages=languages,
        lists=(*read, *_searched(reader, beside)),
        actions=tuple(reader.actions),
        texts=tuple(sorted(texts.items(), key=lambda pair: pair[0])),
        warnings=warnings,
        foreign=tuple(reader.foreign),
        given=tuple(_given(primary, "/" + local(primary.tag), repeats)),
        namespaces=tuple(reader.spaces.items()),
        rows={f"{root.path}/{path}": row for path, row in (rows or {}).items()},
        entity_rows=entity_rows or {},
    )


def _check_entities(model: Element) -> None:
    """A later edition of ODK Entities must be refused ("Entities", "Versioning")."""
    edition = next((value for key, value in model.items() if local(key) == "entities-version"), "")
    if edition.split(".")[:2] > ENTITIES:
        raise BadInput(
            N_("The form follows ODK Entities {edition}; up to {known} is known here."),
            edition=edition,
            known=".".join(ENTITIES),
        )


def _as_text(document: str | bytes) -> str:
    return document if isinstance(document, str) else document.decode("utf-8", "replace")


def _path(reference: str | None) -> str:
    """A path without the prefixes of its names: elements are known by their local names alone."""
    return "/".join(map(local, (reference or "").strip().split("/")))


def _pieces(element: Element) -> tuple[str | Output, ...]:
    """Mixed content; pyxform pads the texts around an output with one blank at both ends, taken off here."""
    pieces: list[str | Output] = [element.text or ""]
    for child in element:
        if local(str(child.tag)) == "output":
            pieces.append(Output((child.get("value") or child.get("ref") or "").strip()))
        else:
            pieces.append(inner_text(child))
        pieces.append(child.tail or "")
    if len(pieces) > 1:
        first, last = pieces[0], pieces[-1]
        pieces[0] = first[1:] if isinstance(first, str) and first.startswith(" ") else first
        pieces[-1] = last[:-1] if isinstance(last, str) and last.endswith(" ") else last
    return tuple(each for each in pieces if each != "")


def _itext(model: Element) -> tuple[tuple[str, ...], dict[str, Text]]:
    languages: list[str] = []
    variants: dict[str, list[tuple[str, tuple[str | Output, ...]]]] = {}
    for table in children(model, "itext"):
        for translation in children(table, "translation"):
            language = translation.get("lang", "")
            if translation.get("default"):
                languages.insert(0, language)
            else:
                languages.append(language)
            for text in children(translation, "text"):
                for value in children(text, "value"):
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
        name = local(str(child.tag))
        if name in {"label", "hint"}:
            continue
        if name in _ACTIONS:
            _read_action(reader, child, repeat)
        elif name in {"group", "repeat"}:
            path = _path(child.get("nodeset") or child.get("ref"))
            control = reader.controls.setdefault(path, _Control(kind="group"))
            if name == "repeat":
                control.kind = "repeat"
                control.count = next((v for k, v in child.items() if local(k) == "count"), "").strip()
                fixed = next((v for k, v in child.items() if local(k) == "noAddRemove"), "").strip()
                control.parameters = (("noAddRemove", fixed),) if fixed else ()
            else:
                control.label = _text(reader, next(children(child, "label"), None)) or control.label
            control.appearance = child.get("appearance", "") or control.appearance
            _read_body(reader, child, path if name == "repeat" else repeat, depth + 1)
        elif name in {"input", "upload", "secret", *_CONTROLS}:
            _read_control(reader, child, name)


def _read_control(reader: _Reader, element: Element, name: str) -> None:
    path = _path(element.get("ref"))
    kind = _CONTROLS.get(name, "")
    if name == "upload":
        kind = element.get("mediatype", "").split("/")[0]
        kind = kind if kind in {"image", "audio", "video"} else "file"
    known = {"ref", "mediatype", "appearance"}
    reader.controls[path] = _Control(
        kind=kind or "input",
        label=_text(reader, next(children(element, "label"), None)),
        hint=_text(reader, next(children(element, "hint"), None)),
        choices=_choices(reader, element) if name in _CHOSEN else None,
        ticks=tuple(_ticks(reader, element)) if name == "range" else (),
        appearance=element.get("appearance", ""),
        parameters=tuple(sorted((local(k), v) for k, v in element.items() if local(k) not in known)),
    )
    for action in children(element, *_ACTIONS):
        _read_action(reader, action, path)


def _choices(reader: _Reader, element: Element) -> ChoiceSource:
    itemset = next(children(element, "itemset"), None)
    searched = search.expression(element.get("appearance", "")) if itemset is None else ""
    if itemset is None:
        written: list[Choice] = []
        for item in children(element, "item"):
            value = next(children(item, "value"), None)
            written.append(
                Choice(
                    inner_text(value) if value is not None else "",
                    _text(reader, next(children(item, "label"), None)),
                )
            )
        return ChoiceSource(written=tuple(written), nodes=searched, searched=bool(searched))
    value = next(children(itemset, "value"), None)
    label = next(children(itemset, "label"), None)
    reference = (label.get("ref") or "label") if label is not None else "label"
    match = _ITEXT.fullmatch(reference)
    return ChoiceSource(
        nodes=itemset.get("nodeset", "").strip(),
        value=((value.get("ref") or "name") if value is not None else "name").strip(),
        label=(match[3] or "itextId") if match else reference.strip(),
        label_is_id=match is not None,
    )


def _ticks(reader: _Reader, element: Element) -> Iterator[Choice]:
    """The labels of a range's ticks: a list of the form's own, without a filter."""
    source = _choices(reader, element)
    match = _OWN_LIST.fullmatch(source.nodes)
    rows = reader.lists[match[1]].items if match and match[1] in reader.lists else ()
    for row in rows:
        columns = dict(row.columns)
        words = columns.get(source.label, "")
        text = reader.texts.get(words, NOTHING) if source.label_is_id else Text((("", (words,)),))
        yield Choice(columns.get(source.value, ""), text)


def _read_action(reader: _Reader, element: Element, trigger: str) -> None:
    name = local(element.tag)
    if name != "setvalue":
        reader.foreign.append((name, _path(element.get("ref"))))
        return
    value = element.get("value")
    if value is None:
        # Words between the tags are the value itself, as a literal.
        words = inner_text(element)
        value = f"'{words}'" if "'" not in words else f'"{words}"'
    for event in element.get("event", "").split():
        if event in _EVENTS:
            target = _path(element.get("ref"))
            reader.targets.add(target)
            reader.actions.append(Action(_EVENTS[event], target, value, trigger))


def _count_rounds(reader: _Reader, element: Element, path: str, depth: int = 0) -> None:
    if depth > DEEPEST:
        return
    here: dict[str, int] = {}
    for child in element:
        inner = f"{path}/{local(str(child.tag))}"
        is_template = any(local(key) == "template" for key, _value in child.items())
        here[inner] = here.get(inner, 0) + (0 if is_template else 1)
        _count_rounds(reader, child, inner, depth + 1)
    for inner, count in here.items():
        reader.rounds[inner] = max(reader.rounds.get(inner, 0), count)


def _given(
    element: Element, path: str, counted: frozenset[str], number: bool = False
) -> Iterator[tuple[str, str]]:
    """The values that each round of the primary instance has of its own: path with counts, and value.

    Args:
        counted: paths of the repeats, without counts.
        number: whether the element lies in a round.
    """
    seen: dict[str, int] = {}
    for child in element:
        if any(local(key) == "template" for key, _value in child.items()):
            continue
        inner = f"{path}/{local(str(child.tag))}"
        is_round = of_field(inner) in counted
        seen[inner] = seen.get(inner, 0) + 1
        here = f"{inner}[{seen[inner]}]" if is_round else inner
        if len(child):
            yield from _given(child, here, counted, number or is_round)
        elif number and (text := (child.text or "").strip()):
            yield here, text


def _field(reader: _Reader, element: Element, path: str, depth: int) -> Field:
    if depth > DEEPEST:
        raise BadInput(N_("Groups are nested more than {most} deep."), most=DEEPEST)
    bind = reader.binds.get(path, {})
    control = reader.controls.get(path, _Control())
    children: dict[str, Field] = {}
    for child in element:
        name = local(str(child.tag))
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
        ticks=control.ticks,
        appearance=control.appearance,
        parameters=control.parameters,
        marks=tuple(sorted((name, value) for name, value in bind.items() if name not in _BIND)),
        preload=preload,
        count=control.count,
        rounds=reader.rounds.get(path, 0) if control.kind == "repeat" else 0,
        children=tuple(children.values()),
        attributes=tuple(_attributes(reader, element, path, depth)),
    )


def _attributes(reader: _Reader, element: Element, path: str, depth: int) -> Iterator[Field]:
    """The attributes that are data: not those that name the form, or a repeat's template."""
    for key, value in element.items():
        name, uri = local(key), key[1:].partition("}")[0] if key.startswith("{") else ""
        if name == "template" or (depth == 0 and name in {"id", "version"}):
            continue
        prefix = reader.prefixes.get(uri, "") if uri else ""
        if prefix:
            reader.spaces[prefix] = uri
        bind = reader.binds.get(f"{path}/@{name}", {})
        yield Field(
            path=f"{path}/@{name}",
            kind="attribute",
            type=_data_type(bind),
            relevant=bind.get("relevant", "").strip(),
            calculation=bind.get("calculate", "").strip(),
            default=value,
            prefix=prefix,
        )


def _unless_false(expression: str) -> str:
    expression = expression.strip()
    return "" if expression == "false()" else expression


def _data_type(bind: dict[str, str]) -> str:
    kind = local(bind.get("type", "") or "string")
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
    if control.choices is not None and "label" in control.appearance.split():
        return "note"  # the heads of a table of choices (XLSForm, "Appearance", label)
    return control.kind


def _searched(reader: _Reader, beside: Mapping[str, ItemList]) -> Iterator[ItemList]:
    """The lists that appearances search."""
    sources = [control.choices for control in reader.controls.values() if control.choices is not None]
    files = dict.fromkeys(search.file_of(each) for each in sources if each.searched)
    for source in (search.source_of(file) for file in files if file):
        name = search.list_of(source)
        known = beside.get(source)
        yield replace(known, name=name) if known else ItemList(name, source=source, here=False)


def _item_list(instance: Element, beside: Mapping[str, ItemList]) -> ItemList:
    name = instance.get("id", "")
    source = instance.get("src", "")
    if source or len(instance) == 0:
        known = beside.get(source)
        here = not source or source == LAST_SAVED
        return replace(known, name=name) if known is not None else ItemList(name, source=source, here=here)
    return item_list(name, instance[0])
