"""What is asked of a backup's records once they are in a database of their own: the same that the office asks of itself
every night, and whether our keys open what is sealed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Engine, LargeBinary, func, select, type_coerce
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app import audit, audit_heads, ledger, migrate, sealing
from app.backups.archive import COUNTED, Manifest
from app.entities.sealed import Sealed

MOST_TOLD = 5
OTHER_KEYS = "The backup was made under other keys than those in PURSER_KEY_FILE"


@dataclass
class Findings:
    """What was checked and is right, what is wrong, and what was not checked; each a sentence."""

    right: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    keys_fit: bool = True

    def lines(self) -> Iterator[str]:
        """All of it, for a terminal."""
        for mark, sentences in (("ok", self.right), ("NOT CHECKED", self.unchecked), ("WRONG", self.wrong)):
            yield from (f"{mark}: {sentence}" for sentence in sentences)

    def note(self, right: str, problems: list[str]) -> None:
        """One check: what it says when all is right, or the problems, a handful of them."""
        if not problems:
            self.right.append(right)
        self.wrong += problems[:MOST_TOLD]
        if len(problems) > MOST_TOLD:
            self.wrong.append(f"and {len(problems) - MOST_TOLD:,} more of that kind")


def compare_keys(manifest: Manifest, ours: Mapping[str, str], findings: Findings) -> None:
    """The keys of this installation against the marks of those by which the backup was made."""
    missing = sorted(name for name, mark in manifest.keys.items() if ours.get(name) != mark)
    if missing:
        findings.keys_fit = False
        findings.wrong.append(
            f"{OTHER_KEYS}: {', '.join(missing)} differ or are missing. Put the key file of that time in place (it is "
            "kept apart from the backups) and try again."
        )
        return
    if not manifest.has_our_seal():
        findings.wrong.append(
            "The manifest was changed after the backup was made: somebody has replaced what is inside."
        )
        return
    findings.right.append("it was made under the keys of this installation, and nobody changed it since")


def check_records(engine: Engine, manifest: Manifest, findings: Findings) -> None:
    """Bring the records to this version's revision and ask them everything."""
    if manifest.revision != migrate.head():
        try:
            migrate.upgrade_engine(engine)
        except (SQLAlchemyError, RuntimeError) as error:
            reason = str(getattr(error, "orig", error)).splitlines()[0]
            findings.wrong.append(
                f"Its tables could not be brought from {manifest.revision} to {migrate.head()}: {reason}"
            )
            return
        findings.right.append(f"its tables could be brought from revision {manifest.revision} to {migrate.head()}")
    with Session(engine) as session:
        for right, check in CHECKS:
            findings.note(right, list(check(session, manifest)))
        if findings.keys_fit:
            problems = [*audit.verify(session), *audit_heads.verify(session)]
            findings.note("every seal of the audit trail and of its days is right", problems)
        else:
            findings.unchecked.append("the seals of the audit trail, which need the audit key of that time")
        total, closed = sealed_numbers(session)
        if closed:
            findings.wrong.append(
                f"{closed:,} of {total:,} sealed numbers (tax ids, accounts, second factors) do not open with our keys"
            )
        else:
            findings.right.append(f"all {total:,} sealed numbers open with our keys")
        session.rollback()


def _miscounted(session: Session, manifest: Manifest) -> Iterator[str]:
    tables = migrate.metadata().tables
    for table, words in COUNTED.items():
        found = session.scalar(select(func.count()).select_from(tables[table]))
        if found != manifest.counts.get(table):
            yield f"{found:,} {words}, and the manifest says {manifest.counts.get(table)}"


def _drifts(session: Session, _manifest: Manifest) -> Iterator[str]:
    return (f"The books do not agree: {drift}" for drift in ledger.reconcile(session))


Check = Callable[[Session, Manifest], Iterator[str]]
CHECKS: tuple[tuple[str, Check], ...] = (
    ("documents, postings and audit entries are as many as were counted", _miscounted),
    ("every balance is the sum of its postings", _drifts),
)
"""What it says when all is right → what finds the problems."""


def sealed_columns() -> list[tuple[Column[Any], str]]:
    """Every column that the database cannot read, and what it is bound to."""
    return [
        (column, column.type.context)
        for table in migrate.metadata().sorted_tables
        for column in table.columns
        if isinstance(column.type, Sealed)
    ]


def sealed_numbers(session: Session) -> tuple[int, int]:
    """How many numbers are sealed, and how many of them none of our keys opens."""
    total = closed = 0
    for column, context in sealed_columns():
        for sealed in session.scalars(select(type_coerce(column, LargeBinary))):
            if sealed is None:
                continue
            total += 1
            try:
                sealing.opened(bytes(sealed), context)
            except sealing.Unreadable:
                closed += 1
    return total, closed
