"""The day's head of the audit trail: one line that, kept elsewhere, shows later whether the trail has only grown since.

The seals of `audit` show a change by somebody without the audit key. Who has the key too, and the database, could seal
everything anew, but cannot change what was sent away. The digest of a head goes over every entry in the order of the ids,
each hashed onto the one before, so that any old head can be computed again from the entries alone, and the next one goes
on where the last one stopped. Source: DOC-09, OP-03."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app import audit
from app.entities.operations import AuditEntry, DailyHead

BEGINNING = "0" * 64
ENTRIES = AuditEntry.__table__

LINE = re.compile(
    r"purser-head day=(?P<day>\d{4}-\d\d-\d\d) last=(?P<last_id>\d{1,18}) entries=(?P<entries>\d{1,18}) "
    r"digest=(?P<digest>[0-9a-f]{64}) previous=(?P<previous>[0-9a-f]{64}|none) seal=(?P<seal>[0-9a-f]{64})"
)


class NoHead(ValueError):
    """What was given is no line of a head; the message says what one looks like."""


@dataclass(frozen=True)
class Head:
    """What a head says, in the database or in a line that was sent."""

    day: date
    last_id: int
    entries: int
    digest: str
    previous: str
    seal: str

    @classmethod
    def of(cls, row: DailyHead) -> "Head":
        """The head in a row."""
        return cls(row.day, row.last_id, row.entries, row.digest, row.previous, row.seal)

    @classmethod
    def read(cls, line: str) -> "Head":
        """The head in a line. Errors: NoHead."""
        found = LINE.fullmatch(" ".join(line.split()))
        try:
            if found is None:
                raise ValueError
            day = date.fromisoformat(found["day"])
        except ValueError:
            raise NoHead(
                f'A head is a line as `audit head` prints it, "purser-head day=…", and not {line.strip()[:60]!r}.'
            )
        previous = "" if found["previous"] == "none" else found["previous"]
        return cls(day, int(found["last_id"]), int(found["entries"]), found["digest"], previous, found["seal"])

    def __str__(self) -> str:
        return (
            f"purser-head day={self.day} last={self.last_id} entries={self.entries} digest={self.digest} "
            f"previous={self.previous or 'none'} seal={self.seal}"
        )

    @property
    def body(self) -> str:
        """What its seal is over."""
        said = [str(self.day), self.last_id, self.entries, self.digest, self.previous]
        return json.dumps(said, separators=(",", ":"))


def head_of(session: Session, day: date, at: datetime) -> DailyHead:
    """The head of a day, made if the day has none yet. It covers every entry that is committed now. The caller commits."""
    known = session.scalar(select(DailyHead).where(DailyHead.day == day))
    if known is not None:
        return known
    last = session.scalar(select(DailyHead).order_by(DailyHead.id.desc()).limit(1))
    digest, entries, last_id = (last.digest, last.entries, last.last_id) if last else (BEGINNING, 0, 0)
    for row in _walk(session, last_id if last else None, _settled_end(session)):
        digest, entries, last_id = _onto(digest, row), entries + 1, row.id
    head = Head(day, last_id, entries, digest, last.seal if last else "", "")
    made = DailyHead(
        day=day,
        at=at,
        last_id=last_id,
        entries=entries,
        digest=digest,
        previous=head.previous,
        seal=audit.seal_of_text("head", head.body),
    )
    session.add(made)
    session.flush()
    return made


def _settled_end(session: Session) -> int:
    """The last id below which nothing can appear any more. On PostgreSQL an entry gets its id before it is committed, so
    those who write are waited for, and new ones wait for the moment that it takes to ask."""
    last = select(func.coalesce(func.max(ENTRIES.c.id), 0))
    bind: Any = session.get_bind()
    if bind.dialect.name != "postgresql":
        return session.scalar(last) or 0
    with bind.connect() as connection, connection.begin():
        connection.execute(text("LOCK TABLE audit_entry IN SHARE MODE"))
        return connection.scalar(last) or 0


def _walk(session: Session, after: int | None = None, until: int | None = None) -> Iterator[Any]:
    wanted = select(ENTRIES.c.id, ENTRIES.c.subject, ENTRIES.c.seq, ENTRIES.c.seal)
    if after is not None:
        wanted = wanted.where(ENTRIES.c.id > after)
    if until is not None:
        wanted = wanted.where(ENTRIES.c.id <= until)
    return session.connection().execute(wanted.order_by(ENTRIES.c.id).execution_options(yield_per=5000))


def _onto(digest: str, row: Any) -> str:
    return hashlib.sha256(f"{digest}\x00{row.id}\x00{row.subject}\x00{row.seq}\x00{row.seal}".encode()).hexdigest()


def verify(session: Session, sent: Iterable[Head] = ()) -> list[str]:
    """Every head in the database, and those that were sent elsewhere, against the entries as they are. An empty list means
    that the trail has only grown since each of them."""
    sent = list(sent)
    stored = [Head.of(row) for row in session.scalars(select(DailyHead).order_by(DailyHead.id))]
    problems = list(_wrong_seals(stored)) + [problem for head in sent for problem in _not_ours(head, stored)]
    ours = {head.body for head in stored}
    marked = [(head, f"the head of {head.day}") for head in stored]
    marked += [(head, f"the head of {head.day} that was sent") for head in sent if head.body not in ours]
    return problems + list(_rewritten(session, sorted(marked, key=lambda one: one[0].last_id)))


def _wrong_seals(stored: list[Head]) -> Iterator[str]:
    before = ""
    for head in stored:
        if not audit.is_seal_of_text(head.seal, "head", head.body):
            yield f"The head of {head.day} in the database was changed."
        if head.previous != before:
            yield f"A head before that of {head.day} is missing in the database."
        before = head.seal


def _not_ours(head: Head, stored: list[Head]) -> Iterator[str]:
    if not audit.is_seal_of_text(head.seal, "head", head.body):
        yield f"The line of {head.day} was not sealed under this installation's audit key: it is mistyped, or of another one."
    elif head.body not in {one.body for one in stored}:
        yield f"The head of {head.day} that was sent is not in the database any more."


def _rewritten(session: Session, marked: list[tuple[Head, str]]) -> Iterator[str]:
    """The first head that the entries do not lead to; all later ones follow from it."""
    digest, entries, holds = BEGINNING, 0, "the beginning"
    waiting = iter(marked)
    head, name = next(waiting, (None, ""))
    for row in chain(_walk(session), [None]):
        while head is not None and (row is None or row.id > head.last_id):
            if (digest, entries) != (head.digest, head.entries):
                yield _difference(entries, head, name, holds)
                return
            holds = name
            head, name = next(waiting, (None, ""))
        if head is None or row is None:
            return
        digest, entries = _onto(digest, row), entries + 1


def _difference(entries: int, head: Head, name: str, holds: str) -> str:
    if entries < head.entries:
        what = f"{head.entries - entries:,} of {head.entries:,} entries are missing"
    elif entries > head.entries:
        what = f"{entries - head.entries:,} entries were put between"
    else:
        what = "entries were rewritten"
    return f"Since {holds}, and before {name}, {what}."
