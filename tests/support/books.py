"""A second set of books, kept by the tests in plain Python: what every strip should hold after what was really done.

It shares nothing with the program: not its tables, not its rounding, not its rules. Where both agree after every step, a
mistake would have to be made twice, in two ways. Source: FND-03, MO-01."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
COLUMNS = ("allotment", "pre-encumbrance", "encumbrance", "expenditure")

PATH = {
    ("draft", "route"): "routed",
    ("disapproved", "route"): "routed",
    ("routed", "recall"): "draft",
    ("routed", "approve"): "approved",
    ("routed", "conditions"): "approved",
    ("routed", "disapprove"): "disapproved",
    ("approved", "release"): "released",
    ("released", "close"): "closed",
    ("draft", "cancel"): "cancelled",
    ("disapproved", "cancel"): "cancelled",
    ("routed", "cancel"): "cancelled",
    ("approved", "cancel"): "cancelled",
}
"""State and action → the next state, as the office writes it on the wall, for what people sign. One signature is asked."""

PATHS: Mapping[str, Mapping[tuple[str, str], str]] = {
    "market_basket": PATH,
    "purchase_request": PATH | {("released", "cancel"): "cancelled"},
    "master_agreement": PATH | {("released", "terminate"): "terminated"},
    "delivery_order": PATH | {("released", "terminate"): "terminated"},
    "invoice": PATH,
    "receipt": {
        ("draft", "release"): "released",
        ("draft", "cancel"): "cancelled",
        ("released", "reverse"): "cancelled",
    },
}
"""Type of document → its path."""

ACTIONS = sorted({action for path in PATHS.values() for _, action in path})


def to_the_cent(amount: Decimal) -> Decimal:
    """Half a cent goes up."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def split(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """A total by weights: everybody's whole cents first, then the cents left over to who lost the most by that."""
    whole = sum(weights)
    exact = [total * weight / whole for weight in weights]
    parts = [one.quantize(CENT, ROUND_DOWN) for one in exact]
    while sum(parts) < total:
        lost = [mine - given for mine, given in zip(exact, parts, strict=True)]
        parts[lost.index(max(lost))] += CENT
    return parts


@dataclass
class Row:
    """A line as it was typed: for an order its database id, what it came from, and how it is paid."""

    quantity: Decimal
    price: Decimal
    shares: dict[str, Decimal] = field(default_factory=dict)
    basis: str = "percent"
    discount: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    key: int = 0
    source: int | None = None
    final: bool = False

    @property
    def amount(self) -> Decimal:
        """What it costs."""
        goods = to_the_cent(self.quantity * self.price * (100 - self.discount) / 100)
        return to_the_cent(goods * (100 + self.tax) / 100)

    @property
    def whole(self) -> Decimal:
        """What its shares have to add up to."""
        return {"percent": Decimal(100), "quantity": self.quantity, "amount": self.amount}[self.basis]

    @property
    def funded(self) -> bool:
        """Whether its strips pay all of it."""
        return bool(self.shares) and all(self.shares.values()) and sum(self.shares.values()) == self.whole

    @property
    def parts(self) -> dict[str, Decimal]:
        """Strip → what it pays."""
        return dict(zip(self.shares, split(self.amount, list(self.shares.values())), strict=True))


@dataclass
class Paper:
    """A document as the tests know it."""

    key: int
    kind: str
    author: str
    state: str = "draft"
    rows: list[Row] = field(default_factory=list)
    wrote: set[str] = field(default_factory=set)
    signed: set[str] = field(default_factory=set)
    order: int = 0

    def after(self, action: str) -> str | None:
        """Where an action leads from here, if anywhere."""
        return PATHS[self.kind].get((self.state, action))


class Books:
    """What is allotted, set aside, committed and spent on each strip, and what each line holds."""

    def __init__(self) -> None:
        self.strips: dict[str, dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(COLUMNS, Decimal("0.00")))
        self.held: dict[tuple[str, int], dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: Decimal("0.00")))

    def available(self, strip: str) -> Decimal:
        """What may still be committed."""
        allotted, *used = (self.strips[strip][column] for column in COLUMNS)
        return allotted - sum(used)

    def book(self, column: str, strip: str, amount: Decimal) -> None:
        """One movement."""
        self.strips[strip][column] += amount

    def hold(self, column: str, row: Row) -> None:
        """A line's money is set aside, or committed, under the line."""
        for strip, amount in row.parts.items():
            self.book(column, strip, amount)
            self.held[column, row.key][strip] += amount

    def free(self, column: str, line: int, parts: Mapping[str, Decimal] | None = None) -> None:
        """What a line holds is given back: all of it, or a part, and never more than is there."""
        held = self.held[column, line]
        for strip, amount in dict(held if parts is None else parts).items():
            given = min(held[strip], amount)
            held[strip] -= given
            self.book(column, strip, -given)
