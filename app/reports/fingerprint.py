"""The fingerprint of a document: two papers with the same one say the same."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import inspect

from app.entities.document import Document

LIFE = frozenset(
    {"state", "version", "number", "owner_id", "changed_at", "routed_at", "approved_at", "released_at", "closed_at"}
)
"""What changes while a document lives, without changing what it says."""


def fingerprint(document: Document) -> str:
    """Three groups of four signs over everything that was put up for approval: the header and the rows that freeze
    with it, funding and charges included. It stays the same from routing to closing. Source: DOC-04."""
    rows = json.dumps(list(_rows(document)), separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(rows.encode("utf-8", "surrogatepass")).hexdigest()[:12].upper()
    return "-".join(digest[start : start + 4] for start in range(0, 12, 4))


def _rows(record: Any) -> Iterator[list[str]]:
    mapper = inspect(record).mapper
    yield [
        mapper.local_table.name,
        *(
            f"{attribute.key}={_written(getattr(record, attribute.key))}"
            for attribute in mapper.column_attrs
            if attribute.key not in LIFE
        ),
    ]
    for relation in mapper.relationships:
        owns = relation.uselist and relation.cascade.delete_orphan
        if owns and getattr(relation.mapper.class_, "frozen_with_document", False):
            for owned in getattr(record, relation.key):
                yield from _rows(owned)


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize() + 0:f}"
    return value.isoformat() if isinstance(value, date) else str(value)
