"""The rules about rows, carried by one option: compiled once for all who see alike, and never with another's values."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import delete, event, func, select, update
from sqlalchemy.orm import Session

from app import scope
from app.entities.funds import FundingStrip
from app.entities.organization import OrganizationAddress
from app.extensions import db
from app.models import Notice, Organization
from app.scope import Sight
from tests.support.world import World


@pytest.fixture
def session(both: World) -> Iterator[Session]:
    with both.app.app_context():
        yield db.session()
        db.session.rollback()


@pytest.fixture
def seen(session: Session, both: World) -> Callable[[str, str], Session]:
    """The session, seeing what a person of an office sees."""

    def look(name: str, office: str) -> Session:
        session.expunge_all()
        scope.look(session, Sight(both.ids[name], (both.ids[office],)))
        return session

    return look


def offices(session: Session) -> set[int]:
    return set(session.scalars(select(OrganizationAddress.organization_id)))


def test_who_sees_as_many_offices_shares_the_compiled_statement_but_not_the_rows(both, seen):
    assert offices(seen("requester", "clinic")) == {both.ids["clinic"]}
    compiled = Counter()

    def count(connection, cursor, statement, parameters, context, many):
        compiled[context.cache_hit.name] += 1

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        assert offices(seen("outsider", "parks")) == {both.ids["parks"]}
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    assert compiled == {"CACHE_HIT": 1}


def test_a_second_office_is_another_statement(both, session, seen):
    seen("requester", "clinic")
    assert len(offices(session)) == 1
    scope.look(session, Sight(both.ids["requester"], (both.ids["clinic"], both.ids["parks"])))
    assert offices(session) == {both.ids["clinic"], both.ids["parks"]}


def test_a_count_obeys(session, seen):
    every = session.scalar(select(func.count(FundingStrip.id)))
    some = [
        seen(*who).scalar(select(func.count(FundingStrip.id)))
        for who in (("requester", "clinic"), ("outsider", "parks"))
    ]
    assert sum(some) <= every and some[0] != every


def test_a_lazy_load_obeys_what_loaded_the_owner(both, seen):
    for name, office in (("requester", "clinic"), ("outsider", "parks")):
        found = seen(name, office).scalars(
            select(Organization).where(Organization.id.in_((both.ids["clinic"], both.ids["parks"])))
        )
        assert {one.id for one in found if one.addresses} == {both.ids[office]}


@pytest.mark.parametrize(
    "change", [lambda: update(Notice).values(text="Mine"), lambda: delete(Notice)], ids=["change", "delete"]
)
def test_a_change_of_many_rows_touches_only_those_in_sight(both, session, seen, change):
    for name in ("requester", "outsider"):
        session.add(Notice(user_id=both.ids[name], text="A note", at=both.clock()))
    session.flush()
    assert seen("outsider", "parks").execute(change()).rowcount == 1
    scope.look(session, None)
    assert session.scalar(select(Notice.text).where(Notice.user_id == both.ids["requester"])) == "A note"
