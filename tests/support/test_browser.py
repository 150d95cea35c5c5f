"""The watch on a page notices what it should: tests that cannot fail would prove nothing."""

import pytest

from tests.support.browser import accessibility_problems, serve

CLEAN = "<!doctype html><html lang=en><title>Inbox</title><link rel=icon href='data:,'><main><h1>Inbox</h1>{}</main>"


def application(environ, start_response):
    """Pages that misbehave, each in its own way, under Purser's content policy."""
    pages = {
        "/clean": CLEAN.format(""),
        "/inline-style": CLEAN.format("<p style='color: red'>late</p>"),
        "/inline-script": CLEAN.format("<button onclick='alert(1)'>Route</button>"),
        "/other-host": CLEAN.format("<script src='https://cdn.example.com/chart.js'></script>"),
        "/throws": CLEAN.format("<script nonce=n>throw new Error('no such line')</script>"),
        "/complains": CLEAN.format("<script nonce=n>console.error('no funding strip')</script>"),
        "/missing": CLEAN.format("<script nonce=n src='/nowhere.js'></script>"),
        "/inaccessible": CLEAN.format("<img src='data:,'>").replace("script-src", ""),
    }
    body = pages.get(environ["PATH_INFO"])
    policy = "default-src 'self'; img-src data:; script-src 'self' 'nonce-n' https://cdn.example.com; style-src 'self'"
    headers = [("Content-Type", "text/html"), ("Content-Security-Policy", policy)]
    start_response("200 OK" if body else "404 Not Found", headers)
    return [(body or "").encode()]


@pytest.fixture(scope="module")
def site():
    with serve(application) as address:
        yield address


@pytest.mark.browser
@pytest.mark.parametrize(
    ("path", "noticed"),
    [
        ("/inline-style", "content policy: style-src-attr"),
        ("/inline-script", "content policy: script-src-attr"),
        ("/other-host", "request to another host: https://cdn.example.com/chart.js"),
        ("/throws", "no such line"),
        ("/complains", "no funding strip"),
        ("/missing", "status of 404"),
    ],
)
def test_a_page_that_misbehaves_is_noticed(page, watch, site, path, noticed):
    page.goto(site + path)
    assert noticed in "\n".join(watch.problems)
    watch.allow("")


@pytest.mark.browser
def test_a_clean_page_is_clean(page, watch, site):
    page.goto(f"{site}/clean")
    assert page.get_by_role("heading").inner_text() == "Inbox"
    assert watch.problems == []
    assert accessibility_problems(page) == []


@pytest.mark.browser
def test_what_a_test_causes_on_purpose_is_allowed(page, watch, site):
    watch.allow("no funding strip")
    page.goto(f"{site}/complains")
    assert watch.problems == []


@pytest.mark.browser
def test_axe_tells_rule_and_place(page, site):
    page.goto(f"{site}/inaccessible")
    assert [
        problem for problem in accessibility_problems(page) if problem.startswith("image-alt:") and "img" in problem
    ]


@pytest.mark.browser
def test_a_screenshot_is_kept(page, site, screenshot):
    page.goto(f"{site}/clean")
    file = screenshot("clean-page")
    assert file.parent.parts[-2:] == ("var", "screenshots")
    assert file.read_bytes().startswith(b"\x89PNG")
    file.unlink()
