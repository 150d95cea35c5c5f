"""The history of a document, as sentences: moves and changes together, newest first. Source: DOC-09."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.entities.document import Document, DocumentEvent
from app.entities.operations import AuditEntry
from app.rules.documents import KINDS, Kind


def history_of(session: Session, document: Document, kind: Kind) -> list[dict[str, Any]]:
    """The last hundred moves and two hundred changes of a document."""
    events = session.scalars(
        select(DocumentEvent)
        .where(DocumentEvent.document_id == document.id)
        .options(selectinload(DocumentEvent.by))
        .order_by(DocumentEvent.id.desc())
        .limit(100)
    )
    changes = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.document_id == document.id, AuditEntry.action.in_(("change", "add", "remove", "denied")))
        .options(selectinload(AuditEntry.by))
        .order_by(AuditEntry.id.desc())
        .limit(200)
    )
    done = {move.action: move.done for move in kind.life}
    rows = [
        {"at": one.at, "by": one.by, "text": done.get(one.action, one.action), "comment": one.comment, "rank": 1}
        for one in events
    ]
    rows += [
        {"at": one.at, "by": one.by, "text": in_words(one), "comment": "", "rank": 0}
        for one in changes
        if in_words(one)
    ]
    return sorted(rows, key=lambda row: (row["at"], row["rank"]), reverse=True)


def in_words(entry: AuditEntry) -> str:
    """A change as a sentence: "changed line Keyboard, quantity from 10 to 12"."""
    what = {
        "LineItem": "line",
        "LineFunding": "the funding of",
        "LineCharge": "a charge on",
        "InvoiceLine": "line",
        "ReceiptLine": "line",
        "LineAcceptance": "acceptance by",
        "OrderingAuthority": "authority to order of",
        "SuggestedVendor": "suggested vendor",
        "PointOfContact": "point of contact",
        "ApprovalSheet": "",
        "ApprovalStep": "",
        "Signature": "",
        "DocumentLink": "",
        "InvoiceNumber": "",
    }.get(entry.entity)
    if what == "":
        return ""
    if entry.entity in OTHERWISE:
        return OTHERWISE[entry.entity].get(entry.field or entry.action, "")
    name = (f"{what} “{entry.label}”" if entry.label else f"a {what}") if what else ""
    if entry.action == "add":
        return (
            f"added {name}"
            if name
            else {"Attachment": f"attached {entry.label}", "StickyNote": "wrote a note"}.get(
                entry.entity, "created it" if entry.entity in DOCUMENT_NAMES else ""
            )
        )
    if entry.action == "remove":
        return f"removed {name or entry.label}"
    if entry.action == "denied":
        return f"was refused: {entry.new}"
    field = entry.field.removesuffix("_id").replace("_", " ")
    if entry.entity in DOCUMENT_NAMES and entry.field in (
        "state",
        "number",
        "routed_at",
        "approved_at",
        "released_at",
        "closed_at",
        "total",
    ):
        return ""
    if entry.field in COMPUTED.get(entry.entity, ()):
        return ""
    change = (
        f"from {entry.old} to {entry.new}"
        if entry.old and entry.new
        else (f"to {entry.new}" if entry.new else "to nothing")
    )
    return f"changed {f'{name}, ' if name else ''}{field} {change}"


OTHERWISE = {"PaymentHold": {"add": "put it on hold", "released_at": "released a hold"}}
"""What is said of a change in words of its own: entity → field, or deed → sentence."""

COMPUTED = {
    "InvoiceLine": ("amount", "position"),
    "Invoice": ("title", "schedule_reason", "take_discount", "discount_on", "discount_amount", "due_on"),
}
"""What Purser sets by itself when something else is changed: entity → fields that the history passes over."""

DOCUMENT_NAMES = frozenset(entity.__name__ for entity in KINDS)
