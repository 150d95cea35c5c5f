"""How the columns of the tables look in JSON: what is written of a value, what may be sent for it, and how the
description says so. Money, quantities and percentages are text, because a number of JSON is not exact."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from sqlalchemy import Boolean, Date, DateTime, Integer, String, inspect
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, SelectField, SelectMultipleField

from app.entities.base import Entity, Exact, Moment
from app.entities.sealed import Sealed
from app.rules.formats import FORMATS
from app.rules.numbers import LARGEST_KEY
from app.screens.forms import LARGEST_WHOLE, LookupField, RecordForm, SecretField

Schema = dict[str, Any]

REFERENCE: Schema = {
    "type": ["object", "null"],
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
    "required": ["id", "name"],
}
READ_FORMATS = FormatChecker(["date"])

KEY: Schema = {"type": "integer", "minimum": 1, "maximum": LARGEST_KEY}


def written(value: Any) -> Any:
    """A value as JSON. A sealed number is written masked, like everywhere else (VR-10)."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [written(one) for one in value]
    if isinstance(value, Entity) or hasattr(value, "id"):
        return {"id": value.id, "name": str(value)}
    return str(value)


def described(entity: type, name: str) -> Schema:
    """What is written of a column, relation or property."""
    mapper: Any = inspect(entity)
    if name in mapper.relationships:
        return REFERENCE if not mapper.relationships[name].uselist else {"type": "array", "items": REFERENCE}
    if name not in mapper.columns:
        return {}
    column = mapper.columns[name]
    said = _type_of(column.type)
    return _or_null(said) if column.nullable else said


def _type_of(kind: Any) -> Schema:
    if isinstance(kind, Exact):
        return {"type": "string", "pattern": rf"^-?\d+(\.\d{{1,{kind.places}}})?$", "examples": ["12.50"]}
    if isinstance(kind, Boolean):
        return {"type": "boolean"}
    if isinstance(kind, Integer):
        return {"type": "integer"}
    if isinstance(kind, Date):
        return {"type": "string", "format": "date"}
    if isinstance(kind, DateTime | Moment):
        return {"type": "string", "format": "date-time"}
    return {"type": "string"}


def _or_null(schema: Schema) -> Schema:
    kinds = schema.get("type", [])
    more = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return schema | {"type": [*([kinds] if isinstance(kinds, str) else kinds), "null"]} | more


def accepted(entity: type, name: str, choices: Sequence[tuple[str, str]] | None = None) -> Schema:
    """What may be sent for a column or relation."""
    mapper: Any = inspect(entity)
    if name in mapper.relationships:
        local = next(iter(mapper.relationships[name].local_columns))
        return _or_null(KEY) if local.nullable else KEY
    column = mapper.columns[name]
    schema = _sent(column.type)
    if shape := FORMATS.get(name):
        schema |= shape.schema
    if choices is not None:
        schema = {"type": "string", "enum": [value for value, _ in choices]}
    if not must_be_sent(entity, name):
        return _or_null(schema)
    return schema | ({"minLength": 1} if schema["type"] == "string" and "enum" not in schema else {})


def _sent(kind: Any) -> Schema:
    if isinstance(kind, Exact):
        pattern = rf"^\d{{1,{kind.digits - kind.places}}}(\.\d{{1,{kind.places}}})?$"
        return {"type": "string", "pattern": pattern, "examples": ["12.50"]}
    if isinstance(kind, Integer) and not isinstance(kind, Boolean):
        return {"type": "integer", "minimum": 0, "maximum": LARGEST_WHOLE}
    if isinstance(kind, String):
        return {"type": "string", "maxLength": kind.length or 20_000}
    return _type_of(kind)


def must_be_sent(entity: type, name: str) -> bool:
    """Whether a new record needs a value for it."""
    mapper: Any = inspect(entity)
    column = (
        next(iter(mapper.relationships[name].local_columns)) if name in mapper.relationships else mapper.columns[name]
    )
    return not column.nullable and column.default is None


def can_be_sent(entity: type, name: str) -> bool:
    """Whether a column or relation can be sent at all: lists have calls of their own, sealed numbers none."""
    mapper: Any = inspect(entity)
    if name in mapper.relationships:
        return not mapper.relationships[name].uselist
    return name in mapper.columns and not isinstance(mapper.columns[name].type, Sealed)


def texts(form: RecordForm) -> MultiDict[str, str]:
    """A form's present values, as a browser would send them back."""
    found: MultiDict[str, str] = MultiDict()
    for field in form:
        if isinstance(field, SelectMultipleField | SecretField):
            continue
        if isinstance(field, BooleanField):
            if field.data:
                found[field.name] = "y"
        elif isinstance(field, LookupField):
            found[field.name] = str(field.lookup_id)
        elif isinstance(field, SelectField):
            offered = [str(one[0]) for one in field.choices or ()]
            found[field.name] = str(field.data) if str(field.data) in offered else next(iter(offered), "")
        else:
            found[field.name] = str(field._value() or "")
    return found


def typed(present: MultiDict[str, str], sent: Mapping[str, Any], prefix: str = "") -> MultiDict[str, str]:
    """The present values with those that were sent in their place."""
    after = MultiDict(present)
    for name, value in sent.items():
        after.pop(f"{prefix}{name}", None)
        if value is not False:
            after[f"{prefix}{name}"] = "y" if value is True else "" if value is None else str(value)
    return after


def filter_schema(entity: type, name: str) -> Schema:
    """What a list can be filtered by: a value of the column, or the id of what it refers to."""
    mapper: Any = inspect(entity)
    if name in mapper.relationships:
        return KEY
    kind = mapper.columns[name].type
    if isinstance(kind, DateTime | Moment):
        return {"type": "string", "format": "date"}
    if isinstance(kind, Exact):
        return _type_of(kind)
    return _sent(kind)


def fits(schema: Schema, text: str) -> bool:
    """Whether a part of the address is what the description says."""
    value: Any = text
    if schema["type"] == "integer":
        value = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else text
    elif schema["type"] == "boolean":
        value = {"true": True, "false": False}.get(text, text)
    return Draft202012Validator(schema, format_checker=READ_FORMATS).is_valid(value)
