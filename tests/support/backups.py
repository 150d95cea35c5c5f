"""An office with a purchase, a backup of it, and what tells that both are whole."""

from typing import Any

from flask import Flask
from sqlalchemy import text

from app import audit, ledger, migrate
from app.extensions import db

SECRET = "JBSWY3DPEHPK3PXP"


def figures(app: Flask) -> dict[str, Any]:
    """How many rows every table has, but for those that a visit or a restore writes."""
    passing = {"sign_in", "sign_in_attempt"}
    with app.app_context(), db.engine.connect() as connection:
        names = [name for name in migrate.metadata().tables if name not in passing]
        return {name: connection.scalar(text(f'SELECT count(*) FROM "{name}"')) for name in names}


def healthy(app: Flask) -> None:
    """Books, trail and tables are in order."""
    assert migrate.compare(app) == []
    with app.app_context():
        assert (ledger.reconcile(db.session()), audit.verify(db.session())) == ([], [])
        db.session.remove()
