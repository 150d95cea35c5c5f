"""Hebrew and Arabic in the order in which they are read: a printer draws from left to right.

Enough for names and short phrases in a paper that is otherwise English: each stretch of right-to-left writing is
turned round, with its figures kept as they are, and Arabic letters take the shapes that join them to their neighbours.
A stretch that is longer than a line is not set correctly: its lines come in the wrong order."""

import re
import unicodedata
from functools import cache

RIGHT_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
STRETCH = re.compile(f"[{RIGHT_TO_LEFT}](?:[^A-Za-z\u00c0-\u058f\n]*[{RIGHT_TO_LEFT}])*")
FIGURES = re.compile(r"\d+(?:[.,:/]\d+)*")
MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")
LAM, ALEFS = "\u0644", "\u0622\u0623\u0625\u0627"


def turned(text: str) -> str:
    """A text as it is drawn from left to right."""
    return STRETCH.sub(lambda found: _turn(_join(found.group())), text)


def _turn(stretch: str) -> str:
    letters: list[str] = []
    for sign in stretch:
        if letters and unicodedata.combining(sign):
            letters[-1] += sign  # a vowel mark stays with its letter
        else:
            letters.append(sign)
    back = "".join(reversed(letters)).translate(MIRRORED)
    return FIGURES.sub(lambda found: found.group()[::-1], back)


@cache
def _shapes() -> dict[tuple[str, str], str]:
    """Letter and position ("initial", "medial", "final", "isolated") → the shape, from the Unicode tables."""
    found = {}
    for place in range(0xFE70, 0xFEFD):
        tag, *bases = unicodedata.decomposition(chr(place)).split() or [""]
        letters = "".join(chr(int(base, 16)) for base in bases)
        if letters and not letters.startswith(" "):
            found[letters, tag.strip("<>")] = chr(place)
    return found


def _join(stretch: str) -> str:
    shapes = _shapes()
    pairs = re.sub(f"{LAM}[{ALEFS}]", lambda found: found.group() + "\0", stretch)
    units = [unit for unit in re.split(f"({LAM}[{ALEFS}]\0)", pairs) if unit]
    signs = [part for unit in units for part in ([unit[:2]] if unit.endswith("\0") else list(unit))]
    drawn = []
    for place, sign in enumerate(signs):
        before = _neighbour(signs, place, -1)
        after = _neighbour(signs, place, 1)
        back = (before, "initial") in shapes and (sign, "final") in shapes
        on = (sign, "initial") in shapes and (after, "final") in shapes
        position = {
            (False, False): "isolated",
            (False, True): "initial",
            (True, True): "medial",
            (True, False): "final",
        }[back, on]
        drawn.append(shapes.get((sign, position), sign))
    return "".join(drawn)


def _neighbour(signs: list[str], place: int, step: int) -> str:
    """The next letter in a direction, vowel marks passed over."""
    place += step
    while 0 <= place < len(signs) and unicodedata.combining(signs[place][0]):
        place += step
    return signs[place] if 0 <= place < len(signs) else ""
