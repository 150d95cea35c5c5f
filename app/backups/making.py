"""Making backups: by hand into a file, or night after night into a folder that keeps some days of them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from app.backups import Refused, archive, postgres, sqlite
from app.backups.archive import Manifest
from app.engine import in_memory

NAMED = "purser-%Y-%m-%d-%H%M%SZ.zip"
LEFT_BEHIND = timedelta(days=1)
"""After which what an interrupted backup left is cleared away."""


def name_at(moment: datetime) -> str:
    """The name of a backup, by which it sorts."""
    return moment.astimezone(UTC).strftime(NAMED)


def make(engine: Engine, keys: Mapping[str, Any], file: Path, moment: datetime) -> Manifest:
    """Copy the records, in use or not, into one file. Errors: Refused."""
    if file.exists():
        raise Refused(f"{file} is there already. Backups are not overwritten: name another file.")
    kind = engine.dialect.name
    with archive.workplace(file.parent) as folder:
        target = Path(folder) / archive.PAYLOAD[kind]
        if kind == "sqlite":
            if in_memory(engine.url):
                raise Refused("The database is in memory alone: there is nothing that a backup could be of.")
            copied = sqlite.copy(Path(str(engine.url.database)), target)
        else:
            copied = postgres.copy(engine, target)
        manifest = Manifest(
            made_at=moment.astimezone(UTC).isoformat(timespec="seconds"),
            kind=kind,
            server=copied.server,
            revision=copied.revision,
            counts=copied.counts,
            keys=archive.marks_of(keys),
        )
        return archive.write(file, manifest, target)


def forget(folder: Path, before: datetime) -> list[Path]:
    """Delete the folder's backups that were made before a moment, except the latest; the deleted ones. What has another
    name is left alone."""
    named = sorted((made, file) for file in folder.iterdir() if (made := made_at(file)) is not None)
    old = [file for made, file in named[:-1] if made < before]
    for file in old:
        file.unlink()
    return old


def made_at(file: Path) -> datetime | None:
    """When a backup was made, by its name; None for what is called otherwise."""
    try:
        return datetime.strptime(file.name, NAMED).replace(tzinfo=UTC)
    except ValueError:
        return None


def nightly(engine: Engine, keys: Mapping[str, Any], folder: Path | None, days: int, moment: datetime) -> str:
    """The backup of the night, if a folder is named; what it did."""
    if folder is None:
        return "no backup: PURSER_BACKUPS names no folder"
    file = folder / name_at(moment)
    manifest = make(engine, keys, file, moment)
    forgotten = forget(folder, moment - timedelta(days=days))
    return f"{file.name}, {manifest.counts['document']:,} documents; {len(forgotten)} older ones deleted"
