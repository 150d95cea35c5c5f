"""Who is named on a document or on one of its lines: a row of this table is a list with its form.

A list more is a row more; `naming.py` shows, adds and removes. Source: LIN-07, MA-02, IN-08, DOC-08."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import inspect, select

from app.entities.awards import OrderingAuthority
from app.entities.document import Document, PointOfContact
from app.entities.lines import LineAcceptance
from app.entities.organization import Profile
from app.entities.requests import SuggestedVendor
from app.extensions import db
from app.rules.awards import one_authority
from app.rules.contacts import can_be_asked
from app.rules.deeds import Problem
from app.rules.receiving import ACCEPTANCE, may_be_named
from app.scope import unscoped
from app.screens.forms import RecordForm, form_for
from app.screens.gate import actor
from app.screens.lookups import lookup
from app.screens.present import full_name, words

MOST = 50
"""How many a list may name: more would be a mailing list."""


def _anything(document: Document, row: Any) -> Iterator[Problem]:
    yield from ()


def _as_it_is(row: Any) -> None:
    pass


@dataclass(frozen=True)
class Roster:
    """One list: where it hangs, what it shows, what its form asks, and what it refuses."""

    key: str
    title: str
    called: str
    entity: type
    relation: str
    owner: str
    tab: str
    asked: Sequence[str]
    shown: Sequence[tuple[str, Callable[[Any], Any]]]
    nobody: str
    once: Sequence[str]
    found_by: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    complete: Callable[[Any], None] = _as_it_is
    refuse: Callable[[Document, Any], Iterator[Problem]] = _anything
    symbol: str = "user-plus"

    @property
    def own_tab(self) -> bool:
        """Whether the list stands alone on its tab, which then counts it."""
        return self.tab == self.key

    def rows(self, owner: Any) -> list[Any]:
        """Who is named."""
        return getattr(owner, self.relation)

    def form(self, **how: Any) -> RecordForm:
        """The form of one more. Its fields carry the list's key, so that several may stand on a page."""
        made = form_for(
            self.entity,
            self.asked,
            labels={name: self.labels.get(name, words(name)) for name in self.asked},
            hints=self.hints,
            choices=self.choices,
            lookups=lambda name, target: lookup(self.found_by[name]),
        )
        return made(prefix=f"{self.key}-", **how)

    def problems(self, document: Document, owner: Any, row: Any) -> Iterator[Problem]:
        """Why a row cannot be added, each at its field."""
        if any(self.same(one, row) for one in self.rows(owner)):
            yield Problem(f"{row} is named here already.", self.asked[0])
        if len(self.rows(owner)) >= MOST:
            yield Problem(f"{MOST} are named here; more cannot be. Remove somebody first.", self.asked[0])
        yield from self.refuse(document, row)

    def same(self, one: Any, other: Any) -> bool:
        """Whether two rows name the same."""
        return all(getattr(one, name) == getattr(other, name) for name in self.once)

    def again(self, row: Any) -> Any:
        """The same row for another document or line."""
        mapper: Any = inspect(self.entity)
        names = {column.key for column in mapper.column_attrs} - {"id", self.owner}
        return self.entity(**{name: getattr(row, name) for name in sorted(names)})


def _not_set_up(document: Document, row: LineAcceptance) -> Iterator[Problem]:
    with unscoped(db.session()):  # the profile of somebody in an office above
        profile = db.session.scalar(select(Profile).where(Profile.user_id == row.user.id))
    holds = {role for role, does in ACCEPTANCE.items() if getattr(profile, f"may_{does}", False)}
    yield from may_be_named(document, row, holds, actor(), full_name(row.user))


def _from_the_office(contact: PointOfContact) -> None:
    if contact.user is not None:
        contact.name = contact.name or full_name(contact.user)
        contact.email = contact.email or contact.user.email or ""


CONTACTS = Roster(
    "contacts",
    "Points of contact",
    "contact",
    PointOfContact,
    "contacts",
    "document_id",
    "details",
    asked=("user", "name", "purpose", "phone", "email"),
    shown=(
        ("Name", lambda row: row.name),
        ("For", lambda row: row.purpose),
        ("Phone", lambda row: row.phone),
        ("E-mail", lambda row: row.email),
    ),
    nobody="Nobody is named. Questions go to the owner.",
    once=("name", "purpose"),
    found_by={"user": "person"},
    labels={"user": "Person of the office", "purpose": "For questions about", "email": "E-mail"},
    hints={"name": "For somebody who does not work with Purser."},
    complete=_from_the_office,
    refuse=lambda document, row: can_be_asked(row),
)

ACCEPTORS = Roster(
    "acceptance-by",
    "Who receives, inspects and accepts",
    "person",
    LineAcceptance,
    "acceptances",
    "line_id",
    "acceptance",
    asked=("user", "role"),
    shown=(("Person", lambda row: full_name(row.user)), ("Role", lambda row: words(row.role))),
    nobody="Nobody is named: whoever may receive for the office does.",
    once=("user_id", "role"),
    found_by={"user": "acceptor"},
    labels={"user": "Person"},
    choices={"role": [(role, words(role)) for role in ACCEPTANCE]},
    refuse=_not_set_up,
)

AUTHORITIES = Roster(
    "authorities",
    "Who may order",
    "authority",
    OrderingAuthority,
    "authorities",
    "agreement_id",
    "authorities",
    asked=("organization", "user"),
    shown=(
        ("Who", lambda row: row.organization.name if row.organization else full_name(row.user)),
        ("What that means", lambda row: "This office and those below it" if row.organization else "This person"),
    ),
    nobody="Open to all offices. Name an office or a person, and only those named may order.",
    once=("organization_id", "user_id"),
    found_by={"organization": "organization", "user": "person"},
    labels={"organization": "Office", "user": "or a person"},
    refuse=lambda document, row: one_authority(row),
)

SUGGESTED = Roster(
    "suggested",
    "Suggested vendors",
    "vendor",
    SuggestedVendor,
    "suggested_vendors",
    "request_id",
    "suggested",
    asked=("vendor", "note"),
    shown=(
        ("Number", lambda row: row.vendor.number),
        ("Vendor", lambda row: row.vendor.name),
        ("Why", lambda row: row.note),
    ),
    nobody="No vendor is suggested. The buyer chooses whom to ask.",
    once=("vendor_id",),
    found_by={"vendor": "vendor"},
    labels={"note": "Why this vendor"},
    symbol="plus",
)

OF_LINES: Sequence[Roster] = (ACCEPTORS,)
"""The lists that each line of a document has."""
