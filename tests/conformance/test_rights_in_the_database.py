"""Rights as they stand in the database: written once, in bulk, and not given back."""

import threading

from flask_appbuilder.security.sqla.models import Permission, PermissionView, Role, ViewMenu
from sqlalchemy import func, select

from app import access, grants
from app.extensions import db
from tests.abuse.evidence import at_once
from tests.support.counting import statements
from tests.support.making import records


def test_writing_the_rights_again_writes_nothing(both):
    with records(both) as session:
        before = [
            session.scalar(select(func.count()).select_from(one)) for one in (Permission, ViewMenu, PermissionView)
        ]
        with statements(both.app) as asked:
            assert grants.sync(session, access.pairs()) == 0
        assert not [one for one in asked if one.startswith(("INSERT", "UPDATE", "DELETE"))]
        assert before == [
            session.scalar(select(func.count()).select_from(one)) for one in (Permission, ViewMenu, PermissionView)
        ]


def test_rights_are_written_in_bulk_and_by_several_at_once(both):
    """FAB writes them row by row at every start, and workers that start together crash each other."""
    pairs = access.pairs() | {
        "Archivist": {(f"can_{verb}", f"Paper{number}") for verb in ("list", "show") for number in range(40)}
    }
    with statements(both.app) as asked:
        done = at_once(both, lambda _: grants.sync(db.session(), pairs), times=6)
    assert sorted(done) == [0, 0, 0, 0, 0, 80]
    assert len([one for one in asked if one.startswith("INSERT")]) <= 6
    with records(both) as session:
        role = session.scalar(select(Role).where(Role.name == "Archivist"))
        assert grants.of_role(session, role) == pairs["Archivist"]


def test_what_an_administrator_took_away_is_not_given_back_by_the_setup(world):
    with records(world) as session:
        role = session.scalar(select(Role).where(Role.name == "Receiver"))
        grants.set_role(session, role, {("can_list", "Receipt")})
        session.commit()
        grants.sync(session, access.pairs())
        assert grants.of_role(session, role) == {("can_list", "Receipt")}


def test_a_starting_worker_writes_no_rights_and_makes_no_tables(world):
    from app import create_app

    with statements(world.app) as asked:
        create_app(SQLALCHEMY_DATABASE_URI=str(world.app.config["SQLALCHEMY_DATABASE_URI"]))
    assert world.app.config["FAB_CREATE_DB"] is False and world.app.config["FAB_UPDATE_PERMS"] is False
    assert not [one for one in asked if one.startswith(("INSERT", "CREATE", "UPDATE"))]
    assert not [thread.name for thread in threading.enumerate() if "APScheduler" in thread.name]


def test_roles_match_no_patterns(world):
    assert "FAB_ROLES" not in world.app.config or world.app.config["FAB_ROLES"] == {}
