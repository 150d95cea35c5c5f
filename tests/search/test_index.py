"""The search index follows what is written, in the transaction of what is written; on both databases."""

from decimal import Decimal

from app import search
from app.models import (
    CatalogItem,
    Organization,
    Vendor,
)
from tests.support.shop import DESK, LAMP, WIRED, WIRELESS


def test_the_index_follows_what_is_written(shop):
    item = shop.add("Ladder, aluminum", sku="LD-77 X", model="Alu 3")
    assert (
        shop.names("ladder") == shop.names("ld77x") == shop.names("LD-77") == shop.names("alu3") == ["Ladder, aluminum"]
    )
    item.name = "Steps, aluminum"
    shop.session.commit()
    assert shop.names("ladder") == []
    assert shop.names("steps") == ["Steps, aluminum"]
    item.active = False
    shop.session.commit()
    assert shop.names("steps") == []
    item.active = True
    shop.session.commit()
    shop.session.delete(item)
    shop.session.commit()
    assert shop.names("steps") == []
    assert search.catch_up(shop.session) == 0


def test_a_renamed_vendor_office_code_or_agreement_is_found_by_its_new_name(shop):
    shop.change(shop.session.get(Vendor, shop.world.ids["vendor A"]), name="Zebra Trading")
    assert shop.items("zebra keyboard") == [WIRED, WIRELESS]
    assert shop.items("adesso") == [LAMP, WIRED, WIRELESS]  # by the agreement's title
    shop.change(shop.agreement("A"), title="Peripherals")
    assert shop.items("adesso") == []
    assert shop.items("peripherals keyboard") == [WIRED, WIRELESS]
    desk = shop.session.get(CatalogItem, shop.world.ids["item desk"])
    desk.commodity_code.name = "Bureaus"
    shop.session.commit()
    assert shop.names("bureaus") == [DESK, LAMP, "Bureaus"]
    desk.commodity_code.active = False
    shop.session.commit()
    assert shop.names("bureaus") == [DESK, LAMP]
    shop.session.get(Organization, shop.world.ids["industries"]).name = "Prison Works"
    shop.session.commit()
    assert shop.names("prison") == [DESK]


def test_what_is_rolled_back_is_not_found(shop):
    shop.session.add(CatalogItem(name="Ghost", source="inventory", unit_price=Decimal(1)))
    shop.session.flush()
    assert shop.names("ghost") == ["Ghost"]
    shop.session.rollback()
    assert shop.names("ghost") == []


def test_many_items_in_one_statement_are_found(shop):
    from sqlalchemy import insert

    shop.session.execute(
        insert(CatalogItem),
        [
            {"name": f"Rivet {number}", "source": "inventory", "unit_price": Decimal(1), "unit": "EA", "version": 1}
            for number in range(30)
        ],
    )
    shop.session.commit()
    assert shop.find("rivet").count == 30


def test_the_index_can_be_written_anew(shop):
    from sqlalchemy import delete

    from app.search_tables import search_table

    before = {text: shop.names(text) for text in ("office", "keybord", "adesso", "desk")}
    rows = search_table(shop.session.connection().dialect.name).rows
    shop.session.connection().execute(delete(rows))
    assert shop.names("office") == []
    assert search.catch_up(shop.session) == 11
    assert {text: shop.names(text) for text in before} == before
    assert search.rebuild(shop.session) == 11
    assert {text: shop.names(text) for text in before} == before
    assert search.catch_up(shop.session) == 0
