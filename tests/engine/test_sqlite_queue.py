"""SQLite's writers: one at a time, in turn, in all processes, and never waiting for themselves."""

import multiprocessing
import sqlite3
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from app import engine as purser
from tests.support.spending import connect, read, run_all, spend_one_more, spent


@pytest.fixture
def url(databases) -> Iterator[str]:
    url = databases.empty("sqlite")
    with connect(url).begin() as connection:
        connection.execute(text("CREATE TABLE strip (id INTEGER PRIMARY KEY, spent INTEGER NOT NULL)"))
        connection.execute(text("INSERT INTO strip VALUES (1, 0)"))
    yield url
    databases.drop(url)


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 15000), ("trusted_schema", 0)],
)
def test_sqlite_is_set_up(url, pragma, value):
    with connect(url).connect() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() == value


def spend_in_process(url: str, times: int) -> None:
    engine = connect(url)
    run_all(*[lambda: [spend_one_more(engine) for _ in range(times)]] * 4)
    engine.dispose()


@pytest.mark.parametrize("start", ["spawn", "fork"])
def test_two_processes_write_to_sqlite(url, start):
    engine = connect(url)
    spend_one_more(engine)  # the queue of this process exists before the others begin
    context = multiprocessing.get_context(start)
    processes = [context.Process(target=spend_in_process, args=(url, 25)) for _ in range(2)]
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
def test_processes_wait_in_the_queue_and_not_at_the_database(url, monkeypatch, start):
    """A second of somebody else's work is not too long, though the database alone would give up after 0.2."""
    engine = connect(url)
    spend_one_more(engine)  # the queue of this process exists before the other begins, and is not passed on
    engine.dispose()
    context = multiprocessing.get_context(start)
    ready = context.Event()
    process = context.Process(target=hold_the_turn, args=(url, ready, 1.0))
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


def test_a_writer_that_is_killed_leaves_neither_a_lock_nor_a_trace(url):
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=die_while_writing, args=(url, ready))
    process.start()
    assert ready.wait(30)
    process.kill()
    process.join()
    engine = connect(url)
    begun = time.monotonic()
    spend_one_more(engine)
    assert time.monotonic() - begun < 8  # and not the 15 of who waits for a lock
    assert read(engine) == 1
    engine.dispose()


@pytest.mark.parametrize("engines", [1, 2])
def test_one_thread_with_two_connections_does_not_wait_for_itself(url, engines):
    first = connect(url)
    second = first if engines == 1 else connect(url)
    begun = time.monotonic()
    with first.begin() as writer:
        writer.execute(text("UPDATE strip SET spent = 3"))
        with second.connect() as other:
            assert spent(other) == 0
            with pytest.raises(OperationalError, match="readonly"):
                other.execute(text("UPDATE strip SET spent = 4"))
    assert time.monotonic() - begun < 8  # and not the 15 of who waits for a lock
    with second.begin() as other:  # the same connection, now that it may write
        other.execute(text("UPDATE strip SET spent = spent + 1"))
    assert read(first) == 4
    first.dispose()
    second.dispose()


@pytest.mark.parametrize("end", ["commit", "rollback", "close", "invalidate"])
def test_the_turn_ends_with_the_transaction(url, end):
    """Even when the connection stays out of the pool, as after commit and rollback."""
    engine = connect(url)
    connection = engine.connect()
    connection.execute(text("UPDATE strip SET spent = spent + 1"))
    getattr(connection, end)()
    begun = time.monotonic()
    assert run_all(lambda: spend_one_more(engine)) == []
    assert time.monotonic() - begun < 8  # and not the 15 of who waits for a lock
    assert read(engine) == (2 if end == "commit" else 1)
    connection.close()
    engine.dispose()


def test_a_refused_commit_keeps_the_turn_until_rollback(url):
    engine = connect(url)
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


def test_who_waits_too_long_is_told_and_may_try_again(url, monkeypatch):
    monkeypatch.setattr(purser, "WAIT", 0.2)
    engine = connect(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE strip SET spent = 3"))
        (error,) = run_all(lambda: spend_one_more(engine))
    assert isinstance(error, OperationalError)
    assert "locked" in str(error)
    assert purser.may_run_again(error)
    spend_one_more(engine)
    assert read(engine) == 4
    engine.dispose()


def test_a_lock_from_outside_is_reported_and_the_turn_given_back(url, monkeypatch):
    """Somebody at the sqlite3 prompt holds the database: we wait, say so, and work once they leave."""
    monkeypatch.setattr(purser, "WAIT", 0.2)
    engine = connect(url)
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


def test_what_a_writer_has_read_stays_true_until_it_commits(url):
    """The lock is taken with BEGIN, before the first read: nobody from outside slips in between."""
    engine = connect(url)
    outsider = sqlite3.connect(engine.url.database, isolation_level=None, timeout=0)
    with engine.begin() as connection:
        before = spent(connection)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            outsider.execute("UPDATE strip SET spent = 100")
        connection.execute(text("UPDATE strip SET spent = :after"), {"after": before + 1})
    outsider.close()
    assert read(engine) == 1
    engine.dispose()


def test_nobody_is_kept_waiting_long(url):
    """16 write 30 times each. Polling, the slowest waits for nearly all of that; in the queue for a third at most."""
    engine = connect(url)
    waits: list[float] = []

    def work():
        for _ in range(30):
            begun = time.monotonic()
            spend_one_more(engine)
            waits.append(time.monotonic() - begun)

    begun = time.monotonic()
    assert run_all(*[work] * 16) == []
    whole = time.monotonic() - begun
    assert len(waits) == 480
    assert max(waits) < whole * 2 / 3
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
