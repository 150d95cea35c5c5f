"""What moves a document, and what is known of it: its actions, its problems, its history and its paper."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import Response, abort, jsonify, request, url_for

from app import workflow
from app.api import asking, fields, records, resources
from app.api.answers import Wrong, in_json
from app.api.fields import KEY, Schema, written
from app.api.resources import Resource
from app.entities.document import Document
from app.entities.payables import Invoice
from app.entities.receiving import ReceiptLine
from app.extensions import db
from app.rules.documents import KINDS
from app.screens import trail
from app.screens.gate import actor, office, refuse
from app.screens.signing import prove

ACT: Schema = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "comment": {"type": "string", "maxLength": 2000, "description": "Why; some actions ask for it."},
        "password": {"type": "string", "maxLength": 200, "description": "Signs; asked where `signed` is said."},
        "code": {"type": "string", "maxLength": 40, "description": "Of the second factor, for who has one."},
        "approvers": {"type": "array", "items": KEY, "maxItems": 10, "description": "Who else shall sign."},
        "reference": {"type": "string", "maxLength": 200, "description": "Of a payment: check or transfer number."},
        "no_penalty": {
            "type": "string",
            "maxLength": 2000,
            "description": "Of a late payment: why no penalty is owed; left out, it is paid along.",
        },
        "accepted": {
            "type": "array",
            "maxItems": 500,
            "description": "How much of each line of a receiving report is accepted; left out, all that is left.",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["line", "quantity"],
                "properties": {"line": KEY, "quantity": fields.accepted(ReceiptLine, "quantity")},
            },
        },
    },
}


REASON: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["comment"],
    "properties": {"comment": {"type": "string", "minLength": 1, "maxLength": 2000}},
}

OTHERWISE: Mapping[type, Mapping[str, Any]] = {
    Invoice: {
        "short-pay": lambda screen, invoice, why: screen.paid_short(invoice, why),
        "pay-in-full": lambda screen, invoice, why: screen.paid_in_full(invoice),
    }
}
"""Kind of document → what its page offers beside the steps of its life."""


def actions_of(entity: type[Document]) -> list[str]:
    """All that can be done to a kind under /actions/."""
    return [*moves_of(entity), *OTHERWISE.get(entity, ())]


def _otherwise(resource: Resource, pk: int, action: str) -> Response:
    deed = OTHERWISE.get(resource.entity, {}).get(action) or abort(404)
    if not resource.screen.may("edit"):
        refuse(f"{request.method} {request.path}")
    body, document = records.sent(REASON), resource.screen.load(str(pk))
    records.refuse_frozen(resource, document)
    deed(resource.screen, document, body["comment"].strip() or abort(422))
    after = records.in_full(resource, resource.screen.load(str(pk)))
    return jsonify(action=action, repeated=False, warnings=[], made=[], document=after)


def moves_of(entity: type[Document]) -> list[str]:
    """The actions that the lives of a kind know."""
    return sorted({move.action for move in KINDS[entity].life})


def act(kind: str, pk: int, action: str) -> Response:
    """Carry out an action. Sent again under the same Idempotency-Key it does nothing and says so."""
    resource, document = resources.document(kind, pk, whole=False)
    if action not in moves_of(resource.entity):
        return _otherwise(resource, pk, action)
    body = records.sent(ACT)
    proof = prove(resource.screen.kind, action, body.get("password", ""), body.get("code", ""))
    if proof.why:
        raise Wrong({proof.field: [proof.why]})
    said = {"approvers": [], "reference": "", "no_penalty": ""}
    extra = {name: body.get(name, default) for name, default in said.items()}
    if "accepted" in body:
        extra["accepted"] = {one["line"]: Decimal(one["quantity"]) for one in body["accepted"]}
    done = workflow.act(
        db.session(),
        office(),
        document,
        action,
        actor(),
        comment=body.get("comment", "").replace("\x00", ""),
        proved=proof.proved,
        key=asking.key(f"{action} {kind} {pk}"),
        extra=extra,
    )
    db.session.expire_all()  # what effects wrote past the session is to be said too
    return jsonify(
        action=action,
        repeated=done.repeated,
        warnings=[str(one) for one in done.warnings],
        made=[_briefly(one) for one in done.made],
        document=records.in_full(resource, resource.screen.load(str(pk))),
    )


def _briefly(document: Document) -> dict[str, Any]:
    kind = resources.name_of(type(document))
    return {
        "id": document.id,
        "kind": kind,
        "name": document.name,
        "total": written(document.total),
        "href": url_for("api.records_read", kind=kind, pk=document.id),
    }


def problems(kind: str, pk: int) -> Response:
    """Everything that is wrong, before anybody is asked to sign (DOC-14)."""
    _, document = resources.document(kind, pk)
    found = workflow.validate(db.session(), office(), document, actor())
    return jsonify(problems=[in_json(one) | {"warning": one.warning} for one in found])


def history(kind: str, pk: int) -> Response:
    """What happened, newest first: moves and changes as sentences (DOC-09)."""
    resource, document = resources.document(kind, pk)
    rows = [
        {"at": written(one["at"]), "by": written(one["by"]), "text": str(one["text"]), "comment": one["comment"]}
        for one in resource.screen.history(document, trail.ALL)[0]
    ]
    return jsonify(rows=rows)


def paper(kind: str, pk: int) -> Response:
    """The document as PDF (DOC-12)."""
    resource, document = resources.document(kind, pk)
    return resource.screen.print(str(document.id))
