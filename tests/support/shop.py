"""The small office with a search, and a shelf to put things on."""

from decimal import Decimal
from typing import Any

from app import search
from app.extensions import db
from app.models import (
    CatalogItem,
    MasterAgreement,
)
from tests.support.world import World

WIRED, WIRELESS = "Keyboard, wired USB, contoured", "Keyboard, wireless with touchpad"


LAMP, TONER, DESK = "Desk lamp stand, office furniture", "Toner cartridge, black", "Desk, oak, 60 inches"


class Shop:
    """The small office with a search and a shelf to put things on."""

    def __init__(self, world: World) -> None:
        self.world, self.session, self.office = world, db.session(), world.app.extensions["office"]

    def find(self, text: str, who: str = "requester", **how: Any) -> search.Found:
        return search.find(self.session, self.office, text, by=self.world.actor(who), **how)

    def names(self, text: str, who: str = "requester", **how: Any) -> list[str]:
        return [hit.record.name for hit in self.find(text, who, **how).hits]

    def items(self, text: str, **how: Any) -> list[str]:
        return [hit.record.name for hit in self.find(text, **how).hits if not hit.is_code]

    def add(self, name: str, price: str = "1.00", source: str = "inventory", **values: Any) -> CatalogItem:
        """Agreement items come from agreement A, others from nobody, which is stock."""
        if source in ("agreement", "catalog"):
            line = self.session.get(CatalogItem, self.world.ids[f"item {WIRED}"]).agreement_line
            values = {"agreement_line_id": line.id, "vendor_id": self.world.ids["vendor A"]} | values
        item = CatalogItem(name=name, source=source, unit_price=Decimal(price), **{"delivery_days": 5} | values)
        self.session.add(item)
        self.session.commit()
        return item

    def agreement(self, key: str) -> MasterAgreement:
        return self.session.get(MasterAgreement, self.world.ids[f"MA-{key}"])

    def change(self, record: Any, **values: Any) -> None:
        """As if the office had decided it: the walls around released documents are not what is looked at here."""
        self.session.info["moving"] = True
        for name, value in values.items():
            setattr(record, name, value)
        self.session.commit()
        self.session.info["moving"] = False
