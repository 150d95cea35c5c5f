"""Every type of document prints in every state that it can be in, and an empty draft too."""

from datetime import date

import pytest

from app import workflow
from app.entities.document import State
from app.extensions import db
from app.models import DeliveryOrder, Document, Invoice, MarketBasket, MasterAgreement, PurchaseRequest, Receipt
from app.reports import FORMS
from app.reports.paper import STANDING
from app.rules.deeds import SYSTEM
from app.rules.documents import KINDS
from tests.support.making import (
    SIGNED,
    a_basket,
    a_receipt,
    a_released_order,
    a_request,
    an_agreement,
    an_invoice,
    an_order,
    bring,
    move,
    records,
)


def closed_by_a_job(make):
    """Baskets and requests are closed by nobody of the cast."""

    def made(world, state):
        if state != "closed":
            return make(world, state)
        key = make(world, "released")
        with records(world) as session:
            workflow.act(
                session,
                world.app.extensions["office"],
                session.get_one(Document, key),
                "close",
                SYSTEM,
                comment="Everything has come of it",
            )
        return key

    return made


def an_invoice_of_goods(world, state):
    order = a_released_order(world)
    a_receipt(world, order, {1: "12"})
    return an_invoice(world, order, {1: ("12", "44.99")}, state)


def a_receipt_of_goods(world, state):
    return a_receipt(world, a_released_order(world), {1: "12"}, state)


MAKE = {
    MarketBasket: closed_by_a_job(a_basket),
    PurchaseRequest: closed_by_a_job(a_request),
    MasterAgreement: an_agreement,
    DeliveryOrder: an_order,
    Receipt: a_receipt_of_goods,
    Invoice: an_invoice_of_goods,
}

LIVES = [
    (entity, state)
    for entity in MAKE
    for state in sorted({move.after for move in KINDS[entity].life} | {State.DRAFT} - {State.SUPERSEDED})
]


def test_every_type_of_document_has_its_form():
    assert set(FORMS) == set(KINDS)


def test_every_state_has_its_word():
    assert set(STANDING) == set(State)


@pytest.mark.parametrize("entity, state", LIVES, ids=[f"{entity.__name__} {state}" for entity, state in LIVES])
def test_a_document_prints_in_every_state_of_its_life(world, printed, entity, state):
    paper = printed(MAKE[entity](world, str(state)))
    form, (word, mark) = FORMS[entity], STANDING[state]
    assert form.title in paper.text
    assert form.words.get(state, word) in paper.text
    assert "Central Purchasing Office" in paper.text
    assert all((mark in page) == bool(mark) for page in paper.pages if mark), "the mark stands on every page"
    if not mark:
        assert not {one for _, one in STANDING.values() if one and one in paper.text}


def test_the_makers_above_know_every_state_of_a_signed_document():
    for entity in MAKE:
        if KINDS[entity].signed:
            assert {move.after for move in KINDS[entity].life} <= set(SIGNED)


EMPTY = {
    MarketBasket: ("requester", {}),
    PurchaseRequest: ("requester", {}),
    MasterAgreement: ("buyer", {}),
    DeliveryOrder: ("buyer", {}),
    Receipt: ("receiver", {"received_on": date(2026, 11, 23)}),
    Invoice: ("fiscal", {"invoiced_on": date(2026, 11, 23), "received_on": date(2026, 11, 23)}),
}


@pytest.mark.parametrize("entity", EMPTY, ids=lambda one: one.__name__)
def test_a_draft_with_nothing_in_it_prints(world, printed, entity):
    who, values = EMPTY[entity]
    if entity is Receipt:
        values = values | {"order_id": a_released_order(world), "received_by_id": world.ids["receiver"]}
    with records(world):
        made = workflow.start(
            db.session(), world.app.extensions["office"], entity, world.actor(who), title="", **values
        )
        db.session.commit()
        key = made.id
    paper = printed(key)
    assert f"Draft {key}" in paper.text and "DRAFT" in paper.text
    assert len(paper.pages) == 1


@pytest.mark.parametrize("entity", MAKE, ids=lambda one: one.__name__)
def test_the_same_document_gives_the_same_bytes(world, printed, entity):
    """Also later, and after the office has gone on working: a print carries the document's moment, not its own."""
    key = MAKE[entity](world, "draft")
    first = printed(key).content
    world.clock.on("2026-12-24", hour=20)
    a_request(world, title="Something else")
    assert printed(key).content == first


@pytest.mark.parametrize("entity", MAKE, ids=lambda one: one.__name__)
def test_a_changed_document_gives_another_paper(world, printed, entity):
    key = MAKE[entity](world, "draft")
    before = printed(key)
    with records(world) as session:
        session.get_one(entity, key).comments = "By the side door"
        session.commit()
    after = printed(key)
    assert "By the side door" in after.text and "By the side door" not in before.text
    assert fingerprint_in(after) != fingerprint_in(before)


def fingerprint_in(paper):
    return paper.text.split("fingerprint ")[1][:14]


def test_the_fingerprint_is_that_of_what_was_signed(world, printed):
    """Signing changes nothing that was agreed; a changed price does."""
    basket = a_basket(world)
    draft = fingerprint_in(printed(basket))
    with records(world) as session:
        session.get_one(MarketBasket, basket).lines[0].unit_price -= 1
        session.commit()
    changed = fingerprint_in(printed(basket))
    bring(world, basket, "routed")
    routed = fingerprint_in(printed(basket))
    move(world, basket, ("approve", "approver"), ("release", "approver"))
    released = printed(basket)
    assert draft != changed
    assert routed == fingerprint_in(released)
    assert "MB-2027-000001" in released.text and "DRAFT" not in released.text
