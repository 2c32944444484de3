"""The thirty rules V01-V30 with where each is held and which tests hold it: `python -m tests.validity`.

A test says so by `@pytest.mark.validity("V01", …)`, read as the markers of `tests.requirements` are.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from importlib import import_module

from models.errors import QingchaError
from models.inspections.validity import NUMBERS, Rule, rules
from models.language import current_language, use_language
from tests.requirements import ROOT, Held, held

MARKER = "validity"
PAGE = ROOT / "docs" / "validity.md"
AS_OF = date(2026, 8, 15)
"""The day whose law the page names: the first of the Code."""


def problems(known: Mapping[str, Rule], found: Iterable[Held]) -> list[str]:
    """What is wrong between rules, code and tests, a sentence each; empty when all is well."""
    tested = {each.number for each in found}
    said = [f"{number} is missing in validity.toml" for number in NUMBERS if number not in known]
    said += [f"{number} is no rule" for number in sorted({*known, *tested} - set(NUMBERS))]
    for number, one in known.items():
        if bool(one.enforced) == bool(one.reason.strip()):
            said.append(f"{number} needs either where it is held or the reason why not")
        if one.enforced and number not in tested:
            said.append(f"{number} ({one.en}) is held by no test")
        said += [f"{number}: {place} is not there" for place in one.enforced if not _there(place)]
    return said


def _there(place: str) -> bool:
    module, _colon, name = place.partition(":")
    try:
        return bool(name) and hasattr(import_module(module), name)
    except (ImportError, QingchaError):
        return False


def page(known: Mapping[str, Rule], found: Sequence[Held]) -> str:
    """The text of docs/validity.md."""
    lines = [
        "# Rules of a lawful inspection",
        "",
        "The thirty rules V01 to V30: what each wants, on which articles it rests (as of the first day of",
        "the Code), where it is held, and the tests that would fail if it were not. Made from",
        "`models/inspections/validity.toml` and the markers of the tests by `python -m tests.validity`; do",
        "not edit this page.",
        "",
        "执法检查的三十条规则：内容、依据（以生态环境法典施行首日为准）、在何处执行、由哪些测试守护。",
    ]
    before = current_language()
    use_language("zh")
    try:
        for number, one in known.items():
            lines += ["", f"## {number} {one.en}", "", one.zh, "", f"* {one.basis(AS_OF)}"]
            lines.append("* " + ", ".join(f"`{kind}`" for kind in one.kinds))
            lines.append("* " + (", ".join(f"`{place}`" for place in one.enforced) or one.reason))
            lines += [f"* [{path}](../{path}): {tests}" for path, tests in _tests(number, found)]
    finally:
        use_language(before)
    return "\n".join(lines) + "\n"


def _tests(number: str, found: Sequence[Held]) -> list[tuple[str, str]]:
    files: dict[str, list[str]] = {}
    for each in found:
        if each.number == number:
            files.setdefault(each.path, []).append(f"`{each.test}`")
    return [(path, ", ".join(tests)) for path, tests in files.items()]


def main() -> int:
    """Write the page; 1 with the problems on standard error where there are some."""
    known, found = rules(), held(marker=MARKER)
    PAGE.write_text(page(known, found), encoding="utf-8")
    said = problems(known, found)
    print("\n".join(said) or f"{PAGE.relative_to(ROOT)}: {len(found)} markers", file=sys.stderr)
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
