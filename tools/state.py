"""In which state is the database? Prints one word for tools/first_start.sh, without the second that the application
takes to load:

first    never set up, or the first start was interrupted
stale    set up, but by other files than these, or it was replaced by an older one
current  nothing to do

`state.py done` notes that the setup of these files has succeeded.
"""

import hashlib
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("PURSER_VAR") or PROJECT / "var")
URL = os.environ.get("PURSER_DATABASE_URL") or f"sqlite:///{VAR / 'purser.db'}"
DONE = VAR / "setup-done"
UNFINISHED = VAR / "first-start-unfinished"

FILES = ("app/**/*.py", "migrations/**/*.py", "app/**/*.csv", "app/**/*.json", "config.py", "requirements.txt")


def fingerprint() -> str:
    """These files and this database, in one number."""
    digest = hashlib.sha256(f"{URL}\n{sys.version}\n".encode())
    for file in sorted(file for pattern in FILES for file in PROJECT.glob(pattern)):
        digest.update(f"{file.relative_to(PROJECT)}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def newest_migration() -> str:
    """The number of the last migration among these files."""
    return max((file.name[:4] for file in PROJECT.glob("migrations/versions/[0-9]*_*.py")), default="")


def migration_in_database() -> str | None:
    """The number of the last migration that the database has seen; None if it was never set up."""
    question = "SELECT version_num FROM alembic_version"
    if URL.startswith("sqlite"):
        file = URL.partition(":///")[2]
        if not Path(file).is_file():
            return None
        with closing(sqlite3.connect(file)) as connection:
            tables = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
            row = connection.execute(tables).fetchone() and connection.execute(question).fetchone()
            return row[0] if row else None
    import psycopg

    with psycopg.connect("postgresql" + URL[URL.index("://") :], connect_timeout=10) as server:
        try:
            row = server.execute(question).fetchone()
        except psycopg.errors.UndefinedTable:
            return None
        return row[0] if row else None


def state() -> str:
    """first, stale or current."""
    seen = migration_in_database()
    if seen is None or UNFINISHED.exists():
        return "first"
    noted = DONE.read_text() if DONE.exists() else ""
    return "current" if (noted, seen) == (fingerprint(), newest_migration()) else "stale"


if __name__ == "__main__":
    if sys.argv[1:] == ["done"]:
        DONE.write_text(fingerprint())
    else:
        print(state())
