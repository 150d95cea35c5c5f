"""Calls and pages have the same rights: whoever sees a list, a record or a form on the screens, and nobody else, gets an
answer to the call. Source: OP-02, ORG-03, ORG-04, RB-03, RB-06."""

import pytest

from app.api import resources
from app.api.making import keeping_of
from tests.abuse.matrix import PEOPLE, furnished, keys_of, without_shell
from tests.support.calls import Caller
from tests.support.people import Person


@pytest.fixture(scope="module")
def office(databases):
    world = furnished(databases)
    people = {role: (Person(world.app, name), Caller(world.app, name)) for role, name in PEOPLE.items()}
    without_shell(world.app)
    return world, keys_of(databases), people


def screens_of(world):
    with world.app.app_context():
        return list(resources.all_of().values())


@pytest.mark.parametrize("role", sorted(PEOPLE))
def test_what_a_role_sees_by_calls_is_what_it_sees_on_screens(office, role):
    world, keys, people = office
    person, caller = people[role]
    differ = []
    for resource in screens_of(world):
        pairs = [("list", f"{resource.screen.route_base}/list/", f"/{resource.name}")]
        for which, key in zip(("own", "foreign"), keys[resource.entity.__tablename__], strict=True):
            pairs.append((which, f"{resource.screen.route_base}/show/{key}", f"/{resource.name}/{key}"))
        for what, page, call in pairs:
            if ("list" if what == "list" else "show") not in resource.verbs:
                continue
            shown, said = person.client.get(page).status_code, caller.get(call).status_code
            if shown != said:
                differ.append(f"{resource.name} {what}: the page answers {shown}, the call {said}")
    assert not differ


@pytest.mark.parametrize("role", sorted(PEOPLE))
def test_what_a_role_may_write_by_calls_is_what_it_may_write_on_screens(office, role):
    """Asked with nothing to write: who may is told what is missing, who may not is refused."""
    world, keys, people = office
    person, caller = people[role]
    differ = []
    for resource in screens_of(world):
        own, foreign = keys[resource.entity.__tablename__]
        if "add" in resource.verbs:
            page = person.client.get(f"{resource.screen.route_base}/add").status_code
            call = caller.post(f"/{resource.name}", {"no such field": 1}).status_code
            if (page == 403) != (call == 403):
                differ.append(f"{resource.name} add: the page answers {page}, the call {call}")
        if "edit" in resource.verbs:
            for key in (own, foreign):
                page = person.client.get(f"{resource.screen.route_base}/edit/{key}").status_code
                call = caller.change(f"/{resource.name}/{key}", {}).status_code
                if (page in (403, 404)) != (call in (403, 404)) and call != 409:
                    differ.append(f"{resource.name} edit {key}: the page answers {page}, the call {call}")
    assert not differ


def test_what_a_screen_does_in_its_own_way_is_not_called_unless_somebody_says_how(office):
    world, _, _ = office
    by_name = {one.name: one for one in screens_of(world)}
    assert by_name["bank-account"].verbs == {"list", "show"}, "sealed numbers are typed at a screen, twice"
    assert by_name["tax-id"].verbs == {"list", "show"}
    assert by_name["user"].verbs == {"list", "show"}
    assert by_name["payment"].verbs <= {"list", "show"}
    assert by_name["vendor"].verbs == {"list", "show", "add", "edit", "delete"}
    assert by_name["invoice"].verbs == {"list", "show", "add", "edit"}


def test_nothing_sealed_is_said_or_taken(office):
    """VR-10."""
    world, keys, people = office
    said = people["CRC"][1].get(f"/bank-account/{keys['bank_account'][0]}")
    assert said.status_code == 200
    assert "•••" in said.json["number"]
    with world.app.app_context():
        for resource in resources.all_of().values():
            columns = {*resource.listed, *resource.shown}
            assert not [name for name in columns if "password" in name or name.endswith(("_index", "digest"))]
            if "add" in resource.verbs:
                assert "number_index" not in str(keeping_of(resource).schema(resource, new=True))
