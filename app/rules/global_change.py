"""Global change: what stands on one line, put onto others; and when a split of its funding fits another line.

Source: DOC-13, F05.25."""

from collections.abc import Sequence
from decimal import Decimal

from app.entities.lines import Basis, LineItem
from app.rules.lines import whole_in
from app.rules.money import share, written
from app.rules.numbers import plain

_UNITS = Decimal(100)  # `share` counts in hundredths; a percentage has two decimals more


class DoesNotFit(ValueError):
    """Why a split cannot stand on a line, in words for the clerk."""


def fitted(basis: str, shares: Sequence[Decimal], line: LineItem, whole: Decimal | None) -> tuple[str, list[Decimal]]:
    """A split as a line can carry it: basis and shares.

    A split in percent fits every line. One by quantity or amount fits a line whose quantity or amount it adds up to; on
    other lines it becomes percentages in the same proportion, provided that it covered `whole`, the quantity or amount
    of the line that it was made for (None when it was made for none): otherwise nobody can say who pays the rest.
    Errors: DoesNotFit."""
    given, theirs = sum(shares, Decimal(0)), whole_in(line, basis)
    if basis == Basis.PERCENT or given == theirs:
        return basis, list(shares)
    show, word = (written, "amount") if basis == Basis.AMOUNT else (plain, "quantity")
    if whole is None or given != whole or not given:
        raise DoesNotFit(
            f"The shares add up to {show(given)}; the line's {word} is {show(theirs)}. Divide by percent, which fits "
            "every line."
        )
    percent = in_percent(shares)
    if any(part and not made for part, made in zip(shares, percent, strict=True)):
        raise DoesNotFit("A share is too small to be a percentage. Fund this line by itself.")
    return Basis.PERCENT, percent


def in_percent(shares: Sequence[Decimal]) -> list[Decimal]:
    """Shares as percentages with four decimals that sum to exactly 100."""
    return [part / _UNITS for part in share(100 * _UNITS, shares)]
