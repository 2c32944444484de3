"""The functions that look at their arguments' form, not only at their values."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from models.errors import BadInput
from models.forms import values
from models.forms.functions import seed_of, shuffle
from models.forms.parser import Call, Expr, Literal, Path, Step, parse
from models.forms.patterns import compiled as pattern
from models.forms.scope import Env, Made, Run, Scope, common_part, depth, is_within
from models.forms.search import FUNCTION, compile_search
from models.forms.tree import ATTRIBUTE
from models.forms.values import Value
from models.language import N_

if TYPE_CHECKING:
    from models.forms.compile import Compiler

Special = Callable[["Compiler", tuple[Expr, ...], Scope], Made | None]
"""Compiles a call; None leaves it to the plain function of that name."""

_SELF = Path("", (Step("self", "*"),))


def _expect(is_so: bool, name: str) -> None:
    if not is_so:
        raise BadInput(N_("The function {name}() is given the wrong values."), name=name)


def _if(compiler: Compiler, arguments: tuple[Expr, ...], scope: Scope) -> Made | None:
    # A ladder of ifs, each in the last place of the one before, is a list: forms have them a hundred deep.
    steps: list[tuple[Run, Run]] = []
    other: Expr = Call("if", arguments)
    while isinstance(other, Call) and other.name == "if":
        _expect(len(other.arguments) == 3, "if")
        test, then, other = other.arguments
        steps.append((compiler.run(test, scope), compiler.run(then, scope)))
    otherwise = compiler.run(other, scope)

    def run(env: Env) -> Value:
        for test, then in steps:
            if values.to_truth(test(env)):
                return values.scalar(then(env))
        return values.scalar(otherwise(env))

    return Made(run)


def _coalesce(compiler: Compiler, arguments: tuple[Expr, ...], scope: Scope) -> Made | None:
    _expect(len(arguments) == 2, "coalesce")
    first, second = (compiler.run(each, scope) for each in arguments)

    def run(env: Env) -> Value:
        value = values.scalar(first(env))
        return values.scalar(second(env)) if values.is_blank(value) else value

    return Made(run)


def _once(compiler: Compiler, arguments: tuple[Expr, ...], scope: Scope) -> Made | None:
    _expect(len(arguments) == 1, "once")
    inner = compiler.run(arguments[0], scope)
    return Made(lambda env: env.node.text or values.scalar(inner(env)))


def _position(compiler: Compiler, arguments: tuple[Expr, ...], scope: Scope) -> Made | None:
    _expect(len(arguments) <= 1, "position")
    if not arguments:
        if scope.place is not None and scope.pinned is None:
            compiler.read_rounds(scope.place)
        return Made(lambda env: Decimal(env.position or env.node.index + 1))
    made = compiler.nodes(arguments[0], scope)
    for place in made.places or ():
        compiler.read_rounds(place)

    def run(env: Env) -> Value:
        found = made.run(env)
        return Decimal(found[0].index + 1) if isinstance(found, list) and found else Decimal(0)

    return Made(run)


def _last(compiler: Compiler, arguments: tuple[Expr, ...], scope: Scope) -> Made | None:
    _expect(not arguments, "last")
    return Made(lambda env: Decimal(env.size or 1))


def _current(compiler: Compiler, arguments: tuple[Expr, ...], scope: Scope) -> Made | None:
    return compiler.path(Path(Call("current", ()), ()), scope)


def _instance(compiler: Compiler, arguments: tuple[Expr, ...], scope: Scope) -> Made | None:
    _expect(len(arguments) == 1 and isinstance(arguments[0], Literal), "instance")
    assert isinstance(arguments[0], Literal)
    name = arguments[0].value
    compiler.know_list(name)
    return Made(lambda env: [env.host.list_root(name)], ())


def _pulldata(compiler: Compiler, arguments: tuple[Expr, ...], scope: Scope) -> Made | None:
    _expect(len(arguments) == 4 and isinstance(arguments[0], Literal), "pulldata")
    assert isinstance(arguments[0], Literal)
    name = arguments[0].value.removesuffix(".csv")
    compiler.know_list(name)
    column, key_column, key = (compiler.run(each, scope) for each in arguments[1:])

    def run(env: Env) -> Value:
        outer = env.host.list_root(name)
        root = next(iter(outer.children.values()))[0]
        row = next(iter(root.children), "item")
        found = env.host.lookup(root, row, values.to_text(key_column(env)))
        wanted = values.to_text(key(env))
        rows = found.get(wanted, []) if wanted else []
        cells = rows[0].children.get(values.to_text(column(env)), []) if rows else []
        return cells[0].text if cells else ""

    return Made(run)


def _randomize(compiler: Compiler, arguments: tuple[Expr, ...], scope: Scope) -> Made | None:
    _expect(1 <= len(arguments) <= 2, "randomize")
    made = compiler.nodes(arguments[0], scope)
    seed = compiler.run(arguments[1], scope) if len(arguments) == 2 else None

    def run(env: Env) -> Value:
        found = made.run(env)
        assert isinstance(found, list)
        # Without a seed the order must still hold while a form is on the screen.
        return shuffle(found, seed_of(seed(env)) if seed else float(id(env.host) % 99_991))

    return Made(run, made.places, made.anchor)


def _regex(compiler: Compiler, arguments: tuple[Expr, ...], scope: Scope) -> Made | None:
    if len(arguments) == 2 and isinstance(arguments[1], Literal):
        pattern(arguments[1].value)  # what is wrong with it is told when the form is brought
    return None


def _string_length(compiler: Compiler, arguments: tuple[Expr, ...], scope: Scope) -> Made | None:
    return None if arguments else compiler.call(Call("string-length", (_SELF,)), scope)


def _normalize_space(compiler: Compiler, arguments: tuple[Expr, ...], scope: Scope) -> Made | None:
    return None if arguments else compiler.call(Call("normalize-space", (_SELF,)), scope)


def _name(compiler: Compiler, arguments: tuple[Expr, ...], scope: Scope) -> Made | None:
    _expect(len(arguments) <= 1, "name")
    kept = set(compiler.reads)
    made = compiler.nodes(arguments[0] if arguments else _SELF, scope)
    if not arguments:
        compiler.reads = kept  # a name does not change with its node's value

    def run(env: Env) -> Value:
        found = made.run(env)
        return found[0].name.removeprefix(ATTRIBUTE) if isinstance(found, list) and found else ""

    return Made(run)


def _jr_itext(compiler: Compiler, arguments: tuple[Expr, ...], scope: Scope) -> Made | None:
    _expect(len(arguments) == 1, "jr:itext")
    inner = compiler.run(arguments[0], scope)
    return Made(lambda env: env.host.text(values.to_text(inner(env))))


def _jr_choice_name(compiler: Compiler, arguments: tuple[Expr, ...], scope: Scope) -> Made | None:
    _expect(len(arguments) == 2 and isinstance(arguments[1], Literal), "jr:choice-name")
    assert isinstance(arguments[1], Literal)
    value = compiler.run(arguments[0], scope)
    question = compiler.nodes(parse(arguments[1].value), scope)
    place = question.places[0] if question.places else ""
    source = compiler.fields[place].choices if place else None
    if source is None:
        raise BadInput(N_("{path} is not a question with choices."), path=arguments[1].value.strip())
    if source.nodes:
        compiler.nodes(parse(source.nodes), Scope(place, place))  # its reads are ours too

    def run(env: Env) -> Value:
        found = question.run(env)
        node = found[0] if isinstance(found, list) and found else env.node
        return env.host.choice_label(place, node, values.to_text(value(env)))

    return Made(run)


def _indexed_repeat(compiler: Compiler, arguments: tuple[Expr, ...], scope: Scope) -> Made | None:
    _expect(len(arguments) in {3, 5, 7, 9, 11}, "indexed-repeat")
    kept = set(compiler.reads)  # the plain paths are not what is read
    target = (compiler.nodes(arguments[0], scope).places or ("",))[0]
    repeats = [(compiler.nodes(each, scope).places or ("",))[0] for each in arguments[1::2]]
    compiler.reads = kept
    if not target or not all(place and is_within(target, place) for place in repeats):
        raise BadInput(N_("indexed-repeat() needs a field and the repeats that it lies in."))
    indexes = {place: compiler.run(each, scope) for place, each in zip(repeats, arguments[2::2], strict=True)}
    names = target.split("/")[2:]
    outer = min(repeats, key=depth)
    common = common_part(target, scope.home)
    if is_within(common, outer):
        common = outer.rsplit("/", 1)[0]
    compiler.read((target,), common, scope)

    def run(env: Env) -> Value:
        nodes = [env.host.root]
        place = env.host.root.where
        for name in names:
            place += "/" + name
            index = indexes.get(place)
            if index is not None:
                number = values.to_number(index(env))
                at = max(int(number), 1) if number.is_finite() else 1
                nodes = [c for n in nodes for c in n.children.get(name, ())[at - 1 : at]]
            elif is_within(env.current.where, place) and (own := env.current.up_to(place)).parent in nodes:
                nodes = [own]
            else:
                nodes = [c for n in nodes for c in n.children.get(name, ())]
        return nodes

    return Made(run, (target,), common)


SPECIAL: dict[str, Special] = {
    "if": _if,
    "coalesce": _coalesce,
    "once": _once,
    "position": _position,
    "last": _last,
    "current": _current,
    "instance": _instance,
    FUNCTION: compile_search,
    "pulldata": _pulldata,
    "randomize": _randomize,
    "regex": _regex,
    "string-length": _string_length,
    "normalize-space": _normalize_space,
    "name": _name,
    "local-name": _name,
    "jr:itext": _jr_itext,
    "jr:choice-name": _jr_choice_name,
    "indexed-repeat": _indexed_repeat,
}
