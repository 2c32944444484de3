"""What a person does to the registers of officers and sites."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from models.errors import RuleBroken
from models.language import N_, listed
from models.registry import access, queries, rules
from models.registry import units as facts
from models.registry.keeping import allow_unit
from models.registry.tables import Officer, Site
from models.store.change import new_id, put

if TYPE_CHECKING:
    from models.store.seat import Seat

OFFICER_FIELDS = ("name", "certificate", "certificate_until", "unit_code", "role", "phone", "active")
SITE_FIELDS = (
    "name",
    "code",
    "unit_code",
    "address",
    "legal_person",
    "contact",
    "phone",
    "latitude",
    "longitude",
    "kind",
    "permit_number",
    "water_grade",
    "noise_zone",
    "built",
    "receiving_water",
    "air_zone",
    "stack_height",
    "industry",
    "category",
)


def add_officer(seat: Seat, name: str, **fields: Any) -> str:
    """Enter an officer, with any of `OFFICER_FIELDS`; by default of the seat's unit and role "officer".

    Whoever may inspect may enter a colleague as officer; other roles need a head or an administrator.

    Returns:
        The new record's id.

    Raises:
        RuleBroken: a field is wrong, the certificate is held by another, or the person may not do this.
    """
    values = checked_officer(
        {"role": "officer", "unit_code": seat.unit, "active": True, **fields, "name": name}
    )
    allow_officer_change(seat, values["role"])
    _refuse_held_certificate(seat, values.get("certificate"), None)
    record_id = new_id()
    allow_unit(seat, "officer", values["unit_code"])
    seat.write(put("officer", record_id, values["unit_code"], **values))
    return record_id


def enter_self(seat: Seat, values: dict[str, Any]) -> None:
    """Enter the owner of a notebook just begun, with fields that `checked_officer` gave."""
    seat.write(put("officer", seat.person, seat.unit, **values))


def edit_officer(seat: Seat, officer_id: str, **fields: Any) -> None:
    """Correct an officer's record; nobody gives themselves another role.

    Raises:
        RuleBroken: a field is wrong, there is no such officer, or the person may not change this.
    """
    row = queries.officer(seat, officer_id)
    if row is None:
        raise RuleBroken(N_("There is no such officer in the register."), field="officer")
    values = checked_officer({"name": row.name, "role": row.role, **fields})
    values = {name: value for name, value in values.items() if name in fields}
    if "role" in values and values["role"] != row.role:
        allow_officer_change(seat, "lead")
        if officer_id == seat.person:
            raise RuleBroken(N_("Nobody may change their own role. Ask another administrator."), field="role")
    elif officer_id != seat.person and row.made_by != seat.person:
        allow_officer_change(seat, "lead")
    _refuse_held_certificate(seat, values.get("certificate"), officer_id)
    allow_unit(seat, "officer", row.unit)
    seat.write(put("officer", officer_id, row.unit, **values))


def add_site(seat: Seat, name: str, **fields: Any) -> str:
    """Enter a site with any of `SITE_FIELDS`; unit_code is the seat's unless given.

    Returns:
        The new record's id.

    Raises:
        RuleBroken: a field is wrong, the credit code is held by another site, or the role may not edit sites.
    """
    allow_site_change(seat)
    values = checked_site({"unit_code": seat.unit, **fields, "name": name})
    _refuse_held_code(seat, values.get("code"), None)
    record_id = new_id()
    allow_unit(seat, "site", values["unit_code"])
    seat.write(put("site", record_id, values["unit_code"], **values))
    return record_id


def edit_site(seat: Seat, site_id: str, **fields: Any) -> None:
    """Correct a site's record.

    Raises:
        RuleBroken: as `add_site`, or there is no such site.
    """
    allow_site_change(seat)
    row = queries.site(seat, site_id)
    if row is None:
        raise RuleBroken(N_("There is no such site in the register."), field="site")
    values = checked_site({"name": row.name, **fields})
    values = {name: value for name, value in values.items() if name in fields}
    _refuse_held_code(seat, values.get("code"), site_id)
    allow_unit(seat, "site", row.unit)
    seat.write(put("site", site_id, row.unit, **values))


def checked_officer(fields: dict[str, Any]) -> dict[str, Any]:
    """An officer's fields as they are kept.

    Raises:
        RuleBroken: naming the field and what to give instead.
    """
    values = _texts(fields, OFFICER_FIELDS)
    _need_name(values)
    certificate = values.get("certificate")
    if certificate:
        values["certificate"] = certificate = rules.tidy_line(certificate).replace(" ", "").upper()
        if not rules.is_certificate(certificate):
            raise RuleBroken(
                N_("“{value}” is no certificate number: 4 to 24 letters, digits or hyphens."),
                field="certificate",
                value=certificate,
            )
    until = values.get("certificate_until")
    if until:
        values["certificate_until"] = _day(until)
    _need_unit(values)
    if "role" in values:
        found = facts.role_named(values["role"] or "officer")
        if found is None:
            raise RuleBroken(
                N_("“{value}” is no role. Give one of: {roles}."),
                field="role",
                value=values["role"],
                roles=listed(each.label for each in facts.roles()),
            )
        values["role"] = found.code
    return values


def checked_site(fields: dict[str, Any]) -> dict[str, Any]:
    """A site's fields as they are kept.

    Raises:
        RuleBroken: naming the field and what to give instead.
    """
    values = _texts(fields, SITE_FIELDS)
    _need_name(values)
    code = values.get("code")
    if code:
        values["code"] = code = rules.tidy_code(code)
        if not rules.is_credit_code(code):
            raise RuleBroken(
                N_(
                    "“{value}” is no unified social credit code: 18 characters, and the last must check. "
                    "Compare it with the licence."
                ),
                field="code",
                basis="GB 32100-2015",
                value=code,
            )
    if values.get("built"):
        values["built"] = _day(values["built"], "built")
    height = values.get("stack_height")
    if height and not re.fullmatch(r"\d{1,3}(\.\d{1,2})?", height, re.ASCII):
        raise RuleBroken(
            N_("“{value}” is no height: give metres, as 15."), field="stack_height", value=height
        )
    for name, bound in (("latitude", 90), ("longitude", 180)):
        degrees = values.get(name)
        if degrees and not rules.is_degree(degrees, bound):
            raise RuleBroken(
                N_("“{value}” is no position: give decimal degrees such as 117.65."),
                field=name,
                value=degrees,
            )
    _need_unit(values)
    return values


def allow_site_change(seat: Seat) -> None:
    """Refuse who may not edit the register of sites.

    Raises:
        RuleBroken: for grid workers, experts, readers and auditors.
    """
    found = queries.role_of(seat)
    if found is not None and not access.may_write(found.may, "site"):
        raise RuleBroken(
            N_("As {role} you cannot change the register of sites."), field="role", role=found.label
        )


def allow_officer_change(seat: Seat, role: str) -> None:
    """Refuse who may not enter or change officers of that role.

    Raises:
        RuleBroken: for all but administrators and heads; inspectors may enter colleagues as officers.
    """
    found = queries.role_of(seat)
    if found is None or "edit_officers" in found.may:  # a seat without a person's record is the server's own
        return
    if role == "officer" and "inspect" in found.may:
        return
    raise RuleBroken(
        N_("As {role} you cannot change this officer. Ask a head or an administrator."),
        field="role",
        role=found.label,
    )


def _refuse_held_certificate(seat: Seat, certificate: str | None, officer_id: str | None) -> None:
    if not certificate:
        return
    with seat:
        holder = Officer.get_or_none(
            Officer.certificate == certificate, Officer.voided.is_null(), Officer.id != (officer_id or "")
        )
    if holder is not None:
        raise RuleBroken(
            N_("Certificate {certificate} belongs to {name} already. Two officers never share one."),
            field="certificate",
            certificate=certificate,
            name=holder.name,
        )


def _refuse_held_code(seat: Seat, code: str | None, site_id: str | None) -> None:
    if not code:
        return
    with seat:
        holder = Site.get_or_none(Site.code == code, Site.voided.is_null(), Site.id != (site_id or ""))
    if holder is not None:
        raise RuleBroken(
            N_("{name} has this credit code already. Open that site and correct it there."),
            field="code",
            name=holder.name,
        )


def _texts(fields: dict[str, Any], known: tuple[str, ...]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in fields.items():
        if name not in known:
            raise TypeError(f"no such field: {name}")
        if isinstance(value, str):
            value = rules.tidy_line(value)
            if len(value) > rules.TEXT_LIMIT:
                raise RuleBroken(
                    N_("This text has {length} characters; {most} fit. Shorten it."),
                    field=name,
                    length=len(value),
                    most=rules.TEXT_LIMIT,
                )
        values[name] = value
    return values


def _need_name(values: dict[str, Any]) -> None:
    name = values.get("name")
    if not name:
        raise RuleBroken(N_("Give a name."), field="name")
    if len(name) > rules.NAME_LIMIT:
        raise RuleBroken(
            N_("This text has {length} characters; {most} fit. Shorten it."),
            field="name",
            length=len(name),
            most=rules.NAME_LIMIT,
        )


def _need_unit(values: dict[str, Any]) -> None:
    if "unit_code" not in values:
        return
    found = facts.unit_named(values["unit_code"] or "")
    if found is None:
        raise RuleBroken(
            N_("“{value}” is no unit of Zhangzhou. Give its name or code, such as 芗城区 or 350602."),
            field="unit_code",
            value=values["unit_code"] or "",
        )
    values["unit_code"] = found.code


def _day(text: str, field: str = "certificate_until") -> str:
    plain = text.replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").replace(".", "-")
    parts = plain.split(" ")[0].split("-")
    try:
        year, month, day = (int(part) for part in parts)
        return date(year, month, day).isoformat()
    except ValueError:
        raise RuleBroken(
            N_("“{value}” is no date: give it as 2027-06-30."), field=field, value=text
        ) from None
