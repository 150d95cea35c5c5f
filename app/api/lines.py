"""The lines of a document: read, added, changed and taken off, with their funding and charges.

Three kinds of document have lines of three shapes; each is a row in LINES. Source: LIN-01 … LIN-07, RC-02, TH-01."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, abort, jsonify, make_response, url_for
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import MethodNotAllowed

from app.api import fields, resources
from app.api.answers import Wrong
from app.api.fields import KEY, Schema, written
from app.api.keeping import NO_TOKEN, wrong_fields
from app.api.records import refuse_frozen, sent
from app.api.resources import Resource
from app.entities.catalog import CatalogItem
from app.entities.lines import Basis, LineCharge, LineFunding, LineItem
from app.entities.payables import Invoice, InvoiceLine
from app.entities.receiving import Receipt, ReceiptLine
from app.extensions import db
from app.people import profile_of
from app.rules.numbers import NotANumber
from app.rules.shopping import line_from_item, read_quantity, why_not, with_usual_places
from app.screens.basket import deed
from app.screens.billed_lines import GRID as BILLED
from app.screens.billed_lines import billed_form
from app.screens.forms import fill
from app.screens.funding import MOST_PARTS, read_split
from app.screens.gate import actor
from app.screens.line_page import CHARGED, CHARGES, CHOICES, FIELDS, charge_form, line_form
from app.screens.receiving_form import ROW

STATIC_CHOICES = {name: options for name, options in CHOICES.items() if name != "unit"}


def _object(properties: Mapping[str, Schema], required: Sequence[str] = ()) -> Schema:
    schema: Schema = {"type": "object", "additionalProperties": False, "properties": dict(properties)}
    return schema | ({"required": list(required)} if required else {})


class Ordered:
    """Lines of what is needed and ordered: baskets, requests, agreements, orders."""

    entity: Any = LineItem
    shown: Sequence[str] = ("id", "position", *FIELDS, "amount", "catalog_item", "agreement_line")
    verbs = frozenset({"GET", "POST", "PATCH", "DELETE"})

    def of(self, document: Any) -> list[Any]:
        """The lines."""
        return document.lines

    def said(self, line: Any) -> dict[str, Any]:
        """One line as JSON."""
        said = {name: written(getattr(line, name)) for name in self.shown}
        parts = [
            {"strip": written(one.strip), "share": written(one.share), "amount": written(one.amount)}
            for one in line.funding
        ]
        charges = [
            {"kind": one.kind, "description": one.description, "amount": written(one.amount)} for one in line.charges
        ]
        return said | {"funding": {"basis": line.funding_basis, "parts": parts}, "charges": charges}

    def schema(self, resource: Resource, new: bool) -> Schema:
        """What may be sent for a line."""
        columns = {name: fields.accepted(LineItem, name, STATIC_CHOICES.get(name)) for name in FIELDS}
        part = _object({"strip": KEY, "share": fields.accepted(LineFunding, "share")}, ["strip", "share"])
        columns["funding"] = _object(
            {
                "basis": {"type": "string", "enum": [one.value for one in Basis]},
                "parts": {"type": "array", "items": part, "minItems": 1, "maxItems": MOST_PARTS},
            },
            ["basis", "parts"],
        )
        charge = _object(
            {
                "kind": {"type": "string", "enum": [one for one, _ in CHARGES]},
                "description": fields.accepted(LineCharge, "description"),
                "amount": fields.accepted(LineCharge, "amount"),
            },
            ["kind", "amount"],
        )
        columns["charges"] = {"type": "array", "items": charge, "maxItems": MOST_PARTS}
        if new and resource.screen.shops:
            columns["item"] = KEY | {"description": "An item of the catalog; the line takes the rest from it."}
            return _object(columns) | {"anyOf": [{"required": ["item", "quantity"]}, {"required": ["description"]}]}
        return _object(columns, ["description"] if new else ())

    def add(self, resource: Resource, document: Any, body: Mapping[str, Any]) -> Any:
        """A new line at the end. Errors: Wrong."""
        with db.session.no_autoflush:
            line = self._item_line(document, body) if "item" in body else resource.screen.new_line(document)
            self._fill(resource, document, line, body)
        return line

    def _item_line(self, document: Any, body: Mapping[str, Any]) -> LineItem:
        item = db.session.scalar(select(CatalogItem).where(CatalogItem.id == body["item"]))
        if item is None:
            raise Wrong({"item": ["Choose an item of the catalog."]})
        when = deed()
        if reasons := list(why_not(item, when)):
            raise Wrong({"item": reasons})
        try:
            quantity = read_quantity(body["quantity"])
        except NotANumber as wrong:
            raise Wrong({"quantity": [f"{wrong}."]}) from None
        line = line_from_item(item, quantity, when.today, when.facts.calendar())
        line.position = len(document.lines) + 1
        document.lines.append(with_usual_places(line, profile_of(db.session(), actor().user_id or 0)))
        return line

    def change(self, resource: Resource, document: Any, line: Any, body: Mapping[str, Any]) -> None:
        """Some fields of a line. Errors: Wrong."""
        with db.session.no_autoflush:
            self._fill(resource, document, line, body)

    def _fill(self, resource: Resource, document: Any, line: Any, body: Mapping[str, Any]) -> None:
        names = [name for name in FIELDS if name in body]
        sent_values = {name: body[name] for name in names}
        form = line_form(document, resource.screen.line_lookups, names)(
            formdata=fields.typed(MultiDict(), sent_values), obj=line, meta=NO_TOKEN
        )
        if not form.validate():
            wrong_fields(form)
        fill(form, line, names)
        if "funding" in body:
            self._fund(line, body["funding"])
        if "charges" in body:
            line.charges[:] = [self._charge(resource, one) for one in body["charges"]]
        if not resource.screen.settled(document, form):
            wrong_fields(form)
            raise Wrong({"": ["This comes to more than the books carry."]})

    def _fund(self, line: Any, wanted: Mapping[str, Any]) -> None:
        typed: MultiDict[str, str] = MultiDict({"basis": wanted["basis"]})
        for part in wanted["parts"]:
            typed.add("strip", str(part["strip"]))
            typed.add("share", part["share"])
        split = read_split(typed)
        if split.errors:
            raise Wrong({"funding": split.errors})
        split.put_on(line)

    def _charge(self, resource: Resource, wanted: Mapping[str, Any]) -> LineCharge:
        form = charge_form(resource.screen.line_lookups)(formdata=fields.typed(MultiDict(), wanted), meta=NO_TOKEN)
        if not form.validate():
            raise Wrong({f"charges.{name}": [str(one) for one in form[name].errors] for name in CHARGED})
        charge = LineCharge()
        fill(form, charge, CHARGED)
        return charge

    def take_off(self, resource: Resource, document: Any, line: Any) -> None:
        """One line less; the others move up."""
        document.lines.remove(line)
        resource.screen.settle(document)


class Billed(Ordered):
    """Lines of an invoice: each answers a line of an order."""

    entity = InvoiceLine
    shown = (
        "id",
        "position",
        "order_line",
        *BILLED,
        "unit",
        "paid_quantity",
        "paid_price",
        "short_pay_reason",
        "amount",
    )

    def of(self, document: Any) -> list[Any]:
        return document.invoice_lines

    def said(self, line: Any) -> dict[str, Any]:
        return {name: written(getattr(line, name)) for name in self.shown}

    def schema(self, resource: Resource, new: bool) -> Schema:
        if new:
            return _object({"order_line": KEY}, ["order_line"])
        return _object({name: fields.accepted(InvoiceLine, name) for name in BILLED})

    def add(self, resource: Resource, document: Any, body: Mapping[str, Any]) -> Any:
        lines = resource.screen.chosen([str(body["order_line"])])
        if not resource.screen.bill_also(document, lines):
            said = "Choose a line of a released order to the same vendor that is not on the invoice yet."
            raise Wrong({"order_line": [said]})
        line = document.invoice_lines[-1]
        resource.screen.keep(document)
        return line

    def change(self, resource: Resource, document: Any, line: Any, body: Mapping[str, Any]) -> None:
        names = [name for name in BILLED if name in body]
        form = billed_form(names)(formdata=fields.typed(MultiDict(), body), obj=line, meta=NO_TOKEN)
        if not resource.screen.change_billed(line, form, names):
            wrong_fields(form)
        resource.screen.keep(document)

    def take_off(self, resource: Resource, document: Any, line: Any) -> None:
        resource.screen.take_off(document, line)


class Received(Ordered):
    """Lines of a receiving report. They are sent with the report itself, all together."""

    entity = ReceiptLine
    shown = ("id", "order_line", *ROW)
    verbs = frozenset({"GET"})

    def of(self, document: Any) -> list[Any]:
        return document.receipt_lines

    def said(self, line: Any) -> dict[str, Any]:
        return {name: written(getattr(line, name)) for name in self.shown}


LINES: Mapping[type, Ordered] = {Invoice: Billed(), Receipt: Received()}
"""Kind of document → its lines, where they are not those of an order."""


def lines_of(resource: Resource) -> Ordered:
    """What the lines of a kind are."""
    return LINES.get(resource.entity) or Ordered()


def _document(kind: str, pk: int, method: str) -> tuple[Resource, Any, Ordered]:
    """A document whose lines are read or written. Errors: 401, 403, 404, 405, Refused."""
    resource, document = resources.document(kind, pk, "show" if method == "GET" else "edit")
    shape = lines_of(resource)
    if method not in shape.verbs:
        raise MethodNotAllowed(valid_methods=sorted(shape.verbs))
    if method != "GET":
        refuse_frozen(resource, document)
    return resource, document, shape


def _line(shape: Ordered, document: Any, key: int) -> Any:
    return next((one for one in shape.of(document) if one.id == key), None) or abort(404)


def rows(kind: str, pk: int) -> Response:
    """All lines of a document."""
    _, document, shape = _document(kind, pk, "GET")
    return jsonify(rows=[shape.said(one) for one in shape.of(document)])


def read(kind: str, pk: int, line: int) -> Response:
    """One line."""
    _, document, shape = _document(kind, pk, "GET")
    return jsonify(shape.said(_line(shape, document, line)))


def create(kind: str, pk: int) -> Response:
    """A line more."""
    resource, document, shape = _document(kind, pk, "POST")
    key = shape.add(resource, document, sent(shape.schema(resource, new=True))).id
    again = _line(shape, resource.screen.load(str(pk)), key)
    answer = make_response(shape.said(again), 201)
    answer.headers["Location"] = url_for("api.lines_read", kind=kind, pk=pk, line=key)
    return answer


def change(kind: str, pk: int, line: int) -> Response:
    """Some fields of a line."""
    resource, document, shape = _document(kind, pk, "PATCH")
    found = _line(shape, document, line)
    shape.change(resource, document, found, sent(shape.schema(resource, new=False)))
    return jsonify(shape.said(_line(shape, resource.screen.load(str(pk)), line)))


def remove(kind: str, pk: int, line: int) -> Response:
    """A line less."""
    resource, document, shape = _document(kind, pk, "DELETE")
    shape.take_off(resource, document, _line(shape, document, line))
    return make_response("", 204)
