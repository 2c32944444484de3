"""The chain of custody of a sample, from the bottle to the laboratory: what may follow what, and its gaps.

Pure functions over custody events in the order of their time. A step that cannot be is refused; what can be
and should not (a broken seal, a sample held too long) is written as what it is and stands as a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from models.errors import RuleBroken
from models.inspections.rules import CUSTODY_ACTIONS
from models.language import N_, Words, filled
from models.registry.rules import tidy_code

_AFTER = {
    "collected": ("bagged", "handed"),
    "bagged": ("handed", "opened"),
    "handed": ("received",),
    "received": ("handed", "opened"),
    "opened": ("bagged", "handed"),
}
"""What may follow a step."""
_LONGEST = 1_000_000
"""Hours that a sample may be kept; more is no verb's of ours."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A break in the chain, in words."""

    msgid: str
    params: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """The sentence in the reader's language."""
        return filled(self.msgid, dict(self.params))


def _gap(msgid: str, **params: object) -> Gap:
    return Gap(msgid, tuple((name, str(value)) for name, value in params.items()))


@dataclass(frozen=True, slots=True)
class Step:
    """A step that is to be written."""

    action: str
    at: int
    """ms since 1970 UTC."""
    by: str
    """Name of who gives, or does it."""
    to: str = ""
    """Name of who takes."""
    count: int | None = None
    seal_number: str = ""
    condition: str = ""


def can_follow(events: Sequence[Any], action: str) -> bool:
    """Whether a step may come after those that are written."""
    return bool(events) and action in _AFTER.get(events[-1].action or "", ())


def holder_of(events: Sequence[Any], name: Callable[[str], str]) -> str:
    """Who has the sample: who took it over last, else who collected it; by name."""
    for each in reversed(events):
        if each.action == "received":
            return name(each.to or "")
        if each.action in ("collected", "bagged", "opened") and each.by:
            return name(each.by)
    return ""


def bag_seal(events: Sequence[Any]) -> str:
    """The number of the seal that is on now; empty for none."""
    for each in reversed(events):
        if each.action == "opened":
            return ""
        if each.action == "bagged":
            return each.seal_number or ""
    return ""


def hold_until(sample: Any) -> int | None:
    """By when, in ms, the sample must be at the laboratory; None where its method sets no time."""
    hours = _decimal(sample.hold_hours)
    if hours is None or not 0 <= hours <= _LONGEST or not isinstance(sample.taken_at, int):
        return None
    return int(sample.taken_at) + int(hours * 3_600_000)


def refuse_impossible(sample: Any, events: Sequence[Any], step: Step, name: Callable[[str], str]) -> None:
    """Refuse a step that cannot follow what is written.

    Args:
        name: the name of who an event names by record id or by name.

    Raises:
        RuleBroken: naming the field.
    """
    if not events:
        raise RuleBroken(N_("{number} has no collection in its chain."), field="action", number=sample.number)
    last = events[-1]
    if not can_follow(events, step.action):
        raise RuleBroken(
            N_("{number}: “{step}” cannot follow “{last}”."),
            field="action",
            number=sample.number,
            step=Words(CUSTODY_ACTIONS.get(step.action, step.action)),
            last=Words(CUSTODY_ACTIONS.get(last.action or "", last.action or "")),
        )
    if step.at // 60_000 < (last.at or 0) // 60_000:
        raise RuleBroken(N_("This is earlier than the step before it."), field="at")
    _refuse_hands(events, step, name)
    most = _count_before(sample, events)
    if step.count is not None and not 1 <= step.count <= most:
        raise RuleBroken(
            N_("{number}: the number of bottles is {most}, not {count}."),
            field="count",
            number=sample.number,
            most=most,
            count=step.count,
        )
    if step.action == "bagged" and not step.seal_number:
        raise RuleBroken(N_("Give the number of the bag's seal."), field="seal_number")
    if step.action in ("received", "opened") and not step.condition:
        raise RuleBroken(N_("Say in what state the sample is."), field="condition")
    _refuse_silence(sample, events, step)


def _refuse_hands(events: Sequence[Any], step: Step, name: Callable[[str], str]) -> None:
    """Two hands at each hand-over: who gives and who takes."""
    last = events[-1]
    if step.action in ("handed", "received"):
        if not step.to:
            raise RuleBroken(N_("Say who takes it."), field="to")
        if not step.by:
            raise RuleBroken(N_("Say who gives it."), field="by")
        if step.by == step.to:
            raise RuleBroken(N_("Who gives and who takes are two people."), field="to")
    holder = holder_of(events, name)
    if step.action == "handed" and holder and step.by != holder:
        raise RuleBroken(
            N_("{holder} has the sample: {by} cannot hand it over."), field="by", holder=holder, by=step.by
        )
    if step.action == "received" and name(last.by or "") != step.by:
        raise RuleBroken(
            N_("It was handed over by {giver}, not by {by}."),
            field="by",
            giver=name(last.by or ""),
            by=step.by,
        )


def _refuse_silence(sample: Any, events: Sequence[Any], step: Step) -> None:
    """What is wrong with a sample is said where it is taken over or opened, not passed over."""
    until = hold_until(sample)
    if step.action == "received" and until is not None and step.at > until and step.condition != "expired":
        raise RuleBroken(
            N_(
                "{number} came {hours} h after its time was over. It can be taken over only as held too long."
            ),
            field="condition",
            number=sample.number,
            hours=-(-(step.at - until) // 3_600_000),
        )
    seal = bag_seal(events)
    same = tidy_code(step.seal_number) == tidy_code(seal)
    if step.action in ("received", "opened") and seal and not same and step.condition == "whole":
        raise RuleBroken(
            N_("The bag bears the seal {seal}. Give that number, or say that the seal is broken or another."),
            field="seal_number",
            seal=seal,
        )


def _count_before(sample: Any, events: Sequence[Any]) -> int:
    counts = [each.count for each in events if each.count is not None]
    return int(counts[-1] if counts else sample.bottles or 1)


def gaps_of(sample: Any, events: Sequence[Any], *, reported: bool = False) -> list[Gap]:
    """What breaks the chain, in the order of time.

    Args:
        reported: whether a laboratory's result for it is here.
    """
    found: list[Gap] = []
    if not events or events[0].action != "collected":
        found.append(_gap(N_("The chain does not begin with the collection.")))
    count = sample.bottles or 1
    sealed = ""
    until = hold_until(sample)
    previous: Any = None
    for each in events:
        action = each.action or ""
        if previous is not None and action not in _AFTER.get(previous.action or "", ()):
            found.append(_gap(N_("A step is out of order, or another laptop wrote one in between.")))
        if action == "handed" and not sealed:
            found.append(_gap(N_("It was handed over without a sealed bag.")))
        if each.count is not None and each.count != count:
            found.append(_gap(N_("Bottles: {before} became {after}."), before=count, after=each.count))
            count = each.count
        if action == "received" and previous is not None and previous.to and each.to != previous.to:
            found.append(_gap(N_("Another took it over than it was handed to.")))
        if action in ("received", "opened"):
            found += _state(each)
        if action == "received" and until is not None and (each.at or 0) > until:
            found.append(_gap(N_("It came after its time was over.")))
        sealed = {"bagged": each.seal_number or "", "opened": ""}.get(action, sealed)
        previous = each
    arrived = any(each.action in ("received", "opened") for each in events)
    if reported and not arrived:
        found.append(_gap(N_("There is a result, and no laboratory took the sample over.")))
    return found


def _state(event: Any) -> list[Gap]:
    words = {
        "broken": N_("The seal was broken or another one."),
        "leaking": N_("A bottle leaked or was broken."),
        "label": N_("A label was missing or unreadable."),
    }
    return [_gap(words[event.condition])] if event.condition in words else []


def standing_of(sample: Any, events: Sequence[Any], now: int) -> str:
    """Where a sample is: "taken", "sealed", "on_way", "at_laboratory", "opened", or "late" for too long out.

    Args:
        now: ms since 1970 UTC.
    """
    last = events[-1].action if events else ""
    until = hold_until(sample)
    arrived = any(each.action == "received" for each in events)
    if until is not None and not arrived and now > until:
        return "late"
    return {
        "bagged": "sealed",
        "handed": "on_way",
        "received": "at_laboratory",
        "opened": "opened",
    }.get(last or "", "taken")


STANDINGS: dict[str, str] = {
    "taken": N_("taken"),
    "sealed": N_("in a sealed bag"),
    "on_way": N_("on the way"),
    "at_laboratory": N_("at the laboratory"),
    "opened": N_("opened"),
    "late": N_("time is over"),
}


def _decimal(text: str | None) -> Decimal | None:
    try:
        found = Decimal(text) if text else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None
