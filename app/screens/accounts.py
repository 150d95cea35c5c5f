"""Accounts: only administrators manage them (RB-13)."""

from typing import Any

from flask import request
from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import select
from wtforms import BooleanField, PasswordField, SelectMultipleField
from wtforms.validators import Length, Optional

from app import access
from app.extensions import db
from app.screens import second_factor, security
from app.screens.base import Screen
from app.screens.forms import RecordForm
from app.screens.gate import actor


class PersonScreen(Screen, of=User):
    """Who may sign in, and with which roles."""

    title, plural = "Account", "Accounts"
    route_base = "/users"
    list_columns = ("username", "first_name", "last_name", "email", "active", "roles", "last_login")
    show_columns = ("username", "first_name", "last_name", "email", "active", "roles", "last_login", "login_count")
    search_columns = ("username", "first_name", "last_name", "email", "active")
    searched = lookup_columns = ("username", "first_name", "last_name")
    edit_columns = ("username", "first_name", "last_name", "email", "active", "roles")
    order_columns = ("username", "first_name", "last_name", "email", "last_login")
    base_sort = ("username", False)
    labels = {"username": "User name", "login_count": "Sign-ins", "last_login": "Last sign-in", "active": "May sign in"}
    exclude_route_methods = {"delete"}
    calls_may_write = False

    def eager(self) -> tuple[str, ...]:
        """The list shows everybody's roles."""
        return ("roles",)

    def form_class(self) -> type[RecordForm]:
        """The account's fields, its roles, and a first or a new password."""
        roles = [(role.id, role.name) for role in db.session.scalars(select(Role).order_by(Role.name))]
        base = super().form_class()

        class AccountForm(base):  # type: ignore[misc, valid-type]
            """An account."""

            roles_chosen = SelectMultipleField("Roles", choices=roles, coerce=int)
            new_password = PasswordField(
                "Password",
                [Optional(), Length(min=15, max=200, message="Use 15 to 200 characters.")],
                description="15 characters or more. Leave it empty to keep the present one.",
                render_kw={"autocomplete": "new-password"},
            )

            forget_factor = BooleanField(
                "Take the second factor away",
                description="When the device is lost. The person sets up a new one after signing in; it is on record.",
            )

            def __init__(self, *args: Any, obj: Any = None, **kwargs: Any) -> None:
                super().__init__(*args, obj=obj, **kwargs)
                del self.roles
                if obj is None or second_factor.factor_of(obj.id) is None:
                    del self.forget_factor
                if request.method == "GET" and obj is not None:
                    self.roles_chosen.data = [role.id for role in obj.roles]

        return AccountForm

    def save(self, form: RecordForm, record: Any, new: bool) -> bool:
        if new and not form["new_password"].data:
            form.validate()
            form["new_password"].errors = ["Enter a first password."]
            return False
        return super().save(form, record, new)

    def before_save(self, record: Any, new: bool) -> None:
        """Roles and password; deactivation and a new password end the person's sign-ins."""
        form = self.form_class()(obj=None if new else record)
        record.roles = list(db.session.scalars(select(Role).where(Role.id.in_(form.roles_chosen.data or []))))
        if form.new_password.data:
            security.set_password(record, form.new_password.data)
        if "forget_factor" in form and form.forget_factor.data:
            second_factor.remove(record.id)

    def check(self, record: Any, form: RecordForm) -> None:
        """Who gives out rights or audits holds no business role, and administrators do not lock themselves out."""
        names = {name for key, name in form["roles_chosen"].choices if key in (form["roles_chosen"].data or [])}
        if alone := [name for name in access.HELD_ALONE if name in names and len(names) > 1]:
            form["roles_chosen"].errors = [
                f"The role {alone[0]} is held alone: {access.HELD_ALONE[alone[0]]}. Make a second account for other work."
            ]
        if record.id == actor().user_id and (not record.active or "Admin" not in names):
            form["roles_chosen"].errors = ["You would lock yourself out. Ask another administrator."]
