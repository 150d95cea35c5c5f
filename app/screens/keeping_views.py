"""Saving, renaming and deleting one's own views of a list. Source: ux, list page; docs/decisions/0032."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

from flask import abort, flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.entities.desk import SavedView
from app.extensions import db
from app.rules.deeds import Problem
from app.rules.numbers import read_key
from app.rules.saved_views import room_for, view_fits
from app.screens.gate import actor, refuse, signed_in

AT_ONCE = "Another page of yours saved a view of this name just now. Look at the list, then save again."


class SavedViewScreen(BaseView):
    """The deeds of the menu "Save this view". Nobody but its owner reaches a view."""

    route_base = "/views"
    default_view = "add"

    @expose("/add/<list_name>", methods=["POST"])
    @signed_in
    def add(self, list_name: str) -> Any:
        """Save what a list shows as a view of one's own."""
        screen = self._screen(list_name)
        query = _asked(screen).query
        problems = [*room_for(len(screen.saved())), *_fits(screen, query)]
        if problems:
            return self._again(screen, problems, url_for("SavedViewScreen.add", list_name=list_name))
        view = SavedView(user_id=actor().user_id, list_name=list_name, name=_name(), query=query)
        return self._kept(screen, view, f"“{_name()}” is saved. It stands above the list.")

    @expose("/change/<pk>", methods=["POST"])
    @signed_in
    def change(self, pk: str) -> Any:
        """Call a view otherwise, open the list with it or not, and save the present filters in it where asked."""
        view = self._mine(pk)
        screen = self._screen(view.list_name)
        query = _asked(screen).query if request.form.get("with") == "filters" else view.query
        if problems := _fits(screen, query, view):
            return self._again(screen, problems, url_for("SavedViewScreen.change", pk=view.id), view)
        view.name, view.query = _name(), query
        return self._kept(screen, view, f"“{_name()}” is saved.")

    @expose("/delete/<pk>", methods=["POST"])
    @signed_in
    def delete(self, pk: str) -> Any:
        """Delete a view. The list stays as it is."""
        view = self._mine(pk)
        screen, name = self._screen(view.list_name), view.name
        db.session.delete(view)
        db.session.commit()
        flash(f"The view “{name}” is deleted. The records are as they were.", "success")
        return redirect(f"{screen.url('list')}?view=")

    def _screen(self, list_name: str) -> Any:
        screens = (one for one in self.appbuilder.baseviews if getattr(one, "saved", None) is not None)
        screen = next((one for one in screens if one.list_name == list_name), None) or abort(404)
        if not screen.may("list"):
            refuse(f"{request.method} {request.path}")
        return screen

    def _mine(self, pk: str) -> SavedView:
        mine = select(SavedView).where(SavedView.id == read_key(pk), SavedView.user_id == actor().user_id)
        return db.session.scalar(mine) or abort(404)

    def _kept(self, screen: Any, view: SavedView, said: str) -> Any:
        session, standard = db.session(), bool(request.form.get("standard"))
        try:
            for other in screen.saved():
                if standard and other.standard and other is not view:
                    other.standard = False
            session.flush()  # the list opens with one view at most, at every moment
            view.standard = standard
            session.add(view)
            session.commit()
        except IntegrityError:
            session.rollback()
            return self._again(screen, [Problem(AT_ONCE, "name")], request.path)
        flash(said, "success")
        return redirect(screen.address_of(view))

    def _again(self, screen: Any, problems: Sequence[Problem], action: str, view: SavedView | None = None) -> Any:
        """What was typed, with what is wrong with it."""
        return render_template(
            "screens/view_form.html",
            title="Save this view",
            appbuilder=self.appbuilder,
            screen=screen,
            problems=problems,
            action=action,
            name=request.form.get("name", "")[:200],
            query=_asked(screen).query,
            view=view,
        ), 422


def _name() -> str:
    return " ".join(request.form.get("name", "").replace("\x00", "").split())


def _asked(screen: Any) -> Any:
    """The arguments that the form sends along, as far as the list understands them."""
    return screen.fitting(parse_qsl(request.form.get("query", "")[:8000], keep_blank_values=True))


def _fits(screen: Any, query: str, view: SavedView | None = None) -> list[Problem]:
    others = [one.name for one in screen.saved() if one is not view]
    return view_fits(_name(), query, others, [label for _, label in screen.views()])
