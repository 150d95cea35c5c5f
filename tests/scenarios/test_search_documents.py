"""Find documents, by whatever people remember of them; and never what they may not see. Source: DOC-12."""

import re
from datetime import date

import pytest

from app.models import Document
from app.screens import found
from tests.support.counting import statements
from tests.support.making import (
    BENCH,
    KEYBOARDS,
    PARKS,
    TONER,
    a_basket,
    a_receipt,
    a_released_order,
    a_request,
    an_agreement,
    an_invoice,
    an_order,
    records,
)
from tests.support.pages import form_to, words
from tests.support.people import Person


def names(page):
    """The documents that a page lists, in its order."""
    return re.findall(r'<a class="docnum" href="[^"]*">([^<]*)</a>', page)


def titles(person, query):
    """The titles of what a search finds."""
    page = person.get(f"/search/?{query}")
    assert page.status_code == 200, query
    return {row[1] for row in re.findall(r'class="docnum" href="([^"]*)">[^<]*</a></td><td>([^<]*)</td>', page.text)}


def some_documents(world):
    a_basket(world, "routed", KEYBOARDS, title="Clinic office")
    a_request(world, "released", title="Printers for the labels")
    an_order(world, "released", TONER, vendor="B", agreement="B", title="Cartridges")
    an_order(world, "draft", title="Raincoats")


WORDS = {
    "a number": ("DO-2027-000001", {"Cartridges"}),
    "a part of a number": (
        "2027-000001",
        {"Clinic office", "Printers for the labels", "Cartridges", "Adesso Supply, catalog"},
    ),
    "a number without regard to case": ("do-2027", {"Cartridges"}),
    "a title": ("labels", {"Printers for the labels"}),
    "two words, each somewhere": ("printers released", set()),
    "words in title and line": ("raincoats keyboard", {"Raincoats"}),
    "words of which one is nowhere": ("cartridges keyboard", set()),
    "a vendor's name": ("bluegrass", {"Cartridges", "Bluegrass Toner, catalog"}),
    "a vendor's number": ("VN-B", {"Cartridges", "Bluegrass Toner, catalog"}),
    "a line": ("keyboard", {"Clinic office", "Raincoats", "Adesso Supply, catalog"}),
    "a commodity code": ("7025", {"Printers for the labels"}),
    "what a code is called": ("storage devices", {"Printers for the labels"}),
    "an amount": ("428.05", {"Cartridges"}),
    "an amount as people write it": ("$200.00", {"Printers for the labels"}),
    "starts with": ("R%", {"Raincoats"}),
    "ends with": ("%coats", {"Raincoats"}),
    "in the middle": ("Prin%labels", {"Printers for the labels"}),
    "an underscore means itself": ("Rain_oats", set()),
    "a backslash means itself": ("Rain\\", set()),
    "a quote is no trick": ("'; DROP TABLE document; --", set()),
}


def test_words_are_found_wherever_people_remember_them(both):
    some_documents(both)
    buyer = Person(both.app, "buyer")
    for what, (said, expected) in WORDS.items():
        page = buyer.client.get("/search/", query_string={"q": said})
        assert set(re.findall(r"</a></td><td>([^<]*)</td>", page.text)) == expected, what


FILTERS = {
    "kind=purchase_request": {"Printers for the labels"},
    "state=draft": {"Raincoats"},
    "state=released&kind=delivery_order": {"Cartridges"},
    "q=keyboard&state=draft": {"Raincoats"},
    "least=400&most=450": {"Cartridges"},
    "least=1%2C000": set(),
    "most=200.00&kind=purchase_request": {"Printers for the labels"},
    "first=2026-11-25&last=2026-11-25": {"Cartridges", "Raincoats"},
    "date=due&first=2026-12-11&kind=delivery_order": {"Cartridges", "Raincoats"},
    "date=released&last=2026-11-24&kind=purchase_request": {"Printers for the labels"},
    "date=routed&first=2026-11-26": set(),
    "first=2026-11-26&last=2026-11-25": set(),
}


def test_filters_narrow(both):
    for day, make in (
        ("2026-11-23", lambda: a_basket(both, "routed", KEYBOARDS, title="Clinic office")),
        ("2026-11-24", lambda: a_request(both, "released", title="Printers for the labels")),
        ("2026-11-25", lambda: an_order(both, "released", TONER, vendor="B", agreement="B", title="Cartridges")),
        ("2026-11-25", lambda: an_order(both, "draft", title="Raincoats")),
    ):
        both.clock.on(day)
        make()
    buyer = Person(both.app, "buyer")
    for query, expected in FILTERS.items():
        assert titles(buyer, query) == expected, query
    vendor, office = both.ids["vendor B"], both.ids["health"]
    assert titles(buyer, f"vendor={vendor}") == {"Cartridges", "Bluegrass Toner, catalog"}
    assert titles(buyer, f"organization={office}&least=1") == {
        "Clinic office",
        "Printers for the labels",
        "Raincoats",
        "Cartridges",
    }, "with the offices below"
    assert titles(buyer, f"organization={office}&kind=master_agreement") == set(), "they are of the office above"


def test_a_day_is_a_day_of_the_office(world, sign_in):
    """Made at nine in the evening: in UTC that is tomorrow."""
    world.clock.on("2026-11-25", 2)
    a_basket(world, title="Late in the evening")
    assert titles(sign_in("requester"), "first=2026-11-24&last=2026-11-24") == {"Late in the evening"}
    assert titles(sign_in("requester"), "first=2026-11-25") == set()


def test_an_invoice_is_found_by_the_vendors_number(world, sign_in):
    order = a_released_order(world)
    a_receipt(world, order, {1: "12"})
    an_invoice(world, order, {1: ("12", "44.99")}, number="BG/2026-77")
    assert titles(sign_in("fiscal"), "q=2026-77") == {"Invoice BG/2026-77"}
    assert titles(sign_in("fiscal"), "q=keyboard&kind=invoice") == {"Invoice BG/2026-77"}


def test_another_offices_documents_are_not_found(world, sign_in):
    a_basket(world, "routed", BENCH, place=PARKS, title="Bench for the park")
    assert titles(sign_in("outsider"), "q=bench") == {"Bench for the park"}
    for name in ("requester", "approver", "fiscal"):
        assert titles(sign_in(name), "q=bench") == set(), name
        assert titles(sign_in(name), f"organization={world.ids['parks']}") == set(), name
        assert sign_in(name).get("/search/jump?q=bench").json["results"] == [], name
    assert titles(sign_in("auditor"), "q=bench") == {"Bench for the park"}


def test_what_one_may_not_look_up_is_not_found(world, sign_in):
    """An invoice of one's own office is still none of a requester's business."""
    order = a_released_order(world)
    an_invoice(world, order, {1: ("12", "44.99")}, number="A-55")
    rosa = sign_in("requester")
    assert titles(rosa, "q=A-55") == set() and rosa.get("/search/jump?q=A-55").json["results"] == []
    page = rosa.get("/search/?kind=invoice")
    assert "Type: Not a valid choice" in words(page.text) and names(page.text) == []
    assert titles(sign_in("fiscal"), "q=A-55") == {"Invoice A-55"}


def test_lines_of_another_office_do_not_betray_a_document(world, sign_in):
    an_agreement(world, "released", title="Open to all")
    a_basket(world, "routed", BENCH, place=PARKS)
    assert titles(sign_in("requester"), "q=Park bench") == set()


UNREADABLE = {
    "least=abc": ("Total from", 'value="abc"'),
    "most=1,2,3": ("Total to", 'value="1,2,3"'),
    "first=2026-99-99": ("From", 'value="2026-99-99"'),
    "last=yesterday": ("To", 'value="yesterday"'),
    "first=0001-01-01": ("From", "1900"),
    "kind=nonsense": ("Type", "Not a valid choice"),
    "state=nonsense": ("Status", "Not a valid choice"),
    "date=nonsense": ("Date", "Not a valid choice"),
    "vendor=abc": ("Vendor", "Choose one from the list"),
    "vendor=99999999": ("Vendor", "Choose one from the list"),
    "organization=99999999999999999999": ("Office", "Choose one from the list"),
    "vendor=&vendor_text=Blue": ("Vendor", 'value="Blue"'),
    "least=-5": ("Total from", 'value="-5"'),
    "q=" + "x" * 300: ("Words", "Field cannot be longer"),
}


@pytest.mark.parametrize("query", UNREADABLE)
def test_what_cannot_be_read_is_said_beside_its_field_and_stays(world, sign_in, query):
    a_basket(world, title="Something")
    page = sign_in("requester").get(f"/search/?{query}")
    label, stays = UNREADABLE[query]
    assert page.status_code == 200
    assert f"There is a problem {label}:" in words(page.text) and stays in page.text
    assert names(page.text) == [] and "Nothing fits" not in page.text


@pytest.mark.parametrize(
    "query", ["q=%00", "q=%25", "q=%25%25%25", "q=%F0%9F%98%80", "q=" + "a+" * 90, "nonsense=1", "q=_", "q=%5C"]
)
def test_odd_words_do_no_harm(both, query):
    a_basket(both, title="Something")
    for path in ("/search/", "/search/jump"):
        assert Person(both.app, "requester").get(f"{path}?{query}").status_code == 200


def test_without_words_nothing_is_searched(world, sign_in):
    a_basket(world, title="Something")
    rosa = sign_in("requester")
    with statements(world.app) as said:
        page = rosa.get("/search/").text
    assert names(page) == [] and "Nothing fits" not in page and not [one for one in said if "document.title" in one]
    form = form_to(page, "/search/")
    assert set(form.fields) >= {
        "q",
        "kind",
        "state",
        "organization",
        "vendor",
        "least",
        "most",
        "date",
        "first",
        "last",
    }
    sent = {name: values[0] for name, values in form.sent(q="Some").items()}
    assert names(rosa.client.get("/search/", query_string=sent).text), "the form as it stands finds by its words"


def test_the_newest_come_first_and_no_more_than_a_page(world, sign_in, monkeypatch):
    for number in range(4):
        a_request(world, title=f"Printer {number}")
    monkeypatch.setattr(found, "MOST", 3)
    page = sign_in("requester").get("/search/?q=printer").text
    assert re.findall(r"Printer \d", page) == ["Printer 3", "Printer 2", "Printer 1"]
    assert "The newest 3 documents" in words(page) and "There are more." in words(page)
    monkeypatch.setattr(found, "MOST", 4)
    assert "There are more" not in words(sign_in("requester").get("/search/?q=printer").text)


def test_the_palette_looks_at_the_latest_and_finds_an_older_one_by_its_number(world, sign_in, monkeypatch):
    old = a_request(world, "routed", title="Printer of last year")
    for number in range(3):
        a_request(world, title=f"Printer {number}")
    with records(world) as session:
        named = session.get_one(Document, old).number
    rosa = sign_in("requester")

    def jumps(text):
        return [one["text"] for one in rosa.get(f"/search/jump?q={text}").json["results"] if one["kind"] != "Action"]

    assert [text.rpartition("Printer ")[2] for text in jumps("printer")] == ["2", "1", "0", "of last year"]
    monkeypatch.setattr(found, "LATEST", 2)
    assert [text.rpartition("Printer ")[2] for text in jumps("printer")] == ["2", "1"]
    assert jumps(named.lower()) == [f"{named} Printer of last year"]


def test_one_query_finds_them_all(world, sign_in):
    some_documents(world)
    buyer = sign_in("buyer")
    with statements(world.app) as said:
        buyer.get("/search/?q=office&least=1")
    assert len([one for one in said if "FROM document" in one and "document.title" in one and "LIMIT" in one]) == 1


# The palette.


def test_the_palette_jumps_to_documents_and_vendors(both):
    some_documents(both)
    buyer = Person(both.app, "buyer")
    rows = buyer.get("/search/jump?q=Bluegrass").json["results"]
    assert [(one["text"], one["kind"]) for one in rows] == [
        ("MA-2027-000002 Bluegrass Toner, catalog", "Master agreement"),
        ("VN-B Bluegrass Toner", "Vendor"),
    ]
    assert buyer.get(rows[0]["url"]).status_code == 200 and buyer.get(rows[1]["url"]).status_code == 200
    (order,) = buyer.get("/search/jump?q=DO-2027-000001").json["results"]
    assert order["text"] == "DO-2027-000001 Cartridges" and order["url"].startswith("/delivery-order/show/")
    assert buyer.get("/search/jump?q=x").json == {"results": []} == buyer.get("/search/jump").json


def test_the_palette_offers_eight_at_most(world, sign_in):
    for number in range(10):
        a_request(world, title=f"Printer {number}")
    assert len(sign_in("requester").get("/search/jump?q=printer").json["results"]) == 8


def test_the_palette_offers_what_one_may_make_new(world, sign_in):
    """Each by its name, for those who may; every form is there."""
    for who in ("requester", "crc", "fiscal", "auditor"):
        person = sign_in(who)
        for one in person.get("/search/jump?q=new").json["results"]:
            assert one["kind"] != "Action" or person.get(one["url"]).status_code == 200, one
    rosa = sign_in("requester").get("/search/jump?q=new request").json["results"]
    assert [one["url"] for one in rosa if one["kind"] == "Action"] == ["/purchase-request/add"]
    assert not sign_in("auditor").get("/search/jump?q=new").json["results"]


def test_dates_of_every_sort_are_columns(world):
    assert all(column.class_ is Document for _, column in found.DATES.values())
    assert date(2026, 11, 23) == world.clock().date()
