"""Locks: one at a time moves a document, and one at a time draws on an order. Source: DOC-07, WF-05, MO-15."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Select, select, union
from sqlalchemy.orm import Session

from app.entities.awards import DeliveryOrder
from app.entities.document import Document
from app.entities.lines import LineItem
from app.entities.payables import Invoice, InvoiceLine
from app.entities.receiving import Receipt, ReceiptLine
from app.reading import whole

_documents, _lines, _asked = Document.__table__, LineItem.__table__, LineItem.__table__.alias("asked")
_received, _billed = ReceiptLine.__table__, InvoiceLine.__table__

DRAWN_ON: dict[type[Document], Callable[[int], Select[Any]]] = {
    DeliveryOrder: lambda key: (
        select(_asked.c.document_id)
        .join(_lines, _lines.c.source_line_id == _asked.c.id)
        .where(_lines.c.document_id == key)
    ),
    Receipt: lambda key: (
        select(_lines.c.document_id)
        .join(_received, _received.c.order_line_id == _lines.c.id)
        .where(_received.c.receipt_id == key)
    ),
    Invoice: lambda key: (
        select(_lines.c.document_id)
        .join(_billed, _billed.c.order_line_id == _lines.c.id)
        .where(_billed.c.invoice_id == key)
    ),
}
"""Document type → the documents whose quantities or money it uses up. They are locked with it, so that two deliveries at
the same moment are not both measured against what was open before either, and what a request has set aside is freed by
one order or by its cancelling, not by both."""


def hold(session: Session, entity: type[Document], document_id: int) -> Document:
    """Lock a document and what it draws on until the transaction ends, and read it anew: what was read while waiting
    for the lock may be old. Errors: NoResultFound."""
    return hold_all(session, [(entity, document_id)])[0]


def hold_all(session: Session, all_of: Sequence[tuple[type[Document], int]]) -> list[Document]:
    """The same for several documents, at once. Errors: NoResultFound."""
    session.flush()
    drawn_on = [DRAWN_ON[entity](key) for entity, key in all_of if entity in DRAWN_ON]
    # One list of both: asked whether it is in one or in the other, PostgreSQL looks at every document there is.
    wanted = _documents.c.id.in_(
        union(select(_documents.c.id).where(_documents.c.id.in_([key for _, key in all_of])), *drawn_on)
    )
    # In the order of their ids, so that two that want the same ones never wait for each other.
    session.execute(select(_documents.c.id).where(wanted).order_by(_documents.c.id).with_for_update())
    session.expire_all()
    return [
        session.scalars(select(entity).where(entity.id == key).options(whole(entity))).one() for entity, key in all_of
    ]
