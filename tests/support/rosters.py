"""What tests of lists on documents do again and again."""

from typing import Any

from sqlalchemy import select

from app.models import (
    Document,
    Profile,
)
from tests.support.making import (
    records,
)
from tests.support.people import Person
from tests.support.world import World

HTMX = {"HX-Request": "true"}


def add(person: Person, kind: str, pk: int, roster: str, line: int | None = None, **fields: Any) -> Any:
    """Fill in the form of one more and send it as a browser without scripts does."""
    where = f"?line={line}" if line is not None else ""
    data: dict[str, Any] = {f"{roster}-{name}": str(value) for name, value in fields.items()}
    return person.post(f"/{kind}/roster/{pk}/{roster}/add{where}", **data)


def in_place(person: Person, kind: str, pk: int, way: str, **fields: Any) -> Any:
    """The same as htmx sends it."""
    return person.client.post(
        f"/{kind}/roster/{pk}/{way}", data={"csrf_token": person.token} | fields, headers=HTMX, follow_redirects=True
    )


def said_of(world: World, document: int) -> list[str]:
    """The people named on the first line."""
    with records(world) as session:
        line = session.get_one(Document, document).lines[0]
        return [f"{one.user.username} {one.role}" for one in line.acceptances]


def may(world: World, name: str, *roles: str) -> None:
    """What a person's profile allows at the dock."""
    with records(world) as session:
        profile = session.scalar(select(Profile).where(Profile.user_id == world.ids[name]))
        for role in roles:
            setattr(profile, f"may_{role}", True)
        session.commit()
