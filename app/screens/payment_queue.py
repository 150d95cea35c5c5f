"""The payment queue: what is due, what is scheduled, what is held and why, and what was paid. Source: PY-02, PY-04."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask import flash, redirect, request
from flask_appbuilder import expose
from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import selectinload

from app import workflow
from app.entities.payables import Invoice, Payment
from app.entities.payees import BankAccount
from app.entities.vendors import Vendor
from app.extensions import db
from app.facts import Answers
from app.paying import conditions, has_account, taken_on
from app.rules.deeds import Deed, Problem
from app.rules.payees import in_force, is_change, missing_account
from app.rules.payment import late_penalty
from app.rules.vendors import may_be_paid
from app.screens import listing, second_factor
from app.screens.base import Screen
from app.screens.buttons import said_of_payment
from app.screens.gate import actor, allowed, office
from app.screens.once import key_of_form
from app.screens.present import day, money
from app.screens.saved_views import opens_views


def new_accounts(vendors: set[int], today: date) -> set[int]:
    """The vendors whose account in force took the place of another and has not been paid to yet (MO-10)."""
    rows = db.session.scalars(select(BankAccount).where(BankAccount.vendor_id.in_(vendors))).all()
    paid = {
        vendor: account
        for vendor in vendors
        if (account := in_force((one for one in rows if one.vendor_id == vendor), today)) is not None
        and is_change(account, [one for one in rows if one.vendor_id == vendor])
    }
    ids = [one.id for one in paid.values()]
    used = set(db.session.scalars(select(Payment.account_id).where(Payment.account_id.in_(ids)).distinct()))
    return {vendor for vendor, account in paid.items() if account.id not in used}


@dataclass(frozen=True)
class Queued:
    """One payment, and what stops it today."""

    payment: Payment
    stops: tuple[str, ...]
    today: date
    first_time: bool = False
    penalty: Decimal = Decimal("0.00")

    @property
    def standing(self) -> str:
        """Where it stands: paid, on hold, late, due or queued."""
        if self.payment.paid_on is not None:
            return "paid"
        if self.stops:
            return "on hold"
        if self.payment.scheduled_on > self.today:
            return "queued"
        due = self.payment.invoice.due_on
        return "late" if due is not None and due < self.today else "due"

    @property
    def can_be_paid(self) -> bool:
        """Whether its day has come and nothing stops it."""
        return self.standing in ("due", "late")


@dataclass(frozen=True)
class Sum:
    """What the payments of one view come to."""

    key: str
    label: str
    count: int
    amount: Decimal


VIEWS = (("due", "Due"), ("scheduled", "Scheduled"), ("held", "Held"), ("paid", "Paid"), ("", "All"))


class PaymentScreen(Screen, of=Payment):
    title, plural = "Payment", "Payment queue"
    list_columns = ("scheduled_on", "vendor", "invoice", "gross", "discount", "penalty", "amount", "method", "paid_on")
    show_columns = (*list_columns, "paid_by", "reference", "source_bank", "penalty_reason")
    search_columns = ("vendor", "scheduled_on", "paid_on", "amount", "method", "source_bank", "reference")
    order_columns = ("scheduled_on", "amount", "paid_on")
    base_sort = ("scheduled_on", False)
    labels = {
        "penalty_reason": "Penalty, or why none",
        "scheduled_on": "Pay on",
        "amount": "To pay",
        "method": "By",
        "source_bank": "Paid from",
        "paid_on": "Paid on",
    }
    choices = {"method": [("check", "Check"), ("eft", "Electronic funds transfer")]}
    list_template = "payables/queue.html"
    first_view = "due"
    exclude_route_methods = {"add", "edit", "delete", "lookup"}

    def statement(self) -> Select[Any]:
        return select(Payment).join(Payment.vendor)

    def eager(self) -> Sequence[str]:
        return ("invoice", "vendor", "paid_by")

    def in_view(self) -> Select[Any]:
        """The payments of the view that is open."""
        wanted = conditions(office().today()).get(request.args.get("view", "due"))
        return self.statement() if wanted is None else self.statement().where(wanted)

    def views(self) -> Sequence[tuple[str, str]]:
        return VIEWS

    @expose("/list/")
    @allowed("list")
    @opens_views
    def list(self) -> Any:
        """The queue, what is due first."""
        return self._queue()

    def _queue(self, problems: Sequence[Problem] = (), refused: int = 0, status: int = 200) -> Any:
        today, view = office().today(), request.args.get("view", "due")
        found = self.find(self.in_view())
        return self.page(
            self.list_template,
            listing=found,
            rows=self._rows(found, today),
            sums=self._sums(today),
            view=view,
            title=self.plural,
            may_pay=actor().may("close", Invoice),
            key=key_of_form(),
            refused=refused,
            problems=[{"anchor": f"payment-{refused}", "message": str(one)} for one in problems],
        ), status

    def _rows(self, found: listing.Listing, today: date) -> Sequence[Queued]:
        ids = [one.id for one in found.rows]
        db.session.scalars(
            select(Payment)
            .where(Payment.id.in_(ids))
            .options(
                selectinload(Payment.vendor).selectinload(Vendor.holds),
                selectinload(Payment.vendor).selectinload(Vendor.debarments),
                selectinload(Payment.invoice).selectinload(Invoice.holds),
            )
            .execution_options(populate_existing=True)
        ).all()
        late = penalties([one for one in found.rows if one.paid_on is None and one.scheduled_on < today])
        payable = set(db.session.scalars(select(Payment.id).where(Payment.id.in_(ids), has_account(today))))
        new = new_accounts({one.vendor_id for one in found.rows if one.method == "eft"}, today)
        return [
            Queued(
                one,
                tuple(_stops(one, today, one.id in payable)),
                today,
                one.method == "eft" and one.vendor_id in new,
                late.get(one.id, Decimal("0.00")),
            )
            for one in found.rows
        ]

    def _sums(self, today: date) -> Sequence[Sum]:
        """Every view's count and amount, in one query."""
        views = {key: condition for key, condition in conditions(today).items() if key != "paid"}
        columns = [
            column
            for condition in views.values()
            for column in (func.count(case((condition, Payment.id))), func.sum(case((condition, Payment.amount))))
        ]
        row = db.session.execute(select(*columns).select_from(Payment).join(Payment.vendor)).one()
        return [
            Sum(key, dict(VIEWS)[key], row[2 * at], row[2 * at + 1] or Decimal("0.00")) for at, key in enumerate(views)
        ]

    @expose("/pay/<pk>", methods=["POST"])
    @allowed("show")
    def pay(self, pk: str) -> Any:
        """One payment leaves: its day, its holds and its vendor are looked at again now (MO-18)."""
        payment = self.load(pk)
        if why := second_factor.step_up(request.form.get("code", "")):
            return self._queue([Problem(why)], payment.id, 422)
        try:
            done = workflow.act(
                db.session(),
                office(),
                payment.invoice,
                "close",
                actor(),
                key=request.form.get("key", "")[:80],
                extra=said_of_payment(),
            )
        except workflow.Refused as refused:
            return self._queue(refused.problems, payment.id, 409)
        except workflow.IllegalMove as illegal:
            return self._queue([Problem(str(illegal))], payment.id, 409)
        paid: Any = done.document
        if done.repeated:
            flash(f"{paid.name} had been paid already; nothing more happened.", "info")
        else:
            flash(f"{paid_in_words(paid.payment)}.", "success")
        return redirect(self.url("list", view=request.args.get("view", "due")))


def penalties(payments: Sequence[Payment]) -> dict[int, Decimal]:
    """What some payments would cost more for being late, were they made today."""
    if not payments:
        return {}
    session, taken = db.session(), taken_on(db.session(), [one.invoice_id for one in payments])
    deed = Deed("close", actor(), office().now(), office().today(), Answers(session, office()))
    return {one.id: late_penalty(one, taken.get(one.invoice_id), deed).amount for one in payments}


def paid_in_words(payment: Payment) -> str:
    """What was paid, and how much of it for being late."""
    late = f", {money(payment.penalty)} of it as a penalty for being late" if payment.penalty else ""
    return f"Paid {money(payment.amount)} to {payment.vendor.name} on {day(payment.paid_on)}{late}"


def _stops(payment: Payment, today: date, has_account: bool) -> list[str]:
    if payment.paid_on is not None:
        return []
    holds = [f"On hold: {one.reason}" for one in payment.invoice.holds if one.released_at is None]
    nowhere = [missing_account(payment.vendor)] if payment.method == "eft" and not has_account else []
    return [*holds, *may_be_paid(payment.vendor, today), *nowhere]
