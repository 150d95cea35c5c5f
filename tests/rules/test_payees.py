"""Tax and account numbers, which account is paid, who confirms it; and how the numbers are sealed."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.us import rtn as standard_rtn

from app import models, sealing
from app.entities.payees import BankAccount
from app.entities.vendors import Vendor
from app.rules import payees
from app.rules.identifiers import ROUTING_WEIGHTS
from app.sealing import Ring, Secret, Unreadable

assert models.__all__
TODAY, NOON = date(2026, 11, 23), datetime(2026, 11, 23, 17, tzinfo=UTC)
KEYS = {"1": b"a" * 32, "2": b"b" * 32}
COLUMN = "bank_account.number"


@pytest.fixture(autouse=True)
def keys():
    """Keys of our own, and afterwards those that were there."""
    before = dict(sealing._rings)
    sealing.use_keys(Ring("1", KEYS), Ring("1", KEYS))
    yield
    sealing._rings.clear()
    sealing._rings.update(before)


# What a number must look like.


@pytest.mark.parametrize(
    "kind, text, problems",
    [
        ("FEIN", "52-0098765", []),
        ("FEIN", "520098765", []),
        ("FEIN", "00-1234567", ["No employer identification number begins with 00."]),
        ("FEIN", "52-009876", ["An employer identification number has nine digits: two and seven."]),
        ("SSN", "219-09-9998", []),
        ("SSN", "666-09-9999", ["No social security number begins with 666."]),
        ("SSN", "219-09-0000", ["The last four digits of a social security number are never 0000."]),
        (
            "SSN",
            "912-70-1234",
            ["No social security number begins with 9: an individual taxpayer number (ITIN) does."],
        ),
        ("ITIN", "912-70-1234", []),
        ("foreign", "DE 811 907 980", []),
        ("foreign", "d", ["A foreign tax id has 4 to 30 letters and digits."]),
        ("foreign", "<b>1234</b>", ["A foreign tax id has 4 to 30 letters and digits."]),
    ],
)
def test_a_tax_number(kind, text, problems):
    assert list(payees.tax_number(kind, text)) == problems


@pytest.mark.parametrize(
    "text, right",
    [
        ("1234", True),
        ("12345678901234567", True),
        ("12-3456 789", True),
        ("123", False),
        ("123456789012345678", False),
        ("0000000000", False),
        ("12345a", False),
        ("\uff11\uff12\uff13\uff14", False),
        ("", False),
    ],
)
def test_an_account_number(text, right):
    assert (list(payees.account_number(text)) == []) is right


@given(st.text(alphabet="0123456789", min_size=9, max_size=9))
def test_a_routing_number_is_what_the_standard_says(digits):
    """Whatever we let through, the standard lets through; and one wrong digit is always noticed (MO-14)."""
    if list(payees.routing(digits)):
        return
    assert standard_rtn.is_valid(digits)
    for place in range(9):
        for other in set("0123456789") - {digits[place]}:
            assert list(payees.routing(digits[:place] + other + digits[place + 1 :]))


@given(st.text(alphabet="0123456789", min_size=6, max_size=6))
def test_a_number_with_a_right_check_digit_passes(rest):
    digits = f"08{rest}"
    check = -sum(weight * int(one) for weight, one in zip(ROUTING_WEIGHTS, digits, strict=False)) % 10
    assert list(payees.routing(f"{digits}{check}")) == []
    assert list(payees.routing(f"{digits}{(check + 1) % 10}")) != []


@given(st.text(max_size=60))
def test_no_text_breaks_a_check_and_no_message_repeats_a_number(text):
    for problem in (
        *payees.account_number(text),
        *(one for kind in payees.TAX_KINDS for one in payees.tax_number(kind, text)),
    ):
        assert len(text) < 4 or text not in problem


def vendor(key: int, number: str = "V1", suffix: str = "00") -> Vendor:
    return Vendor(id=key, number=number, suffix=suffix, name=f"Seller {key}")


@pytest.mark.parametrize(
    "bearers, says",
    [
        ([], ""),
        ([vendor(2, "V1", "01")], ""),
        ([vendor(1)], "has this tax id already"),
        ([vendor(2, "V1", "01"), vendor(3, "V2")], "V2 Seller 3 has this tax id already"),
    ],
)
def test_one_tax_id_belongs_to_one_vendor_number(bearers, says):
    problems = list(payees.tax_id_is_free(vendor(1), bearers))
    assert (says in problems[0]) if says else problems == []


# Which account.


def account(
    key: int, confirmed: int | None = 0, retired: int | None = None, counts: int | None = None, number: str = ""
) -> BankAccount:
    """An account, confirmed and retired so many days before today, that counts from the day of its confirmation unless
    said otherwise."""
    counted = confirmed if counts is None else counts
    return BankAccount(
        id=key,
        number_index=number or str(key),
        routing_number="083000137",
        entered_at=NOON - timedelta(days=confirmed or 0),
        counts_from=None if counted is None or confirmed is None else TODAY - timedelta(days=counted),
        entered_by_id=1,
        confirmed_by_id=None if confirmed is None else 2,
        confirmed_at=None if confirmed is None else NOON - timedelta(days=confirmed),
        retired_on=None if retired is None else TODAY - timedelta(days=retired),
    )


@pytest.mark.parametrize(
    "accounts, paid, standings",
    [
        ([], None, []),
        ([account(1, None)], None, ["to confirm"]),
        ([account(1, 5)], 1, ["in force"]),
        ([account(1, 5), account(2, None)], 1, ["in force", "to confirm"]),
        ([account(1, 5), account(2, 3)], 2, ["replaced", "in force"]),
        ([account(2, 3), account(1, 3)], 2, ["in force", "replaced"]),
        ([account(1, 5), account(2, 3, 0)], 1, ["in force", "retired"]),
        ([account(1, 5, -1)], 1, ["in force"]),
        ([account(1, 5, 5), account(2, None, 1)], None, ["retired", "retired"]),
        ([account(1, 90), account(2, 3, counts=-4)], 1, ["in force", "counts soon"]),
        ([account(1, 90), account(2, 7, counts=0)], 2, ["replaced", "in force"]),
        ([account(1, 90, 3), account(2, 3, counts=-4)], None, ["retired", "counts soon"]),
    ],
)
def test_the_latest_confirmed_account_that_is_not_retired_is_paid(accounts, paid, standings):
    found = payees.in_force(accounts, TODAY)
    assert (found.id if found else None) == paid
    assert [payees.account_standing(one, found, TODAY) for one in accounts] == standings


@pytest.mark.parametrize(
    "others, waits",
    [([], 0), ([account(1, None)], 0), ([account(1, 90)], 7), ([account(1, 90, 1)], 7), ([account(9, 0)], 0)],
    ids=["the first", "none confirmed", "a change", "a change after one was retired", "itself"],
)
def test_a_change_waits_and_a_first_account_does_not(others, waits):
    assert payees.first_day(account(9), others, TODAY, 7) == TODAY + timedelta(days=waits)


@pytest.mark.parametrize(
    "others, between",
    [
        ([], None),
        ([account(1, 90, number="A"), account(2, 10, number="B")], 2),
        ([account(1, 90, number="A"), account(2, 31, number="B")], None),
        ([account(1, 90, number="A"), account(2, 30, number="B")], 2),
        ([account(1, 90, number="A", retired=10), account(2, 10, number="B", retired=1)], 2),
        ([account(1, 90, number="C"), account(2, 10, number="B")], None),
        ([account(2, 10, number="B"), account(1, 5, number="A")], None),
        ([account(1, 90, number="A"), account(2, None, number="B")], None),
    ],
    ids=["first", "A B A", "long ago", "thirty days", "both retired", "never there", "A was last", "never confirmed"],
)
def test_an_account_that_was_swapped_for_a_while_is_noticed(others, between):
    found = payees.changed_back(account(9, 0, number="A"), others)
    assert (found.id if found else None) == between


@pytest.mark.parametrize(
    ("called", "change", "says"), [("", False, ""), ("", True, "Call the vendor"), ("Ms Ray", True, "")]
)
def test_a_change_is_confirmed_after_a_call(called, change, says):
    problems = list(payees.may_be_confirmed(account(1, None), 2, TODAY, called, change))
    assert (says in problems[0]) if says else problems == []


@pytest.mark.parametrize(
    "one, by, says",
    [
        (account(1, None), 2, ""),
        (account(1, None), 1, "somebody else has to confirm"),
        (account(1, 3), 3, "confirmed already"),
        (account(1, None, 1), 2, "retired on 2026-11-22"),
    ],
)
def test_a_second_person_confirms_once(one, by, says):
    problems = list(payees.may_be_confirmed(one, by, TODAY))
    assert (says in problems[0]) if says else problems == []


def test_an_account_is_retired_once():
    assert list(payees.may_be_retired(account(1), TODAY)) == []
    assert "retired on" in next(payees.may_be_retired(account(1, 5, 1), TODAY))


# How it is sealed.


@given(st.text(), st.text(min_size=1))
def test_what_is_sealed_opens_again_and_only_where_it_belongs(text, context):
    sealed = sealing.seal(text, context)
    assert sealing.opened(sealed, context) == text
    assert sealing.seal(text, context) != sealed, "the same number twice does not look the same"
    with pytest.raises(Unreadable):
        sealing.opened(sealed, context + "x")


@given(st.text(alphabet="0123456789", min_size=4, max_size=17), st.data())
def test_no_bit_of_it_can_be_changed(text, data):
    sealed = bytearray(sealing.seal(text, COLUMN))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(Unreadable):
        sealing.opened(bytes(sealed), COLUMN)
    with pytest.raises(Unreadable):
        sealing.opened(bytes(sealed[:at]), COLUMN)


@given(st.text(alphabet="0123456789", min_size=6, max_size=17))
def test_after_a_rotation_old_numbers_open_and_are_found(text):
    sealing.use_keys(Ring("1", {"1": KEYS["1"]}), Ring("1", {"1": KEYS["1"]}))
    old, index = sealing.seal(text, COLUMN), sealing.blind_index(text, COLUMN)
    sealing.use_keys(Ring("2", KEYS), Ring("2", KEYS))
    new = sealing.seal(text, COLUMN)
    assert sealing.opened(old, COLUMN) == sealing.opened(new, COLUMN) == text
    assert sealing.blind_index(text, COLUMN) != index and index in sealing.blind_indexes(text, COLUMN)
    sealing.use_keys(Ring("2", {"2": KEYS["2"]}), Ring("2", KEYS))
    assert sealing.opened(new, COLUMN) == text
    with pytest.raises(Unreadable, match="lacks key '1'"):
        sealing.opened(old, COLUMN)


def test_an_index_is_of_its_column_and_of_its_key():
    mine = sealing.blind_index("123456789", COLUMN)
    assert mine == sealing.blind_index("123456789", COLUMN) and "123456789" not in mine
    assert mine != sealing.blind_index("123456789", "tax_id.number")
    assert mine != sealing.blind_index("123456780", COLUMN)


@pytest.mark.parametrize(
    "text, mask",
    [("123456789", "•••6789"), ("12345678", "•••5678"), ("1234567", "•••67"), ("12345", "•••"), ("", "•••")],
)
def test_a_secret_shows_its_mask(text, mask):
    secret = Secret(text)
    assert (str(secret), repr(secret), f"{secret}", f"{[secret]}") == (
        mask,
        f"Secret({mask})",
        mask,
        f"[Secret({mask})]",
    )
    assert secret == Secret(text) and secret != Secret(text + "1") and secret != text
    assert secret.reveal() == text and len({secret, Secret(text)}) == 1


def test_a_secret_is_not_pickled():
    import copy

    with pytest.raises(TypeError):
        copy.copy(Secret("123456789"))
