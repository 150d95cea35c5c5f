"""Offices: their place in the tree, and what a move of one brings along.

The path of an office and of all below it is written in one statement. The database refuses an office below itself
(migration 0012), and renews the stamp of rights with every move. Source: ORG-01, ORG-04, decision 0029."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app.entities.document import Document
from app.entities.organization import Organization, Profile
from app.rules.organization import hindrance, ids_of, path_below, sight_changed
from app.scope import unscoped

MOST_COUNTED = 1_000

_offices = Organization.__table__


class Immovable(Exception):
    """An office cannot go where it was asked to go. The message is for the person at the screen."""


class Stale(Exception):
    """Somebody else has changed the office meanwhile."""


@dataclass(frozen=True)
class Moved:
    """What a move brings along: offices, people and documents, each counted up to `MOST_COUNTED`; the offices whose
    people begin to see all that, with how many they are, and those whose people no longer do."""

    offices: int
    people: int
    documents: int
    gains: tuple[str, ...]
    gaining: int
    loses: tuple[str, ...]
    losing: int


def place(session: Session, office: Organization) -> None:
    """Write an office's path as it follows from what it is below, and the paths of all below it. What is in memory of
    them is read anew."""
    session.flush()
    above = session.get_one(Organization, office.parent_id).path if office.parent_id is not None else "/"
    before, now = office.path, path_below(above, office.id)
    if before == now:
        return
    if not before:  # a new one: nothing is below it
        office.path = now
        session.flush()
        return
    rest = func.substr(_offices.c.path, len(before) + 1)
    session.execute(update(_offices).where(_offices.c.path.startswith(before, autoescape=True)).values(path=now + rest))
    for one in session.identity_map.values():
        if isinstance(one, Organization):
            session.expire(one, ["path"])


def foreseen(session: Session, office: Organization, to: Organization | None) -> Moved:
    """What a move would bring along. Errors: Immovable."""
    _check(session, office, to)
    gains, loses = sight_changed(office, to)
    below = select(_offices.c.id).where(_offices.c.path.startswith(office.path))
    profiles, documents = Profile.__table__.c, Document.__table__.c

    def people_of(keys: set[int]) -> int:
        return _counted(session, select(profiles.id).where(profiles.organization_id.in_(keys))) if keys else 0

    return Moved(
        offices=_counted(session, below),
        people=_counted(session, select(profiles.id).where(profiles.organization_id.in_(below))),
        documents=_counted(session, select(documents.id).where(documents.organization_id.in_(below))),
        gains=_names(session, gains),
        gaining=people_of(gains),
        loses=_names(session, loses),
        losing=people_of(loses),
    )


def move(session: Session, key: int, to_key: int | None, version: str) -> Organization:
    """Put an office, with all below it, below another or at the top, and commit. What could make a circle of it is
    locked and read anew first. Errors: Immovable, Stale."""
    wanted = {key} if to_key is None else {key, to_key}
    paths = session.scalars(select(_offices.c.path).where(_offices.c.id.in_(wanted))).all()
    touched = sorted({one for path in paths for one in ids_of(path)} | wanted)
    session.execute(select(_offices.c.id).where(_offices.c.id.in_(touched)).order_by(_offices.c.id).with_for_update())
    session.expire_all()
    office = session.get_one(Organization, key)
    to = session.get_one(Organization, to_key) if to_key is not None else None
    if str(office.version) != version:
        session.rollback()
        raise Stale
    try:
        _check(session, office, to)
        office.parent = to
        place(session, office)
        session.commit()
    except StaleDataError:
        session.rollback()
        raise Stale from None
    except BaseException:
        session.rollback()
        raise
    return office


def _check(session: Session, office: Organization, to: Organization | None) -> None:
    longest = select(func.max(func.length(_offices.c.path))).where(_offices.c.path.startswith(office.path))
    if why := hindrance(office, to, session.scalar(longest) or len(office.path)):
        raise Immovable(why)


def _counted(session: Session, rows: Select[Any]) -> int:
    with unscoped(session):
        return session.scalar(select(func.count()).select_from(rows.limit(MOST_COUNTED + 1).subquery())) or 0


def _names(session: Session, keys: set[int]) -> tuple[str, ...]:
    rows = session.scalars(select(_offices.c.name).where(_offices.c.id.in_(keys)).order_by(_offices.c.path))
    return tuple(rows) if keys else ()
