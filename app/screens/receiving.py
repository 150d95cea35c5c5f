"""Receiving: what is still to come, and the reports of what came. Source: RC-01 … RC-05."""

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, redirect, request
from flask_appbuilder import expose
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app import workflow
from app.entities.document import Document, DocumentLink, State
from app.entities.receiving import Receipt, ReceiptLine
from app.extensions import db
from app.rules.deeds import Problem
from app.rules.lifecycle import Move
from app.rules.numbers import read_key
from app.screens import matching
from app.screens.accepting import Accepting
from app.screens.documents import DocumentScreen, Tab
from app.screens.gate import actor, allowed, office
from app.screens.lines import LineGrid
from app.screens.matching import Wish
from app.screens.once import key_of_form, made_before, remember
from app.screens.present import chip, day, document_link, document_url, full_name, shown
from app.screens.receiving_form import CARRIERS, ReceivingForm

LINE_ROUTES = frozenset(name for name in dir(LineGrid) if hasattr(getattr(LineGrid, name), "_urls"))
"""What a document without lines of its own does not offer."""


class ReceiptScreen(Accepting, DocumentScreen, of=Receipt):
    list_columns = ("number", "title", "order", "vendor", "received_on", "received_by", "state")
    search_columns = ("number", "title", "state", "received_on", "carrier", "vendor")
    order_columns = ("number", "title", "received_on")
    edit_columns = (
        "order",
        "received_on",
        "received_by",
        "carrier",
        "shipper",
        "containers",
        "weight",
        "weight_unit",
        "freight_payment",
        "comments",
    )
    labels = {**DocumentScreen.labels, "received_on": "Received on", "received_by": "Received by"}
    exclude_route_methods = {"delete", "copy", *LINE_ROUTES}
    list_template = "receiving/list.html"
    has_lines = may_copy = False

    def cell(self, record: Any, name: str) -> Any:
        return self.head_chip(record) if name == "state" else super().cell(record, name)

    def head_chip(self, document: Any) -> Any:
        reversed_ = document.state == State.CANCELLED and document.released_at is not None
        words = {State.RELEASED: "Recorded", State.CANCELLED: "Reversed" if reversed_ else "Discarded"}
        return chip(document.state, words.get(State(document.state), ""))

    # The page.

    def tabs(self, document: Any) -> Sequence[Tab | None]:
        papers, related, history = super().tabs(document)[2:]
        return [
            Tab("came", "What came", "receiving/lines.html", len(document.receipt_lines)),
            Tab("details", "How it came", "receiving/details.html"),
            papers,
            related,
            history,
        ]

    def facts(self, document: Any) -> Sequence[tuple[Any, ...]]:
        facts = [
            ("Order", document_link(document.order)),
            ("Vendor", document.vendor.name if document.vendor else ""),
            ("Received on", day(document.received_on)),
            ("Received by", full_name(document.received_by)),
        ]
        return [*facts, ("Carrier", document.carrier)] if document.carrier else facts

    def details(self, document: Any) -> Sequence[tuple[str, Any]]:
        papers = [
            (label, shown(", ".join(one.number for one in document.papers if one.kind == kind)))
            for label, kind in (("Freight bills", "freight bill"), ("Packing lists", "packing list"))
        ]
        return [*super().details(document), *papers]

    def came(self, document: Any) -> Sequence[tuple[ReceiptLine, matching.OrderLine]]:
        """Each line of the report, and how far its order line has come with all receipts."""
        standing = {one.line.id: one for one in matching.lines_of(document.order)}
        return [(one, standing[one.order_line_id]) for one in document.receipt_lines if one.order_line_id in standing]

    def extra_buttons(self, document: Any) -> Sequence[tuple[str, str, str]]:
        if document.state == State.DRAFT and self.editable(document):
            return [("Edit", self.url("edit", pk=document.id), "edit")]
        return ()

    def question(self, document: Any, move: Move) -> str:
        return f"Discard {document.name}? What was entered is not counted." if move.action == "cancel" else ""

    # Making and changing.

    @expose("/find")
    @allowed("add")
    def find_match(self) -> Any:
        """Find Match: the order that the goods came for."""
        wish = Wish.asked()
        lines = [] if wish.empty else matching.found(matching.lines_of_orders(*wish.conditions()).limit(matching.MOST))
        return self.page(
            "receiving/find.html",
            title="Find the order",
            wish=wish,
            orders=matching.by_order(lines),
            capped=len(lines) == matching.MOST,
            today=office().today(),
        )

    @expose("/add", methods=["GET", "POST"])
    @allowed("add")
    def add(self) -> Any:
        """A report of what came on one order, with the lines that are open."""
        chosen = matching.chosen_ids(request.values.getlist("line"))
        order = self._order(request.values.get("order", ""), chosen)
        if order is None:
            return redirect(self.url("find_match"))
        if order.state != State.RELEASED:
            flash(f"{order.name} is {order.state}; only a released order can be received.", "warning")
            return redirect(document_url(order))
        form = ReceivingForm(order, chosen=chosen)
        return self._carry_out(form) if request.method == "POST" else self._form_page(form)

    def _order(self, typed: str, chosen: Sequence[int]) -> Document | None:
        """The order asked for, by itself or by its lines. Errors: 404 when it is not within sight."""
        if chosen and not typed:
            orders = {
                one.order.id for one in matching.found(matching.lines_of_orders(matching.LineItem.id.in_(chosen)))
            }
            if len(orders) > 1:
                flash("A receiving report is for one order. Tick lines of one order.", "warning")
                return None
            typed = str(orders.pop()) if orders else "0"
        if not typed:
            return None
        wanted = select(Document).where(Document.id == read_key(typed), Document.kind.in_(matching.ORDERS))
        return db.session.scalar(wanted) or abort(404)

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @allowed("edit")
    def edit(self, pk: str) -> Any:
        """A report that is not recorded yet."""
        receipt = self.load(pk)
        if receipt.state == State.RELEASED:
            flash(f"{receipt.name} is recorded and stays as it is. A mistake is reversed with its button.", "info")
            return redirect(document_url(receipt))
        if not self.editable(receipt):
            abort(409)
        form = ReceivingForm(receipt.order, receipt)
        return self._carry_out(form) if request.method == "POST" else self._form_page(form)

    def _form_page(self, form: ReceivingForm, status: int = 200) -> Any:
        return self.page(
            "receiving/form.html",
            title="Receive" if form.receipt is None else f"Edit {form.receipt.name}",
            form=form,
            order=form.order,
            key=key_of_form(),
            carriers=CARRIERS,
        ), status

    def _carry_out(self, form: ReceivingForm) -> Any:
        """Save the report, or record it at once. When it is refused nothing is kept but what was typed."""
        wanted, key = request.form.get("do", "record"), key_of_form()
        if (made := made_before(key)) is not None:
            flash(f"{made.name} had been saved already; nothing more happened.", "info")
            return redirect(document_url(made))
        if wanted in ("all", "none"):
            form.fill_in(everything=wanted == "all")
            return self._form_page(form)
        if not form.validate():
            return self._form_page(form, 422)
        if form.stale():
            form.refuse(
                [Problem("Somebody else has changed this report since you opened it. Compare, then save again.")]
            )
            return self._form_page(form, 409)
        saved, problems = self.write_down(form, key, record=wanted != "draft")
        if saved:
            return redirect(self.url("show", pk=saved))
        receipt_id = form.receipt.id if form.receipt is not None else None
        again = ReceivingForm(
            self._order(str(form.order.id), ()) or form.order, self.load(str(receipt_id)) if receipt_id else None
        )
        again.validate()
        again.refuse(problems)
        return self._form_page(again, 409)

    def write_down(self, form: ReceivingForm, key: str, record: bool) -> tuple[int, Sequence[Problem]]:
        """Save what was entered, and record it if wanted: the report's id, or what speaks against it."""
        session, order = db.session(), form.order
        try:
            receipt = form.receipt or workflow.start(
                session,
                office(),
                Receipt,
                actor(),
                title=f"Receipt of {order.name}",
                order_id=order.id,
                vendor_id=order.vendor_id,
                organization_id=order.organization_id,
            )
            form.write(receipt)
            self.before_save(receipt, form.receipt is None)
            session.flush()
            if form.receipt is None:
                receipt.sources.append(DocumentLink(source_id=order.id, relation="receives"))
                remember(key, receipt)
            session.flush()
            saved = receipt.id
            if record:
                self._tell(workflow.act(session, office(), receipt, "release", actor()))
            else:
                session.commit()
                flash("Saved as a draft. It counts only when it is recorded.", "success")
            return saved, ()
        except workflow.Refused as refused:
            return 0, refused.problems
        except (IntegrityError, StaleDataError, workflow.Gone, workflow.IllegalMove):
            session.rollback()
            return 0, [Problem("Somebody else saved something at the same moment. Look at the figures and try again.")]
