"""Shopping: whether an item may be ordered, and the line that it, a code or an agreement's line becomes.

Source: IN-02 … IN-04, DO-01."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from app.entities.awards import MasterAgreement
from app.entities.catalog import CatalogItem, CommodityCode, ItemSource
from app.entities.lines import LineFunding, LineItem, Supply
from app.entities.organization import Profile
from app.rules.awards import may_order
from app.rules.calendar import BusinessCalendar, days_after
from app.rules.deeds import Deed
from app.rules.lines import carried
from app.rules.numbers import NotANumber, read_decimal
from app.rules.vendors import may_be_ordered_from

LARGEST_QUANTITY = Decimal(99_999_999)
SLOWEST = 3_650
"""Delivery days beyond ten years are a mistake in a price list; such a line gets no delivery date."""

AGREED = (
    "service",
    "over_tolerance",
    "over_basis",
    "under_tolerance",
    "under_basis",
    "discount_percent",
    "tax_percent",
    "fob",
    "freight_payment",
    "shipment_method",
    "special_handling",
    "hazardous_materials",
    "packing",
    "warranty_days",
    "acceptance_required",
    "acceptance_instructions",
)
"""What an order takes from the line of its agreement."""


def agreement_of(item: CatalogItem) -> MasterAgreement | None:
    """The agreement that an item is ordered from."""
    document: Any = item.agreement_line.document if item.agreement_line is not None else None
    return document


def why_not(item: CatalogItem, deed: Deed) -> Iterator[str]:
    """Yields why this person cannot order an item today: withdrawn, or by agreement, dates, authority or vendor."""
    agreement = agreement_of(item)
    if not item.active:
        yield f"{item.name} is no longer offered."
    if agreement is not None:
        yield from may_order(agreement, deed)
    elif item.source in (ItemSource.CATALOG, ItemSource.AGREEMENT):
        yield f"{item.name} belongs to no agreement, so there is nothing to order it from. Ask its buyer."
    elif item.vendor is not None:
        yield from may_be_ordered_from(item.vendor, deed.today)


def read_quantity(text: str) -> Decimal:
    """A quantity as people type it: above 0, at most four decimals. Errors: NotANumber, in words for the clerk."""
    quantity = read_decimal(text, places=4, at_least=Decimal(0), at_most=LARGEST_QUANTITY)
    if quantity == 0:
        raise NotANumber("Enter a quantity above 0")
    return quantity


def price_each(item: CatalogItem) -> Decimal:
    """What one piece costs, so that a box of twelve compares with a single one. Source: IN-02."""
    return item.unit_price / (item.pack_quantity or 1)


def arrival(today: date, days: int | None, calendar: BusinessCalendar) -> date | None:
    """When something ordered today comes: after so many days, on a day on which the office works."""
    return calendar.next_business_day(days_after(today, days)) if days is not None and days <= SLOWEST else None


def line_from_item(item: CatalogItem, quantity: Decimal, today: date, calendar: BusinessCalendar) -> LineItem:
    """An item as a line of a basket: its description, price and source, and what its agreement says. Source: IN-03."""
    line, agreement = LineItem(**_of_item(item)), agreement_of(item)
    if item.agreement_line is not None and agreement is not None:
        line.agreement_line_id, line.agreement_line = item.agreement_line.id, item.agreement_line
        line.vendor_id, line.vendor = agreement.vendor_id, agreement.vendor
        line.catalog_name = f"{agreement.name} {agreement.title}"[:120]
        line.payment_requirement = agreement.payment_requirement
        for name in AGREED:
            setattr(line, name, getattr(item.agreement_line, name))
    elif item.commodity_code is not None:
        line.service = item.commodity_code.service
    line.quantity, line.delivery_on = quantity, arrival(today, item.delivery_days, calendar)
    return line


def _of_item(item: CatalogItem) -> dict[str, Any]:
    return {
        "supply": Supply(item.source).value,
        "catalog_item_id": item.id,
        "catalog_item": item,
        "vendor_id": item.vendor_id,
        "vendor": item.vendor,
        "description": item.name,
        "extended_description": item.description,
        "unit": item.unit,
        "unit_price": item.unit_price,
        "commodity_code_id": item.commodity_code_id,
        "commodity_code": item.commodity_code,
        "manufacturer": item.manufacturer,
        "model": item.model,
        "catalog_number": item.sku,
    }


def line_from_code(code: CommodityCode, quantity: Decimal, description: str, justification: str) -> LineItem:
    """A bare code as a line for the open market; its price is an estimate that the requester enters. Source: IN-04."""
    return LineItem(
        supply=Supply.OPEN.value,
        commodity_code_id=code.id,
        commodity_code=code,
        service=code.service,
        description=(description.strip() or code.name)[:200],
        quantity=quantity,
        justification=justification.strip(),
    )


def line_from_agreement(
    agreed: LineItem,
    quantity: Decimal,
    today: date,
    calendar: BusinessCalendar,
    item: CatalogItem | None = None,
) -> LineItem:
    """A line of an agreement as a line of an order, at the agreed price. `item` is its entry in the catalog, if it has
    one. Source: DO-01."""
    agreement: Any = agreed.document
    return carried(
        agreed,
        0,
        quantity=quantity,
        agreement_line_id=agreed.id,
        agreement_line=agreed,
        vendor_id=agreement.vendor_id,
        payment_requirement=agreement.payment_requirement,
        justification="",
        supply=(item.source if item is not None else Supply.AGREEMENT.value),
        catalog_item_id=item.id if item is not None else None,
        delivery_on=arrival(today, item.delivery_days, calendar) if item is not None else None,
    )


def the_same(line: LineItem, other: LineItem) -> bool:
    """Whether two lines of a basket ask for the same thing, so that one with both quantities says it better."""
    if line.catalog_item_id is not None or other.catalog_item_id is not None:
        return line.catalog_item_id == other.catalog_item_id
    return (
        line.supply == other.supply == Supply.OPEN
        and line.commodity_code_id == other.commodity_code_id
        and line.description == other.description
    )


def with_usual_places(line: LineItem, profile: Profile | None) -> LineItem:
    """A line with a person's usual addresses and funding. Source: ORG-02."""
    if profile is None:
        return line
    line.invoice_to_id = profile.invoice_to_id
    if not line.service:
        line.ship_to_id, line.deliver_to_id = profile.ship_to_id, profile.deliver_to_id
    if profile.funding_template is not None:
        line.funding = [
            LineFunding(position=position, strip_id=part.strip_id, share=part.percent)
            for position, part in enumerate(profile.funding_template.parts, 1)
        ]
    return line
