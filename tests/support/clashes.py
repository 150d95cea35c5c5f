"""Somebody who saves the same document at the same moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import event, update
from sqlalchemy.orm import Session

from app.models import Document
from tests.support.world import World


@contextmanager
def overtaken(world: World) -> Iterator[None]:
    """The next document that is written has been saved by somebody else since it was read."""
    met: list[int] = []
    world.clock.moment += timedelta(minutes=1)  # what is saved now is of another moment

    def save_first(session: Session, _flush: Any, _instances: Any) -> None:
        for one in [one for one in session.dirty if isinstance(one, Document) and not met]:
            met.append(one.id)
            table = Document.__table__
            session.connection().execute(update(table).where(table.c.id == one.id).values(version=table.c.version + 1))

    event.listen(Session, "before_flush", save_first)
    try:
        yield
    finally:
        event.remove(Session, "before_flush", save_first)
    assert met, "nothing was written"
