"""Naming somebody in place: found by typing, added and removed without a new page, the cursor where one goes on."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import accessibility_problems
from tests.support.making import PRINTER, a_request, line_id
from tests.support.world import World

pytestmark = pytest.mark.browser


def test_a_vendor_is_suggested_and_taken_off(world: World, address: str, enter: Callable[[str], Page]) -> None:
    request = a_request(world)
    page = enter("requester")
    page.goto(f"{address}/purchase-request/show/{request}#suggested")
    page.wait_for_selector("html[data-ready]")
    page.evaluate("window.samePage = true")
    page.locator("#suggested-vendor").press_sequentially("adesso")
    page.wait_for_selector("#suggested-vendor-list [role=option]")
    page.keyboard.press("Enter")
    page.fill("#suggested-note", "Quoted in spring")
    page.locator("#suggested-add").press("Enter")
    expect(page.locator("#roster-suggested tbody tr")).to_have_count(1)
    expect(page.locator("#suggested-add")).to_be_focused()
    expect(page.locator("#count-suggested")).to_have_text("1")
    assert accessibility_problems(page) == []
    page.get_by_role("button", name="Remove VN-A Adesso Supply").press("Enter")
    expect(page.locator("#roster-suggested tbody tr")).to_have_count(0)
    expect(page.locator("#suggested-add")).to_be_focused()
    expect(page.locator("#count-suggested")).to_be_hidden()
    assert page.evaluate("window.samePage"), "no new page was loaded"


def test_what_is_wrong_is_said_in_place(
    world: World, address: str, enter: Callable[[str], Page], watch: object
) -> None:
    watch.allow("status of 422")  # type: ignore[attr-defined]
    request = a_request(world, "draft", PRINTER, PRINTER)
    page = enter("requester")
    page.goto(f"{address}/purchase-request/line/{request}/{line_id(world, request)}/#acceptance")
    page.wait_for_selector("html[data-ready]")
    page.select_option("#acceptance-by-role", "inspector")
    page.locator("#acceptance-by-user").press_sequentially("rex")
    page.wait_for_selector("#acceptance-by-user-list [role=option]")
    page.keyboard.press("Enter")
    page.click("#acceptance-by-add")
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("#acceptance-by-user")).to_have_value("Rex Receiver")
    assert accessibility_problems(page) == []
    page.click("#error-summary a")
    expect(page.locator("#acceptance-by-user")).to_be_focused()
    page.select_option("#acceptance-by-role", "receiver")
    page.click("#acceptance-by-add")
    expect(page.locator("#roster-acceptance-by tbody tr")).to_have_count(1)
    page.click("#acceptance-by-everywhere")
    expect(page.locator(".toast").last).to_contain_text("All 2 lines name them now.")
