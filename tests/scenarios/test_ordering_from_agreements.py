"""From an agreement to a draft order: lines, quantities, and agreements that cannot be ordered from."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.models import (
    DeliveryOrder,
    MasterAgreement,
)
from tests.support.making import records
from tests.support.pages import words
from tests.support.people import Person
from tests.support.shopping import WIRED, WIRELESS, item_id, restrict


# Ordering from an agreement.
@pytest.fixture
def bert(world):
    return Person(world.app, "buyer")


def agreed_lines(world):
    with records(world) as session:
        return {line.description: line.id for line in session.get(MasterAgreement, world.ids["MA-A"]).lines}


def test_from_the_agreement_to_a_draft_order(bert, world):
    agreement, keys = world.ids["MA-A"], agreed_lines(world)
    assert f'href="/delivery-order/add?agreement={agreement}"' in bert.get(f"/master-agreement/show/{agreement}").text
    page = words(bert.get(f"/delivery-order/add?agreement={agreement}").text)
    assert WIRED in page and "44.99 EA" in page and "3 lines" in page
    answer = bert.post(
        "/delivery-order/add",
        **{
            "agreement": agreement,
            "do": "make",
            "title": "Keyboards for the office",
            f"quantity-{keys[WIRED]}": "12",
            f"quantity-{keys[WIRELESS]}": " ",
            "key": "once",
        },
    )
    assert answer.request.path.startswith("/delivery-order/show/")
    with records(world) as session:
        order = session.scalar(select(DeliveryOrder))
        (line,) = order.lines
        assert (order.title, order.agreement_id, order.vendor_id, order.state, order.total, order.discount_percent) == (
            "Keyboards for the office",
            agreement,
            world.ids["vendor A"],
            "draft",
            Decimal("539.88"),
            2,
        )
        assert (
            line.agreement_line_id,
            line.source_line_id,
            line.catalog_item_id,
            line.quantity,
            line.over_tolerance,
        ) == (keys[WIRED], keys[WIRED], item_id(world, WIRED), 12, 10)
        assert line.delivery_on == date(2026, 11, 30)
        assert [(one.source_id, one.relation) for one in order.sources] == [(agreement, "orders from")]
    again = bert.post(
        "/delivery-order/add", **{"agreement": agreement, "do": "make", f"quantity-{keys[WIRED]}": "12", "key": "once"}
    )
    assert "had been made already" in words(again.text)
    with records(world) as session:
        assert len(session.scalars(select(DeliveryOrder)).all()) == 1


@pytest.mark.parametrize(
    "typed, said", [("x", "Enter a number"), ("0", "above 0"), ("-2", "At least 0"), ("1.00001", "At most 4")]
)
def test_quantities_that_cannot_be_read_stay_and_make_nothing(bert, world, typed, said):
    keys = agreed_lines(world)
    answer = bert.post(
        "/delivery-order/add",
        **{
            "agreement": world.ids["MA-A"],
            "do": "make",
            f"quantity-{keys[WIRED]}": typed,
            f"quantity-{keys[WIRELESS]}": "3",
        },
    )
    assert answer.status_code == 422
    assert said in answer.text and f'value="{typed}"' in answer.text
    assert f'name="quantity-{keys[WIRELESS]}" value="3"' in answer.text
    with records(world) as session:
        assert session.scalars(select(DeliveryOrder)).all() == []


def test_quantities_stay_while_other_lines_are_looked_for(bert, world):
    keys = agreed_lines(world)
    page = bert.post(
        "/delivery-order/add",
        **{"agreement": world.ids["MA-A"], "do": "find", "q": "lamp", f"quantity-{keys[WIRED]}": "4", "title": "Mine"},
    ).text
    assert WIRED not in words(page) and "Desk lamp" in page
    assert f'type="hidden" name="quantity-{keys[WIRED]}" value="4"' in page and 'value="Mine"' in page


def test_an_order_needs_a_line_of_that_agreement(bert, world):
    with records(world) as session:
        foreign = session.get(MasterAgreement, world.ids["MA-B"]).lines[0].id
    for data in ({}, {f"quantity-{foreign}": "1"}, {"quantity-x": "1"}, {"quantity-99999999": "1"}):
        answer = bert.post("/delivery-order/add", agreement=world.ids["MA-A"], do="make", **data)
        assert answer.status_code == 422
        assert "at least one line" in answer.text


def test_an_agreement_that_cannot_be_ordered_from_says_why(world):
    world.clock.on("2027-07-02")
    bert, key = Person(world.app, "buyer"), world.ids["MA-A"]
    assert "Order from this" not in bert.get(f"/master-agreement/show/{key}").text
    page = bert.get(f"/delivery-order/add?agreement={key}")
    assert "is expired" in words(page.text)
    refused = bert.post(
        "/delivery-order/add", agreement=key, do="make", **{f"quantity-{agreed_lines(world)[WIRED]}": "1"}
    )
    assert refused.status_code == 409
    assert "MA-2027-000001" not in bert.get("/delivery-order/add").text


def test_the_agreements_to_choose_from(bert, world):
    page = bert.get("/delivery-order/add").text
    assert "MA-2027-000001" in page and "MA-2027-000002" in page
    found = bert.get("/delivery-order/add?q=bluegrass").text
    assert "MA-2027-000001" not in found and "MA-2027-000002" in found
    restrict(world)
    assert "MA-2027-000001" not in bert.get("/delivery-order/add").text
    assert bert.get(f"/delivery-order/add?agreement={world.ids['MA-A']}").status_code == 404
    assert bert.get("/delivery-order/add?agreement=99999").status_code == 404
    assert Person(world.app, "requester").get("/delivery-order/add").status_code == 403
