"""Who may do what. A row of ROLES says which verbs a role has with which entities; the setup command writes them into
the database, where admins may adjust them. What of it a person sees is decided by `scope`. Source: ORG-03."""

from collections.abc import Iterator

from flask_appbuilder.security.sqla.models import Role, User

from app.entities.approvals import Delegation, RoutingRule
from app.entities.awards import DeliveryOrder, MasterAgreement
from app.entities.base import Entity
from app.entities.catalog import CatalogItem, CodeScheme, CommodityCode, ItemPicture, Unit
from app.entities.funds import FiscalYear, FundingStrip, FundingTemplate, FundingTemplatePart, Posting, StripBalance
from app.entities.operations import AuditEntry, JobRun
from app.entities.organization import (
    Holiday,
    Organization,
    OrganizationAddress,
    OrganizationContact,
    Policy,
    Profile,
)
from app.entities.payables import Invoice, Payment, SourceBank
from app.entities.payees import BankAccount, TaxId
from app.entities.receiving import Receipt
from app.entities.requests import MarketBasket, PurchaseRequest
from app.entities.vendors import Debarment, Vendor, VendorAddress, VendorCommodity, VendorContact, VendorHold

SEE = ("list", "show")
KEEP = (*SEE, "add", "edit", "delete")
AUTHOR = (*SEE, "add", "edit", "route", "recall", "cancel")
DECIDE = (*SEE, "edit", "approve", "conditions", "disapprove")
RECORD = (*SEE, "add", "edit", "release", "accept", "reverse", "cancel")
ACCEPT = (*SEE, "accept")

Grant = tuple[tuple[str, ...], type[Entity] | type[User] | type[Role]]

CATALOG: list[Grant] = [(SEE, one) for one in (CatalogItem, CommodityCode, CodeScheme, Unit, ItemPicture)]
PLACES: list[Grant] = [(SEE, one) for one in (Organization, OrganizationAddress, OrganizationContact)]
SELLERS: list[Grant] = [(SEE, one) for one in (Vendor, VendorAddress, VendorContact, VendorCommodity)]
FUNDS: list[Grant] = [(SEE, one) for one in (FundingStrip, StripBalance, FundingTemplate, FundingTemplatePart)]
SIGHT: list[Grant] = [*CATALOG, *PLACES, *SELLERS, (SEE, MasterAgreement)]
EVERYBODY: list[Grant] = [*SIGHT, (KEEP, Delegation)]
"""What every person of the office may look up."""

DOCUMENTS = (MarketBasket, PurchaseRequest, MasterAgreement, DeliveryOrder, Receipt, Invoice)
PAYEES: list[Grant] = [(SEE, TaxId), (SEE, BankAccount)]
"""Masked numbers. Only who may reveal sees one in full."""
TRAIL: list[Grant] = [(SEE, one) for one in (Posting, Payment, SourceBank, AuditEntry)]

ROLES: dict[str, list[Grant]] = {
    "Requester": [
        *EVERYBODY,
        *FUNDS,
        (AUTHOR, MarketBasket),
        (AUTHOR, PurchaseRequest),
        (SEE, DeliveryOrder),
        (ACCEPT, Receipt),
    ],
    "Approver": [
        *EVERYBODY,
        *FUNDS,
        ((*DECIDE, "release", "close"), MarketBasket),
        ((*DECIDE, "route", "recall", "release", "cancel", "close"), PurchaseRequest),
        ((*DECIDE, "route", "recall", "release", "cancel", "close", "terminate"), DeliveryOrder),
        (DECIDE, MasterAgreement),
        (DECIDE, Invoice),
        (ACCEPT, Receipt),
    ],
    "Purchasing technician": [
        *EVERYBODY,
        *FUNDS,
        (AUTHOR, PurchaseRequest),
        (AUTHOR, MasterAgreement),
        (AUTHOR, DeliveryOrder),
        (KEEP, CatalogItem),
        (KEEP, ItemPicture),
        (ACCEPT, Receipt),
    ],
    "Buyer": [
        *EVERYBODY,
        *FUNDS,
        ((*DECIDE, *AUTHOR, "release", "close"), PurchaseRequest),
        ((*DECIDE, *AUTHOR, "release", "close", "terminate"), MasterAgreement),
        ((*DECIDE, *AUTHOR, "release", "close", "terminate"), DeliveryOrder),
        (KEEP, CatalogItem),
        (KEEP, ItemPicture),
        (KEEP, CommodityCode),
        (SEE, MarketBasket),
        (ACCEPT, Receipt),
    ],
    "Evaluator": [*EVERYBODY, (SEE, PurchaseRequest)],
    "CRC": [
        *EVERYBODY,
        *[(KEEP, one) for one in (Vendor, VendorAddress, VendorContact, VendorCommodity, VendorHold, Debarment)],
        ((*SEE, "add", "delete", "reveal"), TaxId),
        ((*SEE, "add", "reveal", "confirm", "retire"), BankAccount),
    ],
    "Receiver": [*EVERYBODY, (RECORD, Receipt), (SEE, DeliveryOrder)],
    "Fiscal": [
        *EVERYBODY,
        *FUNDS,
        *TRAIL,
        ((*AUTHOR, "release", "close"), Invoice),
        (SEE, DeliveryOrder),
        (SEE, PurchaseRequest),
        (SEE, Receipt),
        (KEEP, FundingStrip),
        (KEEP, FundingTemplate),
        (KEEP, FundingTemplatePart),
        (("allot",), FundingStrip),
        (KEEP, FiscalYear),
        *PAYEES,
        (SEE, VendorHold),
        (SEE, Debarment),
    ],
    "Manager": [
        *EVERYBODY,
        *FUNDS,
        *TRAIL,
        *[(DECIDE, one) for one in (MarketBasket, PurchaseRequest, DeliveryOrder, MasterAgreement, Invoice)],
        (SEE, Receipt),
    ],
    "ITS": [*EVERYBODY, (DECIDE, MarketBasket), (DECIDE, PurchaseRequest), (DECIDE, DeliveryOrder), (RECORD, Receipt)],
    "Reviewer": [*EVERYBODY, (DECIDE, MasterAgreement)],
    "Auditor": [
        *SIGHT,
        (SEE, Delegation),
        *FUNDS,
        *TRAIL,
        *[(SEE, one) for one in DOCUMENTS],
        *PAYEES,
        (SEE, VendorHold),
        (SEE, Debarment),
        (SEE, RoutingRule),
        (SEE, Policy),
        (SEE, Profile),
        (SEE, FiscalYear),
        (SEE, JobRun),
    ],
    "Admin": [
        *EVERYBODY,
        *FUNDS,
        *[
            (KEEP, one)
            for one in (
                Organization,
                OrganizationAddress,
                OrganizationContact,
                Profile,
                RoutingRule,
                Policy,
                Holiday,
                CodeScheme,
                CommodityCode,
                Unit,
                FiscalYear,
                SourceBank,
                User,
                Role,
            )
        ],
        (SEE, AuditEntry),
        (SEE, JobRun),
    ],
}


HELD_ALONE = {"Admin": "who gives out rights uses none", "Auditor": "who audits writes nothing"}
"""Role → why nobody holds another beside it (separation of duties, pairs 14 and 16)."""


def pairs() -> dict[str, set[tuple[str, str]]]:
    """Role → (permission, entity) as the security tables hold them."""
    return {
        role: {(f"can_{verb}", entity.__name__) for verbs, entity in grants for verb in verbs}
        for role, grants in ROLES.items()
    }


# What administrators may make of it.

Pair = tuple[str, str]

KEYS = frozenset({"User", "Role"})
"""Accounts and roles: who may write these gives out rights."""

LOOKING = frozenset({f"can_{verb}" for verb in SEE})


def whole(chosen: set[Pair]) -> set[Pair]:
    """Whoever may do something with a record may look at it, and whoever sees the list sees its records."""
    return chosen | {(look, entity) for _, entity in chosen for look in LOOKING}


def refusals(role: str, before: set[Pair], after: set[Pair]) -> Iterator[str]:
    """Why a role may not be changed like that. Administrators neither lock everybody out nor give themselves what they
    administer, an auditor writes nothing, and the public gets nothing (RB-13; separation of duties, pairs 14 and 16)."""
    gained, lost = after - before, before - after
    built_in = pairs().get(role, set())
    if role == "Admin":
        if kept := sorted(entity for _, entity in lost if entity in KEYS):
            yield f"Administrators would lock themselves out: the role Admin keeps its rights over {_named(kept)}."
        if beyond := sorted(entity for one, entity in gained if (one, entity) not in built_in):
            yield f"The role Admin is not extended ({_named(beyond)}): who gives out rights uses none. Give them to another role."
    elif taken := sorted(entity for _, entity in gained if entity in KEYS):
        yield f"Only the role Admin has rights over {_named(taken)}."
    if role == "Auditor" and (writes := sorted(entity for one, entity in gained if one not in LOOKING)):
        yield f"An auditor writes nothing: {_named(writes)} can only be looked at."
    if role == "Public" and after:
        yield "Nothing of the office is public. Give these rights to a role that people hold."


def _named(entities: list[str]) -> str:
    return ", ".join(dict.fromkeys({"User": "accounts", "Role": "roles"}.get(one, one) for one in entities))
