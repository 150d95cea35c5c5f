"""What a person may, and how far they see, kept for as long as nothing changes what it follows from.

Roles, grants, profiles, offices, deputies, policies, holidays and units are behind it. The database renews a stamp with every
change of any of them, whoever makes it (migration 0008), and each request reads the stamp first: what is kept under
another stamp is never looked at again, so that nothing stale can come of keeping it. The stamp is random, so that a
restored or copied database shares nothing with another. Why: docs/decisions/0024-rights-kept-under-a-stamp.md."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import date
from typing import Any, NamedTuple, TypeVar

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import people
from app.entities.catalog import Unit
from app.entities.operations import RightsStamp
from app.entities.organization import Holiday, Policy
from app.rules.deeds import Actor
from app.rules.policies import Stated
from app.scope import Sight


class Named(NamedTuple):
    """A unit, apart from its record."""

    code: str
    name: str


MOST = 2_000
"""How much is kept; what was not asked for longest goes first."""

STAMP = select(RightsStamp.value).scalar_subquery()
"""The stamp, as a column of another statement."""

Kept = TypeVar("Kept")

_kept: "OrderedDict[Hashable, Any]" = OrderedDict()


def kept(key: Hashable, make: Callable[[], Kept]) -> Kept:
    """What follows from a key alone, made once. The stamp has to be part of the key, and read before."""
    try:
        found: Kept = _kept[key]
        _kept.move_to_end(key)
    except KeyError:
        found = _kept[key] = make()
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return found


def standing_of(session: Session, stamp: str, user: User, today: date) -> tuple[Actor, Sight]:
    """The person as rules see one, and how far they see."""

    def read() -> tuple[Actor, Sight]:
        actor = people.actor_for(session, user, today)
        return actor, people.sight_of(session, actor)

    return kept(("standing", stamp, user.id, user.first_name, user.last_name, today), read)


def actor_of(session: Session, user: User, today: date) -> Actor:
    """Somebody else as rules see one."""
    return _under_stamp(
        session,
        ("actor", user.id, user.first_name, user.last_name, today),
        lambda: people.actor_for(session, user, today),
    )


def signatories(session: Session, role: str, user_id: int | None, path: str, today: date) -> list[Actor]:
    """Whom a signature is open to (`people.signatories`)."""
    asked = ("signatories", role, user_id, path, today)
    return list(_under_stamp(session, asked, lambda: people.signatories(session, role, user_id, path, today)))


def policies_of(session: Session) -> tuple[Stated, ...]:
    """What the office has laid down."""

    def read() -> tuple[Stated, ...]:
        rows = session.execute(select(Policy.name, Policy.value, Policy.effective_from).order_by(Policy.id))
        return tuple(Stated(*row) for row in rows)

    return _under_stamp(session, "policies", read)


def holidays_of(session: Session) -> frozenset[date]:
    """The days on which the office is closed besides the public ones."""
    return _under_stamp(session, "holidays", lambda: frozenset(session.scalars(select(Holiday.day))))


def common_units(session: Session) -> tuple[Named, ...]:
    """The units that lines offer."""

    def read() -> tuple[Named, ...]:
        wanted = select(Unit.code, Unit.name).where(Unit.common.is_(True)).order_by(Unit.code)
        return tuple(Named(*row) for row in session.execute(wanted))

    return _under_stamp(session, "units", read)


def _under_stamp(session: Session, what: Hashable, read: Callable[[], Kept]) -> Kept:
    """Kept in a request, whose session knows the stamp; elsewhere read."""
    stamp = session.info.get("rights_stamp")
    return kept((what, stamp), read) if stamp else read()
