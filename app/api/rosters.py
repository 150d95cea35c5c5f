"""Who and what is named on a document: points of contact, suggested vendors, who may order. Source: DOC-08, IN-08, MA-02."""

from typing import Any

from flask import Response, abort, jsonify, make_response
from sqlalchemy.exc import IntegrityError

from app.api import fields, resources
from app.api.fields import Schema, written
from app.api.keeping import NO_TOKEN, wrong_fields
from app.api.records import refuse_frozen, sent
from app.api.resources import Resource
from app.extensions import db
from app.rules.deeds import Problem
from app.screens.gate import office
from app.screens.naming import row_of
from app.screens.rosters import Roster
from app.workflow import Refused


def schema(roster: Roster) -> Schema:
    """What may be sent for one more."""
    columns = {name: fields.accepted(roster.entity, name, roster.choices.get(name)) for name in roster.asked}
    required = [name for name in roster.asked if fields.must_be_sent(roster.entity, name)]
    return {"type": "object", "additionalProperties": False, "properties": columns} | (
        {"required": required} if required else {}
    )


def _list(kind: str, pk: int, key: str, verb: str) -> tuple[Resource, Any, Roster]:
    resource, document = resources.document(kind, pk, verb)
    found = next((one for one in resource.screen.rosters if one.key == key), None) or abort(404)
    if verb == "edit":
        refuse_frozen(resource, document)
    return resource, document, found


def _said(roster: Roster, row: Any) -> dict[str, Any]:
    return {name: written(getattr(row, name)) for name in ("id", *roster.asked)}


def rows(kind: str, pk: int, roster: str) -> Response:
    """Who is named."""
    _, document, found = _list(kind, pk, roster, "show")
    return jsonify(rows=[_said(found, one) for one in found.rows(document)])


def create(kind: str, pk: int, roster: str) -> Response:
    """One more."""
    _, document, found = _list(kind, pk, roster, "edit")
    body = sent(schema(found))
    blank = found.form(formdata=None, meta=NO_TOKEN)
    form = found.form(formdata=fields.typed(fields.texts(blank), body, f"{found.key}-"), meta=NO_TOKEN)
    row = row_of(found, document, document, form)
    if row is None:
        wrong_fields(form)
    found.rows(document).append(row)
    document.changed_at = office().now()
    try:
        db.session.commit()
    except IntegrityError:
        raise Refused([Problem("The same was added at the same moment.")]) from None
    return make_response(_said(found, row), 201)


def remove(kind: str, pk: int, roster: str, row: int) -> Response:
    """One less."""
    _, document, found = _list(kind, pk, roster, "edit")
    rows_now = found.rows(document)
    rows_now.remove(next((one for one in rows_now if one.id == row), None) or abort(404))
    document.changed_at = office().now()
    db.session.commit()
    return make_response("", 204)
