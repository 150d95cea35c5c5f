"""What can be put into a basket: stock, the internal provider's goods, and every line of an agreement in effect."""

from decimal import Decimal

from app.demo.files import rows
from app.demo.pictures import png
from app.demo.stage import Stage
from app.entities.awards import MasterAgreement
from app.entities.catalog import CatalogItem, ItemPicture
from app.entities.lines import LineItem

PROVIDERS = {"inventory": ("Central Stores", "ADM-CST"), "internal": ("Correctional Industries", "SHF-IND")}
"""Source → who supplies it, and the office behind the supplier."""


def stock(stage: Stage) -> int:
    """Central Stores' shelves and Correctional Industries' price list. Returns the number of items."""
    items = [_own_item(stage, row) for row in rows("items")]
    stage.session.add_all(items)
    stage.session.flush()
    return len(items)


def _own_item(stage: Stage, row: dict[str, str]) -> CatalogItem:
    vendor, office = PROVIDERS[row["source"]]
    item = CatalogItem(
        source=row["source"],
        name=row["name"],
        description=row["description"],
        sku=row["sku"],
        unit=row["unit"],
        pack_quantity=Decimal(row["pack"]),
        unit_price=Decimal(row["price"]),
        delivery_days=int(row["days"]),
        commodity_code_id=stage.code(row["psc"]),
        vendor_id=stage.ids[f"vendor {vendor}"],
        organization_id=stage.ids[office],
        stock_on_hand=Decimal(row["stock"]) if row["stock"] else None,
    )
    illustrate(item, row["icon"])
    return item


def illustrate(item: CatalogItem, icon: str) -> None:
    """A drawing of the kind of thing, said to be one."""
    if icon:
        kind = " ".join(reversed(icon.split("-")))
        item.pictures.append(
            ItemPicture(
                media_type="image/png", content=png(icon), alternative_text=f"Illustration, not a photograph: {kind}"
            )
        )


def offer(stage: Stage, agreement: MasterAgreement, details: dict[str, dict[str, str]]) -> None:
    """The items of an agreement that was released: one for each line. `details` says by line what the agreement itself
    does not hold: pack, delivery days, picture."""
    for line in agreement.lines:
        stage.session.add(_agreed_item(agreement, line, details.get(line.description, {})))


def _agreed_item(agreement: MasterAgreement, line: LineItem, detail: dict[str, str]) -> CatalogItem:
    item = CatalogItem(
        source="catalog" if agreement.subtype == "catalog" else "agreement",
        name=line.description,
        description=line.extended_description,
        sku=line.part_number or f"{agreement.number[-4:]}-{line.position:02}",
        manufacturer=line.manufacturer,
        model=line.model,
        unit=line.unit,
        unit_price=line.unit_price,
        pack_quantity=Decimal(detail.get("pack") or 1),
        delivery_days=int(detail["days"]) if detail.get("days") else None,
        commodity_code_id=line.commodity_code_id,
        vendor_id=agreement.vendor_id,
        agreement_line_id=line.id,
    )
    illustrate(item, detail.get("icon", ""))
    return item


def retire(stage: Stage) -> None:
    """Items of agreements that have ended are no longer offered."""
    items = (
        stage.session.query(CatalogItem)
        .join(LineItem, CatalogItem.agreement_line_id == LineItem.id)
        .join(MasterAgreement, LineItem.document_id == MasterAgreement.id)
    )
    for item in items.filter(
        (MasterAgreement.expires_on < stage.diary.last_day) | (MasterAgreement.state == "terminated")
    ):
        item.active = False
    stage.session.flush()
