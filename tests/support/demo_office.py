"""The demonstration, made once and copied for each test."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from flask import Flask
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select

from app import migrate, people
from app.demo import seed
from app.extensions import db
from tests.support.databases import Databases
from tests.support.offices import application
from tests.support.world import Clock

SATURDAY = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)


def made(url: str) -> None:
    """Make the demo in an empty database, and write down what it took."""
    app = application(url, Clock(SATURDAY))
    migrate.upgrade(app)
    said: list[str] = []
    began = time.process_time()
    assert seed(app, said.append)
    if url.startswith("sqlite"):
        with open(f"{url.removeprefix('sqlite:///')}.json", "w") as notes:
            json.dump({"seconds": time.process_time() - began, "said": said}, notes)
    with app.app_context():
        db.engine.dispose()


def lent(kind: str, databases: Databases) -> Iterator[Flask]:
    """A copy of the demo, inside its application context."""
    app = application(databases.copy(kind, "demo", made), Clock(SATURDAY))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def actor_of(app: Flask, name: str) -> people.Actor:
    """A person of the demo, as the rules see one."""
    user = db.session.scalars(select(User).where(User.username == name)).one()
    return people.actor_for(db.session(), user, app.extensions["office"].today())
