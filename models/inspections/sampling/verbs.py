"""What officers do while sampling: the record, its samples; each verb checks its rules and writes at once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from models.errors import RuleBroken
from models.inspections.sampling import fields, rules
from models.inspections.sampling.tables import Sample, Sampling
from models.inspections.standards.queries import proposed
from models.inspections.tables import Inspection
from models.inspections.writing import open_inspection, refuse_who_may_not_inspect
from models.language import N_
from models.registry import keeping
from models.registry import queries as registry
from models.registry.access import NO_GRID_WORKERS
from models.registry.days import CHINA, local
from models.registry.numbers import free_number
from models.registry.rules import tidy_code, tidy_text
from models.registry.units import BUREAU, unit
from models.store.change import Change, new_id, put, void
from models.store.lookup import by_id, children

if TYPE_CHECKING:
    from models.store.seat import Seat

_LETTERS = "CY-"
_MOMENT = re.compile(r"(?:(\d{4})-(\d{1,2})-(\d{1,2})[ T])?(\d{1,2}):(\d{2})(?::\d{2})?")
_SHORT_MOMENT = re.compile(r"\d{3,4}")
_CHOICES: dict[str, dict[str, Iterable[str]]] = {
    "sampling": {
        "matter": rules.MATTERS,
        "symbol": rules.SYMBOLS,
        **{
            each.key: tuple(key for key, _words in each.choices)
            for matter in rules.MATTERS
            for each in fields.fields_of(matter)
            if each.choices and each.key != "symbol"
        },
    },
    "sample": {"role": rules.ROLES},
}
_FIXED = {"inspection", "number", "matter", "site", "site_name", "site_code"}


def begin(seat: Seat, inspection_id: str, matter: str, **given: Any) -> str:
    """Begin a sampling record at a visit that is not sealed.

    Args:
        matter: one of `rules.MATTERS`.
        given: fields of `Sampling`; officers and office are the visit's unless given, the sampling begins
            now unless given. Times are ms since 1970 UTC, or text such as "14:05".

    Returns:
        The record's id.

    Raises:
        RuleBroken: there is no such open visit, a value is not possible, or the person may not inspect.
    """
    visit = open_inspection(seat, inspection_id)
    if matter not in rules.MATTERS:
        raise RuleBroken(N_("Say what is sampled: water, air, solid or noise."), field="matter")
    site = registry.site(seat, visit.site) if visit.site else None
    usual = {
        "began_at": seat.clock.wall_ms(),
        "first_officer": visit.first_officer,
        "second_officer": visit.second_officer,
        "sampler_unit": _office(seat, visit.unit),
        "symbol": rules.USUAL_SYMBOL[matter],
        "location": visit.place,
    }
    if site is not None:
        usual |= {"latitude": site.latitude, "longitude": site.longitude}
        usual |= of_site(site, matter)
    values = {**usual, **{name: value for name, value in given.items() if value is not None}}
    kept = _checked(seat, visit, None, matter, values)
    about = {
        "inspection": visit.id,
        "matter": matter,
        "site": visit.site,
        "site_name": visit.site_name,
        "site_code": visit.site_code,
    }
    record = new_id()
    with seat.writing():
        keeping.allow_unit(seat, "sampling", visit.unit)
        kept["number"] = free_number(seat, Sampling, visit.unit, _LETTERS)
        seat.write(put("sampling", record, visit.unit, **keeping.tidy("sampling", {**about, **kept})))
    return record


def _office(seat: Seat, code: str) -> str:
    """The bureau with its county's name, as papers name an officer's office."""
    found = unit(code)
    place = "" if found is None or found.kind == "city" else f"（{found.name}）"
    return (seat.meta("bureau") or BUREAU) + place


def of_site(site: Any, matter: str) -> dict[str, Any]:
    """What the register knows of a site that a sampling of this matter asks for."""
    known = proposed(site, matter)
    wanted = {"water": ("water",), "air": ("stack",), "noise": ("zone",)}.get(matter, ())
    return {name: known.get(name) for name in wanted}


def edit(seat: Seat, sampling_id: str, **given: Any) -> None:
    """Correct or fill in fields of a sampling record before its seal; what it held stays in its history.

    Raises:
        RuleBroken: a value is not possible, or the record is sealed.
    """
    with seat.writing():
        row = open_sampling(seat, sampling_id)
        wrong = _FIXED & given.keys()
        if wrong:
            raise TypeError(f"set by verbs only: {', '.join(sorted(wrong))}")
        kept = checked(seat, row, given)
        changed = {name: value for name, value in kept.items() if getattr(row, name) != value}
        if changed:
            keeping.change(seat, row, "sampling", changed)


def checked(seat: Seat, row: Sampling, given: dict[str, Any]) -> dict[str, Any]:
    """Fields of a record as they are kept, when they are possible beside its others.

    Raises:
        RuleBroken: naming the field.
    """
    values = _checked(seat, visit_of(seat, row), row, row.matter or "", given)
    return dict(keeping.tidy("sampling", values, _CHOICES["sampling"]))


def withdraw(seat: Seat, sampling_id: str, why: str) -> None:
    """Withdraw an unsealed sampling record with its samples; they and their numbers stay in the history.

    Raises:
        RuleBroken: without a reason, or the record is sealed.
    """
    with seat.writing():
        row = open_sampling(seat, sampling_id)
        why = keeping.need_text(why, "why")
        own = samples_of(seat, row.id)
        seat.write(
            *(void("sample", each.id, each.unit, why) for each in own),
            void("sampling", row.id, row.unit, why),
        )


def add_sample(seat: Seat, sampling_id: str, **given: Any) -> str:
    """Write down a sample, with its number and the first event of its custody. Returns its id.

    Args:
        given: fields of `Sample`; an ordinary sample in one bottle, taken now, unless given.

    Raises:
        RuleBroken: the record is sealed or of noise, or a value is not possible.
    """
    with seat.writing():
        row = open_sampling(seat, sampling_id)
        if row.matter == "noise":
            raise RuleBroken(N_("Noise leaves no sample: enter the levels in the record."), field="name")
        now = seat.clock.wall_ms()
        usual = {"role": "ordinary", "bottles": 1, "taken_at": now}
        values = {**usual, **{name: value for name, value in given.items() if value is not None}}
        kept = _as_its_original(seat, _checked_sample(seat, row, values))
        kept["sampling"] = row.id
        kept["number"] = _sample_number(seat, row)
        record = new_id()
        first: dict[str, Any] = {
            "sample": record,
            "action": "collected",
            "by": row.first_officer or seat.person,
            "at": kept["taken_at"],
            "count": kept["bottles"],
        }
        visit = visit_of(seat, row)
        if not visit.sealed:
            first["inspection"] = visit.id
        changes: list[Change] = [
            put("sample", record, row.unit, **keeping.tidy("sample", kept, _CHOICES["sample"])),
            put("custody", new_id(), row.unit, **keeping.tidy("custody", first)),
        ]
        seat.write(*changes)
    return record


_OF_ITEMS = ("name", "items", "container", "preservation", "hold_hours")
"""What a parallel sample shares with the one beside which it was taken."""


def _as_its_original(seat: Seat, values: dict[str, Any]) -> dict[str, Any]:
    """A parallel sample with what was not said of it as its original has it: both are of the same items."""
    if values.get("role") != "parallel":
        return values
    with seat:
        original = by_id(Sample, str(values.get("parallel_of") or ""))
    if original is None or (values.get("items") and not rules.same_items(values["items"], original.items)):
        return values
    said = {name: value for name, value in values.items() if value is not None and value != ""}
    return {**{name: getattr(original, name) for name in _OF_ITEMS}, **said}


def edit_sample(seat: Seat, sample_id: str, **given: Any) -> None:
    """Correct a sample before its record is sealed; its first custody event follows.

    Raises:
        RuleBroken: the record is sealed, the sample is on its way already, or a value is not possible.
    """
    with seat.writing():
        sample = keeping.standing(seat, "sample", sample_id)
        row = open_sampling(seat, sample.sampling or "")
        values = _checked_sample(seat, row, given, sample)
        kept = keeping.tidy("sample", values, _CHOICES["sample"])
        changed = {name: value for name, value in kept.items() if getattr(sample, name) != value}
        if not changed:
            return
        events = custody_rows(seat, sample.id)
        if len(events) > 1 and {"bottles", "taken_at"} & changed.keys():
            raise RuleBroken(
                N_("The sample is on its way already: its bottles and time stay as they are."),
                field="bottles" if "bottles" in changed else "taken_at",
            )
        changes = [put("sample", sample.id, sample.unit, **changed)]
        if events and {"bottles", "taken_at"} & changed.keys():
            first = {"count": changed.get("bottles", sample.bottles)}
            first["at"] = changed.get("taken_at", sample.taken_at)
            changes.append(put("custody", events[0].id, sample.unit, **first))
        seat.write(*changes)


def withdraw_sample(seat: Seat, sample_id: str, why: str) -> None:
    """Withdraw a sample before its record is sealed. Errors as `withdraw`."""
    with seat.writing():
        sample = keeping.standing(seat, "sample", sample_id)
        open_sampling(seat, sample.sampling or "")
        seat.write(void("sample", sample.id, sample.unit, keeping.need_text(why, "why")))


# -- what the verbs of sampling share ----------------------------------------------------------------------


def open_sampling(seat: Seat, sampling_id: str) -> Sampling:
    """The row of a sampling record that may still be changed, by someone who may.

    Raises:
        RuleBroken: there is none, it is sealed, or the person may not inspect, or not there.
    """
    refuse_who_may_not_inspect(seat)
    row: Sampling = keeping.standing(seat, "sampling", sampling_id)
    if row.sealed:
        raise RuleBroken(
            N_("{number} is sealed: what was written at the site stays as it is."),
            field="sampling",
            number=row.number,
        )
    keeping.allow_unit(seat, "sampling", row.unit)
    return row


def visit_of(seat: Seat, row: Any) -> Inspection:
    """The inspection of a sampling record.

    Raises:
        RuleBroken: it is not here.
    """
    visit: Inspection = keeping.kept(seat, "inspection", row.inspection or "")
    return visit


def samples_of(seat: Seat, sampling_id: str) -> list[Sample]:
    """The standing samples of a record, in the order of their making."""
    with seat:
        return children(Sample, "sampling", sampling_id)


def custody_rows(seat: Seat, sample_id: str) -> list[Any]:
    """The custody events of a sample, in the order of their time."""
    from models.inspections.tables import Custody

    with seat:
        rows = children(Custody, "sample", sample_id)
    return sorted(rows, key=lambda row: (row.at or 0, row.id))


def read_moment(text: str, field: str, near: int) -> int:
    """A time as people write it (14:05, 1405, 2027-06-30 14:05), in ms; of the day of `near` unless it says.

    Raises:
        RuleBroken: it is none.
    """
    plain = unicodedata.normalize("NFKC", text).strip().replace("/", "-").replace("：", ":")
    if _SHORT_MOMENT.fullmatch(plain):
        plain = f"{plain[:-2]}:{plain[-2:]}"
    found = _MOMENT.fullmatch(plain)
    try:
        if found is None:
            raise ValueError
        day = local(near)
        year, month, of_month = (int(found[at] or 0) for at in (1, 2, 3))
        if not year:
            year, month, of_month = day.year, day.month, day.day
        moment = datetime(year, month, of_month, int(found[4]), int(found[5]), tzinfo=CHINA)
    except ValueError:
        raise RuleBroken(
            N_("“{value}” is no time: write 14:05, or 2027-06-30 14:05."), field=field, value=text
        ) from None
    return int(moment.timestamp()) * 1000


def checked_number(text: str, field: str) -> str:
    """A measured value as it was read, digits and all, within what an instrument can show.

    Raises:
        RuleBroken: it is no number, or outside the bounds.
    """
    plain = unicodedata.normalize("NFKC", text).strip().replace("−", "-")
    bound = fields.bounds()[field]
    try:
        number = Decimal(plain) if re.fullmatch(r"-?\d{1,9}(\.\d{1,8})?", plain, re.ASCII) else None
    except InvalidOperation:
        number = None
    if number is None:
        raise RuleBroken(
            N_("“{value}” is no number. Write it in {unit}, as 7.2."),
            field=field,
            value=text,
            unit=bound.unit,
        )
    if (bound.least is not None and number < bound.least) or (bound.most is not None and number > bound.most):
        raise RuleBroken(
            N_("{value} {unit} cannot be: the value lies between {least} and {most}."),
            field=field,
            value=plain,
            unit=bound.unit,
            least=bound.least if bound.least is not None else "-",
            most=bound.most if bound.most is not None else "-",
        )
    return plain


def _moment(seat: Seat, value: Any, field: str, near: int) -> int | None:
    if value is None or value == "":
        return None
    moment = read_moment(value, field, near) if isinstance(value, str) else int(value)
    if moment > seat.clock.wall_ms() + fields.ahead_ms():
        raise RuleBroken(N_("This lies ahead. A record is written of what has been done."), field=field)
    return moment


def _same_minute(moment: int | None, held: int | None) -> int | None:
    """The time that is held where the new one is of the same minute: a form shows no seconds."""
    same = moment is not None and held is not None and moment // 60_000 == held // 60_000
    return held if same else moment


def _checked(
    seat: Seat, visit: Inspection, row: Sampling | None, matter: str, given: dict[str, Any]
) -> dict[str, Any]:
    """Fields of a sampling record as they are kept.

    Raises:
        RuleBroken: naming the field. TypeError: a field that this matter does not have.
    """
    known = fields.named(matter)
    unknown = set(given) - set(known)
    if unknown:
        raise TypeError(f"{matter} has no field {', '.join(sorted(unknown))}")
    near = visit.began_at if visit.began_at is not None else seat.clock.wall_ms()
    values = dict(given)
    for name, value in given.items():
        if known[name].kind == "moment":
            values[name] = _same_minute(_moment(seat, value, name, near), getattr(row, name, None))
        elif name in fields.bounds() and isinstance(value, str) and value.strip():
            values[name] = checked_number(value, name)
    if values.get("witness_id"):
        values["witness_id"] = tidy_code(str(values["witness_id"]))

    def now(name: str) -> Any:
        return values[name] if name in values else getattr(row, name, None)

    began, ended = now("began_at"), now("ended_at")
    if began is not None and ended is not None and ended < began:
        raise RuleBroken(N_("The sampling ends before it begins."), field="ended_at")
    if began is not None and visit.began_at is not None and began // 60_000 < visit.began_at // 60_000:
        raise RuleBroken(N_("The sampling begins before the inspection does."), field="began_at")
    for name in ("first_officer", "second_officer"):
        if values.get(name):
            _refuse_non_inspector(seat, str(values[name]), name)
    if now("first_officer") and now("first_officer") == now("second_officer"):
        raise RuleBroken(
            N_("The two officers must be different people."),
            field="second_officer",
            basis="行政处罚法第四十二条",
        )
    symbol = now("symbol")
    if symbol in rules.SYMBOLS and matter not in rules.SYMBOLS[symbol][2]:
        raise RuleBroken(
            N_("{sign} does not stand for such a point. Choose another kind of point."),
            field="symbol",
            sign=rules.symbol_of(symbol),
        )
    keeping.tidy("sampling", values, _CHOICES["sampling"])
    return values


def _refuse_non_inspector(seat: Seat, officer_id: str, field: str) -> None:
    officer = registry.officer(seat, officer_id)
    if officer is None or officer.voided is not None:
        raise RuleBroken(N_("This officer is not in the register."), field=field)
    if not registry.may_inspect(officer):
        raise RuleBroken(
            N_("{name} may not carry out inspections."), field=field, basis=NO_GRID_WORKERS, name=officer.name
        )


def _checked_sample(
    seat: Seat, row: Sampling, given: dict[str, Any], held: Sample | None = None
) -> dict[str, Any]:
    values = dict(given)
    near = row.began_at if row.began_at is not None else seat.clock.wall_ms()
    if "taken_at" in values:
        moment = _moment(seat, values["taken_at"], "taken_at", near)
        values["taken_at"] = _same_minute(moment, getattr(held, "taken_at", None))
    taken = values.get("taken_at", held.taken_at if held is not None else None)
    for bound, wrong in (("began_at", -1), ("ended_at", 1)):
        limit = getattr(row, bound)
        if taken is not None and limit is not None and (taken // 60_000 - limit // 60_000) * wrong > 0:
            raise RuleBroken(
                N_("The sample was taken outside the time of the sampling. Correct one of them."),
                field="taken_at",
            )
    bottles = values.get("bottles", 1)
    if bottles is None or not 1 <= bottles <= 200:
        raise RuleBroken(N_("Say how many bottles: 1 to 200."), field="bottles")
    if values.get("hold_hours"):
        values["hold_hours"] = checked_number(str(values["hold_hours"]), "hold_hours")
    if "items" in values:
        values["items"] = "、".join(rules.split(tidy_text(values["items"] or "")))
    if values.get("parallel_of"):
        values["parallel_of"] = _parallel(seat, row, str(values["parallel_of"]))
    role = values.get("role", held.role if held is not None else None)
    other = values.get("parallel_of", held.parallel_of if held is not None else None)
    if role == "parallel" and not other:
        raise RuleBroken(N_("Say which sample it is the parallel of."), field="parallel_of")
    if held is not None and other == held.id:
        raise RuleBroken(N_("A sample is not its own parallel."), field="parallel_of")
    return values


def _parallel(seat: Seat, row: Sampling, word: str) -> str:
    """The id of the sample of the same record that a number, its end or an id names."""
    own = samples_of(seat, row.id)
    for each in own:
        if word in (each.id, each.number) or (each.number or "").endswith(f"-{word.zfill(2)}"):
            return each.id
    raise RuleBroken(N_("There is no sample {number} in this record."), field="parallel_of", number=word)


def _sample_number(seat: Seat, row: Sampling) -> str:
    """The next number in the record: withdrawn samples keep theirs, another device brings its tag."""
    from models.registry.numbers import device_tag

    tag = "" if row.device == seat.device else device_tag(seat.device)
    with seat:
        count = Sample.select().where(Sample.sampling == row.id, Sample.device == seat.device).count()
    return f"{row.number}-{tag}{count + 1:02d}"


def sampling_row(seat: Seat, sampling_id: str) -> Sampling | None:
    """A sampling record, withdrawn or not."""
    with seat:
        return by_id(Sampling, sampling_id)
