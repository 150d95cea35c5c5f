"""What the search finds: documents of every type that the person may look up, within sight, in one query.

`%` is the wildcard: `R%` starts with R. Without one, each word has to be found somewhere: in the number, the title, the
vendor, a line or its commodity code, the office, or as the total. Source: DOC-12."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, union
from sqlalchemy.orm import joinedload
from wtforms import Form, SelectField, StringField
from wtforms.validators import Length, Optional

from app.entities.catalog import CommodityCode
from app.entities.document import Document, State
from app.entities.lines import LineItem
from app.entities.organization import Organization
from app.entities.payables import Invoice, InvoiceLine
from app.entities.vendors import Vendor
from app.extensions import db
from app.rules.documents import KINDS
from app.rules.numbers import NotANumber, read_decimal
from app.screens.base import SCREENS
from app.screens.columns import spaced
from app.screens.forms import DayField, ExactField, LookupField
from app.screens.gate import actor, office
from app.screens.listing import like
from app.screens.present import document_url, words
from app.screens.shell import menu
from app.turns import start_of

MOST = 100
"""How many documents one search shows."""

MOST_PLACES = 8
LATEST = 20_000
"""Of so many documents, the latest, the palette looks at number and title with each letter that is typed. An older one
it finds by its whole number; the search looks at all."""

MOST_WORDS = 6

DATES: dict[str, tuple[str, Any]] = {
    "created": ("Created", Document.created_at),
    "routed": ("Routed", Document.routed_at),
    "released": ("Released", Document.released_at),
    "due": ("Needed or due", Document.due_on),
}
"""Key → label and column of the dates that one can search by."""


def kinds_in_reach() -> list[tuple[str, str]]:
    """The types of document that the person may look up: table and name."""
    return [(entity.__tablename__, kind.name) for entity, kind in KINDS.items() if actor().may("list", entity)]


class FinderForm(Form):
    """The words and filters of the address."""

    q = StringField("Words", [Length(max=200)], filters=[lambda text: (text or "").replace("\x00", "").strip()])
    kind = SelectField("Type", [Optional()])
    state = SelectField(
        "Status", [Optional()], choices=[("", "Any"), *((one.value, words(one.value)) for one in State)]
    )
    organization = LookupField("Office", entity=Organization, url="/lookup/organization")
    vendor = LookupField("Vendor", entity=Vendor, url="/lookup/vendor")
    least = ExactField("Total from")
    most = ExactField("Total to")
    date = SelectField("Date", [Optional()], choices=[(key, label) for key, (label, _) in DATES.items()])
    first = DayField("From", [Optional()])
    last = DayField("To", [Optional()])

    def __init__(self, formdata: Any = None, **how: Any) -> None:
        super().__init__(formdata, **how)
        self.kind.choices = [("", "Any"), *kinds_in_reach()]

    @property
    def narrows(self) -> bool:
        """Whether a filter is set, rightly or wrongly."""
        return any(field.data or field.errors for field in self if field.name not in ("q", "date"))

    @property
    def asks(self) -> bool:
        """Whether anything is looked for at all."""
        return bool(self.q.data) or self.narrows


def documents(form: FinderForm) -> list[Document]:
    """What fits, the newest first; one more than is shown, so that one knows whether there are more."""
    statement = (
        select(Document)
        .where(Document.kind.in_([name for name, _ in kinds_in_reach()]), *_filters(form))
        .options(joinedload(Document.organization), joinedload(Document.vendor), joinedload(Document.owner))
        .order_by(Document.id.desc())
        .limit(MOST + 1)
    )
    return list(db.session.scalars(_said(statement, form.q.data or "")))


def _filters(form: FinderForm) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if form.kind.data:
        conditions.append(Document.kind == form.kind.data)
    if form.state.data:
        conditions.append(Document.state == form.state.data)
    if form.organization.data is not None:
        below = select(Organization.id).where(Organization.path.startswith(form.organization.data.path))
        conditions.append(Document.organization_id.in_(below))
    if form.vendor.data is not None:
        conditions.append(Document.vendor_id == form.vendor.data.id)
    if form.least.data is not None:
        conditions.append(Document.total >= form.least.data)
    if form.most.data is not None:
        conditions.append(Document.total <= form.most.data)
    return conditions + _between(DATES[form.date.data or "created"][1], form.first.data, form.last.data)


def _between(column: Any, first: date | None, last: date | None) -> list[ColumnElement[bool]]:
    """Both days included; moments are compared with the beginning of a day at the office."""

    def begin(day: date) -> date | datetime:
        return day if column is Document.due_on else start_of(day, office())

    return [*([column >= begin(first)] if first else []), *([column < begin(last + timedelta(days=1))] if last else [])]


def _said(statement: Select[Any], text: str) -> Select[Any]:
    for word in [text] if "%" in text else text.split()[:MOST_WORDS]:
        statement = statement.where(_anywhere(word))
    return statement


def _anywhere(word: str) -> ColumnElement[bool]:
    """A word in any of the places where people look for it."""

    def says(*columns: Any) -> ColumnElement[bool]:
        return or_(*[column.ilike(like(word), escape="\\") for column in columns])

    # The codes are a few thousand and the lines millions: they are looked through apart.
    codes = select(CommodityCode.id).where(says(CommodityCode.code, CommodityCode.name))
    lines = or_(says(LineItem.description), LineItem.commodity_code_id.in_(codes))
    places = [
        says(Document.number, Document.title),
        Document.vendor_id.in_(select(Vendor.id).where(says(Vendor.name, Vendor.number))),
        Document.organization_id.in_(
            select(Organization.id).where(says(Organization.code, Organization.name, Organization.agency_code))
        ),
        Document.id.in_(select(LineItem.document_id).where(lines)),
        Document.id.in_(select(Invoice.id).where(says(Invoice.vendor_invoice_number))),
        Document.id.in_(select(InvoiceLine.invoice_id).where(says(InvoiceLine.description))),
    ]
    amount = _amount(word)
    return or_(*places, Document.total == amount) if amount is not None else or_(*places)


def _amount(word: str) -> Decimal | None:
    try:
        return read_decimal(word, places=2)
    except NotANumber:
        return None


# The palette.


def places(text: str) -> Sequence[dict[str, str]]:
    """Where the palette may jump to: what can be made new, documents whose number or title fits, then vendors."""
    text = text.replace("\x00", "").strip()[:100]
    if len(text) < 2:
        return []
    return [*_made_new(text), *_found(text)][:MOST_PLACES]


def _made_new(text: str) -> Iterator[dict[str, str]]:
    """The forms for new records of the menu that have each word in their name."""
    screens = {screen.route_base: screen for screen in SCREENS.values()}
    for link in (link for section in menu() for link in section.links if link.url.endswith("/list/")):
        screen = screens.get(link.url.removesuffix("/list/"))
        if screen is None or "add" in screen.exclude_route_methods or not actor().may("add", screen.entity):
            continue
        name = f"New {spaced(screen.title)}"
        if all(word in name.lower() for word in text.lower().split()):
            yield {"text": name, "kind": "Action", "url": f"{screen.route_base}/add"}


def _found(text: str) -> Sequence[dict[str, str]]:
    names, table = dict(kinds_in_reach()), Document.__table__.c
    fits = or_(*[column.ilike(like(text), escape="\\") for column in (Document.number, Document.title)])
    latest = select(func.max(table.id) - LATEST).scalar_subquery()
    ids = select(Document.id).where(Document.kind.in_(list(names)))
    newest = ids.where(Document.id > latest, fits).order_by(Document.id.desc()).limit(MOST_PLACES).subquery()
    either = union(select(newest.c.id), ids.where(Document.number == text.upper()))
    found = db.session.scalars(
        select(Document).where(Document.id.in_(either)).order_by(Document.id.desc()).limit(MOST_PLACES)
    )
    rows = [{"text": f"{one.name} {one.title}", "kind": names[one.kind], "url": document_url(one)} for one in found]
    if actor().may("show", Vendor) and len(rows) < MOST_PLACES:
        vendors = db.session.scalars(
            select(Vendor)
            .where(or_(*[column.ilike(like(text), escape="\\") for column in (Vendor.name, Vendor.number)]))
            .order_by(Vendor.id)  # by name, 200,000 would be looked up one by one in the order of an index
            .limit(MOST_PLACES - len(rows))
        ).all()
        rows += [
            {"text": str(one), "kind": "Vendor", "url": f"/vendor/show/{one.id}"}
            for one in sorted(vendors, key=lambda vendor: vendor.name)
        ]
    return rows
