"""The file of a backup: a ZIP of `manifest.json` and of the database as its own programs write it.

It is written under a name of its own beside its place, readable by its owner alone, and renamed when it is complete: what
has the name of a backup is one."""

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from app import audit
from app.backups import Refused

MANIFEST, FORMAT, PIECE = "manifest.json", 1, 1 << 20
PAYLOAD = {"sqlite": "database.sqlite", "postgresql": "database.pgdump"}
"""Kind of database → the name of its part."""

COMPRESSED = {"sqlite": zipfile.ZIP_DEFLATED, "postgresql": zipfile.ZIP_STORED}
"""PostgreSQL's own format is compressed already."""

COUNTED = {"document": "documents", "posting": "postings", "audit_entry": "audit entries"}
"""What a manifest counts: table → the word for it."""


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself: when (UTC), of which kind of database and program for it, which revision of tables, how
    many records, the size and hash of the database, by which keys it was made (their marks, never the keys), and a seal
    under the audit key, so that who replaces the records inside is noticed."""

    made_at: str
    kind: str
    server: str
    revision: str
    counts: dict[str, int]
    keys: dict[str, str]
    size: int = 0
    sha256: str = ""
    seal: str = ""
    format: int = FORMAT

    @property
    def when(self) -> datetime:
        """The moment at which it shows the records."""
        return datetime.fromisoformat(self.made_at)

    def sealed(self) -> "Manifest":
        """With the seal of everything else it says."""
        return replace(self, seal=audit.seal_of_text("backup", self._body()))

    def has_our_seal(self) -> bool:
        """Was it sealed under the present audit key, and is it as it was then?"""
        return audit.is_seal_of_text(self.seal, "backup", self._body())

    def _body(self) -> str:
        return json.dumps(asdict(replace(self, seal="")), sort_keys=True, separators=(",", ":"))

    def __str__(self) -> str:
        counts = ", ".join(f"{self.counts.get(table, 0):,} {words}" for table, words in COUNTED.items())
        return f"{self.when:%Y-%m-%d %H:%M} UTC, {self.kind} {self.server}, revision {self.revision}: {counts}"


@dataclass(frozen=True)
class Copy:
    """A database copied for a backup, and what was asked of the very same moment."""

    server: str
    revision: str
    counts: dict[str, int] = field(default_factory=dict)


def marks_of(rings: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Each key's mark: enough to tell whether it is the same one, and nothing that helps to find it."""
    return {
        f"{purpose}/{name}": hashlib.sha256(b"purser mark\x00" + key).hexdigest()[:16]
        for purpose, ring in rings.items()
        for name, key in ring["keys"].items()
    }


def workplace(beside: Path) -> "tempfile.TemporaryDirectory[str]":
    """A folder for what is not a backup yet, on the same disk, for its owner alone."""
    try:
        beside.mkdir(mode=0o700, parents=True, exist_ok=True)
        return tempfile.TemporaryDirectory(dir=beside, prefix=".purser-")
    except OSError as error:
        raise Refused(f"{beside} cannot be written to ({error.strerror}). Name another place, or give the right to it.")


def write(file: Path, manifest: Manifest, database: Path) -> Manifest:
    """Put manifest and database into one file; the manifest as it stands there. Errors: Refused."""
    if file.exists():
        raise Refused(f"{file} is there already. Backups are not overwritten: name another file.")
    size, digest = measured(database)
    manifest = replace(manifest, size=size, sha256=digest).sealed()
    handle, draft = tempfile.mkstemp(dir=file.parent, prefix=".purser-")  # readable by the owner alone
    try:
        with os.fdopen(handle, "wb") as open_file:
            with zipfile.ZipFile(open_file, "w") as parts:
                parts.writestr(MANIFEST, json.dumps(asdict(manifest), indent=2) + "\n")
                parts.write(database, PAYLOAD[manifest.kind], COMPRESSED[manifest.kind], 1)  # quick: it is long enough
            open_file.flush()
            os.fsync(open_file.fileno())
        os.rename(draft, file)
        _keep_the_name(file.parent)
    except BaseException as error:
        Path(draft).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise Refused(f"{file} could not be written ({error.strerror}). Nothing was left of it.") from error
        raise
    return manifest


def _keep_the_name(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def measured(file: Path) -> tuple[int, str]:
    """Size in bytes and SHA-256 of a file."""
    with file.open("rb") as open_file:
        return file.stat().st_size, hashlib.file_digest(open_file, "sha256").hexdigest()


def read(file: Path) -> Manifest:
    """What a backup says of itself. Errors: Refused, for what is no backup or not whole."""
    if not file.is_file():
        raise Refused(f"There is no file {file}.")
    try:
        with zipfile.ZipFile(file) as parts:
            said = json.loads(parts.read(MANIFEST))
            if said.get("format") != FORMAT:
                raise Refused(f"{file} is of format {said.get('format')}; this program reads format {FORMAT}.")
            manifest = Manifest(**said)
            parts.getinfo(PAYLOAD[manifest.kind])
            if not _makes_sense(manifest):
                raise ValueError
    except (zipfile.BadZipFile, zlib.error, KeyError, TypeError, ValueError, AttributeError, EOFError):
        raise Refused(f"{file} is no backup of Purser, or not whole: it was cut off or damaged. Take another one.")
    except OSError as error:
        raise Refused(f"{file} cannot be read ({error.strerror}).")
    return manifest


def _makes_sense(manifest: Manifest) -> bool:
    texts = (manifest.server, manifest.revision, manifest.sha256, manifest.seal, *manifest.keys.values())
    numbers = (manifest.size, *manifest.counts.values())
    return (
        manifest.when.tzinfo is not None
        and all(isinstance(one, str) for one in texts)
        and all(isinstance(one, int) for one in numbers)
    )


def unpack(file: Path, manifest: Manifest, target: Path) -> None:
    """Write the database that a backup holds to `target`, a new file. Errors: Refused, if it is not what was written."""
    free = shutil.disk_usage(target.parent).free
    if free < manifest.size:
        raise Refused(
            f"{target.parent} has {free >> 20:,} MB left and the database needs {manifest.size >> 20:,} MB. Make room, "
            "or name a folder on another disk in TMPDIR."
        )
    digest, size = hashlib.sha256(), 0
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out, zipfile.ZipFile(file) as parts, _opened(parts, manifest) as packed:
            while (piece := packed.read(PIECE)) and size <= manifest.size:
                digest.update(piece)
                out.write(piece)
                size += len(piece)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError):
        raise _damaged(file)
    except OSError as error:
        raise Refused(f"{file} could not be unpacked to {target.parent} ({error.strerror}).")
    if (size, digest.hexdigest()) != (manifest.size, manifest.sha256):
        raise _damaged(file)


def _opened(parts: zipfile.ZipFile, manifest: Manifest) -> BinaryIO:
    return parts.open(PAYLOAD[manifest.kind])  # type: ignore[return-value]


def _damaged(file: Path) -> Refused:
    return Refused(f"{file} is damaged: its content is not what was written into it. Take another backup.")
