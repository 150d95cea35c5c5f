"""Two versions of a document side by side: what was added, removed and changed between them, header and lines.
Source: DOC-09, F22.13; docs/decisions/0032."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask import request
from flask_appbuilder import expose
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select

from app.entities.base import Entity
from app.entities.document import Document, DocumentEvent
from app.entities.operations import AuditEntry
from app.extensions import db
from app.rules.numbers import read_key
from app.rules.versions import (
    LINES,
    Difference,
    Entry,
    Event,
    Part,
    Standing,
    Version,
    differences,
    since_decided,
    standing,
    versions,
)
from app.screens import present, trail
from app.screens.gate import allowed
from app.screens.referred import Referred

ACTIONS = ("add", "change", "remove")

UNSAID: Mapping[str, frozenset[str]] = {
    "": frozenset(
        "document_id line_id invoice_id receipt_id order_id position state number routed_at approved_at released_at "
        "closed_at created_at changed_at created_by_id owner_id source_line_id order_line_id agreement_line_id "
        "catalog_item_id size_bytes media_type digest".split()
    ),
    "LineFunding": frozenset({"strip_id"}),
    "LineAcceptance": frozenset({"user_id"}),
}
"""Entity → fields that say nothing of what the document asks for; "" for every entity."""

PASSED_OVER = trail.UNSAID | {"EnvelopeDocument", "StickyNote"}
"""Rows that are no part of what somebody approves."""

OF_LINES = {"LineFunding": "Funding", "LineCharge": "Charge", "LineAcceptance": "Acceptance"}
OTHERS = {
    "OrderingAuthority": "Authority to order",
    "SuggestedVendor": "Suggested vendor",
    "PointOfContact": "Point of contact",
    "Attachment": "Attachment",
    "PaymentHold": "Hold",
    "ShippingPaper": "Shipping paper",
}


@dataclass
class Chapter:
    """The differences of one line, or of the header: each a name, before, after."""

    title: str
    deed: str = "changed"
    position: int = 0
    rows: list[tuple[str, str, str]] = field(default_factory=list)


@functools.cache
def _places(entity: str, name: str) -> int | None:
    """How a number is shown; none where a column is no number."""
    mapper = next((one for one in Entity.registry.mappers if one.class_.__name__ == entity), None)
    column = mapper.columns.get(name) if mapper is not None else None
    return present.places(column)


class Versions:
    """What every document's screen does with its versions."""

    entity: Any
    load: Any
    page: Any
    _called: Any

    @expose("/versions/<pk>")
    @allowed("show")
    def versions(self, pk: str) -> Any:
        """Two versions compared: those that are asked for, or what is new since somebody last decided."""
        document = self.load(pk, named=False)
        kept = db.session.scalars(
            select(AuditEntry)
            .where(AuditEntry.document_id == document.id, AuditEntry.action.in_(ACTIONS))
            .order_by(AuditEntry.seq)
        ).all()
        entries = [_entry(one) for one in kept]
        known = versions(entries, _events(document), trail.DOCUMENT_NAMES)
        last = entries[-1].seq if entries else 0
        since, until = _asked(known, last)
        found: list[Difference] = []
        parts = [one for one in entries if one.entity not in PASSED_OVER]
        after = standing(parts, until)
        for one in [since] if since else since_decided(known, until):
            since, found = one, differences(standing(parts, one.seq), after, UNSAID)
            if found:
                break
        return self.page(
            "documents/versions.html",
            document=document,
            title=f"Changes of {document.name}",
            versions=known,
            people=_people(known),
            since=since,
            until=until,
            last=last,
            chapters=self._chapters(found, after, Referred(db.session(), kept)),
        )

    def _chapters(self, found: Sequence[Difference], after: Standing, referred: Referred) -> list[Chapter]:
        """The differences as they are read: the header, each line with what belongs to it, then the rest."""
        head, rest = Chapter("Header"), Chapter("Beside the lines")
        lines: dict[Part, Chapter] = {}
        for one in found:
            if one.entity in trail.DOCUMENT_NAMES:
                head.rows += self._rows(one, referred)
            elif one.entity in LINES:
                chapter = lines.setdefault(one.part, Chapter(""))
                chapter.deed, chapter.rows = one.deed, self._rows(one, referred) + chapter.rows
            elif one.line is not None:
                chapter = lines.setdefault(one.line, Chapter(""))
                chapter.rows += self._rows(
                    one, referred, f"{OF_LINES.get(one.entity, '')} {_named(one, referred)}".strip()
                )
            else:
                what = OTHERS.get(one.entity, present.words(one.entity))
                rest.rows += self._rows(one, referred, f"{what} {_named(one, referred)}".strip())
        values = {**after, **{one.part: dict(one.values) for one in found}}
        return [one for one in (head, *_titled(lines, values), rest) if one.rows]

    def _rows(self, one: Difference, referred: Referred, prefix: str = "") -> list[tuple[str, str, str]]:
        rows = []
        for name, old, new in one.fields:
            label = self._called(one.entity, name)
            label = f"{prefix}, {label}" if prefix else label[:1].upper() + label[1:]
            rows.append((label, _value(one.entity, name, old, referred), _value(one.entity, name, new, referred)))
        if not rows:
            rows = [
                (prefix or "Line", "" if one.deed == "added" else "there", "" if one.deed == "removed" else "there")
            ]
        return rows


def _entry(one: AuditEntry) -> Entry:
    return Entry(one.seq, one.at, one.by_id, one.action, one.entity, one.entity_id or 0, one.field, one.old, one.new)


def _events(document: Document) -> list[Event]:
    events = select(DocumentEvent).where(DocumentEvent.document_id == document.id).order_by(DocumentEvent.id)
    return [
        Event(one.at, one.by_id, one.action, one.before, one.after, one.comment) for one in db.session.scalars(events)
    ]


def _asked(known: Sequence[Version], last: int) -> tuple[Version | None, int]:
    """The two versions that the address names, the older one first; none for what it does not name."""
    by_seq = {one.seq: one for one in known}
    since, until = (read_key(request.args.get(name)) for name in ("since", "until"))
    until = until if until in by_seq else last
    if since in by_seq and since > until:
        since, until = until, since
    return by_seq.get(since), until


def _titled(lines: Mapping[Part, Chapter], values: Mapping[Part, Mapping[str, str]]) -> list[Chapter]:
    for key, chapter in lines.items():
        of_line = values.get(key, {})
        chapter.position = read_key(of_line.get("position"))
        chapter.title = f"Line {of_line.get('position', '')} {of_line.get('description', '')}".strip()
    return sorted(lines.values(), key=lambda one: one.position)


def _people(known: Sequence[Version]) -> dict[int, User]:
    wanted = {one.by_id for one in known}
    return {one.id: one for one in db.session.scalars(select(User).where(User.id.in_(wanted)))}


def _named(one: Difference, referred: Referred) -> str:
    """What a row is called by: its strip, its person, its name."""
    for name in ("strip_id", "user_id", "vendor_id", "organization_id", "file_name", "name", "description"):
        if value := one.values.get(name):
            return referred.value(one.entity, name, value)
    return ""


def _value(entity: str, name: str, value: str, referred: Referred) -> str:
    places = _places(entity, name)
    if value and places is not None:
        return str(present.shown(Decimal(value), places))
    return referred.value(entity, name, value)
