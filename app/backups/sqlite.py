"""Backups of SQLite: copied in one step while the office works, and put in place by renaming.

One step, because a copy page by page starts anew at every write of somebody else and so never ends, and a copy of the
file misses what is in the write-ahead log. VACUUM INTO also leaves out the pages of what was deleted. Source: OP-09."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from app.backups import Refused
from app.backups.archive import COUNTED, Copy

WAIT = 15  # seconds for whoever writes at the moment
KEPT_BESIDE = ("", "-wal", "-shm")
"""The files of one database."""


def copy(database: Path, target: Path) -> Copy:
    """Write a consistent copy of a database that may be in use to `target`, a new file. Errors: Refused."""
    if not database.is_file():
        raise Refused(f"There is no database {database}. Run first: flask --app app setup")
    try:
        with closing(_connect(database, "rw")) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
        target.chmod(0o600)
        return counted(target)
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            raise Refused(f"{database} is not set up yet. Run first: flask --app app setup")
        raise Refused(f"{database} could not be copied: {error}. If the disk is full, make room and try again.")
    except sqlite3.DatabaseError as error:
        raise Refused(f"{database} is damaged: {error}. Restore the last good backup.")


def counted(database: Path) -> Copy:
    """Revision and counts of a copy."""
    with closing(_connect(database, "ro")) as connection:
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        counts = {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in COUNTED}  # noqa: S608
    return Copy(sqlite3.sqlite_version, revision, counts)


def faults(database: Path) -> list[str]:
    """What SQLite itself finds wrong: with the file, and with references that lead nowhere."""
    try:
        with closing(_connect(database, "rw")) as connection:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
            found += [
                f"{table}: row {row} refers to a {to} that is not there"
                for table, row, to, _ in connection.execute("PRAGMA foreign_key_check")
            ]
    except sqlite3.DatabaseError as error:
        return [str(error)]
    return found


def documents(database: Path) -> int:
    """How many documents a database has; none, if it is not set up."""
    if not database.is_file():
        return 0
    try:
        with closing(_connect(database, "rw")) as connection:
            return connection.execute("SELECT count(*) FROM document").fetchone()[0]
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return 0
        raise Refused(f"{database} cannot be looked into: {error}.")
    except sqlite3.DatabaseError:
        return 1  # a damaged database is not an empty one


@contextmanager
def to_ourselves(database: Path) -> Iterator[None]:
    """Nobody else has the database open. Errors: Refused. What stands in its write-ahead log is in the file afterwards."""
    if database.is_file():
        try:
            with closing(_connect(database, "rw", wait=1)) as connection:
                connection.execute("PRAGMA journal_mode=DELETE")  # refused as long as another one is connected
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise Refused(
                    f"{database} is in use. Stop Purser first (systemctl stop purser-web purser-scheduler, or Ctrl+C), "
                    "then restore."
                )
            raise Refused(f"{database} cannot be opened: {error}.")
        except sqlite3.DatabaseError:
            pass  # damaged: it is moved aside as it is
    yield


def put_in_place(prepared: Path, database: Path, aside: str) -> Path | None:
    """Rename what was restored to the database's name; the one before is kept under its name and `aside`."""
    with prepared.open("rb") as file:
        os.fsync(file.fileno())
    kept = None
    if database.exists():
        kept = database.with_name(f"{database.name}.{aside}")
        while kept.exists():
            kept = kept.with_name(f"{kept.name}-again")
        for ending in KEPT_BESIDE:
            if (part := Path(f"{database}{ending}")).exists():
                os.rename(part, f"{kept}{ending}")
    os.rename(prepared, database)
    return kept


def _connect(database: Path, mode: str, wait: float = WAIT) -> sqlite3.Connection:
    address = f"file:{quote(str(database))}?mode={mode}"
    return sqlite3.connect(address, uri=True, timeout=wait, isolation_level=None)
