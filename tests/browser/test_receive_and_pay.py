"""From the delivery to the payment queue, with mouse and keyboard: count, record, bill, match, short-pay, sign, process."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_story import press
from tests.support.browser import accessibility_problems
from tests.support.making import a_released_order
from tests.support.world import World

pytestmark = pytest.mark.browser


def test_from_the_delivery_to_the_payment_queue(
    world: World, address: str, enter: Callable[[str], Page], screenshot: Callable[[str], Path], watch: Any
) -> None:
    """12 keyboards ordered at 44.99; all came; billed at 46.00; the vendor is paid 539.88."""
    watch.allow("status of 4(09|22)")
    watch.allow("inline style|style-src")
    order = a_released_order(world)

    page = enter("receiver")
    page.goto(f"{address}/pending-receipts/list/")
    page.get_by_role("link", name="Receive").last.click()
    page.fill("#line-1-quantity", "14")
    page.get_by_role("button", name="Record").first.click()
    expect(page.get_by_text("over by").first).to_be_visible()
    assert page.input_value("#line-1-quantity") == "14"
    screenshot("21-too-many")
    page.fill("#line-1-quantity", "12")
    page.wait_for_load_state()
    page.keyboard.press("Control+s")
    expect(page.get_by_text("you recorded it").first).to_be_visible()
    assert accessibility_problems(page) == []
    screenshot("22-recorded")

    page = enter("fiscal")
    page.goto(f"{address}/delivery-order/show/{order}")
    page.get_by_role("link", name="New invoice").click()
    page.fill("#vendor_invoice_number", "A-1001")
    page.wait_for_load_state()
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Matched").first).to_be_visible()
    invoice = page.url.partition("#")[0]
    page.wait_for_load_state()
    page.locator("#tab-lines").click()
    page.fill("#line-1-unit_price", "46.00")
    page.keyboard.press("Tab")
    expect(page.locator("#short-pay summary")).to_contain_text("539.88")
    page.locator("#tab-match").click()
    expect(page.get_by_text("over by 1.01 each, 12.12 in all").filter(visible=True).first).to_be_visible()
    screenshot("23-why-it-failed")
    page.locator("#short-pay summary").click()
    page.fill("#short-pay-reason", "Agreed by telephone")
    page.locator("#short-pay").get_by_role("button").click()
    expect(page.get_by_text("paid short").first).to_be_attached()
    press(page, "Route for approval")
    expect(page.get_by_text("you routed it for approval").first).to_be_visible()
    assert accessibility_problems(page) == []

    page = enter("approver")
    page.goto(invoice)
    screenshot("24-to-sign")
    press(page, "Approve", sign=True)
    expect(page.get_by_text("you approved it").first).to_be_visible()

    page = enter("fiscal")
    page.goto(invoice)
    press(page, "Process")
    expect(page.get_by_text("Scheduled").first).to_be_visible()
    screenshot("25-scheduled")
    world.clock.on("2026-12-03", 9)  # the last day of the discount: 2 percent of 539.88
    page = enter("fiscal")
    page.goto(f"{address}/payment/list/")
    expect(page.locator("main tbody tr").first).to_contain_text("529.08")
    assert accessibility_problems(page) == []
    screenshot("26-payment-queue")
