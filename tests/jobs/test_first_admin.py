"""The first administrator of a new installation. Source: AU-07, RB-13."""

import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url

from app import access, grants, migrate
from app.extensions import db
from app.models import Organization, Profile
from tests.support.offices import application
from tests.support.people import Person
from tests.support.world import Clock

PASSPHRASE = "four words are enough"
ANSWERS = ("Ada", "Admin", "ada", "ada@example.org", PASSPHRASE, PASSPHRASE, "STATE", "")


@pytest.fixture
def empty(database_url):
    """A database with tables and rights, and nobody in it."""
    app = application(database_url, Clock())
    migrate.upgrade(app)
    with app.app_context():
        grants.sync(db.session(), access.pairs())
        db.session.remove()
    yield app
    with app.app_context():
        db.engine.dispose()


def first_admin(app, *answers):
    """Run the command and type the answers; its exit code and what it says."""
    said = app.test_cli_runner().invoke(args=["first-admin"], input="\n".join(answers) + "\n")
    return said.exit_code, said.output


def test_the_first_administrator_gets_an_office_and_can_sign_in(empty):
    code, said = first_admin(empty, *ANSWERS)
    assert code == 0 and "ada is administrator of Central Purchasing Office" in said
    assert PASSPHRASE not in said
    with empty.app_context():
        (top,), (profile,) = db.session.scalars(select(Organization)), db.session.scalars(select(Profile))
        assert (top.code, top.path, profile.organization_id) == ("STATE", f"/{top.id}/", top.id)
        db.session.remove()
    ada = Person(empty, "ada", PASSPHRASE)
    assert ada.get("/roles/list/").status_code == 200


def test_a_second_one_is_refused(empty):
    first_admin(empty, *ANSWERS)
    code, said = first_admin(empty)
    assert code == 1 and "There is an administrator already: ada." in said and "First name" not in said


def test_an_organization_that_is_there_is_kept(empty):
    with empty.app_context():
        top = Organization(code="CITY", name="The City", path="/1/")
        db.session.add(top)
        db.session.commit()
    code, said = first_admin(empty, *ANSWERS[:6])
    assert code == 0 and "ada is administrator of The City" in said and "no organization" not in said


@pytest.mark.parametrize(
    ("at", "wrong", "why"),
    [
        (0, "", "Enter 1 to 64 characters."),
        (3, "ada", "Enter an address like ada@example.org."),
        (3, "ada@host", "Enter an address like"),
        (4, "short", "Use 15 to 200 characters"),
        (4, "x" * 201, "Use 15 to 200 characters"),
        (2, "x" * 65, "Enter 1 to 64 characters."),
    ],
)
def test_what_will_not_do_is_asked_again(empty, at, wrong, why):
    if wrong == "":
        wrong = " "
    code, said = first_admin(empty, *ANSWERS[:at], wrong, *ANSWERS[at:])
    assert code == 0 and why in said


def test_without_tables_it_says_what_to_do_first(database_url):
    app = application(database_url, Clock())
    code, said = first_admin(app)
    assert code == 1 and "Run first: flask --app app setup" in said
    assert make_url(database_url).database
    with app.app_context():
        db.engine.dispose()
