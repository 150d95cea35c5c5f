"""People, where no page can help: `flask --app app first-admin | lost-factor NAME`."""

from collections.abc import Callable
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import delete, func, select
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

from app import audit
from app.entities.operations import SecondFactor, SignIn, SpareCode
from app.entities.organization import Organization, Profile
from app.extensions import db

LEAST_PASSWORD = 15
"""Characters; no other rule, so that a few words will do (AU-07)."""

commands = AppGroup()


def register(group: Any) -> None:
    """Add the command to a group."""
    group.add_command(first_admin)
    group.add_command(lost_factor)


@commands.command("first-admin")
def first_admin() -> None:
    """Make the first administrator, who makes all other accounts."""
    session = db.session()
    role = _admin_role(session)
    known = session.scalar(select(User).where(User.roles.any(Role.id == role.id)).limit(1))
    if known is not None:
        raise click.ClickException(f"There is an administrator already: {known.username}. They make further accounts.")
    answers = {
        "first_name": _ask("First name"),
        "last_name": _ask("Last name"),
        "username": _ask("User name", _free(session)),
        "email": _ask("E-mail", _email(session)),
        "password": _hashed(_password()),
    }
    top = session.scalar(
        select(Organization).where(Organization.parent_id.is_(None)).order_by(Organization.id).limit(1)
    )
    if top is None:
        top = _top_organization(session)
    user = User(active=True, roles=[role], **answers)
    session.add(user)
    session.flush()
    session.add(Profile(user_id=user.id, organization_id=top.id))
    session.commit()
    click.echo(f"{user.username} is administrator of {top.name}. Sign in and make the accounts of the others.")


@commands.command("lost-factor")
@click.argument("username")
def lost_factor(username: str) -> None:
    """Take somebody's second factor and spare codes away, who can show neither, and end their visits. It is on record."""
    session = db.session()
    user = session.scalar(select(User).where(User.username == username))
    if user is None:
        raise click.ClickException(f"Nobody is called {username}.")
    if session.scalar(select(func.count()).where(SecondFactor.user_id == user.id)) == 0:
        raise click.ClickException(f"{username} has no second factor.")
    # Past the entity: without its key the secret cannot even be loaded.
    for entity in (SecondFactor, SpareCode, SignIn):
        session.execute(delete(entity.__table__).where(entity.user_id == user.id))  # type: ignore[arg-type]
    audit.note(session, "remove", user, "Second factor and spare codes taken away by a command on the server")
    session.commit()
    click.echo(f"{username} signs in with the password alone now, and should set up a new second factor at once.")


def _admin_role(session: Session) -> Role:
    try:
        role = session.scalar(select(Role).where(Role.name == "Admin"))
    except (OperationalError, ProgrammingError):  # not even tables
        role = None
    if role is None:
        raise click.ClickException("The database is not set up yet. Run first: flask --app app setup")
    return role


def _top_organization(session: Session) -> Organization:
    click.echo("There is no organization yet. Name the one above all others; the rest follows on its page.")
    top = Organization(
        code=_ask("Its code, such as STATE"), name=_ask("Its name", default=current_app.config["OFFICE_NAME"])
    )
    session.add(top)
    session.flush()
    top.path = f"/{top.id}/"
    return top


def _ask(question: str, check: Callable[[str], None] | None = None, default: str | None = None) -> str:
    """What is typed, asked again until it will do."""

    def taken(typed: str) -> str:
        words = typed.strip()
        if not 0 < len(words) <= 64:
            raise click.UsageError("Enter 1 to 64 characters.")
        if check is not None:
            check(words)
        return words

    return click.prompt(question, value_proc=taken, default=default)


def _free(session: Session) -> Callable[[str], None]:
    def check(name: str) -> None:
        if session.scalar(select(User.id).where(func.lower(User.username) == name.lower())) is not None:
            raise click.UsageError(f"Somebody is called {name} already.")

    return check


def _email(session: Session) -> Callable[[str], None]:
    def check(address: str) -> None:
        name, at, host = address.partition("@")
        if not (name and at and "." in host) or " " in address:
            raise click.UsageError("Enter an address like ada@example.org.")
        if session.scalar(select(User.id).where(func.lower(User.email) == address.lower())) is not None:
            raise click.UsageError("That address belongs to another account.")

    return check


def _password() -> str:
    def taken(typed: str) -> str:
        if not LEAST_PASSWORD <= len(typed) <= 200:
            raise click.UsageError(f"Use {LEAST_PASSWORD} to 200 characters: a few words are easy to keep.")
        return typed

    return click.prompt("Password", hide_input=True, confirmation_prompt=True, value_proc=taken)


def _hashed(password: str) -> str:
    method = current_app.config.get("FAB_PASSWORD_HASH_METHOD")
    return generate_password_hash(password, **({"method": method} if method else {}))
