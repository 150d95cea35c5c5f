"""When a split of one line's funding fits another line, and what it becomes where it does not."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.entities.lines import LineItem
from app.rules.global_change import DoesNotFit, fitted, in_percent

D = Decimal


def line(quantity="10", amount="100.00"):
    return LineItem(description="Chair", quantity=D(quantity), amount=D(amount))


@pytest.mark.parametrize(
    "basis, shares, other, whole, fits",
    [
        ("percent", "60 40", line("3", "7.00"), "100", ("percent", "60 40")),
        ("percent", "60 30", line(), "100", ("percent", "60 30")),
        ("percent", "100", line("0", "0.00"), None, ("percent", "100")),
        ("quantity", "6 4", line("10"), "10", ("quantity", "6 4")),
        ("quantity", "6 4", line("10"), None, ("quantity", "6 4")),
        ("quantity", "6 4", line("5"), "10", ("percent", "60 40")),
        ("quantity", "1 2", line("5"), "3", ("percent", "33.3333 66.6667")),
        ("quantity", "1 1 1", line("5"), "3", ("percent", "33.3334 33.3333 33.3333")),
        ("amount", "60.00 40.00", line(amount="100.00"), "100.00", ("amount", "60.00 40.00")),
        ("amount", "60.00 40.00", line(amount="250.00"), "100.00", ("percent", "60 40")),
        ("amount", "60.00 40.00", line(amount="0.00"), "100.00", ("percent", "60 40")),
    ],
)
def test_a_split_that_fits(basis, shares, other, whole, fits):
    made, parts = fitted(basis, [D(one) for one in shares.split()], other, D(whole) if whole else None)
    assert (made, parts) == (fits[0], [D(one) for one in fits[1].split()])


@pytest.mark.parametrize(
    "basis, shares, other, whole, said",
    [
        ("quantity", "6 4", line("5"), None, "The shares add up to 10; the line's quantity is 5. Divide by percent"),
        ("quantity", "6 2", line("5"), "10", "The shares add up to 8; the line's quantity is 5."),
        ("amount", "60 40", line(amount="1250.50"), None, "add up to 100.00; the line's amount is 1,250.50."),
        ("amount", "0", line(amount="5.00"), "0", "add up to 0.00; the line's amount is 5.00."),
        ("quantity", "0.0001 999999", line("5"), "999999.0001", "too small to be a percentage"),
    ],
)
def test_a_split_that_cannot_be_carried_over_is_refused_with_its_numbers(basis, shares, other, whole, said):
    with pytest.raises(DoesNotFit) as refused:
        fitted(basis, [D(one) for one in shares.split()], other, D(whole) if whole else None)
    assert said in str(refused.value)


@given(st.lists(st.decimals("0.0001", "99999999", places=4), min_size=1, max_size=20))
def test_percentages_add_up_to_a_hundred_with_four_decimals(shares):
    made = in_percent(shares)
    assert sum(made) == 100
    assert all(one == one.quantize(D("0.0001")) >= 0 for one in made)
    whole = sum(shares)
    assert all(abs(one - 100 * part / whole) < D("0.00011") for one, part in zip(made, shares, strict=True))
