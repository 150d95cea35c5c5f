"""Tolerances: how far receipts and invoices may stray from the order."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Literal

from .money import line_amount, written
from .numbers import plain


@dataclass(frozen=True)
class Tolerance:
    """How much more (or less) than ordered is accepted: a percentage of the order, or a fixed quantity.

    For a price the fixed quantity is an amount of money for each unit. None is allowed unless the order says so."""

    kind: Literal["percent", "quantity"] = "percent"
    value: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        if self.kind not in ("percent", "quantity"):
            raise ValueError(f"A tolerance is a percent or a quantity, not “{self.kind}”")
        if not self.value.is_finite() or self.value < 0:
            raise ValueError(f"A tolerance is zero or more, not {self.value}")

    def of(self, ordered: Decimal) -> Decimal:
        """The allowance on a quantity or price, in its unit."""
        return ordered * self.value / 100 if self.kind == "percent" else self.value

    def __str__(self) -> str:
        return plain(self.value) + " %" * (self.kind == "percent")


NONE = Tolerance()


def most(ordered: Decimal, over: Tolerance, places: int | None = None) -> Decimal:
    """The largest quantity accepted over all receipts together.

    With `places`, rounded down to what the unit can be counted in: 120 each and 2 % over are at most 122, not 122.4.
    Source: RC-03; rules.md, tolerance."""
    limit = ordered + over.of(ordered)
    return limit if places is None else limit.quantize(Decimal(1).scaleb(-places), ROUND_FLOOR)


def least(ordered: Decimal, under: Tolerance, places: int | None = None) -> Decimal:
    """The smallest quantity that counts as complete, never below zero; with `places`, rounded up. Source: RC-03."""
    limit = max(ordered - under.of(ordered), Decimal(0))
    return limit if places is None else limit.quantize(Decimal(1).scaleb(-places), ROUND_CEILING)


def over_received(received: Decimal, ordered: Decimal, over: Tolerance = NONE) -> Iterator[str]:
    """Yields why a line cannot take this much; `received` is the total of all its receipts, the new one included, so
    that a tolerance is used once and not once for each delivery. Source: RC-03, MO-15; story 3."""
    limit = most(ordered, over)
    if received > limit:
        yield (
            f"{plain(received)} received in all; {plain(ordered)} ordered, {over} over allows {plain(limit)}; "
            f"over by {plain(received - limit)}"
        )


def under_received(received: Decimal, ordered: Decimal, under: Tolerance = NONE) -> Iterator[str]:
    """Yields why a line is not complete yet. Source: RC-03."""
    limit = least(ordered, under)
    if received < limit:
        yield (
            f"{plain(received)} received in all; {plain(ordered)} ordered, {under} under asks for {plain(limit)}; "
            f"short by {plain(limit - received)}"
        )


def excess_of(price: Decimal, ordered_price: Decimal, quantity: Decimal) -> Decimal:
    """How much more a quantity costs than at the order's price."""
    return line_amount(quantity, price) - line_amount(quantity, ordered_price)


def overpriced(
    price: Decimal,
    ordered_price: Decimal,
    quantity: Decimal,
    over: Tolerance = NONE,
    spare: Decimal = Decimal(0),
) -> Iterator[str]:
    """Yields why an invoiced price does not match the order's. A lower price always matches, and so does one that comes
    to no more than a `spare` amount of money above the order.

    The text counts the whole excess over the order, because that is what a short payment leaves out.
    Source: TH-01; rules.md, tolerance; story 4."""
    excess = excess_of(price, ordered_price, quantity)
    if price > most(ordered_price, over) and excess > spare:
        allowed = str(over) if over.kind == "percent" else written(over.value)
        allowed += f" or {written(spare)} in all" if spare else ""
        yield (
            f"price {written(price)}, order {written(ordered_price)}, tolerance {allowed}, "
            f"over by {written(price - ordered_price)} each, {written(excess)} in all"
        )
