"""A real browser for what only a browser shows: keyboard, focus, layout, policy, colours.

A page in a test is watched: an error in the console, a violation of the content policy or a request
to another host fails the test, whatever it meant to look at.
"""

import json
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    WebError,
    expect,
    sync_playwright,
)
from werkzeug.serving import make_server

from tests.support.world import PASSWORD

HOW_TO_ADD = (
    "install Chromium (Debian: apt-get install chromium), or name its program in PURSER_CHROMIUM, "
    "or let Playwright fetch one: python -m playwright install chromium"
)

PROJECT = Path(__file__).parents[2]
SCREENSHOTS = PROJECT / "var" / "screenshots"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nobody else is asked. Intercepting requests would say the same, but it switches the browser's cache off.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
WEB = {"http", "https", "ws", "wss"}
OURS = {"127.0.0.1", "localhost", "::1"}

# The policy's violations reach the console too, but not all of them and not always as an error.
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => window.purserViolation(
    `${event.violatedDirective} forbids ${event.blockedURI} (${event.sourceFile}:${event.lineNumber} ${event.sample})`))
"""

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def find_chromium() -> Path | None:
    """The browser's program: asked for, installed, or fetched by Playwright."""
    if named := os.environ.get("PURSER_CHROMIUM"):
        return Path(named) if os.access(named, os.X_OK) else None
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        if found := shutil.which(name):
            return Path(found)
    caches = [Path.home() / ".cache" / "ms-playwright", Path.home() / "Library" / "Caches" / "ms-playwright"]
    programs = ("chrome-linux*/chrome", "chrome-mac*/*/Contents/MacOS/*Chrom*")
    fetched = [p for cache in caches for program in programs for p in sorted(cache.glob(f"chromium-*/{program}"))]
    return fetched[-1] if fetched else None


@contextmanager
def serve(app: Callable[..., Any]) -> Iterator[str]:
    """Serve a WSGI application on a free port of this machine; yields its address, without a slash at the end."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Watch:
    """Remembers what a clean page never does: errors, violations of its policy, requests to other hosts."""

    def __init__(self, context: BrowserContext):
        self.context = context
        self._problems: list[str] = []
        self._allowed: list[re.Pattern[str]] = []
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.expose_binding("purserViolation", lambda source, text: self._note(f"content policy: {text}"))
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("request", self._request)

    def allow(self, pattern: str) -> None:
        """Expect problems that match, in a test that causes them: `allow("status of 403")`."""
        self._allowed.append(re.compile(pattern))

    @property
    def problems(self) -> list[str]:
        """What happened so far and was not allowed."""
        for page in self.context.pages:
            page.evaluate("1")  # what the page has said meanwhile arrives before the answer
        return [p for p in self._problems if not any(pattern.search(p) for pattern in self._allowed)]

    def _note(self, problem: str) -> None:
        self._problems.append(problem)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._note(f"console: {message.text} ({message.location.get('url')}:{message.location.get('lineNumber')})")

    def _error(self, error: WebError) -> None:
        self._note(f"script: {error.error}")

    def _request(self, request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.scheme in WEB and asked.hostname not in OURS:
            self._note(f"request to another host: {request.url}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the run; each test has a context of its own in it."""
    program = find_chromium()
    if program is None:
        pytest.fail(f"Chromium was not found: {HOW_TO_ADD}.", pytrace=False)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(program), args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh visitor: no cookies, a laptop's screen, the office's zone, no animation."""
    visitor = browser.new_context(
        viewport={"width": 1280, "height": 900},
        locale="en-US",
        timezone_id="America/New_York",
        reduced_motion="reduce",
    )
    visitor.set_default_timeout(10_000)
    yield visitor
    visitor.close()


@pytest.fixture
def watch(context: BrowserContext) -> Watch:
    """What went wrong on the pages of this test; `allow` what the test causes on purpose."""
    return Watch(context)


@pytest.fixture
def page(context: BrowserContext, watch: Watch) -> Page:
    """A watched page: the test fails when it reports an error or asks another host."""
    return context.new_page()


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    result = yield
    watch = pyfuncitem.funcargs.get("watch")
    if isinstance(watch, Watch) and (problems := watch.problems):
        pytest.fail("The page did not stay clean:\n  " + "\n  ".join(problems), pytrace=False)
    return result


@pytest.fixture
def screenshot(page: Page) -> Callable[[str], Path]:
    """`screenshot("inbox-dark")` keeps a picture of the whole page in var/screenshots."""

    def keep(name: str) -> Path:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        file = SCREENSHOTS / f"{name}.png"
        page.screenshot(path=file, full_page=True)
        return file

    return keep


def sign_in(page: Page, address: str, name: str) -> None:
    """Somebody of the cast comes in by the door, and stands on the first page."""
    page.goto(f"{address}/login/")
    page.fill("#username", name)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")


def barriers(page: Page) -> list[str]:
    """What axe finds on a page as it stands, all its tabs open, light and dark. In the dark only colours are looked at
    again: nothing else changes with them."""
    page.evaluate("for (const panel of document.querySelectorAll('[role=tabpanel][hidden]')) panel.hidden = false")
    found = []
    for theme, rules in (("light", []), ("dark", COLOURS)):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        found += [f"{theme} {problem}" for problem in accessibility_problems(page, rules=rules)]
    return found


COLOURS = ["color-contrast", "link-in-text-block"]


def accessibility_problems(
    page: Page, within: str = "html", standards: list[str] = STANDARDS, rules: Sequence[str] = ()
) -> list[str]:
    """What axe finds wrong by WCAG 2.2 AA, or by some rules alone, a line for each element: rule, advice, where."""
    (axe,) = (PROJECT / "tests" / "browser" / "vendor").glob("axe*/axe.min.js")
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe.read_text(encoding="utf-8"))
    only = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": standards}
    options = {"runOnly": only, "resultTypes": ["violations"]}
    page.evaluate("scrollTo(0, 0)")  # what a page slides under its own head is not small
    found = page.evaluate(f"axe.run({json.dumps(within)}, {json.dumps(options)})")
    return [
        f"{violation['id']}: {violation['help']} at {' '.join(map(str, node['target']))}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def pick(page: Page, field: str, typed: str) -> None:
    """Type into a picker and choose what it offers first, with the keys alone."""
    page.focus(field)
    page.fill(field, typed)
    expect(page.locator(f"{field}-list [role=option]").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
