"""Whom the money goes to: a vendor's tax identifiers and bank accounts. Their numbers are sealed."""

from datetime import date, datetime

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.sealing import Secret

from .base import Entity, Name, Versioned
from .sealed import Sealed
from .vendors import Vendor


class TaxId(Entity):
    """A number under which a vendor pays taxes. One number belongs to one vendor number; its other locations bear it
    with their suffix, so that the suffix stands here too and follows the vendor's. Source: VR-02, VR-06, VR-10."""

    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendor.id"), index=True)
    suffix: Mapped[str] = mapped_column(String(4))
    kind: Mapped[str] = mapped_column(String(10), default="FEIN")
    number: Mapped[Secret] = mapped_column(Sealed("tax_id.number"))
    number_index: Mapped[str] = mapped_column(String(64))
    label: Mapped[Name] = mapped_column(default="")
    vendor: Mapped[Vendor] = relationship(primaryjoin=lambda: TaxId.vendor_id == Vendor.id, foreign_keys=[vendor_id])

    __table_args__ = (
        ForeignKeyConstraint(["vendor_id", "suffix"], ["vendor.id", "vendor.suffix"], onupdate="CASCADE"),
        UniqueConstraint("number_index", "suffix"),
        CheckConstraint("kind IN ('FEIN', 'SSN', 'ITIN', 'foreign')", name="of_a_known_kind"),
    )

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class BankAccount(Versioned, Entity):
    """An account to which a vendor is paid electronically. It is never edited: a change is a new account, which a second
    person confirms who has called the vendor back, and which counts some days later. The one in force is the latest that
    counts and is not retired (`rules/payees.in_force`). Source: VR-02, VR-10, MO-10, MO-11."""

    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendor.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10), default="checking")
    eft_format: Mapped[str] = mapped_column(String(3), default="CCD")
    routing_number: Mapped[str] = mapped_column(String(9))
    number: Mapped[Secret] = mapped_column(Sealed("bank_account.number"))
    number_index: Mapped[str] = mapped_column(String(64), index=True)
    bank_name: Mapped[Name]
    label: Mapped[Name] = mapped_column(default="")
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    entered_at: Mapped[datetime]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    confirmed_at: Mapped[datetime | None]
    counts_from: Mapped[date | None]
    called_back: Mapped[Name] = mapped_column(default="")
    retired_on: Mapped[date | None]
    vendor: Mapped[Vendor] = relationship()
    entered_by: Mapped[User] = relationship(foreign_keys=entered_by_id)
    confirmed_by: Mapped[User | None] = relationship(foreign_keys=confirmed_by_id)

    __table_args__ = (
        CheckConstraint("kind IN ('checking', 'savings')", name="checking_or_savings"),
        CheckConstraint("eft_format IN ('CCD', 'PPD', 'CTX')", name="of_a_known_format"),
        CheckConstraint("length(routing_number) = 9", name="a_routing_number_has_nine_digits"),
        CheckConstraint("confirmed_by_id <> entered_by_id", name="confirmed_by_a_second_person"),
        CheckConstraint("(confirmed_by_id IS NULL) = (confirmed_at IS NULL)", name="confirmed_by_somebody"),
        CheckConstraint("(confirmed_at IS NULL) = (counts_from IS NULL)", name="counts_once_confirmed"),
    )

    def __str__(self) -> str:
        return f"{self.bank_name} {self.number}"
