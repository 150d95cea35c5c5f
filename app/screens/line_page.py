"""The page of one line with all its tabs: its fields, its funding and its charges. Source: LIN-01 … LIN-07."""

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request
from flask_appbuilder import expose

from app import rights
from app.entities.document import Document
from app.entities.lines import Basis, LineCharge, LineItem, PaymentRequirement
from app.extensions import db
from app.rules.lines import funding_problems, whole_of
from app.rules.numbers import read_key
from app.screens.forms import RecordForm, fill, form_for
from app.screens.funding import Split, read_split
from app.screens.gate import allowed
from app.screens.present import document_url

LABELS = {
    "unit_price": "Unit price",
    "delivery_on": "Delivery date",
    "commodity_code": "Commodity code",
    "service": "This is a service",
    "ship_to": "Ship to",
    "deliver_to": "Deliver to",
    "invoice_to": "Invoice to",
    "fob": "FOB",
    "color": "Colour",
    "period_from": "Period of performance from",
    "period_to": "to",
    "over_tolerance": "Over-shipment tolerance",
    "over_basis": "in",
    "under_tolerance": "Under-shipment tolerance",
    "under_basis": "in",
    "discount_percent": "Discount percent",
    "tax_percent": "Tax percent",
    "warranty_days": "Warranty in days",
    "catalog_name": "Catalog",
    "drawing": "Drawing reference",
    "specification": "Specification reference",
    "shipment_method": "Method of shipment",
    "charge_shipping_to": "Charge shipping to",
    "markings": "Additional markings",
}

TABS: Sequence[tuple[str, str, Sequence[str]]] = (
    (
        "detail",
        "Detail",
        (
            "description",
            "quantity",
            "unit",
            "unit_price",
            "delivery_on",
            "commodity_code",
            "service",
            "justification",
            "contract_type",
            "project_number",
            "period_from",
            "period_to",
            "extended_description",
        ),
    ),
    (
        "description",
        "Description",
        (
            "manufacturer",
            "brand",
            "model",
            "part_number",
            "color",
            "size",
            "catalog_name",
            "catalog_number",
            "drawing",
            "specification",
        ),
    ),
    (
        "pricing",
        "Pricing",
        ("over_tolerance", "over_basis", "under_tolerance", "under_basis", "discount_percent", "tax_percent"),
    ),
    (
        "address",
        "Address",
        (
            "ship_to",
            "deliver_to",
            "invoice_to",
            "fob",
            "freight_payment",
            "shipment_method",
            "markings",
            "charge_shipping_to",
        ),
    ),
    ("instructions", "Instructions", ("special_handling", "hazardous_materials", "packing", "warranty_days")),
    ("acceptance", "Acceptance", ("payment_requirement", "acceptance_required", "acceptance_instructions")),
)
"""The tabs of one line and their fields; funding and charges have editors of their own."""

FIELDS = tuple(name for _, _, names in TABS for name in names)

CHOICES = {
    "over_basis": [(Basis.PERCENT.value, "percent"), (Basis.QUANTITY.value, "quantity")],
    "under_basis": [(Basis.PERCENT.value, "percent"), (Basis.QUANTITY.value, "quantity")],
    "payment_requirement": [
        (PaymentRequirement.THREE_WAY.value, "Three-way: order, receipt and invoice agree"),
        (PaymentRequirement.TWO_WAY.value, "Two-way: order and invoice agree"),
        (PaymentRequirement.EVALUATED_RECEIPT.value, "Evaluated receipt: paid on receipt, without invoice"),
    ],
    "fob": [("", ""), ("Destination", "Destination"), ("Origin", "Origin")],
    "freight_payment": [
        ("", ""),
        ("Prepaid", "Prepaid"),
        ("Prepaid and added", "Prepaid and added"),
        ("Collect", "Collect"),
    ],
    "shipment_method": [(one, one) for one in ("", "Best way", "Ground", "Air", "Freight", "Pick-up")],
}

HINTS = {
    "service": "A service needs no ship-to and no deliver-to.",
    "justification": "Why no agreement or internal provider serves, when one offers this class.",
    "warranty_days": "In days: one year is 365.",
    "over_tolerance": "How much more than ordered is accepted, over all receipts together.",
}


def line_form(document: Document, lookups: Any, names: Sequence[str] = FIELDS) -> type[RecordForm]:
    """The form of a line, or of part of one."""
    labels = {name: LABELS.get(name, name.replace("_", " ").capitalize()) for name in names}
    units = [(unit.code, f"{unit.code} {unit.name}") for unit in common_units()]
    return form_for(LineItem, names, labels=labels, hints=HINTS, choices={**CHOICES, "unit": units}, lookups=lookups)


CHARGED = ("kind", "description", "amount")
CHARGES = [("installation", "Installation"), ("artwork", "Artwork"), ("freight", "Freight")]


def charge_form(lookups: Any) -> type[RecordForm]:
    """The form of a charge on top of a line."""
    labels = {"kind": "Charge", "description": "Description", "amount": "Amount"}
    return form_for(LineCharge, CHARGED, labels=labels, hints={}, choices={"kind": CHARGES}, lookups=lookups)


def common_units() -> Sequence[rights.Named]:
    """The units that lines offer."""
    return rights.common_units(db.session())


class LinePage:
    """What a document's screen does with one of its lines."""

    entity: Any
    _line: Any
    line_lookups: Any
    settle: Any
    settled: Any

    @expose("/line/<pk>/<line_id>/", methods=["GET", "POST"])
    @allowed("show")
    def line(self, pk: str, line_id: str) -> Any:
        """One line with all its tabs."""
        document = self.load(pk)  # type: ignore[attr-defined]
        line = next((one for one in document.lines if str(one.id) == line_id), None) or abort(404)
        editable = self.editable(document)  # type: ignore[attr-defined]
        if request.method == "POST" and not editable:
            abort(409)
        form = line_form(document, self.line_lookups)(obj=line)
        status = 200
        if request.method == "POST":
            with db.session.no_autoflush:
                valid = form.validate()
                if valid:
                    fill(form, line, FIELDS)
            if valid and self.settled(document, form):
                flash(f"Line {line.position} saved.", "success")
                return redirect(f"{request.path}")
            status = 422
        return self.line_page(document, line, form, editable), status

    def line_page(self, document: Any, line: LineItem, form: RecordForm, editable: bool, **context: Any) -> str:
        """The page of one line."""
        return self.page(  # type: ignore[attr-defined]
            "documents/line.html",
            document=document,
            line=line,
            form=form,
            editable=editable,
            tab_fields=TABS,
            title=f"Line {line.position} of {document.name}",
            split=context.pop("split", None) or Split.of(line),
            whole=whole_of(line),
            funding_problems=[one.message for one in funding_problems(line)],
            named=self.named_on(document, context.pop("named", None), line),  # type: ignore[attr-defined]
            **context,
        )

    @expose("/line/<pk>/<line_id>/split")
    @allowed("edit")
    def look_at_split(self, pk: str, line_id: str) -> Any:
        """What the funding that is being typed would leave open; nothing is written. Source: LIN-04."""
        _, line = self._line(pk, line_id)
        split = read_split(request.args)
        tried = split.tried_on(line)
        said = split.errors or [one.message for one in funding_problems(tried)]
        return render_template("documents/split_state.html", line=tried, split=split, problems=said, oob=True)

    @expose("/line/<pk>/<line_id>/funding", methods=["POST"])
    @allowed("edit")
    def fund_line(self, pk: str, line_id: str) -> Any:
        """The funding of one line. Source: LIN-04."""
        document, line = self._line(pk, line_id)
        split = read_split(request.form)
        if split.errors:
            form = line_form(document, self.line_lookups)(formdata=None, obj=line)
            return self.line_page(document, line, form, True, split=split, open_tab="funding"), 422
        split.put_on(line)
        self.settle(document)
        left = list(funding_problems(line))
        flash(
            "Funding saved." if not left else "Funding saved. It does not cover the amount yet: see the remainder.",
            "success" if not left else "warning",
        )
        return redirect(f"{document_url(document).replace('/show/', '/line/')}/{line.id}/#funding")

    @expose("/line/<pk>/<line_id>/charge", methods=["POST"])
    @allowed("edit")
    def add_charge(self, pk: str, line_id: str) -> Any:
        """Installation, artwork or freight on top of a line; an amount of 0 takes a charge away. Source: LIN-03."""
        document, line = self._line(pk, line_id)
        form = charge_form(self.line_lookups)()
        back = redirect(f"{document_url(document).replace('/show/', '/line/')}/{line.id}/#pricing")
        if gone := read_key(request.form.get("remove")):
            line.charges[:] = [one for one in line.charges if one.id != gone]
        elif form.validate() and form["amount"].data:
            charge = LineCharge()
            fill(form, charge, CHARGED)
            line.charges.append(charge)
        else:
            flash(" ".join(error for field in form for error in field.errors) or "Enter an amount above 0.", "warning")
            return back
        self.settle(document)
        return back
