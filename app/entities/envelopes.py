"""Envelopes: documents that one person sends for approval together."""

from datetime import datetime

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .approvals import ApprovalSheet
from .base import Entity, Name, Versioned
from .document import Document


class Envelope(Versioned, Entity):
    """Several documents routed together with one approval sheet. Whether it is being filled, underway or done follows
    from when it was routed and from what is still in it. `changed_at` and `version` tell who routes it that somebody
    else has just put something in. Source: DOC-08."""

    sender_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    subject: Mapped[Name]
    changed_at: Mapped[datetime]
    routed_at: Mapped[datetime | None]
    sender: Mapped[User] = relationship()
    contents: Mapped[list["EnvelopeDocument"]] = relationship(
        back_populates="envelope", cascade="all, delete-orphan", order_by="EnvelopeDocument.document_id"
    )

    __table_args__ = (CheckConstraint("subject <> ''", name="an_envelope_has_a_subject"),)

    def __str__(self) -> str:
        return self.subject


class EnvelopeDocument(Entity):
    """A document in an envelope, and the part of the envelope's approval sheet that speaks of it. It is closed when the
    document's way in the envelope ends: all have signed it, it was returned, recalled or cancelled. A document is in one
    envelope at a time. Source: DOC-08."""

    envelope_id: Mapped[int] = mapped_column(ForeignKey("envelope.id"))
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    sheet_id: Mapped[int | None] = mapped_column(ForeignKey("approval_sheet.id"), unique=True)
    closed_at: Mapped[datetime | None]
    envelope: Mapped[Envelope] = relationship(back_populates="contents")
    document: Mapped[Document] = relationship()
    sheet: Mapped[ApprovalSheet | None] = relationship(back_populates="sent_in")

    __table_args__ = (
        UniqueConstraint("envelope_id", "document_id"),
        Index(
            "uq_envelope_document_open",
            "document_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    def __str__(self) -> str:
        return self.envelope.subject
