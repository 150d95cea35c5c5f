from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.numbers import LARGEST, NotANumber, normal_invoice_number, plain, read_decimal, read_key

EXAMPLE = "Enter a number, for example 12.50"
GROUPS = "Write thousands as 1,234 and decimals with a point, for example 1,234.50"


@pytest.mark.parametrize(
    "text, expected",
    [
        ("12.50", "12.50"),
        ("12", "12"),
        ("1,234.50", "1234.50"),
        ("1,234,567", "1234567"),
        ("1234567", "1234567"),
        ("  12.5\t", "12.5"),
        ("\u00a012.5\u00a0", "12.5"),
        ("$12.50", "12.50"),
        ("$ 1,234.50", "1234.50"),
        ("-3", "-3"),
        ("+3", "3"),
        ("-$3.25", "-3.25"),
        ("$-3.25", "-3.25"),
        (".5", "0.5"),
        ("5.", "5"),
        ("007", "7"),
        ("0", "0"),
        ("-0", "0"),
        ("-0.00", "0.00"),
        ("0.0001", "0.0001"),
        ("9,999,999,999.99", "9999999999.99"),
        ("-9,999,999,999.99", "-9999999999.99"),
    ],
)
def test_reads(text, expected):
    assert str(read_decimal(text, places=4)) == expected


@pytest.mark.parametrize(
    "text, message",
    [
        ("", EXAMPLE),
        ("   ", EXAMPLE),
        (None, EXAMPLE),
        (12, EXAMPLE),
        (True, EXAMPLE),
        ("twelve", EXAMPLE),
        ("NaN", EXAMPLE),
        ("sNaN", EXAMPLE),
        ("Infinity", EXAMPLE),
        ("-inf", EXAMPLE),
        ("1e309", EXAMPLE),
        ("1E2", EXAMPLE),
        ("1e-2", EXAMPLE),
        ("0x10", EXAMPLE),
        ("1_000", EXAMPLE),
        ("\uff11\uff12", EXAMPLE),
        ("\u0661\u0662", EXAMPLE),
        ("1\uff0e5", EXAMPLE),
        ("\u00b2", EXAMPLE),
        ("\u00bd", EXAMPLE),
        ("--3", EXAMPLE),
        ("+-3", EXAMPLE),
        ("-$-3", EXAMPLE),
        ("3-", EXAMPLE),
        ("(3)", EXAMPLE),
        ("\u22123", EXAMPLE),
        ("$", EXAMPLE),
        ("$$3", EXAMPLE),
        (".", EXAMPLE),
        ("-", EXAMPLE),
        ("1.2.3", EXAMPLE),
        ("1 234", EXAMPLE),
        ("12%", EXAMPLE),
        ("1\x002", EXAMPLE),
        ("12\n13", EXAMPLE),
        ("12 each", EXAMPLE),
        ("12,50", GROUPS),
        ("1,23,456", GROUPS),
        ("1,2345", GROUPS),
        ("1234,567", GROUPS),
        (",5", GROUPS),
        ("1.234,50", GROUPS),
        ("1,234,", GROUPS),
        ("-12,5", GROUPS),
        ("1.00001", "At most 4 decimals"),
        ("0.123456789012", "At most 4 decimals"),
        ("1.000000000000", "At most 4 decimals"),
        ("10,000,000,000", "At most 9,999,999,999.99"),
        ("9999999999.9901", "At most 9,999,999,999.99"),
        ("9" * 4000, "At most 9,999,999,999.99"),
        ("-10000000000", "At least -9,999,999,999.99"),
    ],
)
def test_refuses(text, message):
    with pytest.raises(NotANumber) as refusal:
        read_decimal(text, places=4, at_most=Decimal("9999999999.99"))
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    "text, limits, message",
    [
        ("1.5", {"places": 0}, "Whole numbers only"),
        ("1,5", {"places": 0}, "Write thousands as 1,234"),
        ("x", {"places": 0}, "Enter a whole number, for example 12"),
        ("1.25", {"places": 1}, "At most 1 decimal"),
        ("1.255", {"places": 2}, "At most 2 decimals"),
        ("100.01", {"places": 2, "at_most": Decimal(100)}, "At most 100"),
        ("1001", {"places": 0, "at_most": Decimal("1E+3")}, "At most 1,000"),
        ("-0.01", {"places": 2, "at_least": Decimal(0)}, "At least 0"),
        ("0", {"places": 4, "at_least": Decimal("0.0001")}, "At least 0.0001"),
    ],
)
def test_says_what_the_field_takes(text, limits, message):
    with pytest.raises(NotANumber) as refusal:
        read_decimal(text, **limits)
    assert str(refusal.value) == message


@given(st.decimals(-LARGEST, LARGEST, places=2))
def test_reads_back_what_a_screen_shows(number):
    assert read_decimal(f"{number:,f}", places=2) == number
    assert read_decimal(f" {number:f} ", places=2) == number


@given(st.text() | st.text("0123456789.,+-$eE \uff11\u0661naifNI", max_size=12))
def test_anything_typed_is_a_bounded_number_or_refused_in_words(text):
    try:
        number = read_decimal(text, places=4)
    except NotANumber as refusal:
        assert str(refusal)
    else:
        assert abs(number) <= LARGEST and number.as_tuple().exponent >= -4


@pytest.mark.parametrize(
    "number, text",
    [
        ("13.20", "13.2"),
        ("14", "14"),
        ("100", "100"),
        ("1E+2", "100"),
        ("0.80", "0.8"),
        ("0.00", "0"),
        ("-0", "0"),
        ("-1.50", "-1.5"),
        ("0.0001", "0.0001"),
    ],
)
def test_plain(number, text):
    assert plain(Decimal(number)) == text


@pytest.mark.parametrize(
    "variant",
    [
        "A-1001",
        "a-1001",
        "A1001",
        " A 1001 ",
        "A/1001",
        "A.1001",
        "A_1001",
        "A\u20131001",
        "A\\1001",
        "#A-1001:",
        "A-01001",
        "A-0001001",
        "A-1OO1",
        "a-1oo1",
        "A-1\u041e01",
        "A-1\u039f01",
        "\uff21-\uff11\uff10\uff10\uff11",
        "A\u200b-1001",
        "A\u00ad1001",
        "A-\u0661\u0660\u0660\u0661",
        "A-O1001",
    ],
)
def test_one_invoice_number_however_it_is_written(variant):
    assert normal_invoice_number(variant) == "A1001"


@pytest.mark.parametrize(
    "one, other",
    [
        ("0012", "12"),
        ("INV-0012", "inv 12"),
        ("2026-001", "2026001"),
        ("INV-007-B-03", "INV7B3"),
        ("O", "0"),
        ("000", "0"),
        ("A-00", "A0"),
    ],
)
def test_equal(one, other):
    assert normal_invoice_number(one) == normal_invoice_number(other)


@pytest.mark.parametrize(
    "one, other",
    [
        ("A-1001", "A-1002"),
        ("A-1001", "B-1001"),
        ("A-1001", "A-101"),
        ("A-1001", "A-10010"),
        ("A-1001", "1001"),
        ("A-1", "A-10"),
        ("A-0", "A"),
        ("2026-001", "2025-001"),
        ("I1", "11"),
    ],
)
def test_different(one, other):
    assert normal_invoice_number(one) != normal_invoice_number(other)


@pytest.mark.parametrize("text", ["", " ", "-/._", "\u200b"])
def test_nothing_is_left_of_mere_punctuation(text):
    assert normal_invoice_number(text) == ""


@given(st.text())
def test_a_normal_number_is_normal_already(text):
    normal = normal_invoice_number(text)
    assert normal_invoice_number(normal) == normal
    assert normal_invoice_number(f" {normal.lower()}- ") in (normal, normal_invoice_number(normal.lower()))


@given(st.text("AOI019", min_size=1), st.integers(0, 20), st.sampled_from(" -/._#"))
def test_separators_and_case_never_matter(text, place, separator):
    assert normal_invoice_number(text[:place] + separator + text[place:].lower()) == normal_invoice_number(text)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("7", 7),
        (" 12 ", 12),
        ("2147483647", 2147483647),
        ("2147483648", 0),
        ("99999999999999999999", 0),
        ("", 0),
        (None, 0),
        ("-1", 0),
        ("1.0", 0),
        ("1e3", 0),
        ("\u0661", 0),
        ("1\x00", 0),
        ("one", 0),
    ],
)
def test_a_key_is_a_number_that_a_record_may_have_or_nothing(typed, key):
    assert read_key(typed) == key
