"""A draft to which rows are added, and its lines as they stand in the database."""

from typing import Any

from sqlalchemy import select

from app.models import LineItem
from tests.support.making import records
from tests.support.world import World

PR = "purchase-request"
FIELDS = ("description", "quantity", "unit", "unit_price", "delivery_on")


def lines(world: World, document: int) -> list[tuple[Any, ...]]:
    """What stands in the fields of each line."""
    with records(world) as session:
        found = session.scalars(select(LineItem).where(LineItem.document_id == document).order_by(LineItem.position))
        return [tuple(getattr(one, name) for name in FIELDS) for one in found]


def line(world: World, document: int, position: int = 1) -> tuple[LineItem, str | None, int | None]:
    """One line, its code and where it goes."""
    with records(world) as session:
        found = session.scalar(select(LineItem).where(LineItem.document_id == document, LineItem.position == position))
        assert found is not None
        code, ship_to = found.commodity_code, found.ship_to_id
        return found, code.code if code else None, ship_to
