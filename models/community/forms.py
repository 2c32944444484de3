"""What the forms of community work share: why not, what is held, days, withdrawals."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from models.community import verbs
from models.language import N_
from models.rooms import Act, Field

if TYPE_CHECKING:
    pass

WHY = (Field("why", N_("Reason for withdrawing"), "long", required=True),)
ON = Field("on", N_("On what day"), "day", required=True)


def withdrawal(kind: str, title: str, run: Any = None) -> Act:
    """The act that withdraws a record of a kind, by its own verb where it has one."""
    return Act(
        f"withdraw_{kind}",
        title,
        N_("Withdraws a record that was made by mistake; it stays in the history with the reason."),
        run or partial(verbs.withdraw, kind=kind),
        subject=kind,
        fields=WHY,
    )
