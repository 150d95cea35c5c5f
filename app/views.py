"""The menu: every screen, in the order in which people see it."""

from dataclasses import dataclass
from typing import Any

from flask_appbuilder import AppBuilder

from app.screens.accounts import PersonScreen
from app.screens.approvals import DelegationScreen
from app.screens.awards import DeliveryOrderScreen, MasterAgreementScreen
from app.screens.bank_accounts import BankAccountScreen
from app.screens.cabinets import DeskScreen
from app.screens.catalog import (
    CatalogItemScreen,
    CodeSchemeScreen,
    CommodityCodeScreen,
    ItemPictureScreen,
    UnitScreen,
)
from app.screens.desk import InboxScreen, OutboxScreen
from app.screens.envelopes import EnvelopeScreen
from app.screens.factor_pages import SecondFactorView
from app.screens.finder import FinderScreen
from app.screens.finding import FindItems
from app.screens.foresight import SigningSimulator
from app.screens.funds import (
    FiscalYearScreen,
    FundingStripScreen,
    FundingTemplatePartScreen,
    FundingTemplateScreen,
    PostingScreen,
    StripBalanceScreen,
)
from app.screens.help import HelpScreen
from app.screens.home import HomeScreen
from app.screens.job_runs import JobRunScreen
from app.screens.keeping_views import SavedViewScreen
from app.screens.lookups import LookupScreen
from app.screens.notices import NoticeScreen
from app.screens.office_tree import OfficeTree
from app.screens.organization import (
    HolidayScreen,
    OrganizationAddressScreen,
    OrganizationContactScreen,
    OrganizationScreen,
    PolicyScreen,
    ProfileScreen,
)
from app.screens.payables import InvoiceScreen
from app.screens.payees import TaxIdScreen
from app.screens.payment_queue import PaymentScreen
from app.screens.pending_receipts import PendingReceiptsScreen
from app.screens.receiving import ReceiptScreen
from app.screens.requests import MarketBasketScreen, PurchaseRequestScreen
from app.screens.role_matrix import RoleScreen
from app.screens.security import OfficeSecurity
from app.screens.signin import ProfileView, SignInView
from app.screens.signing_policy import RoutingRuleScreen
from app.screens.source_banks import SourceBankScreen
from app.screens.vendors import (
    DebarmentScreen,
    VendorAddressScreen,
    VendorCommodityScreen,
    VendorContactScreen,
    VendorHoldScreen,
    VendorScreen,
)


@dataclass(frozen=True)
class Entry:
    """One line of the menu."""

    screen: Any
    icon: str
    label: str = ""

    @property
    def name(self) -> str:
        """What the menu calls it."""
        return self.label or self.screen.plural


MENU: dict[str, list[Entry]] = {
    "Need": [
        Entry(FindItems, "search", "Find items"),
        Entry(MarketBasketScreen, "basket"),
        Entry(PurchaseRequestScreen, "file-text"),
    ],
    "Buy": [Entry(MasterAgreementScreen, "file-certificate"), Entry(DeliveryOrderScreen, "shopping-cart")],
    "Receive and pay": [
        Entry(PendingReceiptsScreen, "clock"),
        Entry(ReceiptScreen, "truck-delivery"),
        Entry(InvoiceScreen, "receipt"),
        Entry(PaymentScreen, "coin"),
    ],
    "Vendors": [
        Entry(VendorScreen, "building-store"),
        Entry(VendorHoldScreen, "hourglass"),
        Entry(DebarmentScreen, "gavel"),
        Entry(BankAccountScreen, "building-bank"),
    ],
    "Catalog": [
        Entry(CatalogItemScreen, "package"),
        Entry(CommodityCodeScreen, "hash"),
        Entry(UnitScreen, "scale"),
        Entry(CodeSchemeScreen, "list-details"),
    ],
    "Funds": [
        Entry(FundingStripScreen, "wallet"),
        Entry(StripBalanceScreen, "chart-bar"),
        Entry(PostingScreen, "building-bank", "Ledger"),
        Entry(FundingTemplateScreen, "percentage"),
        Entry(FiscalYearScreen, "calendar"),
        Entry(SourceBankScreen, "building-bank"),
    ],
    "Setup": [
        Entry(OfficeTree, "building"),
        Entry(OrganizationScreen, "list-details"),
        Entry(ProfileScreen, "users"),
        Entry(RoutingRuleScreen, "route"),
        Entry(SigningSimulator, "signature"),
        Entry(DelegationScreen, "user-check"),
        Entry(PolicyScreen, "adjustments"),
        Entry(HolidayScreen, "calendar-due"),
        Entry(JobRunScreen, "clock"),
    ],
    "Security": [Entry(PersonScreen, "user-cog"), Entry(RoleScreen, "lock", "Roles")],
}

WITHIN: list[Any] = [
    SignInView,
    ProfileView,
    SecondFactorView,
    LookupScreen,
    OrganizationAddressScreen,
    OrganizationContactScreen,
    VendorAddressScreen,
    VendorContactScreen,
    VendorCommodityScreen,
    TaxIdScreen,
    ItemPictureScreen,
    FundingTemplatePartScreen,
    InboxScreen,
    OutboxScreen,
    DeskScreen,
    EnvelopeScreen,
    FinderScreen,
    SavedViewScreen,
    NoticeScreen,
    HelpScreen,
]
"""Screens that are reached from others."""

ALONE = (
    ("Home", "/", "home"),
    ("Inbox", "/inbox/", "inbox"),
    ("Outbox", "/outbox/", "send"),
    ("My desk", "/desk/", "folder"),
    ("Find documents", "/search/", "search"),
)
"""What stands above the sections of the menu, for everybody of the office."""


def register(appbuilder: AppBuilder) -> None:
    """Put every screen into the application, and say what each menu entry needs."""
    for screen in WITHIN:
        appbuilder.add_view_no_menu(screen)
    for name, href, icon in ALONE:
        appbuilder.add_link(name, href=href, icon=icon)
    needs: dict[str, tuple[str, str]] = {}
    for section, entries in MENU.items():
        for entry in entries:
            appbuilder.add_view(entry.screen, entry.name, icon=entry.icon, category=section)
            needs[entry.name] = ("can_list", entry.screen.class_permission_name)
    OfficeSecurity.menu_needs = needs
    OfficeSecurity.menu_sections = {section: [entry.name for entry in entries] for section, entries in MENU.items()}


__all__ = ["MENU", "WITHIN", "HomeScreen", "register"]
