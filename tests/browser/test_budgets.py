"""What the main jobs may cost in clicks and keys, by role; typing data apart. Source: ux, budgets.

Of the same table: 30 rows pasted and one funding or address for all lines are counted in `test_lines.py`, one action
for a role in `test_setup.py`, an envelope in `test_desk.py`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from app.models import CatalogItem, LineFunding, LineItem, MarketBasket, PurchaseRequest, Receipt
from tests.support.around import decide
from tests.support.browser import Watch, barriers, sign_in
from tests.support.effort import Effort
from tests.support.making import (
    PRINTER,
    Wanted,
    a_receipt,
    a_released_order,
    a_request,
    an_invoice,
    move,
    records,
    state_of,
)
from tests.support.world import World

pytestmark = pytest.mark.browser


def felt_pens(world: World) -> None:
    """Three blue felt pens of an internal provider."""
    with records(world) as session:
        for point, price in (("fine", "1.10"), ("medium", "0.95"), ("broad", "1.40")):
            session.add(
                CatalogItem(
                    source="internal",
                    name=f"Felt pen, blue, {point}",
                    unit="EA",
                    unit_price=Decimal(price),
                    delivery_days=14,
                    commodity_code_id=world.ids["7510"],
                    vendor_id=world.ids["vendor KCI"],
                    organization_id=world.ids["industries"],
                )
            )
        session.commit()


# Requester.


def test_search_compare_basket_fund_and_submit(world: World, address: str, enter: Callable[[str], Page]) -> None:
    felt_pens(world)
    page = enter("requester")
    page.goto(f"{address}/items/")
    rosa = Effort(page)
    rosa.type("blue felt pen")
    rosa.press("Enter")
    expect(page.locator(".item-card")).to_have_count(3)
    for number in range(3):
        rosa.click(page.locator(".item-card input[name=pick]").nth(number))
        expect(page.get_by_text(f"{number + 1} selected")).to_be_visible()
    rosa.click(page.get_by_role("button", name="Compare"))
    expect(page.get_by_role("heading", name="Compare items")).to_be_visible()
    rosa.click(page.get_by_label("Quantity of Felt pen, blue, medium"))
    rosa.type("20")
    rosa.press("Enter")
    expect(page.get_by_text("20 in basket")).to_be_visible()
    rosa.click(page.get_by_role("link", name="Open the basket"))
    rosa.click(page.get_by_text("Fund all lines alike"))
    rosa.click(page.locator("#all-strip-1"))
    for number, (strip, share) in enumerate((("S1", "60"), ("S2", "40")), 1):
        rosa.type(strip)
        expect(page.locator(f"#all-strip-{number}-list [role=option]").first).to_be_visible()
        rosa.press("ArrowDown", "Enter", "Tab")
        rosa.type(share)
        if number == 1:
            rosa.press("Tab")
    rosa.click(page.get_by_role("button", name="Preview for the line"))
    expect(page.get_by_text("S1 60 %, S2 40 %")).to_be_visible()
    rosa.press("a")
    expect(page.get_by_text("Funding: 1 line changed.")).to_be_visible()
    rosa.press("t")
    expect(page.get_by_text("you routed it for approval").first).to_be_visible()
    assert rosa.clicks <= 9 and rosa.keys <= 12, rosa.spent()
    with records(world) as session:
        (basket,) = session.scalars(select(MarketBasket))
        assert basket.state == "routed" and basket.total == Decimal("19.00")
        shares = session.scalars(select(LineFunding.share).join(LineItem).where(LineItem.document_id == basket.id))
        assert sorted(shares) == [40, 60]


def test_the_last_order_is_repeated_with_three_clicks(world: World, address: str, enter: Callable[[str], Page]) -> None:
    last = a_request(world, "released", title="Printers of the summer")
    page = enter("requester")
    rosa = Effort(page)
    rosa.click(page.get_by_role("link", name="Purchase requests", exact=True))
    rosa.click(page.locator("a.docnum").first)
    rosa.click(page.get_by_role("button", name="Copy"))
    expect(page.get_by_text("This is a copy of")).to_be_visible()
    assert rosa.spent() == (3, 0, 0)
    with records(world) as session:
        made = session.scalar(select(PurchaseRequest).where(PurchaseRequest.id != last))
        assert made is not None and (made.state, made.total, len(made.lines[0].funding)) == ("draft", Decimal(200), 1)


def test_a_returned_request_is_mended_where_the_link_lands(
    world: World, address: str, enter: Callable[[str], Page]
) -> None:
    request = a_request(world, "routed")
    move(world, request, ("disapprove", "approver"), comment="Wait for the new year")
    world.clock.on("2027-01-04")  # the day on which the printers were wanted is past
    page = enter("requester")
    rosa = Effort(page)
    rosa.click(page.get_by_role("link", name="Inbox"))
    expect(page.get_by_text("Wait for the new year").first).to_be_visible()
    assert barriers(page) == []
    rosa.click(page.get_by_role("link", name="Fix"))
    expect(page.locator("#line-1-delivery_on")).to_be_focused()
    page.fill("#line-1-delivery_on", "2027-02-01")
    rosa.click(page.get_by_role("button", name="Route for approval"))
    expect(page.get_by_text("you routed it for approval").first).to_be_visible()
    assert rosa.spent() == (3, 0, 0)
    assert state_of(world, request) == "routed"


# Approver.


def test_ten_requests_are_approved_with_ten_keys(world: World, address: str, enter: Callable[[str], Page]) -> None:
    """The office remembers a password for a while: it is asked once, when signing in."""
    decide(world, "signature window", 30)
    small = Wanted(quantity="1", price="10.00")
    requests = [a_request(world, "routed", small, title=f"Printer {number}") for number in range(10)]
    page = enter("approver")
    page.goto(f"{address}/inbox/")
    amos = Effort(page)
    for left in range(10, 0, -1):
        expect(page.locator("ul.q .item")).to_have_count(left)
        amos.press("a")
    expect(page.get_by_text("PR-2027-000010: you approved it.")).to_be_visible()
    assert amos.spent() == (0, 10, 0)
    assert {state_of(world, one) for one in requests} == {"approved"}


def test_a_request_is_returned_with_a_reason(world: World, address: str, enter: Callable[[str], Page]) -> None:
    request = a_request(world, "routed")
    page = enter("approver")
    page.goto(f"{address}/inbox/")
    amos = Effort(page)
    amos.press("r")
    expect(page.locator("#signing-comment")).to_be_focused()
    amos.type("Two will do")
    amos.press("Control+Enter")
    expect(page.get_by_text("you returned it")).to_be_visible()
    assert amos.spent() == (0, 2, 0)
    assert state_of(world, request) == "disapproved"


@contextmanager
def on_a_phone(browser: Browser, address: str, name: str) -> Iterator[Page]:
    """A phone in somebody's hand."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, reduced_motion="reduce"
    )
    context.set_default_timeout(10_000)
    watch = Watch(context)
    page = context.new_page()
    sign_in(page, address, name)
    yield page
    assert watch.problems == []
    context.close()


def test_a_request_is_approved_on_a_phone_with_two_taps(world: World, address: str, browser: Browser) -> None:
    decide(world, "signature window", 30)
    request = a_request(world, "routed")
    a_request(world, "routed", title="Another")
    with on_a_phone(browser, address, "approver") as page:
        page.goto(f"{address}/inbox/")
        amos = Effort(page)
        amos.tap(page.locator("ul.q .item").first)
        expect(page.get_by_role("heading", name="Lines")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is wider than the phone"
        amos.tap(page.locator("#preview").get_by_role("button", name="Approve"))
        expect(page.get_by_text("you approved it")).to_be_visible()
        assert amos.spent() == (0, 0, 2)
    assert state_of(world, request) == "approved"


def test_ticked_requests_are_approved_together_and_one_summary_says_what_was_left(
    world: World, address: str, enter: Callable[[str], Page]
) -> None:
    decide(world, "signature window", 30)
    decide(world, "bulk approval", 500)
    clean = [a_request(world, "routed", title=f"Printers {number}") for number in range(3)]
    dear = a_request(world, "routed", Wanted(quantity="6"), title="Many printers")
    page = enter("approver")
    page.goto(f"{address}/inbox/")
    amos = Effort(page)
    amos.click(page.get_by_label("All", exact=True))
    amos.click(page.get_by_role("button", name="Approve ticked 4"))
    summary = page.locator(".alert")
    expect(summary).to_have_count(1)
    expect(summary).to_contain_text("You approved 3 documents for $600.00. 1 document is not signed and still here.")
    expect(summary).to_contain_text("$600.00 is above $500.00")
    assert barriers(page) == []
    assert amos.spent() == (2, 0, 0)
    assert [state_of(world, one) for one in (*clean, dear)] == ["approved"] * 3 + ["routed"]


def test_what_changed_since_it_was_returned_is_one_key_away(
    world: World, address: str, enter: Callable[[str], Page]
) -> None:
    request = a_request(world, "routed", PRINTER)
    world.clock.on("2026-11-24")
    move(world, request, ("disapprove", "approver"), comment="One will do")
    world.clock.on("2026-11-25")
    page = enter("requester")
    page.goto(f"{address}/purchase-request/show/{request}")
    page.wait_for_selector("html[data-ready]")
    page.fill("#line-1-quantity", "1")
    page.keyboard.press("Tab")
    expect(page.locator("#grid-total")).to_have_text("100.00")
    page.get_by_role("button", name="Route for approval").click()
    expect(page.get_by_text("you routed it for approval").first).to_be_visible()
    world.clock.on("2026-11-26")
    page = enter("approver")
    page.goto(f"{address}/inbox/")
    assert barriers(page) == []
    amos = Effort(page)
    amos.press("w")
    expect(page.get_by_role("row", name="Quantity 2 1")).to_be_visible()
    assert barriers(page) == []
    assert amos.spent() == (0, 1, 0)


# Receiver and fiscal.


def test_a_part_that_is_more_than_was_ordered_is_received_with_three_clicks(
    world: World, address: str, enter: Callable[[str], Page]
) -> None:
    a_released_order(world)
    page = enter("receiver")
    rex = Effort(page)
    rex.click(page.get_by_role("link", name="Pending receipts"))
    rex.click(page.get_by_role("link", name="Receive ").last)
    page.fill("#line-1-quantity", "13")  # of twelve, with ten in a hundred more allowed
    rex.click(page.get_by_role("button", name="Record").first)
    expect(page.get_by_text("you recorded it").first).to_be_visible()
    assert rex.spent() == (3, 0, 0)
    with records(world) as session:
        assert session.scalar(select(Receipt.state)) == "released"


def test_why_a_match_failed_is_seen_with_one_click_and_resolved_with_two(
    world: World, address: str, enter: Callable[[str], Page]
) -> None:
    order = a_released_order(world)
    a_receipt(world, order, {1: "12"})
    invoice = an_invoice(world, order, {1: ("12", "46.00")})
    page = enter("fiscal")
    page.goto(f"{address}/invoice/list/")
    fay = Effort(page)
    fay.click(page.locator("a.docnum").first)
    expect(page.get_by_role("heading", name="Why it failed")).to_be_visible()
    expect(page.get_by_text("over by 1.01 each, 12.12 in all").filter(visible=True).first).to_be_visible()
    assert fay.spent() == (1, 0, 0)
    fay.click(page.locator("#short-pay summary"))
    fay.click(page.locator("#short-pay").get_by_role("button"))
    expect(page.get_by_text("paid short").first).to_be_attached()
    assert fay.spent() == (3, 0, 0)
    assert state_of(world, invoice) == "draft"


def test_an_invoice_is_made_from_an_order_with_four_clicks(
    world: World, address: str, enter: Callable[[str], Page]
) -> None:
    a_receipt(world, a_released_order(world), {1: "12"})
    page = enter("fiscal")
    fay = Effort(page)
    fay.click(page.get_by_role("link", name="Delivery orders"))
    fay.click(page.locator("a.docnum").first)
    fay.click(page.get_by_role("link", name="New invoice"))
    page.fill("#vendor_invoice_number", "A-1001")
    fay.click(page.locator("#model-form button[type=submit]").filter(visible=True).first)
    expect(page.get_by_text("Matched").first).to_be_visible()
    assert fay.spent() == (4, 0, 0)
