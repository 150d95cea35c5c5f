"""What no log may hold: passwords, tokens, cookies, keys. Masked by their names, by their looks, and by their values where
those are known. Source: OP-01."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

MASK = "***"
LEAST = 4
"""Characters from which on a known value is looked for: a shorter one would be found everywhere."""

NAME = re.compile(
    r"pass(word|wd|phrase)|secret|token|authori[sz]ation|cookie|api[-_]?key|private[-_]?key", re.IGNORECASE
)

_WORD = r"[\w.-]*(?:pass(?:word|wd|phrase)|secret|token|authori[sz]ation|api[-_]?key|private[-_]?key)[\w-]*"
LOOKS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(cookie[\"']?\s*[:=]\s*)[^\n]+", re.IGNORECASE), rf"\1{MASK}"),
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{4,}", re.IGNORECASE), rf"\1 {MASK}"),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), MASK),
    (re.compile(r"\.?\beJ[\w-]{8,}\.[\w-]{4,8}\.[\w-]{16,}"), MASK),
    (
        re.compile(
            rf"({_WORD}[\"']?\s*[:=]\s*)(?!(?:bearer|basic)\b)(\"[^\"\n]*\"|'[^'\n]*'|[^\s,;&)}}\]]+)", re.IGNORECASE
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"(://[^\s/:@]*:)[^\s/@]+@"), rf"\1{MASK}@"),
    (re.compile(r"\?[\w.%\[\]-]+=[^\s\"'<>]*"), "?" + MASK),
)
"""What a secret looks like in a sentence → how it is written; addresses lose their question."""

_known: set[str] = set()
_asked: list[Callable[[], Iterable[str]]] = []


def hide(*values: str | None) -> None:
    """Never write these values: what the settings of this installation hold."""
    _known.update(value for value in values if value and len(value) >= LEAST)


def hide_what(says: Callable[[], Iterable[str]]) -> None:
    """Never write what this names at the time of a line: what somebody has just typed or sent."""
    if says not in _asked:
        _asked.append(says)


def masked(text: str) -> str:
    """A text without secrets."""
    for value in sorted({*_known, *(value for says in _asked for value in says())}, key=len, reverse=True):
        if len(value) >= LEAST:
            text = text.replace(value, MASK)
    for looks, written in LOOKS:
        text = looks.sub(written, text)
    return text


def masked_value(name: str, value: Any) -> Any:
    """A value of a line as it may be written under its name."""
    if NAME.search(name) and value not in (None, ""):
        return MASK
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        return {str(key): masked_value(str(key), one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [masked_value("", one) for one in value]
    return value if isinstance(value, int | float | bool | type(None)) else masked(str(value))
