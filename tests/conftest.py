"""The application with its small office, on either database, each test with a copy of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from app import create_app, migrate, views
from app.extensions import db
from app.office import open_office
from tests.support.databases import KINDS, Databases
from tests.support.people import Person
from tests.support.world import Clock, World, build

assert views.MENU, "the screens must be known before the tests that loop over them are collected"

ON_BOTH = [pytest.param(kind, marks=[pytest.mark.postgres] * (kind == "postgres")) for kind in KINDS]


def application(url: str, clock: Clock) -> Flask:
    """The application of the tests: cheap passwords, a clock that stands still."""
    office = open_office("Central Purchasing Office", "America/New_York", "US-KY")
    office.clock = clock
    app = create_app(
        SQLALCHEMY_DATABASE_URI=url,
        OFFICE=office,
        TESTING=False,
        FAB_PASSWORD_HASH_METHOD="pbkdf2:sha256:1",
        SERVER_NAME=None,
    )
    compiled = Path(app.config["VAR"]) / "compiled"  # templates, compiled once for the run and not for each test
    compiled.mkdir(parents=True, exist_ok=True)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(compiled))
    return app


def filled(url: str) -> None:
    """Fill a database with the small office."""
    app = application(url, Clock())
    migrate.upgrade(app)
    with app.app_context():
        build(app, Clock())
        db.session.remove()
        db.engine.dispose()


def open_world(kind: str, databases: Databases) -> World:
    """A fresh copy of the small office."""
    clock = Clock()
    url = databases.copy(kind, "office", filled)
    world = World(application(url, clock), clock)
    with world.app.app_context():
        world.name_things()
        db.session.remove()
    return world


@pytest.fixture(params=ON_BOTH)
def both(request: pytest.FixtureRequest, databases: Databases) -> Iterator[World]:
    """The small office, once on SQLite and once on PostgreSQL."""
    yield from _lend(open_world(request.param, databases))


@pytest.fixture
def world(databases: Databases) -> Iterator[World]:
    """The small office on SQLite."""
    yield from _lend(open_world("sqlite", databases))


def _lend(world: World) -> Iterator[World]:
    yield world
    with world.app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def sign_in(world: World) -> Callable[[str], Person]:
    """A person of the cast at a browser."""
    return lambda name: Person(world.app, name)
