"""The second factor in a real browser: set up with the key that the page shows, asked for at sign-in and before a signature."""

import base64
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import Page, expect

from tests.support.browser import barriers
from tests.support.making import a_request, state_of
from tests.support.world import PASSWORD, World

pytestmark = pytest.mark.browser


def code_of(key: str, world: World) -> str:
    """What an authenticator shows that was given the key of the page."""

    secret = base64.b32decode(key.replace(" ", ""))
    return TOTP(secret, 6, SHA1(), 30).generate(int(world.clock().timestamp())).decode()


def test_set_up_sign_in_and_sign(
    world: World, address: str, enter: Callable[[str], Page], screenshot: Callable[[str], Path], watch: Any
) -> None:
    watch.allow("inline style|style-src")  # taking a picture styles the page
    watch.allow("status of 4(01|22)")
    request = a_request(world, "routed")
    page = enter("approver")
    page.goto(f"{address}/profile/")
    page.get_by_role("link", name="Second factor").click()
    problems = barriers(page)
    page.get_by_role("button", name="Set it up").click()
    expect(page.locator(".qr svg")).to_be_visible()
    key = page.locator(".secret-key").inner_text()
    assert re.fullmatch(r"([A-Z2-7]{4} ){7}[A-Z2-7]{4}", key)
    screenshot("60-second-factor")
    problems += barriers(page)
    page.locator("#password").fill(PASSWORD)
    page.locator("#code").fill(code_of(key, world))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Spare codes")).to_be_visible()
    expect(page.locator(".spare-codes li")).to_have_count(8)
    screenshot("61-spare-codes")
    problems += barriers(page)

    world.clock.moment += timedelta(minutes=16)
    page.goto(f"{address}/purchase-request/show/{request}")
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Approve", exact=False).first.click()
    page.fill("#signing-password", PASSWORD)
    page.locator("#password-dialog [data-sign]").click()
    expect(page.locator("#password-problem")).to_contain_text("Enter the code")
    expect(page.locator("#signing-code")).to_be_focused()
    screenshot("62-sign-with-a-code")
    problems += barriers(page)
    page.fill("#signing-code", code_of(key, world))
    page.keyboard.press("Enter")
    expect(page.get_by_text("you approved")).to_be_visible()
    assert state_of(world, request) == "approved"

    world.clock.moment += timedelta(minutes=1)
    page.wait_for_load_state("networkidle")
    page.goto("about:blank")
    page.context.clear_cookies()
    page.goto(f"{address}/login/")
    page.fill("#username", "approver")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your code")).to_be_visible()
    screenshot("63-your-code")
    problems += barriers(page)
    page.fill("#code", "000000")
    page.keyboard.press("Enter")
    expect(page.locator("#code-error")).to_contain_text("This code is wrong")
    page.fill("#code", code_of(key, world))
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")
    assert problems == []
