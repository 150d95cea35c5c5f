"""Requests: what a basket turns into, and what a purchase request must say. Source: IN-05 … IN-09."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.entities.awards import DeliveryOrder, MasterAgreement
from app.entities.document import Document, DocumentLink, Preparer
from app.entities.lines import LineItem, Supply
from app.entities.requests import MarketBasket, PurchaseRequest
from app.entities.vendors import Vendor
from app.rules.awards import may_order, price_is_agreed
from app.rules.calendar import fiscal_year, period
from app.rules.contacts import carried_contacts
from app.rules.deeds import Deed, Problem
from app.rules.lines import carried, total_of


@dataclass(frozen=True)
class Portion:
    """The lines of a basket that go into one new document."""

    entity: type[Document]
    key: tuple[str, object]
    title: str
    lines: tuple[LineItem, ...]
    agreement: MasterAgreement | None = None
    vendor: Vendor | None = None
    class_code: str = ""

    @property
    def total(self) -> Decimal:
        """What the new document will come to."""
        return total_of(self.lines)


def portions(basket: MarketBasket) -> list[Portion]:
    """How a basket splits: an order per agreement and per internal provider, and a request per class of codes for the
    rest, in the order of the lines. The preview and the release both ask here, so that neither can differ from the
    other. Source: IN-07."""
    found: dict[tuple[str, object], list[LineItem]] = {}
    for line in basket.lines:
        found.setdefault(_key(line), []).append(line)
    order = {"agreement": 0, "provider": 0, "class": 1}
    return sorted((_portion(key, lines) for key, lines in found.items()), key=lambda one: order[one.key[0]])


def _key(line: LineItem) -> tuple[str, object]:
    if line.agreement_line is not None:
        return "agreement", line.agreement_line.document_id
    if line.supply in (Supply.INTERNAL, Supply.INVENTORY) and line.vendor_id is not None:
        return "provider", line.vendor_id
    code = line.commodity_code
    return "class", (code.scheme_id, code.class_code) if code else (0, "")


def _portion(key: tuple[str, object], lines: list[LineItem]) -> Portion:
    first = lines[0]
    more = f" and {len(lines) - 1} more" if len(lines) > 1 else ""
    title = f"{first.description}{more}"[:200]
    if key[0] == "class":
        code = first.commodity_code
        return Portion(PurchaseRequest, key, title, tuple(lines), class_code=code.class_code if code else "")
    agreement = first.agreement_line.document if first.agreement_line is not None else None
    vendor = agreement.vendor if agreement is not None else first.vendor
    return Portion(DeliveryOrder, key, title, tuple(lines), agreement=agreement, vendor=vendor)


def orders_and_requests(basket: MarketBasket, deed: Deed) -> Sequence[object]:
    """The documents that the release of a basket makes, as drafts of the person who released it. Whoever wrote the
    basket counts as having prepared them. Source: IN-07, DOC-06."""
    return [_document(basket, portion, deed) for portion in portions(basket)]


def _document(basket: MarketBasket, portion: Portion, deed: Deed) -> Document:
    shared = {
        "title": portion.title,
        "owner_id": deed.by.user_id,
        "created_by_id": basket.created_by_id,
        "organization_id": basket.organization_id,
        "organization": basket.organization,
        "total": portion.total,
        "currency": basket.currency,
        "afy": basket.afy or fiscal_year(deed.today),
        "afm": basket.afm or period(deed.today),
        "bfy": basket.bfy or fiscal_year(deed.today),
        "created_at": deed.at,
        "changed_at": deed.at,
        "issuing_office_id": basket.issuing_office_id,
        "due_on": min((line.delivery_on for line in portion.lines if line.delivery_on), default=None),
    }
    if portion.entity is PurchaseRequest:
        made: Document = PurchaseRequest(
            **shared,
            class_code=portion.class_code,
            agency_code=basket.agency_code,
            buying_entity_id=basket.buying_entity_id,
            requesting_office_id=basket.requesting_office_id,
            stock_replenishment_code=basket.stock_replenishment_code,
        )
        made.lines = [carried(line, position) for position, line in enumerate(portion.lines, 1)]
    else:
        agreement, vendor = portion.agreement, portion.vendor
        terms = agreement or vendor
        made = DeliveryOrder(
            **shared,
            agreement_id=agreement.id if agreement else None,
            vendor_id=vendor.id if vendor else None,
            subtype="catalog" if agreement else "internal",
            discount_percent=terms.discount_percent if terms else Decimal(0),
            discount_days=terms.discount_days if terms else 0,
            net_days=terms.net_days if terms else 30,
        )
        requirement = {"payment_requirement": agreement.payment_requirement} if agreement else {}
        made.lines = [
            carried(line, position, vendor_id=vendor.id if vendor else None, **requirement)
            for position, line in enumerate(portion.lines, 1)
        ]
    made.sources = [DocumentLink(source_id=basket.id)]
    made.contacts = carried_contacts(basket)
    made.preparers = [Preparer(user_id=one.user_id) for one in basket.preparers]
    return made


def main_tab_is_filled(document: MarketBasket | PurchaseRequest, deed: Deed) -> Iterator[Problem]:
    """Who asks and who buys (IN-05)."""
    for name, label in (("requesting_office_id", "a requesting office"), ("issuing_office_id", "an issuing office")):
        if getattr(document, name) is None:
            yield Problem(f"Choose {label}.", name.removesuffix("_id"))
    if not document.agency_code:
        yield Problem("Enter the agency code.", "agency_code")


def basket_sources_can_deliver(basket: MarketBasket, deed: Deed) -> Iterator[Problem]:
    """Every approved source in the basket may still be ordered from today."""
    for line in basket.lines:
        if line.agreement_line is not None:
            agreement = line.agreement_line.document
            for why in may_order(agreement, deed):
                yield Problem(why, "description", line.position, "lines")
            yield from price_is_agreed(line, agreement)
