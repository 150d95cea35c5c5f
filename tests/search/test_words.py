"""Words as the search reads them: what counts, what does not, and that nothing typed is an error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search_words import LONGEST_WORD, MOST_WORDS, fold, joined, parse, words_in


@pytest.mark.parametrize(
    "text, words",
    [
        ("Keyboard, wired USB", ["keyboard", "wired", "usb"]),
        ("Café №5 — Größe", ["cafe", "no5", "grosse"]),
        ("WKB-4000US", ["wkb", "4000us"]),
        ("a_b c%d", ["a", "b", "c", "d"]),
        ("24\" x 36'", ["24", "x", "36"]),
        ("½ inch", ["1", "2", "inch"]),
        ("", []),
        ("—!?", []),
        ("x" * (LONGEST_WORD + 1), []),
    ],
)
def test_words_on_record(text, words):
    assert words_in(text) == words


@pytest.mark.parametrize(
    "text, together",
    [("WKB-4000 US", "wkb4000us"), ("9984203", ""), ("", ""), ("one two three four five six seven", "")],
)
def test_a_part_number_is_also_one_word(text, together):
    assert joined(text) == together


@pytest.mark.parametrize(
    "text, terms",
    [
        ("blue felt pen", [("blue", False), ("felt", False), ("pen", True)]),
        ("Pen", [("pen", True)]),
        ("pen pen", [("pen", True)]),
        ("R%", [("r", True)]),
        ("r% steel", [("r", True), ("steel", True)]),
        ("desk with drawers", [("desk", False), ("drawers", True)]),
        ("the", [("the", True)]),
        ("a\0b\"c'*(d)", [("b", False), ("c", False), ("d", True)]),
        ("100% cotton", [("100", True), ("cotton", True)]),
    ],
)
def test_a_search(text, terms):
    found, cut = parse(text)
    assert [(term.spellings[0], term.open_end) for term in found] == terms
    assert not cut


@pytest.mark.parametrize("text", ["", "   ", "%", "%%%", "'\"*()[]{};--", "\0", "\u202e", "。、"])
def test_nothing_to_search_for(text):
    assert parse(text) == ([], False)


@pytest.mark.parametrize("text", ["%board", "k%rd", "%a%"])
def test_a_wildcard_inside_is_for_the_vocabulary(text):
    (term,), _ = parse(text)
    assert term.is_pattern
    assert term.spellings == ()


def test_a_long_search_is_cut_and_says_so():
    terms, cut = parse(" ".join(f"word{number}" for number in range(50)))
    assert len(terms) == MOST_WORDS
    assert cut
    assert parse("x" * 1_000)[0][0].typed == "x" * LONGEST_WORD


@given(st.text())
def test_anything_can_be_typed(text):
    for term in parse(text)[0]:
        assert all(sign.isalnum() or sign == "%" for sign in term.typed)
        assert all(word.isalnum() for word in term.spellings)


@given(st.text())
def test_what_is_folded_stays_so(text):
    """The index and the search fold by themselves; both must arrive at the same."""
    assert words_in(" ".join(words_in(text))) == words_in(text)
    assert fold(fold(text)) == fold(text)
