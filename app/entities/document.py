"""What every document has: a number, a state, an owner, lines of history, and papers pinned to it."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, deferred, has_inherited_table, mapped_column, relationship

from .base import Entity, LongText, Money, Name
from .organization import Organization

if TYPE_CHECKING:
    from .approvals import ApprovalSheet
    from .envelopes import EnvelopeDocument
    from .lines import LineItem
    from .vendors import Vendor


class State(StrEnum):
    """Where a document stands in its life (DOC-01)."""

    DRAFT = "draft"
    ROUTED = "routed"
    DISAPPROVED = "disapproved"
    APPROVED = "approved"
    RELEASED = "released"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    TERMINATED = "terminated"
    SUPERSEDED = "superseded"


EDITABLE = frozenset({State.DRAFT, State.DISAPPROVED})
"""The states in which the owner may still write."""


class Document(Entity):
    """The common header. Each kind of document is a table joined to this one, so that notes, signatures,
    attachments and postings hold a real foreign key. Source: DOC-01."""

    kind: Mapped[str] = mapped_column(String(40))
    number: Mapped[str | None] = mapped_column(String(40), unique=True)
    title: Mapped[Name]
    state: Mapped[str] = mapped_column(String(20), default=State.DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    owner_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    created_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    vendor_id: Mapped[int | None] = mapped_column(ForeignKey("vendor.id"))
    total: Mapped[Money] = mapped_column(default=Decimal("0.00"))
    currency: Mapped[str] = mapped_column(String(3), default="USD")
    afy: Mapped[int | None]
    afm: Mapped[int | None]
    bfy: Mapped[int | None]
    due_on: Mapped[date | None]
    comments: Mapped[LongText] = mapped_column(default="")
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    routed_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    owner: Mapped[User] = relationship(foreign_keys=owner_id)
    created_by: Mapped[User] = relationship(foreign_keys=created_by_id)
    organization: Mapped[Organization] = relationship(foreign_keys=organization_id)
    vendor: Mapped["Vendor | None"] = relationship(foreign_keys=vendor_id)
    lines: Mapped[list["LineItem"]] = relationship(
        back_populates="document",
        cascade="all, delete-orphan",
        order_by="LineItem.position",
        foreign_keys="LineItem.document_id",
    )
    sheets: Mapped[list["ApprovalSheet"]] = relationship(
        back_populates="document", cascade="all, delete-orphan", order_by="ApprovalSheet.id"
    )
    history: Mapped[list["DocumentEvent"]] = relationship(
        back_populates="document", cascade="all, delete-orphan", order_by="DocumentEvent.id"
    )
    preparers: Mapped[list["Preparer"]] = relationship(
        back_populates="document", cascade="all, delete-orphan", order_by="Preparer.id"
    )
    attachments: Mapped[list["Attachment"]] = relationship(
        back_populates="document", cascade="all, delete-orphan", order_by="Attachment.id"
    )
    notes: Mapped[list["StickyNote"]] = relationship(
        back_populates="document", cascade="all, delete-orphan", order_by="StickyNote.id"
    )
    contacts: Mapped[list["PointOfContact"]] = relationship(
        back_populates="document", cascade="all, delete-orphan", order_by="PointOfContact.id"
    )
    sources: Mapped[list["DocumentLink"]] = relationship(
        back_populates="document", cascade="all, delete-orphan", foreign_keys="DocumentLink.document_id"
    )
    outcomes: Mapped[list["DocumentLink"]] = relationship(
        back_populates="source", foreign_keys="DocumentLink.source_id"
    )

    enveloped: Mapped["EnvelopeDocument | None"] = relationship(
        primaryjoin="and_(EnvelopeDocument.document_id == Document.id, EnvelopeDocument.closed_at.is_(None))",
        foreign_keys="EnvelopeDocument.document_id",
        uselist=False,
        viewonly=True,
    )

    __table_args__: Any = (
        Index(None, "kind", "id"),
        Index(None, "kind", "state", "id"),
        Index("ix_document_sight", "kind", "state", "organization_id", "owner_id", "created_by_id", "id"),
        Index(None, "kind", "organization_id", "id"),
        Index(None, "kind", "organization_id", "total"),
        Index(None, "kind", "organization_id", "routed_at"),
        Index(None, "kind", "vendor_id", "id"),
        Index(None, "kind", "owner_id", "id"),
        Index(None, "kind", "owner_id", "state", "id"),
        Index(None, "kind", "total", "id"),
        Index(None, "kind", "due_on", "id"),
        Index(None, "kind", "title", "id"),
    )

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        if has_inherited_table(cls):
            return {
                "polymorphic_identity": cls.__tablename__,
                "inherit_condition": cls.__table__.c.id == Document.__table__.c.id,
            }
        return {
            "polymorphic_identity": "document",
            "polymorphic_on": "kind",
            "version_id_col": cls.__table__.c.version,
        }

    def __init_subclass__(cls, **kwargs: Any) -> None:
        cls.__table_args__ = cls.__dict__.get("__table_args__", {})
        super().__init_subclass__(**kwargs)

    @property
    def name(self) -> str:
        """How people call it: its number once it has one."""
        return self.number or f"Draft {self.id}"

    def __str__(self) -> str:
        return f"{self.name} {self.title}"


class DocumentLink(Entity):
    """One document came from another, answers it, modifies or replaces it. Source: DOC-10."""

    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), index=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("document.id"), index=True)
    relation: Mapped[str] = mapped_column(String(20), default="came from")
    document: Mapped[Document] = relationship(back_populates="sources", foreign_keys=document_id)
    source: Mapped[Document] = relationship(back_populates="outcomes", foreign_keys=source_id)

    __table_args__ = (UniqueConstraint("document_id", "source_id", "relation"),)


class DocumentEvent(Entity):
    """One line of a document's life. Written by `workflow.act`, never edited. Source: DOC-09."""

    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), index=True)
    action: Mapped[str] = mapped_column(String(40))
    before: Mapped[str] = mapped_column(String(20))
    after: Mapped[str] = mapped_column(String(20))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    at: Mapped[datetime]
    comment: Mapped[LongText] = mapped_column(default="")
    document: Mapped[Document] = relationship(back_populates="history")
    by: Mapped[User | None] = relationship()


class Preparer(Entity):
    """Somebody who wrote in a document before it was routed; they may not approve it. Recorded by `audit`, so that no
    screen can forget it. Source: DOC-06, WF-01."""

    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    document: Mapped[Document] = relationship(back_populates="preparers")
    user: Mapped[User] = relationship()

    __table_args__ = (UniqueConstraint("document_id", "user_id"),)


class Attachment(Entity):
    """A file pinned to a document; internal unless marked public. The bytes lie in the file store under `digest`.
    Source: DOC-08."""

    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), index=True)
    file_name: Mapped[Name]
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    public: Mapped[bool] = mapped_column(default=False)
    added_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    added_at: Mapped[datetime]
    document: Mapped[Document] = relationship(back_populates="attachments")
    added_by: Mapped[User] = relationship()


class StickyNote(Entity):
    """A remark that travels with the document without being part of it. Source: DOC-08."""

    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), index=True)
    text: Mapped[LongText]
    by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    at: Mapped[datetime]
    document: Mapped[Document] = relationship(back_populates="notes")
    by: Mapped[User] = relationship()


class PointOfContact(Entity):
    """Somebody to ask about a document: a person of the office, or anybody with a name. Source: DOC-08, IN-08."""

    frozen_with_document = True

    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    name: Mapped[Name] = mapped_column(default="")
    purpose: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(default="")
    document: Mapped[Document] = relationship(back_populates="contacts")
    user: Mapped[User | None] = relationship()

    __table_args__ = (CheckConstraint("name <> ''", name="a_contact_has_a_name"),)

    def __str__(self) -> str:
        return self.name


class NumberSeries(Entity):
    """The next number of one type in one fiscal year: a counter row, so that no number is skipped or given twice.
    Source: DOC-11."""

    series: Mapped[str] = mapped_column(String(10))
    fiscal_year: Mapped[int]
    next_number: Mapped[int] = mapped_column(default=1)

    __table_args__ = (UniqueConstraint("series", "fiscal_year"),)
