"""Lines on paper: what is wanted, at which price, and how the total comes about."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal

from reportlab.platypus import Paragraph, Table

from app.entities.document import Document
from app.entities.funds import FundingStrip
from app.entities.lines import LineItem
from app.reports.tables import Column, sums
from app.reports.text import APART, day, described, joined, quantity, words
from app.rules.lines import total_of
from app.rules.money import line_amount, written
from app.rules.numbers import plain

DESCRIBED = (
    ("manufacturer", "Manufacturer"), ("brand", "Brand"), ("model", "Model"), ("part_number", "Part"),
    ("color", "Color"), ("size", "Size"), ("catalog_name", "Catalog"), ("catalog_number", "Catalog number"),
    ("drawing", "Drawing"), ("specification", "Specification"), ("contract_type", "Contract type"),
    ("project_number", "Project"), ("fob", "FOB"), ("freight_payment", "Freight"), ("shipment_method", "Ship by"),
    ("markings", "Mark packages"), ("charge_shipping_to", "Charge shipping to"),
)  # fmt: skip
"""What describes a line, and what it is called on paper."""


def description(line: LineItem, *more: str) -> list[Paragraph]:
    """What is wanted, with everything that is known of it in small print; a long text goes on below."""
    facts = [f"{label}: {value}" for name, label in DESCRIBED if (value := getattr(line, name))]
    facts += [*_prices(line), *(one for one in more if one)]
    if line.period_from or line.period_to:
        facts.append(f"Service: {day(line.period_from) or '…'} to {day(line.period_to) or '…'}")
    return described(line.description, "\n".join((line.extended_description.strip(), APART.join(facts))))


def _prices(line: LineItem) -> Iterator[str]:
    if line.discount_percent:
        yield f"Less {plain(line.discount_percent)} %"
    for charge in line.charges:
        yield f"{joined(words(charge.kind), charge.description, by=': ')} {written(charge.amount)}"
    if line.tax_percent:
        yield f"Tax {plain(line.tax_percent)} %"


def code_of(line: LineItem) -> str:
    """The commodity code."""
    return line.commodity_code.code if line.commodity_code is not None else ""


POSITION = Column("Line", lambda line: str(line.position), 0.38)
CODE = Column("Code", code_of, 0.66)
QUANTITY = Column("Quantity", lambda line: quantity(line.quantity), 0.62, figures=True)
UNIT = Column("Unit", lambda line: line.unit, 0.46)
PRICE = Column("Unit price", lambda line: written(line.unit_price), 0.74, figures=True)
AMOUNT = Column("Amount", lambda line: written(line.amount), 0.84, figures=True)


def totals(document: Document) -> Table:
    """How the total comes about: goods, discounts, charges, tax."""
    listed = goods = charged = Decimal("0.00")
    for line in document.lines:
        listed += line_amount(line.quantity, line.unit_price)
        goods += line_amount(line.quantity, line.unit_price * (100 - line.discount_percent) / 100)
        charged += sum((charge.amount for charge in line.charges), Decimal(0))
    total = total_of(document.lines)
    parts = [
        ("Subtotal", listed),
        ("Discounts", goods - listed),
        ("Charges", charged),
        ("Tax", total - goods - charged),
    ]
    shown = [(label, written(amount)) for label, amount in parts if amount or label in ("Subtotal", "Tax")]
    return sums([*shown, (f"Total, {document.currency}", written(total))])


def strips_of(lines: Iterable[LineItem]) -> dict[FundingStrip, Decimal]:
    """The amounts of lines by funding strip, in the order in which they are met."""
    found: dict[FundingStrip, Decimal] = defaultdict(Decimal)
    for line in lines:
        for part in line.funding:
            found[part.strip] += part.amount
    return dict(found)
