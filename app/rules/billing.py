"""Bills out of orders: what an invoice takes over from the order that it is for, and the drafts that receipts make for
who is named on an order. Source: TH-02, F19.02, MA-02."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from app.entities.awards import DeliveryOrder
from app.entities.document import Document, DocumentLink
from app.entities.lines import LineItem
from app.entities.notices import Notice
from app.entities.payables import Invoice, InvoiceLine
from app.entities.receiving import Receipt
from app.rules.calendar import fiscal_year, period
from app.rules.deeds import Deed, Problem
from app.rules.matching import amount_to_pay, price_of
from app.rules.waiting import brought

TERMS = ("discount_percent", "discount_days", "net_days")


def taken_over(order: Document) -> dict[str, Any]:
    """What an invoice takes over from an order: its office, and how its vendor wants to be paid; the terms are the
    order's own, where it has some."""
    vendor: Any = order.vendor
    return {
        "vendor_id": vendor.id,
        "vendor": vendor,
        "organization_id": order.organization_id,
        "disbursement": vendor.disbursement,
        "separate_check": vendor.separate_check,
        "enclosure": vendor.enclosure,
        **{name: getattr(order, name, getattr(vendor, name)) for name in TERMS},
    }


def billed_line(line: LineItem, position: int, quantity: Decimal) -> InvoiceLine:
    """An order's line on an invoice, at the order's price."""
    return InvoiceLine(
        position=position,
        order_line_id=line.id,
        order_line=line,
        unit=line.unit,
        description=line.description,
        quantity=quantity,
        unit_price=price_of(line).quantize(Decimal("0.0001")),
    )


def called(invoice: Invoice) -> str:
    """What an invoice is called: its number and its vendor."""
    return f"Invoice {invoice.vendor_invoice_number or 'without number'}, {invoice.vendor.name}"[:200]  # type: ignore[union-attr]


# What must hold.


def clerk_enters_invoices(order: DeliveryOrder, deed: Deed) -> Iterator[Problem]:
    """Drafts are made for somebody who may complete them."""
    clerk = order.invoice_clerk
    if clerk is not None and not deed.facts.enters_invoices(clerk.id):
        yield Problem(
            f"{clerk.first_name} {clerk.last_name} may not enter invoices. Choose somebody else as invoice clerk, or nobody.",
            "invoice_clerk",
        )


# What follows.


def draft_invoice(receipt: Receipt, deed: Deed) -> list[object]:
    """A draft invoice for the invoice clerk of the order, of what a receiving report brings and no invoice asks for yet.
    The vendor's number, its dates and where to pay are for the clerk to enter or confirm: nothing of it is routed by
    itself."""
    order: Any = receipt.order
    clerk: Any = getattr(order, "invoice_clerk", None)
    wanted = _not_billed(receipt, deed) if clerk is not None and order.vendor is not None else []
    if not wanted:
        return []
    if not deed.facts.enters_invoices(clerk.id):
        why = f"{clerk.first_name} {clerk.last_name} may not enter invoices any more"
        return [_notice(order.owner_id, receipt, f"No invoice was drafted for {receipt.name}: {why}", deed)]
    places = [one.id for one in order.vendor.addresses if one.remit_to]
    invoice = Invoice(
        **taken_over(order),
        owner_id=clerk.id,
        created_by_id=clerk.id,
        invoiced_on=deed.today,
        received_on=deed.today,
        remit_to_id=next(iter(places), None),
        currency=order.currency,
        afy=fiscal_year(deed.today),
        afm=period(deed.today),
        bfy=fiscal_year(deed.today),
        created_at=deed.at,
        changed_at=deed.at,
    )
    invoice.title = called(invoice)
    invoice.invoice_lines = [billed_line(line, position, much) for position, (line, much) in enumerate(wanted, 1)]
    for line in invoice.invoice_lines:
        line.amount = amount_to_pay(line)
    invoice.total = sum((line.amount for line in invoice.invoice_lines), Decimal("0.00"))
    invoice.sources = [
        DocumentLink(source_id=order.id, relation="bills"),
        DocumentLink(source_id=receipt.id, relation="came from"),
    ]
    told = f"{receipt.name} brought goods of {order.name}: enter the number of {order.vendor.name}'s invoice"
    return [invoice, _notice(clerk.id, invoice, told, deed)]


def _not_billed(receipt: Receipt, deed: Deed) -> list[tuple[LineItem, Decimal]]:
    """What came now of each order line, as far as no invoice asks for it: a bill that came before its goods does."""
    now, found = brought(receipt), []
    for line in receipt.receipt_lines:
        came = deed.facts.received(line.order_line_id, receipt.id) + line.quantity
        quantity = min(line.quantity, came - deed.facts.asked_for(line.order_line_id))
        if line.order_line_id in now and quantity > 0:
            found.append((line.order_line, quantity))
    return found


def _notice(user_id: int, document: Document, text: str, deed: Deed) -> Notice:
    return Notice(user_id=user_id, document=document, kind="draft", at=deed.at, text=text[:200])
