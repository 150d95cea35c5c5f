"""Ticked documents are signed together while they are clean and small; one summary says what was left. Source: DOC-04."""

from datetime import timedelta
from decimal import Decimal

import pytest

from app.extensions import db
from app.models import Document, Policy, Signature
from tests.support.around import let_write
from tests.support.making import (
    BENCH,
    PARKS,
    Wanted,
    a_basket,
    a_request,
    records,
    state_of,
)
from tests.support.pages import words
from tests.support.people import Person
from tests.support.world import PASSWORD


def test_tick_several_and_sign_once(both):
    chosen = [a_basket(both, "routed", title=f"Number {number}") for number in range(3)]
    left = a_basket(both, "routed", title="Not ticked")
    amos = Person(both.app, "approver")
    page = amos.post("/inbox/approve", selected=[str(one) for one in chosen], password=PASSWORD, key="k")
    assert "You approved 3 documents for $" in words(page.text) and "1 to sign." in words(page.text)
    assert [state_of(both, one) for one in chosen] == ["approved"] * 3 and state_of(both, left) == "routed"
    again = amos.post("/inbox/approve", selected=[str(one) for one in chosen], password=PASSWORD, key="k")
    assert "You approved" not in words(again.text)
    with records(both) as session:
        assert session.scalar(db.select(db.func.count(Signature.id)).where(Signature.document_id.in_(chosen))) == 3


def test_what_is_refused_stays_and_the_rest_is_signed(world, sign_in):
    good, own = a_basket(world, "routed"), a_basket(world, "routed")
    let_write(world, own, "chief")
    bench = a_basket(world, "routed", BENCH, place=PARKS)
    page = sign_in("chief").post(
        "/inbox/approve", selected=[str(good), str(own), str(bench), "nonsense"], password=PASSWORD
    )
    text = words(page.text)
    assert "You approved 2 documents for $" in text
    assert "MB-2027-000002: You created or changed this document" in text
    assert [state_of(world, one) for one in (good, own, bench)] == ["approved", "routed", "approved"]


def test_what_is_dear_or_has_a_problem_is_looked_at_alone_and_one_summary_says_why(world, sign_in):
    with records(world) as session:
        session.add(Policy(name="bulk approval", value=Decimal(600), effective_from=world.clock().date()))
        session.commit()
    good, late = a_basket(world, "routed"), a_basket(world, "routed")
    dear = a_request(world, "routed", Wanted(quantity="7"))
    with records(world) as session:
        session.get_one(Document, late).lines[0].delivery_on = world.clock().date() - timedelta(days=1)
        session.info["moving"] = True
        session.commit()
    page = sign_in("approver").post("/inbox/approve", selected=[str(good), str(late), str(dear)], password=PASSWORD)
    assert page.text.count('class="alert ') == 1
    text = words(page.text)
    assert "You approved 1 document for $539.88. 2 documents are not signed and still here." in text
    assert "$700.00 is above $600.00" in text and "The delivery date 2026-11-22 is past" in text
    assert [state_of(world, one) for one in (good, late, dear)] == ["approved", "routed", "routed"]


def test_a_summary_of_many_refusals_still_travels(world, sign_in):
    with records(world) as session:
        session.add(Policy(name="bulk approval", value=Decimal(1), effective_from=world.clock().date()))
        session.commit()
    chosen = [a_request(world, "routed", title=f"Number {number}") for number in range(9)]
    page = sign_in("approver").post("/inbox/approve", selected=[str(one) for one in chosen], password=PASSWORD)
    text = words(page.text)
    assert "Nothing was signed. 9 documents are not signed and still here." in text and "and 3 more" in text


def test_out_of_sight_cannot_be_ticked(world, sign_in):
    bench = a_basket(world, "routed", BENCH, place=PARKS)
    sign_in("approver").post("/inbox/approve", selected=[str(bench)], password=PASSWORD)
    assert state_of(world, bench) == "routed"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"password": "wrong"}, "This is not your password"),
        ({}, "This is not your password"),
        ({"password": PASSWORD, "selected": []}, "Tick the documents first"),
    ],
)
def test_without_ticks_or_password_nothing_is_signed(world, sign_in, sent, said):
    basket = a_basket(world, "routed")
    page = sign_in("approver").post("/inbox/approve", **({"selected": [str(basket)]} | sent))
    assert said in words(page.text) and state_of(world, basket) == "routed"
