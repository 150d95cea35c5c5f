"""Who sells to the office, and whether they may be ordered from and paid."""

from datetime import date, datetime
from decimal import Decimal

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Entity, LongText, Name, Percent, Versioned
from .catalog import CommodityCode
from .organization import Organization


class Vendor(Versioned, Entity):
    """A seller, or one location of it (suffix). The Customer Resource Center owns the file. Where the vendor stands
    (in review, active, on hold, debarred, archived) is derived in `rules/vendors.py`. Source: VR-01 … VR-04, VR-11."""

    number: Mapped[str] = mapped_column(String(20))
    suffix: Mapped[str] = mapped_column(String(4), default="00")
    name: Mapped[Name]
    ownership: Mapped[str] = mapped_column(String(40), default="")
    size: Mapped[str] = mapped_column(String(40), default="")
    preference_program: Mapped[str] = mapped_column(String(60), default="")
    email: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    website: Mapped[Name] = mapped_column(default="")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("vendor.id"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    approved_on: Mapped[date | None] = mapped_column(index=True)
    archived_on: Mapped[date | None]
    discount_percent: Mapped[Percent] = mapped_column(default=Decimal(0))
    discount_days: Mapped[int] = mapped_column(default=0)
    net_days: Mapped[int] = mapped_column(default=30)
    disbursement: Mapped[str] = mapped_column(String(10), default="check")
    separate_check: Mapped[bool] = mapped_column(default=False)
    enclosure: Mapped[bool] = mapped_column(default=False)
    notes: Mapped[LongText] = mapped_column(default="")
    parent: Mapped["Vendor | None"] = relationship(remote_side="Vendor.id")
    organization: Mapped[Organization | None] = relationship()
    addresses: Mapped[list["VendorAddress"]] = relationship(
        back_populates="vendor", cascade="all, delete-orphan", order_by="VendorAddress.id"
    )
    contacts: Mapped[list["VendorContact"]] = relationship(
        back_populates="vendor", cascade="all, delete-orphan", order_by="VendorContact.id"
    )
    commodities: Mapped[list["VendorCommodity"]] = relationship(
        back_populates="vendor", cascade="all, delete-orphan", order_by="VendorCommodity.id"
    )
    holds: Mapped[list["VendorHold"]] = relationship(
        back_populates="vendor", cascade="all, delete-orphan", order_by="VendorHold.id"
    )
    debarments: Mapped[list["Debarment"]] = relationship(
        back_populates="vendor", cascade="all, delete-orphan", order_by="Debarment.id"
    )

    __table_args__ = (
        UniqueConstraint("number", "suffix"),
        Index(None, "id", "suffix", unique=True),  # what a tax id refers to
        CheckConstraint("discount_percent >= 0", name="discount_is_not_negative"),
        CheckConstraint("discount_days >= 0 AND net_days >= 0", name="days_are_not_negative"),
        CheckConstraint("disbursement IN ('check', 'eft')", name="paid_by_check_or_eft"),
        Index(None, "name", "id"),
    )

    def __str__(self) -> str:
        return f"{self.number} {self.name}" if self.suffix == "00" else f"{self.number}-{self.suffix} {self.name}"


class VendorAddress(Versioned, Entity):
    """Where a vendor sits, and where it wants its money (remit-to). Source: VR-01, VU-01."""

    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendor.id"), index=True)
    street: Mapped[Name]
    city: Mapped[str]
    region: Mapped[str] = mapped_column(String(40), default="")
    postal_code: Mapped[str] = mapped_column(String(20), default="")
    country: Mapped[str] = mapped_column(String(2), default="US")
    phone: Mapped[str] = mapped_column(String(40), default="")
    fax: Mapped[str] = mapped_column(String(40), default="")
    ordering: Mapped[bool] = mapped_column(default=True)
    remit_to: Mapped[bool] = mapped_column(default=True)
    vendor: Mapped[Vendor] = relationship(back_populates="addresses")

    def __str__(self) -> str:
        return f"{self.street}, {self.city} {self.region} {self.postal_code}".strip()


class VendorContact(Versioned, Entity):
    """A person to ask at a vendor. Source: VR-01."""

    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendor.id"), index=True)
    name: Mapped[Name]
    title: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    primary: Mapped[bool] = mapped_column(default=False)
    vendor: Mapped[Vendor] = relationship(back_populates="contacts")

    def __str__(self) -> str:
        return self.name


class VendorCommodity(Entity):
    """A commodity code that a vendor says it sells. Source: VR-01."""

    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendor.id"), index=True)
    commodity_code_id: Mapped[int] = mapped_column(ForeignKey("commodity_code.id"), index=True)
    vendor: Mapped[Vendor] = relationship(back_populates="commodities")
    commodity_code: Mapped[CommodityCode] = relationship()

    __table_args__ = (UniqueConstraint("vendor_id", "commodity_code_id"),)

    def __str__(self) -> str:
        return str(self.commodity_code)


class VendorHold(Versioned, Entity):
    """Nothing is awarded or paid while it stands; a reason is required. Source: VU-02."""

    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendor.id"), index=True)
    reason: Mapped[LongText]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    placed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    placed_at: Mapped[datetime | None]
    vendor: Mapped[Vendor] = relationship(back_populates="holds")
    placed_by: Mapped[User | None] = relationship()

    __table_args__ = (
        CheckConstraint("reason <> ''", name="a_hold_has_a_reason"),
        CheckConstraint("ends_on IS NULL OR starts_on <= ends_on", name="hold_has_a_length"),
    )

    def __str__(self) -> str:
        return self.reason


class Debarment(Versioned, Entity):
    """Shut out from start to expiry, both days included. Source: VU-02."""

    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendor.id"), index=True)
    reason: Mapped[LongText]
    starts_on: Mapped[date]
    expires_on: Mapped[date]
    vendor: Mapped[Vendor] = relationship(back_populates="debarments")

    __table_args__ = (CheckConstraint("starts_on <= expires_on", name="debarment_has_a_length"),)

    def __str__(self) -> str:
        return f"{self.starts_on:%Y-%m-%d} to {self.expires_on:%Y-%m-%d}"
