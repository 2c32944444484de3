"""A site of the register among the cases: what was inspected, fined and damaged there, how it performed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from peewee import fn

from models.cases.collaboration.queries import PERFORMANCE, performance_record
from models.cases.collaboration.room import performance_section
from models.cases.damage import queries as damage
from models.cases.damage.tables import Clue, DamageCase
from models.cases.flow.sheets import clue_cell, stage_cell
from models.cases.penalty import rules as penalty
from models.cases.penalty.tables import PenaltyCase
from models.inspections.rules import STATES
from models.inspections.standards.room_parts import site_section
from models.inspections.tables import Inspection
from models.language import N_, _, translate
from models.law import limit_data, limits
from models.listing import FOUND_MOST, lines, rows_of
from models.registry import keeping
from models.registry import queries as registry
from models.registry import verbs as register
from models.registry.act_parts import held
from models.registry.days import local, today
from models.registry.rules import tidy_code
from models.registry.tables import Site
from models.registry.units import label_of
from models.rooms import Act, Cell, Column, Fact, Field, Line, Listing, Section, Sheet, label
from models.store.remembered import remembered

if TYPE_CHECKING:
    from models.store.seat import Seat

_MOST = 20
"""Records of one kind on a sheet, the newest; the lists hold the rest."""
_GRADES = tuple((grade, grade) for grade in "123")
_ZONES = tuple((zone, zone) for zone in "01234")
_AIR_ZONES = tuple((zone, zone) for zone in limits.AIR_ZONES)
_WATERS = tuple((one.key, one.zh) for one in limits.waters())
_INDUSTRIES = tuple((one.key, one.zh) for one in limit_data.industries().values())
_FIELDS = (
    Field("name", N_("Name of the site"), required=True),
    Field("code", N_("Unified social credit code")),
    Field("unit_code", N_("Unit"), "record", of="unit"),
    Field("address", N_("Address")),
    Field("legal_person", N_("Legal representative")),
    Field("contact", N_("Contact person")),
    Field("phone", N_("Phone")),
    Field("kind", N_("Trade")),
    Field("permit_number", N_("Discharge permit")),
    Field("industry", N_("Industry of the standards"), "choice", choices=_INDUSTRIES),
    Field("category", N_("Category"), hint=N_("as the tables name the trade; else 其他")),
    Field("built", N_("Approved on"), "day", hint=N_("Day of the environmental approval, 2005-06-30")),
    Field("receiving_water", N_("Receiving water"), "choice", choices=_WATERS),
    Field("air_zone", N_("Zone of air quality"), "choice", choices=_AIR_ZONES),
    Field("stack_height", N_("Height of the stack, m")),
    Field("water_grade", N_("Discharge grade"), "choice", choices=_GRADES, hint="GB 8978"),
    Field("noise_zone", N_("Acoustic zone"), "choice", choices=_ZONES, hint="GB 12348"),
    Field("latitude", N_("Latitude"), hint="24.51"),
    Field("longitude", N_("Longitude"), hint="117.65"),
)


def belonging(seat: Seat, table: Any, sites: Iterable[Site]) -> dict[str, list[str]]:
    """Ids of the standing cases or clues of each site, in the order of their making.

    Of a site is what names it, and what has its party: by credit code where both have one, else by name.
    """
    by = remembered(seat, ("belonging", table), lambda: _belongings(table))
    found = {}
    for site in sites:
        code, name = tidy_code(site.code or ""), (site.name or "").strip()
        ids = set(by.get(("site", site.id), ()))
        ids.update(by.get(("code", code), ()) if code else ())
        ids.update(by.get(("name without code" if code else "name", name), ()) if name else ())
        found[site.id] = sorted(ids)
    return found


def _belongings(table: Any) -> dict[tuple[str, str], list[str]]:
    """Ids of the standing records by what a site may have in common with them."""
    by: dict[tuple[str, str], list[str]] = defaultdict(list)
    rows = table.select(table.id, table.site, table.party_code, table.party).where(table.voided.is_null())
    for record, place, code, party in rows.order_by(table.id).tuples().iterator():
        code, party = tidy_code(code or ""), (party or "").strip()
        by["site", place or ""].append(record)
        by["code", code].append(record)
        by["name", party].append(record)
        if not code:
            by["name without code", party].append(record)
    return by


def find_sites(seat: Seat, text: str) -> list[str]:
    """Sites by name, pinyin initials, credit code or address; all without text, the last changed first."""
    if text.strip():
        return [row.id for row in registry.find_sites(seat, text, FOUND_MOST)]
    with seat:
        rows = Site.select(Site.id).where(Site.voided.is_null())
        return [row.id for row in rows.order_by(Site.changed_at.desc(), Site.id)]


def site_lines(seat: Seat, ids: Sequence[str]) -> list[Line]:
    """Name, last inspection, numbers of cases, unit and code; what the person may not read stays empty."""
    rows = rows_of(seat, Site, ids)
    last = _last_visits(seat, list(rows)) if keeping.may_see(seat, "inspection") else {}
    fines = belonging(seat, PenaltyCase, rows.values()) if keeping.may_see(seat, "penalty_case") else {}
    damages = belonging(seat, DamageCase, rows.values()) if keeping.may_see(seat, "damage_case") else {}

    def cells(row: Site) -> tuple[Cell | str, ...]:
        return (
            Cell(row.name or "", "strong"),
            last.get(row.id, ""),
            _count(fines.get(row.id)),
            _count(damages.get(row.id)),
            label_of(row.unit_code or row.unit),
            Cell(row.code or "", "quiet"),
        )

    return lines(ids, rows, cells)


def withdraw(seat: Seat, site_id: str, why: str) -> None:
    """Take a site out of the register with a reason. Errors as `keeping.withdraw`."""
    keeping.withdraw(seat, "site", site_id, why)


def _count(ids: list[str] | None) -> Cell:
    return Cell(str(len(ids)), "warn") if ids else Cell("", "quiet")


def _last_visits(seat: Seat, ids: list[str]) -> dict[str, str]:
    """Day of the last inspection of each site that was inspected."""
    with seat:
        rows: Any = (
            Inspection.select(Inspection.site, fn.MAX(Inspection.began_at))
            .where(Inspection.site.in_(ids), Inspection.voided.is_null(), Inspection.began_at.is_null(False))
            .group_by(Inspection.site)
        )
        return {site: local(began).date().isoformat() for site, began in rows.tuples()}


def site_sheet(seat: Seat, site_id: str) -> Sheet:
    """All of one site that who is unlocked may read.

    Raises:
        RuleBroken: there is none.
    """
    row: Site = keeping.standing(seat, "site", site_id)
    sections = [_register(row), site_section(seat, row.id)]
    state = Cell("")
    if keeping.may_see(seat, "inspection"):
        sections.append(_inspections(seat, row))
    if keeping.may_see(seat, "penalty_case"):
        sections.append(_penalties(seat, row))
    if keeping.may_see(seat, "damage_case"):
        sections += [
            _clues(seat, row),
            _damage_cases(seat, row),
            performance_section(seat, row.code, row.name),
        ]
        this_day = today(seat)
        if any(
            each.state == "overdue" for each in performance_record(seat, row.code, row.name, as_of=this_day)
        ):
            state = Cell(label(PERFORMANCE, "overdue"), "bad")
    return Sheet(row.name or "", state, tuple(each for each in sections if each.facts))


def _register(row: Site) -> Section:
    values = {
        **{field.key: str(getattr(row, field.key) or "") for field in _FIELDS[1:]},
        "unit_code": label_of(row.unit_code or row.unit),
    }
    facts = (
        Fact(
            translate(field.label),
            label(field.choices, values[field.key]) if field.choices else values[field.key],
        )
        for field in _FIELDS[1:]
    )
    return Section(_("Site"), tuple(fact for fact in facts if fact.value))


def _inspections(seat: Seat, site: Site) -> Section:
    with seat:
        rows = list(
            Inspection.select()
            .where(Inspection.site == site.id, Inspection.voided.is_null())
            .order_by(Inspection.began_at.is_null(False), Inspection.began_at.desc(), Inspection.id.desc())
            .limit(_MOST)
        )
    facts = []
    for row in rows:
        state = row.standing
        words = translate(STATES[state]) if row.began_at is not None else _("Assigned")
        day = local(row.began_at).date().isoformat() if row.began_at is not None else row.due or "-"
        part = "" if state == "sealed" else "warn"
        facts.append(Fact(day, f"{row.number or ''}  {words}".strip(), part, "inspection", row.id))
    return Section(_("Inspections"), tuple(facts))


def _newest(seat: Seat, table: Any, site: Site) -> list[Any]:
    ids = belonging(seat, table, [site])[site.id][-_MOST:]
    with seat:
        return list(table.select().where(table.id.in_(ids)).order_by(table.id.desc()))


def _penalties(seat: Seat, site: Site) -> Section:
    facts = []
    for row in _newest(seat, PenaltyCase, site):
        known = penalty.state(row)
        words = f"{row.title or row.act or row.number or ''}  {translate(penalty.STATES[known])}"
        facts.append(
            Fact(row.filed_on or "", words, "quiet" if known == "closed" else "", "penalty_case", row.id)
        )
    return Section(_("Penalty cases"), tuple(facts))


def _clues(seat: Seat, site: Site) -> Section:
    this_day = today(seat)
    facts = []
    for row in _newest(seat, Clue, site):
        cell = clue_cell(seat, row, this_day)
        words = f"{row.description or row.number or ''}  {cell.text}"
        facts.append(Fact(row.received_on or "", words, cell.part, "clue", row.id))
    return Section(_("Clues"), tuple(facts))


def _damage_cases(seat: Seat, site: Site) -> Section:
    facts = []
    for row in _newest(seat, DamageCase, site):
        at = damage.progress_of(seat, row.id)
        cell = stage_cell(at)
        words = f"{row.title or row.number or ''}  {cell.text}"
        facts.append(Fact(at.entered_on_first("start") or "", words, cell.part, "damage_case", row.id))
    return Section(_("Damage cases"), tuple(facts))


SITES = Listing(
    "sites",
    N_("Sites"),
    "site",
    (
        Column(N_("Site"), 0),
        Column(N_("Last visit"), 10),
        Column(N_("Penalties"), 9, right=True),
        Column(N_("Damage cases"), 12, right=True),
        Column(N_("Unit"), 18, from_width=100),
        Column(N_("Unified social credit code"), 18, from_width=120),
    ),
    find_sites,
    site_lines,
    N_("No site yet: import a list of sites, or enter one where an inspection begins."),
)
ON_SITES = (
    Act(
        "edit_site",
        N_("Correct"),
        N_("Changes what the register says of the site; records of before stay as they are."),
        register.edit_site,
        "site",
        _FIELDS,
        preset=held("site", _FIELDS),
    ),
    Act(
        "withdraw_site",
        N_("Withdraw"),
        N_("Withdraws it with a reason; the history keeps it."),
        withdraw,
        "site",
        (Field("why", N_("Reason"), "long", required=True),),
    ),
)
