"""Who and where: the records of officers and sites. Units and roles are facts, see `units`."""

from __future__ import annotations

from typing import Any

from models.store.records import BooleanField, Record, TextField, record
from models.store.search_terms import initials


@record("officer", version=1, search=("name", "certificate"))
class Officer(Record):
    """A person of the bureau or beside it, with role and enforcement certificate."""

    name = TextField(null=True, index=True)
    certificate = TextField(null=True, index=True)
    """Enforcement certificate number; empty for who holds none."""
    certificate_until = TextField(null=True)
    """Last day of validity, YYYY-MM-DD; empty where not known."""
    unit_code = TextField(null=True)
    role = TextField(null=True)
    """Code of a role of `data/roles.toml`."""
    phone = TextField(null=True)
    active = BooleanField(null=True)
    """False once the person has left; None counts as active."""
    initials = TextField(null=True)

    @staticmethod
    def derive(values: dict[str, Any]) -> dict[str, Any]:
        """Pinyin initials of the name."""
        return {"initials": initials(values.get("name") or "")}


@record("site", version=1, search=("name", "code", "address", "contact"))
class Site(Record):
    """An enterprise or place that is inspected (监管对象)."""

    name = TextField(null=True, index=True)
    code = TextField(null=True, index=True)
    """Unified social credit code (GB 32100-2015); empty for a place without one."""
    unit_code = TextField(null=True, index=True)
    address = TextField(null=True)
    legal_person = TextField(null=True)
    contact = TextField(null=True)
    phone = TextField(null=True)
    latitude = TextField(null=True)
    """Degrees as decimal text."""
    longitude = TextField(null=True)
    kind = TextField(null=True)
    permit_number = TextField(null=True)
    water_grade = TextField(null=True)
    """Grade of GB 8978 that its discharge has to meet: "1", "2", "3"."""
    noise_zone = TextField(null=True)
    """Acoustic zone of GB 12348: "0" to "4"."""
    initials = TextField(null=True)

    @staticmethod
    def derive(values: dict[str, Any]) -> dict[str, Any]:
        """Pinyin initials of the name."""
        return {"initials": initials(values.get("name") or "")}
