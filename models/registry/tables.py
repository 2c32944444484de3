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


@record("site", version=2, search=("name", "code", "address", "contact"))
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
    built = TextField(null=True)
    """Day of the approval of its environmental assessment, YYYY-MM-DD (J8)."""
    receiving_water = TextField(null=True)
    """What its waste water flows into: a key or name of `models.law.limit_data.waters` (J9)."""
    air_zone = TextField(null=True)
    """Zone of air quality: "2" or "3"."""
    stack_height = TextField(null=True)
    """Of its usual stack, m, decimal text."""
    industry = TextField(null=True)
    """Key of `models.law.limit_data.industries`: which standard comes before the general one."""
    category = TextField(null=True)
    """适用范围 of its trade in the tables, as 其他."""
    initials = TextField(null=True)

    @staticmethod
    def derive(values: dict[str, Any]) -> dict[str, Any]:
        """Pinyin initials of the name."""
        return {"initials": initials(values.get("name") or "")}
