"""When an invoice is paid: the computed day, a day of one's own with its reason, and holds. Source: PY-01, PY-02."""

from typing import Any

from flask import abort, flash, redirect, request
from flask_appbuilder import expose

from app import totals
from app.entities.document import State
from app.entities.payables import Invoice, PaymentHold
from app.extensions import db
from app.rules import payables, payment
from app.rules.deeds import Problem
from app.screens.comparison import deed_on, plan_for
from app.screens.forms import fill, form_for
from app.screens.gate import actor, allowed, office
from app.screens.present import day, document_url

OVERRIDE = ("override_on", "override_reason")
OVER = (State.CLOSED, State.CANCELLED)
"""The states in which nothing is left to hold."""


def override_form() -> Any:
    """A payment date of one's own, and why."""
    labels = {"override_on": "Pay on another day", "override_reason": "Why not on the computed day"}
    hints = {"override_on": "Empty: on the computed day."}
    return form_for(Invoice, OVERRIDE, labels=labels, hints=hints, choices={}, lookups=lambda name, target: {})


class Scheduling:
    """What an invoice's screen does about the day of payment."""

    entity: Any
    load: Any
    editable: Any
    document_page: Any

    @expose("/schedule/<pk>", methods=["POST"])
    @allowed("edit")
    def schedule(self, pk: str) -> Any:
        """Compute the day of payment, or take the one that was chosen with a reason (MO-17)."""
        invoice = self.load(pk)
        if not self.editable(invoice):
            abort(409)
        form = override_form()(obj=invoice)
        with db.session.no_autoflush:
            valid = form.validate()
            if valid:
                fill(form, invoice, OVERRIDE)
                totals.settle(invoice)
                problems = list(payables.override_has_a_reason(invoice, deed_on(invoice)))
            else:
                problems = [Problem(error, field.name) for field in form for error in field.errors]
            plan = plan_for(invoice) if not problems else None
            if plan is None and not problems:
                problems = [Problem("Nothing is to be paid yet. Enter the lines first.", "find-match")]
            if plan is None:
                db.session.rollback()
                return self.document_page(self.load(pk), problems, 422, override=form)
            payment.record_plan(invoice, plan)
        invoice.changed_at = office().now()
        db.session.commit()
        flash(f"To be paid on {day(invoice.scheduled_on)}.", "success")
        return redirect(f"{document_url(invoice)}#payment")

    @expose("/hold/<pk>", methods=["POST"])
    @allowed("edit")
    def hold(self, pk: str) -> Any:
        """A reason not to pay yet. It may be placed until the payment has left (PY-02)."""
        invoice = self.load(pk)
        reason = request.form.get("reason", "").strip().replace("\x00", "")[:2000]
        if invoice.state in OVER:
            flash(f"{invoice.name} is {invoice.state}; there is nothing left to hold.", "warning")
        elif not reason:
            flash("Say why it is not to be paid yet.", "warning")
        else:
            db.session.add(
                PaymentHold(
                    invoice_id=invoice.id, reason=reason, placed_by_id=actor().user_id, placed_at=office().now()
                )
            )
            db.session.commit()
            flash("On hold: it is not paid until the hold is released.", "success")
        return redirect(f"{document_url(invoice)}#payment")

    @expose("/unhold/<pk>/<hold_id>", methods=["POST"])
    @allowed("edit")
    def release_hold(self, pk: str, hold_id: str) -> Any:
        """The reason is gone."""
        invoice = self.load(pk)
        held = next((one for one in invoice.holds if str(one.id) == hold_id), None) or abort(404)
        if held.released_at is None:
            held.released_by_id, held.released_at = actor().user_id, office().now()
            db.session.commit()
            flash("The hold is released.", "success")
        return redirect(f"{document_url(invoice)}#payment")
