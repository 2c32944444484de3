"""Expression cases: what a form must give, by the specification and by ODK Collect, as data.

Each file in cases/ is a topic: groups of cases, each group with the clause that decides (`source`). A case is

* `expr`, the expression; it becomes the calculation of a real XForm,
* `text`, what XPath's string() of its value is, or `error = true` where it must be refused,
* `fields`, the flat form's questions (name to type and value), or `form`, a file in templates/ with answers,
* `at`, the node that calculates (rounds counted: "/data/well[2]/here"), in a flat form "/data/result",
* `type`, the data type of that node; its value is then compared as the node keeps it,
* `now`, `language`, and `note` where Qingcha differs from Collect on purpose.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

HERE = Path(__file__).parent
NOON = "2026-03-05T12:00:00+08:00"
_BODY = (
    '<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head>'
    "<h:title>T</h:title><model><instance><data id='t' version='7'>{nodes}</data></instance>{binds}</model>"
    "</h:head><h:body>{inputs}</h:body></h:html>"
)


@dataclass(frozen=True, slots=True)
class Case:
    """One expression and what it must give."""

    topic: str
    source: str
    expr: str
    text: str
    error: bool
    fields: tuple[tuple[str, str, str], ...]
    """Name, type and value of each question of the flat form."""
    form: str
    at: str
    type: str
    now: str
    language: str
    note: str

    @property
    def meaning(self) -> tuple[object, ...]:
        """What makes a case another one than the next."""
        return self.expr, self.fields, self.form, self.at, self.type, self.now, self.language

    @property
    def clock(self) -> datetime:
        """The present while the case runs."""
        return datetime.fromisoformat(self.now)

    def document(self) -> str:
        """The XForm: the expression is the calculation of `at`."""
        place = re.sub(r"\[\d+\]", "", self.at)
        kind = f' type="{self.type}"' if self.type else ""
        # string() tells a blank from NaN, which a node would keep as blank too.
        calculation = self.expr if self.type or self.error else f"string({self.expr})"
        bind = f'<bind nodeset="{place}"{kind} calculate={quoteattr(calculation)}/>'
        if self.form:
            return _template(self.form)[0].replace("<!-- the case -->", bind)
        binds = "".join(f'<bind nodeset="/data/{name}" type="{kind}"/>' for name, kind, _ in self.fields)
        return _BODY.format(
            nodes="".join(f"<{name}>{escape(value)}</{name}>" for name, _, value in self.fields)
            + "<result/>",
            binds=binds + bind,
            inputs="".join(f'<input ref="/data/{name}"/>' for name, _, _ in self.fields),
        )

    def answers(self) -> dict[str, str]:
        """What has been answered before the expression is reckoned."""
        if self.form:
            return dict(_template(self.form)[1])
        return {f"/data/{name}": value for name, _, value in self.fields}


@cache
def _template(name: str) -> tuple[str, dict[str, str]]:
    document = (HERE / "templates" / f"{name}.xml").read_text("utf-8")
    answers = tomllib.loads((HERE / "templates" / f"{name}.toml").read_text("utf-8"))
    return document, answers


def cases() -> Iterator[Case]:
    """Every case of every topic, in order."""
    for file in sorted((HERE / "cases").glob("*.toml")):
        for group in tomllib.loads(file.read_text("utf-8"))["group"]:
            for each in group["cases"]:
                yield _case(file.stem, {**group.get("each", {}), **each}, group["source"])


_KEYS = {"expr", "text", "error", "fields", "form", "at", "type", "now", "language", "note", "source"}


def _case(topic: str, given: dict[str, Any], source: str) -> Case:
    assert set(given) <= _KEYS, (topic, given)
    assert ("text" in given) != ("error" in given), (topic, given)
    return Case(
        topic=topic,
        source=given.get("source", source),
        expr=given["expr"],
        text=given.get("text", ""),
        error=given.get("error", False),
        fields=tuple((name, str(f["type"]), str(f["value"])) for name, f in given.get("fields", {}).items()),
        form=given.get("form", ""),
        at=given.get("at", "/data/here" if given.get("form") else "/data/result"),
        type=given.get("type", ""),
        now=given.get("now", NOON),
        language=given.get("language", ""),
        note=given.get("note", ""),
    )
