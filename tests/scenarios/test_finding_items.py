"""Shopping, from the words to the basket and on to the orders: nothing chosen is lost. Source: IN-01 … IN-04, DO-01."""

import re
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.models import (
    CatalogItem,
    CommodityCode,
    DeliveryOrder,
    FundingTemplate,
    FundingTemplatePart,
    ItemPicture,
    LineItem,
    MarketBasket,
    MasterAgreement,
    OrderingAuthority,
    Profile,
    PurchaseRequest,
    VendorHold,
)
from tests.support.browser import accessibility_problems, serve
from tests.support.making import records
from tests.support.pages import words
from tests.support.people import Person
from tests.support.world import PASSWORD

WIRED, WIRELESS = "Keyboard, wired USB, contoured", "Keyboard, wireless with touchpad"
PIXEL = bytes.fromhex("89504e470d0a1a0a")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def rosa(world):
    return Person(world.app, "requester")


def item_id(world, name):
    return world.ids[f"item {name}"]


def baskets(world, owner="requester"):
    """What a person's baskets hold: description → quantity, the oldest basket first."""
    with records(world) as session:
        mine = session.scalars(
            select(MarketBasket).where(MarketBasket.owner_id == world.ids[owner]).order_by(MarketBasket.id)
        )
        return [{line.description: line.quantity for line in one.lines} for one in mine]


def lines(world):
    """The lines of the latest basket as plain values, so that they outlive the session."""
    with records(world) as session:
        basket = session.scalars(select(MarketBasket).order_by(MarketBasket.id.desc())).first()
        columns = [column.key for column in LineItem.__table__.columns]
        return [
            {name: getattr(line, name) for name in columns}
            | {"strips": [(part.strip.code, part.share) for part in line.funding]}
            for line in basket.lines
        ]


def restrict(world, agreement="MA-A", to="parks"):
    with records(world) as session:
        session.info["moving"] = True
        session.add(OrderingAuthority(agreement_id=world.ids[agreement], organization_id=world.ids[to]))
        session.commit()


# Finding.


def test_results_show_source_price_unit_supplier_and_delivery(rosa):
    page = words(rosa.get("/items/?q=keyboard").text)
    for part in (WIRED, WIRELESS, "Agreement", "$44.99", "EA", "Adesso Supply", "5 days", "2 found"):
        assert part in page


def test_a_misspelt_word_is_answered_and_named(rosa):
    page = words(rosa.get("/items/?q=keybord").text)
    assert "Showing results for keyboard instead of keybord" in page
    assert WIRED in page


def test_sources_delivery_and_order_narrow_the_results(rosa, world):
    with records(world) as session:
        session.add(
            CatalogItem(name="Keyboard, from stock", source="inventory", unit_price=Decimal(9), delivery_days=1)
        )
        session.commit()
    assert WIRED not in words(rosa.get("/items/?q=keyboard&source=inventory").text)
    assert WIRED not in words(rosa.get("/items/?q=keyboard&days=4").text)
    assert WIRED in words(rosa.get("/items/?q=keyboard&days=5").text)
    page = rosa.get("/items/?q=keyboard&days=soon")
    assert page.status_code == 200
    assert "Enter a whole number" in page.text and 'value="soon"' in page.text


def test_words_that_meet_nowhere_lead_on(rosa):
    page = rosa.get("/items/?q=keyboard+toner").text
    assert "Nothing has all of these words" in page
    assert "Without “toner”" in page and "/items/?q=keyboard" in page


@pytest.mark.parametrize(
    "path",
    [
        "/items/?q=%00%27%22%3Cscript%3E&page=99999999&sort=x&source=x&days=-1",
        "/items/?q=" + "x" * 1000,
        "/items/?q=%25",
        "/items/?page=abc&days=1e9",
        "/items/?days=" + "9" * 40,
        "/items/compare",
        "/items/compare?item=x&item=-1&item=0&as=x",
        "/items/compare?item=" + "9" * 30,
        "/items/?q=a&back=//evil.example",
    ],
)
def test_no_address_fails(rosa, path):
    answer = rosa.get(path)
    assert answer.status_code == 200
    assert "<script>" not in answer.text.replace("<script>alert", "")


@pytest.mark.parametrize(
    "path",
    [
        "/items/show/0",
        "/items/show/x",
        "/items/show/99999999999999",
        "/items/code/0",
        "/items/picture/0",
        "/items/picture/x",
    ],
)
def test_what_is_not_there_is_404(rosa, path):
    assert rosa.get(path).status_code == 404


def test_everybody_may_look_but_only_requesters_fill_baskets(world):
    auditor = Person(world.app, "auditor")
    page = auditor.get("/items/?q=keyboard").text
    assert WIRED in page and 'name="quantity"' not in page
    assert auditor.post(f"/items/add/{item_id(world, WIRED)}", quantity="1").status_code == 403
    assert world.app.test_client().get("/items/").status_code == 302


def test_a_page_of_an_item_tells_all(rosa, world):
    page = words(rosa.get(f"/items/show/{item_id(world, WIRED)}").text)
    for part in (WIRED, "MA-2027-000001", "Adesso Supply", "7510 Office supplies", "Jul 1, 2026 to Jun 30, 2027"):
        assert part in page


# Pictures.


def picture(world, media_type="image/png", content=PIXEL):
    with records(world) as session:
        one = ItemPicture(
            item_id=item_id(world, WIRED), media_type=media_type, content=content, alternative_text="Front"
        )
        session.add(one)
        session.commit()
        return one.id


def test_a_picture_is_shown_as_what_it_is(rosa, world):
    key = picture(world)
    assert f"/items/picture/{key}" in rosa.get("/items/?q=keyboard").text
    answer = rosa.get(f"/items/picture/{key}")
    assert (answer.status_code, answer.data, answer.content_type) == (200, PIXEL, "image/png")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("media_type", ["image/svg+xml", "text/html", "application/pdf", ""])
def test_what_is_no_picture_is_not_served(rosa, world, media_type):
    assert rosa.get(f"/items/picture/{picture(world, media_type, b'<script>alert(1)</script>')}").status_code == 404


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


# Selections.


def ticked(page):
    return [int(one) for one in re.findall(r'name="pick" value="(\d+)"[^>]*checked', page)]


def test_what_is_ticked_stays_over_pages_and_searches(rosa, world):
    """In MARS whoever turned the page without adding first lost the selection."""
    with records(world) as session:
        session.add_all(
            CatalogItem(name=f"Bolt {number:02}", source="inventory", unit_price=Decimal(number + 1))
            for number in range(30)
        )
        session.commit()
    first = rosa.get("/items/?q=bolt").text
    shown = [int(one) for one in re.findall(r'name="pick" value="(\d+)"', first)]
    second = rosa.post("/items/pick", q="bolt", shown=shown, pick=shown[:2], page="2")
    assert second.request.path == "/items/" and "page=2" in second.request.query_string.decode()
    assert "2 selected" in words(second.text) and ticked(second.text) == []
    later = [int(one) for one in re.findall(r'name="pick" value="(\d+)"', second.text)]
    other = rosa.post(
        "/items/pick", **{"q": "keyboard", "shown": later, "pick": later[:1], f"quantity-{shown[0]}": "7"}
    )
    assert "3 selected" in words(other.text) and WIRED in other.text
    back = rosa.post("/items/pick", q="bolt", shown=[], page="1").text
    assert ticked(back) == shown[:2]
    again = rosa.post("/items/pick", q="bolt", shown=shown, pick=shown[:1]).text
    assert "2 selected" in words(again)
    done = rosa.post("/items/add-picked", q="bolt", shown=shown, pick=shown[:1], back="/items/?q=bolt")
    assert "2 items put into your basket" in words(done.text)
    assert "selected" not in words(done.text).split("Select items")[0]
    assert baskets(world) == [{"Bolt 00": 7, "Bolt 24": 1}]


def test_ticked_items_with_a_bad_quantity_stay_ticked_and_say_why(rosa, world):
    good, bad = item_id(world, WIRED), item_id(world, WIRELESS)
    page = rosa.post(
        "/items/add-picked",
        **{"shown": [good, bad], "pick": [good, bad], f"quantity-{good}": "2", f"quantity-{bad}": "two"},
    )
    assert "1 item put into your basket" in words(page.text)
    assert f"{WIRELESS} is not in the basket yet. Enter a number" in words(page.text)
    assert 'value="two"' in page.text and "1 selected" in words(page.text)
    assert baskets(world) == [{WIRED: 2}]


def test_one_selection_can_be_taken_back(rosa, world):
    keys = [item_id(world, WIRED), item_id(world, WIRELESS)]
    rosa.post("/items/pick", q="keyboard", shown=keys, pick=keys)
    page = rosa.post("/items/pick", q="keyboard", shown=keys, pick=keys, unpick=keys[:1])
    assert "1 selected" in words(page.text) and ticked(page.text) == keys[1:]
    tray = rosa.client.post("/items/pick", headers=HTMX, data={"csrf_token": rosa.token, "shown": keys})
    assert "selected" not in tray.text.split("Select items")[0] and "<html" not in tray.text


@pytest.mark.parametrize(
    "data",
    [
        {"pick": ["x", "-1", "0", "9" * 30], "shown": ["", "x"]},
        {"pick": [str(one) for one in range(1, 500)]},
        {"quantity-1": "x" * 10_000, "pick": "1"},
        {"page": "x"},
        {},
    ],
)
def test_no_selection_fails(rosa, data):
    assert rosa.post("/items/pick", **data).status_code == 200
    assert rosa.get("/items/?q=keyboard").status_code == 200


# Comparing.


def test_items_side_by_side_with_the_best_marked(rosa, world):
    with records(world) as session:
        dozen = CatalogItem(
            name="Keyboards by the dozen",
            source="inventory",
            unit_price=Decimal(120),
            pack_quantity=Decimal(12),
            delivery_days=30,
        )
        session.add(dozen)
        session.commit()
        keys = [item_id(world, WIRED), item_id(world, WIRELESS), dozen.id]
    page = rosa.post("/items/pick", shown=keys, pick=keys, compare="yes", back="/items/?q=keyboard")
    assert page.request.path == "/items/compare"
    best = [words(one).replace(" ,", ",") for one in re.findall(r'<td class="low">(.*?)</td>', page.text, re.DOTALL)]
    assert best == ["10.00, best", "5 days, best", "5 days, best"]
    assert 'href="/items/?q=keyboard"' in page.text
    pictures = rosa.get("/items/compare", query_string={"item": keys, "as": "pictures"})
    assert "Lowest price" in words(pictures.text) and 'class="pic"' in pictures.text
    one = rosa.get(f"/items/compare?item={keys[0]}")
    assert "Select two to four items" in words(one.text)


def test_more_than_four_do_not_stand_side_by_side(rosa, world):
    with records(world) as session:
        made = [CatalogItem(name=f"Nail {number}", source="inventory", unit_price=Decimal(1)) for number in range(6)]
        session.add_all(made)
        session.commit()
        keys = [one.id for one in made]
    page = words(rosa.get("/items/compare", query_string={"item": keys}).text)
    assert "4 items at most" in page and "Nail 3" in page and "Nail 4" not in page


# Codes.


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
    page = rosa.post(f"/market-basket/fund/{key}", basis="percent", strip=[world.ids["S1"]], share=["100"])
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
