"""What a call is told when it cannot be carried out: in words, with every problem at once, and never as a page.

The form is that of RFC 9457, application/problem+json. Source: OP-02."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, make_response

from app.api.fields import Schema
from app.extensions import db
from app.rules.deeds import Problem
from app.rules.lifecycle import IllegalMove
from app.screens import errors
from app.workflow import Refused

MEDIA_TYPE = "application/problem+json"

SAID = errors.SAID | {
    401: ("Please sign in", "Send the token of a sign-in as Authorization: Bearer; it lasts a quarter of an hour."),
    405: ("Not with this method", "The header Allow names the methods that this address takes."),
}
"""Status → what happened, and what to do: the words of the pages, except where those speak of pages."""

PROBLEM: Schema = {
    "type": "object",
    "required": ["title", "status", "detail"],
    "properties": {
        "title": {"type": "string", "description": "What happened."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What to do."},
        "problems": {
            "type": "array",
            "description": "What the rules say against it, each with its place in the document.",
            "items": {
                "type": "object",
                "required": ["message"],
                "properties": {
                    "message": {"type": "string"},
                    "line": {"type": ["integer", "null"], "description": "The position of the line."},
                    "field": {"type": "string"},
                },
            },
        },
        "fields": {
            "type": "object",
            "description": "Field → what is wrong with it; without a name: with the whole.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "incident": {"type": "string", "description": "The number to tell the administrator."},
    },
}
"""The shape of every refusal."""


class Wrong(Exception):
    """What was sent cannot be taken: field → why."""

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        self.fields = {name: list(said) for name, said in fields.items()}
        super().__init__(str(self.fields))


class Stale(Exception):
    """Somebody else has changed it since it was read."""


class NoVersion(Exception):
    """A change that does not say which version it is of."""


def problem(code: int, heading: str, message: str, incident: str = "", **more: Any) -> Response:
    """A refusal."""
    told = {"title": heading, "status": code, "detail": message, **more}
    answer = make_response(told | ({"incident": incident} if incident else {}), code)
    answer.mimetype = MEDIA_TYPE
    if code == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def refusal(code: int, message: str = "", **more: Any) -> Response:
    """A refusal in the usual words of its status, or in better ones."""
    heading, advice = SAID.get(code, SAID[500])
    return problem(code, heading, message or advice, **more)


def error(code: int, message: str, incident: str) -> Response:
    """What went wrong on the way to a call's own answer."""
    return refusal(code, message, incident=incident)


def in_json(one: Problem) -> dict[str, Any]:
    """A rule's words, with their place."""
    return {"message": str(one), "line": one.line, "field": one.field}


def _refused(why: Refused) -> Response:
    db.session.rollback()
    problems = [in_json(one) for one in why.problems]
    return problem(409, "The rules say no", "Put right what the problems say, then repeat.", problems=problems)


def _illegal(why: IllegalMove) -> Response:
    db.session.rollback()
    return problem(
        409, "That is no step from here", str(why), problems=[{"message": str(why), "line": None, "field": ""}]
    )


def _wrong(why: Wrong) -> Response:
    db.session.rollback()
    detail = "; ".join(f"{name}: {' '.join(said)}" if name else " ".join(said) for name, said in why.fields.items())
    return problem(422, SAID[422][0], detail, fields=why.fields)


def _stale(_why: Stale) -> Response:
    db.session.rollback()
    detail = "Read it again, look at what has changed, and repeat with the new version in If-Match."
    return problem(412, SAID[409][0], detail)


def _no_version(_why: NoVersion) -> Response:
    db.session.rollback()
    detail = 'Say which version you change: send the ETag of what you read as If-Match, or "version" with the fields.'
    return problem(428, "Which version?", detail)


def install(blueprint: Blueprint) -> None:
    """Answer what the rules, the fields and the versions refuse."""
    for kind, answer in (
        (Refused, _refused),
        (IllegalMove, _illegal),
        (Wrong, _wrong),
        (Stale, _stale),
        (NoVersion, _no_version),
    ):
        blueprint.register_error_handler(kind, answer)
