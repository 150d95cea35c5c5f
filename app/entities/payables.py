"""What vendors bill, and when and how they are paid."""

from datetime import date, datetime
from decimal import Decimal

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .awards import AgreedTerms
from .base import Entity, LongText, Money, Name, Price, Quantity, Versioned
from .document import Document
from .lines import LineItem
from .payees import BankAccount
from .vendors import Vendor, VendorAddress


class SourceBank(Versioned, Entity):
    """An account of the office from which payments leave. Purser does not send the money itself, so that the last digits of
    its number are enough to tell it apart. The standard one pays what names no other. Source: PY-03, F19.06."""

    code: Mapped[str] = mapped_column(String(20), unique=True)
    bank_name: Mapped[Name]
    ends_in: Mapped[str] = mapped_column(String(4))
    standard: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (
        Index(
            "uq_source_bank_standard",
            "standard",
            unique=True,
            sqlite_where=text("standard"),
            postgresql_where=text("standard"),
        ),
        CheckConstraint("active OR NOT standard", name="the_standard_one_is_used"),
    )

    def __str__(self) -> str:
        return f"{self.code} {self.bank_name} •••{self.ends_in}"


class Invoice(AgreedTerms, Document):
    """A vendor's bill, matched with what was ordered and received (IN). Its release, called Process, spends the money
    and puts the payment into the queue. Source: TH-01, PY-01, PY-04."""

    vendor_invoice_number: Mapped[str] = mapped_column(String(60), default="")
    invoiced_on: Mapped[date]
    received_on: Mapped[date]
    remit_to_id: Mapped[int | None] = mapped_column(ForeignKey("vendor_address.id"))
    disbursement: Mapped[str] = mapped_column(String(10), default="check")
    source_bank_id: Mapped[int | None] = mapped_column(ForeignKey("source_bank.id"))
    separate_check: Mapped[bool] = mapped_column(default=False)
    enclosure: Mapped[bool] = mapped_column(default=False)
    scheduled_on: Mapped[date | None]
    schedule_reason: Mapped[LongText] = mapped_column(default="")
    take_discount: Mapped[bool] = mapped_column(default=False)
    discount_on: Mapped[date | None]
    discount_amount: Mapped[Money] = mapped_column(default=Decimal("0.00"))
    override_on: Mapped[date | None]
    override_reason: Mapped[LongText] = mapped_column(default="")
    check_header: Mapped[Name] = mapped_column(default="")
    check_footer: Mapped[Name] = mapped_column(default="")
    remittance_remark: Mapped[Name] = mapped_column(default="")
    remit_to: Mapped[VendorAddress | None] = relationship()
    source_bank: Mapped[SourceBank | None] = relationship()
    invoice_lines: Mapped[list["InvoiceLine"]] = relationship(
        back_populates="invoice",
        cascade="all, delete-orphan",
        order_by="InvoiceLine.position",
        foreign_keys="InvoiceLine.invoice_id",
    )
    holds: Mapped[list["PaymentHold"]] = relationship(
        back_populates="invoice", cascade="all, delete-orphan", order_by="PaymentHold.id"
    )
    payment: Mapped["Payment | None"] = relationship(back_populates="invoice")
    claim: Mapped["InvoiceNumber | None"] = relationship(back_populates="invoice", cascade="all, delete-orphan")


class InvoiceLine(Entity):
    """What the vendor bills for one order line, and what is to be paid of it. Source: TH-01."""

    frozen_with_document = True

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"), index=True)
    position: Mapped[int]
    order_line_id: Mapped[int | None] = mapped_column(ForeignKey("line_item.id"), index=True)
    description: Mapped[Name]
    quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))
    unit: Mapped[str] = mapped_column(String(10), default="EA")
    unit_price: Mapped[Price] = mapped_column(default=Decimal(0))
    paid_quantity: Mapped[Quantity | None]
    paid_price: Mapped[Price | None]
    short_pay_reason: Mapped[LongText] = mapped_column(default="")
    amount: Mapped[Money] = mapped_column(default=Decimal("0.00"))
    final: Mapped[bool] = mapped_column(default=False)
    invoice: Mapped[Invoice] = relationship(back_populates="invoice_lines", foreign_keys=invoice_id)
    order_line: Mapped[LineItem | None] = relationship(foreign_keys=order_line_id)

    __table_args__ = (
        CheckConstraint("quantity >= 0 AND unit_price >= 0", name="nothing_negative_is_billed"),
        CheckConstraint(
            "(paid_price IS NULL AND paid_quantity IS NULL) OR short_pay_reason <> ''",
            name="a_short_payment_has_a_reason",
        ),
    )

    @property
    def document(self) -> Document:
        """The invoice."""
        return self.invoice


class InvoiceNumber(Entity):
    """A vendor's invoice number, claimed by one invoice: the same number twice for a vendor is refused by the database
    too. The number is kept as `rules/numbers.normal_invoice_number` reads it, and the vendor is the first of its
    locations, so that another suffix does not make the number a new one. Source: TH-03, MO-07."""

    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendor.id"))
    normal_number: Mapped[str] = mapped_column(String(60))
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"), unique=True)
    invoice: Mapped[Invoice] = relationship(back_populates="claim")

    __table_args__ = (UniqueConstraint("vendor_id", "normal_number"),)


class PaymentHold(Entity):
    """A reason not to pay an invoice yet; it stands until somebody releases it. Source: PY-02."""

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"), index=True)
    reason: Mapped[LongText]
    placed_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    placed_at: Mapped[datetime]
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    released_at: Mapped[datetime | None]
    invoice: Mapped[Invoice] = relationship(back_populates="holds")
    placed_by: Mapped[User] = relationship(foreign_keys=placed_by_id)
    released_by: Mapped[User | None] = relationship(foreign_keys=released_by_id)

    @property
    def document(self) -> Document:
        """The invoice that is held."""
        return self.invoice

    __table_args__ = (
        CheckConstraint("reason <> ''", name="a_hold_has_a_reason"),
        CheckConstraint("(released_by_id IS NULL) = (released_at IS NULL)", name="released_by_somebody"),
    )


class Payment(Entity):
    """One entry of the payment queue: how much, to whom, when; paid when it says when, and electronically to which
    account. Paid late, it says which penalty was paid along, or why none. Source: PY-01, PY-03, PY-04."""

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"), unique=True)
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendor.id"), index=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    gross: Mapped[Money]
    discount: Mapped[Money] = mapped_column(default=Decimal("0.00"))
    penalty: Mapped[Money] = mapped_column(default=Decimal("0.00"), server_default="0")
    penalty_reason: Mapped[LongText] = mapped_column(default="", server_default="")
    amount: Mapped[Money]
    scheduled_on: Mapped[date]
    method: Mapped[str] = mapped_column(String(10))
    paid_on: Mapped[date | None]
    paid_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    reference: Mapped[Name] = mapped_column(default="")
    source_bank_id: Mapped[int | None] = mapped_column(ForeignKey("source_bank.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("bank_account.id"))
    invoice: Mapped[Invoice] = relationship(back_populates="payment")
    vendor: Mapped[Vendor] = relationship()
    source_bank: Mapped[SourceBank | None] = relationship()
    account: Mapped[BankAccount | None] = relationship()
    paid_by: Mapped[User | None] = relationship()

    __table_args__ = (
        CheckConstraint("amount = gross - discount + penalty AND amount > 0", name="the_sum_is_right"),
        CheckConstraint("penalty >= 0 AND (penalty = 0 OR penalty_reason <> '')", name="a_penalty_has_a_reason"),
        CheckConstraint("(paid_on IS NULL) = (paid_by_id IS NULL)", name="paid_by_somebody"),
        Index(None, "paid_on", "scheduled_on"),
        Index(None, "scheduled_on", "id"),
        Index(None, "amount", "id"),
    )

    def __str__(self) -> str:
        return f"{self.amount:,.2f} on {self.scheduled_on:%Y-%m-%d}"
