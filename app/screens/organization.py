"""Offices, their addresses and people, and the numbers that the office sets for itself."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import inspect, select

from app import offices
from app.entities.organization import (
    Holiday,
    Organization,
    OrganizationAddress,
    OrganizationContact,
    Policy,
    Profile,
)
from app.extensions import db
from app.rules.policies import SETTINGS, Setting, value_of
from app.screens.base import Screen
from app.screens.forms import RecordForm
from app.screens.gate import office


class OrganizationAddressScreen(Screen, of=OrganizationAddress):
    plural = "Addresses"
    title = "Address"
    list_columns = ("name", "organization", "street", "city", "ship_to", "deliver_to", "invoice_to")
    search_columns = ("name", "city", "organization", "ship_to", "deliver_to", "invoice_to")
    searched = lookup_columns = ("name", "street", "city")
    edit_columns = (
        "organization",
        "name",
        "street",
        "city",
        "region",
        "postal_code",
        "country",
        "ship_to",
        "deliver_to",
        "invoice_to",
    )
    labels = {
        "region": "State",
        "postal_code": "ZIP code",
        "ship_to": "Goods are shipped here",
        "deliver_to": "Goods are delivered here",
        "invoice_to": "Invoices are sent here",
    }


class OrganizationContactScreen(Screen, of=OrganizationContact):
    title, plural = "Contact", "Contacts"
    list_columns = ("name", "title", "email", "phone", "organization")
    search_columns = ("name", "organization", "email")
    searched = lookup_columns = ("name", "email")
    edit_columns = ("organization", "name", "title", "email", "phone")


class OrganizationScreen(Screen, of=Organization):
    list_columns = (
        "code",
        "name",
        "parent",
        "agency_code",
        "buying_entity",
        "requesting_office",
        "issuing_office",
        "internal_provider",
        "active",
    )
    search_columns = ("code", "name", "agency_code", "parent", "buying_entity", "internal_provider", "active")
    searched = lookup_columns = ("code", "name")
    edit_columns = (
        "parent",
        "code",
        "name",
        "agency_code",
        "buying_entity",
        "requesting_office",
        "issuing_office",
        "internal_provider",
        "active",
    )
    related = ((OrganizationAddress, "organization"), (OrganizationContact, "organization"))
    base_sort = ("path", False)
    order_columns = ("code", "name", "agency_code", "path")
    hints = {
        "parent": "The tree of offices says what moves along before it moves one.",
        "agency_code": "The code under which the ledger knows the agency.",
        "buying_entity": "Buys in its own name.",
        "internal_provider": "Sells to other offices.",
    }

    def check(self, record: Any, form: RecordForm) -> None:
        """An office is not below itself."""
        if record.id is None or "parent" not in form or not inspect(record).attrs.parent.history.has_changes():
            return
        try:
            offices.foreseen(db.session(), record, record.parent)
        except offices.Immovable as why:
            form["parent"].errors = [str(why)]

    def before_save(self, record: Any, new: bool) -> None:
        """The path follows from the parent, for the office and everything below it."""
        if new:
            db.session.add(record)
        offices.place(db.session(), record)


class ProfileScreen(Screen, of=Profile):
    title, plural = "Person", "People"
    list_columns = ("user", "organization", "approval_limit", "may_receive", "may_inspect", "may_accept")
    search_columns = ("organization", "user", "may_receive", "may_accept")
    edit_columns = (
        "user",
        "organization",
        "requesting_office",
        "issuing_office",
        "ship_to",
        "deliver_to",
        "invoice_to",
        "funding_template",
        "approval_limit",
        "may_receive",
        "may_inspect",
        "may_accept",
    )
    order_columns = ("approval_limit",)
    hints = {"approval_limit": "The largest total that this person may approve; empty means no limit."}


class HolidayScreen(Screen, of=Holiday):
    title, plural = "Office closing", "Office closings"
    list_columns = edit_columns = ("day", "name")
    search_columns = ("day", "name")
    base_sort = ("day", True)
    hints = {"day": "Public holidays are known already; add only days on which the office closes besides."}


class PolicyScreen(Screen, of=Policy):
    plural = "Policies"
    list_columns = ("name", "value", "effective_from", "note")
    search_columns = ("name", "effective_from")
    searched = ("name", "note")
    edit_columns = ("name", "value", "effective_from", "note")
    base_sort = ("effective_from", True)
    choices = {"name": [(one.name, f"{one.name}: {one.meaning} ({one.unit})") for one in SETTINGS.values()]}
    labels = {"effective_from": "Holds from"}
    list_template = "organization/policies.html"

    def in_force(self) -> Sequence[tuple[Setting, Decimal]]:
        """Every number that the office may set, and what holds today."""
        decided = list(db.session.scalars(select(Policy)))
        return [(one, value_of(one.name, decided, office().today())) for one in SETTINGS.values()]
