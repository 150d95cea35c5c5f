"""What an award looks like on paper: the master agreement and the delivery order. Source: MA-01 … DO-02."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from reportlab.platypus import Flowable

from app.entities.awards import DeliveryOrder, MasterAgreement
from app.entities.lines import LineItem, PaymentRequirement
from app.entities.organization import Organization
from app.reports.lines import AMOUNT, CODE, POSITION, PRICE, QUANTITY, UNIT, description, strips_of, totals
from app.reports.paper import Paper
from app.reports.parties import destinations, scattered, terms_of, vendor_block
from app.reports.sections import approvals, contacts, countersign, funding, instructions, remarks, section
from app.reports.tables import Column, Pair, beside, grid, ruled
from app.reports.text import SMALL, SUBJECT, day, joined, paragraph, person, words
from app.rules.awards import CEILED
from app.rules.money import written
from app.rules.numbers import plain


def _per_line(line: LineItem) -> str:
    return f"Agreement line {line.agreement_line.position}" if line.agreement_line is not None else ""


ORDER_LINES = (
    POSITION, CODE, Column("Description", lambda line: description(line, _per_line(line))),
    Column("Deliver by", lambda line: day(line.delivery_on), 0.9), QUANTITY, UNIT, PRICE, AMOUNT,
)  # fmt: skip

AGREEMENT_LINES = (
    POSITION, CODE, Column("Description", description), QUANTITY, UNIT,
    Column("Agreed price", PRICE.of, 0.85, figures=True),
    Column("Discount", lambda line: f"{plain(line.discount_percent)} %" if line.discount_percent else "", 0.7,
           figures=True),
)  # fmt: skip


AGREE: Mapping[str, str] = {
    PaymentRequirement.THREE_WAY: "Order, receipt and invoice agree",
    PaymentRequirement.TWO_WAY: "Order and invoice agree",
    PaymentRequirement.EVALUATED_RECEIPT: "The goods are received",
}
"""Payment requirement → what it means to the vendor."""


def _contact(order: DeliveryOrder | MasterAgreement) -> Pair:
    return "Buyer", joined(person(order.owner), order.owner.email, by="\n")


def _same(order: DeliveryOrder, name: str) -> str:
    found = {getattr(line, name) for line in order.lines} - {""}
    return "See each line" if len(found) > 1 else next(iter(found), "")


def delivery_order(order: DeliveryOrder, paper: Paper) -> Iterator[Flowable]:
    """The order that goes to the vendor: what, at which price, by when, where to, and who pays."""
    agreement = order.agreement
    yield grid(
        [
            ("Order date", day(order.ordered_on)),
            ("Deliver by", day(order.due_on)),
            ("Payment terms", terms_of(order)),
            _contact(order),
            ("Agreement", agreement.name if agreement is not None else ""),
            ("Type of order", words(order.subtype)),
            ("FOB", _same(order, "fob")),
            ("Freight", _same(order, "freight_payment")),
            ("Quote of", day(order.quote_on)),
        ],
        paper.width,
    )
    yield beside([("Vendor", vendor_block(order.vendor, order.order_address)), *destinations(order)], paper.width)
    yield ruled(ORDER_LINES, order.lines, paper.width)
    yield totals(order)
    yield from scattered(order, paper)
    yield from funding(order, strips_of(order.lines), order.total, paper)
    yield from instructions(order, paper)
    yield from section("Terms", paragraph(" ".join(_terms(order)), style=SMALL))
    yield from contacts(order, paper)
    yield from remarks(order)
    yield from approvals(order, paper)
    if order.signed_copies and order.vendor is not None:
        yield countersign(order.vendor.name, paper)


def _terms(order: DeliveryOrder) -> Iterator[str]:
    if order.agreement is not None:
        yield f"The terms and prices of agreement {order.agreement.name} apply."
    yield f"Write {order.name} on every package, packing list, freight bill and invoice."
    yield "Send one invoice per delivery to the invoice address above."
    yield "Tell the buyer of a delay before the day it is due."
    if order.signed_copies:
        copies = "copy" if order.signed_copies == 1 else "copies"
        yield f"Return {order.signed_copies} signed {copies} to the buyer."


def _office(office: Organization | None) -> str:
    return office.name if office is not None else "–"


def master_agreement(agreement: MasterAgreement, paper: Paper) -> Iterator[Flowable]:
    """What is agreed with a vendor, for how long, at which prices, and who may order."""
    yield paragraph(agreement.title, style=SUBJECT)
    yield grid(
        [
            ("Effective", day(agreement.effective_on)),
            ("Expires", day(agreement.expires_on)),
            ("Renewal periods", str(agreement.renewal_periods)),
            ("Payment terms", terms_of(agreement)),
            ("Type of agreement", words(agreement.subtype)),
            ("Ceiling", _ceiling(agreement)),
            ("Cited authority", agreement.cited_authority),
            _contact(agreement),
            (
                "Prices",
                "May rise with the market" if agreement.fluctuating else "Fixed: an order may pay less, not more",
            ),
            ("Paid when", AGREE.get(agreement.payment_requirement, agreement.payment_requirement)),
        ],
        paper.width,
    )
    yield beside(
        [
            ("Vendor", vendor_block(agreement.vendor, None)),
            ("Issued by", _office(agreement.issuing_office or agreement.organization)),
            ("Administered by", _office(agreement.administered_by)),
            ("Open to", _open_to(agreement)),
        ],
        paper.width,
    )
    yield ruled(AGREEMENT_LINES, agreement.lines, paper.width)
    if agreement.subtype in CEILED:
        yield totals(agreement)
    strips = strips_of(agreement.lines)
    yield from funding(agreement, strips, sum(strips.values(), Decimal("0.00")), paper)
    yield from instructions(agreement, paper)
    yield from contacts(agreement, paper)
    yield from remarks(agreement)
    yield from approvals(agreement, paper)
    if agreement.vendor is not None:
        yield countersign(agreement.vendor.name, paper)


def _ceiling(agreement: MasterAgreement) -> str:
    if agreement.ceiling is not None:
        return f"{written(agreement.ceiling)} {agreement.currency}"
    return f"{written(agreement.total)} {agreement.currency}" if agreement.subtype in CEILED else "None"


def _open_to(agreement: MasterAgreement) -> str:
    named = [
        one.organization.name if one.organization is not None else person(one.user) for one in agreement.authorities
    ]
    return "\n".join(named) or "Every office"
