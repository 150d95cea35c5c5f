"""Somebody who uses Purser over HTTP: at a browser, with its cookie and its forms, or as a program with a token."""

import http.client
import json
import re
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

import config
from app.rules.calendar import local_day

TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
PASSWORD = "purser-demo"
IDLE = 1.0
"""Seconds after which the server may have closed the connection."""


def today() -> date:
    """The day on the wall of the office. In UTC it may be tomorrow already, and nothing is received tomorrow."""
    return local_day(datetime.now(UTC), ZoneInfo(config.TIME_ZONE))


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    text: str
    statements: int
    location: str
    seconds: float

    @property
    def json(self) -> Any:
        """The body of a call's answer."""
        return json.loads(self.text)


class Session:
    """One person on one connection, which is kept open as a browser does."""

    def __init__(self, address: str, name: str) -> None:
        self.host, self.name = urlsplit(address).netloc, name
        self.connection = http.client.HTTPConnection(self.host, timeout=120)
        self.cookie = self.csrf = self.bearer = ""
        self.used = 0.0

    def sign_in(self) -> Answer:
        """Say who this is."""
        raise NotImplementedError

    def get(self, path: str) -> Answer:
        """Read."""
        return self.ask("GET", path)

    def ask(self, method: str, path: str, body: str | None = None, kind: str = "") -> Answer:
        """One request, without following where it leads."""
        headers = {"Host": self.host, "Accept-Encoding": "identity"}
        headers |= {"Cookie": self.cookie} if self.cookie else {}
        headers |= {"Authorization": f"Bearer {self.bearer}"} if self.bearer else {}
        headers |= {"Content-Type": kind} if kind else {}
        if time.perf_counter() - self.used > IDLE:
            self.connection.close()
            self.connection.connect()
        began = time.perf_counter()
        self.connection.request(method, path, body=body, headers=headers)
        answer = self.connection.getresponse()
        content = answer.read()
        self.used = time.perf_counter()
        took = self.used - began
        if (given := answer.getheader("Set-Cookie")) and "purser=" in given:
            self.cookie = given.split(";")[0]
        text = content.decode("utf-8", "replace")
        statements, onward = int(answer.getheader("X-Statements") or 0), answer.getheader("Location") or ""
        said = Answer(answer.status, text, statements, onward, took)
        if answer.status >= 400:
            raise RuntimeError(f"{self.name}: {method} {path} answered {answer.status}: {text[:600]}")
        return said


class Browser(Session):
    """A person at a browser."""

    def sign_in(self) -> Answer:
        """Name and password; then the page's token is read, as each page brings it."""
        self.cookie = ""
        self.csrf = self.read_token(self.get("/login/"))
        said = self.post("/login/", username=self.name, password=PASSWORD)
        self.csrf = self.read_token(self.get("/profile/"))
        return said

    def read_token(self, page: Answer) -> str:
        """What every form on a page carries."""
        found = TOKEN.search(page.text)
        assert found, page.text[:300]
        return found[1]

    def post(self, path: str, /, **fields: str) -> Answer:
        """Send a form."""
        body = urlencode({"csrf_token": self.csrf, **fields})
        return self.ask("POST", path, body, "application/x-www-form-urlencoded")


class Program(Session):
    """A program with somebody's token."""

    def sign_in(self) -> Answer:
        """A token."""
        said = self.call("POST", "/security/login", {"username": self.name, "password": PASSWORD})
        self.bearer = said.json["access_token"]
        return said

    def call(self, method: str, path: str, body: Any = None) -> Answer:
        """One call."""
        return self.ask(method, f"/api/v1{path}", None if body is None else json.dumps(body), "application/json")

    def get(self, path: str) -> Answer:
        """Read."""
        return self.call("GET", path)

    def post(self, path: str, /, **body: Any) -> Answer:
        """Make, or do."""
        return self.call("POST", path, body)

    def act(self, kind: str, pk: int, action: str) -> Answer:
        """A step of a document's."""
        return self.post(f"/{kind}/{pk}/actions/{action}", password=PASSWORD)
