"""What no write may break, wherever it comes from: a frozen document, another office's rows, a state moved by hand.

Checked by the session before it writes, so that a screen, a form, an import or a call can neither forget it nor get
around it. Source: DOC-04, WF-03, RB-07, RB-09."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session
from sqlalchemy.orm.session import UOWTransaction

from app.entities.base import Entity
from app.entities.document import EDITABLE, Attachment, Document, Preparer, State
from app.entities.payees import BankAccount, TaxId
from app.rules.approvals import turn_of
from app.rules.deeds import Actor
from app.scope import check_references

WRITTEN_ONCE: Mapping[type[Entity], frozenset[str]] = {
    TaxId: frozenset(),
    BankAccount: frozenset(
        {"confirmed_by", "confirmed_by_id", "confirmed_at", "called_back", "counts_from", "retired_on"}
    ),
}
"""Records that are never edited: a change is a new one. Entity → what may be filled in later, once."""


class Frozen(Exception):
    """A change that a document's state does not allow, or of what is never edited. The message is for the person at
    the screen."""


@contextmanager
def moving(session: Session, actor: Actor, now: datetime) -> Iterator[None]:
    """What `workflow.act` does: the one place where states change and frozen documents are written to."""
    before = dict(session.info)
    session.info.update(moving=True, actor=actor, now=now, unscoped=True)
    try:
        yield
    finally:
        session.info.update(
            moving=before.get("moving", False),
            actor=before.get("actor"),
            now=before.get("now"),
            unscoped=before.get("unscoped", False),
        )


def editable_by(document: Document, actor: Actor | None) -> bool:
    """Whether a person may write in a document now: while it is a draft or was returned, and as the approver whose
    turn it is. Source: DOC-04."""
    if document.state in EDITABLE:
        return True
    return document.state == State.ROUTED and actor is not None and turn_of(document, actor) is not None


@event.listens_for(Session, "before_flush")
def _guard(session: Session, _flush: UOWTransaction, _instances: Any) -> None:
    if session.info.get("moving"):
        return
    actor: Actor | None = session.info.get("actor")
    limited = session.info.get("sight") is not None and not session.info.get("unscoped")
    seen: set[tuple[type, int]] = set()
    for record in (*session.new, *session.dirty, *session.deleted):
        if record in session.dirty and not _is_written_in(session, record):
            continue
        document = _document_of(record)
        if document is not None and document not in session.new:
            _check_state(session, record, document, actor)
        if type(record) in WRITTEN_ONCE and record in session.dirty:
            _check_written_once(record)
        if limited and record not in session.deleted:
            check_references(session, record, seen)


def _is_written_in(session: Session, record: Any) -> bool:
    """Whether a record is changed. A note or a paper that is pinned to a document does not change it; taking a paper
    off does."""
    if not isinstance(record, Document):
        return session.is_modified(record)
    state: Any = inspect(record)
    changed = {one.key: one.history for one in state.attrs if one.history.has_changes()}
    changed.pop("notes", None)
    pinned = changed.pop("attachments", None)
    return bool(changed) or bool(pinned and pinned.deleted)


def _check_written_once(record: Any) -> None:
    changed = {one.key: one.history for one in inspect(record).attrs if one.history.has_changes()}
    overwritten = [key for key, history in changed.items() if any(old not in (None, "") for old in history.deleted)]
    if overwritten or changed.keys() - WRITTEN_ONCE[type(record)]:
        raise Frozen(f"{record} is never edited: enter a new one, and retire or delete this one.")


def _document_of(record: Any) -> Document | None:
    if isinstance(record, Document):
        return record
    if getattr(record, "frozen_with_document", False) or isinstance(record, Attachment):
        document = getattr(record, "document", None)
        return document if isinstance(document, Document) else None
    return None


def _check_state(session: Session, record: Any, document: Document, actor: Actor | None) -> None:
    state: Any = inspect(document).attrs.state.history
    if state.has_changes() and state.deleted:
        raise Frozen(f"{document.name} changes its state only through its own buttons.")
    if isinstance(record, Attachment) and record in session.new:
        return
    if not editable_by(document, actor):
        raise Frozen(f"{document.name} is {document.state} and cannot be changed.")
    if document.state in EDITABLE and actor is not None and actor.user_id is not None:
        known = {one.user_id for one in document.preparers} | {document.created_by_id}
        if actor.user_id not in known:
            document.preparers.append(Preparer(user_id=actor.user_id))
