"""What a receiver fills in: how the goods came, and how much of each line of the order. Source: RC-02."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import request
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import SelectField, StringField
from wtforms.validators import Length

from app.entities.document import Document
from app.entities.lines import LineItem
from app.entities.organization import Profile
from app.entities.receiving import Receipt, ReceiptLine, ShippingPaper
from app.extensions import db
from app.rules.deeds import Problem
from app.screens.forms import RecordForm, fill, form_for
from app.screens.gate import actor, office
from app.screens.matching import OrderLine, lines_of
from app.screens.present import full_name

HEADER = ("received_on", "carrier", "shipper", "containers", "weight", "weight_unit", "freight_payment", "comments")
ROW = ("quantity", "unit", "discrepancy", "not_to_specification", "freight_charge", "comments")
SHOWN = (
    "received_on",
    "received_by_id",
    "carrier",
    "shipper",
    "containers",
    "freight_payment",
    "weight",
    "weight_unit",
    "freight_bills",
    "packing_lists",
    "comments",
)
PAPERS = (("freight_bills", "freight bill"), ("packing_lists", "packing list"))

LABELS = {
    "received_on": "Received on",
    "carrier": "Carrier",
    "shipper": "Shipper",
    "containers": "Containers",
    "weight": "Weight",
    "weight_unit": "Weight unit",
    "freight_payment": "Freight payment",
    "comments": "Comments",
    "quantity": "Quantity now",
    "unit": "Unit",
    "discrepancy": "Discrepancy",
    "freight_charge": "Freight charge",
    "not_to_specification": "Not to specification",
}
CHOICES = {
    "weight_unit": [(one, one) for one in ("", "LB", "KG", "TON")],
    "freight_payment": [(one, one) for one in ("", "Prepaid", "Prepaid and added", "Collect")],
    "discrepancy": [
        (one, one)
        for one in ("", "Damaged", "Wrong item", "Short shipment", "Over shipment", "Late", "Papers missing", "Other")
    ],
}
CARRIERS = ("UPS", "FedEx", "USPS", "DHL", "Common carrier", "Vendor's truck", "Picked up")
FIELD_OF = {"received_by": "received_by_id"}
"""What a rule calls a field → what the form does."""


def receivers() -> list[tuple[int, str]]:
    """The people within sight who may receive; the one who asks comes first."""
    people = db.session.scalars(
        select(Profile)
        .join(Profile.user)
        .where(Profile.may_receive.is_(True), User.active.is_(True))
        .options(joinedload(Profile.user))
        .order_by(User.last_name, User.first_name)
    )
    others = [(one.user_id, full_name(one.user)) for one in people if one.user_id != actor().user_id]
    return [(actor().user_id or 0, actor().name), *others]


def _no_lookups(name: str, target: type) -> dict[str, Any]:
    raise AssertionError(f"{name} has a list of its own")


def _header_form(receipt: Receipt | None, how: Mapping[str, Any]) -> RecordForm:
    people = receivers()
    if receipt is not None and receipt.received_by_id not in dict(people):
        people.append((receipt.received_by_id, full_name(receipt.received_by)))
    several = "Several: put a comma between them."
    extra = {
        "received_by_id": SelectField("Received by", coerce=int, choices=people),
        "freight_bills": StringField("Freight bills", [Length(max=1000)], description=several),
        "packing_lists": StringField("Packing lists", [Length(max=1000)], description=several),
    }
    made = form_for(Receipt, SHOWN, labels=LABELS, hints={}, choices=CHOICES, lookups=_no_lookups, extra=extra)
    started = (
        {"received_on": office().today(), "received_by_id": actor().user_id}
        if receipt is None
        else {name: ", ".join(paper.number for paper in receipt.papers if paper.kind == kind) for name, kind in PAPERS}
    )
    form = made(obj=receipt, data=started, **how)
    form["carrier"].render_kw = {"list": "carriers", "autocomplete": "off"}
    return form


@dataclass
class Row:
    """One line of the order, and what came of it now."""

    ordered: OrderLine
    form: RecordForm

    @property
    def line(self) -> LineItem:
        """The order's line."""
        return self.ordered.line

    @property
    def errors(self) -> list[str]:
        """What is wrong with the row beside its quantity, which says so itself."""
        return [error for field in self.form if field.short_name != "quantity" for error in field.errors]

    @property
    def told(self) -> bool:
        """Whether anything was said of the line."""
        said = {name: self.form[name].data for name in ROW if name != "unit"}
        return any(value.strip() if isinstance(value, str) else value for value in said.values())


class ReceivingForm:
    """The whole form. Nothing that was typed is lost when something is wrong with it."""

    def __init__(
        self,
        order: Document,
        receipt: Receipt | None = None,
        chosen: Iterable[int] = (),
        how: Mapping[str, Any] | None = None,
    ) -> None:
        self.order, self.receipt, self._how = order, receipt, how or {}
        self.header = _header_form(receipt, self._how)
        self.problems: list[Problem] = []
        lines, picked = lines_of(order), set(chosen)
        kept = {one.order_line_id: one for one in receipt.receipt_lines} if receipt is not None else {}
        self.rows = [self._row(one, kept.get(one.line.id), picked) for one in lines]

    def _row(self, ordered: OrderLine, kept: ReceiptLine | None, picked: set[int]) -> Row:
        wanted = ordered.open if not picked or ordered.line.id in picked else Decimal(0)
        start: dict[str, Any] = {"unit": ordered.line.unit}
        if self.receipt is None and wanted:
            start["quantity"] = wanted
        units = [(ordered.line.unit, ordered.line.unit)]
        made = form_for(
            ReceiptLine, ROW, labels=LABELS, hints={}, choices={**CHOICES, "unit": units}, lookups=_no_lookups
        )
        how = {**self._how, "meta": {"csrf": False}}
        form = made(obj=kept, data=start, prefix=f"line-{ordered.line.position}-", **how)
        return Row(ordered, form)

    def fill_in(self, everything: bool) -> None:
        """Put what is open into every quantity, or take it out again."""
        for row in self.rows:
            row.form["quantity"].typed = ""
            row.form["quantity"].data = (row.ordered.open or None) if everything else None

    @property
    def fields(self) -> Sequence[Any]:
        """The header's fields in the order in which one reads a delivery ticket."""
        return [self.header[name] for name in SHOWN]

    @property
    def version(self) -> str:
        """Which version of the draft the form was made of."""
        return str(self.receipt.version) if self.receipt is not None else ""

    def stale(self) -> bool:
        """Whether somebody else has changed the draft meanwhile."""
        return self.receipt is not None and request.form.get("version", "") != self.version

    def validate(self) -> bool:
        """Whether all of it can be read."""
        with db.session.no_autoflush:
            return all([self.header.validate(), *[row.form.validate() for row in self.rows]])

    def refuse(self, problems: Sequence[Problem]) -> None:
        """Put what the rules say to the fields that they speak of."""
        self.problems = list(problems)
        for problem in problems:
            form, name = self._place(problem)
            if form is not None and name in form:
                form[name].errors = [*form[name].errors, problem.message]

    def _place(self, problem: Problem) -> tuple[RecordForm | None, str]:
        if problem.line is None:
            return self.header, FIELD_OF.get(problem.field, problem.field)
        row = next((one for one in self.rows if one.line.position == problem.line), None)
        return (row.form if row else None), problem.field

    def summary(self) -> list[dict[str, Any]]:
        """Everything that is wrong, for the head of the page."""
        if self.problems:
            return [
                {
                    "anchor": FIELD_OF.get(one.anchor, one.anchor)
                    if one.field != "quantity" or one.line
                    else f"line-{self.rows[0].line.position}-quantity",
                    "message": str(one),
                }
                for one in self.problems
            ]
        fields = [("", field) for field in self.header] + [
            (f"Line {row.line.position}, ", field) for row in self.rows for field in row.form
        ]
        return [
            {"anchor": field.id, "message": f"{where}{field.label.text}: {error}"}
            for where, field in fields
            for error in field.errors
        ]

    def write(self, receipt: Receipt) -> None:
        """Put what was entered onto a receiving report."""
        fill(self.header, receipt, (*HEADER, "received_by_id"))
        kept = {one.order_line_id: one for one in receipt.receipt_lines}
        lines = []
        for row in self.rows:
            if not row.told:
                continue
            line = kept.get(row.line.id) or ReceiptLine(order_line_id=row.line.id, order_line=row.line)
            fill(row.form, line, ROW)
            lines.append(line)
        receipt.receipt_lines[:] = lines
        papers = {(one.kind, one.number): one for one in receipt.papers}
        wanted = dict.fromkeys(
            (kind, number.strip()[:200])
            for name, kind in PAPERS
            for number in (self.header[name].data or "").split(",")
            if number.strip()
        )
        receipt.papers[:] = [papers.get(one) or ShippingPaper(kind=one[0], number=one[1]) for one in wanted]
