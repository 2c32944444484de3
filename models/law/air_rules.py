"""The rules of exhaust air as pure functions on exact decimals (GB 16297-1996, GB 13271-2014).

Heights and distances in metres, rates in kg/h, concentrations in mg/m³, oxygen in per cent by volume.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext
from itertools import pairwise

from models.errors import BadInput
from models.language import N_

AIR_OXYGEN = Decimal(21)
_DIGITS = 50
Rates = Sequence[tuple[Decimal, Decimal]]
"""Heights, rising, each with its rate."""


def interpolated(height: Decimal, low: tuple[Decimal, Decimal], high: tuple[Decimal, Decimal]) -> Decimal:
    """J14, GB 16297-1996 appendix B1: the rate for a height between two of the table."""
    (low_height, low_rate), (high_height, high_rate) = low, high
    with localcontext(prec=_DIGITS):
        return low_rate + (high_rate - low_rate) * (height - low_height) / (high_height - low_height)


def extrapolated(height: Decimal, edge: tuple[Decimal, Decimal]) -> Decimal:
    """J14, appendix B2 and B3: the rate for a height above the highest or below the lowest of the table."""
    edge_height, rate = edge
    with localcontext(prec=_DIGITS):
        return rate * (height / edge_height) ** 2


def rate_at(height: Decimal, rates: Rates) -> Decimal:
    """The rate of the table for any height (J14).

    Raises:
        BadInput: the height is not above 0.
    """
    if height <= 0:
        raise BadInput(N_("A stack is higher than 0 m."))
    if height < rates[0][0]:
        return extrapolated(height, rates[0])
    if height > rates[-1][0]:
        return extrapolated(height, rates[-1])
    of_table = dict(rates)
    if height in of_table:
        return of_table[height]
    low, high = next(pair for pair in pairwise(rates) if height < pair[1][0])
    return interpolated(height, low, high)


def halved(rate: Decimal) -> Decimal:
    """J13, §7.1 and §7.4: "strict by 50 %"."""
    return rate / 2


def are_one(distance: Decimal, first_height: Decimal, second_height: Decimal) -> bool:
    """J15, §7.2: whether two stacks of a pollutant count as one: nearer than their heights together."""
    return distance < first_height + second_height


def equivalent_height(first_height: Decimal, second_height: Decimal) -> Decimal:
    """J15, appendix A2.2: the height of the equivalent stack."""
    with localcontext(prec=_DIGITS):
        return ((first_height**2 + second_height**2) / 2).sqrt()


def equivalent_place(distance: Decimal, first_rate: Decimal, second_rate: Decimal) -> Decimal:
    """J15, appendix A2.3: how far from the first stack the equivalent one stands, on the line between them.

    Raises:
        BadInput: neither of them emits.
    """
    if first_rate + second_rate <= 0:
        raise BadInput(N_("Two stacks that emit nothing have no equivalent stack."))
    with localcontext(prec=_DIGITS):
        return distance * second_rate / (first_rate + second_rate)


def at_reference_oxygen(measured: Decimal, oxygen: Decimal, reference: Decimal) -> Decimal:
    """J22, GB 13271-2014 §5.2: the concentration at the reference oxygen content.

    Raises:
        BadInput: the oxygen measured is that of air or more, or below 0: nothing was burnt, or it is a slip.
    """
    if not 0 <= oxygen < AIR_OXYGEN:
        raise BadInput(N_("The oxygen measured, {oxygen} %, must lie between 0 and 21."), oxygen=oxygen)
    with localcontext(prec=_DIGITS):
        return measured * (AIR_OXYGEN - reference) / (AIR_OXYGEN - oxygen)


def mixed(parts: Sequence[tuple[Decimal, Decimal]]) -> Decimal:
    """J11, GB 8978-1996 appendix A: the limit of mixed waste water, from each part's limit and flow.

    Raises:
        BadInput: nothing flows.
    """
    with localcontext(prec=_DIGITS):
        flow = sum((each[1] for each in parts), Decimal(0))
        if flow <= 0:
            raise BadInput(N_("Mixed waste water needs the flow of its parts."))
        return sum((limit * each for limit, each in parts), Decimal(0)) / flow
