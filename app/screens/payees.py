"""A vendor's tax ids and bank accounts: masked wherever they stand, shown in full once to who may and says who they are,
and on record. Source: VR-02, VR-10, DOC-06, MO-10."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, g, make_response, redirect, request, url_for
from flask_appbuilder import expose
from markupsafe import Markup
from sqlalchemy import Select, select
from sqlalchemy.orm.exc import StaleDataError
from wtforms.validators import InputRequired

from app import audit
from app.entities.payees import BankAccount, TaxId
from app.entities.vendors import Vendor
from app.extensions import db
from app.facts import Answers
from app.integrity import Frozen
from app.rules import payees
from app.screens import security
from app.screens.base import Screen
from app.screens.columns import spaced
from app.screens.forms import RecordForm, SecretField
from app.screens.gate import actor, allowed, office
from app.screens.present import chip, moment
from app.sealing import Secret, blind_index, blind_indexes

NOT_PROVED = "This is not your password, or it was tried too often. Nothing was shown."


def _link(there: str, words: Any) -> Markup:
    return Markup('<a class="docnum" href="{}">{}</a>').format(there, words)


class SealedNumber(Screen):
    """What both have in common: a number typed twice and seen by nobody, until somebody asks for it."""

    show_template = "vendors/payee.html"
    order_columns = ("id",)
    lookup_columns = ("id",)
    context = ""
    row_verbs: Sequence[str] = ("reveal",)

    def form_class(self) -> type[RecordForm]:
        form = super().form_class()
        form.number_again = SecretField(
            "Number again",
            [InputRequired("Type the number again.")],
            description="Typed twice, because nobody can read it here.",
        )
        return form

    def cell(self, record: Any, name: str) -> Any:
        """The masked number leads to the record's page, the vendor to its own."""
        there = None
        if name == "number":
            there = self.show_url(record)
        elif name == "vendor" and actor().may("show", Vendor):
            there = url_for("VendorScreen.show", pk=record.vendor_id)
        return _link(there, getattr(record, name)) if there else super().cell(record, name)

    def row_buttons(self, record: Any) -> Sequence[Mapping[str, Any]]:
        if not self.may("reveal"):
            return ()
        return ({"url": self.url("reveal", pk=record.id), "label": "Reveal", "symbol": "eye", "signs": "ask"},)

    def check(self, record: Any, form: RecordForm) -> None:
        """The number is well formed, and was typed the same twice. From here on it stands in one spelling."""
        if record.number is None or record.vendor is None:
            return
        typed = record.number.reveal()
        again = form["number_again"].data
        if again is None or payees.normal(again.reveal()) != payees.normal(typed):
            form["number_again"].errors = ["The two numbers are not the same. Type both again."]
        self._add(form, "number", self.problems(record, typed))
        record.number = Secret(payees.normal(typed))

    def problems(self, record: Any, typed: str) -> Sequence[str]:
        """What is wrong with the number itself."""
        return ()

    def _add(self, form: RecordForm, name: str, problems: Sequence[str]) -> None:
        form[name].errors = [*form[name].errors, *problems]

    def alike(self, record: Any) -> Sequence[Any]:
        """The records that hold the same number, found without opening any."""
        same = self.entity.number_index.in_(blind_indexes(record.number.reveal(), self.context))
        return list(db.session.scalars(select(self.entity).where(same).order_by(self.entity.id).limit(20)))

    def before_save(self, record: Any, new: bool) -> None:
        """What finds the number again."""
        record.number_index = blind_index(record.number.reveal(), self.context)

    @expose("/show/<pk>")
    @allowed("show")
    def show(self, pk: str) -> Any:
        """One record, its number masked, with what can be done with it."""
        return self._page_of(self.load(pk))

    def _page_of(self, record: Any, problems: Sequence[str] = (), status: int = 200) -> Any:
        told = [{"anchor": "", "message": one} for one in problems]
        return self.page(self.show_template, record=record, title=str(record), inner=(), problems=told), status

    @expose("/reveal/<pk>", methods=["POST"])
    @allowed("reveal")
    def reveal(self, pk: str) -> Any:
        """The whole number, once: for who has just given their password, and on record (VR-10)."""
        record = self.load(pk)
        if not security.proves(request.form.get("password", "")):
            return self._page_of(self.load(pk), [NOT_PROVED], 422)
        audit.note(db.session(), "revealed", record, str(record.number))
        db.session.commit()
        page = self.page(
            "vendors/revealed.html",
            record=record,
            title=str(record),
            number=record.number.reveal(),
            when=moment(office().now()),
        )
        answer = make_response(page)
        answer.headers["Cache-Control"] = "no-store"
        return answer


class TaxIdScreen(SealedNumber, of=TaxId):
    title, plural = "Tax id", "Tax ids"
    context = "tax_id.number"
    list_columns = ("vendor", "kind", "number", "label")
    show_columns = list_columns
    search_columns = ("vendor", "kind")
    edit_columns = ("vendor", "kind", "label", "number")
    labels = {"label": "Note"}
    hints = {
        "number": "With or without dashes. It is kept encrypted and shown as •••6789.",
        "label": "Where it is from, such as form W-9 of a day.",
    }
    choices = {
        "kind": [
            ("FEIN", "Employer (FEIN)"),
            ("SSN", "Social security number"),
            ("ITIN", "Individual taxpayer (ITIN)"),
            ("foreign", "Foreign"),
        ]
    }
    exclude_route_methods = {"edit"}

    def problems(self, record: Any, typed: str) -> Sequence[str]:
        problems = list(payees.tax_number(record.kind, typed))
        if not problems:
            record.number = Secret(payees.normal(typed))
            problems = list(payees.tax_id_is_free(record.vendor, [one.vendor for one in self.alike(record)]))
        return problems

    def before_save(self, record: Any, new: bool) -> None:
        super().before_save(record, new)
        record.suffix = record.vendor.suffix


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
    list_template = "vendors/accounts.html"
    row_verbs = ("reveal", "confirm", "retire")

    def eager(self) -> Sequence[str]:
        return ("entered_by", "confirmed_by")

    @expose("/list/")
    @allowed("list")
    def list(self) -> Any:
        """The accounts; those that wait for a second person are a view of their own."""
        view, statement = request.args.get("view", ""), self.statement()
        if view == "waiting":
            statement = statement.where(BankAccount.confirmed_at.is_(None), BankAccount.retired_on.is_(None))
        found = self.find(statement)
        self._look_up({one.vendor_id for one in found.rows})
        views = (("", "All"), ("waiting", "To confirm"))
        return self.page(self.list_template, listing=found, title=self.plural, view=view, views=views)

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
        return payees.account_standing(account, self._look_up({account.vendor_id})[account.vendor_id], office().today())

    def _look_up(self, vendors: set[int]) -> Mapping[int, Any]:
        """The accounts in force of some vendors, asked once for a page."""
        known: dict[int, Any] = g.setdefault("accounts_in_force", {})
        if missing := vendors - known.keys():
            rows = db.session.scalars(select(BankAccount).where(BankAccount.vendor_id.in_(missing))).all()
            for vendor in missing:
                known[vendor] = payees.in_force((one for one in rows if one.vendor_id == vendor), office().today())
        return known

    def row_buttons(self, record: Any) -> Sequence[Mapping[str, Any]]:
        standing, buttons = self.standing(record), [*super().row_buttons(record)]
        if standing is payees.AccountStanding.WAITING and self.may("confirm"):
            buttons.append(
                {
                    "url": self.url("confirm", pk=record.id),
                    "label": "Confirm",
                    "symbol": "check",
                    "confirm": f"Have you compared {record} with the vendor's own letter, and called them back?",
                }
            )
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

    @expose("/confirm/<pk>", methods=["POST"])
    @allowed("confirm")
    def confirm(self, pk: str) -> Any:
        """A second person has compared the account with what the vendor sent: from now on it is paid."""
        account = self.load(pk)
        problems = list(payees.may_be_confirmed(account, actor().user_id, office().today()))
        if problems:
            return self._page_of(account, problems, 409)
        account.confirmed_by_id, account.confirmed_at = actor().user_id, office().now()
        return self._kept(account, f"{account} is confirmed; electronic payments go there from now on.")

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
