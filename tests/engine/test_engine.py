"""The promises of app/engine.py, on both databases: nothing lost, nothing orphaned, nobody waits for ever."""

import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from app import engine as purser
from app.engine import database_url as normal_url
from app.engine import engine_options, install, retry

THREADS, TIMES = 24, 20


def connect(url: str, read_only: Callable[[], bool] = lambda: False) -> Engine:
    engine = create_engine(url, **engine_options(url))
    install(engine, read_only)
    return engine


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = connect(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE strip (id INTEGER PRIMARY KEY, spent INTEGER NOT NULL)"))
        connection.execute(text("CREATE TABLE line (id INTEGER PRIMARY KEY, strip INTEGER REFERENCES strip (id))"))
        connection.execute(text("INSERT INTO strip VALUES (1, 0)"))
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite(databases) -> Iterator[str]:
    url = databases.empty("sqlite")
    with connect(url).begin() as connection:
        connection.execute(text("CREATE TABLE strip (id INTEGER PRIMARY KEY, spent INTEGER NOT NULL)"))
        connection.execute(text("INSERT INTO strip VALUES (1, 0)"))
    yield url
    databases.drop(url)


def spent(connection) -> int:
    return connection.execute(text("SELECT spent FROM strip WHERE id = 1")).scalar_one()


def spend_one_more(engine: Engine) -> None:
    """Read, think, write: what a careless screen does. The row is locked where the database locks rows."""
    lock = " FOR UPDATE" if engine.dialect.name == "postgresql" else ""
    with engine.begin() as connection:
        before = connection.execute(text(f"SELECT spent FROM strip WHERE id = 1{lock}")).scalar_one()
        connection.execute(text("UPDATE strip SET spent = :after WHERE id = 1"), {"after": before + 1})


def run_all(*jobs: Callable[[], object]) -> list[BaseException]:
    """Run the jobs at the same time; what they raised."""
    errors: list[BaseException] = []

    def run(job: Callable[[], object]) -> None:
        try:
            job()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


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
        assert time.monotonic() - begun < 2
    assert read(reader) == 7
    reader.dispose()


def read(engine: Engine) -> int:
    with engine.connect() as connection:
        return spent(connection)


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


# --- SQLite: the queue of writers -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 15000), ("trusted_schema", 0)],
)
def test_sqlite_is_set_up(sqlite, pragma, value):
    with connect(sqlite).connect() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() == value


def spend_in_process(url: str, times: int) -> None:
    engine = connect(url)
    run_all(*[lambda: [spend_one_more(engine) for _ in range(times)]] * 4)
    engine.dispose()


@pytest.mark.parametrize("start", ["spawn", "fork"])
def test_two_processes_write_to_sqlite(sqlite, start):
    engine = connect(sqlite)
    spend_one_more(engine)  # the queue of this process exists before the others begin
    context = multiprocessing.get_context(start)
    processes = [context.Process(target=spend_in_process, args=(sqlite, 25)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    assert read(engine) == 1 + 2 * 4 * 25
    engine.dispose()


def hold_the_turn(url: str, ready, seconds: float) -> None:
    with connect(url).begin() as connection:
        connection.execute(text("UPDATE strip SET spent = spent + 10"))
        ready.set()
        time.sleep(seconds)


@pytest.mark.parametrize("start", ["spawn", "fork"])
def test_processes_wait_in_the_queue_and_not_at_the_database(sqlite, monkeypatch, start):
    """A second of somebody else's work is not too long, though the database alone would give up after 0.2."""
    engine = connect(sqlite)
    spend_one_more(engine)  # the queue of this process exists before the other begins, and is not passed on
    engine.dispose()
    context = multiprocessing.get_context(start)
    ready = context.Event()
    process = context.Process(target=hold_the_turn, args=(sqlite, ready, 1.0))
    process.start()
    assert ready.wait(30)
    monkeypatch.setattr(purser, "WAIT", 0.2)
    spend_one_more(engine)
    process.join()
    assert read(engine) == 12
    engine.dispose()


def die_while_writing(url: str, ready) -> None:
    connection = connect(url).connect()
    connection.execute(text("UPDATE strip SET spent = 1000"))
    ready.set()
    time.sleep(60)


def test_a_writer_that_is_killed_leaves_neither_a_lock_nor_a_trace(sqlite):
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=die_while_writing, args=(sqlite, ready))
    process.start()
    assert ready.wait(30)
    process.kill()
    process.join()
    engine = connect(sqlite)
    begun = time.monotonic()
    spend_one_more(engine)
    assert time.monotonic() - begun < 2
    assert read(engine) == 1
    engine.dispose()


@pytest.mark.parametrize("engines", [1, 2])
def test_one_thread_with_two_connections_does_not_wait_for_itself(sqlite, engines):
    first = connect(sqlite)
    second = first if engines == 1 else connect(sqlite)
    begun = time.monotonic()
    with first.begin() as writer:
        writer.execute(text("UPDATE strip SET spent = 3"))
        with second.connect() as other:
            assert spent(other) == 0
            with pytest.raises(OperationalError, match="readonly"):
                other.execute(text("UPDATE strip SET spent = 4"))
    assert time.monotonic() - begun < 2
    with second.begin() as other:  # the same connection, now that it may write
        other.execute(text("UPDATE strip SET spent = spent + 1"))
    assert read(first) == 4
    first.dispose()
    second.dispose()


@pytest.mark.parametrize("end", ["commit", "rollback", "close", "invalidate"])
def test_the_turn_ends_with_the_transaction(sqlite, end):
    """Even when the connection stays out of the pool, as after commit and rollback."""
    engine = connect(sqlite)
    connection = engine.connect()
    connection.execute(text("UPDATE strip SET spent = spent + 1"))
    getattr(connection, end)()
    begun = time.monotonic()
    assert run_all(lambda: spend_one_more(engine)) == []
    assert time.monotonic() - begun < 2
    assert read(engine) == (2 if end == "commit" else 1)
    connection.close()
    engine.dispose()


def test_a_refused_commit_keeps_the_turn_until_rollback(sqlite):
    engine = connect(sqlite)
    with engine.begin() as connection:
        connection.execute(
            text("CREATE TABLE line (strip INTEGER REFERENCES strip (id) DEFERRABLE INITIALLY DEFERRED)")
        )
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("INSERT INTO line VALUES (99)"))
    assert run_all(lambda: spend_one_more(engine)) == []
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM line")).scalar_one() == 0
    engine.dispose()


def test_who_waits_too_long_is_told_and_may_try_again(sqlite, monkeypatch):
    monkeypatch.setattr(purser, "WAIT", 0.2)
    engine = connect(sqlite)
    with engine.begin() as connection:
        connection.execute(text("UPDATE strip SET spent = 3"))
        (error,) = run_all(lambda: spend_one_more(engine))
    assert isinstance(error, OperationalError)
    assert "locked" in str(error)
    assert purser.may_run_again(error)
    spend_one_more(engine)
    assert read(engine) == 4
    engine.dispose()


def test_a_lock_from_outside_is_reported_and_the_turn_given_back(sqlite, monkeypatch):
    """Somebody at the sqlite3 prompt holds the database: we wait, say so, and work once they leave."""
    import sqlite3

    monkeypatch.setattr(purser, "WAIT", 0.2)
    engine = connect(sqlite)
    outsider = sqlite3.connect(engine.url.database, isolation_level=None)
    outsider.execute("BEGIN IMMEDIATE")
    with engine.connect() as connection:
        with pytest.raises(OperationalError, match="locked"):
            connection.execute(text("UPDATE strip SET spent = 9"))
        outsider.execute("ROLLBACK")
        outsider.close()
        assert run_all(lambda: spend_one_more(engine)) == []  # although the other connection is still out
    assert read(engine) == 1
    engine.dispose()


def test_what_a_writer_has_read_stays_true_until_it_commits(sqlite):
    """The lock is taken with BEGIN, before the first read: nobody from outside slips in between."""
    import sqlite3

    engine = connect(sqlite)
    outsider = sqlite3.connect(engine.url.database, isolation_level=None, timeout=0)
    with engine.begin() as connection:
        before = spent(connection)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            outsider.execute("UPDATE strip SET spent = 100")
        connection.execute(text("UPDATE strip SET spent = :after"), {"after": before + 1})
    outsider.close()
    assert read(engine) == 1
    engine.dispose()


def test_nobody_is_kept_waiting_long(sqlite):
    """The queue is fair: with 16 writers at once the slowest of 480 waits no second."""
    engine = connect(sqlite)
    waits: list[float] = []

    def work():
        for _ in range(30):
            begun = time.monotonic()
            spend_one_more(engine)
            waits.append(time.monotonic() - begun)

    assert run_all(*[work] * 16) == []
    assert len(waits) == 480
    assert max(waits) < 1
    engine.dispose()


def test_sqlite_in_memory_works():
    engine = connect("sqlite://")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE strip (id INTEGER PRIMARY KEY, spent INTEGER)"))
        connection.execute(text("INSERT INTO strip VALUES (1, 0)"))
    spend_one_more(engine)
    with pytest.raises(ZeroDivisionError), engine.begin() as connection:
        connection.execute(text("UPDATE strip SET spent = 99"))
        raise ZeroDivisionError
    with Session(engine) as session:
        assert spent(session) == 1
        with engine.connect() as connection:  # the same connection underneath
            assert spent(connection) == 1


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
