"""The chain of a document, in words and as a picture: what it came from and what came of it. Source: DOC-10."""

import re

from app import people, scope
from app.models import Document
from app.rules.documents import KINDS
from app.screens import chain as chains
from app.screens.chain import chain_of
from tests.support.making import KEYBOARDS, a_basket, a_receipt, a_released_order, a_request, an_invoice, records
from tests.support.pages import words

ALL = [entity.__tablename__ for entity in KINDS]


def the_chain(world):
    """An order with what was received and what was billed."""
    order = a_released_order(world)
    receipt = a_receipt(world, order, {1: "12"})
    return order, receipt, an_invoice(world, order, {1: ("12", "44.99")}, "routed")


def test_a_receipt_and_an_invoice_came_from_their_order_and_an_order_led_to_them(world, sign_in):
    order, receipt, invoice = the_chain(world)
    fay = sign_in("fiscal")
    page = fay.get(f"/delivery-order/show/{order}").text
    picture = re.search(r'<svg class="chain".*?</svg>', page, re.S)[0]
    assert {f'href="/receipt/show/{receipt}"', f'href="/invoice/show/{invoice}"'} <= set(
        re.findall(r'href="[^"]*"', picture)
    )
    assert f'href="/delivery-order/show/{order}"' not in picture and "Delivery order, this one" in picture
    page = fay.get(f"/invoice/show/{invoice}").text
    assert "Came from" in words(page) and f'<a href="/delivery-order/show/{order}">' in page


def test_the_picture_goes_from_left_to_right_and_no_box_covers_another(world):
    order, receipt, invoice = the_chain(world)
    with records(world) as session:
        chain = chain_of(session, session.get_one(Document, order), ALL)
        picture = chain.picture
        at = {box.document.id: box for box in picture.boxes}
    assert {receipt, invoice} <= {one.id for one, _ in chain.led_to} and len(picture.ways) == len(chain.links)
    assert all(at[source].x < at[target].x for source, target in chain.links)
    assert len({(box.x, box.y) for box in picture.boxes}) == len(picture.boxes)
    assert all(0 <= box.x <= picture.width - picture.wide for box in picture.boxes)
    assert all(0 <= box.y <= picture.height - picture.high for box in picture.boxes)


def test_what_a_person_does_not_see_is_not_in_the_chain(world):
    order, *_ = the_chain(world)
    with records(world) as session:
        document = session.get_one(Document, order)
        assert len(chain_of(session, document, ALL).led_to) == 2
        scope.look(session, people.sight_of(session, world.actor("stranger")))
        unseen = chain_of(session, document, ALL)
        assert not unseen.parts and not unseen.links and len(unseen.picture.boxes) == 1


def test_a_type_of_document_that_one_may_not_look_up_is_not_in_the_chain(world, sign_in):
    """Fiscal pays what a basket led to, and looks up no baskets."""
    basket = a_basket(world, "released")
    with records(world) as session:
        (order,) = [one.document_id for one in session.get_one(Document, basket).outcomes]
    assert f"/market-basket/show/{basket}" in sign_in("approver").get(f"/delivery-order/show/{order}").text
    assert f"/market-basket/show/{basket}" not in sign_in("fiscal").get(f"/delivery-order/show/{order}").text


def test_what_would_be_too_much_for_a_picture_is_a_list(world, sign_in, monkeypatch):
    order, receipt, _ = the_chain(world)
    monkeypatch.setattr(chains, "MOST_DRAWN", 1)
    page = sign_in("approver").get(f"/delivery-order/show/{order}").text
    assert 'class="chain"' not in page and f"/receipt/show/{receipt}" in page


def test_an_invoice_of_many_lines_is_one_step(both, monkeypatch):
    order = a_released_order(both, KEYBOARDS, KEYBOARDS, KEYBOARDS)
    receipt = a_receipt(both, order, dict.fromkeys((1, 2, 3), "12"))
    invoice = an_invoice(both, order, dict.fromkeys((1, 2, 3), ("12", "44.99")))
    monkeypatch.setattr(chains, "MOST", 2)
    with records(both) as session:
        led_to = chain_of(session, session.get_one(Document, order), ALL).led_to
        assert {one.id for one, _ in led_to} == {receipt, invoice}


def test_a_document_alone_has_no_picture(world, sign_in):
    page = sign_in("requester").get(f"/purchase-request/show/{a_request(world)}").text
    assert "No related documents" in page and 'class="chain"' not in page
