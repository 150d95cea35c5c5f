"""The first page: each role's numbers, the state of the budget, and what needs attention. Source: RP-01."""

import json
import re
from datetime import date
from decimal import Decimal

import pytest

from app import budget, people, scope
from app.models import Document
from tests.support.around import hold_vendor
from tests.support.counting import statements
from tests.support.making import (
    BENCH,
    KEYBOARDS,
    PARKS,
    TONER,
    Wanted,
    a_basket,
    a_processed_invoice,
    a_receipt,
    a_released_order,
    a_request,
    an_agreement,
    an_invoice,
    an_order,
    move,
    records,
)
from tests.support.pages import words
from tests.support.people import Person
from tests.support.world import CAST


def tiles(page):
    """Name → number and note of the tiles of a page."""
    found = re.findall(r'<div class="k">(.*?)</div><div class="v">(.*?)</div><div class="d[^"]*">(.*?)</div>', page)
    return {name: (value, note) for name, value, note in found}


def drawing(page, chart):
    """What a chart draws: label of a series → label of a bar → value."""
    found = re.search(
        rf'<figure class="chart" id="{chart}">.*?<script type="application/json">(.*?)</script>', page, re.DOTALL
    )
    data = json.loads(found[1])
    return {one["label"]: dict(zip(data["labels"], map(Decimal, one["values"]), strict=True)) for one in data["series"]}


WANTED = {
    "requester": ["Returned to you", "Open encumbrances"],
    "approver": ["Waiting for your signature", "Returned to you", "To release", "Open encumbrances"],
    "buyer": ["Waiting for your signature", "Returned to you", "To release", "Open encumbrances"],
    "receiver": ["Orders to receive"],
    "fiscal": ["Invoices that do not match", "Payments due", "Returned to you", "Open encumbrances"],
    "manager": ["Waiting for your signature", "Payments due", "Agreements that end soon", "Open encumbrances"],
    "auditor": ["Payments due", "Open encumbrances"],
    "admin": ["Open encumbrances"],
    "crc": ["Vendors to review"],
    "evaluator": [],
}


@pytest.mark.parametrize("name", CAST)
def test_everybody_has_a_first_page(world, sign_in, name):
    answer = sign_in(name).get("/")
    assert answer.status_code == 200
    text = words(answer.text)
    assert f"Good morning, {CAST[name][0]}" in text
    assert "Monday, November 23, 2026 · Fiscal year 2027, period 5" in text
    assert "Needs attention" in text
    if name in WANTED:
        assert list(tiles(answer.text)) == WANTED[name]


@pytest.mark.parametrize(("hour", "greeting"), [(14, "Good morning"), (18, "Good afternoon"), (23, "Good evening")])
def test_it_greets_by_the_clock_of_the_office(world, sign_in, hour, greeting):
    world.clock.on("2026-11-23", hour)
    assert f"{greeting}, Rosa" in words(sign_in("requester").get("/").text)


def test_the_numbers_are_those_of_the_work_lists(both):
    a_basket(both, "routed")
    a_basket(both, "approved")
    a_request(both, "disapproved")
    an_order(
        both, "released", Wanted("Keyboard", "3", "44.99", "7510", "item Keyboard, wired USB, contoured", "agreement")
    )
    both.clock.on("2026-11-28")
    a_request(both, "routed")
    approver = tiles(Person(both.app, "approver").get("/").text)
    assert approver["Waiting for your signature"] == ("2", "1 overdue")
    assert approver["To release"] == ("1", "Approved by everybody")
    assert approver["Open encumbrances"] == ("$134.97", "3% of the FY27 budget")
    assert tiles(Person(both.app, "requester").get("/").text)["Returned to you"] == ("1", "Correct and route again")
    assert tiles(Person(both.app, "receiver").get("/").text)["Orders to receive"] == ("1", "None late")
    assert tiles(Person(both.app, "stranger").get("/").text)["Waiting for your signature"] == ("0", "None overdue")


def test_fiscal_sees_what_fails_and_what_is_due(both):
    order = a_released_order(both)
    a_processed_invoice(both, "A-1")
    an_invoice(both, order, {1: ("12", "49.99")}, number="A-2")
    fay = Person(both.app, "fiscal")
    page = fay.get("/").text
    assert tiles(page)["Invoices that do not match"] == ("1", "$599.88 held")
    assert tiles(page)["Payments due"][0] == "0"
    assert "Line 1: nothing received" in words(page)
    a_receipt(both, order, {1: "12"})
    assert "Line 1: price 49.99, order 44.99" in words(fay.get("/").text)
    both.clock.on("2027-01-15")
    fay = Person(both.app, "fiscal")
    assert tiles(fay.get("/").text)["Payments due"] == ("1", "$539.88, 1 late")
    hold_vendor(both, "A")
    assert tiles(fay.get("/").text)["Payments due"][0] == "0", (
        "what is held cannot leave, and stands in the queue as held"
    )


def test_a_short_paid_invoice_matches_and_is_not_shown(world, sign_in):
    order = a_released_order(world)
    a_receipt(world, order, {1: "12"})
    invoice = an_invoice(world, order, {1: ("12", "49.99")})
    with records(world) as session:
        line = session.get_one(Document, invoice).invoice_lines[0]
        line.paid_price, line.short_pay_reason = Decimal("44.99"), "Price of the order"
        session.commit()
    assert tiles(sign_in("fiscal").get("/").text)["Invoices that do not match"][0] == "0"


def test_what_earlier_invoices_have_paid_counts(world, sign_in):
    """Ten and two are billed of the twelve that came: two invoices match. One more does not."""
    order = a_released_order(world)
    a_receipt(world, order, {1: "12"})
    an_invoice(world, order, {1: ("10", "44.99")}, "released", number="A-1")
    an_invoice(world, order, {1: ("2", "44.99")}, number="A-2")
    assert tiles(sign_in("fiscal").get("/").text)["Invoices that do not match"][0] == "0"
    an_invoice(world, order, {1: ("3", "44.99")}, number="A-3")
    page = sign_in("fiscal").get("/").text
    assert tiles(page)["Invoices that do not match"][0] == "1"
    assert "3 invoiced; 12 received, 10 invoiced before; over by 1" in words(page)


def test_needs_attention_names_each_matter_with_its_owner(world, sign_in):
    an_order(world, "released", TONER, vendor="B", agreement="B", title="Toner for the front desk")
    an_agreement(world, "released", expires_on=date(2027, 1, 30), title="Binders")
    a_request(world, "disapproved", title="Printers")
    a_basket(world, "routed", title="Basket of the week")
    world.clock.on("2026-12-20")
    amos = words(sign_in("approver").get("/").text)
    assert "MB-2027-000001 Basket of the week Waits for your signature Rosa Requester 27 days" in amos
    assert "Toner for the front desk Delivery late by 10 days, 1 line to come Bert Buyer Dec 10, 2026" in amos
    rosa = words(sign_in("requester").get("/").text)
    assert "Printers Returned to you, to be corrected You 27 days" in rosa
    bert = words(sign_in("buyer").get("/").text)
    assert "Binders Agreement with Bluegrass Toner ends in 41 days You Jan 30, 2027" in bert
    assert "Nothing needs you now" in words(sign_in("outsider").get("/").text)


def test_a_delivery_inside_its_tolerance_is_not_late(world, sign_in):
    short = Wanted(
        "Toner",
        "100",
        "1.15",
        "7510",
        "item Toner cartridge, black",
        "agreement",
        funding={"S1": "100"},
        extra={"under_tolerance": Decimal(5), "under_basis": "percent"},
    )
    order = an_order(world, "released", short, vendor="B", agreement="B")
    a_receipt(world, order, {1: "95"})
    world.clock.on("2026-12-20")
    page = sign_in("receiver").get("/").text
    assert tiles(page)["Orders to receive"] == ("0", "None late") and "Delivery late" not in page


def test_an_agreement_of_another_office_is_not_ones_own_worry(world, sign_in):
    an_agreement(world, "released", expires_on=date(2026, 12, 9), title="Binders")
    assert "Binders" not in words(sign_in("stranger").get("/").text), "it belongs to the state, he to Parks"
    assert "Binders" in words(sign_in("chief").get("/").text)


def test_the_budget_is_drawn_as_the_ledger_has_it(both):
    a_processed_invoice(both)
    an_order(both, "released", TONER, vendor="B", agreement="B")
    a_request(both, "released")
    page = Person(both.app, "fiscal").get("/").text
    funds = drawing(page, "funds")
    assert funds["Spent"] == {"S1": Decimal("323.93"), "S2": Decimal("215.95")}
    assert funds["Encumbered"] == {"S1": Decimal("428.05"), "S2": 0}
    assert funds["Pre-encumbered"] == {"S1": Decimal("200.00"), "S2": 0}
    assert funds["Available"] == {"S1": Decimal("2048.02"), "S2": Decimal("1784.05")}
    with both.app.app_context():
        assert both.balance("S1")[3] == "2,048.02"
    assert '<td class="n">2,048.02</td>' in page, "and the table says the same"
    assert 'aria-label="Use of the budget in dollars. S1: 2,048.02 of 3,000.00 available' in page


def test_money_stands_in_the_month_in_which_it_was_committed_until_it_is_spent(both):
    both.clock.on("2026-09-10")
    an_order(both, "released", TONER, vendor="B", agreement="B")
    order = a_released_order(both, KEYBOARDS)
    both.clock.on("2026-10-05")
    a_receipt(both, order, {1: "6"})
    an_invoice(both, order, {1: ("6", "44.99")}, "released")
    both.clock.on("2026-11-23")
    fay = Person(both.app, "fiscal")
    spend = drawing(fay.get("/").text, "spend")
    assert spend["Spent"] == {"Jul": 0, "Aug": 0, "Sep": 0, "Oct": Decimal("269.94"), "Nov": 0}
    assert spend["Still encumbered"] == {"Jul": 0, "Aug": 0, "Sep": Decimal("697.99"), "Oct": 0, "Nov": 0}
    with both.app.app_context():
        held = sum(Decimal(both.balance(strip)[1].replace(",", "")) for strip in ("S1", "S2"))
    assert sum(spend["Still encumbered"].values()) == held, "nothing is shown twice and nothing is lost"


def test_last_years_money_is_not_this_years(both):
    """An order of the old year that is paid in the new one spends the old budget, in a month of the new year."""
    both.clock.on("2027-06-20")
    order = a_released_order(both)
    both.clock.on("2027-07-08")
    a_receipt(both, order, {1: "12"})
    an_invoice(both, order, {1: ("12", "44.99")}, "released")
    with records(both) as session:
        assert budget.by_month(session, 2027) == {}, "the commitment is spent, and in another year"
        assert budget.by_month(session, 2028) == {1: (Decimal("539.88"), Decimal(0))}


def test_only_strips_within_sight_are_drawn(world, sign_in):
    an_order(world, "released", TONER, vendor="B", agreement="B")
    page = sign_in("outsider").get("/").text
    assert set(drawing(page, "funds")["Available"]) == {"P1"}
    assert "Nothing spent yet" in words(page)
    with records(world) as session:
        actor = world.actor("stranger")
        scope.look(session, people.sight_of(session, actor))
        assert budget.by_month(session, 2027) == {} and [one.name for one in budget.by_strip(session, 2027)] == ["P1"]


def test_many_strips_are_drawn_by_office_with_the_smallest_together(world, sign_in):
    from app.models import FundingStrip, Organization, StripBalance

    with records(world) as session:
        for number in range(12):
            office = Organization(code=f"X{number:02}", name=f"Office {number:02}", parent_id=world.ids["health"])
            session.add(office)
            session.flush()
            office.path = f"/{world.ids['state']}/{world.ids['health']}/{office.id}/"
            strip = FundingStrip(code=f"X{number:02}", name="More", organization_id=office.id)
            session.add(strip)
            session.flush()
            session.add(StripBalance(strip_id=strip.id, bfy=2027, allotted=Decimal(1000 + number)))
        session.commit()
    available = drawing(sign_in("fiscal").get("/").text, "funds")["Available"]
    assert len(available) == 8 and list(available)[0] == "Clinic" and list(available)[-1] == "All others"
    assert sum(available.values()) == 5000 + sum(1000 + number for number in range(12))


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("0", "$0.00"),
        ("950", "$950.00"),
        ("9999.99", "$9,999.99"),
        ("10000", "$10.0k"),
        ("464256", "$464.3k"),
        ("1840000", "$1.84M"),
        ("999999999.99", "$1000.00M"),
    ],
)
def test_a_tile_says_money_shortly(amount, said):
    from app.screens.morning import short

    assert short(Decimal(amount)) == said


@pytest.mark.parametrize("name", ["approver", "fiscal", "manager", "buyer", "receiver", "requester"])
def test_the_first_page_asks_little_and_never_more_for_more_documents(world, sign_in, name):
    def fill(times):
        for number in range(times):
            a_basket(world, "routed")
            a_request(world, "disapproved")
            order = an_order(
                world,
                "released",
                Wanted("Keyboard", "1", "1.99", "7510", "item Keyboard, wired USB, contoured", "agreement"),
            )
            an_invoice(world, order, {1: ("1", "1.99")}, number=f"{name}-{times}-{number}")
            an_agreement(world, "released", expires_on=date(2027, 1, 15))

    def cost():
        with statements(world.app) as said:
            assert person.get("/").status_code == 200
        return len(said), said

    fill(1)
    world.clock.on("2026-12-28")
    person = sign_in(name)
    few, _ = cost()
    fill(3)
    many, said = cost()
    gate = 8  # who asks, what they may, how far they see
    assert many == few, "no query for each document"
    assert many - gate <= 15, said
    move(world, a_basket(world, "routed"), ("recall", "requester"))


def test_parks_sees_nothing_of_the_clinic(world, sign_in):
    a_basket(world, "routed", title="Secret of the clinic")
    a_basket(world, "routed", BENCH, place=PARKS, title="Bench for the park")
    world.clock.on("2026-12-20")
    text = words(sign_in("stranger").get("/").text)
    assert "Bench for the park" in text and "Secret of the clinic" not in text
