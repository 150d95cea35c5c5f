"""Payables: what an invoice must hold, when it is paid, and what that spends. Source: TH-01 … PY-04."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from app.entities.document import State
from app.entities.funds import PostingKind
from app.entities.payables import Invoice, InvoiceLine, InvoiceNumber, Payment
from app.rules.approvals import signers
from app.rules.deeds import Absent, Actor, Deed, Facts, Problem
from app.rules.funds import freed, posting
from app.rules.matching import amount_to_pay, billed_twice, is_final, match
from app.rules.money import share, written
from app.rules.numbers import normal_invoice_number
from app.rules.terms import Penalty, PromptPayment, Schedule, Terms, penalty, schedule
from app.rules.vendors import may_be_paid


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


# What must hold.


def says_what_is_billed(invoice: Invoice, deed: Deed) -> Iterator[Problem]:
    """Lines, dates and the vendor's own number."""
    if not invoice.invoice_lines:
        yield Problem("Find the order and choose the lines that are billed.", "find-match", tab="lines")
    if not normal_invoice_number(invoice.vendor_invoice_number):
        yield Problem("Enter the vendor's invoice number.", "vendor_invoice_number")
    if invoice.invoiced_on > deed.today:
        yield Problem(f"The invoice is dated {invoice.invoiced_on}; today is {deed.today}.", "invoiced_on")
    if invoice.received_on > deed.today:
        yield Problem(f"The invoice cannot arrive on {invoice.received_on}; today is {deed.today}.", "received_on")
    if invoice.received_on < invoice.invoiced_on:
        yield Problem(
            f"The invoice arrived on {invoice.received_on}, before its own date {invoice.invoiced_on}.", "received_on"
        )
    if invoice.remit_to_id is None:
        yield Problem("Choose the address that the vendor wants its money sent to.", "remit_to")
    for line in invoice.invoice_lines:
        if line.quantity <= 0:
            yield Problem("Enter a quantity above 0.", "quantity", line.position, "lines")
        if amount_to_pay(line) <= 0:
            yield Problem(
                "Nothing would be paid for this line. Enter its price, or remove it.",
                "unit_price",
                line.position,
                "lines",
            )


def orders_are_of_the_vendor(invoice: Invoice, deed: Deed) -> Iterator[Problem]:
    """Several orders may stand on one invoice; all are of its vendor, and released (TH-01)."""
    for line in invoice.invoice_lines:
        order = line.order_line.document if line.order_line is not None else None
        if order is not None and order.vendor_id != invoice.vendor_id:
            yield Problem(
                f"{order.name} is an order to {order.vendor}, not to {invoice.vendor}.",
                "description",
                line.position,
                "lines",
            )
        if order is not None and order.state not in (State.RELEASED, State.CLOSED):
            yield Problem(
                f"{order.name} is {order.state}; only a released order is paid.", "description", line.position, "lines"
            )


def number_is_new(invoice: Invoice, deed: Deed) -> Iterator[Problem]:
    """A vendor's invoice number is paid once, however it is written (TH-03, MO-07)."""
    number = normal_invoice_number(invoice.vendor_invoice_number)
    if not number or invoice.vendor_id is None:
        return
    other = deed.facts.invoice_with_number(invoice.vendor_id, number, invoice.id)
    if other is not None:
        yield Problem(
            f"{invoice.vendor} has already billed number {invoice.vendor_invoice_number}: {other}.",
            "vendor_invoice_number",
        )
    for near in deed.facts.similar_invoices(invoice):
        yield Problem(
            f"{near} is of the same vendor and nearly the same amount, within 30 days. "
            "Make sure that this is not the same bill.",
            "vendor_invoice_number",
            warning=True,
        )


def every_line_matches(invoice: Invoice, deed: Deed) -> Iterator[Problem]:
    """Order, receipts and invoice agree on each line (TH-01)."""
    for found in match(invoice, deed.facts):
        if not found.matched:
            yield Problem(f"{'; '.join(found.reasons)}.", "match", found.line.position, "lines")
    for first, again in billed_twice(invoice):
        said = f"Line {first.position} bills this order line already. Enter all of it there, and remove this line."
        yield Problem(said, "quantity", again.position, "lines")


def vendor_may_be_paid(invoice: Invoice, deed: Deed) -> Iterator[Problem]:
    """Asked at Process and again at the payment (MO-18)."""
    for why in may_be_paid(invoice.vendor, deed.today):
        yield Problem(why, "vendor")


def no_hold_stands(invoice: Invoice, deed: Deed) -> Iterator[Problem]:
    """A held invoice is not paid (PY-02)."""
    for hold in invoice.holds:
        if hold.released_at is None:
            yield Problem(f"On hold: {hold.reason}. Release the hold first.", "holds")


def override_has_a_reason(invoice: Invoice, deed: Deed) -> Iterator[Problem]:
    """A payment date chosen by a person says why (MO-17)."""
    if invoice.override_on is not None:
        if not invoice.override_reason.strip():
            yield Problem("Say why the payment date is not the computed one.", "override_reason")
        if invoice.override_on < deed.today:
            yield Problem(f"The payment date {invoice.override_on} is past; today is {deed.today}.", "override_on")
        elif not deed.facts.calendar().is_business_day(invoice.override_on):
            usable = deed.facts.calendar().next_business_day(invoice.override_on)
            yield Problem(
                f"Nothing is paid on {invoice.override_on}: the office is closed. The next day is {usable}.",
                "override_on",
            )


def who_receives_does_not_approve(invoice: Invoice, deed: Deed) -> Iterator[Problem]:
    """Receiving and approving the bill are two people (separation of duties, pair 9)."""
    for order in _received_by(invoice, deed.by, deed.facts):
        yield Problem(f"You received {order}, so somebody else has to approve its invoice.")


def _received_by(invoice: Invoice, actor: Actor, facts: Facts) -> list[str]:
    orders = {line.order_line.document for line in invoice.invoice_lines if line.order_line is not None}
    return [one.name for one in sorted(orders, key=lambda one: one.id) if actor.user_id in facts.receivers(one.id)][:1]


def bars_receivers(invoice: Invoice, actor: Actor, _place: Actor | Absent, facts: Facts) -> Iterator[str]:
    """Why somebody who received the goods will not sign the bill, as it is said of them."""
    yield from (f"received {order}" for order in _received_by(invoice, actor, facts))


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


# What follows.


def claim_number(invoice: Invoice, deed: Deed) -> Sequence[object]:
    """The vendor's number is this invoice's from now on (TH-03)."""
    if invoice.vendor_id is not None:
        take_number(invoice, deed.facts.payee(invoice.vendor_id))
    return []


def take_number(invoice: Invoice, payee_id: int) -> None:
    """Claim the number that an invoice carries, for the vendor of all its locations; without a number, none."""
    number = normal_invoice_number(invoice.vendor_invoice_number)
    if not number:
        invoice.claim = None
    elif invoice.claim is None:
        invoice.claim = InvoiceNumber(vendor_id=payee_id, normal_number=number)
    elif (invoice.claim.vendor_id, invoice.claim.normal_number) != (payee_id, number):
        invoice.claim.vendor_id, invoice.claim.normal_number = payee_id, number


def give_number_back(invoice: Invoice, deed: Deed) -> Sequence[object]:
    """A cancelled invoice does not keep its number: the vendor may bill it again, rightly this time."""
    invoice.claim = None
    return []


def spend(invoice: Invoice, deed: Deed) -> Sequence[object]:
    """Each line expends its amount on its order's strips and liquidates the encumbrance: all of it when the line is
    final, else the invoiced share. Source: FND-03."""
    ordered = [line.order_line_id for line in invoice.invoice_lines if line.order_line_id is not None]
    held = deed.facts.outstanding(ordered, PostingKind.ENCUMBRANCE)
    return [
        one
        for line in invoice.invoice_lines
        for one in _spend_line(invoice, line, deed, held.get(line.order_line_id or 0, {}))
    ]


def _spend_line(
    invoice: Invoice, line: InvoiceLine, deed: Deed, held: Mapping[tuple[int, int], Decimal]
) -> Iterator[object]:
    ordered = line.order_line
    assert ordered is not None, "every_line_matches has been asked"
    amount, memo = amount_to_pay(line), f"Line {line.position} of {invoice.vendor_invoice_number}"
    year = ordered.document.bfy
    parts = dict(
        zip(
            ((part.strip_id, year or 0) for part in ordered.funding),
            share(amount, [part.amount for part in ordered.funding]),
            strict=True,
        )
    )
    final = is_final(line, deed.facts.invoiced(ordered.id, invoice.id))
    yield from freed(invoice, deed, ordered, PostingKind.ENCUMBRANCE, memo, held, None if final else parts)
    for (strip_id, bfy), money in parts.items():
        if money:
            yield posting(
                invoice, deed, PostingKind.EXPENDITURE, strip_id, money, order_line_id=ordered.id, bfy=bfy, memo=memo
            )


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
        )
    ]


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


def in_words(invoice: Invoice) -> str:
    """What will be paid, for history and screens."""
    payment = invoice.payment
    return f"{written(payment.amount)} on {payment.scheduled_on}" if payment else written(invoice.total)
