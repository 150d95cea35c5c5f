"""What a line may cost above its order in all, over all its invoices: a tolerance in money beside that of the price.
Source: rules.md, tolerance; TH-01, F19.05, MO-15."""

import pytest

from tests.support.around import decide
from tests.support.making import a_receipt, a_released_order, an_invoice, state_of
from tests.support.pages import words
from tests.support.people import Person


def billed(world, order, quantity, price, number):
    """An invoice of so many keyboards, which the order has at $44.99, as far as the office's numbers let it go."""
    invoice = an_invoice(world, order, {1: (quantity, price)}, number=number)
    answer = Person(world.app, "fiscal").press("invoice", invoice, "route")
    return invoice, words(answer.text)


@pytest.mark.parametrize(("price", "fits"), [("45.00", True), ("45.01", False)])
def test_a_few_cents_are_paid_and_a_few_more_are_not(world, price, fits):
    decide(world, "amount tolerance", "0.12")
    order = a_released_order(world)
    a_receipt(world, order, {1: "12"})
    invoice, said = billed(world, order, "12", price, "A-1")
    assert state_of(world, invoice) == ("routed" if fits else "draft")
    assert fits or "tolerance 0 % or 0.12 in all, over by 0.02 each, 0.24 in all" in said


def test_it_is_used_once_and_not_with_each_bill(both):
    decide(both, "amount tolerance", "0.08")
    order = a_released_order(both)
    a_receipt(both, order, {1: "12"})
    an_invoice(both, order, {1: ("5", "45.00")}, "released", number="A-1")
    invoice, said = billed(both, order, "5", "45.00", "A-2")
    assert state_of(both, invoice) == "draft"
    assert "tolerance 0 % or 0.03 in all, over by 0.01 each, 0.05 in all" in said
    invoice, _ = billed(both, order, "3", "45.00", "A-3")
    assert state_of(both, invoice) == "routed"
