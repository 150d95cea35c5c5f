"""What an approver sees of a document beside the inbox, before signing it. Source: DOC-03, DOC-14."""

import pytest

from app.models import Document, MasterAgreement
from tests.support.around import let_write, only_signer
from tests.support.making import (
    BENCH,
    PARKS,
    a_basket,
    a_receipt,
    a_released_order,
    a_request,
    an_agreement,
    an_invoice,
    an_order,
    records,
)
from tests.support.pages import words

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
