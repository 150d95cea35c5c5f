"""The audit trail: who changed what, from what to what, sealed so that no change of it goes unnoticed.

Written by the session itself whenever it writes anything, so that no screen can forget it. Each row is sealed with an
HMAC over the row before it, per subject (a document, a vendor, …); the key lies outside the database. Source: DOC-09."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import event, insert, inspect, select, update
from sqlalchemy.orm import RelationshipProperty, Session, object_session
from sqlalchemy.orm.attributes import instance_state, set_committed_value
from sqlalchemy.orm.session import UOWTransaction

from app.entities.awards import Consumption, OrderingAuthority
from app.entities.base import Entity, upsert
from app.entities.desk import ActiveContainer, FileCabinet, Filing, Folder, SavedView
from app.entities.document import Document, DocumentEvent, NumberSeries, Preparer
from app.entities.envelopes import EnvelopeDocument
from app.entities.funds import Posting, StripBalance
from app.entities.lines import LineAcceptance, LineItem
from app.entities.notices import Mail, Notice, NoticePreference
from app.entities.operations import (
    AuditEntry,
    AuditHead,
    DailyHead,
    IdempotencyKey,
    JobRun,
    RightsStamp,
    SignIn,
    SignInAttempt,
    SpareCode,
)
from app.entities.receiving import Acceptance
from app.entities.requests import SuggestedVendor
from app.rules.deeds import SYSTEM, Actor

UNTRACKED = frozenset(
    {
        ActiveContainer,
        AuditEntry,
        AuditHead,
        Consumption,
        DailyHead,
        DocumentEvent,
        FileCabinet,
        Folder,
        IdempotencyKey,
        JobRun,
        Mail,
        Notice,
        NoticePreference,
        NumberSeries,
        Filing,
        Posting,
        Preparer,
        RightsStamp,
        SavedView,
        SignIn,
        SignInAttempt,
        SpareCode,
        StripBalance,
    }
)
"""Tables that are a trail themselves, or that hold no business of the office."""

NAMES = (Acceptance, EnvelopeDocument, LineAcceptance, OrderingAuthority, SuggestedVendor)
"""Rows that only name a person, an office, a vendor or an envelope: the trail calls them by that."""

SILENT = frozenset({"version", "changed_at", "content", "path", "number_index", "last_step"})
"""Columns whose change says nothing to a reader."""

HIDDEN = "•••"

MASKED: Mapping[str, Callable[[Any], str]] = {
    "User.password": lambda _: HIDDEN,
    "SecondFactor.secret": lambda _: HIDDEN,
    "TaxId.number": lambda secret: secret.mask,
    "BankAccount.number": lambda secret: secret.mask,
}
"""Entity and column → what the trail says in place of a value that nobody may read there."""

_key = b""


def use_key(key: bytes) -> None:
    """The sealing key, from the key file. Called once by the factory."""
    global _key
    _key = key


def written_value(value: Any) -> str | None:
    """A value as the trail keeps it."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    # A sign that PostgreSQL does not keep must not keep a refusal off the record.
    return value.isoformat() if isinstance(value, date) else str(value).replace("\x00", "\N{SYMBOL FOR NULL}")


def kept_value(record: Any, name: str, value: Any) -> str | None:
    """A value of a record's column as the trail keeps it, masked where it must not be read."""
    mask = MASKED.get(f"{type(record).__name__}.{name}")
    return written_value(mask(value) if mask is not None and value is not None else value)


def seal_of(before: str, subject: str, seq: int, row: dict[str, Any]) -> str:
    """The seal of one row over the row before it."""
    body = json.dumps([before, subject, seq, *(written_value(row[name]) for name in SEALED)], separators=(",", ":"))
    return hmac.new(_key, body.encode(), hashlib.sha256).hexdigest()


def seal_of_text(purpose: str, body: str) -> str:
    """The seal of a text that leaves the house, such as the day's head or a backup's manifest. The purpose keeps the seal
    of one kind from passing for that of another, or for an entry's."""
    return hmac.new(_key, f"purser\x00{purpose}\x00{body}".encode(), hashlib.sha256).hexdigest()


def is_seal_of_text(seal: str, purpose: str, body: str) -> bool:
    """Whether a seal is ours."""
    return hmac.compare_digest(seal.encode(), seal_of_text(purpose, body).encode())


SEALED = ("document_id", "at", "by_id", "action", "entity", "entity_id", "label", "field", "old", "new")


@event.listens_for(Session, "before_flush")
def _forget(session: Session, _flush: UOWTransaction, _instances: Any) -> None:
    session.info.pop("removed", None)  # of a flush that failed


@event.listens_for(Entity, "before_delete", propagate=True)
def _note_removal(_mapper: Any, _connection: Any, record: Entity) -> None:
    # A row that was only taken out of its list is not among `session.deleted`, but it is deleted all the same.
    session = object_session(record)
    if session is not None:
        session.info.setdefault("removed", []).append(record)


@event.listens_for(Session, "after_flush")
def _record(session: Session, _flush: UOWTransaction) -> None:
    removed = {id(one): one for one in (*session.info.pop("removed", ()), *session.deleted)}
    if session.info.get("untracked"):
        return
    kept = [one for one in (*session.new, *session.dirty) if id(one) not in removed]
    rows = [row for one in kept for row in _changes(session, one)]
    rows += [_row(session, one, "remove", old=_summary(one)) for one in removed.values() if _is_tracked(one)]
    if rows:
        append(session, rows)


def _is_tracked(record: Any) -> bool:
    return type(record) not in UNTRACKED and (isinstance(record, Entity) or type(record).__name__ in ("User", "Role"))


def append(session: Session, rows: list[dict[str, Any]]) -> None:
    """Add rows to the ends of their subjects' chains."""
    connection, table = session.connection(), AuditHead.__table__
    # In their order, so that two who add to the same chains do not wait for each other.
    subjects = sorted({row["subject"] for row in rows})
    found = select(table).where(table.c.subject.in_(subjects)).order_by(table.c.subject).with_for_update()
    heads = {head.subject: [head.seq, head.seal] for head in connection.execute(found)}
    if fresh := [{"subject": one, "seq": 0, "seal": ""} for one in subjects if one not in heads]:
        # Another one may begin the same chain now: then we wait here, and go on where it ended.
        connection.execute(upsert(session, AuditHead).values(fresh).on_conflict_do_nothing())
        heads = {head.subject: [head.seq, head.seal] for head in connection.execute(found)}
    for row in rows:
        seq, seal = heads[row["subject"]]
        row["seq"], row["seal"] = seq + 1, seal_of(seal, row["subject"], seq + 1, row)
        heads[row["subject"]] = [row["seq"], row["seal"]]
    connection.execute(insert(AuditEntry.__table__), rows)
    for subject in subjects:
        seq, seal = heads[subject]
        connection.execute(update(table).where(table.c.subject == subject).values(seq=seq, seal=seal))


def note(session: Session, action: str, subject: Any, text: str) -> None:
    """Put something on record that is not a change of a field: a refusal, a sensitive look, an export."""
    append(session, [_row(session, subject, action, new=text)])


def _row(
    session: Session, record: Any, action: str, field: str = "", old: Any = None, new: Any = None
) -> dict[str, Any]:
    actor: Actor = session.info.get("actor") or SYSTEM
    document = _lost_by(session, record) if action == "remove" else getattr(record, "document", record)
    document = document if isinstance(document, Document) else None
    top = document if document is not None else record
    name = type(record).__name__
    subject = f"{'document' if document is not None else inspect(top).mapper.local_table.name}/{top.id}"
    return {
        "subject": subject,
        "document_id": document.id if document is not None else None,
        "at": session.info.get("now") or datetime.now(UTC),
        "by_id": actor.user_id,
        "action": action,
        "entity": name,
        "entity_id": record.id,
        "label": _label(session, record),
        "field": field,
        "old": written_value(old),
        "new": written_value(new),
    }


def _lost_by(session: Session, record: Any) -> Document | None:
    """The document that a row was taken off. The row no longer says so itself, but its keys do."""
    if isinstance(record, Document):
        return record
    document = getattr(record, "document", None)
    if document is None:
        owners = (_by_key(session, record, relation) for relation in inspect(record).mapper.relationships)
        found = (_lost_by(session, owner) for owner in owners if owner is not None)
        document = next((one for one in found if one is not None), None)
    return document if isinstance(document, Document) else None


def _by_key(session: Session, record: Any, relation: RelationshipProperty[Any]) -> Any:
    """The document or line that a row cannot be without."""
    column = next(iter(relation.local_columns))
    if relation.uselist or column.nullable or not issubclass(relation.mapper.class_, Document | LineItem):
        return None
    here = getattr(record, relation.key)
    if here is not None:
        return here
    key = getattr(record, inspect(record).mapper.get_property_by_column(column).key)
    return session.get(relation.mapper.class_, key) if key is not None else None


def _label(session: Session, record: Any) -> str:
    for name in ("number", "title", "name", "description", "code", "username", "file_name"):
        value = getattr(record, name, None)
        if isinstance(value, str) and value:
            return value[:200]
    if isinstance(record, NAMES):
        _know_references(session, record)
        return str(record)[:200]
    relations = inspect(record).mapper.relationships
    line = _by_key(session, record, relations["line"]) if "line" in relations else None
    return str(getattr(line, "description", ""))[:200]


def _know_references(session: Session, record: Any) -> None:
    """A row that is just being written knows whom it names by the key alone, until it is asked for anew."""
    for relation in inspect(record).mapper.relationships:
        column = next(iter(relation.local_columns))
        key = None if relation.uselist else getattr(record, column.key)
        if key is not None and getattr(record, relation.key) is None:
            set_committed_value(record, relation.key, session.get(relation.mapper.class_, key))


def _changes(session: Session, record: Any) -> Iterator[dict[str, Any]]:
    if not _is_tracked(record):
        return
    state = instance_state(record)
    if record in session.new:
        yield _row(session, record, "add", new=_summary(record))
    else:
        for attribute in state.mapper.column_attrs:
            history = state.attrs[attribute.key].history
            if history.has_changes() and attribute.key not in SILENT:
                old = history.deleted[0] if history.deleted else None
                new = getattr(record, attribute.key)
                yield _row(
                    session,
                    record,
                    "change",
                    attribute.key,
                    kept_value(record, attribute.key, old),
                    kept_value(record, attribute.key, new),
                )


def _summary(record: Any) -> str:
    state = instance_state(record)
    shown = {}
    for attribute in state.mapper.column_attrs:
        if attribute.key in SILENT or attribute.key in ("id", "password", "kind") or attribute.key not in state.dict:
            continue
        value = kept_value(record, attribute.key, state.dict[attribute.key])
        if value not in (None, "0", "no"):
            shown[attribute.key] = value
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def verify(session: Session) -> list[str]:
    """Every chain from its first row to its head. An empty list means that nothing was changed behind our back."""
    problems, last, ends = [], ("", 0, ""), {}
    entries = AuditEntry.__table__
    for row in session.connection().execute(
        select(entries).order_by(entries.c.subject, entries.c.seq).execution_options(yield_per=2000)
    ):
        _subject, seq, seal = last if last[0] == row.subject else (row.subject, 0, "")
        if row.seq != seq + 1:
            problems.append(f"{row.subject}: entry {seq + 1} is missing")
        elif seal_of(seal, row.subject, row.seq, dict(row._mapping)) != row.seal:
            problems.append(f"{row.subject}: entry {row.seq} was changed")
        last = (row.subject, row.seq, row.seal)
        ends[row.subject] = (row.seq, row.seal)
    for head in session.connection().execute(select(AuditHead.__table__)):
        if ends.pop(head.subject, None) != (head.seq, head.seal):
            problems.append(f"{head.subject}: its end is missing or was changed")
    problems += [f"{subject}: its head is missing" for subject in ends]
    return problems
