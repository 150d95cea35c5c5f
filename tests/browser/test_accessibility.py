"""No page that a person can reach has a barrier that axe knows, light or dark, and none asks another host."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from app.access import pairs
from tests.support.browser import barriers
from tests.support.people import Person
from tests.support.world import World

pytestmark = pytest.mark.browser

PEOPLE = ("requester", "approver", "buyer", "receiver", "fiscal", "crc", "auditor", "admin")


def look(page: Page, url: str) -> list[str]:
    """What axe finds on a page."""
    page.goto(url)
    return barriers(page)


def something_to_see(world: World) -> None:
    """A draft with a line that is not funded yet."""
    rosa = Person(world.app, "requester")
    rosa.post(f"/items/add/{world.ids['item desk']}", quantity="2")
    rosa.post("/purchase-request/add", title="Paint")


@pytest.mark.parametrize("name", PEOPLE)
def test_every_list_and_its_first_record(world: World, address: str, enter: Callable[[str], Page], name: str) -> None:
    """Each sees the lists and records on which they have something to do; the auditor those that nobody writes."""
    something_to_see(world)
    page = enter(name)
    found = {path: look(page, address + path) for path in ("/", *pages_of(Person(world.app, name)))}
    assert len(found) > 3
    assert {path: problems for path, problems in found.items() if problems} == {}


WRITTEN = {
    entity.lower()
    for role, grants in pairs().items()
    for verb, entity in grants
    if verb in ("can_add", "can_edit") and role.lower() in PEOPLE
}
"""What somebody of these people may write, and looks at in the test above."""


def pages_of(person: Person) -> Iterator[str]:
    """Lists, the first record of each, and the form for a new one, by the links that the person is shown."""
    for path in sorted(set(re.findall(r'href="(/[a-z-]+/list/)"', person.get("/").text))):
        shown = person.get(path).text
        records = re.findall(rf'href="({path.removesuffix("list/")}(?:show|edit)/\d+)"', shown)
        adding = path.replace("/list/", "/add")
        adds = f'href="{adding}"' in shown
        told = shown + "".join(person.get(one).text for one in records[:1])
        works = adds or any(deed in told for deed in ("/edit/", "/act/", "/pay/", "/allot/"))
        entity = path.split("/")[1].replace("-", "")
        if works or (person.name == "auditor" and entity not in WRITTEN):
            yield from (path, *records[:1], *([adding] if adds else []))


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
