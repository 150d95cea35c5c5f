"""Documents that are made of others: an order of an agreement's lines, a receiving report and an invoice of an order's.

What is sent goes through the same forms, and the same checks, as what is typed. Source: DO-01, RC-02, TH-01."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from app.api import fields
from app.api.answers import Wrong
from app.api.fields import KEY, Schema
from app.api.keeping import NO_TOKEN, DocumentKeeping, Keeping, written_once, wrong_fields
from app.api.resources import Resource
from app.entities.awards import DeliveryOrder, MasterAgreement
from app.entities.document import Document, State
from app.entities.lines import LineItem
from app.entities.payables import Invoice
from app.entities.receiving import Receipt, ReceiptLine
from app.extensions import db
from app.rules.awards import has_authority, may_order
from app.rules.deeds import Problem
from app.rules.numbers import LARGEST
from app.screens.basket import deed
from app.screens.gate import actor
from app.screens.invoice_header import CHOICES as INVOICE_CHOICES
from app.screens.invoice_header import PARTS, START
from app.screens.matching import ORDERS
from app.screens.ordering import MOST_LINES, Picking
from app.screens.receiving_form import CHOICES, HEADER, PAPERS, ROW, ReceivingForm
from app.workflow import Refused

QUANTITY = fields.accepted(LineItem, "quantity")


def _rows(of: str, columns: Mapping[str, Schema], required: Sequence[str], most: int = MOST_LINES) -> Schema:
    row = {
        "type": "object",
        "additionalProperties": False,
        "properties": {of: KEY, **columns},
        "required": [of, *required],
    }
    return {"type": "array", "items": row, "minItems": 1, "maxItems": most}


def _each_once(lines: Sequence[Mapping[str, Any]], of: str) -> None:
    keys = [one[of] for one in lines]
    for place, key in enumerate(keys):
        if key in keys[:place]:
            raise Wrong({f"lines.{place}.{of}": ["This line stands here twice. Add the quantities up."]})


class Orders(DocumentKeeping):
    """A delivery order of some lines of a released agreement."""

    does = frozenset({"add"})

    def schema(self, resource: Resource, new: bool) -> Schema:
        schema = super().schema(resource, new)
        if not new:
            return schema
        lines = _rows("agreement_line", {"quantity": QUANTITY}, ["quantity"])
        title = fields.accepted(DeliveryOrder, "title")
        return schema | {
            "properties": {"agreement": KEY, "title": title, "lines": lines},
            "required": ["agreement", "lines"],
        }

    def create(self, resource: Resource, body: Mapping[str, Any], key: str) -> Any:
        session = db.session()
        agreement = session.scalar(select(MasterAgreement).where(MasterAgreement.id == body["agreement"]))
        if agreement is None or not has_authority(agreement, actor()):
            raise Wrong({"agreement": ["Choose an agreement that you may order from."]})
        if reasons := list(may_order(agreement, deed())):
            raise Refused([Problem(one) for one in reasons])
        _each_once(body["lines"], "agreement_line")
        typed = {one["agreement_line"]: one["quantity"] for one in body["lines"]}
        picking = Picking(agreement, title=body.get("title", ""), typed=typed)
        quantities = picking.quantities()
        lines = session.scalars(
            select(LineItem)
            .where(LineItem.document_id == agreement.id, LineItem.id.in_(quantities))
            .order_by(LineItem.position)
        ).all()
        known = {one.id for one in lines}
        wrong = {key: [said] for key, said in picking.problems.items()}
        wrong |= {key: ["The agreement has no such line."] for key in quantities if key not in known}
        if wrong:
            places = {one["agreement_line"]: place for place, one in enumerate(body["lines"])}
            raise Wrong({f"lines.{places[key]}": said for key, said in wrong.items()})
        order = resource.screen.draft_order(picking, lines, quantities)
        if order.total > LARGEST:
            raise Wrong({"lines": ["The order would come to more than the books carry."]})
        return written_once(order, key)


class Receipts(Keeping):
    """A receiving report on one order: how the goods came, and how much of each line."""

    does = frozenset({"add", "edit"})

    def schema(self, resource: Resource, new: bool) -> Schema:
        columns: dict[str, Schema] = {
            name: fields.accepted(Receipt, name, CHOICES.get(name)) | {"type": ["string", "null"]} for name in HEADER
        }
        columns |= {"received_by": KEY, **{name: {"type": "string", "maxLength": 1000} for name, _ in PAPERS}}
        row = {
            name: fields.accepted(ReceiptLine, name, CHOICES.get(name))
            for name in ROW
            if name not in ("unit", "quantity")
        }
        columns["lines"] = _rows("order_line", {"quantity": QUANTITY, **row}, [])
        schema: Schema = {"type": "object", "additionalProperties": False, "properties": columns}
        if new:
            columns["order"] = KEY
            return schema | {"required": ["order", "lines"]}
        columns["version"] = {"type": "integer"}
        return schema

    def create(self, resource: Resource, body: Mapping[str, Any], key: str) -> Any:
        order = db.session.scalar(select(Document).where(Document.id == body["order"], Document.kind.in_(ORDERS)))
        if order is None:
            raise Wrong({"order": ["Choose an order that you see."]})
        if order.state != State.RELEASED:
            raise Refused([Problem(f"{order.name} is {order.state}; only a released order can be received.")])
        return self._write(resource, order, None, body, key)

    def change(self, resource: Resource, record: Any, body: Mapping[str, Any]) -> None:
        self._write(resource, record.order, record, body, "")

    def _write(
        self, resource: Resource, order: Document, receipt: Receipt | None, body: Mapping[str, Any], key: str
    ) -> Receipt:
        present = ReceivingForm(order, receipt, how={"formdata": None, "meta": NO_TOKEN})
        form = ReceivingForm(order, receipt, how={"formdata": _as_typed(present, body), "meta": NO_TOKEN})
        if not form.validate():
            raise Wrong(_wrong(form, body))
        saved, problems = resource.screen.write_down(form, key or secrets.token_urlsafe(12), record=False)
        if not saved:
            raise Refused(problems)
        return resource.screen.load(str(saved))


def _as_typed(form: ReceivingForm, body: Mapping[str, Any]) -> MultiDict[str, str]:
    header = {name: value for name, value in body.items() if name not in ("lines", "order", "version", "received_by")}
    if "received_by" in body:
        header["received_by_id"] = body["received_by"]
    typed = fields.typed(fields.texts(form.header), header)
    if "lines" not in body:
        for row in form.rows:
            typed.update(fields.texts(row.form))
        return typed
    _each_once(body["lines"], "order_line")
    sent = {one["order_line"]: one for one in body["lines"]}
    rows = {row.line.id: row for row in form.rows}
    if strange := sent.keys() - rows.keys():
        places = [place for place, one in enumerate(body["lines"]) if one["order_line"] in strange]
        raise Wrong({f"lines.{place}.order_line": ["The order has no such line."] for place in places})
    for key, row in rows.items():
        prefix = f"line-{row.line.position}-"
        said = {name: value for name, value in sent.get(key, {}).items() if name != "order_line"}
        typed.update(fields.typed(MultiDict({f"{prefix}unit": row.line.unit}), said, prefix))
    return typed


def _wrong(form: ReceivingForm, body: Mapping[str, Any]) -> dict[str, list[str]]:
    places = {one["order_line"]: place for place, one in enumerate(body.get("lines", ()))}
    found = {field.short_name: list(field.errors) for field in form.header if field.errors}
    for row in form.rows:
        place = places.get(row.line.id, row.line.position)
        found |= {f"lines.{place}.{field.short_name}": list(field.errors) for field in row.form if field.errors}
    return found


INVOICE_FIELDS = tuple(dict.fromkeys((*START, *(name for names in PARTS.values() for name in names))))


class Invoices(Keeping):
    """A vendor's bill for lines of its orders."""

    does = frozenset({"add", "edit"})

    def schema(self, resource: Resource, new: bool) -> Schema:
        names = START if new else INVOICE_FIELDS
        columns = {name.removesuffix("_id"): _sent_for(name) for name in names}
        schema: Schema = {"type": "object", "additionalProperties": False, "properties": columns}
        if not new:
            columns["version"] = {"type": "integer"}
            return schema
        columns["order"] = KEY | {"description": "Bill what is to be billed of this order."}
        columns["lines"] = {
            "type": "array",
            "items": KEY,
            "minItems": 1,
            "maxItems": MOST_LINES,
            "description": "Or bill these lines of orders to one vendor.",
        }
        return schema | {"anyOf": [{"required": ["order"]}, {"required": ["lines"]}]}

    def create(self, resource: Resource, body: Mapping[str, Any], key: str) -> Any:
        screen = resource.screen
        lines = screen.to_be_billed(body.get("order", 0), [str(one) for one in body.get("lines", ())])
        of = "order" if "order" in body else "lines"
        if not lines or lines[0].order.vendor is None:
            raise Wrong({of: ["Nothing is to be billed there. Choose lines of released orders that you see."]})
        if len({one.order.vendor_id for one in lines}) > 1:
            raise Wrong({of: ["An invoice is of one vendor. Choose lines of orders to one vendor."]})
        form_class = screen.header_form(START, lines[0].order.vendor)
        today = deed().today
        blank = form_class(formdata=None, data={"invoiced_on": today, "received_on": today}, meta=NO_TOKEN)
        form = form_class(formdata=fields.typed(fields.texts(blank), _of_header(body)), meta=NO_TOKEN)
        if not form.validate():
            wrong_fields(form)
        invoice = screen.draft_invoice(form, lines)
        if not (screen.claimed(invoice, form) and screen.written(form, invoice, key)):
            wrong_fields(form)
        return invoice

    def change(self, resource: Resource, record: Any, body: Mapping[str, Any]) -> None:
        screen = resource.screen
        form_class = screen.header_form(INVOICE_FIELDS, record.vendor)
        present = form_class(formdata=None, obj=record, meta=NO_TOKEN)
        form = form_class(formdata=fields.typed(fields.texts(present), _of_header(body)), obj=record, meta=NO_TOKEN)
        if not screen.put(form, record, INVOICE_FIELDS):
            wrong_fields(form)


def _sent_for(name: str) -> Schema:
    if name == "remit_to_id":
        return KEY | {"description": "An address of the vendor's to which money is sent."}
    return fields.accepted(Invoice, name, INVOICE_CHOICES.get(name))


def _of_header(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: body[called] for name in INVOICE_FIELDS if (called := name.removesuffix("_id")) in body}


KEEPING: Mapping[type, Keeping] = {DeliveryOrder: Orders(), Receipt: Receipts(), Invoice: Invoices()}


def keeping_of(resource: Resource) -> Keeping:
    """How records of a kind are made and changed."""
    return KEEPING.get(resource.entity) or (DocumentKeeping() if resource.is_document else Keeping())
