"""Lines by a commodity code in the basket, their reasons, and a basket of every source on its way."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.models import (
    CommodityCode,
    DeliveryOrder,
    MarketBasket,
    PurchaseRequest,
)
from tests.support.global_change import fund_alike
from tests.support.making import records
from tests.support.pages import words
from tests.support.people import Person
from tests.support.shopping import HTMX, WIRED, baskets, item_id, lines


def test_a_code_that_an_approved_source_offers_asks_for_a_reason_in_place(rosa, world):
    key = world.ids["7110"]
    page = rosa.get(f"/items/code/{key}").text
    assert "Class 71 is offered by approved sources" in page and "Desk, oak, 60 inches" in page
    answer = rosa.client.post(
        f"/items/add-code/{key}",
        headers=HTMX,
        data={"csrf_token": rosa.token, "quantity": "1", "description": "Credenza, 72 inches", "price": "850"},
    )
    assert answer.status_code == 422
    assert "Say why what is offered does not serve" in answer.text and "Desk, oak, 60 inches" in answer.text
    assert 'value="Credenza, 72 inches"' in answer.text and 'value="850"' in answer.text and 'value="1"' in answer.text
    assert baskets(world) == []
    done = rosa.post(
        f"/items/add-code/{key}",
        quantity="1",
        description="Credenza, 72 inches",
        price="850",
        justification="  The room needs 72 inches. ",
    )
    assert "In your basket: 1 Credenza" in words(done.text) and "Request, class 71" in words(done.text)
    (line,) = lines(world)
    assert (
        line
        | {
            "supply": "open",
            "commodity_code_id": key,
            "justification": "The room needs 72 inches.",
            "unit_price": 850,
            "amount": 850,
            "catalog_item_id": None,
            "vendor_id": None,
        }
        == line
    )


def test_a_code_that_nobody_offers_needs_no_reason(rosa, world):
    key = world.ids["7025"]
    assert "approved sources" not in rosa.get(f"/items/code/{key}").text
    for _ in range(2):
        assert rosa.post(f"/items/add-code/{key}", quantity="2").status_code == 200
    rosa.post(f"/items/add-code/{key}", quantity="1", description="Label printer")
    assert baskets(world) == [{"ADP input/output and storage devices": 4, "Label printer": 1}]


def test_one_reason_serves_a_class(rosa, world):
    rosa.post(f"/items/add-code/{world.ids['7110']}", quantity="1", justification="Too small")
    assert rosa.post(f"/items/add-code/{world.ids['7125']}", quantity="1").status_code == 200
    assert len(baskets(world)[0]) == 2


@pytest.mark.parametrize(
    "field, typed, said",
    [("quantity", "lots", "Enter a number"), ("price", "cheap", "Enter a number"), ("price", "-5", "At least 0")],
)
def test_what_was_typed_for_a_code_stays(rosa, world, field, typed, said):
    answer = rosa.post(
        f"/items/add-code/{world.ids['7025']}", **{"quantity": "1", "description": "Printer", field: typed}
    )
    assert answer.status_code == 422
    assert said in answer.text and f'value="{typed}"' in answer.text and 'value="Printer"' in answer.text
    assert baskets(world) == []


def test_a_service_code_needs_no_address(rosa, world):
    with records(world) as session:
        scheme = session.get(CommodityCode, world.ids["7025"]).scheme_id
        code = CommodityCode(scheme_id=scheme, code="R608", name="Translation", service=True)
        session.add(code)
        session.commit()
        key = code.id
    rosa.post(f"/items/add-code/{key}", quantity="8")
    (line,) = lines(world)
    assert line["service"] and line["ship_to_id"] is None and line["invoice_to_id"] == world.ids["clinic dock"]


def test_a_basket_filled_from_every_source_becomes_orders_and_requests(rosa, world):
    """The whole way of the procedure: shop, fund, route, approve, release (IN-07)."""
    for name, quantity in ((WIRED, "12"), ("Toner cartridge, black", "7")):
        rosa.post(f"/items/add/{item_id(world, name)}", quantity=quantity)
    rosa.post(f"/items/add/{world.ids['item desk']}", quantity="2")
    rosa.post(
        f"/items/add-code/{world.ids['7105']}",
        quantity="1",
        price="850",
        justification="Room needs 72 inches",
        description="Credenza",
    )
    with records(world) as session:
        basket = session.scalar(select(MarketBasket))
        key = basket.id
        for line in basket.lines:
            line.delivery_on = line.delivery_on or date(2026, 12, 10)
        session.commit()
    page = fund_alike(rosa, world, "market-basket", key, ("S1", "100"))
    assert page.status_code == 200
    rosa.press("market-basket", key, "route")
    amos = Person(world.app, "approver")
    amos.press("market-basket", key, "approve")
    amos.press("market-basket", key, "release")
    with records(world) as session:
        orders = {one.vendor.name: one.total for one in session.scalars(select(DeliveryOrder))}
        requests = {one.class_code: one.total for one in session.scalars(select(PurchaseRequest))}
    assert orders == {
        "Adesso Supply": Decimal("539.88"),
        "Bluegrass Toner": Decimal("428.05"),
        "Correctional Industries": Decimal("620.00"),
    }
    assert requests == {"71": Decimal("850.00")}
