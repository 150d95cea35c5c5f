"""The application with its small office, on either database, each test with a copy of its own."""

from collections.abc import Callable, Iterator

import pytest

from app import views
from tests.support.databases import KINDS, Databases
from tests.support.offices import Standing, disconnect
from tests.support.people import Person
from tests.support.world import World

assert views.MENU, "the screens must be known before the tests that loop over them are collected"

ON_BOTH = [pytest.param(kind, marks=[pytest.mark.postgres] * (kind == "postgres")) for kind in KINDS]


@pytest.fixture(scope="session")
def lend(databases: Databases) -> Callable[[str], World]:
    """The small office on a kind of database, in an application that stands as long as the run."""
    standing: dict[str, Standing] = {}

    def one(kind: str) -> World:
        if kind not in standing:
            standing[kind] = Standing(kind, databases)
        return standing[kind].lend()

    return one


@pytest.fixture(params=ON_BOTH)
def both(request: pytest.FixtureRequest, lend: Callable[[str], World]) -> Iterator[World]:
    """The small office, once on SQLite and once on PostgreSQL."""
    world = lend(request.param)
    yield world
    disconnect(world.app)


@pytest.fixture
def world(lend: Callable[[str], World]) -> Iterator[World]:
    """The small office on SQLite."""
    world = lend("sqlite")
    yield world
    disconnect(world.app)


@pytest.fixture
def sign_in(world: World) -> Callable[[str], Person]:
    """A person of the cast at a browser."""
    return lambda name: Person(world.app, name)
