"""What somebody types into the grid is saved before a button beside it acts, however slow the line is."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.people import Person
from tests.support.world import World

pytestmark = pytest.mark.browser


def slowly(route: Route) -> None:
    """A request that takes as long as it does over a poor line."""
    time.sleep(0.4)
    route.continue_()


@pytest.fixture
def grid(world: World, address: str, enter: Callable[[str], Page]) -> Page:
    """A purchase request of one line, open before its requester."""
    Person(world.app, "requester").post("/purchase-request/add", title="Chairs")
    page = enter("requester")
    page.goto(f"{address}/purchase-request/list/")
    page.locator("a.docnum").first.click()
    page.wait_for_load_state("networkidle")
    page.click("#add-line")
    page.locator("#line-1-description").fill("Chair")
    page.keyboard.press("Tab")
    expect(page.locator("#line-1-row.changed")).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.route("**/line/*/*/save", slowly)
    return page


@pytest.mark.parametrize("leaves", [True, False], ids=["after Tab", "still in the cell"])
def test_what_was_typed_is_saved_before_validate_looks(grid: Page, leaves: bool) -> None:
    """Three cells in a row, faster than they are saved, and Validate at once."""
    for cell, value in (("description", "Chair, stacking"), ("quantity", "10"), ("unit_price", "84.99")):
        grid.fill(f"#line-1-{cell}", value)
        if leaves or cell != "unit_price":
            grid.keyboard.press("Tab")
    grid.locator("[data-key=v]").click()
    expect(grid.locator("#error-summary")).to_contain_text("Choose a commodity code", timeout=15_000)
    expect(grid.locator("#error-summary")).not_to_contain_text("unit price")
    assert grid.input_value("#line-1-unit_price") == "84.99"
    assert grid.input_value("#line-1-quantity") == "10"
    assert grid.input_value("#line-1-description") == "Chair, stacking"
    expect(grid.locator("#grid-total")).to_have_text("849.90")


def test_the_way_to_the_lines_own_page_waits_too(grid: Page) -> None:
    """The link stands in the row that comes back from the server meanwhile."""
    grid.fill("#line-1-unit_price", "12.75")
    grid.locator("#line-1-row a").first.click()
    grid.wait_for_url("**/purchase-request/line/**")
    assert grid.input_value("#unit_price") == "12.75"


def test_a_refused_cell_is_shown_before_one_goes_on_without_it(grid: Page, watch: Any) -> None:
    """Once: who presses again has decided."""
    watch.allow("status of 422")
    grid.fill("#line-1-quantity", "four")
    grid.locator("[data-key=v]").click()
    expect(grid.locator(".toast")).to_contain_text("Line 1, quantity is not saved")
    expect(grid.locator("#line-1-quantity")).to_be_focused()
    assert grid.input_value("#line-1-quantity") == "four"
    grid.locator("[data-key=v]").click()
    expect(grid.locator("#error-summary")).to_be_visible()


def test_what_is_selected_stays_selected_when_the_row_comes_back(grid: Page) -> None:
    """Tab selects the number of the next cell. Typing replaces it, before and after the row has come: 1 becomes 4, and
    not 41."""
    grid.fill("#line-1-description", "Chair, stacking")
    grid.keyboard.press("Tab")
    expect(grid.locator("#line-1-quantity")).to_be_focused()
    expect(grid.locator("#line-1-row.saving")).to_have_count(1)
    expect(grid.locator("#line-1-row.saving")).to_have_count(0)
    grid.keyboard.type("4")
    assert grid.input_value("#line-1-quantity") == "4"
    grid.keyboard.press("Tab")
    expect(grid.locator("#grid-total")).to_have_text("0.00")
    grid.fill("#line-1-unit_price", "2.50")
    grid.keyboard.press("Tab")
    expect(grid.locator("#grid-total")).to_have_text("10.00")
