"""What is said of a sample, word for word: verdict, clause, limit, result, and each reason with its rule.

`said.txt` has the samples, each with what comes out, for a person to read. Its figures are those of the
tables and of the worked examples; here it is held that nothing of them, and no reason, is lost or bent.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from models.errors import BadInput
from models.law.checking_text import check_text
from models.law.judgement import pack_reasons, unpack_reasons

PAGE = Path(__file__).parent / "said.txt"
CASES = dict(
    block.split("\n", 1)
    for block in PAGE.read_text(encoding="utf-8").split("\n\n")
    if not block.startswith("#")
)


def said(asked: str) -> str:
    """What is said of a sample written as `parameter value | field=value | …`."""
    (parameter, value), *fields = (
        part.rsplit(" ", 1) if place == 0 else part.split("=", 1)
        for place, part in enumerate(asked.split(" | "))
    )
    try:
        _text, found = check_text(parameter, value, **dict(fields))  # type: ignore[arg-type]
    except BadInput as refused:
        return f"refused: {refused.text()}"
    assert unpack_reasons(pack_reasons(found.reasons)) == found.reasons
    told = found.as_dict()
    assert told["reasons"] == [
        {"rule": each.rule, "msgid": each.msgid, "params": dict(each.params), "text": each.text()}
        for each in found.reasons
    ]
    assert all(isinstance(value, str) for name, value in told.items() if name != "reasons")
    measured = f"{told['result']} {told['unit']}".strip()
    beside = [f"{name} {told[name]}" for name in ("times", "excess") if told[name]]
    place = f"{told['standard']} {told['clause']}".strip()
    head = [told["verdict"], place, told["limit"], told["limit_text"], measured, *beside, told["source"]]
    return "\n".join(
        ["; ".join(head), *(f"{each['rule'] or '-'}: {each['text']}" for each in told["reasons"])]
    )


@pytest.mark.parametrize("asked", CASES)
def test_what_is_said(asked: str) -> None:
    assert said(asked) == CASES[asked].strip()
