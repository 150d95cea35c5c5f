"""Envelopes: what may be routed together, in which order it is signed, and when a document leaves. Source: DOC-08."""

from collections.abc import Iterator, Sequence

from app.entities.document import EDITABLE, Document
from app.entities.envelopes import Envelope
from app.rules.approvals import open_sheet
from app.rules.deeds import Actor, Deed, Problem
from app.rules.routing import Wanted

MOST_IN_ONE = 25
"""So many documents are still read before they are signed together."""

LONGEST_SUBJECT = 120

Signer = tuple[str, int | None]
"""A role, or a person."""


def numbers(lists: Sequence[Sequence[Wanted]]) -> dict[Signer, int]:
    """In which step each of those signs who are asked for on any of several documents: each once, and nobody before
    those whom a document's rules put before them. Where two documents want it the other way round, the first one's order
    holds."""
    before: dict[Signer, set[Signer]] = {}
    for signatures in lists:
        for one in signatures:
            before.setdefault(one.signer, set()).update(it.signer for it in signatures if it.step < one.step)
    found: dict[Signer, int] = {}
    step = 0
    while waiting := [one for one in before if one not in found]:
        step += 1
        ready = [one for one in waiting if not (before[one] - {one}) & set(waiting)] or waiting[:1]
        found |= dict.fromkeys(ready, step)
    return found


def status(envelope: Envelope) -> str:
    """Where an envelope stands: being filled, underway while a document is still in it, or done."""
    if envelope.routed_at is None:
        return "being filled"
    return "underway" if any(one.closed_at is None for one in envelope.contents) else "done"


# Filling an envelope.


def may_be_put_in(document: Document, sender: Actor, is_signed: bool, into: Envelope | None) -> Iterator[Problem]:
    """What speaks against putting a document into an envelope; `into` is the one that it is meant for, if it exists."""
    if not is_signed:
        yield Problem(f"{document.name} records a fact, which nobody approves. Leave it out.")
    elif document.owner_id != sender.user_id:
        yield Problem(f"{document.name} is not yours. Its owner sends it for approval. Leave it out.")
    elif document.state not in EDITABLE:
        yield Problem(f"{document.name} is {document.state}; only what is a draft or came back to you is routed.")
    elif document.enveloped is not None and (into is None or document.enveloped.envelope_id != into.id):
        yield Problem(f"{document.name} is in the envelope “{document.enveloped.envelope.subject}”. Take it out there.")


def envelope_fits(subject: str, count: int) -> list[Problem]:
    """What speaks against an envelope with so many documents, by its subject and their number."""
    problems = []
    if not subject:
        problems.append(Problem("Say what the envelope is about: the approvers read it first.", "subject"))
    if len(subject) > LONGEST_SUBJECT:
        problems.append(
            Problem(f"The subject has {len(subject)} characters; it may have {LONGEST_SUBJECT}. Shorten it.", "subject")
        )
    if count > MOST_IN_ONE:
        problems.append(
            Problem(f"These are {count} documents; an envelope takes {MOST_IN_ONE}. Make two of them.", "selected")
        )
    return problems


# What must hold.


def goes_with_its_envelope(document: Document, deed: Deed) -> Iterator[Problem]:
    """What lies in an envelope is routed and approved with the rest of it, not by itself."""
    placed = document.enveloped
    if placed is not None and deed.extra.get("envelope") != placed.envelope_id:
        way = "Route the envelope, or take the document out of it." if deed.action == "route" else "Sign the envelope."
        yield Problem(f"This document is in the envelope “{placed.envelope.subject}”. {way}")


# What follows.


def send_envelope(document: Document, deed: Deed) -> Sequence[object]:
    """From now on nothing is put into the envelope, and the document's sheet is a part of the envelope's."""
    if document.enveloped is not None:
        document.enveloped.sheet = document.sheets[-1]
        document.enveloped.envelope.routed_at = deed.at
    return []


def leave_envelope(document: Document, deed: Deed) -> Sequence[object]:
    """A document leaves its envelope when all have signed it, and when it is returned, recalled or cancelled."""
    signing = deed.action in ("approve", "conditions")
    if document.enveloped is not None and not (signing and open_sheet(document) is not None):
        document.enveloped.closed_at = deed.at
    return []
