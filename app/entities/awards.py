"""What the office has agreed with vendors, and what it orders from them."""

from datetime import date
from decimal import Decimal

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from .base import Entity, Money, Name, Percent, Quantity
from .document import Document
from .lines import LineItem, PaymentRequirement
from .organization import Organization
from .vendors import Vendor, VendorAddress


class AgreedTerms:
    """Discount and net days, as agreed with the vendor for this award. Source: MA-02, PY-01."""

    discount_percent: Mapped[Percent] = mapped_column(default=Decimal(0))
    discount_days: Mapped[int] = mapped_column(default=0)
    net_days: Mapped[int] = mapped_column(default=30)


class MasterAgreement(AgreedTerms, Document):
    """Prices and terms agreed for a time; it posts nothing itself, orders are made from it (MA).
    Source: MA-01, MA-02, FND-05."""

    subtype: Mapped[str] = mapped_column(String(40), default="catalog")
    effective_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    renewal_periods: Mapped[int] = mapped_column(default=0)
    cited_authority: Mapped[Name] = mapped_column(default="")
    ceiling: Mapped[Money | None]
    fluctuating: Mapped[bool] = mapped_column(default=False)
    payment_requirement: Mapped[str] = mapped_column(String(20), default=PaymentRequirement.THREE_WAY)
    issuing_office_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    administered_by_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    issuing_office: Mapped[Organization | None] = relationship(foreign_keys=issuing_office_id)
    administered_by: Mapped[Organization | None] = relationship(foreign_keys=administered_by_id)
    authorities: Mapped[list["OrderingAuthority"]] = relationship(
        back_populates="agreement", cascade="all, delete-orphan", order_by="OrderingAuthority.id"
    )
    consumption: Mapped[list["Consumption"]] = relationship(
        back_populates="agreement", cascade="all, delete-orphan", order_by="Consumption.id"
    )

    __table_args__ = (
        CheckConstraint("ceiling IS NULL OR ceiling >= 0", name="ceiling_is_not_negative"),
        CheckConstraint(
            "effective_on IS NULL OR expires_on IS NULL OR effective_on <= expires_on", name="agreement_has_a_length"
        ),
    )


class OrderingAuthority(Entity):
    """Who may order from an agreement: everybody in an organization and below it, or one person. An agreement without
    any is open to all. Source: MA-02, DO-01."""

    frozen_with_document = True

    agreement_id: Mapped[int] = mapped_column(ForeignKey("master_agreement.id"), index=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    agreement: Mapped[MasterAgreement] = relationship(back_populates="authorities")
    organization: Mapped[Organization | None] = relationship()
    user: Mapped[User | None] = relationship()

    __table_args__ = (CheckConstraint("(organization_id IS NULL) <> (user_id IS NULL)", name="an_office_or_a_person"),)

    @property
    def document(self) -> Document:
        """The agreement that grants the authority."""
        return self.agreement

    def __str__(self) -> str:
        return str(self.organization or self.user)


class Consumption(Entity):
    """How much of an agreement, or of one of its lines, has been ordered. A row with a ceiling refuses to pass it,
    also with many orders at once: written by `ledger` alone, with a conditional update. Source: MA-06, WF-11."""

    agreement_id: Mapped[int] = mapped_column(ForeignKey("master_agreement.id"), index=True)
    line_id: Mapped[int | None] = mapped_column(ForeignKey("line_item.id"))
    ordered_quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))
    ordered_amount: Mapped[Money] = mapped_column(default=Decimal("0.00"))
    quantity_ceiling: Mapped[Quantity | None]
    amount_ceiling: Mapped[Money | None]
    agreement: Mapped[MasterAgreement] = relationship(back_populates="consumption")
    line: Mapped[LineItem | None] = relationship()

    __table_args__ = (
        UniqueConstraint("agreement_id", "line_id"),
        CheckConstraint(
            "quantity_ceiling IS NULL OR ordered_quantity <= quantity_ceiling", name="quantity_stays_below_its_ceiling"
        ),
        CheckConstraint(
            "amount_ceiling IS NULL OR ordered_amount <= amount_ceiling", name="amount_stays_below_its_ceiling"
        ),
        CheckConstraint("ordered_quantity >= 0 AND ordered_amount >= 0", name="consumption_is_not_negative"),
    )


class DeliveryOrder(AgreedTerms, Document):
    """An order to a vendor under an agreement, or to an internal provider (DO). Its release encumbers. For its
    `invoice_clerk` each receipt drafts an invoice. Source: DO-01, DO-02, TH-02."""

    agreement_id: Mapped[int | None] = mapped_column(ForeignKey("master_agreement.id"), index=True)
    subtype: Mapped[str] = mapped_column(String(40), default="catalog")
    ordered_on: Mapped[date | None]
    quote_on: Mapped[date | None]
    signed_copies: Mapped[int] = mapped_column(default=0)
    copies_returned: Mapped[int] = mapped_column(default=0)
    issuing_office_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    order_address_id: Mapped[int | None] = mapped_column(ForeignKey("vendor_address.id"))
    invoice_clerk_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    agreement: Mapped[MasterAgreement | None] = relationship(foreign_keys=agreement_id)
    issuing_office: Mapped[Organization | None] = relationship(foreign_keys=issuing_office_id)
    order_address: Mapped[VendorAddress | None] = relationship()
    invoice_clerk: Mapped[User | None] = relationship(foreign_keys=invoice_clerk_id)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[CheckConstraint, ...]:
        return (CheckConstraint("signed_copies >= 0 AND copies_returned >= 0", name="copies_are_counted"),)


__all__ = ["AgreedTerms", "Consumption", "DeliveryOrder", "MasterAgreement", "OrderingAuthority", "Vendor"]
