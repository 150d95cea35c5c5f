"""What an abuse left behind: a fingerprint of the office's records, what was put on record."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, inspect, select, text

from app.extensions import db
from app.models import AuditEntry
from tests.support.making import records
from tests.support.world import World

NOT_BUSINESS = (
    "sign_in",
    "sign_in_attempt",
    "audit_entry",
    "audit_head",
    "alembic_version",
    "idempotency_key",
    "item_",
    "job_run",
    "ab_register_user",
)
"""Tables that an attempt may write to: it is counted, and put on record."""


_reads: dict[str, dict[str, str]] = {}


def _business(connection: Connection) -> dict[str, str]:
    """Table → what reads all of it. Looked up once: the tables of a kind of database are the same all through a run."""
    kind = connection.dialect.name
    if kind not in _reads:
        tables = inspect(connection)
        _reads[kind] = {
            table: ", ".join(
                f'"{name}"'
                for name in sorted(one["name"] for one in tables.get_columns(table))
                if name not in ("last_login", "login_count", "fail_login_count")
            )
            for table in sorted(tables.get_table_names())
            if not table.startswith(NOT_BUSINESS)
        }
    return _reads[kind]


def fingerprint(world: World) -> str:
    """A digest of every row of the office's records."""
    found = hashlib.sha256()
    with world.app.app_context(), db.engine.connect() as connection:
        for table, columns in _business(connection).items():
            rows = connection.execute(text(f"SELECT {columns} FROM {table}")).all()
            found.update(f"{table}:{sorted(map(repr, rows))}".encode())
    return found.hexdigest()


@contextmanager
def nothing_changes(world: World) -> Iterator[None]:
    """Whatever is tried inside, the office's records are afterwards what they were."""
    before = fingerprint(world)
    yield
    assert fingerprint(world) == before, "something was changed"


def refusals(world: World) -> list[str]:
    """What the trail says of attempts that were refused."""
    with records(world) as session:
        rows = session.scalars(select(AuditEntry).where(AuditEntry.action == "denied").order_by(AuditEntry.id))
        return [one.label if one.subject == "refusals" else f"{one.label}: {one.new}" for one in rows]


def at_once(world: World, work: Callable[[int], Any], times: int = 32) -> list[Any]:
    """Do something so many times in parallel, each in a thread with a session of its own; what came of each, an
    exception where one came."""
    outcomes: list[Any] = [None] * times
    start = threading.Barrier(times)

    def one(number: int) -> None:
        with world.app.app_context():
            start.wait()
            try:
                outcomes[number] = work(number)
            except Exception as error:
                outcomes[number] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
