"""The payment of an invoice: when it is made and how much, what being late costs, and what it books.
Source: PY-01 … PY-04."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from app.entities.funds import PostingKind
from app.entities.payables import Invoice, Payment
from app.rules.approvals import signers
from app.rules.deeds import Deed, Facts, Problem
from app.rules.funds import posting
from app.rules.money import share
from app.rules.terms import Penalty, PromptPayment, Schedule, Terms, penalty, schedule


def payment_plan(invoice: Invoice, deed: Deed) -> Schedule:
    """When to pay an invoice and how much, as of the deed's day. Source: PY-01."""
    return schedule(
        invoice.total,
        Terms(invoice.discount_percent, invoice.discount_days, invoice.net_days),
        invoiced=invoice.invoiced_on,
        received=invoice.received_on,
        accepted=taken_on(invoice, deed.facts),
        today=deed.today,
        calendar=deed.facts.calendar(),
        worth=deed.facts.policy("current value of funds"),
        lag=int(deed.facts.policy("payment lag")),
    )


def taken_on(invoice: Invoice, facts: Facts) -> date | None:
    """The day on which the last of what an invoice bills came in or, where it is asked for, was accepted."""
    lines = [line.order_line for line in invoice.invoice_lines if line.order_line is not None]
    days = [facts.last_received_on(line.id) for line in lines]
    days += [facts.last_accepted_on(line.id) for line in lines if line.acceptance_required]
    return max((day for day in days if day is not None), default=None)


def late_penalty(payment: Payment, taken: date | None, deed: Deed) -> Penalty:
    """What a payment costs more because it is late, were it made on the deed's day: the time allowed runs from the bill or
    from the last of the goods (`taken`), whichever came later. Offices owe each other nothing. Source: KRS 45.453."""
    law = PromptPayment(int(deed.facts.policy("prompt payment")), deed.facts.policy("late penalty"))
    received = payment.invoice.received_on
    return penalty(
        payment.gross if payment.vendor.organization_id is None else Decimal(0),
        received=max(received, taken or received),
        paid=payment.paid_on or deed.today,
        calendar=deed.facts.calendar(),
        law=law,
    )


def chosen_day(invoice: Invoice, plan: Schedule) -> date:
    """The day of the payment: the computed one, unless fiscal chose another."""
    return invoice.override_on or plan.pay_on


def discount_taken(invoice: Invoice, plan: Schedule) -> Decimal:
    """The discount, when it is worth taking and the chosen day still earns it."""
    earned = plan.take and plan.discount_until is not None and chosen_day(invoice, plan) <= plan.discount_until
    return plan.discount if earned else Decimal("0.00")


def record_plan(invoice: Invoice, plan: Schedule) -> None:
    """The plan's figures on the invoice itself, where an auditor looks for them."""
    invoice.due_on, invoice.scheduled_on, invoice.schedule_reason = plan.due, chosen_day(invoice, plan), plan.why
    invoice.discount_on, invoice.discount_amount = plan.discount_until, discount_taken(invoice, plan)
    invoice.take_discount = invoice.discount_amount > 0


# What must hold.


def payment_is_due(invoice: Invoice, deed: Deed) -> Iterator[Problem]:
    """Paid once, on its day or later, by somebody who did not approve it."""
    payment = invoice.payment
    if payment is None:
        yield Problem("This invoice is not in the payment queue. Process it first.")
        return
    if payment.scheduled_on > deed.today:
        yield Problem(f"The payment is scheduled for {payment.scheduled_on}; today is {deed.today}.", "scheduled_on")
    if deed.by.user_id in signers(invoice):
        yield Problem("You approved this invoice, so somebody else has to pay it.")


def source_is_used(invoice: Invoice, deed: Deed) -> Iterator[Problem]:
    """Nothing is paid from an account that the office has given up (PY-03)."""
    bank = invoice.source_bank
    if bank is not None and not bank.active:
        yield Problem(f"{bank} is not used any more. Choose another account to pay from.", "source_bank_id")


# What follows.


def queue_payment(invoice: Invoice, deed: Deed) -> Sequence[object]:
    """The entry in the payment queue, on the computed day or the one that fiscal chose. Source: PY-01, PY-04."""
    plan = payment_plan(invoice, deed)
    record_plan(invoice, plan)
    day, discount = chosen_day(invoice, plan), discount_taken(invoice, plan)
    return [
        Payment(
            invoice=invoice,
            vendor_id=invoice.vendor_id,
            organization_id=invoice.organization_id,
            gross=invoice.total,
            discount=discount,
            amount=invoice.total - discount,
            scheduled_on=day,
            method=invoice.disbursement,
            source_bank=invoice.source_bank or deed.facts.standard_bank(),
        )
    ]


def pay(invoice: Invoice, deed: Deed) -> Sequence[object]:
    """The payment leaves. A discount still open is taken and comes back to the strips that paid; a penalty for being late is
    paid along and charged to them, unless the payer says why none is owed. Source: story 5, PY-01, F19.10."""
    payment = invoice.payment
    assert payment is not None, "payment_is_due has been asked"
    if payment.discount and (invoice.discount_on is None or deed.today > invoice.discount_on):
        payment.discount, payment.amount = Decimal("0.00"), payment.gross
    payment.paid_on, payment.paid_by_id = deed.today, deed.by.user_id
    payment.reference = str(deed.extra.get("reference", ""))[:200]
    _add_penalty(payment, late_penalty(payment, taken_on(invoice, deed.facts), deed), deed)
    number, change = invoice.vendor_invoice_number, payment.penalty - payment.discount
    if not change:
        return []
    memo = f"Penalty for late payment of {number}" if change > 0 else f"Discount taken on {number}"
    spent = deed.facts.spent_by(invoice.id)
    parts = zip(spent, share(change, list(spent.values())), strict=True)
    return [
        posting(
            invoice, deed, PostingKind.EXPENDITURE, strip_id, money, order_line_id=order_line_id, bfy=bfy, memo=memo
        )
        for (strip_id, bfy, order_line_id), money in parts
        if money
    ]


def _add_penalty(payment: Payment, late: Penalty, deed: Deed) -> None:
    excuse = str(deed.extra.get("no_penalty", "")).strip()[:2000]
    if not late.amount:
        return
    payment.penalty_reason = excuse or late.why
    if not excuse:
        payment.penalty = late.amount
        payment.amount = payment.gross - payment.discount + payment.penalty
