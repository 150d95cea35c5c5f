"""What the jobs do: remind people of what waits, compare the books, and forget what has had its time.

Each function works in the transaction that it is given and says in a sentence what it did; whoever calls it commits.
A reminder that somebody has already is not written again, so that a job may run twice. Source: DOC-15, FND-03."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from flask_appbuilder.security.sqla.models import Role, User, assoc_user_role
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, joinedload

from app import ledger, notify, people, turns, worklists
from app.entities.document import Document, Preparer
from app.entities.notices import Mail, Notice
from app.entities.operations import IdempotencyKey, JobRun, SignIn, SignInAttempt
from app.entities.organization import Organization
from app.facts import Answers
from app.office import Office

KEYS_KEPT = timedelta(days=30)
TRIES_KEPT = timedelta(days=1)
RUNS_KEPT = timedelta(days=180)

TOLD_OF_BOOKS = ("Fiscal", "Admin")
MOST_AT_ONCE = 5
"""How many differences, or people, are told one by one."""

LOOKED_BACK = timedelta(days=7)

ENDING = (30, 60)
"""Days before the end of an agreement at which its owner is told, the last warning first."""


def forget_stale(session: Session, office: Office) -> str:
    """Delete sign-ins that have been idle for too long, failed tries, keys of requests and records of jobs that nobody
    can need any more."""
    now = office.now()
    idle = timedelta(minutes=int(Answers(session, office).policy("idle sign-out")))
    old = (
        (SignIn, SignIn.seen_at, now - idle),
        (SignInAttempt, SignInAttempt.at, now - TRIES_KEPT),
        (IdempotencyKey, IdempotencyKey.at, now - KEYS_KEPT),
        (JobRun, JobRun.due, now - RUNS_KEPT),
        (Mail, func.coalesce(Mail.sent_at, Mail.given_up_at), now - RUNS_KEPT),
    )
    counts: list[int] = []
    for entity, column, before in old:
        done: Any = session.execute(delete(entity.__table__).where(column < before))
        counts.append(done.rowcount)
    return "forgot {} sign-ins, {} failed tries, {} request keys, {} records of jobs, {} mails".format(*counts)


def compare_books(session: Session, office: Office) -> str:
    """Every balance against its postings; a difference is told to those who can do something about it."""
    drifts = ledger.reconcile(session)
    told = session.scalars(
        select(User.id)
        .join(assoc_user_role, assoc_user_role.c.user_id == User.id)
        .join(Role, Role.id == assoc_user_role.c.role_id)
        .where(Role.name.in_(TOLD_OF_BOOKS), User.active.is_(True))
        .distinct()
    ).all()
    texts = [f"The books of {office.today()} differ. {drift}" for drift in drifts[:MOST_AT_ONCE]]
    if len(drifts) > MOST_AT_ONCE:
        texts.append(f"The books of {office.today()} differ on {len(drifts)} balances in all")
    _tell(session, office, "books", ((user_id, None, words) for words in texts for user_id in told))
    return f"{len(drifts)} balances differ" if drifts else "the books agree"


def unreached(session: Session, office: Office) -> str:
    """Who was written to in the last days, and whose mail server said never: an administrator can correct the address.
    Notices stand in the program all the same. Source: DOC-15."""
    last = (
        select(func.max(Mail.id)).join(Notice).where(Mail.due_at > office.now() - LOOKED_BACK).group_by(Notice.user_id)
    )
    rows = session.scalars(
        select(Mail)
        .where(Mail.id.in_(last), Mail.given_up_at.is_not(None))
        .options(joinedload(Mail.notice).joinedload(Notice.user))
        .order_by(Mail.id)
    )
    lost = [one for one in rows if one.notice.user.active]
    texts = [
        f"No e-mail reaches {one.notice.user.first_name} {one.notice.user.last_name} since "
        f"{office.day_of(one.given_up_at)}: {one.problem}. Correct the address under Accounts"
        for one in lost[:MOST_AT_ONCE]
        if one.given_up_at is not None
    ]
    if len(lost) > MOST_AT_ONCE:
        texts.append(
            f"No e-mail reaches {len(lost)} people in all. Ask whoever keeps the mail server ({office.today()})"
        )
    told = people.allowed_to(session, "edit", User)
    _tell(session, office, "books", ((user_id, None, words) for words in texts for user_id in told))
    return f"{len(lost)} people are not reached" if lost else "everybody is reached"


def late_approvals(session: Session, office: Office) -> str:
    """Everybody who could sign what has waited too long, except those who made it and so may not."""
    late = turns.late_before(office, Answers(session, office))
    steps = [step for step in session.execute(turns.current_steps()) if step.since < late]
    documents = _documents(session, {step.document_id for step in steps})
    made = _made_by(session, documents)
    signers = Signers(session, office.today())
    reminders = []
    for step in steps:
        document, days = documents[step.document_id], (office.today() - office.day_of(step.since)).days
        words = f"{document.name} has waited {days} days for your signature: {document.title}"
        reminders += [(user_id, document.id, words) for user_id in sorted(signers.of(step) - made[document.id])]
    told = _tell(session, office, "waits", reminders)
    return f"{len(documents)} documents are late, {told} reminders"


class Signers:
    """Who could sign a step; each role of each office is looked up once."""

    def __init__(self, session: Session, today: date) -> None:
        self.session = session
        self._known: dict[tuple[str, int], set[int]] = {}
        self._deputies: dict[int, set[int]] = {}
        for pair in session.execute(people.deputizing(today)):
            self._deputies.setdefault(pair.from_user_id, set()).add(pair.to_user_id)

    def of(self, step: Any) -> set[int]:
        """The person named in a step, or the holders of its role, and the deputies."""
        if step.user_id is not None:
            return self._with_deputies({step.user_id})
        key = (step.role, step.organization_id)
        if key not in self._known:
            organization = self.session.get_one(Organization, step.organization_id)
            holding = people.holders(self.session, step.role, organization.path)
            self._known[key] = self._with_deputies({user.id for user in holding})
        return self._known[key]

    def _with_deputies(self, places: set[int]) -> set[int]:
        return places.union(*(self._deputies.get(one, ()) for one in places))


def late_deliveries(session: Session, office: Office) -> str:
    """The owner of each order that has a line which should have come by now; once for each day that was promised."""
    lines = worklists.late_lines(session, office.today())
    orders = {(line.document.id, line.delivery_on): line.document for line in lines}
    told = _tell(
        session,
        office,
        "late",
        (
            (
                order.owner_id,
                order.id,
                f"{order.name} was to be delivered on {due} and has not come in full: {order.title}",
            )
            for (_, due), order in orders.items()
        ),
    )
    return f"{len(lines)} lines are late, {told} notices"


def ending_agreements(session: Session, office: Office) -> str:
    """The owner of each agreement that ends soon; once for each warning, and again if its end is moved."""
    agreements = worklists.expiring(session, office.today(), within=max(ENDING), most=10_000)
    reminders = []
    for agreement in agreements:
        left = (agreement.expires_on - office.today()).days if agreement.expires_on else 0
        warning = next(days for days in ENDING if left <= days)
        reminders.append(
            (
                agreement.owner_id,
                agreement.id,
                f"{agreement.name} ends on {agreement.expires_on}, within {warning} days: {agreement.title}",
            )
        )
    return f"{len(agreements)} agreements end soon, {_tell(session, office, 'ending', reminders)} notices"


def _tell(session: Session, office: Office, kind: str, reminders: Iterable[tuple[int, int | None, str]]) -> int:
    """Write notices, except those that are there already, and return how many were new."""
    wanted = dict.fromkeys((user_id, document_id, words[:200]) for user_id, document_id, words in reminders)
    known = (
        {
            tuple(row)
            for row in session.execute(
                select(Notice.user_id, Notice.document_id, Notice.text).where(
                    Notice.text.in_({words for _, _, words in wanted})
                )
            )
        }
        if wanted
        else set()
    )
    fresh = [one for one in wanted if one not in known]
    return notify.tell(
        session,
        office,
        (
            Notice(user_id=user_id, document_id=document_id, kind=kind, text=words, at=office.now())
            for user_id, document_id, words in fresh
        ),
    )


def _documents(session: Session, ids: Iterable[int]) -> dict[int, Document]:
    return {one.id: one for one in session.scalars(select(Document).where(Document.id.in_(ids)))}


def _made_by(session: Session, documents: dict[int, Document]) -> dict[int, set[int]]:
    """Document → those who made it or wrote in it."""
    made = {key: {document.created_by_id} for key, document in documents.items()}
    for document_id, user_id in session.execute(
        select(Preparer.document_id, Preparer.user_id).where(Preparer.document_id.in_(made))
    ):
        made[document_id].add(user_id)
    return made
