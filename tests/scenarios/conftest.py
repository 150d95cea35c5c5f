"""What several stories begin with."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from app.models import PurchaseRequest
from tests.conftest import ON_BOTH
from tests.support.databases import Databases
from tests.support.demo_office import lent
from tests.support.drafts import PR
from tests.support.making import records
from tests.support.people import Person
from tests.support.purchases import TONER, Ordered, also, order, receive
from tests.support.world import World


@pytest.fixture
def rosa(world):
    return Person(world.app, "requester")


@pytest.fixture
def toner(world: World) -> Ordered:
    """Seven toner cartridges, ordered and received."""
    ordered = order(world, (TONER, "7"))
    receive(world, ordered, "7")
    return ordered


@pytest.fixture
def demo(databases: Databases) -> Iterator[Flask]:
    """A copy of the demo on SQLite, to do with as a test likes; inside its application context."""
    yield from lent("sqlite", databases)


@pytest.fixture(params=ON_BOTH)
def both_demos(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Flask]:
    """A copy of the demo, once on SQLite and once on PostgreSQL."""
    yield from lent(request.param, databases)


@pytest.fixture
def draft(rosa, world):
    """A request without lines."""
    rosa.post(f"/{PR}/add", title="Chairs")
    with records(world) as session:
        return session.scalar(select(PurchaseRequest.id))


@pytest.fixture
def cora(both) -> Person:
    """Of the Customer Resource Center."""
    return Person(both.app, "crc")


@pytest.fixture
def mona(both) -> Person:
    """Her colleague there."""
    also(both, "manager", "CRC")
    return Person(both.app, "manager")
