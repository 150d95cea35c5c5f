"""No page that a person can reach has a barrier that axe knows, light or dark, and none asks another host."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.support.browser import accessibility_problems
from tests.support.people import Person
from tests.support.world import World

pytestmark = pytest.mark.browser

PEOPLE = ("requester", "approver", "buyer", "receiver", "fiscal", "crc", "auditor", "admin")


def look(page: Page, url: str) -> list[str]:
    """What axe finds on a page, light and dark."""
    page.goto(url)
    found = [f"light {problem}" for problem in accessibility_problems(page)]
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    return found + [f"dark {problem}" for problem in accessibility_problems(page)]


def something_to_see(world: World) -> None:
    """A draft with a line that is not funded yet."""
    rosa = Person(world.app, "requester")
    rosa.post(f"/items/add/{world.ids['item desk']}", quantity="2")
    rosa.post("/purchase-request/add", title="Paint")


@pytest.mark.parametrize("name", PEOPLE)
def test_every_list_and_its_first_record(world: World, address: str, enter: Callable[[str], Page], name: str) -> None:
    something_to_see(world)
    page = enter(name)
    found = {"/": look(page, f"{address}/")}
    for path in sorted(set(re.findall(r'href="(/[a-z-]+/list/)"', page.content()))):
        found[path] = look(page, address + path)
        records = re.findall(rf'href="({path.removesuffix("list/")}(?:show|edit)/\d+)"', page.content())
        for record in dict.fromkeys(records[:1]):
            found[record] = look(page, address + record)
        adding = path.replace("/list/", "/add")
        if f'href="{adding}"' in page.content():
            found[adding] = look(page, address + adding)
    assert {path: problems for path, problems in found.items() if problems} == {}


def test_what_everybody_uses(world: World, address: str, enter: Callable[[str], Page]) -> None:
    something_to_see(world)
    page = enter("requester")
    paths = (
        "/inbox/",
        "/outbox/",
        "/items/?q=keyboard",
        "/search/?q=desk",
        "/notices/",
        "/help/",
        "/profile/",
        "/profile/password",
    )
    found = {path: look(page, address + path) for path in paths}
    assert {path: problems for path, problems in found.items() if problems} == {}


def test_the_door_and_a_missing_page(page: Page, address: str, watch: object) -> None:
    assert look(page, f"{address}/login/") == []
    watch.allow("status of 404")  # type: ignore[attr-defined]
    assert look(page, f"{address}/nothing-here") == []
