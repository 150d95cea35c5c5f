"""Shopping, from the words to the basket and on to the orders: nothing chosen is lost. Source: IN-01 … IN-04, DO-01."""

import re
from decimal import Decimal

import pytest

from app.models import (
    CatalogItem,
)
from tests.support.making import records
from tests.support.pages import words
from tests.support.people import Person
from tests.support.shopping import HTMX, PIXEL, WIRED, WIRELESS, baskets, item_id, picture

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
