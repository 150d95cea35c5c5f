"""Putting a backup back: only where no documents would be lost, unless one asks for that, and never half of it."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, delete

from app import migrate
from app.backups import Refused, archive, checks, making, postgres, sqlite
from app.backups.archive import Manifest
from app.backups.checks import Findings
from app.backups.verifying import EXAMINED, readable, records_of
from app.engine import in_memory
from app.entities.operations import SignIn

KEPT = "What was there before is kept in {}. Delete it when you are content."


@dataclass
class Restoration:
    """A backup on its way back into the office's database. `replace`: documents that are there may go. `anyway`: put it
    back although the checks find something, because there is no better one. `tell` hears where the records are kept that
    were there before."""

    file: Path
    office: Engine
    keys: Mapping[str, Any]
    moment: datetime
    replace: bool = False
    anyway: bool = False
    tell: Callable[[str], None] = lambda sentence: None
    findings: Findings = field(default_factory=Findings)

    def carry_out(self) -> Findings:
        """Do it, with nobody else at work. Errors: Refused, and then nothing has changed."""
        manifest = readable(self.file)
        if manifest.kind != self.office.dialect.name:
            raise Refused(
                f"{self.file} is a backup of {manifest.kind}, and PURSER_DATABASE_URL names {self.office.dialect.name}. "
                f"Set it to a database of {manifest.kind}."
            )
        if in_memory(self.office.url):
            raise Refused("The database is in memory alone: there is no place to restore to.")
        checks.compare_keys(manifest, archive.marks_of(self.keys), self.findings)
        self._stop_if_wrong()
        {"sqlite": self._sqlite, "postgresql": self._postgres}[manifest.kind](manifest)
        self.findings.right.append("all sign-ins were ended: everybody signs in anew")
        return self.findings

    def _stop_if_wrong(self) -> None:
        if self.findings.wrong and not self.anyway:
            told = " ".join(self.findings.wrong)
            raise Refused(
                f"{told} Nothing was restored. If there is no better backup, and the keys are as they are: --anyway."
            )

    def _refuse_loss(self, found: int) -> None:
        if found and not self.replace:
            raise Refused(
                f"The database has {found:,} documents, and a restore would replace them. If that is meant: --replace. "
                "What is there now is kept aside."
            )

    def _sqlite(self, manifest: Manifest) -> None:
        database = Path(str(self.office.url.database))
        with archive.workplace(database.parent) as folder, sqlite.to_ourselves(database):
            self._refuse_loss(sqlite.documents(database))
            part = Path(folder) / archive.PAYLOAD["sqlite"]
            archive.unpack(self.file, manifest, part)
            EXAMINED["sqlite"](part, self.office, manifest, self.findings)
            self._stop_if_wrong()
            with records_of(URL.create("sqlite", database=str(part))) as engine:
                _make_usable(engine)
            with sqlite.to_ourselves(part):  # everything in the one file that is renamed
                kept = sqlite.put_in_place(part, database, f"before-{self.moment:%Y-%m-%d-%H%M%S}")
        if kept is not None:
            self.tell(KEPT.format(kept))

    def _postgres(self, manifest: Manifest) -> None:
        found = postgres.documents(self.office)
        self._refuse_loss(found)
        postgres.check_nobody_else(self.office)
        with tempfile.TemporaryDirectory(prefix="purser-") as folder:
            part = Path(folder) / archive.PAYLOAD["postgresql"]
            archive.unpack(self.file, manifest, part)
            EXAMINED["postgresql"](part, self.office, manifest, self.findings)
            self._stop_if_wrong()
            if found:
                kept = self.file.with_name(f"before-restore-{making.name_at(self.moment)}")
                making.make(self.office, self.keys, kept, self.moment)
                self.tell(KEPT.format(kept))
            postgres.restore(self.office, part)
        _make_usable(self.office)
        self.office.dispose()


def _make_usable(engine: Engine) -> None:
    """Bring it to this version's tables, and end all sign-ins: a visit that ended after the backup was made would live
    again."""
    migrate.upgrade_engine(engine)
    with engine.begin() as connection:
        connection.execute(delete(SignIn.__table__))  # type: ignore[arg-type]
