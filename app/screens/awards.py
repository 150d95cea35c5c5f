"""Master agreements and the orders made from them."""

from typing import Any

from app.entities.awards import DeliveryOrder, MasterAgreement
from app.entities.lines import PaymentRequirement
from app.rules.awards import SUBTYPES
from app.rules.billing import TERMS
from app.screens.documents import DocumentScreen
from app.screens.followed import Followed
from app.screens.lookups import lookup
from app.screens.ordering import OrderFrom, Ordering
from app.screens.rosters import AUTHORITIES
from app.screens.used_up import UsedUp


class MasterAgreementScreen(OrderFrom, UsedUp, DocumentScreen, of=MasterAgreement):
    funds_lines = False
    rosters = (*DocumentScreen.rosters, AUTHORITIES)
    list_columns = ("number", "title", "vendor", "subtype", "effective_on", "expires_on", "state", "total")
    search_columns = (*DocumentScreen.search_columns, "subtype", "effective_on", "expires_on")
    order_columns = ("number", "title", "effective_on", "expires_on", "total")
    start_columns = ("title", "vendor", "subtype")
    edit_columns = (
        "title",
        "vendor",
        "subtype",
        "effective_on",
        "expires_on",
        "renewal_periods",
        "cited_authority",
        "ceiling",
        "fluctuating",
        "payment_requirement",
        "issuing_office",
        "administered_by",
        *TERMS,
        "comments",
    )
    labels = {
        **DocumentScreen.labels,
        "effective_on": "Effective",
        "expires_on": "Expires",
        "fluctuating": "Prices fluctuate",
        "net_days": "Base payment days",
    }
    choices = {
        "subtype": [(one, one.capitalize()) for one in SUBTYPES],
        "payment_requirement": [(one.value, one.value.capitalize()) for one in PaymentRequirement],
    }


class DeliveryOrderScreen(Ordering, Followed, DocumentScreen, of=DeliveryOrder):
    list_columns = ("number", "title", "vendor", "organization", "state", "due_on", "total")
    search_columns = (*DocumentScreen.search_columns, "agreement", "ordered_on")
    exclude_route_methods = {"delete"}
    edit_columns = (
        "title",
        "order_address",
        "quote_on",
        "signed_copies",
        "copies_returned",
        "issuing_office",
        "invoice_clerk",
        *TERMS,
        "bfy",
        "afy",
        "afm",
        "comments",
    )
    labels = {
        **DocumentScreen.labels,
        "quote_on": "Date of the quote",
        "net_days": "Base payment days",
        "order_address": "Vendor's address",
        "signed_copies": "Signed copies to return",
    }
    hints = {
        "invoice_clerk": "With each receipt an invoice is drafted for this person, who enters the vendor's number. Empty: none.",
    }

    def field_lookup(self, name: str, target: type) -> dict[str, Any]:
        """The invoice clerk is somebody who may enter invoices."""
        return lookup("invoice_clerk") if name == "invoice_clerk" else super().field_lookup(name, target)
