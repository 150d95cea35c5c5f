"""How the office is set up: the rights of a role, the tree of offices and the signing policy, by mouse and by keyboard."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.entities.approvals import RoutingRule
from tests.scenarios.test_role_matrix import rights
from tests.scenarios.test_signing_forecast import a_rule
from tests.support.browser import barriers, pick
from tests.support.making import a_request, records
from tests.support.world import World

pytestmark = pytest.mark.browser

COUNT_CLICKS = "document.addEventListener('click', (e) => { if (e.isTrusted) sessionStorage.clicks = 1 + Number(sessionStorage.clicks || 0) }, true)"


def opened(page: Page, url: str) -> Page:
    """A page, once its scripts have started."""
    page.goto(url)
    page.wait_for_selector("html[data-ready]")
    return page


def test_a_role_is_given_one_deed_with_three_clicks(world: World, address: str, enter: Callable[[str], Page]) -> None:
    page = enter("admin")
    page.context.add_init_script(COUNT_CLICKS)
    opened(page, f"{address}/roles/list/")
    page.get_by_role("link", name="Requester").click()
    assert barriers(page) == []
    page.get_by_label("Release Purchase requests").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Requester saved.")).to_be_visible()
    assert page.evaluate("sessionStorage.clicks") == "3"
    assert ("can_release", "PurchaseRequest") in rights(world, "Requester")
    assert barriers(page) == []


def test_a_role_is_changed_without_a_mouse(world: World, address: str, enter: Callable[[str], Page]) -> None:
    page = enter("admin")
    opened(page, f"{address}/roles/list/")
    page.get_by_role("link", name="Evaluator").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("html[data-ready]")
    page.get_by_label("View Invoices").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Evaluator saved.")).to_be_visible()
    assert ("can_show", "Invoice") in rights(world, "Evaluator")


def test_the_tree_of_offices_is_walked_by_keyboard(world: World, address: str, enter: Callable[[str], Page]) -> None:
    page = opened(enter("admin"), f"{address}/offices/")
    expect(page.locator(f"#office-{world.ids['clinic']}")).to_have_count(0)
    page.locator(f"#office-{world.ids['state']}").focus()
    page.keyboard.press("ArrowDown")
    at = "document.activeElement.id"
    assert page.evaluate(at) == f"office-{world.ids['office']}"
    page.keyboard.press("ArrowDown")
    assert page.evaluate(at) == f"office-{world.ids['health']}"
    page.keyboard.press("ArrowRight")
    expect(page.locator(f"#office-{world.ids['clinic']}")).to_be_visible()
    page.keyboard.press("ArrowRight")
    assert page.evaluate(at) == f"office-{world.ids['clinic']}"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Clinic")).to_be_visible()
    expect(page.get_by_text("1 Main St")).to_be_visible()
    assert page.url.endswith(f"/offices/?at={world.ids['clinic']}")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(f"#office-{world.ids['clinic']}")).to_be_hidden()
    page.keyboard.press("Home")
    assert page.evaluate(at) == f"office-{world.ids['state']}"
    page.keyboard.press("End")
    assert page.evaluate(at) == f"office-{world.ids['parks']}"
    assert barriers(page) == []
    opened(page, f"{address}/offices/move/{world.ids['clinic']}?to={world.ids['parks']}")
    assert barriers(page) == []


def test_a_rule_is_added_moved_and_changed_in_place(world: World, address: str, enter: Callable[[str], Page]) -> None:
    rule = a_rule(world, role="ITS")
    page = opened(enter("admin"), f"{address}/routing-rule/list/")
    assert barriers(page) == []
    page.locator("#policy-purchase_request-add").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Who signs").select_option("Manager")
    page.get_by_label("From", exact=True).fill("50,000")
    page.get_by_label("Reason").fill("Big ones")
    page.keyboard.press("Tab")
    expect(page.locator("#rule-effect")).to_contain_text("Manager signs purchase requests from 50,000.00.")
    page.evaluate("scrollTo(0, 0)")  # what lies half under the bar on top is no target
    assert barriers(page) == []
    page.locator("#rule-save").click()
    expect(page.locator("#rule-save")).to_have_count(0)
    card = page.locator("#policy-purchase_request")
    expect(card).to_contain_text("Manager signs purchase requests from 50,000.00")
    page.locator(f"#earlier-{rule}").focus()
    page.keyboard.press("Enter")
    expect(card).to_contain_text("side by side")
    expect(page.locator(f"#earlier-{rule}")).to_be_focused()
    page.keyboard.press("Enter")
    expect(card).not_to_contain_text("side by side")
    with records(world) as session:
        wanted = select(RoutingRule.role).where(RoutingRule.kind == "purchase_request").order_by(RoutingRule.step)
        assert list(session.scalars(wanted)) == ["ITS", "Approver", "Manager"]


def test_who_would_sign_has_no_barrier(world: World, address: str, enter: Callable[[str], Page], watch: Any) -> None:
    watch.allow("status of 422")
    a_rule(world, amount_from=1000)
    draft = a_request(world)
    page = opened(
        enter("admin"), f"{address}/signing/?kind=purchase_request&organization={world.ids['clinic']}&amount=5"
    )
    assert barriers(page) == []
    page = opened(enter("admin"), f"{address}/signing/")
    ask = page.get_by_role("button", name="Who would sign?")
    ask.click()
    expect(page.get_by_role("alert")).to_contain_text("Office: ")
    pick(page, "#organization", "Clinic")
    page.get_by_label("Total").fill("5000")
    ask.click()
    expect(page.get_by_role("heading", name="Step 1: Approver")).to_be_visible()
    page = opened(enter("requester"), f"{address}/purchase-request/show/{draft}")
    page.get_by_role("link", name="Why these?").click()
    expect(page.get_by_role("heading", name="Step 1: Approver")).to_be_visible()
    assert barriers(page) == []
