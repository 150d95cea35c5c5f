"""What pickers offer wherever a form is made by hand: the same sight and the same rights as the lists."""

from typing import Any

from flask import abort, jsonify, request
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import Select

from app.access import ROLES
from app.entities.catalog import CommodityCode
from app.entities.funds import FundingStrip, FundingTemplate
from app.entities.organization import Organization, OrganizationAddress, Profile
from app.entities.vendors import Vendor, VendorAddress
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


APPROVERS = tuple(role for role, grants in ROLES.items() if any("approve" in verbs for verbs, _ in grants))
OPEN_TO_ALL = frozenset({"approver"})

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
}
"""Name in the address → entity, and which of its rows are offered."""


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
