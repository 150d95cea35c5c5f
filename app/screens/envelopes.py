"""Envelopes on the screen: filling one, routing it, and signing all of it at once. Source: DOC-08, F22.07."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from app import envelopes, workflow
from app.entities.document import EDITABLE, Document
from app.entities.envelopes import Envelope, EnvelopeDocument
from app.extensions import db
from app.rules.approvals import current_steps, open_sheet, turn_of, who
from app.rules.deeds import Problem, ProblemOf
from app.rules.documents import kind_of
from app.rules.envelopes import LONGEST_SUBJECT, status
from app.rules.lifecycle import MOVES
from app.rules.numbers import read_key
from app.screens import security
from app.screens.gate import actor, office, refuse, signed_in
from app.screens.present import document_url
from app.screens.signing import prove
from app.transactions import Refused

SIGNING = ("approve", "conditions", "disapprove")
SENDING = ("route", "recall")
MOST = 50
DONE = {move.action: move.done for move in MOVES}


@dataclass(frozen=True)
class Opened:
    """An envelope as the person who looks at it finds it."""

    envelope: Envelope
    documents: Sequence[Document]
    inside: frozenset[int]
    mine: frozenset[int]
    sheet: Any
    turn: Sequence[Any]
    status: str
    is_sender: bool
    key: str

    @property
    def total(self) -> Any:
        """What is in it comes to."""
        return sum(one.total for one in self.documents)


def opened(pk: str) -> Opened:
    """An envelope within sight, read anew. Errors: 404."""
    session, by = db.session(), actor()
    statement = select(Envelope).where(Envelope.id == read_key(pk)).options(selectinload(Envelope.contents))
    envelope = session.scalar(statement) or abort(404)
    documents = envelopes.documents_of(session, envelope)
    inside = [one for one in documents if envelopes.is_in(envelope.id, one)]
    return Opened(
        envelope,
        documents,
        frozenset(one.id for one in inside),
        frozenset(one.id for one in inside if turn_of(one, by) is not None),
        _route(envelope),
        [step for one in inside for step in current_steps(open_sheet(one))],
        status(envelope),
        envelope.sender_id == by.user_id,
        secrets.token_urlsafe(12),
    )


@dataclass(frozen=True)
class Route:
    """The approval sheet of an envelope: everybody who signs any of its documents, once."""

    steps: Sequence[Any]
    opened_at: Any


def _route(envelope: Envelope) -> Route | None:
    """Put together from the sheets of its documents; what still lacks a signature on one of them is not signed."""
    steps: dict[Any, Any] = {}
    for one in envelope.contents:
        for step in one.sheet.steps if one.sheet is not None else ():
            key = (step.step, step.role, step.user_id)
            if key not in steps or (step.signature is None and one.closed_at is None):
                steps[key] = step
    return Route(sorted(steps.values(), key=lambda it: it.step), envelope.routed_at) if steps else None


def sent_by_me() -> list[Envelope]:
    """The person's envelopes that are not done yet, for the outbox."""
    rest = (EnvelopeDocument.envelope_id == Envelope.id) & EnvelopeDocument.closed_at.is_(None)
    underway = select(EnvelopeDocument.id).where(rest).correlate(Envelope).exists()
    statement = (
        select(Envelope)
        .where(Envelope.sender_id == actor().user_id, or_(Envelope.routed_at.is_(None), underway))
        .options(selectinload(Envelope.contents))
        .order_by(Envelope.id.desc())
        .limit(MOST)
    )
    return list(db.session.scalars(statement))


def chosen_documents() -> list[Document]:
    """The documents that a form names. Errors: 404, when one of them is not within sight."""
    keys = {key for one in request.form.getlist("selected") if (key := read_key(one))}
    statement = select(Document).where(Document.id.in_(sorted(keys)[:200])).order_by(Document.id)
    found = list(db.session.scalars(statement)) if keys else []
    if len(found) < len(keys):
        abort(404)
    return found


def _linked(problem: Problem, pages: Mapping[int, str]) -> dict[str, Any]:
    """A problem for the summary: one of a document leads to the field on its page."""
    url = ""
    if isinstance(problem, ProblemOf) and problem.document_id in pages:
        url = f"{pages[problem.document_id]}#{problem.place}"
    return {"message": str(problem), "url": url}


class EnvelopeScreen(BaseView):
    """Envelopes: a page for each, and the buttons on it."""

    route_base = "/envelope"
    default_view = "show"

    @expose("/fill", methods=["POST"])
    @signed_in
    def fill(self) -> Any:
        """Put documents into an envelope. The first time it asks which one, or what a new one is called."""
        documents, subject = chosen_documents(), " ".join(request.form.get("subject", "").replace("\x00", "").split())
        into, asked = request.form.get("envelope", ""), request.form.get("do") == "fill"
        if not documents:
            flash("Tick the documents first.", "warning")
            return redirect(url_for("DeskScreen.index"))
        problems: Sequence[Problem] = ()
        if asked:
            try:
                envelope = self._mine(into).envelope if into else None
                made = envelopes.fill(db.session(), office(), documents, actor(), subject=subject, into=envelope)
                return redirect(url_for("EnvelopeScreen.show", pk=made))
            except Refused as refused:
                problems, documents = refused.problems, chosen_documents()
        waiting = [one for one in sent_by_me() if one.routed_at is None]
        return render_template(
            "envelopes/fill.html",
            title="Put into an envelope",
            appbuilder=self.appbuilder,
            documents=documents,
            waiting=waiting,
            into=into,
            subject=subject,
            longest=LONGEST_SUBJECT,
            problems=problems,
            nav_current="My desk",
        ), 422 if problems else 200

    @expose("/show/<pk>")
    @signed_in
    def show(self, pk: str) -> Any:
        """An envelope's page."""
        return self._page(pk)

    def _page(self, pk: str, problems: Sequence[Problem] = (), status: int = 200) -> Any:
        it = opened(pk)
        pages: dict[int, str] = {one.id: document_url(one) for one in it.documents}
        return render_template(
            "envelopes/show.html",
            title=it.envelope.subject,
            appbuilder=self.appbuilder,
            it=it,
            problems=[_linked(one, pages) for one in problems],
            who=who,
            ask_password=not security.proves(""),
            editable=EDITABLE,
            nav_current="Outbox" if it.is_sender else "Inbox",
        ), status

    @expose("/preview/<pk>")
    @signed_in
    def preview(self, pk: str) -> Any:
        """The same for the right side of the inbox."""
        it = opened(pk)
        return render_template(
            "envelopes/content.html", it=it, who=who, ask_password=not security.proves(""), from_inbox=True
        )

    @expose("/take-out/<pk>/<document_id>", methods=["POST"])
    @signed_in
    def take_out(self, pk: str, document_id: str) -> Any:
        """Take a document out of an envelope that is not routed yet."""
        it = self._mine(pk)
        return self._try(pk, lambda: envelopes.take_out(db.session(), office(), it.envelope, read_key(document_id)))

    @expose("/act/<pk>/<action>", methods=["POST"])
    @signed_in
    def act(self, pk: str, action: str) -> Any:
        """Route or recall it as its sender; sign it as the approver whose turn it is."""
        it = self._mine(pk) if action in SENDING else opened(pk)
        if action not in (*SENDING, *SIGNING):
            abort(404)
        sent = request.form.get("key", "")[:40]
        key = f"{sent}{action}" if sent else ""
        if action == "route":
            approvers = [read_key(one) for one in request.form.getlist("approvers") if one.strip()][:10]
            return self._try(
                pk,
                lambda: envelopes.route(db.session(), office(), it.envelope, actor(), approvers=approvers, key=key),
                action,
            )
        if action == "recall":
            return self._try(
                pk, lambda: envelopes.recall(db.session(), office(), it.envelope, actor(), key=key), action
            )
        return self._sign(pk, it, action, key)

    def _sign(self, pk: str, it: Opened, action: str, key: str) -> Any:
        first = next(iter(it.documents), None) or abort(404)
        proof = prove(kind_of(first), action, request.form.get("password", ""), request.form.get("code", ""))
        if proof.why:
            return self._page(pk, [Problem(proof.why)], 422)
        comment = request.form.get("comment", "")[:2000]
        return self._try(
            pk,
            lambda: envelopes.sign(
                db.session(),
                office(),
                it.envelope,
                action,
                actor(),
                comment=comment,
                proved=proof.proved,
                key=key,
            ),
            action,
        )

    @expose("/return/<pk>/<document_id>", methods=["POST"])
    @signed_in
    def return_one(self, pk: str, document_id: str) -> Any:
        """Return one document of it; the rest goes on."""
        it, key = opened(pk), read_key(document_id)
        document = next((one for one in it.documents if one.id == key and one.id in it.inside), None) or abort(404)
        comment = request.form.get("comment", "")[:2000]
        return self._try(
            pk,
            lambda: [workflow.act(db.session(), office(), document, "disapprove", actor(), comment=comment)],
            "disapprove",
        )

    def _mine(self, pk: str) -> Opened:
        """An envelope of the person's own. Errors: 404, 403."""
        it = opened(pk)
        if not it.is_sender:
            refuse(f"{request.method} {request.path}")
        return it

    def _try(self, pk: str, deed: Callable[[], Any], action: str = "") -> Any:
        back = "/inbox/" if request.form.get("from") == "inbox" else url_for("EnvelopeScreen.show", pk=read_key(pk))
        try:
            done = deed()
        except Refused as refused:
            return self._page(pk, refused.problems, 409)
        except workflow.IllegalMove as illegal:
            return self._page(pk, [Problem(str(illegal))], 409)
        if action and any(one.repeated for one in done):
            flash("This had been done already; nothing more happened.", "info")
        elif action:
            names = ", ".join(one.document.name for one in done)
            flash(f"{names}: you {DONE[action]}.", "success")
            for said in {f"Mind: {one.document.name}: {warning}" for one in done for warning in one.warnings}:
                flash(said, "warning")
        return redirect(back)
