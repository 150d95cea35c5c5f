"""Envelopes: one list of signatures for several documents, and what may lie in one. Source: DOC-08."""

import pytest

from app.entities.document import State
from app.entities.envelopes import Envelope, EnvelopeDocument
from app.models import PurchaseRequest
from app.rules.deeds import Actor
from app.rules.envelopes import LONGEST_SUBJECT, MOST_IN_ONE, envelope_fits, may_be_put_in, numbers, status
from app.rules.routing import Wanted
from tests.support.world import MONDAY

ROSA = Actor(7, "Rosa Requester")


def signatures(text):
    """`A B|C` asks for A and B side by side, then for C; digits are people."""
    return [
        Wanted(step, "" if one.isdigit() else one, int(one) if one.isdigit() else None, f"because of {one}")
        for step, together in enumerate(text.split("|"), 1)
        for one in together.split()
    ]


def text_of(found):
    steps = {}
    for (role, user_id), step in found.items():
        steps.setdefault(step, []).append(role or str(user_id))
    assert list(steps) == list(range(1, len(steps) + 1)), "steps count from one without a gap"
    return "|".join(" ".join(names) for names in steps.values())


@pytest.mark.parametrize(
    ("documents", "together"),
    [
        (["A"], "A"),
        (["A|B"], "A|B"),
        (["A", "A"], "A"),
        (["A", "B"], "A B"),
        (["A|B", "B"], "A|B"),
        (["B", "A|B"], "A|B"),
        (["A|C", "B|C"], "A B|C"),
        (["A|B", "B|C"], "A|B|C"),
        (["B|C", "A|B"], "A|B|C"),
        (["A B|C", "A|B"], "A|B|C"),
        (["A|5", "5|B"], "A|5|B"),
        (["A|B", "B|A"], "A|B"),
        (["B|A", "A|B"], "B|A"),
        (["A|B", "B|C", "C|A"], "A|B|C"),
        (["A|A"], "A"),
        ([], ""),
    ],
)
def test_each_signs_once_and_nobody_before_those_before_them(documents, together):
    assert text_of(numbers([signatures(one) for one in documents])) == together


def draft(state=State.DRAFT, owner=7, within=None):
    document = PurchaseRequest(id=3, state=state, owner_id=owner, title="Printers")
    if within is not None:
        document.__dict__["enveloped"] = EnvelopeDocument(envelope_id=within, envelope=Envelope(subject="Room 12"))
    return document


@pytest.mark.parametrize(
    ("document", "is_signed", "into", "said"),
    [
        (draft(), True, None, ""),
        (draft(State.DISAPPROVED), True, None, ""),
        (draft(within=4), True, Envelope(id=4), ""),
        (draft(), False, None, "Draft 3 records a fact, which nobody approves. Leave it out."),
        (draft(owner=8), True, None, "Draft 3 is not yours. Its owner sends it for approval. Leave it out."),
        (draft(State.ROUTED), True, None, "Draft 3 is routed; only what is a draft or came back to you is routed."),
        (draft(State.RELEASED), True, None, "Draft 3 is released; only what is a draft or came back to you is routed."),
        (draft(within=4), True, None, "Draft 3 is in the envelope “Room 12”. Take it out there."),
        (draft(within=4), True, Envelope(id=5), "Draft 3 is in the envelope “Room 12”. Take it out there."),
    ],
)
def test_what_may_be_put_into_an_envelope(document, is_signed, into, said):
    assert [str(one) for one in may_be_put_in(document, ROSA, is_signed, into)] == [said] * bool(said)


@pytest.mark.parametrize(
    ("subject", "count", "fields"),
    [
        ("Room 12", 1, []),
        ("Room 12", MOST_IN_ONE, []),
        ("", 1, ["subject"]),
        ("n" * (LONGEST_SUBJECT + 1), 1, ["subject"]),
        ("Room 12", MOST_IN_ONE + 1, ["selected"]),
        ("", MOST_IN_ONE + 1, ["subject", "selected"]),
    ],
)
def test_what_an_envelope_takes(subject, count, fields):
    assert [one.field for one in envelope_fits(subject, count)] == fields


@pytest.mark.parametrize(
    ("routed_at", "closed", "stands"),
    [
        (None, [], "being filled"),
        (None, [None], "being filled"),
        (MONDAY, [None, None], "underway"),
        (MONDAY, [MONDAY, None], "underway"),
        (MONDAY, [MONDAY, MONDAY], "done"),
    ],
)
def test_where_an_envelope_stands_follows_from_what_is_in_it(routed_at, closed, stands):
    envelope = Envelope(routed_at=routed_at, contents=[EnvelopeDocument(closed_at=one) for one in closed])
    assert status(envelope) == stands
