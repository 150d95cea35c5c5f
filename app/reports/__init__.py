"""What Purser prints: every type of document as a form on paper. A new type gets a row in `FORMS`."""

import threading
from collections.abc import Mapping

from app.entities.awards import DeliveryOrder, MasterAgreement
from app.entities.document import Document, State
from app.entities.payables import Invoice
from app.entities.receiving import Receipt
from app.entities.requests import MarketBasket, PurchaseRequest
from app.office import Office
from app.reports.approvals import APPROVALS
from app.reports.awards import AGREEMENT_LINES, ORDER_LINES, delivery_order, master_agreement
from app.reports.base import to_pdf
from app.reports.paper import Form
from app.reports.payables import VOUCHER_LINES, invoice_voucher
from app.reports.receiving import RECEIPT_LINES, receiving_report
from app.reports.requests import BASKET_LINES, REQUEST_LINES, market_basket, purchase_request
from app.rules.deeds import Facts

FORMS: Mapping[type[Document], Form] = {
    MarketBasket: Form("Market basket", BASKET_LINES, market_basket),
    PurchaseRequest: Form("Purchase request", REQUEST_LINES, purchase_request),
    MasterAgreement: Form("Master agreement", AGREEMENT_LINES, master_agreement),
    DeliveryOrder: Form("Delivery order", ORDER_LINES, delivery_order),
    Receipt: Form(
        "Receiving report",
        RECEIPT_LINES,
        receiving_report,
        {State.DRAFT: "Draft, not recorded", State.RELEASED: "Recorded", State.CANCELLED: "Reversed or discarded"},
    ),
    Invoice: Form(
        "Invoice voucher",
        VOUCHER_LINES,
        invoice_voucher,
        {
            State.DRAFT: "Draft, not processed",
            State.APPROVED: "Approved, not processed yet",
            State.RELEASED: "Processed for payment",
            State.CLOSED: "Paid",
        },
    ),
}
"""Type of document → its paper."""

_one_at_a_time = threading.Lock()


def print_document(document: Document, office: Office, address: str, facts: Facts | None = None) -> bytes:
    """A document as PDF: the same document, unchanged, gives the same bytes. `address` is where the office's Purser is
    (the QR code leads there); `facts` lets a voucher say what came in and what else was billed, without it those
    figures are left out. Errors: KeyError for a type without a row. Source: DOC-12, RP."""
    with _one_at_a_time:  # an open font file is read by one print at a time
        return to_pdf(document, FORMS[type(document)], office, address, facts)


def print_approvals(document: Document, office: Office, address: str) -> bytes:
    """The approval chain of a document that is signed, as PDF. Source: DOC-04, RP."""
    with _one_at_a_time:
        return to_pdf(document, APPROVALS, office, address, None)


__all__ = ["FORMS", "print_approvals", "print_document"]
