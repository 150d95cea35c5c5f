"""What watches over Purser learns whether it lives, whether it may be sent people, and how it does. Source: OP-05."""

import re

from sqlalchemy import text

from app.extensions import db
from tests.support.people import Person


def test_a_worker_says_that_it_lives(world):
    answer = world.app.test_client().get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_it_is_ready_when_the_database_is_of_its_version(both):
    client = both.app.test_client()
    assert client.get("/readyz").json == {"status": "ready"}
    with both.app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "0001" in answer.json["why"]


def test_it_is_not_ready_without_its_database_and_says_nothing_of_where_that_is(world, monkeypatch):
    from sqlalchemy.exc import OperationalError

    def away(*_):
        raise OperationalError("SELECT", {}, Exception("host db.example refused"))

    with world.app.app_context():
        monkeypatch.setattr(type(db.engine), "connect", away)
    answer = world.app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert "example" not in answer.text


def test_answers_are_counted_and_timed_by_page_and_status(world):
    Person(world.app, "requester").get("/purchase-request/list/")
    said = world.app.test_client().get("/metrics").text
    counted = re.search(
        r'purser_requests_total\{endpoint="PurchaseRequestScreen.list",method="GET",status="200"\} (\d+)', said
    )
    assert counted
    assert int(counted[1]) >= 1
    assert 'purser_request_seconds_count{endpoint="PurchaseRequestScreen.list"}' in said
    assert "purser_documents_waiting 0" in said
    assert "requester" not in said


def test_figures_are_for_this_machine_or_for_who_brings_the_token(world):
    client = world.app.test_client()
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 404
    world.app.config["METRICS_TOKEN"] = "a long token"
    assert client.get("/metrics").status_code == 401
    right = {"Authorization": "Bearer a long token"}
    assert client.get("/metrics", headers=right, environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 200
