"""Notices: what a person should know, kept until it is read. Source: DOC-15."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.entities.document import Document
from app.entities.notices import Notice, NoticePreference
from app.extensions import db
from app.rules.notices import NOTICES, Ways, ways
from app.rules.numbers import read_key
from app.screens.gate import actor, office, signed_in
from app.screens.present import document_url

PAGE = 50

LEADS_TO = {"review": "/vendor/list/?view=review"}
"""Kind of notice → the work list that it leads to, where it speaks of no document."""

OPENS_AT = {"draft": "#details"}
"""Kind of notice → the tab of its document that is wanted then, where it is not the first."""


class NoticeScreen(BaseView):
    """One's own notices, the newest first."""

    route_base = "/notices"
    default_view = "index"

    @expose("/")
    @signed_in
    def index(self) -> Any:
        """The list; `before` in the address turns the page."""
        before = request.args.get("before", type=int)
        mine = (Notice.user_id == actor().user_id, Notice.hidden.is_(False))
        statement = select(Notice).where(*mine).order_by(Notice.id.desc()).limit(PAGE + 1)
        if before is not None and 0 < before < 2**31:
            statement = statement.where(Notice.id < before)
        rows = list(db.session.scalars(statement))
        # Read within sight: a notice may speak of a document that its reader no longer sees.
        wanted = {one.document_id for one in rows if one.document_id is not None}
        seen = {one.id: one for one in db.session.scalars(select(Document).where(Document.id.in_(wanted)))}
        return render_template(
            "notices/notices.html",
            title="Notices",
            appbuilder=self.appbuilder,
            rows=rows[:PAGE],
            seen=seen,
            leads_to=LEADS_TO,
            older=rows[PAGE - 1].id if len(rows) > PAGE else None,
        )

    @expose("/open/<pk>", methods=["POST"])
    @signed_in
    def open(self, pk: str) -> Any:
        """Mark a notice as read and go on to its document."""
        notice = self._mine(pk)
        self._read(Notice.id == notice.id)
        document = db.session.get(Document, notice.document_id) if notice.document_id is not None else None
        if document is not None:
            return redirect(document_url(document) + OPENS_AT.get(notice.kind, ""))
        return redirect(LEADS_TO.get(notice.kind) or url_for("NoticeScreen.index"))

    @expose("/read", methods=["POST"])
    @signed_in
    def read(self) -> Any:
        """Mark one notice, or all of them, as read."""
        pk = request.form.get("notice", "")
        self._read(Notice.id == self._mine(pk).id if pk else Notice.id > 0)
        return redirect(url_for("NoticeScreen.index"))

    @expose("/preferences", methods=["GET", "POST"])
    @signed_in
    def preferences(self) -> Any:
        """How one wants to hear of each kind of notice."""
        session, me = db.session(), actor().user_id
        kept = {
            one.kind: one for one in session.scalars(select(NoticePreference).where(NoticePreference.user_id == me))
        }
        if request.method == "POST":
            ticked = set(request.form.getlist("way"))
            for kind in NOTICES.values():
                wanted = Ways(f"{kind.key}:app" in ticked or kind.fixed, f"{kind.key}:mail" in ticked)
                one = kept.get(kind.key)
                if one is None and wanted != kind.usual:
                    session.add(
                        NoticePreference(user_id=me, kind=kind.key, in_app=wanted.in_app, by_mail=wanted.by_mail)
                    )
                elif one is not None:
                    one.in_app, one.by_mail = wanted
            try:
                session.commit()
            except IntegrityError:  # the same form twice at once: the other one has just said the same
                session.rollback()
            flash("Your preferences are saved.", "success")
            return redirect(url_for("NoticeScreen.preferences"))
        chosen = {key: Ways(one.in_app, one.by_mail) for key, one in kept.items()}
        return render_template(
            "notices/preferences.html",
            title="How you hear of things",
            appbuilder=self.appbuilder,
            rows=[(kind, ways(kind.key, chosen.get(kind.key))) for kind in NOTICES.values()],
            mails=office().mails,
            email=session.scalar(select(User.email).where(User.id == me)),
        )

    def _mine(self, pk: str) -> Notice:
        return db.session.scalar(
            select(Notice).where(Notice.id == read_key(pk), Notice.user_id == actor().user_id)
        ) or abort(404)

    def _read(self, which: Any) -> None:
        db.session.execute(
            update(Notice)
            .where(which, Notice.user_id == actor().user_id, Notice.read_at.is_(None))
            .values(read_at=office().now()),
            execution_options={"synchronize_session": False},
        )
        db.session.commit()
