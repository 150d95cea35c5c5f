"""Whatever is done, by whomever, in whatever order: the books agree with a second set kept by the test.

Hypothesis makes up what a day in the office might bring, illegal steps among it, and looks for the shortest day that
breaks something. `LONG_RUN=50` plays fifty times as many days as a usual run does. Source: MO-01, WF-02, WF-03."""

import os
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from app import audit, ledger
from tests.conftest import ON_BOTH
from tests.support import sightings
from tests.support.books import ACTIONS, Paper, Row
from tests.support.clerks import AUTHORS, RELEASES, SIGNERS, Clerks
from tests.support.making import records
from tests.support.world import World

TIMES = int(os.environ.get("LONG_RUN") or 1)
PEOPLE = ("requester", "approver", "buyer", "chief", "receiver", "fiscal", "manager", "outsider", "auditor")
ORDERING = ("market_basket", "purchase_request", "master_agreement", "delivery_order")
some = st.integers(0, 11)
onwards = st.sampled_from((3, 3, 1, 0))
"""How far a new document is carried at once: released, routed, or not at all."""
quantities = [Decimal(one) for one in ("1", "3", "7", "12", "2.5", "0.3333", "25")]
prices = [Decimal(one) for one in ("44.99", "0.07", "19.995", "33.3333", "41.17")]
usual = st.sampled_from(("S1 alone", "thirds", "S1 and S2"))


def funded(row: Row, way: str) -> Row:
    """A line with its funding; "half" and "nothing" do not pay all of it."""
    whole, third = row.whole, (row.whole / 3).quantize(Decimal("0.01"))
    row.shares = {
        "S1 alone": {"S1": whole},
        "thirds": {"S1": third, "S2": whole - third},
        "S1 and S2": {"S2": third + third, "S1": whole - third - third},
        "half": {"S1": third},
        "nothing": {},
    }[way]
    return row


bases = st.sampled_from(("percent", "quantity", "amount"))
good = st.builds(
    lambda quantity, price, basis, way, tax: funded(Row(quantity, price, basis=basis, tax=Decimal(tax)), way),
    st.sampled_from(quantities), st.sampled_from(prices), bases, usual, st.sampled_from((0, 0, 6)),
)  # fmt: skip
odd = st.builds(
    lambda quantity, price, basis, way, discount: funded(
        Row(quantity, price, basis=basis, discount=Decimal(discount)), way
    ),
    st.sampled_from([*quantities, Decimal(0)]), st.sampled_from([*prices, Decimal(250)]), bases,
    st.sampled_from(("S1 alone", "thirds", "half", "nothing")), st.sampled_from(("0", "12.5")),
)  # fmt: skip
lines = st.one_of(good, good, good, odd)
"""A line as clerks fill it in, and now and then as they should not."""


class AnyOrder(RuleBasedStateMachine):
    """A day in an office where nobody knows what they may do."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world, self.clerks = world, Clerks(world)

    def one(self, number: int, *kinds: str, states: str = "") -> Paper | None:
        """Some document, of certain types and states if asked."""
        fitting = [
            paper
            for paper in self.clerks.papers.values()
            if (not kinds or paper.kind in kinds) and (not states or paper.state in states.split())
        ]
        return fitting[number % len(fitting)] if fitting else None

    def has(self, kind: str, state: str) -> bool:
        return any((paper.kind, paper.state) == (kind, state) for paper in self.clerks.papers.values())

    def few(self) -> bool:
        """Whether there is little on the desks: what is begun is also to be worked on."""
        return sum(paper.state in ("draft", "routed", "approved") for paper in self.clerks.papers.values()) < 5

    def begun(self, before: int, steps: int) -> None:
        """Carry on with what has just been made, if it was."""
        if len(self.clerks.papers) > before:
            paper = list(self.clerks.papers.values())[-1]
            for _ in range(steps):
                self.next_step(paper)

    # Making.

    @precondition(few)
    @rule(what=st.sampled_from((*ORDERING, "order of the agreement", "order of a request", "order of a request")),
          rows=st.lists(lines, min_size=1, max_size=2), twice=st.booleans(), number=some, steps=onwards)  # fmt: skip
    def somebody_begins(self, what: str, rows: list[Row], twice: bool, number: int, steps: int) -> None:
        source, kind = None, "delivery_order" if what.startswith("order") else what
        if what == "order of a request":
            if not self.has("purchase_request", "released"):
                before = len(self.clerks.papers)
                self.clerks.begin("purchase_request", rows, "requester")
                self.begun(before, 3)
            if request := self.one(number, "purchase_request", states="released"):
                source, rows = request.rows[number % len(request.rows)], [rows[0]] * (1 + twice)
        before = len(self.clerks.papers)
        self.clerks.begin(kind, rows, AUTHORS.get(kind, "buyer"), source, agreed="agreement" in what[5:])
        self.begun(before, steps)

    @precondition(few)
    @rule(kind=st.sampled_from(ORDERING), person=st.sampled_from(PEOPLE), row=lines)
    def anybody_begins(self, kind: str, person: str, row: Row) -> None:
        self.clerks.begin(kind, [row], person)

    # Changing.

    @precondition(lambda self: self.clerks.papers)
    @rule(number=some, what=st.sampled_from(("add", "change", "copy", "delete")), row=lines,
          person=st.sampled_from(("requester", "buyer", "approver", "outsider")))  # fmt: skip
    def anybody_writes_in_it(self, number: int, what: str, row: Row, person: str) -> None:
        paper = self.one(number, *ORDERING)
        if paper is not None:
            self.clerks.change(paper, what, number, row, person)

    @precondition(lambda self: sum("allot" in one for one in self.clerks.done) < 3)
    @rule(strip=st.sampled_from(("S1", "S2")), amount=st.sampled_from(("500", "0.01", "-100", "-2999.99")))
    def fiscal_allots(self, strip: str, amount: str) -> None:
        self.clerks.allot(strip, Decimal(amount))

    # Moving.

    @precondition(lambda self: self.clerks.papers)
    @rule(number=some, action=st.sampled_from(ACTIONS), person=st.sampled_from(PEOPLE))
    def anybody_presses_anything(self, number: int, action: str, person: str) -> None:
        paper = self.one(number)
        assert paper is not None
        self.clerks.press(paper, action, person)

    @precondition(lambda self: self.clerks.papers)
    @rule(number=some, times=st.integers(1, 3))
    def it_goes_its_way(self, number: int, times: int) -> None:
        """The next steps by those whose work they are."""
        paper = self.one(number, states="draft routed approved disapproved")
        for _ in range(times if paper is not None else 0):
            self.next_step(paper)

    def next_step(self, paper: Paper) -> None:
        action = {"draft": "route", "disapproved": "route", "routed": "approve", "approved": "release",
                  "released": "close" if paper.kind == "invoice" else None}.get(paper.state)  # fmt: skip
        signers = [one for one in SIGNERS.get(paper.kind, ("approver", "chief")) if one not in paper.wrote]
        person = {
            "route": AUTHORS.get(paper.kind, "buyer"),
            "approve": (signers or ["manager"])[0],
            "release": RELEASES.get(paper.kind, "approver"),
            "close": "fiscal",
        }
        if action is not None:
            self.clerks.press(paper, "release" if paper.kind == "receipt" else action, person[action])

    @precondition(lambda self: any(paper.state == "released" for paper in self.clerks.papers.values()))
    @rule(number=some, action=st.sampled_from(("close", "terminate", "cancel", "reverse")))
    def it_ends(self, number: int, action: str) -> None:
        paper = self.one(number, states="released")
        if paper is not None:
            self.clerks.press(paper, action, RELEASES.get(paper.kind, "approver"))

    # Receiving and paying.

    @precondition(lambda self: self.has("delivery_order", "released"))
    @rule(number=some, of_it=st.sampled_from(("1", "0.5", "1.1", "1.2")))
    def goods_come(self, number: int, of_it: str) -> None:
        order = self.one(number, "delivery_order", states="released")
        if order is not None:
            self.clerks.receive(
                order, [(row.quantity * Decimal(of_it)).quantize(Decimal("0.0001")) for row in order.rows]
            )

    @precondition(lambda self: self.clerks.received)
    @rule(number=some, of_it=st.sampled_from(("1", "1", "0.5", "0.25", "1.5")),
          dearer=st.sampled_from(("0", "0", "0", "0.5")),
          twice=st.booleans(), final=st.booleans(), through=st.booleans())  # fmt: skip
    def a_bill_comes(self, number: int, of_it: str, dearer: str, twice: bool, final: bool, through: bool) -> None:
        order = self.one(number, "delivery_order", states="released closed terminated")
        if order is None:
            return
        rows = [
            Row(
                (self.clerks.received.get(row.key, Decimal(0)) * Decimal(of_it)).quantize(Decimal("0.0001")),
                (row.price * (100 - row.discount) / 100).quantize(Decimal("0.0001")) + Decimal(dearer),
                source=row.key,
                final=final,
            )
            for row in order.rows
        ]
        before = len(self.clerks.papers)
        self.clerks.bill(order, rows * (1 + (twice and of_it == "1")), f"N{before}-{number}")
        self.begun(before, 4 if through else 1)

    # What holds after each of them.

    @invariant()
    def the_books_agree(self) -> None:
        clerks = self.clerks
        with records(self.world) as session:
            seen = sightings.balances(session)
            assert seen == sightings.booked(session), "a balance is not the sum of its postings"
            assert seen == dict(clerks.books.strips), "the balances are not what was done"
            assert ledger.reconcile(session) == []
            mine = {key: {one: held for one, held in parts.items() if held} for key, parts in clerks.books.held.items()}
            assert sightings.held(session) == {key: parts for key, parts in mine.items() if parts}
            assert all(clerks.books.available(strip) >= 0 for strip in clerks.books.strips), (
                "more is spent than there is"
            )
            now = {paper.key: (paper.kind, paper.state) for paper in clerks.papers.values()}
            assert sightings.states(session) == clerks.there | now
            assert sightings.wrong_steps(session) == []
            assert sightings.wrong_numbers(session) == []
            frozen = sightings.frozen_lines(session)
            assert clerks.frozen.items() <= {key: frozen.get(key) for key in clerks.frozen}.items(), (
                "a frozen line moved"
            )
            clerks.frozen = frozen

    def teardown(self) -> None:
        with records(self.world) as session:
            assert audit.verify(session) == [], "the trail does not hold"


@pytest.mark.parametrize("kind", ON_BOTH)
def test_in_any_order_by_anybody(kind, lend):
    run_state_machine_as_test(
        lambda: AnyOrder(lend(kind)),
        settings=settings(
            max_examples=8 * TIMES,
            stateful_step_count=50,
            derandomize=TIMES == 1,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate] if TIMES == 1 else [Phase.generate, Phase.shrink],
        ),
    )


def test_by_hand_from_a_need_to_a_payment(both):
    """The machine's own steps in a sensible order: it gets to the end, and finds there what the office would expect."""
    machine = AnyOrder(both)
    clerks, papers = machine.clerks, machine.clerks.papers
    row = Row(Decimal(12), Decimal("41.17"), {"S1": Decimal("33.3333"), "S2": Decimal("66.6667")})

    def last() -> Paper:
        return list(papers.values())[-1]

    clerks.begin("purchase_request", [row], "requester")
    request = last()
    machine.begun(0, 3)
    clerks.begin("delivery_order", [row], "buyer", source=request.rows[0])
    order = last()
    machine.begun(0, 3)
    machine.the_books_agree()
    clerks.receive(order, [Decimal("14")])
    clerks.receive(order, [Decimal("6")])
    clerks.receive(order, [Decimal("7.2")])
    for quantity, number in (("5", "N-1"), ("9", "N-2"), ("8.2", "N-3")):
        clerks.bill(order, [Row(Decimal(quantity), row.price, source=order.rows[0].key)], number)
        machine.begun(0, 4)
        machine.the_books_agree()
    assert [papers[key].state for key in (request.key, order.key)] == ["released", "released"]
    assert [one.state for one in papers.values() if one.kind == "receipt"] == ["draft", "released", "released"]
    assert [one.state for one in papers.values() if one.kind == "invoice"] == ["closed", "draft", "closed"]
    assert len(clerks.refused) == 5, clerks.refused
    both_strips = [clerks.books.strips[strip] for strip in ("S1", "S2")]
    assert sum(one["pre-encumbrance"] + one["encumbrance"] for one in both_strips) == 0
    assert sum(one["expenditure"] for one in both_strips) == Decimal("532.57"), "13.2 of them, less two percent"
    machine.teardown()
