"""J11: the limit of mixed waste water, C = ΣCiQiYi / ΣQiYi (GB 8978-1996 附录A)."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from models.errors import BadInput
from models.language import N_

CLAUSE = "附录A"
_PLACES = Decimal("0.0001")
_NUMBER = r"\d{1,9}(?:\.\d{1,9})?"
_PART = re.compile(rf"({_NUMBER}):({_NUMBER}):({_NUMBER})")


def mixed_limit(text: str) -> Decimal:
    """The limit of a mixture, rounded to four decimals, half to even.

    Args:
        text: for each part "C:Q:Y", joined by commas: its limit, the greatest discharge allowed for a unit of
            product, and the output of products in the same time.

    Raises:
        BadInput: it is not written so, or nothing flows.
    """
    parts = [part for part in re.split(r"[,，;；、\s]+", text.strip().replace("：", ":")) if part]
    found = [_PART.fullmatch(part) for part in parts]
    flowing = Decimal(0)
    carried = Decimal(0)
    with localcontext(prec=60):
        for part, match in zip(parts, found, strict=True):
            if match is None:
                raise BadInput(
                    N_("“{value}” is no part of a mixture. Write limit:discharge:output, as 100:2.5:300."),
                    value=part,
                )
            limit, discharge, output = (Decimal(each) for each in match.groups())
            flowing += discharge * output
            carried += limit * discharge * output
        if not flowing:
            raise BadInput(N_("Nothing flows in this mixture: give discharge and output of its parts."))
        return (carried / flowing).quantize(_PLACES, ROUND_HALF_EVEN)
