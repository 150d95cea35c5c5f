"""What is loaded with a record, as one option: the same rows in as many statements as with its parts, compiled once."""

from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import event, inspect, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.criteria import Loading
from app.extensions import db
from app.models import Organization, OrganizationAddress, Vendor, VendorAddress
from tests.support.world import World

PARTS = (selectinload(Vendor.addresses), selectinload(Vendor.holds))


@pytest.fixture
def session(both: World) -> Iterator[Session]:
    with both.app.app_context():
        yield db.session()
        db.session.rollback()


def statements(session: Session, *options: object) -> tuple[list[str], Counter[str]]:
    """What was asked for all vendors with some options, and whether it had been compiled before."""
    asked, compiled = [], Counter()

    def note(connection, cursor, statement, parameters, context, many):
        asked.append(statement)
        compiled[context.cache_hit.name] += 1

    session.expunge_all()
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        vendors = session.scalars(select(Vendor).order_by(Vendor.id).options(*options)).all()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert vendors and all(not {"addresses", "holds"} & inspect(one).unloaded for one in vendors)
    return asked, compiled


def test_it_loads_what_its_parts_load(session):
    by_parts, _ = statements(session, *PARTS)
    assert len(by_parts) == 3 and statements(session, Loading(PARTS))[0] == by_parts


def test_a_statement_with_it_is_compiled_once(session):
    once = Loading(PARTS)
    statements(session, once)
    assert statements(session, once)[1] == {"CACHE_HIT": 3}


def test_another_one_is_another_statement(session):
    statements(session, Loading(PARTS))
    assert statements(session, Loading(reversed(PARTS)))[1]["CACHE_HIT"] == 0


def test_it_goes_on_to_what_is_loaded_later(session):
    """A record that is read again brings what it brought the first time."""
    deep = Loading((selectinload(Organization.addresses).joinedload(OrganizationAddress.organization),))
    office = session.scalars(select(Organization).where(Organization.addresses.any()).options(deep)).first()
    session.expire(office)
    assert office.addresses and "organization" not in inspect(office.addresses[0]).unloaded


def test_a_part_with_a_condition_is_refused():
    with pytest.raises(ValueError, match="condition of its own"):
        Loading((selectinload(Vendor.addresses.and_(VendorAddress.city == "Frankfort")), joinedload(Vendor.holds)))
