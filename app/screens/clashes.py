"""What a record's constraints say when they refuse, in the words of its form."""

from typing import Any

from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError

from app.screens.columns import spaced


def clash_in_words(screen: Any, clash: IntegrityError) -> str:
    """Why the database refused, without a word of SQL."""
    text = str(clash.orig).lower()
    if "unique" in text or "duplicate" in text:
        named = [screen.label(name) for name in screen.edit_columns if name in text or f"{name}_id" in text]
        what = " and ".join(named).lower() or "these values"
        return f"Another {spaced(screen.title)} already has the same {what}. Change it and save again."
    for table_check in inspect(screen.entity).local_table.constraints:
        name = str(table_check.name or "")
        if name and name.lower() in text:
            sentence = name.removeprefix(f"ck_{screen.entity.__tablename__}_").replace("_", " ")
            return f"This cannot be saved: {sentence}."
    return "This cannot be saved because something refers to it or is missing. Check the choices."
