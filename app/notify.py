"""Telling people: every notice comes through here, and goes on as its reader wants to hear of it.

A mail is queued in the transaction that writes its notice, so that there is never one without the other; `mailing`
sends it afterwards. Source: DOC-15, decision 0030."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app import people
from app.entities.approvals import ApprovalStep
from app.entities.document import Document
from app.entities.notices import Mail, Notice, NoticePreference
from app.entities.vendors import Vendor
from app.office import Office
from app.rules.approvals import preparers
from app.rules.deeds import Actor, Deed
from app.rules.lifecycle import Move
from app.rules.notices import OF_MOVES, Ways, ways
from app.rules.vendors import Standing, standing
from app.scope import unscoped


def tell(session: Session, office: Office, notices: Iterable[Notice]) -> int:
    """Write notices, and queue the mails that go with them. Returns how many notices there were."""
    written = list(notices)
    chosen = _chosen(session, written)
    for notice in written:
        how = ways(notice.kind, chosen.get((notice.user_id, notice.kind)))
        notice.hidden = not how.in_app
        session.add(notice)
        if how.by_mail and office.mails:
            session.add(Mail(notice=notice, due_at=notice.at))
    return len(written)


def of_move(document: Document, move: Move, deed: Deed) -> Iterable[Notice]:
    """What a document's owner and author learn of what somebody else did with it."""
    if move.action in OF_MOVES:
        for user_id in {document.owner_id, document.created_by_id} - {deed.by.user_id}:
            yield Notice(
                user_id=user_id,
                document_id=document.id,
                kind=OF_MOVES[move.action],
                at=deed.at,
                text=f"{deed.by.name} {move.done}: {document.name} {document.title}"[:200],
            )


def _chosen(session: Session, notices: list[Notice]) -> dict[tuple[int, str], Ways]:
    who = {one.user_id for one in notices}
    if not who:
        return {}
    with unscoped(session), session.no_autoflush:
        rows = session.scalars(select(NoticePreference).where(NoticePreference.user_id.in_(who)))
        return {(one.user_id, one.kind): Ways(one.in_app, one.by_mail) for one in rows}


def arrived(session: Session, office: Office, document: Document, steps: Iterable[ApprovalStep], at: Any) -> None:
    """Tell those who may sign that a document waits for them, as far as they want to hear of it: it stands in their
    inbox anyway."""
    steps = list(steps)
    if not steps or not (office.mails or _somebody_asks(session)):
        return
    made, told = preparers(document), {}
    for step in steps:
        path = step.organization.path if step.organization is not None else ""
        for user in people.open_to(session, step.role, step.user_id, path, office.today()):
            if user.id not in made:
                words = f"{document.name} waits for your signature: {document.title}"
                told[user.id] = Notice(
                    user_id=user.id, document_id=document.id, kind="arrived", text=words[:200], at=at
                )
    chosen = _chosen(session, list(told.values()))
    heard = [one for one in told.values() if _heard(one, office, chosen)]
    tell(session, office, heard)


def entered(session: Session, office: Office, vendor: Vendor, by: Actor) -> None:
    """Tell those who may approve a vendor that somebody entered one, where it is still to be reviewed."""
    if standing(vendor, office.today()) is not Standing.IN_REVIEW:
        return
    words = f"{vendor.number} {vendor.name} waits for review"[:200]
    with unscoped(session), session.no_autoflush:
        told = people.allowed_to(session, "edit", Vendor)
    tell(
        session,
        office,
        (Notice(user_id=one, kind="review", text=words, at=office.now()) for one in told if one != by.user_id),
    )


def _heard(notice: Notice, office: Office, chosen: dict[tuple[int, str], Ways]) -> bool:
    how = ways(notice.kind, chosen.get((notice.user_id, notice.kind)))
    return how.in_app or (how.by_mail and office.mails)


def _somebody_asks(session: Session) -> bool:
    asked = exists().where(NoticePreference.kind == "arrived", NoticePreference.in_app.is_(True))
    return bool(session.scalar(select(asked)))
