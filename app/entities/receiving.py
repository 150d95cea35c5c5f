"""What came in."""

from datetime import date, datetime
from decimal import Decimal

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Entity, LongText, Money, Name, Quantity
from .document import Document
from .lines import LineItem


class Receipt(Document):
    """A receiving report: a fact, so nobody approves it; released, it counts (RR). Source: RC-02."""

    order_id: Mapped[int] = mapped_column(ForeignKey("document.id"), index=True)
    received_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    received_on: Mapped[date]
    carrier: Mapped[str] = mapped_column(default="")
    shipper: Mapped[str] = mapped_column(default="")
    containers: Mapped[int | None]
    weight: Mapped[Quantity | None]
    weight_unit: Mapped[str] = mapped_column(String(10), default="")
    freight_payment: Mapped[str] = mapped_column(String(40), default="")
    order: Mapped[Document] = relationship(foreign_keys=order_id)
    received_by: Mapped[User] = relationship(foreign_keys=received_by_id)
    receipt_lines: Mapped[list["ReceiptLine"]] = relationship(
        back_populates="receipt",
        cascade="all, delete-orphan",
        order_by="ReceiptLine.id",
        foreign_keys="ReceiptLine.receipt_id",
    )
    papers: Mapped[list["ShippingPaper"]] = relationship(
        back_populates="receipt", cascade="all, delete-orphan", order_by="ShippingPaper.id"
    )


class ReceiptLine(Entity):
    """How much of one order line came. Source: RC-02, RC-03."""

    frozen_with_document = True

    receipt_id: Mapped[int] = mapped_column(ForeignKey("receipt.id"))
    order_line_id: Mapped[int] = mapped_column(ForeignKey("line_item.id"))
    quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))
    unit: Mapped[str] = mapped_column(String(10), default="EA")
    not_to_specification: Mapped[bool] = mapped_column(default=False)
    discrepancy: Mapped[str] = mapped_column(String(60), default="")
    freight_charge: Mapped[Money] = mapped_column(default=Decimal("0.00"))
    comments: Mapped[LongText] = mapped_column(default="")
    receipt: Mapped[Receipt] = relationship(back_populates="receipt_lines", foreign_keys=receipt_id)
    order_line: Mapped[LineItem] = relationship(foreign_keys=order_line_id)
    acceptances: Mapped[list["Acceptance"]] = relationship(
        back_populates="receipt_line", cascade="all, delete-orphan", order_by="Acceptance.id"
    )

    __table_args__ = (
        UniqueConstraint("receipt_id", "order_line_id"),
        Index(None, "order_line_id", "receipt_id", "quantity"),
        CheckConstraint("quantity >= 0", name="quantity_is_not_negative"),
        CheckConstraint("freight_charge >= 0", name="freight_is_not_negative"),
    )

    @property
    def document(self) -> Document:
        """The receiving report."""
        return self.receipt

    @property
    def accepted(self) -> Decimal:
        """How much of what came has been accepted."""
        return sum((one.quantity for one in self.acceptances), Decimal(0))


class Acceptance(Entity):
    """What somebody accepted of what a line of a receiving report brought, on which of the office's days. Never changed;
    it counts as long as the report does. Source: RC-04, F15.12."""

    frozen_with_document = True

    receipt_line_id: Mapped[int] = mapped_column(ForeignKey("receipt_line.id"), index=True)
    quantity: Mapped[Quantity]
    accepted_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    accepted_on: Mapped[date]
    at: Mapped[datetime]
    comment: Mapped[LongText] = mapped_column(default="")
    receipt_line: Mapped[ReceiptLine] = relationship(back_populates="acceptances")
    accepted_by: Mapped[User] = relationship()

    __table_args__ = (CheckConstraint("quantity > 0", name="quantity_is_positive"),)

    def __str__(self) -> str:
        return f"{self.quantity.normalize():f} of line {self.receipt_line.order_line.position}"

    @property
    def document(self) -> Document:
        """The receiving report."""
        return self.receipt_line.receipt


class ShippingPaper(Entity):
    """The number of a freight bill or packing list that came with the goods. Source: RC-02."""

    frozen_with_document = True

    receipt_id: Mapped[int] = mapped_column(ForeignKey("receipt.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    number: Mapped[Name]
    receipt: Mapped[Receipt] = relationship(back_populates="papers")

    __table_args__ = (CheckConstraint("kind IN ('freight bill', 'packing list')", name="kind_is_known"),)

    @property
    def document(self) -> Document:
        """The receiving report."""
        return self.receipt
