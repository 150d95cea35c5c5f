"""What stands in the database after a step, read past the program, in as few queries as there are kinds of facts."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import ledger
from app.entities.funds import FundingStrip, Posting, StripBalance
from app.models import Document, DocumentEvent, LineFunding, LineItem, NumberSeries
from app.rules.documents import kind_named
from tests.support.books import COLUMNS

OPEN = ("draft", "disapproved", "routed")
"""States in which somebody may still write: the owner, or the approver whose turn it is."""


def balances(session: Session) -> dict[str, dict[str, Decimal]]:
    """Strip → what its balance says, all years together."""
    found: dict[str, dict[str, Decimal]] = {}
    for code, row in session.execute(
        select(FundingStrip.code, StripBalance).join(StripBalance, StripBalance.strip_id == FundingStrip.id)
    ):
        sums = found.setdefault(code, dict.fromkeys(COLUMNS, Decimal("0.00")))
        for column in COLUMNS:
            sums[column] += getattr(row, ledger.COLUMN[column].key)  # type: ignore[index]
    return found


def booked(session: Session) -> dict[str, dict[str, Decimal]]:
    """Strip → what its postings add up to."""
    found: dict[str, dict[str, Decimal]] = {}
    for code, column, amount in session.execute(
        select(FundingStrip.code, Posting.kind, func.sum(Posting.amount))
        .join(Posting, Posting.strip_id == FundingStrip.id)
        .group_by(FundingStrip.code, Posting.kind)
    ):
        found.setdefault(code, dict.fromkeys(COLUMNS, Decimal("0.00")))[column] = amount
    return found


def held(session: Session) -> dict[tuple[str, int], dict[str, Decimal]]:
    """What each line still holds, by column and strip; lines that hold nothing are left out."""
    found: dict[tuple[str, int], dict[str, Decimal]] = defaultdict(dict)
    for column, line, strip, amount in session.execute(
        select(Posting.kind, Posting.order_line_id, FundingStrip.code, func.sum(Posting.amount))
        .join(FundingStrip, Posting.strip_id == FundingStrip.id)
        .where(Posting.order_line_id.is_not(None), Posting.kind.in_(COLUMNS[1:3]))
        .group_by(Posting.kind, Posting.order_line_id, FundingStrip.code)
    ):
        if amount:
            found[column, line or 0][strip] = amount
    return dict(found)


def states(session: Session) -> dict[int, tuple[str, str]]:
    """Document → its type and state."""
    rows = session.execute(select(Document.id, Document.kind, Document.state))
    return {key: (kind, state) for key, kind, state in rows}


def wrong_steps(session: Session) -> list[str]:
    """What in the histories is no step of the table of lives, or does not begin where the step before ended."""
    wrong: list[str] = []
    last: dict[int, str] = {}
    for kind, event in session.execute(
        select(Document.kind, DocumentEvent)
        .join(DocumentEvent, DocumentEvent.document_id == Document.id)
        .order_by(DocumentEvent.id)
    ):
        row = kind_named(kind)
        assert row is not None
        fits = [move for move in row.life if move.action == event.action and event.before in move.before]
        began = last.get(event.document_id, "draft")
        if event.before != began or not any(event.after in (move.after, event.before) for move in fits):
            wrong.append(
                f"{kind} {event.document_id}: {event.action} from {event.before} (was {began}) to {event.after}"
            )
        last[event.document_id] = event.after
    current: dict[int, str] = dict(session.execute(select(Document.id, Document.state)).all())
    return wrong + [
        f"{key} is {current[key]}, its history ends {state}" for key, state in last.items() if current[key] != state
    ]


def wrong_numbers(session: Session) -> list[str]:
    """Series with a gap, a number given twice, or a counter that is not one further."""
    taken: dict[str, list[int]] = defaultdict(list)
    for number in session.scalars(select(Document.number).where(Document.number.is_not(None))):
        series, _, last = str(number).rpartition("-")
        taken[series].append(int(last))
    counters = {f"{one.series}-{one.fiscal_year}": one.next_number for one in session.scalars(select(NumberSeries))}
    return [
        f"{series}: {sorted(taken[series])}, counter at {counters.get(series)}"
        for series in sorted(taken.keys() | counters.keys())
        if sorted(taken[series]) != list(range(1, counters.get(series, 0)))
    ]


def frozen_lines(session: Session) -> dict[int, list[Any]]:
    """Document → its lines and their funding, for those in which nobody may write any more."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(
        select(
            LineItem.document_id, LineItem.id, LineItem.position, LineItem.quantity, LineItem.unit_price, LineItem.amount,
            LineItem.funding_basis, LineFunding.strip_id, LineFunding.share, LineFunding.amount,
        )
        .join(Document, LineItem.document_id == Document.id)
        .outerjoin(LineFunding, LineFunding.line_id == LineItem.id)
        .where(Document.state.not_in(OPEN))
        .order_by(LineItem.id, LineFunding.id)
    ):  # fmt: skip
        found[row[0]].append(tuple(row[1:]))
    return dict(found)
