"""Tables on paper: ruled rows with a head that repeats on each page, a grid of facts, addresses side by side, sums."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from reportlab.lib.colors import white
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import inch
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import LongTable, Paragraph, Table, TableStyle

from app.reports.fonts import BOLD, REGULAR, letters
from app.reports.text import (
    BODY,
    BRAND,
    FIGURE,
    HEAD,
    HEAD_RIGHT,
    INK,
    LABEL,
    RULE,
    STRONG,
    SUNK,
    paragraph,
    passages,
)

PAD = 4
QUICK = 60
"""A shorter text fits into one row for sure and is not looked at."""
NARROWEST = 1.3 * inch
"""What the widest column keeps, however long the figures beside it are."""

FONT = ("FONT", (0, 0), (-1, -1), REGULAR, BODY.fontSize, BODY.leading)
"""In every table: otherwise an empty cell asks for a font that is not embedded."""

Pair: TypeAlias = tuple[str, str | Paragraph]
Shown: TypeAlias = str | Paragraph | list[Paragraph]
"""What a cell shows; a list goes on in rows of its own, below the first."""


@dataclass(frozen=True)
class Column:
    """One column: its head, what a row shows in it, and its width in inches; 0 takes what the others leave.
    `figures` stand on the right and make the column as wide as they need."""

    title: str
    of: Callable[[Any], Shown]
    width: float = 0
    figures: bool = False


def ruled(columns: Sequence[Column], rows: Iterable[Any], width: float) -> LongTable:
    """Rows under a head that is printed again on every page. A row higher than a page goes on on the next one."""
    values, goes_on = [], []
    for row in rows:
        piled = _piled([column.of(row) for column in columns])
        values += piled
        goes_on += [True] * (len(piled) - 1) + [False]
    widths, fits = _widths(columns, values, width)
    head = [paragraph(column.title, style=HEAD_RIGHT if column.figures else HEAD) for column in columns]
    body = [
        [_cell(value, column, room, fits) for value, column, room in zip(row, columns, widths, strict=True)]
        for row in values
    ]
    style = [
        FONT,
        ("TEXTCOLOR", (0, 1), (-1, -1), INK),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
        ("BACKGROUND", (0, 0), (-1, 0), SUNK),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, INK),
        ("LINEBELOW", (0, 1), (-1, -1), 0.35, RULE),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3.6),
        ("LEFTPADDING", (0, 0), (-1, -1), PAD),
        ("RIGHTPADDING", (0, 0), (-1, -1), PAD),
    ]
    style += [("LINEBELOW", (0, place), (-1, place), 0.35, white) for place, more in enumerate(goes_on, 1) if more]
    style += [("ALIGN", (place, 1), (place, -1), "RIGHT") for place, column in enumerate(columns) if column.figures]
    return LongTable([head, *body], colWidths=widths, repeatRows=1, splitInRow=1, style=TableStyle(style))


def _piled(shown: list[Shown]) -> list[list[str | Paragraph]]:
    """A row, and below it the rows in which its long texts go on."""
    piles = [
        one if isinstance(one, list) else passages(one) if isinstance(one, str) and len(one) > QUICK else [one]
        for one in shown
    ]
    return [[pile[level] if level < len(pile) else "" for pile in piles] for level in range(max(map(len, piles)))]


def _widths(columns: Sequence[Column], values: list[list[Any]], width: float) -> tuple[list[float], bool]:
    letters(REGULAR)
    wanted = [_wanted(column, [row[place] for row in values]) for place, column in enumerate(columns)]
    fixed, growing = sum(wanted), [place for place, column in enumerate(columns) if not column.width]
    room = width - NARROWEST * len(growing)
    fits = fixed <= room
    if not fits:
        wanted = [one * room / fixed for one in wanted]
    rest = (width - fixed) / len(growing) if fits and growing else NARROWEST
    for place in growing:
        wanted[place] = rest
    return wanted, fits


def _wanted(column: Column, values: list[Any]) -> float:
    least = column.width * inch
    if not column.figures:
        return least
    return max([least, *(stringWidth(value, REGULAR, BODY.fontSize) + 2 * PAD + 1 for value in values)])


def _cell(value: str | Paragraph, column: Column, room: float, fits: bool) -> str | Paragraph:
    """A word that fits is drawn as it is, which is quicker; anything else is wrapped."""
    if not isinstance(value, str):
        return value
    short = (
        value.isascii()
        and value.isprintable()
        and ((column.figures and fits) or stringWidth(value, REGULAR, BODY.fontSize) <= room - 2 * PAD)
    )
    return value if short else paragraph(value, style=FIGURE if column.figures else BODY)


def grid(pairs: Iterable[Pair], width: float, across: int = 4) -> Table:
    """Facts, each under its label; one that is empty takes no room."""
    cells = [_labelled(label, value) for label, value in pairs if value != ""]
    cells += [""] * (-len(cells) % across)
    rows = [cells[start : start + across] for start in range(0, len(cells), across)] or [[""] * across]
    return Table(
        rows,
        colWidths=[width / across] * across,
        splitInRow=1,
        style=TableStyle(
            [
                FONT,
                ("BACKGROUND", (0, 0), (-1, -1), SUNK),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEABOVE", (0, 0), (-1, 0), 1.4, BRAND),
                ("LINEBELOW", (0, -1), (-1, -1), 0.4, RULE),
                ("TOPPADDING", (0, 0), (-1, -1), 4),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 4.5),
                ("LEFTPADDING", (0, 0), (-1, -1), 7),
                ("RIGHTPADDING", (0, 0), (-1, -1), 7),
            ]
        ),
    )


def _labelled(label: str, value: str | Paragraph) -> Any:
    return [paragraph(label, style=LABEL), value if isinstance(value, Paragraph) else paragraph(value, style=STRONG)]


def beside(pairs: Sequence[Pair], width: float) -> Table:
    """Addresses side by side, each under its label."""
    count = max(1, len(pairs))
    return Table(
        [[_labelled(label, value) for label, value in pairs] or [""]],
        colWidths=[width / count] * count,
        splitInRow=1,
        style=TableStyle(
            [
                FONT,
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 7),
                ("RIGHTPADDING", (0, 0), (-1, -1), 7),
                ("TOPPADDING", (0, 0), (-1, -1), 8),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 10),
            ]
        ),
    )


def sums(rows: Sequence[tuple[str, str]]) -> Table:
    """Figures that lead to a total, the last row in bold above a line."""
    last = len(rows) - 1

    def cell(text: str, place: int) -> Paragraph:
        style: ParagraphStyle = HEAD_RIGHT if place == last else FIGURE
        return paragraph(
            (text, ParagraphStyle("sum", style, fontSize=BODY.fontSize, leading=BODY.leading)), style=style
        )

    widest = max(stringWidth(amount, BOLD, BODY.fontSize) for _, amount in rows)
    return Table(
        [[cell(label, place), cell(amount, place)] for place, (label, amount) in enumerate(rows)],
        colWidths=[1.7 * inch, max(1.05 * inch, widest + 2 * PAD + 2)],
        hAlign="RIGHT",
        style=TableStyle(
            [
                FONT,
                ("LINEABOVE", (0, last), (-1, last), 0.8, INK),
                ("TOPPADDING", (0, 0), (-1, -1), 1.8),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1.2),
                ("RIGHTPADDING", (0, 0), (-1, -1), PAD),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        ),
    )
