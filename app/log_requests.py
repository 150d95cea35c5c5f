"""One line for each request, and a number by which all lines of it are found, told to the browser as X-Request-ID.

The line says the rule of the address and never the address: a rule holds no names, numbers or questions of anybody."""

import json
import logging
import re
import secrets
import time
from collections.abc import Iterator
from typing import Any

from flask import Flask, Response, current_app, g, has_app_context, has_request_context, request

from app import log_masks

HEADER = "X-Request-ID"
SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")
UNTOLD = frozenset({"static", "styles", "appbuilder.static", "health.healthz", "health.readyz", "health.metrics"})
"""What is asked all the time and says nothing, unless it fails."""

TYPED_UNSEEN = frozenset({"code", "spare_code"})
"""Fields of forms that are secrets, beside those whose name says so and those that are typed twice."""

LONGEST_BODY = 100_000
"""Of a call that is looked through for passwords, in bytes."""

log = logging.getLogger("app.requests")


def number() -> str:
    """The number of this request: the one that a trusted proxy gave it, or a new one."""
    if "request_id" not in g:
        given = request.headers.get(HEADER, "") if current_app.config["PROXY_HOPS"] else ""
        g.request_id = given if SANE.fullmatch(given) else secrets.token_hex(8)
    return g.request_id


def sent_secrets() -> Iterator[str]:
    """The secrets that came with this request, as far as it has been read: a log line must not read the rest of it."""
    if not has_request_context():
        return
    yield request.cookies.get(current_app.config["SESSION_COOKIE_NAME"], "")
    yield request.headers.get("Authorization", "").partition(" ")[2].strip()
    for fields in (vars(request).get("form"), _json_read()):
        for name, value in (fields or {}).items():
            if isinstance(value, str) and _is_secret(str(name), fields):
                yield value


def _json_read() -> dict[str, Any] | None:
    body = vars(request).get("_cached_data") or b""
    if not request.is_json or len(body) > LONGEST_BODY:
        return None
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


def _is_secret(name: str, fields: Any) -> bool:
    twice = name.endswith("_again") or f"{name}_again" in fields
    return twice or name in TYPED_UNSEEN or log_masks.NAME.search(name) is not None


def numbered(make: Any) -> Any:
    """Log records that know the request in which they were made."""

    def record(*args: Any, **given: Any) -> logging.LogRecord:
        made = make(*args, **given)
        if has_app_context() and has_request_context() and "request_id" in g:
            made.request_id = g.request_id
        return made

    record.is_numbered = True  # type: ignore[attr-defined]
    return record


def install(app: Flask) -> None:
    """Number every request, say so in the answer, and write a line for it where the settings want that."""
    log_masks.hide_what(sent_secrets)
    log_masks.hide(
        app.config["SECRET_KEY"], app.config["METRICS_TOKEN"], app.config["SQLALCHEMY_DATABASE_URI"].password
    )
    if not hasattr(logging.getLogRecordFactory(), "is_numbered"):
        logging.setLogRecordFactory(numbered(logging.getLogRecordFactory()))
    if app.config["LOG_REQUESTS"]:
        log.setLevel(logging.INFO)

    @app.before_request
    def begin() -> None:
        number()
        g.asked_at = time.perf_counter()

    @app.after_request
    def tell(answer: Response) -> Response:
        answer.headers[HEADER] = number()
        if request.endpoint not in UNTOLD or answer.status_code >= 500:
            log.info("%s %s %s", request.method, _rule(), answer.status_code, extra=_told(answer))
        return answer


def _rule() -> str:
    return request.url_rule.rule if request.url_rule is not None else "(no such address)"


def _told(answer: Response) -> dict[str, Any]:
    actor = g.get("actor")
    return {
        "method": request.method,
        "route": _rule(),
        "status": answer.status_code,
        "duration_ms": round((time.perf_counter() - g.get("asked_at", time.perf_counter())) * 1000, 1),
        "user_id": actor.user_id if actor is not None else None,
    }
