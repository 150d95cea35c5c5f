"""Vendors: where one stands, and what that allows. Source: VR-04, VU-02."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum

from app.entities.vendors import Vendor


class Standing(StrEnum):
    """Where a vendor stands on a day; derived, never stored."""

    IN_REVIEW = "in review"
    ACTIVE = "active"
    ON_HOLD = "on hold"
    DEBARRED = "debarred"
    ARCHIVED = "archived"


def standing(vendor: Vendor, today: date) -> Standing:
    """The one status that counts most today: archived, then debarred, then held, then in review, then active."""
    if vendor.archived_on is not None and vendor.archived_on <= today:
        return Standing.ARCHIVED
    if any(one.starts_on <= today <= one.expires_on for one in vendor.debarments):
        return Standing.DEBARRED
    if any(one.starts_on <= today and (one.ends_on is None or today <= one.ends_on) for one in vendor.holds):
        return Standing.ON_HOLD
    if vendor.approved_on is None or vendor.approved_on > today:
        return Standing.IN_REVIEW
    return Standing.ACTIVE


def _why(vendor: Vendor, today: date) -> str:
    for debarment in vendor.debarments:
        if debarment.starts_on <= today <= debarment.expires_on:
            return f"debarred until {debarment.expires_on} ({debarment.reason})"
    for hold in vendor.holds:
        if hold.starts_on <= today and (hold.ends_on is None or today <= hold.ends_on):
            return f"on hold ({hold.reason})"
    return f"{standing(vendor, today)}"


def may_be_ordered_from(vendor: Vendor | None, today: date) -> Iterator[str]:
    """Yields why not. Only an active vendor is awarded or ordered from."""
    if vendor is None:
        yield "Choose a vendor."
    elif standing(vendor, today) is not Standing.ACTIVE:
        yield f"{vendor.name} is {_why(vendor, today)}; only an active vendor can be ordered from."


def may_be_paid(vendor: Vendor | None, today: date) -> Iterator[str]:
    """Yields why not; asked again on the day of the payment (MO-18)."""
    if vendor is None:
        yield "Choose a vendor."
    elif standing(vendor, today) is not Standing.ACTIVE:
        yield f"{vendor.name} is {_why(vendor, today)}; it cannot be paid."
