"""The pieces that the description of the calls is made of."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.api import fields, lines
from app.api.fields import Schema
from app.api.resources import Resource

Operation = dict[str, Any]
Paths = Iterator[tuple[str, dict[str, Any]]]
"""Address → method → call."""

REFUSALS = {
    400: "The request cannot be read.",
    401: "No token, or one that no longer counts.",
    403: "The person's roles do not allow it.",
    404: "There is no such thing within the person's sight.",
    405: "This cannot be done here.",
    409: "The rules say no; all problems at once.",
    412: "Somebody else has changed it since it was read.",
    415: "The body is of another kind.",
    422: "A field cannot be taken as it was sent.",
    428: "The change does not say of which version it is.",
    429: "Too many tries.",
}


def refusals(*codes: int) -> dict[str, Any]:
    """The answers to what cannot be done."""
    return {str(code): {"$ref": f"#/components/responses/{code}"} for code in codes}


def said(description: str, schema: Schema | None = None, **more: Any) -> dict[str, Any]:
    """One answer."""
    content = {"content": {"application/json": {"schema": schema}}} if schema is not None else {}
    return {"description": description, **content, **more}


def body(schema: Schema, kind: str = "application/json") -> dict[str, Any]:
    """What is sent."""
    return {"required": True, "content": {kind: {"schema": schema}}}


def operation(
    called: str, summary: str, tag: str, good: Mapping[int, Any], codes: tuple[int, ...], **more: Any
) -> Operation:
    """One call."""
    answers = {str(code): answer for code, answer in good.items()} | refusals(*codes)
    return {"operationId": called, "summary": summary, "tags": [tag], "responses": answers, **more}


def in_address(name: str, description: str) -> dict[str, Any]:
    """A part of the address."""
    return {"name": name, "in": "path", "required": True, "description": description, "schema": fields.KEY}


ONCE = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A name for this call, so that it is carried out once however often it is sent.",
    "schema": {"type": "string", "maxLength": 200, "pattern": "^[!-~]*$"},
}
VERSION = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag of what was read.",
    "schema": {"type": "string", "pattern": '^"[0-9]+"$'},
}


def list_of(schema: Schema) -> Schema:
    """Several of a kind."""
    return {"type": "object", "required": ["rows"], "properties": {"rows": {"type": "array", "items": schema}}}


def columns_of(resource: Resource, names: tuple[str, ...], more: Mapping[str, Schema] | None = None) -> Schema:
    """Some columns of a record."""
    columns = {"id": {"type": "integer"}} | {name: fields.described(resource.entity, name) for name in names}
    return {"type": "object", "required": ["id"], "properties": {**columns, **(more or {})}}


def in_full(resource: Resource) -> Schema:
    """Where it is told what is said of one record."""
    return {"$ref": f"#/components/schemas/{resource.name}"}


def briefly(resource: Resource) -> Schema:
    """Where it is told what a list says of each."""
    return {"$ref": f"#/components/schemas/{resource.name}-row"}


def line(resource: Resource) -> Schema:
    """Where it is told what is said of a line."""
    return {"$ref": f"#/components/schemas/{resource.name}-line"}


def schemas(resource: Resource) -> dict[str, Schema]:
    """What is said of the records of a kind."""
    found = {resource.name: _whole(resource), f"{resource.name}-row": columns_of(resource, resource.listed)}
    if resource.is_document:
        shape = lines.lines_of(resource)
        columns = {name: fields.described(shape.entity, name) for name in shape.shown}
        found[f"{resource.name}-line"] = {"type": "object", "properties": columns}
    return found


def _whole(resource: Resource) -> Schema:
    more: dict[str, Schema] = {"version": {"type": "integer"}} if resource.versioned else {}
    if resource.is_document:
        action = {
            "type": "object",
            "properties": {
                "action": {"type": "string"},
                "says": {"type": "string"},
                "signed": {"type": "boolean", "description": "Asks for the password."},
                "reasoned": {"type": "boolean", "description": "Asks for a comment."},
            },
        }
        more |= {
            "name": {"type": "string"},
            "editable": {"type": "boolean"},
            "actions": {"type": "array", "items": action, "description": "What the person can do with it now."},
        }
    return columns_of(resource, resource.shown, more)
