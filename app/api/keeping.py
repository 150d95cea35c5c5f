"""How what a call sends comes onto a record: through the form of its screen, so that the same things are refused.

Kinds of document that are made in a way of their own stand in `making`."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import MultiDict

from app import workflow
from app.api import fields
from app.api.answers import Wrong
from app.api.fields import Schema
from app.api.resources import Resource
from app.extensions import db
from app.rules.deeds import Problem
from app.screens import once
from app.screens.forms import RecordForm, fill, form_for
from app.screens.gate import actor, office
from app.workflow import Refused

NO_TOKEN = {"csrf": False}
"""A call is no form of a page: nobody can make a browser send it."""


def wrong_fields(form: RecordForm) -> None:
    """Pass on what a form refuses. Errors: Wrong for its fields, Refused for the whole."""
    if any(field.errors for field in form):
        raise Wrong(
            {field.short_name.removesuffix("_id"): [str(one) for one in field.errors] for field in form if field.errors}
        )
    if form.form_errors:
        raise Refused([Problem(str(one)) for one in form.form_errors])


class Keeping:
    """Plain records: vendors, items, strips and the rest."""

    does: frozenset[str] = frozenset()

    def schema(self, resource: Resource, new: bool) -> Schema:
        """What may be sent."""
        columns = {
            name: fields.accepted(resource.entity, name, resource.screen.choices.get(name)) for name in resource.written
        }
        schema: Schema = {"type": "object", "additionalProperties": False, "properties": columns}
        if new:
            return schema | ({"required": list(resource.required)} if resource.required else {})
        if resource.versioned:
            columns["version"] = {"type": "integer", "description": "What was read; or send If-Match."}
        return schema

    def create(self, resource: Resource, body: Mapping[str, Any], key: str) -> Any:
        """A new one. Errors: Wrong, Refused."""
        record = resource.entity()
        blank = resource.screen.form_class()(formdata=None, meta=NO_TOKEN)
        return self._saved(resource, record, fields.typed(fields.texts(blank), body), new=True)

    def change(self, resource: Resource, record: Any, body: Mapping[str, Any]) -> None:
        """Some fields of one. Errors: Wrong, Refused."""
        present = resource.screen.form_class()(formdata=None, obj=record, meta=NO_TOKEN)
        sent = {name: value for name, value in body.items() if name != "version"}
        self._saved(resource, record, fields.typed(fields.texts(present), sent), new=False)

    def _saved(self, resource: Resource, record: Any, typed: MultiDict[str, str], new: bool) -> Any:
        form = resource.screen.form_class()(formdata=typed, obj=None if new else record, meta=NO_TOKEN)
        if not resource.screen.save(form, record, new):
            wrong_fields(form)
        return record


class DocumentKeeping(Keeping):
    """Documents that begin with a title: baskets, requests, agreements."""

    def create(self, resource: Resource, body: Mapping[str, Any], key: str) -> Any:
        screen, session = resource.screen, db.session()
        names = tuple(dict.fromkeys((*screen.start_columns, *body)))
        form = document_form(resource, names)(formdata=fields.typed(MultiDict(), body), meta=NO_TOKEN)
        if not form.validate():
            wrong_fields(form)
        document = workflow.start(session, office(), resource.entity, actor(), **screen.defaults(form))
        with session.no_autoflush:
            fill(form, document, names)
            screen.before_save(document, True)
        return written_once(document, key)


def document_form(resource: Resource, names: Sequence[str]) -> type[RecordForm]:
    """A form of some columns of a document's header."""
    screen = resource.screen
    return form_for(
        resource.entity,
        names,
        labels={one: screen.label(one) for one in names},
        hints={},
        choices=screen.choices,
        lookups=screen.field_lookup,
    )


def written_once(document: Any, key: str) -> Any:
    """Write a new draft, and remember what made it. Errors: Refused when the same call came twice at once."""
    session = db.session()
    session.flush()
    if key:
        once.remember(key, document)
    try:
        session.commit()
    except IntegrityError:
        session.rollback()
        raise Refused([Problem("The same call is being carried out right now. Read what it made.")]) from None
    return document
