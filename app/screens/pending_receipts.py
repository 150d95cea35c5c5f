"""Pending receipts: the lines of orders that have not come in full, as a work list and as a file. Source: RC-01, F15.01."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from flask import render_template, request, url_for
from flask_appbuilder import BaseView, expose
from sqlalchemy import ColumnElement

from app.entities.receiving import Receipt
from app.screens import exporting, matching
from app.screens.addresses import this_page
from app.screens.gate import actor, allowed, office
from app.screens.matching import OrderLine, Wish


def _day_in(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


PENDING_COLUMNS: Mapping[str, Callable[[OrderLine], Any]] = {
    "Order": lambda row: row.order.name,
    "Vendor": lambda row: row.order.vendor.name if row.order.vendor else "",
    "Line": lambda row: row.line.position,
    "Description": lambda row: row.line.description,
    "Deliver to": lambda row: row.line.deliver_to.name if row.line.deliver_to else "",
    "Unit": lambda row: row.line.unit,
    "Ordered": lambda row: row.line.quantity,
    "Received": lambda row: row.received,
    "Open": lambda row: row.open,
    "Due": lambda row: row.line.delivery_on,
    "Days late": lambda row: row.days_late(office().today()),
}
"""The columns of the pending receipts as a file."""


class PendingReceiptsScreen(BaseView):
    """A work list: the order lines that have not come in full, by period. Source: RC-01, F15.01."""

    route_base = "/pending-receipts"
    default_view = "list"
    class_permission_name = "Receipt"
    title = plural = "Pending receipts"
    page_size = 50

    @expose("/list/")
    @allowed("list")
    def list(self) -> Any:
        """What is still to come, the earliest delivery first."""
        wish, conditions, period = self._wanted()
        found = matching.pending(wish, conditions, request.args.get("page", 1, type=int), self.page_size)
        return render_template(
            "receiving/pending.html",
            title=self.title,
            appbuilder=self.appbuilder,
            found=found,
            wish=wish,
            period=period,
            periods=matching.PERIODS,
            today=office().today(),
            may_receive=actor().may("add", Receipt),
            export_address=self.export_url,
        )

    @expose("/export/<ending>", methods=["POST"])
    @allowed("list")
    def export(self, ending: str) -> Any:
        """The same lines, all of them, as CSV or as a workbook (F15.01)."""
        wish, conditions, _ = self._wanted()
        rows = matching.found(matching.to_come(wish, conditions).limit(exporting.MOST + 1))
        if len(rows) > exporting.MOST:
            return exporting.too_many(url_for(f"{type(self).__name__}.list"))
        cells = [[column(row) for column in PENDING_COLUMNS.values()] for row in rows]
        return exporting.as_file(ending, self.title, list(PENDING_COLUMNS), cells)

    def export_url(self, ending: str) -> str:
        """The address of the lines as a file, as the page shows them."""
        return this_page(at=url_for(f"{type(self).__name__}.export", ending=ending))

    def _wanted(self) -> tuple[Wish, Sequence[ColumnElement[bool]], str]:
        """What is typed, when it is due, and the period by its name."""
        period = request.args.get("period", "")
        conditions = matching.in_period(period, office().today(), _day_in("first"), _day_in("last"))
        return Wish.asked(), conditions, period
