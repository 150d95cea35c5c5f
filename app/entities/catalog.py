"""What can be bought: codes, units, and items with their prices and pictures."""

from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from .base import Entity, LongText, Name, Price, Quantity, Versioned
from .organization import Organization

if TYPE_CHECKING:
    from .lines import LineItem
    from .vendors import Vendor


class ItemSource(StrEnum):
    """Where an item of the catalog comes from (IN-01)."""

    INVENTORY = "inventory"
    INTERNAL = "internal"
    CATALOG = "catalog"
    AGREEMENT = "agreement"


class CodeScheme(Versioned, Entity):
    """A system of commodity codes. `class_length` is how many leading characters name the class that splits purchase
    requests: NIGP 3, PSC 2, UNSPSC 4. Source: IN-07."""

    code: Mapped[str] = mapped_column(String(10), unique=True)
    name: Mapped[Name]
    class_length: Mapped[int]

    def __str__(self) -> str:
        return self.code


class CommodityCode(Versioned, Entity):
    """What kind of good or service it is. `technology` says that it is information technology, so that ITS may have to
    sign (ITSA). Source: IN-01, IT-02."""

    scheme_id: Mapped[int] = mapped_column(ForeignKey("code_scheme.id"))
    code: Mapped[str] = mapped_column(String(20), index=True)
    name: Mapped[Name]
    description: Mapped[LongText] = mapped_column(default="")
    service: Mapped[bool] = mapped_column(default=False)
    technology: Mapped[bool] = mapped_column(default=False, server_default=false())
    active: Mapped[bool] = mapped_column(default=True)
    scheme: Mapped[CodeScheme] = relationship()

    __table_args__ = (UniqueConstraint("scheme_id", "code"),)

    @property
    def class_code(self) -> str:
        """The class of the code: its first characters, as many as the scheme says."""
        return self.code[: self.scheme.class_length]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Unit(Versioned, Entity):
    """A unit of measure (UN/ECE Recommendation 20)."""

    code: Mapped[str] = mapped_column(String(10), unique=True)
    name: Mapped[Name]
    symbol: Mapped[str] = mapped_column(String(20), default="")
    common: Mapped[bool] = mapped_column(default=False)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class CatalogItem(Versioned, Entity):
    """Something that can be put into a basket: from stock, an internal provider, or a line of an agreement.
    Source: IN-01, IN-02, MA-03."""

    source: Mapped[str] = mapped_column(String(20))
    name: Mapped[Name]
    description: Mapped[LongText] = mapped_column(default="")
    sku: Mapped[str] = mapped_column(String(60), default="", index=True)
    manufacturer: Mapped[str] = mapped_column(default="")
    model: Mapped[str] = mapped_column(default="")
    unit: Mapped[str] = mapped_column(String(10), default="EA")
    pack_quantity: Mapped[Quantity] = mapped_column(default=Decimal(1))
    unit_price: Mapped[Price]
    delivery_days: Mapped[int | None]
    commodity_code_id: Mapped[int | None] = mapped_column(ForeignKey("commodity_code.id"), index=True)
    vendor_id: Mapped[int | None] = mapped_column(ForeignKey("vendor.id"), index=True)
    agreement_line_id: Mapped[int | None] = mapped_column(
        ForeignKey("line_item.id", use_alter=True), index=True
    )  # lines point at items too: one of the two comes later
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    stock_on_hand: Mapped[Quantity | None]
    active: Mapped[bool] = mapped_column(default=True)
    commodity_code: Mapped[CommodityCode | None] = relationship()
    vendor: Mapped["Vendor | None"] = relationship()
    agreement_line: Mapped["LineItem | None"] = relationship(foreign_keys=agreement_line_id)
    organization: Mapped[Organization | None] = relationship()
    pictures: Mapped[list["ItemPicture"]] = relationship(
        back_populates="item", cascade="all, delete-orphan", order_by="ItemPicture.id"
    )

    __table_args__ = (
        CheckConstraint("unit_price >= 0", name="price_is_not_negative"),
        CheckConstraint("source IN ('inventory', 'internal', 'catalog', 'agreement')", name="source_is_known"),
        Index(None, "name", "id"),
        Index(None, "unit_price", "id"),
        Index(None, "delivery_days", "id"),
    )

    def __str__(self) -> str:
        return self.name


class ItemPicture(Entity):
    """What an item looks like. Source: IN-02."""

    item_id: Mapped[int] = mapped_column(ForeignKey("catalog_item.id"), index=True)
    media_type: Mapped[str] = mapped_column(String(40))
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    alternative_text: Mapped[Name] = mapped_column(default="")
    item: Mapped[CatalogItem] = relationship(back_populates="pictures")

    def __str__(self) -> str:
        return self.alternative_text or f"Picture {self.id}"
