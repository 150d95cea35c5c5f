"""The desk: what came in for a person to sign, correct or release, and what they have sent. Source: DOC-03, F22.02."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import Flask, flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from sqlalchemy import select

from app import turns, workflow
from app.entities.approvals import Delegation
from app.entities.document import Document, State
from app.extensions import db
from app.facts import Answers
from app.rules.approvals import who
from app.rules.envelopes import status
from app.rules.numbers import read_key
from app.screens import second_factor, security
from app.screens.approving import summary
from app.screens.envelopes import opened, sent_by_me
from app.screens.gate import actor, office, signed_in
from app.screens.present import money
from app.screens.preview import preview_of, problems_of
from app.screens.signing import NOT_YOURS
from app.turns import Counts, Waiting

DECIDED_WITHIN = timedelta(days=14)

VIEWS = (("sign", "To sign"), ("returned", "Returned to you"), ("release", "To release"))
"""The parts of the inbox: key and label; the key is also the name of the count."""

NOTHING = {
    "sign": ("All done", "Nothing waits for your signature."),
    "returned": ("Nothing came back", "A document that an approver returns to you appears here."),
    "release": ("Nothing to release", "An approved document that you may release appears here."),
}


def late_before() -> datetime:
    """What has waited since before this moment is late. Asked once a request."""
    if "late_before" not in g:
        g.late_before = turns.late_before(office(), Answers(db.session(), office()))
    return g.late_before


def my_counts(late: datetime | None = None) -> Counts:
    """How much waits for the person who asks. Asked once a request, whether by the menu or by the page; the number of
    late ones is right only when the page says since when it counts."""
    if "counts" not in g:
        g.counts = turns.counts(db.session(), actor(), late or office().now()) if g.get("actor") else Counts()
    return g.counts


class MenuCounts:
    """The numbers beside the menu's entries, looked up when the menu is drawn: a piece of a page costs nothing."""

    def get(self, name: str) -> int:
        """How much waits behind an entry."""
        return my_counts().inbox if name == "Inbox" else 0


def install(app: Flask) -> None:
    """Give the menu its numbers and the bell its own."""
    app.jinja_env.globals["unread_notices"] = lambda: my_counts().notices

    @app.context_processor
    def numbers() -> dict[str, Any]:
        return {"nav_counts": MenuCounts()} if g.get("actor") else {}


def age(since: datetime) -> str:
    """How long something has waited, in days of the office."""
    days = (office().today() - office().day_of(since)).days
    return "today" if days <= 0 else f"{days} day{'' if days == 1 else 's'}"


def waiting_in(view: str) -> list[Waiting]:
    """The documents of one part of the inbox."""
    if view == "sign":
        return turns.to_sign(db.session(), actor(), late_before(), turns.MOST_SHOWN)
    conditions = turns.returned_to(actor()) if view == "returned" else turns.released_by(actor())
    return turns.standing(db.session(), conditions, turns.MOST_SHOWN)


class InboxScreen(BaseView):
    """The inbox: a queue, and beside it what the chosen document asks for."""

    route_base = "/inbox"
    default_view = "index"

    @expose("/")
    @signed_in
    def index(self) -> Any:
        """The queue, the longest wait first, with the first or the chosen document open."""
        numbers = my_counts(late_before())
        view = request.args.get("view", "")
        if view not in dict(VIEWS):
            view = next((key for key, _ in VIEWS if getattr(numbers, key)), "sign")
        items, asked = waiting_in(view), request.args.get("open", "")
        chosen = next((one for one in items if one.key == asked), items[0] if items else None)
        it = opened(str(chosen.envelope.id)) if chosen is not None and chosen.envelope is not None else None
        preview = preview_of(self.appbuilder, str(chosen.document.id)) if chosen and it is None else None
        return render_template(
            "desk/inbox.html",
            title="Inbox",
            appbuilder=self.appbuilder,
            items=items,
            view=view,
            counts=numbers,
            views=[
                (label, url_for("InboxScreen.index", view=key), getattr(numbers, key), key == view)
                for key, label in VIEWS
            ],
            chosen=chosen,
            preview=preview,
            it=it,
            from_inbox=True,
            reading=chosen is not None and chosen.key == asked,
            age=age,
            nothing=NOTHING[view],
            key=secrets.token_urlsafe(12),
            ask_password=not security.proves(""),
            may_delegate=actor().may("add", Delegation),
            who=who,
        )

    @expose("/preview/<pk>")
    @signed_in
    def preview(self, pk: str) -> Any:
        """What one document asks for: the right side alone."""
        return render_template("desk/preview.html", preview=preview_of(self.appbuilder, pk), who=who)

    @expose("/approve", methods=["POST"])
    @signed_in
    def approve(self) -> Any:
        """Sign every ticked document, with one password. Each goes through its own checks; what is refused stays, and
        the page says why."""
        chosen = [key for one in request.form.getlist("selected") if (key := read_key(one))]
        proved = security.proves(request.form.get("password", ""))
        if not chosen:
            flash("Tick the documents first.", "warning")
        elif not proved:
            flash(NOT_YOURS, "danger")
        elif why := second_factor.step_up(request.form.get("code", "")):
            flash(why, "danger")
        else:
            _approve(chosen[: turns.MOST_SHOWN])
        return redirect(url_for("InboxScreen.index"))


def _approve(ids: Sequence[int]) -> None:
    """Sign what is clean, one by one, and say in one summary what was signed and what was not, and why."""
    session = db.session()
    # The names first: a refusal rolls the transaction back, and with it what was read.
    found = [
        (one, one.name, one.total)
        for one in session.scalars(select(Document).where(Document.id.in_(ids)).order_by(Document.id))
    ]
    limit = Answers(session, office()).policy("bulk approval")
    signed: list[Decimal] = []
    left: list[tuple[str, str]] = []
    for document, name, total in found:
        why = _not_together(document, limit) or _signed(document)
        if why is None:
            signed.append(total)
        elif why:
            left.append((name, why))
    if signed or left:
        flash(summary(signed, left), "warning" if left else "success")


def _not_together(document: Document, limit: Decimal) -> str | None:
    """Why a document that the person may sign is to be looked at alone first."""
    if document.state != State.ROUTED or not actor().may("approve", type(document)):
        return None
    if limit and document.total > limit:
        return f"${money(document.total)} is above ${money(limit)}, up to which ticked documents are approved together."
    return " ".join(str(one) for one in problems_of(document)) or None


def _signed(document: Document) -> str | None:
    """Sign one document: none when that was done, nothing to say when it had been done before, else why not."""
    try:
        done = workflow.act(
            db.session(),
            office(),
            document,
            "approve",
            actor(),
            proved=True,
            comment=request.form.get("comment", "")[:2000],
            key=f"{request.form.get('key', '')[:40]}-{document.id}",
        )
        return "" if done.repeated else None
    except (workflow.Refused, workflow.IllegalMove, workflow.Forbidden, workflow.Gone) as why:
        return str(why)


class OutboxScreen(BaseView):
    """What a person has sent for approval, and where it waits."""

    route_base = "/outbox"
    default_view = "index"

    @expose("/")
    @signed_in
    def index(self) -> Any:
        """Underway first, then what was decided in the last two weeks."""
        session = db.session()
        sent = turns.sent_by(session, actor())
        steps = turns.waits_for(session, [one.id for one in sent]) if sent else {}
        decided = turns.decided_for(session, actor(), office().now() - DECIDED_WITHIN)
        return render_template(
            "desk/outbox.html",
            title="Outbox",
            appbuilder=self.appbuilder,
            envelopes=sent_by_me(),
            envelope_status=status,
            sent=sent,
            steps=steps,
            decided=decided,
            age=age,
            who=who,
            late_before=late_before(),
        )
