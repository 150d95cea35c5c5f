"""Databases for tests, of both kinds: empty ones, and copies of one that was filled once."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, text

from .postgres import Cluster, locked
from .renewal import Original

KINDS = ("sqlite", "postgres")


class Databases:
    """Hands out databases in the folder of the run. `worker` keeps apart those who run at the same time."""

    def __init__(self, folder: Path, worker: str):
        self.folder = folder
        self.worker = worker
        self.cluster = Cluster(folder)
        self._count = 0
        self._originals: dict[str, Original] = {}

    def empty(self, kind: str) -> str:
        """The URL of a new database without tables."""
        name = self._name()
        if kind == "sqlite":
            return f"sqlite:///{self.folder / name}.db"
        self.cluster.start()
        return self.cluster.create(name)

    def copy(self, kind: str, of: str, fill: Callable[[str], None]) -> str:
        """The URL of a new database like the one that `fill(url)` fills the first time that it is asked for.

        `of` names it. `fill` must close its connections (`engine.dispose()`).
        """
        name = self._name()
        if kind == "sqlite":
            shutil.copyfile(self._sqlite_template(of, fill), self.folder / f"{name}.db")
            return f"sqlite:///{self.folder / name}.db"
        self.cluster.start()
        return self.cluster.create(name, self.cluster.template(of, fill))

    def renew(self, url: str, of: str, fill: Callable[[str], None]) -> None:
        """Put back what `copy` gave. Nobody may be connected."""
        if not url.startswith("sqlite"):
            self._renew_postgres(_database(url), of, fill)
            return
        for log in self.folder.glob(f"{Path(url).name}-*"):
            log.unlink()
        shutil.copyfile(self._sqlite_template(of, fill), self.folder / Path(url).name)

    def _renew_postgres(self, name: str, of: str, fill: Callable[[str], None]) -> None:
        if name in self._originals:
            with self.cluster.connected(name) as connection:
                if self._originals[name].put_back(connection):
                    return
        self.cluster.drop(name)
        self.cluster.create(name, self.cluster.template(of, fill))
        with self.cluster.connected(name) as connection:
            self._originals[name] = Original(connection)

    def drop(self, url: str) -> None:
        """Delete a database that was handed out."""
        if url.startswith("sqlite"):
            for file in self.folder.glob(f"{Path(url).name}*"):
                file.unlink()
        else:
            self.cluster.drop(_database(url))

    def _name(self) -> str:
        self._count += 1
        return f"{self.worker}_{self._count}"

    def _sqlite_template(self, of: str, fill: Callable[[str], None]) -> Path:
        file, filled = self.folder / f"template-{of}.db", self.folder / f"template-{of}"
        with locked(self.folder / "sqlite.lock"):
            if not filled.exists():
                file.unlink(missing_ok=True)
                fill(f"sqlite:///{file}")
                with closing(sqlite3.connect(file)) as connection:  # all of it into the one file that is copied
                    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                filled.touch()
        return file


def past_the_walls(connection: Connection) -> None:
    """What the owner of a database can do before writing past the program: switch its triggers off."""
    for table in ("audit_entry", "daily_head", "posting", "document_event"):
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            continue
        for deed in ("update", "delete"):
            connection.execute(text(f"DROP TRIGGER {table}_refuses_{deed}"))


def _database(url: str) -> str:
    return url.split("?")[0].rsplit("/", 1)[1]
