"""The buttons of a document: each goes through `workflow.act`, with a password where one signs. Source: DOC-04, DOC-07."""

from typing import Any

from flask import flash, redirect, request
from flask_appbuilder import expose

from app import workflow
from app.extensions import db
from app.rules.deeds import Problem
from app.rules.documents import KINDS, Kind
from app.rules.lifecycle import Move
from app.rules.numbers import read_key
from app.screens.gate import actor, allowed, office
from app.screens.present import document_url, money
from app.screens.signing import prove


def said_of_payment() -> dict[str, Any]:
    """What the form of a payment says beside its button: the check's or transfer's number, and why no penalty is owed."""
    return {
        "reference": request.form.get("reference", "")[:200],
        "no_penalty": request.form.get("no_penalty", "").replace("\x00", "")[:2000],
    }


class Buttons:
    """What a document's screen does when a button is pressed."""

    kind: Kind
    load: Any
    glance: Any
    document_page: Any

    def question(self, document: Any, move: Move) -> str:
        """What is asked before a button works; nothing, where it can be undone or asks for words anyway."""
        return ""

    @expose("/act/<pk>/<action>", methods=["POST"])
    @allowed("show")
    def act(self, pk: str, action: str) -> Any:
        """One of the document's buttons."""
        document = self.glance(pk)
        proof = prove(self.kind, action, request.form.get("password", ""), request.form.get("code", ""))
        if proof.why:
            return self.document_page(self.load(pk), [Problem(proof.why, "password")], 422)
        try:
            done = workflow.act(
                db.session(),
                office(),
                document,
                action,
                actor(),
                comment=request.form.get("comment", "")[:2000],
                proved=proof.proved,
                key=request.form.get("key", "")[:80],
                extra=self.extra(action),
            )
        except workflow.Refused as refused:
            return self.document_page(self.load(pk), refused.problems, 409)
        except workflow.IllegalMove as illegal:
            return self.document_page(self.load(pk), [Problem(str(illegal))], 409)
        self._tell(done)
        return redirect(self.after(done))

    def extra(self, action: str) -> dict[str, Any]:
        """What else a deed takes along: added approvers, a payment's reference."""
        approvers = [read_key(one) for one in request.form.getlist("approvers") if one.strip()][:10]
        return {"approvers": approvers, **said_of_payment()}

    def _tell(self, done: workflow.Done) -> None:
        move: Move | None = next((one for one in self.kind.life if one.action == done.action), None)
        if done.repeated:
            flash(f"{done.document.name} had been done already; nothing more happened.", "info")
            return
        flash(f"{done.document.name}: you {move.done if move else done.action}.", "success")
        for warning in done.warnings:
            flash(f"Mind: {warning}", "warning")
        if done.made:
            flash(
                f"Made: {', '.join(f'{KINDS[type(one)].name.lower()} for {money(one.total)}' for one in done.made)}.",
                "success",
            )

    def after(self, done: workflow.Done) -> str:
        """Where a person goes on: to the next waiting document when they came from the inbox."""
        return "/inbox/" if request.form.get("from") == "inbox" else document_url(done.document)

    @expose("/validate/<pk>")
    @allowed("show")
    def validate(self, pk: str) -> Any:
        """Everything that is wrong, before anybody is asked to sign (DOC-14)."""
        document = self.load(pk)
        problems = workflow.validate(db.session(), office(), document, actor())
        if not problems:
            flash(f"{document.name} has no problems.", "success")
            return redirect(document_url(document))
        return self.document_page(document, problems)
