"""Purser as the bench serves it: the program itself, which also says in a header how many statements an answer took."""

from typing import Any

from flask import Flask, Response, g
from sqlalchemy import event

from app import served
from app.extensions import db


def create() -> Flask:
    """The application, counting."""
    app = served()

    with app.app_context():

        @event.listens_for(db.engine, "before_cursor_execute")
        def count(*_: Any) -> None:
            if g:
                g.statements = g.get("statements", 0) + 1

    @app.after_request
    def say(answer: Response) -> Response:
        answer.headers["X-Statements"] = str(g.get("statements", 0))
        return answer

    return app
