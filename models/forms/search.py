"""The search() appearance: choices from the rows of a CSV file beside the form, as ODK Collect finds them.

`search('file')`, `search('file', how, 'columns', text)` and `search('file', how, 'columns', text, 'column',
value)`; how is contains, startswith, endswith or matches. The row of the choices sheet names the columns: its
name that of the value, its label those of the words; a row whose name is a whole number is a choice itself.
Text is compared as SQLite's LIKE does in Collect: capitals of ASCII count as small letters, % and _ stand for
any characters and any one.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from html import unescape
from typing import TYPE_CHECKING

from models.errors import BadInput
from models.forms import values
from models.forms.model import Choice, ChoiceSource, ItemList, Output, Text
from models.forms.parser import Call, Expr, Literal, parse
from models.forms.scope import Env, Made, Scope
from models.forms.tree import Node
from models.forms.values import Value
from models.language import N_

if TYPE_CHECKING:
    from models.forms.compile import Compiler

FUNCTION = "search.rows"
"""What a search() is called among the expressions: elsewhere there is no such function."""
_LIST = "csv:"
_APPEARANCE = re.compile(r"""\bappearance\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_SEARCH = re.compile(r"search\((.+)\)", re.DOTALL)
_WHOLE = re.compile(r"\s*[+-]?\d+\s*", re.ASCII)
_SMALL = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_SORT = "sortby"


def files_searched(document: str) -> Iterator[str]:
    """The sources of the CSV files that the appearances of an XForm search."""
    for match in _APPEARANCE.finditer(document):
        found = expression(unescape(match[1] or match[2] or ""))
        name = _file_in(found) if found else ""
        if name:
            yield source_of(name)


def expression(appearance: str) -> str:
    """The search in an appearance, as an expression; empty where there is none."""
    match = _SEARCH.search(appearance)
    return f"{FUNCTION}({match[1]})" if match else ""


def _file_in(found: str) -> str:
    try:
        tree = parse(found)
    except BadInput:  # told when the form is compiled
        return ""
    first = tree.arguments[0] if isinstance(tree, Call) and tree.arguments else None
    return first.value.strip().removesuffix(".csv") if isinstance(first, Literal) else ""


def source_of(name: str) -> str:
    """The source of a CSV file by its name without suffix."""
    return f"jr://file-csv/{name}.csv"


def list_of(source: str) -> str:
    """The name of the list that a source searched by an appearance is."""
    return _LIST + source


def compile_search(compiler: Compiler, arguments: tuple[Expr, ...], scope: Scope) -> Made | None:
    """The rows that a search finds.

    Raises:
        BadInput: it has another number of values than 1, 4 or 6, or its file is not beside the form.
    """
    first = arguments[0] if arguments else None
    if len(arguments) not in {1, 4, 6} or not isinstance(first, Literal):
        raise BadInput(
            N_(
                "search() takes the file's name in quotes; then how to search, columns and text; then a "
                "column and its value: 1, 4 or 6 values."
            )
        )
    file = first.value.strip().removesuffix(".csv")
    name = list_of(source_of(file))
    compiler.know_list(name)
    runs = [compiler.run(each, scope) for each in arguments[1:]]

    def run(env: Env) -> Value:
        root = next(iter(env.host.list_root(name).children.values()))[0]
        rows = next(iter(root.children.values()), [])
        return _found(rows, [values.to_text(each(env)) for each in runs], file) if rows else []

    return Made(run, ())


def _found(rows: list[Node], asked: list[str], file: str) -> list[Node]:
    columns = _columns(rows[0])
    if len(asked) > 3:
        column, wanted = _named(columns, asked[3], file), asked[4].translate(_SMALL)
        rows = [row for row in rows if _cell(row, column).translate(_SMALL) == wanted]
    searched = [_named(columns, each, file) for each in _split(asked[1])] if asked else []
    if searched:
        like = _like(asked[0], asked[2])
        rows = [row for row in rows if any(like(_cell(row, each)) for each in searched)]
    order = columns.get(_SORT)
    return sorted(rows, key=lambda row: _size(_cell(row, order))) if order else rows


def _like(how: str, text: str) -> Callable[[str], bool]:
    wanted, how = text.translate(_SMALL), how.strip().lower()
    before, after = how not in {"startswith", "matches"}, how not in {"endswith", "matches"}
    if "%" in wanted or "_" in wanted:
        inner = "".join({"%": ".*", "_": "."}.get(each, re.escape(each)) for each in wanted)
        pattern = re.compile(".*" * before + inner + ".*" * after, re.DOTALL)
        return lambda cell: pattern.fullmatch(cell.translate(_SMALL)) is not None
    if before and after:
        return lambda cell: wanted in cell.translate(_SMALL)
    if before:
        return lambda cell: cell.translate(_SMALL).endswith(wanted)
    if after:
        return lambda cell: cell.translate(_SMALL).startswith(wanted)
    return lambda cell: cell.translate(_SMALL) == wanted


def _size(text: str) -> Decimal:
    number = values.to_number(text)
    return number if number.is_finite() else Decimal("Infinity")


def _split(columns: str) -> list[str]:
    """Names with commas between, or with blanks where there is no comma."""
    found = [each.strip() for each in columns.split(",") if each.strip()]
    return found[0].split() if len(found) == 1 else found


def _columns(row: Node) -> Mapping[str, str]:
    """The columns by the name that they are found by: capitals and marks make no difference."""
    return {**{_plain(name): name for name in reversed(row.children)}, **{n: n for n in row.children}}


def _plain(name: str) -> str:
    return re.sub(r"[^\w]", "_", name.strip().lower())


def _named(columns: Mapping[str, str], name: str, file: str) -> str:
    name = name.strip()
    found = columns.get(name) or columns.get(_plain(name))
    if found is None:
        raise BadInput(
            N_("The file {file} has no column {column}; it has {columns}."),
            file=f"{file}.csv",
            column=name or "–",
            columns=", ".join(dict.fromkeys(columns.values())),
        )
    return found


def _cell(row: Node, column: str) -> str:
    cells = row.children.get(column)
    return cells[0].text if cells else ""


def choices_in(source: ChoiceSource, rows: list[Node], file: str = "") -> Iterator[Choice]:
    """The choices of a question that searches: of each row of its list in the choices sheet.

    Raises:
        BadInput: the file has no such column.
    """
    columns = _columns(rows[0]) if rows else {}
    for each in source.written:
        if _WHOLE.fullmatch(each.value):
            yield each
        elif rows:
            value = _named(columns, each.value, file)
            shown = [
                (language, [_named(columns, name, file) for name in _split(_text(pieces))])
                for language, pieces in each.label.variants
                if pieces
            ]
            for row in rows:
                key = _cell(row, value)
                yield Choice(key, Text(tuple((lang, (_words(row, value, of),)) for lang, of in shown)))


def check_columns(source: ChoiceSource, lists: Iterable[ItemList]) -> None:
    """See that the file has the columns that a question names.

    Raises:
        BadInput: it has not.
    """
    file, tree = file_of(source), parse(source.nodes)
    rows = next((each.items for each in lists if each.name == list_of(source_of(file))), ())
    if not rows or not isinstance(tree, Call):
        return
    row = Node("", "", None)
    for name, text in rows[0].columns:
        row.add(Node(name, "", row, text=text))
    asked = [tree.arguments[at] for at in (2, 4) if at < len(tree.arguments)]
    for names in asked:
        for name in _split(names.value) if isinstance(names, Literal) else ():
            _named(_columns(row), name, file)
    for _each in choices_in(source, [row], file):
        pass  # looking each of them up is the check


def _text(pieces: tuple[str | Output, ...]) -> str:
    return "".join(each for each in pieces if isinstance(each, str))


def _words(row: Node, value: str, columns: list[str]) -> str:
    """`one`, `one (two: its text)` and so on; the value itself where that is blank."""
    first, *more = [name for name in columns if name != value] or [value]
    words = _cell(row, first) + "".join(f" ({name}: {_cell(row, name)})" for name in more)
    return words if words.strip() else _cell(row, value)


def file_of(source: ChoiceSource) -> str:
    """The name of the file that a question searches, without suffix."""
    return _file_in(source.nodes)
