"""Filling the bureau's Word templates: closed, escaped, and the same offline as anywhere.

A template is a .docx that anyone edits in Word or WPS; what is to be filled in stands in it as `{{ 编号 }}`.
The language of templates is closed on purpose: names, conditions and loops over what is given, nothing
else. No calls, no arithmetic, no attributes of Python objects, loops at most three deep: whatever a template
says, filling it ends and touches nothing.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, TemplateError, UndefinedError, meta, nodes
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from models.documents.text import visible
from models.errors import BadInput
from models.language import N_

SHIPPED = Path(__file__).parent / "templates"
SIZE_LIMIT = 32 * 1024 * 1024
"""Bytes of a template, unpacked."""
PARTS_LIMIT = 500
LOOP_DEPTH = 3
TURNS_LIMIT = 100_000
"""Turns of all loops of a paper together."""
_FORBIDDEN = (
    nodes.Macro,
    nodes.CallBlock,
    nodes.Call,
    nodes.Import,
    nodes.FromImport,
    nodes.Include,
    nodes.Extends,
    nodes.Assign,
    nodes.AssignBlock,
    nodes.With,
    nodes.FilterBlock,
    nodes.Concat,
)
"""What could call, grow or reach outside."""
_FILTERS = ("default", "join", "length", "upper", "lower", "trim", "first", "last")
_UNREADABLE = N_(
    "The template {name} cannot be read. Open it in Word or WPS and save it as .docx again, or remove it to "
    "use the built-in one."
)

Value = str | bool | int | Mapping[str, "Value"] | Sequence["Value"]
"""What a template is given."""


class _Closed(ImmutableSandboxedEnvironment):
    """Names, conditions and loops; every call and every attribute of an object is refused.

    The sandbox refuses at run time what `_refuse_beyond` has not refused in the text already.
    """

    intercepted_binops = frozenset(("+", "-", "*", "/", "//", "%", "**"))

    def __init__(self) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined)
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in _FILTERS}
        self.tests = {name: self.tests[name] for name in ("defined", "none")}

    def is_safe_callable(self, obj: Any) -> bool:
        return False

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return isinstance(obj, LoopContext) and attr in ("index", "first", "last", "length")

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        raise TemplateError(f"no arithmetic: {operator}")

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parsed = super()._parse(source, name, filename)
        _refuse_beyond(parsed, 0)
        return parsed


_own: list[Path] = []
"""The bureau's folder of templates; none where it has none."""


def use_folder(folder: Path | None) -> None:
    """Take the bureau's own templates in a folder first, from now on; None forgets the folder."""
    _own[:] = [folder] if folder is not None else []


class _Plain(_Closed):
    """The same language for text that becomes no markup."""

    def __init__(self) -> None:
        super().__init__()
        self.autoescape = False


def find(name: str, folder: Path | None = None, language: str = "zh") -> Path:
    """The template of that name: the bureau's own in `folder` if there, else the one we ship.

    For a language other than Chinese `<name>.<language>.docx` in `folder` comes first.

    Args:
        folder: the bureau's; what `use_folder` was given unless named.
    """
    folder = folder if folder is not None else next(iter(_own), None)
    if folder is not None:
        for candidate in (folder / f"{name}.{language}.docx", folder / f"{name}.docx"):
            if candidate.is_file():
                return candidate
    return SHIPPED / f"{name}.docx"


@lru_cache(maxsize=512)
def _line(text: str) -> Any:
    return _Plain().from_string(text)


def line(text: str, values: Mapping[str, Value]) -> str:
    """One line of a layout filled, as plain text; what is filled in is never read as template again."""
    filled: str = _line(text).render(values)
    return filled


def names_of_line(text: str) -> list[str]:
    """The names that a line of a layout asks for."""
    return sorted(meta.find_undeclared_variables(_Plain().parse(text)))


def names_in(template: Path) -> set[str]:
    """The names that a template asks for.

    Raises:
        BadInput: it cannot be read, or goes beyond the closed language.
    """
    tpl = _open(template)
    try:
        return set(tpl.get_undeclared_template_variables(jinja_env=_Closed()))
    except TemplateError as error:
        raise _refused(template, error) from error


def fill(template: Path, values: Mapping[str, Value], code: tuple[bytes, float] | None = None) -> bytes:
    """The filled .docx; the code (its PNG and its side in mm) goes where the template says 二维码.

    Text is escaped and its hidden characters made visible; it is never read as template again.

    Raises:
        BadInput: the template cannot be read, uses an unknown name, or goes beyond the closed language.
    """
    from docxtpl import InlineImage

    tpl = _open(template)
    turns = count()
    context: dict[str, Any] = {name: _safe(value, turns) for name, value in values.items()}
    context["二维码"] = InlineImage(tpl, io.BytesIO(code[0]), width=_emu(code[1])) if code else ""
    target = io.BytesIO()
    try:
        tpl.render(context, _Closed(), autoescape=True)
        tpl.save(target)
    except TemplateError as error:
        raise _refused(template, error) from error
    return target.getvalue()


def _open(template: Path) -> Any:
    from docx.opc.exceptions import PackageNotFoundError
    from docxtpl import DocxTemplate  # 150 ms with python-docx: only when a paper is made

    unreadable = BadInput(_UNREADABLE, name=template.name)
    try:
        data = template.read_bytes()
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            listed = parts.infolist()
            if len(listed) > PARTS_LIMIT or sum(part.file_size for part in listed) > SIZE_LIMIT:
                raise unreadable
        tpl = DocxTemplate(io.BytesIO(data))
        tpl.init_docx()
    except (OSError, zipfile.BadZipFile, PackageNotFoundError, KeyError, ValueError, SyntaxError) as error:
        raise unreadable from error
    return tpl


def _emu(mm: float) -> int:
    """Millimetres in the unit of Office files."""
    return round(mm * 36000)


class _Text(Markup):
    """Escaped text that cannot be looped over."""

    def __iter__(self) -> Iterator[str]:
        raise TemplateError("no loops over text")


class _Rows(tuple[Any, ...]):
    """A list whose turns are counted with those of all others of the paper."""

    turns: Iterator[int]

    def __iter__(self) -> Iterator[Any]:
        for each in super().__iter__():
            if next(self.turns) >= TURNS_LIMIT:
                raise TemplateError("too many turns of loops")
            yield each


def _safe(value: Any, turns: Iterator[int]) -> Any:
    """Text as XML text: hidden characters visible, markup escaped, docxtpl's own escapes made harmless."""
    if isinstance(value, str):
        # docxtpl turns "{_{" and its like into "{{" after filling; a character reference keeps them as typed
        return _Text(str(escape(visible(value))).replace("_", "&#95;").replace("%", "&#37;"))
    if isinstance(value, Mapping):
        return {name: _safe(item, turns) for name, item in value.items()}
    if isinstance(value, Sequence):
        rows = _Rows(_safe(item, turns) for item in value)
        rows.turns = turns
        return rows
    return value


def _refuse_beyond(node: nodes.Node, depth: int) -> None:
    if isinstance(node, _FORBIDDEN):
        raise TemplateError(f"{type(node).__name__} is not allowed")
    if isinstance(node, nodes.For):
        depth += 1
        if depth > LOOP_DEPTH or not isinstance(node.iter, (nodes.Name, nodes.Getattr)):
            raise TemplateError("loops go over a named list, at most three deep")
    for child in node.iter_child_nodes():
        _refuse_beyond(child, depth)


def _refused(template: Path, error: TemplateError) -> BadInput:
    if isinstance(error, UndefinedError):
        return BadInput(
            N_(
                "The template {name} asks for something that this paper does not have ({detail}). Correct it "
                "in Word or WPS, or remove it to use the built-in one."
            ),
            name=template.name,
            detail=error.message or "",
        )
    return BadInput(
        N_(
            "The template {name} does more than fill in ({detail}). Only names, conditions and loops are "
            "allowed; correct it, or remove it to use the built-in one."
        ),
        name=template.name,
        detail=error.message or type(error).__name__,
    )
