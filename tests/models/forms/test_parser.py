"""The expression parser: reads what XPath allows, and answers anything else with one sentence."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import QingchaError
from models.forms.parser import (
    Binary,
    Call,
    Expr,
    Filter,
    Literal,
    Negate,
    Number,
    Path,
    Step,
    parse,
    unparse,
)

_names = st.sampled_from(["a", "b-c", "废水.pH", "and", "div", "mod", "or", "text", "x_1"])
_operators = st.sampled_from(["|", "or", "and", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod"])
_tokens = st.sampled_from(
    sorted(set("a()[]/.,*1+-<=|@$") | {"//", "..", "and", "or", "div", "'x'", "::", "jr:x"})
)
_leaves: st.SearchStrategy[Expr] = st.one_of(
    st.decimals(0, 10**6, allow_nan=False, places=3).map(Number),
    st.text(st.characters(exclude_characters="\"'", exclude_categories=["Cs"]), max_size=8).map(Literal),
)


def _grown(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    predicates = st.lists(inner, max_size=2).map(tuple)
    steps = st.lists(
        st.one_of(
            st.builds(Step, st.sampled_from(["child", "descendant-or-self"]), _names, predicates),
            st.builds(Step, st.sampled_from(["child", "parent", "self"]), st.just("*"), predicates),
        ),
        min_size=1,
        max_size=4,
    ).map(tuple)
    return st.one_of(
        st.builds(Negate, inner),
        st.builds(Binary, _operators, inner, inner),
        st.builds(
            Call,
            st.sampled_from(["if", "jr:choice-name", "sum", "or"]),
            st.lists(inner, max_size=3).map(tuple),
        ),
        st.builds(Path, st.sampled_from(["/", ""]), steps),
        st.builds(Path, st.builds(Call, st.just("current"), st.just(())), steps),
        st.builds(Filter, inner, st.lists(inner, min_size=1, max_size=2).map(tuple)).filter(
            lambda found: not isinstance(found.operand, Filter)
        ),
    )


def _outcome(text: str) -> object:
    try:
        return parse(text)
    except QingchaError as error:
        return error.text()


@given(st.recursive(_leaves, _grown, max_leaves=12))
def test_what_is_written_from_a_tree_is_read_as_the_same_tree(tree: Expr) -> None:
    assert parse(unparse(tree)) == tree


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    assert _outcome(text)


@given(st.lists(_tokens, max_size=25))
def test_any_heap_of_tokens_is_read_or_refused(tokens: list[str]) -> None:
    assert _outcome(" ".join(tokens))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("1 + 2 * 3", "(1 + (2 * 3))"),
        ("1 - 2 - 3", "((1 - 2) - 3)"),
        ("- 2 + 3", "((-2) + 3)"),
        ("a or b and c", "(child::a or (child::b and child::c))"),
        ("a = b < c", "(child::a = (child::b < child::c))"),
        ("a|b = c", "((child::a | child::b) = child::c)"),
        ("div div mod", "(child::div div child::mod)"),
        ("* * *", "(child::node() * child::node())"),
        ("../and", "parent::node()/child::and"),
        (".5 + 5.", "(0.5 + 5)"),
        ("a-b", "child::a-b"),
        ("a -b", "(child::a - child::b)"),
    ],
)
def test_operators_bind_as_in_xpath(text: str, tree: str) -> None:
    assert unparse(parse(text)) == tree


def test_marks_of_a_chinese_input_method_are_read_as_meant() -> None:
    assert parse("（a＋１）＞＝ ２ and selected（b，‘x’）".replace("‘", "'").replace("’", "'")) == parse(
        "(a+1) >= 2 and selected(b, 'x')"
    )


def test_text_in_quotes_stays_as_it_is_typed() -> None:
    assert parse("'（甲），＝'") == Literal("（甲），＝")


def test_a_number_is_exact() -> None:
    assert parse("0.1") == Number(Decimal("0.1"))


@pytest.mark.parametrize(
    "text", ["(" * 5000, "-" * 5000 + "1", "a[" * 3000, "f(" * 3000, "1+" * 60_000 + "1"]
)
def test_a_bomb_of_nesting_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(QingchaError) as caught:
        parse(text)
    assert caught.value.text()
