"""A bill may arrive before its goods: whoever holds it is told when they have come, and whether it matches now.
Source: TH-02, F19.01."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from app.entities.notices import Notice
from app.entities.receiving import Receipt
from app.rules.deeds import Deed, Facts
from app.rules.matching import LineMatch, match


@dataclass(frozen=True)
class WithReceipt:
    """The facts as they are as soon as a receiving report counts."""

    facts: Facts
    receipt: Receipt

    def received(self, order_line_id: int, besides: int | None) -> Decimal:
        """What came before, and what comes now."""
        now = sum(
            (line.quantity for line in self.receipt.receipt_lines if line.order_line_id == order_line_id), Decimal(0)
        )
        return self.facts.received(order_line_id, self.receipt.id) + now

    def __getattr__(self, name: str) -> Any:
        return getattr(self.facts, name)


def tell_who_waits(receipt: Receipt, deed: Deed) -> list[object]:
    """A notice to the owner of each unfinished invoice that bills what this receiving report brings."""
    facts = cast(Facts, WithReceipt(deed.facts, receipt))
    brought = [line.order_line_id for line in receipt.receipt_lines if line.quantity > 0]
    return notices_to(deed, facts, brought, "Goods came")


def notices_to(deed: Deed, facts: Facts, order_line_ids: Sequence[int], what: str) -> list[object]:
    """A notice to the owner of each unfinished invoice that bills some order lines: what happened, and whether it matches
    now."""
    return [
        Notice(
            user_id=invoice.owner_id,
            document_id=invoice.id,
            kind="matched",
            at=deed.at,
            text=f"{what} for {invoice.title}: {_in_words(match(invoice, facts))}"[:200],
        )
        for invoice in deed.facts.waiting_invoices(order_line_ids)
    ]


def _in_words(found: list[LineMatch]) -> str:
    failed = [f"line {one.line.position} {'; '.join(one.reasons)}" for one in found if not one.matched]
    return "; ".join(failed) or "it matches now"
