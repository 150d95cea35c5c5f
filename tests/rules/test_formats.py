"""What is taken for an address, a telephone number and a web site, and what is said of the rest."""

import pytest

from app.rules.formats import FORMATS

TAKEN = [
    ("email", "name@agency.example"),
    ("email", " o'brien.ann+po@mail.county.ky.us "),
    ("email", ""),
    ("phone", "(502) 555-0101"),
    ("phone", "+49 2331 555 01"),
    ("phone", "502-555-0101 ext. 12"),
    ("fax", "555-0199"),
    ("website", "www.vendor.example"),
    ("website", "https://vendor.example/catalog?page=2"),
]
REFUSED = [
    ("email", "no mail"),
    ("email", "a@b"),
    ("email", "ann@vendor.example\nBcc: x@elsewhere.example"),
    ("email", "ann@vendor.example, bob@vendor.example"),
    ("email", "<ann@vendor.example>"),
    ("email", ".ann@vendor.example"),
    ("phone", "call Ann"),
    ("phone", "1"),
    ("phone", "５０２ ５５５ ０１０１"),
    ("website", "javascript:alert(1)"),
    ("website", "vendor"),
    ("website", "www.vendor.example/a b"),
]


@pytest.mark.parametrize(("kind", "typed"), TAKEN)
def test_taken(kind: str, typed: str) -> None:
    """Spaces around it do no harm."""
    assert FORMATS[kind].problem(typed) == ""


@pytest.mark.parametrize(("kind", "typed"), REFUSED)
def test_refused_with_an_example(kind: str, typed: str) -> None:
    """The example is one that is taken."""
    assert FORMATS[kind].problem(typed) == f"Enter {FORMATS[kind].words} like {FORMATS[kind].example}."
    assert FORMATS[kind].problem(FORMATS[kind].example) == ""
