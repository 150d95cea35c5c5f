"""What a role may do is ticked in a matrix, compared with what is built in, and holds at once. Source: ORG-03, RB-13."""

import pytest
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select

from app import access, grants, views
from app.models import AuditEntry
from app.screens.role_matrix import areas
from tests.abuse.evidence import nothing_changes
from tests.support.making import a_request, records
from tests.support.pages import form_to, words
from tests.support.people import Person


def role_id(world, name: str) -> int:
    with records(world) as session:
        return session.scalars(select(Role.id).where(Role.name == name)).one()


def rights(world, name: str) -> set[tuple[str, str]]:
    with records(world) as session:
        return grants.of_role(session, session.scalars(select(Role).where(Role.name == name)).one())


def save(world, person: Person, role: str, *, tick: tuple[str, ...] = (), untick: tuple[str, ...] = ()):
    """Open a role, tick, save."""
    address = f"/roles/show/{role_id(world, role)}"
    form = form_to(person.get(address).text, address)
    chosen = [one for one in form.fields.get("grant", []) if one not in untick]
    return person.post(address, **form.sent(grant=[*chosen, *tick]))


@pytest.fixture
def admin(world):
    return Person(world.app, "admin")


def test_one_deed_is_given_and_holds_with_the_next_click(both):
    admin, rosa = Person(both.app, "admin"), Person(both.app, "requester")
    draft = a_request(both, "approved")
    assert rosa.press("purchase-request", draft, "release").status_code == 403
    answer = save(both, admin, "Requester", tick=("can_release:PurchaseRequest",))
    assert "Requester saved" in answer.text and "1 right differs from what is built in" in words(answer.text)
    assert rights(both, "Requester") - access.pairs()["Requester"] == {("can_release", "PurchaseRequest")}
    assert rosa.press("purchase-request", draft, "release").status_code == 200
    with records(both) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "grant")).one()
        assert (entry.label, entry.new, entry.by_id) == ("Requester", "release purchase request", both.ids["admin"])


def test_a_deed_taken_away_is_marked_and_can_be_given_back(both):
    admin, amos = Person(both.app, "admin"), Person(both.app, "approver")
    save(both, admin, "Approver", untick=("can_approve:Invoice",))
    page = admin.get(f"/roles/show/{role_id(both, 'Approver')}").text
    assert "taken away" in page and "1 change" in admin.get("/roles/list/").text
    assert ("can_approve", "Invoice") not in rights(both, "Approver")
    admin.post(f"/roles/built-in/{role_id(both, 'Approver')}")
    assert rights(both, "Approver") == access.pairs()["Approver"]
    assert amos.get("/invoice/list/").status_code == 200
    with records(both) as session:
        deeds = session.scalars(select(AuditEntry.action).where(AuditEntry.entity == "Role")).all()
        assert sorted(deeds) == ["grant", "withdraw"]


def test_setting_up_again_and_starting_anew_keep_what_was_changed(both):
    save(both, Person(both.app, "admin"), "Receiver", untick=("can_list:DeliveryOrder",))
    before = rights(both, "Receiver")
    with records(both) as session:
        assert grants.sync(session, access.pairs()) == 0
    assert rights(both, "Receiver") == before != access.pairs()["Receiver"]
    assert Person(both.app, "receiver").get("/delivery-order/list/").status_code == 403


def test_who_may_do_something_may_look_at_it(world, admin):
    save(world, admin, "Evaluator", tick=("can_approve:Invoice",))
    assert {("can_list", "Invoice"), ("can_show", "Invoice")} <= rights(world, "Evaluator")


REFUSED = {
    "Admin, out of roles": ("Admin", (), ("can_edit:Role",), "would lock themselves out"),
    "Admin, out of accounts": ("Admin", (), ("can_edit:User",), "would lock themselves out"),
    "Admin, into business": ("Admin", ("can_approve:Invoice",), (), "is not extended"),
    "Admin, into looking": ("Admin", ("can_list:Posting",), (), "is not extended"),
    "somebody else, into roles": ("Manager", ("can_edit:Role",), (), "Only the role Admin has rights over roles"),
    "somebody else, into accounts": ("Fiscal", ("can_list:User",), (), "Only the role Admin has rights over accounts"),
    "the auditor, into writing": ("Auditor", ("can_edit:Vendor",), (), "An auditor writes nothing"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_administrators_may_not_make_of_a_role(world, admin, case):
    role, tick, untick, said = REFUSED[case]
    with nothing_changes(world):
        answer = save(world, admin, role, tick=tick, untick=untick)
    assert answer.status_code == 422 and said in words(answer.text)
    for one in tick:
        assert f'value="{one}" checked' in answer.text, "what was ticked stays"


def test_nothing_is_given_to_the_public(world, admin):
    with records(world) as session:
        if session.scalar(select(Role).where(Role.name == "Public")) is None:
            session.add(Role(name="Public"))
            session.commit()
    with nothing_changes(world):
        answer = save(world, admin, "Public", tick=("can_list:Vendor",))
    assert answer.status_code == 422 and "Nothing of the office is public" in answer.text


def test_two_administrators_do_not_overwrite_each_other(world, admin):
    address = f"/roles/show/{role_id(world, 'Fiscal')}"
    first = form_to(admin.get(address).text, address)
    save(world, Person(world.app, "admin"), "Fiscal", untick=("can_allot:FundingStrip",))
    chosen = [*first.fields["grant"], "can_list:Organization", "can_approve:Invoice"]
    answer = admin.post(address, **first.sent(grant=chosen))
    assert answer.status_code == 409 and "Somebody else has changed this role" in answer.text
    assert 'value="can_approve:Invoice" checked' in answer.text, "what was ticked stays"
    assert ("can_allot", "FundingStrip") not in rights(world, "Fiscal")
    assert admin.post(address, grant="can_list:Vendor").status_code == 409, "a page that never was"


@pytest.mark.parametrize(
    "grant",
    ["", "x", "can_list", ":", "can_list:", "can_fly:Vendor", "can_list:Secret", "\x00:\x00", "can_delete:Posting"],
)
def test_a_right_that_there_is_not_is_not_given(world, admin, grant):
    before = rights(world, "Evaluator")
    assert save(world, admin, "Evaluator", tick=(grant,)).status_code == 200
    assert rights(world, "Evaluator") == before


@pytest.mark.parametrize("name", ["requester", "manager", "auditor", "crc", "fiscal"])
def test_only_administrators_see_and_change_roles(world, name):
    person, role = Person(world.app, name), role_id(world, "Requester")
    with nothing_changes(world):
        assert person.client.get("/roles/list/").status_code == 403
        assert person.client.get(f"/roles/show/{role}").status_code == 403
        for path in (f"/roles/show/{role}", f"/roles/built-in/{role}"):
            assert person.post(path, grant="can_edit:Role").status_code == 403


def test_a_role_that_there_is_not(world, admin):
    for path in ("/roles/show/999999", "/roles/show/x", "/roles/show/-1"):
        assert admin.get(path).status_code == 404
    assert admin.post("/roles/built-in/999999").status_code == 404


def test_every_right_stands_in_the_matrix_once(world, admin):
    page = admin.get(f"/roles/show/{role_id(world, 'Buyer')}").text
    offered = grants.matrix(access.ROLES)
    for entity, verbs in offered.items():
        for verb in set(verbs) - {"show"}:
            assert page.count(f'value="can_{verb}:{entity}"') == 1, (verb, entity)
    assert set(areas().values()) <= set(views.MENU) and areas()["TaxId"] == "Vendors"


@pytest.mark.parametrize("role", sorted(access.ROLES))
def test_what_is_built_in_is_never_refused(role):
    """Saving an untouched role, and giving it back what is built in, always works."""
    built_in = access.pairs()[role]
    assert access.whole(built_in) == built_in, "whoever may do something may look"
    assert not list(access.refusals(role, built_in, built_in))
    assert not list(access.refusals(role, set(), built_in)) or role == "Admin"
