"""What tests of items and baskets look up."""

from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.models import (
    ItemPicture,
    LineItem,
    MarketBasket,
    OrderingAuthority,
)
from tests.support.making import records
from tests.support.world import World

WIRED, WIRELESS = "Keyboard, wired USB, contoured", "Keyboard, wireless with touchpad"
PIXEL = bytes.fromhex("89504e470d0a1a0a")
HTMX = {"HX-Request": "true"}


def item_id(world: World, name: str) -> int:
    """The item of a name."""
    return world.ids[f"item {name}"]


def baskets(world: World, owner: str = "requester") -> list[dict[str, Decimal]]:
    """What a person's baskets hold: description → quantity, the oldest basket first."""
    with records(world) as session:
        mine = session.scalars(
            select(MarketBasket).where(MarketBasket.owner_id == world.ids[owner]).order_by(MarketBasket.id)
        )
        return [{line.description: line.quantity for line in one.lines} for one in mine]


def restrict(world: World, agreement: str = "MA-A", to: str = "parks") -> None:
    """Only one office orders from an agreement."""
    with records(world) as session:
        session.info["moving"] = True
        session.add(OrderingAuthority(agreement_id=world.ids[agreement], organization_id=world.ids[to]))
        session.commit()


def picture(world: World, media_type: str = "image/png", content: bytes = PIXEL) -> int:
    """A picture of the wired keyboard."""
    with records(world) as session:
        one = ItemPicture(
            item_id=item_id(world, WIRED), media_type=media_type, content=content, alternative_text="Front"
        )
        session.add(one)
        session.commit()
        return one.id


def lines(world: World) -> list[dict[str, Any]]:
    """The lines of the latest basket as plain values, so that they outlive the session."""
    with records(world) as session:
        basket = session.scalars(select(MarketBasket).order_by(MarketBasket.id.desc()).limit(1)).one()
        columns = [column.key for column in LineItem.__table__.columns]
        return [
            {name: getattr(line, name) for name in columns}
            | {"strips": [(part.strip.code, part.share) for part in line.funding]}
            for line in basket.lines
        ]
