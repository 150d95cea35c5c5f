"""Who would sign this, and why: on a draft's page, and of a document that one can think of. Source: DOC-05."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from app.entities.approvals import RoutingRule
from app.models import Document
from tests.abuse.evidence import nothing_changes
from tests.support.around import a_deputy, give, limit, only_signer
from tests.support.making import a_basket, a_request, an_order, records
from tests.support.pages import words
from tests.support.people import Person


def a_rule(world, **values) -> int:
    """One more rule of the signing policy."""
    with records(world) as session:
        made = RoutingRule(**({"kind": "purchase_request", "step": 2, "role": "Manager", "reason": "Big"} | values))
        session.add(made)
        session.commit()
        return made.id


def test_a_draft_says_who_will_sign_it_and_its_routing_asks_them(both):
    a_rule(both, amount_from=Decimal("150.00"))
    a_rule(both, amount_from=Decimal("200.01"), role="ITS", step=3)
    draft = a_request(both)
    rosa = Person(both.app, "requester")
    page = words(rosa.get(f"/purchase-request/show/{draft}").text)
    assert "Who will sign" in page and "Approver: Amos Approver" in page and "Manager: Mona Manager" in page
    told = words(rosa.get(f"/purchase-request/signers/{draft}").text)
    assert "Step 1: Approver" in told and "Step 2: Manager" in told
    assert "Manager signs purchase requests from 150.00" in told
    assert "Amount from 150.00: the total is 200.00" in told
    assert "Rules that do not apply" in told and "ITS signs purchase requests from 200.01" in told and "Nearly" in told
    rosa.press("purchase-request", draft, "route")
    with records(both) as session:
        (sheet,) = session.get_one(Document, draft).sheets
        assert [(one.step, one.role) for one in sheet.steps] == [(1, "Approver"), (2, "Manager")]
    assert "Approval route" in rosa.get(f"/purchase-request/signers/{draft}").text, "on its way, its page says so"


def test_whoever_made_it_is_named_with_the_reason(world):
    give(world, "requester", "Approver")
    limit(world, "approver", "100.00")
    draft = a_request(world)
    told = words(Person(world.app, "requester").get(f"/purchase-request/signers/{draft}").text)
    assert "Rosa Requester holds the role Approver, but created or changed the document" in told
    assert "Amos Approver holds the role Approver, but has an approval limit below 200.00" in told
    assert "Carla Chief holds the role Approver" in told and "2 can sign" not in told and "1 can sign" in told


def test_deputies_in_force_stand_beside_the_person_named(world):
    only_signer(world, "purchase_request", "chief")
    a_deputy(world, "chief", "approver")
    draft = a_request(world)
    told = words(Person(world.app, "requester").get(f"/purchase-request/signers/{draft}").text)
    assert "Carla Chief is named in the rule" in told
    assert "Amos Approver stands in today for Carla Chief, who is named in the rule" in told


def test_deputies_stand_beside_who_holds_the_role(world):
    a_deputy(world, "approver", "manager")
    told = words(Person(world.app, "requester").get(f"/purchase-request/signers/{a_request(world)}").text)
    assert "Mona Manager stands in today for Amos Approver, who holds the role Approver" in told


def test_a_step_that_nobody_can_sign_is_said_before_it_waits_for_ever(world):
    only_signer(world, "purchase_request", "requester")
    draft = a_request(world)
    rosa = Person(world.app, "requester")
    assert "Nobody can sign" in rosa.get(f"/purchase-request/show/{draft}").text
    assert "The document would wait here" in rosa.get(f"/purchase-request/signers/{draft}").text


def asked(world, **values) -> dict[str, str]:
    """A question to the simulator."""
    usual = {"kind": "purchase_request", "organization": str(world.ids["clinic"]), "amount": "12,000"}
    return usual | {name: str(value) for name, value in values.items()}


def test_an_administrator_thinks_of_a_document(both):
    a_rule(both, technology=True, amount_from=Decimal("10000.00"), role="ITS")
    with records(both) as session:
        session.execute(select(1))
    admin = Person(both.app, "admin")
    page = words(admin.get("/signing/", query_string=asked(both)).text)
    assert "Step 1: Approver" in page and "Step 2" not in page.split("Rules that do not apply")[0]
    assert "no line of it is information technology" in page
    page = words(admin.get("/signing/", query_string=asked(both, technology="y", author=both.ids["approver"])).text)
    assert "Step 2: ITS" in page and "Ivo Its" in page
    assert "Amos Approver holds the role Approver, but created or changed the document" in page


def test_what_if_a_rule_were_different_is_asked_and_not_kept(world):
    rule = a_rule(world, amount_from=Decimal("50000.00"))
    admin = Person(world.app, "admin")
    changed = asked(world, what_if=1, instead=rule) | {
        "rule-kind": "purchase_request", "rule-step": "2", "rule-role": "Manager", "rule-reason": "Lower",
        "rule-amount_from": "10000", "rule-active": "y",
    }  # fmt: skip
    with nothing_changes(world):
        page = words(admin.get("/signing/", query_string=changed).text)
    assert "Manager signs purchase requests from 10,000.00" in page and "Step 2: Manager" in page
    page = words(admin.get("/signing/", query_string=asked(world)).text)
    assert "Step 2: Manager" not in page


@pytest.mark.parametrize(
    "values",
    [
        {"amount": "lots"},
        {"amount": "-1"},
        {"amount": "9" * 40},
        {"organization": "999999"},
        {"organization": "x"},
        {"kind": "receipt"},
        {"kind": "'--"},
        {"code": "1e9"},
        {"author": "\x00"},
        {"commodity_class": "7" * 30},
        {"subtype": "other"},
        {"what_if": "1", "rule-kind": "nothing", "rule-step": "many", "rule-amount_from": "x"},
        {"what_if": "1", "instead": "zz"},
    ],
)
def test_a_question_that_makes_no_sense_is_answered_in_words(world, values):
    answer = Person(world.app, "admin").client.get("/signing/", query_string=asked(world) | values)
    assert answer.status_code in (200, 422), values


def test_the_simulator_is_for_those_who_may_see_the_policy(world):
    for name, status in (("admin", 200), ("auditor", 200), ("requester", 403), ("approver", 403), ("buyer", 403)):
        assert Person(world.app, name).client.get("/signing/").status_code == status, name


def test_a_draft_of_another_office_says_nothing(world):
    draft = a_basket(world)
    order = an_order(world)
    oda = Person(world.app, "outsider")
    assert oda.client.get(f"/market-basket/signers/{draft}").status_code == 404
    assert oda.client.get(f"/delivery-order/signers/{order}").status_code in (403, 404)
    assert Person(world.app, "requester").client.get("/market-basket/signers/zz").status_code == 404
