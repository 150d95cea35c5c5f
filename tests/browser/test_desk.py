"""Documents move between containers with the mouse and with the keys, by the same button."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import accessibility_problems
from tests.support.desks import cabinet, folder, lying_in
from tests.support.making import a_request, state_of
from tests.support.people import Person
from tests.support.world import PASSWORD, World

pytestmark = pytest.mark.browser


def opened(page: Page, address: str, path: str = "/desk/") -> Page:
    page.goto(f"{address}{path}")
    page.wait_for_selector("html[data-ready]")
    return page


def test_documents_are_dragged_into_a_folder(world: World, address: str, enter: Callable[[str], Page]) -> None:
    requests = [a_request(world, title=f"Printers {number}") for number in range(4)]
    rosa = Person(world.app, "requester")
    lab, projects = folder(rosa, "Laboratory"), cabinet(rosa, "Projects")
    page = opened(enter("requester"), address, "/desk/?at=0&order=title")
    assert accessibility_problems(page) == []
    page.get_by_role("cell", name="Printers 1").drag_to(page.locator(f"[data-drop='{lab}']"))
    expect(page.get_by_text("One document moved to My documents / Laboratory.")).to_be_visible()
    assert lying_in(rosa, lab) == [requests[1]]

    page.wait_for_selector("html[data-ready]")
    for title in ("Printers 0", "Printers 2"):
        page.get_by_role("row", name=title).get_by_role("checkbox").check()
    page.get_by_role("cell", name="Printers 2").drag_to(page.locator(f"[data-drop='{projects}']"))
    expect(page.get_by_text("2 documents moved to Projects.")).to_be_visible()
    assert sorted(lying_in(rosa, projects)) == [requests[0], requests[2]]


def test_a_drop_where_nothing_can_lie_moves_nothing(world: World, address: str, enter: Callable[[str], Page]) -> None:
    request = a_request(world)
    rosa = Person(world.app, "requester")
    folder(rosa, "Laboratory")
    page = opened(enter("requester"), address)
    page.evaluate("window.samePage = true")
    tree = page.get_by_role("navigation", name="Containers")
    for nowhere in ("Inbox", "Outbox", "My documents"):
        page.get_by_role("cell", name="Printers").drag_to(tree.get_by_role("link", name=nowhere).first)
    assert page.evaluate("window.samePage") and page.locator("tr[data-dragged]").count() == 0
    assert lying_in(rosa, "0") == [request]


def test_documents_are_moved_with_the_keys_alone(world: World, address: str, enter: Callable[[str], Page]) -> None:
    requests = [a_request(world, title=f"Printers {number}") for number in range(3)]
    rosa = Person(world.app, "requester")
    folder(rosa, "First")
    second = folder(rosa, "Second")
    page = opened(enter("requester"), address, "/desk/?at=0&order=title")
    for key in ("j", "x", "j", "j", "x", "v"):
        page.keyboard.press(key)
    menu = page.get_by_role("group", name="Move to")
    expect(menu.get_by_role("button", name="First")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(menu.get_by_role("button", name="Second")).to_be_focused()
    assert accessibility_problems(page) == []
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 documents moved to My documents / Second.")).to_be_visible()
    assert sorted(lying_in(rosa, second)) == [requests[0], requests[2]]


def test_the_menu_closes_with_escape_and_moves_nothing(
    world: World, address: str, enter: Callable[[str], Page]
) -> None:
    request = a_request(world)
    rosa = Person(world.app, "requester")
    folder(rosa, "Laboratory")
    page = opened(enter("requester"), address)
    for key in ("j", "x", "v", "Escape"):
        page.keyboard.press(key)
    expect(page.get_by_role("group", name="Move to")).to_be_hidden()
    assert lying_in(rosa, "0") == [request]


def test_a_folder_is_made_and_chosen_for_new_documents(
    world: World, address: str, enter: Callable[[str], Page]
) -> None:
    page = opened(enter("requester"), address)
    page.get_by_text("New folder", exact=True).click()
    page.get_by_label("Name of the new folder").fill("Laboratory")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="My documents / Laboratory")).to_be_visible()
    page.get_by_role("button", name="Put new documents here").click()
    expect(page.get_by_role("link", name=re.compile("Laboratory ?, new documents go here"))).to_be_visible()
    assert accessibility_problems(page) == []


def test_an_envelope_is_filled_on_the_desk_and_signed_with_one_key(
    world: World, address: str, enter: Callable[[str], Page]
) -> None:
    requests = [a_request(world, title=f"Printers {number}") for number in range(3)]
    page = opened(enter("requester"), address, "/desk/?order=title")
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    page.get_by_role("button", name="Put into an envelope 2").click()
    page.get_by_label("Subject of a new envelope").fill("Room 12")
    assert accessibility_problems(page) == []
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Room 12 Being filled")).to_be_visible()
    assert accessibility_problems(page) == []
    page.wait_for_selector("html[data-ready]")
    page.keyboard.press("t")
    expect(page.get_by_role("heading", name="Room 12 Underway")).to_be_visible()

    page = opened(enter("approver"), address, "/inbox/")
    expect(page.locator("ul.q .item")).to_have_count(1)
    assert accessibility_problems(page) == []
    page.keyboard.press("a")
    if page.locator("#password-dialog[open]").count():
        page.fill("#signing-password", PASSWORD)
        page.click("[data-sign]")
    expect(page.get_by_text("you approved it.")).to_be_visible()
    assert [state_of(world, one) for one in requests] == ["approved", "approved", "draft"]
