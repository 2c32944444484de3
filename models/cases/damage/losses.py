"""The damage in money: five heads (民法典1235), integer cents, what each was computed from."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from models.cases.damage.opening import refuse_ended
from models.cases.damage.tables import Loss
from models.errors import RuleBroken
from models.language import N_
from models.registry import keeping
from models.registry.typed import MOST_CENTS

if TYPE_CHECKING:
    from models.store.seat import Seat

HEADS: dict[str, str] = {
    "interim": N_("Loss of services until the restoration"),
    "permanent": N_("Permanent damage to functions"),
    "investigation": N_("Cost of investigation and assessment"),
    "restoration": N_("Cost of clearing up and restoration"),
    "prevention": N_("Reasonable cost of prevention"),
}
"""赔偿项目: 民法典1235, items 1 to 5 in their order."""
WAYS: dict[str, str] = {
    "pay": N_("Payment"),
    "self": N_("Restoration by the party"),
    "substitute": N_("Substitute restoration"),
}
"""How an item is settled."""
CHOICES = {"head": tuple(HEADS), "way": tuple(WAYS)}


def amount(quantity: str | None, price_cents: int | None, cents: int | None) -> int:
    """The cents of an item: quantity times price, rounded half up to the cent, or the amount given.

    Raises:
        RuleBroken: nothing to compute it from, both differ, or it is not above zero.
    """
    computed = None
    if quantity and price_cents is not None:
        try:
            exact = Decimal(quantity) * price_cents
            if not 0 <= exact <= MOST_CENTS:
                raise InvalidOperation
            computed = int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
        except InvalidOperation:
            raise RuleBroken(
                N_("Quantity times price is no amount that can be right. Correct them."), field="quantity"
            ) from None
    if computed is not None and cents is not None and computed != cents:
        raise RuleBroken(
            N_("Quantity times price gives another amount. Leave the amount empty, or correct them."),
            field="cents",
        )
    found = computed if computed is not None else cents
    if not found or found < 0 or found > MOST_CENTS:
        raise RuleBroken(N_("Give an amount above zero, or a quantity with its price."), field="cents")
    return found


def total(items: Iterable[Loss], way: str = "") -> int:
    """The sum of items in cents, of one way of settlement where it is named."""
    return sum(row.cents or 0 for row in items if not way or row.way == way)


def add_loss(
    seat: Seat,
    case_id: str,
    *,
    head: str,
    item: str,
    way: str,
    basis: str,
    quantity: str | None = None,
    quantity_unit: str | None = None,
    price_cents: int | None = None,
    cents: int | None = None,
) -> str:
    """Add an item of the damage to a case. Returns its record id.

    Raises:
        RuleBroken: a value is missing or not possible, or the person may not.
    """
    keeping.allow(seat, "loss")
    with seat.writing():
        case = keeping.standing(seat, "damage_case", case_id)
        refuse_ended(seat, case_id)
        values: dict[str, Any] = {
            "case": case_id,
            "head": head,
            "item": keeping.need_text(item, "item"),
            "way": way,
            "basis": keeping.need_text(basis, "basis"),
            "quantity": quantity,
            "quantity_unit": quantity_unit,
            "price_cents": price_cents,
            "cents": amount(quantity, price_cents, cents),
        }
        return keeping.make(seat, "loss", case.unit, keeping.tidy("loss", values, CHOICES))


def edit_loss(seat: Seat, loss_id: str, **fields: Any) -> None:
    """Correct an item; its amount is computed anew. Errors as `add_loss`."""
    keeping.allow(seat, "loss")
    with seat.writing():
        row = keeping.standing(seat, "loss", loss_id)
        refuse_ended(seat, row.case)
        held = {name: getattr(row, name) for name in ("quantity", "price_cents")}
        merged = held | {name: value for name, value in fields.items() if name in held}
        given = fields.get("cents") if merged["quantity"] is None or merged["price_cents"] is None else None
        if given is None and not (merged["quantity"] and merged["price_cents"] is not None):
            given = row.cents
        values = {**fields, "cents": amount(merged["quantity"], merged["price_cents"], given)}
        keeping.change(seat, row, "loss", keeping.tidy("loss", values, CHOICES))
