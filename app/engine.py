"""How Purser talks to its database: SQLite as delivered, PostgreSQL when the office outgrows it.

The rest of the application sees no difference: a transaction reads what is committed, loses no
update, enforces its foreign keys and keeps time in UTC. Why SQLite's writers queue is told in
docs/decisions/0002-sqlite-writer-queue.md.
"""

import fcntl
import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar, cast
from weakref import WeakSet

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import URL, Connection, Engine, PoolProxiedConnection, StaticPool, event, make_url
from sqlalchemy.exc import DBAPIError

from app.sqlite_words import PlainLike

Result = TypeVar("Result")

WAIT = 15  # seconds that a writer waits for its turn before it gives up

MOST_PREPARED = 200  # statements that a connection keeps; the everyday ones of all pages together are fewer

# The zone is set for each connection: a server's own setting must not shift a closing time.
POSTGRES_SETTINGS = (
    "-c timezone=UTC -c lock_timeout=5s -c statement_timeout=30s -c idle_in_transaction_session_timeout=60s "
    "-c jit=off"  # to compile a statement took ten times as long as to carry it out
)

# Serialization failure, deadlock, lock not available: the transaction did nothing and may run again.
RETRY_STATES = {"40001", "40P01", "55P03"}
RETRY_CODES = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def database_url(text: str) -> URL:
    """The URL as SQLAlchemy wants it: `postgres://` and `postgresql://` both mean psycopg 3."""
    url = make_url(text)
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgres", "postgresql") else url


def engine_options(url: str | URL) -> dict[str, Any]:
    """Pool and connection settings for `create_engine` (SQLALCHEMY_ENGINE_OPTIONS)."""
    url = make_url(url)
    return _pool(url) | {"hide_parameters": True}  # an error tells its statement, not whose numbers were in it


def _pool(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "postgresql":
        return {
            "connect_args": {"options": POSTGRES_SETTINGS},
            "pool_size": 8,
            "max_overflow": 2,
            "pool_timeout": 10,
            "pool_pre_ping": True,
        }
    if in_memory(url):
        return {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
    # Generous overflow: the writer whose turn it is may need a second connection while others queue with theirs.
    return {"pool_size": 8, "max_overflow": 24, "pool_timeout": 20, "connect_args": {"check_same_thread": False}}


def in_memory(url: URL) -> bool:
    """Is this an SQLite database that lives only as long as its connection?"""
    return url.get_backend_name() == "sqlite" and (url.database or ":memory:") == ":memory:"


def install(
    engine: Engine, read_only: Callable[[], bool] = lambda: False, serves: Callable[[], bool] = lambda: False
) -> None:
    """Make SQLite behave: our own BEGIN, write-ahead log, foreign keys, writers in a queue.

    `read_only` is asked at each BEGIN; a transaction that only reads (a GET) waits for nobody.
    And make PostgreSQL fast while somebody is served, which `serves` says. Call before the first connection.
    """
    if engine.dialect.name != "sqlite":
        _keep_prepared(engine, serves)
        return
    engine.dialect.statement_compiler = PlainLike
    path = None if in_memory(engine.url) else os.path.realpath(str(engine.url.database))

    @event.listens_for(engine, "do_connect")
    def connect_with_turns(dialect: Any, record: Any, args: Any, params: dict[str, Any]) -> None:
        params.update(factory=TurnTakingConnection, timeout=WAIT, isolation_level=None)

    @event.listens_for(engine, "connect")
    def prepare(connection: TurnTakingConnection, record: Any) -> None:
        connection.prepare(queue_for(path) if path else None)  # of this process, which may be a child of another

    def begin(proxy: PoolProxiedConnection) -> None:
        cast(TurnTakingConnection, proxy.dbapi_connection).begin(read_only())

    # Not the engine's "begin" event: an error raised there reaches the caller without SQLAlchemy's wrapping.
    engine.dialect.do_begin = begin  # type: ignore[method-assign, assignment]


def _keep_prepared(engine: Engine, serves: Callable[[], bool]) -> None:
    """Let PostgreSQL plan a statement once and not with each request, which takes longer than most statements do.

    The driver forgets what is prepared with each ROLLBACK, and SQLAlchemy ends with one whatever was only read. So a
    transaction that has done nothing but read is ended by COMMIT, which is then the same. While somebody is served
    alone: commands and jobs also write past the toolkit, where nobody would notice."""

    only_read: WeakSet[psycopg.Connection] = WeakSet()

    def of(proxy: PoolProxiedConnection) -> psycopg.Connection:
        return cast(psycopg.Connection, proxy.dbapi_connection)

    @event.listens_for(engine, "connect")
    def make_room(connection: psycopg.Connection, record: Any) -> None:
        connection.prepared_max = MOST_PREPARED

    @event.listens_for(engine, "before_cursor_execute")
    def notice(connection: Connection, cursor: Any, statement: str, values: Any, context: Any, many: bool) -> None:
        if not statement.startswith("SELECT"):
            only_read.discard(of(connection.connection))

    def begin(proxy: PoolProxiedConnection) -> None:
        if serves():
            only_read.add(of(proxy))  # who takes a bare connection begins nothing, and is rolled back as ever

    def commit(proxy: PoolProxiedConnection) -> None:
        only_read.discard(of(proxy))
        of(proxy).commit()

    def rollback(proxy: PoolProxiedConnection) -> None:
        connection = of(proxy)
        if connection in only_read and connection.info.transaction_status == TransactionStatus.INTRANS:
            connection.commit()
        else:
            connection.rollback()
        only_read.discard(connection)

    engine.dialect.do_begin = begin  # type: ignore[method-assign, assignment]
    engine.dialect.do_commit = commit  # type: ignore[method-assign, assignment]
    engine.dialect.do_rollback = rollback  # type: ignore[method-assign, assignment]


class TurnTakingConnection(sqlite3.Connection):
    """A connection that waits for its turn before it writes, and gives it back when the transaction ends."""

    queue: "WriterQueue | None" = None
    has_turn = False
    may_only_read = False
    autocommit_wanted = False

    @property
    def isolation_level(self) -> None:
        """None: Python's driver begins no transaction by itself, `begin` does.

        Left to the driver, a transaction starts only at the first write, after what it reads: lost updates.
        """
        return None

    @isolation_level.setter
    def isolation_level(self, level: str | None) -> None:  # SQLAlchemy assigns None for AUTOCOMMIT, "" for the rest
        self.autocommit_wanted = level is None

    def prepare(self, queue: "WriterQueue | None") -> None:
        """Set up a fresh connection. WAL: readers do not wait for the writer, nor it for them."""
        self.queue = queue
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "trusted_schema=OFF", "cell_size_check=ON"):
            self.execute(f"PRAGMA {pragma}")
        if queue and self.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            self.take_turn()
            try:
                self.execute("PRAGMA journal_mode=WAL")
            finally:
                self.end_turn()

    def begin(self, read_only: bool) -> None:
        """Start a transaction: deferred when it only reads, otherwise IMMEDIATE and in turn."""
        if self.autocommit_wanted or self.in_transaction:  # in_transaction: all share one connection in memory
            return
        if read_only or self.queue is None:
            self.execute("BEGIN")
        elif self.queue.is_mine():
            # The same thread writes through another connection. Waiting for it would be waiting for
            # ourselves: this one may read, and an attempt to write fails at once.
            self.execute("PRAGMA query_only=ON")
            self.may_only_read = True
            self.execute("BEGIN")
        else:
            self.take_turn()
            self.execute("BEGIN IMMEDIATE")  # when it fails, SQLAlchemy rolls back, which ends the turn

    def take_turn(self) -> None:
        """Wait for the turn to write; give up after WAIT seconds."""
        if self.queue is None or self.queue.is_mine():
            return
        if not self.queue.enter(WAIT):
            raise busy(f"database is locked: other writers took all of {WAIT} seconds")
        self.has_turn = True

    def end_turn(self) -> None:
        """Let the next writer in; harmless when this connection has no turn."""
        if self.has_turn and self.queue:
            self.has_turn = False
            self.queue.leave()

    def commit(self) -> None:
        super().commit()  # when it fails, the transaction is still open and the turn still ours
        self.end_transaction()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self.end_transaction()

    def close(self) -> None:
        try:
            super().close()
        finally:
            self.end_turn()

    def end_transaction(self) -> None:
        """Back to a connection that may write, for whoever takes it from the pool next."""
        self.end_turn()
        if self.may_only_read:
            self.may_only_read = False
            with suppress(sqlite3.ProgrammingError):  # closed meanwhile
                self.execute("PRAGMA query_only=OFF")


class WriterQueue:
    """One writer at a time: a mutex among the threads of a process, a lock on a file among processes.

    SQLite admits one writer anyway, but those who wait for it poll at growing intervals, and some
    poll for seconds. Here they wait in a queue. A process that dies leaves no lock behind.
    """

    def __init__(self, lock_file: str):
        self._file = os.open(lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._mutex = threading.Lock()
        self._writer: int | None = None

    def enter(self, seconds: float) -> bool:
        """Wait for the turn; False when the other threads of this process took all of `seconds`.

        At most one thread of each process waits at the file, until the writer there ends.
        """
        if not self._mutex.acquire(timeout=seconds):
            return False
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX)
        except BaseException:
            self._mutex.release()
            raise
        self._writer = threading.get_ident()
        return True

    def leave(self) -> None:
        """The turn is over. Any thread may say so: a lost connection is closed by whoever finds it."""
        self._writer = None
        fcntl.flock(self._file, fcntl.LOCK_UN)
        self._mutex.release()

    def is_mine(self) -> bool:
        """Does this thread have the turn, through whichever connection?"""
        return self._writer == threading.get_ident()


_queues: dict[str, WriterQueue] = {}
_queues_guard = threading.Lock()
# A child shares its parent's open files, hence its file locks: it must open its own.
os.register_at_fork(after_in_child=_queues.clear)


def queue_for(path: str) -> WriterQueue:
    """The one queue of this process for this database, however many engines it has."""
    with _queues_guard:
        if path not in _queues:
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            _queues[path] = WriterQueue(f"{path}.wlock")
        return _queues[path]


def busy(message: str) -> sqlite3.OperationalError:
    """The error that SQLite itself gives when it cannot have the lock."""
    error = sqlite3.OperationalError(message)
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    error.sqlite_errorname = "SQLITE_BUSY"
    return error


def may_run_again(error: DBAPIError) -> bool:
    """Did the transaction fail only because another one was in its way?"""
    # The low byte is the error itself; the rest says which kind of busy.
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    return getattr(error.orig, "sqlstate", None) in RETRY_STATES or code in RETRY_CODES


def retry(fn: Callable[[], Result], tries: int = 8) -> Result:
    """Run `fn`, one whole transaction from begin to commit, again while others are in its way.

    The pauses are random within a growing limit (20 ms doubling to 1 s), so that those who met do
    not meet again. `fn` must leave no transaction open and must not have told anybody of success.
    """
    for attempt in range(tries):
        try:
            return fn()
        except DBAPIError as error:
            if not may_run_again(error) or attempt == tries - 1:
                raise
            time.sleep(random.random() * min(0.02 * 2**attempt, 1))
    raise ValueError("tries must be at least 1")
