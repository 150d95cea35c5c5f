"""What the simulator says is what routing and signing then do, whatever the policy, the people and the document."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as any_of

from app.entities.approvals import RoutingRule, Signature
from app.entities.awards import DeliveryOrder
from app.entities.catalog import CommodityCode
from app.entities.document import Preparer
from app.entities.lines import LineItem
from app.entities.organization import Organization
from app.rules.approvals import ask_for_signatures, current_steps, preparers
from app.rules.deeds import Absent, Actor, Deed
from app.rules.documents import SIGNING
from app.rules.forecast import forecast
from app.rules.routing import FALLBACK, NO_RULE, case_of, missed, seats, wanted

OFFICES = [
    Organization(id=key, name=name, path=path)
    for key, name, path in (
        (1, "State", "/1/"),
        (2, "Health", "/1/2/"),
        (3, "Clinic", "/1/2/3/"),
        (4, "Parks", "/1/4/"),
    )
]
ROLES = ("Approver", "Chief", "ITS")
CODES = ("7025", "7510", "D302")
PEOPLE = range(1, 7)
MAY_SIGN = frozenset({("can_approve", "DeliveryOrder")})

amounts = any_of.sampled_from([Decimal(one) for one in ("0.00", "99.99", "100.00", "100.01", "5000.00", "99999.99")])
offices = any_of.sampled_from(OFFICES)


@any_of.composite
def rules(draw) -> RoutingRule:
    """Any rule for orders, or for something else."""
    low, high = draw(any_of.none() | amounts), draw(any_of.none() | amounts)
    role, person = draw(any_of.sampled_from([(one, None) for one in ROLES] + [("", one) for one in PEOPLE]))
    return RoutingRule(
        kind=draw(any_of.sampled_from(["delivery_order"] * 4 + ["invoice"])),
        organization=draw(any_of.none() | offices),
        amount_from=low,
        amount_to=high,
        commodity_class=draw(any_of.sampled_from(["", "", "70", "7025", "D3"])),
        technology=draw(any_of.booleans()) and draw(any_of.booleans()),
        subtype=draw(any_of.sampled_from(["", "", "catalog"])),
        step=draw(any_of.integers(1, 3)),
        role=role,
        user_id=person,
        reason="Because",
        active=draw(any_of.sampled_from([True, True, True, False])),
    )


@any_of.composite
def absences(draw) -> Absent:
    """Anybody who is away."""
    return Absent(
        user_id=draw(any_of.sampled_from(list(PEOPLE))),
        name="Somebody",
        roles=draw(any_of.frozensets(any_of.sampled_from(ROLES))),
        path=draw(offices).path,
        approval_limit=draw(any_of.none() | amounts),
    )


@any_of.composite
def people(draw) -> Actor:
    """Anybody: in some office, with some roles, a limit perhaps, standing in for somebody perhaps."""
    office = draw(offices)
    return Actor(
        user_id=0,
        name="",
        roles=draw(any_of.frozensets(any_of.sampled_from(ROLES))),
        path=office.path,
        approval_limit=draw(any_of.none() | amounts),
        stands_in_for=tuple(draw(any_of.lists(absences(), max_size=2, unique_by=lambda one: one.user_id))),
        grants=draw(any_of.sampled_from([MAY_SIGN, MAY_SIGN, frozenset()])),
    )


@any_of.composite
def orders(draw) -> DeliveryOrder:
    """Any order, with some who wrote in it."""
    made = DeliveryOrder(
        kind="delivery_order",
        total=draw(amounts),
        organization=draw(offices),
        subtype=draw(any_of.sampled_from(["catalog", "internal"])),
        created_by_id=draw(any_of.sampled_from(list(PEOPLE))),
        version=1,
    )
    made.lines = [
        LineItem(commodity_code=CommodityCode(code=code, technology=code != "7510"))
        for code in draw(any_of.lists(any_of.sampled_from(CODES), max_size=3))
    ]
    made.preparers = [Preparer(user_id=one) for one in draw(any_of.sets(any_of.sampled_from(list(PEOPLE)), max_size=2))]
    return made


@dataclass
class Office:
    """The policy and the people, from memory."""

    rules: Sequence[RoutingRule]
    people: Sequence[Actor]

    def routing_rules(self, kind: str) -> list[RoutingRule]:
        return [one for one in self.rules if one.kind == kind]

    def signatories(self, role: str, user_id: int | None, path: str) -> list[Actor]:
        return [one for one in self.people if seats(role, user_id, path, one)]


def may_sign(document: DeliveryOrder, by: Actor, facts: Office) -> bool:
    """Whether the rules of signing let this person sign now, as `workflow.act` asks them."""
    deed = Deed("approve", by, datetime(2026, 11, 23, tzinfo=UTC), date(2026, 11, 23), facts, proved=True)  # type: ignore[arg-type]
    return by.may("approve", DeliveryOrder) and not [
        one for check in SIGNING["approve"] for one in check(document, deed)
    ]


@settings(max_examples=300, deadline=None)
@given(orders(), any_of.lists(rules(), max_size=6), any_of.lists(people(), min_size=1, max_size=6))
def test_the_forecast_is_what_routing_and_signing_then_do(document, policy, cast):
    cast = [
        Actor(number, f"Person {number}", one.roles, None, one.path, one.approval_limit, one.stands_in_for, one.grants)
        for number, one in enumerate(cast, 1)
    ]
    facts = Office(policy, cast)
    said = forecast(case_of(document), facts.routing_rules("delivery_order"), facts, DeliveryOrder, preparers(document))
    sender = Actor(document.created_by_id, "Sender")
    ask_for_signatures(document, Deed("route", sender, datetime(2026, 11, 23, tzinfo=UTC), date(2026, 11, 23), facts))  # type: ignore[arg-type]
    sheet = document.sheets[-1]
    assert [(one.step, one.role, one.user_id, one.reason) for one in sheet.steps] == [
        (one.wanted.step, one.wanted.role, one.wanted.user_id, one.wanted.reason) for one in said.seats
    ]
    sheet.closed_at = None
    for step, seat in zip(sheet.steps, said.seats, strict=True):
        # Ask of each step alone: that somebody may sign one beside it says nothing of this one.
        aside = [one for one in current_steps(sheet) if one is not step]
        for one in aside:
            one.signature = Signature(by_id=0, verdict="approved", at=datetime(2026, 11, 23, tzinfo=UTC))
        foretold = {one.actor.user_id for one in seat.signatories if one.may_sign}
        assert foretold == {one.user_id for one in cast if may_sign(document, one, facts)}
        assert seat.is_stuck == (not foretold)
        for one in aside:
            one.signature = None
        step.signature = Signature(by_id=0, verdict="approved", at=datetime(2026, 11, 23, tzinfo=UTC))


@settings(max_examples=200, deadline=None)
@given(orders(), any_of.lists(rules(), max_size=8))
def test_every_rule_is_told_of_once_and_says_why(document, policy):
    case = case_of(document)
    told = [finding for one in wanted(case, policy) for finding in one.findings]
    not_told = missed(case, policy)
    assert {id(one.rule) for one in (*told, *not_told)} == {id(one) for one in policy}
    assert len(told) + len(not_told) == len(policy)
    assert all(one.failed for one in not_told) and not any(one.failed for one in told)
    assert [len(one.failed) for one in not_told] == sorted(len(one.failed) for one in not_told)
    if not told:
        (only,) = wanted(case, policy)
        assert (only.role, only.reason, only.findings) == (FALLBACK, NO_RULE, ())


def test_conditions_are_told_with_their_numbers():
    rule = RoutingRule(
        kind="delivery_order",
        organization=OFFICES[1],
        amount_from=Decimal("100.00"),
        amount_to=Decimal("5000.00"),
        commodity_class="70",
        technology=True,
        step=1,
        role="Chief",
        reason="Because",
    )
    order = DeliveryOrder(kind="delivery_order", total=Decimal("5000.01"), organization=OFFICES[2])
    order.lines = [LineItem(commodity_code=CommodityCode(code="7025", technology=True))]
    (found,) = missed(case_of(order), [rule])
    assert [(one.about, one.asked, one.found, one.holds) for one in found.conditions] == [
        ("type", "delivery order", "delivery order", True),
        ("agency", "Health and below", "it belongs to Clinic", True),
        ("amount", "from 100.00 to 5,000.00", "the total is 5,000.01", False),
        ("class", "70", "it buys 7025", True),
        ("information technology", "only", "a line of it is information technology", True),
    ]
