"""The offices as a tree: opened level by level, moved with everything below, and whoever sees what follows at once.
Source: ORG-01, ORG-04."""

import threading

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app import offices
from app.models import AuditEntry, Organization
from tests.abuse.evidence import nothing_changes
from tests.support.making import a_request, records
from tests.support.pages import Form, forms_of, words
from tests.support.people import Person


@pytest.fixture
def admin(world):
    return Person(world.app, "admin")


def path_of(world, name: str) -> list[str]:
    """The codes of the offices above and at one, from the top, by what it is below."""
    with records(world) as session:
        one, found = session.get_one(Organization, world.ids[name]), []
        by_path = [session.get_one(Organization, int(key)).code for key in one.path.strip("/").split("/")]
        while one is not None:
            found.insert(0, one.code)
            one = one.parent
        assert found == by_path, "the path says what the tree says"
        return found


def moving(html: str) -> Form:
    """The form that moves, beside the one that asks what would move."""
    return next(one for one in forms_of(html) if "version" in one.fields)


def version_of(world, name: str) -> str:
    with records(world) as session:
        return str(session.get_one(Organization, world.ids[name]).version)


def move(world, person: Person, what: str, to: str):
    """Look what would move, and move it."""
    address = f"/offices/move/{world.ids[what]}"
    seen = person.get(address, query_string={"to": world.ids[to]} if to else {"top": "1"})
    return person.post(address, **moving(seen.text).sent()), words(seen.text)


def test_the_tree_is_opened_level_by_level(world, admin):
    page = admin.get("/offices/").text
    assert f'id="office-{world.ids["health"]}"' in page and f'id="office-{world.ids["clinic"]}"' not in page
    below = admin.get(f"/offices/below/{world.ids['health']}").text
    assert f'id="office-{world.ids["clinic"]}"' in below and 'aria-level="3"' in below
    opened = admin.get(f"/offices/?at={world.ids['clinic']}").text
    assert f'id="office-{world.ids["clinic"]}"' in opened and "Clinic dock" in opened
    assert "CLINIC Clinic" in words(admin.get("/offices/?q=clin").text)
    assert "Nothing fits" in admin.get("/offices/?q=zzzz").text
    assert "1 Main St" in admin.get(f"/offices/panel/{world.ids['clinic']}").text


def test_what_moves_is_said_before_it_moves(both):
    admin = Person(both.app, "admin")
    a_request(both)
    answer, told = move(both, admin, "clinic", "parks")
    assert "1 office moves, Clinic with all below it" in told
    assert "3 people and 1 document come within sight of 2 people of Parks" in told
    assert "2 people of Public Health no longer see 3 people and 1 document" in told
    assert "Clinic is now below Parks" in words(answer.text)
    assert path_of(both, "clinic") == ["STATE", "PARKS", "CLINIC"]
    with records(both) as session:
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.entity == "Organization", AuditEntry.action == "change")
        ).one()
        assert (entry.field, entry.new) == ("parent_id", str(both.ids["parks"]))


@pytest.mark.parametrize(
    "chosen", [{"to": ""}, {"to": "", "to_text": "Publik Helth"}, {"to": "99999999"}, {"to": "x'--", "to_text": "x"}]
)
def test_where_it_goes_has_to_be_chosen(world, admin, chosen):
    """A button that does nothing when nothing was chosen looks broken; the words that were typed stay."""
    answer = admin.get(f"/offices/move/{world.ids['clinic']}", query_string=chosen)
    assert answer.status_code == 422 and "Choose an office from the list, or the top." in words(answer.text)
    asking = next(one for one in forms_of(answer.text) if "to_text" in one.fields and "version" not in one.fields)
    assert asking.fields["to_text"] == [chosen.get("to_text", "")]


def test_who_sees_what_follows_with_the_next_click(both):
    draft = a_request(both)
    page = f"/purchase-request/show/{draft}"
    mona, sven = Person(both.app, "manager"), Person(both.app, "stranger")
    assert (mona.client.get(page).status_code, sven.client.get(page).status_code) == (200, 404)
    move(both, Person(both.app, "admin"), "clinic", "parks")
    assert (mona.client.get(page).status_code, sven.client.get(page).status_code) == (404, 200)


def test_everything_below_goes_along(both):
    admin = Person(both.app, "admin")
    move(both, admin, "health", "parks")
    assert path_of(both, "clinic") == ["STATE", "PARKS", "DPH", "CLINIC"]
    move(both, admin, "parks", "")
    assert path_of(both, "clinic") == ["PARKS", "DPH", "CLINIC"]


@pytest.mark.parametrize(
    ("what", "to", "said"),
    [
        ("health", "clinic", "Clinic is below Public Health: an office cannot be below itself"),
        ("health", "health", "an office cannot be below itself"),
        ("clinic", "health", "Clinic is there already"),
        ("state", "parks", "an office cannot be below itself"),
    ],
)
def test_an_office_is_not_moved_below_itself(world, admin, what, to, said):
    version = version_of(world, what)
    with nothing_changes(world):
        answer = admin.post(f"/offices/move/{world.ids[what]}", to=world.ids[to], version=version)
        assert answer.status_code == 422 and said in words(answer.text)
        edited = admin.post(
            f"/organization/edit/{world.ids['health']}",
            version=version,
            parent=world.ids["clinic"],
            code="DPH",
            name="X",
        )
        assert edited.status_code == 422 and "an office cannot be below itself" in edited.text


def test_the_database_refuses_a_circle_too(both):
    for above, below in (("clinic", "health"), ("clinic", "state"), ("health", "health")):
        with records(both) as session, pytest.raises(DBAPIError) as refused:
            session.execute(
                text("UPDATE organization SET parent_id = :above WHERE id = :below"),
                {"above": both.ids[above], "below": both.ids[below]},
            )
        assert "no_office_is_below_itself" in str(refused.value)


def test_two_moves_at_once_make_no_circle(both):
    """Health below parks and parks below health: one of them comes too late."""
    with records(both) as session:
        versions = dict(session.execute(select(Organization.id, Organization.version)).all())
    start, said = threading.Barrier(2), []

    def one(what: str, to: str) -> None:
        with records(both) as session:
            start.wait()
            try:
                offices.move(session, both.ids[what], both.ids[to], str(versions[both.ids[what]]))
                said.append("moved")
            except (offices.Immovable, offices.Stale, DBAPIError):
                said.append("refused")

    threads = [threading.Thread(target=one, args=pair) for pair in (("health", "parks"), ("parks", "health"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["moved", "refused"]
    assert len(path_of(both, "health")) + len(path_of(both, "parks")) == 5


def test_a_stale_page_moves_nothing(world, admin):
    address = f"/offices/move/{world.ids['clinic']}"
    form = moving(admin.get(address, query_string={"to": world.ids["parks"]}).text)
    move(world, admin, "clinic", "office")
    answer = admin.post(address, **form.sent())
    assert answer.status_code == 422 and "Somebody else has changed this office" in answer.text
    assert path_of(world, "clinic") == ["STATE", "CPO", "CLINIC"]


def test_two_offices_of_one_code_are_answered_in_words(world, admin):
    answer = admin.post("/organization/add", parent=world.ids["state"], code="CLINIC", name="Second")
    assert answer.status_code == 422 and "already has the same code" in answer.text


@pytest.mark.parametrize("name", ["requester", "approver", "buyer", "crc", "manager"])
def test_everybody_reads_the_tree_and_only_administrators_move(world, name):
    person = Person(world.app, name)
    page = person.get(f"/offices/?at={world.ids['clinic']}")
    assert page.status_code == 200 and "/offices/move/" not in page.text and "/organization/add" not in page.text
    with nothing_changes(world):
        address = f"/offices/move/{world.ids['clinic']}"
        assert person.get(address).status_code == 403
        assert person.post(address, to=world.ids["parks"], version="1").status_code == 403


def test_an_address_that_makes_no_sense_is_answered_in_words(world, admin):
    for path in ("/offices/?at=zz", "/offices/?at=999999", "/offices/below/0", "/offices/panel/x", "/offices/move/-1"):
        assert admin.get(path).status_code == 404, path
    clinic = f"/offices/move/{world.ids['clinic']}"
    for data in ({"to": "zz"}, {"to": "999999"}, {"to": ""}, {"to": "\x00"}, {"to": str(world.ids["parks"])}):
        assert admin.post(clinic, **data).status_code == 422, data
    assert admin.get("/offices/?q=%00%25_").status_code == 200
