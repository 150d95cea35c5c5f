"""What pickers offer wherever a form is made by hand: the same sight and the same rights as the lists."""

from typing import Any

from flask import abort, jsonify, request
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import Select, or_, select

from app import people
from app.access import ROLES
from app.entities.catalog import CommodityCode
from app.entities.funds import FundingStrip, FundingTemplate
from app.entities.organization import Organization, OrganizationAddress, Profile
from app.entities.payables import Invoice, SourceBank
from app.entities.vendors import Vendor, VendorAddress
from app.extensions import db
from app.rules.numbers import read_key
from app.screens.choices import find_choices
from app.screens.gate import actor, signed_in


def _active(entity: Any) -> Any:
    return lambda statement: statement.where(entity.active.is_(True))


def _place(statement: Select[Any]) -> Select[Any]:
    purpose = request.args.get("for", "")
    column = getattr(OrganizationAddress, purpose, None) if purpose in ("ship_to", "deliver_to", "invoice_to") else None
    return statement if column is None else statement.where(column.is_(True))


def _of_vendor(statement: Select[Any]) -> Select[Any]:
    vendor = read_key(request.args.get("vendor"))
    return statement.where(VendorAddress.vendor_id == vendor) if vendor else statement


def _may_approve(statement: Select[Any]) -> Select[Any]:
    return statement.where(User.active.is_(True), User.roles.any(Role.name.in_(APPROVERS)))


def _nearby(statement: Select[Any], *conditions: Any) -> Select[Any]:
    """Active people of the offices below and above one's own: those with whom one works. The table is asked, not the
    entity: what the sight hides of a profile is what stands in it, not who there is."""
    sight, profile = db.session().info["sight"], Profile.__table__.c
    offices = profile.organization_id.in_((*sight.below, *sight.above))
    return statement.where(User.active.is_(True), User.id.in_(select(profile.user_id).where(offices, *conditions)))


def _may_take_in(statement: Select[Any]) -> Select[Any]:
    profile = Profile.__table__.c
    return _nearby(statement, or_(profile.may_receive, profile.may_inspect, profile.may_accept))


def _may_bill(statement: Select[Any]) -> Select[Any]:
    return _nearby(statement).where(User.id.in_(people.allowed("add", Invoice)))


APPROVERS = tuple(role for role, grants in ROLES.items() if any("approve" in verbs for verbs, _ in grants))
OPEN_TO_ALL = frozenset({"approver", "person", "acceptor", "invoice_clerk"})

LOOKUPS: dict[str, tuple[Any, Any]] = {
    "vendor": (Vendor, None),
    "vendor_address": (VendorAddress, _of_vendor),
    "commodity_code": (CommodityCode, _active(CommodityCode)),
    "funding_strip": (FundingStrip, _active(FundingStrip)),
    "funding_template": (FundingTemplate, None),
    "organization": (Organization, _active(Organization)),
    "organization_address": (OrganizationAddress, _place),
    "profile": (Profile, None),
    "approver": (User, _may_approve),
    "person": (User, _nearby),
    "acceptor": (User, _may_take_in),
    "invoice_clerk": (User, _may_bill),
    "source_bank": (SourceBank, None),
}
"""Name in the address → entity, and which of its rows are offered."""


def lookup(name: str) -> dict[str, Any]:
    """What a field needs to offer, and to accept, the rows of a lookup."""
    entity, narrow = LOOKUPS[name]
    return {"entity": entity, "url": f"/lookup/{name}", "narrow": narrow}


class LookupScreen(BaseView):
    """Answers pickers with JSON."""

    route_base = "/lookup"
    default_view = "find"

    @expose("/<name>")
    @signed_in
    def find(self, name: str) -> Any:
        """The first twenty that fit."""
        if name not in LOOKUPS:
            abort(404)
        entity, narrow = LOOKUPS[name]
        if name not in OPEN_TO_ALL and not actor().may("list", entity):
            abort(403)
        return jsonify(find_choices(entity, request.args.get("q", ""), narrow))
