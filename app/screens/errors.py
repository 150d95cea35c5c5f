"""What a person reads when something cannot be done: what happened, in words, and what to do next. Never a stack,
never SQL (OP-02)."""

import logging
import secrets
from collections.abc import Callable
from typing import Any

from flask import Flask, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, SecurityError

from app.extensions import db
from app.integrity import Frozen
from app.rules.lifecycle import IllegalMove
from app.scope import OutOfSight
from app.sealing import Unreadable
from app.totals import TooLarge
from app.workflow import Forbidden, Gone

log = logging.getLogger(__name__)

SAID = {
    400: (
        "That request makes no sense",
        "The address or form has a part that this page does not know. Go back and try again.",
    ),
    401: ("Please sign in", "Your visit has ended. Sign in and repeat what you did."),
    403: (
        "You may not do that",
        "Your roles do not allow it, and the attempt is on record. If your work needs it, ask an administrator.",
    ),
    404: ("There is nothing here", "It does not exist, or it belongs to an office whose documents you do not see."),
    405: ("This needs a button", "The address works only through the button on its page."),
    422: ("That cannot be saved", "Go back, correct what the page says, and save again."),
    415: ("That is of another kind", "Send JSON, with the header Content-Type: application/json."),
    409: ("Somebody was faster", "What you wanted to change has changed meanwhile. Open it again and look."),
    413: ("That is too large", "A request may have 20 megabytes. Attach smaller files, one at a time."),
    429: ("Too many tries", "Wait a few minutes and try again."),
    500: (
        "Something went wrong on our side",
        "Nothing was half saved. Try again; if it happens again, tell your administrator the number below.",
    ),
    503: ("Purser is very busy", "Nothing was saved. Try again in a moment."),
}
"""Status → what happened, and what to do."""


SPEAKING: dict[str, Callable[[int, str, str], Any]] = {}
"""Beginning of an address → how errors are told there, where no page is read. Takes status, what is to be said beyond
the usual words of the status, and the number of the incident."""


def page(code: int, message: str = "", incident: str = "") -> Any:
    """The page for an error."""
    for path, speak in SPEAKING.items():
        if request.path.startswith(path):
            return speak(code, message, incident)
    heading, advice = SAID.get(code, SAID[500])
    return render_template(
        "errors/error.html", code=code, heading=heading, message=message or advice, incident=incident
    ), code


def _its_own(error: Exception) -> str:
    return str(error)


def _nothing(error: Exception) -> str:
    return ""


ANSWERS: dict[type[Exception], tuple[int, Callable[[Exception], str]]] = {
    CSRFError: (400, lambda _: "The page was too old, or came from elsewhere. Go back, load it again, and repeat."),
    Frozen: (409, _its_own),
    IllegalMove: (409, _its_own),
    StaleDataError: (409, _nothing),
    TooLarge: (422, _its_own),
    OutOfSight: (404, _nothing),
    Gone: (404, _nothing),
    Forbidden: (403, _its_own),
    Unreadable: (
        409,
        lambda _: (
            "A number that is needed here cannot be opened: its key is not in the key file. Tell whoever runs Purser. "
            "It is not lost as long as there is a copy of the keys."
        ),
    ),
    OverflowError: (400, _nothing),
    DataError: (400, _nothing),
}
"""What went wrong → the status, and the words for the person; without words, those of the status."""


def _answering(code: int, words: Callable[[Exception], str]) -> Callable[[Exception], Any]:
    def answer(error: Exception) -> Any:
        db.session.rollback()
        return page(code, words(error))

    return answer


def install(app: Flask) -> None:
    """Answer every error with a page of our own."""

    @app.errorhandler(SecurityError)
    def foreign_host(_error: SecurityError) -> Any:
        # No page: without a host that we serve there is no address for its styles.
        return "Purser is not served under this name.", 400, {"Content-Type": "text/plain"}

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Any:
        if error.code is None or error.code < 400:
            return error
        db.session.rollback()
        answer = make_response(page(error.code if error.code in SAID else 500 if error.code >= 500 else 400))
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return answer

    for kind, (code, words) in ANSWERS.items():
        app.register_error_handler(kind, _answering(code, words))

    @app.errorhandler(OperationalError)
    def busy(error: OperationalError) -> Any:
        log.warning("database busy or away: %s", error.orig)
        db.session.rollback()
        g.actor = None
        return page(503)

    @app.errorhandler(Exception)
    def unforeseen(_error: Exception) -> Any:
        incident = secrets.token_hex(4)
        log.exception("incident %s at %s %s", incident, request.method, request.path)
        db.session.rollback()
        return page(500, incident=incident)
