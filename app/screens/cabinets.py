"""My desk: a person's cabinets and folders, and the documents that lie in them. Source: DOC-02, F22.01, F22.03."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from sqlalchemy import select

from app import filing
from app.entities.document import Document
from app.extensions import db
from app.filing import Spot
from app.rules.deeds import Problem
from app.rules.desk import NoContainer
from app.rules.numbers import read_key
from app.screens import containers
from app.screens.gate import actor, office, signed_in
from app.screens.listing import Listing, page_of, wanted_of_address
from app.screens.present import document_url
from app.workflow import Refused

MOST_AT_ONCE = 200
ORDERED = ("number", "title", "changed_at", "total")


class DeskScreen(BaseView):
    """The desk: a tree of containers, and beside it what lies in the chosen one."""

    route_base = "/desk"
    default_view = "index"

    @expose("/")
    @signed_in
    def index(self) -> Any:
        """The chosen container, or the one that the person works in."""
        spots = containers.mine(counted=True)
        now = containers.active(spots)
        asked = request.args.get("at", "")
        return self._desk(spots, now, _found(asked, spots) if asked else now)

    def _desk(
        self, spots: Sequence[Spot], now: Spot, chosen: Spot, problems: Sequence[Problem] = (), status: int = 200
    ) -> Any:
        return render_template(
            "desk/desk.html",
            title=chosen.name,
            appbuilder=self.appbuilder,
            spots=spots,
            active=now,
            chosen=chosen,
            listing=_listing(chosen),
            ordered=ORDERED,
            problems=problems,
            me=actor().user_id,
            off=containers.OFF,
            day_of=office().day_of,
            nav_current="My desk",
        ), status

    @expose("/move", methods=["POST"])
    @signed_in
    def move(self) -> Any:
        """Move the ticked documents into another container. Dragging, the key V and the document's page all come
        here."""
        spots = containers.mine()
        ids = sorted({key for one in request.form.getlist("selected") if (key := read_key(one))})[:MOST_AT_ONCE]
        back, to = self._back(ids), request.form.get("to", "")
        if not ids or not to:
            flash("Tick the documents first, and choose where they go.", "warning")
            return redirect(back)
        if to == containers.OFF:
            filing.take_out(db.session(), containers.me(), ids)
            return self._kept(back, f"You took {_so_many(len(ids))} out of your folders.")
        try:
            spot = containers.find(to, spots)
        except NoContainer as reason:
            flash(str(reason), "warning")
            return redirect(back)
        if len(set(db.session.scalars(select(Document.id).where(Document.id.in_(ids))))) < len(ids):
            abort(404)
        filing.put(db.session(), containers.me(), ids, spot)
        return self._kept(back, f"{_so_many(len(ids)).capitalize()} moved to {spot.path}.")

    def _kept(self, back: str, said: str) -> Any:
        try:
            containers.keep()
            flash(said, "success")
        except Refused as refused:
            flash(str(refused), "warning")
        return redirect(back)

    def _back(self, ids: Sequence[int]) -> str:
        """Where a person came from: a document's page, or a place on the desk."""
        if request.form.get("from") == "document" and len(ids) == 1:
            document = db.session.scalar(select(Document).where(Document.id == ids[0])) or abort(404)
            return document_url(document)
        return url_for("DeskScreen.index", at=request.form.get("at", ""))

    @expose("/active", methods=["POST"])
    @signed_in
    def activate(self) -> Any:
        """Work in a container: new documents go there from now on."""
        spot = _found(request.form.get("to", ""), containers.mine())
        filing.activate(db.session(), containers.me(), spot)
        return self._kept(url_for("DeskScreen.index", at=spot.place.key), f"New documents go to {spot.path}.")

    @expose("/container/add", methods=["POST"])
    @signed_in
    def add(self) -> Any:
        """A new cabinet, or a new folder in one."""
        spots = containers.mine()
        within = _found(request.form["at"], spots) if request.form.get("at") else None
        if within is not None and within.place.folder_id is not None:
            within = _found(within.place.cabinet.key, spots)
        try:
            place = containers.make(_name(), within)
        except Refused as refused:
            fresh = containers.mine(counted=True)
            return self._desk(fresh, containers.active(fresh), within or fresh[0], refused.problems, 422)
        flash(f"“{_name()}” is there. Drag documents onto it, or tick them and press V.", "success")
        return redirect(url_for("DeskScreen.index", at=place.key))

    @expose("/container/<key>")
    @signed_in
    def container(self, key: str) -> Any:
        """One container: its name, its place among the others, and deleting it."""
        return self._settings(key)

    def _settings(self, key: str, problems: Sequence[Problem] = (), status: int = 200) -> Any:
        spots = containers.mine(counted=True)
        spot = _found(key, spots)
        inside = [one for one in spots if one.place.cabinet == spot.place and one.place.folder_id is not None]
        return render_template(
            "desk/container.html",
            title=spot.path,
            appbuilder=self.appbuilder,
            spot=spot,
            inside=inside if spot.place.folder_id is None else (),
            elsewhere=[one for one in spots if one.place != spot.place and one not in inside],
            home=spot.place.cabinet.key,
            problems=problems,
            name=request.form.get("name", spot.name),
            nav_current="My desk",
        ), status

    def _change(self, key: str, change: Callable[[Spot], None], back: str, said: str) -> Any:
        spot = _found(key, containers.mine())
        try:
            change(spot)
        except Refused as refused:
            return self._settings(key, refused.problems, 422)
        flash(f"“{spot.name}” {said}.", "success")
        return redirect(back)

    @expose("/container/<key>/rename", methods=["POST"])
    @signed_in
    def rename(self, key: str) -> Any:
        """Call a container otherwise."""
        back = url_for("DeskScreen.index", at=key)
        return self._change(key, lambda spot: containers.rename(spot, _name()), back, f"is called {_name()} now")

    @expose("/container/<key>/shift", methods=["POST"])
    @signed_in
    def shift(self, key: str) -> Any:
        """Move a container up or down in the tree."""
        by = -1 if request.form.get("by") == "up" else 1
        back = url_for("DeskScreen.container", key=key)
        return self._change(key, lambda spot: containers.shift(spot, by), back, "has moved")

    @expose("/container/<key>/delete", methods=["POST"])
    @signed_in
    def delete(self, key: str) -> Any:
        """Delete a container; what lies in it goes where the person says."""
        to = _found(request.form.get("to", ""), containers.mine())
        back = url_for("DeskScreen.index", at=to.place.key)
        said = f"is deleted; what lay in it lies in {to.path} now"
        return self._change(key, lambda spot: containers.remove(spot, to), back, said)


def _name() -> str:
    return " ".join(request.form.get("name", "").replace("\x00", "").split())


def _so_many(count: int) -> str:
    return "one document" if count == 1 else f"{count} documents"


def _found(written: str, spots: Sequence[Spot]) -> Spot:
    """The container of an address. Errors: 404, as for anything that is not there."""
    try:
        return containers.find(written, spots)
    except NoContainer:
        abort(404)


def _listing(spot: Spot) -> Listing:
    """A page of what lies in a container, what changed last first."""
    wanted = wanted_of_address(
        Document,
        columns=(),
        ordered=ORDERED,
        base_order=("changed_at", True),
        labels={},
        named=lambda name, value: str(value),
        size=50,
    )
    documents = filing.lying_in(containers.me(), spot)
    return page_of(db.session(), Document, documents, wanted, searched=("number", "title"), eager=("owner",))
