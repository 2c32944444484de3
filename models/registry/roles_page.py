"""The pages that say what each role may see and do, made from the table that decides it.

`python -m models.registry.roles_page` writes docs/roles.md and docs/roles.zh-CN.md; a test fails when they
are not what the table gives.
"""

from __future__ import annotations

from collections.abc import Iterator

from models.language import N_, current_language, listed, listed_long, translate
from models.pages import Page, table
from models.registry import access
from models.registry.units import Role, roles

_TITLE = N_("Roles: who may see and do what")
_OF_ROLES = N_("What each role may do")
_OF_KINDS = N_("Which records each role may write and read")
_OF_RULES = N_("What the tables do not say")
_ABOUT = N_(
    "Made from `models/registry/access.py` and `models/registry/data/roles.toml` by "
    "`python -m models.registry.roles_page`; do not edit this page. The laptop's verbs, the server's "
    "judgement of what is sent and its choice of what is fetched ask the same table."
)
_RULES = (
    N_(
        "Everyone reads and writes in the units granted to their account only; nothing of another unit is "
        "sent to them."
    ),
    N_(
        "A person may hold several roles, joined by commas (`officer,dispatcher`), and may what any of them "
        "may. Who is a grid worker never makes or assigns an inspection, whatever else they are "
        "(国办发〔2024〕54号)."
    ),
    N_("What a person wrote they may read, whatever their role is now."),
    N_(
        "Of an entry that a role may not read the server sends the content's hash only: chain, numbers and "
        "signatures still verify, and the record shows nothing. Its files are not found. Where a role is "
        "widened, the notebook fetches the contents at its next synchronisation; where it is narrowed, what "
        "the notebook has stays in it, but of a record that an order takes something out of."
    ),
    N_(
        "An entry that a role may not write is logged and put aside: it has no effect in any notebook. A "
        "role with nothing but rights to read writes nothing at all."
    ),
    N_(
        "Kinds of record that this version does not know are carried for those that do, and shown by none of "
        "ours."
    ),
    N_(
        "A person of the register is changed by themselves, by who entered them and by who may change the "
        "register of officers. Inspectors may enter a colleague as an officer; nobody gives themselves a "
        "role that allows more than their account."
    ),
    N_(
        "A draw by lot is read by who assigns inspections and by auditors only: officers learn of a site "
        "when it is given to them, all others of the unit when the draw is published or annulled."
    ),
    N_("Who may assign inspections begins the record as a plan; its contents are for its officers to write."),
    N_(
        "An inspection or amendment is sealed by who made it or by its officers, a monthly bulletin or a "
        "draw by lot by whoever may write it. No other kind of record can be sealed."
    ),
)
_READ_ONLY = N_(
    "A unit may be granted for reading only, as the city's is to everyone of a county. There they write "
    "{kinds} all the same, as far as their role goes."
)


def _lines() -> Iterator[str]:
    other = {"en": "[中文](roles.zh-CN.md)", "zh": "[English](roles.md)"}[current_language()]
    yield f"# {translate(_TITLE)}"
    yield from ("", other)
    yield from ("", translate(_ABOUT))
    yield from ("", f"## {translate(_OF_ROLES)}", "")
    yield from table((N_("Role"), N_("Code"), N_("May")), map(_of_role, roles()))
    yield from ("", f"## {translate(_OF_KINDS)}", "")
    yield from table(
        (N_("Records"), N_("Kind"), N_("Written by"), N_("Read by"), N_("Basis")), map(_of_row, access.TABLE)
    )
    yield from ("", f"## {translate(_OF_RULES)}", "")
    yield from (f"* {translate(text)}" for text in _RULES)
    shared = listed(row.label for row in access.TABLE if row.shared)
    yield f"* {translate(_READ_ONLY).format(kinds=shared)}"


def _of_role(role: Role) -> tuple[str, ...]:
    # in the order of the list of rights, which is that of the work
    words = [access.right_label(right) for right in access.RIGHTS if right in role.may]
    # some of them hold commas of their own
    return role.label, f"`{role.code}`", listed_long(words)


def _of_row(row: access.Row) -> tuple[str, ...]:
    writers = listed(role.label for role in roles() if access.may_write(role.may, row.kind))
    planners = listed(
        role.label
        for role in roles()
        if access.may_prepare(role.may, row.kind) and not access.may_write(role.may, row.kind)
    )
    if planners:
        writers += translate(N_("; as a plan: {roles}")).format(roles=planners)
    if row.kind == "officer":
        writers = translate(N_("see below"))
    readers = (
        listed(role.label for role in roles() if access.may_read(role.may, row.kind))
        if row.read
        else translate(N_("all"))
    )
    return row.label, f"`{row.kind}`", writers, readers, row.basis or "–"


PAGE = Page("roles", _lines)

if __name__ == "__main__":
    PAGE.write()
