"""Versions of a document, and what differs between two of them, from the entries of its audit trail alone.

A version is what stood when the document was created, routed, signed, returned, released …: nobody has to keep copies,
because the trail says of each field from what to what it was changed. Source: DOC-09, F22.13."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from app.entities.document import State

Part = tuple[str, int, int]
"""A row of the document: its entity, its id, and the entry that added it: the id of a row that was removed may be given
to another."""

Standing = dict[Part, dict[str, str]]
"""What stands at a moment: each row's fields that are not empty, as the trail writes them."""

NOTHING = frozenset({"", "0", "no"})
"""Values that the trail does not write of a new row: an empty field, none, not ticked."""

NAMES = {
    State.DRAFT: "Taken back",
    State.ROUTED: "Routed for approval",
    State.DISAPPROVED: "Returned",
    State.APPROVED: "Approved",
    State.RELEASED: "Released",
    State.CLOSED: "Closed",
    State.CANCELLED: "Cancelled",
    State.TERMINATED: "Terminated",
}
SIGNED = {"approve": "Signed", "conditions": "Signed with conditions"}
"""What the first of several signers does: the document stays where it is."""

DECIDED = frozenset({"Returned", "Approved", *SIGNED.values()})
"""Versions that somebody has decided upon: an approver asks what is new since then."""

CREATED = "Created"

IDENTITY: Mapping[str, tuple[str, ...]] = {
    "LineFunding": ("strip_id",),
    "LineAcceptance": ("user_id", "role"),
    "OrderingAuthority": ("organization_id",),
    "SuggestedVendor": ("vendor_id", "name"),
}
"""Rows that are written anew when they are changed: by what, on the same line, the old and the new one are the same."""

LINES = frozenset({"LineItem", "InvoiceLine", "ReceiptLine"})


@dataclass(frozen=True)
class Entry:
    """One line of the trail, as it was written."""

    seq: int
    at: datetime
    by_id: int | None
    action: str
    entity: str
    entity_id: int
    field: str = ""
    old: str | None = None
    new: str | None = None


@dataclass(frozen=True)
class Event:
    """One deed of the document's life: what was done, and what was said with it."""

    at: datetime
    by_id: int | None
    action: str
    before: str
    after: str
    comment: str = ""


@dataclass(frozen=True)
class Version:
    """A moment at which the document was what somebody sent, signed or returned. `seq` is its last entry."""

    seq: int
    name: str
    at: datetime
    by_id: int | None
    comment: str = ""


@dataclass(frozen=True)
class Difference:
    """A row that was added, removed or changed, with its fields: name, before, after; and the line it belongs to."""

    part: Part
    line: Part | None
    deed: str
    fields: tuple[tuple[str, str, str], ...]
    before: Mapping[str, str]
    after: Mapping[str, str]

    @property
    def entity(self) -> str:
        """What kind of row it is."""
        return self.part[0]

    @property
    def values(self) -> Mapping[str, str]:
        """All its fields, as they are, or as they were before it was removed."""
        return self.after or self.before


def written(text: str | None) -> dict[str, str]:
    """What the trail says of a row that was added or removed. Nothing where that cannot be read."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return {name: str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def standing(entries: Iterable[Entry], until: int | None = None) -> Standing:
    """What stands after the entries up to `until`, in the order of the trail; after all of them if it is none."""
    found: Standing = {}
    born: dict[tuple[str, int], int] = {}
    for one in entries:
        if until is not None and one.seq > until:
            break
        row = (one.entity, one.entity_id)
        if one.action == "add":
            born[row] = one.seq
            fields = written(one.new).items()
            found[(*row, one.seq)] = {name: value for name, value in fields if value not in NOTHING}
        elif one.action == "remove":
            found.pop((*row, born.get(row, 0)), None)
        elif one.action == "change":
            stands = found.setdefault((*row, born.get(row, 0)), {})
            stands.pop(one.field, None)
            if (one.new or "") not in NOTHING:
                stands[one.field] = one.new or ""
    return found


def versions(entries: Sequence[Entry], events: Iterable[Event], kinds: frozenset[str]) -> list[Version]:
    """The versions of a document, the oldest first. What one person did in one moment belongs together; `kinds` are the
    entities that are documents."""
    found: list[Version] = []
    moves = [one for one in events if one.before != one.after]
    for (at, by_id), group in groupby(entries, key=lambda one: (one.at, one.by_id)):
        deeds = list(group)
        moved = [one.new for one in deeds if one.entity in kinds and one.action == "change" and one.field == "state"]
        comment = _said(moves, moved)
        if moved and moved[-1] in NAMES:
            found.append(Version(deeds[-1].seq, NAMES[State(moved[-1])], at, by_id, comment))
        elif not found:
            found.append(Version(deeds[-1].seq, CREATED, at, by_id))
    signed = [one for one in events if one.before == one.after and one.action in SIGNED]
    for one in signed:
        seq = max((entry.seq for entry in entries if entry.at <= one.at), default=0)
        found.append(Version(seq, SIGNED[one.action], one.at, one.by_id, one.comment))
    return sorted(found, key=lambda one: (one.seq, one.at))


def _said(moves: list[Event], states: Sequence[str | None]) -> str:
    """What was said at the move into the last of some states. The moves are used up in their order."""
    comment = ""
    for state in states:
        while moves:
            one = moves.pop(0)
            if one.after == state:
                comment = one.comment
                break
    return comment


def differences(before: Standing, after: Standing, unsaid: Mapping[str, frozenset[str]]) -> list[Difference]:
    """What differs, row by row. `unsaid` are the fields of an entity that nobody wants to read about ("" for all)."""
    old, new = _by_identity(before), _by_identity(after)
    found = []
    for identity in dict.fromkeys((*old, *new)):
        was, now = old.get(identity), new.get(identity)
        had, has = before.get(was, {}) if was else {}, after.get(now, {}) if now else {}
        part = now or was or ("", 0, 0)
        silent = unsaid.get("", frozenset()) | unsaid.get(part[0], frozenset())
        fields = tuple(
            (name, had.get(name, ""), has.get(name, ""))
            for name in dict.fromkeys((*had, *has))
            if name not in silent and had.get(name, "") != has.get(name, "")
        )
        deed = "changed" if was and now else "added" if now else "removed"
        if fields or deed != "changed":
            line = _line_of(after if now else before, part)
            found.append(Difference(part, line, deed, fields, had, has))
    return found


def _line_of(rows: Standing, part: Part) -> Part | None:
    """The line that a row belongs to; a line belongs to itself."""
    wanted = rows[part].get("line_id", "")
    if part[0] in LINES or not wanted:
        return part if part[0] in LINES else None
    return next((one for one in rows if one[0] == "LineItem" and str(one[1]) == wanted), None)


def _by_identity(rows: Standing) -> dict[tuple[object, ...], Part]:
    found: dict[tuple[object, ...], Part] = {}
    for part, fields in rows.items():
        names = IDENTITY.get(part[0])
        same = (part[0], _line_of(rows, part), *(fields.get(name) for name in names)) if names else part
        found[same if same not in found else (*same, part)] = part
    return found


def since_decided(all_of: Sequence[Version], until: int) -> list[Version]:
    """From which versions an approver would compare, the best first: those last decided upon, then the first."""
    earlier = [one for one in all_of if one.seq < until]
    return [*(one for one in reversed(earlier) if one.name in DECIDED), *earlier[:1]]
