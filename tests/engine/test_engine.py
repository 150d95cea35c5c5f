"""The promises of app/engine.py, on both databases: nothing lost, nothing orphaned, nobody waits for ever."""

import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from app import engine as purser
from app.engine import database_url as normal_url
from app.engine import retry
from tests.support.spending import connect, read, run_all, spend_one_more, spent

THREADS, TIMES = 24, 20


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = connect(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE strip (id INTEGER PRIMARY KEY, spent INTEGER NOT NULL)"))
        connection.execute(text("CREATE TABLE line (id INTEGER PRIMARY KEY, strip INTEGER REFERENCES strip (id))"))
        connection.execute(text("INSERT INTO strip VALUES (1, 0)"))
    yield engine
    engine.dispose()


def test_no_update_is_lost(engine):
    def work():
        for _ in range(TIMES):
            retry(lambda: spend_one_more(engine))

    assert run_all(*[work] * THREADS) == []
    with engine.connect() as connection:
        assert spent(connection) == THREADS * TIMES


def test_no_update_is_lost_through_sessions(engine):
    def spend(session: Session) -> None:
        lock = " FOR UPDATE" if engine.dialect.name == "postgresql" else ""
        before = session.execute(text(f"SELECT spent FROM strip WHERE id = 1{lock}")).scalar_one()
        with session.begin_nested():
            session.execute(text("UPDATE strip SET spent = :after WHERE id = 1"), {"after": before + 1})
        session.commit()

    def work():
        with Session(engine) as session:
            for _ in range(TIMES):
                spend(session)

    assert run_all(*[work] * 8) == []
    with engine.connect() as connection:
        assert spent(connection) == 8 * TIMES


def test_foreign_keys_are_enforced(engine):
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("INSERT INTO line VALUES (1, 99)"))
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("INSERT INTO line VALUES (1, 1)"))
        connection.execute(text("DELETE FROM strip"))


def test_time_is_utc(engine, is_postgres):
    with engine.connect() as connection:
        ours = connection.execute(text("SELECT CURRENT_TIMESTAMP")).scalar_one()
        assert abs(time.time() - seconds(ours)) < 10
        if is_postgres:
            assert connection.execute(text("SHOW timezone")).scalar_one() == "UTC"
            boot = connection.execute(text("SELECT reset_val FROM pg_settings WHERE name = 'TimeZone'")).scalar_one()
            assert boot == "UTC"  # also what RESET would return to, though the server itself says New York


def seconds(moment) -> float:
    """A timestamp as the database gave it, read as UTC."""
    from datetime import UTC, datetime

    moment = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def test_nothing_is_written_when_the_transaction_fails(engine):
    with pytest.raises(ZeroDivisionError), engine.begin() as connection:
        connection.execute(text("UPDATE strip SET spent = 5"))
        raise ZeroDivisionError
    with engine.connect() as connection:
        assert spent(connection) == 0


def test_a_reader_sees_the_past_while_another_writes(engine):
    """Committed data is read at once; on SQLite too, where a GET begins a deferred transaction."""
    reader = connect(engine.url.render_as_string(hide_password=False), read_only=lambda: True)
    with engine.begin() as writer:
        writer.execute(text("UPDATE strip SET spent = 7"))
        begun = time.monotonic()
        seen = []
        errors = run_all(lambda: seen.append(read(reader)))
        assert (errors, seen) == ([], [0])
        assert time.monotonic() - begun < 8  # and not the 15 of who waits for a lock
    assert read(reader) == 7
    reader.dispose()


def test_a_pool_connection_is_as_good_as_new(engine):
    """What one transaction changed about its connection does not stay for the next."""
    for _ in range(3):
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("UPDATE strip SET spent = spent + 1"))
    engine.connect().close()
    with pytest.raises(ZeroDivisionError), engine.begin() as connection:
        connection.execute(text("UPDATE strip SET spent = 99"))
        raise ZeroDivisionError
    assert read(engine) == 3


def test_a_server_that_restarted_is_noticed(database_url, is_postgres):
    """The pool asks before it lends: a request after a restart of PostgreSQL works."""
    engine = connect(database_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one() if is_postgres else None
    if is_postgres:
        other = connect(database_url)
        with other.connect() as connection:
            connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        other.dispose()
        time.sleep(0.1)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    engine.dispose()


# --- trying again ---------------------------------------------------------------------------------


def test_two_who_lock_in_opposite_order_both_succeed(engine, is_postgres):
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO strip VALUES (2, 0)"))
    both_hold_one = threading.Barrier(2)
    attempts = []

    def work(first: int, second: int) -> None:
        def transaction() -> None:
            attempts.append(first)
            with engine.begin() as connection:
                connection.execute(text("UPDATE strip SET spent = spent + 1 WHERE id = :id"), {"id": first})
                if is_postgres and len(attempts) <= 2:
                    both_hold_one.wait(10)
                connection.execute(text("UPDATE strip SET spent = spent + 1 WHERE id = :id"), {"id": second})

        retry(transaction)

    assert run_all(lambda: work(1, 2), lambda: work(2, 1)) == []
    assert len(attempts) == (3 if is_postgres else 2)  # PostgreSQL sent one of them back
    with engine.connect() as connection:
        assert connection.execute(text("SELECT spent FROM strip ORDER BY id")).scalars().all() == [2, 2]


def test_retry_gives_up_in_the_end(monkeypatch):
    pauses: list[float] = []
    monkeypatch.setattr(purser.time, "sleep", pauses.append)
    calls = []

    def always_busy() -> None:
        calls.append(1)
        raise OperationalError("UPDATE strip", None, purser.busy("database is locked"))

    with pytest.raises(OperationalError, match="locked"):
        retry(always_busy, tries=8)
    assert (len(calls), len(pauses)) == (8, 7)
    assert all(0 <= pause <= min(0.02 * 2**k, 1) for k, pause in enumerate(pauses))


def test_retry_does_not_repeat_what_would_fail_again(engine):
    calls = []

    def broken() -> None:
        calls.append(1)
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO strip VALUES (1, 0)"))

    with pytest.raises(DBAPIError):
        retry(broken)
    assert len(calls) == 1


def test_retry_returns_what_the_transaction_returned():
    assert retry(lambda: "PO-2026-0001") == "PO-2026-0001"


# --- addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("postgres://clerk:pw@db/purser", "postgresql+psycopg://clerk:pw@db/purser"),
        ("postgresql://db/purser", "postgresql+psycopg://db/purser"),
        ("postgresql+psycopg://db/purser", "postgresql+psycopg://db/purser"),
        ("sqlite:////srv/purser.db", "sqlite:////srv/purser.db"),
    ],
)
def test_urls_as_people_write_them(written, meant):
    assert normal_url(written).render_as_string(hide_password=False) == meant


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_postgres_has_limits(database_url):
    engine = connect(database_url)
    with engine.connect() as connection:
        show = {
            name: connection.exec_driver_sql(f"SHOW {name}").scalar_one()
            for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
        }
    engine.dispose()
    assert show == {
        "lock_timeout": "5s",
        "statement_timeout": "30s",
        "idle_in_transaction_session_timeout": "1min",
    }


WRITTEN_WITHOUT_A_COMMIT = {
    "by text": lambda connection: connection.execute(text("UPDATE strip SET spent = 5")),
    "after reading": lambda connection: [
        connection.execute(text(one)) for one in ("SELECT 1", "UPDATE strip SET spent = 5", "SELECT spent FROM strip")
    ],
    "in a statement that begins otherwise": lambda connection: connection.execute(
        text("WITH now AS (SELECT 5 AS spent) UPDATE strip SET spent = (SELECT spent FROM now)")
    ),
    "past the toolkit": lambda connection: connection.exec_driver_sql("UPDATE strip SET spent = 5"),
}


@pytest.mark.parametrize("write", WRITTEN_WITHOUT_A_COMMIT.values(), ids=WRITTEN_WITHOUT_A_COMMIT)
@pytest.mark.parametrize("before", ["", "SELECT spent FROM strip", "UPDATE strip SET spent = spent"])
def test_what_is_not_committed_is_not_there(engine, write, before):
    """However it was written, and whatever the connection did before. On PostgreSQL what only reads ends in a COMMIT."""
    if before:
        with engine.begin() as connection:
            connection.execute(text(before))
    with engine.connect() as connection:
        write(connection)
    with engine.connect() as connection:
        assert spent(connection) == 0


def test_a_bare_connection_is_rolled_back(engine, is_postgres):
    """SQLite's driver begins no transaction by itself; there, what is written past the toolkit is written."""
    if not is_postgres:
        return
    with engine.begin() as connection:
        assert spent(connection) == 0
    bare = engine.raw_connection()
    bare.cursor().execute("UPDATE strip SET spent = 5")
    bare.close()
    with engine.connect() as connection:
        assert spent(connection) == 0


def test_what_is_read_over_and_over_stays_prepared(engine, is_postgres):
    """Also when nobody commits: the driver would forget it with each ROLLBACK."""
    if not is_postgres:
        return
    for _ in range(8):
        with engine.connect() as connection:
            spent(connection)
    with engine.connect() as connection:
        prepared = connection.execute(text("SELECT statement FROM pg_prepared_statements")).scalars().all()
        assert any("spent" in one for one in prepared), prepared
