"""What goes on record without being a change: what was asked for in vain, and what was taken out of the house."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.audit import append, written_value
from app.rules.deeds import Actor


def refused(session: Session, actor: Actor, what: str, now: datetime) -> None:
    """Put on record that somebody asked for what their roles do not allow."""
    _said(session, actor, "refusals", "denied", what, now)


def exported(session: Session, actor: Actor, what: str, now: datetime) -> None:
    """Put on record that somebody took a list out of the house (RB-10)."""
    _said(session, actor, "exports", "export", what, now)


def _said(session: Session, actor: Actor, subject: str, action: str, what: str, now: datetime) -> None:
    append(
        session,
        [
            {
                "subject": subject,
                "document_id": None,
                "at": now,
                "by_id": actor.user_id,
                "action": action,
                "entity": "",
                "entity_id": None,
                "label": (written_value(what) or "")[:200],
                "field": "",
                "old": None,
                "new": None,
            }
        ],
    )
