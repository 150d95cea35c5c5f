"""Backups of PostgreSQL: pg_dump of one snapshot while the office works, and put back in one transaction."""

import os
import re
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from psycopg.conninfo import make_conninfo
from sqlalchemy import URL, Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from app.backups import Refused
from app.backups.archive import COUNTED, Copy

PROGRAMS = ("pg_dump", "pg_restore", "psql")
PLACES = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin")
"""Where Debian and Red Hat put PostgreSQL's programs, below the root."""

OWN_THINGS = (
    "SELECT format('DROP %s IF EXISTS %s CASCADE', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' "
    "WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass) FROM pg_class c "
    "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S') AND NOT {of_extension}",
    "SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', c.oid::regprocedure) FROM pg_proc c "
    "WHERE c.pronamespace = 'public'::regnamespace AND NOT {of_extension}",
    "SELECT format('DROP TYPE IF EXISTS %s CASCADE', c.oid::regtype) FROM pg_type c "
    "WHERE c.typnamespace = 'public'::regnamespace AND c.typtype IN ('e', 'd') AND NOT {of_extension}",
    "SELECT format('DROP TEXT SEARCH CONFIGURATION IF EXISTS %s CASCADE', c.oid::regconfig) FROM pg_ts_config c "
    "WHERE c.cfgnamespace = 'public'::regnamespace AND NOT {of_extension}",
    "SELECT format('DROP TEXT SEARCH DICTIONARY IF EXISTS %s CASCADE', c.oid::regdictionary) FROM pg_ts_dict c "
    "WHERE c.dictnamespace = 'public'::regnamespace AND NOT {of_extension}",
)
"""What empties a database and leaves alone what an extension brought."""
PATIENTLY = (
    "SET LOCAL client_min_messages = warning",
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL lock_timeout = '60s'",
)
OF_EXTENSION = "EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')"


def copy(engine: Engine, target: Path) -> Copy:
    """Write a dump of one moment to `target`, a new file, and count in the very same snapshot. Errors: Refused."""
    try:
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            found = _counted(connection)
            snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
            _run(
                program("pg_dump", major_of(connection)),
                engine.url,
                *("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={target}"),
            )
            return found
    except SQLAlchemyError as error:
        raise Refused(f"The database could not be read: {_first_line(error)}")


def _counted(connection: Connection) -> Copy:
    if connection.scalar(text("SELECT to_regclass('public.alembic_version')")) is None:
        raise Refused("The database is not set up yet. Run first: flask --app app setup")
    revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    counts = {table: connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0 for table in COUNTED}  # noqa: S608
    return Copy(str(connection.scalar(text("SHOW server_version"))).split()[0], str(revision), counts)


def counted(engine: Engine) -> Copy:
    """Revision and counts of a database as it is now."""
    with engine.connect() as connection:
        return _counted(connection)


def documents(engine: Engine) -> int:
    """How many documents a database has; none, if it is not set up."""
    try:
        with engine.connect() as connection:
            if connection.scalar(text("SELECT to_regclass('public.document')")) is None:
                return 0
            return connection.scalar(text("SELECT count(*) FROM document")) or 0
    except SQLAlchemyError as error:
        raise Refused(f"The database does not answer: {_first_line(error)}")


def check_nobody_else(engine: Engine) -> None:
    """Nobody else is connected. Errors: Refused."""
    with engine.connect() as connection:
        others = connection.scalars(
            text(
                "SELECT coalesce(nullif(application_name, ''), usename, 'unnamed') FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        ).all()
    if others:
        raise Refused(
            f"{len(others)} others are connected to the database ({', '.join(sorted(set(others)))}). Stop Purser first "
            "(systemctl stop purser-web purser-scheduler, or Ctrl+C) and close other programs, then restore."
        )


def contents(dump: Path, major: int = 0) -> int:
    """How many things a dump's list of contents names; reading it shows that the dump begins and ends. Errors: Refused."""
    said = _run(program("pg_restore", major), None, "--list", str(dump))
    return sum(1 for line in said.splitlines() if line and not line.startswith(";"))


def restore(engine: Engine, dump: Path) -> None:
    """Replace everything in a database by what a dump holds, in one transaction: all of it or nothing. Errors: Refused."""
    with engine.connect() as connection:
        major = major_of(connection)
        drops = [
            statement
            for question in OWN_THINGS
            for statement in connection.scalars(text(question.format(of_extension=OF_EXTENSION)))
        ]
    engine.dispose()
    begin = "".join(f"{line};\n" for line in ("BEGIN", *PATIENTLY, *drops))
    address, environment = _told(engine.url)
    reading = [program("pg_restore", major), "--no-owner", "--no-privileges", "--no-comments", "--file=-", str(dump)]
    writing = [program("psql", major), "--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1"]
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            [*writing, f"--dbname={address}"], stdin=subprocess.PIPE, stdout=said, stderr=said, env=environment
        ) as psql,
        subprocess.Popen(reading, stdout=subprocess.PIPE, stderr=said, env=environment) as script,
    ):
        assert psql.stdin and script.stdout
        try:
            psql.stdin.write(begin.encode())
            shutil.copyfileobj(script.stdout, psql.stdin, 1 << 20)
            if script.wait() == 0:  # without this word, the end of the input undoes everything
                psql.stdin.write(b"\nCOMMIT;\n")
            psql.stdin.close()
        except BrokenPipeError:
            script.kill()
        if psql.wait() or script.wait():
            said.seek(0)
            words = said.read().decode(errors="replace").strip().splitlines()
            raise Refused(
                "PostgreSQL did not take the backup, and the database is as it was before: "
                f"{next((line for line in words if 'ERROR' in line or 'error' in line), ' '.join(words[:2]))}"
            )


@contextmanager
def scratch(engine: Engine) -> Iterator[URL | None]:
    """A database of its own on the same server, gone afterwards; None, if this role may not make one."""
    name = f"purser_verify_{secrets.token_hex(6)}"
    with engine.connect() as connection:
        may = connection.scalar(text("SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user"))
        encoding, collate, ctype = connection.execute(
            text(
                "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database "
                "WHERE datname = current_database()"
            )
        ).one()
    if not may:
        yield None
        return
    like = f"TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE '{collate}' LC_CTYPE '{ctype}'"
    outside = engine.execution_options(isolation_level="AUTOCOMMIT")
    with outside.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} {like}"))
    try:
        yield engine.url.set(database=name)
    finally:
        with outside.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


def major_of(connection: Connection) -> int:
    """The server's version, as 15."""
    driver: Any = connection.connection.dbapi_connection
    return driver.info.server_version // 10000


def program(name: str, least: int) -> str:
    """The path of one of PostgreSQL's programs, of the server's version or the next newer one. Errors: Refused."""
    found = sorted(found for found in (_version(folder / name) for folder in _folders()) if found)
    fitting = [path for version, path in found if version >= least]
    if not fitting:
        there = f"the newest one here is of version {found[-1][0]}" if found else "there is none here"
        raise Refused(
            f"PostgreSQL's program {name} is needed{f' in version {least} or later' if least else ''}, and {there}. "
            "Install the client programs (Debian: apt-get install postgresql-client), or name their folder in "
            "PURSER_POSTGRES_BIN."
        )
    return fitting[0]


def _folders() -> list[Path]:
    if named := os.environ.get("PURSER_POSTGRES_BIN"):
        return [Path(named)]
    installed = [folder for place in PLACES for folder in Path("/").glob(place)]
    on_path = [Path(found).parent for found in [shutil.which("pg_dump")] if found]
    return [*installed, *on_path]


def _version(path: Path) -> tuple[int, str] | None:
    if not os.access(path, os.X_OK):
        return None
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    number = re.search(r"\(PostgreSQL\) (\d+)", said)
    return (int(number[1]), str(path)) if number else None


def _told(url: URL) -> tuple[str, dict[str, str]]:
    """What PostgreSQL's programs are told: where, and in the environment the password, so that no list of processes
    shows it."""
    _, given = url.get_dialect()().create_connect_args(url)
    password = given.pop("password", None)
    environment = os.environ | {"LC_ALL": "C"} | ({"PGPASSWORD": str(password)} if password else {})
    return make_conninfo("", **given), environment


def _run(command: str, url: URL | None, *arguments: str) -> str:
    address, environment = _told(url) if url is not None else ("", dict(os.environ))
    where = (f"--dbname={address}", "--no-password") if address else ()
    done = subprocess.run(
        [command, *arguments, *where], env=environment, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        raise Refused(f"{Path(command).name} failed: {' '.join(done.stderr.split())[:500]}")
    return done.stdout


def _first_line(error: Exception) -> str:
    return str(getattr(error, "orig", error)).strip().splitlines()[0]
