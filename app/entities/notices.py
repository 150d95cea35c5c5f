"""What people should know: the notices themselves, how each person wants to hear of them, and the mails that go out."""

from datetime import datetime

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Entity, Name
from .document import Document


class Notice(Entity):
    """Something a person should know: a document arrived, came back, was released, or waits for nobody. One that is
    `hidden` goes out by e-mail alone, or is only remembered so that it is not written twice. Source: DOC-15."""

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    kind: Mapped[str] = mapped_column(String(20), default="", server_default="")
    text: Mapped[Name]
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    hidden: Mapped[bool] = mapped_column(default=False, server_default=false())
    user: Mapped[User] = relationship()
    document: Mapped[Document | None] = relationship()

    __table_args__ = (Index(None, "user_id", "read_at", "id"),)


class NoticePreference(Entity):
    """How a person wants to hear of one kind of notice, where that is not the usual way. Source: DOC-15."""

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    kind: Mapped[str] = mapped_column(String(20))
    in_app: Mapped[bool]
    by_mail: Mapped[bool]

    __table_args__ = (UniqueConstraint("user_id", "kind"),)

    def __str__(self) -> str:
        return self.kind


class Mail(Entity):
    """A notice on its way out by e-mail: written together with the notice, tried until it is taken. Its words are the
    notice's, so that nothing stands twice. `due_at` is when it may be tried next. Source: DOC-15."""

    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), unique=True)
    due_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    problem: Mapped[Name] = mapped_column(default="")
    notice: Mapped[Notice] = relationship()

    __table_args__ = (Index(None, "sent_at", "given_up_at", "due_at"),)

    def __str__(self) -> str:
        return f"Mail of notice {self.notice_id}"
