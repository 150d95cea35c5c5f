"""The main job with mouse and keyboard: search, basket, grid, funding, signatures, receipt, invoice, payment queue.

The figures are the story's; `tests/scenarios/test_story.py` holds all of them, this one holds that people can do it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import accessibility_problems, pick
from tests.support.global_change import fund_alike
from tests.support.world import PASSWORD, World

pytestmark = pytest.mark.browser


def press(page: Page, button: str, *, sign: bool = False, reason: str = "") -> None:
    """A button of a document, and the dialog that it may open."""
    page.wait_for_load_state()  # until then a button only sends its form
    page.get_by_role("button", name=button, exact=False).first.click()
    dialog = page.locator("#password-dialog")
    if sign or reason:
        expect(dialog).to_be_visible()
    if sign:
        page.fill("#signing-password", PASSWORD)
    if reason:
        page.fill("#signing-comment", reason)
    if sign or reason:
        dialog.locator("[data-sign]").click()


def test_from_search_to_released_orders(
    world: World, address: str, enter: Callable[[str], Page], screenshot: Callable[[str], Path], watch: Any
) -> None:
    watch.allow("status of 4(09|22)")  # refusals are answered with a page and a status
    watch.allow("inline style|style-src")  # taking a picture styles the page
    page = enter("requester")

    page.goto(f"{address}/items/")
    page.keyboard.type("keybord wired")
    page.keyboard.press("Enter")
    expect(page.get_by_text("contoured").first).to_be_visible()
    screenshot("01-search")
    page.locator("input[name=quantity]").first.fill("12")
    page.keyboard.press("Enter")
    expect(page.get_by_text("539.88").first).to_be_visible()
    screenshot("02-in-the-basket")

    page.goto(f"{address}/market-basket/list/")
    page.locator("a.docnum").first.click()
    page.wait_for_load_state("networkidle")
    page.click("#add-line")
    expect(page.locator("#line-2-description")).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.fill("#line-2-description", "Locker, steel")
    page.keyboard.press("Tab")
    page.fill("#line-2-quantity", "four")
    page.keyboard.press("Tab")
    expect(page.locator("#line-2-quantity-error")).to_contain_text("Enter a number")
    assert page.input_value("#line-2-quantity") == "four"
    screenshot("03-a-number-please")
    page.fill("#line-2-quantity", "4")
    page.keyboard.press("Tab")
    expect(page.locator("#line-2-quantity-error")).to_have_count(0)
    page.fill("#line-2-unit_price", "120.50")
    page.keyboard.press("Tab")
    expect(page.locator("#grid-total")).to_have_text("1,021.88")
    expect(page.locator("#head-total")).to_have_text("1,021.88")
    pick(page, "#line-2-commodity_code", "7125")
    page.fill("#line-2-delivery_on", "2026-12-14")
    page.keyboard.press("Tab")
    page.wait_for_load_state("networkidle")

    page.get_by_text("Fund all lines alike").click()
    for number, (strip, share) in enumerate((("S1", "60"), ("S2", "40")), 1):
        pick(page, f"#all-strip-{number}", strip)
        page.fill(f"#all-share-{number}", share)
    page.get_by_role("button", name="Preview for all 2 lines").click()
    page.get_by_role("button", name="Apply to lines ticked: 2").click()
    expect(page.get_by_text("Funding: 2 lines changed.")).to_be_visible()
    screenshot("04-funded")

    press(page, "Route for approval")
    expect(page.locator("#error-summary")).to_contain_text("Class 71 is offered by an approved source")
    screenshot("05-a-reason-is-asked")
    page.locator("#line-2-row a").first.click()
    page.fill("#justification", "The agreement has desks, no lockers.")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Line 2 saved")).to_be_visible()
    page.get_by_role("link", name="Back to").first.click()
    press(page, "Route for approval")
    expect(page.get_by_text("you routed it for approval").first).to_be_visible()
    assert accessibility_problems(page) == []
    basket = page.url

    page = enter("approver")
    page.goto(f"{address}/inbox/")
    screenshot("06-inbox")
    page.goto(basket)
    press(page, "Approve", sign=True)
    expect(page.get_by_text("you approved it").first).to_be_visible()
    press(page, "Release")
    expect(page.get_by_text("Made:").first).to_be_visible()
    screenshot("07-released")
    page.locator("#tab-related").click()
    expect(page.get_by_text("Delivery order").first).to_be_visible()
    screenshot("08-related")


def test_a_signature_needs_the_password(world: World, address: str, enter: Callable[[str], Page], watch: Any) -> None:
    """The dialog asks, a wrong password signs nothing, and Escape goes back."""
    from tests.support.people import Person

    watch.allow("status of 422")
    rosa = Person(world.app, "requester")
    rosa.post(f"/items/add/{world.ids['item desk']}", quantity="1")
    with world.app.app_context():
        from app.extensions import db
        from app.models import MarketBasket

        pk = db.session.scalar(db.select(MarketBasket.id))
    fund_alike(rosa, world, "market-basket", pk, ("S1", "100"))
    rosa.press("market-basket", pk, "route")
    page = enter("approver")
    page.goto(f"{address}/market-basket/show/{pk}")
    page.keyboard.press("a")
    expect(page.locator("#password-dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#password-dialog")).to_be_hidden()
    page.keyboard.press("a")
    page.fill("#signing-password", "not mine")
    page.keyboard.press("Enter")
    expect(page.locator("#error-summary")).to_contain_text("This is not your password")
    press(page, "Approve", sign=True)
    expect(page.get_by_text("you approved it").first).to_be_visible()
