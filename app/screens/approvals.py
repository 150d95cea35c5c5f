"""The office's signing policy, and who stands in for whom."""

from typing import Any

from app.access import HELD_ALONE, ROLES
from app.entities.approvals import Delegation, RoutingRule
from app.rules.awards import SUBTYPES
from app.screens.base import Screen
from app.screens.foresight import SIGNED
from app.screens.forms import RecordForm
from app.screens.gate import actor


class RoutingRuleScreen(Screen, of=RoutingRule):
    list_columns = ("kind", "organization", "amount_from", "amount_to", "step", "role", "user", "reason", "active")
    search_columns = ("kind", "organization", "step", "role", "active")
    searched = ("reason",)
    edit_columns = (
        "kind",
        "organization",
        "amount_from",
        "amount_to",
        "commodity_class",
        "technology",
        "subtype",
        "step",
        "role",
        "user",
        "reason",
        "active",
    )
    order_columns = ("kind", "step", "amount_from", "role")
    base_sort = ("kind", False)
    choices = {
        "kind": SIGNED,
        "role": [("", "a named person"), *((one, one) for one in ROLES if one not in HELD_ALONE)],
        "subtype": [("", "Any"), *((one, one.capitalize()) for one in SUBTYPES)],
    }
    labels = {
        "kind": "Document type",
        "user": "Named person",
        "technology": "Only information technology",
        "organization": "Office",
        "commodity_class": "Class",
        "amount_from": "From",
        "amount_to": "To",
    }
    hints = {
        "organization": "With everything below it. Empty: everywhere.",
        "commodity_class": "How the commodity code of a line begins, such as 70. Empty: any.",
        "step": "Steps are signed in order; those of one number side by side.",
        "reason": "Shown on the approval sheet, such as “over $5,000”.",
        "role": "Whoever holds this role at or above the document's office signs.",
    }

    def check(self, record: Any, form: RecordForm) -> None:
        """Somebody signs, and the band has a width."""
        if not record.role and record.user is None:
            form["role"].errors = ["Enter a role or choose a person: somebody has to sign."]
        if record.amount_from is not None and record.amount_to is not None and record.amount_from > record.amount_to:
            form["amount_to"].errors = [f"Enter at least {record.amount_from:,.2f}, or leave it empty."]


class DelegationScreen(Screen, of=Delegation):
    title, plural = "Deputy", "Deputies"
    list_columns = ("from_user", "to_user", "starts_on", "ends_on")
    search_columns = ("starts_on", "ends_on")
    edit_columns = ("to_user", "starts_on", "ends_on")
    order_columns = ("starts_on", "ends_on")
    labels = {"to_user": "Who signs for you", "from_user": "For", "starts_on": "From", "ends_on": "To"}
    lookup_columns = ("id",)

    def before_save(self, record: Any, new: bool) -> None:
        """People name their own deputies."""
        if new:
            record.from_user_id = actor().user_id

    def may_change(self, record: Any) -> bool:
        """One's own only."""
        return self.may("edit") and record.from_user_id == actor().user_id

    def may_remove(self, record: Any) -> bool:
        """An absence is arranged by who is absent."""
        return self.may("delete") and record.from_user_id == actor().user_id

    def check(self, record: Any, form: RecordForm) -> None:
        """A deputy is somebody else, for some days."""
        if record.to_user is not None and record.to_user.id == actor().user_id:
            form["to_user"].errors = ["Choose somebody else."]
