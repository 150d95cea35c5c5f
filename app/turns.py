"""Turns: what waits for whose signature, correction or release, asked of all documents at once.

`rules.approvals` says of one document in hand whose turn it is; here the database is asked the same of all of them, in
one statement, for the inbox, the numbers in the menu, the first page and the daily reminders. Source: DOC-03, DOC-05."""

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Alias, ColumnElement, Select, bindparam, exists, false, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.criteria import Loading
from app.entities.approvals import ApprovalSheet, ApprovalStep, Signature
from app.entities.base import Moment
from app.entities.document import Document, DocumentEvent, Preparer, State
from app.entities.envelopes import Envelope, EnvelopeDocument
from app.entities.notices import Notice
from app.entities.organization import Organization
from app.facts import Answers
from app.office import Office
from app.rules.deeds import Absent, Actor
from app.rules.documents import KINDS

MOST_SHOWN = 50
"""So many lines of an inbox are shown; the others come when these are done."""

SIGNED_KINDS = tuple(kind.entity.__tablename__ for kind in KINDS.values() if kind.signed)

# Tables and not entities: a turn is a fact, however far the person sees; the documents are read within sight.
_steps, _sheets, _signatures = ApprovalStep.__table__, ApprovalSheet.__table__, Signature.__table__
_documents, _offices, _preparers = Document.__table__, Organization.__table__, Preparer.__table__
_put = EnvelopeDocument.__table__


def start_of(day: date, office: Office) -> datetime:
    """The moment at which a day begins at the office."""
    return datetime.combine(day, time.min, tzinfo=office.zone).astimezone(UTC)


def late_before(office: Office, facts: Answers) -> datetime:
    """What has waited since before this moment is late: more days than the office allows."""
    return start_of(office.today() - timedelta(days=int(facts.policy("overdue approval"))), office)


def current_steps() -> Select[Any]:
    """Every step whose turn it is, with the moment since when it has been: `rules.approvals.current_steps` of all
    routed documents. A step's turn comes when those before it are signed."""
    before = _steps.alias("before")
    signed, sheet = _signatures.alias("signed"), _steps.c.sheet_id == before.c.sheet_id
    earlier = before.c.step < _steps.c.step
    signings = select(func.max(signed.c.at)).join(before, signed.c.step_id == before.c.id).where(earlier)
    # In an envelope one document waits for the others that are still in it.
    put, other = _put.alias("put"), _put.alias("other")
    of_envelope = (
        put.c.sheet_id == _steps.c.sheet_id,
        other.c.envelope_id == put.c.envelope_id,
        before.c.sheet_id == other.c.sheet_id,
    )
    since = func.coalesce(
        signings.where(*of_envelope).scalar_subquery(), signings.where(sheet).scalar_subquery(), _sheets.c.opened_at
    )
    return (
        select(
            _steps.c.id,
            _steps.c.document_id,
            _steps.c.user_id,
            _steps.c.role,
            _steps.c.organization_id,
            since.label("since"),
        )
        .join(_sheets, _sheets.c.id == _steps.c.sheet_id)
        .join(_documents, _documents.c.id == _steps.c.document_id)
        .where(
            _documents.c.kind.in_(SIGNED_KINDS),
            _documents.c.state == State.ROUTED,
            _sheets.c.closed_at.is_(None),
            _unsigned(_steps),
            ~exists().where(sheet, earlier, _unsigned(before)),
            ~exists().where(*of_envelope, other.c.closed_at.is_(None), earlier, _unsigned(before)),
        )
    )


def _unsigned(steps: Any | Alias) -> ColumnElement[bool]:
    signed = _signatures.alias()
    return ~exists().where(signed.c.step_id == steps.c.id)


def below(actor: Actor | Absent) -> Select[Any]:
    """The offices that a person's roles reach: their own and all below it."""
    return select(_offices.c.id).where(_offices.c.path.startswith(actor.path))


def fits(actor: Actor) -> ColumnElement[bool]:
    """`rules.approvals.places` as a condition on steps: named or holding the role, or standing in for who is. What an
    absent person made is not signed in their place."""
    # Expressions and not the columns: their indexes would lead through every step that was ever signed by that person
    # or role, while the documents that are routed now are few.
    person, role = func.coalesce(_steps.c.user_id, 0), _steps.c.role.concat("")

    def holding(one: Actor | Absent) -> ColumnElement[bool]:
        return (person == 0) & role.in_(sorted(one.roles)) & _steps.c.organization_id.in_(below(one))

    named = person.in_((actor.user_id, *(one.user_id for one in actor.stands_in_for)))
    standing_in = (holding(one) & ~_made(one) for one in actor.stands_in_for)
    return or_(named, holding(actor), *standing_in)


def _made(one: Actor | Absent) -> ColumnElement[bool]:
    """Whether a person created the document of a step, or wrote in it."""
    wrote = exists().where(_preparers.c.document_id == _steps.c.document_id, _preparers.c.user_id == one.user_id)
    return or_(_documents.c.created_by_id == one.user_id, wrote)


def _others_may(actor: Actor) -> ColumnElement[bool]:
    """Steps of a role that anybody of it but this person signs: who prepared a document does not approve it, so that it
    waits for the others. A step that names the person is theirs to pass on, and stays with them."""
    return _steps.c.user_id.is_(None) & _made(actor)


@functools.lru_cache(maxsize=512)
def _turns_of(actor: Actor) -> Any:
    mine = current_steps().where(fits(actor), ~_others_may(actor)).subquery()
    together = (_put.c.document_id == mine.c.document_id) & _put.c.closed_at.is_(None)
    return (
        select(mine.c.document_id, _put.c.envelope_id, func.min(mine.c.since).label("since"))
        .outerjoin(_put, together)
        .group_by(mine.c.document_id, _put.c.envelope_id)
        .subquery()
    )


@dataclass(frozen=True)
class Waiting:
    """A document that waits for somebody, since when, and whether that is too long; or an envelope with several, of
    which `document` is the first."""

    document: Document
    since: datetime
    late: bool = False
    envelope: Envelope | None = None
    with_it: tuple[Document, ...] = ()

    @property
    def key(self) -> str:
        """How the inbox names it."""
        return str(self.document.id) if self.envelope is None else f"e{self.envelope.id}"

    @property
    def total(self) -> Decimal:
        """What it comes to."""
        return sum((one.total for one in self.with_it), self.document.total)


def to_sign(session: Session, actor: Actor, late: datetime, most: int) -> list[Waiting]:
    """What waits for a person's signature, the longest wait first; the documents of an envelope in one line."""
    turn = _turns_of(actor)
    rows = session.execute(
        select(Document, turn.c.since, turn.c.envelope_id)
        .join(turn, turn.c.document_id == Document.id)
        .options(_SHOWN)
        .order_by(turn.c.since, Document.id)
        .limit(most)
    ).all()
    keys = {envelope for *_, envelope in rows if envelope is not None}
    envelopes = {one.id: one for one in session.scalars(select(Envelope).where(Envelope.id.in_(keys)))} if keys else {}
    found: dict[Any, Waiting] = {}
    for document, since, key in rows:
        line = (key, None) if key in envelopes else (None, document.id)
        if line in found:
            found[line] = replace(found[line], with_it=(*found[line].with_it, document))
        else:
            found[line] = Waiting(document, since, since < late, envelopes.get(key))
    return list(found.values())


_SHOWN = Loading(
    (
        joinedload(Document.owner),
        joinedload(Document.organization),
        joinedload(Document.vendor),
        joinedload(Document.enveloped).joinedload(EnvelopeDocument.envelope),
    )
)


def returned_to(actor: Actor) -> Sequence[ColumnElement[bool]]:
    """Documents that came back to a person, to be corrected."""
    return (Document.kind.in_(SIGNED_KINDS), Document.state == State.DISAPPROVED, Document.owner_id == actor.user_id)


def released_by(actor: Actor) -> Sequence[ColumnElement[bool]]:
    """Approved documents that a person may release: their own, and those of the offices that their roles reach."""
    kinds = [name for name, entity in _kinds() if actor.may("release", entity)]
    if not kinds:
        return (false(),)  # said as such: of an empty list of kinds a database makes a walk through all documents
    near = or_(Document.owner_id == actor.user_id, Document.organization_id.in_(below(actor)))
    return (Document.kind.in_(kinds), Document.state == State.APPROVED, near)


def _kinds() -> list[tuple[str, type[Document]]]:
    return [(entity.__tablename__, entity) for entity, kind in KINDS.items() if kind.signed]


def standing(session: Session, conditions: Sequence[ColumnElement[bool]], most: int) -> list[Waiting]:
    """The documents of some conditions, the one that has stood still longest first."""
    rows = session.scalars(
        select(Document).where(*conditions).options(_SHOWN).order_by(Document.changed_at, Document.id).limit(most)
    )
    return [Waiting(document, document.changed_at) for document in rows]


@dataclass(frozen=True)
class Counts:
    """How much waits for a person."""

    sign: int = 0
    late: int = 0
    returned: int = 0
    release: int = 0
    notices: int = 0

    @property
    def inbox(self) -> int:
        """Everything in the inbox."""
        return self.sign + self.returned + self.release


def counts(session: Session, actor: Actor, late: datetime) -> Counts:
    """The numbers of the inbox and the bell, in one statement."""
    return Counts(*session.execute(_counting(actor), {"late": late}).one())


@functools.lru_cache(maxsize=512)
def _counting(actor: Actor) -> Select[Any]:
    """The statement for a person: to put it together takes longer than to carry it out."""
    turn = _turns_of(actor)
    line = func.coalesce(-turn.c.envelope_id, turn.c.document_id).label("line")  # an envelope counts once
    waiting = select(turn.c.since, line).join(Document, turn.c.document_id == Document.id).subquery()
    lines = func.count(waiting.c.line.distinct())
    others = (
        *(
            select(func.count(Document.id)).where(*conditions)
            for conditions in (returned_to(actor), released_by(actor))
        ),
        select(func.count(Notice.id)).where(
            Notice.user_id == actor.user_id, Notice.read_at.is_(None), Notice.hidden.is_(False)
        ),
    )
    return select(
        lines,
        lines.filter(waiting.c.since < bindparam("late", type_=Moment())),
        *(other.scalar_subquery() for other in others),
    ).select_from(waiting)


# What a person has sent.


def sent_by(session: Session, actor: Actor, most: int = 200) -> list[Document]:
    """The documents that a person owns or has routed and that wait for signatures, the oldest routing first."""
    sent = exists().where(
        DocumentEvent.document_id == Document.id, DocumentEvent.action == "route", DocumentEvent.by_id == actor.user_id
    )
    return list(
        session.scalars(
            select(Document)
            .where(
                Document.kind.in_(SIGNED_KINDS),
                Document.state == State.ROUTED,
                or_(Document.owner_id == actor.user_id, sent),
            )
            .options(_SHOWN)
            .order_by(Document.routed_at, Document.id)
            .limit(most)
        )
    )


def decided_for(session: Session, actor: Actor, since: datetime, most: int = 50) -> list[Document]:
    """A person's documents that were signed, returned or released lately, the latest first."""
    decided = (State.APPROVED, State.DISAPPROVED, State.RELEASED)
    return list(
        session.scalars(
            select(Document)
            .where(
                Document.kind.in_(SIGNED_KINDS),
                Document.owner_id == actor.user_id,
                Document.state.in_(decided),
                Document.routed_at.is_not(None),
                Document.changed_at >= since,
            )
            .options(_SHOWN)
            .order_by(Document.changed_at.desc(), Document.id.desc())
            .limit(most)
        )
    )


def waits_for(session: Session, document_ids: Iterable[int]) -> dict[int, list[tuple[ApprovalStep, datetime]]]:
    """Document → the steps that it waits for, and since when."""
    turn = current_steps().where(_steps.c.document_id.in_(list(document_ids))).subquery()
    found: dict[int, list[tuple[ApprovalStep, datetime]]] = {}
    for step, since in session.execute(
        select(ApprovalStep, turn.c.since)
        .join(turn, turn.c.id == ApprovalStep.id)
        .options(joinedload(ApprovalStep.user), joinedload(ApprovalStep.organization))
        .order_by(ApprovalStep.id)
    ):
        found.setdefault(step.document_id, []).append((step, since))
    return found
