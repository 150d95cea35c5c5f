"""What the tests of backups begin with: PostgreSQL's client programs of the server that the run started, and commands."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.engine import make_url

from app import audit_heads
from app.extensions import db
from app.models import SecondFactor
from app.sealing import Secret
from tests.support import postgres
from tests.support.backups import SECRET
from tests.support.databases import Databases
from tests.support.making import a_processed_invoice, records
from tests.support.offices import application, disconnect
from tests.support.world import Clock, World

Command = Callable[..., tuple[int, str]]


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client programs that fit the server."""
    if found := postgres.find_binaries():
        monkeypatch.setenv("PURSER_POSTGRES_BIN", str(found))


def command(app: Flask, *words: str | Path) -> tuple[int, str]:
    """Run one of the program's commands: its exit code and all that it says."""
    with app.app_context():
        db.session.remove()
    said = app.test_cli_runner().invoke(args=[str(word) for word in words])
    if said.exception is not None and not isinstance(said.exception, SystemExit):
        raise said.exception
    return said.exit_code, said.output


@pytest.fixture
def elsewhere(both: World, databases: Databases) -> Iterator[Flask]:
    """A second installation with an empty database of the same kind, not even set up, and the same keys."""
    with both.app.app_context():
        kind = "postgres" if db.engine.dialect.name == "postgresql" else "sqlite"
    url = databases.empty(kind)
    app = application(url, Clock())
    yield app
    disconnect(app)
    assert make_url(url).database
    databases.drop(url)


@pytest.fixture
def office(both):
    """The small office with one purchase from need to payment, and a number that is sealed."""
    a_processed_invoice(both)
    with records(both) as session:
        audit_heads.head_of(session, both.clock().date(), both.clock())
        session.add(SecondFactor(user_id=both.ids["admin"], secret=Secret(SECRET), made_at=both.clock()))
        session.commit()
    return both


@pytest.fixture
def backup(office, tmp_path):
    """A backup of it."""
    file = tmp_path / "office.zip"
    code, said = command(office.app, "backup", "make", file)
    assert code == 0, said
    return file
