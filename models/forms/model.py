"""A form as it was written: immutable, comparable, and free of any answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from models.errors import QingchaError
from models.language import _

if TYPE_CHECKING:
    from models.forms.logic import Logic

QUESTIONS = frozenset(
    {"text", "integer", "decimal", "range", "date", "time", "dateTime", "barcode", "acknowledge"}
    | {"select_one", "select_multiple", "rank"}
    | {"geopoint", "geotrace", "geoshape"}
    | {"image", "audio", "video", "file"}
)
"""Kinds of field that a person answers."""
EVIDENCE = frozenset({"image", "audio", "video", "file"})
"""Kinds whose answer refers to a piece of evidence."""


@dataclass(frozen=True, slots=True)
class Output:
    """A place in a text where the value of an expression is shown."""

    expression: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text in each of its languages, as pieces of plain text and outputs."""

    variants: tuple[tuple[str, tuple[str | Output, ...]], ...] = ()

    def pieces(self, language: str, fallback: str = "") -> tuple[str | Output, ...]:
        """The pieces in that language, else in `fallback`, else in the first that has any.

        A language is found by its name as in the form ("中文 (zh)") or by its code ("zh").
        """
        for wanted in (language, fallback):
            for name, pieces in self.variants:
                if pieces and wanted and (name == wanted or language_code(name) == language_code(wanted)):
                    return pieces
        return next((pieces for _name, pieces in self.variants if pieces), ())

    def plain(self, language: str, fallback: str = "") -> str:
        """The text with `…` where a value would be shown."""
        return "".join(
            each if isinstance(each, str) else "…" for each in self.pieces(language, fallback)
        ).strip()

    def __bool__(self) -> bool:
        return any(pieces for _name, pieces in self.variants)


NOTHING = Text()


def language_code(name: str) -> str:
    """The code in a language's name: "zh" of "中文 (zh)"; the name itself where it has none."""
    name = name.strip().replace("（", "(").replace("）", ")")
    if name.endswith(")") and "(" in name:
        return name[name.rindex("(") + 1 : -1].strip().lower()
    return name.lower()


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a question: the value that is kept and the text that is shown."""

    value: str
    label: Text


@dataclass(frozen=True, slots=True)
class ChoiceSource:
    """Where a question's choices come from: written out, or the nodes that an expression gives."""

    written: tuple[Choice, ...] = ()
    nodes: str = ""
    """XPath of the items, its filter included; empty where the choices are written out."""
    value: str = "name"
    label: str = "label"
    """The item's child with the text, or with the itext id where `label_is_id`."""
    label_is_id: bool = False
    searched: bool = False
    """Whether the nodes are what a search() finds, and `written` says which of their columns are shown."""


@dataclass(frozen=True, slots=True)
class Item:
    """A row of a list: its columns, an attribute's with "@" before the name."""

    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """An element of a list that is no table: name, text, attributes (with "@"), and what lies in it."""

    name: str
    text: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    within: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemList:
    """A named list (an XForms secondary instance): choices and whatever else a form looks up."""

    name: str
    items: tuple[Item, ...] = ()
    source: str = ""
    """The file that it comes from."""
    root: str = "root"
    """Name of its outer element."""
    row: str = "item"
    """Name of each row's element."""
    here: bool = True
    """Whether its rows are known: those of a file that is not beside the form are not."""
    tree: Branch | None = None
    """Its outer element where it is no table of rows with columns; `items` is empty then."""


@dataclass(frozen=True, slots=True)
class Action:
    """A value set by an event: "first-load" (dynamic default), "new-repeat" or "value-changed" (trigger)."""

    event: str
    target: str
    value: str
    trigger: str = ""
    """The path whose change by a person sets it off ("value-changed") or of the repeat ("new-repeat")."""


@dataclass(frozen=True, slots=True)
class Field:
    """A question, note, calculation, group or repeat. Expressions are source text; empty means not given."""

    path: str
    """Absolute, without counts: "/data/points/value"."""
    kind: str
    """One of `QUESTIONS`, or "note", "calculate", "hidden", "group", "repeat", "attribute"."""
    type: str = "string"
    """The bind's data type (ODK XForms, "Data Types")."""
    label: Text = NOTHING
    hint: Text = NOTHING
    relevant: str = ""
    required: str = ""
    required_message: Text = NOTHING
    read_only: str = ""
    constraint: str = ""
    constraint_message: Text = NOTHING
    calculation: str = ""
    default: str = ""
    choices: ChoiceSource | None = None
    appearance: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    marks: tuple[tuple[str, str], ...] = ()
    """What else the bind says, by local name: columns such as `bind::qc:measure`."""
    preload: str = ""
    """What the program fills in at first load: "timestamp start", "property username", "uid" …"""
    count: str = ""
    """Of a repeat: the expression of its number of rounds; empty where the person adds them."""
    rounds: int = 0
    """Of a repeat: how many a new filling begins with."""
    children: tuple[Field, ...] = ()
    attributes: tuple[Field, ...] = ()
    """Of its element in the instance (ODK XForms, "Primary Instance"); their paths end in "/@name"."""
    ticks: tuple[Choice, ...] = ()
    """Of a range: what stands beside some of its values."""
    prefix: str = ""
    """Of an attribute in a namespace: that of `Form.namespaces`."""

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rsplit("/", 1)[-1]

    @property
    def is_fixed(self) -> bool:
        """Of a repeat: whether the form says how many rounds there are, by a count or once for all."""
        return bool(self.count) or ("noAddRemove", "true()") in self.parameters

    @property
    def is_question(self) -> bool:
        """Whether a person answers it."""
        return self.kind in QUESTIONS

    def walk(self) -> Iterator[Field]:
        """This field and all within it, attributes too, in the order of the form."""
        yield self
        yield from self.attributes
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Problem:
    """One expression that cannot be used: it is put aside, and the rest of the form works on."""

    path: str
    aspect: str
    """Which of the field's expressions: "relevant", "constraint", "calculation", "choices", "label", …"""
    expression: str
    reason: QingchaError = field(compare=False)
    row: int = field(default=0, compare=False)
    """In the author's sheet; 0 where there is none."""
    sheet: str = field(default="survey", compare=False)
    column: str = field(default="", compare=False)
    """Where it is not that of the aspect."""

    def text(self) -> str:
        """One sentence in the reader's language, with the author's own sheet, row and column where known."""
        where = f"{self.path} ({self.aspect})"
        if self.row:
            column = self.column or _COLUMNS.get(self.aspect, self.aspect)
            where = _("sheet {sheet}, row {row}, column {column} ({path})").format(
                sheet=self.sheet, row=self.row, column=column, path=self.path
            )
        return f"{where}: {self.reason.text()}"


_COLUMNS = {
    "rounds": "repeat_count",
    "choices": "choice_filter",
    "first-load": "default",
    "new-repeat": "default",
    "value-changed": "calculation",
}
"""What the author calls the aspects that have other names here."""
_ENTITY_COLUMNS = {
    "@create": "create_if",
    "@update": "update_if",
    "@id": "entity_id",
    "@baseVersion": "entity_id",
    "@trunkVersion": "entity_id",
    "@branchId": "entity_id",
    "label": "label",
}
"""Columns of the entities sheet by what pyxform makes of them within meta/entity."""


@dataclass(frozen=True)
class Form:
    """A whole form. Equal forms are equal in everything that was written."""

    id: str
    title: str
    version: str
    root: Field
    languages: tuple[str, ...] = ()
    """Names as in the form, the default first; empty where the form names none."""
    lists: tuple[ItemList, ...] = ()
    actions: tuple[Action, ...] = ()
    texts: tuple[tuple[str, Text], ...] = ()
    """Texts by id, for the choices whose label is an id."""
    warnings: tuple[str, ...] = field(default=(), compare=False)
    """What pyxform remarked (English)."""
    foreign: tuple[tuple[str, str], ...] = ()
    """Actions that no terminal can carry out ("setgeopoint", "recordaudio"), with their fields."""
    given: tuple[tuple[str, str], ...] = ()
    """Values that single rounds of repeats begin with, by path with counts."""
    namespaces: tuple[tuple[str, str], ...] = ()
    """Prefix and URI of those that attributes of the instance are in."""
    rows: Mapping[str, int] = field(default_factory=dict, compare=False)
    """Where each field stands in the author's survey sheet, by its path; empty for an XForm."""
    entity_rows: Mapping[str, int] = field(default_factory=dict, compare=False)
    """Where each list stands in the author's entities sheet, by its name."""

    odd_columns: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    """Columns of the author's survey sheet that nothing reads: as written, as likely meant."""

    @property
    def default_language(self) -> str:
        """The language that texts fall back to."""
        return self.languages[0] if self.languages else ""

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """Every field by its path, in the order of the form."""
        return {each.path: each for each in self.root.walk()}

    @cached_property
    def names(self) -> Mapping[str, tuple[str, ...]]:
        """Paths by name; nearly always one."""
        found: dict[str, tuple[str, ...]] = {}
        for path, each in self.fields.items():
            found[each.name] = (*found.get(each.name, ()), path)
        return found

    @cached_property
    def text_by_id(self) -> Mapping[str, Text]:
        """Texts by id."""
        return dict(self.texts)

    @cached_property
    def logic(self) -> Logic:
        """The compiled expressions and what depends on what.

        Raises:
            BadInput: expressions depend on each other in a circle.
        """
        from models.forms.logic import Logic  # the model is what logic is built from: imported when asked

        return Logic(self)

    def problem(self, path: str, aspect: str, expression: str, reason: QingchaError) -> Problem:
        """A problem with the place in the author's sheets that it comes from.

        Args:
            path: of the field, with or without counts.
        """
        plain = "/".join(part.partition("[")[0] for part in path.split("/"))
        if plain in self.rows:
            source = self.fields[plain].choices if plain in self.fields else None
            searched = aspect == "choices" and source is not None and source.searched
            column = "appearance" if searched else ""
            return Problem(path, aspect, expression, reason, self.rows[plain], column=column)
        around, _slash, name = plain.rpartition("/")
        if around.endswith("/meta/entity") and name in _ENTITY_COLUMNS:
            dataset = self.fields.get(f"{around}/@dataset")
            row = self.entity_rows.get(dataset.default if dataset is not None else "", 0)
            return Problem(path, aspect, expression, reason, row, "entities", _ENTITY_COLUMNS[name])
        if self.rows and plain.endswith("/meta/instanceName"):
            return Problem(path, aspect, expression, reason, 2, "settings", "instance_name")
        return Problem(path, aspect, expression, reason)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The expressions that were put aside, in the order of the form."""
        return self.logic.problems
