"""The line item that basket, request, agreement and order share, with all its tabs. Source: LIN-01 … LIN-07."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Entity, LongText, Money, Name, Percent, Price, Quantity
from .catalog import CatalogItem, CommodityCode
from .document import Document
from .organization import OrganizationAddress

if TYPE_CHECKING:
    from .funds import FundingStrip
    from .vendors import Vendor


class Supply(StrEnum):
    """Where a line is to come from, in the order in which sources are to be used (IN-04)."""

    INVENTORY = "inventory"
    INTERNAL = "internal"
    CATALOG = "catalog"
    AGREEMENT = "agreement"
    OPEN = "open"


class Basis(StrEnum):
    """How a split or a tolerance is expressed."""

    PERCENT = "percent"
    QUANTITY = "quantity"
    AMOUNT = "amount"


class PaymentRequirement(StrEnum):
    """What must agree before a line is paid (LIN-07)."""

    THREE_WAY = "three-way"
    TWO_WAY = "two-way"
    EVALUATED_RECEIPT = "evaluated receipt"


class LineItem(Entity):
    """One thing wanted, agreed or ordered. `source_line` is the line it came from: the chain of DOC-10."""

    frozen_with_document = True

    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    position: Mapped[int]
    source_line_id: Mapped[int | None] = mapped_column(ForeignKey("line_item.id"), index=True)
    supply: Mapped[str] = mapped_column(String(20), default=Supply.OPEN)
    catalog_item_id: Mapped[int | None] = mapped_column(ForeignKey("catalog_item.id"))
    agreement_line_id: Mapped[int | None] = mapped_column(ForeignKey("line_item.id"), index=True)
    vendor_id: Mapped[int | None] = mapped_column(ForeignKey("vendor.id"))
    justification: Mapped[LongText] = mapped_column(default="")

    # Detail (LIN-01)
    description: Mapped[Name]
    extended_description: Mapped[LongText] = mapped_column(default="")
    quantity: Mapped[Quantity] = mapped_column(default=Decimal(1))
    unit: Mapped[str] = mapped_column(String(10), default="EA")
    unit_price: Mapped[Price] = mapped_column(default=Decimal(0))
    amount: Mapped[Money] = mapped_column(default=Decimal("0.00"))
    commodity_code_id: Mapped[int | None] = mapped_column(ForeignKey("commodity_code.id"))
    service: Mapped[bool] = mapped_column(default=False)
    delivery_on: Mapped[date | None]
    contract_type: Mapped[str] = mapped_column(String(40), default="")
    project_number: Mapped[str] = mapped_column(String(40), default="")
    period_from: Mapped[date | None]
    period_to: Mapped[date | None]

    # Description (LIN-02)
    manufacturer: Mapped[str] = mapped_column(default="")
    brand: Mapped[str] = mapped_column(default="")
    model: Mapped[str] = mapped_column(default="")
    part_number: Mapped[str] = mapped_column(default="")
    color: Mapped[str] = mapped_column(String(40), default="")
    size: Mapped[str] = mapped_column(String(40), default="")
    catalog_name: Mapped[str] = mapped_column(default="")
    catalog_number: Mapped[str] = mapped_column(default="")
    drawing: Mapped[str] = mapped_column(default="")
    specification: Mapped[str] = mapped_column(default="")

    # Pricing (LIN-03)
    over_tolerance: Mapped[Quantity] = mapped_column(default=Decimal(0))
    over_basis: Mapped[str] = mapped_column(String(10), default=Basis.PERCENT)
    under_tolerance: Mapped[Quantity] = mapped_column(default=Decimal(0))
    under_basis: Mapped[str] = mapped_column(String(10), default=Basis.PERCENT)
    discount_percent: Mapped[Percent] = mapped_column(default=Decimal(0))
    tax_percent: Mapped[Percent] = mapped_column(default=Decimal(0))

    # Funding (LIN-04)
    funding_basis: Mapped[str] = mapped_column(String(10), default=Basis.PERCENT)

    # Address (LIN-05)
    ship_to_id: Mapped[int | None] = mapped_column(ForeignKey("organization_address.id"))
    deliver_to_id: Mapped[int | None] = mapped_column(ForeignKey("organization_address.id"))
    invoice_to_id: Mapped[int | None] = mapped_column(ForeignKey("organization_address.id"))
    fob: Mapped[str] = mapped_column(String(40), default="")
    freight_payment: Mapped[str] = mapped_column(String(40), default="")
    shipment_method: Mapped[str] = mapped_column(String(40), default="")
    markings: Mapped[str] = mapped_column(default="")
    charge_shipping_to: Mapped[str] = mapped_column(default="")

    # Instructions (LIN-06)
    special_handling: Mapped[LongText] = mapped_column(default="")
    hazardous_materials: Mapped[LongText] = mapped_column(default="")
    packing: Mapped[LongText] = mapped_column(default="")
    warranty_days: Mapped[int | None]

    # Acceptance (LIN-07)
    acceptance_required: Mapped[bool] = mapped_column(default=False)
    payment_requirement: Mapped[str] = mapped_column(String(20), default=PaymentRequirement.THREE_WAY)
    acceptance_instructions: Mapped[LongText] = mapped_column(default="")

    document: Mapped[Document] = relationship(back_populates="lines", foreign_keys=document_id)
    source_line: Mapped["LineItem | None"] = relationship(
        foreign_keys=source_line_id, remote_side="LineItem.id", back_populates="carried_lines"
    )
    carried_lines: Mapped[list["LineItem"]] = relationship(foreign_keys=source_line_id, back_populates="source_line")
    agreement_line: Mapped["LineItem | None"] = relationship(foreign_keys=agreement_line_id, remote_side="LineItem.id")
    catalog_item: Mapped[CatalogItem | None] = relationship(foreign_keys=catalog_item_id)
    vendor: Mapped["Vendor | None"] = relationship(foreign_keys=vendor_id)
    commodity_code: Mapped[CommodityCode | None] = relationship()
    ship_to: Mapped[OrganizationAddress | None] = relationship(foreign_keys=ship_to_id)
    deliver_to: Mapped[OrganizationAddress | None] = relationship(foreign_keys=deliver_to_id)
    invoice_to: Mapped[OrganizationAddress | None] = relationship(foreign_keys=invoice_to_id)
    funding: Mapped[list["LineFunding"]] = relationship(
        back_populates="line", cascade="all, delete-orphan", order_by="LineFunding.position"
    )
    charges: Mapped[list["LineCharge"]] = relationship(
        back_populates="line", cascade="all, delete-orphan", order_by="LineCharge.id"
    )
    acceptances: Mapped[list["LineAcceptance"]] = relationship(
        back_populates="line", cascade="all, delete-orphan", order_by="LineAcceptance.id"
    )

    __table_args__ = (
        CheckConstraint("quantity >= 0", name="quantity_is_not_negative"),
        CheckConstraint("unit_price >= 0", name="price_is_not_negative"),
        CheckConstraint("warranty_days IS NULL OR warranty_days >= 0", name="warranty_is_not_negative"),
        Index(None, "document_id", "position"),
    )

    def __str__(self) -> str:
        return f"{self.position} {self.description}"


class LineFunding(Entity):
    """One strip's part of a line: `share` in the line's basis, `amount` computed from it to the cent. Source: LIN-04."""

    frozen_with_document = True

    line_id: Mapped[int] = mapped_column(ForeignKey("line_item.id"), index=True)
    position: Mapped[int] = mapped_column(default=1)
    strip_id: Mapped[int] = mapped_column(ForeignKey("funding_strip.id"))
    share: Mapped[Quantity] = mapped_column(default=Decimal(0))
    amount: Mapped[Money] = mapped_column(default=Decimal("0.00"))
    line: Mapped[LineItem] = relationship(back_populates="funding")
    strip: Mapped["FundingStrip"] = relationship()

    __table_args__ = (
        UniqueConstraint("line_id", "strip_id"),
        CheckConstraint("share >= 0", name="share_is_not_negative"),
    )

    @property
    def document(self) -> Document:
        """The document whose line this funds."""
        return self.line.document


class LineCharge(Entity):
    """An addition to a line: installation, artwork, freight. Source: LIN-03."""

    frozen_with_document = True

    line_id: Mapped[int] = mapped_column(ForeignKey("line_item.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    description: Mapped[Name] = mapped_column(default="")
    amount: Mapped[Money]
    line: Mapped[LineItem] = relationship(back_populates="charges")

    __table_args__ = (CheckConstraint("amount >= 0", name="amount_is_not_negative"),)

    @property
    def document(self) -> Document:
        """The document whose line carries the charge."""
        return self.line.document


class LineAcceptance(Entity):
    """Who is to receive, inspect or accept a line. Source: LIN-07."""

    frozen_with_document = True

    line_id: Mapped[int] = mapped_column(ForeignKey("line_item.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    role: Mapped[str] = mapped_column(String(20))
    line: Mapped[LineItem] = relationship(back_populates="acceptances")
    user: Mapped[User] = relationship()

    __table_args__ = (UniqueConstraint("line_id", "user_id", "role"),)

    @property
    def document(self) -> Document:
        """The document whose line is to be accepted."""
        return self.line.document

    def __str__(self) -> str:
        return f"{self.user} as {self.role}"
