"""Documents in the state that a test needs: `an_order(world, "released")` is one line, not a story.

Every document comes about through `workflow`, signed and released by the person of the cast whose work it is. What a
helper returns is the id; `records(world)` opens the database for a look.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import totals, workflow
from app.extensions import db
from app.models import (
    CatalogItem,
    DeliveryOrder,
    Document,
    Invoice,
    InvoiceLine,
    LineFunding,
    LineItem,
    MarketBasket,
    MasterAgreement,
    PurchaseRequest,
    Receipt,
    ReceiptLine,
)
from tests.support.world import World

SOON = timedelta(days=17)


@dataclass(frozen=True)
class Wanted:
    """One line: what, how many, at which price, paid by which strips."""

    description: str = "Label printer"
    quantity: str = "2"
    price: str = "100.00"
    code: str = "7025"
    item: str = ""
    supply: str = "open"
    justification: str = ""
    funding: Mapping[str, str] = field(default_factory=lambda: {"S1": "100"})
    extra: Mapping[str, Any] = field(default_factory=dict)


PRINTER = Wanted()
"""Nobody has an agreement for it, so that a basket turns it into a request."""
KEYBOARDS = Wanted(
    "Keyboard",
    "12",
    "44.99",
    "7510",
    "item Keyboard, wired USB, contoured",
    "agreement",
    funding={"S1": "60", "S2": "40"},
)
"""From agreement A: $539.88; ten percent more than ordered may come."""
TONER = Wanted("Toner", "7", "61.15", "7510", "item Toner cartridge, black", "agreement", funding={"S1": "100"})
"""From agreement B: $428.05."""
BENCH = Wanted("Park bench", "1", "120.00", "7035", funding={"P1": "100"})
"""For the office that the others do not see."""


@dataclass(frozen=True)
class Place:
    """Who works where: the cast that carries documents through one office."""

    office: str
    requester: str
    approver: str
    receiver: str
    fiscal: str = "fiscal"
    buyer: str = "buyer"


CLINIC = Place("clinic", "requester", "approver", "receiver")
PARKS = Place("parks", "outsider", "stranger", "its")


@contextmanager
def records(world: World) -> Iterator[Session]:
    """The database as the system itself sees it, in a context of its own."""
    with world.app.app_context():
        try:
            yield db.session()
        finally:
            db.session.remove()


def line(world: World, wanted: Wanted, place: Place = CLINIC, position: int = 1) -> LineItem:
    """A complete line. Call inside `records`."""
    dock = world.ids[f"{place.office} dock"]
    made = LineItem(
        **{
            "position": position,
            "description": wanted.description,
            "quantity": Decimal(wanted.quantity),
            "unit_price": Decimal(wanted.price),
            "commodity_code_id": world.ids[wanted.code],
            "delivery_on": world.clock().date() + SOON,
            "ship_to_id": dock,
            "deliver_to_id": dock,
            "invoice_to_id": dock,
            "supply": wanted.supply,
            "justification": wanted.justification,
            **wanted.extra,
        }
    )
    if wanted.item:
        item = db.session().get_one(CatalogItem, world.ids[wanted.item])
        made.catalog_item_id, made.agreement_line_id, made.vendor_id = item.id, item.agreement_line_id, item.vendor_id
        if item.agreement_line is not None:
            made.over_tolerance = item.agreement_line.over_tolerance
    made.funding = [
        LineFunding(position=number, strip_id=world.ids[code], share=Decimal(share))
        for number, (code, share) in enumerate(wanted.funding.items(), 1)
    ]
    return made


def act(world: World, document_id: int, action: str, by: str, **how: Any) -> workflow.Done:
    """One move by a person of the cast, with its password. Errors: those of `workflow.act`."""
    session = db.session()
    document = session.get_one(Document, document_id)
    return workflow.act(
        session, world.app.extensions["office"], document, action, world.actor(by), **({"proved": True} | how)
    )


def move(world: World, document_id: int, *steps: tuple[str, str], comment: str = "") -> int:
    """Several moves, `("route", "requester")` each; in a context of its own."""
    with records(world):
        for action, by in steps:
            act(world, document_id, action, by, comment=comment)
    return document_id


SIGNED = {
    "draft": "",
    "routed": "route",
    "disapproved": "route disapprove",
    "approved": "route approve",
    "released": "route approve release",
    "closed": "route approve release close",
    "terminated": "route approve release terminate",
    "cancelled": "cancel",
}
RECORDED = {"draft": "", "released": "release", "cancelled": "cancel"}
"""State → the moves that lead to it from a draft."""


def _worker(document: Document, action: str, place: Place) -> str:
    """Whose work an action is."""
    if document.kind == "receipt":
        return place.receiver
    author = {"delivery_order": place.buyer, "master_agreement": place.buyer, "invoice": place.fiscal}.get(
        document.kind, place.requester
    )
    signer = "chief" if document.kind == "master_agreement" else place.approver
    releases = {"master_agreement": place.buyer, "invoice": place.fiscal}.get(document.kind, place.approver)
    return {"approve": signer, "disapprove": signer, "release": releases, "close": releases, "terminate": releases}.get(
        action, author
    )


def bring(world: World, document_id: int, state: str, place: Place = CLINIC) -> int:
    """Carry a draft on until it has reached a state, by the people whose work it is."""
    with records(world) as session:
        document = session.get_one(Document, document_id)
        way = RECORDED if document.kind == "receipt" else SIGNED
        for action in way[state].split():
            if action == "close" and isinstance(document, Invoice):
                world.clock.on(f"{document.scheduled_on:%Y-%m-%d}")
            act(world, document_id, action, _worker(document, action, place), comment="Not needed")
        assert document.state == state, document.state
    return document_id


def _draft(
    world: World, entity: type[Document], by: str, lines: tuple[Wanted, ...], place: Place, **values: Any
) -> int:
    with records(world) as session:
        document = workflow.start(
            session,
            world.app.extensions["office"],
            entity,
            world.actor(by),
            **({"organization_id": world.ids[place.office]} | values),
        )
        document.lines = [line(world, one, place, position) for position, one in enumerate(lines, 1)]
        session.flush()
        totals.settle(document)
        session.commit()
        return document.id


def _offices(world: World, place: Place) -> dict[str, Any]:
    return {
        "requesting_office_id": world.ids[place.office],
        "issuing_office_id": world.ids["office"],
        "agency_code": place.office.upper(),
    }


def a_basket(
    world: World,
    state: str = "draft",
    *lines: Wanted,
    place: Place = CLINIC,
    by: str = "",
    title: str = "Clinic office",
) -> int:
    """A market basket; without lines of its own, with one of $539.88 from an agreement."""
    made = _draft(
        world, MarketBasket, by or place.requester, lines or (KEYBOARDS,), place, title=title, **_offices(world, place)
    )
    return bring(world, made, state, place)


def a_request(
    world: World, state: str = "draft", *lines: Wanted, place: Place = CLINIC, by: str = "", title: str = "Printers"
) -> int:
    """A purchase request; without lines of its own, for $200.00."""
    made = _draft(
        world,
        PurchaseRequest,
        by or place.requester,
        lines or (PRINTER,),
        place,
        title=title,
        class_code="70",
        **_offices(world, place),
    )
    return bring(world, made, state, place)


def an_order(
    world: World,
    state: str = "draft",
    *lines: Wanted,
    place: Place = CLINIC,
    vendor: str = "A",
    agreement: str = "A",
    by: str = "",
    title: str = "Keyboards",
) -> int:
    """A delivery order; without lines of its own, for twelve keyboards from agreement A, $539.88."""
    made = _draft(
        world,
        DeliveryOrder,
        by or place.buyer,
        lines or (KEYBOARDS,),
        place,
        title=title,
        vendor_id=world.ids[f"vendor {vendor}"],
        agreement_id=world.ids[f"MA-{agreement}"],
        discount_percent=Decimal(2),
        discount_days=10,
        net_days=30,
    )
    return bring(world, made, state, place)


def a_released_order(world: World, *lines: Wanted, place: Place = CLINIC) -> int:
    """An order that may be received and billed."""
    return an_order(world, "released", *lines, place=place)


def an_agreement(world: World, state: str = "draft", *lines: Wanted, vendor: str = "B", **values: Any) -> int:
    """A master agreement with vendor B, open to all offices from July to June."""
    made = _draft(
        world,
        MasterAgreement,
        "buyer",
        lines or (Wanted("Binder", "1", "3.50", "7510", funding={}),),
        CLINIC,
        **(
            {
                "title": "Binders",
                "vendor_id": world.ids[f"vendor {vendor}"],
                "organization_id": world.ids["state"],
                "effective_on": date(2026, 7, 1),
                "expires_on": date(2027, 6, 30),
                "cited_authority": "KRS 45A.080",
            }
            | values
        ),
    )
    return bring(world, made, state)


def a_receipt(
    world: World,
    order_id: int,
    came: Mapping[int, str],
    state: str = "released",
    *,
    place: Place = CLINIC,
    by: str = "",
    on: date | None = None,
) -> int:
    """A receiving report: `{1: "10"}` is ten of the order's first line."""
    who = by or place.receiver
    with records(world) as session:
        office = world.app.extensions["office"]
        order = session.get_one(Document, order_id)
        receipt = workflow.start(
            session,
            office,
            Receipt,
            world.actor(who),
            title=f"Goods of {order.name}",
            order_id=order.id,
            vendor_id=order.vendor_id,
            organization_id=order.organization_id,
            received_by_id=world.ids[who],
            received_on=on or office.today(),
        )
        receipt.receipt_lines = [
            ReceiptLine(order_line_id=order.lines[number - 1].id, quantity=Decimal(quantity))
            for number, quantity in came.items()
        ]
        session.commit()
        made = receipt.id
    return bring(world, made, state, replace(place, receiver=who))


def an_invoice(
    world: World,
    order_id: int,
    billed: Mapping[int, tuple[str, str]],
    state: str = "draft",
    *,
    number: str = "A-1001",
    vendor: str = "A",
    place: Place = CLINIC,
    **values: Any,
) -> int:
    """A vendor's bill: `{1: ("10", "44.99")}` is ten of the order's first line at $44.99."""
    with records(world) as session:
        office = world.app.extensions["office"]
        order = session.get_one(Document, order_id)
        invoice = workflow.start(
            session,
            office,
            Invoice,
            world.actor(place.fiscal),
            **(
                {
                    "title": f"Invoice {number}",
                    "vendor_id": world.ids[f"vendor {vendor}"],
                    "organization_id": order.organization_id,
                    "vendor_invoice_number": number,
                    "invoiced_on": office.today(),
                    "received_on": office.today(),
                    "remit_to_id": world.ids[f"remit {vendor}"],
                    "net_days": 30,
                }
                | values
            ),
        )
        invoice.invoice_lines = [
            InvoiceLine(
                position=position,
                order_line_id=order.lines[row - 1].id,
                description=order.lines[row - 1].description,
                quantity=Decimal(quantity),
                unit_price=Decimal(price),
            )
            for position, (row, (quantity, price)) in enumerate(billed.items(), 1)
        ]
        session.flush()
        totals.settle(invoice)
        session.commit()
        made = invoice.id
    return bring(world, made, state, place)


def a_processed_invoice(world: World, number: str = "A-1001") -> int:
    """An order, received and billed in full, its payment in the queue."""
    order = a_released_order(world)
    a_receipt(world, order, {1: "12"})
    return an_invoice(world, order, {1: ("12", "44.99")}, "released", number=number)


def make(world: World, kind: str, state: str) -> int:
    """A document of a kind in a state."""
    if kind in ("invoice", "receipt"):
        order = a_released_order(world)
        if kind == "receipt":
            return a_receipt(world, order, {1: "2"}, state)
        a_receipt(world, order, {1: "12"})
        return an_invoice(world, order, {1: ("1", "44.99")}, state, number=f"A-{state}")
    makers = {
        "market_basket": a_basket,
        "purchase_request": a_request,
        "delivery_order": an_order,
        "master_agreement": an_agreement,
    }
    return makers[kind](world, state)


def state_of(world: World, document_id: int) -> str:
    """Where a document stands, read afresh."""
    with records(world) as session:
        return session.scalar(select(Document.state).where(Document.id == document_id)) or ""


def line_id(world: World, document_id: int, position: int = 1) -> int:
    """The id of a document's line."""
    with records(world) as session:
        return session.get_one(Document, document_id).lines[position - 1].id
