"""The office's signing policy: its rules as sentences, type by type and step by step, edited where they stand.

What is said aloud beside them (gaps, overlaps, signatures that nobody can give) is found by the rules that route.
Source: DOC-05."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import abort, flash, redirect, request
from flask_appbuilder import expose
from flask_appbuilder.security.sqla.models import Role, User, assoc_user_role
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.exc import StaleDataError

from app import grants
from app.access import HELD_ALONE, ROLES
from app.entities.approvals import RoutingRule
from app.entities.awards import MasterAgreement
from app.entities.organization import Profile
from app.extensions import db
from app.rules.awards import SUBTYPES
from app.rules.documents import KINDS, Kind
from app.rules.numbers import read_key
from app.rules.signing_policy import MOST_STEPS, Standing, faults, fingerprint, remarks, reordered
from app.screens.base import Screen
from app.screens.foresight import SIGNED, rule_in_words
from app.screens.forms import RecordForm, fill
from app.screens.gate import allowed

WITH_SUBTYPES = frozenset({MasterAgreement.__tablename__, "delivery_order"})
"""The types of document that have subtypes."""

STALE = (
    "Somebody else has changed these rules meanwhile. Here they are as they stand now; nothing was lost but this step."
)


@dataclass(frozen=True)
class Chapter:
    """The rules of one type of document, as its card shows them."""

    kind: Kind
    key: str
    steps: Sequence[tuple[int, Sequence[RoutingRule]]]
    remarks: Sequence[str]
    order: str
    form: RecordForm | None = None
    opened: str = ""
    problem: str = ""

    @property
    def last(self) -> int:
        """The highest step."""
        return max((step for step, _ in self.steps), default=0)


class RoutingRuleScreen(Screen, of=RoutingRule):
    title, plural = "Rule", "Signing policy"
    list_columns = ("kind", "organization", "amount_from", "amount_to", "step", "role", "user", "reason", "active")
    search_columns = ("kind", "organization", "step", "role", "active")
    searched = ("reason",)
    edit_columns = (
        "kind",
        "step",
        "role",
        "user",
        "organization",
        "subtype",
        "amount_from",
        "amount_to",
        "commodity_class",
        "reason",
        "technology",
        "active",
    )
    order_columns = ("kind", "step", "amount_from", "role")
    base_sort = ("kind", False)
    choices = {
        "kind": SIGNED,
        "role": [("", "a named person"), *((one, one) for one in ROLES if one not in HELD_ALONE)],
        "subtype": [("", "Any"), *((one, one.capitalize()) for one in SUBTYPES)],
    }
    labels = {
        "kind": "Document type",
        "role": "Who signs",
        "user": "Named person",
        "technology": "Only information technology (ITSA)",
        "organization": "Office",
        "commodity_class": "Class",
        "amount_from": "From",
        "amount_to": "To",
        "active": "In force",
    }
    hints = {
        "organization": "With everything below it. Empty: everywhere.",
        "commodity_class": "How the commodity code of a line begins, such as 70. Empty: any.",
        "step": "Steps are signed in order; those of one number side by side.",
        "reason": "Shown on the approval sheet, such as “over $5,000”.",
        "role": "Whoever holds the role at or above the document's office.",
    }
    list_template = "approvals/policy.html"

    def check(self, record: Any, form: RecordForm) -> None:
        """One signer, a band with a width, a step that there is."""
        for field, message in faults(record, record.kind in WITH_SUBTYPES):
            form[field].errors = [*form[field].errors, message]

    # The page.

    @expose("/list/")
    @allowed("list")
    def list(self) -> Any:
        """The whole policy: a card for each type of document. It is short, so that nothing filters it; what an address asks
        of columns that are not offered is refused as everywhere."""
        self.wanted_page()
        chapters = [self.chapter(kind) for kind in KINDS.values() if kind.signed]
        return self.page(self.list_template, chapters=chapters, title=self.plural, in_words=rule_in_words)

    def chapter(self, kind: Kind, **how: Any) -> Chapter:
        """The rules of a type, in the order of their steps."""
        key = kind.entity.__tablename__
        rules = self._rules(key)
        return Chapter(
            kind,
            key,
            [(step, tuple(group)) for step, group in groupby(rules, key=lambda one: one.step)],
            remarks(key, kind.plural, rules, self._standing(kind), rule_in_words),
            fingerprint(rules),
            **how,
        )

    def _rules(self, key: str) -> Sequence[RoutingRule]:
        wanted = select(RoutingRule).where(RoutingRule.kind == key).order_by(RoutingRule.step, RoutingRule.id)
        return db.session.scalars(
            wanted.options(joinedload(RoutingRule.organization), joinedload(RoutingRule.user))
        ).all()

    def _standing(self, kind: Kind) -> Standing:
        held = (
            select(Role.name)
            .join(assoc_user_role, assoc_user_role.c.role_id == Role.id)
            .join(User, User.id == assoc_user_role.c.user_id)
            .join(Profile.__table__, Profile.__table__.c.user_id == User.id)
            .where(User.active.is_(True))
            .distinct()
        )
        session = db.session()
        return Standing(
            frozenset(session.scalars(held)), grants.roles_with(session, ("can_approve", kind.entity.__name__))
        )

    def _kind(self, key: str) -> Kind:
        return next((one for one in KINDS.values() if one.signed and one.entity.__tablename__ == key), None) or abort(
            404
        )

    def card(self, kind: Kind, status: int = 200, **how: Any) -> Any:
        """The card of one type, in place of the one on the page."""
        chapter = self.chapter(kind, **how)
        return self.page("approvals/chapter.html", chapter=chapter, in_words=rule_in_words), status

    # Changing a rule where it stands.

    @expose("/in-place/<kind>", methods=["GET", "POST"])
    @allowed("edit")
    def in_place(self, kind: str) -> Any:
        """The form of one rule, or of a new one, inside its card."""
        of, opened = self._kind(kind), request.args.get("rule", "")
        record = self.load(opened) if opened not in ("", "new") else None
        if record is None and (opened != "new" or not self.may("add")) and opened:
            abort(403)
        if not opened:
            return self.card(of)
        if record is not None and record.kind != kind:
            abort(404)
        if request.method == "GET":
            form = self.form_class()(formdata=None, obj=record, data=None if record else {"kind": kind, "active": True})
            if record is None:
                form["step"].data = min(self.chapter(of).last + 1, MOST_STEPS)
            return self.card(of, form=form, opened=opened)
        form = self.form_class()(obj=record)
        if record is not None and form.version.data != str(record.version):
            form.version.raw_data, form.version.data = [str(record.version)], str(record.version)
            return self.card(of, 422, form=form, opened=opened, problem=STALE)
        form["kind"].data = kind
        if self.save(form, record or RoutingRule(), new=record is None):
            return self.card(of)
        return self.card(of, 422, form=form, opened=opened, problem=" ".join(str(one) for one in form.form_errors))

    @expose("/preview/<kind>", methods=["POST"])
    @allowed("edit")
    def preview(self, kind: str) -> Any:
        """What a rule that is being typed would say, and what would be said aloud of the policy with it."""
        of = self._kind(kind)
        form, rule = self.form_class()(), RoutingRule()
        with db.session.no_autoflush:
            valid = form.validate()
            if valid:
                fill(form, rule, self.edit_columns)
                rule.kind = kind
                rule.user_id = rule.user.id if rule.user is not None else None
                self.check(rule, form)
        if not valid or form.errors:
            return self.page("approvals/effect.html", words="", fresh=(), gone=())
        rules = self._rules(kind)
        others = [one for one in rules if one.id != read_key(request.args.get("rule"))]
        standing = self._standing(of)
        before = remarks(kind, of.plural, rules, standing, rule_in_words)
        after = remarks(kind, of.plural, [*others, rule], standing, rule_in_words)
        return self.page(
            "approvals/effect.html",
            words=rule_in_words(rule),
            fresh=[one for one in after if one not in before],
            gone=[one for one in before if one not in after],
        )

    @expose("/move/<pk>/<direction>", methods=["POST"])
    @allowed("edit")
    def move(self, pk: str, direction: str) -> Any:
        """One place earlier or later."""
        record = self.load(pk)
        of = self._kind(record.kind)
        if direction not in ("earlier", "later"):
            abort(404)
        problem = self._moved(record, direction == "earlier")
        if request.headers.get("HX-Request"):
            return self.card(of, 422 if problem else 200, problem=problem)
        if problem:
            flash(problem, "warning")
        return redirect(f"{self.url('list')}#{of.entity.__tablename__}")

    def _moved(self, record: RoutingRule, earlier: bool) -> str:
        """Give the rules of a type their new steps; what hinders it, if anything does."""
        session, key, pk = db.session(), record.kind, record.id
        session.execute(
            select(RoutingRule.id).where(RoutingRule.kind == key).order_by(RoutingRule.id).with_for_update()
        )
        session.expire_all()
        rules = self._rules(key)
        if request.form.get("order") != fingerprint(rules) or pk not in {one.id for one in rules}:
            session.rollback()
            return STALE
        steps = reordered(rules, pk, earlier)
        if max(steps.values()) > MOST_STEPS:
            session.rollback()
            return f"A document is signed in {MOST_STEPS} steps at most. Let some rules share a step first."
        for one in rules:
            if one.step != steps[one.id]:
                one.step = steps[one.id]
        try:
            session.commit()
        except StaleDataError:
            session.rollback()
            return STALE
        return ""
