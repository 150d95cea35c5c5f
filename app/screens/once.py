"""A form that makes something is carried out once, however often it is sent. Source: DOC-07, SB-14."""

import secrets

from flask import request
from sqlalchemy import select

from app.entities.document import Document
from app.entities.operations import IdempotencyKey
from app.extensions import db
from app.screens.gate import office


def key_of_form() -> str:
    """The name of this form: the one that it was sent with, or a new one."""
    return request.form.get("key", "")[:60] or secrets.token_urlsafe(12)


def made_before(key: str) -> Document | None:
    """What the same form has made already."""
    made = select(IdempotencyKey.document_id).where(IdempotencyKey.key == f"add {key}")
    return db.session.scalar(select(Document).where(Document.id.in_(made)))


def remember(key: str, document: Document) -> None:
    """Note what a form makes; the same form at the same moment fails on the unique key."""
    db.session.add(IdempotencyKey(key=f"add {key}", document_id=document.id, action="add", at=office().now()))
