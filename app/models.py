"""Index of everything the office keeps on record, in the order in which the business meets it."""

from app.entities.approvals import ApprovalSheet, ApprovalStep, Delegation, RoutingRule, Signature
from app.entities.awards import Consumption, DeliveryOrder, MasterAgreement, OrderingAuthority
from app.entities.catalog import CatalogItem, CodeScheme, CommodityCode, ItemPicture, ItemSource, Unit
from app.entities.document import (
    Attachment,
    Document,
    DocumentEvent,
    DocumentLink,
    NumberSeries,
    Preparer,
    State,
    StickyNote,
)
from app.entities.funds import (
    FiscalYear,
    FundingStrip,
    FundingTemplate,
    FundingTemplatePart,
    Posting,
    PostingKind,
    StripBalance,
)
from app.entities.lines import (
    Basis,
    LineAcceptance,
    LineCharge,
    LineFunding,
    LineItem,
    PaymentRequirement,
    Supply,
)
from app.entities.operations import (
    AuditEntry,
    AuditHead,
    IdempotencyKey,
    JobRun,
    Notice,
    SignIn,
    SignInAttempt,
)
from app.entities.organization import (
    Holiday,
    Organization,
    OrganizationAddress,
    OrganizationContact,
    Policy,
    Profile,
)
from app.entities.payables import Invoice, InvoiceLine, InvoiceNumber, Payment, PaymentHold
from app.entities.receiving import Receipt, ReceiptLine, ShippingPaper
from app.entities.requests import MarketBasket, PurchaseRequest, SuggestedVendor
from app.entities.vendors import (
    Debarment,
    Vendor,
    VendorAddress,
    VendorCommodity,
    VendorContact,
    VendorHold,
)

__all__ = [
    "Holiday", "Organization", "OrganizationAddress", "OrganizationContact", "Policy", "Profile",
    "Attachment", "Document", "DocumentEvent", "DocumentLink", "NumberSeries", "Preparer", "State", "StickyNote",
    "ApprovalSheet", "ApprovalStep", "Delegation", "RoutingRule", "Signature",
    "FiscalYear", "FundingStrip", "FundingTemplate", "FundingTemplatePart", "Posting", "PostingKind", "StripBalance",
    "CatalogItem", "CodeScheme", "CommodityCode", "ItemPicture", "ItemSource", "Unit",
    "Debarment", "Vendor", "VendorAddress", "VendorCommodity", "VendorContact", "VendorHold",
    "Basis", "LineAcceptance", "LineCharge", "LineFunding", "LineItem", "PaymentRequirement", "Supply",
    "MarketBasket", "PurchaseRequest", "SuggestedVendor",
    "Consumption", "DeliveryOrder", "MasterAgreement", "OrderingAuthority",
    "Receipt", "ReceiptLine", "ShippingPaper",
    "Invoice", "InvoiceLine", "InvoiceNumber", "Payment", "PaymentHold",
    "AuditEntry", "AuditHead", "IdempotencyKey", "JobRun", "Notice", "SignIn", "SignInAttempt",
]  # fmt: skip
