"""Work lists: the invoices that do not match, the payments that are due, the deliveries that are late and the
agreements that end, each found in a statement or a few, however many there are.

What the rules say of one document in hand is asked of all of them, for the first page and the daily reminders.
Source: RP-01, TH-01, PY-04."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from app import paying
from app.entities.awards import MasterAgreement
from app.entities.document import Document, State
from app.entities.lines import LineItem
from app.entities.payables import Invoice, InvoiceLine, Payment
from app.entities.receiving import Acceptance, Receipt, ReceiptLine
from app.entities.vendors import Vendor
from app.facts import Answers
from app.office import Office
from app.order_facts import SPENT
from app.rules.matching import LineMatch, match
from app.rules.performance import Delivery
from app.rules.receiving import Progress

EXPIRES_WITHIN = 60
"""Days before its end in which an agreement is looked at."""

UNPROCESSED = (State.DRAFT, State.DISAPPROVED, State.ROUTED, State.APPROVED)

# A table and not the entity: what came in and what was billed are facts, however far the person sees.
_documents = Document.__table__


@dataclass
class Foreknown(Answers):
    """The office's records, with what came in and what was billed of many order lines looked up beforehand."""

    came: Mapping[int, Decimal] = field(default_factory=dict)
    billed: Mapping[int, Decimal] = field(default_factory=dict)
    taken: Mapping[int, Decimal] = field(default_factory=dict)

    def received(self, order_line_id: int, besides: int | None) -> Decimal:
        """How much of an order line has come in."""
        return self.came.get(order_line_id, Decimal(0))

    def accepted(self, order_line_id: int) -> Decimal:
        """How much of an order line has been accepted."""
        return self.taken.get(order_line_id, Decimal(0))

    def invoiced(self, order_line_id: int, besides: int | None) -> Decimal:
        """How much of an order line processed invoices have paid for; those that are asked about are not processed."""
        return self.billed.get(order_line_id, Decimal(0))


def unmatched(session: Session, office: Office, most: int = 200) -> list[tuple[Invoice, list[LineMatch]]]:
    """The invoices that are not processed yet and have a line that does not match, with these lines; the invoice that
    arrived first comes first. Four statements, however many there are."""
    invoices = list(
        session.scalars(
            select(Invoice)
            .where(Invoice.kind == "invoice", Invoice.state.in_(UNPROCESSED))
            .options(
                joinedload(Invoice.vendor),
                joinedload(Invoice.owner),
                selectinload(Invoice.invoice_lines).joinedload(InvoiceLine.order_line),
            )
            .order_by(Invoice.received_on, Invoice.id)
            .limit(most)
        )
    )
    found = [(one, [line for line in lines if not line.matched]) for one, lines in matches(session, office, invoices)]
    return [(invoice, lines) for invoice, lines in found if lines]


def matches(session: Session, office: Office, invoices: Sequence[Invoice]) -> list[tuple[Invoice, list[LineMatch]]]:
    """Unprocessed invoices, each with every line's match."""
    ordered = {line.order_line_id for invoice in invoices for line in invoice.invoice_lines if line.order_line_id}
    asking = {
        line.order_line_id
        for invoice in invoices
        for line in invoice.invoice_lines
        if line.order_line_id and line.order_line is not None and line.order_line.acceptance_required
    }
    facts = Foreknown(
        session,
        office,
        came=_came_in(session, ordered),
        billed=_billed(session, ordered),
        taken=_accepted(session, asking) if asking else {},
    )
    return [(invoice, match(invoice, facts)) for invoice in invoices]


def _came_in(session: Session, line_ids: Iterable[int]) -> dict[int, Decimal]:
    lines = ReceiptLine.__table__.c
    return dict(
        session.execute(
            select(lines.order_line_id, func.sum(lines.quantity))
            .join(_documents, _documents.c.id == lines.receipt_id)
            .where(lines.order_line_id.in_(line_ids), _documents.c.state == State.RELEASED)
            .group_by(lines.order_line_id)
        ).all()
    )


def _accepted(session: Session, line_ids: Iterable[int]) -> dict[int, Decimal]:
    lines, accepted = ReceiptLine.__table__.c, Acceptance.__table__.c
    return dict(
        session.execute(
            select(lines.order_line_id, func.sum(accepted.quantity))
            .join(Acceptance.__table__, accepted.receipt_line_id == lines.id)
            .join(_documents, _documents.c.id == lines.receipt_id)
            .where(lines.order_line_id.in_(line_ids), _documents.c.state == State.RELEASED)
            .group_by(lines.order_line_id)
        ).all()
    )


def _billed(session: Session, line_ids: Iterable[int]) -> dict[int, Decimal]:
    lines = InvoiceLine.__table__.c
    paid = func.sum(func.coalesce(lines.paid_quantity, lines.quantity))
    return dict(
        session.execute(
            select(lines.order_line_id, paid)
            .join(_documents, _documents.c.id == lines.invoice_id)
            .where(lines.order_line_id.in_(line_ids), _documents.c.state.in_(SPENT))
            .group_by(lines.order_line_id)
        ).all()
    )


def payments_due(session: Session, today: date) -> tuple[int, int, Decimal]:
    """How many payments could leave today, how many of them for an invoice that was due before, and what they come to."""
    number, late, amount = session.execute(
        select(func.count(), func.count().filter(Invoice.due_on < today), func.sum(Payment.amount))
        .join(Payment.vendor)
        .join(Payment.invoice)
        .where(paying.conditions(today)["due"])
    ).one()
    return number, late, amount or Decimal("0.00")


def expiring(
    session: Session, today: date, *conditions: ColumnElement[bool], within: int = EXPIRES_WITHIN, most: int = 100
) -> list[MasterAgreement]:
    """The agreements that end within some days, the earliest end first."""
    return list(
        session.scalars(
            select(MasterAgreement)
            .where(
                MasterAgreement.kind == "master_agreement",
                MasterAgreement.state == State.RELEASED,
                MasterAgreement.expires_on.between(today, today + timedelta(days=within)),
                *conditions,
            )
            .options(joinedload(MasterAgreement.owner), joinedload(MasterAgreement.vendor))
            .order_by(MasterAgreement.expires_on, MasterAgreement.id)
            .limit(most)
        )
    )


def late_lines(session: Session, today: date, most: int = 500) -> list[LineItem]:
    """The lines of released orders that should have come in full before today and have not, by everybody's receipts
    and with the under-shipment tolerance; the latest first."""
    lines, came = ReceiptLine.__table__.c, func.coalesce(func.sum(ReceiptLine.__table__.c.quantity), 0)
    receipt = _documents.alias("receipt")
    received = (
        select(came)
        .join(receipt, receipt.c.id == lines.receipt_id)
        .where(lines.order_line_id == LineItem.id, receipt.c.state == State.RELEASED)
        .scalar_subquery()
    )
    rows = session.execute(
        select(LineItem, received)
        .join(LineItem.document)
        .where(
            Document.kind == "delivery_order",
            Document.state == State.RELEASED,
            LineItem.delivery_on < today,
            received < LineItem.quantity,
        )
        .options(contains_eager(LineItem.document))
        .order_by(LineItem.delivery_on, LineItem.id)
        .limit(most)
    )
    return [line for line, quantity in rows if not Progress(line, quantity).complete]


def deliveries_of(session: Session, vendor_id: int, since: date, most: int = 5_000) -> list[Delivery]:
    """The lines that a vendor has delivered since a day, to any office. Source: RC-05."""
    reports, lines = Receipt.__table__.c, ReceiptLine.__table__.c
    wanted = LineItem.__table__.alias("wanted")
    rows = session.execute(
        select(reports.received_on, wanted.c.delivery_on, lines.discrepancy, lines.not_to_specification)
        .select_from(_documents)
        .join(Receipt.__table__, reports.id == _documents.c.id)
        .join(ReceiptLine.__table__, lines.receipt_id == reports.id)
        .join(wanted, wanted.c.id == lines.order_line_id)
        .where(
            _documents.c.kind == Receipt.__tablename__,
            _documents.c.vendor_id == vendor_id,
            _documents.c.state == State.RELEASED,
            reports.received_on >= since,
        )
        .order_by(_documents.c.id.desc())
        .limit(most)
    )
    return [Delivery(*row) for row in rows]


def in_review(today: date) -> list[ColumnElement[bool]]:
    """The vendors that nobody has approved, as conditions of a query; those that were archived are not asked about."""
    return [
        or_(Vendor.approved_on.is_(None), Vendor.approved_on > today),
        or_(Vendor.archived_on.is_(None), Vendor.archived_on > today),
    ]


def vendors_in_review(session: Session, today: date) -> int:
    """How many vendors wait for the Customer Resource Center (VR-05)."""
    return session.scalar(select(func.count(Vendor.id)).where(*in_review(today))) or 0
