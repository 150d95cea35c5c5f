"""What a person can order today, as conditions of the item search. Source: IN-01, IN-02, DO-01."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, literal, or_, select

from app.entities.awards import MasterAgreement, OrderingAuthority
from app.entities.catalog import CatalogItem, CommodityCode, ItemSource
from app.entities.document import Document, State
from app.entities.lines import LineItem
from app.entities.vendors import Debarment, Vendor, VendorHold
from app.rules.deeds import Actor

item, line, code = CatalogItem.__table__, LineItem.__table__, CommodityCode.__table__


def _active(day: date) -> ColumnElement[bool]:
    """A vendor that can be ordered from, as `rules.vendors.standing` says."""
    vendor, hold, debarment = Vendor.__table__.c, VendorHold.__table__.c, Debarment.__table__.c
    held = exists().where(
        hold.vendor_id == vendor.id, hold.starts_on <= day, or_(hold.ends_on.is_(None), hold.ends_on >= day)
    )
    debarred = exists().where(debarment.vendor_id == vendor.id, debarment.starts_on <= day, debarment.expires_on >= day)
    return and_(
        vendor.approved_on <= day, or_(vendor.archived_on.is_(None), vendor.archived_on > day), ~held, ~debarred
    )


def open_agreements(day: date, by: Actor) -> Select[Any]:
    """The ids of the agreements that a person may order from on a day, as `rules.awards.may_order` says."""
    agreement, document = MasterAgreement.__table__, Document.__table__
    authority, vendor = OrderingAuthority.__table__.c, Vendor.__table__
    granted = exists().where(authority.agreement_id == agreement.c.id)
    above = [int(part) for part in by.path.split("/") if part.isdecimal()]
    mine = granted.where(or_(authority.user_id == by.user_id, authority.organization_id.in_(above)))
    return (
        select(agreement.c.id)
        .select_from(
            agreement.join(document, document.c.id == agreement.c.id).join(vendor, vendor.c.id == document.c.vendor_id)
        )
        .where(
            document.c.state == State.RELEASED,
            or_(agreement.c.effective_on.is_(None), agreement.c.effective_on <= day),
            or_(agreement.c.expires_on.is_(None), agreement.c.expires_on >= day),
            _active(day),
            or_(~granted, mine),
        )
    )


def orderable_by(connection: Connection, day: date, by: Actor, within_days: int | None) -> ColumnElement[bool]:
    """Whether an item, joined to its line, or a code may be asked for by a person on a day; within some days, if any."""
    agreements = connection.scalars(open_agreements(day, by)).all()
    vendor = Vendor.__table__.c
    # A value and no EXISTS: of that PostgreSQL makes a list of all vendors there are, to look each item up in.
    active = select(literal(True)).where(vendor.id == item.c.vendor_id, _active(day)).correlate(item)
    seller = active.scalar_subquery().is_(True)
    in_house = item.c.source.in_((ItemSource.INVENTORY, ItemSource.INTERNAL))
    without = and_(item.c.agreement_line_id.is_(None), in_house, or_(item.c.vendor_id.is_(None), seller))
    quick = item.c.delivery_days <= within_days if within_days is not None else literal(True)
    items = and_(item.c.active, or_(line.c.document_id.in_(agreements), without), quick)
    return or_(items, and_(code.c.active, literal(within_days is None)))
