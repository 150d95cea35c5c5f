"""Who has to sign what: each condition of a routing rule, alone and together. Source: DOC-05."""

from decimal import Decimal
from itertools import product

import pytest

from app.entities.approvals import RoutingRule
from app.entities.awards import DeliveryOrder, MasterAgreement
from app.entities.catalog import CommodityCode
from app.entities.lines import LineItem
from app.entities.organization import Organization
from app.rules.routing import FALLBACK, case_of, matches, reaches, wanted

STATE, HEALTH, CLINIC, PARKS = (
    Organization(name=name, path=path)
    for name, path in (("State", "/1/"), ("Health", "/1/2/"), ("Clinic", "/1/2/3/"), ("Parks", "/1/4/"))
)


def order(total: str = "500.00", office: Organization = CLINIC, *codes: str, **values) -> DeliveryOrder:
    """An order of an office, with a line for each code."""
    made = DeliveryOrder(kind="delivery_order", total=Decimal(total), organization=office, **values)
    made.lines = [LineItem(commodity_code=CommodityCode(code=code)) for code in codes]
    return made


def rule(**values) -> RoutingRule:
    """A rule for orders, without conditions unless they are named."""
    amounts = {name: Decimal(values.pop(name)) for name in ("amount_from", "amount_to") if name in values}
    return RoutingRule(**({"kind": "delivery_order", "step": 1, "role": "Chief", "active": True, "reason": "Because",
                           "commodity_class": "", "subtype": ""} | amounts | values))  # fmt: skip


CONDITIONS = {
    "none": (rule(), order(), True),
    "another type": (rule(kind="invoice"), order(), False),
    "switched off": (rule(active=False), order(), False),
    "the office itself": (rule(organization=CLINIC), order(), True),
    "an office above": (rule(organization=HEALTH), order(), True),
    "the top": (rule(organization=STATE), order(), True),
    "another office": (rule(organization=PARKS), order(), False),
    "an office below": (rule(organization=CLINIC), order("1", HEALTH), False),
    "from: just below": (rule(amount_from="500.01"), order(), False),
    "from: exactly": (rule(amount_from="500.00"), order(), True),
    "to: exactly": (rule(amount_to="500.00"), order(), True),
    "to: just above": (rule(amount_to="499.99"), order(), False),
    "a band": (rule(amount_from="100.00", amount_to="1000.00"), order(), True),
    "class of one line": (rule(commodity_class="70"), order("5", CLINIC, "7510", "7025"), True),
    "class of no line": (rule(commodity_class="70"), order("5", CLINIC, "7510", "1070"), False),
    "class without lines": (rule(commodity_class="70"), order(), False),
    "subtype": (rule(subtype="catalog"), order(subtype="catalog"), True),
    "another subtype": (rule(subtype="catalog"), order(subtype="internal"), False),
}


@pytest.mark.parametrize("case", CONDITIONS)
def test_a_condition_speaks_of_these_documents(case):
    asks, document, holds = CONDITIONS[case]
    assert matches(asks, case_of(document)) is holds


@pytest.mark.parametrize(("office", "amount", "code"), [*product((True, False), repeat=3)])
def test_all_conditions_hold_together(office, amount, code):
    asks = rule(organization=CLINIC if office else PARKS, amount_from="1" if amount else "501", commodity_class="70")
    document = order("500.00", CLINIC, "7025" if code else "7510")
    assert matches(asks, case_of(document)) is (office and amount and code)
    assert reaches(asks, case_of(document)) is (office and code), "whatever its amount"


def test_a_signature_is_asked_once_and_in_order():
    rules = [
        rule(step=2, role="Chief"),
        rule(step=1, role="Approver"),
        rule(step=1, role="Approver"),
        rule(step=1, role="ITS"),
    ]
    assert [(one.step, one.role) for one in wanted(case_of(order()), rules)] == [
        (1, "Approver"),
        (1, "ITS"),
        (2, "Chief"),
    ]


def test_where_no_rule_speaks_the_usual_approver_signs():
    (only,) = wanted(case_of(order()), [rule(kind="invoice")])
    assert (only.step, only.role, only.user_id) == (1, FALLBACK, None) and "No routing rule matches" in only.reason


def test_a_subtype_is_no_matter_for_what_has_none():
    agreement = MasterAgreement(kind="master_agreement", total=Decimal(0), organization=STATE, subtype="grant")
    assert matches(rule(kind="master_agreement", subtype="grant"), case_of(agreement))
    assert not matches(rule(kind="master_agreement", subtype="blanket"), case_of(agreement))
