"""What the cast buys: lines for baskets and requests, by what an office has to do with."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import aliased

from app.demo.cast import Household
from app.demo.files import rows
from app.demo.stage import Stage
from app.entities.awards import MasterAgreement
from app.entities.catalog import CatalogItem, CommodityCode
from app.entities.lines import Basis, LineAcceptance, LineFunding, LineItem, Supply

BUYS = {
    "office": "752 751 753 7110 7125 7045 7690 S299",
    "clinic": "651 6530 6515 8415 6508 6545",
    "it": "702 7035 7045",
    "cleaning": "79 8540 8105 8520 6840 S207",
    "parks": "7125 9905 8415 5120 6810 8345",
    "works": "51 9905 5610 5680 8415 9130 9140",
    "library": "7110 7125 751 753 6240",
    "police": "8415 6135 9905 752 6230",
    "airport": "Z2",
}
"""Theme → the beginnings of the codes of what is bought for it."""

TITLES = {
    "office": ("Office supplies", "New starters' desks", "Records room", "Front desk", "Mail room"),
    "clinic": ("Exam rooms", "Vaccination day", "Treatment rooms, restock", "Infection control", "Triage supplies"),
    "it": ("Workstations", "Keyboards and peripherals", "Server room", "Training room equipment"),
    "cleaning": ("Custodial supplies", "Floor care", "Restroom supplies", "Spring cleaning"),
    "parks": ("Trail signs", "Picnic grounds", "Playground repairs", "Crew supplies"),
    "works": ("Street crew tools", "Winter readiness", "Patching crew", "Signs and barricades"),
    "library": ("Reading room", "Branch refresh", "Children's corner", "Shelving"),
    "police": ("Patrol supplies", "Evidence room", "Station supplies"),
    "airport": ("Taxiway joints", "Ramp markings", "Stormwater repairs", "Service road", "Waterline valves"),
}
LOOSE = frozenset({"STN", "GLL", "FOT", "YDK", "YDQ", "FTK", "LBR", "HUR", "MON", "WEE", "CEN", "MIL", "INH", "ACR"})
"""Units of which one orders by the hundred; how many is a matter of money."""


def title(stage: Stage, theme: str) -> str:
    """What a basket is called."""
    return stage.dice.choice(TITLES[theme])


def offered(stage: Stage, theme: str, agreement_id: int | None = None) -> Sequence[Row[Any]]:
    """Items of a theme that may be ordered on the clock's day and still today; or all items of one agreement. Toner of
    the vendor who will be on hold is bought only by name."""
    line, own = aliased(LineItem), stage.ids.get("agreement TONR", 0)
    found = (
        select(
            CatalogItem.id,
            CatalogItem.name,
            CatalogItem.source,
            CatalogItem.unit,
            CatalogItem.unit_price,
            CatalogItem.commodity_code_id,
            CatalogItem.vendor_id,
            CatalogItem.agreement_line_id,
            CatalogItem.manufacturer,
            CatalogItem.model,
            line.quantity.label("ceiling"),
            line.service,
            line.over_tolerance,
            line.part_number,
            MasterAgreement.subtype,
        )
        .join(CommodityCode, CatalogItem.commodity_code_id == CommodityCode.id)
        .outerjoin(line, CatalogItem.agreement_line_id == line.id)
        .outerjoin(MasterAgreement, line.document_id == MasterAgreement.__table__.c.id)
        .where(
            CatalogItem.active.is_(True),
            or_(CatalogItem.stock_on_hand.is_(None), CatalogItem.stock_on_hand > 0),
            or_(
                line.id.is_(None),
                (MasterAgreement.effective_on <= stage.diary.today)
                & (MasterAgreement.expires_on >= stage.diary.last_day + timedelta(days=1)),
            ),
        )
        .order_by(CatalogItem.id)
    )
    if agreement_id is not None:
        found = found.where(line.document_id == agreement_id)
    else:
        found = found.where(
            or_(*(CommodityCode.code.startswith(code) for code in BUYS[theme].split())),
            or_(line.id.is_(None), line.document_id != own),
        )
    return stage.session.execute(found).all()


def chosen(stage: Stage, household: Household, theme: str, delivery: date, agreement_id: int | None) -> list[LineItem]:
    """A few items, and now and then something that nobody offers."""
    pool = offered(stage, theme, agreement_id)
    picked = stage.dice.sample(pool, min(len(pool), stage.dice.choice((1, 2, 2, 3, 3, 4))))
    lines = [_from_item(stage, household, item, delivery) for item in picked]
    if agreement_id is None and theme != "airport" and (not lines or stage.dice.random() < 0.4):
        lines += needed(stage, household, theme, delivery, stage.dice.choice((1, 1, 2)))
    return lines


def needed(stage: Stage, household: Household, theme: str, delivery: date, count: int) -> list[LineItem]:
    """Things without an agreement: only a code, an estimate, and where somebody offers the class, the reason."""
    pool = [row for row in rows("needs") if row["theme"] == theme]
    found = []
    for row in stage.dice.sample(pool, min(count, len(pool))):
        line = LineItem(
            description=row["description"],
            supply=Supply.OPEN,
            unit=row["unit"],
            unit_price=Decimal(row["price"]),
            quantity=Decimal(stage.dice.randint(int(row["least"] or 1), int(row["most"]))),
            commodity_code_id=stage.code(row["psc"]),
            service=row["psc"][0].isalpha(),
            position=0,
            justification=row["justification"] or "No agreement and no internal provider has it.",
        )
        found.append(_placed(stage, household, line, delivery))
    return found


def _from_item(stage: Stage, household: Household, item: Row[Any], delivery: date) -> LineItem:
    line = LineItem(
        description=item.name,
        supply=item.source,
        catalog_item_id=item.id,
        agreement_line_id=item.agreement_line_id,
        vendor_id=item.vendor_id,
        unit=item.unit,
        unit_price=item.unit_price,
        quantity=_quantity(stage, item),
        commodity_code_id=item.commodity_code_id,
        service=bool(item.service),
        manufacturer=item.manufacturer,
        model=item.model,
        part_number=item.part_number or "",
        over_tolerance=item.over_tolerance or Decimal(0),
        position=0,
    )
    return _placed(stage, household, line, delivery)


def _quantity(stage: Stage, item: Row[Any]) -> Decimal:
    dice, price = stage.dice, item.unit_price
    if item.unit in LOOSE or item.subtype == "blanket":
        least, most = (4_000, 30_000) if item.subtype == "blanket" and price * item.ceiling > 150_000 else (150, 1_400)
        wanted = max(int(dice.randint(least, most) / price), 1)
        ceiling = int(item.ceiling) // 8 if item.subtype == "blanket" else wanted
        return Decimal(max(min(wanted, ceiling), 1))
    steps = ((20, 6, 48), (100, 2, 20), (500, 1, 8))
    return Decimal(dice.randint(*next(((least, most) for limit, least, most in steps if price < limit), (1, 3))))


def _placed(stage: Stage, household: Household, line: LineItem, delivery: date) -> LineItem:
    """Delivery, addresses, funding and who takes it in."""
    ids = stage.ids
    line.delivery_on, line.invoice_to_id = delivery, ids[f"{household.office} invoice_to"]
    if line.service:
        line.period_from, line.period_to = delivery - timedelta(days=30), delivery
    else:
        line.ship_to_id, line.deliver_to_id = ids[f"{household.office} ship_to"], ids[f"{household.office} deliver_to"]
        line.fob = "Destination"
    line.acceptances.append(LineAcceptance(user_id=ids[household.receiver], role="receiver"))
    _fund(stage, household, line)
    return line


def _fund(stage: Stage, household: Household, line: LineItem) -> None:
    """Mostly the household's 60/40; now and then one strip alone, amounts, or quantities."""
    first, second = (stage.ids[code] for code in household.strips)
    way = stage.dice.random()
    amount = (line.quantity * line.unit_price).quantize(Decimal("0.01"))
    shares: Sequence[tuple[int, Decimal]] = ((first, Decimal(60)), (second, Decimal(40)))
    if way < 0.15:
        shares = ((first, Decimal(100)),)
    elif way < 0.25 and amount > 1:
        part = (amount * 55 / 100).quantize(Decimal("0.01"))
        line.funding_basis, shares = Basis.AMOUNT, ((first, part), (second, amount - part))
    elif way < 0.32 and line.quantity >= 2:
        half = line.quantity // 2
        line.funding_basis, shares = Basis.QUANTITY, ((first, half), (second, line.quantity - half))
    line.funding = [
        LineFunding(position=position, strip_id=strip, share=share) for position, (strip, share) in enumerate(shares, 1)
    ]
