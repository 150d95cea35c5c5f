"""Codes, units and the items that can be bought."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose

from app.entities.catalog import CatalogItem, CodeScheme, CommodityCode, ItemPicture, ItemSource, Unit
from app.extensions import db
from app.screens.base import Screen
from app.screens.finding import MEDIA_TYPES
from app.screens.gate import allowed
from app.screens.importing import ImportsCodes
from app.screens.uploads import Unacceptable, accept

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
    list_columns = ("scheme", "code", "name", "service", "technology", "active")
    search_columns = ("scheme", "code", "name", "service", "technology", "active")
    searched = lookup_columns = ("code", "name")
    edit_columns = ("scheme", "code", "name", "description", "service", "technology", "active")
    labels = {"technology": "Information technology (ITSA)"}
    hints = {"technology": "The signing policy may ask ITS about documents that buy it."}
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

    def _after(self, record: Any) -> str:
        return url_for("CatalogItemScreen.show", pk=record.item_id)


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
    show_template = "items/record.html"
    labels = {"sku": "Item number", "organization": "Stock of", "pack_quantity": "Pieces in a pack"}
    choices = {"source": SOURCES}

    @expose("/picture/<pk>", methods=["POST"])
    @allowed("add", ItemPicture)
    def add_picture(self, pk: str) -> Any:
        """What the item looks like: taken by content, never drawn here. Source: IN-02, UP-01, UP-07."""
        item, upload = self.load(pk), request.files.get("file")
        try:
            if upload is None or not upload.filename:
                raise Unacceptable("Choose a picture first.")
            file = accept(upload.filename, upload.stream)
            if file.media_type not in MEDIA_TYPES:
                raise Unacceptable(f"{file.name} is no picture. Add a PNG or a JPEG.")
        except Unacceptable as reason:
            flash(str(reason), "warning")
            words = request.form.get("words", "")
            inner = self._inner(item)
            return self.page(self.show_template, record=item, title=str(item), inner=inner, words=words), 422
        words = request.form.get("words", "").strip()[:200] or item.name[:200]
        item.pictures.append(ItemPicture(media_type=file.media_type, content=file.content, alternative_text=words))
        db.session.commit()
        flash("Picture added.", "success")
        return redirect(self.url("show", pk=item.id))
