"""What keeps the office running and honest: sign-ins, the audit trail, jobs and one-time keys."""

from datetime import date, datetime

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.sealing import Secret

from .base import Entity, LongText, Name
from .sealed import Sealed


class SignIn(Entity):
    """One person at one browser, kept on the server: ended by signing out, a new password or deactivation.
    The cookie holds a random token; only its digest is stored here. Source: AU-02, AU-03."""

    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    password_mark: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    proved_at: Mapped[datetime]
    code_at: Mapped[datetime | None]
    network: Mapped[str] = mapped_column(String(60), default="")
    user: Mapped[User] = relationship()


class SignInAttempt(Entity):
    """A failed sign-in or signature, counted per account and per network to slow guessing down. Source: AU-01."""

    account: Mapped[str] = mapped_column(String(120))
    network: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime]

    __table_args__ = (Index(None, "account", "network", "at"), Index(None, "network", "at"))


class SecondFactor(Entity):
    """What a person has beside the password: an authenticator that shows a new code every thirty seconds. It counts once a
    first code was right; `last_step` is the thirty seconds whose code was used last. Source: AU-05, AU-06."""

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), unique=True)
    secret: Mapped[Secret] = mapped_column(Sealed("second_factor.secret"))
    made_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)
    user: Mapped[User] = relationship()

    def __str__(self) -> str:
        return "Second factor"


class SpareCode(Entity):
    """A code for the day on which the authenticator is lost: good once. Only its digest is stored."""

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    digest: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("user_id", "digest"),)


class AuditEntry(Entity):
    """One field changed from one value to another, or one sensitive thing seen or refused. Append-only, and each row
    is sealed over the one before it, per subject. Source: DOC-09."""

    subject: Mapped[str] = mapped_column(String(80))
    seq: Mapped[int]
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"), index=True)
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    action: Mapped[str] = mapped_column(String(20))
    entity: Mapped[str] = mapped_column(String(60))
    entity_id: Mapped[int | None]
    label: Mapped[Name] = mapped_column(default="")
    field: Mapped[str] = mapped_column(String(60), default="")
    old: Mapped[LongText | None]
    new: Mapped[LongText | None]
    seal: Mapped[str] = mapped_column(String(64))
    by: Mapped[User | None] = relationship()

    __table_args__ = (UniqueConstraint("subject", "seq"),)


class AuditHead(Entity):
    """The last seal of each subject's chain, so that a missing tail is noticed."""

    subject: Mapped[str] = mapped_column(String(80), unique=True)
    seq: Mapped[int]
    seal: Mapped[str] = mapped_column(String(64))


class DailyHead(Entity):
    """The whole trail of a day in one line: the digest over all entries up to `last_id` in the order of their ids, and a
    seal under the audit key over it and the head before. Append-only. Sent elsewhere, it shows later whether the trail has
    only grown since. Source: DOC-09."""

    day: Mapped[date] = mapped_column(unique=True)
    at: Mapped[datetime]
    last_id: Mapped[int]
    entries: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    previous: Mapped[str] = mapped_column(String(64), default="")
    seal: Mapped[str] = mapped_column(String(64))


class RightsStamp(Entity):
    """One row, whose value the database renews whenever anything changes that rights and sight follow from."""

    value: Mapped[str] = mapped_column(String(32))


class IdempotencyKey(Entity):
    """A form or call that was already carried out: the same key again changes nothing. Source: DOC-07."""

    key: Mapped[str] = mapped_column(String(80), unique=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    action: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]


class JobRun(Entity):
    """One run of a scheduled job. The unique pair lets one process claim it, however many there are. Source: OP-05."""

    job: Mapped[str] = mapped_column(String(60))
    due: Mapped[datetime]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[LongText] = mapped_column(default="")

    __table_args__ = (UniqueConstraint("job", "due"),)

    def __str__(self) -> str:
        return self.job

    @property
    def state(self) -> str:
        """Done, failed (it is tried again when it is next due), or underway."""
        return "done" if self.ended_at else "failed" if self.outcome else "underway"
