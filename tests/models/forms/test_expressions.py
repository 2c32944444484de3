"""Expressions give what the ODK XForms specification, XPath 1.0 and ODK Collect say they give."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadInput
from models.forms.filling import Filling
from tests.models.forms.conftest import NOON, bare_form

pytestmark = pytest.mark.usefixtures("in_china")


def value_of(expression: str, type_: str = "string", **answers: str) -> str:
    """What a calculation over text fields comes to."""
    fields = {name: {"type": _TYPES.get(name[0], "string")} for name in answers}
    form = bare_form({**fields, "result": {"type": type_, "calculate": expression}})
    filling = Filling(form, clock=lambda: NOON)
    for name, answer in answers.items():
        filling.set(name, answer)
    assert not filling.problems(), [problem.text() for problem in filling.problems()]
    return filling.value("result")


_TYPES = {"n": "decimal", "i": "int", "d": "date", "t": "dateTime"}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0.1 + 0.2", "0.3"),
        ("1 div 3", "0.3333333333333333"),
        ("7 mod 3", "1"),
        ("-7 mod 3", "-1"),
        ("1 div 0", "Infinity"),
        ("0 div 0", ""),
        ("2 * 3 + 4", "10"),
        ("123456789012345678 + 1", "123456789012345679"),
        ("1 = 1.0", "true"),
        ("'1' = 1", "true"),
        ("'1.0' = '1'", "false"),
        ("'' < 1", "false"),
        ("'' >= 1", "false"),
        ("true() = 'x'", "true"),
        ("not('')", "true"),
        ("boolean('false')", "true"),
        ("boolean-from-string('1')", "true"),
        ("1 = 1 and 2 = 3 or 4 = 4", "true"),
        ("round(2.5)", "3"),
        ("round(-2.5)", "-2"),
        ("round(2.345, 2)", "2.35"),
        ("round(1234, -2)", "1200"),
        ("int(-2.9)", "-2"),
        ("abs(-3)", "3"),
        ("pow(2, 10)", "1024"),
        ("sqrt(2)", "1.4142135623730951"),
        ("log10(1000)", "3"),
        ("min(3, '', 1)", "1"),
        ("max('', '')", ""),
        ("number('abc')", ""),
        ("string(1.50)", "1.5"),
        ("concat('水', 1, true())", "水1true"),
        ("join('、', 'a', 'b')", "a、b"),
        ("substr('污水处理厂', 1, 3)", "水处"),
        ("substr('abc', -2)", "bc"),
        ("substring-before('a/b', '/')", "a"),
        ("substring-after('a/b', '/')", "b"),
        ("translate('aabbcc', 'ab', 'x')", "xxcc"),
        ("string-length('污水')", "2"),
        ("normalize-space('  a   b ')", "a b"),
        ("contains('abc', 'b')", "true"),
        ("starts-with('abc', 'ab')", "true"),
        ("ends-with('abc', 'bc')", "true"),
        ("regex('350600', '[0-9]{6}')", "true"),
        ("regex('3506001', '[0-9]{6}')", "false"),
        ("if(1 > 2, 'a', 'b')", "b"),
        ("coalesce('', 'x')", "x"),
        ("coalesce('y', 'x')", "y"),
        ("selected('a b c', 'b')", "true"),
        ("selected('ab c', 'b')", "false"),
        ("selected-at('a b c', 1)", "b"),
        ("selected-at('a b c', 9)", ""),
        ("count-selected('a b c')", "3"),
        ("count-selected('')", "0"),
        ("today()", "2026-03-05"),
        ("now()", "2026-03-05T12:00:00.000+08:00"),
        ("date('2026-03-05') + 1", "20518"),
        ("date(20517)", "2026-03-05"),
        ("'2026-03-05' < '2026-03-10'", "true"),
        ("'2026-12-01' > today()", "true"),
        ("number('1970-01-02')", "1"),
        ("decimal-date-time('1970-01-02T00:00:00Z')", "1"),
        ("decimal-time('18:00')", "0.75"),
        ("format-date('2026-03-05', '%Y年%n月%e日')", "2026年3月5日"),
        ("format-date-time('2026-03-05T07:08:09.010+08:00', '%y%m%d %H:%M:%S.%3')", "260305 07:08:09.010"),
        ("checklist(1, 2, 'x', '', 'y')", "true"),
        ("weighted-checklist(2, 3, 'x', 1, '', 5, 'y', 1)", "true"),
        ("digest('', 'SHA-256', 'hex')", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("base64-decode('5rC0')", "水"),
        ("distance('0 0;0 1')", "111318.85"),
        ("string-length(uuid())", "36"),
        ("pi() > 3.14", "true"),
    ],
)
def test_expression(expression: str, expected: str) -> None:
    assert value_of(expression) == expected


@pytest.mark.parametrize(
    ("expression", "answers", "expected"),
    [
        ("/data/n = ''", {"n": ""}, "true"),
        ("/data/n + 1", {"n": ""}, ""),
        ("/data/n > 5", {"n": ""}, "false"),
        ("/data/n * 3", {"n": "0.1"}, "0.3"),
        ("/data/n = '5.0'", {"n": "5"}, "true"),
        ("../i + /data/n", {"i": "2", "n": "3"}, "5"),
        ("/data/d - today()", {"d": "2026-03-08"}, "3"),
        ("/data/d >= '2026-03-08'", {"d": "2026年3月8日"}, "true"),
        ("count-non-empty(/data/a | /data/b)", {"a": "x", "b": ""}, "1"),
        ("sum(/data/n1 | /data/n2)", {"n1": "1", "n2": ""}, "1"),
        ("(/data/a | /data/b)[. = 'x'] = 'x'", {"a": "x", "b": "y"}, "true"),
        ("concat(../a, current()/../b)", {"a": "x", "b": "y"}, "xy"),
        ("string-length(//a)", {"a": "xyz"}, "3"),
    ],
)
def test_expression_over_answers(expression: str, answers: dict[str, str], expected: str) -> None:
    assert value_of(expression, **answers) == expected


def test_a_calculated_date_field_shows_a_date_and_a_whole_number_field_no_fraction() -> None:
    assert value_of("today() + 30", "date") == "2026-04-04"
    assert value_of("7 div 2", "int") == "3"


def test_a_chain_of_a_thousand_operators_is_no_matter() -> None:
    assert value_of(" + ".join(["1"] * 1000)) == "1000"
    assert value_of(" or ".join(["/data/a = 'y'"] * 1000 + ["/data/a = 'x'"]), a="x") == "true"


def test_a_ladder_of_ifs_is_no_matter() -> None:
    ladder = "".join(f"if(/data/i = {step}, 'v{step}', " for step in range(140)) + "'none'" + ")" * 140
    assert value_of(ladder, i="139") == "v139"
    assert value_of(ladder, i="140") == "none"


_words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
_calls = st.sampled_from(
    [
        "concat",
        "join",
        "substr",
        "translate",
        "contains",
        "regex",
        "round",
        "int",
        "abs",
        "pow",
        "sqrt",
        "log",
        "exp",
        "sin",
        "date",
        "format-date",
        "format-date-time",
        "decimal-date-time",
        "decimal-time",
        "date-time",
        "selected",
        "selected-at",
        "count-selected",
        "checklist",
        "weighted-checklist",
        "digest",
        "base64-decode",
        "distance",
        "area",
        "min",
        "max",
        "sum",
        "count",
        "position",
        "number",
        "string",
        "boolean",
        "substring-before",
        "uuid",
        "once",
        "coalesce",
        "if",
        "jr:choice-name",
        "indexed-repeat",
        "randomize",
        "instance",
        "current",
        "pulldata",
        "nothing-such",
    ]
)
_arguments = st.one_of(
    _words.map(lambda text: "'" + text.replace("'", "") + "'"),
    st.integers(-(10**40), 10**40).map(str),
    st.sampled_from(
        ["/data/a", ".", "..", "/data", "today()", "now()", "1 div 0", "0 div 0", "-1", "true()"]
    ),
)


@given(_calls, st.lists(_arguments, max_size=4), _words)
def test_any_call_gives_a_value_or_a_problem_that_is_named(
    name: str, arguments: list[str], answer: str
) -> None:
    expression = f"{name}({', '.join(arguments)})"
    try:
        form = bare_form({"a": {}, "result": {"calculate": expression}})
        filling = Filling(form, clock=lambda: NOON)
        filling.set("a", answer)
    except BadInput as error:
        circle = error.text()
    else:
        circle = ""
    if circle:
        assert "result" in circle  # by "." or ".."
        return
    for problem in filling.problems():
        assert problem.path == "/data/result"
        assert problem.expression == expression
        assert problem.text()
