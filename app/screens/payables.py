"""Invoices: entered from orders, matched, scheduled, and processed into the payment queue.
Source: TW-02, TH-01 … TH-03, PY-01 … PY-04."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, request
from flask_appbuilder import expose
from markupsafe import Markup
from sqlalchemy import ColumnElement

from app import workflow
from app.entities.document import Document, State
from app.entities.lines import LineItem
from app.entities.payables import Invoice
from app.extensions import db
from app.rules.billing import TERMS, taken_over
from app.rules.deeds import Problem
from app.rules.numbers import read_key
from app.rules.payables import vendor_may_be_paid
from app.rules.terms import Terms
from app.screens import matching
from app.screens.billed_lines import BilledLines, carried, link_orders
from app.screens.comparison import Comparison, compare, deed_on, late_by_today, plan_for
from app.screens.documents import HEADER, DocumentScreen, Tab
from app.screens.forms import RecordForm, fill
from app.screens.gate import actor, allowed, office
from app.screens.invoice_header import LABELS, PARTS, START, InvoiceHeader
from app.screens.once import key_of_form, made_before
from app.screens.present import chip, day, document_link, document_url, money
from app.screens.receiving import LINE_ROUTES
from app.screens.scheduling import Scheduling, override_form

STEPS = (
    ("entered", "Entered"),
    ("matching", "Matching"),
    ("approved", "Approved"),
    ("scheduled", "Scheduled"),
    ("paid", "Paid"),
)
STEP_OF = {
    State.DRAFT: "matching",
    State.DISAPPROVED: "matching",
    State.ROUTED: "matching",
    State.APPROVED: "approved",
    State.RELEASED: "scheduled",
    State.CLOSED: "paid",
}
"""Where an invoice stands, by its state; one without lines is only being entered."""


class InvoiceScreen(InvoiceHeader, BilledLines, Scheduling, DocumentScreen, of=Invoice):
    list_columns = ("number", "vendor_invoice_number", "vendor", "invoiced_on", "state", "scheduled_on", "total")
    search_columns = (
        "number",
        "title",
        "state",
        "vendor",
        "vendor_invoice_number",
        "invoiced_on",
        "scheduled_on",
        "total",
    )
    searched = ("number", "title", "vendor_invoice_number")
    order_columns = ("number", "vendor_invoice_number", "invoiced_on", "scheduled_on", "total")
    edit_columns = ("vendor", "vendor_invoice_number", "invoiced_on", "received_on", "remit_to", *TERMS, "comments")
    labels = {**DocumentScreen.labels, **LABELS, "scheduled_on": "To be paid on", "remit_to": "Remit to"}
    exclude_route_methods = {"delete", "copy", *LINE_ROUTES}
    show_template = "payables/invoice.html"
    has_lines = may_copy = False
    part_names, start_names = PARTS, START

    # The list.

    def views(self) -> Sequence[tuple[str, str]]:
        return (
            ("", "All"),
            ("drafts", "My drafts"),
            ("returned", "Returned to me"),
            ("waiting", "In approval"),
            ("approved", "To process"),
            ("released", "In the payment queue"),
            ("paid", "Paid"),
        )

    def view_conditions(self) -> Mapping[str, Sequence[ColumnElement[bool]]]:
        more = {"approved": (HEADER.state == State.APPROVED,), "paid": (HEADER.state == State.CLOSED,)}
        return {**super().view_conditions(), **more}

    # The page.

    def document_page(self, document: Any, problems: Sequence[Problem] = (), status: int = 200, **context: Any) -> Any:
        found, editable = compare(document), self.editable(document)
        override = context.pop("override", None) or (override_form()(obj=document, formdata=None) if editable else None)
        forms = (
            {part: self.part_form(part, document)(obj=document, formdata=None) for part in PARTS} if editable else {}
        )
        changed = context.pop("changed", None)
        if changed is not None:
            forms[changed[0]] = changed[1]
        return super().document_page(
            document,
            problems,
            status,
            found=found,
            forms=forms,
            override=override,
            plan=plan_for(document),
            late=late_by_today(document),
            stops=[one.message for one in vendor_may_be_paid(document, deed_on(document))],
            **context,
        )

    def tabs(self, document: Any) -> Sequence[Tab | None]:
        papers, related, history = super().tabs(document)[2:]
        found = compare(document)
        return [
            Tab("match", "Match", "payables/match.html", len(found.failed) or None),
            Tab("lines", "Lines", "payables/lines.html", len(document.invoice_lines)),
            Tab("details", "Details", "payables/part.html"),
            Tab(
                "payment",
                "Payment",
                "payables/payment.html",
                len([one for one in document.holds if not one.released_at]),
            ),
            Tab("disbursement", "Disbursement", "payables/part.html"),
            Tab("remarks", "Check remarks", "payables/part.html"),
            papers,
            related,
            history,
        ]

    def parts(self, document: Any, part: str) -> Sequence[tuple[str, Any]]:
        """A tab of the header for those who only read."""
        named = {"remit_to_id": "remit_to", "source_bank_id": "source_bank"}
        return [(LABELS[name], self.cell(document, named.get(name, name))) for name in PARTS[part]]

    def facts(self, document: Any) -> Sequence[tuple[Any, ...]]:
        return [
            *self.figures(compare(document)),
            ("Terms", self.terms(document)),
            *(
                [("Against", Markup(", ").join(document_link(one) for one in self.orders(document)))]
                if document.invoice_lines
                else []
            ),
            ("Vendor", document.vendor.name),
            ("Received", day(document.received_on)),
        ]

    def figures(self, found: Comparison) -> Sequence[tuple[Any, ...]]:
        """The sums in the head; a saved row of the grid replaces them."""
        rows = (
            ("Invoiced", "billed", found.billed, ""),
            ("Payable now", "payable", found.payable, ""),
            ("In dispute", "disputed", found.disputed, "ba-i" if found.disputed else ""),
        )
        return [
            (label, Markup('<span id="fact-{}" class="{}">${}</span>').format(key, tone, money(value)))
            for label, key, value, tone in rows
        ]

    def terms(self, invoice: Any) -> str:
        """The terms in words, and when the discount ends."""
        terms = Terms(invoice.discount_percent, invoice.discount_days, invoice.net_days)
        plan = plan_for(invoice)
        ends = f", discount ends {day(plan.discount_until)}" if plan and plan.discount_until else ""
        return f"{terms}{ends}"

    def orders(self, invoice: Any) -> Sequence[Document]:
        """The orders that an invoice bills, each once."""
        return list(
            {
                one.order_line.document_id: one.order_line.document
                for one in invoice.invoice_lines
                if one.order_line is not None
            }.values()
        )

    def steps(self, document: Any) -> tuple[Sequence[tuple[str, str]], str]:
        at = STEP_OF.get(State(document.state), "")
        return STEPS, "entered" if at == "matching" and not document.invoice_lines else at

    def head_chip(self, document: Any) -> Any:
        return Markup('<span class="row" id="head-chip">{}</span>').format(self._standing(document))

    def _standing(self, document: Any) -> Markup:
        if document.state in (State.DRAFT, State.DISAPPROVED, State.ROUTED):
            return Markup("{} {}").format(super().head_chip(document), compare(document).chip)
        if document.state == State.RELEASED:
            held = any(one.released_at is None for one in document.holds)
            return chip("on hold") if held else chip("queued", "To be paid")
        return chip("paid") if document.state == State.CLOSED else super().head_chip(document)

    # Making and changing.

    @expose("/add", methods=["GET", "POST"])
    @allowed("add")
    def add(self) -> Any:
        """A bill for lines of one vendor's orders: its number and dates, then straight to its page."""
        if (made := made_before(request.form.get("key", ""))) is not None:
            flash(f"{made.name} had been made already; nothing more happened.", "info")
            return redirect(document_url(made))
        lines = self.to_be_billed(read_key(request.values.get("order")), request.values.getlist("line"))
        vendors = {one.order.vendor_id for one in lines}
        if len(vendors) > 1:
            flash("An invoice is of one vendor. Tick lines of orders to one vendor.", "warning")
        if len(vendors) != 1 or lines[0].order.vendor is None:
            return redirect(self.url("find_match"))
        form = self.header_form(START, lines[0].order.vendor)(
            data={"invoiced_on": office().today(), "received_on": office().today()} if request.method == "GET" else None
        )
        if request.method == "POST" and form.validate():
            invoice = self.draft_invoice(form, lines)
            if self.claimed(invoice, form) and self.written(form, invoice):
                return redirect(document_url(invoice))
        return self.page(
            "payables/start.html",
            title="New invoice",
            form=form,
            lines=lines,
            key=key_of_form(),
            vendor=lines[0].order.vendor,
        ), 422 if form.errors or form.form_errors else 200

    def to_be_billed(self, order: int, ticked: Sequence[str]) -> list[matching.OrderLine]:
        """The ticked lines, or what is to be billed of a whole order."""
        if not order:
            return self.chosen(ticked)
        lines = matching.found(matching.lines_of_orders(LineItem.document_id == order))
        return [one for one in lines if one.to_bill] or [one for one in lines if one.left_to_bill] or lines

    def draft_invoice(self, form: RecordForm, lines: Sequence[matching.OrderLine]) -> Invoice:
        """A bill for lines of one vendor's orders, under the first order's terms."""
        known = taken_over(lines[0].order)
        invoice = workflow.start(db.session(), office(), Invoice, actor(), title="Invoice", **known)
        with db.session.no_autoflush:
            fill(form, invoice, START)
            invoice.invoice_lines = [carried(one, position) for position, one in enumerate(lines, 1)]
            link_orders(invoice)
            self.before_save(invoice, True)
        return invoice
