"""Market baskets and purchase requests."""

from typing import Any

from app.entities.organization import Profile
from app.entities.requests import MarketBasket, PurchaseRequest
from app.extensions import db
from app.people import profile_of
from app.rules.requests import portions
from app.screens.documents import DocumentScreen
from app.screens.gate import actor
from app.screens.rosters import SUGGESTED

OFFICES = ("buying_entity", "requesting_office", "issuing_office", "agency_code", "stock_replenishment_code")


def usual_offices(profile: Profile | None) -> dict[str, Any]:
    """What the main tab of a person's basket or request starts with. Source: IN-05."""
    if profile is None:
        return {}
    office = profile.requesting_office or profile.organization
    return {
        "requesting_office_id": office.id,
        "issuing_office_id": profile.issuing_office_id,
        "buying_entity_id": profile.issuing_office_id,
        "agency_code": office.agency_code,
    }


class RequestScreen(DocumentScreen):
    """What basket and request share: the offices, from the person's profile. Source: IN-05."""

    def defaults(self, form: Any) -> dict[str, Any]:
        return usual_offices(profile_of(db.session(), actor().user_id or 0))


class MarketBasketScreen(RequestScreen, of=MarketBasket):
    shops = True
    commits = False
    edit_columns = ("title", *OFFICES, "bfy", "comments")

    def preview(self, document: Any) -> Any:
        """The orders and requests that the release will make (IN-07)."""
        return (
            portions(document)
            if document.lines and document.state in ("draft", "disapproved", "routed", "approved")
            else None
        )


class PurchaseRequestScreen(RequestScreen, of=PurchaseRequest):
    search_columns = (*DocumentScreen.search_columns, "class_code")
    rosters = (*DocumentScreen.rosters, SUGGESTED)
    edit_columns = (
        "title",
        *OFFICES,
        "type_of_action",
        "suggested_contract_type",
        "preference_program",
        "officer_representative",
        "agreement",
        "bfy",
        "afy",
        "afm",
        "comments",
    )
    labels = {**DocumentScreen.labels, "agreement": "Existing master agreement", "class_code": "Commodity class"}
    choices = {"type_of_action": [(one, one.capitalize()) for one in ("new", "renewal", "change", "emergency")]}
