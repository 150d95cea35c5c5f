"""The function that writes a route's address is made with the first link to it."""

import pytest
from flask import Flask, url_for
from werkzeug.routing import BuildError, Rule

from app.routes import LateRule


@pytest.fixture
def made(monkeypatch):
    """Counts what is compiled."""
    count = []
    compiling = Rule._compile_builder
    monkeypatch.setattr(
        Rule,
        "_compile_builder",
        lambda rule, unknown: count.append(rule.rule) or compiling(rule, unknown),
    )
    return count


@pytest.fixture
def app():
    """A site of three routes."""
    app = Flask("three", static_folder=None)
    app.url_rule_class = LateRule
    app.add_url_rule("/", "home", lambda: "")
    app.add_url_rule("/order/<int:pk>", "order", lambda pk: "")
    app.add_url_rule("/order/<int:pk>/copy", "copy", lambda pk, times: "", defaults={"times": 1})
    with app.test_request_context():
        yield app


def test_nothing_is_compiled_before_it_is_linked_to(made, app):
    assert app.test_client().get("/order/7").status_code == 200
    assert made == []
    assert [url_for("order", pk=pk) for pk in (7, 8)] == ["/order/7", "/order/8"]
    assert made == ["/order/<int:pk>"], "compiled once, and for nothing else"


def test_addresses_are_those_of_the_routes(app):
    assert url_for("home") == "/"
    assert url_for("home", of="a b", self=1) == "/?of=a+b&self=1"
    assert url_for("copy", pk=3) == url_for("copy", pk=3, times=1) == "/order/3/copy"
    with pytest.raises(BuildError):
        url_for("order")


def test_purser_keeps_its_routes_so(world):
    assert {type(rule) for rule in world.app.url_map.iter_rules() if rule.endpoint != "static"} == {LateRule}
