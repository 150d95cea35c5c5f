"""Thirty-two at the same moment, on both databases: one thing takes effect where one may, and nobody is told nonsense.

Each is a thread with a session and a connection of its own; what decides is the database, as between processes. What many
do to one strip or one series alone stands in tests/abuse. Source: MO-01, MO-02, MO-15, WF-05, WF-11."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import event, func, select
from sqlalchemy.exc import TimeoutError as PoolIsEmpty

from app import audit, audit_notes, ledger, workflow
from app.entities.funds import FundingStrip, Posting, PostingKind
from app.extensions import db
from app.models import (
    ApprovalStep,
    AuditEntry,
    Consumption,
    Document,
    DocumentEvent,
    NumberSeries,
    Payment,
    Profile,
)
from tests.abuse import evidence
from tests.abuse.evidence import refusals
from tests.support import sightings
from tests.support.calls import Caller
from tests.support.making import (
    KEYBOARDS,
    PRINTER,
    Wanted,
    a_processed_invoice,
    a_receipt,
    a_released_order,
    a_request,
    act,
    an_agreement,
    an_invoice,
    an_order,
    bring,
    line_id,
    records,
    state_of,
)
from tests.support.people import Person
from tests.support.world import HASH, World

MANY = 32
WORDS = ("short", "used these funds", "same moment", "left of the agreement", "below its ceiling")
"""What somebody may be told who came second."""


def sound(world: World) -> None:
    """What holds whatever happened."""
    with records(world) as session:
        assert ledger.reconcile(session) == []
        assert sightings.balances(session) == sightings.booked(session)
        assert not [held for held in sightings.held(session).values() if min(held.values()) < 0], "freed twice"
        assert sightings.wrong_steps(session) == []
        assert sightings.wrong_numbers(session) == []
        assert audit.verify(session) == []


@contextmanager
def no_deadlock(world: World) -> Iterator[None]:
    """PostgreSQL has to break nobody's wait inside, and SQLite turns nobody away."""
    seen: Counter[str] = Counter()

    def note(context: object) -> None:
        error = getattr(context, "original_exception", None)
        seen[str(getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", ""))] += 1

    with world.app.app_context():
        engine = db.engine
    event.listen(engine, "handle_error", note)
    try:
        yield
    finally:
        event.remove(engine, "handle_error", note)
    assert not [one for one in ("40P01", "55P03", "40001", "SQLITE_BUSY", "SQLITE_LOCKED") if seen[one]], seen


def at_once(world: World, work: Callable[[int], Any], times: int = MANY) -> list[Any]:
    """Many at the same moment. They share the ten connections of one process, where a server has a few people to each:
    who has not even got one asks again."""

    def patiently(number: int) -> Any:
        while True:
            try:
                return work(number)
            except PoolIsEmpty:
                db.session.rollback()

    return evidence.at_once(world, patiently, times)


def done(outcomes: list) -> int:
    """How many had an effect of their own."""
    return sum(isinstance(one, workflow.Done) and not one.repeated for one in outcomes)


def others(outcomes: list, *kinds: type) -> list[str]:
    """What the others were told, each of them in a way that fits."""
    rest = [one for one in outcomes if not isinstance(one, workflow.Done)]
    assert all(isinstance(one, kinds) for one in rest), [repr(one) for one in rest if not isinstance(one, kinds)]
    return [str(one) for one in rest]


def a_crowd(world: World, role: str, count: int = MANY) -> list[str]:
    """So many more people of the clinic with a role."""
    with records(world) as session:
        held = session.scalars(select(Role).where(Role.name == role)).one()
        for number in range(count):
            user = User(username=f"{role}{number}", first_name=role, last_name=f"No. {number}", active=True,
                        email=f"{role}{number}@example.org", password=HASH, roles=[held])  # fmt: skip
            session.add(user)
            session.flush()
            session.add(Profile(user_id=user.id, organization_id=world.ids["clinic"]))
            world.ids[user.username] = user.id
        session.commit()
    return [f"{role}{number}" for number in range(count)]


# MO-01 and MO-02: several strips.


def test_mo_02_documents_on_several_strips_in_any_order(both):
    """Three times what there is, on strips that each document names in an order of its own."""
    strips = [f"R{number}" for number in range(4)]
    with records(both) as session:
        for code in strips:
            strip = FundingStrip(code=code, name="Race", organization_id=both.ids["clinic"])
            session.add(strip)
            session.flush()
            both.ids[code] = strip.id
            row = Posting(strip_id=strip.id, bfy=2027, afy=2027, afm=5, kind=PostingKind.ALLOTMENT,
                          amount=Decimal(1000), at=both.clock())  # fmt: skip
            assert ledger.post(session, [row]) == []
        session.commit()
    chance = random.Random(11)
    requests = []
    for number in range(MANY):
        lines = []
        for _ in range(2):
            first, second = chance.sample(strips, 2)
            lines.append(
                Wanted("Printer", "1", str(150 + number), "7025", funding={first: "33.3333", second: "66.6667"})
            )
        requests.append(a_request(both, "approved", *lines))
    with no_deadlock(both):
        outcomes = at_once(both, lambda number: act(both, requests[number], "release", "approver"))
    assert all(any(word in why for word in WORDS) for why in others(outcomes, workflow.Refused))
    released = [key for key, one in zip(requests, outcomes, strict=True) if isinstance(one, workflow.Done)]
    with records(both) as session:
        booked = dict(
            session.execute(select(Posting.document_id, func.sum(Posting.amount)).group_by(Posting.document_id)).all()
        )
        totals = dict(session.execute(select(Document.id, Document.total).where(Document.id.in_(released))).all())
        assert {key: booked.get(key) for key in released} == totals, "each is booked as a whole"
        assert not set(requests) - set(released) & set(booked)
        left = {code: sum(((-1) ** (column != "allotment")) * amount for column, amount in sums.items())
                for code, sums in sightings.balances(session).items() if code in strips}  # fmt: skip
        assert all(one >= 0 for one in left.values()) and min(left.values()) < 250, left
    assert 6 < len(released) < MANY
    sound(both)


# WF-05: one document.


@pytest.mark.parametrize("action", ["approve", "release"])
def test_wf_05_thirty_two_people_and_one_of_them_does_it(both, action):
    request, crowd = a_request(both, "routed" if action == "approve" else "approved"), a_crowd(both, "Approver")
    with no_deadlock(both):
        outcomes = at_once(both, lambda number: act(both, request, action, crowd[number]))
    after = {"approve": "approved", "release": "released"}[action]
    assert done(outcomes) == 1 and sum(isinstance(one, workflow.Done) for one in outcomes) == 1
    assert set(others(outcomes, workflow.IllegalMove)) == {
        f"This document is {after}. To {action} it, it has to be {'routed' if action == 'approve' else 'approved'}."
    }
    with records(both) as session:
        events = session.scalars(select(DocumentEvent).where(DocumentEvent.document_id == request)).all()
        assert [one.action for one in events].count(action) == 1
        step = session.scalars(select(ApprovalStep).where(ApprovalStep.document_id == request)).one()
        winner = next(one for one, came in zip(crowd, outcomes, strict=True) if isinstance(came, workflow.Done))
        if action == "approve":
            assert step.signature is not None and step.signature.by_id == both.ids[winner]
        assert [one.by_id for one in events if one.action == action] == [both.ids[winner]]
    sound(both)


def test_wf_05_the_same_call_by_a_program_without_patience(both):
    """One key, one effect, the same answer."""
    request, caller = a_request(both, "approved"), Caller(both.app, "approver")
    key = {"Idempotency-Key": "impatient"}
    answers = at_once(both, lambda _: caller.act("purchase-request", request, "release", key), 8)
    assert {one.status_code for one in answers} == {200}, answers
    assert sorted(one.json["repeated"] for one in answers) == [False] + [True] * 7
    documents = {str(one.json["document"]) for one in answers}
    assert len(documents) == 1, "all of them read the same document"
    sound(both)


def test_wf_03_who_writes_while_it_is_sent_is_read_by_the_approver_or_told(both):
    """A line is saved in the moment in which its document is routed: before it, or not at all."""
    start = both.clock()
    both.app.extensions["office"].clock = lambda: start + (datetime.now(UTC) - start) % timedelta(hours=1)
    request = a_request(both)
    line, people = line_id(both, request), [Person(both.app, "requester") for _ in range(8)]

    def press(number: int) -> object:
        if number == 4:
            return people[number].press("purchase-request", request, "route", follow=False)
        return people[number].post(f"/purchase-request/line/{request}/{line}/save", quantity=str(number + 1))

    for _ in range(3):
        if state_of(both, request) == "routed":
            bring_back = Person(both.app, "requester").press("purchase-request", request, "recall")
            assert bring_back.status_code == 200
        answers = at_once(both, press, times=8)
        assert {one.status_code for one in answers} <= {200, 302, 409}, [getattr(one, "text", one) for one in answers]
    with records(both) as session:
        trail = session.execute(
            select(AuditEntry.entity, AuditEntry.field, AuditEntry.new)
            .where(AuditEntry.document_id == request)
            .order_by(AuditEntry.seq)
        ).all()
        frozen = False
        for entity, field, new in trail:
            if field == "state":
                frozen = new == "routed"
            assert not (frozen and entity == "LineItem"), "a line was changed after it had been sent"
        document = session.get_one(Document, request)
        assert document.total == sum(one.quantity * one.unit_price for one in document.lines)
    sound(both)


# DOC-11: one series of numbers.


def test_doc_11_the_first_numbers_of_a_year_are_asked_for_by_all_at_once(both):
    """Nobody is turned away because the series is only just beginning."""
    requests = [a_request(both) for _ in range(MANY)]
    with no_deadlock(both):
        outcomes = at_once(both, lambda number: act(both, requests[number], "route", "requester"))
    assert others(outcomes) == [] and done(outcomes) == MANY
    with records(both) as session:
        numbers = sorted(session.scalars(select(Document.number).where(Document.id.in_(requests))))
        assert numbers == [f"PR-2027-{one:06}" for one in range(1, MANY + 1)]
        counter = select(NumberSeries.next_number).where(NumberSeries.series == "PR")
        assert session.scalar(counter) == MANY + 1
    sound(both)


# WF-11: one ceiling.


def test_wf_11_some_order_while_others_give_back(both):
    """What terminated orders give back may be ordered, and no more than that: the meter is what the orders say."""
    agreement = an_agreement(both, "released", Wanted("Paper", "12", "10.00", "7510", funding={}),
                             subtype="blanket", ceiling=Decimal(1000), title="Paper, blanket")  # fmt: skip
    both.ids["MA-blanket"], line = agreement, line_id(both, agreement)
    paper = Wanted("Paper", "1", "10.00", "7510", supply="agreement", extra={"agreement_line_id": line})
    there = [an_order(both, "released", paper, vendor="B", agreement="blanket") for _ in range(8)]
    wanted = [an_order(both, "approved", paper, vendor="B", agreement="blanket") for _ in range(16)]
    everybody = [*((one, "terminate") for one in there), *((one, "release") for one in wanted)]
    random.Random(5).shuffle(everybody)

    def press(number: int) -> object:
        key, action = everybody[number]
        return act(both, key, action, "buyer" if action == "terminate" else "approver", comment="Not needed")

    outcomes = at_once(both, press, times=len(everybody))
    others(outcomes, workflow.Refused)
    with records(both) as session:
        alive = session.scalar(
            select(func.count()).where(Document.id.in_([*there, *wanted]), Document.state == "released")
        )
        meters = session.execute(
            select(Consumption.line_id, Consumption.ordered_quantity, Consumption.ordered_amount)
            .where(Consumption.agreement_id == agreement)
            .order_by(Consumption.line_id.is_not(None))
        ).all()
        assert [(row.line_id, row.ordered_quantity, row.ordered_amount) for row in meters] == [
            (None, alive, alive * 10),
            (line, alive, alive * 10),
        ]
        assert 4 <= alive <= 12
    sound(both)


# IN-09: one request, ordered by several and cancelled.


def test_in_09_what_a_request_set_aside_is_freed_once(both):
    """Several orders answer one request in the moment in which somebody cancels it; other requests keep theirs."""
    request = a_request(both, "released", PRINTER)
    other = a_request(both, "released", replace(PRINTER, quantity="9"))
    source = {"source_line_id": line_id(both, request)}
    orders = [an_order(both, "draft", replace(PRINTER, quantity="0.5", extra=source)) for _ in range(7)]
    with records(both) as session:
        for key in orders:
            session.get_one(Document, key).agreement_id = None
        session.commit()
    for key in orders:
        bring(both, key, "approved")

    def press(number: int) -> object:
        if number == 7:
            return act(both, request, "cancel", "requester", comment="Not needed")
        return act(both, orders[number], "release", "approver")

    outcomes = at_once(both, press, times=8)
    assert others(outcomes) == [] and done(outcomes) == 8
    sound(both)
    with records(both) as session:
        other_line = session.get_one(Document, other).lines[0].id
        assert {key: held for key, held in sightings.held(session).items() if key[0] == "pre-encumbrance"} == {
            ("pre-encumbrance", other_line): {"S1": Decimal("900.00")}
        }
        assert both.balance("S1")[:2] == ("900.00", "350.00")


# MO-15 and MO-18: one order line.


def test_mo_15_thirty_two_deliveries_of_one_line(both):
    """Twelve were ordered and ten percent more may come: thirteen of the thirty-two."""
    order = a_released_order(both)
    drafts = [a_receipt(both, order, {1: "1"}, "draft") for _ in range(MANY)]
    with no_deadlock(both):
        outcomes = at_once(both, lambda number: act(both, drafts[number], "release", "receiver"))
    assert done(outcomes) == 13
    assert all("over by" in one for one in others(outcomes, workflow.Refused))
    sound(both)


def test_mo_15_many_bills_for_one_line(both):
    """Six came in; of ten bills for one each, six are processed and spent, whoever was first."""
    order = a_released_order(both, replace(KEYBOARDS, funding={"S1": "33.3333", "S2": "66.6667"}))
    a_receipt(both, order, {1: "6"})
    bills = [an_invoice(both, order, {1: ("1", "44.99")}, "approved", number=f"X-{number}") for number in range(10)]
    with no_deadlock(both):
        outcomes = at_once(both, lambda number: act(both, bills[number % 10], "release", "fiscal"), times=20)
    assert done(outcomes) == 6
    assert all("over by" in one for one in others(outcomes, workflow.Refused))
    with records(both) as session:
        assert session.scalar(select(func.count(Payment.id))) == 6
        assert session.scalar(select(func.sum(Posting.amount)).where(Posting.kind == "expenditure")) == Decimal(
            "269.94"
        )
    sound(both)


def test_mo_18_thirty_two_pay_one_bill(both):
    invoice, crowd = a_processed_invoice(both), a_crowd(both, "Fiscal")
    with records(both) as session:
        due = session.scalar(select(Payment.scheduled_on))
    both.clock.on(f"{due:%Y-%m-%d}")
    outcomes = at_once(both, lambda number: act(both, invoice, "close", crowd[number]))
    assert done(outcomes) == 1
    assert all("This document is closed" in one for one in others(outcomes, workflow.IllegalMove))
    sound(both)


# DOC-09: one chain.


def test_doc_09_refusals_at_the_same_moment_are_all_on_record(both):
    """The trail of a subject on which nothing stands yet is begun by all of them."""

    def refused(number: int) -> None:
        audit_notes.refused(db.session(), both.actor("requester"), f"attempt {number}", both.clock())
        db.session.commit()

    assert at_once(both, refused) == [None] * MANY
    assert len(refusals(both)) == MANY
    sound(both)
