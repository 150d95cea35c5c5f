"""What an office asks for."""

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from .base import Entity, LongText, Name
from .document import Document
from .organization import Organization

if TYPE_CHECKING:
    from .awards import MasterAgreement
    from .vendors import Vendor


class RequestingOffices:
    """The main tab that basket and request share. Source: IN-05."""

    agency_code: Mapped[str] = mapped_column(String(20), default="")
    stock_replenishment_code: Mapped[str] = mapped_column(String(20), default="")

    @declared_attr
    def buying_entity_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("organization.id"))

    @declared_attr
    def requesting_office_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("organization.id"))

    @declared_attr
    def issuing_office_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("organization.id"))

    @declared_attr
    def buying_entity(cls) -> Mapped[Organization | None]:
        return relationship(foreign_keys=cls.buying_entity_id)  # type: ignore[arg-type]

    @declared_attr
    def requesting_office(cls) -> Mapped[Organization | None]:
        return relationship(foreign_keys=cls.requesting_office_id)  # type: ignore[arg-type]

    @declared_attr
    def issuing_office(cls) -> Mapped[Organization | None]:
        return relationship(foreign_keys=cls.issuing_office_id)  # type: ignore[arg-type]


class MarketBasket(RequestingOffices, Document):
    """What a requester picked from every source of supply; its release makes the orders and requests (MB).
    Source: IN-03 … IN-07."""


class PurchaseRequest(RequestingOffices, Document):
    """A need with no agreement to order from; a buyer takes it to market (PR). Source: IN-08, IN-09."""

    class_code: Mapped[str] = mapped_column(String(20), default="")
    type_of_action: Mapped[str] = mapped_column(String(40), default="new")
    suggested_contract_type: Mapped[str] = mapped_column(String(40), default="")
    preference_program: Mapped[str] = mapped_column(String(60), default="")
    officer_representative: Mapped[Name] = mapped_column(default="")
    agreement_id: Mapped[int | None] = mapped_column(ForeignKey("master_agreement.id"))
    agreement: Mapped["MasterAgreement | None"] = relationship(foreign_keys=agreement_id)
    suggested_vendors: Mapped[list["SuggestedVendor"]] = relationship(
        back_populates="request", cascade="all, delete-orphan", order_by="SuggestedVendor.id"
    )


class SuggestedVendor(Entity):
    """A vendor that the requester would like to be asked. Source: IN-08."""

    frozen_with_document = True

    request_id: Mapped[int] = mapped_column(ForeignKey("purchase_request.id"), index=True)
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendor.id"))
    note: Mapped[LongText] = mapped_column(default="")
    request: Mapped[PurchaseRequest] = relationship(back_populates="suggested_vendors")
    vendor: Mapped["Vendor"] = relationship()

    __table_args__ = (UniqueConstraint("request_id", "vendor_id"),)

    @property
    def document(self) -> Document:
        """The request that names the vendor."""
        return self.request

    def __str__(self) -> str:
        return str(self.vendor)
