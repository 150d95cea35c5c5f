"""The basket that a person shops into: their latest draft, begun with the first thing put into it.

Source: IN-03, IN-04."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from app import reading, totals, workflow
from app.criteria import Loading
from app.entities.document import Document, State
from app.entities.lines import LineItem
from app.entities.organization import Profile
from app.entities.requests import MarketBasket
from app.extensions import db
from app.facts import Answers
from app.people import profile_of
from app.rules.deeds import Deed
from app.rules.numbers import LARGEST
from app.rules.requests import Portion, portions
from app.rules.shopping import the_same, with_usual_places
from app.scope import unscoped
from app.screens.gate import actor, office
from app.screens.present import day, money
from app.screens.requests import usual_offices

TRIES = 3


class NotPut(Exception):
    """Why something cannot be put into a basket, in words for the person at the screen."""


def deed() -> Deed:
    """What the rules of ordering are asked about: this person, today."""
    return Deed("order", actor(), office().now(), office().today(), Answers(db.session(), office()))


def may_shop() -> bool:
    """Whether the person may make baskets at all."""
    return actor().may("add", MarketBasket)


def open_basket(loading: Loading = reading.OF_LINES) -> MarketBasket | None:
    """The person's latest draft, with what its lines show."""
    mine = select(MarketBasket).where(
        MarketBasket.kind == MarketBasket.__tablename__,
        MarketBasket.owner_id == actor().user_id,
        MarketBasket.state == State.DRAFT,
    )
    with unscoped(db.session()):  # one's own, with all that stands on it
        return db.session.scalar(mine.options(loading).order_by(Document.id.desc()).limit(1))


def put(make_line: Callable[[], LineItem]) -> LineItem:
    """Put a line into the basket, or its quantity onto the line that already asks for the same. Committed at once, so
    that nothing is lost. Errors: NotPut."""
    for attempt in range(1, TRIES + 1):
        try:
            return _put(make_line)
        except StaleDataError:  # a row of the basket was saved in another window at the same moment
            db.session.rollback()
            if attempt == TRIES:
                raise
    raise AssertionError("unreachable")


def _put(make_line: Callable[[], LineItem]) -> LineItem:
    session, by = db.session(), actor()
    if by.organization_id is None:
        raise NotPut("You belong to no office yet. Ask an administrator to complete your profile.")
    # Two clicks at once on the first item would begin two baskets: the second waits for the first.
    session.execute(select(Profile.id).where(Profile.user_id == by.user_id).with_for_update())
    profile = profile_of(session, by.user_id or 0)
    basket = open_basket() or workflow.start(
        session, office(), MarketBasket, by, title=f"Items of {day(office().today())}", **usual_offices(profile)
    )
    line = _joined(basket, make_line(), profile)
    try:
        totals.settle(basket)
    except totals.TooLarge:
        session.rollback()
        raise NotPut(f"The basket would come to more than {money(LARGEST)}. Enter a smaller quantity.")
    basket.changed_at = office().now()
    session.commit()
    return line


def _joined(basket: MarketBasket, line: LineItem, profile: Profile | None) -> LineItem:
    known = next((one for one in basket.lines if the_same(one, line)), None)
    if known is None:
        basket.lines.append(with_usual_places(line, profile))
        return line
    known.quantity += line.quantity
    known.unit_price = line.unit_price or known.unit_price
    known.justification = line.justification or known.justification
    return known


def take_out(line_id: int) -> str:
    """Take a line out of the basket; what it was, or nothing if it is gone already."""
    basket = open_basket()
    line = next((one for one in basket.lines if one.id == line_id), None) if basket is not None else None
    if basket is None or line is None:
        return ""
    name = line.description
    basket.lines.remove(line)
    totals.settle(basket)
    basket.changed_at = office().now()
    db.session.commit()
    return name


@dataclass(frozen=True)
class Summary:
    """What stands beside the results: the lines with what becomes of each, funding, places, and what release makes."""

    basket: MarketBasket
    becomes: dict[int, Portion]
    funding: list[tuple[Any, str]]
    unfunded: int
    places: list[str]
    orders: int
    requests: int

    def quantity_of(self, item_id: int) -> Any:
        """How much of an item is in the basket."""
        return next((one.quantity for one in self.basket.lines if one.catalog_item_id == item_id), None)


def summary() -> Summary | None:
    """The person's basket as the aside shows it."""
    basket = open_basket(reading.OF_SHOPPING) if may_shop() else None
    if basket is None:
        return None
    made = portions(basket)
    sums: dict[str, Any] = {}
    for line in basket.lines:
        for part in line.funding:
            sums[part.strip.code] = sums.get(part.strip.code, 0) + part.amount
    places = dict.fromkeys(line.ship_to.name for line in basket.lines if line.ship_to is not None)
    return Summary(
        basket,
        {line.id: portion for portion in made for line in portion.lines},
        [((100 * amount / basket.total).quantize(1), code) for code, amount in sums.items() if basket.total],
        sum(1 for line in basket.lines if not line.funding),
        list(places),
        sum(1 for one in made if one.vendor is not None),
        sum(1 for one in made if one.vendor is None),
    )
