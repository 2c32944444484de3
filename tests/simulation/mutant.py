"""A deliberate mistake: some words of a function in place of others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patch:
    """Words of one function in place of others."""

    where: str
    """`module:function` or `module:Class.method`."""
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mistake."""

    rule: str
    name: str
    patches: tuple[Patch, ...]
    tests: tuple[str, ...] = ()
    """Tests that must fail, where a simulated run seldom or never meets it."""
    seed: int = 0
    """A seed that notices it at once; 0 where none is noted."""

    @property
    def anew(self) -> bool:
        """Whether what runs begin with is to be made with the mistake as well."""
        return self.rule == "R2"


def one(rule: str, name: str, where: str, old: str, new: str, *tests: str, seed: int = 0) -> Mutant:
    return Mutant(rule, name, (Patch(where, old, new),), tests, seed)
