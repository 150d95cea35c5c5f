"""What is kept of a person's rights is worth nothing once anything changes that it follows from, whoever changes it."""

from datetime import date

import pytest
from sqlalchemy import text

from app import rights
from app.extensions import db
from tests.support.calls import Caller
from tests.support.people import Person
from tests.support.world import World


def stamp(world: World) -> str:
    """The present one."""
    with world.app.app_context():
        return db.session.scalar(text("SELECT value FROM rights_stamp"))


def past_the_program(world: World, statement: str, **values: object) -> None:
    """As a database tool would do it."""
    with world.app.app_context(), db.engine.begin() as connection:
        connection.execute(text(statement), values)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM ab_user_role WHERE user_id = 1",
        "DELETE FROM ab_permission_view_role",
        "UPDATE ab_role SET name = 'Other' WHERE name = 'Manager'",
        "UPDATE profile SET approval_limit = 1 WHERE user_id = 2",
        "UPDATE organization SET path = '/x/' WHERE parent_id IS NOT NULL",
        "DELETE FROM delegation",
        "UPDATE unit SET common = NOT common",
        "INSERT INTO policy (name, value, effective_from, note, version) VALUES ('payment lag', 1, '2026-01-01', '', 1)",
        "INSERT INTO holiday (day, name) VALUES ('2026-12-31', 'Snow')",
        "UPDATE ab_user SET active = NOT active WHERE username = 'manager'",
        "UPDATE ab_user SET last_name = 'Other' WHERE username = 'manager'",
    ],
)
def test_every_change_that_rights_follow_from_renews_the_stamp(both, statement):
    before = stamp(both)
    if statement.startswith("DELETE FROM delegation"):
        with both.app.app_context():
            from app.models import Delegation

            today = date(2026, 11, 23)
            db.session.add(
                Delegation(
                    from_user_id=both.ids["approver"], to_user_id=both.ids["chief"], starts_on=today, ends_on=today
                )
            )
            db.session.commit()
        before, earlier = stamp(both), before
        assert before != earlier
    past_the_program(both, statement)
    assert stamp(both) != before


def test_no_other_change_renews_it(both):
    before = stamp(both)
    Person(both.app, "requester").post("/purchase-request/add", title="Chairs")  # and a sign-in, which is on record
    assert stamp(both) == before, "otherwise everything would be read anew with each click of anybody"


def test_a_right_taken_away_by_a_database_tool_is_gone_with_the_next_click(both):
    rosa, caller = Person(both.app, "requester"), Caller(both.app, "requester")
    assert rosa.get("/purchase-request/list/").status_code == 200
    assert caller.get("/purchase-request").status_code == 200
    past_the_program(both, "DELETE FROM ab_user_role WHERE user_id = :who", who=both.ids["requester"])
    assert rosa.get("/purchase-request/list/").status_code == 403
    assert caller.get("/purchase-request").status_code == 403


def test_a_policy_holds_from_the_next_click(both):
    from tests.support.making import a_basket

    basket = a_basket(both, "routed")
    amos = Person(both.app, "approver")
    page = amos.get(f"/market-basket/show/{basket}").text
    assert 'name="password"' in page
    past_the_program(
        both,
        "INSERT INTO policy (name, value, effective_from, note, version) VALUES ('signature window', :v, '2026-01-01', '', 1)",
        v=60 if both.app.config["SQLALCHEMY_DATABASE_URI"].get_backend_name() == "postgresql" else 600_000,
    )
    assert amos.post(f"/market-basket/act/{basket}/approve").status_code == 200
    with both.app.app_context():
        from app.models import MarketBasket

        assert db.session.get(MarketBasket, basket).state == "approved"


def test_what_was_not_asked_for_longest_goes_first(monkeypatch):
    monkeypatch.setattr(rights, "MOST", 2)
    monkeypatch.setattr(rights, "_kept", type(rights._kept)())
    made: list[int] = []

    def keep(key: int) -> int:
        return rights.kept(key, lambda: made.append(key) or key)

    for key in (1, 2, 1, 3, 1, 2):
        keep(key)
    assert made == [1, 2, 3, 2]
