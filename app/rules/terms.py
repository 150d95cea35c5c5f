"""Payment terms: when an invoice is due, whether its discount is worth taking, and what paying late costs."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .calendar import BusinessCalendar, days_after
from .money import cents, written
from .numbers import plain

DAYS_IN_A_YEAR = 360  # the banker's year of the Treasury formula


@dataclass(frozen=True)
class Terms:
    """A vendor's terms of payment, "2/10 net 30": 2 % off when paid within 10 days of the invoice's date, else all of
    it within 30 days. Raises ValueError when the discount would last longer than the time to pay."""

    discount_percent: Decimal = Decimal(0)
    discount_days: int = 0
    net_days: int = 30

    def __post_init__(self) -> None:
        if not self.discount_percent.is_finite() or not 0 <= self.discount_percent < 100:
            raise ValueError("The discount is a percentage from 0 to less than 100")
        if self.discount_days < 0 or self.net_days < 0:
            raise ValueError("The days of payment terms are zero or more")
        if self.discount_percent and self.discount_days > self.net_days:
            raise ValueError(f"The discount lasts {self.discount_days} days, longer than the {self.net_days} to pay in")

    def __str__(self) -> str:
        net = f"net {self.net_days}"
        return f"{plain(self.discount_percent)}/{self.discount_days} {net}" if self.discount_percent else net

    def discount_on(self, amount: Decimal) -> Decimal:
        """The discount in dollars and cents; nothing on a credit."""
        return cents(max(amount, Decimal(0)) * self.discount_percent / 100)


def annualised(terms: Terms, days_gone: int = 0, amount: Decimal | None = None) -> Decimal:
    """What taking the discount earns, in percent a year to two decimals.

    d/(1−d) × 360/(payment days − discount days left). Payment days are the net days of the terms, whole, however many
    are gone; only the days left for the discount shrink, so that the rate falls the longer the money could have stayed
    where it is. With the invoice's amount, d/(1−d) is the discount over the payment as both are in whole cents: 2 % of
    854.84 is 17.10 to save on a payment of 837.74, which 3 days into 2/10 net 30 earns 31.95 %, where the bare 2 %
    earns 31.94 %. A discount of less than half a cent earns nothing. A discount that lasts until the due date costs
    no days and counts as one. Source: rules.md, discount worth taking (Treasury Financial Manual 8040.40); story 4."""
    of = Decimal(100) if amount is None else amount
    saved = terms.discount_percent if amount is None else terms.discount_on(amount)
    if not saved:
        return Decimal("0.00")
    days_early = max(1, terms.net_days - (terms.discount_days - days_gone))
    return cents(100 * saved * DAYS_IN_A_YEAR / ((of - saved) * days_early))


@dataclass(frozen=True)
class Schedule:
    """When an invoice is paid, how much, and why. `pay_on` is the day the payment leaves; dates are business days.
    `discount` is what `take` decides about: it is offered until `discount_until` (None when the terms offer none)."""

    due: date
    discount_until: date | None
    discount: Decimal
    rate: Decimal
    take: bool
    pay_on: date
    to_pay: Decimal
    why: str


def schedule(
    amount: Decimal,
    terms: Terms,
    *,
    invoiced: date,
    received: date,
    accepted: date | None = None,
    today: date,
    calendar: BusinessCalendar,
    worth: Decimal,
    lag: int = 0,
) -> Schedule:
    """Plan the payment of an invoice.

    `invoiced` is the invoice's own date, `received` the day it arrived, `accepted` the day the goods were accepted.
    Due the net days after the latest of the three, or on the next business day; the discount counts from the
    invoice's date and ends on a business day, the previous one if need be. It is taken when its annual rate is above
    `worth` (percent, the current value of funds) and a payment that leaves today still arrives in time. A payment
    leaves `lag` business days (printing, settlement) before the date it is for, never before today.
    Source: rules.md, due date and payment date; PY-01; story 4."""
    due = calendar.next_business_day(days_after(max(invoiced, received, accepted or received), terms.net_days))
    soonest = calendar.next_business_day(today)
    discount = terms.discount_on(amount)
    if not discount:
        reason = f"{terms}: no discount" + (f" on {written(amount)}" if terms.discount_percent else "")
        return _when_due(amount, due, None, discount, Decimal("0.00"), soonest, calendar, lag, reason)
    until = calendar.previous_business_day(days_after(invoiced, terms.discount_days))
    in_time = calendar.add_business_days(soonest, lag) <= until
    # The days left count to the last business day that earns the discount, which may be earlier than the terms say.
    rate = annualised(terms, terms.discount_days - (until - today).days, amount) if in_time else Decimal("0.00")
    if in_time and rate > worth:
        leaving, left = _leaving(until, lag, calendar), amount - discount
        return Schedule(
            due,
            until,
            discount,
            rate,
            True,
            leaving,
            left,
            f"{terms}: paying by {until} saves {written(discount)}, worth {rate} % a year, above the {plain(worth)} % "
            f"that the money earns; pay {written(left)} on {leaving}",
        )
    if in_time:
        reason = (
            f"{terms}: saving {written(discount)} by {until} is worth {rate} % a year, not above the "
            f"{plain(worth)} % that the money earns"
        )
    elif soonest <= until:
        reason = (
            f"{terms}: a payment takes {lag} business day{'s' * (lag > 1)} and would arrive after {until}, "
            f"when the discount of {written(discount)} ends"
        )
    else:
        reason = f"{terms}: the discount of {written(discount)} ended on {until}"
    return _when_due(amount, due, until, discount, rate, soonest, calendar, lag, reason)


def _when_due(
    amount: Decimal,
    due: date,
    until: date | None,
    discount: Decimal,
    rate: Decimal,
    soonest: date,
    calendar: BusinessCalendar,
    lag: int,
    reason: str,
) -> Schedule:
    planned = _leaving(due, lag, calendar)
    leaving = max(planned, soonest)
    late = "" if planned >= soonest else ", too late to arrive in time"
    why = f"{reason}; due on {due}{late}; pay {written(amount)} on {leaving}"
    return Schedule(due, until, discount, rate, False, leaving, amount, why)


def _leaving(day: date, lag: int, calendar: BusinessCalendar) -> date:
    return calendar.add_business_days(day, -lag)


@dataclass(frozen=True)
class PromptPayment:
    """The time the law allows for paying an invoice, and what each month after it costs. Source: KRS 45.453."""

    working_days: int = 30
    percent_per_month: Decimal = Decimal(1)


KRS_45_453 = PromptPayment()


@dataclass(frozen=True)
class Penalty:
    """What paying late adds to an invoice. `due` is the last day without a penalty, `months` those begun since."""

    due: date
    months: int
    amount: Decimal
    why: str


def penalty(
    amount: Decimal, *, received: date, paid: date, calendar: BusinessCalendar, law: PromptPayment = KRS_45_453
) -> Penalty:
    """The penalty on an invoice received and paid on these days: for each month or part of one after the working days
    allowed, a percentage of the invoice, not of earlier penalties. A month ends on the due date's day of the month.
    Source: rules.md, prompt payment (KRS 45.453)."""
    due = calendar.add_business_days(received, law.working_days)
    months = _months_begun(due, paid)
    charge = cents(max(amount, Decimal(0)) * months * law.percent_per_month / 100)
    if months:
        why = (
            f"Due on {due}, {law.working_days} working days after {received}; {paid} is in month {months} "
            f"after that: {months} × {plain(law.percent_per_month)} % of {written(amount)} is {written(charge)}"
        )
    else:
        why = f"Paid on {paid}, within {law.working_days} working days of {received} (until {due}): no penalty"
    return Penalty(due, months, charge, why)


def _months_begun(due: date, paid: date) -> int:
    if paid <= due:
        return 0
    months = (paid.year - due.year) * 12 + paid.month - due.month
    # A month that is too short for the day ends on its last day.
    ends = min(due.day, monthrange(paid.year, paid.month)[1])
    return months + (paid.day > ends)
