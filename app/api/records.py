"""Lists and single records: found, read, made, changed and deleted under the rules of their screens."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import Response, abort, jsonify, make_response, request, url_for
from jsonschema import Draft202012Validator
from sqlalchemy import inspect, select

from app.api import asking, resources
from app.api.answers import NoVersion, Stale, Wrong
from app.api.fields import READ_FORMATS, Schema, written
from app.api.making import keeping_of
from app.api.resources import Resource
from app.extensions import db
from app.rules.deeds import Problem
from app.screens import listing, once
from app.screens.gate import actor
from app.workflow import Refused, possible


def rows(kind: str) -> Response:
    """One page of a list."""
    resource = resources.asked(kind, "list")
    session, wanted = db.session(), asking.page_wanted(resource)
    statement, count, page = listing.cut(
        session, resource.entity, resource.screen.statement(), wanted, resource.screen.searched
    )
    counted = min(count, listing.COUNT_CAP)
    return jsonify(
        count=counted,
        more=count > counted,
        page=page,
        pages=max(1, -(-counted // wanted.size)),
        size=wanted.size,
        rows=_columns_of(session, resource, statement),
    )


def _columns_of(session: Any, resource: Resource, statement: Any) -> list[dict[str, Any]]:
    """The columns of a page's rows. No records are made of them: that would take longer than to read them."""
    entity, relations = resource.entity, inspect(resource.entity).relationships
    names = ("id", *resource.listed)
    if any(name in relations and relations[name].uselist for name in names):
        return [_values(one, names) for one in session.scalars(statement)]
    columns = [
        next(iter(relations[name].local_columns)) if name in relations else getattr(entity, name) for name in names
    ]
    found = session.execute(statement.with_only_columns(*columns)).all()
    spelled = []
    for place, name in enumerate(names):
        values = [row[place] for row in found]
        if name in relations:
            called = _called(session, relations[name].mapper.class_, {one for one in values if one is not None})
            spelled.append([called.get(one) for one in values])
        else:
            spelled.append([written(one) for one in values])
    return [dict(zip(names, row, strict=True)) for row in zip(*spelled, strict=True)]


def _called(session: Any, entity: Any, keys: set[int]) -> dict[int, dict[str, Any]]:
    """What a page's rows refer to, each once. Who sees a row sees the names on it."""
    wanted = select(entity).where(entity.id.in_(keys))
    return {one.id: written(one) for one in session.scalars(wanted, execution_options={"skip_scope": True})}


def _values(record: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: written(getattr(record, name)) for name in names}


def in_full(resource: Resource, record: Any) -> dict[str, Any]:
    """All that is said of one record; of a document also what the person can do with it now."""
    said = _values(record, ("id", *resource.shown))
    if resource.versioned:
        said["version"] = record.version
    if resource.is_document:
        said["name"] = record.name
        said["editable"] = resource.screen.editable(record)
        said["actions"] = [
            {"action": move.action, "says": move.button, "signed": move.signed, "reasoned": move.reasoned}
            for move in possible(record, actor())
        ]
    return said


def answer(resource: Resource, record: Any, status: int = 200, **more: Any) -> Response:
    """One record, with its version as the ETag."""
    found = make_response(in_full(resource, record) | more, status)
    if resource.versioned:
        found.set_etag(str(record.version))
    if status == 201:
        found.headers["Location"] = url_for("api.records_read", kind=resource.name, pk=record.id)
    return found


def read(kind: str, pk: int) -> Response:
    """One record."""
    resource = resources.asked(kind, "show")
    return answer(resource, resource.screen.load(str(pk)))


def sent(schema: Schema) -> dict[str, Any]:
    """What the call sends, checked against what the description says. Errors: 400, 415, Wrong."""
    if not request.is_json:
        abort(415)
    try:
        body = json.loads(request.get_data(), parse_float=_number, parse_constant=_no_number)
    except (ValueError, RecursionError):
        abort(400)
    found: dict[str, list[str]] = {}
    for error in Draft202012Validator(schema, format_checker=READ_FORMATS).iter_errors(body):
        place = ".".join(str(part) for part in error.absolute_path)
        found.setdefault(place, []).append(_said(error))
    if found:
        raise Wrong(found)
    return body


def _number(text: str) -> int | Decimal:
    """A number as it was written: 12.0 is a whole one, as the description has it, and nothing is lost of 12.05."""
    exact = Decimal(text)
    return int(exact) if exact.adjusted() < 20 and exact == exact.to_integral_value() else exact


def _no_number(text: str) -> None:
    raise ValueError(text)


SAID = {
    "required": lambda error: f"{', '.join(_missing(error))} must be sent.",
    "additionalProperties": lambda error: f"There is no {', '.join(_unknown(error))} to be sent here.",
    "type": lambda error: f"Send {' or '.join(_kinds(error))}.",
    "enum": lambda error: f"Send one of: {', '.join(map(str, error.validator_value))}.",
    "maxLength": lambda error: f"At most {error.validator_value} characters.",
    "minLength": lambda error: "Send a value.",
    "pattern": lambda error: f"Send text such as {_example(error)}{', not below 0' if _is_below(error) else ''}.",
    "format": lambda error: "Send a date like 2026-11-23.",
    "minimum": lambda error: f"At least {error.validator_value}.",
    "maximum": lambda error: f"At most {error.validator_value}.",
    "maxItems": lambda error: f"At most {error.validator_value}.",
    "minItems": lambda error: f"At least {error.validator_value}.",
}
"""What a rule of the description says when it is broken."""


def _said(error: Any) -> str:
    words = SAID.get(error.validator)
    return words(error) if words else "This is not what the description asks for."


def _missing(error: Any) -> list[str]:
    return [name for name in error.validator_value if name not in error.instance]


def _unknown(error: Any) -> list[str]:
    return sorted(set(error.instance) - set(error.schema.get("properties", ())))


def _kinds(error: Any) -> list[str]:
    kinds = error.validator_value
    return [kinds] if isinstance(kinds, str) else list(kinds)


def _is_below(error: Any) -> bool:
    return str(error.instance).startswith("-")


def _example(error: Any) -> str:
    return next(iter(error.schema.get("examples", ())), "the description asks for")


def create(kind: str) -> Any:
    """A new record, or a new draft."""
    resource = resources.asked(kind, "add")
    keeping = keeping_of(resource)
    body = sent(keeping.schema(resource, new=True))
    key = asking.key(f"add {resource.name}") if resource.is_document else ""
    if key and (made := once.made_before(key)) is not None:
        return answer(resource, resource.screen.load(str(made.id)), 200, repeated=True)
    record = keeping.create(resource, body, key)
    return answer(resource, resource.screen.load(str(record.id)), 201, warnings=asking.warnings())


def change(kind: str, pk: int) -> Response:
    """Some fields of a record, in the version that the call says."""
    resource = resources.asked(kind, "edit")
    keeping = keeping_of(resource)
    body = sent(keeping.schema(resource, new=False))
    record = resource.screen.load(str(pk))
    check_version(resource, record, body)
    refuse_frozen(resource, record)
    keeping.change(resource, record, body)
    return answer(resource, resource.screen.load(str(pk)), warnings=asking.warnings())


def refuse_frozen(resource: Resource, record: Any) -> None:
    """What is signed stays as it is. Errors: Refused."""
    if not resource.screen.may_change(record):
        state = getattr(record, "state", "")
        why = f"{record.name} is {state} and cannot be changed." if state else f"{record} stays as it is."
        raise Refused([Problem(why)])


def check_version(resource: Resource, record: Any, body: Mapping[str, Any]) -> None:
    """What is changed is what was read. Errors: NoVersion, Stale."""
    if not resource.versioned:
        return
    named = [tag.strip().removeprefix("W/").strip('"') for tag in request.headers.get("If-Match", "").split(",") if tag]
    if "version" in body:
        named.append(str(body["version"]))
    if not named:
        raise NoVersion
    if str(record.version) not in named and named != ["*"]:
        raise Stale


def remove(kind: str, pk: int) -> Response:
    """Delete a record that nothing refers to."""
    resource = resources.asked(kind, "delete")
    record = resource.screen.load(str(pk))
    if not resource.screen.may_remove(record):
        raise Refused([Problem(f"{record} stays on record.")])
    if not resource.screen.removed(record):
        raise Refused([Problem("Something refers to it, so it stays on record.")])
    return make_response("", 204)
