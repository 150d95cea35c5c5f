"""Signing in and out, and what Flask-AppBuilder asks about rights.

A sign-in is a row on the server; the cookie only names it. Signing out, a new password or a deactivated account end
it at once. Failed sign-ins are counted in the database, per account and network, so that all workers agree.
Source: AU-01 … AU-03, AU-11."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from flask import current_app, g, has_request_context, request, session
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import ColumnElement, and_, delete, func, insert, select, update
from werkzeug.security import check_password_hash, generate_password_hash

from app import rights
from app.entities.operations import SecondFactor, SignIn, SignInAttempt
from app.extensions import db
from app.facts import Answers
from app.rules.numbers import read_key
from app.screens.gate import office

WINDOW = timedelta(minutes=15)
TRIES = 5
TRIES_OF_NETWORK = 60
TOUCH = timedelta(minutes=1)


def digest(text: str) -> str:
    """What is stored of a token or password: never the thing itself."""
    return hashlib.sha256(text.encode()).hexdigest()


def mark_of(user: User) -> str:
    """Changes with the password and with deactivation: sign-ins made before it no longer count."""
    return digest(f"{user.password}{user.active}")


def network() -> str:
    """Where a request comes from; proxies are believed only as far as the configuration says."""
    return (request.remote_addr or "")[:60]


class OfficeSecurity(SecurityManager):
    """Rights come from the person's grants, read once a request; menus follow from what one may list."""

    menu_needs: dict[str, tuple[str, str]] = {}
    menu_sections: dict[str, list[str]] = {}

    def register_views(self) -> None:
        """Our own screens for signing in, accounts and roles are registered with the menu (`app/views.py`)."""

    def before_request(self) -> None:
        """FAB reads `g.user`; it is the person who signed in."""
        from flask_login import current_user

        g.user = current_user

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """Whether the person may; a menu entry is seen by who may list what it leads to."""
        actor = g.get("actor")
        if actor is None:
            return False
        if permission_name != "menu_access":
            return (permission_name, view_name) in actor.grants
        if view_name in self.menu_needs:  # first: a section may be called like one of its entries
            return self.menu_needs[view_name] in actor.grants
        section = self.menu_sections.get(view_name)
        return section is None or any(self.menu_needs[one] in actor.grants for one in section)

    def is_item_public(self, permission_name: str, view_name: str) -> bool:
        """Nothing of the office is public."""
        return False

    def load_user(self, pk: str) -> User | None:
        """The person behind a cookie, while the sign-in that it names still stands."""
        if not has_request_context() or not read_key(pk):
            return None
        return standing(session.get("sign_in", ""), read_key(pk))


def standing(token: str, user_id: int) -> User | None:
    """The person of a sign-in, while it stands: neither ended nor idle too long, the account active, the password the
    same."""
    now = office().now()
    found = (
        db.session()
        .execute(
            select(SignIn, User, SecondFactor.id, rights.STAMP)
            .join(User, SignIn.user_id == User.id)
            .outerjoin(SecondFactor, has_factor(User.id))
            .where(SignIn.token_digest == digest(token), SignIn.user_id == user_id),
            execution_options={"skip_scope": True},
        )
        .first()
    )
    if found is None:
        return None
    sign_in, user, factor, stamp = found
    db.session().info["rights_stamp"] = stamp
    idle = timedelta(minutes=int(Answers(db.session(), office()).policy("idle sign-out")))
    if not user.active or sign_in.password_mark != mark_of(user) or now - sign_in.seen_at > idle:
        return None
    if now - sign_in.seen_at > TOUCH:
        key = sign_in.id
        db.session().rollback()  # nothing is written yet; the turn to write goes back, so that the mark can have it
        with db.engine.begin() as connection:
            connection.execute(update(SignIn.__table__).where(SignIn.__table__.c.id == key).values(seen_at=now))
    g.sign_in, g.has_factor = sign_in, factor is not None
    return user


def throttled(account: str) -> int:
    """For how many minutes this account may not be tried from here; 0 when it may."""
    since, place = office().now() - WINDOW, network()
    tries = SignInAttempt.__table__.c
    mine, all_of_them, first = (
        db.session()
        .execute(
            select(
                func.count().filter(tries.account == account.lower()),
                func.count(),
                func.min(tries.at).filter(tries.account == account.lower()),
            ).where(tries.network == place, tries.at > since)
        )
        .one()
    )
    if mine < TRIES and all_of_them < TRIES_OF_NETWORK:
        return 0
    waited = office().now() - first if first is not None else timedelta()
    return max(1, int((WINDOW - waited).total_seconds() // 60) + 1)


def check_password(account: str, password: str) -> User | None:
    """The person with that name and password. Unknown names take as long as wrong passwords, and both are counted."""
    user = db.session().scalar(select(User).where(func.lower(User.username) == account.lower()))
    stored = (
        user.password if user is not None and user.password else current_app.config["AUTH_DB_FAKE_PASSWORD_HASH_CHECK"]
    )
    right = check_password_hash(stored, password) and user is not None and user.active
    count_try(account, right)
    return user if right else None


def count_try(account: str, right: bool) -> None:
    """Remember a failure from here, or forget those before a success."""
    tries, session = SignInAttempt.__table__, db.session()
    if right:
        session.execute(delete(tries).where(tries.c.account == account.lower(), tries.c.network == network()))
    else:
        session.execute(insert(tries).values(account=account.lower()[:120], network=network(), at=office().now()))
    session.commit()


def has_factor(user_id: Any) -> ColumnElement[bool]:
    """A second factor of a person that counts."""
    return and_(SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_not(None))


def begin(user: User, with_code: bool = False) -> None:
    """A new sign-in at a browser: the old cookie's contents go, a fresh token comes (AU-03)."""
    token = open_sign_in(user, with_code)
    session.clear()
    session.permanent = True
    session["sign_in"] = token


def open_sign_in(user: User, with_code: bool = False) -> str:
    """A new sign-in, and the token that names it."""
    now, token = office().now(), secrets.token_urlsafe(32)
    db.session().execute(
        insert(SignIn.__table__).values(
            token_digest=digest(token),
            user_id=user.id,
            password_mark=mark_of(user),
            started_at=now,
            seen_at=now,
            proved_at=now,
            code_at=now if with_code else None,
            network=network(),
        )
    )
    user.last_login, user.login_count = now.replace(tzinfo=None), (user.login_count or 0) + 1
    db.session().info["untracked"] = True
    db.session().commit()
    return token


def end() -> None:
    """Sign out at this browser."""
    close_sign_in(session.get("sign_in", ""))
    session.clear()


def close_sign_in(token: str) -> None:
    """The row goes, so that what names it is worth nothing (AU-02)."""
    db.session().execute(delete(SignIn.__table__).where(SignIn.__table__.c.token_digest == digest(token)))
    db.session().commit()


def proves(password: str) -> bool:
    """Whether the person's signature stands: the right password now, or given within the window that the office
    allows. Errors: none; a wrong one is counted like a failed sign-in."""
    now = office().now()
    if not password:
        window = int(Answers(db.session(), office()).policy("signature window"))
        return bool(window) and now - g.sign_in.proved_at <= timedelta(minutes=window)
    user_id, account = g.user.id, g.user.username
    if throttled(account) or check_password(account, password) is None:
        return False
    db.session().execute(
        update(SignIn.__table__)
        .where(SignIn.__table__.c.id == g.sign_in.id, SignIn.__table__.c.user_id == user_id)
        .values(proved_at=now)
    )
    db.session().commit()
    return True


def set_password(user: User, password: str) -> None:
    """A new password: all sign-ins with the old one end."""
    method: dict[str, Any] = {}
    if current_app.config.get("FAB_PASSWORD_HASH_METHOD"):
        method["method"] = current_app.config["FAB_PASSWORD_HASH_METHOD"]
    user.password = generate_password_hash(password, **method)
