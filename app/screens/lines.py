"""The lines of a document: a grid saved row by row, a page with all tabs of one line, and the funding editor.

Totals are always the server's. What cannot be read stays in its cell, with the reason beside it.
Source: LIN-01 … LIN-07."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask import abort, g, redirect, render_template, request
from flask_appbuilder import expose
from markupsafe import Markup

from app import reading, totals
from app.entities.document import Document
from app.entities.lines import LineItem
from app.extensions import db
from app.facts import Answers
from app.people import profile_of
from app.rules.calendar import fiscal_year
from app.rules.lines import carried
from app.rules.shopping import with_usual_places
from app.screens.forms import RecordForm, fill
from app.screens.gate import actor, allowed, office
from app.screens.global_change import GlobalChange
from app.screens.line_page import LinePage, common_units, line_form
from app.screens.present import document_url, record_url
from app.screens.row_import import RowImport

GRID = ("commodity_code", "description", "quantity", "unit", "unit_price", "delivery_on")
"""What is edited in the grid itself."""


class LineGrid(LinePage, GlobalChange, RowImport):
    """What a document's screen does with its lines."""

    entity: Any

    def units(self, line: LineItem) -> Sequence[str]:
        """The units that a row offers, its own among them. Asked once for a page."""
        if "units" not in g:
            g.units = [unit.code for unit in common_units()]
        return g.units if line.unit in g.units else [*g.units, line.unit]

    def unit_options(self, line: LineItem) -> Markup:
        """The same as the options of a list, of which a page needs one for each unit in use."""
        kept = g.setdefault("unit_options", {})
        if line.unit not in kept:
            options = ((unit, Markup(" selected") if unit == line.unit else "", unit) for unit in self.units(line))
            kept[line.unit] = Markup("").join(
                Markup('<option value="{}"{}>{}</option>').format(*one) for one in options
            )
        return kept[line.unit]

    def line_url(self, document: Document, line: LineItem) -> str:
        """Where a line's own page is; what is done with the line has its address below that."""
        return record_url(f"{type(self).__name__}.line", line.id, "line_id", pk=document.id)

    def funding_summary(self, document: Any) -> Sequence[dict[str, Any]]:
        """What the lines take from each strip, with what it still has."""
        sums: dict[int, dict[str, Any]] = {}
        for line in document.lines:
            for part in line.funding:
                row = sums.setdefault(part.strip_id, {"strip": part.strip, "amount": Decimal("0.00")})
                row["amount"] += part.amount
        facts, year = Answers(db.session(), office()), document.bfy or fiscal_year(office().today())
        return [row | {"available": facts.room(strip_id, year).available} for strip_id, row in sums.items()]

    def line_lookups(self, name: str, target: type) -> dict[str, Any]:
        """Where a field of a line finds what it refers to."""
        return {
            "entity": target,
            "url": f"/lookup/{target.__tablename__}?for={name}",  # type: ignore[attr-defined]
            "narrow": None,
        }

    def _line(self, pk: str, line_id: str) -> tuple[Any, LineItem]:
        """A line of a document that may be edited. Errors: 404, 409."""
        document = self.load(pk, named=False)  # type: ignore[attr-defined]
        line = next((one for one in document.lines if str(one.id) == line_id), None) or abort(404)
        return self._writable(document), line

    def _writable(self, document: Any) -> Any:
        if not self.editable(document):  # type: ignore[attr-defined]
            abort(409)
        # A page that has seen the document as it is learns its next version, so that one's own change of a line does
        # not make the header's form stale; a page that has not stays warned.
        g.seen = request.form.get("version") == str(document.version)
        return document

    def settle(self, document: Document) -> None:
        """Save a document whose lines were changed, with its totals."""
        totals.settle(document)
        document.changed_at = office().now()
        reading.commit(db.session())

    def new_line(self, document: Document) -> LineItem:
        """A blank line, with the person's usual addresses and funding."""
        line = with_usual_places(
            LineItem(position=len(document.lines) + 1, description=""), profile_of(db.session(), actor().user_id or 0)
        )
        document.lines.append(line)
        return line

    def settled(self, document: Document, form: RecordForm) -> bool:
        """Save the line; False, with the reason at its numbers, when it comes to more than the books carry."""
        try:
            self.settle(document)
            return True
        except totals.TooLarge as problem:
            db.session.rollback()
            for name in {"quantity", "unit_price"} & set(form._fields):
                form[name].errors = [str(problem)]
            return False

    @expose("/line/<pk>/add", methods=["POST"])
    @allowed("edit")
    def add_line(self, pk: str) -> Any:
        """A blank line at the end of the grid."""
        document = self._writable(self.load(pk))  # type: ignore[attr-defined]
        self.new_line(document)
        self.settle(document)
        return self._grid(document, focus=len(document.lines))

    @expose("/line/<pk>/<line_id>/save", methods=["POST"])
    @allowed("edit")
    def save_line(self, pk: str, line_id: str) -> Any:
        """One row of the grid, saved as soon as it is left."""
        document, line = self._line(pk, line_id)
        names = [name for name in GRID if name in request.form]
        form = line_form(document, self.line_lookups, names)(obj=line)
        with db.session.no_autoflush:
            valid = form.validate()
            fill(form, line, [name for name in names if not form[name].errors])
        valid = self.settled(document, form) and valid
        page = render_template(
            "documents/line_saved.html", line=line, document=document, form=form, editable=True, screen=self
        )
        return page, 200 if valid else 422

    @expose("/line/<pk>/<line_id>/delete", methods=["POST"])
    @allowed("edit")
    def delete_line(self, pk: str, line_id: str) -> Any:
        """Take a line out; the others move up."""
        document, line = self._line(pk, line_id)
        document.lines.remove(line)
        self.settle(document)
        return self._grid(document)

    @expose("/line/<pk>/<line_id>/copy", methods=["POST"])
    @allowed("edit")
    def copy_line(self, pk: str, line_id: str) -> Any:
        """The same again, below the others."""
        document, line = self._line(pk, line_id)
        document.lines.append(carried(line, len(document.lines) + 1, source_line_id=line.source_line_id))
        self.settle(document)
        return self._grid(document, focus=len(document.lines))

    def _grid(self, document: Any, focus: int = 0) -> Any:
        if request.headers.get("HX-Request"):
            return render_template("documents/lines.html", document=document, editable=True, screen=self, focus=focus)
        return redirect(f"{document_url(document)}#lines")
