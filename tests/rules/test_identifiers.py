import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.us import ein as standard_ein
from stdnum.us import rtn as standard_rtn

from app.rules.identifiers import EIN_PREFIXES, TAXPAYER_NUMBERS, ein, itin, routing_number, ssn

MISTYPED = "has a mistyped digit: compare it with the check or the bank's letter"


@pytest.mark.parametrize(
    "text, problems",
    [
        ("083000137", []),
        (" 083000137 ", []),
        ("011000015", []),
        ("083000138", [f"Routing number 083000138 {MISTYPED}"]),
        ("080300137", [f"Routing number 080300137 {MISTYPED}"]),  # two digits swapped
        ("130000006", ["No routing number begins with 1300: compare it with the check or the bank's letter"]),
        ("000000000", ["No routing number begins with 0000: compare it with the check or the bank's letter"]),
        *(
            (wrong, ["A routing number has nine digits, for example 083000137"])
            for wrong in (
                "",
                "08300013",
                "0830001370",
                "083-000-137",
                "08300013a",
                "\uff10\uff18\uff13000137",
                "-83000137",
                "083000137\n1",
            )
        ),
    ],
)
def test_routing_number(text, problems):
    assert list(routing_number(text)) == problems


@pytest.mark.parametrize("prefix", range(100))
def test_routing_prefixes(prefix):
    digits = f"{prefix:02}00000"
    check = -(3 * (prefix // 10) + 7 * (prefix % 10) + 7) % 10
    allowed = prefix <= 12 or 21 <= prefix <= 32 or 61 <= prefix <= 72 or prefix == 80
    assert (not list(routing_number(f"{digits}1{check}"))) == allowed


@given(st.integers(1, 999_999_999))
def test_routing_checksum_agrees_with_the_standard(number):
    text = f"{number:09}"
    mistyped = any(MISTYPED in problem for problem in routing_number(text))
    assert mistyped == (standard_rtn.calc_check_digit(text[:-1]) != text[-1])


@given(st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_in_a_routing_number_is_always_seen(place, step):
    right = "083000137"
    wrong = right[:place] + str((int(right[place]) + step) % 10) + right[place + 1 :]
    assert any(MISTYPED in problem for problem in routing_number(wrong))


@pytest.mark.parametrize(
    "text, problems",
    [
        ("219-09-9998", []),
        ("219099998", []),
        ("219 09 9998", []),
        (" 001-01-0001 ", []),
        ("899-99-9999", []),
        ("665-01-0001", []),
        ("000-12-3456", ["No social security number begins with 000"]),
        ("666-12-3456", ["No social security number begins with 666"]),
        ("900-12-3456", ["No social security number begins with 9: an individual taxpayer number (ITIN) does"]),
        ("999-12-3456", ["No social security number begins with 9: an individual taxpayer number (ITIN) does"]),
        ("219-00-3456", ["The fourth and fifth digits of a social security number are never 00"]),
        ("219-12-0000", ["The last four digits of a social security number are never 0000"]),
        (
            "000-00-0000",
            [
                "No social security number begins with 000",
                "The fourth and fifth digits of a social security number are never 00",
                "The last four digits of a social security number are never 0000",
            ],
        ),
        *(
            (sample, ["This is a well-known sample, not somebody's social security number"])
            for sample in ("111-11-1111", "333-33-3333", "123-45-6789", "123456789")
        ),
        *(
            (wrong, ["A social security number has nine digits: three, two and four"])
            for wrong in (
                "",
                "12-3456789",
                "219-0-99998",
                "21909999",
                "2190999980",
                "219-099998",
                "219/09/9998",
                "\uff1219099998",
            )
        ),
    ],
)
def test_ssn(text, problems):
    assert list(ssn(text)) == problems


def test_a_number_wrong_in_two_ways_says_both():
    assert list(ssn("666-66-6666")) == [
        "No social security number begins with 666",
        "This is a well-known sample, not somebody's social security number",
    ]


@pytest.mark.parametrize("group", range(100))
def test_itin_groups(group):
    allowed = 50 <= group <= 65 or 70 <= group <= 88 or 90 <= group <= 92 or 94 <= group <= 99
    problems = list(itin(f"912-{group:02}-3456"))
    assert problems == [] if allowed else problems[0].endswith("are 50-65, 70-88, 90-92 or 94-99")


@pytest.mark.parametrize(
    "text, problems",
    [
        ("912-70-3456", []),
        ("912703456", []),
        ("812-70-3456", ["An individual taxpayer number begins with 9"]),
        ("91270345", ["An individual taxpayer number has nine digits: three, two and four"]),
    ],
)
def test_itin(text, problems):
    assert list(itin(text)) == problems


@pytest.mark.parametrize(
    "text, problems",
    [
        ("61-1234567", []),
        ("611234567", []),
        ("61 1234567", []),
        ("01-1234567", []),
        ("99-1234567", []),
        ("07-1234567", ["No employer identification number begins with 07"]),
        ("00-1234567", ["No employer identification number begins with 00"]),
        *(
            (wrong, ["An employer identification number has nine digits: two and seven"])
            for wrong in ("", "6-11234567", "61-123456", "611-23-4567", "61-12345678", "61-123456x")
        ),
    ],
)
def test_ein(text, problems):
    assert list(ein(text)) == problems


@pytest.mark.parametrize("prefix", range(100))
def test_ein_prefixes_agree_with_the_standard(prefix):
    assert (prefix in EIN_PREFIXES) == standard_ein.is_valid(f"{prefix:02}-1234567")


@given(st.sampled_from(sorted(TAXPAYER_NUMBERS)), st.from_regex(r"[0-9]{3}-[0-9]{2}-[0-9]{4}|[0-9]{9}", fullmatch=True))
def test_no_message_repeats_a_taxpayer_number(kind, text):
    for problem in TAXPAYER_NUMBERS[kind](text):
        assert text not in problem and text.replace("-", "") not in problem


@given(st.text(max_size=20))
def test_anything_typed_gets_an_answer_in_words(text):
    for check in (routing_number, *TAXPAYER_NUMBERS.values()):
        assert all(check(text))
