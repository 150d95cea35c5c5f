"""Numbers as people type them: amounts, quantities, and the vendor's own invoice number."""

import re
import unicodedata
from decimal import Decimal

LARGEST = Decimal("9999999999.99")  # the largest amount a document carries

_TYPED = re.compile(
    r"(?P<sign>[+-]?) ?\$? ?(?P<inner>[+-]?)"
    r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+|(?=\.[0-9]))"
    r"(?:\.(?P<decimals>[0-9]*))?"
)

_KEY = re.compile(r"[0-9]{1,10}")

# Letters that read like a zero on paper: Latin, Greek and Cyrillic O.
_READS_AS_ZERO = str.maketrans(dict.fromkeys("O\u039f\u041e", "0"))
_LEADING_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")


class NotANumber(ValueError):
    """What was typed is not a number that this field takes; the message says what to type."""


def read_decimal(
    text: str | None, *, places: int, at_most: Decimal = LARGEST, at_least: Decimal | None = None
) -> Decimal:
    """The number a person typed: "1,234.50", " $12.5 ", "-3".

    `places` is the most decimals the field keeps; `at_most` bounds both signs unless `at_least` is given (0 for what
    cannot be negative, 0.01 for what cannot be zero). Commas count only as thousands separators in threes, so that a
    decimal comma is never read as a hundredfold amount. Raises NotANumber. Source: MO-05."""
    typed = text.strip() if isinstance(text, str) else ""
    found = _TYPED.fullmatch(typed)
    if not found or (found["sign"] and found["inner"]):
        raise NotANumber(_what_to_type(typed, places))
    decimals = found["decimals"] or ""
    if len(decimals) > places:
        raise NotANumber("Whole numbers only" if not places else f"At most {places} decimal{'s' * (places > 1)}")
    whole, sign = found["whole"].replace(",", ""), found["sign"] or found["inner"]
    number = Decimal(f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}")
    lowest = -at_most if at_least is None else at_least
    if number > at_most:
        raise NotANumber(f"At most {at_most:,f}")
    if number < lowest:
        raise NotANumber(f"At least {lowest:,f}")
    return number + 0  # "12" stays 12 and "12.50" keeps its cents; a negative zero becomes zero


LARGEST_KEY = 2**31 - 1


def read_key(text: str | None) -> int:
    """The id that an address or a form names; 0, which no record has, for anything that cannot be one."""
    typed = (text or "").strip()
    return int(typed) if _KEY.fullmatch(typed) and int(typed) <= LARGEST_KEY else 0


def _what_to_type(typed: str, places: int) -> str:
    if "," in typed and set(typed) <= set("0123456789.,+-$ "):
        return "Write thousands as 1,234" + (" and decimals with a point, for example 1,234.50" if places else "")
    return "Enter a number, for example 12.50" if places else "Enter a whole number, for example 12"


def plain(number: Decimal) -> str:
    """A quantity or percentage as it reads in a message: no trailing zeros, no exponent ("13.2", "100")."""
    return f"{number.normalize() + 0:f}"


def normal_invoice_number(text: str) -> str:
    """The form in which two ways of writing one vendor's invoice number are equal.

    Case, spaces and punctuation do not count; the letter O is the digit 0; zeros that lead a run of digits do not
    count ("inv-0012" is "INV 12"). Punctuation goes first, so that "2026-001" is "2026001". Empty when the text has
    neither letter nor digit. Source: MO-07."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).upper())
    kept = "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text if sign.isalnum())
    return _LEADING_ZEROS.sub("", kept.translate(_READS_AS_ZERO))
