"""The people of the demonstration: roles, desks, and the way from need to payment that they can walk."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select

from app import audit, ledger, people, scope, totals, workflow
from app.demo.cast import CAST, HOUSEHOLDS, PASSWORD
from app.entities.document import State
from app.extensions import db
from app.models import (
    CatalogItem,
    CommodityCode,
    DeliveryOrder,
    Document,
    FundingTemplate,
    Invoice,
    InvoiceLine,
    LineFunding,
    LineItem,
    MarketBasket,
    Profile,
    PurchaseRequest,
    Receipt,
    ReceiptLine,
)
from tests.support.demo_office import SATURDAY, actor_of, made
from tests.support.offices import application
from tests.support.people import Person
from tests.support.world import Clock

ROLES = (
    "Requester",
    "Approver",
    "Purchasing technician",
    "Buyer",
    "Evaluator",
    "CRC",
    "Receiver",
    "Fiscal",
    "Manager",
    "ITS",
    "Reviewer",
    "Auditor",
    "Admin",
)


# Who there is.


def test_each_role_has_somebody_and_the_admin_is_nothing_else(demo):
    users = {user.username: user for user in db.session.scalars(select(User))}
    assert [
        role for role in ROLES if not any(role in [one.name for one in user.roles] for user in users.values())
    ] == []
    assert [role.name for role in users["admin"].roles] == ["Admin"]
    assert all(len(user.roles) == 1 for user in users.values())
    assert len(users) == len(CAST)


@pytest.mark.parametrize(
    "name",
    [
        "requester",
        "approver",
        "approver2",
        "technician",
        "buyer",
        "chief",
        "evaluator",
        "crc",
        "receiver",
        "fiscal",
        "manager",
        "its",
        "reviewer",
        "auditor",
        "admin",
    ],
)
def test_everybody_signs_in_and_sees_their_desk(name, databases):
    app = application(databases.copy("sqlite", "demo", made), Clock(SATURDAY))
    page = Person(app, name, PASSWORD).get("/")
    first, last = next((first, last) for user, first, last, *_ in CAST if user == name)
    assert page.status_code == 200 and (last in page.text or f"{first[0]}{last[0]}" in page.text)


def test_people_have_their_defaults(demo):
    for household in HOUSEHOLDS.values():
        user = db.session.scalars(select(User).where(User.username == household.requester)).one()
        profile = db.session.scalars(select(Profile).where(Profile.user_id == user.id)).one()
        assert profile.ship_to and profile.deliver_to and profile.invoice_to and profile.issuing_office
        template = db.session.get_one(FundingTemplate, profile.funding_template_id)
        assert [part.percent for part in template.parts] == [60, 40]
    limits = dict(
        db.session.execute(
            select(User.username, Profile.approval_limit).join(Profile, Profile.user_id == User.id)
        ).all()
    )
    assert limits["approver"] == 25_000 and limits["approver2"] == 100_000


class Walk:
    """One person after the other, each seeing what they may see."""

    def __init__(self, app: Flask) -> None:
        self.app, self.session, self.office = app, db.session(), app.extensions["office"]

    def enter(self, name: str) -> people.Actor:
        """Sit down at somebody's desk."""
        actor = actor_of(self.app, name)
        self.session.info["actor"] = actor
        scope.look(self.session, people.sight_of(self.session, actor))
        return actor

    def press(self, name: str, document: Document, action: str) -> list[Document]:
        """Press a button that the person is shown."""
        actor = self.enter(name)
        seen = self.session.scalars(select(Document).where(Document.id == document.id)).one()
        assert action in [move.action for move in workflow.possible(seen, actor)], f"{name} has no {action} on {seen}"
        return workflow.act(self.session, self.office, seen, action, actor, proved=True).made

    def item(self, name: str) -> CatalogItem:
        """An item by its name."""
        return self.session.scalars(
            select(CatalogItem).where(CatalogItem.name == name, CatalogItem.active.is_(True))
        ).first()


def test_the_cast_walks_from_need_to_payment(both_demos):
    walk, clock = Walk(both_demos), both_demos.extensions["office"].clock
    clock.on("2026-11-23")
    basket = _fill_a_basket(walk)
    walk.press("requester", basket, "route")
    walk.press("approver", basket, "approve")
    documents = walk.press("approver", basket, "release")
    assert Counter(type(one) for one in documents) == {DeliveryOrder: 3, PurchaseRequest: 1}
    for document in documents:
        for action in ("route", "approve", "release"):
            walk.press("approver", document, action)
    order = next(one for one in documents if one.vendor and one.vendor.name == "INSIGHT PUBLIC SECTOR")
    clock.on("2026-11-30")
    receipt = _receive(walk, order)
    walk.press("receiver", receipt, "release")
    clock.on("2026-12-01")
    invoice = _bill(walk, order)
    walk.press("fiscal", invoice, "route")
    walk.press("approver", invoice, "approve")
    walk.press("fiscal", invoice, "release")
    assert invoice.payment.discount == Decimal("10.80") and str(invoice.payment.scheduled_on) == "2026-12-11"
    clock.on("2026-12-11")
    walk.press("fiscal", invoice, "close")
    assert invoice.state == State.CLOSED and invoice.payment.paid_on is not None
    scope.look(walk.session, None)
    assert ledger.reconcile(walk.session) == [] and audit.verify(walk.session) == []


def _fill_a_basket(walk: Walk) -> MarketBasket:
    actor, session = walk.enter("requester"), walk.session
    profile = people.profile_of(session, actor.user_id)
    basket = workflow.start(
        session,
        walk.office,
        MarketBasket,
        actor,
        title="A walk",
        requesting_office_id=profile.requesting_office_id,
        issuing_office_id=profile.issuing_office_id,
        agency_code="DPH",
    )
    template = session.get_one(FundingTemplate, profile.funding_template_id)
    wanted = [
        ("Adesso - Tru-Form Media Contoured Ergonomic Keyboard - Black", 12),
        ("Desk, oak, 60 inches", 2),
        ("Pen, felt tip, blue, medium point, box of 12", 3),
        ("", 1),
    ]
    for name, quantity in wanted:
        item = walk.item(name) if name else None
        code = (
            item.commodity_code_id
            if item
            else session.scalar(select(CommodityCode.id).where(CommodityCode.code == "6670"))
        )
        line = LineItem(
            description=name or "Infant scale",
            quantity=Decimal(quantity),
            commodity_code_id=code,
            unit_price=item.unit_price if item else Decimal("298.50"),
            unit=item.unit if item else "EA",
            supply=item.source if item else "open",
            catalog_item_id=item.id if item else None,
            agreement_line_id=item.agreement_line_id if item else None,
            vendor_id=item.vendor_id if item else None,
            delivery_on=walk.office.today() + timedelta(days=14),
            ship_to_id=profile.ship_to_id,
            deliver_to_id=profile.deliver_to_id,
            invoice_to_id=profile.invoice_to_id,
            position=0,
            justification="" if item else "The laboratory's balances are no scales for infants.",
        )
        line.funding = [
            LineFunding(position=position, strip_id=part.strip_id, share=part.percent)
            for position, part in enumerate(template.parts, 1)
        ]
        basket.lines.append(line)
    totals.settle(basket)
    session.commit()
    assert not [one for one in workflow.validate(session, walk.office, basket, actor) if not one.warning]
    return basket


def _receive(walk: Walk, order: Document) -> Receipt:
    actor = walk.enter("receiver")
    seen = walk.session.scalars(select(DeliveryOrder).where(DeliveryOrder.id == order.id)).one()
    receipt = workflow.start(
        walk.session,
        walk.office,
        Receipt,
        actor,
        title="Keyboards",
        order_id=seen.id,
        vendor_id=seen.vendor_id,
        organization_id=seen.organization_id,
        received_by_id=actor.user_id,
        received_on=walk.office.today(),
    )
    receipt.receipt_lines = [ReceiptLine(order_line_id=line.id, quantity=line.quantity) for line in seen.lines]
    walk.session.commit()
    return receipt


def _bill(walk: Walk, order: Document) -> Invoice:
    actor = walk.enter("fiscal")
    seen = walk.session.scalars(select(DeliveryOrder).where(DeliveryOrder.id == order.id)).one()
    invoice = workflow.start(
        walk.session,
        walk.office,
        Invoice,
        actor,
        title="Keyboards",
        vendor_id=seen.vendor_id,
        organization_id=seen.organization_id,
        vendor_invoice_number="WALK-1",
        invoiced_on=walk.office.today(),
        received_on=walk.office.today(),
        remit_to_id=seen.vendor.addresses[0].id,
        discount_percent=seen.discount_percent,
        discount_days=seen.discount_days,
        net_days=seen.net_days,
    )
    invoice.invoice_lines = [
        InvoiceLine(
            position=number,
            order_line_id=line.id,
            description=line.description,
            quantity=line.quantity,
            unit_price=line.unit_price,
        )
        for number, line in enumerate(seen.lines, 1)
    ]
    totals.settle(invoice)
    walk.session.commit()
    return invoice
