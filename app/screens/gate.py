"""The gate: who is asking, how far they see, and whether they may. Passed by every request before any screen."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask_login import current_user

from app import audit_notes, rights, scope
from app.extensions import db
from app.office import Office
from app.rules.deeds import Actor

View = TypeVar("View", bound=Callable[..., Any])

READING = frozenset({"GET", "HEAD", "OPTIONS"})

IDENTIFY: dict[str, Callable[[], Any]] = {}
"""Part of the application → who asks there, where that is not said by the browser's cookie."""

UNASKED = frozenset({"health"})
"""Parts of the application where nobody is asked who they are: what they say is of no office."""

UNWANTED = frozenset({"UtilView.back", "LocaleView.index", "MenuApi.get_menu_data"})
"""What Flask-AppBuilder serves unasked, some of it to everybody: nobody here needs it."""


def office() -> Office:
    """The office that this application serves."""
    return current_app.extensions["office"]


def actor() -> Actor:
    """The person who asks. Only behind `allowed`."""
    return g.actor


def install(app: Flask) -> None:
    """Let every request pass the gate."""

    @app.before_request
    def pass_the_gate() -> None:
        g.actor = None
        if request.endpoint in (None, "static", "styles", "appbuilder.static") or request.blueprint in UNASKED:
            return
        if request.endpoint in UNWANTED:
            abort(404)
        session = db.session()
        session.info.clear()
        session.info["sight"] = scope.Sight(0, ())
        person = IDENTIFY.get(request.blueprint or "", lambda: current_user)()
        if person.is_authenticated:
            g.actor, sight = rights.standing_of(session, session.info["rights_stamp"], person, office().today())
            session.info.update(actor=g.actor, now=office().now())
            scope.look(session, sight)

    @app.context_processor
    def person() -> dict[str, Any]:
        return {"actor": g.get("actor"), "may": lambda verb, entity: g.actor is not None and g.actor.may(verb, entity)}


def allowed(verb: str, entity: type | str = "") -> Callable[[View], View]:
    """A screen's page or button for those whose roles allow a verb with its entity. Others are sent to sign in, or
    refused, and the refusal is on record."""

    def guard(view: View) -> View:
        @functools.wraps(view)
        def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
            if g.actor is None:
                return redirect(url_for("SignInView.login", next=request.full_path.rstrip("?")))
            name = entity if isinstance(entity, str) and entity else getattr(entity, "__name__", None)
            if not g.actor.may(verb, name or self.class_permission_name):
                refuse(f"{request.method} {request.path}")
            return view(self, *args, **kwargs)

        guarded._permission_name = verb  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return guard


def signed_in(view: View) -> View:
    """A page for everybody of the office."""

    @functools.wraps(view)
    def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
        if g.actor is None:
            return redirect(url_for("SignInView.login", next=request.full_path.rstrip("?")))
        return view(self, *args, **kwargs)

    return guarded  # type: ignore[return-value]


def refuse(what: str) -> None:
    """Answer 403 and put it on record."""
    session = db.session()
    session.rollback()
    audit_notes.refused(session, g.actor, what, office().now())
    session.commit()
    abort(403)
