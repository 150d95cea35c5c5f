"""IN: addresses that lead elsewhere, and lines that would like to be another line of the log."""

import io
import logging
import re
import socket
from urllib.parse import quote, urlsplit

import pytest
from sqlalchemy import String, inspect

from app import logs
from app.entities.document import Document
from app.models import Vendor
from app.screens import lookups
from tests.support.crawling import crawled
from tests.support.making import an_order, bring, records
from tests.support.offices import application
from tests.support.people import TOKEN, Person
from tests.support.world import PASSWORD, Clock


def _fails(*given, **how):
    raise RuntimeError("on purpose")


ODD = "endpoint=x&_scheme=javascript&_external=1&_anchor=%22%3E&_method=POST&self=1&values=2&q=a&page=1&dir=asc&order=x"
"""Arguments that are words of the toolkit, in an address that somebody typed."""


def test_in_arguments_with_the_names_of_the_toolkit_break_no_page(world):
    """Every page that can be opened without naming a record, for everybody who may open it."""
    pages = [
        rule.rule
        for rule in world.app.url_map.iter_rules()
        if "GET" in rule.methods and not rule.arguments and not rule.rule.startswith("/api/")
    ]
    assert len(pages) > 90
    for name in ("admin", "fiscal", "requester"):
        person = Person(world.app, name)
        for page in pages:
            answer = person.client.get(f"{page}?{ODD}")
            assert answer.status_code < 500, (name, page)
            assert not re.search(r'(?:href|action)="(?:javascript|http)', answer.text), (name, page)


# IN-11: sending people elsewhere.
ELSEWHERE = (
    "http://evil.example/",
    "//evil.example/",
    "///evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "@evil.example",
    "/%09/evil.example",
    "/\t/evil.example",
    "/\r\n/evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/%5cevil.example",
    "http:///evil.example",
    "\x01//evil.example",
    " //evil.example",
    "/login/?next=//evil.example",
    "//localhost@evil.example",
    "https://localhost.evil.example",
)


@pytest.mark.parametrize("onward", ELSEWHERE)
def test_in_11_after_signing_in_one_stays_here(world, onward):
    client = world.app.test_client()
    page = client.get("/login/", query_string={"next": onward})
    token = TOKEN.search(page.text)[1]
    answer = client.post(
        "/login/",
        query_string={"next": onward},
        data={"username": "requester", "password": PASSWORD, "csrf_token": token, "next": onward},
    )
    assert answer.status_code == 302
    where = answer.headers["Location"]
    browser_sees = re.sub(r"[\t\r\n]", "", where).replace("\\", "/").lstrip()
    assert urlsplit(browser_sees).netloc in ("", "localhost") and not browser_sees.startswith("//"), where
    assert urlsplit(browser_sees).scheme in ("", "http")
    again = client.get("/login/", query_string={"next": onward}).headers["Location"]
    assert not re.sub(r"[\t\r\n]", "", again).replace("\\", "/").startswith(("//", "http", "javascript", "data"))


def test_in_11_a_path_of_ours_is_gone_on_to(world):
    client = world.app.test_client()
    asked = client.get("/vendor/list/?q=A%25&page=2")
    where = asked.headers["Location"]
    token = TOKEN.search(client.get(where).text)[1]
    answer = client.post(where, data={"username": "requester", "password": PASSWORD, "csrf_token": token})
    assert answer.headers["Location"] == "/vendor/list/?q=A%25&page=2"


def test_in_11_a_foreign_host_is_refused_and_names_no_link(databases):
    from tests.support.offices import filled

    app = application(databases.copy("sqlite", "office", filled), Clock())
    app.config["TRUSTED_HOSTS"] = ["purser.example.gov"]
    client = app.test_client()
    assert client.get("/login/", headers={"Host": "purser.example.gov"}).status_code == 200
    for host in ("evil.example", "purser.example.gov.evil.example", "evil.example:80@purser.example.gov", ""):
        answer = client.get("/login/", headers={"Host": host})
        assert answer.status_code == 400, host
        assert "evil.example" not in answer.text


def test_in_11_links_are_paths_whatever_the_host(world, sign_in):
    person = sign_in("requester")
    page = person.get("/", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in page.text


# IN-09: the log.
FORGERIES = (
    "\n2026-11-23 ERROR app: all funds released",
    "\r",
    "\x1b[2J\x1b[1;31m",
    "\u2028",
    "\x9b31m",
    "\u202e",
    "\x00",
)


@pytest.mark.parametrize("sent", FORGERIES, ids=ascii)
def test_in_09_what_is_typed_stays_on_one_line_of_the_log(world, monkeypatch, sent):
    """A page fails at an address that would like to be a line of its own."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.OneLine(logs.FORMAT))
    monkeypatch.setattr(lookups.LookupScreen, "find", _fails)
    person = Person(world.app, "requester")
    log = logging.getLogger("app")
    log.addHandler(handler)
    try:
        assert person.client.get(f"/lookup/{quote('unit' + sent)}").status_code in (404, 500)
        log.error("told of %s", "x" + sent)
    finally:
        log.removeHandler(handler)
    lines = written.getvalue().splitlines(keepends=False)
    assert [line for line in lines if "told of x" in line] == [lines[-1]]
    assert lines[-1].endswith(f"told of x{sent.encode('unicode_escape').decode()}")
    assert not set(written.getvalue()) & {"\r", "\x1b", "\x9b", "\u2028", "\u202e", "\x00"}


def test_in_09_a_traceback_keeps_its_lines():
    record = logging.LogRecord("app", logging.ERROR, "", 0, "incident\n1", (), None)
    record.exc_text = "Traceback\n  line 2"
    assert logs.OneLine("%(message)s").format(record) == "incident\\n1\nTraceback\n  line 2"


# IN-10: addresses that somebody typed.


def test_in_10_no_address_that_is_typed_is_visited(world, monkeypatch):
    """Wherever an address can be stored, it is only shown: whatever pages are opened, nothing is connected to."""
    called: list[object] = []
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, lambda *given: called.append(given[1:]) or 0)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *given, **how: called.append(given) or [])
    target = "http://127.0.0.1:9/hook"
    order = an_order(world)
    with records(world) as session:
        vendor = session.get_one(Vendor, world.ids["vendor A"])
        texts = [one.key for one in inspect(Vendor).columns if isinstance(one.type, String) and not one.foreign_keys]
        texts = [one for one in texts if one in ("website", "name", "comments", "description", "email")]
        assert texts
        for one in texts:
            setattr(vendor, one, target)
        session.get_one(Document, order).comments = f"<img src={target}>"
        session.commit()
    bring(world, order, "released")
    buyer = Person(world.app, "buyer")
    pages = crawled(buyer, [f"/delivery-order/show/{order}", f"/vendor/show/{world.ids['vendor A']}"], most=25)
    assert len(pages) > 10
    assert buyer.get(f"/delivery-order/print/{order}").data.startswith(b"%PDF-")
    assert called == []
