"""Acceptance: what came in counts for payment once somebody has looked at it, where an order line asks for that.

Receiving says what came, accepting says that it is what was ordered; they are two facts, of two moments and mostly of two
people. Source: RC-04, F15.12, F19.08, DOC-06."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from app.entities.document import State
from app.entities.lines import LineItem
from app.entities.notices import Notice
from app.entities.receiving import Acceptance, Receipt, ReceiptLine
from app.rules.deeds import Actor, Deed, Problem
from app.rules.numbers import plain
from app.rules.receiving import ordered_by
from app.rules.waiting import notices_to


def acceptors(line: LineItem) -> frozenset[int]:
    """Who is named to accept an order line; nobody means whoever may accept goods."""
    return frozenset(one.user_id for one in line.acceptances if one.role == "acceptor")


def left(line: ReceiptLine) -> Decimal:
    """How much of what a line of a report brought is still to be accepted; nothing, where nobody asks for it."""
    if not line.order_line.acceptance_required:
        return Decimal(0)
    return line.quantity - line.accepted


def open_to(receipt: Receipt, by: Actor) -> list[ReceiptLine]:
    """The lines of a report that a person is to accept, or may where nobody is named."""
    if receipt.state != State.RELEASED:
        return []
    return [
        line
        for line in receipt.receipt_lines
        if left(line) > 0 and by.user_id in (acceptors(line.order_line) or {by.user_id})
    ]


def chosen(receipt: Receipt, deed: Deed) -> dict[ReceiptLine, Decimal]:
    """What a deed accepts, by line: what was entered, or everything that the person may accept."""
    entered: Mapping[int, Decimal] | None = deed.extra.get("accepted")
    if entered is None:
        return {line: left(line) for line in open_to(receipt, deed.by)}
    return {line: entered[line.id] for line in receipt.receipt_lines if entered.get(line.id)}


# What must hold.


def something_is_accepted(receipt: Receipt, deed: Deed) -> Iterator[Problem]:
    """There is something left, and some of it is entered."""
    if not any(left(line) > 0 for line in receipt.receipt_lines):
        yield Problem("Nothing of this report is left to be accepted.", "accept", tab="lines")
    elif not open_to(receipt, deed.by):
        yield Problem("Others are named to accept these lines.", "accept", tab="lines")
    elif not chosen(receipt, deed):
        yield Problem("Enter how much is accepted on at least one line.", "accept", tab="lines")


def no_more_than_came(receipt: Receipt, deed: Deed) -> Iterator[Problem]:
    """What is accepted came in, and was not accepted before; who is named accepts it."""
    mine = open_to(receipt, deed.by)
    for line, quantity in chosen(receipt, deed).items():
        place = line.order_line.position
        if quantity < 0:
            yield Problem("Enter a quantity above 0.", "accepted", place, "lines")
        elif quantity > left(line):
            before = f", {plain(line.accepted)} accepted before" if line.accepted else ""
            yield Problem(
                f"{plain(quantity)} cannot be accepted: {plain(line.quantity)} came{before}; "
                f"at most {plain(left(line))} can be.",
                "accepted",
                place,
                "lines",
            )
        elif line not in mine:
            yield Problem("Somebody else is named to accept this line.", "accepted", place, "lines")


def less_has_a_reason(receipt: Receipt, deed: Deed) -> Iterator[Problem]:
    """What is left out of an acceptance has to be settled with the vendor, who will ask why."""
    for line, quantity in chosen(receipt, deed).items():
        if 0 < quantity < left(line) and not deed.comment:
            yield Problem(
                f"{plain(quantity)} of {plain(left(line))} are accepted. Say in the comment why not all.",
                "accept-comment",
                line.order_line.position,
                "lines",
            )


def who_orders_does_not_accept(receipt: Receipt, deed: Deed) -> Iterator[Problem]:
    """One person cannot both order and accept (DOC-06)."""
    if deed.by.user_id in ordered_by(receipt.order):
        yield Problem(
            f"You requested, approved or released {receipt.order.name}, so somebody else has to accept what came.",
            "accepted",
            tab="lines",
        )


# What follows.


def accept(receipt: Receipt, deed: Deed) -> list[object]:
    """One record for each line."""
    return [
        Acceptance(
            receipt_line=line,
            quantity=quantity,
            accepted_by_id=deed.by.user_id,
            accepted_on=deed.today,
            at=deed.at,
            comment=deed.comment,
        )
        for line, quantity in chosen(receipt, deed).items()
    ]


def tell_who_waits(receipt: Receipt, deed: Deed) -> list[object]:
    """A notice to the owner of each unfinished invoice that bills what is accepted."""
    now = {line.order_line_id: quantity for line, quantity in chosen(receipt, deed).items()}
    return notices_to(deed, "Goods were accepted", now_accepted=now)


def tell_acceptors(receipt: Receipt, deed: Deed) -> Sequence[object]:
    """A notice to each person who is named to accept something of what has just come."""
    asked = [line.order_line for line in receipt.receipt_lines if left(line) > 0]
    named = {user_id for line in asked for user_id in acceptors(line)} - {deed.by.user_id}
    return [
        Notice(
            user_id=user_id,
            document_id=receipt.id,
            kind="accept",
            at=deed.at,
            text=f"Look at what came of {receipt.order.name}, and accept it: {receipt.order.title}"[:200],
        )
        for user_id in sorted(named)
    ]
