"""Orders on their way from release to payment: deliveries, invoices, and what goes wrong with them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from app import totals
from app.demo import papers
from app.demo.cast import Household
from app.demo.stage import Stage
from app.entities.awards import DeliveryOrder
from app.entities.lines import LineItem
from app.entities.payables import Invoice, InvoiceLine, PaymentHold
from app.entities.receiving import Receipt, ReceiptLine, ShippingPaper

ORDERED = "route sign release"
PAYING = "file approve process pay"

COURSES = {
    "draft": "",
    "routed": "route",
    "sent back": "route return",
    "signed": "route sign",
    "open": ORDERED,
    "with conditions": "route conditions release receive",
    "part": f"{ORDERED} part",
    "received": f"{ORDERED} receive",
    "counting": f"{ORDERED} count",
    "terminated": f"{ORDERED} terminate",
    "reversed": f"{ORDERED} receive reverse receive",
    "waiting": f"{ORDERED} early",
    "too dear": f"{ORDERED} receive overbill",
    "too many": f"{ORDERED} part early",
    "billed": f"{ORDERED} receive bill file",
    "bill sent back": f"{ORDERED} receive bill file refuse",
    "accepted": f"{ORDERED} receive bill file approve",
    "held": f"{ORDERED} receive bill file approve hold",
    "paid": f"{ORDERED} receive bill {PAYING}",
    "in time": f"{ORDERED} receive bill {PAYING}",
    "paid in parts": f"{ORDERED} part rest bill {PAYING}",
    "short paid": f"{ORDERED} receive overbill shorten {PAYING}",
    "late": f"{ORDERED} receive bill file approve process",
    "closed": f"{ORDERED} part bill {PAYING} close",
}
"""How an order ends, or where it waits → the steps that lead there."""

DECKS = {
    40: "paid closed late short-paid paid terminated paid paid-in-parts paid reversed paid paid paid closed late",
    18: "reversed held too-dear counting paid waiting billed accepted paid received too-many bill-sent-back part short-paid "
    "paid with-conditions paid open held billed paid received part terminated paid accepted waiting",
    0: "open routed sent-back signed draft counting waiting part routed open received routed open part signed",
}
"""Days since the basket was begun, at least → the courses that its orders take in turn."""

DELAYS: Mapping[str, tuple[int, int]] = {
    "route": (0, 0),
    "sign": (1, 1),
    "conditions": (1, 1),
    "return": (1, 1),
    "release": (0, 1),
    "receive": (2, 6),
    "part": (2, 5),
    "rest": (3, 6),
    "count": (1, 3),
    "reverse": (1, 1),
    "terminate": (4, 9),
    "bill": (0, 3),
    "early": (1, 3),
    "overbill": (0, 3),
    "shorten": (1, 2),
    "file": (0, 0),
    "approve": (1, 2),
    "refuse": (1, 1),
    "process": (0, 1),
    "hold": (0, 1),
    "close": (2, 6),
    "pay": (0, 0),
}
"""Step → how many business days it takes, from and to."""


@dataclass
class Purchase:
    """One order, and all that comes of it."""

    stage: Stage
    household: Household
    order: DeliveryOrder
    steps: list[str]
    by: str
    released_by: str
    quick: bool = False
    receipts: list[Receipt] = field(default_factory=list)
    invoice: Invoice | None = None

    def go_on(self) -> None:
        """Plan the next step; a payment on its own day."""
        if not self.steps:
            return
        if self.steps[0] == "pay":
            assert self.invoice is not None and self.invoice.payment is not None
            self.stage.diary.plan(self.invoice.payment.scheduled_on, self.step)
        else:
            least, most = DELAYS[self.steps[0]]
            self.stage.diary.later(least if self.quick else self.stage.dice.randint(least, most), self.step)

    def step(self) -> None:
        """Take the next step."""
        name = self.steps.pop(0)
        STEPS[name](self)
        self.go_on()

    @property
    def bill(self) -> Invoice:
        """The invoice, once there is one."""
        assert self.invoice is not None
        return self.invoice


def course(stage: Stage, household: Household, age: int) -> str:
    """The next course of the deck for orders of this age; each group of offices has its own, so that each meets all."""
    least = next(days for days in DECKS if age >= days)
    group = "health" if household.office.startswith("DPH") else "others"
    place = stage.ids[f"deck {group} {least}"] = stage.ids.get(f"deck {group} {least}", -1) + 1
    deck = DECKS[least].split()
    return deck[place % len(deck)].replace("-", " ")


def follow(
    stage: Stage,
    household: Household,
    order: DeliveryOrder,
    way: str,
    by: str = "",
    released_by: str = "",
) -> None:
    """Let an order take its course."""
    steps = COURSES[way].split()
    Purchase(
        stage,
        household,
        order,
        steps,
        by or household.approver,
        released_by or household.approver,
        quick=way == "in time",
    ).go_on()


# The order.


def _route(purchase: Purchase) -> None:
    purchase.stage.act(purchase.by, purchase.order, "route")


def _sign(purchase: Purchase) -> None:
    purchase.stage.act(purchase.stage.signer(purchase.order), purchase.order, "approve")
    if purchase.order.state == "routed":
        purchase.steps.insert(0, "sign")


def _conditions(purchase: Purchase) -> None:
    purchase.stage.act(
        purchase.stage.signer(purchase.order),
        purchase.order,
        "conditions",
        "Deliver before noon; the dock is closed afterwards.",
    )


def _return(purchase: Purchase) -> None:
    purchase.stage.act(
        purchase.stage.signer(purchase.order),
        purchase.order,
        "disapprove",
        "The quote is older than the agreement's price list. Ask for a new one.",
    )


def _release(purchase: Purchase) -> None:
    purchase.stage.act(purchase.released_by, purchase.order, "release")


def _terminate(purchase: Purchase) -> None:
    purchase.stage.act(purchase.released_by, purchase.order, "terminate", "The vendor cannot deliver this year.")


def _close(purchase: Purchase) -> None:
    purchase.stage.act(purchase.released_by, purchase.order, "close", "The rest is no longer needed.")


# What comes in.


def _receipt(purchase: Purchase, quantities: Mapping[int, Decimal], *, record: bool = True, remark: str = "") -> None:
    stage, household, order = purchase.stage, purchase.household, purchase.order
    if not any(quantities.values()):
        return  # the first delivery was the whole order
    with stage.writing(household.receiver) as receiver:
        receipt = stage.start(
            household.receiver,
            Receipt,
            title=f"Delivery for {order.name}",
            order_id=order.id,
            vendor_id=order.vendor_id,
            organization_id=order.organization_id,
            received_by_id=receiver.user_id,
            received_on=stage.diary.today,
            carrier=stage.dice.choice(("Vendor's truck", "Parcel service", "Freight line")),
            freight_payment="Prepaid",
            containers=stage.dice.randint(1, 4),
            comments=remark,
        )
        receipt.receipt_lines = [
            ReceiptLine(order_line_id=line.id, quantity=quantities[line.id], unit=line.unit)
            for line in order.lines
            if quantities[line.id] > 0
        ]
        receipt.papers.append(ShippingPaper(kind="packing list", number=f"PL-{stage.dice.randrange(10_000, 99_999)}"))
    purchase.receipts.append(receipt)
    if record:
        stage.act(household.receiver, receipt, "release")


def _open(purchase: Purchase) -> dict[int, Decimal]:
    """What is still to come of each line."""
    came: dict[int, Decimal] = {}
    for receipt in purchase.receipts:
        if receipt.state == "released":
            for line in receipt.receipt_lines:
                came[line.order_line_id] = came.get(line.order_line_id, Decimal(0)) + line.quantity
    return {line.id: line.quantity - came.get(line.id, Decimal(0)) for line in purchase.order.lines}


def _receive(purchase: Purchase) -> None:
    _receipt(purchase, _open(purchase))


def _part(purchase: Purchase) -> None:
    """Half of the first line and everything of every second one."""
    quantities = {
        line.id: (line.quantity + 1) // 2 if number == 0 else line.quantity if number % 2 else Decimal(0)
        for number, line in enumerate(purchase.order.lines)
    }
    _receipt(purchase, quantities, remark="The rest is on back order.")


def _count(purchase: Purchase) -> None:
    _receipt(purchase, _open(purchase), record=False, remark="Still counting.")


def _reverse(purchase: Purchase) -> None:
    purchase.stage.act(
        purchase.household.receiver,
        purchase.receipts[-1],
        "reverse",
        "Booked on the wrong order: these boxes are the neighbours'.",
    )


# The bill.


def _billed(purchase: Purchase, quantity: Callable[[LineItem], Decimal], dearer: Decimal = Decimal(1)) -> None:
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


def _bill(purchase: Purchase) -> None:
    left = _open(purchase)
    _billed(purchase, lambda line: line.quantity - left[line.id])


def _early(purchase: Purchase) -> None:
    """All of the order, whether it came or not."""
    _billed(purchase, lambda line: line.quantity)


def _overbill(purchase: Purchase) -> None:
    left = _open(purchase)
    _billed(purchase, lambda line: line.quantity - left[line.id], Decimal("1.04") + Decimal("0.02"))


def _shorten(purchase: Purchase) -> None:
    with purchase.stage.writing(purchase.household.fiscal):
        line = purchase.bill.invoice_lines[0]
        assert line.order_line is not None
        line.paid_price, line.short_pay_reason = (
            line.order_line.unit_price,
            "Paid at the order's price; the vendor agrees.",
        )
        totals.settle(purchase.bill)


def _file(purchase: Purchase) -> None:
    purchase.stage.act(purchase.household.fiscal, purchase.bill, "route")


def _approve(purchase: Purchase) -> None:
    purchase.stage.act(purchase.stage.signer(purchase.bill), purchase.bill, "approve")


def _refuse(purchase: Purchase) -> None:
    purchase.stage.act(
        purchase.stage.signer(purchase.bill),
        purchase.bill,
        "disapprove",
        "The freight on the bill was included in the price. Ask for a credit.",
    )


def _process(purchase: Purchase) -> None:
    purchase.stage.act(purchase.household.fiscal, purchase.bill, "release")


def _hold(purchase: Purchase) -> None:
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


def _pay(purchase: Purchase) -> None:
    number = purchase.stage.ids["check"] = purchase.stage.ids.get("check", 200_410) + 1
    purchase.stage.act(purchase.household.fiscal, purchase.bill, "close", reference=f"CK {number}")


STEPS: Mapping[str, Callable[[Purchase], None]] = {
    "route": _route,
    "sign": _sign,
    "conditions": _conditions,
    "return": _return,
    "release": _release,
    "terminate": _terminate,
    "close": _close,
    "receive": _receive,
    "part": _part,
    "rest": _receive,
    "count": _count,
    "reverse": _reverse,
    "bill": _bill,
    "early": _early,
    "overbill": _overbill,
    "shorten": _shorten,
    "file": _file,
    "approve": _approve,
    "refuse": _refuse,
    "process": _process,
    "hold": _hold,
    "pay": _pay,
}
