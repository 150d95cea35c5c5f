"""Receiving: how much may come in, and who may say so. Source: RC-01 … RC-05."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, cast

from app.entities.document import Document, State
from app.entities.lines import LineAcceptance, LineItem
from app.entities.receiving import Receipt
from app.rules.approvals import preparers, signers
from app.rules.deeds import Actor, Deed, Problem
from app.rules.tolerance import Tolerance, least, over_received


def over_tolerance(line: LineItem) -> Tolerance:
    """How much more than ordered a line takes."""
    return Tolerance(cast(Literal["percent", "quantity"], line.over_basis), line.over_tolerance)


def under_tolerance(line: LineItem) -> Tolerance:
    """How much less than ordered completes a line."""
    return Tolerance(cast(Literal["percent", "quantity"], line.under_basis), line.under_tolerance)


@dataclass(frozen=True)
class Progress:
    """How far an order line has come in."""

    line: LineItem
    received: Decimal

    @property
    def open(self) -> Decimal:
        """What is still to come."""
        return max(self.line.quantity - self.received, Decimal(0))

    @property
    def complete(self) -> bool:
        """Whether enough has come, with the under-shipment tolerance."""
        return self.received >= least(self.line.quantity, under_tolerance(self.line))


def says_what_came(receipt: Receipt, deed: Deed) -> Iterator[Problem]:
    """At least one quantity; each not negative."""
    if not any(line.quantity > 0 for line in receipt.receipt_lines):
        yield Problem("Enter how much came on at least one line.", "quantity", tab="lines")


def order_can_be_received(receipt: Receipt, deed: Deed) -> Iterator[Problem]:
    """Goods come in against a released order, not before it and not tomorrow."""
    order = receipt.order
    if order.state != State.RELEASED:
        yield Problem(f"{order.name} is {order.state}; only a released order can be received.", "order")
    if receipt.received_on > deed.today:
        yield Problem(f"The goods cannot come in on {receipt.received_on}; today is {deed.today}.", "received_on")
    ordered_on = getattr(order, "ordered_on", None)
    if ordered_on is not None and receipt.received_on < ordered_on:
        yield Problem(
            f"The goods cannot have come in on {receipt.received_on}: the order is of {ordered_on}.", "received_on"
        )


def within_tolerance(receipt: Receipt, deed: Deed) -> Iterator[Problem]:
    """Over all receipts of a line together, so that a tolerance is used once (RC-03, MO-15)."""
    for line in receipt.receipt_lines:
        ordered = line.order_line
        in_all = deed.facts.received(ordered.id, receipt.id) + line.quantity
        if line.quantity > 0:
            for why in over_received(in_all, ordered.quantity, over_tolerance(ordered)):
                yield Problem(f"{why}.", "quantity", ordered.position, "lines")


def who_orders_does_not_receive(receipt: Receipt, deed: Deed) -> Iterator[Problem]:
    """One person cannot both order and accept (DOC-06)."""
    ordered = ordered_by(receipt.order)
    for person, word in ((deed.by.user_id, "You"), (receipt.received_by_id, "The receiver")):
        if person in ordered:
            yield Problem(
                f"{word} requested, approved or released {receipt.order.name}, so somebody else has to receive it.",
                "received_by",
            )
            return


def ordered_by(order: Document) -> set[int]:
    """Everybody who had a hand in an order."""
    released = {event.by_id for event in order.history if event.action == "release" and event.by_id is not None}
    return preparers(order) | signers(order) | released


ACCEPTANCE = {"receiver": "receive", "inspector": "inspect", "acceptor": "accept"}
"""Role at a line → what the person then does. Source: LIN-07."""


def may_be_named(
    document: Document, one: LineAcceptance, holds: Collection[str], by: Actor, name: str
) -> Iterator[Problem]:
    """Who is named to receive, inspect or accept holds that role (`holds`, from the profile), and did not order: who
    only inspects may have (DOC-06)."""
    does = ACCEPTANCE[one.role]
    if one.role not in holds:
        yield Problem(
            f"{name} is not set up to {does} goods. Choose somebody else, or have the profile changed.", "user"
        )
    user_id = one.user.id if one.user is not None else one.user_id
    if one.role != "inspector" and user_id in preparers(document) | signers(document) | {by.user_id}:
        yield Problem(
            f"{name} wrote or signed {document.name}, so somebody else has to {does}: "
            "one person cannot both order and accept.",
            "user",
        )


def not_yet_invoiced(receipt: Receipt, deed: Deed) -> Iterator[Problem]:
    """A receipt is not taken back when what it brought has been billed (WF-09)."""
    for line in receipt.receipt_lines:
        left = deed.facts.received(line.order_line_id, receipt.id)
        billed = deed.facts.invoiced(line.order_line_id, None)
        if billed > left:
            yield Problem(
                f"{billed.normalize():f} have been invoiced and only {left.normalize():f} would remain received. "
                "Cancel the invoice first.",
                "quantity",
                line.order_line.position,
                "lines",
            )
