"""Payables: what an invoice must hold, and what processing it spends; `payment` says when it is paid. Source: TH-01 … TH-03,
PY-02."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from app.entities.document import State
from app.entities.funds import PostingKind
from app.entities.payables import Invoice, InvoiceLine, InvoiceNumber
from app.rules.deeds import Absent, Actor, Deed, Facts, Problem
from app.rules.funds import freed, posting
from app.rules.matching import amount_to_pay, billed_twice, is_final, match
from app.rules.money import share, written
from app.rules.numbers import normal_invoice_number
from app.rules.vendors import may_be_paid

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


def in_words(invoice: Invoice) -> str:
    """What will be paid, for history and screens."""
    payment = invoice.payment
    return f"{written(payment.amount)} on {payment.scheduled_on}" if payment else written(invoice.total)
