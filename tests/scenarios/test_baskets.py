"""The basket that items are put into: quantities, dates, codes, reasons, and a browser to fill it with."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.models import (
    CatalogItem,
    FundingTemplate,
    FundingTemplatePart,
    MarketBasket,
    Profile,
    VendorHold,
)
from tests.support.browser import accessibility_problems, serve
from tests.support.making import records
from tests.support.pages import words
from tests.support.people import Person
from tests.support.shopping import HTMX, WIRED, WIRELESS, baskets, item_id, lines, picture, restrict
from tests.support.world import PASSWORD

# The basket.


def test_the_first_item_begins_a_basket_with_the_profiles_defaults(rosa, world):
    with records(world) as session:
        template = FundingTemplate(
            name="Usual",
            organization_id=world.ids["clinic"],
            parts=[
                FundingTemplatePart(strip_id=world.ids["S1"], percent=Decimal(60)),
                FundingTemplatePart(strip_id=world.ids["S2"], percent=Decimal(40)),
            ],
        )
        session.add(template)
        session.flush()
        session.scalar(
            select(Profile).where(Profile.user_id == world.ids["requester"])
        ).funding_template_id = template.id
        session.commit()
    assert baskets(world) == []
    page = rosa.post(f"/items/add/{item_id(world, WIRED)}", quantity="12", back="/items/?q=keyboard")
    assert "In your basket: 12 EA Keyboard" in words(page.text)
    assert "$539.88" in page.text and "60% S1, 40% S2" in words(page.text) and "Ship to Clinic dock" in words(page.text)
    with records(world) as session:
        basket = session.scalar(select(MarketBasket))
        assert (
            basket.requesting_office_id,
            basket.issuing_office_id,
            basket.agency_code,
            basket.total,
            basket.due_on,
        ) == (world.ids["clinic"], world.ids["office"], "CLINIC", Decimal("539.88"), date(2026, 11, 30))
    (line,) = lines(world)
    assert (
        line
        | {
            "description": WIRED,
            "quantity": 12,
            "unit": "EA",
            "unit_price": Decimal("44.99"),
            "amount": Decimal("539.88"),
            "supply": "agreement",
            "commodity_code_id": world.ids["7510"],
            "catalog_item_id": item_id(world, WIRED),
            "vendor_id": world.ids["vendor A"],
            "over_tolerance": 10,
            "payment_requirement": "three-way",
            "ship_to_id": world.ids["clinic dock"],
            "invoice_to_id": world.ids["clinic dock"],
            "strips": [("S1", 60), ("S2", 40)],
            "delivery_on": date(2026, 11, 30),
        }
        == line
    )


def test_delivery_falls_on_a_day_on_which_the_office_works(rosa, world):
    """Three days after Monday the 23rd is Thanksgiving; what comes then comes on Friday."""
    with records(world) as session:
        session.get(CatalogItem, item_id(world, WIRED)).delivery_days = 3
        session.get(CatalogItem, item_id(world, WIRELESS)).delivery_days = None
        session.commit()
    rosa.post(f"/items/add/{item_id(world, WIRED)}", quantity="1")
    rosa.post(f"/items/add/{item_id(world, WIRELESS)}", quantity="1")
    first, second = lines(world)
    assert first["delivery_on"] == date(2026, 11, 27)
    assert second["delivery_on"] is None


def test_terms_of_the_agreements_line_come_along(rosa, world):
    with records(world) as session:
        session.info["moving"] = True
        agreed = session.get(CatalogItem, item_id(world, WIRED)).agreement_line
        agreed.warranty_days, agreed.discount_percent, agreed.fob, agreed.under_tolerance = (
            365,
            Decimal(5),
            "Origin",
            Decimal(2),
        )
        agreed.document.payment_requirement = "two-way"
        item = session.get(CatalogItem, item_id(world, WIRED))
        item.sku, item.manufacturer, item.model, item.description = "AD-1", "Adesso", "PCK-208B", "105 keys"
        session.commit()
    rosa.post(f"/items/add/{item_id(world, WIRED)}", quantity="2")
    (line,) = lines(world)
    assert (
        line
        | {
            "warranty_days": 365,
            "discount_percent": 5,
            "fob": "Origin",
            "under_tolerance": 2,
            "payment_requirement": "two-way",
            "catalog_number": "AD-1",
            "manufacturer": "Adesso",
            "model": "PCK-208B",
            "extended_description": "105 keys",
            "amount": Decimal("85.48"),
        }
        == line
    )


def test_the_same_item_again_raises_the_quantity(rosa, world):
    for quantity in ("2", "3.5", "1,000"):
        rosa.post(f"/items/add/{item_id(world, WIRED)}", quantity=quantity)
    assert baskets(world) == [{WIRED: Decimal("1005.5")}]


@pytest.mark.parametrize(
    "typed, said",
    [
        ("", "Enter a number"),
        ("abc", "Enter a number"),
        ("0", "above 0"),
        ("0.0000", "above 0"),
        ("-1", "At least 0"),
        ("1.23456", "At most 4 decimals"),
        ("1e3", "Enter a number"),
        ("١٢", "Enter a number"),
        ("99999999999", "At most 99,999,999"),
        ("nan", "Enter a number"),
        ("1,2", "thousands"),
        ("<b>1</b>", "Enter a number"),
        ("5\x00", ""),
    ],
)
def test_a_quantity_that_cannot_be_read_stays_with_the_reason(rosa, world, typed, said):
    for headers in ({}, HTMX):
        answer = rosa.client.post(
            f"/items/add/{item_id(world, WIRED)}", headers=headers, data={"csrf_token": rosa.token, "quantity": typed}
        )
        if not said:
            assert answer.status_code in (200, 302)
            continue
        assert answer.status_code == 422
        assert said in answer.text
        assert f'value="{typed}"'.replace("<b>1</b>", "&lt;b&gt;1&lt;/b&gt;") in answer.text
        assert baskets(world) == []


def test_too_much_for_a_document_is_refused_in_words(rosa, world):
    answer = rosa.post(f"/items/add/{item_id(world, WIRELESS)}", quantity="99999999")
    assert answer.status_code == 200
    again = rosa.post(f"/items/add/{item_id(world, WIRELESS)}", quantity="99999999")
    assert again.status_code == 422
    assert "more than 9,999,999,999.99" in words(again.text)
    assert baskets(world) == [{WIRELESS: Decimal(99999999)}]


def test_an_answer_in_place_brings_the_box_and_the_basket(rosa, world):
    answer = rosa.client.post(
        f"/items/add/{item_id(world, WIRED)}",
        headers=HTMX,
        data={"csrf_token": rosa.token, "quantity": "2", "tray": "yes", "back": "/items/?q=keyboard"},
    )
    assert answer.status_code == 200
    assert "2 in basket" in words(answer.text) and 'id="basket"' in answer.text and 'id="tray"' in answer.text
    assert "<html" not in answer.text
    assert "In your basket: 2 EA Keyboard" in answer.headers["HX-Trigger"]


def test_a_line_can_be_taken_out(rosa, world):
    rosa.post(f"/items/add/{item_id(world, WIRED)}", quantity="1")
    rosa.post(f"/items/add/{item_id(world, WIRELESS)}", quantity="1")
    first, second = lines(world)
    assert WIRED in words(rosa.post(f"/items/drop/{first['id']}").text)
    assert baskets(world) == [{WIRELESS: 1}]
    assert "out of the basket already" in words(rosa.post(f"/items/drop/{first['id']}").text)
    other = Person(world.app, "outsider")
    other.post(f"/items/drop/{second['id']}")
    assert baskets(world) == [{WIRELESS: 1}]


def test_a_routed_basket_is_left_alone_and_a_new_one_begun(rosa, world):
    rosa.post(f"/items/add/{item_id(world, WIRED)}", quantity="1")
    with records(world) as session:
        session.info["moving"] = True
        session.scalar(select(MarketBasket)).state = "routed"
        session.commit()
    rosa.post(f"/items/add/{item_id(world, WIRELESS)}", quantity="1")
    assert baskets(world) == [{WIRED: 1}, {WIRELESS: 1}]


def test_what_cannot_be_ordered_today_is_refused_with_the_reason(rosa, world):
    with records(world) as session:
        session.add(VendorHold(vendor_id=world.ids["vendor A"], reason="Insurance", starts_on=date(2026, 11, 1)))
        session.commit()
    answer = rosa.post(f"/items/add/{item_id(world, WIRED)}", quantity="1")
    assert answer.status_code == 422
    assert "Adesso Supply is on hold (Insurance)" in words(answer.text)
    page = rosa.get(f"/items/show/{item_id(world, WIRED)}").text
    assert "on hold" in page and f"/items/add/{item_id(world, WIRED)}" not in page
    assert baskets(world) == []


def test_an_item_of_another_agencys_agreement_does_not_exist(rosa, world):
    restrict(world)
    key, shot = item_id(world, WIRED), picture(world)
    assert WIRED not in rosa.get("/items/?q=keyboard").text
    assert rosa.get(f"/items/show/{key}").status_code == 404
    assert rosa.get(f"/items/picture/{shot}").status_code == 404
    assert rosa.post(f"/items/add/{key}", quantity="1").status_code == 404
    assert WIRED not in rosa.get(f"/items/compare?item={key}&item={item_id(world, WIRELESS)}").text
    oda = Person(world.app, "outsider")
    assert WIRED in oda.get("/items/?q=keyboard").text
    assert oda.get(f"/items/picture/{shot}").status_code == 200


# In a browser.


@pytest.mark.browser
def test_shopping_with_the_keyboard_and_without_loading_the_page_anew(world, page, watch):
    with records(world) as session:
        session.add_all(
            CatalogItem(
                name=f"Pen, felt tip, blue, {number}",
                source="inventory",
                unit_price=Decimal(number + 1),
                delivery_days=number,
            )
            for number in range(30)
        )
        session.commit()
    watch.allow("status of 422")
    with serve(world.app) as home:
        page.goto(f"{home}/login/")
        page.fill("#username", "requester")
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_url(f"{home}/")
        page.goto(f"{home}/items/")
        assert page.evaluate("document.activeElement.id") == "words"
        page.keyboard.type("blue felt pen")
        page.keyboard.press("Enter")
        page.wait_for_url("**/items/?q=*")
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "words"
        for number in range(3):
            page.locator("input[name=pick]").nth(number).check()
        page.locator("#tray", has_text="3 selected").wait_for()
        first = page.locator(".item-card").first
        first.locator("input[name=quantity]").fill("six")
        first.locator("input[name=quantity]").press("Enter")
        page.get_by_text("Enter a number, for example 12.50").wait_for()
        assert first.locator("input[name=quantity]").input_value() == "six"
        assert accessibility_problems(page) == []
        first.locator("input[name=quantity]").fill("6")
        first.locator("input[name=quantity]").press("Enter")
        page.locator("#basket", has_text="1 line").wait_for()
        page.locator("#tray", has_text="2 selected").wait_for()
        assert page.evaluate("document.activeElement.id").startswith("quantity-of-")
        page.locator("input[name=pick]").nth(3).check()
        page.get_by_role("button", name="Next").click()
        page.wait_for_url("**page=2*")
        page.locator("#tray", has_text="3 selected").wait_for()
        page.locator("#source-inventory").check()
        page.wait_for_url("**source=inventory*")
        page.wait_for_function("!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")
        assert page.evaluate("document.activeElement.id") == "source-inventory"
        page.get_by_role("button", name="Compare").click()
        page.wait_for_url("**/items/compare**")
        assert accessibility_problems(page) == []
        page.locator("td .buy input[name=quantity]").first.fill("2")
        page.locator("td .buy button").first.click()
        page.locator("#basket", has_text="2 lines").wait_for()
    assert sorted(baskets(world)[0].values()) == [2, 6]
