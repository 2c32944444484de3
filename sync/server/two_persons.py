"""Two persons decide together on what takes something away for good, each with their own current code.

`two_persons = true` in server.toml asks for it. A command that does such a thing looks first whether it can
be done, then calls `agreed`, and logs both names. So nobody decides alone, and every decision stands under
two names; it is no wall against who owns the server's machine and can change its settings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from models.errors import BadInput
from models.language import N_, listed, translate
from models.registry import units
from models.registry.tables import Officer
from models.store.lookup import by_id
from sync.server import factors
from sync.server.central import Central
from sync.server.people import person
from sync.server.quarantine import DECIDES
from sync.server.tables import Account

Codes = Callable[[str], str]
"""Gives the current code of a person, by name; asked once the server is open, as a code is soon too old."""
_REFUSED = {
    "wrong": N_("This is not the code of {name} now. Take the next one that the phone shows, and try again."),
    "used": N_("This code of {name} was taken before. Wait for the next one that the phone shows."),
    "wait": N_("There were too many wrong codes of {name}. Wait a quarter of an hour, then try again."),
    "none": N_(
        "{name} has no second factor. Give it first: qingcha admin factor {folder} {name}. Where no two "
        "persons can show a code now, put two_persons = false into server.toml, decide by one, put it back."
    ),
}


@dataclass(frozen=True, slots=True)
class Agreed:
    """Who decided, by record id; "" where it is not known, or where nobody more was needed."""

    by: str
    second: str = ""


@dataclass(frozen=True, slots=True)
class Entitled:
    """Somebody who may decide."""

    officer: str
    name: str
    has_factor: bool


def no_codes(name: str) -> str:
    """Where there is nobody to ask."""
    return ""


def agreed(central: Central, by: str, second: str, codes: Codes) -> Agreed:
    """Make sure that those decide who have to: two persons where server.toml asks for it, or two are named.

    Their codes are spent by this; nobody is asked for one that nothing can become of.

    Args:
        by: certificate number, name or record id of who decides; may be "" where two are not asked for.
        second: of who decides together with them.
        codes: asked for the code of the one, then of the other.

    Raises:
        BadInput: one is named where two are needed, or one twice; one has no account, no right or no second
            factor; a code is wrong, was taken before, or there were too many wrong ones.
    """
    if not (central.settings.two_persons or second):
        return Agreed(person(central, by) if by else "")
    if not (by and second):
        raise BadInput(
            N_(
                "On this server two persons decide together: name both with --by and --and; each shows the "
                "code of their phone. Those who may and have one: {names}. Where fewer than two have one: "
                "qingcha admin factor {folder} NAME, or two_persons = false in server.toml until they do."
            ),
            names=listed(each.name for each in entitled(central) if each.has_factor) or "-",
            folder=str(central.folder),
        )
    asked = [person(central, each) for each in (by, second)]
    if asked[0] == asked[1] or _is_one(central, *asked):
        raise BadInput(N_("These are one person. Name two different ones with --by and --and."))
    may = {each.officer: each for each in entitled(central)}
    for officer in asked:
        _refuse_not_entitled(central, officer, may.get(officer))
    names = {officer: may[officer].name for officer in asked}
    verdicts = factors.take(
        central, {officer: codes(name) for officer, name in names.items()}, central.device
    )
    for officer, verdict in verdicts.items():
        if verdict in _REFUSED:
            raise BadInput(_REFUSED[verdict], name=names[officer], folder=str(central.folder))
    return Agreed(*asked)


def entitled(central: Central) -> list[Entitled]:
    """Everyone with an account who may approve or administer, by name."""
    holders = factors.holders(central)
    with central:
        found = []
        for row in Account.select().where(Account.active).order_by(Account.name, Account.officer):
            role = units.role(row.role)
            if role is not None and not role.may.isdisjoint(DECIDES):
                found.append(Entitled(row.officer, row.name, row.officer in holders))
        return found


def _refuse_not_entitled(central: Central, officer: str, known: Entitled | None) -> None:
    if known is None:
        with central:
            name = Account.get_by_id(officer).name
        roles = (each for each in units.roles() if not each.may.isdisjoint(DECIDES))
        raise BadInput(
            N_("{name} may not decide on this. It takes one of these roles: {roles}."),
            name=name,
            roles=listed(f"{each.label} ({each.code})" for each in roles),
        )
    if not known.has_factor:
        raise BadInput(_REFUSED["none"], name=known.name, folder=str(central.folder))


def _is_one(central: Central, first: str, second: str) -> bool:
    """Whether two accounts are of one person: they hold one enforcement certificate."""
    with central:
        held = [by_id(Officer, each) for each in (first, second)]
    numbers = [row.certificate for row in held if row is not None and row.certificate]
    return len(numbers) == 2 and numbers[0] == numbers[1]


def problem(central: Central) -> str:
    """Why no two persons could decide although server.toml asks for them, in a sentence; "" if they can."""
    if not central.settings.two_persons:
        return ""
    may = entitled(central)
    having = [each.name for each in may if each.has_factor]
    if len(having) >= 2:
        return ""
    return translate(_TOO_FEW).format(
        names=listed(having) or "-", others=listed(each.name for each in may if not each.has_factor) or "-"
    )


_TOO_FEW = N_(
    "server.toml asks for two persons to decide together, and fewer than two of those who may have a second "
    "factor ({names}). Give it by qingcha admin factor to: {others}. Until then two_persons = false lets one "
    "person decide."
)
