"""The pages on which a person sets up a second factor, and takes it away. Source: AU-05, AU-06."""

from typing import Any

import segno
from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_wtf import FlaskForm
from markupsafe import Markup
from werkzeug.security import check_password_hash
from wtforms import PasswordField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from app import audit
from app.entities.operations import SecondFactor
from app.extensions import db
from app.screens import second_factor, security
from app.screens.gate import office, signed_in
from app.screens.signin import own_path


class _Own(FlaskForm):
    password = PasswordField(
        "Password",
        [InputRequired("Enter your password."), Length(max=200)],
        render_kw={"autocomplete": "current-password"},
    )
    code = StringField(
        "Code",
        [InputRequired("Enter the code."), Length(max=40)],
        description="The six digits that your authenticator shows now.",
        render_kw={"autocomplete": "one-time-code"},
    )

    def validate_password(self, field: PasswordField) -> None:
        """The password proves that it is you. Wrong ones are counted."""
        wrong = security.throttled(g.user.username) or not check_password_hash(g.user.password or "", field.data or "")
        security.count_try(g.user.username, not wrong)
        if wrong:
            raise ValidationError("This is not your password, or it was tried too often.")


class _Code(FlaskForm):
    code = StringField(
        "Code",
        [InputRequired("Enter the code."), Length(max=40)],
        description="The six digits that your authenticator shows now, or a spare code.",
        render_kw={"autocomplete": "one-time-code", "autofocus": True},
    )


class SecondFactorView(BaseView):
    """One's own second factor."""

    route_base = "/profile/second-factor"
    default_view = "mine"

    @expose("/", methods=["GET", "POST"])
    @signed_in
    def mine(self) -> Any:
        """Set it up: scan or type the secret, then prove with a first code that it works."""
        if g.has_factor:
            return self._page(form=_Own())
        factor, form = second_factor.factor_of(g.user.id, confirmed=False), _Own()
        if factor is None:
            return self._page(form=form)
        if form.validate_on_submit():
            if second_factor.accepts(g.user, form.code.data or ""):
                factor.confirmed_at = office().now()
                codes = second_factor.spare_codes(g.user.id)
                audit.note(db.session(), "changed", g.user, "Second factor set up")
                second_factor.given()
                answer = current_app.make_response(
                    render_template("factor/spare.html", title="Spare codes", codes=codes)
                )
                answer.headers["Cache-Control"] = "no-store"
                return answer
            form.code.errors = [second_factor.WRONG]
        return self._page(form=form, factor=factor, status=422 if form.errors else 200)

    @expose("/start", methods=["POST"])
    @signed_in
    def start(self) -> Any:
        """Make the secret. It stays the same until it is confirmed, so that a page loaded twice shows one."""
        if second_factor.factor_of(g.user.id, confirmed=False) is None:
            db.session.add(SecondFactor(user_id=g.user.id, secret=second_factor.new_secret(), made_at=office().now()))
            db.session.commit()
        return redirect(url_for("SecondFactorView.mine"))

    @expose("/remove", methods=["POST"])
    @signed_in
    def remove(self) -> Any:
        """Take it away: with the password and a last code, and on record."""
        form = _Own()
        if not g.has_factor:
            return redirect(url_for("SecondFactorView.mine"))
        if form.validate_on_submit():
            if second_factor.accepts(g.user, form.code.data or ""):
                second_factor.remove(g.user.id)
                audit.note(db.session(), "changed", g.user, "Second factor removed")
                db.session.commit()
                flash("You sign in with your password alone again.", "success")
                return redirect(url_for("ProfileView.mine"))
            form.code.errors = [second_factor.WRONG]
        return self._page(form=form, status=422)

    @expose("/ask", methods=["GET", "POST"])
    @signed_in
    def ask(self) -> Any:
        """The code, before a page on which money is led somewhere else."""
        onward, form = own_path(request.args.get("next", "/")), _Code()
        if not second_factor.wants_code():
            return redirect(onward)
        if form.validate_on_submit():
            if not (why := second_factor.step_up(form.code.data or "")):
                return redirect(onward)
            form.code.errors = [why]
        status = 422 if form.errors else 200
        return render_template("factor/ask.html", title="Your code", form=form, appbuilder=self.appbuilder), status

    def _page(self, form: FlaskForm, factor: SecondFactor | None = None, status: int = 200) -> Any:
        shown: dict[str, Any] = {}
        if factor is not None:
            address = second_factor.authenticator(factor.secret).get_provisioning_uri(g.user.username, office().name)
            picture = segno.make(address, error="m").svg_inline(scale=4, border=2, omitsize=False, lineclass=None)
            shown = {"picture": Markup(picture), "typed": spaced(address)}
        page = render_template(
            "factor/mine.html",
            title="Second factor",
            form=form,
            required=second_factor.required(),
            appbuilder=self.appbuilder,
            **shown,
        )
        answer = current_app.make_response((page, status))
        answer.headers["Cache-Control"] = "no-store"
        return answer


def spaced(address: str) -> str:
    """The secret of an authenticator's address in groups of four, for whoever types it."""
    secret = address.partition("secret=")[2].partition("&")[0]
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
