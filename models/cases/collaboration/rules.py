"""Who must be invited to what (`participants.toml`), and what a deliberation or a supervision may say."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from models.cases.damage.stages import STAGES
from models.errors import RuleBroken
from models.language import N_
from models.rooms import Choices, label

_HERE = Path(__file__).parent

STAGE_WORDS: Choices = (
    ("start", N_("Start of the case")),
    ("investigation", N_("Investigation of the damage")),
    ("assessment", N_("Expert assessment")),
    ("consultation", N_("Consultation with the party")),
    ("agreement", N_("Agreement reached")),
    ("confirmation", N_("Judicial confirmation")),
    ("performance", N_("Performance of the agreement")),
    ("evaluation", N_("Evaluation of the restoration")),
)
"""The eight stages as choices of a form."""
DELIBERATED = ("assessment", "consultation", "performance")
"""Stages in which a deliberation is held (R040)."""
DELIBERATED_WORDS: Choices = tuple(each for each in STAGE_WORDS if each[0] in DELIBERATED)
BODIES: Choices = (
    ("natural_resources", N_("Natural resources authority")),
    ("town", N_("Town or subdistrict")),
    ("forestry", N_("Forestry authority")),
    ("fisheries", N_("Fisheries authority")),
    ("water", N_("Water authority")),
    ("other", N_("Other bodies")),
)
"""Who may be invited to a deliberation."""
AUTHORITIES: Choices = (("procuratorate", N_("Procuratorate")), ("court", N_("Court")))
"""Who supervises a case."""
WAYS: Choices = (
    ("invitation", N_("Letter of invitation")),
    ("meeting", N_("Took part in a meeting")),
    ("on_site", N_("Supervised on site")),
    ("written", N_("Opinion in writing")),
    ("suggestion", N_("Formal suggestion")),
    ("other", N_("Another way")),
)
"""How it supervises."""
_THERE = ("meeting", "on_site")
"""Ways that mean that somebody came."""
_WORDS = ("written", "suggestion")
"""Ways that say something."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """Which bodies must be invited to deliberate at a stage."""

    stage: str
    bodies: tuple[str, ...]
    basis: str


@dataclass(frozen=True, slots=True)
class Oversight:
    """Whose supervision a case must show, and in which stages."""

    authority: str
    stages: tuple[str, ...]
    basis: str


@lru_cache(maxsize=1)
def invitations() -> tuple[Invitation, ...]:
    """Every stage that needs a deliberation, in the order of the procedure."""
    rows = _read()["deliberation"]
    found = [Invitation(row["stage"], tuple(row["bodies"]), row["basis"]) for row in rows]
    return tuple(sorted(found, key=lambda each: STAGES.index(each.stage)))


@lru_cache(maxsize=1)
def oversight() -> tuple[Oversight, ...]:
    """Whose supervision is needed."""
    return tuple(
        Oversight(row["authority"], tuple(row.get("stages", ())), row["basis"])
        for row in _read()["supervision"]
    )


def _read() -> dict[str, Any]:
    return tomllib.loads((_HERE / "participants.toml").read_text("utf-8"))


def marks(joined: str | None) -> tuple[str, ...]:
    """Comma-joined marks."""
    return tuple(each for each in (joined or "").split(",") if each)


def refuse_deliberation(values: Mapping[str, Any]) -> None:
    """Refuse a deliberation that does not add up.

    Raises:
        RuleBroken: nobody was invited, somebody came who was not, or a body that did not come has an opinion.
    """
    invited, came = marks(values.get("invited")), marks(values.get("came"))
    if not invited:
        raise RuleBroken(N_("Mark who was invited."), field="invited")
    for body in came:
        if body not in invited:
            raise RuleBroken(
                N_("{body} came but is not among the invited: mark it there too."),
                field="came",
                body=label(BODIES, body),
            )
    for body in ("natural_resources", "town"):
        if values.get(f"opinion_{body}") and body not in invited:
            raise RuleBroken(
                N_("{body} was not invited, so it has no opinion here."),
                field=f"opinion_{body}",
                body=label(BODIES, body),
            )
    if not came and values.get("signed"):
        raise RuleBroken(N_("Nobody came, so nobody signed."), field="signed")


def refuse_supervision(values: Mapping[str, Any]) -> None:
    """Refuse a supervision that does not add up.

    Raises:
        RuleBroken: an opinion in writing without its words, or a way that means presence with nobody there.
    """
    if values.get("way") in _WORDS and not (values.get("opinion") or "").strip():
        raise RuleBroken(N_("Write down what the opinion says."), field="opinion")
    if values.get("way") in _THERE and values.get("came") is False:
        raise RuleBroken(
            N_("This way means that somebody came. Choose the invitation instead."), field="came"
        )


def present(way: str, came: bool | None) -> bool | None:
    """Whether somebody was there: as said, or as the way means."""
    return True if came is None and way in _THERE else came
