"""What a picker offers for what was typed."""

from typing import Any

from sqlalchemy import String, inspect, select

from app.extensions import db
from app.screens import listing

LOOKED_UP: dict[type, tuple[str, ...]] = {}
"""Entity → the columns by which people find it; filled by the screens."""


def find_choices(target: Any, text: str, narrow: Any = None) -> dict[str, Any]:
    """The records of an entity that fit some typed words, for a picker."""
    texts = {name for name, column in inspect(target).columns.items() if isinstance(column.type, String)}
    columns = [name for name in LOOKED_UP.get(target, ("name", "number", "title")) if name in texts]
    words = text.strip()[:60].replace("\x00", "").split() if columns else []
    statement = select(target)
    for word in words:
        statement = statement.where(listing.search_condition(target, columns, word))
    statement = narrow(statement) if narrow else statement
    rows = list(
        db.session.scalars(statement.order_by(getattr(target, columns[0] if columns else "id"), target.id).limit(21))
    )
    return {
        "results": [{"id": row.id, "text": str(row), "hint": getattr(row, "lookup_hint", "")} for row in rows[:20]],
        "more": len(rows) > 20,
    }
