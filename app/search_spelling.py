"""Words of a search that no item has: begun words are gone on with, wildcards spelled out, misspelt words mended.

The word is corrected, not the search: each is compared with the vocabulary of the index, and only when it occurs
nowhere, so that a rare but right word is never taken for a mistake. Source: IN-01."""

from collections.abc import Sequence

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract
from sqlalchemy import Connection, func, select

from app.search_tables import WORDS, SearchTable
from app.search_words import Term

MOST_SPELLINGS = 50
CLOSEST = 5
LAST_SIGN = "\U0010ffff"
"""Comes after every letter: what stands before it begins alike."""

OFTEN = 1_000

SLIPS = ((4, 0), (6, 1), (99, 2))
"""Words shorter than so many letters → how many slips of the finger are mended. A slip is a letter too much, missing,
wrong, or swapped with the next one."""


def spell_out(connection: Connection, terms: Sequence[Term]) -> list[Term]:
    """Wildcards inside a word, and an open end, become the words of the vocabulary that fit: whole words are looked up
    one by one, where a beginning has the index put all that it may mean together first. What begins too many words
    stays open."""
    return [_spelled(connection, term) for term in terms]


def _spelled(connection: Connection, term: Term) -> Term:
    if not term.spellings:
        return Term(term.typed, tuple(_like(connection, term.typed)))
    if not term.open_end:
        return term
    (word,) = term.spellings
    longer = _longer(connection, word)
    return term if len(longer) > MOST_SPELLINGS else Term(term.typed, (word, *longer))


def _longer(connection: Connection, word: str) -> Sequence[str]:
    column = WORDS.c.word
    begun = select(column).where(column > word, column < word + LAST_SIGN).order_by(column)
    return connection.scalars(begun.limit(MOST_SPELLINGS + 1)).all()


def mend(connection: Connection, index: SearchTable, terms: Sequence[Term]) -> tuple[list[Term], list[tuple[str, str]]]:
    """The terms with every word that occurs nowhere gone on with or corrected, and the corrections (typed, taken)."""
    mended, corrections = [], []
    for term in terms:
        if term.is_pattern or index.count(connection, [term], 1):
            mended.append(term)
        elif term.open_end and (longer := _like(connection, f"{term.typed}%")):
            mended.append(Term(term.typed, tuple(longer)))
        elif closest := _closest(connection, index, term.typed):
            mended.append(Term(closest, (closest,), term.open_end))
            corrections.append((term.typed, closest))
        else:
            mended.append(term)
    return mended, corrections


def _like(connection: Connection, pattern: str) -> Sequence[str]:
    shortest = select(WORDS.c.word).where(WORDS.c.word.like(pattern)).order_by(func.length(WORDS.c.word), WORDS.c.word)
    return connection.scalars(shortest.limit(MOST_SPELLINGS)).all()


def _closest(connection: Connection, index: SearchTable, typed: str) -> str:
    """The word of the vocabulary that was meant; of several equally close ones the one that begins alike and occurs
    most. Empty for part numbers and for words that resemble nothing."""
    slips = next(slips for letters, slips in SLIPS if len(typed) < letters)
    if not slips or not typed.isalpha():
        return ""
    near = func.length(WORDS.c.word).between(len(typed) - slips, len(typed) + slips)
    words = connection.scalars(select(WORDS.c.word).where(near)).all()
    found = extract(typed, words, scorer=OSA.distance, score_cutoff=slips, limit=CLOSEST)
    if not found:
        return ""
    ranked = sorted(
        (distance, word[0] != typed[0], -index.count(connection, [Term(word, (word,))], OFTEN), word)
        for word, distance, _ in found
    )
    return ranked[0][-1] if ranked[0][2] else ""
