"""The description of all calls, OpenAPI 3.1, made out of the same tables as the calls themselves."""

from typing import Any

from flask import Response, current_app, jsonify

from app.api import asking, fields, making, resources, tokens
from app.api.answers import MEDIA_TYPE, PROBLEM
from app.api.description_parts import parts
from app.api.fields import Schema
from app.api.openapi import (
    ONCE,
    REFUSALS,
    VERSION,
    Operation,
    Paths,
    body,
    briefly,
    in_address,
    in_full,
    operation,
    said,
    schemas,
)
from app.api.resources import Resource
from app.screens import listing


def show() -> Response:
    """The description. It holds nothing of the office, so that everybody may read it."""
    return jsonify(described())


def described() -> dict[str, Any]:
    """The whole description; the same until the program is changed."""
    known: dict[str, Any] | None = current_app.extensions.get("description_of_calls")
    if known is None:
        paths: dict[str, Any] = {**_signing_in()}
        for resource in resources.all_of().values():
            for path, operations in _paths(resource):
                if operations:
                    paths[path] = operations
        known = {
            "openapi": "3.1.0",
            "info": {
                "title": "Purser",
                "version": "1",
                "description": "Purchasing, from the need to the payment. Money, quantities and percentages are text "
                "with a decimal point; days are ISO dates, moments UTC.",
            },
            "servers": [{"url": "/api/v1"}],
            "security": [{"token": []}],
            "paths": paths,
            "components": {
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
                "schemas": {"Problem": PROBLEM}
                | {
                    name: schema
                    for resource in resources.all_of().values()
                    for name, schema in schemas(resource).items()
                },
                "responses": {
                    str(code): {
                        "description": told,
                        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
                    }
                    for code, told in REFUSALS.items()
                },
            },
        }
        current_app.extensions["description_of_calls"] = known
    return known


def _signing_in() -> dict[str, Any]:
    token: Schema = {
        "type": "object",
        "required": ["access_token", "expires_in"],
        "properties": {
            "access_token": {"type": "string"},
            "expires_in": {"type": "integer", "description": "Seconds."},
            "refresh_token": {"type": "string"},
        },
    }
    tag, good = "security", {200: said("A token.", token)}
    login = operation("login", "Sign in", tag, good, (400, 401, 415, 422, 429), requestBody=body(tokens.LOGIN))
    return {
        "/security/login": {"post": login | {"security": []}},
        "/security/refresh": {"post": operation("refresh", "A new token for a refresh token", tag, good, (401,))},
        "/security/logout": {"post": operation("logout", "End the sign-in", tag, {204: said("Ended.")}, (401,))},
    }


def _paths(resource: Resource) -> Paths:
    root = f"/{resource.name}"
    yield root, {method: made for method, made in (("get", _list(resource)), ("post", _create(resource))) if made}
    found = {"get": _read(resource), "patch": _change(resource), "delete": _delete(resource)}
    operations: dict[str, Any] = {method: made for method, made in found.items() if made}
    if operations:
        yield (
            f"{root}/{{pk}}",
            operations | {"parameters": [in_address("pk", f"The id of the {resource.screen.title.lower()}.")]},
        )
    if resource.is_document:
        yield from parts(resource, f"{root}/{{pk}}")


def _list(resource: Resource) -> Operation | None:
    if "list" not in resource.verbs:
        return None
    order = [*resource.screen.order_columns, *(f"-{name}" for name in resource.screen.order_columns)]
    usual = [
        ("page", {"type": "integer", "minimum": 1, "maximum": asking.LARGEST_PAGE, "default": 1}),
        ("size", {"type": "integer", "minimum": 1, "maximum": 200, "default": resource.screen.page_size}),
        *([("order", {"type": "string", "enum": order})] if order else []),
        ("q", {"type": "string", "maxLength": 100, "pattern": "^[^\\u0000]*$"}),
    ]
    filters = [
        (f"{name}.{asking.word_for(one)}", fields.filter_schema(resource.entity, name))
        for name in resource.screen.search_columns
        for one in listing.operators_for(resource.entity, name)
    ]
    parameters = [{"name": name, "in": "query", "schema": schema} for name, schema in (*usual, *filters)]
    page = {
        "type": "object",
        "required": ["count", "more", "page", "pages", "size", "rows"],
        "properties": {
            "count": {"type": "integer", "description": f"Counted as far as {listing.COUNT_CAP:,}."},
            "more": {"type": "boolean", "description": "Whether there are more than were counted."},
            "page": {"type": "integer"},
            "pages": {"type": "integer"},
            "size": {"type": "integer"},
            "rows": {"type": "array", "items": briefly(resource)},
        },
    }
    return operation(
        f"list-{resource.name}",
        f"{resource.screen.plural} within sight",
        resource.name,
        {200: said("A page of them.", page)},
        (400, 401, 403, 422),
        parameters=parameters,
    )


def _create(resource: Resource) -> Operation | None:
    if "add" not in resource.verbs:
        return None
    made = said(
        "Made.",
        in_full(resource),
        headers={"Location": {"schema": {"type": "string"}}},
        **_links(resource),
    )
    good = {201: made} | ({200: said("Had been made already.", in_full(resource))} if resource.is_document else {})
    return operation(
        f"create-{resource.name}",
        f"A new {resource.screen.title.lower()}",
        resource.name,
        good,
        (400, 401, 403, 409, 415, 422),
        requestBody=body(making.keeping_of(resource).schema(resource, new=True)),
        **({"parameters": [ONCE]} if resource.is_document else {}),
    )


def _links(resource: Resource) -> dict[str, Any]:
    if "show" not in resource.verbs:
        return {}
    return {"links": {"read": {"operationId": f"read-{resource.name}", "parameters": {"pk": "$response.body#/id"}}}}


def _read(resource: Resource) -> Operation | None:
    if "show" not in resource.verbs:
        return None
    good = {200: said("The record; its version is the ETag.", in_full(resource))}
    return operation(
        f"read-{resource.name}", f"One {resource.screen.title.lower()}", resource.name, good, (401, 403, 404)
    )


def _change(resource: Resource) -> Operation | None:
    if "edit" not in resource.verbs:
        return None
    versions = (412, 428) if resource.versioned else ()
    return operation(
        f"change-{resource.name}",
        f"Change fields of a {resource.screen.title.lower()}",
        resource.name,
        {200: said("Changed.", in_full(resource))},
        (400, 401, 403, 404, 409, *versions, 415, 422),
        requestBody=body(making.keeping_of(resource).schema(resource, new=False)),
        **({"parameters": [VERSION]} if versions else {}),
    )


def _delete(resource: Resource) -> Operation | None:
    if "delete" not in resource.verbs:
        return None
    return operation(
        f"delete-{resource.name}",
        f"Delete a {resource.screen.title.lower()} that nothing refers to",
        resource.name,
        {204: said("Deleted.")},
        (401, 403, 404, 409),
    )
