"""Money: rounding to the cent, and sharing an amount so that not a cent is lost."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from math import floor

CENT = Decimal("0.01")

# Wide enough that a product of two of the largest stored numbers is exact before it is rounded, once.
_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)


def cents(amount: Decimal) -> Decimal:
    """The amount in whole cents; half a cent goes away from zero, for credits as for charges.

    Refuses NaN and infinity with ValueError. Source: story 1."""
    if not amount.is_finite():
        raise ValueError(f"{amount} is not an amount of money")
    return amount.quantize(CENT, context=_WIDE) + 0  # + 0 turns a negative zero into zero


def line_amount(quantity: Decimal, unit_price: Decimal) -> Decimal:
    """What a line costs: quantity times unit price, rounded to the cent once, at the end. Source: story 1."""
    return cents(_WIDE.multiply(quantity, unit_price))


def share(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Split a total in proportion to the weights, in cents that sum to it exactly (largest remainder).

    The weights may be percentages, quantities or amounts. Every part is within a cent of its exact value; cents left
    over go to the largest remainders, among equal ones to the earlier line. A credit is split like the charge that it
    reverses. Raises ValueError for a total that is not in whole cents, and for weights that are missing, negative or
    all zero. Source: rules.md, funding split; story 1 and 5."""
    if any(not weight.is_finite() or weight < 0 for weight in weights):
        raise ValueError("An amount cannot be split by a negative share")
    if not any(weights):
        raise ValueError("An amount cannot be split: every share is zero")
    if total != cents(total):
        raise ValueError(f"{total} is not in whole cents")
    pennies, sign = int(abs(total).scaleb(2)), -1 if total < 0 else 1
    whole = sum(map(Fraction, weights))
    exact = [pennies * Fraction(weight) / whole for weight in weights]
    parts = [floor(part) for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda line: parts[line] - exact[line])  # stable: ties by position
    for line in by_remainder[: pennies - sum(parts)]:
        parts[line] += 1
    return [Decimal(sign * part).scaleb(-2) for part in parts]


def percentages(amounts: Sequence[Decimal]) -> list[Decimal]:
    """The amounts as percentages with two decimals that sum to exactly 100. Errors as in `share`."""
    return share(Decimal(100), amounts)


def written(amount: Decimal) -> str:
    """Money as it reads in a message: "3,000.00"; a unit price keeps decimals beyond the cent ("0.0125")."""
    exponent = amount.normalize().as_tuple().exponent
    places = max(2, -exponent) if isinstance(exponent, int) else 2
    return f"{amount + 0:,.{places}f}"
