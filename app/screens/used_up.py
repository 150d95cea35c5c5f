"""How much of a master agreement has been ordered: in all, line by line, and by which orders. Source: MA-06, F11.08."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import url_for
from sqlalchemy import func, or_, select
from sqlalchemy.orm import selectinload

from app.entities.awards import Consumption, DeliveryOrder, MasterAgreement
from app.entities.document import State
from app.extensions import db
from app.screens.documents import Tab
from app.screens.gate import actor
from app.screens.present import money, quantity

MOST_LINES, MOST_ORDERS = 50, 20
METERED = (State.RELEASED, State.CLOSED, State.TERMINATED, State.SUPERSEDED)
"""The states of an agreement that orders were or could be made from."""


@dataclass(frozen=True)
class Meter:
    """One row of the meter. A ceiling is of the amount for the whole agreement, of the quantity for a line."""

    used: Consumption

    @property
    def ceiling(self) -> Decimal | None:
        """What cannot be passed, if anything."""
        return self.used.amount_ceiling if self.used.line_id is None else self.used.quantity_ceiling

    @property
    def ordered(self) -> Decimal:
        """What counts against the ceiling."""
        return self.used.ordered_amount if self.used.line_id is None else self.used.ordered_quantity

    @property
    def left(self) -> Decimal | None:
        """What can still be ordered."""
        return None if self.ceiling is None else self.ceiling - self.ordered

    @property
    def percent(self) -> Decimal:
        """The used part of the ceiling, for the bar."""
        whole = self.ceiling or Decimal(0)
        return min(Decimal(100), (100 * self.ordered / whole).quantize(Decimal("0.1"))) if whole else Decimal(100)

    def shown(self, value: Decimal | None) -> str:
        """A figure of this row: dollars for the agreement, units for a line."""
        if value is None:
            return ""
        return f"${money(value)}" if self.used.line_id is None else quantity(value)

    @property
    def in_words(self) -> str:
        """The bar in a sentence."""
        return (
            f"{self.shown(self.ordered)} of {self.shown(self.ceiling)} ordered, {self.percent.normalize():f} percent; "
            f"{self.shown(self.left)} left"
        )


@dataclass(frozen=True)
class Usage:
    """What the tab shows. The meters count every order; the orders are those that the person sees."""

    whole: Meter | None
    lines: Sequence[Meter]
    more: int
    orders: Sequence[DeliveryOrder] | None
    count: int
    all_orders: str


class UsedUp:
    """What an agreement's page shows of what was ordered under it."""

    def tabs(self, document: Any) -> Sequence[Any]:
        """The meter comes after the lines, as soon as orders may be made."""
        lines, *others = super().tabs(document)  # type: ignore[misc]
        used = Tab("used", "Used so far", "awards/used.html") if document.state in METERED else None
        return [lines, used, *others]

    def usage(self, agreement: MasterAgreement) -> Usage:
        """The meters of an agreement, lines with most orders first, and the newest orders."""
        session, mine = db.session(), Consumption.agreement_id == agreement.id
        whole = session.scalar(select(Consumption).where(mine, Consumption.line_id.is_(None)))
        worth = (
            mine,
            Consumption.line_id.is_not(None),
            or_(Consumption.ordered_quantity > 0, Consumption.quantity_ceiling.is_not(None)),
        )
        lines = session.scalars(
            select(Consumption)
            .where(*worth)
            .options(selectinload(Consumption.line))
            .order_by(Consumption.ordered_amount.desc(), Consumption.id)
            .limit(MOST_LINES)
        ).all()
        ordered = session.scalar(select(func.count()).select_from(Consumption).where(*worth)) or 0
        orders, count = None, 0
        if actor().may("list", DeliveryOrder):
            under = select(DeliveryOrder).where(DeliveryOrder.agreement_id == agreement.id)
            orders = session.scalars(under.order_by(DeliveryOrder.id.desc()).limit(MOST_ORDERS)).all()
            count = len(orders)
            if count == MOST_ORDERS:
                count = session.scalar(select(func.count()).select_from(under.subquery())) or 0
        return Usage(
            Meter(whole) if whole is not None else None,
            [Meter(one) for one in lines],
            ordered - len(lines),
            orders,
            count,
            url_for("DeliveryOrderScreen.list", _flt_0_agreement=agreement.id),
        )
