"""What people do in outreach: bases, activities, carbon, publicity, awareness; each in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.cases.damage.clues import refuse_day
from models.errors import RuleBroken
from models.language import N_, listed
from models.outreach import rules
from models.outreach.anonymise import leaks
from models.outreach.known import known_of
from models.outreach.tables import Activity, EducationBase, Exemplar
from models.outreach.writing import CHOICES, edit_checked
from models.registry import keeping
from models.registry.days import today

if TYPE_CHECKING:
    from models.store.seat import Seat

# -- education bases (R077, R078) ------------------------------------------------------------------


def open_base(
    seat: Seat,
    *,
    name: str,
    place: str,
    opened_on: str,
    founders: str,
    unit_code: str | None = None,
    **fields: Any,
) -> str:
    """Register an education base that was opened. Returns its id.

    Args:
        opened_on: 揭牌, YYYY-MM-DD.
        founders: the bodies that founded it, two at least, joined by 、.
        unit_code: where it lies, by code or name; the seat's own unit unless given.
        fields: `statistical`, `themes`, `note`, `closed_on`.

    Raises:
        RuleBroken: fewer than two founders, a base of that name there already, a day that cannot be.
    """
    keeping.allow(seat, "education_base")
    with seat.writing():
        unit = rules.unit_code(unit_code, seat.unit)
        given = {"name": name, "place": place, "opened_on": opened_on, "founders": founders, **fields}
        values = keeping.tidy("education_base", given, CHOICES["education_base"])
        _check_base(seat, values, "")
        return keeping.make(seat, "education_base", unit, values)


def edit_base(seat: Seat, base_id: str, **fields: Any) -> None:
    """Correct what is kept of a base. Errors as `open_base`."""
    edit_checked(seat, "education_base", base_id, fields, _check_base)


def close_base(seat: Seat, base_id: str, *, on: str) -> None:
    """From this day on it is no education base any more.

    Raises:
        RuleBroken: the day lies before its opening or after today.
    """
    edit_base(seat, base_id, closed_on=on)


def _check_base(seat: Seat, values: dict[str, Any], own: str) -> None:
    name = keeping.need_text(values["name"], "name")
    keeping.need_text(values["place"], "place")
    opened_on = keeping.need_text(values["opened_on"], "opened_on")
    refuse_day(seat, opened_on, "opened_on")
    if values.get("closed_on"):
        refuse_day(seat, values["closed_on"], "closed_on", not_before=opened_on)
    values["founders"] = rules.founders(values["founders"] or "")
    if values.get("statistical"):
        values["statistical"] = rules.statistical_code(values["statistical"])
    with seat:
        same = EducationBase.select().where(
            EducationBase.name == name, EducationBase.voided.is_null(), EducationBase.id != own
        )
        if same.exists():
            raise RuleBroken(
                N_("A base of this name is kept already. Open and correct that one."), field="name"
            )


# -- activities (R079) -----------------------------------------------------------------------------


def hold_activity(
    seat: Seat,
    *,
    on: str,
    form: str,
    theme: str,
    base: str | None = None,
    community: str | None = None,
    **fields: Any,
) -> str:
    """Write down an activity that was held, at a base, with a community or at a place. Returns its id.

    Args:
        on: YYYY-MM-DD.
        form: one of `rules.FORMS`.
        fields: `themes`, `people`, `place`, `text`.

    Raises:
        RuleBroken: neither base nor community nor place, the base was not open that day, a day after today.
    """
    keeping.allow(seat, "activity")
    with seat.writing():
        given = {"on": on, "form": form, "theme": theme, "base": base, "community": community, **fields}
        values = keeping.tidy("activity", given, CHOICES["activity"])
        _check_activity(seat, values, "")
        return keeping.make(seat, "activity", _unit_of_activity(seat, values), values)


def edit_activity(seat: Seat, activity_id: str, **fields: Any) -> None:
    """Correct what is kept of an activity. Errors as `hold_activity`."""
    edit_checked(seat, "activity", activity_id, fields, _check_activity)


def _unit_of_activity(seat: Seat, values: dict[str, Any]) -> str:
    for kind, name in (("education_base", "base"), ("community", "community")):
        if values.get(name):
            return str(keeping.standing(seat, kind, values[name]).unit)
    return seat.unit


def _check_activity(seat: Seat, values: dict[str, Any], own: str) -> None:
    del own
    keeping.need_text(values["theme"], "theme")
    keeping.need_text(values["form"], "form")
    on = keeping.need_text(values["on"], "on")
    refuse_day(seat, on, "on")
    rules.refuse_people(values.get("people"))
    if not (values.get("base") or values.get("community") or values.get("place")):
        raise RuleBroken(
            N_("Say where it was: choose a base or a community, or name the place."), field="place"
        )
    if values.get("community"):
        keeping.standing(seat, "community", values["community"])
    if values.get("base"):
        base: EducationBase = keeping.standing(seat, "education_base", values["base"])
        refuse_day(seat, on, "on", not_before=base.opened_on)
        if base.closed_on and on >= base.closed_on:
            raise RuleBroken(
                N_("The base was closed on {day}. Name the place instead."), field="on", day=base.closed_on
            )


# -- carbon figures (R080) -------------------------------------------------------------------------


def add_carbon_figure(
    seat: Seat,
    *,
    year: int,
    t_co2e: str,
    base: str | None = None,
    restoration: str | None = None,
    **fields: Any,
) -> str:
    """Write down how much carbon a base's forest, or one for a restoration, has taken up. Returns its id.

    Args:
        t_co2e: tonnes of CO₂ equivalent, decimal text, more than zero.
        base, restoration: exactly one of them.
        fields: `method`, `certificate`, `verifier`, `verified_on`, `substitute`, `note`.

    Raises:
        RuleBroken: of neither or both; verified without a certificate or before the year it is of; counted as
            a substitute restoration without method and certificate, or without a restoration.
    """
    keeping.allow(seat, "carbon_figure")
    with seat.writing():
        given = {"year": year, "t_co2e": t_co2e, "base": base, "restoration": restoration, **fields}
        values = keeping.tidy("carbon_figure", given)
        _check_carbon(seat, values, "")
        kind, of = ("education_base", base) if base else ("restoration", restoration)
        return keeping.make(seat, "carbon_figure", str(keeping.standing(seat, kind, str(of)).unit), values)


def edit_carbon_figure(seat: Seat, figure_id: str, **fields: Any) -> None:
    """Correct a figure or add its certificate. Errors as `add_carbon_figure`."""
    edit_checked(seat, "carbon_figure", figure_id, fields, _check_carbon)


def _check_carbon(seat: Seat, values: dict[str, Any], own: str) -> None:
    del own
    if bool(values.get("base")) == bool(values.get("restoration")):
        raise RuleBroken(N_("A carbon figure belongs to one base or to one restoration."), field="base")
    if values.get("restoration"):
        keeping.standing(seat, "restoration", values["restoration"])
    else:
        keeping.standing(seat, "education_base", values["base"])
    rules.refuse_year(values["year"] or 0, today(seat))
    values["t_co2e"] = rules.decimal_between(values["t_co2e"] or "", "t_co2e", 0, 10**9, above=True)
    if values.get("verified_on"):
        refuse_day(seat, values["verified_on"], "verified_on", not_before=f"{values['year']}-01-01")
        if not values.get("certificate"):
            raise RuleBroken(N_("Give the number of the certificate as well."), field="certificate")
    if values.get("substitute"):
        if not values.get("restoration"):
            raise RuleBroken(
                N_("Only a figure of a restoration can count as a substitute restoration."),
                field="substitute",
            )
        for name in ("method", "certificate", "verified_on"):
            if not values.get(name):
                raise RuleBroken(
                    N_("To count as a substitute restoration it needs method, certificate and day of it."),
                    field=name,
                    basis="《民法典》第一千二百三十四条",
                )


# -- publicity and awareness (R059, R060) ----------------------------------------------------------


def note_publicity(seat: Seat, *, channel: str, on: str, title: str, **fields: Any) -> str:
    """Write down that a medium reported an exemplary case, an activity or another event. Returns its id.

    Args:
        channel: one of `rules.CHANNELS`.
        on: when it appeared, YYYY-MM-DD.
        fields: `exemplar`, `activity` or `event`; `link` or `page`; `other_channel`.

    Raises:
        RuleBroken: of nothing, without link and page, another channel without its name, a case that was not
            published by then, or a title that names somebody of the case.
    """
    keeping.allow(seat, "publicity")
    with seat.writing():
        given = {"channel": channel, "on": on, "title": title, **fields}
        values = keeping.tidy("publicity", given, CHOICES["publicity"])
        unit = _check_publicity(seat, values, "")
        return keeping.make(seat, "publicity", unit, values)


def edit_publicity(seat: Seat, publicity_id: str, **fields: Any) -> None:
    """Correct what is kept of a report. Errors as `note_publicity`."""
    edit_checked(seat, "publicity", publicity_id, fields, _check_publicity)


def _check_publicity(seat: Seat, values: dict[str, Any], own: str) -> str:
    """The unit that it belongs to."""
    del own
    title = keeping.need_text(values["title"], "title")
    on = keeping.need_text(values["on"], "on")
    refuse_day(seat, on, "on")
    channel = keeping.need_text(values["channel"], "channel")
    if (channel == "other") != bool(values.get("other_channel")):
        raise RuleBroken(
            N_("Name the channel if it is none of the four, and only then."), field="other_channel"
        )
    if not (values.get("link") or values.get("page")):
        raise RuleBroken(N_("Give a link, or the page or programme where it appeared."), field="link")
    rules.refuse_link(values.get("link"))
    of = [name for name in ("exemplar", "activity", "event") if values.get(name)]
    if len(of) != 1:
        raise RuleBroken(
            N_("Say what was reported: an exemplary case, an activity or another event, one of them."),
            field="exemplar",
        )
    if of[0] == "activity":
        activity: Activity = keeping.standing(seat, "activity", values["activity"])
        refuse_day(seat, on, "on", not_before=activity.on)
        return str(activity.unit)
    if of[0] == "event":
        return seat.unit
    exemplar: Exemplar = keeping.standing(seat, "exemplar", values["exemplar"])
    if not exemplar.published_on or exemplar.published_on > on:
        raise RuleBroken(
            N_("This exemplary case was not published by then. Publish it first."), field="exemplar"
        )
    if found := leaks(title, known_of(seat, exemplar.case or "")):
        raise RuleBroken(
            N_("It still holds {names}. Take that out: the public must not read it."),
            field="title",
            basis="《生态环境法典》第五十一条、第一百四十六条",
            names=listed(found),
        )
    return str(exemplar.unit)


def note_awareness(seat: Seat, *, on: str, percent: str, source: str, **fields: Any) -> str:
    """Write down a survey's figure of how many know the system of compensation. Returns its id.

    Args:
        percent: 0 to 100, decimal text.
        source: who asked, and how.
        fields: `asked` (how many), `note`, `unit_code`.

    Raises:
        RuleBroken: it is no percentage, or has no source.
    """
    keeping.allow(seat, "awareness")
    with seat.writing():
        unit = rules.unit_code(fields.pop("unit_code", None), seat.unit)
        values = keeping.tidy("awareness", {"on": on, "percent": percent, "source": source, **fields})
        _check_awareness(seat, values, "")
        return keeping.make(seat, "awareness", unit, values)


def edit_awareness(seat: Seat, awareness_id: str, **fields: Any) -> None:
    """Correct a survey's figure. Errors as `note_awareness`."""
    edit_checked(seat, "awareness", awareness_id, fields, _check_awareness)


def _check_awareness(seat: Seat, values: dict[str, Any], own: str) -> None:
    del own
    refuse_day(seat, keeping.need_text(values["on"], "on"), "on")
    keeping.need_text(values["source"], "source")
    values["percent"] = rules.decimal_between(values["percent"] or "", "percent", 0, 100)
    rules.refuse_people(values.get("asked"))
