"""The small office behind a real browser."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from tests.support.browser import serve, sign_in
from tests.support.databases import Databases
from tests.support.offices import disconnect, open_world
from tests.support.world import World


@pytest.fixture
def world(databases: Databases) -> Iterator[World]:
    """The small office in an application of its own: an answer may still be under way when the next test begins."""
    world = open_world("sqlite", databases)
    yield world
    disconnect(world.app)


@pytest.fixture
def address(world: World) -> Iterator[str]:
    """Where the small office is served."""
    with serve(world.app) as url:
        yield url


@pytest.fixture
def enter(page: Page, address: str) -> Callable[[str], Page]:
    """Sign somebody in, in place of whoever was there."""

    def in_place_of_others(name: str) -> Page:
        page.goto("about:blank")  # an answer still under way would bring the cookie back
        page.context.clear_cookies()
        page.goto(f"{address}/login/")
        if not page.locator("#username").count():
            page.context.clear_cookies()
        sign_in(page, address, name)
        return page

    return in_place_of_others
