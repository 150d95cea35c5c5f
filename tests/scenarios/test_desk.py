"""The inbox and the outbox: what waits for whom, in which order, and what one can do there. Source: DOC-03 … DOC-05."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from app import people, scope, turns
from app.entities.approvals import RoutingRule
from app.extensions import db
from app.facts import Answers
from app.models import Document, MasterAgreement, Notice, Policy, Preparer, Signature
from app.rules.approvals import preparers, turn_of
from tests.support.around import a_deputy, only_signer
from tests.support.counting import statements
from tests.support.making import (
    BENCH,
    PARKS,
    Wanted,
    a_basket,
    a_receipt,
    a_released_order,
    a_request,
    an_agreement,
    an_invoice,
    an_order,
    move,
    records,
    state_of,
)
from tests.support.pages import words
from tests.support.people import Person
from tests.support.world import CAST, PASSWORD


def add_rules(world, kind, *rules):
    """Further lines of the signing policy: `(step, {"role": …})`."""
    with records(world) as session:
        session.add_all(RoutingRule(kind=kind, step=step, reason="Also", **who) for step, who in rules)
        session.commit()


def let_write(world, document_id, name):
    """Somebody has had a hand in a document before it was routed."""
    with records(world) as session:
        session.add(Preparer(document_id=document_id, user_id=world.ids[name]))
        session.commit()


def documents_in_every_turn(world):
    """Routed in two offices, with steps one after another and side by side, half signed, named, returned, recalled."""
    a_basket(world, "routed")
    a_basket(world, "routed", BENCH, place=PARKS)
    a_basket(world, "disapproved")
    a_basket(world, "approved")
    move(world, a_basket(world, "routed"), ("recall", "requester"))
    add_rules(
        world,
        "purchase_request",
        (2, {"role": "Buyer"}),
        (2, {"user_id": world.ids["manager"]}),
        (3, {"user_id": world.ids["chief"]}),
    )
    a_request(world, "routed")
    half = a_request(world, "routed")
    move(world, half, ("approve", "approver"))
    nearly = a_request(world, "routed")
    move(world, nearly, ("approve", "approver"), ("approve", "buyer"))
    again = a_request(world, "disapproved")
    move(world, again, ("route", "requester"))
    an_agreement(world, "routed")
    a_deputy(world, "chief", "technician")
    a_deputy(world, "manager", "stranger")


def test_the_inbox_asks_what_the_rules_ask(both):
    """For every person and every document: the query and `rules.approvals` say the same. What somebody prepared waits
    for the others of the role; what names somebody stays with them."""
    documents_in_every_turn(both)
    found = 0
    with records(both) as session:
        everything = list(session.scalars(db.select(Document)))
        for name in CAST:
            actor = both.actor(name)
            turn = {one: turn_of(one, actor) for one in everything}
            expected = {
                one.id for one, step in turn.items() if step and (step.user_id or actor.user_id not in preparers(one))
            }
            waiting = turns.to_sign(session, actor, both.clock(), 200)
            assert {one.document.id for one in waiting} == expected, name
            assert len(waiting) == len(expected), "each document once"
            found += len(expected)
    assert found >= 15


def test_what_one_prepared_waits_for_the_others(both):
    """Chief and approver hold the same role; the chief has written in it, so that it is nothing for the chief's inbox."""
    basket = a_basket(both, "routed", title="Written by the chief too")
    assert "Written by the chief too" in Person(both.app, "chief").get("/inbox/").text
    let_write(both, basket, "chief")
    assert "Written by the chief too" not in Person(both.app, "chief").get("/inbox/").text
    assert "Written by the chief too" in Person(both.app, "approver").get("/inbox/").text


def test_the_numbers_of_the_menu_are_those_of_the_lists(both):
    documents_in_every_turn(both)
    both.clock.on("2026-11-28")
    with records(both) as session:
        for name in CAST:
            actor = both.actor(name)
            scope.look(session, people.sight_of(session, actor))
            late = turns.late_before(both.app.extensions["office"], Answers(session, both.app.extensions["office"]))
            counts, waiting = turns.counts(session, actor, late), turns.to_sign(session, actor, late, 200)
            lists = [len(waiting), sum(one.late for one in waiting)]
            lists += [
                len(turns.standing(session, which(actor), 200)) for which in (turns.returned_to, turns.released_by)
            ]
            assert [counts.sign, counts.late, counts.returned, counts.release] == lists, name
            assert counts.inbox == counts.sign + counts.returned + counts.release
            scope.look(session, None)


def test_the_longest_wait_stands_first_and_is_marked_when_it_is_late(world, sign_in):
    world.clock.on("2026-11-24")
    a_basket(world, "routed", title="Second")
    world.clock.on("2026-11-23")
    a_request(world, "routed", title="First")
    world.clock.on("2026-11-27")
    page = sign_in("approver").get("/inbox/").text
    text = words(page)
    assert text.index("First") < text.index("Second")
    assert "2 to sign, 1 past due." in text
    assert "4 days , past due" in text and "3 days" in text and "3 days , past due" not in text
    assert "PR-2027-000001 · CLINIC · Rosa Requester" in text


def test_days_are_those_of_the_office(world, sign_in):
    """Routed at 11 in the evening; an hour later it is another day, at the office and not only in UTC."""
    world.clock.on("2026-11-24", 4)
    a_basket(world, "routed")
    world.clock.on("2026-11-24", 6)
    assert "1 day " in words(sign_in("approver").get("/inbox/").text)


def test_a_later_step_waits_since_the_one_before_was_signed(world, sign_in):
    only_signer(world, "purchase_request", "approver", "chief")
    request = a_request(world, "routed")
    world.clock.on("2026-11-26")
    move(world, request, ("approve", "approver"))
    world.clock.on("2026-11-28")
    assert "2 days" in words(sign_in("chief").get("/inbox/").text)
    outbox = words(sign_in("requester").get("/outbox/").text)
    assert "Carla Chief 2 days" in outbox


def test_approve_from_the_inbox_and_go_on_with_the_next(world, sign_in):
    first = a_basket(world, "routed", title="First")
    world.clock.on("2026-11-24")
    a_basket(world, "routed", title="Next")
    amos = sign_in("approver")
    answer = amos.post(
        f"/market-basket/act/{first}/approve", follow=False, password=PASSWORD, **{"from": "inbox", "key": "once"}
    )
    assert (answer.status_code, answer.location) == (302, "/inbox/")
    text = words(amos.get("/inbox/").text)
    assert "MB-2027-000001: you approved it." in text and "1 to sign." in text
    assert state_of(world, first) == "approved" and "To release 1" in text


def test_what_came_back_stands_in_the_inbox_of_its_owner_with_the_reason(world, sign_in):
    basket = a_basket(world, "routed")
    sign_in("approver").press("market-basket", basket, "disapprove", comment="Use the agreement", **{"from": "inbox"})
    rosa = sign_in("requester")
    page = rosa.get("/inbox/").text
    text = words(page)
    assert "1 returned to you." in text and "Amos Approver: Use the agreement" in text
    assert f'href="/market-basket/show/{basket}"' in page and "Correct" in text
    assert '<span class="count">1' in rosa.get("/").text, "and the menu says so"
    assert "Nothing came back" in words(sign_in("approver").get("/inbox/?view=returned").text)


def test_who_may_release_finds_what_is_approved(world, sign_in):
    basket = a_basket(world, "approved")
    a_basket(world, "approved", BENCH, place=PARKS)
    text = words(sign_in("approver").get("/inbox/").text)
    assert "1 to release." in text and "An order to Adesso Supply for $539.88" in text
    assert "To release 0" in words(sign_in("requester").get("/inbox/").text), "a requester releases nothing"
    sign_in("approver").press("market-basket", basket, "release", **{"from": "inbox"})
    assert "Nothing to release" in words(sign_in("approver").get("/inbox/?view=release").text)


def test_a_deputy_finds_what_is_addressed_to_the_one_who_is_away(world, sign_in):
    an_agreement(world, "routed", title="Binders of every size")
    assert "Nothing waits for your signature" in words(sign_in("buyer").get("/inbox/?view=sign").text)
    a_deputy(world, "chief", "manager")
    a_deputy(world, "chief", "reviewer")
    assert "Binders of every size" in words(sign_in("reviewer").get("/inbox/").text)


def test_more_than_an_inbox_shows_comes_when_the_first_are_done(world, sign_in, monkeypatch):
    monkeypatch.setattr(turns, "MOST_SHOWN", 2)
    for number in range(3):
        a_request(world, "routed", title=f"Need {number}")
    amos, said = sign_in("approver"), "1 more come when these are done."
    page = amos.get("/inbox/").text
    assert "2 of 3 to sign" in words(page) and said in words(page) and "Go on" in page
    assert [f"Need {number}" in page for number in range(3)] == [True, True, False]
    first = int(re.search(r'data-id="(\d+)"', page)[1])
    move(world, first, ("approve", "approver"))
    page = amos.get("/inbox/").text
    assert "2 to sign" in words(page) and said not in words(page) and "Go on" not in page and "Need 2" in page


PREVIEWS = {
    "market_basket": (
        lambda world: a_basket(world, "routed"),
        "approver",
        (
            "S1: 323.93 asked, 3,000.00 available",
            "Every line comes from stock",
            "An order to Adesso Supply for $539.88",
        ),
    ),
    "purchase_request": (
        lambda world: a_request(world, "routed"),
        "approver",
        ("S1: 200.00 asked, 3,000.00 available", "$200.00 is set aside", "Label printer"),
    ),
    "master_agreement": (
        lambda world: an_agreement(world, "routed"),
        "chief",
        ("Offices may order until Jun 30, 2027.", "Binder"),
    ),
    "delivery_order": (
        lambda world: an_order(world, "routed"),
        "approver",
        ("$539.88 is committed to Adesso Supply.", "S2: 215.95 asked"),
    ),
    "invoice": (
        lambda world: billed(world, "routed"),
        "approver",
        ("Matched", "$539.88 is spent, and a payment to Adesso Supply is queued."),
    ),
}


def billed(world, state):
    order = a_released_order(world)
    a_receipt(world, order, {1: "12"})
    return an_invoice(world, order, {1: ("12", "44.99")}, state)


@pytest.mark.parametrize("kind", PREVIEWS)
def test_the_preview_shows_what_an_approver_has_to_know(world, sign_in, kind):
    make, signer, said = PREVIEWS[kind]
    made = make(world)
    page = sign_in(signer).get(f"/inbox/preview/{made}").text
    text = words(page)
    for sentence in (*said, "Approve", "Return", "Waiting", "Everything that has to be filled in is there"):
        assert sentence in text, sentence
    assert f'action="/{kind.replace("_", "-")}/act/{made}/approve"' in page
    assert 'name="from" value="inbox"' in page and 'data-signs="ask"' in page
    assert "<html" not in page, "a piece of a page"


def test_the_checks_say_beforehand_what_would_be_refused(world, sign_in):
    mine = a_basket(world, "routed")
    let_write(world, mine, "chief")
    with records(world) as session:
        session.get_one(Document, mine).lines[0].funding[0].strip.balances[0].allotted = 100
        session.commit()
    text = words(sign_in("chief").get(f"/inbox/preview/{mine}").text)
    assert "Blocks: You created or changed this document, so somebody else has to approve it." in text
    assert "Warning: S1: 100.00 available, 323.93 asked, 223.93 short." in text
    assert "Everything that has to be filled in" not in text


def test_the_agreement_is_asked_for_the_sender_and_not_for_the_approver(world, sign_in):
    """Who may order from an agreement is the one who orders; the approver needs no authority of their own."""
    from app.entities.awards import OrderingAuthority

    with records(world) as session:
        agreement = session.get_one(MasterAgreement, world.ids["MA-A"])
        session.info["moving"] = True
        agreement.authorities.append(OrderingAuthority(user_id=world.ids["buyer"]))
        session.commit()
        session.info["moving"] = False
    order = an_order(world, "routed")
    assert "Ask its buyer for authority" not in words(sign_in("approver").get(f"/inbox/preview/{order}").text)


def test_an_invoice_that_does_not_match_says_so_line_by_line(world, sign_in):
    invoice = billed(world, "routed")
    with records(world) as session:
        found = session.get_one(Document, invoice)
        session.info["moving"] = True
        found.invoice_lines[0].quantity = 15
        session.commit()
        session.info["moving"] = False
    text = words(sign_in("approver").get(f"/inbox/preview/{invoice}").text)
    assert "Blocks: Line 1: 15 invoiced; 12 received; over by 3." in text and "Quantity 15 EA" in text


@pytest.mark.parametrize("pk", ["0", "999999", "abc", "99999999999999999999", "1%00", "-1"])
def test_a_preview_of_nothing_is_not_found(world, sign_in, pk):
    assert sign_in("approver").get(f"/inbox/preview/{pk}").status_code == 404


def test_another_offices_document_is_not_previewed(world, sign_in):
    bench = a_basket(world, "routed", BENCH, place=PARKS)
    assert sign_in("approver").get(f"/inbox/preview/{bench}").status_code == 404
    assert "Park" not in words(sign_in("approver").get("/inbox/").text)


def test_somebody_named_without_the_right_to_open_is_told_what_to_do(world, sign_in):
    only_signer(world, "market_basket", "evaluator")
    basket = a_basket(world, "routed")
    text = words(sign_in("evaluator").get("/inbox/").text)
    assert "1 to sign." in text and "Your roles do not let you open this" in text
    assert "44.99" not in text and sign_in("evaluator").get(f"/market-basket/show/{basket}").status_code == 403


def test_an_address_of_an_old_page_opens_the_first(world, sign_in):
    a_basket(world, "routed", title="Here")
    for address in ("?open=999", "?open=abc", "?view=nonsense", "?view=sign&open=%00"):
        answer = sign_in("approver").get(f"/inbox/{address}")
        assert answer.status_code == 200 and "Here" in answer.text, address


# Several at once.


def test_tick_several_and_sign_once(both):
    chosen = [a_basket(both, "routed", title=f"Number {number}") for number in range(3)]
    left = a_basket(both, "routed", title="Not ticked")
    amos = Person(both.app, "approver")
    page = amos.post("/inbox/approve", selected=[str(one) for one in chosen], password=PASSWORD, key="k")
    assert "You approved 3 documents for $" in words(page.text) and "1 to sign." in words(page.text)
    assert [state_of(both, one) for one in chosen] == ["approved"] * 3 and state_of(both, left) == "routed"
    again = amos.post("/inbox/approve", selected=[str(one) for one in chosen], password=PASSWORD, key="k")
    assert "You approved" not in words(again.text)
    with records(both) as session:
        assert session.scalar(db.select(db.func.count(Signature.id)).where(Signature.document_id.in_(chosen))) == 3


def test_what_is_refused_stays_and_the_rest_is_signed(world, sign_in):
    good, own = a_basket(world, "routed"), a_basket(world, "routed")
    let_write(world, own, "chief")
    bench = a_basket(world, "routed", BENCH, place=PARKS)
    page = sign_in("chief").post(
        "/inbox/approve", selected=[str(good), str(own), str(bench), "nonsense"], password=PASSWORD
    )
    text = words(page.text)
    assert "You approved 2 documents for $" in text
    assert "MB-2027-000002: You created or changed this document" in text
    assert [state_of(world, one) for one in (good, own, bench)] == ["approved", "routed", "approved"]


def test_what_is_dear_or_has_a_problem_is_looked_at_alone_and_one_summary_says_why(world, sign_in):
    with records(world) as session:
        session.add(Policy(name="bulk approval", value=Decimal(600), effective_from=world.clock().date()))
        session.commit()
    good, late = a_basket(world, "routed"), a_basket(world, "routed")
    dear = a_request(world, "routed", Wanted(quantity="7"))
    with records(world) as session:
        session.get_one(Document, late).lines[0].delivery_on = world.clock().date() - timedelta(days=1)
        session.info["moving"] = True
        session.commit()
    page = sign_in("approver").post("/inbox/approve", selected=[str(good), str(late), str(dear)], password=PASSWORD)
    assert page.text.count('class="alert ') == 1
    text = words(page.text)
    assert "You approved 1 document for $539.88. 2 documents are not signed and still here." in text
    assert "$700.00 is above $600.00" in text and "The delivery date 2026-11-22 is past" in text
    assert [state_of(world, one) for one in (good, late, dear)] == ["approved", "routed", "routed"]


def test_a_summary_of_many_refusals_still_travels(world, sign_in):
    with records(world) as session:
        session.add(Policy(name="bulk approval", value=Decimal(1), effective_from=world.clock().date()))
        session.commit()
    chosen = [a_request(world, "routed", title=f"Number {number}") for number in range(9)]
    page = sign_in("approver").post("/inbox/approve", selected=[str(one) for one in chosen], password=PASSWORD)
    text = words(page.text)
    assert "Nothing was signed. 9 documents are not signed and still here." in text and "and 3 more" in text


def test_out_of_sight_cannot_be_ticked(world, sign_in):
    bench = a_basket(world, "routed", BENCH, place=PARKS)
    sign_in("approver").post("/inbox/approve", selected=[str(bench)], password=PASSWORD)
    assert state_of(world, bench) == "routed"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"password": "wrong"}, "This is not your password"),
        ({}, "This is not your password"),
        ({"password": PASSWORD, "selected": []}, "Tick the documents first"),
    ],
)
def test_without_ticks_or_password_nothing_is_signed(world, sign_in, sent, said):
    basket = a_basket(world, "routed")
    page = sign_in("approver").post("/inbox/approve", **({"selected": [str(basket)]} | sent))
    assert said in words(page.text) and state_of(world, basket) == "routed"


# The outbox.


def test_the_outbox_says_where_everything_waits(world, sign_in):
    a_basket(world, "routed", title="Underway")
    a_basket(world, "disapproved", title="Came back")
    a_basket(world, "draft", title="Not sent")
    a_basket(world, "routed", BENCH, place=PARKS, title="Somebody else's")
    text = words(sign_in("requester").get("/outbox/").text)
    underway, decided = text.split("Decided in the last two weeks")
    assert (
        "Underway 1" in underway
        and "MB-2027-000001 Underway Market basket Clinic Approver, Clinic today 539.88" in underway
    )
    assert "Came back" in decided and "Returned" in decided
    assert "Not sent" not in text and "Somebody else" not in text
    world.clock.on("2026-12-30")
    later = words(sign_in("requester").get("/outbox/").text)
    assert "Decided" not in later and "37 days past due" in later


def test_a_sender_who_is_not_the_owner_follows_it_too(world, sign_in):
    """A technician routes what a colleague has written."""
    request = a_request(world)
    move(world, request, ("route", "technician"))
    assert "Printers" in words(sign_in("technician").get("/outbox/").text)


# What it costs.


def test_the_menu_asks_once_and_a_piece_of_a_page_not_at_all(world, sign_in):
    basket = a_basket(world, "routed")
    amos = sign_in("approver")

    def asked(path):
        with statements(world.app) as said:
            assert amos.get(path).status_code == 200
        return [one for one in said if "FROM notice" in one and "count(" in one]

    assert len(asked("/market-basket/list/")) == 1
    assert len(asked("/inbox/")) == 1
    assert asked(f"/inbox/preview/{basket}") == []


def test_the_queue_costs_the_same_however_long_it_is(world, sign_in):
    amos = sign_in("approver")

    def cost():
        with statements(world.app) as said:
            amos.get("/inbox/")
        return len(said)

    a_request(world, "routed")
    few = cost()
    for _ in range(6):
        a_request(world, "routed")
    assert cost() == few


def test_the_inbox_is_for_those_who_have_signed_in(world):
    client = world.app.test_client()
    for path in ("/inbox/", "/inbox/preview/1", "/outbox/", "/notices/", "/search/", "/search/jump?q=ab", "/help/"):
        answer = client.get(path)
        assert answer.status_code == 302 and "/login/" in answer.location, path


# Notices.


def test_notices_tell_once_and_are_ones_own(world, sign_in):
    basket = a_basket(world, "approved")
    rosa = sign_in("requester")
    text = words(rosa.get("/notices/").text)
    assert "1 unread" in text and "Amos Approver approved it: MB-2027-000001 Clinic office" in text
    with records(world) as session:
        (notice,) = session.scalars(db.select(Notice).where(Notice.user_id == world.ids["requester"]))
    assert sign_in("approver").post(f"/notices/open/{notice.id}").status_code == 404, "not his"
    opened = rosa.post(f"/notices/open/{notice.id}", follow=False)
    assert opened.location == f"/market-basket/show/{basket}"
    assert "All read." in words(rosa.get("/notices/").text)
    assert sign_in("approver").post("/notices/read").status_code == 200


def test_all_notices_are_read_at_once(world, sign_in):
    for _ in range(3):
        a_basket(world, "approved")
    rosa = sign_in("requester")
    assert "3 unread" in words(rosa.get("/notices/").text)
    assert "All read." in words(rosa.post("/notices/read").text)
    for address in ("?before=abc", "?before=-1", "?before=99999999999999999999", "?before=1"):
        assert rosa.get(f"/notices/{address}").status_code == 200, address
    assert rosa.post("/notices/read", notice="x").status_code == 404


def test_a_notice_of_something_out_of_sight_leads_nowhere(world, sign_in):
    bench = a_basket(world, "routed", BENCH, place=PARKS)
    with records(world) as session:
        session.add(Notice(user_id=world.ids["requester"], document_id=bench, text="About a bench", at=world.clock()))
        session.commit()
    page = sign_in("requester").get("/notices/").text
    assert "About a bench" in page and "/notices/open/" not in page


def test_help_explains_every_status(world, sign_in):
    text = words(sign_in("evaluator").get("/help").text)
    for word in ("Draft", "In approval", "Returned", "Approved", "Released", "Closed", "Cancelled", "Terminated"):
        assert word in text
