"""What a receiving report looks like on paper. Source: RC-02 … RC-05."""

from collections.abc import Iterator

from reportlab.platypus import Flowable, Paragraph

from app.entities.receiving import Receipt, ReceiptLine
from app.reports.lines import code_of
from app.reports.paper import Paper
from app.reports.parties import address_block, vendor_block
from app.reports.sections import approvals, remarks
from app.reports.tables import Column, beside, grid, ruled, sums
from app.reports.text import STRONG, day, described, joined, paragraph, person, quantity, words
from app.rules.money import written


def _what(line: ReceiptLine) -> list[Paragraph]:
    return described(line.order_line.description, line.comments)


def _condition(line: ReceiptLine) -> str:
    seen = (
        joined("Not to specification" if line.not_to_specification else "", words(line.discrepancy), by="\n") or "Good"
    )
    accepted = [
        f"{quantity(one.quantity)} accepted, {person(one.accepted_by)}, {day(one.accepted_on)}"
        for one in line.acceptances
    ]
    return joined(seen, *accepted, by="\n")


RECEIPT_LINES = (
    Column("Order line", lambda line: str(line.order_line.position), 0.5),
    Column("Code", lambda line: code_of(line.order_line), 0.66), Column("Description", _what),
    Column("Ordered", lambda line: quantity(line.order_line.quantity), 0.68, figures=True),
    Column("Received", lambda line: quantity(line.quantity), 0.68, figures=True),
    Column("Unit", lambda line: line.unit, 0.46), Column("Condition", _condition, 1.2),
    Column("Freight", lambda line: written(line.freight_charge) if line.freight_charge else "", 0.66, figures=True),
)  # fmt: skip


def receiving_report(receipt: Receipt, paper: Paper) -> Iterator[Flowable]:
    """What came in, against which order, in which state, and who took it in."""
    order, weight = receipt.order, quantity(receipt.weight)
    bills, lists = (
        [one.number for one in receipt.papers if one.kind == kind] for kind in ("freight bill", "packing list")
    )
    yield grid(
        [
            ("Order", order.name),
            ("Received on", day(receipt.received_on)),
            ("Received by", person(receipt.received_by)),
            ("Carrier", receipt.carrier),
            ("Shipper", receipt.shipper),
            ("Containers", f"{receipt.containers:,}" if receipt.containers is not None else ""),
            ("Weight", joined(weight, receipt.weight_unit, by=" ") if weight else ""),
            ("Freight", receipt.freight_payment),
            ("Freight bill", joined(*bills)),
            ("Packing list", joined(*lists)),
        ],
        paper.width,
    )
    where = next((line.order_line.deliver_to or line.order_line.ship_to for line in receipt.receipt_lines), None)
    yield beside(
        [
            ("Vendor", vendor_block(receipt.vendor or order.vendor, getattr(order, "order_address", None))),
            ("Delivered to", address_block(where)),
            ("For", paragraph((order.organization.name, STRONG), f"\n{order.title}")),
        ],
        paper.width,
    )
    yield ruled(RECEIPT_LINES, receipt.receipt_lines, paper.width)
    freight = sum((line.freight_charge for line in receipt.receipt_lines), receipt.total * 0)
    if freight:
        yield sums([(f"Freight charged, {receipt.currency}", written(freight))])
    yield from remarks(receipt)
    yield from approvals(receipt, paper)
