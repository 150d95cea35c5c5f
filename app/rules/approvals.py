"""Approvals: who must sign a document, whose turn it is, and who may not. Source: DOC-03 … DOC-06."""

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from app.entities.approvals import ApprovalSheet, ApprovalStep, Signature
from app.entities.document import Document
from app.rules.deeds import Absent, Actor, Deed, Problem
from app.rules.money import written
from app.rules.routing import case_of, seats, wanted


def open_sheet(document: Document) -> ApprovalSheet | None:
    """The sheet that is being signed now."""
    return next((sheet for sheet in reversed(document.sheets) if sheet.closed_at is None), None)


def current_steps(sheet: ApprovalSheet | None) -> list[ApprovalStep]:
    """The steps whose turn it is: those of the lowest number that still lacks a signature. In an envelope the numbers
    count through all of its documents, so that one waits for the others, and its approvers find it whole."""
    turn = min((step.step for one in together(sheet) for step in unsigned(one)), default=None)
    return [step for step in unsigned(sheet) if step.step == turn] if sheet else []


def unsigned(sheet: ApprovalSheet) -> list[ApprovalStep]:
    """The steps that lack a signature."""
    return [step for step in sheet.steps if step.signature is None]


def together(sheet: ApprovalSheet | None) -> list[ApprovalSheet]:
    """The sheets that are signed with this one: those of the documents that are still in its envelope."""
    if sheet is None or sheet.sent_in is None:
        return [sheet] if sheet else []
    return [one.sheet for one in sheet.sent_in.envelope.contents if one.sheet is not None and one.closed_at is None]


def places(step: ApprovalStep, actor: Actor) -> list[Actor | Absent]:
    """In whose place a person may sign a step; none when it is not theirs to sign."""
    return seats(step.role, step.user_id, step.organization.path if step.organization is not None else "", actor)


def turn_of(document: Document, actor: Actor) -> ApprovalStep | None:
    """The step that this person can sign now, if any."""
    return next((step for step in current_steps(open_sheet(document)) if places(step, actor)), None)


def place_of(document: Document, actor: Actor) -> Actor | Absent:
    """In whose place this person signs now: their own, unless the step is open to them as a deputy only."""
    step = turn_of(document, actor)
    return in_place_of(places(step, actor) if step is not None else [], actor, preparers(document), document.total)


def in_place_of(among: Sequence[Actor | Absent], actor: Actor, made: Collection[int], total: Decimal) -> Actor | Absent:
    """Of the places that a person may sign in, the first that nothing speaks against."""
    free = (one for one in among if not [*authorship(made, actor, one), *authority(total, actor, one)])
    return next(free, among[0] if among else actor)


def preparers(document: Document) -> set[int]:
    """Everybody who made the document or wrote in it before it was routed."""
    return {document.created_by_id} | {one.user_id for one in document.preparers}


def signers(document: Document) -> set[int]:
    """Everybody who has signed the document."""
    return {step.signature.by_id for sheet in document.sheets for step in sheet.steps if step.signature}


# Who may not.


class Bar(NamedTuple):
    """Why somebody may not sign, as it is said to them and as it is said of them."""

    to_them: str
    of_them: str


def authorship(made: Collection[int], actor: Actor, place: Actor | Absent) -> Iterator[Bar]:
    """Those who made a document do not sign it, and nobody signs in their place."""
    if actor.user_id in made:
        yield Bar(
            "You created or changed this document, so somebody else has to approve it.",
            "created or changed the document",
        )
    elif place.user_id in made:
        yield Bar(
            "You stand in for a person who created or changed this document, so neither of you can approve it.",
            "stands in for a person who created or changed the document",
        )


def authority(total: Decimal, actor: Actor, place: Actor | Absent) -> Iterator[Bar]:
    """Nobody signs above their limit, and nobody hands on more authority than they have."""
    limit = actor.approval_limit
    if limit is not None and total > limit:
        yield Bar(
            f"The total is {written(total)}; your approval limit is {written(limit)}. "
            "Add an approver with a higher limit.",
            f"has an approval limit below {written(total)}",
        )
    elif place.approval_limit is not None and total > place.approval_limit:
        yield Bar(
            f"The total is {written(total)}; you sign for {place.name}, whose approval limit is "
            f"{written(place.approval_limit)}. Add an approver with a higher limit.",
            f"stands in for {place.name}, whose approval limit is below {written(total)}",
        )


# What must hold.


def it_is_your_turn(document: Document, deed: Deed) -> Iterator[Problem]:
    """Only an approver of the present step signs."""
    if turn_of(document, deed.by) is None:
        sheet = open_sheet(document)
        others = "the rest of its envelope" if sheet and unsigned(sheet) else "nobody"
        waiting = ", ".join(who(step) for step in current_steps(sheet)) or others
        yield Problem(f"It is not your turn to sign: this document waits for {waiting}.")


def nobody_approves_their_own(document: Document, deed: Deed) -> Iterator[Problem]:
    """Separation of duties: request and approval are two people, deputies included (DOC-06, RB-18)."""
    for bar in authorship(preparers(document), deed.by, place_of(document, deed.by)):
        yield Problem(bar.to_them)


def within_your_authority(document: Document, deed: Deed) -> Iterator[Problem]:
    """An approver signs up to their limit (ORG-02)."""
    for bar in authority(document.total, deed.by, place_of(document, deed.by)):
        yield Problem(bar.to_them)


def only_the_owner_recalls(document: Document, deed: Deed) -> Iterator[Problem]:
    """A routed document is taken back by who sent it."""
    if deed.by.user_id not in (document.owner_id, document.created_by_id):
        yield Problem(f"Only {name_of(document)} can recall this document. You can return it with a reason.")


# What follows.


def ask_for_signatures(document: Document, deed: Deed) -> Sequence[object]:
    """The approval sheet of this routing: what the rules ask for, then the approvers that the sender added."""
    asked = wanted(case_of(document), deed.facts.routing_rules(document.kind))
    numbers = deed.extra.get("numbers", {})
    if numbers:  # of an envelope, where each signs once
        asked = list({one.signer: one for one in asked}.values())
    sheet = ApprovalSheet(opened_at=deed.at)
    sheet.steps = [
        ApprovalStep(
            document=document,
            step=numbers.get(one.signer, one.step),
            role=one.role if one.user_id is None else "",
            user_id=one.user_id,
            organization_id=document.organization_id,
            organization=document.organization,
            reason=one.reason,
        )
        for one in asked
    ]
    last = max([*numbers.values(), *(one.step for one in sheet.steps)])
    for number, user_id in enumerate(deed.extra.get("approvers", ()), last + 1):
        sheet.steps.append(
            ApprovalStep(
                document=document,
                step=number,
                user_id=user_id,
                organization_id=document.organization_id,
                organization=document.organization,
                reason=f"Added by {deed.by.name}",
            )
        )
    document.sheets.append(sheet)
    return []


def sign(document: Document, deed: Deed) -> Sequence[object]:
    """The signature on the step whose turn it is."""
    step = turn_of(document, deed.by)
    assert step is not None, "it_is_your_turn has been asked"
    verdict = {"approve": "approved", "conditions": "conditionally approved", "disapprove": "disapproved"}[deed.action]
    place = place_of(document, deed.by)
    step.signature = Signature(
        document_id=document.id,
        verdict=verdict,
        comment=deed.comment,
        by_id=deed.by.user_id,
        on_behalf_of_id=place.user_id if place.user_id != deed.by.user_id else None,
        at=deed.at,
        document_version=document.version,
    )
    return []


def close_sheet(document: Document, deed: Deed) -> Sequence[object]:
    """The sheet is done with: complete, returned, recalled or cancelled."""
    sheet = open_sheet(document)
    if sheet is not None and (deed.action not in ("approve", "conditions") or not unsigned(sheet)):
        sheet.closed_at = deed.at
    return []


def all_signed(document: Document) -> bool:
    """Whether every signature is there."""
    sheet = document.sheets[-1] if document.sheets else None
    return sheet is not None and bool(sheet.steps) and all(step.signature for step in sheet.steps)


def who(step: ApprovalStep) -> str:
    """A step's signer in words."""
    if step.user is not None:
        return f"{step.user.first_name} {step.user.last_name}"
    return f"{step.role}, {step.organization.name}" if step.organization else step.role


def name_of(document: Document) -> str:
    """The owner's name."""
    return f"{document.owner.first_name} {document.owner.last_name}"
