"""What the demonstration's receivers do: take in whole and partial deliveries, count, and undo a mistake."""

from collections.abc import Mapping
from decimal import Decimal

from app.demo.purchase import Purchase
from app.entities.receiving import Receipt, ReceiptLine, ShippingPaper


def receipt_of(purchase: Purchase, quantities: Mapping[int, Decimal], *, record: bool = True, remark: str = "") -> None:
    """A receiving report of some quantities, recorded at once unless somebody is still counting."""
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


def still_open(purchase: Purchase) -> dict[int, Decimal]:
    """What is still to come of each line."""
    came: dict[int, Decimal] = {}
    for receipt in purchase.receipts:
        if receipt.state == "released":
            for line in receipt.receipt_lines:
                came[line.order_line_id] = came.get(line.order_line_id, Decimal(0)) + line.quantity
    return {line.id: line.quantity - came.get(line.id, Decimal(0)) for line in purchase.order.lines}


def receive(purchase: Purchase) -> None:
    """Everything that is still to come."""
    receipt_of(purchase, still_open(purchase))


def part(purchase: Purchase) -> None:
    """Half of the first line and everything of every second one."""
    quantities = {
        line.id: (line.quantity + 1) // 2 if number == 0 else line.quantity if number % 2 else Decimal(0)
        for number, line in enumerate(purchase.order.lines)
    }
    receipt_of(purchase, quantities, remark="The rest is on back order.")


def count(purchase: Purchase) -> None:
    """A receiving report that is not recorded yet."""
    receipt_of(purchase, still_open(purchase), record=False, remark="Still counting.")


def reverse(purchase: Purchase) -> None:
    """The last delivery was booked by mistake."""
    purchase.stage.act(
        purchase.household.receiver,
        purchase.receipts[-1],
        "reverse",
        "Booked on the wrong order: these boxes are the neighbours'.",
    )


def accept(purchase: Purchase) -> None:
    """What came is what was ordered."""
    purchase.stage.act(purchase.household.receiver, purchase.receipts[-1], "accept")
