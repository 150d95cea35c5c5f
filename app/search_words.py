"""Words, as the item search reads them: in what people type and in what the office keeps on record, alike.

Capitals, accents and punctuation do not count, so that the index, its vocabulary and a search always speak of the same
words, on either database."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

MOST_WORDS = 12
"""So many words of a search count; a longer one is cut and says so."""

LONGEST_WORD = 60
MOST_TYPED = 2_000

SAY_NOTHING = frozenset("a an and at by for from in is of on or the to with".split())
"""Left out of a search that has other words: whether a name says "with" tells nothing of the goods."""

_WORD = re.compile(r"[^\W_]+")
_TYPED = re.compile(r"(?:[^\W_]|%)+")


@dataclass(frozen=True)
class Term:
    """One word of a search: any of some spellings. An open end also takes words that begin like it."""

    typed: str
    spellings: tuple[str, ...]
    open_end: bool = False

    @property
    def is_pattern(self) -> bool:
        """Whether the person used the wildcard."""
        return "%" in self.typed


def fold(text: str) -> str:
    """Small letters without accents: "Café №5" → "cafe no5"."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign)).casefold()


def words_in(text: str) -> list[str]:
    """The words of a text on record, in its order."""
    return [word for word in _WORD.findall(fold(text)) if len(word) <= LONGEST_WORD]


def joined(text: str) -> str:
    """A part number written as one word: "WKB-4000 US" → "wkb4000us". Nothing, if it is one word anyway."""
    words = words_in(text)
    together = "".join(words)
    return together if 1 < len(words) <= 6 and len(together) <= LONGEST_WORD else ""


def parse(text: str) -> tuple[list[Term], bool]:
    """The terms of a search, and whether it had more words than count. `%` is a wildcard: R% is any word that begins
    with R. Nothing that can be typed is an error. Source: IN-01, DOC-12."""
    typed = [one for one in _TYPED.findall(fold(text[:MOST_TYPED])) if one.strip("%")]
    telling = [one for one in typed if one not in SAY_NOTHING] or typed
    kept = [one[:LONGEST_WORD] for one in dict.fromkeys(telling)][:MOST_WORDS]
    terms = [_term(one, last=number == len(kept)) for number, one in enumerate(kept, 1)]
    return terms, len(dict.fromkeys(telling)) > MOST_WORDS or len(text) > MOST_TYPED


def _term(typed: str, last: bool) -> Term:
    stem = typed.rstrip("%")
    if "%" in stem:
        return Term(typed, ())  # spelled out by the vocabulary
    return Term(typed, (stem,), open_end=last or stem != typed)


def in_words(terms: Iterable[Term]) -> str:
    """The search as it was understood."""
    return " ".join(term.typed for term in terms)
