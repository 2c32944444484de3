"""XPath 1.0 as the ODK XForms specification uses it: text to a small syntax tree, and back.

A Pratt parser. Symbols typed with a Chinese input method (（ ） ＝ ， and the like) are read as their ASCII
twins outside of quotes, for that is how a bureau's spreadsheet arrives. Why an own parser:
docs/decisions/xpath.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from models.errors import BadInput
from models.language import N_

LONGEST = 100_000
"""Characters in one expression; pyxform writes long paths, people do not."""
DEEPEST = 150
"""Nested parentheses, calls and predicates in one expression."""


@dataclass(frozen=True, slots=True)
class Number:
    """A numeric literal."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Literal:
    """A string in quotes."""

    value: str


@dataclass(frozen=True, slots=True)
class Negate:
    """Unary minus."""

    operand: Expr


@dataclass(frozen=True, slots=True)
class Binary:
    """`left operator right`; the operator as written in XPath ("and", "=", "div", "|", …)."""

    operator: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Call:
    """A function call; the name keeps its prefix ("jr:choice-name")."""

    name: str
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path: axis "child", "attribute", "parent", "self" or "descendant-or-self"; test is a name
    or "*"."""

    axis: str
    test: str
    predicates: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """Steps from the root ("/"), from the context ("") or from the nodes that an expression gives."""

    start: str | Expr
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """`(expression)[predicate]…`."""

    operand: Expr
    predicates: tuple[Expr, ...]


Expr = Number | Literal | Negate | Binary | Call | Path | Filter

_POWERS = {
    "or": 1,
    "and": 2,
    "=": 3,
    "!=": 3,
    "<": 4,
    "<=": 4,
    ">": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "div": 6,
    "mod": 6,
    "|": 8,
}
_NEGATE_POWER = 7
_NAME = r"[^\W\d][\w.\-·]*"
_TOKEN = re.compile(
    rf"""\s*(?:
      (?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)
    | (?P<string>"[^"]*"|'[^']*')
    | (?P<name>{_NAME}(?::(?!:){_NAME})?)
    | (?P<symbol>::|\.\.|//|!=|<=|>=|[()\[\],/.@|+\-=<>*])
    )""",
    re.VERBOSE,
)
_TWINS = str.maketrans(
    "（）［］，／．＠｜＋－＝＜＞＊！：＂＇０１２３４５６７８９　", "()[],/.@|+-=<>*!:\"'0123456789 "
)
_AXES = {"child", "attribute", "parent", "self", "descendant-or-self"}
_BEFORE_OPERAND = {"", "(", "[", ",", "/", "//", "::", "@"} | set(_POWERS)


class _Tokens:
    """The tokens of one expression with a look ahead of one."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._all = list(_tokenise(text))
        self._at = 0

    @property
    def kind(self) -> str:
        return self._all[self._at][0]

    @property
    def value(self) -> str:
        return self._all[self._at][1]

    def after(self, ahead: int = 1) -> str:
        """The value of a token further on; empty at the end."""
        return self._all[min(self._at + ahead, len(self._all) - 1)][1]

    def take(self) -> str:
        value = self.value
        self._at += 1
        return value

    def is_symbol(self, *values: str) -> bool:
        return self.kind in {"symbol", "operator"} and self.value in values

    def expect(self, value: str) -> None:
        if not self.is_symbol(value):
            raise BadInput(
                N_("Expected {wanted} but found {found} in the expression {expression}"),
                wanted=value,
                found=self.value or "…",
                expression=_short(self.text),
            )
        self.take()


def _short(text: str) -> str:
    return text if len(text) <= 120 else text[:117] + "…"


def _tokenise(text: str) -> Iterator[tuple[str, str]]:
    # Twins keep positions, so the original text of a quoted string is cut from the same place.
    plain = text.translate(_TWINS)
    at, before = 0, ""
    while at < len(plain):
        match = _TOKEN.match(plain, at)
        if match is None or match.lastgroup is None:
            rest = plain[at:].lstrip()
            if not rest:
                break
            raise BadInput(
                N_("The expression {expression} cannot be read at {found}"),
                expression=_short(text),
                found=_short(rest[:20]),
            )
        kind, value = match.lastgroup, match.group(match.lastgroup)
        if kind == "string":
            start = match.start("string")
            value = text[start + 1 : start + len(value) - 1]
        elif value in _POWERS and (kind == "symbol" or value in {"and", "or", "div", "mod"}):
            # A name or * is an operator only where an operand has just ended (XPath 1.0 §3.7).
            if before not in _BEFORE_OPERAND:
                kind = "operator"
            elif value not in {"and", "or", "div", "mod"}:
                kind = "symbol"
        yield kind, value
        is_operand = kind in {"string", "number", "name"} or (kind == "symbol" and value == "*")
        before = "'" if is_operand else value
        at = match.end()
    yield "end", ""


def parse(text: str) -> Expr:
    """The syntax tree of an expression.

    Raises:
        BadInput: the expression is empty, too long, too deep, or not XPath; the sentence quotes it.
    """
    if len(text) > LONGEST:
        raise BadInput(
            N_("The expression {expression} is longer than {most} characters."),
            expression=_short(text),
            most=LONGEST,
        )
    if not text.strip():
        raise BadInput(N_("An expression is empty."))
    tokens = _Tokens(text)
    found = _expression(tokens, 0, 0)
    if tokens.kind != "end":
        raise BadInput(
            N_("The expression {expression} cannot be read at {found}"),
            expression=_short(text),
            found=_short(tokens.value),
        )
    return found


def _expression(tokens: _Tokens, power: int, depth: int) -> Expr:
    if depth > DEEPEST:
        raise BadInput(
            N_("The expression {expression} is nested too deeply."), expression=_short(tokens.text)
        )
    left: Expr
    if tokens.is_symbol("-"):
        tokens.take()
        left = Negate(_expression(tokens, _NEGATE_POWER, depth + 1))
    else:
        left = _path(tokens, depth)
    while tokens.kind == "operator" and _POWERS[tokens.value] > power:
        operator = tokens.take()
        left = Binary(operator, left, _expression(tokens, _POWERS[operator], depth + 1))
    return left


def _path(tokens: _Tokens, depth: int) -> Expr:
    if tokens.is_symbol("/"):
        tokens.take()
        return Path("/", _steps(tokens, depth) if _step_begins(tokens) else ())
    if tokens.is_symbol("//"):
        tokens.take()
        return Path("/", (Step("descendant-or-self", "*"), *_steps(tokens, depth)))
    if tokens.kind == "name" and tokens.after() == "(" and tokens.value != "node":
        found: Expr = _call(tokens, depth)
    elif tokens.kind == "number":
        found = Number(Decimal(tokens.take()))
    elif tokens.kind == "string":
        found = Literal(tokens.take())
    elif tokens.is_symbol("("):
        tokens.take()
        found = _expression(tokens, 0, depth + 1)
        tokens.expect(")")
    elif _step_begins(tokens):
        return Path("", _steps(tokens, depth))
    else:
        raise BadInput(
            N_("A value is missing before {found} in the expression {expression}"),
            found=tokens.value or "…",
            expression=_short(tokens.text),
        )
    predicates = _predicates(tokens, depth)
    if predicates:
        found = Filter(found, predicates)
    if tokens.is_symbol("/"):
        tokens.take()
        return Path(found, _steps(tokens, depth))
    if tokens.is_symbol("//"):
        tokens.take()
        return Path(found, (Step("descendant-or-self", "*"), *_steps(tokens, depth)))
    return found


def _step_begins(tokens: _Tokens) -> bool:
    return tokens.kind == "name" or tokens.is_symbol(".", "..", "*", "@")


def _call(tokens: _Tokens, depth: int) -> Call:
    name = tokens.take()
    tokens.expect("(")
    arguments: list[Expr] = []
    while not tokens.is_symbol(")"):
        if arguments:
            tokens.expect(",")
        arguments.append(_expression(tokens, 0, depth + 1))
    tokens.take()
    return Call(name, tuple(arguments))


def _steps(tokens: _Tokens, depth: int) -> tuple[Step, ...]:
    steps = [_step(tokens, depth)]
    while tokens.is_symbol("/", "//"):
        if tokens.take() == "//":
            steps.append(Step("descendant-or-self", "*"))
        steps.append(_step(tokens, depth))
    return tuple(steps)


def _step(tokens: _Tokens, depth: int) -> Step:
    axis = "child"
    if tokens.is_symbol(".", ".."):
        axis = "self" if tokens.take() == "." else "parent"
        return Step(axis, "*", _predicates(tokens, depth))
    if tokens.is_symbol("@"):
        tokens.take()
        axis = "attribute"
    elif tokens.kind == "name" and tokens.after() == "::":
        axis = tokens.take()
        tokens.take()
        if axis not in _AXES:
            raise BadInput(
                N_("The axis {axis} in {expression} is none of child, parent, self, attribute."),
                axis=axis,
                expression=_short(tokens.text),
            )
    if tokens.is_symbol("*"):
        test = tokens.take()
    elif tokens.kind == "name":
        test = tokens.take()
        if test == "node" and tokens.is_symbol("("):
            tokens.take()
            tokens.expect(")")
            test = "*"
    else:
        raise BadInput(
            N_("A name is missing before {found} in the expression {expression}"),
            found=tokens.value or "…",
            expression=_short(tokens.text),
        )
    return Step(axis, test, _predicates(tokens, depth))


def _predicates(tokens: _Tokens, depth: int) -> tuple[Expr, ...]:
    predicates: list[Expr] = []
    while tokens.is_symbol("["):
        tokens.take()
        predicates.append(_expression(tokens, 0, depth + 1))
        tokens.expect("]")
    return tuple(predicates)


def unparse(found: Expr) -> str:
    """An expression that parses to the same tree."""
    match found:
        case Number(value):
            return format(value, "f")
        case Literal(value):
            return f"'{value}'" if "'" not in value else f'"{value}"'
        case Negate(operand):
            return f"(-{unparse(operand)})"
        case Binary(operator, left, right):
            return f"({unparse(left)} {operator} {unparse(right)})"
        case Call(name, arguments):
            return f"{name}({', '.join(map(unparse, arguments))})"
        case Filter(operand, predicates):
            return f"({unparse(operand)}){_unparse_predicates(predicates)}"
        case Path(start, steps):
            inner = "/".join(map(_unparse_step, steps))
            if isinstance(start, str):
                return f"{start}{inner}"
            return f"({unparse(start)})/{inner}"


def _unparse_step(step: Step) -> str:
    return f"{step.axis}::{step.test if step.test != '*' else 'node()'}{_unparse_predicates(step.predicates)}"


def _unparse_predicates(predicates: tuple[Expr, ...]) -> str:
    return "".join(f"[{unparse(each)}]" for each in predicates)


def unfiltered(tree: Expr) -> Expr:
    """A path to nodes without its predicates, and without what shuffles them."""
    if isinstance(tree, Call) and tree.name == "randomize" and tree.arguments:
        return unfiltered(tree.arguments[0])
    if isinstance(tree, Filter):
        return unfiltered(tree.operand)
    if isinstance(tree, Path):
        start = tree.start if isinstance(tree.start, str) else unfiltered(tree.start)
        return Path(start, tuple(Step(step.axis, step.test) for step in tree.steps))
    return tree
