"""The offices that buy, who works in them, and where goods and invoices go."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Entity, LongText, Money, Name, Versioned

if TYPE_CHECKING:
    from .funds import FundingTemplate


class Organization(Versioned, Entity):
    """A cabinet, department, agency or office. `path` lists the ids from the top (`/1/5/105/`), so that a
    subtree is one comparison. Source: ORG-01."""

    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)
    path: Mapped[str] = mapped_column(String(400), default="", index=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[Name]
    agency_code: Mapped[str] = mapped_column(String(20), default="")
    buying_entity: Mapped[bool] = mapped_column(default=False)
    requesting_office: Mapped[bool] = mapped_column(default=True)
    issuing_office: Mapped[bool] = mapped_column(default=False)
    internal_provider: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    parent: Mapped["Organization | None"] = relationship(remote_side="Organization.id", back_populates="children")
    children: Mapped[list["Organization"]] = relationship(back_populates="parent")
    addresses: Mapped[list["OrganizationAddress"]] = relationship(
        back_populates="organization", cascade="all, delete-orphan", order_by="OrganizationAddress.id"
    )
    contacts: Mapped[list["OrganizationContact"]] = relationship(
        back_populates="organization", cascade="all, delete-orphan", order_by="OrganizationContact.id"
    )

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class OrganizationAddress(Versioned, Entity):
    """Where an office wants goods shipped, delivered or billed. Source: ORG-01, LIN-05."""

    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    name: Mapped[Name]
    ship_to: Mapped[bool] = mapped_column(default=True)
    deliver_to: Mapped[bool] = mapped_column(default=True)
    invoice_to: Mapped[bool] = mapped_column(default=False)
    street: Mapped[Name]
    city: Mapped[str]
    region: Mapped[str] = mapped_column(String(40), default="")
    postal_code: Mapped[str] = mapped_column(String(20), default="")
    country: Mapped[str] = mapped_column(String(2), default="US")
    organization: Mapped[Organization] = relationship(back_populates="addresses")

    def __str__(self) -> str:
        return f"{self.name}, {self.street}, {self.city}"


class OrganizationContact(Versioned, Entity):
    """A person to ask in an office. Source: ORG-01."""

    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    name: Mapped[Name]
    title: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    organization: Mapped[Organization] = relationship(back_populates="contacts")

    def __str__(self) -> str:
        return self.name


class Profile(Versioned, Entity):
    """What Purser knows of one of its people: the office, the usual addresses and funding, and how far the
    authority goes. Source: ORG-02."""

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), unique=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    requesting_office_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    issuing_office_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    ship_to_id: Mapped[int | None] = mapped_column(ForeignKey("organization_address.id"))
    deliver_to_id: Mapped[int | None] = mapped_column(ForeignKey("organization_address.id"))
    invoice_to_id: Mapped[int | None] = mapped_column(ForeignKey("organization_address.id"))
    funding_template_id: Mapped[int | None] = mapped_column(ForeignKey("funding_template.id"))
    approval_limit: Mapped[Money | None]
    may_receive: Mapped[bool] = mapped_column(default=False)
    may_inspect: Mapped[bool] = mapped_column(default=False)
    may_accept: Mapped[bool] = mapped_column(default=False)
    user: Mapped[User] = relationship()
    organization: Mapped[Organization] = relationship(foreign_keys=organization_id)
    requesting_office: Mapped[Organization | None] = relationship(foreign_keys=requesting_office_id)
    issuing_office: Mapped[Organization | None] = relationship(foreign_keys=issuing_office_id)
    ship_to: Mapped[OrganizationAddress | None] = relationship(foreign_keys=ship_to_id)
    deliver_to: Mapped[OrganizationAddress | None] = relationship(foreign_keys=deliver_to_id)
    invoice_to: Mapped[OrganizationAddress | None] = relationship(foreign_keys=invoice_to_id)
    funding_template: Mapped["FundingTemplate | None"] = relationship(foreign_keys=funding_template_id)

    def __str__(self) -> str:
        return f"{self.user.first_name} {self.user.last_name}"


class Holiday(Entity):
    """A day on which the office is closed beside its calendar's holidays: snow, a move, an election."""

    day: Mapped[date] = mapped_column(unique=True)
    name: Mapped[Name]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.name}"


class Policy(Versioned, Entity):
    """A number that the office sets and may change: what it is, its value, and from when it holds.
    The names and their defaults stand in `rules/policies.py`."""

    name: Mapped[str] = mapped_column(String(60))
    value: Mapped[Decimal] = mapped_column(default=Decimal(0))
    effective_from: Mapped[date]
    note: Mapped[LongText] = mapped_column(default="")

    __table_args__ = (UniqueConstraint("name", "effective_from"),)

    def __str__(self) -> str:
        return f"{self.name} from {self.effective_from:%Y-%m-%d}"
