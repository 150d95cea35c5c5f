"""What the demonstration's fiscal officers do: enter bills, shorten, refuse, process, hold and pay them."""

from collections.abc import Callable
from decimal import Decimal

from app import totals
from app.demo import papers
from app.demo.deliveries import still_open
from app.demo.purchase import Purchase
from app.entities.lines import LineItem
from app.entities.payables import Invoice, InvoiceLine, PaymentHold


def billed(purchase: Purchase, quantity: Callable[[LineItem], Decimal], dearer: Decimal = Decimal(1)) -> None:
    """An invoice of the order, its first line perhaps at a higher price."""
    stage, household, order = purchase.stage, purchase.household, purchase.order
    assert order.vendor is not None
    number = stage.ids["bill"] = stage.ids.get("bill", 4100) + 7
    with stage.writing(household.fiscal):
        vendor = order.vendor
        invoice = stage.start(
            household.fiscal,
            Invoice,
            title=f"{vendor.name}: {order.title}"[:200],
            vendor_id=vendor.id,
            organization_id=order.organization_id,
            vendor_invoice_number=f"{vendor.name[:2].upper().strip()}-{number}",
            invoiced_on=stage.diary.today,
            received_on=stage.diary.today,
            disbursement=vendor.disbursement,
            remit_to_id=next(one.id for one in vendor.addresses if one.remit_to),
            discount_percent=order.discount_percent,
            discount_days=order.discount_days,
            net_days=order.net_days,
        )
        for line in order.lines:
            if quantity(line) > 0:
                price = (
                    line.unit_price if invoice.invoice_lines else (line.unit_price * dearer).quantize(Decimal("0.01"))
                )
                invoice.invoice_lines.append(
                    InvoiceLine(
                        position=len(invoice.invoice_lines) + 1,
                        order_line_id=line.id,
                        description=line.description,
                        quantity=quantity(line),
                        unit=line.unit,
                        unit_price=price,
                    )
                )
        totals.settle(invoice)
        papers.bill(stage, invoice, vendor.name)
    purchase.invoice = invoice


def bill(purchase: Purchase) -> None:
    """What came in."""
    left = still_open(purchase)
    billed(purchase, lambda line: line.quantity - left[line.id])


def early(purchase: Purchase) -> None:
    """All of the order, whether it came or not."""
    billed(purchase, lambda line: line.quantity)


def overbill(purchase: Purchase) -> None:
    """What came in, at more than the agreed price."""
    left = still_open(purchase)
    billed(purchase, lambda line: line.quantity - left[line.id], Decimal("1.04") + Decimal("0.02"))


def shorten(purchase: Purchase) -> None:
    """Pay the order's price where the vendor asked for more."""
    with purchase.stage.writing(purchase.household.fiscal):
        line = purchase.bill.invoice_lines[0]
        assert line.order_line is not None
        line.paid_price, line.short_pay_reason = (
            line.order_line.unit_price,
            "Paid at the order's price; the vendor agrees.",
        )
        totals.settle(purchase.bill)


def file(purchase: Purchase) -> None:
    """Route the invoice."""
    purchase.stage.act(purchase.household.fiscal, purchase.bill, "route")


def approve(purchase: Purchase) -> None:
    """Sign it."""
    purchase.stage.act(purchase.stage.signer(purchase.bill), purchase.bill, "approve")


def refuse(purchase: Purchase) -> None:
    """Send it back."""
    purchase.stage.act(
        purchase.stage.signer(purchase.bill),
        purchase.bill,
        "disapprove",
        "The freight on the bill was included in the price. Ask for a credit.",
    )


def process(purchase: Purchase) -> None:
    """Put it into the payment queue."""
    purchase.stage.act(purchase.household.fiscal, purchase.bill, "release")


def hold(purchase: Purchase) -> None:
    """Keep its payment back."""
    stage = purchase.stage
    with stage.writing(purchase.household.fiscal) as fiscal:
        stage.session.add(
            PaymentHold(
                invoice_id=purchase.bill.id,
                reason="Two boxes came damaged; the credit is promised.",
                placed_by_id=fiscal.user_id or 0,
                placed_at=stage.diary(),
            )
        )


def pay(purchase: Purchase) -> None:
    """Mark it as paid."""
    number = purchase.stage.ids["check"] = purchase.stage.ids.get("check", 200_410) + 1
    purchase.stage.act(purchase.household.fiscal, purchase.bill, "close", reference=f"CK {number}")
