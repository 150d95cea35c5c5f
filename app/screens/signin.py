"""The pages for signing in and out, and one's own profile and password."""

from typing import Any

from flask import flash, g, redirect, render_template, request, session, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.sqla.models import User
from flask_login import login_user
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.security import check_password_hash
from wtforms import PasswordField, StringField, ValidationError
from wtforms.validators import EqualTo, InputRequired, Length

from app.entities.approvals import Delegation
from app.extensions import db
from app.people import profile_of
from app.screens import second_factor, security
from app.screens.gate import office, signed_in


class SignInForm(FlaskForm):
    """Name and password."""

    username = StringField(
        "User name",
        [InputRequired("Enter your user name."), Length(max=120)],
        render_kw={"autocomplete": "username", "autofocus": True},
    )
    password = PasswordField(
        "Password",
        [InputRequired("Enter your password."), Length(max=200)],
        render_kw={"autocomplete": "current-password"},
    )


class PasswordForm(FlaskForm):
    """A new password of one's own: at least fifteen characters, no other rule (AU-07)."""

    current = PasswordField(
        "Present password",
        [InputRequired("Enter your present password."), Length(max=200)],
        render_kw={"autocomplete": "current-password"},
    )
    password = PasswordField(
        "New password",
        [
            InputRequired("Enter a new password."),
            Length(min=15, max=200, message="Use 15 to 200 characters: a few words are easy to keep."),
        ],
        description="15 characters or more; spaces are welcome.",
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        "New password again", [EqualTo("password", "The two do not agree.")], render_kw={"autocomplete": "new-password"}
    )

    def validate_current(self, field: PasswordField) -> None:
        """The present password proves that it is you."""
        if not check_password_hash(g.user.password or "", field.data or ""):
            raise ValidationError("This is not your present password.")


class CodeForm(FlaskForm):
    """Six digits from the authenticator, or a spare code."""

    code = StringField(
        "Code",
        [InputRequired("Enter the code."), Length(max=40)],
        description="Six digits, or one of your spare codes.",
        render_kw={"autocomplete": "one-time-code", "inputmode": "text", "autofocus": True},
    )


HALF_WAY = 300
"""Seconds between the password and the code."""


def _half_signed_in() -> tuple[Any, str]:
    """Who has given the password and not the code yet, and where they were going."""
    user_id, mark, at, onward = session.get("half") or (0, "", 0.0, "/")
    user = db.session.get(User, user_id) if office().now().timestamp() - at <= HALF_WAY else None
    known = user is not None and user.active and security.mark_of(user) == mark
    return (user if known else None), own_path(onward)


def own_path(target: str) -> str:
    """A path of this site to go on to; anything else leads home (IN-11)."""
    # Browsers drop tabs and line ends, and read a backslash as a slash: both make another host of a path.
    safe = target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()
    return target if safe and "://" not in target.split("?")[0] else "/"


class SignInView(BaseView):
    """The door of the office."""

    route_base = ""
    default_view = "login"

    @expose("/login/", methods=["GET", "POST"])
    def login(self) -> Any:
        """Sign in. One answer for every failure, so that nobody learns which names exist."""
        form = SignInForm()
        onward = own_path(request.args.get("next", "/"))
        if g.actor is not None:
            return redirect(onward)
        status = 200
        if form.validate_on_submit():
            wait = security.throttled(form.username.data)
            if wait:
                form.form_errors.append(f"Too many tries. Wait {wait} minute{'s' if wait > 1 else ''}, then try again.")
                status = 429
            elif (user := security.check_password(form.username.data, form.password.data)) is None:
                form.form_errors.append("This name and password do not fit. Check both and try again.")
                status = 401
            elif second_factor.factor_of(user.id) is not None:
                session.clear()
                session["half"] = [user.id, security.mark_of(user), office().now().timestamp(), onward]
                return redirect(url_for("SignInView.code"))
            else:
                security.begin(user)
                login_user(user)
                return redirect(onward)
        elif form.errors:
            status = 422
        return render_template("signin.html", form=form, title="Sign in"), status

    @expose("/login/code", methods=["GET", "POST"])
    def code(self) -> Any:
        """The second half of signing in: the code of the person's authenticator (AU-05)."""
        user, onward = _half_signed_in()
        if user is None:
            return redirect(url_for("SignInView.login"))
        form, status = CodeForm(), 200
        if form.validate_on_submit():
            if second_factor.accepts(user, form.code.data or ""):
                security.begin(user, with_code=True)
                login_user(user)
                return redirect(onward)
            form.code.errors = [second_factor.WRONG]
            status = 401
        elif form.errors:
            status = 422
        return render_template("code.html", form=form, title="Your code"), status

    @expose("/logout/", methods=["POST"])
    def logout(self) -> Any:
        """Sign out, by a button and not by a link (AU-09)."""
        security.end()
        return redirect(url_for("SignInView.login"))


class ProfileView(BaseView):
    """What Purser knows of the person who is signed in."""

    route_base = "/profile"
    default_view = "mine"

    @expose("/", methods=["GET"])
    @signed_in
    def mine(self) -> Any:
        """One's office, roles, defaults and deputies."""
        mine = db.session.scalars(
            select(Delegation)
            .where(Delegation.from_user_id == g.user.id)
            .order_by(Delegation.starts_on.desc())
            .limit(20)
        ).all()
        return render_template(
            "profile.html",
            title="Profile",
            profile=profile_of(db.session(), g.user.id),
            delegations=mine,
            appbuilder=self.appbuilder,
        )

    @expose("/password", methods=["GET", "POST"])
    @signed_in
    def password(self) -> Any:
        """A new password; all other sign-ins end."""
        form = PasswordForm()
        if form.validate_on_submit():
            security.set_password(g.user, form.password.data)
            db.session.commit()
            security.begin(g.user)
            login_user(g.user)
            flash("Your password is changed. Everywhere else you are signed out.", "success")
            return redirect(url_for("ProfileView.mine"))
        status = 422 if form.errors else 200
        return render_template("password.html", form=form, title="Change password", appbuilder=self.appbuilder), status
