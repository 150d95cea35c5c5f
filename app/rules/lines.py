"""Lines: what one costs, how its funding splits, and what must be there before anybody is asked to sign."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from app.entities.document import Document
from app.entities.lines import Basis, LineAcceptance, LineCharge, LineFunding, LineItem, Supply
from app.rules.deeds import Deed, Problem
from app.rules.money import cents, line_amount, share, written
from app.rules.numbers import plain

WHOLE = {Basis.PERCENT: "100 %", Basis.QUANTITY: "the quantity", Basis.AMOUNT: "the amount"}


def amount_of(line: LineItem) -> Decimal:
    """What a line costs in all: quantity × price, less its discount, plus its charges and tax. Source: LIN-03."""
    price = line.unit_price * (100 - line.discount_percent) / 100
    goods = line_amount(line.quantity, price)
    charged = goods + sum((charge.amount for charge in line.charges), Decimal(0))
    return cents(charged + charged * line.tax_percent / 100)


def whole_of(line: LineItem) -> Decimal:
    """What the shares of a line's funding must add up to, in the line's basis."""
    return whole_in(line, line.funding_basis)


def whole_in(line: LineItem, basis: str) -> Decimal:
    """What shares must add up to on a line, in some basis."""
    return {Basis.PERCENT: Decimal(100), Basis.QUANTITY: line.quantity, Basis.AMOUNT: line.amount}[Basis(basis)]


def split(amount: Decimal, basis: str, shares: Sequence[Decimal], whole: Decimal) -> list[Decimal]:
    """The parts of an amount in cents. Complete shares sum to the amount exactly (largest remainder); incomplete ones
    get what they ask for, so that the remainder can be shown. Source: LIN-04."""
    if not shares:
        return []
    if basis == Basis.AMOUNT:
        return [cents(part) for part in shares]
    if sum(shares) == whole and any(shares):
        return share(amount, shares)
    return [cents(amount * part / whole) if whole else Decimal("0.00") for part in shares]


def funded(line: LineItem) -> Decimal:
    """How much of a line its strips cover."""
    return sum((part.amount for part in line.funding), Decimal("0.00"))


def total_of(lines: Iterable[LineItem]) -> Decimal:
    """What lines cost together."""
    return sum((line.amount for line in lines), Decimal("0.00"))


# What must hold. Each takes the document and the deed, and yields problems.


def has_lines(document: Document, deed: Deed) -> Iterator[Problem]:
    """A document that orders something says what."""
    if not document.lines:
        yield Problem("Add at least one line.", tab="lines", field="add-line")


def lines_say_what(document: Document, deed: Deed) -> Iterator[Problem]:
    """Description, quantity, price and commodity code (LIN-01)."""
    for line in document.lines:
        if not line.description.strip():
            yield Problem("Enter a description.", "description", line.position, "lines")
        if line.quantity <= 0:
            yield Problem("Enter a quantity above 0.", "quantity", line.position, "lines")
        if line.unit_price <= 0:
            yield Problem("Enter a unit price above 0.", "unit_price", line.position, "lines")
        if line.commodity_code_id is None:
            yield Problem("Choose a commodity code.", "commodity_code", line.position, "lines")


def lines_say_when(document: Document, deed: Deed) -> Iterator[Problem]:
    """A delivery date that can still be met (LIN-01); a service may give its period instead."""
    for line in document.lines:
        if line.delivery_on is None and not (line.service and line.period_from and line.period_to):
            what = "a delivery date or a period of performance" if line.service else "a delivery date"
            yield Problem(f"Enter {what}.", "delivery_on", line.position, "lines")
        elif line.delivery_on is not None and line.delivery_on < deed.today:
            yield Problem(
                f"The delivery date {line.delivery_on} is past; today is {deed.today}.",
                "delivery_on",
                line.position,
                "lines",
            )
        if line.period_from and line.period_to and line.period_to < line.period_from:
            yield Problem("The period of performance ends before it starts.", "period_to", line.position, "lines")


def lines_say_where(document: Document, deed: Deed) -> Iterator[Problem]:
    """Where goods go; a service has no ship-to and no deliver-to (LIN-05)."""
    wanted = (("ship_to", "ship-to"), ("deliver_to", "deliver-to"))
    for line in document.lines:
        for name, word in wanted:
            if not line.service and getattr(line, f"{name}_id") is None:
                yield Problem(
                    f"Choose a {word} address. Goods need one; services do not.", name, line.position, "address"
                )
        if line.invoice_to_id is None:
            yield Problem("Choose an invoice-to address.", "invoice_to", line.position, "address")


def lines_are_funded(document: Document, deed: Deed) -> Iterator[Problem]:
    """Every line's strips cover it exactly, and are in use (LIN-04)."""
    for line in document.lines:
        yield from funding_problems(line)


def funding_problems(line: LineItem) -> Iterator[Problem]:
    """What is wrong with one line's funding, with the remainder that is missing or too much."""

    def problem(message: str) -> Problem:
        return Problem(message, "funding", line.position, "funding")

    if not line.funding:
        yield problem("Choose a funding strip.")
        return
    whole, given = whole_of(line), sum((part.share for part in line.funding), Decimal(0))
    if given != whole:
        unit = " %" if line.funding_basis == Basis.PERCENT else ""
        show = written if line.funding_basis == Basis.AMOUNT else plain
        left, money = whole - given, line.amount - funded(line)
        does = "Allocate the remaining" if left > 0 else "Take away"
        worth = "" if line.funding_basis == Basis.AMOUNT else f", {written(abs(money))}"
        yield problem(
            f"Funding adds up to {show(given)}{unit} of {show(whole)}{unit}. {does} {show(abs(left))}{unit}{worth}."
        )
    for part in line.funding:
        if not part.strip.active:
            yield problem(f"Strip {part.strip.code} is no longer in use. Choose another.")
        if part.share == 0:
            yield problem(f"Strip {part.strip.code} has a share of 0. Give it a share or remove it.")


def sources_are_respected(document: Document, deed: Deed) -> Iterator[Problem]:
    """Choosing a bare code although an agreement or internal provider offers its class asks for a reason, once for each
    class, because each class becomes one request (IN-04)."""
    bare: dict[tuple[int, str], list[LineItem]] = {}
    for line in document.lines:
        if line.supply == Supply.OPEN and line.commodity_code is not None:
            bare.setdefault((line.commodity_code.scheme_id, line.commodity_code.class_code), []).append(line)
    for (scheme_id, class_code), lines in bare.items():
        offers = deed.facts.offers_in_class(scheme_id, class_code)
        if offers and not any(line.justification.strip() for line in lines):
            named = "; ".join(f"{offer.name} ({offer.supplier})" for offer in offers[:2])
            more = f" and {len(offers) - 2} more" if len(offers) > 2 else ""
            yield Problem(
                f"Class {class_code} is offered by an approved source: {named}{more}. "
                "Say why it does not serve, or choose it.",
                "justification",
                lines[0].position,
                "lines",
            )


def tolerances_make_sense(document: Document, deed: Deed) -> Iterator[Problem]:
    """A tolerance is zero or more; one in percent stays below 100 (LIN-03)."""
    for line in document.lines:
        for name, word in (("over", "over"), ("under", "under")):
            value, basis = getattr(line, f"{name}_tolerance"), getattr(line, f"{name}_basis")
            if value < 0 or (basis == Basis.PERCENT and value > 100):
                yield Problem(
                    f"The {word}-shipment tolerance is {plain(value)}; enter 0 to 100 %, or a quantity.",
                    f"{name}_tolerance",
                    line.position,
                    "pricing",
                )


COMPLETE = (has_lines, lines_say_what, lines_say_when, lines_say_where, lines_are_funded, tolerances_make_sense)
"""What every document that orders must hold before it is routed."""


CARRIED = (
    "supply", "catalog_item_id", "agreement_line_id", "vendor_id", "justification",
    "description", "extended_description", "quantity", "unit", "unit_price", "amount", "commodity_code_id", "service",
    "delivery_on", "contract_type", "project_number", "period_from", "period_to",
    "manufacturer", "brand", "model", "part_number", "color", "size", "catalog_name", "catalog_number", "drawing",
    "specification",
    "over_tolerance", "over_basis", "under_tolerance", "under_basis", "discount_percent", "tax_percent",
    "funding_basis", "ship_to_id", "deliver_to_id", "invoice_to_id", "fob", "freight_payment", "shipment_method",
    "markings", "charge_shipping_to", "special_handling", "hazardous_materials", "packing", "warranty_days",
    "acceptance_required", "payment_requirement", "acceptance_instructions",
)  # fmt: skip
"""All that a line takes along when it is carried into the next document (DOC-10)."""


def carried(line: LineItem, position: int, **changes: Any) -> LineItem:
    """A copy of a line for the next document, with its funding, charges and acceptance, remembering where it
    came from. Source: DOC-10."""
    copy = LineItem(**{name: getattr(line, name) for name in CARRIED}, position=position, source_line_id=line.id)
    copy.funding = [
        LineFunding(position=part.position, strip_id=part.strip_id, share=part.share, amount=part.amount)
        for part in line.funding
    ]
    copy.charges = [LineCharge(kind=one.kind, description=one.description, amount=one.amount) for one in line.charges]
    copy.acceptances = [LineAcceptance(user_id=one.user_id, role=one.role) for one in line.acceptances]
    for name, value in changes.items():
        setattr(copy, name, value)
    return copy
