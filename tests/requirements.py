"""The numbered requirements and the tests that hold them: `python -m tests.requirements` writes the page.

A test says what it holds by `@pytest.mark.requirement("R001", …)`: on a function or a class, as `pytestmark`
of a module or class, in a `pytest.param`, or where an assignment makes a test
(`TestX = pytest.mark…(X.TestCase)`).
The markers are read from the syntax tree, so that the page needs no run of the tests.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS = Path(__file__).parent
MARKER = "requirement"
NUMBERS = tuple(f"R{number:03}" for number in range(1, 91))
PAGE = ROOT / "docs" / "requirements.md"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One numbered requirement."""

    number: str
    area: str
    zh: str
    en: str
    reason: str = ""
    """Why no test holds it; empty where one does."""


@dataclass(frozen=True, slots=True, order=True)
class Held:
    """A test that says that it holds a requirement."""

    number: str
    path: str
    """From the root of the repository, with slashes."""
    test: str
    """`test_x`, `TestX`, `TestX.test_y`; empty for every test of the file."""


class BadMarker(Exception):
    """A marker that names no requirement in plain words, or stands on no test."""


def requirements() -> tuple[dict[str, Requirement], dict[str, tuple[str, str]]]:
    """All requirements by number, and the areas in their order as (Chinese, English)."""
    raw = tomllib.loads((TESTS / "requirements.toml").read_text("utf-8"))
    areas = {key: (row["zh"], row["en"]) for key, row in raw.pop("areas").items()}
    return {number: Requirement(number, **row) for number, row in raw.items()}, areas


# --- reading the markers ----------------------------------------------------------------------------------


def held(folder: Path = TESTS, root: Path = ROOT, marker: str = MARKER) -> list[Held]:
    """What the tests under a folder hold by a marker of that name, in order.

    Raises:
        BadMarker: naming file and line.
    """
    found: list[Held] = []
    for path in sorted(folder.rglob("test_*.py")):
        name = path.relative_to(root).as_posix()
        found += held_in(path.read_text("utf-8"), name, marker)
    return sorted(set(found))


def held_in(source: str, path: str, marker: str = MARKER) -> list[Held]:
    """What the tests of one file hold.

    Raises:
        BadMarker: a marker stands on no test, or its words are no plain strings.
    """
    tree = ast.parse(source)
    placed = list(_placed(tree.body, "", marker))
    stray = {call.lineno for call in _markers(tree, marker)} - {call.lineno for _test, call in placed}
    if stray:
        raise BadMarker(f"{path}:{min(stray)}: this marker stands on no test")
    found = []
    for test, call in placed:
        words = [each.value if isinstance(each, ast.Constant) else None for each in call.args]
        if not words or call.keywords or not all(isinstance(word, str) for word in words):
            raise BadMarker(f'{path}:{call.lineno}: write the numbers themselves, as {marker}("R001")')
        found += [Held(str(word), path, test) for word in words]
    return found


def _placed(body: Iterable[ast.stmt], within: str, marker: str) -> Iterator[tuple[str, ast.Call]]:
    """(test, marker) of the statements of a module or class."""
    for each in body:
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{within}{each.name}"
            if each.name.lower().startswith("test"):
                yield from ((name, call) for one in each.decorator_list for call in _markers(one, marker))
                if isinstance(each, ast.ClassDef):
                    yield from _placed(each.body, f"{name}.", marker)
        elif isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name):
            target = each.targets[0].id
            if target == "pytestmark":
                yield from ((within.rstrip("."), call) for call in _markers(each.value, marker))
            elif target.lower().startswith("test"):
                yield from ((f"{within}{target}", call) for call in _markers(each.value, marker))


def _markers(node: ast.AST, marker: str) -> Iterator[ast.Call]:
    for each in ast.walk(node):
        if (
            isinstance(each, ast.Call)
            and isinstance(each.func, ast.Attribute)
            and each.func.attr == marker
            and ast.unparse(each.func.value).endswith("mark")
        ):
            yield each


# --- judging and writing ----------------------------------------------------------------------------------


def problems(known: Mapping[str, Requirement], areas: Iterable[str], found: Iterable[Held]) -> list[str]:
    """What is wrong between requirements and tests, a sentence each; empty when all is well."""
    holders: dict[str, list[Held]] = {}
    for each in found:
        holders.setdefault(each.number, []).append(each)
    said = [f"{number} is missing in requirements.toml" for number in NUMBERS if number not in known]
    said += [f"{number} is no requirement" for number in known if number not in NUMBERS]
    for number, tests in holders.items():
        if number not in NUMBERS:
            said += [
                f"{test.path}: {test.test or 'the file'} names {number}, which is none" for test in tests
            ]
    for number, one in known.items():
        if one.area not in areas:
            said.append(f"{number}: there is no area {one.area!r}")
        if not one.zh.strip() or not one.en.strip():
            said.append(f"{number} needs a title in both languages")
        if number not in holders and not one.reason.strip():
            said.append(f"{number} ({one.en}) has neither a test nor a reason")
        if number in holders and one.reason.strip():
            said.append(f"{number} has a reason though {holders[number][0].path} holds it; take it out")
    return said


def page(
    known: Mapping[str, Requirement], areas: Mapping[str, tuple[str, str]], found: Sequence[Held]
) -> str:
    """The text of docs/requirements.md."""
    tested = {each.number for each in found}
    without = [number for number in known if number not in tested]
    lines = [
        "# Requirements and the tests that hold them",
        "",
        "What the founding document of the Zhangzhou model asks for, in sentences of ours, and which tests",
        "would fail if it were lost. Made from `tests/requirements.toml` and the markers of the tests by",
        "`python -m tests.requirements`; do not edit this page.",
        "",
        "漳州模式建设文件所要求的各项（用本项目自己的话概括），以及守护每一项的测试。",
        "",
        f"{len(known)} requirements · {len(tested & set(known))} held by tests · {len(without)} by a reason.",
    ]
    for area, (zh, en) in areas.items():
        lines += ["", f"## {en} {zh}"]
        for number, one in known.items():
            if one.area == area:
                lines += ["", f"### {number} {one.en}", "", one.zh, "", *_holders(one, found)]
    return "\n".join(lines) + "\n"


def _holders(one: Requirement, found: Sequence[Held]) -> list[str]:
    files: dict[str, list[str]] = {}
    for each in found:
        if each.number == one.number:
            files.setdefault(each.path, []).append(f"`{each.test}`" if each.test else "every test of it")
    if not files:
        return [f"No test: {one.reason}"]
    return [f"* [{path}](../{path}): {', '.join(tests)}" for path, tests in files.items()]


def main() -> int:
    """Write the page; 1 with the problems on standard error where there are some."""
    known, areas = requirements()
    found = held()
    PAGE.write_text(page(known, areas, found), encoding="utf-8")
    said = problems(known, areas, found)
    print("\n".join(said) or f"{PAGE.relative_to(ROOT)}: {len(found)} markers", file=sys.stderr)
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
