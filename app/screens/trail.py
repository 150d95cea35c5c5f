"""The history of a document, as sentences: moves and changes together, newest first. Source: DOC-09."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.entities.document import Document, DocumentEvent
from app.entities.operations import AuditEntry
from app.rules.documents import KINDS, Kind
from app.screens.referred import Referred

Label = Callable[[str, str], str]
"""Entity and field → what its form calls the field."""

MOVES, FIRST, ALL = 200, 40, 5_000
"""How many moves are told, how many changes on the document's page, and how many when somebody asks for all."""

WHAT = {
    "LineItem": "line",
    "LineFunding": "the funding of",
    "LineCharge": "a charge on",
    "InvoiceLine": "line",
    "ReceiptLine": "line",
    "LineAcceptance": "acceptance by",
    "OrderingAuthority": "authority to order of",
    "SuggestedVendor": "suggested vendor",
    "PointOfContact": "point of contact",
}
"""Part of a document → what the history calls it."""

UNSAID = frozenset({"ApprovalSheet", "ApprovalStep", "Signature", "DocumentLink", "InvoiceNumber"})
"""What a move of the document says already."""

OTHERWISE = {
    "Acceptance": {"add": "accepted {label}"},
    "PaymentHold": {"add": "put it on hold", "released_at": "released a hold"},
    "Attachment": {"add": "attached {label}", "remove": "removed {label}"},
    "StickyNote": {"add": "wrote a note"},
    "EnvelopeDocument": {
        "add": "put it into the envelope “{label}”",
        "remove": "took it out of the envelope “{label}”",
    },
    "LineFunding": {"add": "funded “{label}” with {amount} from {strip_id}"},
}
"""What is said in words of its own: entity → deed or field → sentence; other fields of these are passed over, except
where the entity has a name in WHAT."""

OF_EVERY_DOCUMENT = frozenset(
    "state number routed_at approved_at released_at closed_at total ordered_on class_code".split()
)
COMPUTED = {
    **{entity.__name__: OF_EVERY_DOCUMENT for entity in KINDS},
    "InvoiceLine": frozenset({"amount", "position"}),
    "LineItem": frozenset({"amount", "position"}),
    "LineFunding": frozenset({"amount", "position"}),
    "Invoice": OF_EVERY_DOCUMENT
    | {"title", "schedule_reason", "take_discount", "discount_on", "discount_amount", "due_on"},
}
"""What Purser sets by itself when something else is changed: entity → fields that the history passes over."""

DOCUMENT_NAMES = frozenset(entity.__name__ for entity in KINDS)


def history_of(
    session: Session, document: Document, kind: Kind, label: Label, most: int = FIRST
) -> tuple[list[dict[str, Any]], bool]:
    """The moves of a document and its latest changes, and whether there are earlier ones. Changes of one moment that
    read alike stand once, with their number."""
    events = session.scalars(
        select(DocumentEvent)
        .where(DocumentEvent.document_id == document.id)
        .options(selectinload(DocumentEvent.by))
        .order_by(DocumentEvent.id.desc())
        .limit(MOVES)
    )
    done = {move.action: move.done for move in kind.life}
    rows = [
        {"at": one.at, "by": one.by, "text": done.get(one.action, one.action), "comment": one.comment, "rank": 1}
        for one in events
    ]
    entries = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.document_id == document.id, AuditEntry.action.in_(("change", "add", "remove", "denied")))
        .options(selectinload(AuditEntry.by))
        .order_by(AuditEntry.id.desc())
        .limit(most + 1)
    ).all()
    more, entries = len(entries) > most, entries[:most]
    referred = Referred(
        session, [one for one in entries if one.action != "add" or "add" in OTHERWISE.get(one.entity, {})]
    )
    for one in entries:
        if text := sentence(one, referred, label):
            rows.append({"at": one.at, "by": one.by, "text": text, "comment": "", "rank": 0})
    return _once(sorted(rows, key=lambda row: (row["at"], row["rank"]), reverse=True)), more


def _once(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    for row in rows:
        if told and row["rank"] == 0 and all(row[key] == told[-1][key] for key in ("at", "by", "text")):
            told[-1]["times"] += 1
        else:
            told.append(row | {"times": 1})
    for row in told:
        if row["times"] > 1:
            row["text"] += f" ({row['times']} times)"
    return told


def sentence(entry: AuditEntry, referred: Referred, label: Label) -> str:
    """A change as a sentence: "changed line “Keyboard”, quantity from 10 to 12". Empty for what need not be said."""
    if entry.entity in UNSAID or entry.field in COMPUTED.get(entry.entity, ()):
        return ""
    own = OTHERWISE.get(entry.entity, {}).get(entry.field or entry.action)
    if own is not None:
        return own.format_map(referred.values(entry) | {"label": entry.label})
    if entry.entity in OTHERWISE and entry.entity not in WHAT:
        return ""
    what = WHAT.get(entry.entity, "")
    name = (f"{what} “{entry.label}”" if entry.label else f"a {what.removeprefix('the ')}") if what else ""
    if entry.action == "add":
        return f"added {name}" if name else "created it" if entry.entity in DOCUMENT_NAMES else ""
    if entry.action == "remove":
        return f"removed {name or entry.label}"
    if entry.action == "denied":
        return f"was refused: {entry.new}"
    return f"changed {f'{name}, ' if name else ''}{label(entry.entity, entry.field)} {_from_to(entry, referred)}"


def _from_to(entry: AuditEntry, referred: Referred) -> str:
    old, new = (referred.value(entry.entity, entry.field, value) for value in (entry.old, entry.new))
    if old and new:
        return f"from {old} to {new}"
    return f"to {new}" if new else "to nothing"
