"""Public money: what may be spent, and every movement of it."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Entity, Money, Name, Percent, Versioned
from .document import Document
from .organization import Organization


class PostingKind(StrEnum):
    """The four columns of the budget ledger (FND-03)."""

    ALLOTMENT = "allotment"
    PRE_ENCUMBRANCE = "pre-encumbrance"
    ENCUMBRANCE = "encumbrance"
    EXPENDITURE = "expenditure"


class FiscalYear(Versioned, Entity):
    """July to June, named by the year in which it ends. A closed year takes no postings. Source: FND-01."""

    year: Mapped[int] = mapped_column(unique=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    closed: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (CheckConstraint("starts_on < ends_on", name="year_has_a_length"),)

    def __str__(self) -> str:
        return f"FY{self.year}"


class FundingStrip(Versioned, Entity):
    """An accounting code string against which money is set aside and spent. Source: FND-02."""

    code: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[Name]
    fund: Mapped[str] = mapped_column(String(20), default="")
    agency: Mapped[str] = mapped_column(String(20), default="")
    unit: Mapped[str] = mapped_column(String(20), default="")
    program: Mapped[str] = mapped_column(String(20), default="")
    object: Mapped[str] = mapped_column(String(20), default="")
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)
    organization: Mapped[Organization] = relationship()
    balances: Mapped[list["StripBalance"]] = relationship(back_populates="strip", order_by="StripBalance.bfy")

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class StripBalance(Entity):
    """What the postings of one strip in one budget year add up to. Written by `ledger` alone, with a conditional
    update; the check is the second wall against overspending. Source: FND-03, FND-04."""

    strip_id: Mapped[int] = mapped_column(ForeignKey("funding_strip.id"))
    bfy: Mapped[int]
    allotted: Mapped[Money] = mapped_column(default=Decimal("0.00"))
    pre_encumbered: Mapped[Money] = mapped_column(default=Decimal("0.00"))
    encumbered: Mapped[Money] = mapped_column(default=Decimal("0.00"))
    expended: Mapped[Money] = mapped_column(default=Decimal("0.00"))
    strip: Mapped[FundingStrip] = relationship(back_populates="balances")

    __table_args__ = (
        UniqueConstraint("strip_id", "bfy"),
        CheckConstraint(
            "allotted - pre_encumbered - encumbered - expended >= 0", name="nothing_is_spent_that_is_not_there"
        ),
        CheckConstraint(
            "allotted >= 0 AND pre_encumbered >= 0 AND encumbered >= 0 AND expended >= 0", name="no_column_is_negative"
        ),
    )

    @property
    def available(self) -> Decimal:
        """What may still be committed."""
        return self.allotted - self.pre_encumbered - self.encumbered - self.expended

    def __str__(self) -> str:
        return f"{self.strip.code} BFY{self.bfy}"


class Posting(Entity):
    """One movement of money on one strip. Append-only: a correction is another posting that reverses it.
    Source: FND-03."""

    strip_id: Mapped[int] = mapped_column(ForeignKey("funding_strip.id"))
    bfy: Mapped[int]
    afy: Mapped[int]
    afm: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    amount: Mapped[Money]
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"), index=True)
    line_id: Mapped[int | None] = mapped_column(ForeignKey("line_item.id"))
    order_line_id: Mapped[int | None] = mapped_column(ForeignKey("line_item.id"))
    memo: Mapped[Name] = mapped_column(default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    at: Mapped[datetime]
    strip: Mapped[FundingStrip] = relationship()
    document: Mapped[Document | None] = relationship()
    by: Mapped[User | None] = relationship()

    __table_args__ = (
        CheckConstraint("kind IN ('allotment', 'pre-encumbrance', 'encumbrance', 'expenditure')", name="kind_is_known"),
        Index(None, "strip_id", "bfy", "id"),
        Index(None, "strip_id", "afy", "kind", "afm", "amount"),
        Index("ix_posting_of_orders", "strip_id", "bfy", "kind", "order_line_id", "afy", "afm", "amount"),
        Index(None, "line_id", "kind"),
        Index(None, "order_line_id", "kind"),
    )

    def __str__(self) -> str:
        return f"{self.kind.capitalize()} of {self.amount:,.2f}"


class FundingTemplate(Versioned, Entity):
    """A named split that clerks use again: 60 % here, 40 % there. Source: LIN-04."""

    name: Mapped[Name]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    organization: Mapped[Organization] = relationship()
    parts: Mapped[list["FundingTemplatePart"]] = relationship(
        back_populates="template", cascade="all, delete-orphan", order_by="FundingTemplatePart.id"
    )

    def __str__(self) -> str:
        return self.name


class FundingTemplatePart(Entity):
    """One strip's percentage of a funding template."""

    template_id: Mapped[int] = mapped_column(ForeignKey("funding_template.id"), index=True)
    strip_id: Mapped[int] = mapped_column(ForeignKey("funding_strip.id"))
    percent: Mapped[Percent]
    template: Mapped[FundingTemplate] = relationship(back_populates="parts")
    strip: Mapped[FundingStrip] = relationship()

    __table_args__ = (
        UniqueConstraint("template_id", "strip_id"),
        CheckConstraint("percent > 0", name="percent_is_above_zero"),
    )

    def __str__(self) -> str:
        return f"{self.percent.normalize():f} % {self.strip.code}"
