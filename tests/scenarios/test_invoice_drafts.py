"""A receipt drafts the invoice for who is named on the order, who only enters the vendor's number. Source: TH-02, F19.02."""

import re
from decimal import Decimal

import pytest
from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import select

from app.models import DeliveryOrder, DocumentLink, Invoice, Notice
from tests.support.making import (
    KEYBOARDS,
    a_receipt,
    an_invoice,
    an_order,
    bring,
    move,
    records,
    state_of,
)
from tests.support.pages import forms_of, words
from tests.support.people import Person


def name_clerk(world, order, who="fiscal"):
    """The buyer names the invoice clerk in the head of the order."""
    buyer = Person(world.app, "buyer")
    page = buyer.get(f"/delivery-order/edit/{order}").text
    form = next(one for one in forms_of(page) if "invoice_clerk" in one.fields)
    return buyer.post(f"/delivery-order/edit/{order}", **form.sent(invoice_clerk=world.ids[who]))


def ordered(world, *lines, who="fiscal"):
    """A released order with an invoice clerk."""
    order = an_order(world, "draft", *lines)
    assert name_clerk(world, order, who).status_code == 200
    return bring(world, order, "released")


def drafts(world):
    """The invoices, with what they bill: owner, position of the order's line, quantity, price; and their sum."""
    with records(world) as session:
        return [
            (
                one.owner.username,
                [(line.order_line.position, line.quantity, line.unit_price) for line in one.invoice_lines],
                one.total,
            )
            for one in session.scalars(select(Invoice).order_by(Invoice.id))
        ]


def told(world, name, kind="draft"):
    with records(world) as session:
        mine = select(Notice.text).where(Notice.user_id == world.ids[name], Notice.kind == kind).order_by(Notice.id)
        return list(session.scalars(mine))


def take_rights(world, name, role):
    """An administrator takes a role from somebody."""
    with records(world) as session:
        user = session.get_one(User, world.ids[name])
        user.roles.remove(session.scalars(select(Role).where(Role.name == role)).one())
        session.commit()


def test_what_came_is_a_draft_that_wants_only_the_vendors_number(both):
    order = ordered(both)
    receipt = a_receipt(both, order, {1: "10"}, "draft")
    recorded = Person(both.app, "receiver").press("receipt", receipt, "release")
    assert recorded.status_code == 200 and "Made: invoice for 449.90" in words(recorded.text)
    assert drafts(both) == [("fiscal", [(1, Decimal(10), Decimal("44.99"))], Decimal("449.90"))]
    assert told(both, "fiscal") == [
        "RR-2027-000001 brought goods of DO-2027-000001: enter the number of Adesso Supply's invoice"
    ]

    fay = Person(both.app, "fiscal")
    page = fay.get("/notices/").text
    assert "RR-2027-000001 brought goods" in words(page)
    opened = fay.post(re.search(r'action="(/notices/open/\d+)"', page)[1], follow=False)
    assert opened.location.endswith("#details"), "where the number is entered"
    assert "Invoice without number" in words(fay.get("/desk/").text), "in her main cabinet"
    with records(both) as session:
        invoice = session.scalars(select(Invoice.id)).one()
        link = select(DocumentLink.source_id, DocumentLink.relation).where(DocumentLink.document_id == invoice)
        assert {tuple(row) for row in session.execute(link)} == {(order, "bills"), (receipt, "came from")}
    refused = fay.press("invoice", invoice, "route")
    assert refused.status_code == 409 and "Enter the vendor's invoice number." in words(refused.text)
    page = fay.get(f"/invoice/show/{invoice}").text
    assert "matched" in words(page).lower()
    details = next(one for one in forms_of(page) if "vendor_invoice_number" in one.fields)
    saved = fay.post(f"/invoice/edit/{invoice}", **details.sent(vendor_invoice_number="A-77"))
    assert "Invoice A-77, Adesso Supply" in words(saved.text)
    assert fay.press("invoice", invoice, "route").status_code == 200
    assert state_of(both, invoice) == "routed"

    a_receipt(both, order, {1: "2"})
    assert drafts(both)[1:] == [("fiscal", [(1, Decimal(2), Decimal("44.99"))], Decimal("89.98"))]


@pytest.mark.parametrize(
    ("billed", "came", "left"),
    [
        ("12", "12", []),
        ("10", "12", ["2"]),
        ("12", "4", []),
        ("2", "12", ["10"]),
    ],
)
def test_a_bill_that_came_before_its_goods_is_not_drafted_again(world, billed, came, left):
    order = ordered(world)
    an_invoice(world, order, {1: (billed, "44.99")})
    a_receipt(world, order, {1: came})
    assert [str(line[1].normalize()) for one in drafts(world)[1:] for line in one[1]] == [
        str(Decimal(one).normalize()) for one in left
    ]


def test_only_what_came_is_billed_line_by_line(world):
    order = ordered(world, KEYBOARDS, KEYBOARDS)
    a_receipt(world, order, {1: "0", 2: "3"})
    assert [(place, much) for place, much, _ in drafts(world)[0][1]] == [(2, Decimal(3))]


def test_nobody_is_named_and_nothing_is_drafted(world):
    order = an_order(world, "released")
    a_receipt(world, order, {1: "12"})
    assert drafts(world) == []


def test_the_invoice_clerk_is_somebody_who_may_enter_invoices(world):
    buyer = Person(world.app, "buyer")
    offered = {one["text"] for one in buyer.get("/lookup/invoice_clerk").json["results"]}
    assert offered and any("Fay" in one for one in offered) and not any("Rosa" in one for one in offered)
    order = an_order(world)
    refused = name_clerk(world, order, "receiver")
    assert refused.status_code == 422 and "Choose one from the list." in words(refused.text)
    with records(world) as session:
        assert session.get_one(DeliveryOrder, order).invoice_clerk_id is None


def test_who_lost_the_right_meanwhile_is_said_at_routing(world):
    order = an_order(world)
    name_clerk(world, order)
    take_rights(world, "fiscal", "Fiscal")
    refused = Person(world.app, "buyer").press("delivery-order", order, "route")
    assert refused.status_code == 409
    assert "Fay Fiscal may not enter invoices. Choose somebody else as invoice clerk, or nobody." in words(refused.text)
    assert state_of(world, order) == "draft"


def test_goods_are_received_all_the_same_when_the_clerk_lost_the_right(both):
    order = ordered(both)
    take_rights(both, "fiscal", "Fiscal")
    receipt = a_receipt(both, order, {1: "12"})
    assert state_of(both, receipt) == "released" and drafts(both) == []
    assert told(both, "buyer") == [
        "No invoice was drafted for RR-2027-000001: Fay Fiscal may not enter invoices any more"
    ]


def test_the_clerk_is_told_when_the_goods_are_taken_back(both):
    receipt = a_receipt(both, ordered(both), {1: "12"})
    move(both, receipt, ("reverse", "receiver"), comment="Another order's")
    assert told(both, "fiscal", "matched") == [
        "Goods were taken back for Invoice without number, Adesso Supply: line 1 nothing received"
    ]
