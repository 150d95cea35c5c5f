"""Who is at the other end, where goods and invoice go, and on which terms."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from reportlab.platypus import Flowable, Paragraph

from app.entities.document import Document
from app.entities.organization import OrganizationAddress
from app.entities.vendors import Vendor, VendorAddress
from app.reports.paper import Paper
from app.reports.sections import section
from app.reports.tables import Column, Pair, ruled
from app.reports.text import APART, STRONG, joined, paragraph, ranges
from app.rules.numbers import plain


def vendor_block(vendor: Vendor | None, address: VendorAddress | None) -> Paragraph:
    """A vendor with its number, an address and how to reach it."""
    if vendor is None:
        return paragraph("–")
    where = address or next((one for one in vendor.addresses if one.ordering), None)
    number = vendor.number if vendor.suffix == "00" else f"{vendor.number}-{vendor.suffix}"
    reach = joined(where.phone if where and where.phone else vendor.phone, vendor.email, by=APART)
    return paragraph((vendor.name, STRONG), *_lines(*_postal(where), f"Vendor {number}", reach))


def address_block(address: OrganizationAddress | None) -> Paragraph:
    """An address of ours."""
    return paragraph("–") if address is None else paragraph((address.name, STRONG), *_lines(*_postal(address)))


def _postal(where: Any) -> tuple[str, ...]:
    if where is None:
        return ("No address on file",)
    town = joined(where.city, joined(where.region, where.postal_code, by=" "))
    return where.street, town, where.country if where.country != "US" else ""


def _lines(*texts: str) -> list[str]:
    return [f"\n{text}" for text in texts if text]


ADDRESSES = (("Ship to", "ship_to"), ("Deliver to", "deliver_to"), ("Send invoice to", "invoice_to"))


def destinations(document: Document) -> list[Pair]:
    """Where goods and invoice go, when all lines go to the same place."""
    return [
        (label, address_block(next(iter(found), None)) if len(found) < 2 else "See the list below")
        for label, name in ADDRESSES
        for found in [_places(document, name)]
    ]


def scattered(document: Document, paper: Paper) -> Iterator[Flowable]:
    """Which lines go where, when they do not all go to the same place."""
    differing = [(label, name) for label, name in ADDRESSES if len(_places(document, name)) > 1]
    rows = [
        (ranges(positions), label, str(place or "No address yet"))
        for label, name in differing
        for place, positions in _places(document, name).items()
    ]
    if rows:
        columns = (
            Column("Lines", lambda row: row[0], 0.9),
            Column("For", lambda row: row[1], 1.4),
            Column("Address", lambda row: row[2]),
        )
        yield from section("Addresses by line", ruled(columns, rows, paper.width))


def _places(document: Document, name: str) -> dict[OrganizationAddress | None, list[int]]:
    found: dict[OrganizationAddress | None, list[int]] = defaultdict(list)
    for line in document.lines:
        found[getattr(line, name)].append(line.position)
    return found


def terms_of(award: Any) -> str:
    """2 % 10 days, net 30 days."""
    discount = award.discount_percent
    net = f"net {award.net_days} days"
    return f"{plain(discount)} % {award.discount_days} days, {net}" if discount else net.capitalize()
