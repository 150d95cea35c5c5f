"""The numbers that an office sets for itself, with the values that hold until it does. Source: spec/rules."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True)
class Setting:
    """One number: what it means, its unit, and the value without a decision of the office."""

    name: str
    meaning: str
    unit: str
    default: Decimal


SETTINGS = {setting.name: setting for setting in (
    Setting("current value of funds", "A discount is taken when its yearly return is above this", "percent a year",
            Decimal("5.00")),
    Setting("payment lag", "Days that printing or settling a payment takes", "days", Decimal(0)),
    Setting("signature window", "Minutes for which a password stays good for further approvals; 0 asks each time",
            "minutes", Decimal(0)),
    Setting("price tolerance", "How far an invoiced unit price may lie above the order's", "percent", Decimal(0)),
    Setting("amount tolerance", "How far an invoice line may lie above the order's amount", "dollars", Decimal(0)),
    Setting("late penalty", "Charged for each month or part of it that a payment is late", "percent", Decimal("1.00")),
    Setting("prompt payment", "Working days from receipt of an invoice to its payment", "working days", Decimal(30)),
    Setting("idle sign-out", "Minutes without a click after which a person is signed out", "minutes", Decimal(60)),
    Setting("overdue approval", "Days after which a waiting approval counts as late", "days", Decimal(3)),
    Setting("second factor", "Who signs, pays or keeps bank accounts needs a second factor; 0 leaves it to each person",
            "1 or 0", Decimal(0)),
    Setting("account wait", "Days from the confirmation of a vendor's new bank account to the first payment there",
            "days", Decimal(7)),
    Setting("split window", "Days within which the needs of one office for one class of goods are looked at together",
            "days", Decimal(30)),
    Setting("bulk approval", "Documents above this amount are approved one at a time; 0 sets no limit", "dollars",
            Decimal("5000.00")),
)}  # fmt: skip


@dataclass(frozen=True)
class Stated:
    """A decision, apart from its record."""

    name: str
    value: Decimal
    effective_from: date


class Decided(Protocol):
    """A decision of the office on record."""

    @property
    def name(self) -> str: ...
    @property
    def value(self) -> Decimal: ...
    @property
    def effective_from(self) -> date: ...


def value_of(name: str, decisions: Iterable[Decided], today: date) -> Decimal:
    """The value that holds today: the latest decision in force, else the default. Errors: KeyError for a name that
    is no setting."""
    default = SETTINGS[name].default
    in_force = [one for one in decisions if one.name == name and one.effective_from <= today]
    return max(in_force, key=lambda one: one.effective_from).value if in_force else default
