"""What programs ask of Purser: the records and documents of the screens, over HTTP and in JSON. Source: OP-02.

A call is made out of the same tables as a page: the columns that a screen lists, searches, sorts and edits, the row of
KINDS with its moves and rules, the rights of ROLES and the sight of the session. `/api/v1/_openapi` describes all of it,
and what a call sends is checked against that very description. Why screens and not the entities: docs/decisions."""

from typing import Any

from flask import Blueprint, Flask, Response, session

from app.api import actions, answers, attachments, description, lines, records, rosters, tokens
from app.extensions import csrf
from app.screens import errors, gate

ROOT = "/api/v1"

blueprint = Blueprint("api", __name__, url_prefix=ROOT)


@blueprint.after_request
def _leave_no_cookie(answer: Response) -> Response:
    """Calls bring their token each time: nothing is kept for the next one, no page may store what they say."""
    session.clear()
    session.modified = session.accessed = False  # type: ignore[attr-defined]
    answer.headers.setdefault("Cache-Control", "no-store")
    return answer


ROUTES: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/security/login", tokens.login),
    ("POST", "/security/refresh", tokens.refresh),
    ("POST", "/security/logout", tokens.logout),
    ("GET", "/_openapi", description.show),
    ("GET", "/<kind>", records.rows),
    ("POST", "/<kind>", records.create),
    ("GET", "/<kind>/<int:pk>", records.read),
    ("PATCH", "/<kind>/<int:pk>", records.change),
    ("PUT", "/<kind>/<int:pk>", records.change),
    ("DELETE", "/<kind>/<int:pk>", records.remove),
    ("GET", "/<kind>/<int:pk>/lines", lines.rows),
    ("POST", "/<kind>/<int:pk>/lines", lines.create),
    ("GET", "/<kind>/<int:pk>/lines/<int:line>", lines.read),
    ("PATCH", "/<kind>/<int:pk>/lines/<int:line>", lines.change),
    ("DELETE", "/<kind>/<int:pk>/lines/<int:line>", lines.remove),
    ("GET", "/<kind>/<int:pk>/attachments", attachments.rows),
    ("POST", "/<kind>/<int:pk>/attachments", attachments.create),
    ("GET", "/<kind>/<int:pk>/attachments/<int:file>", attachments.read),
    ("DELETE", "/<kind>/<int:pk>/attachments/<int:file>", attachments.remove),
    ("GET", "/<kind>/<int:pk>/named/<roster>", rosters.rows),
    ("POST", "/<kind>/<int:pk>/named/<roster>", rosters.create),
    ("DELETE", "/<kind>/<int:pk>/named/<roster>/<int:row>", rosters.remove),
    ("GET", "/<kind>/<int:pk>/history", actions.history),
    ("GET", "/<kind>/<int:pk>/problems", actions.problems),
    ("GET", "/<kind>/<int:pk>/print", actions.paper),
    ("POST", "/<kind>/<int:pk>/actions/<action>", actions.act),
)
"""Method, address, and what answers."""

for _method, _path, _answer in ROUTES:
    _name = f"{_answer.__module__.rpartition('.')[2]}_{_answer.__name__}"
    blueprint.add_url_rule(_path, _name, _answer, methods=[_method], strict_slashes=False)
answers.install(blueprint)


def install(app: Flask) -> None:
    """Put the calls into the application. They are asked with a token, never with a browser's cookie, so that no page
    elsewhere can make a browser send one."""
    csrf.exempt(blueprint)
    tokens.configure(app)
    gate.IDENTIFY[blueprint.name] = tokens.person
    errors.SPEAKING[f"{ROOT}/"] = answers.error
    app.register_blueprint(blueprint)
