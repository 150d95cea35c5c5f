"""The ledger: the only writer of balances and of what agreements have used up.

Rules return postings; here they are added to the balance with one conditional update per strip, strips always in the
order of their ids, and refused together when any strip falls short. A balance is the sum of its postings; nothing
here edits a posting. Source: FND-03, FND-04, WF-11."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.entities.awards import Consumption
from app.entities.base import upsert
from app.entities.funds import FundingStrip, Posting, PostingKind, StripBalance
from app.rules.deeds import Problem, Use
from app.rules.funds import short_of_funds
from app.rules.money import written
from app.rules.numbers import plain

COLUMN = {
    PostingKind.ALLOTMENT: StripBalance.allotted,
    PostingKind.PRE_ENCUMBRANCE: StripBalance.pre_encumbered,
    PostingKind.ENCUMBRANCE: StripBalance.encumbered,
    PostingKind.EXPENDITURE: StripBalance.expended,
}
"""Which column of a balance a kind of posting moves."""

AVAILABLE = StripBalance.allotted - StripBalance.pre_encumbered - StripBalance.encumbered - StripBalance.expended


def post(session: Session, postings: Iterable[Posting]) -> list[Problem]:
    """Book postings, or say which strips fall short. After a refusal the caller rolls back."""
    rows = list(postings)
    moves: dict[tuple[int, int], dict[PostingKind, Decimal]] = {}
    for row in rows:
        moved = moves.setdefault((row.strip_id, row.bfy), {})
        kind = PostingKind(row.kind)
        moved[kind] = moved.get(kind, Decimal(0)) + row.amount
    problems = [problem for key in sorted(moves) for problem in _move(session, *key, moves[key])]
    if not problems:
        session.add_all(rows)
    return problems


def _move(session: Session, strip_id: int, bfy: int, moved: dict[PostingKind, Decimal]) -> Iterator[Problem]:
    zero = Decimal("0.00")
    asked = sum((amount if kind is not PostingKind.ALLOTMENT else -amount for kind, amount in moved.items()), zero)
    _open_balance(session, strip_id, bfy)
    change = update(StripBalance).where(StripBalance.strip_id == strip_id, StripBalance.bfy == bfy, asked <= AVAILABLE)
    for kind, amount in moved.items():
        if amount < 0:
            change = change.where(COLUMN[kind] >= -amount)
    values = {COLUMN[kind].key: COLUMN[kind] + amount for kind, amount in moved.items()}
    done = session.execute(change.values(values), execution_options={"synchronize_session": False})
    if done.rowcount == 1:  # type: ignore[attr-defined]
        return
    code, available = session.execute(
        select(FundingStrip.code, AVAILABLE)
        .join(StripBalance, StripBalance.strip_id == FundingStrip.id)
        .where(StripBalance.strip_id == strip_id, StripBalance.bfy == bfy)
    ).one()
    if available < asked:
        yield Problem(f"{short_of_funds(code, available, asked)}.", "funding", tab="funding")
    else:
        yield Problem(
            f"{code}: less is held in BFY{bfy} than this would free. Ask fiscal to reconcile.", "funding", tab="funding"
        )


def _open_balance(session: Session, strip_id: int, bfy: int) -> None:
    values = {
        "strip_id": strip_id,
        "bfy": bfy,
        "allotted": Decimal(0),
        "pre_encumbered": Decimal(0),
        "encumbered": Decimal(0),
        "expended": Decimal(0),
    }
    known = session.scalar(select(StripBalance.id).where(StripBalance.strip_id == strip_id, StripBalance.bfy == bfy))
    if known is None:
        session.execute(upsert(session, StripBalance).values(values).on_conflict_do_nothing())


def consume(session: Session, uses: Iterable[Use]) -> list[Problem]:
    """Book what orders take from agreements, or say which ceiling would be passed."""
    totals: dict[tuple[int, int], Use] = {}
    for use in uses:
        key = (use.agreement_id, use.line_id or 0)
        before = totals.get(key)
        totals[key] = (
            use
            if before is None
            else Use(use.agreement_id, use.line_id, before.quantity + use.quantity, before.amount + use.amount)
        )
    return [problem for key in sorted(totals) for problem in _consume(session, totals[key])]


def _consume(session: Session, use: Use) -> Iterator[Problem]:
    meter = (Consumption.agreement_id == use.agreement_id) & (
        Consumption.line_id.is_(None) if use.line_id is None else Consumption.line_id == use.line_id
    )
    quantity, amount = Consumption.ordered_quantity + use.quantity, Consumption.ordered_amount + use.amount
    done = session.execute(
        update(Consumption)
        .where(
            meter,
            Consumption.quantity_ceiling.is_(None) | (quantity <= Consumption.quantity_ceiling),
            Consumption.amount_ceiling.is_(None) | (amount <= Consumption.amount_ceiling),
        )
        .values(ordered_quantity=quantity, ordered_amount=amount),
        execution_options={"synchronize_session": False},
    )
    if done.rowcount == 1:  # type: ignore[attr-defined]
        return
    row = session.scalar(select(Consumption).where(meter))
    if row is None:
        session.execute(
            insert(Consumption).values(
                agreement_id=use.agreement_id,
                line_id=use.line_id,
                ordered_quantity=use.quantity,
                ordered_amount=use.amount,
            )
        )
        return
    position = row.line.position if row.line is not None else None
    name = row.agreement.name
    if row.amount_ceiling is not None and row.ordered_amount + use.amount > row.amount_ceiling:
        left = row.amount_ceiling - row.ordered_amount
        yield Problem(
            f"{name}: {written(left)} left below its ceiling of {written(row.amount_ceiling)}, "
            f"{written(use.amount)} asked, {written(use.amount - left)} over.",
            "total",
        )
    if row.quantity_ceiling is not None and row.ordered_quantity + use.quantity > row.quantity_ceiling:
        spare = row.quantity_ceiling - row.ordered_quantity
        yield Problem(
            f"{name}: line {position}: {plain(spare)} left of {plain(row.quantity_ceiling)}, "
            f"{plain(use.quantity)} asked, {plain(use.quantity - spare)} over.",
            "total",
        )


@dataclass(frozen=True)
class Drift:
    """A balance that is not the sum of its postings."""

    strip: str
    bfy: int
    column: str
    balance: Decimal
    postings: Decimal

    def __str__(self) -> str:
        return (
            f"{self.strip} BFY{self.bfy} {self.column}: balance {written(self.balance)}, "
            f"postings {written(self.postings)}"
        )


def reconcile(session: Session) -> list[Drift]:
    """Every balance against the sum of its postings; an empty list means that the books agree. Source: FND-03."""
    sums: dict[tuple[int, int, str], Decimal] = {
        (strip_id, bfy, kind): total
        for strip_id, bfy, kind, total in session.execute(
            select(Posting.strip_id, Posting.bfy, Posting.kind, func.sum(Posting.amount)).group_by(
                Posting.strip_id, Posting.bfy, Posting.kind
            )
        )
    }
    codes: dict[int, str] = dict(session.execute(select(FundingStrip.id, FundingStrip.code)).all())
    drifts, seen = [], set()
    for row in session.execute(select(StripBalance.strip_id, StripBalance.bfy, *COLUMN.values())):
        for kind, column in COLUMN.items():
            seen.add((row.strip_id, row.bfy, kind.value))
            booked = sums.get((row.strip_id, row.bfy, kind.value), Decimal("0.00"))
            balance = getattr(row, column.key)
            if balance != booked:
                drifts.append(Drift(codes[row.strip_id], row.bfy, kind, balance, booked))
    drifts += [
        Drift(codes[strip_id], bfy, kind, Decimal(0), total)
        for (strip_id, bfy, kind), total in sums.items()
        if total and (strip_id, bfy, kind) not in seen
    ]
    return drifts
