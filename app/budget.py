"""How the money of a budget year stands, as far as a person sees: by strip and by month. Source: FND-03, RP-01."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from app.entities.funds import FundingStrip, Posting, PostingKind, StripBalance
from app.entities.organization import Organization

NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Standing:
    """The columns of one balance, or of several added up."""

    name: str
    office: str = ""
    allotted: Decimal = NOTHING
    pre_encumbered: Decimal = NOTHING
    encumbered: Decimal = NOTHING
    expended: Decimal = NOTHING

    @property
    def available(self) -> Decimal:
        """What may still be committed."""
        return self.allotted - self.pre_encumbered - self.encumbered - self.expended

    def plus(self, other: "Standing") -> "Standing":
        """Both together, under the first one's name."""
        return Standing(
            self.name,
            self.office,
            self.allotted + other.allotted,
            self.pre_encumbered + other.pre_encumbered,
            self.encumbered + other.encumbered,
            self.expended + other.expended,
        )


def by_strip(session: Session, year: int) -> list[Standing]:
    """Every strip within sight that has money in a budget year, the largest allotment first."""
    rows = session.execute(
        select(
            FundingStrip.code,
            Organization.name,
            StripBalance.allotted,
            StripBalance.pre_encumbered,
            StripBalance.encumbered,
            StripBalance.expended,
        )
        .join(StripBalance, StripBalance.strip_id == FundingStrip.id)
        .join(Organization, Organization.id == FundingStrip.organization_id)
        .where(StripBalance.bfy == year)
        .order_by(StripBalance.allotted.desc(), FundingStrip.code)
    )
    return [Standing(*row) for row in rows]


def by_office(strips: list[Standing]) -> list[Standing]:
    """Strips added up under the offices that they belong to, the largest allotment first."""
    found: dict[str, Standing] = {}
    for strip in strips:
        found[strip.office] = found.get(strip.office, Standing(strip.office, strip.office)).plus(strip)
    return sorted(found.values(), key=lambda one: one.allotted, reverse=True)


def by_month(session: Session, year: int) -> dict[int, tuple[Decimal, Decimal]]:
    """Accounting period → what was spent in it, and what orders of that period still hold today. An order's money
    counts in the month in which it was committed, so that nothing is shown twice once it is spent."""
    month = Posting.afy * 100 + Posting.afm
    held = (
        select(func.min(month).label("month"), func.sum(Posting.amount).label("amount"))
        .where(Posting.bfy == year, Posting.kind == PostingKind.ENCUMBRANCE)
        .group_by(Posting.order_line_id, Posting.strip_id)
        .subquery()
    )
    spent = (
        select(literal("spent").label("what"), Posting.afm.label("period"), func.sum(Posting.amount).label("amount"))
        .where(Posting.afy == year, Posting.kind == PostingKind.EXPENDITURE)
        .group_by(Posting.afm)
    )
    first, last = year * 100 + 1, year * 100 + 12
    still = (
        select(literal("held"), held.c.month - year * 100, func.sum(held.c.amount))
        .where(held.c.month.between(first, last))
        .group_by(held.c.month)
    )
    found: dict[int, tuple[Decimal, Decimal]] = {}
    for what, period, amount in session.execute(union_all(spent, still)):
        before = found.get(period, (NOTHING, NOTHING))
        found[period] = (before[0] + amount, before[1]) if what == "spent" else (before[0], before[1] + amount)
    return {period: amounts for period, amounts in found.items() if any(amounts)}
