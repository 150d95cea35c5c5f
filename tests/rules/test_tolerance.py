from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.tolerance import NONE, Tolerance, least, most, over_received, overpriced, under_received


def percent(value):
    return Tolerance("percent", Decimal(value))


def quantity(value):
    return Tolerance("quantity", Decimal(value))


@pytest.mark.parametrize(
    "ordered, over, places, limit",
    [
        ("12", percent("10"), None, "13.2"),
        ("120", percent("2"), None, "122.4"),
        ("120", percent("2"), 0, "122"),
        ("12", NONE, None, "12"),
        ("12", quantity("1.5"), None, "13.5"),
        ("12", quantity("1.5"), 0, "13"),
        ("0.5", percent("10"), 2, "0.55"),
        ("0.55", percent("10"), 2, "0.60"),
    ],
)
def test_most(ordered, over, places, limit):
    assert most(Decimal(ordered), over, places) == Decimal(limit)


@pytest.mark.parametrize(
    "ordered, under, places, limit",
    [
        ("12", percent("10"), None, "10.8"),
        ("12", percent("10"), 0, "11"),
        ("12", NONE, None, "12"),
        ("12", quantity("2"), None, "10"),
        ("12", quantity("20"), None, "0"),
        ("12", percent("150"), None, "0"),
        ("0.55", percent("10"), 2, "0.50"),
        ("0.5", percent("1"), 2, "0.50"),
    ],
)
def test_least(ordered, under, places, limit):
    assert least(Decimal(ordered), under, places) == Decimal(limit)


@pytest.mark.parametrize(
    "received, ordered, over, problem",
    [
        ("13", "12", percent("10"), None),
        ("13.2", "12", percent("10.00"), None),
        ("14", "12", percent("10"), "14 received in all; 12 ordered, 10 % over allows 13.2; over by 0.8"),
        ("14.0000", "12.0000", percent("10.00"), "14 received in all; 12 ordered, 10 % over allows 13.2; over by 0.8"),
        ("13.2001", "12", percent("10"), "13.2001 received in all; 12 ordered, 10 % over allows 13.2; over by 0.0001"),
        ("122", "120", percent("2"), None),
        ("123", "120", percent("2"), "123 received in all; 120 ordered, 2 % over allows 122.4; over by 0.6"),
        ("12", "12", NONE, None),
        ("13", "12", NONE, "13 received in all; 12 ordered, 0 % over allows 12; over by 1"),
        ("14", "12", quantity("2"), None),
        ("15", "12", quantity("2"), "15 received in all; 12 ordered, 2 over allows 14; over by 1"),
        # Ten deliveries of 9 % too much each: the tolerance is on what came in all.
        ("109", "100", percent("9"), None),
        ("190", "100", percent("9"), "190 received in all; 100 ordered, 9 % over allows 109; over by 81"),
    ],
)
def test_over_received(received, ordered, over, problem):
    assert list(over_received(Decimal(received), Decimal(ordered), over)) == ([problem] if problem else [])


@pytest.mark.parametrize(
    "received, ordered, under, problem",
    [
        ("12", "12", NONE, None),
        ("10.8", "12", percent("10"), None),
        ("10", "12", NONE, "10 received in all; 12 ordered, 0 % under asks for 12; short by 2"),
        ("10", "12", percent("10"), "10 received in all; 12 ordered, 10 % under asks for 10.8; short by 0.8"),
        ("0", "12", quantity("12"), None),
    ],
)
def test_under_received(received, ordered, under, problem):
    assert list(under_received(Decimal(received), Decimal(ordered), under)) == ([problem] if problem else [])


@pytest.mark.parametrize(
    "price, ordered, count, over, problem",
    [
        ("44.99", "44.99", "13", NONE, None),
        ("60.00", "61.15", "7", NONE, None),
        ("62.15", "61.15", "7", NONE, "price 62.15, order 61.15, tolerance 0 %, over by 1.00 each, 7.00 in all"),
        (
            "62.15",
            "61.15",
            "7",
            percent("1"),
            "price 62.15, order 61.15, tolerance 1 %, over by 1.00 each, 7.00 in all",
        ),
        ("62.15", "61.15", "7", percent("2"), None),
        ("62.15", "61.15", "7", quantity("1"), None),
        (
            "62.15",
            "61.15",
            "7",
            quantity("0.5"),
            "price 62.15, order 61.15, tolerance 0.50, over by 1.00 each, 7.00 in all",
        ),
        ("0.0125", "0.01", "3000", NONE, "price 0.0125, order 0.01, tolerance 0 %, over by 0.0025 each, 7.50 in all"),
        (
            "2500",
            "1000",
            "2",
            NONE,
            "price 2,500.00, order 1,000.00, tolerance 0 %, over by 1,500.00 each, 3,000.00 in all",
        ),
    ],
)
def test_overpriced(price, ordered, count, over, problem):
    assert list(overpriced(Decimal(price), Decimal(ordered), Decimal(count), over)) == ([problem] if problem else [])


@pytest.mark.parametrize(
    "kind, value, message",
    [
        ("percent", "-1", "zero or more, not -1"),
        ("quantity", "NaN", "zero or more"),
        ("percent", "Infinity", "zero or more"),
        ("share", "1", "a percent or a quantity, not “share”"),
    ],
)
def test_impossible_tolerances(kind, value, message):
    with pytest.raises(ValueError, match=message):
        Tolerance(kind, Decimal(value))


amounts = st.decimals(0, 10**6, places=4)
tolerances = st.builds(Tolerance, st.sampled_from(["percent", "quantity"]), st.decimals(0, 300, places=2))


@given(amounts, amounts, tolerances)
def test_the_limit_itself_is_accepted_and_the_text_adds_up(received, ordered, over):
    limit = most(ordered, over)
    assert not list(over_received(limit, ordered, over))
    assert not list(under_received(least(ordered, over), ordered, over))
    for problem in over_received(received, ordered, over):
        assert received > limit
        assert Decimal(problem.rpartition("over by ")[2]) == received - limit


@given(amounts, tolerances, st.integers(0, 4))
def test_limits_in_the_unit_never_loosen_the_tolerance(ordered, tolerance, places):
    assert most(ordered, tolerance, places) <= most(ordered, tolerance)
    assert 0 <= least(ordered, tolerance) <= least(ordered, tolerance, places)


@pytest.mark.parametrize(
    ("price", "quantity", "spare", "matches"),
    [
        ("10.01", "5", "0", False),
        ("10.01", "5", "0.05", True),
        ("10.01", "6", "0.05", False),
        ("12.00", "1", "2.00", True),
        ("12.01", "1", "2.00", False),
        ("9.00", "100", "0", True),
    ],
)
def test_a_little_money_may_be_spared_on_the_whole_line(price, quantity, spare, matches):
    """Ten dollars each were agreed; what counts is the line and not the unit."""
    said = list(overpriced(Decimal(price), Decimal(10), Decimal(quantity), spare=Decimal(spare)))
    assert (not said) == matches
    assert matches or not Decimal(spare) or "in all" in said[0]
