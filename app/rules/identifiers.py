"""Numbers that others issue: bank routing and taxpayer numbers.

Each check yields what is wrong, in words for the person who typed it, and never repeats a taxpayer number: messages
end in logs and on screens where the number itself must not. A number that passes is well formed, not proven to exist.
"""

import re
from collections.abc import Callable, Iterator


def _numbers(*spans: tuple[int, int]) -> frozenset[int]:
    return frozenset(number for first, last in spans for number in range(first, last + 1))


ROUTING_PREFIXES = _numbers((0, 12), (21, 32), (61, 72), (80, 80))
ROUTING_WEIGHTS = (3, 7, 1) * 3
ITIN_GROUPS = _numbers((50, 65), (70, 88), (90, 92), (94, 99))
NEVER_ISSUED_SSN = frozenset({"111111111", "333333333", "666666666", "123456789"})
# Prefixes the Internal Revenue Service assigns; its published list by issuing office, joined.
EIN_PREFIXES = _numbers((1, 6), (10, 16), (20, 27), (30, 48), (50, 68), (71, 77), (80, 88), (90, 95), (98, 99))

_ROUTING = re.compile(r"[0-9]{9}")
_PERSONAL = re.compile(r"([0-9]{3})([- ]?)([0-9]{2})\2([0-9]{4})")
_EMPLOYER = re.compile(r"([0-9]{2})[- ]?([0-9]{7})")


def routing_number(text: str) -> Iterator[str]:
    """What is wrong with an ABA routing number. Source: rules.md, ABA routing number; MO-14."""
    digits = text.strip()
    if not _ROUTING.fullmatch(digits):
        yield "A routing number has nine digits, for example 083000137"
        return
    if int(digits[:2]) not in ROUTING_PREFIXES or not int(digits):
        yield f"No routing number begins with {digits[:4]}: compare it with the check or the bank's letter"
    if sum(weight * int(digit) for weight, digit in zip(ROUTING_WEIGHTS, digits, strict=True)) % 10:
        yield f"Routing number {digits} has a mistyped digit: compare it with the check or the bank's letter"


def ssn(text: str) -> Iterator[str]:
    """What is wrong with a social security number. Source: rules.md, SSN."""
    found = _PERSONAL.fullmatch(text.strip())
    if not found:
        yield "A social security number has nine digits: three, two and four"
        return
    area, _, group, serial = found.groups()
    if area.startswith("9"):
        yield "No social security number begins with 9: an individual taxpayer number (ITIN) does"
    elif area in ("000", "666"):
        yield f"No social security number begins with {area}"
    if group == "00":
        yield "The fourth and fifth digits of a social security number are never 00"
    if serial == "0000":
        yield "The last four digits of a social security number are never 0000"
    if area + group + serial in NEVER_ISSUED_SSN:
        yield "This is a well-known sample, not somebody's social security number"


def itin(text: str) -> Iterator[str]:
    """What is wrong with an individual taxpayer identification number. Source: rules.md, ITIN."""
    found = _PERSONAL.fullmatch(text.strip())
    if not found:
        yield "An individual taxpayer number has nine digits: three, two and four"
        return
    area, _, group, _ = found.groups()
    if not area.startswith("9"):
        yield "An individual taxpayer number begins with 9"
    if int(group) not in ITIN_GROUPS:
        yield "The fourth and fifth digits of an individual taxpayer number are 50-65, 70-88, 90-92 or 94-99"


def ein(text: str) -> Iterator[str]:
    """What is wrong with an employer identification number. Source: rules.md, EIN."""
    found = _EMPLOYER.fullmatch(text.strip())
    if not found:
        yield "An employer identification number has nine digits: two and seven"
    elif int(found[1]) not in EIN_PREFIXES:
        yield f"No employer identification number begins with {found[1]}"


TAXPAYER_NUMBERS: dict[str, Callable[[str], Iterator[str]]] = {"SSN": ssn, "ITIN": itin, "EIN": ein}
