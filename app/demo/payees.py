"""Tax ids and bank accounts of the vendors, none of which can be anybody's.

Employers' numbers begin with 00, which is never assigned; the banks do not exist, and their routing numbers begin with
0899, a district without a bank, with a check digit that is right. Each row says that it is made up."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from random import Random
from typing import Any

from sqlalchemy import insert, select

from app.demo.files import rows
from app.demo.stage import Stage
from app.entities.payees import BankAccount, TaxId
from app.entities.vendors import Vendor
from app.rules.identifiers import ROUTING_WEIGHTS
from app.sealing import Secret, blind_index

MADE_UP = "Made up for the demonstration"
SEED = 1040
"""Dice of its own: what else the demo throws does not depend on these numbers."""

BANKS = ("Bank of Nowhere", "First Imaginary Bank", "Farmers and Dreamers Trust", "Example Savings Bank")
FORMATS = {"Sole proprietor": "PPD", "Partnership": "CCD", "Limited liability company": "CCD", "Corporation": "CTX"}


def register(stage: Stage) -> int:
    """A tax id for every vendor with an agreement or paid electronically, and an account for the latter; the last one
    waits for a second person. Returns the number of accounts."""
    dice, agreed = Random(SEED), {row["vendor"] for row in rows("agreements")}
    vendors = stage.session.scalars(select(Vendor).where(Vendor.number.like("V%")).order_by(Vendor.number)).all()
    electronic = [one for one in vendors if one.disbursement == "eft"]
    known = [one for one in vendors if one.name in agreed or one.disbursement == "eft"]
    numbers = dice.sample(range(10**7), len(known))
    stage.session.execute(insert(TaxId), [_tax_id(*one) for one in zip(known, numbers, strict=True)])
    by = (stage.ids["crc"], stage.ids["crc2"])
    accounts = [_account(vendor, dice, by, vendor.approved_on or stage.diary.ago(30)) for vendor in electronic]
    accounts += _on_the_desk(electronic, agreed, dice, by, stage.diary.ago(2))
    stage.session.execute(insert(BankAccount), accounts)
    return len(accounts)


def _on_the_desk(
    vendors: Iterable[Vendor], agreed: set[str], dice: Random, by: Sequence[int], day: date
) -> list[dict[str, Any]]:
    """Two changes of the last days that nobody has confirmed: until then the former account is paid."""
    waiting = [one for one in vendors if one.name in agreed][:2]
    return [
        _account(one, dice, by, day) | {"confirmed_by_id": None, "confirmed_at": None, "counts_from": None}
        for one in waiting
    ]


def routing_number(bank: int) -> str:
    """The routing number of a bank that does not exist, with its check digit."""
    digits = f"0899{bank:04}"
    return digits + str(-sum(weight * int(one) for weight, one in zip(ROUTING_WEIGHTS, digits, strict=False)) % 10)


def _tax_id(vendor: Vendor, serial: int) -> dict[str, Any]:
    number = f"00{serial:07}"
    return {
        "vendor_id": vendor.id,
        "suffix": vendor.suffix,
        "kind": "FEIN",
        "number": Secret(number),
        "number_index": blind_index(number, "tax_id.number"),
        "label": MADE_UP,
    }


def _account(vendor: Vendor, dice: Random, by: Sequence[int], day: date) -> dict[str, Any]:
    number, bank = f"9990{dice.randrange(10**8):08}", dice.randrange(len(BANKS))
    return {
        "vendor_id": vendor.id,
        "kind": "checking",
        "eft_format": FORMATS.get(vendor.ownership, "CCD"),
        "routing_number": routing_number(bank + 1),
        "number": Secret(number),
        "number_index": blind_index(number, "bank_account.number"),
        "bank_name": BANKS[bank],
        "label": MADE_UP,
        "entered_by_id": by[0],
        "entered_at": datetime.combine(day, time(15), UTC),
        "confirmed_by_id": by[1],
        "confirmed_at": datetime.combine(day, time(19), UTC),
        "counts_from": day,
    }
