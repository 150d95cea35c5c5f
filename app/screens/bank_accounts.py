"""The bank accounts of vendors: entered by one person, confirmed by a second who has called the vendor back, paid some days
later, and never changed. Source: VR-10, DOC-06, MO-10, MO-11."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_appbuilder import expose
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm.exc import StaleDataError

from app.entities.payees import BankAccount
from app.entities.vendors import Vendor
from app.extensions import db
from app.facts import Answers
from app.integrity import Frozen
from app.rules import payees
from app.screens import second_factor
from app.screens.columns import spaced
from app.screens.forms import RecordForm
from app.screens.gate import actor, allowed, office
from app.screens.payees import SealedNumber
from app.screens.present import chip, day
from app.screens.saved_views import opens_views

FILLING_IN = timedelta(hours=1)
"""How long the form of an account may take after the second factor was shown."""

CALL_BACK = (
    "Compare the account with the vendor's own letter, and call the vendor at a number that was on file before the letter "
    "came. Say whom you reached, at which number and when."
)


def changed_back() -> Sequence[int]:
    """The accounts that came back soon after another took their place, for whoever looks into it (MO-11)."""
    twice = (
        select(BankAccount.vendor_id)
        .group_by(BankAccount.vendor_id, BankAccount.number_index)
        .having(func.count(BankAccount.id) > 1)
    )
    rows = list(db.session.scalars(select(BankAccount).where(BankAccount.vendor_id.in_(twice))))
    return [
        one.id
        for one in rows
        if payees.changed_back(one, [other for other in rows if other.vendor_id == one.vendor_id]) is not None
    ]


class BankAccountScreen(SealedNumber, of=BankAccount):
    title, plural = "Bank account", "Bank accounts"
    context = "bank_account.number"
    list_columns = ("vendor", "number", "standing", "bank_name", "routing_number", "eft_format", "confirmed_by")
    show_columns = (
        *list_columns[:-1],
        "kind",
        "label",
        "entered_by",
        "entered_at",
        "confirmed_by",
        "confirmed_at",
        "called_back",
        "counts_from",
        "retired_on",
    )
    search_columns = ("vendor", "kind", "eft_format", "bank_name", "retired_on")
    searched = ("bank_name",)
    edit_columns = ("vendor", "bank_name", "kind", "eft_format", "routing_number", "label", "number")
    labels = {"label": "Note", "eft_format": "EFT format", "number": "Account number", "bank_name": "Bank"}
    hints = {
        "number": "It is kept encrypted and shown as •••6789. A second person confirms the account before it is paid.",
        "routing_number": "Nine digits: the ABA number at the lower left of a check.",
        "label": "Where it is from, such as the bank's letter of a day.",
    }
    choices = {
        "kind": [("checking", "Checking"), ("savings", "Savings")],
        "eft_format": [
            ("CCD", "CCD: one payment to a firm"),
            ("CTX", "CTX: a payment with its remittances"),
            ("PPD", "PPD: to a person"),
        ],
    }
    exclude_route_methods = {"edit", "delete"}
    row_verbs = ("reveal", "confirm", "retire")

    def eager(self) -> Sequence[str]:
        return ("entered_by", "confirmed_by")

    def views(self) -> Sequence[tuple[str, str]]:
        """Those that wait for a second person are a view of their own."""
        return (("", "All"), ("waiting", "To confirm"), ("changed-back", "Changed back"))

    @expose("/list/")
    @allowed("list")
    @opens_views
    def list(self) -> Any:
        """The accounts."""
        return self.page(self.list_template, listing=self.find(self.in_view()), title=self.plural)

    def prepare(self, records: Sequence[BankAccount]) -> None:
        """All accounts of the vendors, because each stands among them."""
        self._accounts_of({one.vendor_id for one in records})

    def in_view(self) -> Select[Any]:
        """The accounts of the view that is open."""
        conditions: dict[str, Sequence[ColumnElement[bool]]] = {
            "waiting": (BankAccount.confirmed_at.is_(None), BankAccount.retired_on.is_(None)),
            "changed-back": (BankAccount.id.in_(changed_back()),),
        }
        return self.statement().where(*conditions.get(request.args.get("view", ""), ()))

    def cell(self, record: Any, name: str) -> Any:
        """Where an account stands is derived from all accounts of its vendor."""
        if name == "standing":
            return chip(self.standing(record))
        if name in ("entered_by", "confirmed_by") and getattr(record, name) is not None:
            who = getattr(record, name)
            return f"{who.first_name} {who.last_name}"
        return super().cell(record, name)

    def standing(self, account: Any) -> payees.AccountStanding:
        """Where an account stands today."""
        today = office().today()
        paid = payees.in_force(self._accounts_of({account.vendor_id})[account.vendor_id], today)
        return payees.account_standing(account, paid, today)

    def _accounts_of(self, vendors: set[int]) -> Mapping[int, Sequence[BankAccount]]:
        """All accounts of some vendors, asked once for a page."""
        known: dict[int, Sequence[BankAccount]] = g.setdefault("accounts_of_vendors", {})
        if missing := vendors - known.keys():
            rows = db.session.scalars(select(BankAccount).where(BankAccount.vendor_id.in_(missing))).all()
            known.update({vendor: [one for one in rows if one.vendor_id == vendor] for vendor in missing})
        return known

    def row_buttons(self, record: Any) -> Sequence[Mapping[str, Any]]:
        standing, buttons = self.standing(record), [*super().row_buttons(record)]
        if standing is payees.AccountStanding.WAITING and self.may("confirm"):
            button = {"url": self.url("confirm", pk=record.id), "label": "Confirm", "symbol": "check"}
            if payees.is_change(record, self._accounts_of({record.vendor_id})[record.vendor_id]):
                button |= {"comment": "required", "asks": CALL_BACK}
            else:
                button["signs"] = "code"
                button["confirm"] = f"Have you compared {record} with the vendor's own letter?"
            buttons.append(button)
        if standing is not payees.AccountStanding.RETIRED and self.may("retire"):
            buttons.append(
                {
                    "url": self.url("retire", pk=record.id),
                    "label": "Retire",
                    "confirm": f"Pay nothing more to {record}? A retired account does not come back.",
                }
            )
        return tuple(buttons)

    def check(self, record: Any, form: RecordForm) -> None:
        record.routing_number = record.routing_number.strip()
        self._add(form, "routing_number", list(payees.routing(record.routing_number)))
        super().check(record, form)

    def problems(self, record: Any, typed: str) -> Sequence[str]:
        return list(payees.account_number(typed))

    def before_save(self, record: Any, new: bool) -> None:
        super().before_save(record, new)
        record.entered_by_id, record.entered_at = actor().user_id, office().now()
        for other in self.alike(record):
            if other.routing_number == record.routing_number and other.vendor_id != record.vendor.id:
                flash(
                    f"Mind: the same account stands with {other.vendor}. Ask both vendors before you confirm.",
                    "warning",
                )

    @expose("/add", methods=["GET", "POST"])
    @allowed("add")
    def add(self) -> Any:
        """A new account. Whoever leads money elsewhere shows their second factor first (AU-05); a form that was opened in
        time is not lost because it took long to fill in."""
        if request.method == "GET":
            if second_factor.wants_code():
                return redirect(url_for("SecondFactorView.ask", next=request.full_path.rstrip("?")))
            if why := second_factor.step_up(""):
                flash(why, "warning")
                return redirect(url_for("SecondFactorView.mine"))
        elif not second_factor.was_given_within(FILLING_IN):
            flash(second_factor.ASKED, "danger")
            return redirect(url_for("SecondFactorView.ask", next=self.url("add")))
        return super().add()

    @expose("/confirm/<pk>", methods=["POST"])
    @allowed("confirm")
    def confirm(self, pk: str) -> Any:
        """A second person has compared the account with what the vendor sent and, where it takes the place of another,
        has called the vendor back: it is paid from its first day on."""
        if why := second_factor.step_up(request.form.get("code", "")):
            return self._page_of(self.load(pk), [why], 422)
        account, today = self.load(pk), office().today()
        others = self._accounts_of({account.vendor_id})[account.vendor_id]
        called, change = request.form.get("comment", "").strip()[:200], payees.is_change(account, others)
        problems = list(payees.may_be_confirmed(account, actor().user_id, today, called, change))
        if problems:
            return self._page_of(account, problems, 409)
        wait = int(Answers(db.session(), office()).policy("account wait"))
        account.counts_from, account.called_back = payees.first_day(account, others, today, wait), called
        account.confirmed_by_id, account.confirmed_at = actor().user_id, office().now()
        if between := payees.changed_back(account, others):
            flash(
                f"Mind: this account was replaced by {between} on {day(office().day_of(between.confirmed_at))} and now "  # type: ignore[arg-type]
                "comes back. Ask the vendor what happened, and look at what was paid meanwhile.",
                "warning",
            )
        later = account.counts_from > today
        return self._kept(
            account,
            f"{account} is confirmed; electronic payments go there from {day(account.counts_from) if later else 'now'} on.",
        )

    @expose("/retire/<pk>", methods=["POST"])
    @allowed("retire")
    def retire(self, pk: str) -> Any:
        """Nothing more is paid to it. The row stays, for whoever asks where money went."""
        account = self.load(pk)
        problems = list(payees.may_be_retired(account, office().today()))
        if problems:
            return self._page_of(account, problems, 409)
        account.retired_on = office().today()
        with db.session.no_autoflush:
            left = Answers(db.session(), office()).account_in_force(account.vendor_id) is not None
        return self._kept(
            account, f"{account} is retired{'' if left else '; this vendor has no other one to be paid to'}."
        )

    def _kept(self, account: BankAccount, said: str) -> Any:
        pk = str(account.id)
        try:
            db.session.commit()
        except (StaleDataError, Frozen):
            db.session.rollback()
            late = f"Somebody else has just changed this {spaced(self.title)}. Look at it again."
            return self._page_of(self.load(pk), [late], 409)
        flash(said, "success")
        return redirect(self._after(account))

    def narrow(self, name: str, statement: Select[Any]) -> Select[Any]:
        """Accounts belong to vendors that are still in use."""
        statement = super().narrow(name, statement)
        return statement.where(Vendor.archived_on.is_(None)) if name == "vendor" else statement
