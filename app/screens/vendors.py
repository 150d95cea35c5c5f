"""The vendor file."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import request
from sqlalchemy import Select

from app import notify, worklists
from app.entities.payees import BankAccount, TaxId
from app.entities.vendors import Debarment, Vendor, VendorAddress, VendorCommodity, VendorContact, VendorHold
from app.extensions import db
from app.rules.performance import record_of
from app.rules.terms import Terms
from app.screens.base import Screen
from app.screens.forms import RecordForm
from app.screens.gate import actor, office
from app.screens.present import vendor_chip


class VendorAddressScreen(Screen, of=VendorAddress):
    title, plural = "Address", "Addresses"
    list_columns = ("vendor", "street", "city", "region", "postal_code", "ordering", "remit_to")
    search_columns = ("vendor", "city", "region")
    searched = lookup_columns = ("street", "city")
    edit_columns = (
        "vendor",
        "street",
        "city",
        "region",
        "postal_code",
        "country",
        "phone",
        "fax",
        "ordering",
        "remit_to",
    )
    order_columns = ("id",)
    labels = {
        "region": "State",
        "postal_code": "ZIP code",
        "ordering": "Takes orders here",
        "remit_to": "Takes payments here",
    }


class VendorContactScreen(Screen, of=VendorContact):
    title, plural = "Contact", "Contacts"
    list_columns = ("vendor", "name", "title", "email", "phone", "primary")
    search_columns = ("vendor", "name", "email")
    searched = lookup_columns = ("name", "email")
    edit_columns = ("vendor", "name", "title", "kind", "email", "phone", "primary")
    order_columns = ("id",)


class VendorCommodityScreen(Screen, of=VendorCommodity):
    title, plural = "Commodity code", "Commodity codes"
    list_columns = ("vendor", "commodity_code")
    search_columns = ("vendor", "commodity_code")
    edit_columns = ("vendor", "commodity_code")
    lookup_columns = ("id",)
    order_columns = ("id",)


class VendorHoldScreen(Screen, of=VendorHold):
    title, plural = "Hold", "Holds"
    list_columns = ("vendor", "reason", "starts_on", "ends_on", "placed_by")
    search_columns = ("vendor", "starts_on", "ends_on")
    searched = ("reason",)
    edit_columns = ("vendor", "reason", "starts_on", "ends_on")
    order_columns = ("starts_on", "ends_on")
    hints = {"ends_on": "Empty: until somebody ends it."}

    def before_save(self, record: Any, new: bool) -> None:
        """Who placed the hold."""
        if new:
            record.placed_by_id, record.placed_at = actor().user_id, office().now()


class DebarmentScreen(Screen, of=Debarment):
    list_columns = ("vendor", "reason", "starts_on", "expires_on")
    search_columns = ("vendor", "starts_on", "expires_on")
    searched = ("reason",)
    edit_columns = ("vendor", "reason", "starts_on", "expires_on")
    order_columns = ("starts_on", "expires_on")


class VendorScreen(Screen, of=Vendor):
    list_columns = ("number", "name", "standing", "ownership", "preference_program", "phone", "email")
    search_columns = ("number", "name", "ownership", "size", "preference_program", "approved_on", "archived_on")
    searched = lookup_columns = ("number", "name")
    fieldsets = (
        ("Identity", ("number", "suffix", "name", "parent", "ownership", "size", "preference_program", "organization")),
        ("Contact", ("email", "phone", "website")),
        ("Terms", ("discount_percent", "discount_days", "net_days")),
        ("Disbursement", ("disbursement", "separate_check", "enclosure")),
        ("Review", ("approved_on", "archived_on", "notes")),
    )
    edit_columns = tuple(name for _, names in fieldsets for name in names)
    order_columns = ("number", "name")
    related = (
        (VendorAddress, "vendor"),
        (VendorContact, "vendor"),
        (VendorCommodity, "vendor"),
        (TaxId, "vendor"),
        (BankAccount, "vendor"),
        (VendorHold, "vendor"),
        (Debarment, "vendor"),
    )
    base_sort = ("name", False)
    labels = {
        "organization": "Internal provider",
        "discount_percent": "Discount percent",
        "net_days": "Base payment days",
        "approved_on": "Approved by the Customer Resource Center on",
    }
    hints = {
        "organization": "Only for an office that sells to other offices.",
        "approved_on": "Empty: in review. Such a vendor may bid, but is not ordered from or paid.",
        "suffix": "One of several locations under the same number; 00 is the first.",
    }
    choices = {
        "disbursement": [("check", "Check"), ("eft", "Electronic funds transfer")],
        "ownership": [
            (one, one)
            for one in (
                "Corporation",
                "Limited liability company",
                "Partnership",
                "Sole proprietor",
                "Nonprofit",
                "Government",
            )
        ],
        "size": [(one, one) for one in ("Small", "Medium", "Large")],
    }
    show_template = "vendors/vendor.html"

    def views(self) -> Sequence[tuple[str, str]]:
        """All vendors, and the queue of the Customer Resource Center (VR-05)."""
        return (("", "All"), ("review", "In review"))

    def in_view(self) -> Select[Any]:
        """The vendors of the view that is open."""
        wanted = worklists.in_review(office().today()) if request.args.get("view") == "review" else []
        return self.statement().where(*wanted)

    def before_save(self, record: Any, new: bool) -> None:
        """Who may approve it hears of it."""
        if new:
            notify.entered(db.session(), office(), record, actor())

    def cell(self, record: Any, name: str) -> Any:
        """A vendor's standing is derived, by the office's day."""
        return vendor_chip(record) if name == "standing" else super().cell(record, name)

    def deliveries(self, record: Vendor) -> Sequence[tuple[Any, ...]]:
        """How it has delivered in the last year, to all offices: figures for the page (RC-05)."""
        since = office().today() - timedelta(days=365)
        found = record_of(worklists.deliveries_of(db.session(), record.id, since))
        if not found.deliveries:
            return ()
        late = f"{found.late}, by {found.average_days_late} days on average" if found.late else "none"
        return (
            ("Lines received", found.deliveries, "big"),
            ("In time", f"{found.in_time_percent} %" if found.in_time_percent is not None else "no day was asked"),
            ("Late", late),
            ("With a discrepancy", found.discrepancies),
            ("Not to specification", found.not_to_specification),
        )

    def eager(self) -> tuple[str, ...]:
        """What its standing is derived from."""
        return ("holds", "debarments")

    def check(self, record: Any, form: RecordForm) -> None:
        """Terms make sense."""
        try:
            Terms(record.discount_percent, record.discount_days, record.net_days)
        except ValueError as problem:
            form["discount_days"].errors = [f"{problem}."]
