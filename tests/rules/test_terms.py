from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.calendar import BusinessCalendar
from app.rules.terms import PromptPayment, Terms, annualised, penalty, schedule

KENTUCKY_HOLIDAYS = holidays.US(subdiv="KY")
KENTUCKY = BusinessCalendar(lambda day: day in KENTUCKY_HOLIDAYS)

day = date.fromisoformat


def terms(text):
    """ "2/10 net 30" as Terms."""
    discount, _, net = text.rpartition("net ")
    percent, _, days = discount.strip().partition("/")
    return Terms(Decimal(percent or 0), int(days or 0), int(net))


TWO_TEN = terms("2/10 net 30")
A_1001 = {
    "amount": Decimal("854.84"),
    "terms": TWO_TEN,
    "invoiced": day("2026-12-04"),
    "received": day("2026-12-07"),
    "accepted": day("2026-12-03"),
    "today": day("2026-12-07"),
    "calendar": KENTUCKY,
    "worth": Decimal("1.00"),
}


@pytest.mark.parametrize("text", ["2/10 net 30", "1.5/10 net 45", "0.5/20 net 60", "net 30", "net 0", "10/0 net 30"])
def test_terms_read_as_the_trade_writes_them(text):
    assert str(terms(text)) == text


def test_terms_print_no_trailing_zeros():
    assert str(Terms(Decimal("2.00"), 10, 30)) == "2/10 net 30"
    assert str(Terms(Decimal("0.00"), 10, 30)) == "net 30"


def test_without_terms_everything_is_due_in_thirty_days():
    assert Terms() == Terms(Decimal(0), 0, 30)


@pytest.mark.parametrize(
    "wrong, message",
    [
        ((Decimal(-1), 10, 30), "percentage from 0 to less than 100"),
        ((Decimal(100), 10, 30), "percentage from 0"),
        ((Decimal("NaN"), 10, 30), "percentage from 0"),
        ((Decimal(2), -1, 30), "zero or more"),
        ((Decimal(0), 0, -30), "zero or more"),
        ((Decimal(2), 31, 30), "lasts 31 days, longer than the 30 to pay in"),
    ],
)
def test_impossible_terms(wrong, message):
    with pytest.raises(ValueError, match=message):
        Terms(*wrong)


@pytest.mark.parametrize(
    "offered, days_gone, amount, rate",
    [
        ("2/10 net 30", 0, None, "36.73"),
        ("2/10 net 30", 6, None, "28.26"),
        ("1/10 net 30", 0, None, "18.18"),
        ("2/10 net 30", 3, "854.84", "31.95"),  # 17.10 on 837.74
        ("2/10 net 30", 3, None, "31.94"),  # 0.02 on 0.98
        ("2/10 net 30", 0, "1000.00", "36.73"),
        ("2/10 net 30", 10, None, "24.49"),
        ("2/10 net 30", 0, "0.24", "0.00"),  # 0.0048 is no cent
        ("2/10 net 30", 0, "0.25", "75.00"),  # 0.01 on 0.24
        ("2/10 net 30", 0, "-100.00", "0.00"),
        ("net 30", 0, None, "0.00"),
        ("2/30 net 30", 0, None, "734.69"),  # costs no days: counts as one
        ("2/30 net 30", 1, None, "734.69"),
        ("2/30 net 30", 2, None, "367.35"),
    ],
)
def test_annualised(offered, days_gone, amount, rate):
    assert str(annualised(terms(offered), days_gone, amount and Decimal(amount))) == rate


def test_invoice_a_1001():
    plan = schedule(**A_1001)
    assert (plan.due, plan.discount_until, plan.pay_on) == (day("2027-01-06"), day("2026-12-14"), day("2026-12-14"))
    assert (str(plan.discount), str(plan.rate), plan.take, str(plan.to_pay)) == ("17.10", "31.95", True, "837.74")
    assert plan.why == (
        "2/10 net 30: paying by 2026-12-14 saves 17.10, worth 31.95 % a year, above the 1 % that the "
        "money earns; pay 837.74 on 2026-12-14"
    )


@pytest.mark.parametrize(
    "changed, pay_on, to_pay, why",
    [
        ({"worth": Decimal("31.94")}, "2026-12-14", "837.74", "above the 31.94 %"),
        (
            {"worth": Decimal("31.95")},
            "2027-01-06",
            "854.84",
            "2/10 net 30: saving 17.10 by 2026-12-14 is worth 31.95 % a year, not above the 31.95 % that the money earns; "
            "due on 2027-01-06; pay 854.84 on 2027-01-06",
        ),
        ({"today": day("2026-12-14")}, "2026-12-14", "837.74", "worth 24.49 % a year"),
        (
            {"today": day("2026-12-15")},
            "2027-01-06",
            "854.84",
            "2/10 net 30: the discount of 17.10 ended on 2026-12-14; due on 2027-01-06; pay 854.84 on 2027-01-06",
        ),
        ({"today": day("2026-12-15"), "worth": Decimal(-1)}, "2027-01-06", "854.84", "ended on 2026-12-14"),
        ({"today": day("2026-12-13")}, "2026-12-14", "837.74", "pay 837.74 on 2026-12-14"),  # a Sunday
        ({"today": day("2027-01-06")}, "2027-01-06", "854.84", "due on 2027-01-06; pay"),
        (
            {"today": day("2027-01-09")},
            "2027-01-11",
            "854.84",
            "due on 2027-01-06, too late to arrive in time; pay 854.84 on 2027-01-11",
        ),  # a Saturday
        ({"lag": 2}, "2026-12-10", "837.74", "pay 837.74 on 2026-12-10"),  # over a weekend
        ({"lag": 2, "today": day("2026-12-10")}, "2026-12-10", "837.74", "saves 17.10"),
        (
            {"lag": 2, "today": day("2026-12-11")},
            "2027-01-04",
            "854.84",
            "a payment takes 2 business days and would arrive after 2026-12-14, when the discount of 17.10 ends; due on",
        ),
        ({"lag": 1, "today": day("2026-12-14")}, "2027-01-05", "854.84", "a payment takes 1 business day and"),
        (
            {"lag": 2, "today": day("2027-01-05")},
            "2027-01-05",
            "854.84",
            "due on 2027-01-06, too late to arrive in time",
        ),
        (
            {"terms": terms("net 30")},
            "2027-01-06",
            "854.84",
            "net 30: no discount; due on 2027-01-06; pay 854.84 on 2027-01-06",
        ),
        ({"amount": Decimal("0.24")}, "2027-01-06", "0.24", "2/10 net 30: no discount on 0.24; due"),
        ({"amount": Decimal("-854.84")}, "2027-01-06", "-854.84", "no discount on -854.84"),
    ],
)
def test_what_moves_the_payment(changed, pay_on, to_pay, why):
    plan = schedule(**A_1001 | changed)
    assert (plan.pay_on, str(plan.to_pay)) == (day(pay_on), to_pay)
    assert why in plan.why
    assert plan.take == (to_pay == "837.74")


@pytest.mark.parametrize(
    "invoiced, received, accepted, due",
    [
        ("2026-12-04", "2026-12-07", "2026-12-03", "2027-01-06"),
        ("2026-12-07", "2026-12-04", "2026-12-03", "2027-01-06"),
        ("2026-12-04", "2026-12-05", "2026-12-07", "2027-01-06"),
        ("2026-12-07", "2026-12-07", None, "2027-01-06"),
        ("2026-12-01", "2026-12-01", "2026-12-01", "2027-01-04"),  # 2026-12-31, New Year's Eve: the Monday after
        ("2026-12-10", "2026-12-10", "2026-12-10", "2027-01-11"),  # a Saturday
    ],
)
def test_due_after_the_latest_of_three_dates_on_a_business_day(invoiced, received, accepted, due):
    dates = {"invoiced": day(invoiced), "received": day(received), "accepted": accepted and day(accepted)}
    assert schedule(**A_1001 | dates).due == day(due)


@pytest.mark.parametrize(
    "invoiced, until",
    [
        ("2026-12-04", "2026-12-14"),
        ("2026-12-02", "2026-12-11"),  # from a Saturday back to Friday
        ("2026-12-15", "2026-12-24"),  # from Christmas Day
        ("2026-12-21", "2026-12-30"),  # from New Year's Eve
    ],
)
def test_the_discount_counts_from_the_invoice_and_ends_on_a_business_day(invoiced, until):
    later = {"invoiced": day(invoiced), "received": day("2026-12-21"), "today": day("2026-12-01")}
    assert schedule(**A_1001 | later).discount_until == day(until)


def test_a_discount_that_ends_early_for_a_weekend_leaves_fewer_days():
    """Dated 2026-12-02 the tenth day is a Saturday: on 2026-12-07 four days are left, not five."""
    plan = schedule(**A_1001 | {"invoiced": day("2026-12-02")})
    assert plan.rate == annualised(TWO_TEN, 6, Decimal("854.84"))
    assert plan.pay_on == day("2026-12-11")


def test_a_mistyped_year_is_refused_in_words():
    with pytest.raises(ValueError, match="9999-12-31 is not a usable date: check the year"):
        schedule(**A_1001 | {"received": date.max})


some_days = st.dates(date(2026, 1, 1), date(2027, 6, 30))


@given(
    st.decimals("0.01", 10**7, places=2),
    some_days,
    some_days,
    some_days,
    some_days,
    st.integers(0, 5),
    st.sampled_from(["2/10 net 30", "1/20 net 45", "0.5/15 net 15", "net 30", "net 0"]),
    st.decimals(0, 40, places=2),
)
def test_every_schedule(amount, invoiced, received, accepted, today, lag, offered, worth):
    plan = schedule(
        amount,
        terms(offered),
        invoiced=invoiced,
        received=received,
        accepted=accepted,
        today=today,
        calendar=KENTUCKY,
        worth=worth,
        lag=lag,
    )
    assert plan.pay_on >= today and KENTUCKY.is_business_day(plan.pay_on) and KENTUCKY.is_business_day(plan.due)
    assert plan.due >= max(invoiced, received, accepted) + timedelta(days=terms(offered).net_days)
    arrives = KENTUCKY.add_business_days(plan.pay_on, lag)
    if plan.take:
        assert plan.rate > worth and plan.discount > 0 and plan.to_pay == amount - plan.discount
        assert arrives == plan.discount_until <= invoiced + timedelta(days=terms(offered).discount_days)
    else:
        assert plan.to_pay == amount
        assert arrives == plan.due or (arrives > plan.due and plan.pay_on == KENTUCKY.next_business_day(today))
    assert str(plan.pay_on) in plan.why


def test_prompt_payment():
    """Between 2026-11-02 and 2026-12-16 Kentucky keeps Veterans Day and Thanksgiving Day."""
    late = penalty(Decimal("10123.45"), received=day("2026-11-02"), paid=day("2027-01-25"), calendar=KENTUCKY)
    assert (late.due, late.months, str(late.amount)) == (day("2026-12-16"), 2, "202.47")
    assert late.why == (
        "Due on 2026-12-16, 30 working days after 2026-11-02; 2027-01-25 is in month 2 after "
        "that: 2 × 1 % of 10,123.45 is 202.47"
    )


@pytest.mark.parametrize(
    "paid, months, amount",
    [
        ("2026-11-02", 0, "0.00"),
        ("2026-12-16", 0, "0.00"),
        ("2026-12-17", 1, "101.23"),
        ("2027-01-16", 1, "101.23"),
        ("2027-01-17", 2, "202.47"),
        ("2027-02-16", 2, "202.47"),
        ("2027-02-17", 3, "303.70"),
        ("2027-12-17", 13, "1316.05"),
    ],
)
def test_each_month_begun_counts(paid, months, amount):
    late = penalty(Decimal("10123.45"), received=day("2026-11-02"), paid=day(paid), calendar=KENTUCKY)
    assert (late.months, str(late.amount)) == (months, amount)
    assert ("no penalty" in late.why) == (not months)


@pytest.mark.parametrize(
    "paid, months",
    [
        ("2027-02-28", 1),
        ("2027-03-01", 2),
        ("2027-03-31", 2),
        ("2027-04-01", 3),
        ("2027-04-30", 3),
        ("2027-05-01", 4),
    ],
)
def test_months_from_the_last_day_of_january(paid, months):
    every_day = BusinessCalendar(weekend=())
    late = penalty(Decimal(100), received=day("2027-01-01"), paid=day(paid), calendar=every_day)
    assert (late.due, late.months) == (day("2027-01-31"), months)


@given(some_days, st.integers(-10, 800))
def test_the_months_begun_are_the_fewest_that_reach_the_payment(received, days_late):
    due = KENTUCKY.add_business_days(received, 30)
    paid = due + timedelta(days=days_late)
    months = penalty(Decimal(100), received=received, paid=paid, calendar=KENTUCKY).months

    def same_day(later):
        years, month = divmod(due.month - 1 + later, 12)
        return date(due.year + years, month + 1, min(due.day, monthrange(due.year + years, month + 1)[1]))

    assert same_day(months) >= paid
    assert not months or same_day(months - 1) < paid


def test_another_law_and_a_credit():
    law = PromptPayment(working_days=5, percent_per_month=Decimal("1.5"))
    dates = {"received": day("2026-12-01"), "paid": day("2026-12-09"), "calendar": KENTUCKY, "law": law}
    assert str(penalty(Decimal("200.00"), **dates).amount) == "3.00"
    assert str(penalty(Decimal("-200.00"), **dates).amount) == "0.00"
