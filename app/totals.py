"""Totals: the computed figures of a document, set in one place whenever anything in it changes."""

from decimal import Decimal

from app.entities.document import Document
from app.entities.payables import Invoice
from app.rules.lines import amount_of, split, total_of, whole_of
from app.rules.matching import amount_to_pay
from app.rules.money import written
from app.rules.numbers import LARGEST


class TooLarge(ValueError):
    """An amount that the books do not carry: quantity times price, or a share of it. Source: MO-05."""


def settle(document: Document) -> None:
    """Bring line amounts, funding amounts, the header's total and its due date up to date. Errors: TooLarge."""
    _settle(document)
    amounts = [document.total, *(part.amount for line in document.lines for part in line.funding)]
    if max(amounts) > LARGEST:
        raise TooLarge(f"This comes to {written(max(amounts))}; a document carries at most {written(LARGEST)}.")


def _settle(document: Document) -> None:
    if isinstance(document, Invoice):
        for billed in document.invoice_lines:
            _set(billed, "amount", amount_to_pay(billed))
        _set(document, "total", sum((billed.amount for billed in document.invoice_lines), Decimal("0.00")))
        return
    for position, line in enumerate(document.lines, 1):
        _set(line, "position", position)
        _set(line, "amount", amount_of(line))
        parts = split(line.amount, line.funding_basis, [part.share for part in line.funding], whole_of(line))
        for part, amount in zip(line.funding, parts, strict=True):
            _set(part, "amount", amount)
    _set(document, "total", total_of(document.lines))
    _set(document, "due_on", min((line.delivery_on for line in document.lines if line.delivery_on), default=None))


def _set(record: object, name: str, value: object) -> None:
    # Only a real change is written: an equal value would still count as one for the audit trail.
    if getattr(record, name) != value:
        setattr(record, name, value)
