"""What several papers have in common: funding by strip, instructions and tolerances, signatures."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from reportlab.lib.units import inch
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Spacer, Table, TableStyle

from app.entities.document import Document
from app.entities.funds import FundingStrip
from app.entities.lines import Basis, LineItem
from app.reports.paper import Paper
from app.reports.tables import FONT, Column, ruled
from app.reports.text import (
    INK,
    LABEL,
    SECTION,
    SMALL,
    STRONG,
    described,
    joined,
    paragraph,
    passages,
    person,
    ranges,
    words,
)
from app.rules.approvals import who
from app.rules.documents import kind_of
from app.rules.money import written
from app.rules.numbers import plain


def section(title: str, *content: Flowable) -> list[Flowable]:
    """A heading with what belongs to it; the heading never stands alone at the foot of a page."""
    return [CondPageBreak(1.25 * inch), paragraph(title, style=SECTION), *content]


def remarks(document: Document) -> Iterator[Flowable]:
    """What was written to everybody who reads the document."""
    if document.comments.strip():
        yield from section("Remarks", *map(paragraph, passages(document.comments)))


def contacts(document: Document, paper: Paper) -> Iterator[Flowable]:
    """Whom to ask, and about what."""
    if document.contacts:
        columns = (
            Column("Name", lambda row: row.name),
            Column("For questions about", lambda row: row.purpose),
            Column("Phone", lambda row: row.phone, 1.3),
            Column("E-mail", lambda row: row.email, 1.9),
        )
        yield from section("Points of contact", ruled(columns, document.contacts, paper.width))


# Money.


def funding(
    document: Document, parts: dict[FundingStrip, Decimal], total: Decimal, paper: Paper, heading: str = "Funding"
) -> Iterator[Flowable]:
    """What each strip bears, and what nobody bears yet."""
    if not total and not parts:
        return
    rows = [(strip.code, strip.name, written(amount)) for strip, amount in parts.items()]
    missing = total - sum(parts.values(), Decimal(0))
    if missing:
        rows.append(("", "Not funded yet" if missing > 0 else "Funded beyond the total", written(missing)))
    year = f", budget fiscal year {document.bfy}" if document.bfy else ""
    yield from section(
        heading + year,
        ruled(
            (
                Column("Funding strip", lambda row: row[0], 1.7),
                Column("Name", lambda row: row[1]),
                Column(f"Amount, {document.currency}", lambda row: row[2], 1.1, figures=True),
            ),
            rows,
            paper.width,
        ),
    )


# What else holds for lines.


def _people(line: LineItem) -> str:
    return joined(*(f"{words(one.role)}: {person(one.user)}" for one in line.acceptances), by="; ")


def _tolerance(line: LineItem) -> str:
    over, under = (
        f"up to {plain(value)}{' %' if basis == Basis.PERCENT else f' {line.unit}'} {word} than ordered"
        if value
        else ""
        for value, basis, word in (
            (line.over_tolerance, line.over_basis, "more"),
            (line.under_tolerance, line.under_basis, "less"),
        )
    )
    return words(joined(over, under))


INSTRUCTIONS: tuple[tuple[str, Callable[[LineItem], str]], ...] = (
    ("Special handling", lambda line: line.special_handling),
    ("Hazardous materials", lambda line: line.hazardous_materials),
    ("Packing", lambda line: line.packing),
    ("Warranty", lambda line: f"{line.warranty_days:,} days" if line.warranty_days else ""),
    (
        "Acceptance",
        lambda line: line.acceptance_instructions or ("Payment follows acceptance" if line.acceptance_required else ""),
    ),
    ("Accepted by", _people),
    ("Shipment tolerance", _tolerance),
)
"""What a line may ask for besides the goods."""


def instructions(document: Document, paper: Paper) -> Iterator[Flowable]:
    """Handling, hazards, packing, warranty, acceptance and tolerances; the same text for several lines stands once."""
    said: dict[tuple[str, str], list[int]] = defaultdict(list)
    for label, of in INSTRUCTIONS:
        for line in document.lines:
            text = of(line).strip()
            if text:
                said[label, text].append(line.position)
    if said:
        columns = (
            Column("Lines", lambda row: row[0], 0.9),
            Column("For", lambda row: row[1], 1.4),
            Column("Instruction", lambda row: row[2]),
        )
        rows = [(ranges(positions), label, text) for (label, text), positions in said.items()]
        yield from section("Instructions and tolerances", ruled(columns, rows, paper.width))
    if document.lines and not any(_tolerance(line) for line in document.lines):
        yield Spacer(0, 4)
        yield paragraph("Quantities as ordered: no line takes more or less.", style=SMALL)


# Who stands behind it.


def approvals(document: Document, paper: Paper) -> Iterator[Flowable]:
    """The signatures of the last routing, and who released, closed or ended the document."""
    kind = kind_of(document)
    buttons = {move.action: move.button for move in kind.life}
    steps = document.sheets[-1].steps if document.sheets else []
    rows = [_signature(step, paper) for step in steps] + [
        (
            buttons.get(event.action, words(event.action)),
            person(event.by),
            described(words(event.after), event.comment),
            paper.moment(event.at),
        )
        for event in document.history
        if event.action in ("release", "close", "terminate", "cancel", "reverse")
    ]
    if not rows:
        rows = [("Not routed for approval" if kind.signed else "Not recorded", "", "", "")]
    columns = (
        Column("Step", lambda row: row[0]),
        Column("By", lambda row: row[1], 1.7),
        Column("Result", lambda row: row[2], 1.7),
        Column("When", lambda row: row[3], 1.75),
    )
    yield from section("Approvals" if kind.signed else "On record", ruled(columns, rows, paper.width))


def _signature(step: Any, paper: Paper) -> tuple[Any, ...]:
    asked = described(who(step), step.reason)
    signed = step.signature
    if signed is None:
        return asked, "", "Waiting", ""
    by = person(signed.by) + (f", for {person(signed.on_behalf_of)}" if signed.on_behalf_of is not None else "")
    verdict = described(words(signed.verdict), signed.comment, STRONG)
    return asked, by, verdict, paper.moment(signed.at)


def countersign(whom: str, paper: Paper) -> Flowable:
    """Room for a signature by hand."""
    blanks = [paragraph(label, style=LABEL) for label in ("Name and title", "Signature", "Date")]
    wide = paper.width
    table = Table(
        [[blanks[0], "", blanks[1], "", blanks[2]]],
        colWidths=[wide * 0.37, wide * 0.03, wide * 0.37, wide * 0.03, wide * 0.2],
        style=TableStyle(
            [
                FONT,
                *(("LINEABOVE", (place, 0), (place, 0), 0.6, INK) for place in (0, 2, 4)),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
            ]
        ),
    )
    return KeepTogether([paragraph(f"Accepted for {whom}", style=SECTION), Spacer(0, 30), table])
