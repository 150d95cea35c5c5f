"""Which payments are due, scheduled, held and paid, asked of all of them at once: what `rules.payables`, `rules.vendors` and
`rules.payees` say of one in hand. The queue, its sums and the first page ask here, so that they agree. Source: PY-02."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from app.entities.document import Document, State
from app.entities.lines import LineItem
from app.entities.payables import InvoiceLine, Payment, PaymentHold
from app.entities.payees import BankAccount
from app.entities.receiving import Acceptance, Receipt, ReceiptLine
from app.entities.vendors import Debarment, Vendor, VendorHold

_holds, _vendor_holds, _debarments = (one.__table__.c for one in (PaymentHold, VendorHold, Debarment))
_accounts = BankAccount.__table__.c


def is_held(today: date) -> ColumnElement[bool]:
    """Whether something stops a payment: a hold on the invoice, a vendor that may not be paid today, or no account to
    which it could be sent. As a query, what `rules.payables.no_hold_stands`, `rules.vendors.may_be_paid` and
    `rules.payees.there_is_an_account_to_pay` say."""
    stopped = select(_holds.id).where(_holds.invoice_id == Payment.invoice_id, _holds.released_at.is_(None))
    debarred = select(_debarments.id).where(
        _debarments.vendor_id == Vendor.id, _debarments.starts_on <= today, _debarments.expires_on >= today
    )
    held = select(_vendor_holds.id).where(
        _vendor_holds.vendor_id == Vendor.id,
        _vendor_holds.starts_on <= today,
        or_(_vendor_holds.ends_on.is_(None), _vendor_holds.ends_on >= today),
    )
    # A comparison with nothing is neither true nor false, and would be in no view at all.
    archived = and_(Vendor.archived_on.is_not(None), Vendor.archived_on <= today)
    return or_(
        and_(Payment.method == "eft", ~has_account(today)),
        stopped.exists(),
        debarred.exists(),
        held.exists(),
        archived,
        Vendor.approved_on.is_(None),
        Vendor.approved_on > today,
    )


_billed, _ordered = InvoiceLine.__table__, LineItem.__table__
_came, _receipts, _documents, _accepted = (one.__table__ for one in (ReceiptLine, Receipt, Document, Acceptance))


def taken_on(session: Session, invoice_ids: Sequence[int]) -> dict[int, date]:
    """The days on which the last of what some invoices bill came in or, where it is asked for, was accepted; as a query,
    what `rules.payment.taken_on` says."""
    recorded = (
        _billed.join(_came, _came.c.order_line_id == _billed.c.order_line_id)
        .join(_receipts, _receipts.c.id == _came.c.receipt_id)
        .join(_documents, and_(_documents.c.id == _receipts.c.id, _documents.c.state == State.RELEASED))
    )
    looked_at = recorded.join(_accepted, _accepted.c.receipt_line_id == _came.c.id).join(
        _ordered, and_(_ordered.c.id == _billed.c.order_line_id, _ordered.c.acceptance_required)
    )
    found: dict[int, date] = {}
    for day, tables in ((_receipts.c.received_on, recorded), (_accepted.c.accepted_on, looked_at)):
        of_some = select(_billed.c.invoice_id, func.max(day)).select_from(tables)
        rows = session.execute(of_some.where(_billed.c.invoice_id.in_(invoice_ids)).group_by(_billed.c.invoice_id))
        for invoice_id, last in rows:
            found[invoice_id] = max(found.get(invoice_id, last), last)
    return found


def has_account(today: date) -> ColumnElement[bool]:
    """Whether the vendor of a payment has a confirmed bank account, as `rules.payees.in_force` says."""
    return (
        select(_accounts.id)
        .where(
            _accounts.vendor_id == Payment.vendor_id,
            _accounts.counts_from <= today,
            or_(_accounts.retired_on.is_(None), _accounts.retired_on > today),
        )
        .exists()
    )


def conditions(today: date) -> dict[str, ColumnElement[bool]]:
    """The views as queries. Everything that is not paid is in one of the first three."""
    held, open_ = is_held(today), Payment.paid_on.is_(None)
    return {
        "due": and_(open_, ~held, Payment.scheduled_on <= today),
        "scheduled": and_(open_, ~held, Payment.scheduled_on > today),
        "held": and_(open_, held),
        "paid": Payment.paid_on.is_not(None),
    }
