"""Envelopes: filled by their sender, routed whole, and signed whole by each approver whose turn it is. Source: DOC-08.

Each document of an envelope goes through `workflow` by itself, all of them in one transaction (decision 0027)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import locks, reading
from app.entities.document import Document
from app.entities.envelopes import Envelope, EnvelopeDocument
from app.facts import Answers
from app.office import Office
from app.rules.approvals import turn_of
from app.rules.deeds import Actor, Problem
from app.rules.documents import kind_of
from app.rules.envelopes import envelope_fits, may_be_put_in, numbers
from app.rules.routing import case_of, wanted
from app.transactions import Refused, settled
from app.workflow import Done, act_together

NOBODYS_TURN = "It is not your turn to sign: nothing in this envelope waits for you."
EMPTY = "The envelope is empty. Put at least one document into it."
CHANGED = "Something was put into this envelope, or taken out of it, at the same moment. Look at it and route it again."
SENT = "This envelope has been routed. Make a new one for more documents."


def documents_of(session: Session, envelope: Envelope) -> list[Document]:
    """What a person sees of what is, or was, in an envelope; with their signatures, in a fixed number of statements."""
    ids = select(EnvelopeDocument.document_id).where(EnvelopeDocument.envelope_id == envelope.id)
    return list(
        session.scalars(
            select(Document).where(Document.id.in_(ids)).options(reading.OF_SIGNING).order_by(Document.id)
        ).unique()
    )


def is_in(envelope_id: int, document: Document) -> bool:
    """Whether a document is still in an envelope."""
    return document.enveloped is not None and document.enveloped.envelope_id == envelope_id


# Filling.


def fill(
    session: Session,
    office: Office,
    documents: Iterable[Document],
    by: Actor,
    *,
    subject: str = "",
    into: Envelope | None = None,
) -> int:
    """Put documents into an envelope, a new one or one that is not routed yet; its id. All of them or none. Errors:
    Refused."""
    all_of = [(type(one), one.id) for one in sorted(documents, key=lambda one: one.id)]
    envelope_id = into.id if into is not None else None
    if not all_of:
        raise Refused([Problem(EMPTY, "selected")])
    if problems := envelope_fits(into.subject if into is not None else subject, len(all_of)):
        raise Refused(problems)

    def once() -> int:
        chosen = locks.hold_all(session, all_of)  # so that none of them is routed by itself meanwhile
        envelope = _open(session, envelope_id) if envelope_id else None
        inside = {one.document_id for one in envelope.contents} if envelope else set()
        new = [one for one in chosen if one.id not in inside]
        problems = envelope_fits(envelope.subject if envelope else subject, len(inside) + len(new))
        for one in new:
            problems += may_be_put_in(one, by, kind_of(one).signed, envelope)
        if problems:
            raise Refused(problems)
        if envelope is None:
            envelope = Envelope(sender_id=by.user_id, subject=subject, changed_at=office.now())
            session.add(envelope)
        envelope.changed_at = office.now()
        envelope.contents.extend(EnvelopeDocument(document_id=one.id, document=one) for one in new)
        session.flush()
        reading.commit(session)
        return envelope.id

    return settled(session, once)


def take_out(session: Session, office: Office, envelope: Envelope, document_id: int) -> None:
    """Take a document out of an envelope that is not routed yet. Errors: Refused."""
    envelope_id = envelope.id

    def once() -> None:
        held = _open(session, envelope_id)
        held.contents = [one for one in held.contents if one.document_id != document_id]
        held.changed_at = office.now()
        reading.commit(session)

    settled(session, once)


def _open(session: Session, envelope_id: int) -> Envelope:
    """An envelope that is not routed yet, locked. Errors: Refused."""
    statement = select(Envelope).where(Envelope.id == envelope_id).with_for_update(of=Envelope)
    envelope = session.scalars(statement, execution_options={"populate_existing": True}).one()
    if envelope.routed_at is not None:
        raise Refused([Problem(SENT)])
    return envelope


# Moving.


def route(
    session: Session, office: Office, envelope: Envelope, by: Actor, *, approvers: Sequence[int] = (), key: str = ""
) -> list[Done]:
    """Send all of it for approval: each document asks for the signatures that its own rules want, numbered through the
    whole envelope. Errors: those of `workflow.act`."""
    envelope_id = envelope.id

    def asked(held: Sequence[Document], facts: Answers) -> Mapping[str, Any]:
        _open(session, envelope_id)
        put = select(EnvelopeDocument.document_id).where(
            EnvelopeDocument.envelope_id == envelope_id, EnvelopeDocument.closed_at.is_(None)
        )
        if {one.id for one in held} != set(session.scalars(put)):
            raise Refused([Problem(CHANGED)])  # in another window of the same person
        if not held:
            raise Refused([Problem(EMPTY)])
        order = numbers([wanted(case_of(one), facts.routing_rules(one.kind)) for one in held])
        return {"envelope": envelope_id, "numbers": order, "approvers": approvers}

    return _all_of(session, office, envelope, "route", by, extra=asked, key=key)


def sign(
    session: Session,
    office: Office,
    envelope: Envelope,
    action: str,
    by: Actor,
    *,
    comment: str = "",
    proved: bool = False,
    key: str = "",
) -> list[Done]:
    """Approve, approve with conditions or return every document of it for which it is a person's turn. Errors: those of
    `workflow.act`."""

    def with_it(held: Sequence[Document], facts: Answers) -> Mapping[str, Any]:
        if not held:
            raise Refused([Problem(NOBODYS_TURN)])
        return {"envelope": envelope.id}

    return _all_of(
        session, office, envelope, action, by, extra=with_it, comment=comment, proved=proved, key=key, on_turn=True
    )


def recall(session: Session, office: Office, envelope: Envelope, by: Actor, *, key: str = "") -> list[Done]:
    """Take back what is still underway. Errors: those of `workflow.act`."""
    return _all_of(session, office, envelope, "recall", by, extra=lambda held, facts: {}, key=key)


def _all_of(
    session: Session,
    office: Office,
    envelope: Envelope,
    action: str,
    by: Actor,
    *,
    extra: Any,
    comment: str = "",
    proved: bool = False,
    key: str = "",
    on_turn: bool = False,
) -> list[Done]:
    envelope_id = envelope.id
    ids = select(EnvelopeDocument.document_id).where(EnvelopeDocument.envelope_id == envelope_id)
    # Beyond sight too: an envelope is routed whole; what may be signed is said by each document's own sheet.
    documents = session.scalars(
        select(Document).where(Document.id.in_(ids)), execution_options={"skip_scope": True}
    ).all()
    return act_together(
        session,
        office,
        documents,
        action,
        by,
        fitting=lambda one: is_in(envelope_id, one) and (not on_turn or turn_of(one, by) is not None),
        extra=extra,
        comment=comment,
        proved=proved,
        key=key,
    )
