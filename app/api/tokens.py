"""Signing in for calls: a token of fifteen minutes, which names a sign-in on the server.

The token is worth nothing once that sign-in ended, the password changed or the account was closed; rights are read anew
with each call. Source: AU-01 … AU-05, RB-17."""

from datetime import timedelta
from typing import Any

from flask import Flask, Response, g, jsonify, make_response, request
from flask_appbuilder.security.sqla.models import User
from flask_jwt_extended import create_access_token, create_refresh_token, decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt import PyJWTError

from app.api.answers import problem
from app.api.fields import Schema
from app.api.records import sent
from app.rules.numbers import read_key
from app.screens import second_factor, security
from app.screens.errors import SAID

GOOD_FOR = timedelta(minutes=15)
RENEWED_FOR = timedelta(hours=12)

LOGIN: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["username", "password"],
    "properties": {
        "username": {"type": "string", "minLength": 1, "maxLength": 120},
        "password": {"type": "string", "minLength": 1, "maxLength": 200},
        "code": {"type": "string", "maxLength": 40, "description": "Of the second factor, for who has one."},
        "provider": {"type": "string", "enum": ["db"], "description": "Where accounts are kept: here."},
        "refresh": {"type": "boolean", "description": "Whether a refresh token is wanted too."},
    },
}

NOBODY = type("Nobody", (), {"is_authenticated": False})()


def configure(app: Flask) -> None:
    """How tokens are made: with a key of their own, which follows from the one that signs cookies."""
    app.config["JWT_SECRET_KEY"] = security.digest(f"tokens of calls {app.config['SECRET_KEY']}")
    app.config["JWT_ACCESS_TOKEN_EXPIRES"] = GOOD_FOR
    app.config["JWT_REFRESH_TOKEN_EXPIRES"] = RENEWED_FOR


def person() -> Any:
    """Who makes the present call."""
    return _bearer("access") or NOBODY


def _bearer(kind: str) -> User | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return None
    try:
        said = decode_token(token.strip())
    except (PyJWTError, JWTExtendedException, ValueError):
        return None
    if said.get("type") != kind:
        return None
    g.sign_in_token = str(said.get("sign_in", ""))
    user = security.standing(g.sign_in_token, read_key(str(said.get("sub", ""))))
    if user is not None:
        g.user = user
    return user


def login() -> Response:
    """Name and password for a token. One answer for every failure."""
    body = sent(LOGIN)
    account = body["username"]
    if wait := security.throttled(account):
        answer = problem(429, SAID[429][0], f"Too many tries. Wait {wait} minutes, then try again.")
        answer.headers["Retry-After"] = str(wait * 60)
        return answer
    user = security.check_password(account, body["password"])
    if user is None:
        return problem(401, SAID[401][0], "This name and password do not fit.")
    if second_factor.factor_of(user.id) is not None and not second_factor.accepts(user, body.get("code", "")):
        return problem(
            401, SAID[401][0], "Send the code that the authenticator shows now, as code.", fields={"code": []}
        )
    token = security.open_sign_in(user, with_code="code" in body)
    said = {"access_token": _access(user, token), "expires_in": int(GOOD_FOR.total_seconds())}
    if body.get("refresh"):
        said["refresh_token"] = create_refresh_token(str(user.id), additional_claims={"sign_in": token})
    return jsonify(said)


def _access(user: User, token: str) -> str:
    return create_access_token(str(user.id), additional_claims={"sign_in": token})


def refresh() -> Response:
    """A new token for a refresh token."""
    user = _bearer("refresh")
    if user is None:
        return problem(401, SAID[401][0], "The sign-in has ended. Sign in again.")
    return jsonify(access_token=_access(user, g.sign_in_token), expires_in=int(GOOD_FOR.total_seconds()))


def logout() -> Response:
    """End the sign-in: its tokens are worth nothing from now on."""
    if g.actor is None:
        return problem(401, *SAID[401])
    security.close_sign_in(g.sign_in_token)
    return make_response("", 204)
