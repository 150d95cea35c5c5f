"""Who stands in for whom."""

from typing import Any

from app.entities.approvals import Delegation
from app.screens.base import Screen
from app.screens.forms import RecordForm
from app.screens.gate import actor


class DelegationScreen(Screen, of=Delegation):
    title, plural = "Deputy", "Deputies"
    list_columns = ("from_user", "to_user", "starts_on", "ends_on")
    show_columns = list_columns
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
