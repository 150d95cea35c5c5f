"""What can be called: an entity that has a screen, with what that screen shows, searches, sorts and edits.

Whatever a screen does in its own way, beyond its table, is not offered to calls until somebody says how (`making`)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import abort, current_app, g, request
from sqlalchemy import inspect
from werkzeug.exceptions import MethodNotAllowed

from app.api import fields
from app.entities.document import Document
from app.entities.sealed import Sealed
from app.screens.base import Screen
from app.screens.columns import spaced
from app.screens.documents import DocumentScreen
from app.screens.gate import refuse

USUAL = {
    "add": (Screen.add, DocumentScreen.add),
    "edit": (Screen.edit, DocumentScreen.edit),
    "delete": (Screen.delete,),
}
"""Verb → the pages whose way of doing it calls know."""

ALWAYS = ("number", "title", "state", "organization", "owner", "vendor", "total", "created_at", "changed_at")
"""What is said of every document."""

METHODS = {"list": "GET", "show": "GET", "add": "POST", "edit": "PATCH", "delete": "DELETE"}


@dataclass(frozen=True)
class Resource:
    """One kind of record or document, as calls know it."""

    name: str
    screen: Any
    special: frozenset[str]

    @property
    def entity(self) -> Any:
        """Its table."""
        return self.screen.entity

    @cached_property
    def is_document(self) -> bool:
        """Whether it lives the life of a document."""
        return issubclass(self.entity, Document)

    @cached_property
    def verbs(self) -> frozenset[str]:
        """What can be done with it by calls at all."""
        offered = self.screen.verbs() & METHODS.keys()
        sealed = any(isinstance(column.type, Sealed) for column in inspect(self.entity).columns)
        own = {
            verb
            for verb, usual in USUAL.items()
            if verb not in self.special and getattr(type(self.screen), verb) not in usual
        }
        if sealed or not self.screen.calls_may_write:
            own |= USUAL.keys()
        return frozenset(offered - own)

    @cached_property
    def versioned(self) -> bool:
        """Whether its records know their version."""
        return "version" in inspect(self.entity).columns

    @cached_property
    def listed(self) -> tuple[str, ...]:
        """What a list says of each."""
        return tuple(dict.fromkeys(self._readable((*self._always, *self.screen.list_columns))))

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """What is said of one."""
        screen = self.screen
        return tuple(dict.fromkeys(self._readable((*self.listed, *screen.show_columns, *screen.edit_columns))))

    @property
    def _always(self) -> tuple[str, ...]:
        return ALWAYS if self.is_document else ()

    def _readable(self, names: tuple[str, ...]) -> Iterator[str]:
        mapper: Any = inspect(self.entity)
        for name in names:
            if name in mapper.columns or name in mapper.relationships:
                yield name

    @cached_property
    def required(self) -> tuple[str, ...]:
        """What a new one needs."""
        names = self.screen.start_columns if self.is_document else self.screen.edit_columns
        return tuple(name for name in names if fields.must_be_sent(self.entity, name))

    @cached_property
    def written(self) -> tuple[str, ...]:
        """What may be sent for it."""
        screen = self.screen
        start = screen.start_columns if self.is_document else ()
        names = dict.fromkeys((*start, *screen.edit_columns))
        return tuple(name for name in names if fields.can_be_sent(self.entity, name))


def name_of(entity: type) -> str:
    """How a kind is called in an address."""
    return spaced(entity.__name__).replace(" ", "-")


def all_of() -> dict[str, Resource]:
    """Name in the address → resource."""
    from app.api.making import KEEPING

    known: dict[str, Resource] | None = current_app.extensions.get("resources")
    if known is None:
        known = {}
        for screen in current_app.appbuilder.baseviews:  # type: ignore[attr-defined]
            if isinstance(screen, Screen):
                name = name_of(screen.entity)
                special = KEEPING.get(screen.entity)
                known[name] = Resource(name, screen, special.does if special else frozenset())
        current_app.extensions["resources"] = known
    return known


def asked(kind: str, verb: str) -> Resource:
    """The resource of an address, when the person may do this with it. Errors: 401, 403, 404, 405."""
    found = all_of().get(kind)
    signed_in()
    if found is None:
        abort(404)
    if verb not in found.verbs:
        raise MethodNotAllowed(valid_methods=sorted({METHODS[one] for one in _here(found, verb)}))
    if not found.screen.may(verb):
        refuse(f"{request.method} {request.path}")
    return found


def _here(found: Resource, verb: str) -> frozenset[str]:
    same = {"list", "add"} if verb in ("list", "add") else {"show", "edit", "delete"}
    return found.verbs & same


def document(kind: str, pk: int, verb: str = "show", whole: bool = True) -> tuple[Resource, Any]:
    """A document within sight, with all that stands on it or only its head. Errors: 401, 403, 404."""
    found = asked(kind, verb)
    if not found.is_document:
        abort(404)
    return found, found.screen.load(str(pk)) if whole else found.screen.glance(str(pk))


def signed_in() -> None:
    """Only for people of the office. Errors: 401."""
    if g.actor is None:
        abort(401)
