"""The city's figures as of any day, computed from the records alone, by their legal dates (R001-R007).

Nothing is kept: whoever asks for another day gets what was so on that day, by all that is known now. What was
known then stands in the bulletin that was issued then.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from models.cases.damage.queries import Standing, standings
from models.cases.restoration import queries as restoration
from models.language import N_
from models.oversight import rules
from models.oversight.tables import Bulletin, Ranking
from models.registry import units
from models.registry.experts import queries as experts
from models.store.remembered import remembered

if TYPE_CHECKING:
    from models.cases.restoration.queries import Total
    from models.registry.experts.queries import Composition
    from models.store.seat import Seat

STANDINGS: dict[str, str] = {
    "done": N_("Closed"),
    "awaiting": N_("Awaiting performance"),
    "other": N_("Otherwise in hand"),
}
"""The three classes of started cases (R005-R007)."""
AMOUNTS = ("fish_fry", "snails", "river_water_m3", "channel_m", "replanting_yuan")
"""The amounts of restoration that the city publishes (R008-R012)."""
BASES: dict[str, tuple[str, tuple[str, ...]]] = {
    "fish_release_built": ("fish_release", ("built",)),
    "replanting_building": ("replanting", ("under_construction",)),
    "watershed": ("watershed", ("planned", "under_construction", "built")),
}
"""Number of bases to what they serve and the states that count; one given up never does."""


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A started case behind the figures."""

    id: str
    number: str
    title: str
    unit: str
    """Code in force."""
    started_on: str
    stage: str
    standing: str
    """One of `STANDINGS`."""
    done_on: str = ""


@dataclass(frozen=True, slots=True)
class UnitRow:
    """What one unit did."""

    code: str
    started: int = 0
    done: int = 0
    awaiting: int = 0
    other: int = 0
    first_case: str = ""
    """Record id of the first case that it started (R021)."""
    first_number: str = ""
    first_on: str = ""
    counted: bool = True
    """Whether it is one of the units that the coverage is taken of; a case that the city handles is not."""

    @property
    def zero(self) -> bool:
        """Whether it started no case at all."""
        return self.started == 0

    @property
    def done_rate(self) -> Decimal:
        """Share of its started cases that are done."""
        return rules.ratio(self.done, self.started)


@dataclass(frozen=True, slots=True)
class MonthRow:
    """What was started and done in one month."""

    month: str
    started: int
    done: int


@dataclass(frozen=True, slots=True)
class Place:
    """The place in the province, as it was published."""

    id: str
    as_of: str
    place: int
    source: str


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures as of one day."""

    as_of: date
    units: int
    covered: int
    started: int
    done: int
    awaiting: int
    other: int
    by_unit: tuple[UnitRow, ...]
    """The units in the bureau's order; after them others that handle a case."""
    by_month: tuple[MonthRow, ...]
    """From the month of the first case to that of the day; together they give `started` and `done`."""
    lists: Mapping[str, tuple[CaseLine, ...]]
    """The cases behind each number, by `STANDINGS`, so that the rest can be itemised (R007)."""
    bulletins: int
    """Bulletins issued by the day."""
    ranking: Place | None
    experts: Composition
    restoration: Mapping[str, Total]
    """Amounts by what was restored; what there is none of is left out."""
    bases: Mapping[str, int]
    """By `BASES`."""

    @property
    def coverage(self) -> Decimal:
        """案件覆盖率: the share of units that started a case (R003)."""
        return rules.ratio(self.covered, self.units)

    @property
    def done_rate(self) -> Decimal:
        """完成率: the share of started cases that are done (R005)."""
        return rules.ratio(self.done, self.started)

    @property
    def zero_units(self) -> tuple[str, ...]:
        """Codes of the units without any case."""
        return tuple(row.code for row in self.by_unit if row.counted and row.zero)

    def unit(self, code: str) -> UnitRow:
        """The row of a unit; an empty one for a unit without cases."""
        return next((row for row in self.by_unit if row.code == code), UnitRow(code, counted=False))


def city_figures(seat: Seat, as_of: date, found: list[Standing] | None = None) -> Figures:
    """The figures at the end of a day.

    Args:
        found: the standings of that day, where they were read already.

    Raises:
        FiguresDisagree: the classes do not add up to the cases started; nothing may be published.
    """
    if found is None:
        return remembered(seat, ("figures", as_of), lambda: _figures(seat, as_of, standings_on(seat, as_of)))
    return _figures(seat, as_of, found)


def standings_on(seat: Seat, as_of: date) -> list[Standing]:
    """Every case that was started by a day, as `standings`, read once until something is written.

    One whose start bears no day was not started by any: no verb of ours wrote that.
    """

    def read() -> list[Standing]:
        return [each for each in standings(seat, as_of) if rules.day_in(each.started_on) is not None]

    return remembered(seat, ("standings", as_of), read)


def _figures(seat: Seat, as_of: date, found: list[Standing]) -> Figures:
    lines = case_lines(found)
    by_unit = unit_rows(lines)
    numbers = Counter(line.standing for line in lines)
    rules.reconcile(len(lines), numbers["done"], numbers["awaiting"], numbers["other"])
    for row in by_unit:
        rules.reconcile(row.started, row.done, row.awaiting, row.other)
    rules.reconcile(
        len(lines),
        sum(row.done for row in by_unit),
        sum(row.awaiting for row in by_unit),
        sum(row.other for row in by_unit),
    )
    counted = [row for row in by_unit if row.counted]
    return Figures(
        as_of=as_of,
        units=len(counted),
        covered=sum(not row.zero for row in counted),
        started=len(lines),
        done=numbers["done"],
        awaiting=numbers["awaiting"],
        other=numbers["other"],
        by_unit=by_unit,
        by_month=month_rows(lines, as_of),
        lists={name: tuple(each for each in lines if each.standing == name) for name in STANDINGS},
        bulletins=len(issued_months(seat, as_of)),
        ranking=ranking(seat, as_of),
        experts=experts.composition(seat, as_of),
        restoration=restoration.totals(seat, as_of),
        bases=_bases(seat, as_of),
    )


def case_lines(found: Iterable[Standing]) -> list[CaseLine]:
    """Started cases as the figures take them, in the order of their start."""
    return [
        CaseLine(
            id=each.case.id,
            number=str(each.case.number or ""),
            title=str(each.case.title or ""),
            unit=rules.current_code(each.case.unit),
            started_on=each.started_on,
            stage=each.at.stage,
            standing=each.at.standing,
            done_on=each.at.last_on if each.at.done else "",
        )
        for each in found
    ]


def unit_rows(lines: Iterable[CaseLine]) -> tuple[UnitRow, ...]:
    """One row for each of the units, and for whoever else handles a case."""
    by_unit: dict[str, list[CaseLine]] = defaultdict(list)
    for line in lines:
        by_unit[line.unit].append(line)
    counted = [unit.code for unit in units.county_level()]
    others = sorted(set(by_unit) - set(counted))
    return tuple(_unit_row(code, by_unit[code], code in counted) for code in (*counted, *others))


def _unit_row(code: str, lines: list[CaseLine], counted: bool) -> UnitRow:
    if not lines:
        return UnitRow(code, counted=counted)
    numbers = Counter(line.standing for line in lines)
    first = min(lines, key=lambda line: (line.started_on, line.id))
    return UnitRow(
        code,
        len(lines),
        numbers["done"],
        numbers["awaiting"],
        numbers["other"],
        first.id,
        first.number,
        first.started_on,
        counted,
    )


def month_rows(lines: Iterable[CaseLine], as_of: date) -> tuple[MonthRow, ...]:
    """What each month brought, from that of the first case on."""
    started: Counter[str] = Counter()
    done: Counter[str] = Counter()
    for line in lines:
        started[line.started_on[:7]] += 1
        if rules.day_in(line.done_on) is not None:
            done[line.done_on[:7]] += 1
    if not started:
        return ()
    all_months = rules.months(min(started), as_of.isoformat()[:7])
    return tuple(MonthRow(month, started[month], done[month]) for month in all_months)


def issued_months(seat: Seat, as_of: date | None = None) -> dict[str, Bulletin]:
    """The bulletins issued by a day, by month; of two for one month the one issued first."""
    with seat:
        rows = Bulletin.select().where(Bulletin.voided.is_null(), Bulletin.sealed.is_null(False))
        if as_of is not None:
            rows = rows.where(Bulletin.issued_on <= as_of.isoformat())
        found: dict[str, Bulletin] = {}
        for row in rows.order_by(Bulletin.month, Bulletin.issued_on, Bulletin.id):
            if rules.is_month(row.month or ""):
                found.setdefault(str(row.month), row)
    return found


def ranking(seat: Seat, as_of: date) -> Place | None:
    """The latest place in the province that was published for a day up to this one."""
    with seat:
        row = (
            Ranking.select()
            .where(Ranking.voided.is_null(), Ranking.as_of <= as_of.isoformat())
            .order_by(Ranking.as_of.desc(), Ranking.id.desc())
            .first()
        )
    if row is None:
        return None
    return Place(row.id, str(row.as_of), int(row.place or 0), str(row.source or ""))


def _bases(seat: Seat, as_of: date) -> dict[str, int]:
    counts = restoration.base_counts(seat, as_of)
    return {
        name: sum(number for (type_, state), number in counts.items() if type_ == kind and state in states)
        for name, (kind, states) in BASES.items()
    }
