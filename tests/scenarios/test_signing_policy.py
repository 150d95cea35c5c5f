"""The signing policy is kept as sentences, where they stand; what is wrong is said by field, and nobody overwrites
anybody. Source: DOC-05."""

import re

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.entities.approvals import RoutingRule
from app.models import AuditEntry
from tests.abuse.evidence import nothing_changes
from tests.scenarios.test_signing_forecast import a_rule
from tests.support.making import records
from tests.support.pages import form_to, forms_of, words
from tests.support.people import Person


@pytest.fixture
def admin(world):
    return Person(world.app, "admin")


def rules_of(world, kind: str = "purchase_request") -> list[tuple[int, str]]:
    with records(world) as session:
        wanted = select(RoutingRule).where(RoutingRule.kind == kind).order_by(RoutingRule.step, RoutingRule.id)
        return [(one.step, one.role) for one in session.scalars(wanted)]


def typed(**values) -> dict[str, str]:
    return {"kind": "purchase_request", "step": "2", "role": "ITS", "reason": "IT is looked at", "active": "y"} | values


def add(person: Person, **values):
    return person.post("/routing-rule/in-place/purchase_request?rule=new", **typed(**values))


def test_the_policy_reads_as_sentences(world, admin):
    a_rule(world, technology=True, amount_from=10000, role="ITS", organization_id=world.ids["health"])
    page = words(admin.get("/routing-rule/list/").text)
    assert "Approver signs purchase requests" in page and "Carla Chief signs master agreements" in page
    assert "ITS signs purchase requests for information technology of Public Health and below from 10,000.00" in page


def test_a_rule_is_added_where_it_stands(both):
    admin = Person(both.app, "admin")
    form = admin.get("/routing-rule/in-place/purchase_request?rule=new").text
    assert form_to(form, "/routing-rule/in-place/purchase_request?rule=new").fields["step"] == ["2"]
    answer = add(admin, amount_from="10,000", technology="y")
    assert answer.status_code == 200, words(answer.text)
    assert "ITS signs purchase requests for information technology from 10,000.00" in words(answer.text)
    assert rules_of(both) == [(1, "Approver"), (2, "ITS")]
    with records(both) as session:
        assert session.scalar(select(AuditEntry.action).where(AuditEntry.entity == "RoutingRule")) == "add"


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"role": ""}, "role", "Choose a role or name a person"),
        ({"step": "0"}, "step", "Enter a step from 1 to 20."),
        ({"step": "99999999999"}, "step", "whole number"),
        ({"step": "two"}, "step", "whole number"),
        ({"amount_from": "x"}, "amount_from", "Enter a number"),
        ({"amount_from": "-1"}, "amount_from", "At least 0"),
        ({"amount_from": "10", "amount_to": "9.99"}, "amount_to", "Enter at least 10.00"),
        ({"reason": ""}, "reason", "Enter a value."),
        ({"reason": "x" * 300}, "reason", "At most 200"),
        ({"commodity_class": "7%"}, "commodity_class", "first letters and digits"),
        ({"subtype": "grant"}, "subtype", "have no subtypes"),
        ({"subtype": "none of them"}, "subtype", "Not a valid choice"),
        ({"role": "Admin"}, "role", "Not a valid choice"),
        ({"organization": "999999"}, "organization", "Choose one from the list"),
        ({"user": "999999"}, "user", "Choose one from the list"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_stays(world, admin, values, field, said):
    with nothing_changes(world):
        answer = add(admin, **values)
    assert answer.status_code == 422 and said in words(answer.text), words(answer.text)
    assert f'id="{field}-error"' in answer.text
    form = form_to(answer.text, "rule=new")
    assert form.fields["step"] == [values.get("step", "2")], "what was typed stays"


def test_a_role_and_a_person_are_not_both_named(world, admin):
    answer = add(admin, user=str(world.ids["its"]))
    assert answer.status_code == 422 and "Leave one of them empty" in answer.text


def test_the_database_refuses_too(both):
    for statement in (
        "UPDATE routing_rule SET user_id = 1 WHERE role <> ''",
        "UPDATE routing_rule SET step = 0",
        "UPDATE routing_rule SET step = 21",
        "UPDATE routing_rule SET reason = ''",
        "UPDATE routing_rule SET amount_from = -1",
        "UPDATE routing_rule SET amount_from = 2, amount_to = 1",
        "UPDATE routing_rule SET role = '', user_id = NULL",
    ):
        with records(both) as session, pytest.raises(DBAPIError):
            session.execute(text(statement))


def test_a_rule_that_somebody_else_has_changed_is_not_overwritten(world, admin):
    rule = a_rule(world)
    opened = form_to(admin.get(f"/routing-rule/in-place/purchase_request?rule={rule}").text, f"rule={rule}")
    other = Person(world.app, "admin")
    address = f"/routing-rule/in-place/purchase_request?rule={rule}"
    assert other.post(address, **opened.sent(reason="First")).status_code == 200
    answer = admin.post(address, **opened.sent(reason="Second"))
    assert answer.status_code == 422 and "Somebody else has changed" in answer.text and 'value="Second"' in answer.text
    with records(world) as session:
        assert session.get_one(RoutingRule, rule).reason == "First"


def order_of(page: str) -> str:
    return re.findall(r'name="order" value="([0-9a-f]+)"', page)[0]


def test_the_order_is_changed_step_by_step(both):
    admin = Person(both.app, "admin")
    its = a_rule(both, role="ITS")
    card = "/routing-rule/in-place/purchase_request"
    answer = admin.post(f"/routing-rule/move/{its}/earlier", order=order_of(admin.get(card).text))
    assert "side by side" in answer.text and rules_of(both) == [(1, "Approver"), (1, "ITS")]
    stale = order_of(admin.get(card).text)
    admin.post(f"/routing-rule/move/{its}/earlier", order=stale)
    assert rules_of(both) == [(1, "ITS"), (2, "Approver")]
    answer = admin.post(f"/routing-rule/move/{its}/later", order=stale)
    assert "Somebody else has changed these rules" in answer.text and rules_of(both) == [(1, "ITS"), (2, "Approver")]
    for path in (f"/routing-rule/move/{its}/sideways", "/routing-rule/move/0/earlier", "/routing-rule/move/x/earlier"):
        assert admin.post(path, order=stale).status_code == 404, path


def test_a_gap_is_said_and_a_preview_says_what_would_change(world, admin):
    with records(world) as session:
        session.execute(text("UPDATE routing_rule SET amount_to = 5000000 WHERE kind = 'purchase_request'"))
        session.commit()
    card = words(admin.get("/routing-rule/in-place/purchase_request").text)
    assert "No rule signs purchase requests from 50,000.01: the usual approver does." in card
    with nothing_changes(world):
        told = words(
            admin.post("/routing-rule/preview/purchase_request?rule=new", **typed(amount_from="50000.01")).text
        )
    assert "ITS signs purchase requests from 50,000.01." in told
    assert "No longer: No rule signs purchase requests from 50,000.01" in told
    told = words(admin.post("/routing-rule/preview/purchase_request?rule=new", **typed(step="0")).text)
    assert "as soon as it is complete" in told


def test_a_rule_is_taken_out(world, admin):
    rule = a_rule(world)
    admin.post(f"/routing-rule/delete/{rule}")
    assert rules_of(world) == [(1, "Approver")]


@pytest.mark.parametrize("name", ["requester", "approver", "buyer", "manager", "auditor"])
def test_only_administrators_keep_the_policy(world, name):
    rule = a_rule(world)
    person = Person(world.app, name)
    with nothing_changes(world):
        for path in (
            f"/routing-rule/move/{rule}/earlier",
            "/routing-rule/in-place/purchase_request?rule=new",
            f"/routing-rule/in-place/purchase_request?rule={rule}",
            "/routing-rule/preview/purchase_request",
        ):
            assert person.post(path, **typed()).status_code == 403, path
    page = person.client.get("/routing-rule/list/")
    assert page.status_code == (200 if name == "auditor" else 403)
    assert not [one for one in forms_of(page.text) if "/move/" in one.action or "/delete/" in one.action]


def test_an_address_that_makes_no_sense_is_answered_in_words(world, admin):
    invoice = "/routing-rule/in-place/invoice"
    rule = a_rule(world)
    assert admin.get(f"{invoice}?rule={rule}").status_code == 404, "a rule of another type"
    assert admin.get("/routing-rule/in-place/receipt").status_code == 404, "nobody signs receipts"
    assert admin.get("/routing-rule/in-place/nothing?rule=new").status_code == 404
    assert admin.get(f"{invoice}?rule=zz").status_code in (403, 404)
