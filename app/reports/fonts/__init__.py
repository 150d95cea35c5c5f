"""The letters of the papers: which font draws a character, so that every name prints.

All fonts are embedded in what is printed, a subset of each. Source Sans 3 comes first: its figures are of equal width,
so that columns of money line up, and it has Latin, Greek and Cyrillic. Where they come from: README.md beside this."""

import unicodedata
from collections.abc import Container, Iterator
from functools import cache
from itertools import groupby
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from app.reports.fonts.righttoleft import turned

HERE = Path(__file__).parent

REGULAR, BOLD = "SourceSans3", "SourceSans3-SemiBold"

FILES = {
    REGULAR: "source-sans-3-0.4.1/SourceSans3_400Regular.ttf",
    BOLD: "source-sans-3-0.4.1/SourceSans3_600SemiBold.ttf",
    "DejaVuSans": "dejavu-2.37.3/DejaVuSans.ttf",
    "GothicA1": "gothic-a1-0.4.1/GothicA1_400Regular.ttf",
    "NotoSansSC": "noto-sans-sc-0.4.3/NotoSansSC_400Regular.ttf",
}
"""Font → its file."""

OTHERS = ("DejaVuSans", "GothicA1", "NotoSansSC")
"""Asked in this order for a character that the first font lacks: Hebrew, Arabic, Armenian, Georgian and signs; Korean;
Chinese and Japanese. One is opened when the first such character is printed."""

NOT_PRINTED = frozenset({"Cc", "Cf"})
"""Characters without a shape of their own: controls, byte order marks, marks that turn the direction of writing."""


@cache
def letters(font: str) -> Container[int]:
    """The code points that a font can draw. Opens and registers it the first time."""
    face = TTFont(font, HERE / FILES[font], shapable=False)
    pdfmetrics.registerFont(face)
    return face.face.charToGlyph.keys()


def tidy(text: str) -> str:
    """A text with its accents joined, its line ends alike, and without characters that cannot be printed."""
    if text.isascii() and text.isprintable():
        return text
    joined = unicodedata.normalize("NFC", text)
    lines = joined.replace("\r\n", "\n").translate({0x0D: "\n", 0x2028: "\n", 0x2029: "\n", 0x09: " "})
    return "".join(sign for sign in lines if sign == "\n" or unicodedata.category(sign) not in NOT_PRINTED)


def runs(text: str, font: str) -> Iterator[tuple[str, str]]:
    """A text in pieces, each with the font that draws it. A character that no font has is written as its number,
    so that it is neither lost nor a blank box."""
    known = letters(font)
    if text.isascii():
        yield font, text
        return
    drawn: list[tuple[str, str]] = []
    for sign in turned(text):
        before = drawn[-1][0] if drawn else font
        drawn.append(_drawn(sign, font, known, before))
    for name, pieces in groupby(drawn, key=lambda one: one[0]):
        yield name, "".join(piece for _, piece in pieces)


def _drawn(sign: str, font: str, known: Container[int], before: str) -> tuple[str, str]:
    if unicodedata.combining(sign) and ord(sign) in letters(before):
        return before, sign  # an accent stays with its letter
    if ord(sign) in known:
        return font, sign
    found = next((name for name in OTHERS if ord(sign) in letters(name)), None)
    return (found, sign) if found else (font, f"[U+{ord(sign):04X}]")
