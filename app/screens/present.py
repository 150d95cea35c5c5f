"""How values look on a page: money, quantities, days, states. One place, so that a figure looks the same everywhere."""

import functools
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from flask import Flask, current_app, g, url_for
from markupsafe import Markup, escape
from sqlalchemy import inspect

from app.entities.base import Exact
from app.entities.document import Document
from app.entities.vendors import Vendor
from app.rules.documents import KINDS
from app.rules.vendors import standing
from app.screens.gate import office
from app.screens.second_factor import wants_code

TONES = {
    "draft": "neutral",
    "routed": "info",
    "disapproved": "warn",
    "approved": "ok",
    "released": "ok",
    "closed": "neutral",
    "cancelled": "bad",
    "terminated": "bad",
    "superseded": "neutral",
    "active": "ok",
    "in review": "warn",
    "on hold": "warn",
    "debarred": "bad",
    "archived": "neutral",
    "in effect": "ok",
    "expired": "bad",
    "not yet in effect": "info",
    "agreement": "info",
    "catalog": "ok",
    "internal": "accent",
    "inventory": "ok",
    "open": "neutral",
    "matched": "ok",
    "waiting": "warn",
    "quantity": "bad",
    "price": "bad",
    "not ordered": "bad",
    "paid": "ok",
    "failed": "bad",
    "late": "bad",
    "due": "warn",
    "queued": "info",
    "to confirm": "warn",
    "in force": "ok",
    "replaced": "neutral",
    "retired": "neutral",
    "being filled": "neutral",
    "underway": "info",
    "done": "ok",
}
"""Word → tone of its chip."""

WORDS = {"routed": "In approval", "disapproved": "Returned", "open": "Open market", "inventory": "Stock"}
"""Words that people read otherwise than they are stored."""


def money(value: Decimal | None) -> str:
    """1,234.50; more decimals only where a unit price has them."""
    if value is None:
        return ""
    exponent = value.normalize().as_tuple().exponent if value else 0
    return f"{value:,.{max(2, -exponent if isinstance(exponent, int) else 2)}f}"


def quantity(value: Decimal | None) -> str:
    """12 or 12.5: no trailing zeros."""
    return "" if value is None else f"{value.normalize() + 0:,f}"


def plain_number(value: Decimal | None) -> str:
    """A number for an input field: no thousands separators, no trailing zeros."""
    return "" if value is None else f"{value.normalize() + 0:f}"


def day(value: date | None) -> str:
    """Nov 21, 2026."""
    return "" if value is None else f"{value:%b} {value.day}, {value.year}"


def moment(value: datetime | None) -> str:
    """Nov 21, 2026, 3:05 PM, by the office's clock. A moment without a zone is UTC, as FAB stores them."""
    if value is None:
        return ""
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    local = office().local(aware)
    return f"{day(local.date())}, {local.hour % 12 or 12}:{local:%M %p}"


def words(value: str) -> str:
    """A stored word as people read it."""
    text = str(value).replace("_", " ")
    return WORDS.get(text, text[:1].upper() + text[1:])


def chip(value: str, text: str = "") -> Markup:
    """A word in a coloured pill."""
    return _pill(str(value), text)


@functools.lru_cache(maxsize=500)
def _pill(value: str, text: str) -> Markup:
    return Markup('<span class="chip chip-{}">{}</span>').format(TONES.get(str(value), "neutral"), text or words(value))


def cell(record: Any, name: str) -> Any:
    """One value of a record as a list or a record's page shows it."""
    value: Any = record
    for part in name.split("."):
        value = getattr(value, part, None) if value is not None else None
    value = value() if callable(value) else value
    if name in ("state", "status", "source", "supply"):
        return chip(str(value))
    entity: Any = type(record)
    return shown(value, _scale(entity, name))


@functools.cache
def _scale(entity: Any, name: str) -> int | None:
    return places(inspect(entity).columns.get(name)) if "." not in name else None


def places(column: Any) -> int | None:
    """How many decimals tell whether a column is money or a count; none where it is no number. A price is money, though
    it may have more of them."""
    if column is None or not isinstance(column.type, Exact):
        return None
    return 2 if column.info.get("money") else column.type.places


def shown(value: Any, places: int | None = None) -> Any:
    """A value by its type."""
    if value is None or value == "":
        return Markup('<span class="muted">–</span>')
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, Decimal):
        return quantity(value) if places == 4 else money(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value) or Markup('<span class="muted">–</span>')
    if isinstance(value, Document):
        return document_link(value)
    return str(value)


def record_url(endpoint: str, key: object, name: str = "pk", **of: object) -> str:
    """The address of one of many records, by the `name` of its key and what it is part `of`: where it leads is found out
    once for a page, and not for each of its rows."""
    found, asked = g.setdefault("addresses", {}), (endpoint, *of.items())
    if asked not in found:
        found[asked] = url_for(endpoint, **{name: "-0-"}, **of).split("-0-")  # type: ignore[arg-type]
    before, after = found[asked]
    return f"{before}{key}{after}"


def document_url(document: Document) -> str:
    """The address of a document's page."""
    return f"/{document.kind.replace('_', '-')}/show/{document.id}"


def document_link(document: Document) -> Markup:
    """A document's number, leading to its page."""
    return Markup('<a class="docnum" href="{}">{}</a>').format(document_url(document), document.name)


def full_name(user: Any) -> str:
    """A person's name."""
    return f"{user.first_name} {user.last_name}" if user is not None else "Purser"


def initials(user: Any) -> str:
    """A person's initials, for the round badge."""
    return f"{user.first_name[:1]}{user.last_name[:1]}" if user is not None else "P"


def vendor_chip(vendor: Vendor) -> Markup:
    """Where a vendor stands today."""
    return chip(standing(vendor, office().today()))


def kind_name(document: Document) -> str:
    """What a document's type is called."""
    return KINDS[type(document)].name


def static_version(filename: str) -> str:
    """A static file's address."""
    return url_for("static", filename=filename)


def install(app: Flask) -> None:
    """Give templates these words."""
    app.jinja_env.filters.update(
        money=money,
        quantity=quantity,
        plain_number=plain_number,
        day=day,
        moment=moment,
        words=words,
        full_name=full_name,
        initials=initials,
    )
    app.jinja_env.globals.update(
        cell=cell,
        shown=shown,
        chip_of=chip,
        document_link=document_link,
        document_url=document_url,
        record_url=record_url,
        vendor_chip=vendor_chip,
        kind_name=kind_name,
        office_today=lambda: current_app.extensions["office"].today(),
        escape_text=escape,
        wants_code=wants_code,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
