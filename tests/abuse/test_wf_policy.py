"""WF: policy that somebody would like to get around: closed years, ceilings, limits, split needs, nobody to sign, and
two duties in one hand."""

from dataclasses import replace
from decimal import Decimal

import pytest
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import func, select

from app import ledger, workflow
from app.entities.document import Document, State
from app.models import Consumption, RoutingRule
from app.rules.splitting import Alike, not_split_to_stay_below
from tests.abuse.evidence import at_once, nothing_changes
from tests.support.around import a_bank_account, an_account, close_year, give, limit
from tests.support.making import (
    KEYBOARDS,
    PARKS,
    PRINTER,
    Wanted,
    a_receipt,
    a_released_order,
    a_request,
    act,
    an_agreement,
    an_invoice,
    an_order,
    line_id,
    make,
    move,
    records,
    state_of,
)
from tests.support.people import Person


def chief_signs_from(world, amount: str, kind: str = "purchase_request") -> None:
    """From an amount on, the chief signs too."""
    with records(world) as session:
        session.add(
            RoutingRule(kind=kind, step=2, user_id=world.ids["chief"], amount_from=Decimal(amount), reason="Large")
        )
        session.commit()


def warnings(world, document: int, action: str = "route", by: str = "requester") -> list[str]:
    """What a person is told who does something that is not refused."""
    with records(world):
        return [str(one) for one in act(world, document, action, by).warnings]


# WF-06: one need in pieces.

PIECE = replace(PRINTER, quantity="9", price="55.00", funding={"S1": "100"})


def test_wf_06_who_splits_a_need_is_told_and_so_is_who_signs(both):
    """Three requests of $495.00 in a day, where the chief signs from $1,000.00 on."""
    chief_signs_from(both, "1000.00")
    first, second, third = (a_request(both, "draft", PIECE) for _ in range(3))
    assert warnings(both, first) == []
    assert warnings(both, second) == []
    said = "Within 30 days Clinic asked for goods of the same class on "
    told = warnings(both, third)
    assert len(told) == 1 and told[0].startswith(said), told
    assert (
        told[0].count("(495.00)") == 2 and "1,485.00 together. From 1,000.00 on, Carla Chief signs as well" in told[0]
    )
    assert warnings(both, third, "approve", "approver") == told
    page = Person(both.app, "approver").get(f"/inbox/?document={second}").text
    assert "1,485.00 together" in page


def in_parks(world):
    return a_request(world, "routed", replace(PIECE, funding={"P1": "100"}), place=PARKS)


NOT_ALIKE = {
    "another office": in_parks,
    "longer ago": lambda world: a_request(world, "routed", PIECE) and world.clock.on("2026-12-25"),
    "other goods": lambda world: a_request(world, "routed", replace(PIECE, code="7510", justification="None fits")),
    "not sent": lambda world: a_request(world, "draft", PIECE),
    "cancelled": lambda world: a_request(world, "cancelled", PIECE),
}


@pytest.mark.parametrize("other", NOT_ALIKE)
def test_wf_06_what_is_not_alike_is_not_counted(world, other):
    chief_signs_from(world, "900.00")
    NOT_ALIKE[other](world)
    assert warnings(world, a_request(world, "draft", PIECE)) == []


@pytest.mark.parametrize(
    ("total", "alike", "told"),
    [
        ("9999.00", ["9999.00", "9999.00"], "29,997.00 together. From 10,000.00 on"),
        ("0.01", ["9999.99"], "10,000.00 together. From 10,000.00 on"),
        ("0.01", ["9999.98"], ""),
        ("9999.00", [], ""),
        ("10000.00", ["9999.00"], ""),
        ("30000.00", ["25000.00"], "55,000.00 together. From 50,000.00 on"),
        ("2000.00", ["49000.00"], "51,000.00 together. From 50,000.00 on"),
        ("1.00", ["9000.00"] * 6, "and 2 more"),
    ],
)
def test_wf_06_by_the_amounts(world, total, alike, told):
    """Limits at 10,000 and 50,000; the highest that is passed is named, and none that the document passes alone."""

    class Facts:
        def routing_rules(self, kind):
            return [
                RoutingRule(
                    kind=kind,
                    step=2,
                    role="Chief",
                    amount_from=Decimal(one),
                    active=True,
                    commodity_class="",
                    subtype="",
                )
                for one in ("10000.00", "50000.00")
            ]

        def policy(self, name):
            return {"split window": Decimal(30)}[name]

        def alike(self, document, today, days):
            return [Alike(f"PR-{number}", Decimal(one)) for number, one in enumerate(alike)]

    class Asked:
        facts, today = Facts(), None

    with records(world) as session:
        document = session.get_one(Document, a_request_id := make(world, "purchase_request", "draft"))
        assert a_request_id
        document.total = Decimal(total)
        found = [problem for problem in not_split_to_stay_below(document, Asked()) if problem.warning]
        session.rollback()
    assert [told in one.message for one in found] == [True] * bool(told)


# WF-07: more than was looked at.


def test_wf_07_the_limit_is_measured_on_what_is_signed(world):
    """$200.00 within a limit of $250.00, until the freight is added before the signature."""
    limit(world, "approver", "250.00")
    request = a_request(world, "routed")
    approver = Person(world.app, "approver")
    line = line_id(world, request)
    approver.post(
        f"/purchase-request/line/{request}/{line}/charge", kind="freight", description="Freight", amount="75.00"
    )
    with records(world) as session:
        assert session.get_one(Document, request).total == Decimal("275.00")
    with nothing_changes(world):
        answer = approver.press("purchase-request", request, "approve")
        assert answer.status_code == 409
        assert "The total is 275.00; your approval limit is 250.00. Add an approver with a higher limit." in answer.text


def test_wf_07_and_afterwards_nothing_is_added(world):
    limit(world, "approver", "250.00")
    request = a_request(world, "approved")
    line = line_id(world, request)
    for name in ("approver", "requester", "buyer"):
        with nothing_changes(world):
            answer = Person(world.app, name).post(
                f"/purchase-request/line/{request}/{line}/charge", kind="freight", description="Freight", amount="75.00"
            )
            assert answer.status_code in (403, 404, 409)


# WF-10: closed years.


@pytest.mark.parametrize("name", ["afy", "bfy"])
def test_wf_10_nothing_is_sent_into_a_closed_year(world, name):
    close_year(world, 2026)
    for make_one, by in ((a_request, "requester"), (an_order, "buyer")):
        document = make_one(world)
        with records(world) as session:
            setattr(session.get_one(Document, document), name, 2026)
            session.commit()
        with nothing_changes(world), records(world), pytest.raises(workflow.Refused, match="FY2026 is closed"):
            act(world, document, "route", by)


@pytest.mark.parametrize("kind", ["purchase_request", "delivery_order", "invoice"])
def test_wf_10_a_year_that_closes_meanwhile_takes_no_release(world, kind):
    document = make(world, kind, "approved")
    close_year(world, 2027)
    by = {"invoice": "fiscal"}.get(kind, "approver")
    with nothing_changes(world), records(world), pytest.raises(workflow.Refused, match="FY2027 is closed"):
        act(world, document, "release", by)


def test_wf_10_no_allotment_for_a_closed_year(world, sign_in):
    close_year(world, 2026)
    fiscal = sign_in("fiscal")
    with nothing_changes(world):
        answer = fiscal.post(f"/funding-strip/allot/{world.ids['S1']}", amount="100", bfy="2026")
        assert "FY2026 is closed" in answer.text


# WF-11: many orders against one ceiling.


def test_wf_11_many_orders_at_once_do_not_pass_the_ceiling(both):
    """32 orders of $100 against $1,000: ten go through, and the meter says so."""

    agreement = an_agreement(
        both,
        "released",
        Wanted("Paper", "1000", "10.00", "7510", funding={}),
        subtype="blanket",
        ceiling=Decimal(1000),
        title="Paper, blanket",
    )
    both.ids["MA-blanket"] = agreement
    line = line_id(both, agreement)
    paper = Wanted("Paper", "10", "10.00", "7510", supply="agreement", extra={"agreement_line_id": line})
    orders = [an_order(both, "approved", paper, vendor="B", agreement="blanket") for _ in range(32)]
    done = at_once(both, lambda number: act(both, orders[number], "release", "approver"))
    refused = [one for one in done if isinstance(one, workflow.Refused)]
    assert sum(isinstance(one, workflow.Done) for one in done) == 10 and len(refused) == 22, done
    assert all("ceiling" in str(one) or "somebody else" in str(one).lower() for one in refused)
    with records(both) as session:
        whole = session.scalar(
            select(Consumption).where(Consumption.agreement_id == agreement, Consumption.line_id.is_(None))
        )
        assert (whole.ordered_amount, whole.amount_ceiling) == (Decimal("1000.00"), Decimal("1000.00"))
        released = session.scalar(
            select(func.count()).select_from(Document).where(Document.id.in_(orders), Document.state == State.RELEASED)
        )
        assert released == 10
        assert both.balance("S1")[1] == "1,000.00"
        assert ledger.reconcile(session) == []


def test_wf_11_nor_does_an_order_pass_the_agreed_price(world):

    order = an_order(world, "draft", replace(KEYBOARDS, price="45.00"))
    with nothing_changes(world), records(world), pytest.raises(workflow.Refused, match="above the agreed"):
        act(world, order, "route", "buyer")


# WF-13: nobody to sign.


def test_wf_13_without_a_rule_the_usual_approver_signs(world):
    with records(world) as session:
        for rule in session.scalars(select(RoutingRule)):
            rule.active = False
        session.commit()
    request = a_request(world, "routed")
    assert state_of(world, request) == "routed"
    move(world, request, ("approve", "approver"))
    assert state_of(world, request) == "approved"


def test_wf_13_a_role_that_nobody_holds_approves_nothing(world):
    """The document waits; it is never approved by nobody."""
    with records(world) as session:
        for rule in session.scalars(select(RoutingRule).where(RoutingRule.kind == "purchase_request")):
            rule.role = "Commissioner"
        session.commit()
    request = a_request(world, "routed")
    with nothing_changes(world):
        for name in ("approver", "manager", "chief", "buyer"):
            for action in ("approve", "release"):
                with records(world), pytest.raises((workflow.Refused, workflow.IllegalMove, workflow.Forbidden)):
                    act(world, request, action, name)
    assert state_of(world, request) == "routed"


# WF-14: two duties in one hand.

PAIRS = {
    "request and approve": "somebody else has to approve it",
    "order and receive": "somebody else has to receive it",
    "receive and approve the bill": "somebody else has to approve",
    "enter the bill and approve it": "somebody else has to approve it",
    "approve the bill and pay it": "somebody else has to",
    "keep the account and approve the bill": "somebody else has to approve this invoice",
    "keep the account and pay": "somebody else has to pay this invoice",
}
"""What one person does first and then, and the words of the refusal."""


def second_deed(world, pair: str, by: str) -> tuple[int, str]:
    """The first of two duties is done by somebody who holds the roles for both; which deed is now to be refused."""
    if pair == "request and approve":
        return _sent(world, a_request(world, "draft", by=by), by), "approve"
    order = a_released_order(world) if pair != "order and receive" else an_order(world, "released", by=by)
    if pair == "order and receive":
        return a_receipt(world, order, {1: "12"}, "draft", by=by), "release"
    a_receipt(world, order, {1: "12"}, by=by if pair.startswith("receive") else "")
    entered = pair.startswith("enter")
    bill = an_invoice(
        world, order, {1: ("12", "44.99")}, "draft", **({"created_by_id": world.ids[by]} if entered else {})
    )
    if pair.startswith("keep"):
        a_bank_account(world, entered=by, confirmed="chief")
    _sent(world, bill, by if entered else "fiscal")
    if pair.endswith(("approve the bill", "approve it")):
        return bill, "approve"
    move(world, bill, ("approve", by if pair.startswith("approve") else "approver"), ("release", "fiscal"))
    world.clock.on("2026-12-28")
    return bill, "close"


def _sent(world, document: int, by: str) -> int:
    move(world, document, ("route", by))
    return document


@pytest.mark.parametrize("pair", PAIRS)
def test_wf_14_no_two_duties_in_one_hand(world, pair):
    """Whatever roles a person holds: the second deed on the same chain is refused, in words."""
    by = "manager"
    give(world, by, "Requester", "Approver", "Buyer", "Receiver", "Fiscal", "CRC")
    document, action = second_deed(world, pair, by)
    with nothing_changes(world), records(world), pytest.raises(workflow.Refused, match=PAIRS[pair]):
        act(world, document, action, by)


@pytest.mark.parametrize(("alone", "other"), [("Admin", "Fiscal"), ("Admin", "Approver"), ("Auditor", "Requester")])
def test_wf_14_some_roles_are_never_held_together(world, alone, other):
    """Who gives out rights uses none, and who audits writes nothing."""
    with records(world) as session:
        ids = dict(session.execute(select(Role.name, Role.id)).all())
    admin = Person(world.app, "admin")
    with nothing_changes(world):
        answer = admin.post(f"/ab-user/edit/{world.ids['stranger']}", **an_account("stranger", ids[alone], ids[other]))
        assert answer.status_code == 422
        assert f"{alone} is held alone" in answer.text
