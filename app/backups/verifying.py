"""Verifying a backup: it is whole, it opens, and its records pass everything that the office asks of itself."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine

from app import migrate
from app.backups import Refused, archive, checks, postgres, sqlite
from app.backups.archive import Manifest
from app.backups.checks import Findings
from app.engine import engine_options, install


def examine(file: Path, office: Engine, keys: Mapping[str, Any]) -> tuple[Manifest, Findings]:
    """Open a backup aside, without touching the office's database, and check everything that can be. Errors: Refused,
    for what is no backup, damaged, or of a newer version."""
    manifest = readable(file)
    findings = Findings()
    with tempfile.TemporaryDirectory(prefix="purser-") as folder:
        part = Path(folder) / archive.PAYLOAD[manifest.kind]
        archive.unpack(file, manifest, part)
        findings.right.append("the file holds what was written into it (SHA-256)")
        checks.compare_keys(manifest, archive.marks_of(keys), findings)
        EXAMINED[manifest.kind](part, office, manifest, findings)
    return manifest, findings


def readable(file: Path) -> Manifest:
    """What a backup says, if this version of the program can use it. Errors: Refused."""
    manifest = archive.read(file)
    if not migrate.knows(manifest.revision):
        raise Refused(
            f"{file} is of a newer version of Purser: its tables are of revision {manifest.revision}, and this version "
            f"knows them up to {migrate.head()}. Install the version that made it, or a later one, first."
        )
    return manifest


def _examine_sqlite(part: Path, _office: Engine, manifest: Manifest, findings: Findings) -> None:
    if faults := sqlite.faults(part):
        findings.note("", faults)
        findings.unchecked.append("the records, because SQLite finds the database damaged")
        return
    findings.right.append("SQLite finds the database whole, and every reference leads somewhere")
    with records_of(URL.create("sqlite", database=str(part))) as engine:
        checks.check_records(engine, manifest, findings)


def _examine_postgres(part: Path, office: Engine, manifest: Manifest, findings: Findings) -> None:
    listed = postgres.contents(part)
    findings.right.append(f"pg_restore can read it and lists {listed:,} things")
    if office.dialect.name != "postgresql":
        findings.unchecked.append("its records: this installation has no PostgreSQL server to open it in")
        return
    with postgres.scratch(office) as url:
        if url is None:
            findings.unchecked.append(
                "its records, because the database role may not make a database to open it in. Grant it for the "
                "rehearsal: ALTER ROLE … CREATEDB"
            )
            return
        with records_of(url) as engine:
            postgres.restore(engine, part)
            findings.right.append("PostgreSQL took all of it, in a database of its own")
            checks.check_records(engine, manifest, findings)


EXAMINED = {"sqlite": _examine_sqlite, "postgresql": _examine_postgres}
"""Kind of database → how it is opened aside."""


@contextmanager
def records_of(url: URL) -> Iterator[Engine]:
    """A database that is not the office's, to ask questions of."""
    options = engine_options(url)
    if url.get_backend_name() == "postgresql":
        options["connect_args"] = {"options": "-c timezone=UTC"}  # no time limits: checking everything takes its time
    engine = create_engine(url, **options)
    install(engine)
    try:
        yield engine
    finally:
        engine.dispose()
