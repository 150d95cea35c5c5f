"""The one door through which a document moves.

Screens, portal, jobs, calls and commands all come through `act`. It alone locks, checks the permission, the step and
the rules, changes the state, gives the number, writes the history, runs what follows, books the money and commits,
once. The same request twice does nothing the second time. Source: DOC-01, DOC-07."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from app import audit, filing, ledger, locks, notify, reading
from app.entities.base import upsert
from app.entities.document import Document, DocumentEvent, NumberSeries, State
from app.entities.funds import Posting
from app.entities.notices import Notice
from app.entities.operations import IdempotencyKey
from app.facts import Answers
from app.integrity import moving
from app.office import Office
from app.rules import approvals, lifecycle
from app.rules.calendar import fiscal_year, period
from app.rules.deeds import Actor, Deed, Next, Problem, ProblemOf, Use, blocking
from app.rules.documents import KINDS, judge, kind_of
from app.rules.lifecycle import IllegalMove, Move
from app.scope import unscoped
from app.totals import settle
from app.transactions import Refused, settled

D = TypeVar("D", bound=Document)


class Forbidden(Exception):
    """The person's roles do not allow it. On record."""


class Gone(Exception):
    """There is no such document, or the person may not see it."""


@dataclass(frozen=True)
class Done:
    """What a deed brought about. `repeated` says that it had already been done."""

    document: Document
    action: str
    repeated: bool = False
    warnings: list[Problem] = field(default_factory=list)
    made: list[Document] = field(default_factory=list)


def act(
    session: Session,
    office: Office,
    document: Document,
    action: str,
    by: Actor,
    *,
    comment: str = "",
    proved: bool = False,
    key: str = "",
    extra: Mapping[str, Any] | None = None,
) -> Done:
    """Carry out one action on one document, in one transaction of its own.

    `proved` says that the person's password was asked just now; `key` names the request, so that the same one is not
    carried out twice. Errors: Refused, Forbidden, Gone, IllegalMove."""
    entity, document_id = type(document), document.id

    def once() -> Done:
        with moving(session, by, office.now()):
            (held,) = _lock(session, [(entity, document_id)])
            if key and session.scalar(select(IdempotencyKey.id).where(IdempotencyKey.key == key)) is not None:
                return Done(held, action, repeated=True)
            deed = Deed(
                action, by, office.now(), office.today(), Answers(session, office), comment.strip(), proved, extra or {}
            )
            done = _move(session, held, deed)
            if key:
                session.add(IdempotencyKey(key=key, document_id=document_id, action=action, at=deed.at))
            reading.commit(session)
            return done

    return settled(session, once)


def act_together(
    session: Session,
    office: Office,
    documents: Sequence[Document],
    action: str,
    by: Actor,
    *,
    fitting: Callable[[Document], bool],
    extra: Callable[[Sequence[Document], Answers], Mapping[str, Any]],
    comment: str = "",
    proved: bool = False,
    key: str = "",
) -> list[Done]:
    """Carry out one action on several documents, in one transaction: on those that are `fitting` once all are locked,
    or on none. `extra` is asked then, too. What speaks against it names the document. Errors: as of `act`."""
    all_of = [(type(one), one.id) for one in sorted(documents, key=lambda one: one.id)]

    def once() -> list[Done]:
        with moving(session, by, office.now()):
            held = _lock(session, all_of)
            keys = {f"{key}-{one.id}": one for one in held} if key else {}
            if session.scalar(select(IdempotencyKey.id).where(IdempotencyKey.key.in_(keys)).limit(1)) is not None:
                return [Done(one, action, repeated=True) for one in held]
            chosen, facts = [one for one in held if fitting(one)], Answers(session, office)
            more = extra(chosen, facts)
            deed = Deed(action, by, office.now(), office.today(), facts, comment.strip(), proved, more)
            done, problems = [], []
            for one in chosen:
                try:
                    done.append(_move(session, one, deed))
                except (Refused, IllegalMove) as why:
                    problems += [ProblemOf.among(one, said) for said in getattr(why, "problems", [why])]
            if problems:
                raise Refused(problems)
            session.add_all(
                IdempotencyKey(key=name, document_id=one.id, action=action, at=deed.at) for name, one in keys.items()
            )
            reading.commit(session)
            return done

    return settled(session, once)


def _lock(session: Session, all_of: Sequence[tuple[type[Document], int]]) -> list[Document]:
    try:
        return locks.hold_all(session, all_of)
    except NoResultFound:
        raise Gone("There is no such document any more.") from None


def _move(session: Session, document: Document, deed: Deed) -> Done:
    kind = kind_of(document)
    _check_permission(session, document, deed)
    if _already_done(session, document, deed):
        return Done(document, deed.action, repeated=True)
    move = lifecycle.find(kind.life, document.state, deed.action)
    settle(document)
    problems = [*_check_signature(move, deed), *judge(document, deed)]
    if blocking(problems):
        raise Refused(blocking(problems))
    if document.number is None:
        document.number = take_number(session, kind.series, document.afy or fiscal_year(deed.today))
    before_turn = {id(one) for one in approvals.current_steps(approvals.open_sheet(document))}
    with session.no_autoflush:
        records = [one for effect in kind.effects(deed.action) for one in effect(document, deed)]
    made = _bring_about(session, records, deed)
    before, document.state = document.state, _state_after(move, document)
    _stamp(document, before, deed)
    session.add(
        DocumentEvent(
            document=document,
            action=deed.action,
            before=before,
            after=document.state,
            by_id=deed.by.user_id,
            at=deed.at,
            comment=deed.comment,
        )
    )
    notify.tell(session, deed.facts.office, notify.of_move(document, move, deed))
    session.flush()
    turn = [one for one in approvals.current_steps(approvals.open_sheet(document)) if id(one) not in before_turn]
    notify.arrived(session, deed.facts.office, document, turn, deed.at)
    return Done(document, deed.action, warnings=[one for one in problems if one.warning], made=made)


def _check_permission(session: Session, document: Document, deed: Deed) -> None:
    if deed.by.may(deed.action, type(document)):
        return
    session.rollback()
    audit.note(session, "denied", document, f"{deed.action} by {deed.by.name}")
    session.commit()
    raise Forbidden(f"Your roles do not allow you to {deed.action} a {kind_of(document).name.lower()}.")


def _already_done(session: Session, document: Document, deed: Deed) -> bool:
    """A second click after the first has gone through: the same person, the same action, nothing since."""
    if any(move.action == deed.action for move in lifecycle.legal_moves(kind_of(document).life, document.state)):
        return False
    events = select(DocumentEvent).where(DocumentEvent.document_id == document.id)
    last = session.scalar(events.order_by(DocumentEvent.id.desc()).limit(1))
    return (
        last is not None
        and last.action == deed.action
        and last.by_id == deed.by.user_id
        and last.after == document.state
    )


def _check_signature(move: Move, deed: Deed) -> Iterable[Problem]:
    if move.reasoned and not deed.comment:
        yield Problem("Say why: the reason stays with the document.", "comment")
    if move.signed and not deed.proved and not deed.by.is_system:
        yield Problem("Enter your password to sign.", "password")


def _state_after(move: Move, document: Document) -> str:
    return document.state if move.gathers and not approvals.all_signed(document) else move.after


def _stamp(document: Document, before: str, deed: Deed) -> None:
    document.changed_at = deed.at
    stamps = {
        State.ROUTED: "routed_at",
        State.APPROVED: "approved_at",
        State.RELEASED: "released_at",
        State.CLOSED: "closed_at",
        State.CANCELLED: "closed_at",
        State.TERMINATED: "closed_at",
    }
    if document.state != before and document.state in stamps:
        setattr(document, stamps[State(document.state)], deed.at)


def _bring_about(session: Session, records: list[object], deed: Deed) -> list[Document]:
    postings = [one for one in records if isinstance(one, Posting)]
    uses = [one for one in records if isinstance(one, Use)]
    nexts = [one for one in records if isinstance(one, Next)]
    session.add_all([one for one in records if not isinstance(one, Posting | Use | Next | Notice)])
    notify.tell(session, deed.facts.office, [one for one in records if isinstance(one, Notice)])
    with session.no_autoflush:  # all of it is written at once, in the end
        problems = [*ledger.post(session, postings), *ledger.consume(session, uses)]
    if problems:
        raise Refused(problems)
    if nexts:
        session.flush()
    for step in nexts:
        _move(
            session,
            step.document,
            Deed(step.action, deed.by, deed.at, deed.today, deed.facts, deed.comment, deed.proved, deed.extra),
        )
    return [one for one in records if isinstance(one, Document)]


def take_number(session: Session, series: str, year: int) -> str:
    """The next number of a series, from a counter row in the same transaction: no gap, no duplicate. Source: DOC-11."""
    # One statement also for the first number of a year: otherwise of several who ask for it all but one would fail.
    begun = upsert(session, NumberSeries).values(series=series, fiscal_year=year, next_number=2)
    counted = begun.on_conflict_do_update(
        index_elements=["series", "fiscal_year"], set_={"next_number": NumberSeries.next_number + 1}
    ).returning(NumberSeries.next_number)
    following = session.execute(counted, execution_options={"synchronize_session": False}).scalar_one()
    return f"{series}-{year}-{following - 1:06}"


def start(session: Session, office: Office, entity: type[D], by: Actor, **values: Any) -> D:
    """A new draft of a person's, in the container that they work in. It is added to the session; the caller commits.
    Errors: Forbidden."""
    if not by.may("add", entity):
        raise Forbidden(f"Your roles do not allow you to make a {KINDS[entity].name.lower()}.")
    today, now = office.today(), office.now()
    document = entity(
        **{
            "owner_id": by.user_id,
            "created_by_id": by.user_id,
            "organization_id": by.organization_id,
            "afy": fiscal_year(today),
            "afm": period(today),
            "bfy": fiscal_year(today),
            "created_at": now,
            "changed_at": now,
        }
        | values
    )
    session.add(document)
    filing.file_new(session, document, by.user_id)
    return document


def validate(session: Session, office: Office, document: Document, by: Actor) -> list[Problem]:
    """Every problem of a document at once, as routing or recording it would find them. Source: DOC-14."""
    kind = kind_of(document)
    action = "route" if kind.signed else "release"
    deed = Deed(action, by, office.now(), office.today(), Answers(session, office), proved=True)
    with unscoped(session):  # as it will be judged when the button is pressed
        return judge(document, deed)


def possible(document: Document, by: Actor) -> list[Move]:
    """The buttons that a person sees: the steps that the state and the roles allow, signing only on one's turn, and
    what is done with an envelope not with a document in it alone."""
    kind = kind_of(document)
    return [
        move
        for move in lifecycle.legal_moves(kind.life, document.state)
        if by.may(move.action, type(document))
        and (move.action not in ("approve", "conditions", "disapprove") or approvals.turn_of(document, by))
        and (move.action != "recall" or by.user_id in (document.owner_id, document.created_by_id))
        and (move.action not in ("route", "approve", "conditions") or document.enveloped is None)
        and (move.action not in kind.offered or kind.offered[move.action](document, by))
    ]


__all__ = ["Done", "Forbidden", "Gone", "IllegalMove", "Refused", "act", "possible", "start", "take_number", "validate"]
