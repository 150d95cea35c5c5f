"""Strips, allotments, balances and the ledger."""

from typing import Any

from flask import abort, flash, redirect, request
from flask_appbuilder import expose
from sqlalchemy import select

from app import ledger
from app.entities.funds import (
    FiscalYear,
    FundingStrip,
    FundingTemplate,
    FundingTemplatePart,
    Posting,
    PostingKind,
    StripBalance,
)
from app.extensions import db
from app.rules.calendar import fiscal_year, period
from app.rules.numbers import NotANumber, read_decimal
from app.scope import unscoped
from app.screens.base import Screen
from app.screens.gate import actor, allowed, office
from app.screens.importing import ImportsStrips

READ_ONLY = {"add", "edit", "delete", "lookup"}


class StripBalanceScreen(Screen, of=StripBalance):
    title, plural = "Balance", "Balances"
    list_columns = ("strip", "bfy", "allotted", "pre_encumbered", "encumbered", "expended", "available")
    show_columns = list_columns
    search_columns = ("strip", "bfy", "allotted", "encumbered", "expended")
    order_columns = ("bfy", "allotted", "pre_encumbered", "encumbered", "expended")
    labels = {"bfy": "Budget year", "pre_encumbered": "Pre-encumbered"}
    exclude_route_methods = READ_ONLY


class PostingScreen(Screen, of=Posting):
    title, plural = "Posting", "Ledger"
    list_columns = ("at", "strip", "bfy", "kind", "amount", "document", "memo", "by")
    show_columns = ("at", "strip", "bfy", "afy", "afm", "kind", "amount", "document", "memo", "by")
    search_columns = ("strip", "bfy", "kind", "amount", "afy", "afm")
    searched = ("memo",)
    order_columns = ("id",)
    labels = {"bfy": "Budget year", "afy": "Accounting year", "afm": "Period", "at": "When"}
    choices = {"kind": [(one.value, one.value.capitalize()) for one in PostingKind]}
    exclude_route_methods = READ_ONLY


class FundingStripScreen(ImportsStrips, Screen, of=FundingStrip):
    list_columns = ("code", "name", "organization", "fund", "program", "object", "active")
    search_columns = ("code", "name", "organization", "fund", "program", "object", "active")
    searched = lookup_columns = ("code", "name")
    edit_columns = ("code", "name", "fund", "agency", "unit", "program", "object", "organization", "active")
    related = ((StripBalance, "strip"), (Posting, "strip"))
    base_sort = ("code", False)
    show_template = "funds/strip.html"

    @expose("/allot/<pk>", methods=["POST"])
    @allowed("allot")
    def allot(self, pk: str) -> Any:
        """Give a strip money for a budget year, or take some back. Source: FND-02."""
        strip = self.load(pk)
        problem = self._post_allotment(strip)
        if problem:
            db.session.rollback()
            inner = self._inner(strip)
            return self.page(
                self.show_template, record=strip, title=str(strip), inner=inner, problem=problem, typed=request.form
            ), 422
        db.session.commit()
        flash("Allotted.", "success")
        return redirect(self.url("show", pk=strip.id))

    def _post_allotment(self, strip: FundingStrip) -> str:
        """Post what was entered; says why not, and nothing when it was posted."""
        today, sign = office().today(), -1 if request.form.get("direction") == "less" else 1
        try:
            amount = read_decimal(request.form.get("amount", ""), places=2)
            year = int(read_decimal(request.form.get("bfy", ""), places=0))
        except NotANumber as wrong:
            return f"{wrong}."
        if amount <= 0 or not 1990 <= year <= 2100:
            return "Enter an amount above 0 and a budget year like 2027; to lower an allotment, choose “Take back”."
        if db.session.scalar(select(FiscalYear.closed).where(FiscalYear.year == year)):
            return f"FY{year} is closed. Choose an open budget year."
        posting = Posting(
            strip_id=strip.id,
            bfy=year,
            afy=fiscal_year(today),
            afm=period(today),
            kind=PostingKind.ALLOTMENT,
            amount=sign * amount,
            memo=request.form.get("memo", "").strip()[:200],
            by_id=actor().user_id,
            at=office().now(),
        )
        with unscoped(db.session()):
            return "; ".join(str(refused) for refused in ledger.post(db.session(), [posting]))


class FundingTemplatePartScreen(Screen, of=FundingTemplatePart):
    title, plural = "Part", "Parts"
    list_columns = ("template", "strip", "percent")
    search_columns = ("template", "strip")
    edit_columns = ("template", "strip", "percent")
    lookup_columns = ("id",)
    order_columns = ("percent",)


class FundingTemplateScreen(Screen, of=FundingTemplate):
    list_columns = ("name", "organization")
    search_columns = ("name", "organization")
    searched = ("name",)
    edit_columns = ("name", "organization")
    related = ((FundingTemplatePart, "template"),)


class FiscalYearScreen(Screen, of=FiscalYear):
    list_columns = edit_columns = ("year", "starts_on", "ends_on", "closed")
    search_columns = ("year", "closed")
    base_sort = ("year", True)

    def may_change(self, record: Any) -> bool:
        return self.may("edit") or abort(403)
