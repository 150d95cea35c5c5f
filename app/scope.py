"""Which rows a person sees: decided once, in the session, for every list, form, search, lookup, export and file.

A session that carries a `Sight` adds its criteria to everything it reads, and refuses to write a reference to
something out of sight. A session without one (commands, jobs, the seeding) sees all. Source: ORG-04."""

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, event, exists, false, inspect, or_, select, true
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from app.criteria import Criteria
from app.entities.approvals import ApprovalStep, Delegation, Signature
from app.entities.desk import ActiveContainer, FileCabinet, Filing, Folder, SavedView
from app.entities.document import (
    Attachment,
    Document,
    DocumentEvent,
    DocumentLink,
    PointOfContact,
    Preparer,
    State,
    StickyNote,
)
from app.entities.envelopes import Envelope, EnvelopeDocument
from app.entities.funds import FundingStrip, FundingTemplate, FundingTemplatePart, Posting, StripBalance
from app.entities.lines import LineFunding, LineItem
from app.entities.notices import Mail, Notice, NoticePreference
from app.entities.operations import AuditEntry
from app.entities.organization import OrganizationAddress, Profile
from app.entities.payables import InvoiceLine, Payment, PaymentHold
from app.entities.receiving import ReceiptLine


@dataclass(frozen=True)
class Absence:
    """Where somebody who is away signs: by name, and by their roles for the offices below."""

    user_id: int
    roles: tuple[str, ...]
    below: tuple[int, ...]


@dataclass(frozen=True)
class Sight:
    """How far a person sees: the offices below, the offices above (for shared strips and addresses), the kinds of
    document that a role opens everywhere, for whom they sign, and whether everything is open. `whole` says that the
    offices below are all that there are, so that nobody needs to ask for each row whether its office is one of them."""

    user_id: int
    below: tuple[int, ...]
    above: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    stands_in: tuple[Absence, ...] = ()
    everything: bool = False
    whole: bool = False


class OutOfSight(Exception):
    """A reference to a row that the person may not see. Answered like a row that does not exist."""


def _documents(sight: Sight, table: Any = Document.__table__.c) -> ColumnElement[bool]:
    if sight.whole:
        return true()  # nothing to ask: a condition that is always met would still choose an index
    steps = ApprovalStep.__table__.c
    return or_(
        table.organization_id.in_(sight.below),
        table.owner_id == sight.user_id,
        table.created_by_id == sight.user_id,
        table.kind.in_(sight.kinds) if sight.kinds else false(),
        (table.kind == "master_agreement") & (table.state == "released"),
        table.id.in_(select(steps.document_id).where(steps.user_id == sight.user_id)),
        *(_as_deputy(absence, sight.user_id, table) for absence in sight.stands_in),
    )


def _as_deputy(absence: Absence, user_id: int, table: Any) -> ColumnElement[bool]:
    """Documents that wait for a signature which a deputy may give, and those to which they have given it."""
    steps, signatures = ApprovalStep.__table__.c, Signature.__table__.c
    by_role = steps.user_id.is_(None) & steps.role.in_(absence.roles) & steps.organization_id.in_(absence.below)
    asked = exists().where(steps.document_id == table.id, or_(steps.user_id == absence.user_id, by_role))
    given = (signatures.by_id == user_id) & (signatures.on_behalf_of_id == absence.user_id)
    return or_((table.state == State.ROUTED) & asked, exists().where(signatures.document_id == table.id, given))


def _of_document(column: Any) -> Callable[[Sight], ColumnElement[bool]]:
    """Rows of documents within sight. Asked of each row: a list of all documents within sight is long."""
    return lambda sight: column.is_not(None) if sight.whole else _document_seen(column, sight)


def _document_seen(column: Any, sight: Sight) -> ColumnElement[bool]:
    documents = Document.__table__.alias()
    return exists().where(documents.c.id == column, _documents(sight, documents.c))


def _near(column: Any) -> Callable[[Sight], ColumnElement[bool]]:
    return lambda sight: column.is_not(None) if sight.whole else column.in_((*sight.below, *sight.above))


def _strips(sight: Sight) -> Any:
    return select(FundingStrip.__table__.c.id).where(_near(FundingStrip.__table__.c.organization_id)(sight))


SCOPES: dict[type, Callable[[Sight], ColumnElement[bool]]] = {
    Document: lambda sight: _documents(sight, Document),  # as the entity, so that a join under another name works too
    LineItem: _of_document(LineItem.document_id),
    LineFunding: lambda sight: (
        LineFunding.line_id.is_not(None)
        if sight.whole
        else exists().where(
            LineItem.__table__.c.id == LineFunding.line_id,
            _document_seen(LineItem.__table__.c.document_id, sight),
        )
    ),
    Attachment: _of_document(Attachment.document_id),
    StickyNote: _of_document(StickyNote.document_id),
    PointOfContact: _of_document(PointOfContact.document_id),
    DocumentEvent: _of_document(DocumentEvent.document_id),
    DocumentLink: _of_document(DocumentLink.document_id),
    Preparer: _of_document(Preparer.document_id),
    ApprovalStep: _of_document(ApprovalStep.document_id),
    Signature: _of_document(Signature.document_id),
    AuditEntry: _of_document(AuditEntry.document_id),
    ReceiptLine: _of_document(ReceiptLine.receipt_id),
    InvoiceLine: _of_document(InvoiceLine.invoice_id),
    PaymentHold: _of_document(PaymentHold.invoice_id),
    EnvelopeDocument: _of_document(EnvelopeDocument.document_id),
    Envelope: lambda sight: or_(
        Envelope.sender_id == sight.user_id,
        Envelope.routed_at.is_not(None)
        & Envelope.id.in_(
            select(EnvelopeDocument.__table__.c.envelope_id).where(
                _of_document(EnvelopeDocument.__table__.c.document_id)(sight)
            )
        ),
    ),
    Payment: lambda sight: Payment.organization_id.in_(sight.below),
    FundingStrip: _near(FundingStrip.organization_id),
    FundingTemplate: _near(FundingTemplate.organization_id),
    FundingTemplatePart: lambda sight: FundingTemplatePart.template_id.in_(
        select(FundingTemplate.__table__.c.id).where(_near(FundingTemplate.__table__.c.organization_id)(sight))
    ),
    StripBalance: lambda sight: StripBalance.strip_id.in_(_strips(sight)),
    Posting: lambda sight: Posting.strip_id.in_(_strips(sight)),
    OrganizationAddress: _near(OrganizationAddress.organization_id),
    Profile: lambda sight: Profile.organization_id.in_(sight.below) | (Profile.user_id == sight.user_id),
    Notice: lambda sight: Notice.user_id == sight.user_id,
    NoticePreference: lambda sight: NoticePreference.user_id == sight.user_id,
    Mail: lambda sight: Mail.notice_id.in_(
        select(Notice.__table__.c.id).where(Notice.__table__.c.user_id == sight.user_id)
    ),
    FileCabinet: lambda sight: FileCabinet.user_id == sight.user_id,
    Folder: lambda sight: Folder.user_id == sight.user_id,
    Filing: lambda sight: Filing.user_id == sight.user_id,
    ActiveContainer: lambda sight: ActiveContainer.user_id == sight.user_id,
    SavedView: lambda sight: SavedView.user_id == sight.user_id,
    Delegation: lambda sight: or_(
        Delegation.from_user_id == sight.user_id,
        Delegation.to_user_id == sight.user_id,
        Delegation.from_user_id.in_(
            select(Profile.__table__.c.user_id).where(Profile.__table__.c.organization_id.in_(sight.below))
        ),
    ),
}
"""Entity → which of its rows a person sees. What is not named here is open to whoever may list it."""

ALWAYS_OWN = frozenset({Notice, NoticePreference, Mail, FileCabinet, Folder, Filing, ActiveContainer, SavedView})
"""Rows that stay personal even for those who see everything."""


def look(session: Session, sight: Sight | None) -> None:
    """Let a session see as far as a person does."""
    session.info["sight"] = sight


@contextmanager
def unscoped(session: Session) -> Iterator[None]:
    """What the system itself reads and writes on a person's behalf, such as the orders that a basket makes."""
    before = session.info.get("unscoped", False)
    session.info["unscoped"] = True
    try:
        yield
    finally:
        session.info["unscoped"] = before


@functools.lru_cache(maxsize=512)
def _criteria(sight: Sight) -> Criteria:
    # Depends on the sight alone, which holds all of its inputs: nothing stale can come of keeping the expressions.
    wanted = ALWAYS_OWN if sight.everything else SCOPES.keys()
    return Criteria(with_loader_criteria(entity, SCOPES[entity](sight), include_aliases=True) for entity in wanted)


@event.listens_for(Session, "do_orm_execute")
def _limit_reads(state: ORMExecuteState) -> None:
    sight: Sight | None = state.session.info.get("sight")
    free = state.session.info.get("unscoped") or state.execution_options.get("skip_scope")
    if sight is None or free or state.is_column_load or state.is_relationship_load:
        return
    if not (state.is_select or state.is_update or state.is_delete):
        return
    state.statement = state.statement.options(_criteria(sight))


def within_sight(session: Session, entity: type) -> Sequence[ColumnElement[bool]]:
    """What a person sees of an entity, as conditions of a statement that is otherwise carried out unscoped: a record
    within sight with all that belongs to it, whoever sees that."""
    sight: Sight | None = session.info.get("sight")
    root = next((scoped for scoped in SCOPES if issubclass(entity, scoped)), None)
    if sight is None or root is None or (sight.everything and root not in ALWAYS_OWN):
        return ()
    return (_seen(root, sight),)


@functools.lru_cache(maxsize=512)
def _seen(root: type, sight: Sight) -> ColumnElement[bool]:
    return SCOPES[root](sight)


def sees(session: Session, entity: type, key: int) -> bool:
    """Whether a row is within sight."""
    root = next((scoped for scoped in SCOPES if issubclass(entity, scoped)), None)
    if root is None:
        return True
    return session.scalar(select(root.id).where(root.id == key)) is not None  # type: ignore[attr-defined]


def _newly_named(record: Any, column: str, relation: str) -> set[int]:
    """The keys that a record is about to refer to: by its column, or by an object whose key the flush will copy."""
    attributes = inspect(record).attrs
    by_key = getattr(record, column) if attributes[column].history.has_changes() else None
    by_object = (getattr(one, "id", None) for one in attributes[relation].history.added or ())
    return {key for key in (by_key, *by_object) if key is not None}


def check_references(session: Session, record: Any, seen: set[tuple[type, int]]) -> None:
    """Refuse a new reference to a row out of sight: a forged choice is answered like one that does not exist. `seen` is
    what was found within sight just now, so that it is asked once for all lines of an order. Source: RB-07. Errors:
    OutOfSight."""
    mapper = inspect(record).mapper
    for relation in mapper.relationships:
        if relation.direction.name != "MANYTOONE" or not any(issubclass(relation.mapper.class_, one) for one in SCOPES):
            continue
        column = next(iter(relation.local_columns))
        try:
            name = mapper.get_property_by_column(column).key
        except Exception:
            continue
        if name == "id":
            continue
        target = relation.mapper.class_
        for value in _newly_named(record, name, relation.key):
            if (target, value) in seen:
                continue
            with session.no_autoflush:
                if not sees(session, target, value):
                    raise OutOfSight(f"{relation.key} {value}")
            seen.add((target, value))
