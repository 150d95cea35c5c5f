"""The signing policy as a whole: faults of a rule, gaps and overlaps, and the order of the steps. Source: DOC-05."""

from decimal import Decimal

import pytest
from flask_appbuilder.security.sqla.models import User
from hypothesis import given
from hypothesis import strategies as any_of

from app.entities.approvals import RoutingRule
from app.entities.organization import Organization
from app.rules.routing import Case, sentence, wanted
from app.rules.signing_policy import ELSEWHERE, Standing, faults, fingerprint, gaps, overlaps, remarks, reordered

HEALTH, CLINIC, CORRECTIONS = (
    Organization(name=name, path=path)
    for name, path in (("Health", "/1/2/"), ("Clinic", "/1/2/3/"), ("Corrections", "/1/4/"))
)
ORDERS = ("delivery_order", "Delivery orders")


def rule(**values) -> RoutingRule:
    """A rule for orders, without conditions unless they are named."""
    amounts = {name: Decimal(values.pop(name)) for name in ("amount_from", "amount_to") if name in values}
    return RoutingRule(
        **({"kind": "delivery_order", "step": 1, "role": "Approver", "reason": "Because"} | amounts | values)
    )


def in_words(one: RoutingRule) -> str:
    return sentence(one, "Delivery orders", one.role)


CLOSED = User(first_name="Pia", last_name="Past", active=False)

FAULTS = {
    "nothing wrong": (rule(), ()),
    "nobody": (rule(role=""), ("role",)),
    "a role and a person": (rule(user_id=3), ("user",)),
    "somebody who has left": (rule(role="", user=CLOSED), ("user",)),
    "a step before the first": (rule(step=0), ("step",)),
    "a step too many": (rule(step=21), ("step",)),
    "a band the wrong way round": (rule(amount_from="2", amount_to="1.99"), ("amount_to",)),
    "a band of one amount": (rule(amount_from="2", amount_to="2"), ()),
    "a class that is none": (rule(commodity_class="7%"), ("commodity_class",)),
    "a subtype where there are none": (rule(subtype="catalog"), ("subtype",)),
    "no reason": (rule(reason=" "), ("reason",)),
    "all at once": (rule(role="", step=0, reason=""), ("role", "step", "reason")),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_rule_is_refused_field_by_field(case):
    one, fields = FAULTS[case]
    assert tuple(field for field, _ in faults(one, has_subtypes=False)) == fields


GAPS = {
    "a rule for everything": ([rule()], []),
    "no rule at all": ([], ["No rule signs delivery orders: the usual approver does."]),
    "from an amount on": (
        [rule(amount_from="100.00")],
        ["No rule signs delivery orders to 99.99: the usual approver does."],
    ),
    "a hole between two bands": (
        [rule(amount_to="100.00"), rule(amount_from="200.00")],
        ["No rule signs delivery orders from 100.01 to 199.99: the usual approver does."],
    ),
    "bands that meet": ([rule(amount_to="100.00"), rule(amount_from="100.01")], []),
    "an office up to an amount": (
        [rule(organization=CORRECTIONS, amount_to="50000.00"), rule(organization=HEALTH)],
        [
            "No rule signs delivery orders of offices without a rule of their own: the usual approver does.",
            "No rule signs delivery orders of Corrections from 50,000.01: the usual approver does.",
        ],
    ),
    "an office below one that has a rule": (
        [rule(), rule(organization=CORRECTIONS, amount_from="10")],
        [],
    ),
    "an office inside another": (
        [rule(organization=HEALTH, amount_to="10.00"), rule(organization=CLINIC, amount_from="10.01")],
        [
            "No rule signs delivery orders of offices without a rule of their own: the usual approver does.",
            "No rule signs delivery orders of Health from 10.01: the usual approver does.",
        ],
    ),
    "a class does not sign for all": (
        [rule(commodity_class="70")],
        ["No rule signs delivery orders: the usual approver does."],
    ),
    "three holes in a row are one": (
        [rule(commodity_class="70", amount_from="5"), rule(commodity_class="70", amount_from="10"), rule(amount_from="20")],
        ["No rule signs delivery orders to 19.99: the usual approver does."],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", GAPS)
def test_gaps_are_said_out_loud(case):
    rules, said = GAPS[case]
    assert gaps(*ORDERS, rules) == said


amounts = any_of.none() | any_of.integers(0, 6).map(Decimal)
some_rules = any_of.lists(
    any_of.builds(
        lambda low, high, place: RoutingRule(kind="delivery_order", step=1, role="Approver", reason="x",
                                             amount_from=low, amount_to=high, organization=place),
        amounts, amounts, any_of.sampled_from([None, HEALTH, CLINIC, CORRECTIONS]),
    ),
    max_size=5,
)  # fmt: skip


@given(some_rules, any_of.integers(0, 800).map(lambda cents: Decimal(cents).scaleb(-2)))
def test_there_is_a_gap_exactly_where_routing_finds_no_rule(rules, total):
    """Asked of one amount: what is said of it and what routing does are the same."""
    case = Case("delivery_order", "elsewhere", "/", total)
    nobody = not wanted(case, rules)[0].findings
    said = [one for one in gaps(*ORDERS, rules) if " of " not in one or ELSEWHERE.name in one]
    numbers = [[Decimal(word.strip(":").replace(",", "")) for word in one.split() if word[0].isdigit()] for one in said]
    bands = [_band(one, found) for one, found in zip(said, numbers, strict=True)]
    assert nobody == any(low <= total <= high for low, high in bands)


def _band(said: str, numbers: list[Decimal]) -> tuple[Decimal, Decimal]:
    low = numbers[0] if " from " in said else Decimal(0)
    return low, numbers[-1] if " to " in said else Decimal(10**9)


OVERLAPS = {
    "the same twice": ([rule(), rule()], 1),
    "one inside the other": ([rule(), rule(organization=CLINIC, amount_from="5")], 1),
    "bands apart": ([rule(amount_to="5"), rule(amount_from="5.01")], 0),
    "bands that touch": ([rule(amount_to="5"), rule(amount_from="5")], 1),
    "offices apart": ([rule(organization=CLINIC), rule(organization=CORRECTIONS)], 0),
    "other roles": ([rule(), rule(role="ITS")], 0),
    "subtypes apart": ([rule(subtype="catalog"), rule(subtype="grant")], 0),
    "two classes on one document": ([rule(commodity_class="70"), rule(commodity_class="75")], 1),
    "in two steps": ([rule(), rule(step=2)], 1),
}


@pytest.mark.parametrize("case", OVERLAPS)
def test_overlaps_are_said_out_loud(case):
    rules, number = OVERLAPS[case]
    assert len(list(overlaps(rules, in_words))) == number


def test_a_signature_that_nobody_can_give_is_said():
    rules = [rule(), rule(role="ITS"), rule(role="Reviewer", step=2), rule(role="", user=CLOSED, step=3)]
    said = remarks(*ORDERS, rules, Standing(held={"Approver"}, able={"Approver", "ITS"}), in_words)
    assert said == [
        "Nobody holds the role ITS: what it has to sign would wait.",
        "The role Reviewer may not approve delivery orders, so that its signature is never given.",
        "The account of Pia Past is closed: what waits for it would wait for ever.",
    ]
    assert remarks(*ORDERS, [rule(active=False)], Standing({"Approver"}, {"Approver"}), in_words) == [
        "No rule signs delivery orders: the usual approver does."
    ]


def placed(*steps: int) -> list[RoutingRule]:
    return [rule(id=number, step=step, version=1) for number, step in enumerate(steps, 1)]


ORDER = {
    "alone, earlier: joins the step before": (placed(1, 2, 3), 2, True, {1: 1, 2: 1, 3: 2}),
    "alone, later: joins the step after": (placed(1, 2, 3), 2, False, {1: 1, 2: 2, 3: 2}),
    "one of two, earlier: a step of its own before": (placed(1, 1, 2), 2, True, {2: 1, 1: 2, 3: 3}),
    "one of two, later: a step of its own after": (placed(1, 1, 2), 1, False, {2: 1, 1: 2, 3: 3}),
    "the first stays first": (placed(1, 2), 1, True, {1: 1, 2: 2}),
    "the last stays last": (placed(1, 2), 2, False, {1: 1, 2: 2}),
    "holes are closed": (placed(1, 5, 9), 3, False, {1: 1, 2: 2, 3: 3}),
}


@pytest.mark.parametrize("case", ORDER)
def test_a_rule_goes_a_place_earlier_or_later(case):
    rules, which, earlier, steps = ORDER[case]
    assert reordered(rules, which, earlier) == steps


@given(any_of.lists(any_of.integers(1, 4), min_size=1, max_size=6), any_of.data())
def test_every_order_can_be_undone(steps, data):
    """Earlier and then later brings the same order back, wherever the rule was not at the edge."""
    rules = placed(*steps)
    which = data.draw(any_of.sampled_from([one.id for one in rules]))
    dense = reordered_in_place(rules, {one.id: sorted({*steps}).index(one.step) + 1 for one in rules})
    there = reordered(dense, which, True)
    if there == {one.id: one.step for one in dense}:
        return
    back = reordered(reordered_in_place(dense, there), which, False)
    assert back == {key: sorted({*steps}).index(step) + 1 for key, step in enumerate(steps, 1)}


def reordered_in_place(rules: list[RoutingRule], steps: dict[int, int]) -> list[RoutingRule]:
    for one in rules:
        one.step = steps[one.id]
    return rules


def test_a_page_tells_a_fresh_order_from_a_stale_one():
    assert fingerprint(placed(1, 2)) == fingerprint(placed(1, 2))
    assert (
        len({fingerprint(one) for one in (placed(1, 2), placed(2, 1), placed(1), [rule(id=1, step=1, version=2)])}) == 4
    )
