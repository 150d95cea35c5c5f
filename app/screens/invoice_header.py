"""The header of an invoice: its number, dates, terms and how it is paid, each tab saved by itself.
Source: TH-03, PY-03, F17.08, F17.09, F19.07."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask import flash, redirect, request
from flask_appbuilder import expose
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from wtforms import SelectField

from app import reading
from app.entities.payables import Invoice, SourceBank
from app.extensions import db
from app.facts import Answers
from app.rules.billing import TERMS, called
from app.rules.deeds import Problem
from app.rules.numbers import normal_invoice_number, read_key
from app.rules.payables import take_number
from app.rules.terms import Terms
from app.scope import unscoped
from app.screens.forms import RecordForm, fill, form_for
from app.screens.gate import allowed, office
from app.screens.once import key_of_form, remember
from app.screens.present import document_url

START = ("vendor_invoice_number", "invoiced_on", "received_on", "remit_to_id", "comments")
PARTS = {
    "details": (*START[:-1], *TERMS, "comments"),
    "disbursement": ("disbursement", "source_bank_id", "separate_check", "enclosure"),
    "remarks": ("check_header", "check_footer", "remittance_remark"),
}
"""The tabs of the header, each saved by itself."""

LABELS = {
    "vendor_invoice_number": "Vendor's invoice number",
    "invoiced_on": "Invoice date",
    "received_on": "Received on",
    "remit_to_id": "Remit to",
    "comments": "Comments",
    "discount_percent": "Discount percent",
    "discount_days": "Discount days",
    "net_days": "Base payment days",
    "disbursement": "Disbursement",
    "source_bank_id": "Pay from",
    "separate_check": "A check of its own",
    "enclosure": "Something is enclosed with the check",
    "check_header": "Header of the check",
    "check_footer": "Footer of the check",
    "remittance_remark": "Remark on the remittance advice",
}
CHOICES = {"disbursement": [("check", "Check"), ("eft", "Electronic funds transfer")]}
LONGEST_TERMS = 999


def _one_of(name: str, choices: Sequence[tuple[Any, str]]) -> Any:
    return SelectField(LABELS[name], choices=choices, coerce=lambda typed: read_key(str(typed or "")) or None)


class InvoiceHeader:
    """What an invoice's screen does with its header."""

    load: Any
    document_page: Any
    _invoice: Any

    def header_form(self, names: Sequence[str], vendor: Any) -> type[RecordForm]:
        """A form of the header; the money goes to one of the vendor's own addresses (F17.09)."""
        places = [(one.id, str(one)) for one in vendor.addresses if one.remit_to]
        extra = {"remit_to_id": _one_of("remit_to_id", places or [("", "The vendor has no such address")])}
        if "source_bank_id" in names:
            banks = db.session.scalars(
                select(SourceBank)
                .where(SourceBank.active.is_(True))
                .order_by(SourceBank.standard.desc(), SourceBank.code)
            ).all()
            usual = "The standard account" if banks and banks[0].standard else "Not said"
            extra["source_bank_id"] = _one_of("source_bank_id", [("", usual), *((one.id, str(one)) for one in banks)])
        return form_for(
            Invoice, names, labels=LABELS, hints={}, choices=CHOICES, lookups=lambda name, target: {}, extra=extra
        )

    def part_form(self, part: str, invoice: Any) -> type[RecordForm]:
        """The form of one tab of the header."""
        return self.header_form(PARTS[part], invoice.vendor)

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @allowed("edit")
    def edit(self, pk: str) -> Any:
        """Save one tab of the header."""
        invoice = self._invoice(pk) if request.method == "POST" else self.load(pk)
        part = request.form.get("part", "details") if request.form.get("part") in PARTS else "details"
        if request.method == "GET":
            return redirect(f"{document_url(invoice)}#details")
        form = self.part_form(part, invoice)(obj=invoice)
        if form.version.data != str(invoice.version):
            stale = "Somebody else has changed this invoice since you opened it. Look at it and save again."
            return self.document_page(invoice, [Problem(stale)], 409, changed=(part, form))
        if self.put(form, invoice, PARTS[part]):
            flash("Saved.", "success")
            return redirect(f"{document_url(invoice)}#{part}")
        db.session.rollback()
        problems = [Problem(error, field.name) for field in form for error in field.errors]
        problems += [Problem(error) for error in form.form_errors]
        return self.document_page(self.load(pk), problems, 422, changed=(part, form))

    def put(self, form: RecordForm, invoice: Invoice, names: Sequence[str]) -> bool:
        """Save fields of the header; False, with the reasons on the form, when that cannot be."""
        with db.session.no_autoflush:
            valid = form.validate() and self._terms_make_sense(form)
            if valid:
                fill(form, invoice, names)
                self.before_save(invoice, False)
        return valid and self.claimed(invoice, form) and self.written(form, invoice)

    def before_save(self, record: Any, new: bool) -> None:
        """An invoice is called after its number and its vendor."""
        super().before_save(record, new)  # type: ignore[misc]
        record.title = called(record)

    def _terms_make_sense(self, form: RecordForm) -> bool:
        if "net_days" not in form:
            return True
        for name in ("net_days", "discount_days"):
            if (form[name].data or 0) > LONGEST_TERMS:
                form[name].errors = [f"At most {LONGEST_TERMS} days."]
                return False
        try:
            Terms(
                form["discount_percent"].data or Decimal(0), form["discount_days"].data or 0, form["net_days"].data or 0
            )
        except ValueError as problem:
            form["discount_days"].errors = [f"{problem}."]
            return False
        return True

    def claimed(self, invoice: Invoice, form: RecordForm) -> bool:
        """Claim the vendor's number, unless another invoice has it (TH-03, MO-07)."""
        session, number = db.session(), normal_invoice_number(invoice.vendor_invoice_number)
        if "vendor_invoice_number" not in form:
            return True
        with unscoped(session), session.no_autoflush:
            facts = Answers(session, office())
            other = facts.invoice_with_number(invoice.vendor_id or 0, number, invoice.id) if number else None
            if other is None and len(number) <= 60:
                take_number(invoice, facts.payee(invoice.vendor_id or 0))
                return True
        said = f"{invoice.vendor} has already billed this number: {other}." if other else "This number is too long."
        form["vendor_invoice_number"].errors = [said]
        session.expunge(invoice) if invoice in session.new else session.rollback()
        return False

    def written(self, form: RecordForm, invoice: Invoice, key: str = "") -> bool:
        """Write it; what two people did at the same moment is said in words."""
        session, new = db.session(), invoice in db.session.new
        try:
            if new:
                session.flush()
                remember(key or key_of_form(), invoice)
            reading.commit(session)
        except IntegrityError as clash:
            session.rollback()
            taken = "invoice_number" in str(clash.orig)
            form.form_errors.append(
                "Another invoice has just been entered with this vendor's number. Look it up first."
                if taken
                else "This form has just been sent twice. Look at the list of invoices."
            )
            return False
        except StaleDataError:
            session.rollback()
            form.form_errors.append("Somebody else has just changed this invoice. Look at it and save again.")
            return False
        if invoice.total:
            with unscoped(session):
                for near in Answers(session, office()).similar_invoices(invoice):
                    flash(f"Mind: {near} is of the same vendor and nearly the same amount.", "warning")
        return True
