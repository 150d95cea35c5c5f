"""What became of orders, as rules ask it: what came in, what was billed and paid, what is still set aside.

Matching asks line by line, so what is asked of one line is looked up for all lines of its order at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.util import identity_key

from app.entities.document import EDITABLE, DocumentEvent, State
from app.entities.funds import Posting
from app.entities.lines import LineItem
from app.entities.payables import Invoice, InvoiceLine
from app.entities.receiving import Acceptance, Receipt, ReceiptLine
from app.office import Office
from app.rules.matching import price_of, price_to_pay, quantity_to_pay
from app.rules.tolerance import excess_of

SPENT = (State.RELEASED, State.CLOSED)
"""An invoice in these states has been processed."""


@dataclass
class OrderFacts:
    """The part of `facts.Answers` that is about orders. What was looked up is remembered for one deed."""

    session: Session
    office: Office
    _known: dict[Any, Any] = field(default_factory=dict)

    def received(self, order_line_id: int, besides: int | None) -> Decimal:
        """How much of an order line has come in on recorded receipts, one of them left out if wished."""
        found = self._of_lines(
            ("received", besides),
            order_line_id,
            select(ReceiptLine.order_line_id, func.sum(ReceiptLine.quantity))
            .join(Receipt, ReceiptLine.receipt_id == Receipt.id)
            .where(Receipt.state == State.RELEASED, Receipt.id != (besides or 0))
            .group_by(ReceiptLine.order_line_id),
            ReceiptLine.order_line_id,
        )
        return sum((amount for _, amount in found), Decimal(0))

    def last_received_on(self, order_line_id: int) -> date | None:
        """The day on which an order line last came in."""
        found = self._of_lines(
            ("last received",),
            order_line_id,
            select(ReceiptLine.order_line_id, func.max(Receipt.received_on))
            .join(Receipt, ReceiptLine.receipt_id == Receipt.id)
            .where(Receipt.state == State.RELEASED)
            .group_by(ReceiptLine.order_line_id),
            ReceiptLine.order_line_id,
        )
        return max((day for _, day in found), default=None)

    def accepted(self, order_line_id: int) -> Decimal:
        """How much of an order line has been accepted, of what came with recorded receipts."""
        return sum((amount for _, amount, _ in self._accepted(order_line_id)), Decimal(0))

    def last_accepted_on(self, order_line_id: int) -> date | None:
        """The day on which something of an order line was last accepted."""
        return max((day for _, _, day in self._accepted(order_line_id)), default=None)

    def _accepted(self, order_line_id: int) -> list[Any]:
        return self._of_lines(
            ("accepted",),
            order_line_id,
            select(ReceiptLine.order_line_id, func.sum(Acceptance.quantity), func.max(Acceptance.accepted_on))
            .join(Acceptance, Acceptance.receipt_line_id == ReceiptLine.id)
            .join(Receipt, ReceiptLine.receipt_id == Receipt.id)
            .where(Receipt.state == State.RELEASED)
            .group_by(ReceiptLine.order_line_id),
            ReceiptLine.order_line_id,
        )

    def _paid_for(self, order_line_id: int, besides: int | None) -> list[Any]:
        return self._of_lines(
            ("invoiced", besides),
            order_line_id,
            select(
                InvoiceLine.order_line_id,
                InvoiceLine.quantity,
                InvoiceLine.paid_quantity,
                InvoiceLine.unit_price,
                InvoiceLine.paid_price,
            )
            .join(Invoice, InvoiceLine.invoice_id == Invoice.id)
            .where(Invoice.state.in_(SPENT), Invoice.id != (besides or 0)),
            InvoiceLine.order_line_id,
        )

    def invoiced(self, order_line_id: int, besides: int | None) -> Decimal:
        """How much of an order line processed invoices have paid for, one of them left out if wished."""
        return sum((quantity_to_pay(line) for line in self._paid_for(order_line_id, besides)), Decimal(0))

    def excess_paid(self, order_line: LineItem, besides: int | None) -> Decimal:
        """How much money processed invoices have paid for an order line above its price, one of them left out if wished."""
        price = price_of(order_line)
        paid = self._paid_for(order_line.id, besides)
        above = (excess_of(price_to_pay(line), price, quantity_to_pay(line)) for line in paid)
        return sum((one for one in above if one > 0), Decimal("0.00"))

    def asked_for(self, order_line_id: int) -> Decimal:
        """How much of an order line invoices ask for, processed or still underway, short payments taken off."""
        found = self._of_lines(
            ("asked for",),
            order_line_id,
            select(InvoiceLine.order_line_id, InvoiceLine.quantity, InvoiceLine.paid_quantity)
            .join(Invoice, InvoiceLine.invoice_id == Invoice.id)
            .where(Invoice.state != State.CANCELLED),
            InvoiceLine.order_line_id,
        )
        return sum((quantity_to_pay(line) for line in found), Decimal(0))

    def _of_lines(self, what: tuple[Any, ...], order_line_id: int, wanted: Any, line: Any) -> list[Any]:
        """The rows of an order line, of which the first column is its key; those of its order's other lines are kept
        for when they are asked for."""
        loaded = self.session.identity_map.get(identity_key(LineItem, order_line_id))
        order_id = loaded.document_id if loaded is not None else None
        about = (*what, order_id or order_line_id, order_id is not None)
        if about not in self._known:
            others = select(LineItem.__table__.c.id).where(LineItem.__table__.c.document_id == order_id)
            which = line.in_(others) if order_id is not None else line == order_line_id
            found: dict[int, list[Any]] = {}
            # What came in and was billed are facts, however far the person sees.
            for row in self.session.execute(wanted.where(which), execution_options={"skip_scope": True}):
                found.setdefault(row[0], []).append(row)
            self._known[about] = found
        rows: list[Any] = self._known[about].get(order_line_id, [])
        return rows

    def outstanding(self, order_line_ids: Sequence[int], kind: str) -> Mapping[int, Mapping[tuple[int, int], Decimal]]:
        """What some lines still hold of a kind, by line, then by strip and budget year."""
        if not order_line_ids:
            return {}
        rows = self.session.execute(
            select(Posting.order_line_id, Posting.strip_id, Posting.bfy, func.sum(Posting.amount))
            .where(Posting.order_line_id.in_(order_line_ids), Posting.kind == kind)
            .group_by(Posting.order_line_id, Posting.strip_id, Posting.bfy)
            .order_by(Posting.order_line_id, Posting.strip_id, Posting.bfy)
        )
        held: dict[int, dict[tuple[int, int], Decimal]] = {}
        for line_id, strip_id, bfy, amount in rows:
            if amount and line_id is not None:
                held.setdefault(line_id, {})[strip_id, bfy] = amount
        return held

    def answers(self, order_id: int, kind: str) -> list[str]:
        """The unfinished receipts or invoices of an order."""
        if kind == "receipt":
            found = select(Receipt).where(Receipt.order_id == order_id, Receipt.state == State.DRAFT)
            return [one.name for one in self.session.scalars(found)]
        unfinished = (State.DRAFT, State.ROUTED, State.DISAPPROVED, State.APPROVED)
        bills = (
            select(Invoice)
            .join(InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
            .join(LineItem, InvoiceLine.order_line_id == LineItem.id)
            .where(LineItem.document_id == order_id, Invoice.state.in_(unfinished))
            .distinct()
        )
        return [one.name for one in self.session.scalars(bills)]

    def waiting_invoices(self, order_line_ids: Sequence[int]) -> list[Invoice]:
        """The invoices that bill some order lines and have not been routed yet."""
        bills = select(InvoiceLine.invoice_id).where(InvoiceLine.order_line_id.in_(order_line_ids))
        found = select(Invoice).where(Invoice.id.in_(bills), Invoice.state.in_(EDITABLE)).order_by(Invoice.id)
        return list(self.session.scalars(found.options(selectinload(Invoice.invoice_lines))))

    def receivers(self, order_id: int) -> set[int]:
        """Who has received or recorded goods of an order."""
        rows = self.session.execute(
            select(Receipt.received_by_id, DocumentEvent.by_id)
            .outerjoin(DocumentEvent, (DocumentEvent.document_id == Receipt.id) & (DocumentEvent.action == "release"))
            .where(Receipt.order_id == order_id, Receipt.state == State.RELEASED)
        )
        return {person for row in rows for person in row if person is not None}
