"""Drawing sites and officers by lot so that anyone can repeat it: the algorithm `qc-draw-1` (docs/draw.md).

1. The list is a UTF-8 text with a line feed after each line. Its first line is "qc-draw-1"; then come the
   plan, one "name value" a line; "site ID NAME" for each site; "officer ID UNIT CERTIFICATE NAME" for each
   officer; "withdrawn OFFICER SITE" for each officer who must not go to a site; "left-out NAME：REASON".
   Each group is sorted by its lines. The SHA-256 of the text, in hex, is the list's hash.
2. The rank of some words is the SHA-256, in hex, of the seed, the list's hash and these words, with one line
   feed between them and none at the end.
3. The sites are put in the order of the ranks of "site" and the site's id. The first `wanted` are drawn.
4. For each drawn site in that order, the officers who need not withdraw from it are put in the order of how
   many sites they have been given so far, and among equals of the ranks of "officer", the site's id and the
   officer's id. The first of them for whom a later one fits is the first officer, the first that fits is the
   second: one with another certificate, and where the plan says so of another unit.

Nothing here depends on a computer's own random numbers, and nobody has a weight.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from models.errors import BadInput
from models.language import N_
from models.registry.rules import tidy_line

ALGORITHM = "qc-draw-1"
OTHER_UNITS = "officers-of-different-units"
WANTED = "wanted"
_NO_LIST = N_("This is no list of a draw by {algorithm}: line {line} cannot be read.")


@dataclass(frozen=True, slots=True)
class Person:
    """An officer on the list."""

    id: str
    unit: str
    certificate: str
    name: str

    @property
    def line(self) -> str:
        """Their line of the list."""
        return f"officer {self.id} {self.unit} {_word(self.certificate)} {tidy_line(self.name)}"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn site with its officers."""

    site: str
    first: str
    second: str

    @property
    def line(self) -> str:
        """As the result is kept: three ids."""
        return f"{self.site} {self.first} {self.second}"


@dataclass(frozen=True, slots=True)
class DrawList:
    """A frozen list, taken apart."""

    plan: Mapping[str, str]
    sites: Mapping[str, str]
    """Id to name."""
    officers: Mapping[str, Person]
    withdrawn: frozenset[tuple[str, str]] = frozenset()
    """(officer, site)."""
    left_out: tuple[str, ...] = field(default=())
    """Who and what was left out, and why, in words."""

    @property
    def wanted(self) -> int:
        """How many sites are to be drawn."""
        return int(self.plan[WANTED])

    @property
    def other_units(self) -> bool:
        """Whether the two officers must be of different units."""
        return self.plan.get(OTHER_UNITS) == "yes"

    @property
    def text(self) -> str:
        """The exact text."""
        lines = [ALGORITHM, *(f"{name} {tidy_line(value)}" for name, value in self.plan.items())]
        lines += sorted(f"site {each} {tidy_line(name)}" for each, name in self.sites.items())
        lines += sorted(each.line for each in self.officers.values())
        lines += sorted(f"withdrawn {officer} {site}" for officer, site in self.withdrawn)
        lines += sorted(f"left-out {tidy_line(each)}" for each in self.left_out)
        return "".join(f"{each}\n" for each in lines)


def _word(text: str) -> str:
    """A text without spaces, so that it is one word of a line."""
    return "".join(tidy_line(text).split()) or "-"


def read(text: str) -> DrawList:
    """A list from its text.

    Raises:
        BadInput: naming the first line that is not as the algorithm says.
    """
    lines = text.split("\n")
    plan: dict[str, str] = {}
    sites: dict[str, str] = {}
    officers: dict[str, Person] = {}
    withdrawn: set[tuple[str, str]] = set()
    left_out: list[str] = []
    if lines[0] != ALGORITHM or lines[-1] != "":
        raise BadInput(_NO_LIST, algorithm=ALGORITHM, line=1 if lines[0] != ALGORITHM else len(lines))
    for number, line in enumerate(lines[1:-1], 2):
        name, _space, rest = line.partition(" ")
        parts = rest.split(" ")
        if name == "site" and len(parts) >= 2:
            sites[parts[0]] = rest.partition(" ")[2]
        elif name == "officer" and len(parts) >= 4:
            officers[parts[0]] = Person(parts[0], parts[1], parts[2], " ".join(parts[3:]))
        elif name == "withdrawn" and len(parts) == 2:
            withdrawn.add((parts[0], parts[1]))
        elif name == "left-out" and rest:
            left_out.append(rest)
        elif name and rest and name not in plan and not (sites or officers or withdrawn or left_out):
            plan[name] = rest
        else:
            raise BadInput(_NO_LIST, algorithm=ALGORITHM, line=number)
    found = DrawList(plan, sites, officers, frozenset(withdrawn), tuple(left_out))
    wanted = plan.get(WANTED, "")
    if not (wanted.isascii() and wanted.isdigit()) or len(wanted) > 6 or found.text != text:
        # another order, a line twice: then the text is not the one text of these facts
        raise BadInput(N_("This list is not in the one order that {algorithm} has."), algorithm=ALGORITHM)
    return found


def list_hash(text: str) -> str:
    """SHA-256 of a list's exact text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def rank(seed: str, hashed: str, *words: str) -> str:
    """What some words are ordered by, in hex."""
    return hashlib.sha256("\n".join((seed, hashed, *words)).encode()).hexdigest()


def fits(first: Person, second: Person, *, other_units: bool) -> bool:
    """Whether two officers may go together: two certificates, and two units where the plan asks for them."""
    if first.id == second.id or first.certificate == second.certificate:
        return False
    return not other_units or first.unit != second.unit


def free_for(found: DrawList, site: str) -> list[Person]:
    """The officers who need not withdraw from a site."""
    return [each for each in found.officers.values() if (each.id, site) not in found.withdrawn]


def has_pair(found: DrawList, site: str) -> bool:
    """Whether any two officers may go to a site together."""
    return _pair(free_for(found, site), found.other_units) is not None


def _pair(order: list[Person], other_units: bool) -> tuple[Person, Person] | None:
    for at, first in enumerate(order):
        for second in order[at + 1 :]:
            if fits(first, second, other_units=other_units):
                return first, second
    return None


def draw(text: str, seed: str) -> tuple[Drawn, ...]:
    """The sites of a list that a seed draws, in order, each with two officers.

    Raises:
        BadInput: the text is no list, asks for more sites than it has, or has a site for which no two
            officers are left.
    """
    found, hashed = read(text), list_hash(text)
    if found.wanted > len(found.sites):
        raise BadInput(
            N_("Sites wanted: {count}; the list has {left}."), count=found.wanted, left=len(found.sites)
        )
    order = sorted(found.sites, key=lambda site: rank(seed, hashed, "site", site))
    given = dict.fromkeys(found.officers, 0)
    drawn = []
    for site in order[: found.wanted]:
        officers = sorted(
            free_for(found, site),
            key=lambda one: (given[one.id], rank(seed, hashed, "officer", site, one.id)),
        )
        pair = _pair(officers, found.other_units)
        if pair is None:
            raise BadInput(N_("No two officers are left for {site}."), site=found.sites[site])
        for one in pair:
            given[one.id] += 1
        drawn.append(Drawn(site, pair[0].id, pair[1].id))
    return tuple(drawn)


def read_result(text: str | None) -> tuple[Drawn, ...]:
    """A result as it is kept; lines that are none are left out."""
    parts = (line.split(" ") for line in (text or "").split("\n"))
    return tuple(Drawn(*each) for each in parts if len(each) == 3)


def write_result(drawn: Iterable[Drawn]) -> str:
    """A result as it is kept."""
    return "\n".join(each.line for each in drawn)
