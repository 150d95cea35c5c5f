"""The description of what a document has beside its header: lines, files, lists, actions, history and paper."""

from typing import Any

from app.api import actions, attachments, fields, lines, rosters
from app.api.fields import Schema
from app.api.openapi import ONCE, Paths, body, in_address, in_full, line, list_of, operation, said
from app.api.resources import Resource


def parts(resource: Resource, root: str) -> Paths:
    """All that is found below one document."""
    pk = [in_address("pk", f"The id of the {resource.screen.title.lower()}.")]
    yield from _lines(resource, root, pk)
    yield from _attachments(resource, root, pk)
    for roster in resource.screen.rosters:
        yield from _named(resource, roster, root, pk)
    for action in actions.actions_of(resource.entity):
        schema = actions.ACT if action in actions.moves_of(resource.entity) else actions.REASON
        done = {
            "type": "object",
            "properties": {
                "action": {"type": "string"},
                "repeated": {"type": "boolean"},
                "warnings": {"type": "array", "items": {"type": "string"}},
                "made": {"type": "array", "items": {"type": "object"}},
                "document": in_full(resource),
            },
        }
        yield (
            f"{root}/actions/{action}",
            {
                "parameters": pk,
                "post": operation(
                    f"{action}-{resource.name}",
                    f"Carry out: {action}",
                    resource.name,
                    {200: said("Done.", done)},
                    (400, 401, 403, 404, 409, 415, 422),
                    requestBody=body(schema),
                    parameters=[ONCE],
                ),
            },
        )
    row: Schema = {"type": "object"}
    for part, summary, schema in (
        ("history", "What happened, newest first", list_of(row)),
        ("problems", "Everything that is wrong with it", {"type": "object", "required": ["problems"]}),
    ):
        good = {200: said(summary, schema)}
        known = operation(f"{part}-{resource.name}", summary, resource.name, good, (401, 403, 404))
        yield f"{root}/{part}", {"parameters": pk, "get": known}
    pdf = {"description": "The document.", "content": {"application/pdf": {"schema": {"type": "string"}}}}
    paper = operation(f"print-{resource.name}", "The document on paper", resource.name, {200: pdf}, (401, 403, 404))
    yield f"{root}/print", {"parameters": pk, "get": paper}


def _lines(resource: Resource, root: str, pk: list[Any]) -> Paths:
    shape, name, row = lines.lines_of(resource), resource.name, line(resource)
    writing = (400, 401, 403, 404, 409, 415, 422)
    many: dict[str, Any] = {
        "parameters": pk,
        "get": operation(f"lines-{name}", "All lines", name, {200: said("The lines.", list_of(row))}, (401, 403, 404)),
    }
    one: dict[str, Any] = {
        "parameters": [*pk, in_address("line", "The id of the line.")],
        "get": operation(f"read-line-{name}", "One line", name, {200: said("The line.", row)}, (401, 403, 404)),
    }
    if "POST" in shape.verbs and "edit" in resource.verbs:
        new, changed = shape.schema(resource, new=True), shape.schema(resource, new=False)
        added = {201: said("Added.", row)}
        many["post"] = operation(f"add-line-{name}", "A line more", name, added, writing, requestBody=body(new))
        done = {200: said("Changed.", row)}
        one["patch"] = operation(f"change-line-{name}", "Change a line", name, done, writing, requestBody=body(changed))
        one["delete"] = operation(
            f"delete-line-{name}", "A line less", name, {204: said("Gone.")}, (401, 403, 404, 409)
        )
    yield f"{root}/lines", many
    yield f"{root}/lines/{{line}}", one


def _attachments(resource: Resource, root: str, pk: list[Any]) -> Paths:
    name, row = resource.name, {"type": "object", "properties": {column: {} for column in attachments.SHOWN}}
    upload = body(attachments.UPLOAD, "multipart/form-data")
    many: dict[str, Any] = {
        "parameters": pk,
        "get": operation(f"files-{name}", "Its files", name, {200: said("Files.", list_of(row))}, (401, 403, 404)),
        "post": operation(
            f"attach-{name}",
            "Pin a file",
            name,
            {201: said("Pinned.", row)},
            (400, 401, 403, 404, 422),
            requestBody=upload,
        ),
    }
    content = {"description": "The content.", "content": {"*/*": {"schema": {"type": "string"}}}}
    one: dict[str, Any] = {
        "parameters": [*pk, in_address("file", "The id of the file.")],
        "get": operation(f"file-{name}", "A file", name, {200: content}, (401, 403, 404, 409)),
    }
    if "edit" in resource.verbs:
        one["delete"] = operation(f"detach-{name}", "Take it off", name, {204: said("Gone.")}, (401, 403, 404, 409))
    yield f"{root}/attachments", many
    yield f"{root}/attachments/{{file}}", one


def _named(resource: Resource, roster: Any, root: str, pk: list[Any]) -> Paths:
    name, listed = resource.name, roster.key
    row = {"type": "object", "properties": {one: fields.described(roster.entity, one) for one in ("id", *roster.asked)}}
    many: dict[str, Any] = {
        "parameters": pk,
        "get": operation(
            f"{listed}-{name}", roster.title, name, {200: said("Who is named.", list_of(row))}, (401, 403, 404)
        ),
    }
    if "edit" in resource.verbs:
        many["post"] = operation(
            f"add-{listed}-{name}",
            f"A {roster.called} more",
            name,
            {201: said("Added.", row)},
            (400, 401, 403, 404, 409, 415, 422),
            requestBody=body(rosters.schema(roster)),
        )
        remove = operation(
            f"delete-{listed}-{name}", f"A {roster.called} less", name, {204: said("Gone.")}, (401, 403, 404, 409)
        )
        yield f"{root}/named/{listed}/{{row}}", {"parameters": [*pk, in_address("row", "Its id.")], "delete": remove}
    yield f"{root}/named/{listed}", many
