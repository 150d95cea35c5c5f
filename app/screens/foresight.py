"""Who would sign, and why: of a draft on its own page, and of any document that one can think of, for those who keep
the signing policy. Source: DOC-05."""

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from typing import Any

from flask import redirect, render_template, request
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.sqla.models import User
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from app.entities.approvals import RoutingRule
from app.entities.catalog import CommodityCode
from app.entities.document import EDITABLE
from app.entities.organization import Organization
from app.extensions import db
from app.facts import Answers
from app.rules.approvals import preparers
from app.rules.awards import SUBTYPES
from app.rules.deeds import Absent, Actor
from app.rules.documents import KINDS, Kind, kind_named
from app.rules.forecast import Forecast, forecast
from app.rules.numbers import read_key
from app.rules.routing import Case, case_of, sentence
from app.scope import unscoped
from app.screens.forms import ExactField, LookupField, fill
from app.screens.gate import allowed, office
from app.screens.lookups import lookup
from app.screens.present import document_url, full_name

SIGNED = [(kind.entity.__tablename__, kind.name) for kind in KINDS.values() if kind.signed]
"""The types of document that people sign: table and name."""

NO_TOKEN = {"csrf": False}
"""A question in the address changes nothing."""


def signer_in_words(rule: RoutingRule) -> str:
    """Whose signature a rule asks for."""
    return full_name(rule.user) if rule.user is not None else rule.role


def rule_in_words(rule: RoutingRule) -> str:
    """A rule as a sentence."""
    kind = kind_named(rule.kind)
    return sentence(rule, kind.plural if kind else rule.kind, signer_in_words(rule))


def forecast_of(document: Any, kind: Kind) -> Forecast:
    """Who would sign a document as it stands, with every bar that would be met at signing."""
    facts = Answers(db.session(), office())

    def bars(actor: Actor, place: Actor | Absent) -> Iterator[str]:
        for apart in kind.apart:
            yield from apart(document, actor, place, facts)

    with unscoped(db.session()):  # as it will be when the button is pressed
        rules = facts.routing_rules(document.kind)
        return forecast(case_of(document), rules, facts, kind.entity, preparers(document), bars)


class WhoSigns:
    """The page of a draft that says who would be asked to sign it."""

    kind: Kind
    load: Any
    page: Any

    @expose("/signers/<pk>")
    @allowed("show")
    def signers(self, pk: str) -> Any:
        """Each step, the rules that ask for it, and the people whom it is open to or not. Of a document that is on its
        way, its own page says so."""
        document = self.load(pk)
        if not self.kind.signed or document.state not in EDITABLE:
            return redirect(document_url(document))
        found = forecast_of(document, self.kind)
        return self.page(
            "approvals/signers.html",
            document=document,
            found=found,
            in_words=rule_in_words,
            title=f"Who would sign {document.name}",
        )


class CaseForm(FlaskForm):
    """A document that one can think of."""

    kind = SelectField("Document type", choices=SIGNED)
    organization = LookupField("Office", [InputRequired("Choose an office.")], **lookup("organization"))
    amount = ExactField("Total", [InputRequired("Enter the total.")])
    code = LookupField("Commodity code", description="Says the class and whether it is information technology.",
                       **lookup("commodity_code"))  # fmt: skip
    commodity_class = StringField("Or only a class", [Optional(), Length(max=20, message="At most 20 characters.")],
                                  description="The first characters of a code.")  # fmt: skip
    technology = BooleanField("Information technology")
    subtype = SelectField(
        "Subtype", [Optional()], choices=[("", "Any"), *((one, one.capitalize()) for one in SUBTYPES)]
    )
    author = LookupField("Who makes it", description="Those who make a document do not sign it.", entity=User,
                         url="/lookup/person")  # fmt: skip

    def case(self) -> Case:
        """The document as the signing policy would see it."""
        code: CommodityCode | None = self.code.data
        place: Organization = self.organization.data
        typed = (self.commodity_class.data or "").strip()
        return Case(
            kind=self.kind.data,
            office=place.name,
            path=place.path,
            total=self.amount.data or Decimal(0),
            codes=frozenset(one for one in (code.code if code else "", typed) if one),
            technology=bool(self.technology.data or (code is not None and code.technology)),
            subtype=self.subtype.data or "",
        )

    def made_by(self) -> Collection[int]:
        """Who would have made it."""
        return {self.author.data.id} if self.author.data is not None else set()


class SigningSimulator(BaseView):
    """Who would sign a document that one can think of, under the policy as it is or with one rule changed."""

    route_base = "/signing"
    default_view = "index"
    class_permission_name = "RoutingRule"
    plural = "Who would sign"

    @expose("/")
    @allowed("list")
    def index(self) -> Any:
        """The question stands in the address, so that it can be kept and passed on."""
        asked = "kind" in request.args
        form = CaseForm(request.args if asked else None, meta=NO_TOKEN)
        changed = bool(request.args.get("what_if"))
        what_if = self._rule_form()(request.args if changed else None, prefix="rule-", meta=NO_TOKEN)
        valid = asked and form.validate() and (not changed or what_if.validate())
        rules = self._policy(form.kind.data, what_if if changed and valid else None) if valid else []
        facts = Answers(db.session(), office())
        kind = kind_named(form.kind.data) if valid else None
        return render_template(
            "approvals/simulator.html",
            title=self.plural,
            appbuilder=self.appbuilder,
            form=form,
            what_if=what_if,
            changed=changed,
            instead=read_key(request.args.get("instead")),
            rules=facts.routing_rules(form.kind.data or SIGNED[0][0]),
            found=forecast(form.case(), rules, facts, kind.entity, form.made_by()) if kind else None,
            in_words=rule_in_words,
        ), (422 if asked and not valid else 200)

    def _rule_form(self) -> Any:
        screen = next(one for one in self.appbuilder.baseviews if getattr(one, "entity", None) is RoutingRule)
        return screen.form_class()

    def _policy(self, kind: str, what_if: Any) -> Sequence[RoutingRule]:
        """The rules of a type, one of them taken out and a changed one put in, if that is asked."""
        rules = Answers(db.session(), office()).routing_rules(kind)
        if what_if is None:
            return rules
        instead = read_key(request.args.get("instead"))
        rule = RoutingRule()
        with db.session.no_autoflush:
            fill(what_if, rule, [field.short_name for field in what_if if hasattr(RoutingRule, field.short_name)])
        return [one for one in rules if one.id != instead] + [rule]
