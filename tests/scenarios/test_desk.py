"""The inbox and the outbox: what waits for whom, in which order, and what one can do there. Source: DOC-03 … DOC-05."""

import re

from app import people, scope, turns
from app.entities.approvals import RoutingRule
from app.extensions import db
from app.facts import Answers
from app.models import Document
from app.rules.approvals import preparers, turn_of
from tests.support.around import a_deputy, let_write, only_signer
from tests.support.counting import statements
from tests.support.making import (
    BENCH,
    PARKS,
    a_basket,
    a_request,
    an_agreement,
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


def test_an_address_of_an_old_page_opens_the_first(world, sign_in):
    a_basket(world, "routed", title="Here")
    for address in ("?open=999", "?open=abc", "?view=nonsense", "?view=sign&open=%00"):
        answer = sign_in("approver").get(f"/inbox/{address}")
        assert answer.status_code == 200 and "Here" in answer.text, address


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


def test_help_explains_every_status(world, sign_in):
    text = words(sign_in("evaluator").get("/help").text)
    for word in ("Draft", "In approval", "Returned", "Approved", "Released", "Closed", "Cancelled", "Terminated"):
        assert word in text
