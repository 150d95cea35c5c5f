"""The lines of an invoice: found among the orders, corrected in place, paid short. Source: TH-01, TW-02, F19.04."""

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request
from flask_appbuilder import expose
from sqlalchemy import ColumnElement

from app import totals
from app.entities.document import Document, DocumentLink
from app.entities.lines import LineItem
from app.entities.payables import Invoice, InvoiceLine
from app.extensions import db
from app.rules.billing import billed_line
from app.rules.matching import pay_in_full, short_pay
from app.screens import matching
from app.screens.comparison import compare, forget
from app.screens.forms import RecordForm, fill, form_for
from app.screens.gate import allowed, office
from app.screens.matching import OrderLine, Wish
from app.screens.present import document_url, money

GRID = ("description", "quantity", "unit_price", "final")
LABELS = {"description": "Description", "quantity": "Quantity", "unit_price": "Unit price", "final": "Final"}


def carried(found: OrderLine, position: int) -> InvoiceLine:
    """An order's line on an invoice: what may be billed of it, at the order's price."""
    return billed_line(found.line, position, found.to_bill or found.left_to_bill)


def link_orders(invoice: Invoice) -> None:
    """The invoice is related to the orders of its lines, to each once (F19.03)."""
    wanted = {one.order_line.document_id for one in invoice.invoice_lines if one.order_line is not None}
    kept = [one for one in invoice.sources if one.relation != "bills" or one.source_id in wanted]
    known = {one.source_id for one in kept if one.relation == "bills"}
    invoice.sources[:] = [*kept, *(DocumentLink(source_id=one, relation="bills") for one in sorted(wanted - known))]


def billed_form(names: Sequence[str]) -> type[RecordForm]:
    """The form of a billed line, or of part of one."""
    return form_for(InvoiceLine, names, labels=LABELS, hints={}, choices={}, lookups=lambda name, target: {})


class BilledLines:
    """What an invoice's screen does with its lines."""

    entity: Any
    load: Any
    editable: Any
    page: Any

    @expose("/find")
    @allowed("edit")
    def find_match(self) -> Any:
        """Find Match: the order lines that a bill is for; for an invoice that is there, those of its vendor."""
        invoice = self.load(request.args["invoice"]) if request.args.get("invoice") else None
        if invoice is not None and not self.editable(invoice):
            abort(409)
        wish = Wish.asked()
        conditions: list[ColumnElement[bool]] = list(wish.conditions())
        if invoice is not None:
            taken = [one.order_line_id for one in invoice.invoice_lines]
            conditions += [Document.vendor_id == invoice.vendor_id, LineItem.id.not_in(taken)]
        lines = (
            []
            if wish.empty and invoice is None
            else matching.found(matching.lines_of_orders(*conditions).limit(matching.MOST))
        )
        return self.page(
            "payables/find.html",
            title="Find the orders",
            wish=wish,
            orders=matching.by_order(lines),
            capped=len(lines) == matching.MOST,
            invoice=invoice,
        )

    def chosen(self, values: Sequence[str]) -> list[OrderLine]:
        """The ticked lines that are within sight, of released orders."""
        ids = matching.chosen_ids(values)
        return matching.found(matching.lines_of_orders(LineItem.id.in_(ids))) if ids else []

    def _invoice(self, pk: str) -> Invoice:
        invoice = self.load(pk)
        if not self.editable(invoice):
            abort(409)
        return invoice

    def _billed(self, pk: str, line_id: str) -> tuple[Invoice, InvoiceLine]:
        invoice = self._invoice(pk)
        return invoice, next((one for one in invoice.invoice_lines if str(one.id) == line_id), None) or abort(404)

    def keep(self, invoice: Invoice) -> Invoice:
        """Save the lines, and bring the sums up to date."""
        totals.settle(invoice)
        invoice.changed_at = office().now()
        key = str(invoice.id)
        db.session.commit()
        forget(invoice)
        return self.load(key)

    def bill_also(self, invoice: Invoice, lines: Sequence[OrderLine]) -> int:
        """Put lines of orders onto an invoice of the same vendor, each once; how many fitted."""
        known = {one.order_line_id for one in invoice.invoice_lines}
        fitting = [one for one in lines if one.order.vendor_id == invoice.vendor_id and one.line.id not in known]
        for one in fitting:
            invoice.invoice_lines.append(carried(one, len(invoice.invoice_lines) + 1))
        link_orders(invoice)
        return len(fitting)

    def change_billed(self, line: InvoiceLine, form: RecordForm, names: Sequence[str]) -> bool:
        """Put what can be read onto a line; whether that is all. A changed line is to be paid as it is billed again."""
        before = (line.quantity, line.unit_price)
        with db.session.no_autoflush:
            valid = form.validate()
            fill(form, line, [name for name in names if not form[name].errors])
        if (line.quantity, line.unit_price) != before:
            pay_in_full(line)
        return valid

    def take_off(self, invoice: Invoice, line: InvoiceLine) -> None:
        """A line less; the others move up."""
        invoice.invoice_lines.remove(line)
        for position, one in enumerate(invoice.invoice_lines, 1):
            one.position = position
        link_orders(invoice)
        self.keep(invoice)

    @expose("/billed/<pk>/add", methods=["POST"])
    @allowed("edit")
    def add_billed(self, pk: str) -> Any:
        """Lines of these or other orders of the same vendor (TH-01)."""
        invoice = self._invoice(pk)
        lines = self.chosen(request.form.getlist("line"))
        if self.bill_also(invoice, lines) < len(lines):
            flash(
                f"Only lines of orders to {invoice.vendor.name} that are not on the invoice yet were added.",  # type: ignore[union-attr]
                "warning",
            )
        elif not lines:
            flash("Tick the lines that are billed.", "warning")
        self.keep(invoice)
        return redirect(f"{document_url(invoice)}#lines")

    @expose("/billed/<pk>/<line_id>/save", methods=["POST"])
    @allowed("edit")
    def save_billed(self, pk: str, line_id: str) -> Any:
        """One row of the grid, saved as soon as it is left."""
        invoice, line = self._billed(pk, line_id)
        names = [name for name in GRID if name in request.form or name == "final"]
        form = billed_form(names)(obj=line)
        valid = self.change_billed(line, form, names)
        invoice = self.keep(invoice)
        page = render_template(
            "payables/line_saved.html",
            line=line,
            document=invoice,
            form=form,
            editable=True,
            screen=self,
            found=compare(invoice),
        )
        return page, 200 if valid else 422

    @expose("/billed/<pk>/<line_id>/remove", methods=["POST"])
    @allowed("edit")
    def remove_billed(self, pk: str, line_id: str) -> Any:
        """Take a line off; the others move up."""
        invoice, line = self._billed(pk, line_id)
        self.take_off(invoice, line)
        flash(f"Took {line.description} off.", "success")
        return redirect(f"{document_url(invoice)}#lines")

    @expose("/billed/<pk>/short-pay", methods=["POST"])
    @allowed("edit")
    def short_pay_lines(self, pk: str) -> Any:
        """Pay what order and receipts allow of each line that does not match, with the reason. Source: story 4."""
        invoice = self._invoice(pk)
        reason = request.form.get("reason", "").strip().replace("\x00", "")[:2000]
        if not reason:
            flash("Say why less is paid: the reason stays with the invoice.", "warning")
            return redirect(document_url(invoice))
        invoice, cut = self.paid_short(invoice, reason)
        if cut:
            flash(f"{money(invoice.total)} will be paid of {money(compare(invoice).billed)}.", "success")
        else:
            flash(
                "Nothing can be paid of the lines that do not match. Take them off, or wait for their goods.", "warning"
            )
        return redirect(document_url(invoice))

    def paid_short(self, invoice: Invoice, reason: str) -> tuple[Invoice, int]:
        """The invoice with what order and receipts allow of each line that does not match, and how many were cut."""
        cut = [one for one in compare(invoice).failed if short_pay(one, reason)]
        return self.keep(invoice), len(cut)

    def paid_in_full(self, invoice: Invoice) -> Invoice:
        """The invoice as it was billed."""
        for line in invoice.invoice_lines:
            pay_in_full(line)
        return self.keep(invoice)

    @expose("/billed/<pk>/pay-in-full", methods=["POST"])
    @allowed("edit")
    def pay_lines_in_full(self, pk: str) -> Any:
        """Undo the short payment."""
        invoice = self.paid_in_full(self._invoice(pk))
        flash("The invoice is to be paid as it was billed.", "success")
        return redirect(document_url(invoice))
