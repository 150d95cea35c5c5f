"""The log: one line for one thing, with the number of its request, and nobody's secrets. Source: OP-01, OP-05, IN-09."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app import log_masks, logs
from app.extensions import db
from tests.support.people import TOKEN, Person
from tests.support.world import PASSWORD


class Written:
    """What was logged, in one form."""

    def __init__(self, form: str) -> None:
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter(logs.FORMS[form]())

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.text.splitlines()]

    def requests(self) -> list[dict]:
        return [line for line in self.lines if line["logger"] == "app.requests"]


def written(form: str) -> Iterator[Written]:
    log, told = Written(form), logging.getLogger("app.requests")
    root, level = logging.getLogger(), told.level
    root.addHandler(log.handler)
    told.setLevel(logging.INFO)
    yield log
    told.setLevel(level)
    root.removeHandler(log.handler)


@pytest.fixture
def log() -> Iterator[Written]:
    """The log as production writes it."""
    yield from written("json")


@pytest.fixture(params=["json", "text"])
def either(request) -> Iterator[Written]:
    """The log in each of its forms."""
    yield from written(request.param)


def test_a_request_is_one_line_that_says_who_asked_what_and_how_it_went(world, log):
    rosa = Person(world.app, "requester")
    rosa.get("/lookup/vendor?q=box+of+secrets")
    line = log.requests()[-1]
    assert (line["level"], line["method"], line["status"]) == ("INFO", "GET", 200)
    assert line["route"] == "/lookup/<kind>" or line["route"].startswith("/lookup/<")
    assert line["user_id"] == world.ids["requester"] and line["message"] == f"GET {line['route']} 200"
    assert datetime.fromisoformat(line["time"]).utcoffset().total_seconds() == 0 and line["time"].endswith("Z")
    assert 0 < line["duration_ms"] < 60_000 and len(line["request_id"]) == 16
    assert "box" not in log.text


def test_who_only_watches_leaves_no_line_unless_something_is_wrong(world, log):
    client = world.app.test_client()
    for path in ("/healthz", "/readyz", "/metrics"):
        assert client.get(path).status_code == 200
    assert log.requests() == []
    with world.app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'old'"))
    assert client.get("/readyz").status_code == 503
    assert [line["route"] for line in log.requests()] == ["/readyz"]


def test_what_was_refused_or_is_not_there_has_its_line_too(world, log):
    person = Person(world.app, "requester")
    person.client.get("/no/such/place/4111-1111")
    assert (log.requests()[-1]["status"], log.requests()[-1]["route"]) == (404, "(no such address)")
    person.client.get("/roles/list/")
    assert log.requests()[-1]["status"] == 403
    assert "4111" not in "".join(line["message"] for line in log.requests())


def test_all_lines_of_a_request_have_its_number_and_the_browser_is_told(world, log, monkeypatch):
    def fails(*_given):
        raise RuntimeError("the roof is leaking")

    monkeypatch.setattr("app.screens.security.check_password", fails)
    answer = world.app.test_client().post("/api/v1/security/login", json={"username": "x", "password": PASSWORD})
    assert answer.status_code == 500
    mine = [line for line in log.lines if line.get("request_id") == answer.headers["X-Request-ID"]]
    assert [line["logger"] for line in mine] == ["app.screens.errors", "app.requests"]
    assert "RuntimeError: the roof is leaking" in mine[0]["exc_info"] and mine[1]["status"] == 500


@pytest.mark.parametrize(
    ("hops", "sent", "taken"),
    [
        (1, "proxy-4711.a_b", True),
        (0, "proxy-4711.a_b", False),
        (1, "short", False),
        (1, "x" * 65, False),
        (1, "with space in", False),
        (1, "<script>alert(1)", False),
        (1, "", False),
    ],
)
def test_a_number_is_taken_over_from_a_trusted_proxy_alone(world, hops, sent, taken):
    world.app.config["PROXY_HOPS"] = hops
    answer = world.app.test_client().get("/healthz", headers={"X-Request-ID": sent})
    assert (answer.headers["X-Request-ID"] == sent) is taken and len(answer.headers["X-Request-ID"]) >= 8


# Secrets.


def test_signing_in_leaves_no_password_and_no_cookie(world, either):
    client = world.app.test_client()
    token = TOKEN.search(client.get("/login/").text)[1]
    for password in ("correct horse battery", PASSWORD):
        client.post("/login/", data={"username": "requester", "password": password, "csrf_token": token})
    cookie = client.get_cookie("purser").value
    logging.getLogger("app").error("told of %s and %s", cookie, token)
    client.get("/profile/")
    for secret in ("correct horse battery", PASSWORD, cookie):
        assert secret not in either.text
    assert "/login/" in either.text


def test_a_call_leaves_no_token(world, either):
    client = world.app.test_client()
    answer = client.post("/api/v1/security/login", json={"username": "requester", "password": PASSWORD})
    token = answer.json["access_token"]
    assert client.get("/api/v1/market-basket", headers={"Authorization": f"Bearer {token}"}).status_code in (200, 404)
    assert token not in either.text and token.split(".")[2] not in either.text and PASSWORD not in either.text
    assert "/api/v1/security/login" in either.text


def test_an_error_that_repeats_what_was_typed_is_masked_whatever_it_says(world, either, monkeypatch):
    """Known by its value: the words around it give nothing away."""

    def fails(*_given):
        raise ValueError("cannot make sense of hunter2hunter2 and of 021000021-778899")

    client = world.app.test_client()
    monkeypatch.setattr("app.screens.security.check_password", fails)
    data = {"username": "x", "password": "hunter2hunter2", "number": "021000021-778899", "number_again": "-"}
    token = TOKEN.search(client.get("/login/").text)[1]
    assert client.post("/login/", data=data | {"csrf_token": token}).status_code == 500
    assert "cannot make sense of *** and of ***" in either.text
    assert "hunter2" not in either.text and "778899" not in either.text


def test_a_call_that_fails_repeats_nothing_either(world, either, monkeypatch):
    def fails(*given):
        raise ValueError(f"cannot make sense of {given}")

    monkeypatch.setattr("app.screens.security.check_password", fails)
    answer = world.app.test_client().post(
        "/api/v1/security/login", json={"username": "x", "password": "hunter2hunter2"}
    )
    assert answer.status_code == 500
    assert "cannot make sense of" in either.text and "hunter2" not in either.text


def test_an_error_of_the_database_shows_no_values(both, either):
    values = {"number": "-".join(("52", "0098765"))}
    with both.app.app_context(), pytest.raises(SQLAlchemyError) as failed, db.engine.connect() as connection:
        connection.execute(text("SELECT nothing FROM nowhere WHERE number = :number"), values)
    logging.getLogger("app").error("it failed", exc_info=failed.value)
    assert "nowhere" in either.text and "52-0098765" not in either.text


SENTENCES = (
    ("password=hunter2 is wrong", "hunter2"),
    ('{"new_password": "hunter2 and more"}', "hunter2"),
    ("{'api_key': 'hunter2'}", "hunter2"),
    ("Authorization: Bearer abc.def-123", "abc.def-123"),
    ("sent 'authorization': 'Basic aHVudGVyMg=='", "aHVudGVyMg"),
    ("Cookie: theme=dark; purser=abcdef", "abcdef"),
    ("Set-Cookie: purser=abcdef; HttpOnly", "abcdef"),
    ("client_secret: hunter2,", "hunter2"),
    ("it was eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "c2lnbmF0dXJl"),
    ("cannot reach postgresql://clerk:hunter2@db/purser", "hunter2"),
    ("GET /reset?key=hunter2&x=1", "hunter2"),
    ("GET /search?q=Miller%20divorce", "Miller"),
)


@pytest.mark.parametrize(("sentence", "secret"), SENTENCES, ids=[sentence[:20] for sentence, _ in SENTENCES])
def test_what_looks_like_a_secret_is_masked(either, sentence, secret):
    logging.getLogger("app").error("%s", sentence)
    assert secret not in either.text and "***" in either.text


def test_what_is_given_beside_a_line_is_masked_by_its_name_at_any_depth(log):
    given = {"session_cookie": "abcdef", "sent": {"Token": "abcdef", "rows": [{"passphrase": "abcdef", "line": 3}]}}
    logging.getLogger("app").error("asked", extra=given)
    (line,) = log.lines
    assert line["sent"] == {"Token": "***", "rows": [{"passphrase": "***", "line": 3}]} and "abcdef" not in log.text


def test_what_the_settings_hold_is_never_written(world, either):
    key = world.app.config["SECRET_KEY"]
    logging.getLogger("app").error("signed with %s", key)
    assert key not in either.text and "signed with ***" in either.text


@pytest.mark.parametrize("sentence", ["Passing the gate", "3 tokens, 2 cookies", "the books agree", "http://host/path"])
def test_ordinary_sentences_stay_as_they_are(sentence):
    assert log_masks.masked(sentence) == sentence


def test_a_line_of_json_is_one_line_whatever_it_holds(log):
    logging.getLogger("app").error("told of %s", "a\nb\u2028c\x1b[2J", extra={"number": 3, "moment": object()})
    assert log.text.count("\n") == 1 and "\x1b" not in log.text and "\u2028" not in log.text
    assert log.lines[0]["message"] == "told of a\nb\u2028c\x1b[2J"
