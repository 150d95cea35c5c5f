"""Find Match: the lines of released orders, each with what came in and what was billed of it.

The sums are taken in the query that finds the lines, over everybody's receipts and invoices: how much of an order is
open does not depend on who looks. Source: F22.10, RC-01, TH-01."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask import request
from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import contains_eager, joinedload
from sqlalchemy.sql.functions import GenericFunction

from app.entities.base import Exact
from app.entities.document import Document, State
from app.entities.lines import Basis, LineItem, PaymentRequirement
from app.entities.payables import InvoiceLine
from app.entities.receiving import Receipt, ReceiptLine, ShippingPaper
from app.entities.vendors import Vendor
from app.extensions import db
from app.rules.numbers import read_key
from app.rules.receiving import Progress
from app.screens.listing import COUNT_CAP, count_of, like

ORDERS = ("delivery_order",)
"""The kinds of document that goods and invoices come in against."""

MOST = 200
"""How many lines Find Match shows at once."""

_lines, _receipts, _papers = (one.__table__.c for one in (ReceiptLine, Receipt, ShippingPaper))
_bills, _documents = InvoiceLine.__table__.c, Document.__table__.c


class PercentOf(GenericFunction[Decimal]):
    """A percentage of a quantity, both columns with four decimals. SQLite keeps them as whole numbers, so that their
    product has to be brought back to four decimals there; what is cut off is less than a receipt can count."""

    type = Exact(16, 4)
    inherit_cache = True
    name = "percent_of"


@compiles(PercentOf)
def _percent_of(element: Any, compiler: Any, **how: Any) -> str:
    whole, percent = (compiler.process(one, **how) for one in element.clauses)
    return f"({whole} * {percent} / 100)"


@compiles(PercentOf, "sqlite")
def _percent_of_whole_numbers(element: Any, compiler: Any, **how: Any) -> str:
    whole, percent = (compiler.process(one, **how) for one in element.clauses)
    return f"({whole} * {percent} / 1000000)"


def received_of(line_id: Any) -> Any:
    """How much of an order line came in, as a part of a query."""
    came = select(func.coalesce(func.sum(_lines.quantity), 0)).where(
        _lines.order_line_id == line_id, _lines.receipt_id == _documents.id, _documents.state == State.RELEASED
    )
    return came.correlate_except(ReceiptLine.__table__, Document.__table__).scalar_subquery()


def billed_of(line_id: Any) -> Any:
    """How much of an order line invoices ask for, processed or still underway, short payments taken off."""
    asked = func.coalesce(_bills.paid_quantity, _bills.quantity)
    found = select(func.coalesce(func.sum(asked), 0)).where(
        _bills.order_line_id == line_id, _bills.invoice_id == _documents.id, _documents.state != State.CANCELLED
    )
    return found.correlate_except(InvoiceLine.__table__, Document.__table__).scalar_subquery()


def still_to_come(line_id: Any) -> ColumnElement[bool]:
    """Whether a line is not complete, with its under-shipment tolerance; `rules.receiving.Progress` as a query."""
    spared = case(
        (LineItem.under_tolerance == 0, LineItem.under_tolerance),
        (LineItem.under_basis == Basis.PERCENT, PercentOf(LineItem.quantity, LineItem.under_tolerance)),
        else_=LineItem.under_tolerance,
    )
    return received_of(line_id) < LineItem.quantity - spared


@dataclass(frozen=True)
class OrderLine:
    """One line of a released order, and how far it has come."""

    line: LineItem
    received: Decimal
    billed: Decimal

    @property
    def order(self) -> Document:
        """The order that it stands on."""
        return self.line.document

    @property
    def open(self) -> Decimal:
        """What is still to come."""
        return Progress(self.line, self.received).open

    @property
    def complete(self) -> bool:
        """Whether enough came, with the under-shipment tolerance."""
        return Progress(self.line, self.received).complete

    @property
    def to_bill(self) -> Decimal:
        """What may be billed today: what came (or, two-way, what was ordered) and no invoice has asked for yet."""
        two_way = self.line.payment_requirement == PaymentRequirement.TWO_WAY
        return max((self.line.quantity if two_way else self.received) - self.billed, Decimal(0))

    @property
    def left_to_bill(self) -> Decimal:
        """What no invoice has asked for yet, come or not: a bill may be here before its goods."""
        return max(max(self.line.quantity, self.received) - self.billed, Decimal(0))

    def days_late(self, today: date) -> int:
        """How many days ago the line was due."""
        return max((today - self.line.delivery_on).days, 0) if self.line.delivery_on else 0


@dataclass(frozen=True)
class Wish:
    """What is typed into Find Match. `%` is the wildcard: `R%` starts with R."""

    number: str = ""
    vendor: str = ""
    text: str = ""
    paper: str = ""

    @classmethod
    def asked(cls) -> "Wish":
        """The words in the address."""
        return cls(
            **{one.name: request.args.get(one.name, "").strip()[:100].replace("\x00", "") for one in fields(cls)}
        )

    @property
    def empty(self) -> bool:
        """Whether nothing was typed."""
        return self == Wish()

    def conditions(self) -> list[ColumnElement[bool]]:
        """The words as a query."""
        said: list[ColumnElement[bool]] = []
        if self.number:
            said.append(Document.number.ilike(like(self.number), escape="\\"))
        if self.vendor:
            said.append(or_(*[column.ilike(like(self.vendor), escape="\\") for column in (Vendor.name, Vendor.number)]))
        if self.text:
            said.append(LineItem.description.ilike(like(self.text), escape="\\"))
        if self.paper:
            said.append(
                Document.id.in_(
                    select(_receipts.order_id)
                    .join(ShippingPaper.__table__, _papers.receipt_id == _receipts.id)
                    .where(_papers.number.ilike(like(self.paper), escape="\\"))
                )
            )
        return said


def lines_of_orders(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Lines of released orders within sight, with their sums; the oldest delivery first."""
    return (
        select(LineItem, received_of(LineItem.id), billed_of(LineItem.id))
        .join(LineItem.document)
        .outerjoin(Document.vendor)
        .where(Document.kind.in_(ORDERS), Document.state == State.RELEASED, *conditions)
        .options(contains_eager(LineItem.document).contains_eager(Document.vendor), joinedload(LineItem.deliver_to))
        .order_by(LineItem.document_id, LineItem.position)
    )


def found(statement: Select[Any]) -> list[OrderLine]:
    """The lines that a query finds."""
    return [OrderLine(*row) for row in db.session.execute(statement)]


def lines_of(order: Document) -> list[OrderLine]:
    """All lines of one order, open or not."""
    statement = (
        select(LineItem, received_of(LineItem.id), billed_of(LineItem.id))
        .where(LineItem.document_id == order.id)
        .options(joinedload(LineItem.deliver_to))
        .order_by(LineItem.position)
    )
    return found(statement)


PERIODS = (("", "All"), ("late", "Late"), ("week", "Due this week"), ("undated", "Without a date"))
"""The periods of the pending receipts: key and label."""


def in_period(period: str, today: date, first: date | None, last: date | None) -> list[ColumnElement[bool]]:
    """The lines that are due in a period, or between two days. The week ends on Sunday."""
    due, sunday = LineItem.delivery_on, today + timedelta(days=6 - today.weekday())
    every: dict[str, list[ColumnElement[bool]]] = {
        "late": [due < today],
        "week": [and_(due >= today, due <= sunday)],
        "undated": [due.is_(None)],
    }
    return [*every.get(period, []), *([due >= first] if first else []), *([due <= last] if last else [])]


@dataclass(frozen=True)
class Pending:
    """One page of the lines that are still to come."""

    rows: list[OrderLine]
    count: int
    page: int
    pages: int

    @property
    def capped(self) -> bool:
        """Whether there are more than are counted."""
        return self.count > COUNT_CAP


def pending(wish: Wish, conditions: Sequence[ColumnElement[bool]], page: int, size: int) -> Pending:
    """A page of what is still to come, the earliest delivery first: one query, and one that counts."""
    statement = to_come(wish, conditions)
    count = count_of(db.session(), statement, LineItem.id)
    pages = max(1, -(-min(count, COUNT_CAP) // size))
    page = min(max(page, 1), pages)
    return Pending(found(statement.limit(size).offset((page - 1) * size)), count, page, pages)


def to_come(wish: Wish, conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """What is still to come, the earliest delivery first; what has no day comes last."""
    statement = lines_of_orders(still_to_come(LineItem.id), *wish.conditions(), *conditions).order_by(None)
    undated = LineItem.delivery_on.is_(None)
    return statement.order_by(undated, LineItem.delivery_on, LineItem.document_id, LineItem.position)


def by_order(lines: Sequence[OrderLine]) -> list[tuple[Document, list[OrderLine]]]:
    """Lines under their orders."""
    grouped: dict[int, tuple[Document, list[OrderLine]]] = {}
    for one in lines:
        grouped.setdefault(one.order.id, (one.order, []))[1].append(one)
    return list(grouped.values())


def chosen_ids(values: Sequence[str]) -> list[int]:
    """The ids of ticked lines."""
    return [key for one in values if (key := read_key(one))][:MOST]


def receipts_for(line_ids: Sequence[int]) -> dict[int, list[ReceiptLine]]:
    """The recorded receipts within sight of some order lines, by order line, the earliest first."""
    rows = db.session.scalars(
        select(ReceiptLine)
        .join(ReceiptLine.receipt)
        .where(ReceiptLine.order_line_id.in_(line_ids), Receipt.state == State.RELEASED, ReceiptLine.quantity > 0)
        .options(contains_eager(ReceiptLine.receipt))
        .order_by(ReceiptLine.receipt_id)
    )
    grouped: dict[int, list[ReceiptLine]] = {}
    for row in rows:
        grouped.setdefault(row.order_line_id, []).append(row)
    return grouped
