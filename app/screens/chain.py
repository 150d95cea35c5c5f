"""The chain of a document: what it came from and what came of it, as far as the person sees. Source: DOC-10."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.entities.document import Document, DocumentLink

DEEPEST = 8


def chain_of(session: Session, document: Document) -> Sequence[tuple[str, Sequence[tuple[Document, int]]]]:
    """Ancestors and descendants with their distance, one query per generation and not per document."""
    found = (
        ("Came from", _walk(session, document.id, DocumentLink.document_id, DocumentLink.source_id)),
        ("Led to", _walk(session, document.id, DocumentLink.source_id, DocumentLink.document_id)),
    )
    return [(title, rows) for title, rows in found if rows]


def _walk(session: Session, start: int, near: Any, far: Any) -> list[tuple[Document, int]]:
    seen, front, rows = {start}, [start], []
    for depth in range(1, DEEPEST + 1):
        documents = (
            session.scalars(
                select(Document)
                .join(DocumentLink, far == Document.id)
                .where(near.in_(front))
                .order_by(Document.id)
                .limit(100)
            )
            .unique()
            .all()
        )
        fresh = [one for one in documents if one.id not in seen]
        rows += [(one, depth) for one in fresh]
        front = [one.id for one in fresh]
        seen |= set(front)
        if not front:
            break
    return rows
