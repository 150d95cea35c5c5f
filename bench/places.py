"""Where the bench's offices are: a file for each size, or a database of a PostgreSQL server that is started for it."""

import contextlib
import hashlib
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sqlalchemy import create_engine, text

from app import create_app, migrate
from app.demo import seed
from app.extensions import db
from bench.client import today
from bench.generate import Office, counts
from tests.support.postgres import HOW_TO_ADD, Cluster, find_binaries
from tests.support.processes import is_running

PROJECT = Path(__file__).resolve().parents[1]


def of_what() -> str:
    """Changes when the tables or the generator change: what was filled before is then of no use."""
    files = [*sorted((PROJECT / "migrations" / "versions").glob("*.py")), PROJECT / "bench" / "generate.py"]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def fill(url: str, documents: int) -> None:
    """The demo, and as many documents more."""
    app, began = create_app(SQLALCHEMY_DATABASE_URI=url), time.monotonic()
    migrate.upgrade(app)
    seed(app, lambda _: None)
    with app.app_context():
        Office(db.engine, documents, today()).fill()
        db.session.remove()
        said = ", ".join(f"{number:,} {name.replace('_', ' ')}s" for name, number in counts(db.engine))
        db.engine.dispose()
    print(f"Filled in {time.monotonic() - began:.0f} s: {said}", flush=True)


class Files:
    """SQLite."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def filled(self, documents: int) -> str:
        """A fresh copy of the office of this size; it is made when it is not there yet."""
        kept = self.folder / f"office-{documents}-{of_what()}.db"
        if not kept.exists():
            draft = kept.with_suffix(".draft.db")
            for old in self.folder.glob(f"office-{documents}-*"):
                old.unlink()
            fill(f"sqlite:///{draft}", documents)
            with contextlib.closing(sqlite3.connect(draft)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            draft.rename(kept)
        used = self.folder / "used.db"
        for old in self.folder.glob("used.db*"):
            old.unlink()
        shutil.copyfile(kept, used)
        return f"sqlite:///{used}"


class Standing(Cluster):
    """A server that keeps what it has, and loses nothing when it is cut off: its commits take what they take."""

    settings = """
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0777
max_connections = 60
shared_buffers = 1GB
effective_cache_size = 4GB
random_page_cost = 1.1
max_wal_size = 8GB
"""

    def start(self) -> None:
        if not (self.folder / "ready").exists():
            binaries = find_binaries()
            assert binaries is not None, HOW_TO_ADD
            shutil.rmtree(self.folder, ignore_errors=True)
            self._make(binaries)
            (self.folder / "ready").touch()
        elif not is_running(self._process(), "postgres"):
            self._run("pg_ctl", "--wait", "--silent", f"--log={self.folder}/log", "start")

    def stop(self) -> None:
        self._run("pg_ctl", "--wait", "--silent", "--mode=fast", "stop")


class Server:
    """PostgreSQL, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.server = Standing(folder)

    def __enter__(self) -> Self:
        self.server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stop()

    def filled(self, documents: int) -> str:
        """A fresh copy of the office of this size."""
        kept = f"office_{documents}_{of_what()}"
        engine = create_engine(self.server.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            names = set(connection.scalars(text("SELECT datname FROM pg_database")))
            for old in [one for one in names if one.startswith(f"office_{documents}_") and one != kept]:
                connection.execute(text(f"DROP DATABASE {old}"))
            if kept not in names:
                connection.execute(text(f"DROP DATABASE IF EXISTS draft_{documents}"))
                connection.execute(text(f"CREATE DATABASE draft_{documents}"))
                fill(self.server.url(f"draft_{documents}"), documents)
                connection.execute(text(f"ALTER DATABASE draft_{documents} RENAME TO {kept}"))
            connection.execute(text("DROP DATABASE IF EXISTS used"))
            connection.execute(text(f"CREATE DATABASE used TEMPLATE {kept}"))
        engine.dispose()
        return self.server.url("used")


KINDS: Mapping[str, type[Files] | type[Server]] = {"sqlite": Files, "postgres": Server}


@dataclass
class Served:
    """The program at work."""

    address: str
    process: subprocess.Popen[bytes]
    started: float

    def heaviest(self) -> float:
        """The memory of the largest worker, in megabytes."""
        return max((_taken(pid) for pid in _children(self.process.pid)), default=0.0)


def _children(pid: int) -> list[int]:
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parts = file.read_text().rpartition(")")[2].split()
            if int(parts[1]) == pid:
                found.append(int(file.parent.name))
    return found


def _taken(pid: int) -> float:
    """What a process takes of the machine's memory: its own, and its share of what several have together."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1_024
    return 0.0


@contextlib.contextmanager
def served(url: str) -> Iterator[Served]:
    """Two workers, as the office runs them, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    began = time.monotonic()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "bench.served:create()", "--bind", f"127.0.0.1:{port}"),
            *("--worker-class", "gthread", "--workers", "2", "--threads", "4", "--log-level", "warning"),
            "--no-control-socket",
            "--preload",
        ],
        cwd=PROJECT,
        env=os.environ | {"PURSER_DATABASE_URL": url, "PYTHONPATH": str(PROJECT)},
    )
    address = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                with urllib.request.urlopen(f"{address}/login/", timeout=30):
                    break
            except (urllib.error.URLError, ConnectionError):
                assert process.poll() is None, "Purser did not start"
                time.sleep(0.02)
        yield Served(address, process, time.monotonic() - began)
    finally:
        process.terminate()
        process.wait(30)
