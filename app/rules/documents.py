"""Every type of document, one row each: what it is called, how it lives, what must hold, and what follows.

Read this page and you know what Purser does. `must` names the checks that are asked before an action; they yield
problems, and the user sees all of them at once. `then` names what the action brings about: postings, new documents,
entries in queues. A new type of document is an entity, a row here, its grants in `access`, a screen and its tests."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.entities.awards import DeliveryOrder, MasterAgreement
from app.entities.document import Document
from app.entities.payables import Invoice
from app.entities.receiving import Receipt
from app.entities.requests import MarketBasket, PurchaseRequest
from app.rules import (
    accepting,
    approvals,
    awards,
    billing,
    envelopes,
    funds,
    lines,
    payables,
    payees,
    payment,
    receiving,
    requests,
    splitting,
    waiting,
)
from app.rules.deeds import Absent, Actor, Deed, Facts, Problem
from app.rules.lifecycle import AWARD, BILL, FACT, REQUEST, ROUTED, Move

Check = Callable[[Any, Deed], Iterator[Problem]]
Effect = Callable[[Any, Deed], Sequence[object]]
Apart = Callable[[Any, Actor, Actor | Absent, Facts], Iterator[str]]

SIGNING: Mapping[str, tuple[Check, ...]] = {
    "route": (envelopes.goes_with_its_envelope,),
    "recall": (approvals.only_the_owner_recalls,),
    "approve": (
        envelopes.goes_with_its_envelope,
        approvals.it_is_your_turn,
        approvals.nobody_approves_their_own,
        approvals.within_your_authority,
    ),
    "conditions": (
        envelopes.goes_with_its_envelope,
        approvals.it_is_your_turn,
        approvals.nobody_approves_their_own,
        approvals.within_your_authority,
    ),
    "disapprove": (approvals.it_is_your_turn,),
}
"""What signing asks of every document that is signed."""

SHEETS: Mapping[str, tuple[Effect, ...]] = {
    "route": (approvals.ask_for_signatures, envelopes.send_envelope),
    "approve": (approvals.sign, approvals.close_sheet, envelopes.leave_envelope),
    "conditions": (approvals.sign, approvals.close_sheet, envelopes.leave_envelope),
    "disapprove": (approvals.sign, approvals.close_sheet, envelopes.leave_envelope),
    "recall": (approvals.close_sheet, envelopes.leave_envelope),
    "cancel": (approvals.close_sheet, envelopes.leave_envelope),
}
"""What signing does on every document that is signed."""


@dataclass(frozen=True)
class Kind:
    """One type of document. `apart` says of a person why they will not sign it, where duties are kept apart beyond what
    holds for every type; each of these is asked again among the checks of signing. `offered` says of an action whether a
    person finds its button, where state and roles do not say it."""

    entity: type[Document]
    series: str
    name: str
    plural: str
    life: tuple[Move, ...] = ROUTED
    must: Mapping[str, tuple[Check, ...]] = field(default_factory=dict)
    then: Mapping[str, tuple[Effect, ...]] = field(default_factory=dict)
    offered: Mapping[str, Callable[[Any, Actor], object]] = field(default_factory=dict)
    apart: tuple[Apart, ...] = ()

    @property
    def signed(self) -> bool:
        """Whether people sign it."""
        return any(move.action == "route" for move in self.life)

    def checks(self, action: str) -> tuple[Check, ...]:
        """What must hold before an action."""
        return (*(SIGNING.get(action, ()) if self.signed else ()), *self.must.get(action, ()))

    def effects(self, action: str) -> tuple[Effect, ...]:
        """What follows an action."""
        return (*(SHEETS.get(action, ()) if self.signed else ()), *self.then.get(action, ()))


KINDS: Mapping[type[Document], Kind] = {kind.entity: kind for kind in (
    Kind(
        MarketBasket, "MB", "Market basket", "Market baskets",
        must={
            "route": (requests.main_tab_is_filled, *lines.COMPLETE, lines.sources_are_respected,
                      requests.basket_sources_can_deliver, funds.funds_look_sufficient,
                      splitting.not_split_to_stay_below),
            "approve": (*lines.COMPLETE, lines.sources_are_respected, splitting.not_split_to_stay_below),
            "conditions": (*lines.COMPLETE, lines.sources_are_respected),
            "release": (*lines.COMPLETE, lines.sources_are_respected, requests.basket_sources_can_deliver),
        },
        then={"release": (requests.orders_and_requests,)},
    ),
    Kind(
        PurchaseRequest, "PR", "Purchase request", "Purchase requests", life=REQUEST,
        must={
            "route": (requests.main_tab_is_filled, *lines.COMPLETE, lines.sources_are_respected,
                      funds.year_is_open, funds.funds_look_sufficient, splitting.not_split_to_stay_below),
            "approve": (*lines.COMPLETE, splitting.not_split_to_stay_below),
            "conditions": lines.COMPLETE,
            "release": (*lines.COMPLETE, funds.year_is_open),
        },
        then={"release": (funds.preencumber,), "cancel": (funds.free_preencumbrance,),
              "close": (funds.free_preencumbrance,)},
    ),
    Kind(
        MasterAgreement, "MA", "Master agreement", "Master agreements", life=AWARD,
        must={
            "route": (lines.has_lines, awards.agreement_is_complete, awards.vendor_may_be_awarded),
            "release": (awards.agreement_is_complete, awards.vendor_may_be_awarded),
        },
        then={"release": (awards.open_consumption,)},
    ),
    Kind(
        DeliveryOrder, "DO", "Delivery order", "Delivery orders", life=AWARD,
        must={
            "route": (*lines.COMPLETE, awards.vendor_may_be_awarded, awards.order_follows_its_agreement,
                      billing.clerk_enters_invoices, funds.year_is_open, funds.funds_look_sufficient, splitting.not_split_to_stay_below),
            "approve": (*lines.COMPLETE, splitting.not_split_to_stay_below),
            "conditions": lines.COMPLETE,
            "release": (*lines.COMPLETE, awards.vendor_may_be_awarded, awards.order_follows_its_agreement,
                        billing.clerk_enters_invoices, funds.year_is_open),
            "close": (awards.nothing_is_underway,),
            "terminate": (awards.nothing_is_underway,),
        },
        then={
            "release": (awards.date_of_order, funds.encumber, awards.use_up),
            "close": (funds.free_encumbrance,),
            "terminate": (funds.free_encumbrance, awards.give_back),
        },
    ),
    Kind(
        Receipt, "RR", "Receiving report", "Receiving reports", life=FACT,
        must={
            "release": (receiving.says_what_came, receiving.order_can_be_received, receiving.within_tolerance,
                        receiving.who_orders_does_not_receive),
            "accept": (accepting.something_is_accepted, accepting.no_more_than_came, accepting.less_has_a_reason,
                       accepting.who_orders_does_not_accept),
            "reverse": (receiving.not_yet_invoiced,),
        },
        then={
            "release": (waiting.tell_who_waits, accepting.tell_acceptors, billing.draft_invoice),
            # Told first: once it is accepted, it is no longer left to be counted as new.
            "accept": (accepting.tell_who_waits, accepting.accept),
            "reverse": (waiting.tell_who_loses,),
        },
        offered={"accept": accepting.open_to},
    ),
    Kind(
        Invoice, "IN", "Invoice", "Invoices", life=BILL,
        must={
            "route": (payables.says_what_is_billed, payables.orders_are_of_the_vendor, payables.number_is_new,
                      payables.every_line_matches, payables.override_has_a_reason, payment.source_is_used),
            "approve": (payables.who_receives_does_not_approve, payees.who_keeps_the_account_does_not_pay),
            "conditions": (payables.who_receives_does_not_approve, payees.who_keeps_the_account_does_not_pay),
            "release": (payables.says_what_is_billed, payables.orders_are_of_the_vendor, payables.number_is_new,
                        payables.every_line_matches, payables.vendor_may_be_paid, payables.no_hold_stands,
                        payables.override_has_a_reason, payment.source_is_used, payees.who_keeps_the_account_does_not_pay, funds.year_is_open),
            "close": (payment.payment_is_due, payables.vendor_may_be_paid, payables.no_hold_stands,
                      payees.who_keeps_the_account_does_not_pay, payees.there_is_an_account_to_pay),
        },
        then={
            "route": (payables.claim_number,),
            "release": (payables.spend, payment.queue_payment),
            "close": (payment.pay, payees.name_the_account),
            "cancel": (payables.give_number_back,),
        },
        apart=(payables.bars_receivers, payees.bars_account_keepers),
    ),
)}  # fmt: skip


def kind_of(document: Document) -> Kind:
    """The row of a document's type."""
    return KINDS[type(document)]


def kind_named(name: str) -> Kind | None:
    """The row of a type by the name of its table, as `Document.kind` holds it."""
    return next((kind for kind in KINDS.values() if kind.entity.__tablename__ == name), None)


def judge(document: Document, deed: Deed) -> list[Problem]:
    """Everything that speaks against a deed, each thing once."""
    found: dict[tuple[str, int | None, str], Problem] = {}
    for check in kind_of(document).checks(deed.action):
        for problem in check(document, deed):
            found.setdefault((problem.message, problem.line, problem.field), problem)
    return list(found.values())
