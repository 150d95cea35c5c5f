"""What rules are given to judge: the deed, the person, the facts, and the problems that they answer with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol, Self

from app.entities.document import Document
from app.rules.calendar import BusinessCalendar

READING = frozenset({"can_list", "can_show"})


@dataclass(frozen=True)
class Absent:
    """Somebody who is away today and whose deputy signs what they could sign themselves, up to their limit. What they
    sign for others in turn does not pass on: a deputy has no deputies (RB-18)."""

    user_id: int
    name: str = ""
    roles: frozenset[str] = frozenset()
    path: str = "/nowhere/"
    approval_limit: Decimal | None = None


@dataclass(frozen=True)
class Actor:
    """The person who acts, as rules see one: no account, no session. `path` is the office's place in the tree."""

    user_id: int | None
    name: str
    roles: frozenset[str] = frozenset()
    organization_id: int | None = None
    path: str = "/"
    approval_limit: Decimal | None = None
    stands_in_for: tuple[Absent, ...] = ()
    grants: frozenset[tuple[str, str]] = frozenset()

    def may(self, verb: str, entity: type | str) -> bool:
        """Whether the person's roles allow a verb with an entity. Jobs may all that rules allow."""
        name = entity if isinstance(entity, str) else entity.__name__
        return self.is_system or (f"can_{verb}", name) in self.grants

    def works_with(self, entity: type) -> bool:
        """Whether the person may do more with an entity than read it."""
        return any(name == entity.__name__ and verb not in READING for verb, name in self.grants)

    @property
    def is_system(self) -> bool:
        """Nobody: a scheduled job."""
        return self.user_id is None


SYSTEM = Actor(None, "Purser")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, worded for the clerk: which line, which field, which numbers, what to do.
    A warning does not stop the deed."""

    message: str
    field: str = ""
    line: int | None = None
    tab: str = "main"
    warning: bool = False

    @property
    def anchor(self) -> str:
        """The id of the field on the page, so that the message can lead there."""
        return f"line-{self.line}-{self.field or 'row'}" if self.line else self.field

    def __str__(self) -> str:
        return f"Line {self.line}: {self.message}" if self.line else self.message


@dataclass(frozen=True)
class ProblemOf(Problem):
    """The same among several documents: the message names the document, and `place` is the field on its page."""

    document_id: int = 0
    place: str = ""

    @classmethod
    def among(cls, document: Document, said: object) -> Self:
        """What speaks against one document, told beside what speaks against others."""
        return cls(f"{document.name}: {said}", document_id=document.id, place=getattr(said, "anchor", ""))


@dataclass(frozen=True)
class Offer:
    """Something that an agreement or internal provider offers in a class of goods (IN-04)."""

    name: str
    source: str
    supplier: str


@dataclass(frozen=True)
class Room:
    """What one strip has in one budget year."""

    code: str
    available: Decimal


@dataclass(frozen=True)
class AccountWork:
    """What somebody did with a bank account of a vendor: entered or confirmed it, on a day of the office."""

    by_id: int
    by_name: str
    did: str
    account: str
    vendor: str
    on: date


class Facts(Protocol):
    """What rules ask beyond the document itself. `app/facts.py` answers from the database; tests answer from memory."""

    office: Any

    def policy(self, name: str) -> Decimal: ...
    def calendar(self) -> BusinessCalendar: ...
    def offers_in_class(self, scheme_id: int, class_code: str) -> list[Offer]: ...
    def room(self, strip_id: int, bfy: int) -> Room: ...
    def year_is_closed(self, fiscal_year: int) -> bool: ...
    def received(self, order_line_id: int, besides: int | None) -> Decimal: ...
    def last_received_on(self, order_line_id: int) -> date | None: ...
    def accepted(self, order_line_id: int) -> Decimal: ...
    def last_accepted_on(self, order_line_id: int) -> date | None: ...
    def invoiced(self, order_line_id: int, besides: int | None) -> Decimal: ...
    def outstanding(
        self, order_line_ids: Sequence[int], kind: str
    ) -> Mapping[int, Mapping[tuple[int, int], Decimal]]: ...
    def spent_by(self, document_id: int) -> Mapping[tuple[int, int, int | None], Decimal]: ...
    def payee(self, vendor_id: int) -> int: ...
    def invoice_with_number(self, vendor_id: int, normal_number: str, besides: int | None) -> str | None: ...
    def similar_invoices(self, invoice: Any) -> list[str]: ...
    def signatories(self, role: str, user_id: int | None, path: str) -> list[Actor]: ...
    def routing_rules(self, kind: str) -> list[Any]: ...
    def answers(self, order_id: int, kind: str) -> list[str]: ...
    def excess_paid(self, order_line: Any, besides: int | None) -> Decimal: ...
    def asked_for(self, order_line_id: int) -> Decimal: ...
    def enters_invoices(self, user_id: int) -> bool: ...
    def waiting_invoices(self, order_line_ids: Sequence[int]) -> Sequence[Any]: ...
    def receivers(self, order_id: int) -> set[int]: ...
    def alike(self, document: Any, today: date, days: int) -> list[Any]: ...
    def account_work(self, vendor_id: int) -> Sequence[AccountWork]: ...
    def account_in_force(self, vendor_id: int) -> Any: ...
    def standard_bank(self) -> Any: ...


@dataclass(frozen=True)
class Deed:
    """What is being done, by whom, when and why. Rules read no clock, no session and no current user: they are told.
    `at` is UTC, `today` the day in the office's zone; `proved` says that the password was asked just now."""

    action: str
    by: Actor
    at: datetime
    today: date
    facts: Facts
    comment: str = ""
    proved: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)


def blocking(problems: Iterable[Problem]) -> list[Problem]:
    """The problems that stop a deed."""
    return [problem for problem in problems if not problem.warning]


@dataclass(frozen=True)
class Next:
    """A document that the same release also moves."""

    document: Any
    action: str


@dataclass(frozen=True)
class Use:
    """How much more (or less) of an agreement an order uses. `line_id` None is the agreement as a whole."""

    agreement_id: int
    line_id: int | None
    quantity: Decimal
    amount: Decimal
