"""Whom the money goes to: what a tax or account number must look like, who confirms an account, which one is paid, and
who may not pay what they could have sent to themselves. Source: VR-06, VR-10, DOC-06, MO-10, MO-14.

Numbers come here in the clear and are not repeated in any message."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from app.entities.payables import Invoice
from app.entities.payees import BankAccount
from app.entities.vendors import Vendor
from app.rules.approvals import place_of
from app.rules.deeds import Absent, AccountWork, Actor, Deed, Facts, Problem
from app.rules.identifiers import TAXPAYER_NUMBERS, routing_number

_FOREIGN = re.compile(r"[0-9A-Z]{4,30}")
_ACCOUNT = re.compile(r"[0-9]{4,17}")
_SPACES = re.compile(r"[\s./-]")


def normal(text: str) -> str:
    """A number as it is kept and compared: without spaces, dashes, dots and strokes, in capitals."""
    return _SPACES.sub("", text).upper()


# What a number must look like.


def _foreign(text: str) -> Iterator[str]:
    if not _FOREIGN.fullmatch(normal(text)):
        yield "A foreign tax id has 4 to 30 letters and digits"


TAX_KINDS: dict[str, Callable[[str], Iterator[str]]] = {
    "FEIN": TAXPAYER_NUMBERS["EIN"],
    "SSN": TAXPAYER_NUMBERS["SSN"],
    "ITIN": TAXPAYER_NUMBERS["ITIN"],
    "foreign": _foreign,
}
"""Kind of tax id → what is wrong with one."""


def tax_number(kind: str, text: str) -> Iterator[str]:
    """Yields what is wrong with a tax number of a kind."""
    yield from (f"{problem}." for problem in TAX_KINDS[kind](text))


def routing(text: str) -> Iterator[str]:
    """Yields what is wrong with a bank's routing number: length, district, the 3-7-1 check digit (MO-14)."""
    yield from (f"{problem}." for problem in routing_number(text))


def account_number(text: str) -> Iterator[str]:
    """Yields what is wrong with an account number. Banks agree on its length and on nothing else."""
    digits = normal(text)
    if not _ACCOUNT.fullmatch(digits):
        yield "An account number has 4 to 17 digits: compare it with the check or the bank's letter."
    elif len(set(digits)) == 1:
        yield "An account number does not repeat one digit: compare it with the check or the bank's letter."


def tax_id_is_free(vendor: Vendor, bearers: Iterable[Vendor]) -> Iterator[str]:
    """Yields why a number cannot stand with a vendor, given the vendors that bear it already: other locations of the
    same vendor number may, nobody else (VR-06)."""
    for other in bearers:
        if other.id == vendor.id:
            yield f"{vendor} has this tax id already."
        elif other.number != vendor.number:
            yield (
                f"{other} has this tax id already, and one tax id belongs to one vendor. If this is another location of "
                f"it, give it the number {other.number} and a suffix of its own."
            )


# Which account, and who confirms it.


class AccountStanding(StrEnum):
    """Where a bank account stands; derived, never stored."""

    WAITING = "to confirm"
    SOON = "counts soon"
    IN_FORCE = "in force"
    REPLACED = "replaced"
    RETIRED = "retired"


CHANGED_BACK_WITHIN = timedelta(days=30)
"""An account that comes back so soon after another took its place may have been swapped for one payment (MO-11)."""


def is_retired(account: BankAccount, today: date) -> bool:
    """Whether nothing is paid to it any more."""
    return account.retired_on is not None and account.retired_on <= today


def counts(account: BankAccount, today: date) -> bool:
    """Whether it is confirmed, its waiting days are over, and it is not retired."""
    return account.counts_from is not None and account.counts_from <= today and not is_retired(account, today)


def in_force(accounts: Iterable[BankAccount], today: date) -> BankAccount | None:
    """The account of a vendor that is paid: the latest confirmed one that counts."""
    return max((one for one in accounts if counts(one, today)), key=_age, default=None)


def _age(account: BankAccount) -> tuple[datetime, int]:
    assert account.confirmed_at is not None, "what counts is confirmed"
    return account.confirmed_at, account.id


def account_standing(account: BankAccount, paid: BankAccount | None, today: date) -> AccountStanding:
    """Where an account stands, given the one of its vendor that is paid."""
    if is_retired(account, today):
        return AccountStanding.RETIRED
    if account.counts_from is None:
        return AccountStanding.WAITING
    if account.counts_from > today:
        return AccountStanding.SOON
    return AccountStanding.IN_FORCE if paid is not None and paid.id == account.id else AccountStanding.REPLACED


def is_change(account: BankAccount, accounts: Iterable[BankAccount]) -> bool:
    """Whether the vendor had a confirmed account before, retired or not: then the new one is the dangerous kind."""
    earlier = (one for one in accounts if one.id != account.id and one.confirmed_at is not None)
    return any(account.confirmed_at is None or _age(one) < _age(account) for one in earlier)


def first_day(account: BankAccount, accounts: Iterable[BankAccount], today: date, wait: int) -> date:
    """From when an account is paid that is confirmed today: at once when it is the vendor's first, else after the days
    in which the vendor can object (MO-10)."""
    return today + timedelta(days=wait) if is_change(account, accounts) else today


def changed_back(account: BankAccount, accounts: Iterable[BankAccount]) -> BankAccount | None:
    """The account that stood for a short while between this one and the same number before it, if one did (MO-11)."""
    confirmed = sorted((one for one in accounts if one.id != account.id and one.confirmed_at is not None), key=_age)
    same = [at for at, one in enumerate(confirmed) if _same_number(one, account)]
    since = account.entered_at - CHANGED_BACK_WITHIN
    between = confirmed[same[-1] + 1 :] if same else []
    recent = [one for one in between if not _same_number(one, account) and since <= _age(one)[0] <= account.entered_at]
    return recent[-1] if recent else None


def _same_number(one: BankAccount, other: BankAccount) -> bool:
    return (one.number_index, one.routing_number) == (other.number_index, other.routing_number)


def may_be_confirmed(
    account: BankAccount, by_id: int | None, today: date, called_back: str = "", change: bool = False
) -> Iterator[str]:
    """Yields why not: a second person confirms, once; a change, after a call to the vendor (MO-10)."""
    if is_retired(account, today):
        yield f"This account was retired on {account.retired_on}. Enter it anew if it is to be used again."
    elif account.confirmed_at is not None:
        yield "This account has been confirmed already; nothing more happened."
    elif account.entered_by_id == by_id:
        yield "You entered this account, so somebody else has to confirm it."
    elif change and not called_back:
        yield (
            "This account takes the place of another one. Call the vendor at a number that was on file before it came, "
            "and say whom you reached, at which number and when."
        )


def may_be_retired(account: BankAccount, today: date) -> Iterator[str]:
    """Yields why not."""
    if is_retired(account, today):
        yield f"This account was retired on {account.retired_on} already; nothing more happened."


# Paying.

PAYING = {"approve": "approve", "conditions": "approve", "release": "process", "close": "pay"}
"""Step of an invoice → what the person does who takes it."""


def who_keeps_the_account_does_not_pay(invoice: Invoice, deed: Deed) -> Iterator[Problem]:
    """Whoever entered or confirmed an account of the payee neither approves nor pays its bills, nor does somebody who
    signs in their place (DOC-06, separation of duties)."""
    for work in _kept_by(invoice, deed.by, place_of(invoice, deed.by), deed.facts):
        yield Problem(
            f"{work.by_name} {work.did} the bank account {work.account} of {work.vendor} on {work.on}, so somebody "
            f"else has to {PAYING[deed.action]} this invoice.",
            "vendor",
        )


def _kept_by(invoice: Invoice, actor: Actor, place: Actor | Absent, facts: Facts) -> list[AccountWork]:
    work = facts.account_work(invoice.vendor_id) if invoice.vendor_id is not None else ()
    return [one for one in work if one.by_id in {actor.user_id, place.user_id} - {None}]


def bars_account_keepers(invoice: Invoice, actor: Actor, place: Actor | Absent, facts: Facts) -> Iterator[str]:
    """Why somebody who keeps the payee's account will not sign the bill, as it is said of them."""
    if _kept_by(invoice, actor, place, facts):
        yield "has entered or confirmed the payee's bank account, or stands in for who did"


def there_is_an_account_to_pay(invoice: Invoice, deed: Deed) -> Iterator[Problem]:
    """An electronic payment needs a confirmed account of the payee (PY-03)."""
    payment = invoice.payment
    if payment is not None and payment.method == "eft" and deed.facts.account_in_force(payment.vendor_id) is None:
        yield Problem(missing_account(payment.vendor), "vendor")


def missing_account(vendor: Vendor) -> str:
    """What to do when there is nowhere to send an electronic payment."""
    return (
        f"{vendor.name} is to be paid electronically and has no confirmed bank account. Ask the Customer Resource Center "
        "to enter it, and a second person there to confirm it."
    )


def name_the_account(invoice: Invoice, deed: Deed) -> Sequence[object]:
    """The payment says to which account it went, whatever becomes of the account later (MO-11)."""
    payment = invoice.payment
    if payment is not None and payment.method == "eft":
        payment.account = deed.facts.account_in_force(payment.vendor_id)
    return []
