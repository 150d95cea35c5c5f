"""The accounts from which the office pays. Source: PY-03, F19.06."""

from typing import Any

from sqlalchemy import select

from app.entities.payables import SourceBank
from app.extensions import db
from app.screens.base import Screen
from app.screens.forms import RecordForm


class SourceBankScreen(Screen, of=SourceBank):
    list_columns = ("code", "bank_name", "ends_in", "standard", "active")
    search_columns = ("code", "bank_name", "standard", "active")
    searched = lookup_columns = ("code", "bank_name")
    edit_columns = ("code", "bank_name", "ends_in", "standard", "active")
    base_sort = ("code", False)
    order_columns = ("code",)
    labels = {"bank_name": "Bank", "ends_in": "Account ends in", "active": "In use"}
    hints = {
        "ends_in": "The last four digits; the whole number stays with the treasury.",
        "standard": "Pays what names no other account. A new standard account takes the place of the one before.",
    }

    def check(self, record: Any, form: RecordForm) -> None:
        """Four digits, and the standard account is in use."""
        super().check(record, form)
        if not (record.ends_in.isascii() and record.ends_in.isdigit() and len(record.ends_in) == 4):
            form["ends_in"].errors = ["Enter the last four digits of the account's number."]
        if record.standard and not record.active:
            form["active"].errors = ["The standard account is in use. Make another one the standard first."]

    def before_save(self, record: Any, new: bool) -> None:
        """There is one standard account, so the one before steps back first."""
        super().before_save(record, new)
        session = db.session()
        with session.no_autoflush:
            others = select(SourceBank).where(SourceBank.standard.is_(True), SourceBank.id != (record.id or 0))
            before = session.scalars(others).all() if record.standard else []
        if before:
            record.standard = False
            for one in before:
                one.standard = False
            session.flush()
            record.standard = True
