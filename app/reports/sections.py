"""What several papers have in common: lines, sums, funding by strip, instructions, tolerances, signatures."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from reportlab.lib.units import inch
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Paragraph, Spacer, Table, TableStyle

from app.entities.document import Document
from app.entities.funds import FundingStrip
from app.entities.lines import Basis, LineItem
from app.entities.organization import OrganizationAddress
from app.entities.vendors import Vendor, VendorAddress
from app.reports.base import Paper
from app.reports.tables import Column, Pair, ruled, sums
from app.reports.text import (
    BODY,
    INK,
    LABEL,
    SECTION,
    SMALL,
    STRONG,
    day,
    joined,
    paragraph,
    person,
    quantity,
    ranges,
    words,
)
from app.rules.approvals import who
from app.rules.documents import kind_of
from app.rules.lines import total_of
from app.rules.money import line_amount, written
from app.rules.numbers import plain


def section(title: str, *content: Flowable) -> list[Flowable]:
    """A heading with what belongs to it; the heading never stands alone at the foot of a page."""
    return [CondPageBreak(0.9 * inch), paragraph(title, style=SECTION), *content]


def remarks(document: Document) -> Iterator[Flowable]:
    """What was written to everybody who reads the document."""
    if document.comments.strip():
        yield from section("Remarks", paragraph(document.comments))


# Who, and where to.


def vendor_block(vendor: Vendor | None, address: VendorAddress | None) -> Paragraph:
    """A vendor with its number, an address and how to reach it."""
    if vendor is None:
        return paragraph("–")
    where = address or next((one for one in vendor.addresses if one.ordering), None)
    number = vendor.number if vendor.suffix == "00" else f"{vendor.number}-{vendor.suffix}"
    reach = joined(where.phone if where and where.phone else vendor.phone, vendor.email, by=" · ")
    return paragraph((vendor.name, STRONG), *_lines(*_postal(where), f"Vendor {number}", reach))


def address_block(address: OrganizationAddress | None) -> Paragraph:
    """An address of ours."""
    return paragraph("–") if address is None else paragraph((address.name, STRONG), *_lines(*_postal(address)))


def _postal(where: Any) -> tuple[str, ...]:
    if where is None:
        return ("No address on file",)
    town = joined(where.city, joined(where.region, where.postal_code, by=" "))
    return where.street, town, where.country if where.country != "US" else ""


def _lines(*texts: str) -> list[str]:
    return [f"\n{text}" for text in texts if text]


ADDRESSES = (("Ship to", "ship_to"), ("Deliver to", "deliver_to"), ("Send invoice to", "invoice_to"))


def destinations(document: Document) -> list[Pair]:
    """Where goods and invoice go, when all lines go to the same place."""
    return [(label, address_block(next(iter(found), None)) if len(found) < 2 else "See the list below")
            for label, name in ADDRESSES for found in [_places(document, name)]]


def scattered(document: Document, paper: Paper) -> Iterator[Flowable]:
    """Which lines go where, when they do not all go to the same place."""
    differing = [(label, name) for label, name in ADDRESSES if len(_places(document, name)) > 1]
    rows = [(ranges(positions), label, str(place or "No address yet"))
            for label, name in differing for place, positions in _places(document, name).items()]
    if rows:
        columns = (Column("Lines", lambda row: row[0], 0.9), Column("For", lambda row: row[1], 1.4),
                   Column("Address", lambda row: row[2]))
        yield from section("Addresses by line", ruled(columns, rows, paper.width))


def _places(document: Document, name: str) -> dict[OrganizationAddress | None, list[int]]:
    found: dict[OrganizationAddress | None, list[int]] = defaultdict(list)
    for line in document.lines:
        found[getattr(line, name)].append(line.position)
    return found


def terms_of(award: Any) -> str:
    """2 % 10 days, net 30 days."""
    discount = award.discount_percent
    early = f"{plain(discount)} % {award.discount_days} days, " if discount else ""
    return f"{early}net {award.net_days} days"


# Lines.

DESCRIBED = (
    ("manufacturer", "Manufacturer"), ("brand", "Brand"), ("model", "Model"), ("part_number", "Part"),
    ("color", "Color"), ("size", "Size"), ("catalog_name", "Catalog"), ("catalog_number", "Catalog number"),
    ("drawing", "Drawing"), ("specification", "Specification"), ("contract_type", "Contract type"),
    ("project_number", "Project"), ("fob", "FOB"), ("freight_payment", "Freight"), ("shipment_method", "Ship by"),
    ("markings", "Mark packages"), ("charge_shipping_to", "Charge shipping to"),
)  # fmt: skip
"""What describes a line, and what it is called on paper."""


def description(line: LineItem, *more: str) -> Paragraph:
    """What is wanted, with everything that is known of it in small print."""
    facts = [f"{label}: {value}" for name, label in DESCRIBED if (value := getattr(line, name))]
    facts += [*_prices(line), *(one for one in more if one)]
    if line.period_from or line.period_to:
        facts.append(f"Service: {day(line.period_from) or '…'} to {day(line.period_to) or '…'}")
    small = [line.extended_description.strip(), " · ".join(facts)]
    return paragraph((line.description or "–", BODY), *((f"\n{text}", SMALL) for text in small if text))


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
    parts = [("Subtotal", listed), ("Discounts", goods - listed), ("Charges", charged),
             ("Tax", total - goods - charged)]
    shown = [(label, written(amount)) for label, amount in parts if amount or label in ("Subtotal", "Tax")]
    return sums([*shown, (f"Total, {document.currency}", written(total))])


# Money.


def funding(document: Document, parts: dict[FundingStrip, Decimal], total: Decimal, paper: Paper,
            heading: str = "Funding") -> Iterator[Flowable]:
    """What each strip bears, and what nobody bears yet."""
    if not total and not parts:
        return
    rows = [(strip.code, strip.name, written(amount)) for strip, amount in parts.items()]
    missing = total - sum(parts.values(), Decimal(0))
    if missing:
        rows.append(("", "Not funded yet" if missing > 0 else "Funded beyond the total", written(missing)))
    year = f", budget fiscal year {document.bfy}" if document.bfy else ""
    yield from section(heading + year, ruled((
        Column("Funding strip", lambda row: row[0], 1.7), Column("Name", lambda row: row[1]),
        Column(f"Amount, {document.currency}", lambda row: row[2], 1.1, figures=True)), rows, paper.width))


def strips_of(lines: Iterable[LineItem]) -> dict[FundingStrip, Decimal]:
    """The amounts of lines by funding strip, in the order in which they are met."""
    found: dict[FundingStrip, Decimal] = defaultdict(Decimal)
    for line in lines:
        for part in line.funding:
            found[part.strip] += part.amount
    return dict(found)


# What else holds for lines.


def _people(line: LineItem) -> str:
    return joined(*(f"{words(one.role)}: {person(one.user)}" for one in line.acceptances), by="; ")


def _tolerance(line: LineItem) -> str:
    over, under = (
        f"up to {plain(value)}{' %' if basis == Basis.PERCENT else f' {line.unit}'} {word}" if value else ""
        for value, basis, word in ((line.over_tolerance, line.over_basis, "over"),
                                   (line.under_tolerance, line.under_basis, "under")))
    return joined(over, under)


INSTRUCTIONS: tuple[tuple[str, Callable[[LineItem], str]], ...] = (
    ("Special handling", lambda line: line.special_handling),
    ("Hazardous materials", lambda line: line.hazardous_materials),
    ("Packing", lambda line: line.packing),
    ("Warranty", lambda line: f"{line.warranty_days:,} days" if line.warranty_days else ""),
    ("Acceptance", lambda line: line.acceptance_instructions or (
        "Payment follows acceptance" if line.acceptance_required else "")),
    ("Accepted by", _people),
    ("Shipment tolerance", _tolerance),
)
"""What a line may ask for besides the goods."""


def instructions(document: Document, paper: Paper) -> Iterator[Flowable]:
    """Handling, hazards, packing, warranty, acceptance and tolerances; the same text for several lines stands once."""
    said: dict[tuple[str, str], list[int]] = defaultdict(list)
    for label, of in INSTRUCTIONS:
        for line in document.lines:
            text = of(line).strip()
            if text:
                said[label, text].append(line.position)
    if said:
        columns = (Column("Lines", lambda row: row[0], 0.9), Column("For", lambda row: row[1], 1.4),
                   Column("Instruction", lambda row: row[2]))
        rows = [(ranges(positions), label, text) for (label, text), positions in said.items()]
        yield from section("Instructions and tolerances", ruled(columns, rows, paper.width))
    if document.lines and not any(_tolerance(line) for line in document.lines):
        yield Spacer(0, 4)
        yield paragraph("Quantities as ordered: no line takes more or less.", style=SMALL)


# Who stands behind it.


def approvals(document: Document, paper: Paper) -> Iterator[Flowable]:
    """The signatures of the last routing, and who released, closed or ended the document."""
    kind = kind_of(document)
    buttons = {move.action: move.button for move in kind.life}
    steps = document.sheets[-1].steps if document.sheets else []
    rows = [_signature(step, paper) for step in steps] + [
        (buttons.get(event.action, words(event.action)), person(event.by),
         paragraph(words(event.after), *([(f"\n{event.comment}", SMALL)] if event.comment else [])),
         paper.moment(event.at))
        for event in document.history if event.action in ("release", "close", "terminate", "cancel", "reverse")]
    if not rows:
        rows = [("Not routed for approval" if kind.signed else "Not recorded", "", "", "")]
    columns = (Column("Step", lambda row: row[0]), Column("By", lambda row: row[1], 1.7),
               Column("Result", lambda row: row[2], 1.7), Column("When", lambda row: row[3], 1.75))
    yield from section("Approvals" if kind.signed else "On record", ruled(columns, rows, paper.width))


def _signature(step: Any, paper: Paper) -> tuple[Any, ...]:
    asked = paragraph(who(step), *([(f"\n{step.reason}", SMALL)] if step.reason else []))
    signed = step.signature
    if signed is None:
        return asked, "", "Waiting", ""
    by = person(signed.by) + (f", for {person(signed.on_behalf_of)}" if signed.on_behalf_of is not None else "")
    verdict = paragraph((words(signed.verdict), STRONG), *([(f"\n{signed.comment}", SMALL)] if signed.comment else []))
    return asked, by, verdict, paper.moment(signed.at)


def countersign(whom: str, paper: Paper) -> Flowable:
    """Room for a signature by hand."""
    blanks = [paragraph(label, style=LABEL) for label in ("Name and title", "Signature", "Date")]
    wide = paper.width
    table = Table([[blanks[0], "", blanks[1], "", blanks[2]]],
                  colWidths=[wide * 0.37, wide * 0.03, wide * 0.37, wide * 0.03, wide * 0.2], style=TableStyle([
                      *(("LINEABOVE", (place, 0), (place, 0), 0.6, INK) for place in (0, 2, 4)),
                      ("LEFTPADDING", (0, 0), (-1, -1), 0), ("TOPPADDING", (0, 0), (-1, -1), 2)]))
    return KeepTogether([paragraph(f"Accepted for {whom}", style=SECTION), Spacer(0, 30), table])
