"""A change reaches what depends on it, all of it, and nothing else."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from models.errors import BadInput
from models.forms.filling import Filling
from models.forms.model import Form
from models.forms.queries import NodeState, state
from models.forms.xform import read_xform
from tests.models.forms.conftest import NOON, bare_form


def test_of_five_hundred_questions_one_that_depends_is_recomputed() -> None:
    fields: dict[str, dict[str, str]] = {f"q{number}": {"type": "int"} for number in range(500)}
    fields["q321"]["relevant"] = "/data/q7 > 3"
    fields["q100"]["relevant"] = "/data/q99 = 1"
    filling = Filling(bare_form(fields))
    assert not filling.visible("q321")
    filling.set("q7", "4")
    assert filling.changed == ("/data/q321",)
    assert filling.visible("q321")
    filling.set("q8", "4")
    assert filling.changed == ()


def test_a_chain_is_recomputed_in_order_each_link_once() -> None:
    fields = {"q0": {"type": "int"}}
    for number in range(1, 50):
        fields[f"q{number}"] = {"type": "int", "calculate": f"/data/q{number - 1} + 1"}
    # Written backwards, so that the order of the form is not the order of evaluation.
    filling = Filling(bare_form(dict(reversed(fields.items()))))
    filling.set("q0", "1")
    assert filling.value("q49") == "50"
    assert filling.changed == tuple(f"/data/q{number}" for number in range(1, 50))


def test_a_chain_stops_where_nothing_changes() -> None:
    filling = Filling(
        bare_form(
            {
                "a": {"type": "int"},
                "high": {"calculate": "/data/a > 10"},
                "b": {"relevant": "/data/high = 'true'"},
            }
        )
    )
    filling.set("a", "1")
    assert filling.changed == ("/data/high",)
    filling.set("a", "11")
    assert filling.changed == ("/data/high", "/data/b")


def test_only_the_round_concerned_is_recomputed() -> None:
    filling = Filling(_with_rounds({"a": {}}, {"x": {"type": "int"}, "y": {"calculate": "../x * 2"}}))
    for _round in range(30):
        filling.add("r")
    filling.set("/data/r[7]/x", "3")
    assert filling.changed == ("/data/r[7]/y",)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"a": {"calculate": "/data/b"}, "b": {"calculate": "/data/a"}}, ("a", "b")),
        ({"a": {"relevant": "/data/b = 1"}, "b": {"relevant": "/data/a = 1"}}, ("a", "b")),
        ({"a": {"calculate": ". + 1"}}, ("a",)),
        (
            {"x": {"calculate": "/data/c"}, "c": {"calculate": "/data/d"}, "d": {"calculate": "/data/c"}},
            ("c", "d"),
        ),
    ],
)
def test_a_circle_is_refused_with_the_names_of_its_fields(
    fields: dict[str, dict[str, str]], named: tuple[str, ...]
) -> None:
    with pytest.raises(BadInput) as caught:
        Filling(bare_form(fields))
    found = caught.value.params["fields"].split(" → ")
    assert sorted(set(found)) == sorted(named)


# --- the key property: by dependency is the same as all anew ----------------------------------------------

OUTER = ("a", "b", "c", "d", "e")
INNER = ("x", "y", "z")


def _with_rounds(
    outer: dict[str, dict[str, str]], inner: dict[str, dict[str, str]], count: str = "", whole: str = ""
) -> Form:
    """Flat fields, then a repeat "r" with fields of its own within a group "g"."""

    def bind(path: str, given: dict[str, str]) -> str:
        quoted = " ".join(f"{k}={quoteattr(v)}" for k, v in given.items() if k != "label")
        return f'<bind nodeset="{path}" {quoted}/>'

    def control(path: str, given: dict[str, str]) -> str:
        if "label" in given:
            return (
                f'<input ref="{path}"><label>is <output value={quoteattr(given["label"])}/></label></input>'
            )
        return f'<input ref="{path}"/>'

    nodes = "".join(f"<{name}/>" for name in outer)
    rounds = "".join(f"<{name}/>" for name in inner)
    binds = [bind(f"/data/{name}", each) for name, each in outer.items()]
    binds += [bind(f"/data/r/{name}", each) for name, each in inner.items()]
    if whole:
        binds.append(bind("/data/r", {"relevant": whole}))
    repeat = f'<repeat nodeset="/data/r" {f"count={chr(34)}{count}{chr(34)}" if count else ""}>'
    return read_xform(
        '<html><head><title>T</title><model><instance><data id="t">'
        f"{nodes}<r>{rounds}</r></data></instance>{''.join(binds)}</model></head><body>"
        + "".join(control(f"/data/{name}", each) for name, each in outer.items())
        + f'<group ref="/data/r">{repeat}'
        + "".join(control(f"/data/r/{name}", each) for name, each in inner.items())
        + "</repeat></group></body></html>"
    )


_values = st.sampled_from(["", "0", "1", "2", "3", "x"])


def _expressions(references: list[str]) -> st.SearchStrategy[str]:
    reference = st.sampled_from(references)
    return st.one_of(
        st.builds("{} > {}".format, reference, st.integers(0, 2)),
        st.builds("{} = '{}'".format, reference, _values),
        st.builds("{} + {}".format, reference, reference),
        st.builds("coalesce({}, {})".format, reference, reference),
        st.builds("if({} = '', 'none', {})".format, reference, reference),
        st.builds("selected({}, '1') or not({} = 2)".format, reference, reference),
    )


_from_outside = [f"/data/{name}" for name in OUTER]
_outer_references = [
    *_from_outside,
    *_from_outside,
    *(f"sum(/data/r/{name})" for name in INNER),
    "count(/data/r)",
    "/data/r[2]/x",
    "/data/r[x = 1]/y",
    "count(/data/r[position() < /data/a])",
    "indexed-repeat(/data/r/y, /data/r, /data/b)",
    "max(/data/r/*)",
]
_inner_references = [
    *(f"../{name}" for name in INNER),
    *_from_outside,
    "/data/r/x",
    "sum(../../r/x)",
    "count(../../r)",
    "position(..)",
    "position(..)",
    "position(..)",
    "indexed-repeat(/data/r/z, /data/r, position(..) - 1)",
]


def _binds(references: list[str]) -> st.SearchStrategy[dict[str, str]]:
    expressions = _expressions(references)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["string", "int"]),
            "relevant": expressions,
            "calculate": expressions,
            "required": expressions,
            "readonly": expressions,
            "constraint": expressions,
            "label": expressions,
        },
    )


def _thinned(given: dict[str, dict[str, str]], keep: list[bool]) -> dict[str, dict[str, str]]:
    """Fewer calculations, so that fewer forms are circular and more answers can be given."""
    bits = iter(keep * 20)
    return {
        name: {key: value for key, value in bind.items() if key in {"type", "label"} or next(bits)}
        for name, bind in given.items()
    }


_edits = st.one_of(
    st.tuples(st.just("set"), st.sampled_from(OUTER), st.just(0), _values),
    st.tuples(st.just("set"), st.sampled_from(INNER), st.integers(1, 3), _values),
    st.tuples(st.just("add"), st.just(""), st.just(0), st.just("")),
    st.tuples(st.just("remove"), st.just(""), st.integers(1, 3), st.just("")),
)


def _shown(filling: Filling) -> dict[str, tuple[NodeState, str, bool]]:
    nodes = state(filling).nodes
    return {path: (each, filling.label(path), filling.read_only(path)) for path, each in nodes.items()}


@settings(max_examples=80, deadline=None)
@given(
    outer=st.fixed_dictionaries({name: _binds(_outer_references) for name in OUTER}),
    inner=st.fixed_dictionaries({name: _binds(_inner_references) for name in INNER}),
    keep=st.lists(st.booleans(), min_size=7, max_size=13),
    count=st.sampled_from(["", "", "/data/e"]),
    whole=st.sampled_from(["", "/data/d != 1", "./x != 1"]),
    edits=st.lists(_edits, min_size=1, max_size=12),
)
def test_by_dependency_is_the_same_as_all_anew(
    outer: dict[str, dict[str, str]],
    inner: dict[str, dict[str, str]],
    keep: list[bool],
    count: str,
    whole: str,
    edits: list[tuple[Any, ...]],
) -> None:
    form = _with_rounds(_thinned(outer, keep), _thinned(inner, keep[::-1]), count, whole)
    try:
        filling = Filling(form, clock=lambda: NOON)
    except BadInput:
        assume(False)
    assert form.problems == ()
    for what, name, number, value in edits:
        before = _shown(filling)
        try:
            if what == "set":
                filling.set(f"/data/r[{number}]/{name}" if number else f"/data/{name}", value)
            elif what == "add":
                filling.add("r")
            else:
                filling.remove(f"/data/r[{number}]")
        except BadInput:
            assert _shown(filling) == before
            continue
        anew = Filling(form, filling.answers(), clock=lambda: NOON)
        assert _shown(filling) == _shown(anew)
        touched = {
            path for path, shown in _shown(filling).items() if path in before and before[path] != shown
        }
        if what == "set":
            own = f"/data/r[{number}]/{name}" if number else f"/data/{name}"
            told = (own, *filling.changed)
            assert all(any(path == each or path.startswith(each + "/") for each in told) for path in touched)
