"""Who must sign, who did, and who stands in for whom."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Entity, LongText, Money, Name, Versioned
from .document import Document
from .organization import Organization

if TYPE_CHECKING:
    from .envelopes import EnvelopeDocument


class RoutingRule(Versioned, Entity):
    """One line of the office's signing policy: a document of this type, in this organization and this amount band,
    needs this role (or this person) in this step. `technology` speaks of documents that buy information technology.
    Data that admins edit. Source: DOC-05, IT-02."""

    kind: Mapped[str] = mapped_column(String(40), index=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    amount_from: Mapped[Money | None]
    amount_to: Mapped[Money | None]
    commodity_class: Mapped[str] = mapped_column(String(20), default="")
    technology: Mapped[bool] = mapped_column(default=False, server_default=false())
    subtype: Mapped[str] = mapped_column(String(40), default="")
    step: Mapped[int] = mapped_column(default=1)
    role: Mapped[str] = mapped_column(String(64), default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    reason: Mapped[Name]
    active: Mapped[bool] = mapped_column(default=True)
    organization: Mapped[Organization | None] = relationship()
    user: Mapped[User | None] = relationship()

    __table_args__ = (
        CheckConstraint("role <> '' OR user_id IS NOT NULL", name="somebody_signs"),
        CheckConstraint("role = '' OR user_id IS NULL", name="a_rule_names_a_role_or_a_person_and_not_both"),
        CheckConstraint("step >= 1 AND step <= 20", name="steps_count_from_one_to_twenty"),
        CheckConstraint("amount_from IS NULL OR amount_from >= 0", name="amounts_are_not_negative"),
        CheckConstraint("reason <> ''", name="a_rule_has_a_reason"),
        CheckConstraint(
            "amount_to IS NULL OR amount_from IS NULL OR amount_from <= amount_to", name="band_has_a_width"
        ),
    )

    def __str__(self) -> str:
        return f"{self.kind} step {self.step}: {self.role or self.user}"


class ApprovalSheet(Entity):
    """The signatures asked for one routing. A document returned and routed again gets a new sheet; the old one stays
    on record. Source: DOC-04."""

    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), index=True)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    document: Mapped[Document] = relationship(back_populates="sheets")
    steps: Mapped[list["ApprovalStep"]] = relationship(
        back_populates="sheet", cascade="all, delete-orphan", order_by="ApprovalStep.step, ApprovalStep.id"
    )
    sent_in: Mapped["EnvelopeDocument | None"] = relationship(back_populates="sheet")

    __table_args__ = (
        # The few that are open, of all that ever were.
        Index(
            "ix_approval_sheet_open",
            "closed_at",
            "id",
            "document_id",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )


class ApprovalStep(Entity):
    """One signature wanted: of a named person, or of whoever holds a role at or above an organization.
    Steps with the same number run side by side. Whether it is signed is derived from its signature."""

    sheet_id: Mapped[int] = mapped_column(ForeignKey("approval_sheet.id"))
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), index=True)
    step: Mapped[int]
    role: Mapped[str] = mapped_column(String(64), default="")
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    reason: Mapped[Name] = mapped_column(default="")
    sheet: Mapped[ApprovalSheet] = relationship(back_populates="steps")
    document: Mapped[Document] = relationship()
    organization: Mapped[Organization | None] = relationship()
    user: Mapped[User | None] = relationship()
    signature: Mapped["Signature | None"] = relationship(back_populates="step", cascade="all, delete-orphan")

    __table_args__ = (
        CheckConstraint("role <> '' OR user_id IS NOT NULL", name="somebody_signs"),
        Index(None, "user_id", "document_id"),
        Index(None, "role", "organization_id", "document_id"),
        Index("ix_approval_step_turn", "sheet_id", "step", "role", "organization_id", "user_id", "document_id"),
    )


class Signature(Entity):
    """What an approver said of a document, at which version of it. Source: DOC-04."""

    step_id: Mapped[int] = mapped_column(ForeignKey("approval_step.id"), unique=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), index=True)
    verdict: Mapped[str] = mapped_column(String(30))
    comment: Mapped[LongText] = mapped_column(default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    on_behalf_of_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    at: Mapped[datetime]
    document_version: Mapped[int]
    step: Mapped[ApprovalStep] = relationship(back_populates="signature")
    by: Mapped[User] = relationship(foreign_keys=by_id)
    on_behalf_of: Mapped[User | None] = relationship(foreign_keys=on_behalf_of_id)

    __table_args__ = (
        CheckConstraint("verdict = 'approved' OR comment <> ''", name="a_condition_or_refusal_has_a_reason"),
    )


class Delegation(Versioned, Entity):
    """Somebody signs for somebody who is away, from one day to another. Source: DOC-05."""

    from_user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    to_user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    from_user: Mapped[User] = relationship(foreign_keys=from_user_id)
    to_user: Mapped[User] = relationship(foreign_keys=to_user_id)

    __table_args__ = (
        CheckConstraint("from_user_id <> to_user_id", name="nobody_delegates_to_themselves"),
        CheckConstraint("starts_on <= ends_on", name="absence_has_a_length"),
    )

    def __str__(self) -> str:
        return f"{self.to_user} for {self.from_user}, {self.starts_on:%b %d, %Y} to {self.ends_on:%b %d, %Y}"
