"""What an invoice looks like on paper: the voucher that pays it. Source: TH-01 … PY-04."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from reportlab.platypus import Flowable, Paragraph

from app.entities.funds import FundingStrip
from app.entities.payables import Invoice, InvoiceLine
from app.reports.paper import Paper
from app.reports.parties import terms_of, vendor_block
from app.reports.sections import approvals, funding, remarks, section
from app.reports.tables import Column, Pair, beside, grid, ruled, sums
from app.reports.text import SMALL, day, described, joined, paragraph, passages, person, quantity, words
from app.rules.deeds import SYSTEM, Deed
from app.rules.matching import LineMatch, amount_to_pay, match, price_of, price_to_pay, quantity_to_pay
from app.rules.money import line_amount, share, written
from app.rules.payment import payment_plan
from app.rules.terms import Schedule


@dataclass(frozen=True)
class Billed:
    """One line of the bill beside what it was compared with, where the records of receipts are at hand."""

    line: InvoiceLine
    found: LineMatch | None


def _order(row: Billed) -> str:
    ordered = row.line.order_line
    return f"{ordered.document.name}\nline {ordered.position}" if ordered is not None else "Not ordered"


def _what(row: Billed) -> list[Paragraph]:
    line, reasons = row.line, "; ".join(row.found.reasons) if row.found else ""
    short = ""
    if line.paid_quantity is not None or line.paid_price is not None:
        short = f"Short paid: {line.short_pay_reason}"
    final = "Final: nothing more will be billed for this order line" if line.final else ""
    name = line.order_line.description if line.order_line is not None else line.description
    return described(name or line.description, joined(short, final, reasons, by="\n"))


def _ordered(row: Billed) -> str:
    return quantity(row.line.order_line.quantity) if row.line.order_line is not None else ""


def _order_price(row: Billed) -> str:
    return written(price_of(row.line.order_line)) if row.line.order_line is not None else ""


def _paid(row: Billed) -> str:
    line = row.line
    return f"{quantity(quantity_to_pay(line))} × {written(price_to_pay(line))}"


VOUCHER_LINES = (
    Column("Line", lambda row: str(row.line.position), 0.38),
    Column("Order", _order, 1.12),
    Column("Description", _what),
    Column("Ordered", _ordered, 0.62, figures=True),
    Column("Received", lambda row: quantity(row.found.received) if row.found else "", 0.64, figures=True),
    Column(
        "On other invoices", lambda row: quantity(row.found.invoiced_before) if row.found else "", 0.66, figures=True
    ),
    Column("Billed", lambda row: quantity(row.line.quantity), 0.58, figures=True),
    Column("Order price", _order_price, 0.7, figures=True),
    Column("Billed price", lambda row: written(row.line.unit_price), 0.7, figures=True),
    Column("Match", lambda row: words(row.found.result) if row.found else "", 0.72),
    Column("Paid", _paid, 0.95, figures=True),
    Column("Amount", lambda row: written(amount_to_pay(row.line)), 0.8, figures=True),
)


def invoice_voucher(invoice: Invoice, paper: Paper) -> Iterator[Flowable]:
    """A bill, what it matched, which strips bear it, when and how it is paid, and what stands in the way."""
    found = match(invoice, paper.facts) if paper.facts is not None else [None] * len(invoice.invoice_lines)
    rows = [Billed(line, one) for line, one in zip(invoice.invoice_lines, found, strict=True)]
    yield grid(
        [
            ("Vendor's invoice", invoice.vendor_invoice_number),
            ("Dated", day(invoice.invoiced_on)),
            ("Received", day(invoice.received_on)),
            ("Terms", terms_of(invoice)),
        ],
        paper.width,
    )
    yield beside(
        [
            ("Vendor", vendor_block(invoice.vendor, None)),
            ("Pay to", vendor_block(invoice.vendor, invoice.remit_to) if invoice.remit_to is not None else "–"),
            ("For", invoice.organization.name),
            ("Entered by", person(invoice.owner)),
        ],
        paper.width,
    )
    yield ruled(VOUCHER_LINES, rows, paper.width)
    yield _sums(invoice)
    yield from funding(invoice, _borne(invoice), invoice.total, paper, "Paid from")
    facts, why = _payment(invoice, paper)
    yield from section("Payment", grid(facts, paper.width, 6))
    yield from (paragraph(text, style=SMALL) for text in passages(why))
    yield from _holds(invoice, paper)
    yield from remarks(invoice)
    yield from approvals(invoice, paper)


def _sums(invoice: Invoice) -> Flowable:
    billed = sum((line_amount(line.quantity, line.unit_price) for line in invoice.invoice_lines), Decimal("0.00"))
    total = sum((amount_to_pay(line) for line in invoice.invoice_lines), Decimal("0.00"))
    discount = invoice.payment.discount if invoice.payment is not None else Decimal("0.00")
    penalty = invoice.payment.penalty if invoice.payment is not None else Decimal("0.00")
    rows = [
        ("Billed", billed),
        ("Short paid", total - billed),
        ("Discount taken", -discount),
        ("Penalty for late payment", penalty),
    ]
    shown = [(label, written(amount)) for label, amount in rows if amount or label == "Billed"]
    return sums([*shown, (f"Amount to pay, {invoice.currency}", written(total - discount + penalty))])


def _borne(invoice: Invoice) -> dict[FundingStrip, Decimal]:
    """What each strip of the orders bears of the bill, in the shares of its order line."""
    found: dict[FundingStrip, Decimal] = defaultdict(Decimal)
    for line in invoice.invoice_lines:
        parts = line.order_line.funding if line.order_line is not None else []
        weights = [part.amount for part in parts]
        if any(weights):
            for part, amount in zip(parts, share(amount_to_pay(line), weights), strict=True):
                found[part.strip] += amount
    return dict(found)


def _plan(invoice: Invoice, paper: Paper) -> Schedule | None:
    """The payment as it would be planned on the day of the last change; none for terms that make no sense yet."""
    if paper.facts is None:
        return None
    at = invoice.changed_at
    try:
        return payment_plan(invoice, Deed("release", SYSTEM, at, paper.office.day_of(at), paper.facts))
    except ValueError:
        return None


def _payment(invoice: Invoice, paper: Paper) -> tuple[list[Pair], str]:
    """When, how much and how, and why on that day."""
    payment = invoice.payment
    plan = None if payment is not None else _plan(invoice, paper)
    due = invoice.due_on or (plan.due if plan else None)
    until = invoice.discount_on or (plan.discount_until if plan else None)
    day_chosen = invoice.override_on or (plan.pay_on if plan else None)
    discount, pays = Decimal("0.00"), invoice.total
    bank = payment.source_bank if payment is not None else invoice.source_bank
    if payment is not None:
        day_chosen, discount, pays = payment.scheduled_on, payment.discount, payment.amount
    elif plan is not None:
        discount, pays = plan.discount if plan.take else discount, plan.to_pay
    facts: list[Pair] = [
        ("Due", day(due) or "Known when processed"),
        ("Discount until", day(until) or "No discount"),
        ("Discount", written(discount)),
        ("Scheduled" if payment is not None else "Planned", day(day_chosen) or "–"),
        ("Amount to pay", written(pays)),
        ("Paid by", _method(invoice)),
        ("Paid from", str(bank) if bank is not None else ""),
        ("Paid", _paid_on(invoice)),
        ("Check header", invoice.check_header),
        ("Check footer", invoice.check_footer),
        ("Remittance remark", invoice.remittance_remark),
    ]
    chosen = f"Day chosen by hand: {invoice.override_reason}" if invoice.override_on else ""
    return facts, joined(invoice.schedule_reason or (plan.why if plan else ""), chosen, by="\n")


def _method(invoice: Invoice) -> str:
    by = "Check" if invoice.disbursement == "check" else "EFT"
    return joined(by, "separate" if invoice.separate_check else "", "with enclosure" if invoice.enclosure else "")


def _paid_on(invoice: Invoice) -> str:
    payment = invoice.payment
    if payment is None or payment.paid_on is None:
        return "Not paid yet"
    return joined(day(payment.paid_on), person(payment.paid_by), payment.reference, by="\n")


def _holds(invoice: Invoice, paper: Paper) -> Iterator[Flowable]:
    if invoice.holds:
        columns = (
            Column("Hold", lambda hold: hold.reason),
            Column("Placed", lambda hold: f"{person(hold.placed_by)}\n{paper.moment(hold.placed_at)}", 2.2),
            Column(
                "Released",
                lambda hold: (
                    f"{person(hold.released_by)}\n{paper.moment(hold.released_at)}"
                    if hold.released_at is not None
                    else "Stands: not to be paid"
                ),
                2.2,
            ),
        )
        yield from section("Holds", ruled(columns, invoice.holds, paper.width))
