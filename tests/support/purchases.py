"""Orders that are released and goods that have come in, made through `workflow`, for tests of what comes after."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import select

from app import totals, workflow
from app.extensions import db
from app.models import CatalogItem, DeliveryOrder, Document, LineFunding, LineItem, MarketBasket, Receipt, ReceiptLine
from tests.support.world import World

KEYBOARDS, TOUCHPADS = "Keyboard, wired USB, contoured", "Keyboard, wireless with touchpad"
TONER = "Toner cartridge, black"


@dataclass(frozen=True)
class Ordered:
    """A released order: its id and those of its lines."""

    id: int
    lines: tuple[int, ...]
    number: str


def order(world: World, *rows: tuple[str, str], due: str = "2026-12-10", **fields: Any) -> Ordered:
    """A released order of catalog items of one vendor: (item, quantity); `fields` go onto every line."""
    with world.app.app_context():
        session, office, i = db.session(), world.app.extensions["office"], world.ids
        basket = workflow.start(
            session,
            office,
            MarketBasket,
            world.actor("requester"),
            title="For the clinic",
            requesting_office_id=i["clinic"],
            issuing_office_id=i["office"],
            agency_code="DPH",
        )
        for position, (name, quantity) in enumerate(rows, 1):
            item = session.get_one(CatalogItem, i[f"item {name}"])
            agreed: Any = item.agreement_line
            line = LineItem(
                position=position,
                description=name,
                quantity=Decimal(quantity),
                unit_price=item.unit_price,
                unit=item.unit,
                commodity_code_id=item.commodity_code_id,
                delivery_on=date.fromisoformat(due),
                ship_to_id=i["clinic dock"],
                deliver_to_id=i["clinic dock"],
                invoice_to_id=i["clinic dock"],
                supply="agreement",
                catalog_item_id=item.id,
                agreement_line_id=agreed.id,
                vendor_id=item.vendor_id,
                over_tolerance=agreed.over_tolerance,
                **fields,
            )
            basket.lines.append(line)
            line.funding = [
                LineFunding(position=1, strip_id=i["S1"], share=Decimal(60)),
                LineFunding(position=2, strip_id=i["S2"], share=Decimal(40)),
            ]
        totals.settle(basket)
        session.commit()
        step(world, basket, ("route", "requester"), ("approve", "approver"))
        made = workflow.act(session, office, basket, "release", world.actor("approver")).made
        (ordered,) = [one for one in made if isinstance(one, DeliveryOrder)]
        step(world, ordered, ("route", "approver"), ("approve", "approver"), ("release", "approver"))
        found = Ordered(ordered.id, tuple(line.id for line in ordered.lines), str(ordered.number))
        db.session.remove()
    return found


def step(world: World, document: Document, *steps: tuple[str, str], **how: Any) -> None:
    """Move a document on: (action, who)."""
    for action, who in steps:
        workflow.act(
            db.session(), world.app.extensions["office"], document, action, world.actor(who), proved=True, **how
        )


def receive(world: World, ordered: Ordered, *quantities: str, on: str = "") -> int:
    """A recorded receiving report: a quantity for each line, "0" for none."""
    with world.app.app_context():
        session, office = db.session(), world.app.extensions["office"]
        source = session.get_one(Document, ordered.id)
        receipt = workflow.start(
            session,
            office,
            Receipt,
            world.actor("receiver"),
            title="Goods",
            order_id=ordered.id,
            vendor_id=source.vendor_id,
            organization_id=source.organization_id,
            received_by_id=world.ids["receiver"],
            received_on=date.fromisoformat(on) if on else office.today(),
        )
        receipt.receipt_lines = [
            ReceiptLine(order_line_id=line, quantity=Decimal(quantity))
            for line, quantity in zip(ordered.lines, quantities, strict=False)
            if quantity != "0"
        ]
        session.commit()
        step(world, receipt, ("release", "receiver"))
        found = receipt.id
        db.session.remove()
    return found


def also(world: World, name: str, role: str) -> None:
    """Give somebody another role."""
    with world.app.app_context():
        user = db.session.scalar(select(User).where(User.username == name))
        user.roles.append(db.session.scalar(select(Role).where(Role.name == role)))
        db.session.commit()
        db.session.remove()
