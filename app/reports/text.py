"""Words and figures on paper: styles, paragraphs made from plain text, and how money, days and moments are written.

A paragraph is made from runs of text, never from markup: what a vendor or a clerk typed is not read by any parser, so
it can neither break a print nor do anything in it. Source: IN-02, IN-03."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph
from reportlab.platypus.paraparser import ParaFrag

from app.office import Office
from app.reports.fonts import BOLD, REGULAR, runs, tidy

INK, MUTED, RULE, SUNK, BRAND = (HexColor(f"#{one}") for one in ("17212b", "566270", "c6ced6", "eef1f3", "0a5a66"))


def _style(
    name: str, size: float, leading: float, font: str = REGULAR, color: Any = INK, **more: Any
) -> ParagraphStyle:
    return ParagraphStyle(name, fontName=font, fontSize=size, leading=leading, textColor=color, **more)


BODY = _style("body", 9.2, 11.4)
STRONG = _style("strong", 9.2, 11.4, BOLD)
SMALL = _style("small", 8, 9.9, color=MUTED)
LABEL = _style("label", 7.6, 9.6, color=MUTED)
HEAD = _style("head", 8.2, 10, BOLD)
HEAD_RIGHT = _style("head right", 8.2, 10, BOLD, alignment=TA_RIGHT)
FIGURE = _style("figure", 9.2, 11.4, alignment=TA_RIGHT)
SUBJECT = _style("subject", 11, 14, BOLD, spaceAfter=6)
SECTION = _style("section", 10.2, 13, BOLD, spaceBefore=11, spaceAfter=3)
OFFICE = _style("office", 11.4, 14, BOLD)
TITLE = _style("title", 21, 24, BOLD, alignment=TA_RIGHT)
NUMBER = _style("number", 12.4, 16, BOLD, BRAND, alignment=TA_RIGHT)
STATUS = _style("status", 8.6, 11, color=MUTED, alignment=TA_RIGHT)

APART = "\u00a0· "
"""Between small facts: the dot stays at the end of its line."""

Part: TypeAlias = str | tuple[str, ParagraphStyle]


def paragraph(*parts: Part, style: ParagraphStyle = BODY) -> Paragraph:
    """A paragraph of plain text; a part may have a style of its own. Line ends in the text are line ends on paper."""
    pieces = [piece for part in parts for piece in _pieces(*(part if isinstance(part, tuple) else (part, style)))]
    return Paragraph(None, style, frags=pieces or [_piece("", style, style.fontName)])


def _pieces(text: str, style: ParagraphStyle) -> list[ParaFrag]:
    found: list[ParaFrag] = []
    for count, line in enumerate(tidy(text).split("\n")):
        if count:
            found.append(_piece("", style, style.fontName, lineBreak=True))
        found += [_piece(run, style, font) for font, run in runs(line, style.fontName) if run]
    return found


def _piece(text: str, style: ParagraphStyle, font: str, **more: Any) -> ParaFrag:
    return ParaFrag(
        text=text,
        fontName=font,
        fontSize=style.fontSize,
        textColor=style.textColor,
        rise=0,
        greek=0,
        link=[],
        us_lines=[],
        **more,
    )


LONGEST, MOST_LINES = 1200, 30
"""What goes into one paragraph or one row of a table: signs and lines. A text that is longer goes on in the next one,
so that a page is filled and turned in the same time however long a text is."""


def passages(text: str) -> list[str]:
    """A text in pieces that are not too long, cut at the end of a line, a sentence or a word where there is one."""
    found, rest = [], tidy(text).strip()
    while len(rest) > LONGEST or rest.count("\n") >= MOST_LINES:
        head = "\n".join(rest[:LONGEST].split("\n")[:MOST_LINES])
        ends = [place + len(end) for end in ("\n", ". ", " ") if (place := head.rfind(end)) > len(head) // 2]
        cut = len(head) if rest[len(head) : len(head) + 1] == "\n" else next(iter(ends), len(head))
        found.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*found, rest]


def described(name: str, small: str, style: ParagraphStyle = BODY) -> list[Paragraph]:
    """A name with small print under it."""
    first, *rest = passages(small)
    head = paragraph((name or "–", style), (f"\n{first}" if first else "", SMALL))
    return [head, *(paragraph(text, style=SMALL) for text in rest)]


def quantity(value: Decimal | None) -> str:
    """12 or 1,012.5: no trailing zeros."""
    return "" if value is None else f"{value.normalize() + 0:,f}"


def day(value: date | None) -> str:
    """Nov 21, 2026."""
    return "" if value is None else f"{value:%b} {value.day}, {value.year}"


def moment(value: datetime | None, office: Office) -> str:
    """Nov 21, 2026, 3:05 PM EST: by the office's clock, with the name of its time."""
    if value is None:
        return ""
    local = office.local(value)
    return f"{day(local.date())}, {local.hour % 12 or 12}:{local:%M %p} {local.tzname()}"


def person(user: Any) -> str:
    """A person's name; a deed of nobody was Purser's own."""
    return f"{user.first_name} {user.last_name}" if user is not None else "Purser"


def words(value: str) -> str:
    """A stored word as people read it."""
    text = value.replace("_", " ")
    return text[:1].upper() + text[1:]


def joined(*values: object, by: str = ", ") -> str:
    """The values that are there, in one line."""
    return by.join(str(value) for value in values if value not in (None, ""))


def ranges(numbers: list[int]) -> str:
    """1–3, 7: line numbers, neighbours drawn together."""
    spans: list[list[int]] = []
    for number in sorted(set(numbers)):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in spans)
