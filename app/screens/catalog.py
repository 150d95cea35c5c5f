"""Codes, units and the items that can be bought."""

from app.entities.catalog import CatalogItem, CodeScheme, CommodityCode, ItemPicture, ItemSource, Unit
from app.screens.base import Screen
from app.screens.importing import ImportsCodes

SOURCES = [
    (one.value, words)
    for one, words in (
        (ItemSource.INVENTORY, "Stock"),
        (ItemSource.INTERNAL, "Internal provider"),
        (ItemSource.CATALOG, "Catalog"),
        (ItemSource.AGREEMENT, "Master agreement"),
    )
]


class CodeSchemeScreen(Screen, of=CodeScheme):
    list_columns = edit_columns = ("code", "name", "class_length")
    search_columns = ("code", "name")
    lookup_columns = ("code", "name")
    hints = {"class_length": "How many first characters name the class by which requests are split."}


class CommodityCodeScreen(ImportsCodes, Screen, of=CommodityCode):
    list_columns = ("scheme", "code", "name", "service", "active")
    search_columns = ("scheme", "code", "name", "service", "active")
    searched = lookup_columns = ("code", "name")
    edit_columns = ("scheme", "code", "name", "description", "service", "active")
    base_sort = ("code", False)
    order_columns = ("code",)


class UnitScreen(Screen, of=Unit):
    list_columns = edit_columns = ("code", "name", "symbol", "common")
    search_columns = ("code", "name", "common")
    searched = lookup_columns = ("code", "name")
    base_sort = ("code", False)
    labels = {"common": "Offered first"}


class ItemPictureScreen(Screen, of=ItemPicture):
    title, plural = "Picture", "Pictures"
    list_columns = show_columns = ("item", "media_type", "alternative_text")
    search_columns = ("item",)
    order_columns = ("id",)
    edit_columns = ("item", "alternative_text")
    exclude_route_methods = {"add", "edit"}


class CatalogItemScreen(Screen, of=CatalogItem):
    list_columns = ("name", "source", "vendor", "sku", "unit_price", "unit", "delivery_days", "active")
    search_columns = ("name", "source", "vendor", "sku", "manufacturer", "unit_price", "commodity_code", "active")
    searched = ("name", "sku", "model")
    lookup_columns = ("name", "sku")
    fieldsets = (
        ("Item", ("name", "description", "sku", "manufacturer", "model")),
        ("Source", ("source", "vendor", "organization", "commodity_code", "stock_on_hand")),
        ("Price", ("unit_price", "unit", "pack_quantity", "delivery_days", "active")),
    )
    edit_columns = tuple(name for _, names in fieldsets for name in names)
    order_columns = ("name", "sku", "unit_price", "delivery_days")
    base_sort = ("name", False)
    labels = {"sku": "Item number", "organization": "Stock of", "pack_quantity": "Pieces in a pack"}
    choices = {"source": SOURCES}
