from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.money import cents, line_amount, percentages, share, written


def decimals(*texts):
    return [Decimal(text) for text in texts]


@pytest.mark.parametrize(
    "amount, expected",
    [
        ("0.004", "0.00"),
        ("0.005", "0.01"),
        ("0.015", "0.02"),
        ("0.025", "0.03"),  # never to the even cent
        ("-0.005", "-0.01"),
        ("-0.004", "0.00"),
        ("12", "12.00"),
        ("17.0968", "17.10"),
        ("9999999999.994", "9999999999.99"),
    ],
)
def test_cents(amount, expected):
    assert str(cents(Decimal(amount))) == expected


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_cents_refuses_what_is_no_amount(amount):
    with pytest.raises(ValueError, match="not an amount of money"):
        cents(Decimal(amount))


@pytest.mark.parametrize(
    "quantity, price, expected",
    [
        ("12", "44.99", "539.88"),
        ("3", "89.99", "269.97"),
        ("2", "310.00", "620.00"),
        ("7", "61.15", "428.05"),
        ("1", "850.00", "850.00"),
        ("4", "120.50", "482.00"),
        ("1", "299.01", "299.01"),
        ("13", "44.99", "584.87"),
        ("7", "62.15", "435.05"),
        ("1.5", "0.01", "0.02"),
        ("0.3333", "0.0150", "0.00"),
        ("-13", "44.99", "-584.87"),
        # 30 digits that end in .0049999999: rounded to 28 of them first, they would come out a cent too high.
        ("9999995000.0001", "9999999999.999999", "99999950000000990000.00"),
    ],
)
def test_line_amount(quantity, price, expected):
    assert str(line_amount(Decimal(quantity), Decimal(price))) == expected


@pytest.mark.parametrize(
    "total, weights, parts",
    [
        ("100.01", ("33.33", "33.33", "33.34"), ("33.33", "33.33", "33.35")),
        ("539.88", ("60", "40"), ("323.93", "215.95")),
        ("269.97", ("60", "40"), ("161.98", "107.99")),
        ("620.00", ("60", "40"), ("372.00", "248.00")),
        ("428.05", ("60", "40"), ("256.83", "171.22")),
        ("850.00", ("500", "350"), ("500.00", "350.00")),
        ("482.00", ("60", "40"), ("289.20", "192.80")),
        ("299.01", ("60", "40"), ("179.41", "119.60")),
        ("17.10", ("512.90", "341.94"), ("10.26", "6.84")),
        ("-17.10", ("512.90", "341.94"), ("-10.26", "-6.84")),
        ("0.01", ("1", "1"), ("0.01", "0.00")),  # a tie goes to the earlier line
        ("-0.01", ("1", "1"), ("-0.01", "0.00")),
        ("0.02", ("1", "1", "1"), ("0.01", "0.01", "0.00")),
        ("100", ("1", "1", "1"), ("33.34", "33.33", "33.33")),
        ("0.01", ("0", "1"), ("0.00", "0.01")),  # who pays nothing is not given the odd cent
        ("0", ("60", "40"), ("0.00", "0.00")),
        ("12.34", ("7",), ("12.34",)),
    ],
)
def test_share(total, weights, parts):
    assert [str(part) for part in share(Decimal(total), decimals(*weights))] == list(parts)


@pytest.mark.parametrize(
    "total, weights, message",
    [
        ("1.00", (), "every share is zero"),
        ("1.00", ("0", "0.00"), "every share is zero"),
        ("1.00", ("2", "-1"), "negative share"),
        ("1.00", ("1", "NaN"), "negative share"),
        ("1.00", ("1", "Infinity"), "negative share"),
        ("1.005", ("1", "1"), "1.005 is not in whole cents"),
        ("NaN", ("1",), "not an amount"),
    ],
)
def test_share_refuses(total, weights, message):
    with pytest.raises(ValueError, match=message):
        share(Decimal(total), decimals(*weights))


totals = st.integers(-(10**12), 10**12).map(lambda pennies: Decimal(pennies).scaleb(-2))
weight = st.decimals(0, 10**9, places=4)
some_weights = st.lists(weight, min_size=1, max_size=12).filter(any)


@given(totals, some_weights)
def test_shares_sum_exactly_and_each_is_within_a_cent_of_its_exact_value(total, weights):
    parts = share(total, weights)
    assert sum(parts) == total
    for part, each in zip(parts, weights, strict=True):
        exact = Fraction(total) * Fraction(each) / sum(map(Fraction, weights))
        assert abs(Fraction(part) - exact) < Fraction(1, 100)
        assert part == cents(part)
        assert each or not part


@given(totals, some_weights)
def test_a_credit_mirrors_its_charge(total, weights):
    assert share(-total, weights) == [-part for part in share(total, weights)]


@given(totals, some_weights, st.randoms(use_true_random=False))
def test_the_order_of_lines_matters_only_among_equal_remainders(total, weights, random):
    """Larger remainders are served first wherever they stand, so the parts of each remainder are the same as a set."""
    order = list(range(len(weights)))
    random.shuffle(order)
    pennies, whole = abs(Fraction(total)) * 100, sum(map(Fraction, weights))

    def by_remainder(parts, lines):
        rounded_up = {}
        for part, line in zip(parts, lines, strict=True):
            exact = pennies * Fraction(weights[line]) / whole
            rounded_up.setdefault(exact % 1, []).append(abs(Fraction(part)) * 100 - exact // 1)
        return {remainder: sorted(ups) for remainder, ups in rounded_up.items()}

    straight = by_remainder(share(total, weights), range(len(weights)))
    shuffled = by_remainder(share(total, [weights[line] for line in order]), order)
    assert straight == shuffled


@given(totals.filter(lambda total: total > 0), some_weights, st.integers(1, 1000))
def test_only_the_proportion_of_weights_matters(total, weights, factor):
    assert share(total, weights) == share(total, [each * factor for each in weights])


@pytest.mark.parametrize(
    "amounts, expected",
    [
        (("500", "350"), ("58.82", "41.18")),
        (("1", "1", "1"), ("33.34", "33.33", "33.33")),
        (("5", "0"), ("100.00", "0.00")),
    ],
)
def test_percentages(amounts, expected):
    assert [str(part) for part in percentages(decimals(*amounts))] == list(expected)


@pytest.mark.parametrize(
    "amount, text",
    [
        ("3000", "3,000.00"),
        ("916.65", "916.65"),
        ("1", "1.00"),
        ("0.0125", "0.0125"),
        ("61.1500", "61.15"),
        ("-3.35", "-3.35"),
        ("0", "0.00"),
        ("-0.00", "0.00"),
        ("1E+4", "10,000.00"),
    ],
)
def test_written(amount, text):
    assert written(Decimal(amount)) == text
