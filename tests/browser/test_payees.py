"""A sealed number in a real browser: the dialog asks for the password, the page shows the number once, nothing strays."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.around import a_bank_account, a_tax_id
from tests.support.browser import barriers
from tests.support.world import PASSWORD, World

pytestmark = pytest.mark.browser


def test_a_number_is_revealed_to_who_gives_the_password(
    world: World, address: str, enter: Callable[[str], Page]
) -> None:
    account, _ = a_bank_account(world, "4929817264055", entered="manager"), a_tax_id(world, "520098765")
    page = enter("crc")
    page.goto(f"{address}/vendor/show/{world.ids['vendor A']}")
    expect(page.get_by_text("•••4055")).to_be_visible()
    expect(page.get_by_text("•••8765")).to_be_visible()
    problems = barriers(page)
    row = page.get_by_role("row").filter(has_text="River Bank")
    row.get_by_role("button", name="Reveal").press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("4929817264055")).to_be_visible()
    problems += barriers(page)
    page.get_by_role("link", name="Hide").click()
    expect(page.get_by_text("4929817264055")).to_have_count(0)
    assert page.url == f"{address}/bank-account/show/{account}"
    problems += barriers(page)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("dialog").get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("In force")).to_be_visible()
    for path in ("/bank-account/list/", "/bank-account/add", "/tax-id/add", "/tax-id/show/1"):
        page.goto(address + path)
        problems += barriers(page)
    assert problems == []
