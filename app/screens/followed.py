"""What an order's page shows of what followed it: receipts and invoices. Source: RC-01, TH-01."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.entities.document import Document, State
from app.entities.lines import LineItem
from app.entities.payables import Invoice, InvoiceLine
from app.entities.receiving import Receipt, ReceiptLine
from app.extensions import db
from app.screens.documents import Tab
from app.screens.gate import actor
from app.screens.matching import OrderLine, lines_of, receipts_for


def invoices_of(order: Document) -> list[Invoice]:
    """The invoices of an order within sight."""
    billed = select(InvoiceLine.invoice_id).join(InvoiceLine.order_line).where(LineItem.document_id == order.id)
    return list(db.session.scalars(select(Invoice).where(Invoice.id.in_(billed)).order_by(Invoice.id)))


class Followed:
    """What an order's page shows of its receipts and invoices. Source: RC-01, TH-01."""

    followed = (State.RELEASED, State.CLOSED, State.TERMINATED)

    def progress(self, order: Document) -> Sequence[tuple[OrderLine, Sequence[ReceiptLine]]]:
        """Each line with what came of it, and by which receipts."""
        lines = lines_of(order)
        receipts = receipts_for([one.line.id for one in lines])
        return [(one, receipts.get(one.line.id, [])) for one in lines]

    def bills(self, order: Document) -> Sequence[Invoice]:
        """The order's invoices."""
        return invoices_of(order)

    def tabs(self, document: Any) -> Sequence[Any]:
        """The receiving and the invoices come after the lines, as soon as goods may come."""
        lines, *others = super().tabs(document)  # type: ignore[misc]
        if document.state not in self.followed:
            return [lines, *others]
        receiving = Tab("receiving", "Receiving", "receiving/progress.html") if actor().may("list", Receipt) else None
        bills = Tab("invoices", "Invoices", "payables/of_order.html") if actor().may("list", Invoice) else None
        return [lines, receiving, bills, *others]

    def extra_buttons(self, document: Any) -> Sequence[tuple[str, str, str]]:
        """The ways on from a released order."""
        buttons = [*super().extra_buttons(document)]  # type: ignore[misc]
        if document.state != State.RELEASED:
            return buttons
        if actor().may("add", Receipt):
            buttons.append(("Receive", f"/receipt/add?order={document.id}", "truck-delivery"))
        if actor().may("add", Invoice):
            buttons.append(("New invoice", f"/invoice/add?order={document.id}", "receipt"))
        return buttons
