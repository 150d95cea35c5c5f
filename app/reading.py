"""What is read of a document at once, by its page and by its rules: in as many queries as there are lists on it, however
long they are. What a row of a list refers to comes with the list: a query of its own would take longer."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session, joinedload, selectinload

from app.criteria import Loading
from app.entities.approvals import ApprovalSheet, ApprovalStep, Signature
from app.entities.catalog import CommodityCode
from app.entities.document import Document
from app.entities.envelopes import Envelope, EnvelopeDocument
from app.entities.lines import LineAcceptance, LineFunding, LineItem
from app.entities.payables import Invoice, InvoiceLine, PaymentHold
from app.entities.receiving import Acceptance, Receipt, ReceiptLine
from app.entities.vendors import Vendor

_sheets = selectinload(Document.sheets).selectinload(ApprovalSheet.steps)
_lines = selectinload(Document.lines)
_vendor = joinedload(Document.vendor)

SIGNING = (
    _sheets.joinedload(ApprovalStep.signature).joinedload(Signature.by),
    _sheets.joinedload(ApprovalStep.user),
    _sheets.joinedload(ApprovalStep.organization),
    selectinload(Document.sheets)
    .joinedload(ApprovalSheet.sent_in)
    .joinedload(EnvelopeDocument.envelope)
    .selectinload(Envelope.contents)
    .joinedload(EnvelopeDocument.sheet)
    .selectinload(ApprovalSheet.steps)
    .joinedload(ApprovalStep.signature),
    selectinload(Document.preparers),
    joinedload(Document.enveloped).joinedload(EnvelopeDocument.envelope),
)
BOUGHT = (
    _lines.selectinload(LineItem.funding).joinedload(LineFunding.strip),
    _lines.joinedload(LineItem.commodity_code).joinedload(CommodityCode.scheme),
    _lines.selectinload(LineItem.agreement_line).selectinload(LineItem.document),
    _lines.joinedload(LineItem.vendor),
)
"""What is asked for, who sells it, and who pays: all that a basket shows beside a search."""
LINES = (
    *BOUGHT,
    _lines.selectinload(LineItem.charges),
    _lines.selectinload(LineItem.acceptances).joinedload(LineAcceptance.user),
    _lines.selectinload(LineItem.source_line),
)
CONTENT: dict[type[Document], Sequence[Any]] = {
    Receipt: (
        selectinload(Receipt.receipt_lines)
        .joinedload(ReceiptLine.order_line)
        .selectinload(LineItem.acceptances)
        .joinedload(LineAcceptance.user),
        selectinload(Receipt.receipt_lines).selectinload(ReceiptLine.acceptances).joinedload(Acceptance.accepted_by),
        selectinload(Receipt.papers),
        joinedload(Receipt.order),
        joinedload(Receipt.received_by),
    ),
    Invoice: (
        selectinload(Invoice.invoice_lines).joinedload(InvoiceLine.order_line).joinedload(LineItem.document),
        selectinload(Invoice.invoice_lines)
        .joinedload(InvoiceLine.order_line)
        .selectinload(LineItem.funding)
        .joinedload(LineFunding.strip),
        _vendor.selectinload(Vendor.holds),
        _vendor.selectinload(Vendor.debarments),
        _vendor.selectinload(Vendor.addresses),
        joinedload(Invoice.payment),
        selectinload(Invoice.holds).joinedload(PaymentHold.placed_by),
    ),
}
"""Document type → what it has instead of the shared lines."""

OF_SIGNING, OF_LINES, OF_SHOPPING = Loading(SIGNING), Loading(LINES), Loading(BOUGHT)
"""As one option: what an envelope, a basket, and a basket beside a search read."""

_USUAL = Loading((*SIGNING, *LINES))
_OTHERS = {entity: Loading((*SIGNING, *content)) for entity, content in CONTENT.items()}


def whole(entity: type[Document]) -> Loading:
    """What is loaded with a document of a type."""
    return _OTHERS.get(entity, _USUAL)


def commit(session: Session) -> None:
    """Commit, and go on with what is in memory: it is what was written. Otherwise the next look at a document would
    read all of it again, to say its name. Not for what was changed past the session, by a statement of its own."""
    before, session.expire_on_commit = session.expire_on_commit, False
    try:
        session.commit()
    finally:
        session.expire_on_commit = before
