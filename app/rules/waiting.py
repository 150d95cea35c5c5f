"""A bill may arrive before its goods: whoever holds it is told when they have come, were accepted or were taken back, and
whether it matches now. Source: TH-02, F19.01."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

from app.entities.notices import Notice
from app.entities.receiving import Receipt
from app.rules.deeds import Deed, Facts
from app.rules.matching import LineMatch, match


@dataclass(frozen=True)
class Foreseen:
    """The facts as they are as soon as a deed counts: how much more of some order lines will have come in and been
    accepted, or how much less."""

    facts: Facts
    came: Mapping[int, Decimal] = field(default_factory=dict)
    now_accepted: Mapping[int, Decimal] = field(default_factory=dict)

    def received(self, order_line_id: int, besides: int | None) -> Decimal:
        """What came before, and what comes now."""
        return self.facts.received(order_line_id, besides) + self.came.get(order_line_id, Decimal(0))

    def accepted(self, order_line_id: int) -> Decimal:
        """What was accepted before, and what is now."""
        return self.facts.accepted(order_line_id) + self.now_accepted.get(order_line_id, Decimal(0))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.facts, name)


def brought(receipt: Receipt) -> dict[int, Decimal]:
    """Order line → how much of it a receiving report brings."""
    return {line.order_line_id: line.quantity for line in receipt.receipt_lines if line.quantity > 0}


def tell_who_waits(receipt: Receipt, deed: Deed) -> list[object]:
    """A notice to the owner of each unfinished invoice that bills what this receiving report brings."""
    return notices_to(deed, "Goods came", came=brought(receipt))


def tell_who_loses(receipt: Receipt, deed: Deed) -> list[object]:
    """The same when a report is taken back, with what was accepted of it."""
    gone = {one: -quantity for one, quantity in brought(receipt).items()}
    accepted = {line.order_line_id: -line.accepted for line in receipt.receipt_lines}
    return notices_to(deed, "Goods were taken back", came=gone, now_accepted=accepted)


def notices_to(deed: Deed, what: str, **changes: Mapping[int, Decimal]) -> list[object]:
    """A notice to the owner of each unfinished invoice that bills some order lines: what happened, and whether it matches
    now. `changes` are those of `Foreseen`."""
    facts = cast(Facts, Foreseen(deed.facts, **changes))
    touched: Sequence[int] = sorted({line_id for change in changes.values() for line_id in change})
    return [
        Notice(
            user_id=invoice.owner_id,
            document_id=invoice.id,
            kind="matched",
            at=deed.at,
            text=f"{what} for {invoice.title}: {_in_words(match(invoice, facts))}"[:200],
        )
        for invoice in deed.facts.waiting_invoices(touched)
    ]


def _in_words(found: list[LineMatch]) -> str:
    failed = [f"line {one.line.position} {'; '.join(one.reasons)}" for one in found if not one.matched]
    return "; ".join(failed) or "it matches now"
