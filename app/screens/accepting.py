"""Accepting what came, on the page of a receiving report: line by line, or all of it with one button. Source: RC-04."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask import request
from sqlalchemy import ColumnElement, func, select

from app import workflow
from app.entities.document import Document, State
from app.entities.lines import LineItem
from app.entities.receiving import Acceptance, Receipt, ReceiptLine
from app.rules import accepting
from app.rules.deeds import Problem
from app.rules.numbers import NotANumber, read_decimal, read_key
from app.screens.gate import actor
from app.screens.present import full_name

MOST_TYPED = 500


def is_to_accept(receipt_id: Any) -> ColumnElement[bool]:
    """Whether a report brought something that is still to be accepted; `rules.accepting.left` as a query."""
    came, line, accepted = ReceiptLine.__table__.c, LineItem.__table__.c, Acceptance.__table__.c
    done = select(func.coalesce(func.sum(accepted.quantity), 0)).where(accepted.receipt_line_id == came.id)
    return (
        select(came.id)
        .join(LineItem.__table__, line.id == came.order_line_id)
        .where(came.receipt_id == receipt_id, line.acceptance_required, came.quantity > done.scalar_subquery())
        .exists()
    )


class Accepting:
    """What the screen of receiving reports does with acceptance."""

    def views(self) -> Sequence[tuple[str, str]]:
        """The reports that brought something to accept, beside the others."""
        return (*super().views(), ("accept", "To accept"))  # type: ignore[misc]

    def view_conditions(self) -> Mapping[str, Sequence[ColumnElement[bool]]]:
        """Key of a view → which reports it shows."""
        header = Document.__table__.c
        waiting = (header.state == State.RELEASED, is_to_accept(header.id))
        return {**super().view_conditions(), "accept": waiting}  # type: ignore[misc]

    def asks_acceptance(self, receipt: Receipt) -> bool:
        """Whether a line of it has to be accepted at all."""
        return any(line.order_line.acceptance_required for line in receipt.receipt_lines)

    def to_accept(self, receipt: Receipt) -> Collection[int]:
        """The lines of a report of which the person may accept something, by id."""
        if not actor().may("accept", Receipt):
            return ()
        return [line.id for line in accepting.open_to(receipt, actor())]

    def acceptors(self, line: ReceiptLine) -> str:
        """Who is named to accept a line."""
        named = [one for one in line.order_line.acceptances if one.role == "acceptor"]
        return ", ".join(full_name(one.user) for one in named)

    def left(self, line: ReceiptLine) -> Decimal:
        """How much of a line is still to be accepted."""
        return accepting.left(line)

    def extra(self, action: str) -> dict[str, Any]:
        """How much of each line is accepted, where it was entered line by line. Errors: Refused for no number."""
        if action != "accept" or "lines" not in request.form:
            return super().extra(action)  # type: ignore[misc, no-any-return]
        entered, problems = dict[int, Decimal](), list[Problem]()
        for name, text in [*request.form.items()][:MOST_TYPED]:
            if name.startswith("accepted-") and text.strip():
                try:
                    entered[read_key(name.removeprefix("accepted-"))] = read_decimal(text, places=4)
                except NotANumber as why:
                    problems.append(Problem(f"“{text.strip()[:20]}” cannot be accepted. {why}.", "accept", tab="lines"))
        if problems:
            raise workflow.Refused(problems)
        return {"accepted": entered}
